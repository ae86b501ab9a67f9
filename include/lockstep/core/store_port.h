/* What the worker needs of a store: one interface, two implementations (PostgreSQL in
 * the store layer, memory in the simulator), one conformance suite that both pass.
 *
 * Asynchronous and in order: ls_store_port.begin queues a request, copying all it
 * needs; replies come back through take in the order of the requests. A request either
 * happened wholly (LS_CODE_OK), wholly not (LS_CODE_UNAVAILABLE, LS_CODE_REFUSED), or
 * nobody knows yet (LS_CODE_UNKNOWN: the reply to COMMIT was lost; the worker re-reads
 * by LS_STORE_ADOPT before it acts). After UNAVAILABLE or UNKNOWN the connection is
 * being re-made; begin refuses with UNAVAILABLE until LS_STORE_HELLO succeeds again.
 *
 * Rules that every implementation keeps:
 * - Each claim or adoption gives the operation a new fencing token, larger than any
 *   before; a row of INTENT or MOVE whose token is not the operation's newest changes
 *   nothing and is answered LS_ROW_STALE.
 * - INTENT and leased -> submitted are one transaction. Rows of one pack share a signed
 *   transaction, whose bytes carry out every member: they become durable all or none. When
 *   one is stale or refused the others are answered LS_ROW_SPLIT.
 * - With an INTENT the operation's cause is that of its attempt before, or none: why it could
 *   not be signed meanwhile is past.
 * - The first INTENT pins signer, nonce and marker on the operation. One that differs from
 *   the pins is refused unless every attempt so far is dead or errored; then it pins anew.
 *   An intent names the operation's own fence, a nonce under fence nonce alone and a marker
 *   under fence marker alone; else it is refused.
 * - Fence nonce: CLAIM hands out an operation only together with a nonce account of the pool,
 *   free and of the worker's payer as authority, which it binds to the operation; one that is
 *   bound already stays. One of a submitted operation takes further INTENTs under the same
 *   nonce (its siblings); the operation stays submitted. A MOVE frees the account, once none
 *   of the operation's attempts is live, or sets it broken; else it stays bound. What ends
 *   without an attempt gives it back, what ends by a person's word alone leaves it broken.
 *   Where the pool has no account that could ever be bound, the operations are gated.
 * - MOVE obeys ls_transitions(). A move to a terminal state takes the operation to
 *   history in the same transaction, releases its entity (promotes the next) and its
 *   dependants, and settles its compensation pair (see below).
 * - Of one entity at most one operation is ready, and none while another is under way.
 *   Promotion looks at the entity's lowest live id: when that is blocked(entity) and none of
 *   the entity is ready, leased or submitted, it becomes ready (or blocked(dependency)). A
 *   held or failed operation at the head blocks the rest; done, cancelled, compensated
 *   release.
 * - CLAIM leases with the one that is ready those right behind it in its entity, as far as
 *   all are of kinds that the worker packs, were never attempted, are kept by nothing else
 *   and fit into one transaction: a chain. The worker signs each in the transaction of the
 *   one before it or hands it back. What goes again while an earlier one of its entity is not
 *   finished becomes blocked(entity), not ready.
 * - A worker begins kinds alone that it may work on (core/kinds.h), as HELLO said or a person
 *   since: CLAIM leases no other, an atomic batch only when it may begin all of it, and a chain
 *   ends before what it may not. A person's word, as a pause, outlives the loss of the
 *   connection. Nothing else asks: ADOPT hands out what is submitted of every kind, since what
 *   was signed once has no other end than being followed to it.
 * - blocked(dependency) becomes ready when the named operation is done; it fails with
 *   cause "dependency" when that is cancelled or compensated.
 * - Of an atomic batch all operations are leased together. One that goes again waits as
 *   blocked(batch) until none of the others is under way; when one fails or is cancelled the
 *   waiting others fail.
 * - A worker whose heartbeat is older than its lease is lost, and after two missed
 *   heartbeats one whose session has ended: its leased operations return to ready, its
 * submitted ones become orphans that LS_STORE_ADOPT hands out; its alert "brake" ends.
 * - When a compensation (key "ls:undo:KEY", solana/own_key.h) is done, the operation KEY
 * becomes compensated; when it fails for good, done(compensation_failed). */
#ifndef LOCKSTEP_CORE_STORE_PORT_H
#define LOCKSTEP_CORE_STORE_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/core/landed.h"
#include "lockstep/core/op.h"

