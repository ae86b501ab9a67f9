#include "lockstep/service/looker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/ledger/http_ledger.h"
#include "lockstep/store/look.h"
#include "look_round.h"

enum {
    POLL_MS = 2000, /* beside being told: of who took a look and died nobody tells */
    IDLE_MS = 400,  /* while there is no connection on which to be told */
    CONNECT_TIMEOUT_S = 3,
    STATEMENT_TIMEOUT_MS = 5000,
    CALL_MS = 6000,
    WAIT_MS = 500, /* beside being woken */
    BODY_BYTES_MAX = 1 << 20,
};

struct ls_looker {
    const struct ls_worker_thread_options *options;
    ls_session *session;
    ls_http_ledger *ledger;
    pthread_t thread;
    atomic_bool is_stopping;
    int wake_fd; /* an eventfd */
    struct look_round round;
    const char *failing; /* what the database does not let it do, said once; or NULL */
};

/* Who cannot be asked says nothing: its rows stay as they are. */
static size_t begin_calls(ls_looker *it, size_t chunk)
{
    const struct ls_ledger_port port = ls_http_ledger_port(it->ledger);
    size_t begun = 0;
    struct ls_buf body;
    ls_buf_init(&body, BODY_BYTES_MAX);
    const bool is_whole = !ls_failed(look_round_ask(&it->round, chunk, &body));
    for (size_t i = 0; is_whole && i < it->options->endpoint_count; i++) {
        const struct ls_ledger_call call = {.id = chunk,
                                            .endpoint = (int32_t)i,
                                            .body = body.data,
                                            .body_bytes = body.length,
                                            .timeout_ms = CALL_MS};
        if (!ls_failed(port.begin(port.self, &call))) begun++;
    }
    ls_buf_done(&body);
    return begun;
}

/* Every endpoint is asked for every attempt, all at once: one that lags cannot hide what
 * another has, and one that is silent costs its time once. */
static void ask_ledger(ls_looker *it)
{
    const struct ls_ledger_port port = ls_http_ledger_port(it->ledger);
    struct ls_ledger_reply reply;
    size_t open = 0;
    look_round_cut(&it->round);
    for (size_t chunk = 0; chunk < it->round.chunk_count; chunk++)
        open += begin_calls(it, chunk);
    while (open > 0 && !atomic_load(&it->is_stopping)) {
        if (!port.take(port.self, &reply)) { /* each call ends by CALL_MS */
            ls_http_ledger_wait(it->ledger, -1, 0, WAIT_MS);
            continue;
        }
        open--;
        if (ls_failed(reply.err)) continue;
        /* What is no answer tells nothing, as if none had come. */
        (void)ls_failed(
            look_round_note(&it->round, (size_t)reply.id, reply.body, reply.body_bytes));
    }
}

/* Say that a step fails, or that it works again; its name is static. */
static void tell(ls_looker *it, const char *step, ls_err err, const struct ls_why *why)
{
    const bool is_bad = ls_failed(err);
    const struct ls_log_sink *log = &it->options->log;
    const struct ls_clock *clock = &it->options->clock;
    if (is_bad == (it->failing == step) || atomic_load(&it->is_stopping)) return;
    it->failing = is_bad ? step : NULL;
    const struct ls_log_record record = {
        .wall_ms = clock->wall_ms(clock->self),
        .level = is_bad ? LS_LEVEL_WARNING : LS_LEVEL_INFO,
        .event = is_bad ? "look.failed" : "look.again",
        .field_count = is_bad ? 2 : 1,
        .fields = {{.name = "step", .text = step}, {.name = "text", .text = why->text}},
    };
    if (log->write != NULL) log->write(log->self, &record);
}

/* One round; whether there was anything to do. */
static bool look(ls_looker *it)
{
    struct ls_why why = {0};
    struct look_round *round = &it->round;
    look_round_begin(round, it->options->endpoint_count);
    ls_err err = ls_session_look_take(it->session, LOOK_OPS_MAX, look_round_take, round, &why);
    tell(it, "take", err, &why);
    if (ls_failed(err) || round->count == 0) return false;
    ask_ledger(it);
    if (atomic_load(&it->is_stopping)) return false;
    look_round_judge(round);
    /* What cannot be written is taken by somebody again. */
    err = ls_session_look_answer(it->session, round->found, round->found_count, &why);
    tell(it, "answer", err, &why);
    return true;
}

static void *run(void *self)
{
    ls_looker *it = self;
    while (!atomic_load(&it->is_stopping)) {
        if (look(it)) continue;
        if (!ls_failed(ls_session_look_wait(it->session, it->wake_fd, POLL_MS))) continue;
        const struct timespec pause = {.tv_nsec = IDLE_MS * 1000000L};
        (void)nanosleep(&pause, NULL); /* cut short by a signal is as good */
    }
    return NULL;
}

static void destroy(ls_looker *it)
{
    ls_http_ledger_free(it->ledger);
    ls_session_free(it->session);
    if (it->wake_fd >= 0) (void)close(it->wake_fd);
    free(it);
}

static ls_err open_ports(ls_looker *it, struct ls_why *why)
{
    const struct ls_session_options session = {
        .url = it->options->database_url,
        .application = "lockstep looker",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    struct ls_http_ledger_options ledger = {.endpoint_count = it->options->endpoint_count,
                                            .user_agent = "lockstep/" LS_VERSION};
    for (size_t i = 0; i < it->options->endpoint_count; i++)
        ledger.endpoints[i] = it->options->endpoints[i];
    it->session = ls_session_new(&session);
    if (it->session == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "looker");
    return ls_http_ledger_new(&ledger, &it->options->clock, &it->ledger, why);
}

ls_err ls_looker_start(const struct ls_worker_thread_options *options,
                       ls_looker **looker_out,
                       struct ls_why *why)
{
    ls_looker *it = calloc(1, sizeof *it);
    if (it == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "looker");
    it->options = options;
    it->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    ls_err err =
        it->wake_fd >= 0 ? open_ports(it, why) : LS_FAIL(LS_CODE_UNAVAILABLE, errno, "looker");
    if (!ls_failed(err)) {
        const int failed = pthread_create(&it->thread, NULL, run, it);
        if (failed != 0) err = LS_FAIL(LS_CODE_UNAVAILABLE, failed, "looker");
    }
    if (ls_failed(err)) {
        destroy(it);
        return err;
    }
    *looker_out = it;
    return LS_OK;
}

void ls_looker_stop(ls_looker *it)
{
    if (it == NULL) return;
    const uint64_t one = 1;
    atomic_store(&it->is_stopping, true);
    const ssize_t written = write(it->wake_fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable as well */
    ls_http_ledger_wake(it->ledger);
    (void)pthread_join(it->thread, NULL); /* fails only for our own mistakes */
    destroy(it);
}
