#include "lockstep/store/pg_store.h"

#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "fault.h"
#include "link.h"
#include "lockstep/base/arena.h"
#include "pg_pipe.h"
#include "pg_wire.h"
#include "read.h"

enum {
    REPLY_BYTES_MAX = 64 * 1024 * 1024,
    SENDS_MAX = 5,   /* of one statement that meets serialization failures */
    GRACE_MS = 5000, /* beyond the server's own timeout: then the link is dead */
    TIMEOUT_DEFAULT_MS = 30000,
};

enum phase {
    PHASE_OFF,        /* no connection */
    PHASE_CONNECTING, /* libpq handshakes */
    PHASE_PROBING,    /* the probe's answer is awaited */
    PHASE_ON,         /* statements may go */
};

struct queued {
    enum ls_store_verb verb;
    uint64_t id;
    size_t rows; /* INTENT, MOVE: how many must be answered */
    struct params params;
    enum pipe_hooks hooks;
    bool is_void; /* its connection was lost before it was sent */
};

struct ls_pg_store {
    struct link_options link;
    char *url;
    const struct ls_clock *clock;
    PGconn *connection;
    enum phase phase;
    bool is_welcome; /* HELLO succeeded on this connection */
    bool is_sent;    /* the head's statement (or the probe) is on its way */
    bool wants_write;
    bool has_hooks; /* some kind has an on_settled function, as of the last tick */
    struct pipe pipe;
    PostgresPollingStatusType polled;
    int sends;
    int64_t deadline_ms;
    int64_t worker_id;
    struct claim_mark mark;
    uint32_t works_on; /* as of the last tick: the mark is of these kinds */
    PGresult *result;  /* the last reply's texts */
    ls_arena *arena;
    struct ls_why why;
    size_t first, count;
    struct queued queue[LS_STORE_QUEUE_MAX];
};

static int64_t now_ms(const ls_pg_store *store)
{
    return store->clock->monotonic_ms(store->clock->self);
}

ls_pg_store *ls_pg_store_new(const struct ls_pg_store_options *options,
                             const struct ls_clock *clock)
{
    ls_pg_store *store = calloc(1, sizeof *store);
    if (store == NULL) return NULL;
    store->clock = clock;
    store->url = strdup(options->url);
    store->arena = ls_arena_new(REPLY_BYTES_MAX);
    if (store->url == NULL || store->arena == NULL) {
        ls_pg_store_free(store);
        return NULL;
    }
    store->link = (struct link_options){
        .url = store->url,
        .application = "lockstep worker",
        .connect_timeout_s = options->connect_timeout_s > 0 ? options->connect_timeout_s : 10,
        .statement_timeout_ms = options->statement_timeout_ms > 0
                                    ? options->statement_timeout_ms
                                    : TIMEOUT_DEFAULT_MS,
    };
    return store;
}

static void disconnect(ls_pg_store *store)
{
    PQfinish(store->connection);
    pipe_drop(&store->pipe);
    store->connection = NULL;
    store->phase = PHASE_OFF;
    store->is_welcome = false;
    store->is_sent = false;
    store->wants_write = false;
}

void ls_pg_store_free(ls_pg_store *store)
{
    if (store == NULL) return;
    for (size_t i = 0; i < store->count; i++)
        params_done(&store->queue[(store->first + i) % LS_STORE_QUEUE_MAX].params);
    disconnect(store);
    PQclear(store->result);
    ls_arena_free(store->arena);
    free(store->url);
    free(store);
}

static bool send_statement(ls_pg_store *store)
{
    struct queued *head = &store->queue[store->first];

    store->is_sent = pipe_send(store->connection, &store->pipe, wire_sql(head->verb),
                               &head->params, head->hooks);
    store->sends++;
    store->deadline_ms = now_ms(store) + store->link.statement_timeout_ms + GRACE_MS;
    return store->is_sent;
}

static ls_err begin(void *self, const struct ls_store_request *request)
{
    ls_pg_store *store = self;

    if (store->count == LS_STORE_QUEUE_MAX) return LS_FAIL(LS_CODE_FULL, 0, "store queue");
    if (request->verb != LS_STORE_HELLO && !store->is_welcome)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "store connection");
    LS_TRY(wire_check(request));

    struct queued *slot = &store->queue[(store->first + store->count) % LS_STORE_QUEUE_MAX];
    struct wire_context context = {.worker_id = store->worker_id};
    if (request->verb == LS_STORE_CLAIM)
        claim_mark_plan(&store->mark, now_ms(store), context.low_ms, &context.is_fair_turn);
    *slot = (struct queued){
        .verb = request->verb,
        .id = request->id,
        .hooks = store->has_hooks ? pipe_hooks_of(request) : PIPE_NO_HOOKS,
        .rows = request->verb == LS_STORE_INTENT ? request->intent_count
                : request->verb == LS_STORE_MOVE ? request->move_count
                                                 : 0,
    };
    params_init(&slot->params);
    wire_encode(request, &context, &slot->params);
    ls_err err = params_check(&slot->params);
    if (ls_failed(err)) {
        params_done(&slot->params);
        return err;
    }
    store->count++;
    if (store->count == 1 && store->phase == PHASE_ON && send_statement(store))
        store->wants_write = PQflush(store->connection) == 1; /* failures show in take */
    return LS_OK;
}

