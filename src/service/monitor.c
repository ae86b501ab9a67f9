#include "lockstep/service/monitor.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CONNECT_TIMEOUT_S = 3, STATEMENT_TIMEOUT_MS = 3000 };

struct ls_monitor {
    struct ls_alert_pass pass;
    int64_t interval_ms;
    ls_session *session;
    struct ls_dashboard *facts;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool is_stopping; /* under the mutex */
};

static void look(ls_monitor *monitor)
{
    struct ls_why why = {0};
    bool rings = false;
    if (ls_failed(ls_session_dashboard(monitor->session, monitor->facts, &why))) return;
    /* What could not be applied now is due again at the next look. */
    (void)ls_failed(
        ls_alert_pass_run(&monitor->pass, monitor->session, monitor->facts, &rings, &why));
}

/* Wait for the interval or the stop; whether to stop. */
static bool pause_until(ls_monitor *monitor)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until); /* cannot fail for this clock */
    until.tv_sec += (time_t)(monitor->interval_ms / 1000);
    until.tv_nsec += (long)(monitor->interval_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&monitor->mutex);
    int waited = 0;
    while (!monitor->is_stopping && waited == 0) {
        waited = pthread_cond_timedwait(&monitor->wake, &monitor->mutex, &until);
    }
    const bool is_stopping = monitor->is_stopping;
    (void)pthread_mutex_unlock(&monitor->mutex);
    return is_stopping;
}

static void *run(void *self)
{
    ls_monitor *monitor = self;
    do {
        look(monitor);
    } while (!pause_until(monitor));
    return NULL;
}

static void destroy(ls_monitor *monitor)
{
    (void)pthread_cond_destroy(&monitor->wake);
    (void)pthread_mutex_destroy(&monitor->mutex);
    ls_session_free(monitor->session);
    ls_alert_pass_done(&monitor->pass);
    free(monitor->facts);
    free(monitor);
}

static void init_wake(ls_monitor *monitor)
{
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&monitor->wake, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    (void)pthread_mutex_init(&monitor->mutex, NULL);
}

ls_err ls_monitor_start(const struct ls_monitor_options *options, ls_monitor **monitor_out)
{
    assert(options != NULL && monitor_out != NULL && options->interval_ms > 0);
    const struct ls_session_options session = {
        .url = options->database_url,
        .application = "lockstep monitor",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    ls_monitor *monitor = calloc(1, sizeof *monitor);
    if (monitor == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "monitor");
    init_wake(monitor);
    monitor->pass = options->pass;
    monitor->interval_ms = options->interval_ms;
    monitor->session = ls_session_new(&session);
    monitor->facts = calloc(1, sizeof *monitor->facts);
    if (monitor->session == NULL || monitor->facts == NULL) {
        destroy(monitor);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "monitor");
    }
    const int failed = pthread_create(&monitor->thread, NULL, run, monitor);
    if (failed != 0) {
        destroy(monitor);
        return LS_FAIL(LS_CODE_UNAVAILABLE, failed, "monitor");
    }
    *monitor_out = monitor;
    return LS_OK;
}

void ls_monitor_stop(ls_monitor *monitor)
{
    if (monitor == NULL) return;
    (void)pthread_mutex_lock(&monitor->mutex);
    monitor->is_stopping = true;
    (void)pthread_cond_signal(&monitor->wake);
    (void)pthread_mutex_unlock(&monitor->mutex);
    (void)pthread_join(monitor->thread, NULL);
    destroy(monitor);
}
