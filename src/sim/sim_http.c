#include "lockstep/sim/sim_http.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <microhttpd.h>

enum { CONNECTION_BYTES = 128 * 1024, BACKLOG = 128, TURN_MS_MAX = 1000 };

enum stage { READING, DELAYED, DUE };

struct request {
    struct request *next; /* among the delayed */
    struct MHD_Connection *connection;
    enum stage stage;
    enum ls_sim_fate fate;
    int32_t endpoint;
    int64_t due_ms;
    bool is_too_long;
    struct ls_buf body;
};

struct ls_sim_http {
    ls_sim_ledger *ledger;
    const struct ls_clock *clock;
    struct MHD_Daemon *daemon;
    struct request *delayed;
    struct ls_buf reply;
    uint16_t port;
};

static int64_t now_ms(const struct ls_sim_http *http)
{
    return http->clock->monotonic_ms(http->clock->self);
}

static enum MHD_Result respond(struct MHD_Connection *connection,
                               unsigned status,
                               const char *type,
                               const char *body,
                               size_t body_bytes)
{
    union {
        const char *in;
        void *out;
    } text = {.in = body}; /* copied by the library, whose parameter is not const */
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body_bytes, text.out, MHD_RESPMEM_MUST_COPY);
    if (response == NULL) return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, "Content-Type", type);
    if (result == MHD_YES && status == MHD_HTTP_TOO_MANY_REQUESTS)
        result = MHD_add_response_header(response, "Retry-After", "1");
    if (result == MHD_YES) result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result
respond_text(struct MHD_Connection *connection, unsigned status, const char *text)
{
    return respond(connection, status, "text/plain", text, strlen(text));
}

static enum MHD_Result answer(struct ls_sim_http *http, struct request *request)
{
    ls_buf_reset(&http->reply);
    ls_sim_ledger_answer(http->ledger, request->endpoint, now_ms(http),
                         ls_buf_text(&request->body), request->body.length, &http->reply);
    if (request->fate == LS_SIM_LOSE_REPLY || http->reply.code != LS_CODE_OK) return MHD_NO;
    bool is_cut = request->fate == LS_SIM_TRUNCATE;
    return respond(request->connection, MHD_HTTP_OK, "application/json; charset=utf-8",
                   ls_buf_text(&http->reply), http->reply.length / (is_cut ? 2 : 1));
}

static enum MHD_Result finish(struct ls_sim_http *http, struct request *request)
{
    static const char limited[] =
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":429,\"message\":\"Too many requests\"},"
        "\"id\":null}";
    switch (request->fate) {
    case LS_SIM_REFUSE:
    case LS_SIM_LOSE_REQUEST: return MHD_NO; /* closes the connection */
    case LS_SIM_RATE_LIMIT:
        return respond(request->connection, MHD_HTTP_TOO_MANY_REQUESTS, "application/json",
                       limited, sizeof limited - 1);
    case LS_SIM_GARBAGE:
        return respond(request->connection, MHD_HTTP_OK, "text/html", LS_SIM_GARBAGE_BODY,
                       sizeof LS_SIM_GARBAGE_BODY - 1);
    case LS_SIM_ANSWER:
    case LS_SIM_TRUNCATE:
    case LS_SIM_LOSE_REPLY: return answer(http, request);
    }
    return MHD_NO;
}

/* The body is complete: draw its fate, and wait first when that is part of it. */
static enum MHD_Result complete(struct ls_sim_http *http, struct request *request)
{
    if (request->is_too_long) {
        return respond_text(request->connection, MHD_HTTP_CONTENT_TOO_LARGE,
                            "the body is too long\n");
    }
    if (request->stage == DUE) return finish(http, request);
    int64_t delay_ms = 0;
    request->fate = ls_sim_ledger_draw(http->ledger, &delay_ms);
    if (delay_ms == 0) return finish(http, request);
    request->stage = DELAYED;
    request->due_ms = now_ms(http) + delay_ms;
    request->next = http->delayed;
    http->delayed = request;
    MHD_suspend_connection(request->connection);
    return MHD_YES;
}

/* "/" is endpoint 0, "/N" endpoint N; -1 for anything else. */
static int32_t endpoint_of(const char *url)
{
    if (strcmp(url, "/") == 0) return 0;
    if (url[0] != '/' || url[1] < '0' || url[1] >= '0' + LS_SIM_ENDPOINTS_MAX || url[2] != '\0')
        return -1;
    return url[1] - '0';
}

static enum MHD_Result
start(struct MHD_Connection *connection, const char *url, const char *method, void **state)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) return MHD_NO;
    request->connection = connection;
    request->endpoint = strcmp(method, "POST") == 0 ? endpoint_of(url) : -1;
    ls_buf_init(&request->body, LS_SIM_BODY_BYTES_MAX);
    *state = request;
    return MHD_YES;
}

