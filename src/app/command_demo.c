#include <unistd.h>

#include "command.h"
#include "console_rows.h"
#include "faults.h"
#include "lockstep/demo/demo.h"
#include "lockstep/term/term.h"

#define WHAT "demo"

static ls_err read_options(const struct command_call *call,
                           struct ls_demo_options *options,
                           struct ls_why *why)
{
    static const int64_t rates[2] = {0, 5000};
    static const int64_t slots[2] = {5, 60000};
    static const int64_t seeds[2] = {0, INT64_MAX};
    static const int64_t seconds[2] = {1, 86400};
    const struct arguments *arguments = call->arguments;
    struct ls_sim_faults ignored;
    *options = (struct ls_demo_options){.rate = 5, .slot_ms = 100, .seed = 1};
    LS_TRY(arguments_number(arguments, OPTION_RATE, rates, &options->rate, why));
    LS_TRY(arguments_number(arguments, OPTION_SLOT_MS, slots, &options->slot_ms, why));
    LS_TRY(arguments_number(arguments, OPTION_SEED, seeds, &options->seed, why));
    LS_TRY(arguments_number(arguments, OPTION_HEADLESS, seconds, &options->headless_s, why));
    LS_TRY(arguments_number(arguments, OPTION_KILL_WORKER_AT, seconds,
                            &options->kill_worker_at_s, why));
    if (options->kill_worker_at_s > 0 && options->headless_s == 0) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "--kill-worker-at needs --headless, where the worker is a process");
    }
    if (options->headless_s == 0 && (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0)) {
        return ls_refuse(why, LS_CODE_INVALID, WHAT,
                         "the console needs a terminal on standard input and output; add "
                         "--headless SECONDS to do without");
    }
    if (options->headless_s == 0) LS_TRY(ls_term_check(why)); /* before a server is started */
    options->keeps = arguments_has(arguments, OPTION_KEEP);
    options->dir = arguments_value(arguments, OPTION_DIR);
    options->faults = arguments_value(arguments, OPTION_FAULTS);
    return faults_named(options->faults, &ignored, why);
}

enum ls_exit command_demo(const struct command_call *call)
{
    struct ls_demo_options options;
    struct ls_console_start console;
    struct ls_why why = {0};
    ls_err err = read_options(call, &options, &why);
    if (!ls_failed(err)) err = console_start_read(call, &console, &why);
    if (ls_failed(err)) return ls_complain_err("demo", err, &why);
    const enum ls_exit status = ls_demo_run(&options, &console);
    console_start_done(&console);
    return status;
}
