#include "lockstep/sim/sim_ledger.h"

#include <assert.h>
#include <stdlib.h>

#include "sim_state.h"

enum {
    FLIGHTS_MAX = 4 * LS_LEDGER_CALLS_MAX, /* with those whose caller gave up */
    WIRE_MS = 1,
    REPEAT_MS_MAX = 30000,
    TIMED_OUT = 28, /* as CURLE_OPERATION_TIMEDOUT */
    RATE_LIMITED = 429,
};

struct flight {
    bool is_used, has_arrived, is_taken;
    enum ls_sim_fate fate;
    uint64_t id, order;
    int32_t endpoint;
    int64_t begin_ms, arrive_ms, ready_ms; /* ready: when the reply, or its absence, shows */
    bool is_timeout, is_doubled;
    struct ls_buf body, reply;
};

struct endpoint {
    int64_t latency_ms, error_permille;
    const char *trouble;
    bool is_barred; /* unproved or foreign: takes probes alone */
};

struct ls_sim_port {
    ls_sim_ledger *ledger;
    int64_t (*now_ms)(void *self);
    void *self;
    struct flight flights[FLIGHTS_MAX];
    uint64_t order;
    bool is_cut;
    size_t open_count; /* begun and not taken */
    size_t used_count; /* flights in use */
    int32_t preferred;
    struct endpoint endpoints[LS_SIM_ENDPOINTS_MAX];
    struct ls_buf taken; /* the body of the last reply */
};

ls_sim_port *ls_sim_port_new(ls_sim_ledger *ledger, int64_t (*now_ms)(void *self), void *self)
{
    assert(ledger != NULL);
    assert(now_ms != NULL);
    ls_sim_port *port = calloc(1, sizeof *port);
    if (port == NULL) return NULL;
    port->ledger = ledger;
    port->now_ms = now_ms;
    port->self = self;
    ls_buf_init(&port->taken, LS_SIM_REPLY_BYTES_MAX);
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        ls_buf_init(&port->flights[i].body, LS_LEDGER_BODY_BYTES_MAX);
        ls_buf_init(&port->flights[i].reply, LS_SIM_REPLY_BYTES_MAX);
    }
    for (size_t i = 0; i < LS_SIM_ENDPOINTS_MAX; i++) port->endpoints[i].trouble = "";
    return port;
}

static bool is_carried_out(enum ls_sim_fate fate)
{
    return fate == LS_SIM_ANSWER || fate == LS_SIM_LOSE_REPLY || fate == LS_SIM_TRUNCATE;
}

static void release(ls_sim_port *port, struct flight *flight)
{
    flight->is_used = false;
    port->used_count--;
}

/* The same bytes arrive again, somewhat later, and nobody hears of it. No place, no
 * repetition. */
static void repeat(ls_sim_port *port, const struct flight *flight)
{
    struct ls_sim_random *random = &port->ledger->transport_random;
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        struct flight *again = &port->flights[i];
        if (again->is_used) continue;
        ls_buf_reset(&again->body);
        ls_buf_add(&again->body, ls_buf_text(&flight->body), flight->body.length);
        if (ls_failed(ls_buf_check(&again->body, "simulated ledger call"))) return;
        again->is_used = again->is_taken = true;
        again->has_arrived = again->is_doubled = again->is_timeout = false;
        again->fate = LS_SIM_LOSE_REPLY;
        again->endpoint = flight->endpoint;
        again->order = port->order++;
        again->begin_ms = flight->begin_ms;
        again->arrive_ms =
            flight->arrive_ms + 1 + (int64_t)ls_sim_random_below(random, REPEAT_MS_MAX);
        port->used_count++;
        ls_sim_fault_count(port->ledger, LS_SIM_FAULT_DUPLICATE);
        return;
    }
}

/* Carry a request out at the moment of its arrival. */
static void arrive(ls_sim_port *port, struct flight *flight)
{
    if (flight->is_doubled) {
        flight->is_doubled = false;
        repeat(port, flight);
    }
    flight->has_arrived = true;
    ls_buf_reset(&flight->reply);
    if (is_carried_out(flight->fate)) {
        ls_sim_ledger_answer(port->ledger, flight->endpoint, flight->arrive_ms,
                             ls_buf_text(&flight->body), flight->body.length, &flight->reply);
    }
    if (flight->fate == LS_SIM_TRUNCATE && flight->reply.data != NULL) {
        flight->reply.length /= 2;
        flight->reply.data[flight->reply.length] = '\0';
    }
    if (flight->is_taken) release(port, flight);
}

