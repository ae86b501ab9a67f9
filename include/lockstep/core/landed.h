/* What a worker and a store say to each other about transactions that landed: the words of
 * catch-up and of reconciliation.
 *
 * A worker reads the ledger's list of its payers' finalized transactions, newest first, and
 * asks the store page by page (LS_STORE_LANDED) what it knows of those that carry a tag. What
 * the store does not know is fetched and compared with its intent (the adoption test), and
 * the outcome is told as a finding (LS_STORE_FIND). When a payer's list is accounted for down
 * to its watermark, the watermark rises (LS_STORE_MARK).
 *
 * The watermark is part of the store's own state. So a store that was restored, or lost
 * commits in a failover, has the watermark of that older state, and everything that it does
 * not know landed after it. */
#ifndef LOCKSTEP_CORE_LANDED_H
#define LOCKSTEP_CORE_LANDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/core/op.h"

enum {
    LS_TAG_BYTES = 16,
    LS_PAYERS_MAX = 16,   /* addresses that ever paid for this store's operations */
    LS_FINDINGS_MAX = 64, /* rows of one FIND */
    LS_PHANTOMS_MAX = 64, /* handed out by one LANDED */
    LS_PENDING_MAX = 64,  /* landings handed out by a LANDED without rows */
    LS_ELDERS_MAX = 8,    /* live attempts beside the one that landed that are looked at */
    LS_ELDER_CAUSE_BYTES = 64,
};

/* Where a store is in its own history. PostgreSQL: the cluster's system identifier, its
 * timeline, the write position, and when its server started (microseconds). A timeline or
 * identifier that changed, or a position that went back, tells of lost commits; a server that
 * started anew may have been restored. */
struct ls_store_place {
    uint64_t system_id;
    int64_t timeline;
    uint64_t position;
    int64_t started_us;
};

/* Everything of `payer` that landed at `slot` or before is accounted for in the store's
 * state. `signature` is the newest transaction of its list at that time, finalized: a list
 * that reaches as far back and lacks it is not whole. */
struct ls_watermark {
    struct ls_address payer;
    int64_t slot;           /* 0: none yet */
    int64_t signature_slot; /* 0: its list was empty */
    struct ls_signature signature;
    struct ls_store_place place; /* MARK: of the store when this reading began */
};

/* What HELLO tells of the past. */
struct ls_store_past {
    bool has_place; /* some worker has caught up before: at `place` */
    struct ls_store_place place;
    int64_t age_ms; /* since the store was made: no tag of it is older */
    size_t mark_count;
    struct ls_watermark marks[LS_PAYERS_MAX]; /* every payer that it knows, slot 0 if unread */
};

/* One landed transaction of a payer, without error, that carries a tag. */
struct ls_landed_row {
    struct ls_signature signature;
    uint8_t tag[LS_TAG_BYTES];
    int64_t slot;
};

/* A page, and the stretch of slots that it covers: after `low_slot`, to `high_slot`. With no
 * rows and high_slot 0 it asks for pending landings instead: those kept as orphans whose
 * operation has been enqueued since. */
struct ls_landed_page {
    struct ls_address payer;
    int64_t low_slot, high_slot;
    size_t count; /* 0..LS_STORE_ROWS_MAX */
    const struct ls_landed_row *rows;
};

enum ls_landed_verdict {
    LS_LANDED_UNRECORDED = 1, /* its operation is known, this attempt is not: compare */
    /* its attempt is known and was called dead or undecided, or a sibling of it is what made
     * the operation done */
    LS_LANDED_LATE,
    LS_LANDED_ORPHAN,     /* no operation has this tag */
    LS_LANDED_UNFOLLOWED, /* its attempt is known and live, and no worker follows it */
};

/* An attempt of the same operation, live, that is not the one that landed. Before the landing
 * is adopted the ledger is asked for its signature: a failover may have lost what was known of
 * it. */
struct ls_elder {
    struct ls_signature signature;
    struct ls_hash blockhash; /* fence nonce: the nonce's value */
    bool is_cancel;
};

