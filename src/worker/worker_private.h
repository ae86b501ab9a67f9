/* What the files of the worker share; nobody else includes this. */
#ifndef LOCKSTEP_WORKER_PRIVATE_H
#define LOCKSTEP_WORKER_PRIVATE_H

#include "lockstep/base/buf.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/pack.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/worker/worker.h"

enum {
    CALL_PLACES_MAX = 256,  /* signatures in one ledger call */
    CALL_SLOTS_MAX = 1024,  /* operations in one ledger call: packed ones share a place */
    CALL_CONTROLS_MAX = 32, /* different controls in one certificate look */
    STORE_FLIGHT_MAX = 2,   /* INTENT (and MOVE) requests under way at a time */
    SEND_FLIGHT_MAX = 16,
    LOOK_FLIGHT_MAX = 8,
};

/* A signed transaction; the operations that are packed into it share it. */
struct shared_tx {
    size_t users;
    size_t length;
    uint8_t bytes[];
};

/* An attempt made before the one under way. */
struct sibling {
    int32_t attempt;
    struct ls_signature signature;
};

/* What one endpoint said in its look for a certificate. */
struct look_kept {
    int32_t endpoint;
    bool same_node;
    struct ls_address node;
    int64_t height_before, height_after;
    int32_t controls_found;
    size_t control_count;
    struct ls_signature controls[LS_CONTROLS_MAX];
};
struct evidence {
    size_t count;
    struct look_kept looks[LS_ENDPOINTS_MAX];
};

/* What is kept for a slot beside the engine's own. */
struct kept {
    uint32_t generation;
    enum ls_kind kind;
    char *key;
    char *payload; /* until its first send */
    size_t payload_bytes;
    bool has_mint; /* resolved from the payload's key */
    struct ls_address mint;
    struct shared_tx *tx; /* once signed, or as adopted */
    int32_t pack;         /* number of the pack that it was signed in; 0: alone */
    struct ls_hash blockhash;
    int64_t batch; /* atomic: > 0, of `batch_size` operations */
    int32_t batch_size;
    enum ls_fence fence;
    bool is_pinned; /* live attempts bind the next one to `pinned_signer` */
    struct ls_address pinned_signer;
    bool creates_mint;
    struct ls_address created_mint;
    bool lacks_siblings; /* no memory for them: nothing may be certified */
    size_t sibling_count;
    struct sibling *siblings;
    struct evidence *evidence; /* NULL before the first look */
};

/* A ring of slots that wait for a batch of their sort. */
struct queue {
    struct ls_effect *items;
    size_t capacity, first, count;
};

/* One transaction while operations are added to it. */
struct signing {
    struct ls_pack pack;
    size_t most;                               /* operations that it may hold */
    struct ls_effect members[LS_PACK_OPS_MAX]; /* their SIGN effects, in order */
};

enum call_kind {
    CALL_FREE = 0,
    CALL_LEARN,
    CALL_HEAD,
    CALL_BALANCE,
    CALL_SEND,
    CALL_QUERY,
    CALL_CERTIFY,
    CALL_CONTROL,
    CALL_KIND_COUNT,
};

/* Where one operation's signatures stand in a look. */
struct look_place {
    uint16_t first; /* its attempt; its earlier ones follow */
    uint8_t control_count;
    int8_t controls[LS_CONTROLS_MAX]; /* indexes into the call's controls, -1: no room */
};

struct ledger_call {
    enum call_kind kind;
    uint64_t id;
    size_t count; /* slots */
    struct ls_slot slots[CALL_SLOTS_MAX];
    uint8_t place[CALL_SLOTS_MAX]; /* SEND, QUERY: where the slot's transaction stands */
    size_t place_count;
    struct ls_signature signatures[CALL_PLACES_MAX]; /* by place */
    struct look_place places[CALL_SLOTS_MAX];        /* CERTIFY */
    size_t signature_count;                          /* without the controls */
    size_t control_count;
    struct ls_signature controls[CALL_CONTROLS_MAX];
};

/* Store requests under way, in order; rows name the slots that they are about. */
struct store_call {
    enum ls_store_verb verb;
    uint64_t id;
    size_t count;
    struct ls_slot *slots;
};

struct ls_worker {
    struct ls_worker_options options;
    struct ls_worker_ports ports;
    char host[64];
    char version[24];
    ls_core *core;
    struct kept *kept;
    size_t kept_count;
    struct queue signs, wholes, records, moves, sends, queries, certifies;
    struct signing pack, alone; /* transactions while they are built */
    int32_t last_pack;

    struct ledger_call calls[LS_LEDGER_CALLS_MAX];
    int32_t flying[CALL_KIND_COUNT];
    struct store_call store_calls[LS_STORE_QUEUE_MAX];
    size_t store_first, store_count;
    int32_t intents_flying, moves_flying;
    uint64_t next_id;
    uint64_t store_epoch; /* replies to requests with smaller ids are of a lost connection */

