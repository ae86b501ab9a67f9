/* `lockstep sim run`: campaigns of the simulator from the command line. */
#include "command_sim_run.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/report/out.h"

enum { DEFAULT_OPS = 20, MINIMISE_RUNS_MAX = 400 };

static void print_line(void *self, const char *line)
{
    FILE *file = self;
    (void)fprintf(file, "%s\n", line); /* a failed write is seen at the end */
}

static ls_err
read_kill(const struct arguments *arguments, struct ls_case *pattern, struct ls_why *why)
{
    static const int64_t range[2] = {1, INT64_MAX};
    const bool is_behind = arguments_has(arguments, OPTION_KILL_BEHIND);
    pattern->kill_behind = is_behind;
    return arguments_number(arguments, is_behind ? OPTION_KILL_BEHIND : OPTION_KILL_BEFORE,
                            range, &pattern->kill_at, why);
}

static ls_err
read_case(const struct arguments *arguments, struct ls_case *pattern, struct ls_why *why)
{
    static const int64_t ops_range[2] = {1, LS_TRIAL_OPS_MAX};
    static const int64_t chaos_range[2] = {1, 24 * 3600000};
    const char *faults = arguments_value(arguments, OPTION_FAULTS);
    const char *only = arguments_value(arguments, OPTION_ONLY);
    const char *policy = arguments_value(arguments, OPTION_POLICY);
    int64_t ops = DEFAULT_OPS;
    pattern->faults = LS_FAULTS_ALL;
    LS_TRY(arguments_number(arguments, OPTION_OPS, ops_range, &ops, why));
    LS_TRY(arguments_number(arguments, OPTION_CHAOS_MS, chaos_range, &pattern->chaos_ms, why));
    pattern->op_count = (int32_t)ops;
    if (faults != NULL) LS_TRY(ls_faults_read(faults, &pattern->faults, why));
    if (policy != NULL) LS_TRY(ls_policy_find(policy, &pattern->policy, why));
    if (only != NULL) LS_TRY(ls_case_only(pattern, only, why));
    return read_kill(arguments, pattern, why);
}

ls_err sim_run_options(const struct arguments *arguments,
                       struct ls_campaign_options *out,
                       struct ls_why *why)
{
    const char *seeds = arguments_value(arguments, OPTION_SEEDS);
    out->first = 1;
    out->last = 1;
    if (seeds != NULL) LS_TRY(ls_campaign_seeds(seeds, &out->first, &out->last, why));
    LS_TRY(read_case(arguments, &out->pattern, why));
    out->is_once = arguments_has(arguments, OPTION_ONCE);
    out->is_kills = arguments_has(arguments, OPTION_KILLS);
    out->minimise_max = arguments_has(arguments, OPTION_ONLY) ? 0 : MINIMISE_RUNS_MAX;
    if (!arguments_has(arguments, OPTION_TRACE)) return LS_OK;
    out->trace = print_line;
    out->trace_self = arguments_has(arguments, OPTION_JSON) ? stderr : stdout;
    return LS_OK;
}

static void complain_bad(const struct ls_campaign_result *result)
{
    struct ls_buf replay;
    ls_buf_init(&replay, LS_OUT_BYTES_MAX);
    ls_case_command(&result->bad, &replay);
    ls_complain("sim run", "seed %" PRIu64 ": violated%s: %s", result->bad.seed,
                result->violated, result->failure);
    ls_complain("sim run", "the smallest case found: %s --trace", ls_buf_text(&replay));
    ls_buf_done(&replay);
}

static void add_fired_json(const struct ls_campaign_result *result, struct ls_buf *out)
{
    ls_out_json_comma(out);
    ls_buf_add_text(out, "\"fired\":{");
    for (int fault = 0; fault < LS_FAULT_COUNT; fault++)
        ls_out_json_number(out, ls_fault_name((enum ls_fault)fault), result->fired[fault]);
    ls_buf_add_char(out, '}');
}

static void add_bad_json(const struct ls_campaign_result *result, struct ls_buf *out)
{
    struct ls_buf replay;
    ls_buf_init(&replay, LS_OUT_BYTES_MAX);
    ls_case_command(&result->bad, &replay);
    ls_out_json_number(out, "bad_seed", (int64_t)result->bad.seed);
    ls_out_json_field(out, "violated", result->violated + 1);
    ls_out_json_field(out, "failure", result->failure);
    ls_out_json_field(out, "replay", ls_buf_text(&replay));
    ls_buf_done(&replay);
}

