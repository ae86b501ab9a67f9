/* What an operation is: its kinds, its states, and the one table of moves between them.
 *
 * This table is the only source of the lifecycle: the engine, the in-memory store and
 * PostgreSQL (`lockstep.transition` is filled from it) refuse any other move.
 * Numbers are stored in the database: never renumber one. */
#ifndef LOCKSTEP_CORE_OP_H
#define LOCKSTEP_CORE_OP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Operation id, given by the database, > 0. */
typedef struct ls_op_id {
    int64_t value;
} ls_op_id;

enum { LS_KEY_BYTES_MAX = 200, LS_ENTITY_BYTES_MAX = 200, LS_CAUSE_BYTES_MAX = 200 };
enum { LS_PAYLOAD_BYTES_MAX = 16384, LS_REASON_BYTES_MAX = 500 };
enum { LS_LANE_COUNT = 4 }; /* 0 urgent .. 3 bulk */

enum ls_kind {
    LS_KIND_NONE = 0,
    LS_KIND_MEMO = 1,
    LS_KIND_EVENT = 2,
    LS_KIND_SOL_TRANSFER = 3,
    LS_KIND_TOKEN_CREATE_MINT = 4,
    LS_KIND_TOKEN_MINT_TO = 5,
    LS_KIND_TOKEN_BURN = 6,
    LS_KIND_TOKEN_TRANSFER = 7,
    LS_KIND_ACCOUNT_CREATE = 8,
    LS_KIND_PROGRAM_INVOKE = 9,
    LS_KIND_NONCE = 10, /* lockstep's own: accounts of the pool of nonces */
};
enum { LS_KIND_MAX = 10 };

enum ls_state {
    LS_STATE_READY = 0,     /* claimable once due and not gated */
    LS_STATE_BLOCKED = 1,   /* a predecessor is not finished */
    LS_STATE_LEASED = 2,    /* a worker owns a token; no attempt of this round exists */
    LS_STATE_SUBMITTED = 3, /* an attempt is durable: its bytes may have left */
    LS_STATE_HELD = 4,      /* a person must decide */
    LS_STATE_FAILED = 5,    /* permanent error or rounds exhausted, every attempt dead */
    LS_STATE_DONE = 6,      /* finalized on chain */
    LS_STATE_CANCELLED = 7,
    LS_STATE_COMPENSATED = 8,
};
enum { LS_STATE_COUNT = 9 };

enum ls_sub {
    LS_SUB_NONE = 0,
    LS_SUB_DUE = 1,           /* ready: derived, run_at has passed and no attempt was made */
    LS_SUB_SCHEDULED = 2,     /* ready: derived, run_at is to come and no attempt was made */
    LS_SUB_BACKOFF = 3,       /* ready: derived, waits (or is due) after a failed attempt */
    LS_SUB_GATED = 4,         /* ready: stored; a gate is on */
    LS_SUB_ENTITY = 10,       /* blocked: an earlier operation of its entity is not finished */
    LS_SUB_DEPENDENCY = 11,   /* blocked: the operation that its payload names is not done */
    LS_SUB_BATCH = 12,        /* blocked: its batch is not sealed, or its turn has not come */
    LS_SUB_SENT = 20,         /* submitted: the attempt is durable and may have been sent */
    LS_SUB_CONFIRMED = 21,    /* submitted: seen at commitment confirmed; provisional */
    LS_SUB_REJECTED = 22,     /* submitted: a node's preflight refused it; certificate due */
    LS_SUB_CERTIFYING = 23,   /* submitted: past its last valid height, proof is sought */
    LS_SUB_OPERATOR = 30,     /* held by a person */
    LS_SUB_AMBIGUOUS = 31,    /* held: whether it landed could not be proved */
    LS_SUB_POLICY = 32,       /* held by a rule, e.g. no signer for an address */
    LS_SUB_COMPENSATING = 41, /* done: its compensation is under way */
    LS_SUB_COMPENSATION_FAILED = 42, /* done: its compensation failed */
    LS_SUB_HOOK_FAILED = 43, /* done: its kind's on_settled function has not succeeded yet */
};