void ls_sim_port_free(ls_sim_port *port)
{
    if (port == NULL) return;
    for (size_t i = 0; i < FLIGHTS_MAX; i++) {
        struct flight *flight = &port->flights[i];
        bool is_pending = flight->is_used && !flight->has_arrived;
        flight->is_doubled = false;
        if (is_pending && ls_sim_random_below(&port->ledger->transport_random, 2) == 0)
            arrive(port, flight);
        ls_buf_done(&flight->body);
        ls_buf_done(&flight->reply);
    }
    ls_buf_done(&port->taken);
    free(port);
}

/* The next request to arrive; NULL when all have. */
static struct flight *next_arrival(ls_sim_port *port)
{
    struct flight *first = NULL;
    size_t left = port->used_count;
    for (size_t i = 0; left > 0; i++) {
        struct flight *flight = &port->flights[i];
        if (!flight->is_used) continue;
        left--;
        if (flight->has_arrived) continue;
        if (first == NULL || flight->arrive_ms < first->arrive_ms ||
            (flight->arrive_ms == first->arrive_ms && flight->order < first->order))
            first = flight;
    }
    return first;
}

static struct flight *next_reply(ls_sim_port *port)
{
    struct flight *first = NULL;
    size_t left = port->used_count;
    for (size_t i = 0; left > 0; i++) {
        struct flight *flight = &port->flights[i];
        if (!flight->is_used) continue;
        left--;
        if (flight->is_taken) continue;
        if (first == NULL || flight->ready_ms < first->ready_ms ||
            (flight->ready_ms == first->ready_ms && flight->order < first->order))
            first = flight;
    }
    return first;
}

/* A free place; when abandoned requests hold all of them, the earliest arrives now. */
static struct flight *free_flight(ls_sim_port *port)
{
    for (size_t i = 0; i < FLIGHTS_MAX; i++)
        if (!port->flights[i].is_used) return &port->flights[i];
    for (;;) {
        struct flight *flight = next_arrival(port);
        assert(flight != NULL); /* open ones are fewer than places */
        arrive(port, flight);
        if (!flight->is_used) return flight;
    }
}

/* When things happen to a request with this fate. */
static void
schedule(ls_sim_port *port, struct flight *flight, int64_t delay_ms, int64_t timeout_ms)
{
    struct ls_sim_random *random = &port->ledger->transport_random;
    flight->ready_ms = flight->begin_ms + WIRE_MS + delay_ms;
    flight->arrive_ms =
        flight->begin_ms + (int64_t)ls_sim_random_below(random, (uint64_t)(delay_ms + 1));
    int64_t deadline_ms = flight->begin_ms + timeout_ms;
    bool is_lost = flight->fate == LS_SIM_LOSE_REPLY || flight->fate == LS_SIM_LOSE_REQUEST;
    if (flight->fate == LS_SIM_LOSE_REPLY &&
        ls_sim_random_chance(random, port->ledger->faults.straggle_ppm)) {
        flight->arrive_ms += (int64_t)ls_sim_random_below(random, (uint64_t)(2 * timeout_ms));
        ls_sim_fault_count(port->ledger, LS_SIM_FAULT_STRAGGLE);
    }
    flight->is_timeout = is_lost || flight->ready_ms > deadline_ms;
    if (flight->is_timeout) flight->ready_ms = deadline_ms;
    flight->has_arrived = !is_carried_out(flight->fate);
    flight->is_doubled = !flight->has_arrived &&
                         ls_sim_random_chance(random, port->ledger->faults.duplicate_ppm);
}

void ls_sim_port_cut(ls_sim_port *port, bool is_cut)
{
    port->is_cut = is_cut;
}

static enum ls_sim_fate draw_cut(ls_sim_port *port)
{
    static const enum ls_sim_fate fates[] = {LS_SIM_REFUSE, LS_SIM_LOSE_REQUEST,
                                             LS_SIM_LOSE_REPLY};
    return fates[ls_sim_random_below(&port->ledger->transport_random, 3)];
}