    /* single wishes of the engine that wait for the next flush */
    bool wants_learn, wants_hello, wants_tick, wants_claim, wants_adopt, wants_observe;
    bool wants_head, wants_balance, wants_gate, wants_bye, gate_on, wants_control;
    int32_t control_endpoint;
    int64_t control_slot;
    const char *gate_reason;
    int32_t claim_count, adopt_count;
    int64_t learn_due_ms;
    size_t alert_count;
    struct ls_effect alerts[16];

    struct ls_hash genesis, blockhash;
    int64_t last_valid_height;
    uint64_t mint_rent_lamports, balance_lamports;
    bool has_balance;
    struct ls_address payer;
    uint8_t tag_key[32];
    int64_t worker_id;
    bool is_leader, is_stopping, stop_said;
    int64_t done, sent;
    char trouble[160];

    const struct ls_stored_op *admitting; /* during the step that takes it */
    struct ls_buf body;
    ls_op_id *known;
    struct ls_intent_row *intent_rows;
    struct ls_move_row *move_rows;
    struct ls_effect *move_effects;
    char *evidence; /* LS_STORE_EVIDENCE_MAX each */
};

/* worker.c */
void ls_worker_settle_effects(ls_worker *worker);
void ls_worker_step(ls_worker *worker, struct ls_event *event);
void ls_worker_step_slot(ls_worker *worker, enum ls_event_kind kind, struct ls_slot slot);
struct kept *ls_worker_kept_of(ls_worker *worker, struct ls_slot slot);
void ls_worker_kept_clear(struct kept *kept);
void ls_worker_set_trouble(ls_worker *worker, const char *text, const char *more);
void ls_worker_log_event(
    ls_worker *worker, enum ls_level level, const char *event, ls_op_id op, const char *text);

/* queue.c */
bool ls_worker_queue_init(struct queue *queue, size_t capacity);
void ls_worker_queue_add(ls_worker *worker,
                         struct queue *queue,
                         const struct ls_effect *effect);
bool ls_worker_queue_take(struct queue *queue, struct ls_effect *effect_out);
/* The one that the next take gives; NULL when there is none. */
const struct ls_effect *ls_worker_queue_peek(const struct queue *queue);

/* attempt.c: from an operation to the instructions of its attempt */
/* Read the payload again and resolve it. On failure the engine was told. */
bool ls_worker_prepare(ls_worker *worker,
                       const struct ls_effect *effect,
                       struct ls_intent *intent_out,
                       struct ls_intent_context *context_out);
void ls_worker_refuse_attempt(ls_worker *worker,
                              struct ls_slot slot,
                              bool is_policy,
                              const char *cause,
                              const char *detail);
/* Neither failed nor held: to be claimed again. */
void ls_worker_release_attempt(ls_worker *worker, struct ls_slot slot);
/* Held, not failed: nothing is wrong with the operation. */
void ls_worker_refuse_memory(ls_worker *worker, struct ls_slot slot);

/* pack.c: operations into transactions */
void ls_worker_flush_signs(ls_worker *worker);
/* A copy with one user; NULL without memory or bytes. */
struct shared_tx *ls_worker_share_tx(const uint8_t *bytes, size_t length);
void ls_worker_release_tx(struct shared_tx *tx);
/* Whose fault an error of the kept operation's transaction is. */
enum ls_blame ls_worker_blame(const ls_worker *worker,
                              const struct kept *kept,
                              const struct ls_rpc_error *error);

/* effects.c */
void ls_worker_carry_out(ls_worker *worker, const struct ls_effect *effect);

/* store_calls.c */
void ls_worker_flush_store(ls_worker *worker);
void ls_worker_take_store_replies(ls_worker *worker);

/* certify.c: looks for certificates */
void ls_worker_flush_certifies(ls_worker *worker);
void ls_worker_flush_control(ls_worker *worker);
bool ls_worker_read_certificates(ls_worker *worker,
                                 const struct ledger_call *call,
                                 const struct ls_ledger_reply *reply,
                                 const ls_rpc_reply *parsed);
void ls_worker_read_control(ls_worker *worker, const ls_rpc_reply *parsed);
/* What the looks said of the operation that `effect` moves, as JSON. */
void ls_worker_write_evidence(ls_worker *worker,
                              const struct ls_effect *effect,
                              struct ls_buf *text);

/* ledger_calls.c, ledger_replies.c */
/* A place for one more call; NULL when all are taken. */
struct ledger_call *ls_worker_call_open(ls_worker *worker, enum call_kind kind);
void ls_worker_call_close(ls_worker *worker, struct ledger_call *call);
void ls_worker_body_open(ls_worker *worker, struct ls_rpc_batch *batch);
bool ls_worker_call_begin(ls_worker *worker, struct ledger_call *call, int32_t endpoint);
struct ls_seen
ls_worker_seen_of(ls_worker *worker, struct ls_slot slot, const struct ls_rpc_status *status);
void ls_worker_flush_ledger(ls_worker *worker);
void ls_worker_take_ledger_replies(ls_worker *worker);
void ls_worker_unanswered(ls_worker *worker, const struct ledger_call *call);
void ls_worker_read_reply(ls_worker *worker,
                          const struct ledger_call *call,
                          const struct ls_ledger_reply *reply);

#endif
