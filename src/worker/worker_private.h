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
    FAMILY_SLOTS_MAX = LS_RPC_STATUSES_MAX / LS_FAMILY_MAX, /* operations in one FAMILY */
    SEND_FLIGHT_MAX = 16,
    LOOK_FLIGHT_MAX = 8,
    MARKER_FLIGHT_MAX = 8,
    MARKER_PAGE = 1000,    /* the newest transactions that name a marker */
    MARKER_MAKERS_MAX = 8, /* of them the oldest that succeeded are looked at */
    RENTS_MAX = 64,        /* sizes and mints whose facts are remembered */
    MINTS_MAX = 256,
};

/* What must be known of the ledger before an operation can be signed. */
enum question_kind {
    QUESTION_NONE = 0,
    QUESTION_RENT, /* the rent exemption of `space` bytes */
    QUESTION_MINT, /* the program that owns the mint `address` */
    QUESTION_HELD, /* the lamports that `address` holds, for the sake of the last of them */
};
struct question {
    enum question_kind kind;
    uint64_t space;
    struct ls_address address;
    int32_t attempt; /* that is to be signed then, and its fee */
    int32_t fee_level;
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
    char *payload; /* until its first send; fences nonce and marker: until forgotten */
    size_t payload_bytes;
    bool has_mint; /* resolved from the payload's key */
    struct ls_address mint;
    bool mint_is_2022;
    struct question question;  /* while it waits for an answer */
    uint64_t held_lamports;    /* the answer to QUESTION_HELD; 0: not asked yet */
    struct shared_tx *tx;      /* once signed, or as adopted */
    int32_t pack;              /* number of the pack that it was signed in; 0: alone */
    struct shared_tx *next_tx; /* fence nonce: one more, not durable yet: never sent */
    struct ls_hash blockhash;  /* fence nonce: the nonce's value, of all attempts */
    struct ls_address nonce;
    int64_t nonce_slot; /* what is read of the nonce counts from this slot on */
    int64_t batch;      /* atomic: > 0, of `batch_size` operations */
    int32_t batch_size;
    enum ls_fence fence;
    bool is_pinned;           /* live attempts bind the next one to `signer` */
    struct ls_address signer; /* who pays for its attempts */
    bool has_marker;
    struct ls_address marker;
    struct ls_signature *candidates; /* finalized transactions that may have made it */
    size_t candidate_count;
    bool creates_mint;
    struct ls_address created_mint;
    int32_t simulations; /* of this attempt, before it is signed */
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
    uint64_t units;                            /* that its operations may use together */
    bool has_limit, is_known;                  /* it names one; every operation's is known */
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
    CALL_SCAN,
    CALL_NONCE,
    CALL_FAMILY,
    CALL_CONTROL,
    CALL_PROBE,
    CALL_FEES,
    CALL_SIMULATE,
    CALL_LOOKUP,
    CALL_MARKER, /* which finalized transactions name the marker */
    CALL_MAKERS, /* those that may have made it */
    CALL_KIND_COUNT,
};

/* What transactions of one shape use: learned from a simulation. */
enum { SHAPES_MAX = 64, FEE_ACCOUNTS_MAX = LS_RPC_FEE_ACCOUNTS_MAX };
struct shape {
    uint32_t key; /* 0: none */
    uint32_t units;
    int64_t until_ms;
    bool is_known; /* `units` holds; else it is being asked, or no limit may be named */
};

/* Where one operation's signatures stand in a look. */
struct look_place {
    uint16_t first; /* its attempt; its earlier ones follow */
    uint8_t control_count;
    int8_t controls[LS_CONTROLS_MAX]; /* indexes into the call's controls, -1: no room */
    int16_t marker;                   /* index into the call's markers, -1: none */
};

struct ledger_call {
    enum call_kind kind;
    uint64_t id;
    int32_t endpoint; /* PROBE */
    int32_t turn;     /* SEND */
    size_t count;     /* slots */
    struct ls_slot slots[CALL_SLOTS_MAX];
    size_t scan_positions;           /* SCAN: how many answers its batch has */
    bool is_deep;                    /* FAMILY: it searches history */
    uint8_t members[CALL_SLOTS_MAX]; /* FAMILY: attempts looked up of each */
    uint8_t place[CALL_SLOTS_MAX];   /* SEND, QUERY: where the slot's transaction stands */
    size_t place_count;
    struct ls_signature signatures[CALL_PLACES_MAX]; /* by place */
    struct look_place places[CALL_SLOTS_MAX];        /* CERTIFY */
    size_t signature_count;                          /* without the controls */
    size_t positions;                                /* LOOKUP: questions in the call */
    uint8_t position_at[CALL_SLOTS_MAX];             /* LOOKUP: which of them is the slot's */
    size_t control_count;
    struct ls_signature controls[CALL_CONTROLS_MAX];
    size_t marker_count;
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

/* What a scan (scan.c) does next; while a call or request of it is under way it waits. */
enum scan_step {
    SCAN_IDLE = 0,
    SCAN_PAGE,     /* ask the ledger for a page of the payer's list */
    SCAN_LOOK_UP,  /* ask the store what it knows of the page's rows */
    SCAN_PHANTOMS, /* ask the ledger for what the store has and the page has not got */
    SCAN_FETCH,    /* fetch what must be compared, and compare it */
    SCAN_TELL,     /* tell the store what was found */
    SCAN_MARK,     /* raise the watermarks */
};

struct scan {
    enum scan_step step;
    uint64_t waiting_id; /* of the call or request under way; 0: none */
    bool is_conclusive, has_tagged;
    bool only_pending; /* the engine did not ask: landings whose operation has come */
    uint32_t tries;    /* which endpoint is asked, over the worker's life */
    int64_t from_height, micros, began_ms;

