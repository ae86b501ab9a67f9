#include "lockstep/console/console_worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/console/console.h"
#include "lockstep/host/log_sink.h"
#include "lockstep/service/looker.h"
#include "lockstep/service/worker_setup.h"
#include "lockstep/term/term.h"

struct embedded {
    struct ls_worker_setup setup;
    bool is_set_up;
    ls_worker_thread *thread;
    ls_looker *looker;
    struct ls_why note; /* why there is none */
};

/* The screen never stops a worker: when it is stuck the worker hands its leases back. */
static void stop_thread(void *self)
{
    ls_worker_thread_stop(self);
}

static void take_snapshot(void *self, struct ls_ui_worker *out)
{
    ls_worker_thread_snapshot(self, out);
}

/* The worker starts only where a key and an endpoint are configured; a console without
 * one says why and shows the workers that the database knows. */
static void start_worker(struct embedded *worker,
                         const struct ls_console_start *start,
                         struct ls_log_sink log)
{
    if (start->has_no_worker || start->is_read_only) {
        (void)snprintf(worker->note.text, sizeof worker->note.text,
                       "none is here, as asked (%s)",
                       start->has_no_worker ? "--no-worker" : "--read-only");
        return;
    }
    ls_err err = ls_worker_setup_init(&worker->setup, start->config, log, &worker->note);
    worker->is_set_up = !ls_failed(err);
    worker->setup.options.worker.works_on = start->works_on;
    if (!ls_failed(err))
        err = ls_worker_thread_start(&worker->setup.options, &worker->thread, &worker->note);
    /* Without it the worker works; who verifies is told that nobody answers. */
    if (!ls_failed(err))
        (void)ls_failed(
            ls_looker_start(&worker->setup.options, &worker->looker, &worker->note));
    if (ls_failed(err) && worker->note.text[0] == '\0') {
        (void)snprintf(worker->note.text, sizeof worker->note.text, "%s: %s",
                       err.what == NULL ? "worker" : err.what, ls_code_name(err.code));
    }
}

static void stop_worker(struct embedded *worker)
{
    if (worker->thread != NULL && isatty(STDERR_FILENO) != 0)
        (void)fputs("lockstep: stopping the worker\n", stderr);
    ls_looker_stop(worker->looker);
    ls_worker_thread_stop(worker->thread);
    if (worker->is_set_up) ls_worker_setup_done(&worker->setup);
}

/* A theme that was asked for on the command line wins over NO_COLOR, which wins over the
 * configuration. */
static const char *choose_theme(const struct ls_console_start *start)
{
    const char *no_color = getenv("NO_COLOR");
    if (start->theme != NULL) return start->theme;
    return no_color != NULL && no_color[0] != '\0' ? "mono" : start->config->theme;
}

static enum ls_exit run(const struct ls_console_start *start, struct ls_log_sink log)
{
    const struct ls_config *config = start->config;
    struct embedded worker = {0};
    start_worker(&worker, start, log);
    const struct ls_console_options options = {
        .database_url = config->database_url,
        .environment = config->environment,
        .cluster = config->cluster,
        .theme = choose_theme(start),
        .keys = config->keys,
        .shows_links = config->links == LS_SWITCH_ON ||
                       (config->links == LS_SWITCH_AUTO && ls_term_knows_links()),
        .log_file = config->log_file,
        .lag_objective_ms = config->rules.thresholds[LS_RULE_LAG].warning,
        .config_path = config->path,
        .is_ascii = start->is_ascii,
        .is_read_only = start->is_read_only,
        .read_only_why = "this console was started with --read-only",
        .refresh_ms = config->refresh_ms,
        .starts_with_utc = config->time == LS_TIME_UTC,
        .starts_with_local = config->time == LS_TIME_LOCAL,
        /* Who only looks does not fire alerts either. */
        .rules = start->is_read_only ? NULL : &config->rules,
        .desktop =
            config->desktop == LS_SWITCH_OFF ? LS_CONSOLE_DESKTOP_OFF : LS_CONSOLE_DESKTOP_AUTO,
        .start_alert = start->start_alert,
        .cli = start->cli,
        .cli_count = start->cli_count,
        .log = log,
        .stop_fd = start->stop_fd,
        .worker_note = worker.note.text,
        .worker_snapshot = worker.thread == NULL ? NULL : take_snapshot,
        .worker_self = worker.thread,
        .last_call = worker.thread == NULL ? NULL : stop_thread,
        .last_call_self = worker.thread,
    };
    const enum ls_exit status = (enum ls_exit)ls_console_run(&options);
    stop_worker(&worker);
    return status;
}

enum ls_exit ls_console_with_worker(const struct ls_console_start *start)
{
    const struct ls_config *config = start->config;
    const struct ls_app_log_options log_options = {
        .file = config->log_file, .level = config->log_level, .is_quiet = true};
    struct ls_why why = {0};
    ls_app_log *log = NULL;
    ls_term_block_signals(); /* no other thread shall take them */
    const ls_err err = ls_app_log_new(&log_options, &log, &why);
    if (ls_failed(err)) return ls_complain_err("console", err, &why);
    const enum ls_exit status = run(start, ls_app_log_sink(log));
    ls_app_log_free(log);
    return status;
}