static enum ls_exit print_json(const struct ls_campaign_result *result)
{
    struct ls_buf out;
    const bool is_bad = result->failure[0] != '\0';
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    ls_buf_add_char(&out, '{');
    ls_out_json_number(&out, "seeds", result->seeds);
    ls_out_json_number(&out, "trials", result->trials);
    ls_out_json_number(&out, "ops", result->ops);
    ls_out_json_number(&out, "steps", result->steps);
    ls_out_json_number(&out, "effects", result->effects);
    ls_out_json_number(&out, "resolved", result->resolved);
    ls_out_json_number(&out, "stale_rows", result->stale_rows);
    ls_out_json_number(&out, "packed", result->packed);
    ls_out_json_number(&out, "chained", result->chained);
    ls_out_json_number(&out, "refused", result->refused);
    ls_out_json_number(&out, "duplicates", result->duplicates);
    ls_out_json_number(&out, "lost", result->lost);
    ls_out_json_number(&out, "misjudged", result->misjudged);
    add_fired_json(result, &out);
    ls_out_json_number(&out, "violations", is_bad ? 1 : 0);
    if (is_bad) add_bad_json(result, &out);
    ls_buf_add_text(&out, "}\n");
    return ls_out_print(&out);
}

/* Which faults made a difference, and how often: one that never does proves nothing. */
static void
add_fired(const struct ls_campaign_result *result, uint64_t faults, struct ls_buf *out)
{
    int kinds = 0;
    ls_buf_add_text(out, "fired:");
    for (int fault = 0; fault < LS_FAULT_COUNT; fault++) {
        if (result->fired[fault] == 0) continue;
        ls_buf_printf(out, " %s %" PRId64, ls_fault_name((enum ls_fault)fault),
                      result->fired[fault]);
        kinds++;
    }
    ls_buf_printf(out, "\n%d kinds of faults; never:", kinds);
    for (int fault = 0; fault < LS_FAULT_COUNT; fault++) {
        if (result->fired[fault] == 0 && (faults & LS_FAULT_BIT(fault)) != 0)
            ls_buf_printf(out, " %s", ls_fault_name((enum ls_fault)fault));
    }
    ls_buf_add_char(out, '\n');
}

static bool is_good(const struct ls_campaign_result *result)
{
    return result->failure[0] == '\0' && result->duplicates == 0 && result->lost == 0 &&
           result->misjudged == 0;
}

static enum ls_exit print_text(const struct ls_campaign_options *options,
                               const struct ls_campaign_result *result)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    ls_buf_printf(
        &out,
        "%" PRId64 " seeds, %" PRId64 " trials, %" PRId64 " operations, %" PRId64
        " steps, %" PRId64 " effects\n"
        "%" PRId64 " stale writes refused, %" PRId64 " resolved by a person, %" PRId64
        " transactions of several, %" PRId64 " behind another of their entity, %" PRId64
        " enqueues beyond a max_supply refused\n",
        result->seeds, result->trials, result->ops, result->steps, result->effects,
        result->stale_rows, result->resolved, result->packed, result->chained, result->refused);
    add_fired(result, options->pattern.faults, &out);
    ls_buf_printf(&out,
                  "%" PRId64 " landed twice, %" PRId64 " lost, %" PRId64
                  " landed though said to have failed: %s\n",
                  result->duplicates, result->lost, result->misjudged,
                  is_good(result) ? "no violation" : "VIOLATED");
    return ls_out_print(&out);
}

enum ls_exit command_sim_run(const struct command_call *call)
{
    struct ls_campaign_options options = {0};
    struct ls_campaign_result result;
    struct ls_why why = {0};
    ls_err err = sim_run_options(call->arguments, &options, &why);
    if (!ls_failed(err)) err = ls_campaign_run(&options, &result, &why);
    if (ls_failed(err)) return ls_complain_err("sim run", err, &why);

    const enum ls_exit shown = arguments_has(call->arguments, OPTION_JSON)
                                   ? print_json(&result)
                                   : print_text(&options, &result);
    if (is_good(&result)) return shown;
    if (result.failure[0] != '\0') complain_bad(&result);
    return LS_EXIT_DIFFERENCE;
}

enum ls_exit command_sim_faults(const struct command_call *call)
{
    static const char *const titles[] = {"name", "default", "what it is"};
    struct ls_out_table table;
    (void)call; /* it has no options */
    ls_out_table_init(&table, titles, 3, 0);
    for (int fault = 0; fault < LS_FAULT_COUNT; fault++) {
        ls_out_table_cell(&table, ls_fault_name((enum ls_fault)fault));
        ls_out_table_cell(&table,
                          (LS_FAULTS_ALL & LS_FAULT_BIT(fault)) != 0 ? "all" : "by name");
        ls_out_table_cell(&table, ls_fault_what((enum ls_fault)fault));
    }
    return ls_out_table_done(&table);
}
