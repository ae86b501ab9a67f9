/* The console's command line: commands of the shell as processes of our own binary, so that
 * nothing they do can stop the screen. */
#ifndef LOCKSTEP_APP_CONSOLE_RUN_H
#define LOCKSTEP_APP_CONSOLE_RUN_H

#include "child.h"
#include "lockstep/tui/ui.h"

struct console_run {
    struct child child;
    int fd; /* what it prints; -1: nothing runs */
    uint64_t ticket;
};

/* What the console may run: one row for each command of the table. The caller frees it;
 * NULL when memory is exhausted. */
struct ls_ui_cli *console_cli_new(size_t *count_out);

void console_run_init(struct console_run *run);
/* Start `request`'s line with `config_path` ("" for none) on a pane of `columns`. On failure
 * nothing runs and `why` says why. */
LS_MUST_CHECK ls_err console_run_start(struct console_run *run,
                                       const struct ls_ui_request *request,
                                       const char *config_path,
                                       int32_t columns,
                                       struct ls_why *why);
/* What it printed since: the bytes read, 0 when there is nothing yet, -1 at its end. */
int console_run_read(struct console_run *run, char *out, size_t out_bytes);
/* Its exit status, after the end; 128 and the signal when one ended it. */
int console_run_end(struct console_run *run);
/* End it, whatever it does. */
void console_run_stop(struct console_run *run);

#endif
