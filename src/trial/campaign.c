#include "lockstep/trial/campaign.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The campaign under way. */
struct campaign {
    const struct ls_campaign_options *options;
    struct ls_campaign_result *result;
    struct ls_why *why;
};

static void add(struct ls_campaign_result *sum, const struct ls_trial_result *one)
{
    sum->trials++;
    sum->ops += one->ops;
    sum->steps += one->steps;
    sum->effects += one->effects;
    sum->kills += one->kills;
    sum->stalls += one->stalls;
    sum->actions += one->actions;
    sum->resolved += one->resolved;
    sum->stale_rows += one->stale_rows;
}

static void keep_bad(struct ls_campaign_result *result,
                     const struct ls_trial_options *options,
                     const struct ls_trial_result *one)
{
    result->bad_seed = options->seed;
    result->bad_kill_at = options->kill_at;
    result->bad_kill_behind = options->kill_behind;
    memcpy(result->failure, one->failure, sizeof result->failure);
    memcpy(result->violated, one->violated, sizeof result->violated);
}

static ls_err run_one(struct campaign *campaign,
                      const struct ls_trial_options *options,
                      struct ls_trial_result *one_out)
{
    LS_TRY(ls_trial_run(options, one_out, campaign->why));
    add(campaign->result, one_out);
    if (one_out->failure[0] != '\0') keep_bad(campaign->result, options, one_out);
    return LS_OK;
}

static bool is_bad(const struct campaign *campaign)
{
    return campaign->result->failure[0] != '\0';
}

static ls_err run_seed(struct campaign *campaign, uint64_t seed)
{
    struct ls_trial_options options = {.seed = seed,
                                       .op_count = campaign->options->op_count,
                                       .is_calm = campaign->options->is_calm,
                                       .trace = campaign->options->trace,
                                       .trace_self = campaign->options->trace_self};
    struct ls_trial_result first;
    struct ls_trial_result again;
    LS_TRY(run_one(campaign, &options, &first));
    if (is_bad(campaign) || campaign->options->is_once) return LS_OK;
    options.trace = NULL;
    LS_TRY(run_one(campaign, &options, &again));
    if (is_bad(campaign) || first.hash == again.hash) return LS_OK;
    (void)snprintf(again.failure, sizeof again.failure, "two runs of the seed differ");
    (void)snprintf(again.violated, sizeof again.violated, " replay");
    keep_bad(campaign->result, &options, &again);
    return LS_OK;
}

/* A calm run counts the effects; then each of them is the last of its process once. */
static ls_err run_kills(struct campaign *campaign, uint64_t seed)
{
    struct ls_trial_options options = {
        .seed = seed, .op_count = campaign->options->op_count, .is_calm = true};
    struct ls_trial_result calm;
    LS_TRY(run_one(campaign, &options, &calm));
    for (int64_t at = 1; !is_bad(campaign) && at <= calm.effects * 2; at++) {
        struct ls_trial_result one;
        options.kill_at = (at + 1) / 2;
        options.kill_behind = at % 2 == 0;
        LS_TRY(run_one(campaign, &options, &one));
    }
    return LS_OK;
}

ls_err ls_campaign_run(const struct ls_campaign_options *options,
                       struct ls_campaign_result *result_out,
                       struct ls_why *why)
{
    *result_out = (struct ls_campaign_result){0};
    struct campaign campaign = {options, result_out, why};
    for (uint64_t seed = options->first; seed <= options->last; seed++) {
        result_out->seeds++;
        LS_TRY(options->is_kills ? run_kills(&campaign, seed) : run_seed(&campaign, seed));
        if (is_bad(&campaign) || seed == UINT64_MAX) break;
    }
    return LS_OK;
}

/* Digits from `*at` on, moving it behind them; false when there are none or too many. */
static bool read_seed(const char **at, uint64_t *out)
{
    const char *begin = *at;
    uint64_t seed = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        const uint64_t digit = (uint64_t)(**at - '0');
        if (seed > (UINT64_MAX - digit) / 10) return false;
        seed = seed * 10 + digit;
    }
    *out = seed;
    return *at != begin;
}

ls_err
ls_campaign_seeds(const char *text, uint64_t *first_out, uint64_t *last_out, struct ls_why *why)
{
    const char *at = text;
    uint64_t first = 0;
    bool is_good = read_seed(&at, &first);
    uint64_t last = first;
    if (is_good && strncmp(at, "..", 2) == 0) {
        at += 2;
        is_good = read_seed(&at, &last);
    }
    if (!is_good || *at != '\0' || first > last) {
        return ls_refuse(why, LS_CODE_INVALID, "seeds",
                         "%s is no range of seeds; write A..B with A <= B, or one number",
                         text);
    }
    *first_out = first;
    *last_out = last;
    return LS_OK;
}
