#include "lockstep/ledger/http_ledger.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "endpoint.h"
#include "transfer.h"

enum { NOBODY = -1 };
_Static_assert((int)LS_HTTP_ENDPOINTS_MAX == (int)LS_ENDPOINTS_KNOWN_MAX, "one maximum");

/* Transfers are made once and go round: free -> under way -> ended -> handed out by take
 * -> free. The three lists hold indexes into `transfers`. */
struct ls_http_ledger {
    struct ls_clock clock;
    CURLM *multi;
    struct curl_slist *headers;
    size_t endpoint_count;
    struct ls_endpoint endpoints[LS_HTTP_ENDPOINTS_MAX];
    struct ls_transfer transfers[LS_LEDGER_CALLS_MAX];
    int32_t free_list[LS_LEDGER_CALLS_MAX];
    size_t free_count;
    int32_t ended[LS_LEDGER_CALLS_MAX]; /* a ring, oldest at `ended_first` */
    size_t ended_first;
    size_t ended_count;
    int32_t handed_out; /* its body is with the caller; NOBODY if none */
    bool has_fresh;     /* begun since curl last ran */
};

static int64_t now_ms(const struct ls_http_ledger *ledger)
{
    return ledger->clock.monotonic_ms(ledger->clock.self);
}

static bool add_header(struct ls_http_ledger *ledger, const char *line)
{
    struct curl_slist *longer = curl_slist_append(ledger->headers, line);
    if (longer == NULL) return false;
    ledger->headers = longer;
    return true;
}

static ls_err make_transfers(struct ls_http_ledger *ledger, const char *user_agent)
{
    ledger->multi = curl_multi_init();
    if (ledger->multi == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger");
    (void)curl_multi_setopt(ledger->multi, CURLMOPT_MAXCONNECTS, (long)LS_LEDGER_CALLS_MAX);
    (void)curl_multi_setopt(ledger->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    /* No "Expect: 100-continue": it costs a round trip for each larger body. */
    if (!add_header(ledger, "Content-Type: application/json") ||
        !add_header(ledger, "Accept: application/json") || !add_header(ledger, "Expect:"))
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger");
    for (size_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        LS_TRY(ls_transfer_init(&ledger->transfers[i], user_agent, ledger->headers));
        ledger->free_list[ledger->free_count++] = (int32_t)(LS_LEDGER_CALLS_MAX - 1 - i);
    }
    return LS_OK;
}

static ls_err fill(struct ls_http_ledger *ledger,
                   const struct ls_http_ledger_options *options,
                   struct ls_why *why)
{
    for (size_t i = 0; i < options->endpoint_count; i++) {
        LS_TRY(ls_endpoint_init(&ledger->endpoints[i], options->endpoints[i],
                                options->calls_per_second, now_ms(ledger), why));
    }
    ledger->endpoint_count = options->endpoint_count;
    return make_transfers(ledger,
                          options->user_agent == NULL ? "lockstep" : options->user_agent);
}

static ls_err check_options(const struct ls_http_ledger_options *options, struct ls_why *why)
{
    if (options->endpoint_count == 0) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                         "no ledger endpoint is configured; name at least one");
    }
    if (options->endpoint_count > LS_HTTP_ENDPOINTS_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                         "%zu ledger endpoints are configured; at most %d work",
                         options->endpoint_count, LS_HTTP_ENDPOINTS_MAX);
    }
    if (options->calls_per_second < 0) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger budget",
                         "%d calls per second make no budget; write 0 for unlimited",
                         (int)options->calls_per_second);
    }
    return LS_OK;
}

ls_err ls_http_ledger_new(const struct ls_http_ledger_options *options,
                          const struct ls_clock *clock,
                          ls_http_ledger **ledger_out,
                          struct ls_why *why)
{
    assert(options != NULL && clock != NULL);
    assert(ledger_out != NULL);
    LS_TRY(check_options(options, why));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger");
    struct ls_http_ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) {
        curl_global_cleanup();
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "ledger");
    }
    ledger->clock = *clock;
    ledger->handed_out = NOBODY;
    ls_err err = fill(ledger, options, why);
    if (ls_failed(err)) {
        ls_http_ledger_free(ledger);
        return err;
    }
    *ledger_out = ledger;
    return LS_OK;
}

void ls_http_ledger_free(ls_http_ledger *ledger)
{
    if (ledger == NULL) return;
    for (size_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        struct ls_transfer *transfer = &ledger->transfers[i];
        if (transfer->easy != NULL)
            (void)curl_multi_remove_handle(ledger->multi, transfer->easy);
        ls_transfer_done(transfer);
    }
    curl_slist_free_all(ledger->headers);
    if (ledger->multi != NULL) (void)curl_multi_cleanup(ledger->multi);
    curl_global_cleanup();
    free(ledger);
}