    struct ls_store_past past; /* as HELLO told, its marks raised since */
    struct ls_watermark newest[LS_PAYERS_MAX];
    size_t payer; /* index into past.marks */

    /* the list of one payer */
    bool has_cursor, mark_seen, must_see_mark, is_over;
    bool is_deep;     /* it reads below the watermark */
    bool has_control; /* something that the list holds: the node must know it */
    struct ls_signature control;
    int32_t empty_pages, pages;
    struct ls_signature cursor;
    int64_t tip_slot, tip_height, floor_slot, low_slot, high_slot;

    /* the page */
    struct ls_rpc_signature_info *infos;
    bool is_looked_up;                 /* the store was asked for this page at least once */
    size_t row_count, row_at, row_end; /* [at, end) is with the store */
    struct ls_landed_row *rows;
    int64_t chunk_low, chunk_high;
    size_t phantom_count;
    struct ls_phantom phantoms[LS_PHANTOMS_MAX];
    uint32_t phantom_looks;
    size_t todo_count, todo_at;
    struct ls_landed *todos; /* their texts and bytes are copies */
    size_t finding_count;
    struct ls_finding_row findings[LS_FINDINGS_MAX];
    uint8_t (*finding_txs)[LS_TX_BYTES_MAX];
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
    bool wants_head, wants_balance, wants_gate, wants_bye, gate_on, wants_control;
    int32_t control_endpoint;
    int64_t control_slot;
    const char *gate_reason;
    int32_t claim_count, adopt_count;
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
    char trouble[160];

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

/* scan.c: reading the ledger's list of our transactions, beside the engine's slots */
bool ls_worker_scan_init(ls_worker *worker);
void ls_worker_scan_done(ls_worker *worker);
void ls_worker_scan_greeted(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_ticked(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_begin(ls_worker *worker, const struct ls_effect *effect);
void ls_worker_scan_drop(ls_worker *worker);
void ls_worker_scan_fail(ls_worker *worker, const char *why);
void ls_worker_scan_next(ls_worker *worker);
int64_t ls_worker_scan_floor(const ls_worker *worker);
bool ls_worker_scan_needs_ledger(const ls_worker *worker);
bool ls_worker_scan_request(ls_worker *worker, struct ls_store_request *request);
void ls_worker_scan_stored(ls_worker *worker, const struct ls_store_reply *reply);
void ls_worker_scan_says(const ls_worker *worker, char *out, size_t out_bytes);
/* scan_ledger.c */
int32_t ls_worker_scan_write(ls_worker *worker, struct ls_rpc_batch *batch);
size_t ls_worker_scan_positions(const ls_worker *worker);
void ls_worker_scan_read(ls_worker *worker, int32_t endpoint, const ls_rpc_reply *parsed);
/* scan_judge.c: from a fetched transaction to a finding */
bool ls_worker_scan_judge(ls_worker *worker,
                          const struct ls_landed *todo,
                          const uint8_t *tx,
                          size_t tx_bytes);
/* Tags of a memo as getSignaturesForAddress tells it, at most `max`; the count. */
size_t ls_worker_memo_tags(const char *memo, uint8_t tags_out[][LS_TAG_BYTES], size_t max);

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

/* ledger_calls.c, ledger_replies.c */
/* A place for one more call; NULL when all are taken. */
struct ledger_call *ls_worker_call_open(ls_worker *worker, enum call_kind kind);
void ls_worker_call_close(ls_worker *worker, struct ledger_call *call);
void ls_worker_body_open(ls_worker *worker, struct ls_rpc_batch *batch);
bool ls_worker_call_begin(ls_worker *worker, struct ledger_call *call, int32_t endpoint);
/* Short name of the program that failed in the operation's transaction; NULL. */
const char *ls_worker_program_name(const struct kept *kept, const struct ls_rpc_error *error);
struct ls_seen
ls_worker_seen_of(ls_worker *worker, struct ls_slot slot, const struct ls_rpc_status *status);
void ls_worker_flush_ledger(ls_worker *worker);
void ls_worker_take_ledger_replies(ls_worker *worker);
/* An answer that says nothing: each slot of the call asks again. */
void ls_worker_answer_nothing(ls_worker *worker,
                              const struct ledger_call *call,
                              const char *why);
void ls_worker_unanswered(ls_worker *worker, const struct ledger_call *call);
void ls_worker_read_reply(ls_worker *worker,
                          const struct ledger_call *call,
                          const struct ls_ledger_reply *reply);

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