/* What is known of an elder when the landing is adopted. */
struct ls_elder_look {
    enum ls_fence fence;
    bool is_cancel;
    bool shares_nonce; /* fence nonce: signed for the same value as the one that landed */
    /* Its status, searched for in the node's history; all false where nobody answered. */
    bool is_found;
    bool is_finalized;
    bool has_error;
};
/* What the store is told of it. Dead only where the ledger itself excludes it beside the one
 * that landed: by the nonce's value, or by the marker. A signature that no node knows proves
 * nothing under fence expiry: undecided. So is one that landed as well, without an error: the
 * list of landed transactions tells it as a landing of its own. */
enum ls_attempt_state ls_elder_state(const struct ls_elder_look *look);

struct ls_elder_end {
    struct ls_signature signature;
    enum ls_attempt_state state;      /* as ls_elder_state() says */
    int64_t slot;                     /* ERRORED, ADVANCED: where it landed */
    char cause[LS_ELDER_CAUSE_BYTES]; /* ERRORED: the error, short and stable; else "" */
};

struct ls_landed {
    size_t row; /* of the page; pending landings count from 0 */
    enum ls_landed_verdict verdict;
    struct ls_landed_row landed;
    ls_op_id op; /* all but ORPHAN; what follows: UNRECORDED */
    enum ls_kind kind;
    enum ls_state state;
    const char *key;
    const char *payload;
    size_t payload_bytes;
    bool has_mint; /* the payload's {"key": …} resolved */
    struct ls_address mint;
    const uint8_t *tx; /* pending landings: as kept; else NULL */
    size_t tx_bytes;
    enum ls_fence fence;      /* all but ORPHAN, as what follows */
    struct ls_hash blockhash; /* LATE, UNFOLLOWED: of its attempt */
    size_t elder_count;       /* 0..LS_ELDERS_MAX */
    const struct ls_elder *elders;
};

/* The store says that this landed at a slot of the page's stretch, and the page has not got
 * it: to be looked up by its signature before anything is concluded. */
struct ls_phantom {
    ls_op_id op;
    int64_t slot;
    struct ls_signature signature;
};

/* Where the operation gave its key up since it was looked up (a cancelled compensation) the
 * store makes an ORPHAN of UNRECORDED and LATE, for whoever has the key now. */
enum ls_finding {
    LS_FINDING_UNRECORDED = 1, /* landed, and equal to its intent: the store had no attempt */
    LS_FINDING_LATE,           /* landed, although its attempt was called dead */
    LS_FINDING_ORPHAN,         /* landed for an operation that the store has not got */
    LS_FINDING_MISMATCH,       /* landed with an operation's tag, but differs from its intent */
    LS_FINDING_PHANTOM,        /* done in the store, and the ledger has not got it */
    LS_FINDING_DUPLICATE,      /* landed for an operation that another landing made done */
    LS_FINDING_ENDED,          /* landed for an operation that was cancelled */
    LS_FINDING_KNOWN,          /* nothing: the store knows it by now */
    LS_FINDING_SETTLED,        /* its live attempt landed, and nobody followed it: no alert */
};
enum { LS_FINDING_COUNT = 9 };
/* "unrecorded", "late landing", "orphan", "mismatch", "phantom", "duplicate", "cancelled but
 * landed", "known", "settled". Static storage. */
const char *ls_finding_name(enum ls_finding finding);

/* UNRECORDED, LATE, ORPHAN, MISMATCH, PHANTOM or SETTLED, as the worker found it. */
struct ls_finding_row {
    enum ls_finding finding;
    ls_op_id op; /* 0 for ORPHAN */
    struct ls_landed_row landed;
    struct ls_address payer;
    struct ls_hash blockhash; /* UNRECORDED, ORPHAN, MISMATCH; with the bytes */
    const uint8_t *tx;
    size_t tx_bytes;
    bool has_mint; /* UNRECORDED: it created this mint */
    struct ls_address mint;
    int64_t finalized_height; /* when it was read */
    /* UNRECORDED, LATE, SETTLED: what became of the operation's other live attempts. Of one
     * that is not named here nobody knows: undecided. */
    size_t elder_count;
    struct ls_elder_end elders[LS_ELDERS_MAX];
};

/* What became of it. LATE and UNRECORDED become DUPLICATE or ENDED when the operation is no
 * longer live. */
struct ls_found {
    enum ls_finding finding;
    bool is_repaired; /* this request changed the store */
    ls_op_id op;
};

#endif
