#include "lockstep/alert/sink.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bubbles.h"

enum {
    QUEUE_MAX = 64,
    VERDICT_MS = 2000, /* how long ls_desktop_new waits */
    DRAIN_MAX = 1000,
    STOP_MS = 1000, /* how long ls_desktop_free waits before and after it cuts the bus */
};

/* Shared by its owner and its thread; the last of the two frees it. A thread that hangs
 * in the desktop's own code is left behind with its memory instead of being waited for. */
struct ls_desktop {
    struct ls_desktop_options options;
    char application[64];
    char scope[600];
    GMainContext *context;
    GCancellable *cancel;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    int users;
    bool has_verdict;
    bool is_stopping;
    bool has_ended;
    ls_err verdict;
    struct ls_why why;
    GDBusConnection *connection; /* a reference, to cut what hangs */
    struct ls_alert_notice queue[QUEUE_MAX];
    size_t queue_first;
    size_t queue_count;
    int64_t dropped;
};

static void release(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    int left = --desktop->users;
    (void)pthread_mutex_unlock(&desktop->mutex);
    if (left > 0) return;
    assert(desktop->connection == NULL);
    g_object_unref(desktop->cancel);
    g_main_context_unref(desktop->context);
    (void)pthread_cond_destroy(&desktop->changed);
    (void)pthread_mutex_destroy(&desktop->mutex);
    free(desktop);
}

static bool is_stopping(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    bool answer = desktop->is_stopping;
    (void)pthread_mutex_unlock(&desktop->mutex);
    return answer;
}

/* What arrives while the owner is leaving reaches nobody. */
static void forward_acknowledge(void *self, int64_t alert_id)
{
    struct ls_desktop *desktop = self;
    if (!is_stopping(desktop)) desktop->options.on_acknowledge(desktop->options.self, alert_id);
}

static void forward_open(void *self, int64_t alert_id)
{
    struct ls_desktop *desktop = self;
    if (!is_stopping(desktop)) desktop->options.on_open(desktop->options.self, alert_id);
}

static void forward_restart(void *self)
{
    struct ls_desktop *desktop = self;
    if (!is_stopping(desktop)) desktop->options.on_restart(desktop->options.self);
}

static void tell_verdict(struct ls_desktop *desktop,
                         ls_err verdict,
                         const struct ls_bubbles *bubbles,
                         const struct ls_why *why)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    desktop->verdict = verdict;
    desktop->why = *why;
    desktop->has_verdict = true;
    if (bubbles != NULL) desktop->connection = g_object_ref(ls_bubbles_connection(bubbles));
    (void)pthread_cond_broadcast(&desktop->changed);
    (void)pthread_mutex_unlock(&desktop->mutex);
}

static bool next_notice(struct ls_desktop *desktop, struct ls_alert_notice *notice_out)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    bool has = desktop->queue_count > 0 && !desktop->is_stopping;
    if (has) {
        *notice_out = desktop->queue[desktop->queue_first];
        desktop->queue_first = (desktop->queue_first + 1) % QUEUE_MAX;
        desktop->queue_count--;
    }
    (void)pthread_mutex_unlock(&desktop->mutex);
    return has;
}

static void count_dropped(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    desktop->dropped++;
    (void)pthread_mutex_unlock(&desktop->mutex);
}

static void serve(struct ls_desktop *desktop, struct ls_bubbles *bubbles)
{
    while (!is_stopping(desktop)) {
        struct ls_alert_notice notice;
        while (next_notice(desktop, &notice))
            if (!ls_bubbles_show(bubbles, &notice)) count_dropped(desktop);
        /* A wake-up since the queue was looked at makes this return at once. */
        if (!is_stopping(desktop)) (void)g_main_context_iteration(desktop->context, TRUE);
    }
}

static void drop_connection(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    GDBusConnection *connection = desktop->connection;
    desktop->connection = NULL;
    (void)pthread_mutex_unlock(&desktop->mutex);
    if (connection != NULL) g_object_unref(connection);
}