enum {
    LS_STORE_ROWS_MAX = 1000,     /* rows in one INTENT, MOVE, CLAIM or ADOPT */
    LS_STORE_ATTEMPTS_MAX = 16,   /* attempts of one operation handed out by ADOPT */
    LS_STORE_GATES_MAX = 256,     /* gates in a TICK reply */
    LS_STORE_REQUESTS_MAX = 256,  /* operator requests in a TICK reply */
    LS_STORE_QUEUE_MAX = 64,      /* requests begun and not yet taken */
    LS_STORE_EVIDENCE_MAX = 2048, /* bytes of a certificate's JSON */
    LS_SIGNERS_MAX = 8,
    LS_STORE_SEAL_BYTES = 32,
    LS_STORE_SEAL_KEY_BYTES = 17, /* with its terminator */
};

enum ls_store_verb {
    LS_STORE_HELLO = 1, /* (re)connect, check the schema, register the worker */
    LS_STORE_TICK,      /* heartbeat, recover the lost, promote, fold counters, read gates */
    LS_STORE_CLAIM,     /* lease up to `limit` due operations */
    LS_STORE_INTENT,    /* attempts made durable; leased -> submitted */
    LS_STORE_MOVE,      /* any other change of operations that this worker owns */
    LS_STORE_ADOPT,     /* take over orphaned submitted operations, with their attempts;
                           also those of this worker's own that `known` does not list */
    LS_STORE_GATE,      /* put a gate on or off in the worker's name, audited */
    LS_STORE_OBSERVE,   /* what the worker sees of endpoints and payer, for the console */
    LS_STORE_RAISE,     /* fire (or refresh) one alert by rule and subject, or end it */
    LS_STORE_BYE,       /* release every lease and deregister (graceful drain) */
    LS_STORE_LANDED,    /* what the store knows of landed transactions: core/landed.h */
    LS_STORE_FIND,      /* findings about them: report, and where asked repair, audited */
    LS_STORE_MARK,      /* one payer's landed transactions are accounted for up to a slot */
    LS_STORE_BULK,      /* the leader's duty: one small step of what bulk jobs are under way;
                           nothing is done for a worker that does not lead */
};

struct ls_store_hello {
    const char *host; /* the machine's name */
    int64_t pid;
    const char *version; /* of the binary */
    int64_t lease_ms;
    int64_t heartbeat_ms;    /* how often it ticks: after two that are missing the
                                store asks whether its session lives; 0: as lease_ms */
    int64_t previous_worker; /* this process's id before it lost the store, else 0: what
                                that one leased returns to ready and what it submitted
                                becomes orphaned at once, without waiting for its lease */
    struct ls_hash genesis;  /* of the ledger that answers; pinned at first use */
    struct ls_address payer; /* pays the fees */
    uint32_t works_on;       /* a bit for each kind that it may begin; 0: all. A person's
                                word to the previous worker counts instead */
    size_t signer_count;     /* every address that this worker can sign for, payer first */
    struct ls_address signers[LS_SIGNERS_MAX];
};

struct ls_intent_row {
    ls_op_id op;
    int64_t token;
    int32_t attempt; /* 1-based over the operation's life */
    int32_t pack;    /* > 0: rows of this number share `tx` and stand together; 0: alone */
    struct ls_signature signature;
    struct ls_hash blockhash;
    int64_t last_valid_height; /* block height, not slot */
    struct ls_address signer;  /* fee payer */
    const uint8_t *tx;         /* the signed bytes as they will be sent */
    size_t tx_bytes;           /* <= LS_TX_BYTES_MAX */
    bool has_mint;             /* this operation creates a mint at `mint`: kept with its key */
    struct ls_address mint;
    enum ls_fence fence; /* the operation's */
    bool has_nonce;      /* fence nonce: the nonce account whose value is the blockhash */
    struct ls_address nonce;
    bool has_marker; /* fence marker: the account that its first instruction creates */
    struct ls_address marker;
    bool is_cancel;       /* fence nonce: it moves the nonce on and does nothing else */
    const char *seal_key; /* the name of the key that `seal` was made with; NULL: no seal */
    uint8_t seal[LS_STORE_SEAL_BYTES];
};

/* What becomes of the nonce account that is bound to an operation. */
enum ls_nonce_fate {
    LS_NONCE_KEEP = 0,
    LS_NONCE_FREE = 1,   /* its value moved in `slot`, or was not used: others may have it */
    LS_NONCE_BROKEN = 2, /* it must be looked at, and advanced, before anybody has it */
};

/* One change of one owned operation. From leased: to ready (backoff, gated, released),
 * failed, held. From submitted: to submitted (another sub), ready, done, failed, held,
 * cancelled. */
