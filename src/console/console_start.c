#include "console.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/host/clock.h"

/* Local time as an offset: the pure console has no zone database. A change of the clocks
 * shows after the next start. */
static void fill_zone(struct ls_ui_options *options)
{
    const struct ls_clock clock = ls_system_clock();
    const time_t now = (time_t)(clock.wall_ms(clock.self) / 1000);
    struct tm local;
    if (localtime_r(&now, &local) == NULL) return;
    options->zone_offset_s = (int32_t)local.tm_gmtoff;
    (void)snprintf(options->zone_name, sizeof options->zone_name, "%.15s",
                   local.tm_zone == NULL ? "local" : local.tm_zone);
}

static void fill_operator(struct ls_ui_options *options)
{
    char memory[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(getuid(), &entry, memory, sizeof memory, &found) == 0 && found != NULL) {
        (void)snprintf(options->operator_name, sizeof options->operator_name, "%.63s",
                       found->pw_name);
    }
}

static void copy(char *out, size_t out_bytes, const char *text)
{
    (void)snprintf(out, out_bytes, "%s", text == NULL ? "" : text);
}

ls_ui *console_make_ui(const struct console *it)
{
    const struct ls_console_options *given = it->options;
    struct ls_ui_options options = {
        .is_ascii = it->is_ascii,
        .is_read_only = given->is_read_only,
        .has_worker = given->worker_snapshot != NULL,
        .refresh_ms = given->refresh_ms,
        .lag_objective_ms = given->lag_objective_ms,
        .starts_with_utc = given->starts_with_utc,
        .starts_with_local = given->starts_with_local,
        .starts_with_alerts = given->start_alert >= 0,
        .start_alert = given->start_alert,
        .cli = it->options->cli,
        .cli_count = it->options->cli_count,
    };
    copy(options.environment, sizeof options.environment, given->environment);
    copy(options.cluster, sizeof options.cluster, given->cluster);
    copy(options.read_only_why, sizeof options.read_only_why, given->read_only_why);
    copy(options.worker_note, sizeof options.worker_note, given->worker_note);
    fill_operator(&options);
    fill_zone(&options);
    return ls_ui_new(&options);
}

/* The button of a desktop notification; on the sink's thread. */
static void acknowledge(void *self, int64_t alert_id)
{
    struct console *it = self;
    struct ls_ui_request request = {.kind = LS_UI_WANT_ACT};
    request.action.verb = LS_VERB_ALERT_ACK;
    request.action.alert_id = alert_id;
    copy(request.action.reason, sizeof request.action.reason, "acknowledged on the desktop");
    if (it->feed != NULL) (void)feed_ask(it->feed, &request); /* when full: press again */
}

ls_err console_start_feed(struct console *it)
{
    const struct ls_console_options *given = it->options;
    const struct ls_desktop_options desktop = {.application = "lockstep",
                                               .on_acknowledge = acknowledge,
                                               .self = it,
                                               .scope = given->database_url};
    /* Where there is no desktop the bell rings; doctor says why. A bus that does not answer
     * is not waited for. */
    if (given->desktop == LS_CONSOLE_DESKTOP_AUTO && given->rules != NULL)
        (void)ls_failed(ls_desktop_begin(&desktop, &it->desktop));
    const struct feed_options options = {
        .database_url = given->database_url == NULL ? "" : given->database_url,
        .interval_ms = given->refresh_ms > 0 ? given->refresh_ms : 1000,
        .pass = {.rules = given->rules, .desktop = it->desktop, .log = given->log},
        .log_file = given->log_file == NULL ? "" : given->log_file,
        .wake_fd = it->wake[1],
    };
    return feed_start(&options, &it->feed);
}