static void *run(void *self)
{
    struct ls_desktop *desktop = self;
    g_main_context_push_thread_default(desktop->context);
    struct ls_desktop_options options = desktop->options;
    if (options.on_acknowledge != NULL) options.on_acknowledge = forward_acknowledge;
    if (options.on_open != NULL) options.on_open = forward_open;
    if (options.on_restart != NULL) options.on_restart = forward_restart;
    options.self = desktop;
    struct ls_bubbles *bubbles = NULL;
    struct ls_why why = {{0}};

    ls_err err = ls_bubbles_open(&options, desktop->cancel, &bubbles, &why);
    tell_verdict(desktop, err, bubbles, &why);
    if (!ls_failed(err)) serve(desktop, bubbles);
    ls_bubbles_close(bubbles);
    drop_connection(desktop);
    /* What still waits in the context holds the connection, which holds the context. */
    for (int i = 0; i < DRAIN_MAX && g_main_context_iteration(desktop->context, FALSE);) i++;

    g_main_context_pop_thread_default(desktop->context);
    (void)pthread_mutex_lock(&desktop->mutex);
    desktop->has_ended = true;
    (void)pthread_cond_broadcast(&desktop->changed);
    (void)pthread_mutex_unlock(&desktop->mutex);
    release(desktop);
    return NULL;
}

/* Wait until `*flag`, which the mutex guards, or `timeout_ms`; the answer is the flag. */
static bool await(struct ls_desktop *desktop, const bool *flag, int64_t timeout_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += timeout_ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec += 1;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&desktop->mutex);
    int code = 0;
    while (!*flag && code == 0)
        code = pthread_cond_timedwait(&desktop->changed, &desktop->mutex, &until);
    bool answer = *flag;
    (void)pthread_mutex_unlock(&desktop->mutex);
    return answer;
}

static struct ls_desktop *make(const struct ls_desktop_options *options)
{
    struct ls_desktop *desktop = calloc(1, sizeof *desktop);
    if (desktop == NULL) return NULL;
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&desktop->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&desktop->mutex, NULL);
    desktop->options = *options;
    (void)snprintf(desktop->application, sizeof desktop->application, "%s",
                   options->application);
    desktop->options.application = desktop->application;
    if (options->scope != NULL) {
        (void)snprintf(desktop->scope, sizeof desktop->scope, "%s", options->scope);
        desktop->options.scope = desktop->scope;
    }
    desktop->context = g_main_context_new();
    desktop->cancel = g_cancellable_new();
    desktop->users = 2;
    return desktop;
}

static void when_cut(GObject *connection, GAsyncResult *result, void *self)
{
    bool *is_cut = self;
    (void)g_dbus_connection_close_finish(G_DBUS_CONNECTION(connection), result, NULL);
    *is_cut = true;
}

static gboolean when_late(void *self)
{
    bool *is_late = self;
    *is_late = true;
    return G_SOURCE_CONTINUE;
}

/* End whatever call hangs on the bus: it fails in its thread. In a context of its own,
 * because the caller's may never run again. */
static void cut(GDBusConnection *connection)
{
    GMainContext *context = g_main_context_new();
    GSource *timer = g_timeout_source_new(STOP_MS / 2);
    bool is_cut = false;
    bool is_late = false;
    g_main_context_push_thread_default(context);
    g_source_set_callback(timer, when_late, &is_late, NULL);
    (void)g_source_attach(timer, context);
    g_dbus_connection_close(connection, NULL, when_cut, &is_cut);
    while (!is_cut && !is_late) (void)g_main_context_iteration(context, TRUE);
    g_source_destroy(timer);
    g_source_unref(timer);
    g_main_context_pop_thread_default(context);
    g_main_context_unref(context);
}