/* The endpoint whose turn it is, from the preferred one on; -1 when all are barred. */
static int32_t route(const ls_sim_port *port, const struct ls_ledger_call *call)
{
    int32_t count = port->ledger->options.endpoint_count;
    int32_t open[LS_SIM_ENDPOINTS_MAX];
    int32_t open_count = 0;
    if (call->endpoint != LS_LEDGER_ANY_ENDPOINT) {
        bool is_closed = port->endpoints[call->endpoint].is_barred && !call->is_probe;
        return is_closed ? -1 : call->endpoint;
    }
    for (int32_t i = 0; i < count; i++) {
        int32_t at = (port->preferred + i) % count;
        if (!port->endpoints[at].is_barred) open[open_count++] = at;
    }
    return open_count == 0 ? -1 : open[call->turn % open_count];
}

static ls_err begin_call(void *self, const struct ls_ledger_call *call)
{
    ls_sim_port *port = self;
    int32_t count = port->ledger->options.endpoint_count;
    if (call->body_bytes > LS_LEDGER_BODY_BYTES_MAX || call->timeout_ms < 1 ||
        call->endpoint < LS_LEDGER_ANY_ENDPOINT || call->endpoint >= count || call->turn < 0)
        return LS_FAIL(LS_CODE_INVALID, 0, "simulated ledger call");
    if (port->open_count >= LS_LEDGER_CALLS_MAX)
        return LS_FAIL(LS_CODE_FULL, 0, "simulated ledger calls");
    int32_t endpoint = route(port, call);
    if (endpoint < 0)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "no simulated endpoint is usable now");
    ls_buf_reset(&port->taken);

    struct flight *flight = free_flight(port);
    ls_buf_reset(&flight->body);
    ls_buf_add(&flight->body, call->body, call->body_bytes);
    LS_TRY(ls_buf_check(&flight->body, "simulated ledger call"));
    ls_buf_reset(&flight->reply);
    int64_t delay_ms = 0;
    flight->is_used = true;
    port->used_count++;
    flight->is_taken = false;
    flight->id = call->id;
    flight->order = port->order++;
    flight->endpoint = endpoint;
    flight->begin_ms = port->now_ms(port->self);
    flight->fate = port->is_cut ? draw_cut(port) : ls_sim_ledger_draw(port->ledger, &delay_ms);
    schedule(port, flight, delay_ms, call->timeout_ms);
    port->open_count++;
    return LS_OK;
}

static void note(ls_sim_port *port, int32_t at, const char *trouble, int64_t elapsed_ms)
{
    struct endpoint *endpoint = &port->endpoints[at];
    bool is_bad = trouble[0] != '\0';
    endpoint->trouble = trouble;
    endpoint->latency_ms = (endpoint->latency_ms * 7 + elapsed_ms) / 8;
    endpoint->error_permille = (endpoint->error_permille * 15 + (is_bad ? 1000 : 0)) / 16;
    if (is_bad && port->preferred == at)
        port->preferred = (at + 1) % port->ledger->options.endpoint_count;
}

/* What the caller sees of a flight whose time has come. */
static void show(ls_sim_port *port, struct flight *flight, struct ls_ledger_reply *reply)
{
    *reply = (struct ls_ledger_reply){.id = flight->id,
                                      .endpoint = flight->endpoint,
                                      .elapsed_ms = flight->ready_ms - flight->begin_ms,
                                      .body = ""};
    ls_buf_reset(&port->taken);
    const char *trouble = "";
    if (flight->is_timeout) {
        reply->err = LS_FAIL(LS_CODE_UNKNOWN, TIMED_OUT, "ledger call timed out");
        trouble = "timed out";
    } else if (flight->fate == LS_SIM_REFUSE) {
        reply->err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, "ledger refused the connection");
        trouble = "connection refused";
    } else if (flight->fate == LS_SIM_RATE_LIMIT) {
        reply->err = LS_FAIL(LS_CODE_UNAVAILABLE, RATE_LIMITED, "ledger rate limit");
        reply->retry_after_ms = LS_SIM_RETRY_AFTER_S * INT64_C(1000);
        trouble = "rate limited";
    } else if (flight->fate == LS_SIM_GARBAGE) {
        ls_buf_add_text(&port->taken, LS_SIM_GARBAGE_BODY);
    } else {
        struct ls_buf kept = port->taken;
        port->taken = flight->reply;
        flight->reply = kept;
    }
    if (port->taken.code != LS_CODE_OK) {
        reply->err = LS_FAIL(LS_CODE_UNKNOWN, 0, "ledger reply");
        ls_buf_reset(&port->taken);
    }
    reply->body = ls_buf_text(&port->taken);
    reply->body_bytes = port->taken.length;
    note(port, flight->endpoint, trouble, reply->elapsed_ms);
}

