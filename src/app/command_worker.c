#include "command.h"

#include <inttypes.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "lockstep/host/clock.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/service/looker.h"
#include "lockstep/service/monitor.h"
#include "lockstep/service/worker_setup.h"

enum { MONITOR_MS = 1000, BEAT_MS = 1000 };

struct service {
    int stop_fd;
    volatile int stop;
    bool is_ready;
    int64_t beaten_ms; /* when the service manager last heard of us */
};

/* After each turn of the worker: told to stop? And tell the service manager (which does
 * nothing where there is none). */
static void beat(void *self, const struct ls_worker_status *status)
{
    struct service *service = self;
    const struct ls_clock clock = ls_system_clock();
    const int64_t now_ms = clock.monotonic_ms(clock.self);
    if (service->stop == 0 && ls_stop_signal_wait(service->stop_fd, 0)) {
        service->stop = 1;
        (void)sd_notify(0, "STOPPING=1");
    }
    if (!service->is_ready) {
        service->is_ready = true;
        (void)sd_notify(0, "READY=1");
    }
    if (now_ms - service->beaten_ms < BEAT_MS) return;
    service->beaten_ms = now_ms;
    (void)sd_notifyf(0, "WATCHDOG=1\nSTATUS=%" PRId64 " done, %s", status->done,
                     status->trouble[0] == '\0' ? status->doing : status->trouble);
}

static ls_err run(const struct ls_config *config,
                  const struct ls_worker_setup *setup,
                  struct service *service,
                  struct ls_why *why)
{
    ls_monitor *monitor = NULL;
    ls_looker *verifier = NULL;
    ls_desktop *desktop = NULL;
    struct ls_why no_desktop = {0};
    const struct ls_desktop_options on_desktop = {.application = "lockstep",
                                                  .scope = config->database_url};
    if (config->desktop == LS_SWITCH_ON) {
        LS_TRY(ls_desktop_new(&on_desktop, &desktop, &no_desktop));
    } else if (config->desktop == LS_SWITCH_AUTO) {
        /* Most services have no session bus; doctor says so, nobody else needs to. */
        (void)ls_failed(ls_desktop_new(&on_desktop, &desktop, &no_desktop));
    }
    const struct ls_monitor_options options = {
        .database_url = config->database_url,
        .interval_ms = MONITOR_MS,
        .pass = {.rules = &config->rules, .desktop = desktop, .log = setup->options.log},
    };
    ls_err err = ls_monitor_start(&options, &monitor);
    if (!ls_failed(err)) err = ls_looker_start(&setup->options, &verifier, why);
    if (!ls_failed(err)) {
        err = ls_worker_run(&setup->options, &service->stop, beat, service, why);
    }
    ls_looker_stop(verifier);
    ls_monitor_stop(monitor);
    ls_desktop_free(desktop);
    return err;
}

enum ls_exit command_worker(const struct command_call *call)
{
    const struct ls_config *config = call->config;
    const struct ls_app_log_options log_options = {.file = config->log_file,
                                                   .environment = config->environment,
                                                   .level = config->log_level};
    struct service service = {.stop_fd = ls_stop_signal_open()};
    struct ls_worker_setup setup;
    struct ls_why why = {0};
    ls_app_log *log = NULL;
    if (service.stop_fd < 0) {
        ls_complain("worker", "no descriptor left; raise the limit (ulimit -n)");
        return LS_EXIT_FAILED;
    }
    uint32_t works_on = config->works_on;
    ls_err err = arguments_kinds(call->arguments, OPTION_KINDS, &works_on, &why);
    if (!ls_failed(err)) err = ls_app_log_new(&log_options, &log, &why);
    if (!ls_failed(err)) {
        err = ls_worker_setup_init(&setup, config, ls_app_log_sink(log), &why);
    }
    if (!ls_failed(err)) {
        setup.options.worker.works_on = works_on;
        err = run(config, &setup, &service, &why);
        ls_worker_setup_done(&setup);
    }
    ls_app_log_free(log);
    (void)close(service.stop_fd);
    if (ls_failed(err) && err.code != LS_CODE_STOPPED)
        return ls_complain_err("worker", err, &why);
    return LS_EXIT_DONE;
}