/* The head is answered: leave the queue, and lose the connection where the contract says
 * that it is re-made. */
static bool answer(ls_pg_store *store, struct ls_store_reply *reply, ls_err err)
{
    struct queued *head = &store->queue[store->first];

    assert(store->count > 0);
    reply->verb = head->verb;
    reply->id = head->id;
    reply->err = err;
    reply->why = store->why;
    store->why = (struct ls_why){0};
    bool is_hello = head->verb == LS_STORE_HELLO;
    params_done(&head->params);
    store->first = (store->first + 1) % LS_STORE_QUEUE_MAX;
    store->count--;
    store->is_sent = false;
    store->sends = 0;
    if (err.code == LS_CODE_UNAVAILABLE || err.code == LS_CODE_UNKNOWN ||
        (is_hello && ls_failed(err))) {
        disconnect(store);
        for (size_t i = 0; i < store->count; i++)
            store->queue[(store->first + i) % LS_STORE_QUEUE_MAX].is_void = true;
    }
    return true;
}

/* The link broke. What was sent may have happened; only HELLO repeats itself safely. */
static bool broken(ls_pg_store *store, struct ls_store_reply *reply)
{
    const struct queued *head = &store->queue[store->first];
    ls_err err = fault_of_connection(store->connection, &store->why);
    bool was_sent = store->phase == PHASE_ON && store->is_sent;

    if (was_sent && head->verb != LS_STORE_HELLO) {
        err = LS_FAIL(LS_CODE_UNKNOWN, 0, "store reply");
    } else if (store->phase == PHASE_ON) {
        err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, "store connection");
    }
    return answer(store, reply, err);
}

static bool send_probe(ls_pg_store *store)
{
    char timeout[16];
    const char *values[1] = {timeout};

    (void)snprintf(timeout, sizeof timeout, "%" PRId32, store->link.statement_timeout_ms);
    store->is_sent =
        PQsendQueryParams(store->connection, link_probe, 1, NULL, values, NULL, NULL, 0) == 1;
    store->deadline_ms = now_ms(store) + (int64_t)store->link.connect_timeout_s * 1000;
    return store->is_sent;
}

/* libpq may only be asked to go on when the socket is ready for what it waits for. */
static bool is_ready(const ls_pg_store *store)
{
    struct pollfd one = {
        .fd = PQsocket(store->connection),
        .events = store->polled == PGRES_POLLING_READING ? POLLIN : POLLOUT,
    };
    return poll(&one, 1, 0) != 0;
}

/* Begin or go on connecting. False: wait; true: the head is answered with a failure. */
static bool connect_step(ls_pg_store *store, struct ls_store_reply *reply)
{
    if (store->phase == PHASE_OFF) {
        store->connection = link_start(&store->link, &store->why);
        store->deadline_ms = now_ms(store) + (int64_t)store->link.connect_timeout_s * 1000;
        store->phase = PHASE_CONNECTING;
        store->polled = PGRES_POLLING_WRITING;
        if (store->connection == NULL)
            return answer(store, reply, LS_FAIL(LS_CODE_REFUSED, 0, "database url"));
        if (PQstatus(store->connection) == CONNECTION_BAD) return broken(store, reply);
    }
    if (!is_ready(store)) return false;
    store->polled = PQconnectPoll(store->connection);
    store->wants_write = store->polled == PGRES_POLLING_WRITING;
    if (store->polled == PGRES_POLLING_FAILED) return broken(store, reply);
    if (store->polled != PGRES_POLLING_OK) return false;
    if (PQsetnonblocking(store->connection, 1) != 0 || !send_probe(store))
        return broken(store, reply);
    store->phase = PHASE_PROBING;
    return false;
}

/* The whole result of what was sent, or NULL while it is awaited. `is_broken_out` when
 * the link is gone. */
static PGresult *await(ls_pg_store *store, bool *is_broken_out)
{
    PGconn *connection = store->connection;
    int flushed = PQflush(connection);

    *is_broken_out = true;
    store->wants_write = flushed == 1;
    if (flushed < 0 || PQconsumeInput(connection) == 0) return NULL;
    if (store->pipe.syncs > 0) return pipe_take(connection, &store->pipe, is_broken_out);
    *is_broken_out = false;
    if (PQisBusy(connection) != 0) return NULL;
    PGresult *result = PQgetResult(connection);
    PGresult *more = result;
    while (more != NULL) { /* ends: PQgetResult gives NULL once the statement is over */
        if (PQstatus(connection) == CONNECTION_BAD) break;
        more = PQgetResult(connection);
        PQclear(more);
    }
    if (PQstatus(connection) == CONNECTION_BAD || result == NULL) {
        PQclear(result);
        *is_broken_out = true;
        return NULL;
    }
    return result;
}