static bool take_reply(void *self, struct ls_ledger_reply *reply_out)
{
    ls_sim_port *port = self;
    int64_t now_ms = port->now_ms(port->self);
    for (struct flight *flight = next_arrival(port);
         flight != NULL && flight->arrive_ms <= now_ms; flight = next_arrival(port))
        arrive(port, flight);

    struct flight *flight = next_reply(port);
    if (flight == NULL || flight->ready_ms > now_ms) return false;
    show(port, flight, reply_out);
    flight->is_taken = true;
    if (flight->has_arrived) release(port, flight);
    port->open_count--;
    return true;
}

static void judge(void *self, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    static const char *const troubles[] = {[LS_LEDGER_GOOD] = "",
                                           [LS_LEDGER_READABLE] = "",
                                           [LS_LEDGER_UNHEALTHY] = "unhealthy",
                                           [LS_LEDGER_GARBAGE] = "not JSON-RPC",
                                           [LS_LEDGER_BEHIND] = "behind",
                                           [LS_LEDGER_UNPROVED] = "cluster not known yet",
                                           [LS_LEDGER_FOREIGN] = "another cluster",
                                           [LS_LEDGER_PROVED] = ""};
    ls_sim_port *port = self;
    assert(endpoint >= 0 && endpoint < port->ledger->options.endpoint_count);
    if (verdict >= LS_LEDGER_UNPROVED)
        port->endpoints[endpoint].is_barred = verdict != LS_LEDGER_PROVED;
    if (verdict == LS_LEDGER_UNPROVED || verdict == LS_LEDGER_PROVED ||
        verdict == LS_LEDGER_READABLE)
        return;
    note(port, endpoint, troubles[verdict], port->endpoints[endpoint].latency_ms);
}

static int32_t endpoint_count(void *self)
{
    return ((ls_sim_port *)self)->ledger->options.endpoint_count;
}

static void health(void *self, int32_t endpoint, struct ls_endpoint_health *health_out)
{
    static const char *const names[LS_SIM_ENDPOINTS_MAX] = {"sim-0", "sim-1", "sim-2", "sim-3",
                                                            "sim-4", "sim-5", "sim-6", "sim-7"};
    const ls_sim_port *port = self;
    assert(endpoint >= 0 && endpoint < port->ledger->options.endpoint_count);
    const struct endpoint *seen = &port->endpoints[endpoint];
    *health_out =
        (struct ls_endpoint_health){.name = names[endpoint],
                                    .is_up = !port->ledger->faults.is_down && !seen->is_barred,
                                    .latency_ms = seen->latency_ms,
                                    .error_permille = seen->error_permille,
                                    .trouble = seen->trouble};
}

struct ls_ledger_port ls_sim_port_face(ls_sim_port *port)
{
    return (struct ls_ledger_port){.self = port,
                                   .begin = begin_call,
                                   .take = take_reply,
                                   .judge = judge,
                                   .endpoint_count = endpoint_count,
                                   .health = health};
}

int64_t ls_sim_port_next_ms(const ls_sim_port *port)
{
    int64_t next_ms = INT64_MAX;
    size_t left = port->used_count;
    for (size_t i = 0; left > 0; i++) {
        const struct flight *flight = &port->flights[i];
        if (!flight->is_used) continue;
        left--;
        if (!flight->has_arrived && flight->arrive_ms < next_ms) next_ms = flight->arrive_ms;
        if (!flight->is_taken && flight->ready_ms < next_ms) next_ms = flight->ready_ms;
    }
    return next_ms;
}
