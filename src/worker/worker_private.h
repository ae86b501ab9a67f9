/* What the files of the worker share; nobody else includes this. */
#ifndef LOCKSTEP_WORKER_PRIVATE_H
#define LOCKSTEP_WORKER_PRIVATE_H

#include "lockstep/base/buf.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/worker/worker.h"

enum {
    CALL_SLOTS_MAX = 256,   /* operations in one ledger call */
    CALL_CONTROLS_MAX = 32, /* different controls in one certificate look */
    STORE_FLIGHT_MAX = 2,   /* INTENT (and MOVE) requests under way at a time */
    SEND_FLIGHT_MAX = 16,
    LOOK_FLIGHT_MAX = 8,
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
    char *payload; /* until signed */
    size_t payload_bytes;
    bool has_mint; /* resolved from the payload's key */
    struct ls_address mint;
    uint8_t *tx; /* once signed, or as adopted */
    size_t tx_bytes;
    struct ls_hash blockhash;
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

enum call_kind {
    CALL_FREE = 0,
    CALL_LEARN,
    CALL_HEAD,
    CALL_BALANCE,
    CALL_SEND,
    CALL_QUERY,
    CALL_CERTIFY,
    CALL_CONTROL,
    CALL_PROBE,
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
    int32_t endpoint; /* PROBE */
    int32_t turn;     /* SEND */
    size_t count;
    struct ls_slot slots[CALL_SLOTS_MAX];
    struct look_place places[CALL_SLOTS_MAX]; /* CERTIFY */
    size_t signature_count;                   /* without the controls */
    size_t control_count;
    struct ls_signature controls[CALL_CONTROLS_MAX];
};

/* What an endpoint said of itself last. */
struct head {
    int64_t slot; /* confirmed; 0: none yet */
    int64_t seen_ms;
    int64_t due_ms; /* of the next probe */
    bool is_asked, is_foreign;
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
    struct queue records, moves, sends, queries, certifies;

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
    int32_t learn_endpoint;
    bool has_barred;
    struct head heads[LS_ENDPOINTS_MAX];
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

/* attempt.c: build and sign */
void ls_worker_sign_attempt(ls_worker *worker, const struct ls_effect *effect);

/* effects.c */
void ls_worker_carry_out(ls_worker *worker, const struct ls_effect *effect);

/* store_calls.c */
void ls_worker_flush_store(ls_worker *worker);
void ls_worker_take_store_replies(ls_worker *worker);

/* heads.c: what each endpoint is */
/* All endpoints take probes alone until they are proved to be of our cluster. */
void ls_worker_bar_endpoints(ls_worker *worker);
void ls_worker_flush_probes(ls_worker *worker);
int64_t ls_worker_probe_due_ms(const ls_worker *worker);
void ls_worker_probe_unanswered(ls_worker *worker, const struct ledger_call *call);
void ls_worker_read_probe(ls_worker *worker,
                          const struct ledger_call *call,
                          const ls_rpc_reply *parsed);
/* Whether a genesis hash is our cluster's; the endpoint is judged by it. */
bool ls_worker_is_ours(ls_worker *worker, int32_t endpoint, const struct ls_hash *genesis);
void ls_worker_learn_anew(ls_worker *worker);
/* Slots behind the best of the endpoints; 0 when that is not known. */
int64_t ls_worker_endpoint_lag(ls_worker *worker, int32_t endpoint);

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
