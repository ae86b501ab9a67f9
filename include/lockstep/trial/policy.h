/* Models of rules by which other systems send to such a ledger, to be tried on the same
 * schedules of operations and faults as ours: that they fail shows that the judge can see.
 *
 * Each keeps its rows in a table with the same faults, asks the same simulated nodes and is
 * careful in everything but its one rule: it writes before it sends, it takes nothing below
 * finalized for done, and it signs anew only once the finalized height has passed the last
 * valid one and two looks into the history found nothing. */
#ifndef LOCKSTEP_TRIAL_POLICY_H
#define LOCKSTEP_TRIAL_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum ls_policy {
    LS_POLICY_OURS,               /* the real worker */
    LS_POLICY_RESIGN_TIMEOUT,     /* signs anew after a time on the wall clock */
    LS_POLICY_FEE_BUMP,           /* signs anew with a higher fee while the first may land */
    LS_POLICY_SEND_BEFORE_STORE,  /* writes down what it sent once it was accepted */
    LS_POLICY_TTL_FORGET,         /* its memory of attempts expires */
    LS_POLICY_ERROR_IS_ABSENT,    /* takes a failed look for "not found" */
    LS_POLICY_NEW_KEYPAIR_RETRY,  /* repeats what failed with a key made anew */
    LS_POLICY_CONFIRMED_IS_FINAL, /* takes confirmed for done */
    LS_POLICY_HEIGHT_PASSED,      /* the careful rule alone, without a certificate */
    LS_POLICY_COUNT
};
/* "resign-after-timeout". */
const char *ls_policy_name(enum ls_policy policy);
/* The rule in one line. */
const char *ls_policy_rule(enum ls_policy policy);
/* LS_CODE_INVALID with `why` that lists them. */
LS_MUST_CHECK ls_err ls_policy_find(const char *name, enum ls_policy *out, struct ls_why *why);

#endif
