#include "lockstep/core/batch.h"

#include <string.h>

static const char *const policy_names[LS_BATCH_POLICY_COUNT] = {"best_effort", "ordered",
                                                                "saga", "atomic"};
static const char *const state_names[LS_BATCH_STATE_COUNT] = {
    "open", "sealed", "compensating", "finished", "compensated", "compensation_failed"};

const char *ls_batch_policy_name(enum ls_batch_policy policy)
{
    return (unsigned)policy < LS_BATCH_POLICY_COUNT ? policy_names[policy] : "unknown";
}

const char *ls_batch_state_name(enum ls_batch_state state)
{
    return (unsigned)state < LS_BATCH_STATE_COUNT ? state_names[state] : "unknown";
}

bool ls_batch_policy_parse(const char *name, enum ls_batch_policy *policy_out)
{
    for (int i = 0; i < LS_BATCH_POLICY_COUNT; i++) {
        if (strcmp(name, policy_names[i]) != 0) continue;
        *policy_out = (enum ls_batch_policy)i;
        return true;
    }
    return false;
}
