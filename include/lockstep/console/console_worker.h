/* The console with its embedded worker, as a configuration says. */
#ifndef LOCKSTEP_CONSOLE_CONSOLE_WORKER_H
#define LOCKSTEP_CONSOLE_CONSOLE_WORKER_H

#include "lockstep/config/config.h"
#include "lockstep/report/complain.h"
#include "lockstep/tui/ui.h"

/* What a person asked for when it was started. */
struct ls_console_start {
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
enum ls_exit ls_console_with_worker(const struct ls_console_start *start);

#endif
