#include "console_rows.h"

#include <stdlib.h>
#include <unistd.h>

#include "lockstep/host/stop_signal.h"

ls_err console_start_read(const struct command_call *call,
                          struct ls_console_start *start_out,
                          struct ls_why *why)
{
    static const int64_t any[2] = {0, INT64_MAX};
    const struct arguments *arguments = call->arguments;
    struct ls_console_start start = {
        .config = call->config,
        .theme = arguments_value(arguments, OPTION_THEME),
        .start_alert = -1,
        .works_on = call->config->works_on,
        .has_no_worker = arguments_has(arguments, OPTION_NO_WORKER),
        .is_read_only = arguments_has(arguments, OPTION_READ_ONLY),
        .is_ascii = arguments_has(arguments, OPTION_ASCII),
        .stop_fd = -1,
    };
    LS_TRY(arguments_number(arguments, OPTION_ALERT, any, &start.start_alert, why));
    LS_TRY(arguments_kinds(arguments, OPTION_KINDS, &start.works_on, why));
    start.cli = console_rows_new(&start.cli_count);
    if (start.cli == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "console");
    *start_out = start;
    return LS_OK;
}

void console_start_done(struct ls_console_start *start)
{
    free(start->cli);
    start->cli = NULL;
}

enum ls_exit command_console(const struct command_call *call)
{
    struct ls_console_start start;
    struct ls_why why = {0};
    const ls_err err = console_start_read(call, &start, &why);
    if (ls_failed(err)) return ls_complain_err("console", err, &why);
    enum ls_exit status = LS_EXIT_FAILED;
    start.stop_fd = ls_stop_signal_open();
    if (start.stop_fd < 0) {
        ls_complain("console", "no descriptor left; raise the limit (ulimit -n)");
    } else {
        status = ls_console_with_worker(&start);
        (void)close(start.stop_fd);
    }
    console_start_done(&start);
    return status;
}
