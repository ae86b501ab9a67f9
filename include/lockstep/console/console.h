/* The console on a terminal: the loop of the UI thread, which alone touches the terminal.
 *
 * It starts the feed thread (connection, dashboard, actions, alert pass) and, where a
 * session bus exists, the desktop's. A database that is down is shown and waited for. A
 * terminal that takes no bytes stalls this thread alone. */
#ifndef LOCKSTEP_CONSOLE_CONSOLE_H
#define LOCKSTEP_CONSOLE_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/log.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/tui/ui.h"

enum ls_console_desktop { LS_CONSOLE_DESKTOP_OFF, LS_CONSOLE_DESKTOP_AUTO };

struct ls_console_options {
    const char *database_url; /* libpq string of the console's login */
    const char *environment;  /* header; "" for none */
    const char *cluster;      /* explorer links; "mainnet-beta" says PROD */
    const char *theme;        /* name; "" for dark */
    const char *keys;         /* path of a keys.conf; "" for the person's own */
    const char *log_file;     /* that the worker writes; "" or NULL for none */
    int64_t lag_objective_ms; /* beyond it the lag is told of; 0: none */
    const char *config_path;  /* for commands that it runs; "" for none */
    bool shows_links;         /* addresses can be clicked (OSC 8) */
    bool is_ascii;            /* asked for; without UTF-8 it is so anyway */
    bool is_read_only;
    const char *read_only_why;
    int64_t refresh_ms;
    bool starts_with_utc, starts_with_local; /* times on screen; neither: ages */
    const struct ls_alert_rules *rules;      /* NULL: alerts are judged elsewhere */
    enum ls_console_desktop desktop;
    int64_t start_alert;         /* begin at this one; 0: at the alerts; -1: at the dashboard */
    struct ls_log_sink log;      /* never the screen; write may be NULL */
    const struct ls_ui_cli *cli; /* commands of the shell that it may run */
    size_t cli_count;
    int stop_fd;             /* readable: end cleanly (SIGHUP, SIGTERM); -1 for none */
    const char *worker_note; /* why there is no embedded worker */
    /* The embedded worker's newest snapshot; NULL: there is none. The caller stops the
     * worker after ls_console_run() returned. */
    void (*worker_snapshot)(void *self, struct ls_ui_worker *out);
    void *worker_self;
    /* The thread that draws is stuck in a terminal that takes no bytes, and the process is
     * about to end: what must be done first. On a thread of its own; NULL: nothing. */
    void (*last_call)(void *self);
    void *last_call_self;
};

/* Run until the person quits, the stop descriptor becomes readable or the terminal hangs
 * up. The terminal is as it was when this returns. An exit status (enum ls_exit); what
 * went wrong has been written to standard error. Once in a process, from its first thread,
 * before the worker's thread is told to stop. */
int ls_console_run(const struct ls_console_options *options);

#endif
