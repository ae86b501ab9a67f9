/* What the files of the worker share; nobody else includes this. */
#ifndef LOCKSTEP_WORKER_PRIVATE_H
#define LOCKSTEP_WORKER_PRIVATE_H
#include "lockstep/base/buf.h"
#include "lockstep/solana/pack.h"

#include "ledger_call.h"
#include "scan.h"

enum {
    STORE_FLIGHT_MAX = 2, /* INTENT (and MOVE) requests under way at a time */
    FAMILY_SLOTS_MAX = LS_RPC_STATUSES_MAX / LS_FAMILY_MAX, /* operations in one FAMILY */
    SEND_FLIGHT_MAX = 16,
    LOOK_FLIGHT_MAX = 8,
    MARKER_FLIGHT_MAX = 8,
    MARKER_PAGE = 1000,    /* the newest transactions that name a marker */
    MARKER_MAKERS_MAX = 8, /* of them the oldest that succeeded are looked at */
    RENTS_MAX = 64,        /* sizes and mints whose facts are remembered */
    MINTS_MAX = 256,
};

struct known_rent {
    uint64_t space, lamports;
    int64_t until_ms;
};
struct known_mint {
    struct ls_address mint;
    enum ls_token_program program;
    int64_t until_ms;
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
    uint64_t units;                            /* that its operations may use together */
    bool has_limit, is_known;                  /* it names one; every operation's is known */
    struct ls_effect members[LS_PACK_OPS_MAX]; /* their SIGN effects, in order */
};

/* What transactions of one shape use: learned from a simulation. */
enum { SHAPES_MAX = 64, FEE_ACCOUNTS_MAX = LS_RPC_FEE_ACCOUNTS_MAX };
struct shape {
    uint32_t key; /* 0: none */
    uint32_t units;
    int64_t until_ms;
    bool is_known; /* `units` holds; else it is being asked, or no limit may be named */
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
    struct queue signs, wholes, lookups, records, moves, sends, queries, certifies, nonces,
        families;
    struct queue markers, makers; /* markers to look up; who may have made them */
    struct signing pack, alone;   /* transactions while they are built */
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
    bool wants_head, wants_balance, wants_gate, wants_bulk, wants_bye, gate_on, wants_control;
    int32_t control_endpoint;
    int64_t control_slot;
    const char *gate_reason;
    int32_t claim_count, adopt_count;
    uint32_t claim_lanes;
    int64_t learn_due_ms;
    int32_t learn_endpoint;
    bool has_barred;
    struct head heads[LS_ENDPOINTS_MAX];
    struct queue simulations;
    struct shape shapes[SHAPES_MAX];
    uint64_t recent_fee; /* micro-lamports a unit, as last asked */
    int64_t fees_due_ms;
    bool is_fee_wanted; /* something was signed since it was asked */
    size_t fee_account_count;
    struct ls_address fee_accounts[FEE_ACCOUNTS_MAX];
    size_t alert_count;
    struct ls_effect alerts[16];

    struct ls_hash genesis, blockhash;
    int64_t last_valid_height;
    uint64_t balance_lamports;
    struct known_rent rents[RENTS_MAX];
    struct known_mint mints[MINTS_MAX];
    bool has_balance;
    struct ls_address payer;
    uint8_t tag_key[32];
    int64_t worker_id;
    bool is_leader, is_stopping, stop_said;
    int64_t done, sent, scans, scan_failures;
    char trouble[LS_WORKER_TROUBLE_BYTES];

    struct scan scan;
    bool has_place; /* remembered over the loss of the store: never read back from it */
    struct ls_store_place place;      /* where it was when all was well */
    struct ls_store_place place_here; /* as the last HELLO told */

    const struct ls_stored_op *admitting; /* during the step that takes it */
    struct ls_buf body;
    ls_op_id *known;
    struct ls_intent_row *intent_rows;
    struct ls_move_row *move_rows;
    struct ls_effect *move_effects;
    char *evidence; /* LS_STORE_EVIDENCE_MAX each */
};

