/* The judge of the demonstration: what the ledger holds against what the database says.
 *
 * Each operation's memo carries its tag. Done must have exactly one successful landing,
 * failed and cancelled none, everything else at most one. */
#ifndef LOCKSTEP_DEMO_DEMO_AUDIT_H
#define LOCKSTEP_DEMO_DEMO_AUDIT_H

#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/store/session.h"

enum { DEMO_AUDIT_LANDINGS_MAX = 4000000 };

struct demo_audit {
    int64_t operations; /* that applications enqueued */
    int64_t done, failed, held, cancelled, compensated, live;
    int64_t landings;   /* finalized transactions without error that carry a tag */
    int64_t duplicates; /* landings beyond the first of an operation */
    int64_t lost;       /* done or compensated without a landing */
    int64_t unwanted;   /* failed or cancelled with a landing */
    int64_t strangers;  /* landings whose tag no operation has */
};

/* LS_CODE_UNAVAILABLE when database or ledger do not answer, LS_CODE_FULL beyond the
 * maximum; `why` names which. */
LS_MUST_CHECK ls_err demo_audit_run(ls_session *session,
                                    const char *ledger_url,
                                    const struct ls_address *payer,
                                    struct demo_audit *audit_out,
                                    struct ls_why *why);

#endif