static bool cut_bus(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    GDBusConnection *connection = desktop->connection;
    desktop->connection = NULL;
    (void)pthread_mutex_unlock(&desktop->mutex);
    if (connection == NULL) return false;
    cut(connection);
    g_object_unref(connection);
    return true;
}

static void stop(struct ls_desktop *desktop)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    desktop->is_stopping = true;
    (void)pthread_mutex_unlock(&desktop->mutex);
    g_cancellable_cancel(desktop->cancel);
    g_main_context_wakeup(desktop->context);
    bool has_ended = await(desktop, &desktop->has_ended, STOP_MS);
    if (!has_ended && cut_bus(desktop))
        has_ended = await(desktop, &desktop->has_ended, STOP_MS);
    if (has_ended) {
        (void)pthread_join(desktop->thread, NULL);
    } else {
        (void)pthread_detach(desktop->thread);
    }
    release(desktop);
}

ls_err ls_desktop_begin(const struct ls_desktop_options *options, ls_desktop **desktop_out)
{
    assert(options != NULL && options->application != NULL);
    assert(desktop_out != NULL);
    struct ls_desktop *desktop = make(options);
    if (desktop == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "desktop");
    int code = pthread_create(&desktop->thread, NULL, run, desktop);
    if (code != 0) {
        desktop->users = 1;
        release(desktop);
        return LS_FAIL(LS_CODE_NO_MEMORY, code, "desktop thread");
    }
    *desktop_out = desktop;
    return LS_OK;
}

ls_err ls_desktop_new(const struct ls_desktop_options *options,
                      ls_desktop **desktop_out,
                      struct ls_why *why)
{
    ls_desktop *desktop = NULL;
    LS_TRY(ls_desktop_begin(options, &desktop));
    if (!await(desktop, &desktop->has_verdict, VERDICT_MS)) {
        stop(desktop);
        return ls_refuse(why, LS_CODE_UNAVAILABLE, "desktop",
                         "the desktop session bus did not answer within %d ms, so no desktop "
                         "notifications",
                         VERDICT_MS);
    }
    ls_err verdict = desktop->verdict;
    if (ls_failed(verdict)) {
        if (why != NULL) *why = desktop->why;
        stop(desktop);
        return verdict;
    }
    *desktop_out = desktop;
    return LS_OK;
}

void ls_desktop_free(ls_desktop *desktop)
{
    if (desktop != NULL) stop(desktop);
}

void ls_desktop_post(ls_desktop *desktop, const struct ls_alert_notice *notice)
{
    assert(desktop != NULL);
    assert(notice != NULL);
    (void)pthread_mutex_lock(&desktop->mutex);
    if (desktop->queue_count == QUEUE_MAX) {
        desktop->queue_first = (desktop->queue_first + 1) % QUEUE_MAX;
        desktop->queue_count--;
        desktop->dropped++;
    }
    size_t last = (desktop->queue_first + desktop->queue_count) % QUEUE_MAX;
    desktop->queue[last] = *notice;
    desktop->queue_count++;
    (void)pthread_mutex_unlock(&desktop->mutex);
    g_main_context_wakeup(desktop->context);
}

bool ls_desktop_is_lost(const ls_desktop *desktop)
{
    struct ls_desktop *writable = (struct ls_desktop *)(uintptr_t)desktop;
    (void)pthread_mutex_lock(&writable->mutex);
    bool is_lost =
        desktop->connection == NULL || g_dbus_connection_is_closed(desktop->connection);
    (void)pthread_mutex_unlock(&writable->mutex);
    return is_lost;
}

int64_t ls_desktop_dropped(const ls_desktop *desktop)
{
    /* The mutex is the one thing that a reader changes. */
    struct ls_desktop *writable = (struct ls_desktop *)(uintptr_t)desktop;
    (void)pthread_mutex_lock(&writable->mutex);
    int64_t dropped = desktop->dropped;
    (void)pthread_mutex_unlock(&writable->mutex);
    return dropped;
}
