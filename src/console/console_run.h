/* The console's command line: commands of the shell as processes of our own binary, so that
 * nothing they do can stop the screen. */
#ifndef LOCKSTEP_CONSOLE_CONSOLE_RUN_H
#define LOCKSTEP_CONSOLE_CONSOLE_RUN_H

#include "lockstep/host/child.h"
#include "lockstep/tui/ui.h"

struct console_run {
    struct ls_child child;
    int fd; /* what it prints; -1: nothing runs */
    uint64_t ticket;
};

void console_run_init(struct console_run *run);
/* Where its commands run, and which there are. */
struct console_run_place {
    const struct ls_ui_cli *cli;
    size_t cli_count;
    const char *config_path; /* "" for none */
    int32_t columns;         /* of the pane */
};
/* Start `request`'s line. On failure nothing runs and `why` says why. */
LS_MUST_CHECK ls_err console_run_start(struct console_run *run,
                                       const struct ls_ui_request *request,
                                       const struct console_run_place *place,
                                       struct ls_why *why);
/* What it printed since: the bytes read, 0 when there is nothing yet, -1 at its end. */
int console_run_read(struct console_run *run, char *out, size_t out_bytes);
/* Its exit status, after the end; 128 and the signal when one ended it. */
int console_run_end(struct console_run *run);
/* End it, whatever it does. */
void console_run_stop(struct console_run *run);

#endif
