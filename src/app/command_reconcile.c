/* lockstep reconcile: a worker that reads the ledger's list, compares, says what it found,
 * and goes. It claims, signs and sends nothing. */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/base58.h"

#include "lockstep/host/stop_signal.h"
#include "lockstep/report/out.h"
#include "lockstep/service/worker_setup.h"

enum {
    FAILURES_MAX = 6,     /* readings without a conclusion, before it is given up */
    PATIENCE_MS = 15000,  /* for ledger and database to answer at all */
    NO_PROGRESS_MS = 500, /* between two lines of progress */
};

struct reconciliation {
    struct ls_buf out;
    bool is_json;
    int64_t count, repaired, open;
    int stop_fd;
    volatile int stop;
    bool is_over;
    bool shows_progress;
    int64_t began_ms, told_ms;
    enum ls_exit exit;
    char trouble[160];
    struct ls_clock clock;
};

static void
take_finding(void *self, const struct ls_finding_row *row, const struct ls_found *found)
{
    struct reconciliation *run = self;
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(&row->landed.signature, signature);
    run->count++;
    if (found->is_repaired) run->repaired++;
    /* What can not be undone stays a difference, although it is recorded now. */
    bool is_settled = found->is_repaired && (found->finding == LS_FINDING_UNRECORDED ||
                                             found->finding == LS_FINDING_LATE ||
                                             found->finding == LS_FINDING_SETTLED);
    if (!is_settled) run->open++;
    if (!run->is_json) {
        ls_buf_printf(&run->out, "%-20s ", ls_finding_name(found->finding));
        if (found->op.value != 0) ls_buf_printf(&run->out, "op %" PRId64 " ", found->op.value);
        ls_buf_printf(&run->out, "%s in slot %" PRId64 "%s\n", signature, row->landed.slot,
                      is_settled           ? ": adopted"
                      : found->is_repaired ? ": recorded"
                                           : "");
        return;
    }
    ls_out_json_comma(&run->out);
    ls_buf_add_char(&run->out, '{');
    ls_out_json_field(&run->out, "finding", ls_finding_name(found->finding));
    ls_out_json_number(&run->out, "op", found->op.value);
    ls_out_json_field(&run->out, "signature", signature);
    ls_out_json_number(&run->out, "slot", row->landed.slot);
    ls_out_json_flag(&run->out, "repaired", found->is_repaired);
    ls_buf_add_char(&run->out, '}');
}

static void give_up(struct reconciliation *run, enum ls_exit exit_with, const char *why)
{
    run->stop = 1;
    run->exit = exit_with;
    (void)snprintf(run->trouble, sizeof run->trouble, "%s", why); /* cut by design */
}

static void
tell_progress(struct reconciliation *run, const struct ls_worker_status *status, int64_t now_ms)
{
    if (!run->shows_progress || now_ms - run->told_ms < NO_PROGRESS_MS) return;
    run->told_ms = now_ms;
    (void)fprintf(stderr, "\r\033[K%s", status->doing);
}

static void after_turn(void *self, const struct ls_worker_status *status)
{
    struct reconciliation *run = self;
    int64_t now_ms = run->clock.monotonic_ms(run->clock.self);
    if (run->stop != 0 || run->is_over) return;
    tell_progress(run, status, now_ms);
    if (status->scans > 0) {
        run->is_over = true;
    } else if (ls_stop_signal_wait(run->stop_fd, 0)) {
        give_up(run, LS_EXIT_FAILED, "interrupted");
    } else if (status->scan_failures >= FAILURES_MAX) {
        give_up(run, LS_EXIT_NO_LEDGER, status->trouble);
    } else if (status->mode == LS_CORE_LEARNING && now_ms - run->began_ms > PATIENCE_MS) {
        give_up(run, LS_EXIT_NO_LEDGER, status->trouble);
    } else if (status->mode == LS_CORE_GREETING && now_ms - run->began_ms > PATIENCE_MS) {
        give_up(run, LS_EXIT_NO_DATABASE, status->trouble);
    }
}

static enum ls_exit print(struct reconciliation *run)
{
    if (run->shows_progress) (void)fputs("\r\033[K", stderr);
    if (run->is_json) {
        ls_buf_printf(&run->out,
                      "],\"found\":%" PRId64 ",\"repaired\":%" PRId64 ",\"open\":%" PRId64
                      "}\n",
                      run->count, run->repaired, run->open);
    } else if (run->count == 0) {
        ls_buf_add_text(&run->out, "the ledger and the database agree\n");
    } else {
        ls_buf_printf(&run->out,
                      "%" PRId64 " found, %" PRId64 " repaired, %" PRId64 " to look at\n",
                      run->count, run->repaired, run->open);
    }
    enum ls_exit printed = ls_out_print(&run->out);
    if (printed != LS_EXIT_DONE) return printed;
    return run->open > 0 ? LS_EXIT_DIFFERENCE : LS_EXIT_DONE;
}

static ls_err prepare(const struct command_call *call,
                      struct ls_worker_setup *setup,
                      struct reconciliation *run,
                      struct ls_why *why)
{
    static const int64_t slots[2] = {1, INT64_MAX};
    int64_t since = 0;
    LS_TRY(arguments_number(call->arguments, OPTION_SINCE, slots, &since, why));
    LS_TRY(ls_worker_setup_init(setup, call->config, (struct ls_log_sink){0}, why));
    setup->options.worker.core.only_scan = true;
    setup->options.worker.repair = arguments_has(call->arguments, OPTION_REPAIR);
    setup->options.worker.since_slot = since;
    setup->options.worker.found = take_finding;
    setup->options.worker.found_self = run;
    return LS_OK;
}

enum ls_exit command_reconcile(const struct command_call *call)
{
    struct reconciliation run = {.is_json = arguments_has(call->arguments, OPTION_JSON),
                                 .stop_fd = ls_stop_signal_open(),
                                 .shows_progress = isatty(STDERR_FILENO) == 1};
    struct ls_worker_setup setup;
    struct ls_why why = {0};
    if (run.stop_fd < 0) {
        ls_complain("reconcile", "no descriptor left; raise the limit (ulimit -n)");
        return LS_EXIT_FAILED;
    }
    ls_buf_init(&run.out, LS_OUT_BYTES_MAX);
    if (run.is_json) ls_buf_add_text(&run.out, "{\"findings\":[");
    ls_err err = prepare(call, &setup, &run, &why);
    if (!ls_failed(err)) {
        run.clock = setup.options.clock;
        run.began_ms = run.clock.monotonic_ms(run.clock.self);
        err = ls_worker_run(&setup.options, &run.stop, after_turn, &run, &why);
        ls_worker_setup_done(&setup);
    }
    (void)close(run.stop_fd);
    enum ls_exit result = run.exit;
    if (ls_failed(err)) {
        result = ls_complain_err("reconcile", err, &why);
    } else if (run.is_over) {
        result = print(&run);
        return result;
    } else {
        if (run.shows_progress) (void)fputs("\r\033[K", stderr);
        ls_complain("reconcile", "%s", run.trouble);
    }
    ls_buf_done(&run.out);
    return result;
}
