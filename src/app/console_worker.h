/* The console with its embedded worker, as a configuration says. */
#ifndef LOCKSTEP_APP_CONSOLE_WORKER_H
#define LOCKSTEP_APP_CONSOLE_WORKER_H

#include "complain.h"
#include "lockstep/app/config.h"
#include "lockstep/tui/ui.h"

/* What a person asked for when it was started. */
struct console_start {
    const struct ls_config *config;
    const char *theme;   /* NULL: mono under NO_COLOR, else the configuration's */
    int64_t start_alert; /* begin at this one; 0: at the alerts; -1: at the dashboard */
    uint32_t works_on;   /* kinds that the worker may begin, core/kinds.h */
    bool has_no_worker;  /* none is wanted */
    bool is_read_only;   /* nor may the person act */
    bool is_ascii;
    struct ls_ui_cli *cli; /* commands of the shell that may be run from it */
    size_t cli_count;
    int stop_fd; /* stop_signal.h */
};

/* Run both until the person quits; the worker is drained afterwards. What `start` points to
 * must outlive the call. The exit status; what went wrong has been written to standard
 * error. */
enum ls_exit console_with_worker(const struct console_start *start);

#endif