static void give_back(struct ls_http_ledger *ledger, int32_t index)
{
    assert(ledger->free_count < LS_LEDGER_CALLS_MAX);
    ls_transfer_recycle(&ledger->transfers[index]);
    ledger->free_list[ledger->free_count++] = index;
}

static void take_back(struct ls_http_ledger *ledger)
{
    if (ledger->handed_out == NOBODY) return;
    give_back(ledger, ledger->handed_out);
    ledger->handed_out = NOBODY;
}

static ls_err check_call(const struct ls_http_ledger *ledger, const struct ls_ledger_call *call)
{
    if (call->body == NULL || call->body_bytes == 0 ||
        call->body_bytes > LS_LEDGER_BODY_BYTES_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "ledger call: size of the body");
    if (call->timeout_ms < 1 || call->timeout_ms > LS_HTTP_TIMEOUT_MS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "ledger call: timeout");
    if (call->endpoint != LS_LEDGER_ANY_ENDPOINT &&
        (call->endpoint < 0 || (size_t)call->endpoint >= ledger->endpoint_count))
        return LS_FAIL(LS_CODE_INVALID, 0, "ledger call: endpoint");
    if (call->turn < 0 || (call->is_probe && call->endpoint == LS_LEDGER_ANY_ENDPOINT))
        return LS_FAIL(LS_CODE_INVALID, 0, "ledger call: turn or probe");
    return LS_OK;
}

/* The endpoint that `call` goes to, or -1 when none may be used now. */
static int32_t route(struct ls_http_ledger *ledger, const struct ls_ledger_call *call)
{
    int64_t now = now_ms(ledger);
    if (call->endpoint == LS_LEDGER_ANY_ENDPOINT) {
        return ls_endpoint_choose(ledger->endpoints, ledger->endpoint_count, call, now);
    }
    struct ls_endpoint *endpoint = &ledger->endpoints[call->endpoint];
    if (ls_endpoint_willingness(endpoint, call, now) == LS_UNWILLING) return NOBODY;
    return call->endpoint;
}

static ls_err
start(struct ls_http_ledger *ledger, const struct ls_ledger_call *call, int32_t *index_out)
{
    LS_TRY(check_call(ledger, call));
    take_back(ledger);
    if (ledger->free_count == 0) return LS_FAIL(LS_CODE_FULL, 0, "ledger call");
    int32_t endpoint = route(ledger, call);
    if (endpoint < 0)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "no ledger endpoint is usable now");

    int32_t index = ledger->free_list[ledger->free_count - 1];
    struct ls_transfer *transfer = &ledger->transfers[index];
    LS_TRY(ls_transfer_prepare(transfer, &ledger->endpoints[endpoint], call));
    CURLMcode code = curl_multi_add_handle(ledger->multi, transfer->easy);
    if (code != CURLM_OK) return LS_FAIL(LS_CODE_NO_MEMORY, (int32_t)code, "ledger call");
    transfer->endpoint = endpoint;
    ledger->free_count--;
    ledger->has_fresh = true;
    ls_endpoint_begun(&ledger->endpoints[endpoint], call->is_send);
    *index_out = index;
    return LS_OK;
}

static ls_err port_begin(void *self, const struct ls_ledger_call *call)
{
    int32_t ignored = NOBODY; /* take finds the transfer by itself */
    return start(self, call, &ignored);
}

static void end(struct ls_http_ledger *ledger, struct ls_transfer *transfer, CURLcode result)
{
    ls_transfer_finish(transfer, result);
    (void)curl_multi_remove_handle(ledger->multi, transfer->easy);
    ls_endpoint_ended(&ledger->endpoints[transfer->endpoint], &transfer->outcome,
                      now_ms(ledger));
    transfer->has_ended = true;
    if (transfer->is_blocking) return;
    assert(ledger->ended_count < LS_LEDGER_CALLS_MAX);
    size_t last = (ledger->ended_first + ledger->ended_count) % LS_LEDGER_CALLS_MAX;
    ledger->ended[last] = (int32_t)(transfer - ledger->transfers);
    ledger->ended_count++;
}

