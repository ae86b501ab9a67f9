#include "lockstep/core/landed.h"

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