struct ls_move_row {
    ls_op_id op;
    int64_t token;
    enum ls_state to;
    enum ls_sub sub;
    int64_t delay_ms;   /* to ready: run_at = now + delay */
    bool counts;        /* to ready: whether the attempt uses up one of the round */
    const char *cause;  /* short, stable: "BlockhashNotFound"; NULL keeps the old */
    const char *detail; /* one line for a person; NULL for none */
    int32_t attempt;    /* the attempt that this is about; 0 for none */
    enum ls_attempt_state attempt_state; /* what that attempt is now */
    bool siblings_dead;            /* every other live attempt of the operation is dead too */
    struct ls_signature signature; /* to done, or failed on chain: the landed attempt's, which
                                      may be another than `attempt`, or none that is stored */
    bool has_signature;
    int64_t slot;         /* where it landed; 0 if it did not */
    const char *evidence; /* certificate as JSON; NULL if none */
    enum ls_nonce_fate nonce;
};

enum ls_row_result {
    LS_ROW_DONE = 0,
    LS_ROW_STALE = 1,   /* the token is old: another owns the operation; forget it */
    LS_ROW_REFUSED = 2, /* the table has no such move from its present state; forget it,
                           adopt again */
    LS_ROW_SPLIT = 3,   /* INTENT: another row of its pack was not done, so nothing of this one
                           was: it is leased as before, and the bytes must never be sent */
};

struct ls_gate_change {
    const char
        *selector; /* "kind:K", "lane:N", "entity:E", "batch:ID", "payer:ADDRESS", "all" */
    bool on;
    const char *reason;
};

struct ls_endpoint_seen {
    const char *name; /* host part of the URL: never credentials */
    bool is_up;
    int64_t slot;
    int64_t latency_ms;
    int64_t error_permille; /* of the recent calls */
    const char *trouble;    /* last error's phrase; "" if none */
};
enum { LS_ENDPOINTS_MAX = 8 };

/* What a worker says of itself. "catching up: page 3, ..."; the words before the colon stay
 * while it is at the same thing. */
enum { LS_WORKER_DOING_BYTES = 120, LS_WORKER_TROUBLE_BYTES = 160 };

struct ls_observation {
    size_t endpoint_count;
    struct ls_endpoint_seen endpoints[LS_ENDPOINTS_MAX];
    struct ls_address payer;
    bool has_balance;
    uint64_t balance_lamports;
    int64_t finalized_height;
    int64_t in_flight; /* operations that this worker tracks */
    bool is_draining;
    bool is_catching_up;                   /* it reads the ledger before it signs anything */
    char doing[LS_WORKER_DOING_BYTES];     /* UTF-8 both, whatever an endpoint said */
    char trouble[LS_WORKER_TROUBLE_BYTES]; /* "" for none */
};

struct ls_alert_change {
    const char *rule;    /* e.g. "rollback" */
    const char *subject; /* e.g. "op 17"; with rule the alert's fingerprint */
    int severity;        /* enum ls_severity of core/facts.h */
    const char *message;
    bool is_over; /* what it said is over: it is resolved, if it is open */
};

struct ls_store_request {
    enum ls_store_verb verb;
    uint64_t id; /* the caller's; comes back in the reply */
    struct ls_store_hello hello;
    int32_t limit;       /* CLAIM, ADOPT: 1..LS_STORE_ROWS_MAX */
    uint32_t pack_kinds; /* CLAIM: a bit for each kind of which chains may be made; what the
                            worker may begin is another thing, and stands in its row */
    uint32_t lanes;      /* CLAIM: a bit for each lane that is claimed from; 0: all */
    size_t intent_count;
    const struct ls_intent_row *intents;
    size_t move_count;
    const struct ls_move_row *moves;
    const ls_op_id *known; /* ADOPT: submitted operations that this worker tracks */
    size_t known_count;
    struct ls_gate_change gate;
    const struct ls_observation *observation;
    struct ls_alert_change alert;
    struct ls_landed_page landed; /* LANDED */
    size_t find_count;            /* FIND: 1..LS_FINDINGS_MAX */
    const struct ls_finding_row *findings;
    bool repair;              /* FIND: change what can be changed */
    struct ls_watermark mark; /* MARK */
};

struct ls_stored_attempt {
    int32_t attempt;
    enum ls_attempt_state state;
    struct ls_signature signature;
    struct ls_hash blockhash;
    int64_t last_valid_height;
    const uint8_t *tx;
    size_t tx_bytes;
    bool is_cancel;
    const char *seal_key; /* as INTENT brought it; NULL: none */
    uint8_t seal[LS_STORE_SEAL_BYTES];
};

