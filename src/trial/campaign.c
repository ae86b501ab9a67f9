#include "lockstep/trial/campaign.h"

#include <stdio.h>
#include <string.h>

#include "number.h"

enum { RULE_BYTES = 16 };

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
    sum->resolved += one->resolved;
    sum->stale_rows += one->stale_rows;
    sum->packed += one->packed;
    sum->chained += one->chained;
    sum->refused += one->refused;
    sum->duplicates += one->duplicates;
    sum->lost += one->lost;
    sum->misjudged += one->misjudged;
    for (size_t i = 0; i < LS_FAULT_COUNT; i++) sum->fired[i] += one->fired[i];
}

static void keep_bad(struct ls_campaign_result *result,
                     const struct ls_case *bad,
                     const struct ls_trial_result *one)
{
    result->bad = *bad;
    memcpy(result->failure, one->failure, sizeof result->failure);
    memcpy(result->violated, one->violated, sizeof result->violated);
}

static ls_err run_one(struct campaign *campaign,
                      const struct ls_case *one,
                      bool is_traced,
                      struct ls_trial_result *one_out)
{
    const struct ls_campaign_options *options = campaign->options;
    LS_TRY(ls_case_run(one, NULL, is_traced ? options->trace : NULL, options->trace_self,
                       one_out, campaign->why));
    add(campaign->result, one_out);
    if (one_out->failure[0] != '\0') keep_bad(campaign->result, one, one_out);
    return LS_OK;
}

static bool is_bad(const struct campaign *campaign)
{
    return campaign->result->failure[0] != '\0';
}

static ls_err run_seed(struct campaign *campaign, const struct ls_case *one)
{
    struct ls_trial_result first;
    struct ls_trial_result again;
    LS_TRY(run_one(campaign, one, true, &first));
    if (is_bad(campaign) || campaign->options->is_once) return LS_OK;
    LS_TRY(run_one(campaign, one, false, &again));
    if (is_bad(campaign) || first.hash == again.hash) return LS_OK;
    (void)snprintf(again.failure, sizeof again.failure, "two runs of the seed differ");
    (void)snprintf(again.violated, sizeof again.violated, " replay");
    keep_bad(campaign->result, one, &again);
    return LS_OK;
}

/* A calm run counts the effects; then each of them is the last of its process once. */
static ls_err run_kills(struct campaign *campaign, const struct ls_case *pattern)
{
    struct ls_case one = *pattern;
    struct ls_trial_result calm;
    one.faults = LS_FAULTS_NONE;
    LS_TRY(run_one(campaign, &one, true, &calm));
    for (int64_t at = 1; !is_bad(campaign) && at <= calm.effects * 2; at++) {
        struct ls_trial_result killed;
        one.kill_at = (at + 1) / 2;
        one.kill_behind = at % 2 == 0;
        LS_TRY(run_one(campaign, &one, false, &killed));
    }
    return LS_OK;
}

/* The first rule that was violated. */
static bool first_rule(const struct ls_campaign_result *result, char rule_out[RULE_BYTES])
{
    const size_t length = strcspn(result->failure, " ");
    if (length >= RULE_BYTES || strcmp(result->violated, " replay") == 0) return false;
    memcpy(rule_out, result->failure, length);
    rule_out[length] = '\0';
    return true;
}

ls_err ls_campaign_run(const struct ls_campaign_options *options,
                       struct ls_campaign_result *result_out,
                       struct ls_why *why)
{
    char rule[RULE_BYTES];
    *result_out = (struct ls_campaign_result){0};
    struct campaign campaign = {options, result_out, why};
    struct ls_case one = options->pattern;
    for (uint64_t seed = options->first; seed <= options->last; seed++) {
        one.seed = seed;
        result_out->seeds++;
        LS_TRY(options->is_kills ? run_kills(&campaign, &one) : run_seed(&campaign, &one));
        if (is_bad(&campaign) || seed == UINT64_MAX) break;
    }
    if (!is_bad(&campaign) || options->minimise_max == 0 || !first_rule(result_out, rule))
        return LS_OK;
    return ls_case_minimise(&result_out->bad, rule, options->minimise_max, why);
}

ls_err
ls_campaign_seeds(const char *text, uint64_t *first_out, uint64_t *last_out, struct ls_why *why)
{
    const char *at = text;
    uint64_t first = 0;
    bool is_good = number_read(&at, &first);
    uint64_t last = first;
    if (is_good && strncmp(at, "..", 2) == 0) {
        at += 2;
        is_good = number_read(&at, &last);
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

ls_err ls_compare_run(const struct ls_campaign_options *options,
                      struct ls_compare_row rows_out[LS_POLICY_COUNT],
                      struct ls_why *why)
{
    for (int i = 0; i < LS_POLICY_COUNT; i++) rows_out[i] = (struct ls_compare_row){0};
    struct ls_case one = options->pattern;
    for (uint64_t seed = options->first; seed <= options->last; seed++) {
        one.seed = seed;
        for (int i = 0; i < LS_POLICY_COUNT; i++) {
            struct ls_trial_result result;
            one.policy = (enum ls_policy)i;
            LS_TRY(ls_case_run(&one, NULL, NULL, NULL, &result, why));
            rows_out[i].ops += result.ops;
            rows_out[i].duplicates += result.duplicates;
            rows_out[i].lost += result.lost;
            rows_out[i].misjudged += result.misjudged;
        }
        if (seed == UINT64_MAX) break;
    }
    return LS_OK;
}
