#include <unistd.h>

#include "console_worker.h"
#include "stop_signal.h"

enum ls_exit command_console(const struct command_call *call)
{
    const int stop_fd = stop_signal_open();
    if (stop_fd < 0) {
        complain("console", "no descriptor left; raise the limit (ulimit -n)");
        return LS_EXIT_FAILED;
    }
    const enum ls_exit status = console_with_worker(call, call->config, stop_fd);
    (void)close(stop_fd);
    return status;
}
