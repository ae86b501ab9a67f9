/* `lockstep sim run`: campaigns of the simulator from the command line. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/trial/campaign.h"
#include "out.h"

enum { DEFAULT_OPS = 20, REPLAY_BYTES = 160 };

static void print_line(void *self, const char *line)
{
    FILE *file = self;
    (void)fprintf(file, "%s\n", line); /* a failed write is seen at the end */
}

static ls_err read_faults(const char *name, bool *is_calm_out, struct ls_why *why)
{
    const bool is_calm = name != NULL && strcmp(name, "none") == 0;
    if (name != NULL && !is_calm && strcmp(name, "all") != 0) {
        return ls_refuse(why, LS_CODE_INVALID, "faults",
                         "%s is no set of faults; use all (each seed chooses among them) or "
                         "none",
                         name);
    }
    *is_calm_out = is_calm;
    return LS_OK;
}

static ls_err read_options(const struct arguments *arguments,
                           struct ls_campaign_options *out,
                           struct ls_why *why)
{
    static const int64_t ops_range[2] = {1, LS_TRIAL_OPS_MAX};
    const char *seeds = arguments_value(arguments, OPTION_SEEDS);
    int64_t ops = DEFAULT_OPS;
    out->first = 1;
    out->last = 1;
    if (seeds != NULL) LS_TRY(ls_campaign_seeds(seeds, &out->first, &out->last, why));
    LS_TRY(arguments_number(arguments, OPTION_OPS, ops_range, &ops, why));
    LS_TRY(read_faults(arguments_value(arguments, OPTION_FAULTS), &out->is_calm, why));
    out->op_count = (int32_t)ops;
    out->is_once = arguments_has(arguments, OPTION_ONCE);
    out->is_kills = arguments_has(arguments, OPTION_KILLS);
    if (!arguments_has(arguments, OPTION_TRACE)) return LS_OK;
    out->trace = print_line;
    out->trace_self = arguments_has(arguments, OPTION_JSON) ? stderr : stdout;
    return LS_OK;
}

/* The command that shows what went wrong once more. */
static void write_replay(const struct ls_campaign_options *options,
                         const struct ls_campaign_result *result,
                         char out[REPLAY_BYTES])
{
    (void)snprintf(out, REPLAY_BYTES,
                   "lockstep sim run --seeds %" PRIu64 " --ops %" PRId32 "%s%s",
                   result->bad_seed, options->op_count,
                   options->is_calm && !options->is_kills ? " --faults none" : "",
                   options->is_kills ? " --kills" : " --trace");
}

static void complain_bad(const struct ls_campaign_options *options,
                         const struct ls_campaign_result *result)
{
    char replay[REPLAY_BYTES];
    char at[64] = "";
    write_replay(options, result, replay);
    if (result->bad_kill_at > 0) {
        (void)snprintf(at, sizeof at, ", killed %s effect %" PRId64,
                       result->bad_kill_behind ? "behind" : "before", result->bad_kill_at);
    }
    complain("sim run", "seed %" PRIu64 "%s: violated%s: %s; replay: %s", result->bad_seed, at,
             result->violated, result->failure, replay);
}

static enum ls_exit print_json(const struct ls_campaign_options *options,
                               const struct ls_campaign_result *result)
{
    struct ls_buf out;
    char replay[REPLAY_BYTES];
    const bool is_bad = result->failure[0] != '\0';
    ls_buf_init(&out, OUT_BYTES_MAX);
    ls_buf_add_char(&out, '{');
    out_json_number(&out, "seeds", result->seeds);
    out_json_number(&out, "trials", result->trials);
    out_json_number(&out, "ops", result->ops);
    out_json_number(&out, "steps", result->steps);
    out_json_number(&out, "effects", result->effects);
    out_json_number(&out, "kills", result->kills);
    out_json_number(&out, "stalls", result->stalls);
    out_json_number(&out, "actions", result->actions);
    out_json_number(&out, "resolved", result->resolved);
    out_json_number(&out, "stale_rows", result->stale_rows);
    out_json_number(&out, "violations", is_bad ? 1 : 0);
    if (is_bad) {
        write_replay(options, result, replay);
        out_json_number(&out, "bad_seed", (int64_t)result->bad_seed);
        out_json_field(&out, "violated", result->violated + 1);
        out_json_field(&out, "failure", result->failure);
        out_json_field(&out, "replay", replay);
    }
    ls_buf_add_text(&out, "}\n");
    return out_print(&out);
}

static enum ls_exit print_text(const struct ls_campaign_result *result)
{
    struct ls_buf out;
    ls_buf_init(&out, OUT_BYTES_MAX);
    ls_buf_printf(&out,
                  "%" PRId64 " seeds, %" PRId64 " trials, %" PRId64 " operations, %" PRId64
                  " steps, %" PRId64 " effects\n"
                  "%" PRId64 " kills, %" PRId64 " stalls, %" PRId64 " stale rows, %" PRId64
                  " actions, %" PRId64 " resolved by a person\n"
                  "%s\n",
                  result->seeds, result->trials, result->ops, result->steps, result->effects,
                  result->kills, result->stalls, result->stale_rows, result->actions,
                  result->resolved, result->failure[0] == '\0' ? "no violation" : "VIOLATED");
    return out_print(&out);
}

enum ls_exit command_sim_run(const struct command_call *call)
{
    struct ls_campaign_options options = {0};
    struct ls_campaign_result result;
    struct ls_why why = {0};
    ls_err err = read_options(call->arguments, &options, &why);
    if (!ls_failed(err)) err = ls_campaign_run(&options, &result, &why);
    if (ls_failed(err)) return complain_err("sim run", err, &why);

    const enum ls_exit shown = arguments_has(call->arguments, OPTION_JSON)
                                   ? print_json(&options, &result)
                                   : print_text(&result);
    if (result.failure[0] == '\0') return shown;
    complain_bad(&options, &result);
    return LS_EXIT_DIFFERENCE;
}