/* An operation as CLAIM and ADOPT hand it out. */
struct ls_stored_op {
    ls_op_id op;
    int64_t token;
    enum ls_kind kind;
    enum ls_state state; /* leased from CLAIM, submitted from ADOPT */
    enum ls_sub sub;
    enum ls_request request;
    int32_t lane;           /* 0 urgent .. 3 bulk */
    int32_t attempts_made;  /* over its life: the next attempt is this + 1 */
    int32_t attempts_round; /* counted in this round of max_attempts */
    int32_t attempts_max;
    int64_t age_ms; /* since it was enqueued, by the database's clock */
    const char *key;
    const char *payload; /* JSON */
    size_t payload_bytes;
    bool has_mint; /* payload's {"key": …} resolved to the mint's address */
    struct ls_address mint;
    bool mint_is_2022;  /* and that mint's program: Token-2022, else the classic one */
    int64_t batch;      /* > 0: its atomic batch, whose operations share one transaction */
    int32_t batch_size; /* how many they are; CLAIM hands out all of them or none */
    int64_t chain;      /* CLAIM: > 0: the first of its chain, an operation of its entity */
    ls_op_id after;     /* of a chain, not its first: the one whose transaction it must share,
                           right behind it */
    const char *original_signature; /* compensations: base58 of what is undone; else NULL */
    enum ls_fence fence;
    bool is_strict; /* its lamports or amount are above its kind's value limit */
    bool is_pinned; /* an attempt is neither dead nor errored: the pins below bind the next */
    struct ls_address signer; /* of the newest intent; zero before the first */
    bool has_nonce;           /* fence nonce: bound to it, always so from CLAIM */
    struct ls_address nonce;
    int64_t nonce_slot; /* its value is to be read at this slot or later */
    bool has_marker;
    struct ls_address marker;
    /* Oldest first. ADOPT: all, whole. CLAIM: those made in earlier rounds and tries, of
     * which only number and signature are to be relied on. */
    bool is_altered; /* ADOPT: set by the worker: a seal does not fit its row */
    size_t attempt_count;
    const struct ls_stored_attempt *attempts;
};

struct ls_store_gate {
    const char *selector;
    bool by_worker; /* put on by a worker for want of funds: it may take it off */
};
struct ls_store_wish {
    ls_op_id op;
    enum ls_request request;
};

/* Everything pointed to belongs to the port and holds until the next take or begin. */
struct ls_store_reply {
    enum ls_store_verb verb;
    uint64_t id;
    ls_err err;
    struct ls_why why; /* for a person, when err failed */
    /* HELLO */
    int64_t worker_id;
    uint8_t tag_key[32]; /* K: secret of the installation that tags derive from */
    struct ls_hash genesis;
    struct ls_store_past past; /* what to compare before anything is signed */
    /* HELLO, TICK: where the store is now */
    struct ls_store_place place;
    /* TICK */
    bool is_lost; /* this worker was declared lost: say HELLO again */
    bool is_leader;
    bool is_paused;    /* an operator paused this worker: claim nothing */
    uint32_t works_on; /* a bit for each kind that it may begin now; 0: all */
    bool shall_drain;  /* an operator wants it to end: as ls_worker_stop() */
    bool has_bulk;     /* bulk jobs are under way */
    int64_t due_count; /* ready operations, at most as fresh as the last fold */
    int64_t orphan_count;
    int64_t landing_count; /* landings without an operation whose operation has come: LANDED
                              with no row hands them out */
    size_t gate_count;
    const struct ls_store_gate *gates;
    size_t wish_count;
    const struct ls_store_wish *wishes;
    /* CLAIM, ADOPT */
    size_t op_count;
    const struct ls_stored_op *ops;
    /* INTENT, MOVE: one per row of the request, in its order */
    size_t row_count;
    const enum ls_row_result *rows;
    /* BULK: when the next step is due; -1: no job is under way */
    int64_t bulk_due_ms;
    /* LANDED: those of the page that are not plainly known, and phantoms */
    size_t landed_count;
    const struct ls_landed *landed;
    size_t phantom_count;
    const struct ls_phantom *phantoms;
    /* FIND: one per row, in its order */
    size_t found_count;
    const struct ls_found *found;
};

struct ls_store_port {
    void *self;
    /* Queue `request`. LS_CODE_FULL at LS_STORE_QUEUE_MAX; LS_CODE_UNAVAILABLE when not
     * connected (and verb is not HELLO); LS_CODE_INVALID when it breaks a maximum. */
    ls_err (*begin)(void *self, const struct ls_store_request *request);
    /* The next finished reply, if any. Does the port's I/O without blocking. */
    bool (*take)(void *self, struct ls_store_reply *reply_out);
};

#endif
