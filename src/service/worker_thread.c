#include "lockstep/service/worker_thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/ledger/http_ledger.h"
#include "lockstep/store/pg_store.h"

enum { CONNECT_TIMEOUT_S = 5, STATEMENT_TIMEOUT_MS = 20000 };

/* The worker and its ports; used by one thread. */
struct engine {
    ls_pg_store *store;
    ls_http_ledger *ledger;
    ls_worker *worker;
};

struct ls_worker_thread {
    struct engine engine;
    pthread_t thread;
    atomic_bool stop;
    pthread_mutex_t lock; /* of the snapshot */
    struct ls_ui_worker snapshot;
};

static void wait_for_sockets(void *self, int64_t timeout_ms)
{
    struct engine *engine = self;
    int wants_write = 0;
    int socket = ls_pg_store_socket(engine->store, &wants_write);
    ls_http_ledger_wait(engine->ledger, socket, wants_write, timeout_ms);
}

static void engine_done(struct engine *engine)
{
    ls_worker_free(engine->worker);
    ls_http_ledger_free(engine->ledger);
    ls_pg_store_free(engine->store);
    *engine = (struct engine){0};
}

static ls_err open_ledger(struct engine *engine,
                          const struct ls_worker_thread_options *options,
                          struct ls_why *why)
{
    struct ls_http_ledger_options ledger = {
        .endpoint_count = options->endpoint_count,
        .calls_per_second = options->calls_per_second,
        .user_agent = "lockstep/" LS_VERSION,
    };
    for (size_t i = 0; i < options->endpoint_count && i < LS_ENDPOINTS_MAX; i++)
        ledger.endpoints[i] = options->endpoints[i];
    return ls_http_ledger_new(&ledger, &options->clock, &engine->ledger, why);
}

static ls_err engine_init(struct engine *engine,
                          const struct ls_worker_thread_options *options,
                          struct ls_why *why)
{
    *engine = (struct engine){0};
    LS_TRY(open_ledger(engine, options, why));
    struct ls_pg_store_options store = {
        .url = options->database_url,
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    engine->store = ls_pg_store_new(&store, &options->clock);
    ls_err err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "worker's store");
    if (engine->store != NULL) {
        struct ls_worker_ports ports = {
            .store = ls_pg_store_port(engine->store),
            .ledger = ls_http_ledger_port(engine->ledger),
            .signer = options->signer,
            .wait = {.self = engine, .wait = wait_for_sockets},
            .clock = options->clock,
            .log = options->log,
        };
        err = ls_worker_new(&options->worker, &ports, &engine->worker);
    }
    if (ls_failed(err)) engine_done(engine);
    return err;
}

static void describe(const struct ls_worker_status *status, struct ls_ui_worker *out)
{
    *out = (struct ls_ui_worker){
        .is_running = status->mode != LS_CORE_STOPPED,
        .worker_id = status->worker_id,
        .is_leader = status->is_leader,
        .is_paused = status->numbers.is_paused,
        .in_flight = status->numbers.tracked,
    };
    const char *text = status->trouble[0] != '\0' ? status->trouble : status->doing;
    (void)snprintf(out->state, sizeof out->state, "%.*s", (int)sizeof out->state - 1, text);
}

static void publish(ls_worker_thread *thread, bool is_over)
{
    struct ls_worker_status status;
    struct ls_ui_worker snapshot;
    ls_worker_status(thread->engine.worker, &status);
    describe(&status, &snapshot);
    if (is_over) snapshot.is_running = false;
    pthread_mutex_lock(&thread->lock);
    thread->snapshot = snapshot;
    pthread_mutex_unlock(&thread->lock);
}

static void *run_thread(void *self)
{
    ls_worker_thread *thread = self;
    bool is_stopping = false;
    for (;;) {
        if (!is_stopping && atomic_load(&thread->stop)) {
            is_stopping = true;
            ls_worker_stop(thread->engine.worker);
        }
        if (ls_failed(ls_worker_turn(thread->engine.worker))) break; /* stopped */
        publish(thread, false);
    }
    publish(thread, true);
    return NULL;
}

static void thread_free(ls_worker_thread *thread)
{
    engine_done(&thread->engine);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

ls_err ls_worker_thread_start(const struct ls_worker_thread_options *options,
                              ls_worker_thread **thread_out,
                              struct ls_why *why)
{
    ls_worker_thread *thread = calloc(1, sizeof *thread);
    if (thread == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "worker thread");
    if (pthread_mutex_init(&thread->lock, NULL) != 0) {
        free(thread);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "worker thread");
    }
    ls_err err = engine_init(&thread->engine, options, why);
    if (!ls_failed(err)) {
        int code = pthread_create(&thread->thread, NULL, run_thread, thread);
        if (code == 0) {
            *thread_out = thread;
            return LS_OK;
        }
        err = LS_FAIL(LS_CODE_UNAVAILABLE, code, "worker thread");
    }
    thread_free(thread);
    return err;
}

void ls_worker_thread_stop(ls_worker_thread *thread)
{
    if (thread == NULL) return;
    atomic_store(&thread->stop, true);
    ls_http_ledger_wake(thread->engine.ledger);
    (void)pthread_join(thread->thread, NULL); /* fails only for our own mistakes */
    thread_free(thread);
}

void ls_worker_thread_snapshot(ls_worker_thread *thread, struct ls_ui_worker *out)
{
    pthread_mutex_lock(&thread->lock);
    *out = thread->snapshot;
    pthread_mutex_unlock(&thread->lock);
}

ls_err ls_worker_run(const struct ls_worker_thread_options *options,
                     const volatile int *stop,
                     void (*beat)(void *self, const struct ls_worker_status *status),
                     void *self,
                     struct ls_why *why)
{
    struct engine engine;
    LS_TRY(engine_init(&engine, options, why));
    bool is_stopping = false;
    for (;;) {
        if (!is_stopping && *stop != 0) {
            is_stopping = true;
            ls_worker_stop(engine.worker);
        }
        ls_err err = ls_worker_turn(engine.worker);
        if (beat != NULL) {
            struct ls_worker_status status;
            ls_worker_status(engine.worker, &status);
            beat(self, &status);
        }
        if (ls_failed(err)) break; /* stopped: the drain is over */
    }
    engine_done(&engine);
    return LS_OK;
}
