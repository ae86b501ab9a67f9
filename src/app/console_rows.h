/* The table of commands as the console's command line needs it, and what the command line
 * says of a console that is to start. */
#ifndef LOCKSTEP_APP_CONSOLE_ROWS_H
#define LOCKSTEP_APP_CONSOLE_ROWS_H

#include "command.h"
#include "lockstep/console/console_worker.h"

/* One row for each command of the table. The caller frees it; NULL when memory is
 * exhausted. */
struct ls_ui_cli *console_rows_new(size_t *count_out);

/* Read the options of `call` into `start_out`, all but stop_fd. LS_CODE_INVALID with `why`,
 * LS_CODE_NO_MEMORY. End it with console_start_done(). */
LS_MUST_CHECK ls_err console_start_read(const struct command_call *call,
                                        struct ls_console_start *start_out,
                                        struct ls_why *why);
void console_start_done(struct ls_console_start *start);

#endif