static bool judge_probe(ls_pg_store *store, PGresult *probe, struct ls_store_reply *reply)
{
    ls_err err = PQresultStatus(probe) == PGRES_TUPLES_OK
                     ? link_judge(store->connection, probe, true, &store->why)
                     : fault_of_result(probe, "database probe", &store->why);
    PQclear(probe);
    store->is_sent = false;
    if (ls_failed(err)) return answer(store, reply, err);
    store->phase = PHASE_ON;
    return false;
}

static ls_err welcome(ls_pg_store *store, const PGresult *result, struct ls_store_reply *reply)
{
    LS_TRY(link_judge_schema((int32_t)read_int(result, 0, 3), PQgetvalue(result, 0, 4),
                             &store->why));
    store->worker_id = reply->worker_id;
    store->is_welcome = true;
    return LS_OK;
}

static bool judge_result(ls_pg_store *store, PGresult *result, struct ls_store_reply *reply)
{
    const struct queued *head = &store->queue[store->first];

    if (PQresultStatus(result) != PGRES_TUPLES_OK) {
        bool again = fault_is_transient(result) && store->sends < SENDS_MAX;
        ls_err err = fault_of_result(result, "store", &store->why);
        PQclear(result);
        store->is_sent = false;
        if (again) return false;
        return answer(store, reply, err);
    }
    store->result = result; /* the reply's texts point into it */
    ls_err err = wire_decode(head->verb, result, store->arena, reply);
    if (!ls_failed(err) && reply->row_count != head->rows)
        err = LS_FAIL(LS_CODE_CORRUPT, 0, "store result rows");
    /* It happened, but what is not known here: the worker must read again. */
    if (ls_failed(err) && head->verb != LS_STORE_HELLO) err.code = LS_CODE_UNKNOWN;
    if (!ls_failed(err) && head->verb == LS_STORE_HELLO) err = welcome(store, result, reply);
    if (head->verb == LS_STORE_TICK) {
        store->has_hooks = wire_has_hooks(result);
        if (reply->works_on != store->works_on) claim_mark_forget(&store->mark);
        store->works_on = reply->works_on;
    }
    if (head->verb == LS_STORE_CLAIM) wire_mark(result, &store->mark);
    if (head->verb == LS_STORE_BYE) {
        store->is_welcome = false;
        store->worker_id = 0;
    }
    return answer(store, reply, err);
}

/* One step of the head: false when there is nothing to do but wait. */
static bool work_step(ls_pg_store *store, struct ls_store_reply *reply, bool *go_on_out)
{
    bool is_broken = false;

    *go_on_out = false;
    if (store->phase == PHASE_ON && !store->is_sent && !send_statement(store))
        return broken(store, reply);
    PGresult *result = await(store, &is_broken);
    if (is_broken) return broken(store, reply);
    if (result == NULL) return false;
    *go_on_out = true;
    if (store->phase == PHASE_PROBING) return judge_probe(store, result, reply);
    return judge_result(store, result, reply);
}

static bool expired(ls_pg_store *store, struct ls_store_reply *reply)
{
    if (now_ms(store) < store->deadline_ms) return false;
    ls_err err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, "database connection");
    if (store->phase == PHASE_ON && store->queue[store->first].verb != LS_STORE_HELLO)
        err.code = LS_CODE_UNKNOWN;
    fault_line(&store->why, "the database did not answer in time");
    return answer(store, reply, err);
}

static bool take(void *self, struct ls_store_reply *reply_out)
{
    ls_pg_store *store = self;
    struct ls_store_reply reply = {0};
    bool is_answered = false;
    bool go_on = true;

    if (store->count == 0) return false;
    PQclear(store->result);
    store->result = NULL;
    ls_arena_reset(store->arena);
    for (int i = 0; go_on && !is_answered && i < SENDS_MAX + 2; i++) {
        const struct queued *head = &store->queue[store->first];
        bool may_connect = head->verb == LS_STORE_HELLO && !head->is_void;
        go_on = false;
        if (head->is_void || (store->phase == PHASE_OFF && !may_connect)) {
            fault_line(&store->why, "the database connection was lost before this was sent");
            is_answered =
                answer(store, &reply, LS_FAIL(LS_CODE_UNAVAILABLE, 0, "store connection"));
        } else if (store->phase == PHASE_OFF || store->phase == PHASE_CONNECTING) {
            is_answered = connect_step(store, &reply);
            go_on = store->phase == PHASE_PROBING;
        } else {
            is_answered = work_step(store, &reply, &go_on);
        }
    }
    if (!is_answered && !go_on) is_answered = expired(store, &reply);
    if (is_answered) *reply_out = reply;
    return is_answered;
}

struct ls_store_port ls_pg_store_port(ls_pg_store *store)
{
    return (struct ls_store_port){.self = store, .begin = begin, .take = take};
}

int ls_pg_store_socket(ls_pg_store *store, int *wants_write_out)
{
    if (store->connection == NULL || store->count == 0) {
        *wants_write_out = 0;
        return -1;
    }
    *wants_write_out = store->wants_write ? 1 : 0;
    return PQsocket(store->connection);
}