/* nonce_sign.c: one attempt of an operation under its nonce, or what cancels it */
void ls_worker_sign_nonce(ls_worker *worker, const struct ls_effect *effect);

/* nonce.c: reading nonces, and the attempts that share one */
void ls_worker_flush_nonces(ls_worker *worker);
void ls_worker_flush_families(ls_worker *worker);
void ls_worker_read_nonces(ls_worker *worker,
                           const struct ledger_call *call,
                           const ls_rpc_reply *parsed);
void ls_worker_read_families(ls_worker *worker,
                             const struct ledger_call *call,
                             const ls_rpc_reply *parsed);

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
/* Read the payload again and resolve it. When false the engine was told, or what must be
 * known first is asked for and the effect comes back to the queue of signs. */
bool ls_worker_prepare(ls_worker *worker,
                       const struct ls_effect *effect,
                       struct ls_intent *intent_out,
                       struct ls_intent_context *context_out);
void ls_worker_refuse_attempt(ls_worker *worker,
                              struct ls_slot slot,
                              enum ls_unsigned verdict,
                              const char *cause,
                              const char *detail);
/* Held, not failed: nothing is wrong with the operation. */
void ls_worker_refuse_memory(ls_worker *worker, struct ls_slot slot);

/* lookup.c: questions to the ledger and what it answered, remembered for a while */
/* Whether something must be asked before the intent can be built; then it is. */
bool ls_worker_must_ask(ls_worker *worker,
                        const struct ls_effect *effect,
                        const struct ls_intent *intent);
/* What is known; the question is answered. */
uint64_t ls_worker_rent(const ls_worker *worker, uint64_t space);
enum ls_token_program ls_worker_mint_program(const ls_worker *worker,
                                             const struct ls_address *mint);
void ls_worker_learn_rent(ls_worker *worker, uint64_t space, uint64_t lamports);
void ls_worker_flush_lookups(ls_worker *worker);
void ls_worker_read_lookups(ls_worker *worker,
                            const struct ledger_call *call,
                            const ls_rpc_reply *parsed);

/* pack.c: operations into transactions */
/* It could not be signed: cause NoSigner where `why` names a key that is missing, with `then`
 * behind what it says; else Unsigned. */
#define LS_WORKER_THEN_RELEASE ", then release"
void ls_worker_refuse_unsigned(ls_worker *worker,
                               struct ls_slot slot,
                               enum ls_unsigned verdict,
                               ls_err err,
                               const struct ls_why *why,
                               const char *then);
LS_MUST_CHECK ls_err ls_worker_sign(ls_worker *worker,
                                    const struct ls_message *message,
                                    struct ls_tx *tx_out,
                                    struct ls_signature *signature_out,
                                    struct ls_why *why);
void ls_worker_flush_signs(ls_worker *worker);
/* A copy with one user; NULL without memory or bytes. */
struct shared_tx *ls_worker_share_tx(const uint8_t *bytes, size_t length);
void ls_worker_release_tx(struct shared_tx *tx);
/* Whose fault an error of the kept operation's transaction is. */
enum ls_blame ls_worker_blame(const ls_worker *worker,
                              const struct kept *kept,
                              const struct ls_rpc_error *error);

/* seal.c: seals on attempts. Whether those that may still land are as they were sealed; true
 * where this worker has no key. */
void ls_worker_seal(const ls_worker *worker, struct ls_intent_row *row);
bool ls_worker_seals_fit(const ls_worker *worker, const struct ls_stored_op *op);

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
size_t ls_worker_look_positions(const struct ledger_call *call);
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

/* marker_look.c: who made a marker */
bool ls_worker_marker_is_used(const struct kept *kept, const struct ls_rpc_error *error);
void ls_worker_flush_markers(ls_worker *worker);
void ls_worker_read_marker(ls_worker *worker,
                           const struct ledger_call *call,
                           const struct ls_ledger_reply *reply,
                           const ls_rpc_reply *parsed);
void ls_worker_read_makers(ls_worker *worker,
                           const struct ledger_call *call,
                           const struct ls_ledger_reply *reply,
                           const ls_rpc_reply *parsed);

#endif