/* Let curl do what it can without waiting. */
static void run(struct ls_http_ledger *ledger)
{
    int running = 0;
    ledger->has_fresh = false;
    (void)curl_multi_perform(ledger->multi, &running); /* failures show per transfer */
    for (size_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        int left = 0;
        const CURLMsg *message = curl_multi_info_read(ledger->multi, &left);
        if (message == NULL) return;
        char *private = NULL;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        if (message->msg == CURLMSG_DONE)
            end(ledger, (struct ls_transfer *)(void *)private, message->data.result);
    }
}

static bool port_take(void *self, struct ls_ledger_reply *reply_out)
{
    struct ls_http_ledger *ledger = self;
    take_back(ledger);
    if (ledger->ended_count == 0) run(ledger);
    if (ledger->ended_count == 0) return false;

    int32_t index = ledger->ended[ledger->ended_first];
    ledger->ended_first = (ledger->ended_first + 1) % LS_LEDGER_CALLS_MAX;
    ledger->ended_count--;
    ledger->handed_out = index;
    const struct ls_transfer *transfer = &ledger->transfers[index];
    *reply_out = (struct ls_ledger_reply){
        .id = transfer->id,
        .err = transfer->outcome.err,
        .endpoint = transfer->endpoint,
        .retry_after_ms = transfer->outcome.retry_after_ms,
        .elapsed_ms = (transfer->outcome.elapsed_us + 500) / 1000,
        .body = ls_buf_text(&transfer->reply),
        .body_bytes = transfer->reply.length,
    };
    return true;
}

static void port_judge(void *self, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    struct ls_http_ledger *ledger = self;
    assert(endpoint >= 0 && (size_t)endpoint < ledger->endpoint_count);
    ls_endpoint_judge(&ledger->endpoints[endpoint], verdict, now_ms(ledger));
}

static int32_t port_endpoint_count(void *self)
{
    const struct ls_http_ledger *ledger = self;
    return (int32_t)ledger->endpoint_count;
}

static void port_health(void *self, int32_t endpoint, struct ls_endpoint_health *health_out)
{
    const struct ls_http_ledger *ledger = self;
    assert(endpoint >= 0 && (size_t)endpoint < ledger->endpoint_count);
    ls_endpoint_health(&ledger->endpoints[endpoint], now_ms(ledger), health_out);
}

struct ls_ledger_port ls_http_ledger_port(ls_http_ledger *ledger)
{
    assert(ledger != NULL);
    return (struct ls_ledger_port){
        .self = ledger,
        .begin = port_begin,
        .take = port_take,
        .judge = port_judge,
        .endpoint_count = port_endpoint_count,
        .health = port_health,
    };
}

void ls_http_ledger_wait(ls_http_ledger *ledger,
                         int extra_socket,
                         int extra_wants_write,
                         int64_t timeout_ms)
{
    assert(timeout_ms >= 0);
    if (ledger->has_fresh) run(ledger); /* let them leave before anybody waits */
    if (ledger->ended_count > 0) timeout_ms = 0;
    struct curl_waitfd extra = {
        .fd = extra_socket,
        .events = (short)(CURL_WAIT_POLLIN | (extra_wants_write != 0 ? CURL_WAIT_POLLOUT : 0)),
    };
    unsigned extra_count = extra_socket >= 0 ? 1 : 0;
    int timeout = timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
    int ready = 0;
    (void)curl_multi_poll(ledger->multi, &extra, extra_count, timeout, &ready);
}

void ls_http_ledger_wake(ls_http_ledger *ledger)
{
    (void)curl_multi_wakeup(ledger->multi);
}

ls_err ls_http_ledger_post(ls_http_ledger *ledger,
                           int32_t endpoint,
                           const char *body,
                           size_t body_bytes,
                           int64_t timeout_ms,
                           struct ls_buf *reply_out)
{
    assert(reply_out != NULL);
    const struct ls_ledger_call call = {
        .endpoint = endpoint,
        .is_send = true, /* unknown here: so never repeated */
        .body = body,
        .body_bytes = body_bytes,
        .timeout_ms = timeout_ms,
    };
    int32_t index = NOBODY;
    LS_TRY(start(ledger, &call, &index));
    struct ls_transfer *transfer = &ledger->transfers[index];
    transfer->is_blocking = true;
    run(ledger);
    while (!transfer->has_ended) { /* curl ends it at `timeout_ms` */
        int ready = 0;
        (void)curl_multi_poll(ledger->multi, NULL, 0, 100, &ready);
        run(ledger);
    }

    ls_err err = transfer->outcome.err;
    if (!ls_failed(err)) {
        ls_buf_add(reply_out, ls_buf_text(&transfer->reply), transfer->reply.length);
        err = ls_buf_check(reply_out, "ledger reply");
    }
    give_back(ledger, index);
    return err;
}
