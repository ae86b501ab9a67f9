#include "lockstep/trial/policy.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *rule;
} rows[LS_POLICY_COUNT] = {
    [LS_POLICY_OURS] = {"ours", "the real worker"},
    [LS_POLICY_RESIGN_TIMEOUT] = {"resign-after-timeout",
                                  "not seen after 30 s on the wall clock: signed anew"},
    [LS_POLICY_FEE_BUMP] =
        {"fee-bump", "not seen after 5 s: signed anew with a higher fee, within validity"},
    [LS_POLICY_SEND_BEFORE_STORE] = {"send-before-store",
                                     "the signature is written down once a node accepted it"},
    [LS_POLICY_TTL_FORGET] = {"ttl-forget",
                              "what was sent is remembered for 20 s, then it counts as new"},
    [LS_POLICY_ERROR_IS_ABSENT] = {"error-is-absent",
                                   "a look that failed is taken for not found: signed anew"},
    [LS_POLICY_NEW_KEYPAIR_RETRY] = {"new-keypair-retry",
                                     "a send that failed is repeated with a new key"},
    [LS_POLICY_CONFIRMED_IS_FINAL] = {"confirmed-is-final",
                                      "done as soon as one node calls it confirmed"},
    [LS_POLICY_HEIGHT_PASSED] = {"height-passed",
                                 "not found twice, its last height final: signed anew"},
};

const char *ls_policy_name(enum ls_policy policy)
{
    assert(policy < LS_POLICY_COUNT);
    return rows[policy].name;
}

const char *ls_policy_rule(enum ls_policy policy)
{
    assert(policy < LS_POLICY_COUNT);
    return rows[policy].rule;
}

ls_err ls_policy_find(const char *name, enum ls_policy *out, struct ls_why *why)
{
    for (int i = 0; i < LS_POLICY_COUNT; i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        *out = (enum ls_policy)i;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_INVALID, "policy",
                     "'%s' is no policy; use ours, resign-after-timeout, fee-bump, "
                     "send-before-store, ttl-forget, error-is-absent, new-keypair-retry, "
                     "confirmed-is-final or height-passed",
                     name);
}
