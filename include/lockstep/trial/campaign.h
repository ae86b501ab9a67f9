/* Campaigns: many trials, one after another, and what they came to. */
#ifndef LOCKSTEP_TRIAL_CAMPAIGN_H
#define LOCKSTEP_TRIAL_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/trial/trial.h"

struct ls_campaign_options {
    uint64_t first, last; /* seeds */
    int32_t op_count;     /* of one trial */
    bool is_calm;
    bool is_once;  /* not each seed twice */
    bool is_kills; /* each seed calmly, and killed once before and once after every effect */
    void (*trace)(void *self, const char *line); /* of the first run of each; NULL: none */
    void *trace_self;
};

struct ls_campaign_result {
    int64_t seeds, trials, ops, steps, effects;
    int64_t kills, stalls, actions, resolved, stale_rows;
    /* the trial that went wrong, and how; "" when none did */
    uint64_t bad_seed;
    int64_t bad_kill_at;
    bool bad_kill_behind;
    char failure[LS_TRIAL_FAILURE_BYTES];
    char violated[LS_TRIAL_RULES_BYTES];
};

/* Run until the first violation, or until two runs of one seed differ. LS_CODE_INVALID
 * with `why` when an option is out of range; LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_campaign_run(const struct ls_campaign_options *options,
                                     struct ls_campaign_result *result_out,
                                     struct ls_why *why);

/* "A..B" or "A" as a range of seeds. LS_CODE_INVALID with `why`. */
LS_MUST_CHECK ls_err ls_campaign_seeds(const char *text,
                                       uint64_t *first_out,
                                       uint64_t *last_out,
                                       struct ls_why *why);

#endif
