/* The instructions of one operation while they are gathered. */
#ifndef LS_SOLANA_PLAN_H
#define LS_SOLANA_PLAN_H

#include "lockstep/solana/intent.h"
#include "lockstep/solana/program.h"

enum { PLAN_INSTRUCTIONS_MAX = 8 };

struct plan {
    const struct ls_intent *intent;
    const struct ls_intent_context *context;
    struct ls_instruction *instructions; /* room for PLAN_INSTRUCTIONS_MAX */
    size_t count;
    /* Set by plan_intent(): the intent's source, or the payer; the mint's program or NULL. */
    struct ls_address from;
    const struct ls_address *program;
};

/* Write the effect's instructions and the memo. LS_CODE_INVALID when a mint is unresolved. */
LS_MUST_CHECK ls_err plan_intent(struct plan *plan);

#endif
