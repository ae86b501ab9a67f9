/* Campaigns: many trials, one after another, what they came to, and the smallest case that
 * still shows what went wrong. */
#ifndef LOCKSTEP_TRIAL_CAMPAIGN_H
#define LOCKSTEP_TRIAL_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"
#include "lockstep/trial/trial.h"

/* All that a trial follows from. */
struct ls_case {
    uint64_t seed;
    int32_t op_count;
    enum ls_policy policy;
    uint64_t faults;
    int64_t chaos_ms; /* 0: as the seed says */
    int64_t kill_at;  /* 0: as the seed says */
    bool kill_behind;
    uint8_t dropped[LS_TRIAL_OPS_MAX / 8 + 1]; /* bit i: operation i is left out */
};
/* Run it. Errors as ls_trial_run. `wanted`, trace: as in ls_trial_options. */
LS_MUST_CHECK ls_err ls_case_run(const struct ls_case *one,
                                 const char *wanted,
                                 void (*trace)(void *self, const char *line),
                                 void *trace_self,
                                 struct ls_trial_result *result_out,
                                 struct ls_why *why);
/* Leave out all operations but those that `text` ("3,7,12") names. LS_CODE_INVALID. */
LS_MUST_CHECK ls_err ls_case_only(struct ls_case *one, const char *text, struct ls_why *why);
/* Append the command that runs it. */
void ls_case_command(const struct ls_case *one, struct ls_buf *out);
/* Leave out of `one`, which violates `rule`, what it does not need for it: faults, time,
 * operations. At most `runs_max` trials. Errors as ls_trial_run. */
LS_MUST_CHECK ls_err ls_case_minimise(struct ls_case *one,
                                      const char *rule,
                                      int32_t runs_max,
                                      struct ls_why *why);

struct ls_campaign_options {
    uint64_t first, last; /* seeds */
    struct ls_case pattern;
    bool is_once;  /* not each seed twice */
    bool is_kills; /* each seed calmly, and killed once before and once behind every effect */
    int32_t minimise_max; /* trials that a smaller case may cost; 0: none is looked for */
    void (*trace)(void *self, const char *line); /* of the first run of each; NULL: none */
    void *trace_self;
};

struct ls_campaign_result {
    int64_t seeds, trials, ops, steps, effects;
    int64_t fired[LS_FAULT_COUNT];
    int64_t resolved, stale_rows, packed, chained, refused;
    int64_t duplicates, lost, misjudged;  /* as in ls_trial_result */
    char failure[LS_TRIAL_FAILURE_BYTES]; /* "" when nothing was violated */
    char violated[LS_TRIAL_RULES_BYTES];
    struct ls_case bad; /* the case that went wrong, as small as it was made */
};

/* Run until the first violation, or until two runs of one seed differ. Errors as
 * ls_trial_run. */
LS_MUST_CHECK ls_err ls_campaign_run(const struct ls_campaign_options *options,
                                     struct ls_campaign_result *result_out,
                                     struct ls_why *why);

/* What a policy came to on the schedules of a campaign. */
struct ls_compare_row {
    int64_t ops, duplicates, lost, misjudged;
};
/* Run the seeds under every policy, each once. Errors as ls_trial_run. */
LS_MUST_CHECK ls_err ls_compare_run(const struct ls_campaign_options *options,
                                    struct ls_compare_row rows_out[LS_POLICY_COUNT],
                                    struct ls_why *why);

/* "A..B" or "A" as a range of seeds. LS_CODE_INVALID with `why`. */
LS_MUST_CHECK ls_err ls_campaign_seeds(const char *text,
                                       uint64_t *first_out,
                                       uint64_t *last_out,
                                       struct ls_why *why);

#endif
