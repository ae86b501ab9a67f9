/* What an operator can do, as one record: the console, the command line and tests all
 * act through it, and the store performs it in one audited transaction. */
#ifndef LOCKSTEP_CORE_ACTION_H
#define LOCKSTEP_CORE_ACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/core/op.h"

enum ls_verb {
    LS_VERB_RETRY = 1,
    LS_VERB_COMPENSATE,
    LS_VERB_HOLD,
    LS_VERB_RELEASE,
    LS_VERB_CANCEL,
    LS_VERB_RESOLVE_LANDED, /* held(ambiguous): `signature` is tracked to finality */
    LS_VERB_RESOLVE_NEVER,  /* held(ambiguous): a person vouches; becomes failed */
    LS_VERB_ALERT_ACK,
    LS_VERB_ALERT_RESOLVE,
    LS_VERB_GATE_ON,
    LS_VERB_GATE_OFF,
    LS_VERB_WORKER_PAUSE,
    LS_VERB_WORKER_RESUME,
    LS_VERB_HOOK_ADD,         /* the kind `selector` gets the on_settled function `function` */
    LS_VERB_HOOK_REMOVE,      /* the kind `selector` has none any more */
    LS_VERB_CONSUMER_DROP,    /* outcomes are kept for the consumer `selector` no longer */
    LS_VERB_WORKER_DRAIN,     /* it signs nothing more, hands back its leases and ends */
    LS_VERB_NONCE_CREATE,     /* `amount` accounts for the pool */
    LS_VERB_NONCE_ADVANCE,    /* the account `selector` */
    LS_VERB_NONCE_CLOSE,      /* the account `selector`, which holds `amount` lamports */
    LS_VERB_BATCH_RETRY,      /* what failed of `batch_id` goes again: `ops`, or all of it */
    LS_VERB_BATCH_COMPENSATE, /* what landed of it is undone, last first */
    LS_VERB_VERIFY,           /* a worker looks it up on the ledger; moves nothing */
    LS_VERB_NOTE,    /* `reason` is noted on `selector`: "op 17", "batch 3", "alert 5" */
    LS_VERB_UNDO,    /* this login's last ack, silence, claim or note, which is audit
                        entry `expected_version` (0: whatever it is) */
    LS_VERB_SILENCE, /* the alert rule `selector` for `duration_ms` */
    LS_VERB_UNSILENCE,
    LS_VERB_CLAIM, /* "op 17" or "cause NAME" is this person's for `duration_ms` */
    LS_VERB_CLAIM_RELEASE,
    LS_VERB_EDIT,       /* a new payload for `op`: ls_session_edit() */
    LS_VERB_BULK_PAUSE, /* the job `bulk_id` acts on nothing more until it is resumed */
    LS_VERB_BULK_RESUME,
    LS_VERB_BULK_ABORT,   /* what it has not acted on stays as it is */
    LS_VERB_WORKER_KINDS, /* it begins `kinds` alone, and carries on what it has */
};
enum { LS_VERB_MAX = LS_VERB_WORKER_KINDS };

/* "retry", "alert.ack" …: the audit log's and the command line's word. */
const char *ls_verb_name(enum ls_verb verb);

/* Whether `verb` can act on an operation in this state; when not, `why` says the reason
 * in words for a key's "cannot act" line ("retry needs a failed operation; op 17 is
 * done"). The store decides again, under a lock. `kind` matters to compensate. */
bool ls_verb_allowed(enum ls_verb verb,
                     ls_op_id op,
                     enum ls_kind kind,
                     enum ls_state state,
                     enum ls_sub sub,
                     struct ls_why *why);

/* An operation as it was seen. */
struct ls_frozen_op {
    ls_op_id op;
    int64_t version;
};

struct ls_action {
    enum ls_verb verb;
    uint8_t request_id[16];   /* random; the same id performed twice acts once */
    ls_op_id op;              /* the op verbs */
    int64_t expected_version; /* of op or alert; 0: whatever it is now */
    int64_t alert_id;
    int64_t worker_id; /* 0: all that live */
    int64_t batch_id;
    const struct ls_frozen_op *ops; /* BATCH_RETRY: these alone, refused if one changed; NULL:
                                       all that failed. The caller's, until it is performed */
    size_t op_count;
    int64_t bulk_id;
    int64_t duration_ms; /* ALERT_ACK, SILENCE, CLAIM: for how long; 0: one hour */
    char selector[256];  /* gates; a kind; a consumer; a nonce account */
    uint32_t kinds;      /* WORKER_KINDS: as core/kinds.h has them, 0: all */
    uint64_t amount;     /* NONCE_CREATE, NONCE_CLOSE */
    char function[256];  /* HOOK_ADD: SCHEMA.NAME */
    char reason[LS_REASON_BYTES_MAX + 1];    /* required, not blank */
    char signature[LS_SIGNATURE_TEXT_BYTES]; /* RESOLVE_LANDED, base58 */
    char os_user[64];                        /* claims that the audit log records as such */
    char tty[64];
};

struct ls_action_result {
    ls_err err;        /* OK; REFUSED (state, version, role); NOT_FOUND; UNAVAILABLE; UNKNOWN */
    struct ls_why why; /* the outcome in one line, also on success */
    int64_t audit_seq; /* 0 when nothing was done */
    int64_t new_op;    /* compensate: the operation that undoes it */
    bool was_repeat;   /* this request id had been performed before */
};

#endif