/* Who may make a move. */
enum ls_mover {
    LS_MOVER_WORKER = 1,   /* the engine, with a fencing token where an op is owned */
    LS_MOVER_OPERATOR = 2, /* a person, audited */
    LS_MOVER_STORE = 4,    /* the store's own promotion and recovery */
};

struct ls_transition {
    enum ls_state from;
    enum ls_state to;
    unsigned movers;  /* enum ls_mover, or-ed */
    const char *name; /* for traces and documents */
};

/* The whole table; `count_out` rows. Static storage. */
const struct ls_transition *ls_transitions(size_t *count_out);
/* Whether `mover` may move an operation from `from` to `to`. */
bool ls_transition_allowed(enum ls_state from, enum ls_state to, enum ls_mover mover);

/* done, cancelled, compensated: the row moves to history. failed stays live. */
bool ls_state_is_terminal(enum ls_state state);
/* Names as in SQL and JSON ("ready", "token.mint_to"); "" for LS_SUB_NONE. Unknown
 * numbers give "unknown". Static storage. */
const char *ls_state_name(enum ls_state state);
const char *ls_sub_name(enum ls_sub sub);
/* What the address is that an operation of this kind makes or names: "account" for
 * account.create and the pool's nonces, else "mint". */
const char *ls_kind_makes(enum ls_kind kind);
const char *ls_kind_name(enum ls_kind kind);
/* The value of a name; false when there is none, output untouched. */
bool ls_state_parse(const char *name, enum ls_state *state_out);
bool ls_sub_parse(const char *name, enum ls_sub *sub_out);
bool ls_kind_parse(const char *name, enum ls_kind *kind_out);

/* What stops a second landing of an operation, chosen when it is enqueued. */
enum ls_fence {
    LS_FENCE_EXPIRY = 0, /* no new attempt without a certificate that the old one is dead */
    LS_FENCE_NONCE = 1,  /* all attempts share one durable nonce, which only one can use */
    LS_FENCE_MARKER = 2, /* each attempt creates one same account; a second landing aborts */
};
enum { LS_FENCE_COUNT = 3 };
const char *ls_fence_name(enum ls_fence fence); /* "expiry", "nonce", "marker" */
bool ls_fence_parse(const char *name, enum ls_fence *fence_out);

/* A nonce account of the pool. */
enum ls_nonce_state {
    LS_NONCE_IDLE = 0,    /* free: the next operation of fence nonce may have it */
    LS_NONCE_BOUND = 1,   /* one operation has it */
    LS_NONCE_BAD = 2,     /* broken: nobody has it before it was advanced */
    LS_NONCE_CLOSING = 3, /* its account is being closed */
};
enum { LS_NONCE_STATE_COUNT = 4 };
const char *ls_nonce_state_name(enum ls_nonce_state state); /* "free", "bound", … */

/* A person's wish for a submitted operation, honoured when its attempt is proved dead. */
enum ls_request { LS_REQUEST_NONE = 0, LS_REQUEST_HOLD = 1, LS_REQUEST_CANCEL = 2 };

/* What is known of one attempt. */
enum ls_attempt_state {
    LS_ATTEMPT_LIVE = 0,    /* durable; it may land */
    LS_ATTEMPT_DEAD = 1,    /* certified: it can no longer land */
    LS_ATTEMPT_LANDED = 2,  /* finalized without error */
    LS_ATTEMPT_ERRORED = 3, /* finalized with an error: fee paid, no effect */
    /* fence nonce: finalized, and all it did was to move the nonce on: the others are dead */
    LS_ATTEMPT_ADVANCED = 4,
    /* another attempt was found landed and ended the operation; what became of this one nobody
     * knows. Its own landing would be found by reconciliation, as a duplicate. */
    LS_ATTEMPT_UNDECIDED = 5,
};
enum { LS_ATTEMPT_STATE_COUNT = 6 };
const char *ls_attempt_state_name(enum ls_attempt_state state); /* "live", "dead", … */

#endif
