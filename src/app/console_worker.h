/* The console with its embedded worker, as a configuration says. */
#ifndef LOCKSTEP_APP_CONSOLE_WORKER_H
#define LOCKSTEP_APP_CONSOLE_WORKER_H

#include "command.h"

/* Run both until the person quits; the worker is drained afterwards. `config` counts, not
 * call->config. `stop_fd` is stop_signal.h's. */
enum ls_exit console_with_worker(const struct command_call *call,
                                 const struct ls_config *config,
                                 int stop_fd);

#endif