/* The library fixes the parameters. NOLINTNEXTLINE(readability-function-size) */
static enum MHD_Result handle(void *self,
                              struct MHD_Connection *connection,
                              const char *url,
                              const char *method,
                              const char *version,
                              const char *upload,
                              size_t *upload_bytes,
                              void **state)
{
    struct ls_sim_http *http = self;
    struct request *request = *state;
    (void)version;
    if (request == NULL) return start(connection, url, method, state);
    if (*upload_bytes > 0) {
        ls_buf_add(&request->body, upload, *upload_bytes);
        request->is_too_long = request->body.code != LS_CODE_OK;
        *upload_bytes = 0;
        return MHD_YES;
    }
    if (request->endpoint >= 0) return complete(http, request);
    if (strcmp(url, "/health") == 0 && strcmp(method, "GET") == 0)
        return respond_text(connection, MHD_HTTP_OK, "ok");
    if (endpoint_of(url) >= 0) {
        return respond_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                            "Used HTTP Method is not allowed. POST or OPTIONS is required\n");
    }
    return respond_text(connection, MHD_HTTP_NOT_FOUND, "not found\n");
}

static void drop_request(void *self,
                         struct MHD_Connection *connection,
                         void **state,
                         enum MHD_RequestTerminationCode reason)
{
    struct request *request = *state;
    (void)self;
    (void)connection;
    (void)reason;
    if (request == NULL) return;
    ls_buf_done(&request->body);
    free(request);
    *state = NULL;
}

static struct MHD_Daemon *listen_on(struct ls_sim_http *http, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, port, NULL, NULL, handle,
                            http, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)LS_SIM_HTTP_CONNECTIONS_MAX,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)LS_SIM_HTTP_IDLE_S,
                            MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_BYTES,
                            MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)BACKLOG,
                            MHD_OPTION_NOTIFY_COMPLETED, drop_request, NULL, MHD_OPTION_END);
}

ls_err ls_sim_http_new(ls_sim_ledger *ledger,
                       const struct ls_clock *clock,
                       uint16_t port,
                       ls_sim_http **http_out,
                       struct ls_why *why)
{
    assert(ledger != NULL);
    assert(clock != NULL);
    assert(http_out != NULL);
    struct ls_sim_http *http = calloc(1, sizeof *http);
    if (http == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "simulated ledger listener");
    http->ledger = ledger;
    http->clock = clock;
    ls_buf_init(&http->reply, LS_SIM_REPLY_BYTES_MAX);
    errno = 0;
    http->daemon = listen_on(http, port);
    const union MHD_DaemonInfo *info =
        http->daemon == NULL ? NULL
                             : MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_BIND_PORT);
    if (info == NULL) {
        int reason = errno;
        ls_sim_http_free(http);
        return ls_refuse(
            why, LS_CODE_UNAVAILABLE, "simulated ledger listener",
            "cannot listen on 127.0.0.1:%u (%s): choose another port, or 0 for any "
            "free one",
            port, strerror(reason));
    }
    http->port = info->port;
    ls_sim_ledger_advance(ledger, now_ms(http));
    *http_out = http;
    return LS_OK;
}

/* Let the delayed requests whose time has come go on; with `is_all`, every one. */
static void resume_due(struct ls_sim_http *http, bool is_all)
{
    int64_t now = now_ms(http);
    struct request **link = &http->delayed;
    while (*link != NULL) {
        struct request *request = *link;
        if (!is_all && request->due_ms > now) {
            link = &request->next;
            continue;
        }
        *link = request->next;
        request->stage = DUE;
        MHD_resume_connection(request->connection);
    }
}

void ls_sim_http_free(ls_sim_http *http)
{
    if (http == NULL) return;
    resume_due(http, true);
    if (http->daemon != NULL) MHD_stop_daemon(http->daemon);
    ls_buf_done(&http->reply);
    free(http);
}

uint16_t ls_sim_http_port(const ls_sim_http *http)
{
    return http->port;
}

static int64_t until_next(const struct ls_sim_http *http, int64_t timeout_ms)
{
    int64_t next = ls_sim_ledger_next_ms(http->ledger);
    for (const struct request *request = http->delayed; request != NULL;
         request = request->next)
        if (request->due_ms < next) next = request->due_ms;
    int64_t wait = next - now_ms(http);
    if (wait > timeout_ms) wait = timeout_ms;
    if (wait > TURN_MS_MAX) wait = TURN_MS_MAX;
    return wait < 0 ? 0 : wait;
}

void ls_sim_http_turn(ls_sim_http *http, int64_t timeout_ms)
{
    resume_due(http, false);
    (void)MHD_run_wait(http->daemon, (int32_t)until_next(http, timeout_ms));
    ls_sim_ledger_advance(http->ledger, now_ms(http));
}
