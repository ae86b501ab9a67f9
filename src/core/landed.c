#include "lockstep/core/landed.h"

#include <assert.h>

const char *ls_finding_name(enum ls_finding finding)
{
    switch (finding) {
    case LS_FINDING_UNRECORDED: return "unrecorded";
    case LS_FINDING_LATE: return "late landing";
    case LS_FINDING_ORPHAN: return "orphan";
    case LS_FINDING_MISMATCH: return "mismatch";
    case LS_FINDING_PHANTOM: return "phantom";
    case LS_FINDING_DUPLICATE: return "duplicate";
    case LS_FINDING_ENDED: return "cancelled but landed";
    case LS_FINDING_KNOWN: return "known";
    case LS_FINDING_SETTLED: return "settled";
    }
    return "unknown";
}

enum ls_attempt_state ls_elder_state(const struct ls_elder_look *look)
{
    assert(look != NULL);
    assert(!look->is_finalized || look->is_found);
    if (look->shares_nonce) return LS_ATTEMPT_DEAD; /* one value is used once, by the other */
    if (look->is_finalized && look->has_error) return LS_ATTEMPT_ERRORED;
    if (look->is_finalized && look->is_cancel) return LS_ATTEMPT_ADVANCED;
    if (look->is_found) return LS_ATTEMPT_UNDECIDED;
    return look->fence == LS_FENCE_MARKER ? LS_ATTEMPT_DEAD : LS_ATTEMPT_UNDECIDED;
}
