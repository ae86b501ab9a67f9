/* A console that was told to stop ends within seconds, even when its thread is stuck in
 * writing to a terminal that takes no bytes. */
#ifndef LOCKSTEP_CONSOLE_CONSOLE_GUARD_H
#define LOCKSTEP_CONSOLE_CONSOLE_GUARD_H

#include "lockstep/base/err.h"
#include "lockstep/console/console.h"

typedef struct console_guard console_guard;

/* Watch the options' stop_fd (-1: nothing to watch, no guard is made) on a thread of its
 * own. When it becomes readable and console_guard_stop() is not called within 5 s, the
 * terminal's modes are given back, the options' last_call is made and the process ends with
 * LS_EXIT_FAILED. The options must outlive the guard. */
LS_MUST_CHECK ls_err console_guard_start(const struct ls_console_options *options,
                                         console_guard **guard_out);
/* The console ended by itself. NULL is allowed. */
void console_guard_stop(console_guard *guard);

#endif
