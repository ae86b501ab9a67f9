/* One case: run it, write it, make it smaller. */
#include <inttypes.h>
#include <string.h>

#include "lockstep/trial/campaign.h"
#include "number.h"

static bool is_dropped(const struct ls_case *one, int32_t op)
{
    return (one->dropped[op / 8] >> (op % 8) & 1) != 0;
}

static void set_dropped(struct ls_case *one, int32_t op, bool is_out)
{
    const uint8_t bit = (uint8_t)(1u << (op % 8));
    if (is_out) {
        one->dropped[op / 8] |= bit;
    } else {
        one->dropped[op / 8] &= (uint8_t)~bit;
    }
}

static bool drop(void *self, int32_t op)
{
    return is_dropped(self, op);
}

ls_err ls_case_run(const struct ls_case *one,
                   const char *wanted,
                   void (*trace)(void *self, const char *line),
                   void *trace_self,
                   struct ls_trial_result *result_out,
                   struct ls_why *why)
{
    struct ls_case copy = *one;
    const struct ls_trial_options options = {.seed = one->seed,
                                             .op_count = one->op_count,
                                             .faults = one->faults,
                                             .policy = one->policy,
                                             .chaos_ms = one->chaos_ms,
                                             .is_dropped = drop,
                                             .drop_self = &copy,
                                             .kill_at = one->kill_at,
                                             .kill_behind = one->kill_behind,
                                             .wanted = wanted,
                                             .trace = trace,
                                             .trace_self = trace_self};
    return ls_trial_run(&options, result_out, why);
}

ls_err ls_case_only(struct ls_case *one, const char *text, struct ls_why *why)
{
    for (int32_t op = 1; op <= one->op_count; op++) set_dropped(one, op, true);
    for (const char *at = text;; at++) {
        uint64_t op = 0;
        if (!number_read(&at, &op) || op < 1 || op > (uint64_t)one->op_count ||
            (*at != ',' && *at != '\0')) {
            return ls_refuse(why, LS_CODE_INVALID, "only",
                             "'%s' names no operations; write numbers from 1 to %" PRId32
                             " as in 3,7,12",
                             text, one->op_count);
        }
        set_dropped(one, (int32_t)op, false);
        if (*at == '\0') return LS_OK;
    }
}

static int32_t count_dropped(const struct ls_case *one)
{
    int32_t count = 0;
    for (int32_t op = 1; op <= one->op_count; op++) count += is_dropped(one, op) ? 1 : 0;
    return count;
}

void ls_case_command(const struct ls_case *one, struct ls_buf *out)
{
    const char *comma = " --only ";
    ls_buf_printf(out, "lockstep sim run --seeds %" PRIu64 " --ops %" PRId32 " --faults ",
                  one->seed, one->op_count);
    ls_faults_write(one->faults, out);
    if (one->policy != LS_POLICY_OURS)
        ls_buf_printf(out, " --policy %s", ls_policy_name(one->policy));
    if (one->chaos_ms > 0) ls_buf_printf(out, " --chaos-ms %" PRId64, one->chaos_ms);
    if (one->kill_at > 0) {
        ls_buf_printf(out, " --kill-%s %" PRId64, one->kill_behind ? "behind" : "before",
                      one->kill_at);
    }
    if (count_dropped(one) == 0) return;
    for (int32_t op = 1; op <= one->op_count; op++) {
        if (is_dropped(one, op)) continue;
        ls_buf_printf(out, "%s%" PRId32, comma, op);
        comma = ",";
    }
}

/* The search for a smaller case. */
struct search {
    struct ls_case *best;
    const char *rule;
    int32_t runs_left;
    struct ls_why *why;
};

/* Take `candidate` when it still violates the rule. */
static ls_err
try_case(struct search *search, const struct ls_case *candidate, bool *is_taken_out)
{
    struct ls_trial_result result;
    *is_taken_out = false;
    if (search->runs_left <= 0) return LS_OK;
    search->runs_left--;
    LS_TRY(ls_case_run(candidate, search->rule, NULL, NULL, &result, search->why));
    *is_taken_out = strstr(result.violated, search->rule) != NULL;
    if (*is_taken_out) *search->best = *candidate;
    return LS_OK;
}

static ls_err fewer_faults(struct search *search)
{
    for (int fault = 0; fault < LS_FAULT_COUNT; fault++) {
        struct ls_case candidate = *search->best;
        bool is_taken = false;
        if ((candidate.faults & LS_FAULT_BIT(fault)) == 0) continue;
        candidate.faults &= ~LS_FAULT_BIT(fault);
        if (candidate.faults == LS_FAULTS_NONE && candidate.chaos_ms == 0) continue;
        LS_TRY(try_case(search, &candidate, &is_taken));
    }
    return LS_OK;
}

static ls_err less_time(struct search *search)
{
    for (bool is_taken = true; is_taken && search->best->chaos_ms > 1;) {
        struct ls_case candidate = *search->best;
        candidate.chaos_ms /= 2;
        LS_TRY(try_case(search, &candidate, &is_taken));
    }
    return LS_OK;
}

/* Leave out `size` operations at a time, from the last on. */
static ls_err fewer_ops(struct search *search, int32_t size)
{
    for (int32_t end = search->best->op_count; end >= 1; end -= size) {
        struct ls_case candidate = *search->best;
        bool is_taken = false;
        for (int32_t op = end; op > end - size && op >= 1; op--)
            set_dropped(&candidate, op, true);
        const int32_t dropped = count_dropped(&candidate);
        if (dropped == count_dropped(search->best) || dropped == candidate.op_count) continue;
        LS_TRY(try_case(search, &candidate, &is_taken));
    }
    return LS_OK;
}

ls_err
ls_case_minimise(struct ls_case *one, const char *rule, int32_t runs_max, struct ls_why *why)
{
    struct search search = {.best = one, .rule = rule, .runs_left = runs_max, .why = why};
    struct ls_trial_result result;
    LS_TRY(ls_case_run(one, rule, NULL, NULL, &result, why));
    if (one->chaos_ms == 0) one->chaos_ms = result.chaos_ms; /* the same, but said */
    LS_TRY(fewer_faults(&search));
    for (int32_t size = one->op_count / 2; size >= 1; size /= 2)
        LS_TRY(fewer_ops(&search, size));
    LS_TRY(less_time(&search));
    return fewer_faults(&search);
}
