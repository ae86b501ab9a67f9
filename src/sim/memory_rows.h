/* What the store in memory keeps, and the few functions by which its files change it. */
#ifndef LOCKSTEP_SIM_MEMORY_ROWS_H
#define LOCKSTEP_SIM_MEMORY_ROWS_H

#include "lockstep/base/arena.h"
#include "lockstep/sim/memory_store.h"
#include "lockstep/solana/intent.h"

struct memory_attempt {
    struct memory_attempt *next;
    struct ls_stored_attempt stored; /* its tx points to `tx` */
    struct ls_address signer;
    uint8_t tx[LS_TX_BYTES_MAX];
    char seal_key[LS_STORE_SEAL_KEY_BYTES];
    char cause[LS_CAUSE_BYTES_MAX + 1]; /* the last that a move about it gave; "" */
};

struct memory_entity;

struct memory_batch {
    char name[LS_BATCH_NAME_BYTES_MAX + 1];
    enum ls_batch_policy policy;
    enum ls_batch_state state;
    int32_t total;
    bool is_dirty; /* one of its operations changed since memory_settle_batches() looked */
};

struct memory_op {
    struct ls_op_row row; /* its sub as stored: due, scheduled, backoff, gated are derived */
    int64_t token;
    int64_t owner; /* worker id; 0: nobody */
    int32_t attempts_round;
    enum ls_fence fence;
    struct ls_address signer; /* of the newest intent, as nonce and marker */
    bool has_nonce;
    struct ls_address nonce;
    bool has_marker;
    struct ls_address marker;
    bool is_reclaimed; /* an operation empties its marker */
    bool is_open;
    bool has_tag;
    uint8_t tag[LS_TAG_BYTES]; /* once the ledger is pinned */
    bool is_changed;           /* it stands in the store's list of changes */
    bool has_mint;             /* it creates this mint */
    struct ls_address mint;
    bool mint_is_2022; /* as its payload says */
    bool has_max_supply;
    uint64_t max_supply;
    uint64_t amount;           /* token.mint_to: as its payload says */
    struct memory_op *mint_of; /* and the operation that made its mint; NULL: none of ours */
    char *payload;
    size_t payload_bytes;
    char *depends_on_key;        /* as enqueued; NULL: none */
    bool has_fence;              /* enqueue named it */
    struct memory_op *needs;     /* the operation that it depends on */
    struct memory_op *dependant; /* the first that depends on this one */
    struct memory_op *dependant_next;
    int64_t batch; /* 0: none */
    struct memory_entity *entity;
    struct memory_op *entity_next; /* the next id of the entity */
    struct memory_op *undoes;      /* a compensation: what it undoes */
    struct memory_op *undone_by;
    struct memory_attempt *attempts; /* oldest first */
    struct memory_attempt *newest;
    /* What one person said of it while a second must say the same; "" for nothing. */
    char said[LS_SIGNATURE_TEXT_BYTES];
    char said_by[64];
    int64_t said_version;
};

struct memory_nonce {
    struct ls_address address;
    char authority[LS_ADDRESS_TEXT_BYTES];
    enum ls_nonce_state state;
    struct memory_op *op; /* bound to it */
    bool is_used;         /* an attempt carries its value */
    int64_t slot;
};

struct memory_entity {
    struct memory_entity *next;
    struct memory_op *first; /* in order of id */
    struct memory_op *last;
};

struct memory_worker {
    struct ls_worker_row row;
    int64_t lease_ms;
    size_t signer_count;
    struct ls_address signers[LS_SIGNERS_MAX];
    bool shall_drain;
    bool is_lost;
    bool is_gone; /* said BYE */
};

struct memory_gate {
    char selector[256];
    bool by_worker;
};

struct memory_action {
    uint8_t request_id[16];
    struct ls_action_result result;
};

struct memory_landing {
    struct ls_landed_row row;
    bool is_settled;
    size_t tx_bytes;
    uint8_t tx[LS_TX_BYTES_MAX];
    char seal_key[LS_STORE_SEAL_KEY_BYTES];
};

struct ls_memory_store {
    struct ls_memory_store_options options;
    uint8_t tag_key[32];
    struct ls_memory_faults faults;
    int64_t fired[LS_MEMORY_FAULT_COUNT];
    uint64_t random;
    struct memory_op **ops; /* ops[id - 1] */
    size_t op_count, op_capacity;
    struct memory_entity *entities;
    struct memory_batch *batches; /* batches[id - 1] */
    size_t batch_count, batch_capacity;
    struct memory_worker *workers; /* workers[id - 1] */
    size_t worker_count, worker_capacity;
    size_t gate_count;
    struct memory_gate gates[LS_STORE_GATES_MAX];
    struct ls_alert_row *alerts; /* alerts[id - 1] */
    size_t alert_count, alert_capacity;
    struct memory_action *actions;
    size_t action_count, action_capacity;
    int64_t last_token;
    int64_t last_audit_seq;
    int64_t decisions; /* entries of what workers decided, one a transaction */
    bool has_genesis;
    struct ls_hash genesis;
    int64_t made_ms;
    struct ls_store_place place;
    bool has_past;
    struct ls_store_place past; /* when a worker had last caught up */
    size_t mark_count;
    struct ls_watermark marks[LS_PAYERS_MAX];
    struct memory_landing *landings;
    size_t landing_count, landing_capacity;
    int64_t duplicates; /* landings beside the first of an operation */
    size_t nonce_count;
    struct memory_nonce nonces[LS_MEMORY_NONCES_MAX];
    int64_t *changed; /* ids of operations, for judges */
    size_t changed_count, changed_capacity;
    bool has_lost_changes;          /* memory did not suffice: all may have changed */
    struct memory_journal *journal; /* NULL: no record is kept */
    int64_t then_ms;                /* while what happened is repeated: its time */
    int64_t timeline;               /* 0, and one more with each restore */
    struct ls_memory_store *former; /* before the last restore: replies point into it */
    struct ls_memory_kind kinds[LS_KIND_MAX + 1];
    int64_t markers_ms; /* how long markers stay; 0: for ever */
};

/* memory_rows.c */
int64_t memory_now(const struct ls_memory_store *store);
/* The committed operation of this id; NULL. */
struct memory_op *memory_find(const struct ls_memory_store *store, ls_op_id op);
struct memory_op *memory_find_key(const struct ls_memory_store *store, const char *key);
/* Room in *items for one more than `count`; false at `max` or out of memory. */
bool memory_grow(void **items, size_t *capacity, size_t count, size_t item_bytes, size_t max);
/* The fence that an operation of `kind` gets where `name` (NULL: none) was asked for; false
 * when there is none of that name. */
bool memory_fence(const struct ls_memory_store *store,
                  enum ls_kind kind,
                  const char *name,
                  enum ls_fence *fence_out);
/* Whether an attempt is neither dead nor errored, so that the pins bind the next one. */
bool memory_is_pinned(const struct memory_op *op);
/* Append the operation without a check; LS_CODE_FULL, LS_CODE_NO_MEMORY. */
ls_err memory_add_op(struct ls_memory_store *store,
                     const struct ls_memory_enqueue *request,
                     struct memory_op **op_out);
void memory_cut(char *out, size_t out_bytes, const char *text);

/* The operation changed: judges hear of it. */
void memory_mark(struct ls_memory_store *store, struct memory_op *op);

/* memory_state.c: every change of state. Make the move if ls_transitions() has it, with
 * all that it entails: the entity's next, dependants, the compensation pair. */
bool memory_move(struct ls_memory_store *store,
                 struct memory_op *op,
                 enum ls_state to,
                 enum ls_sub sub,
                 enum ls_mover mover);
/* Count a change that leaves the state. */
void memory_touch(struct ls_memory_store *store, struct memory_op *op);
/* A person lets it go on: to ready, or blocked behind its entity or dependency. */
bool memory_let_go(struct ls_memory_store *store, struct memory_op *op);
/* Promote whatever of all entities and dependants can go on. */
void memory_promote_all(struct ls_memory_store *store);

/* What others ask of its payload, from its kind and payload. */
void memory_read_payload(const struct ls_memory_store *store, struct memory_op *op);

/* memory_supply.c: LS_CODE_REFUSED (LS006) when `op`, which counts for nothing now, would take
 * its mint beyond its max_supply. */
ls_err memory_supply(const struct ls_memory_store *store,
                     const struct memory_op *op,
                     struct ls_why *why);

/* memory_reclaim.c: the leader's duty at its tick: begin to empty the markers that are due. */
void memory_reclaim(struct ls_memory_store *store);
/* memory_size.c: what it adds to a transaction at worst, 0 where that is not known before; and
 * what the transaction has besides, by the highest kind in it. */
size_t memory_part_bytes(const struct memory_op *op);
size_t memory_rest_bytes(enum ls_kind highest);
/* memory_batch.c */
struct memory_batch *memory_batch(const struct ls_memory_store *store, int64_t batch);
bool memory_is_atomic(const struct ls_memory_store *store, const struct memory_op *op);
/* Whether its batch lets a blocked operation go on. */
bool memory_batch_lets(const struct ls_memory_store *store, const struct memory_op *op);
/* Whether a person may let this operation of a batch go on by itself. */
bool memory_batch_goes_on(const struct ls_memory_store *store, const struct memory_op *op);
/* Move batches along as far as what happened allows: at the end of every request. */
void memory_settle_batches(struct ls_memory_store *store);
/* LS_VERB_BATCH_RETRY and LS_VERB_BATCH_COMPENSATE. */
ls_err memory_batch_act(struct ls_memory_store *store,
                        const struct ls_action *action,
                        struct ls_why *why);
/* memory_state.c: it waits or waited; go on if nothing stands in its way. */
void memory_unblock(struct ls_memory_store *store, struct memory_op *op);
/* The compensation of `op` could not be begun. */
void memory_mark_uncompensated(struct ls_memory_store *store, struct memory_op *op);
/* memory_undo.c: enqueue what undoes `op`; LS_CODE_REFUSED with why when it can not be. */
ls_err memory_compensate(struct ls_memory_store *store,
                         struct memory_op *op,
                         struct ls_action_result *result);

/* memory_gate.c: `payer` is base58; NULL: no payer's gate counts. */
bool memory_is_gated(const struct ls_memory_store *store,
                     const struct memory_op *op,
                     const char *payer);
/* LS_CODE_REFUSED: a strange selector, too many, or a person's gate. */
ls_err memory_set_gate(struct ls_memory_store *store,
                       const char *selector,
                       bool on,
                       bool by_worker,
                       struct ls_why *why);

/* memory_nonce.c: the account that is bound to an operation; NULL. */
struct memory_nonce *memory_nonce_of(struct ls_memory_store *store, const struct memory_op *op);
/* Bind one that `payer` may move to the operation, if it has none; false: none is free. */
bool memory_nonce_bind(struct ls_memory_store *store, struct memory_op *op, const char *payer);
/* The pool of `former` as it was filled, nothing of it bound. */
void memory_nonce_begin(struct ls_memory_store *store, const struct ls_memory_store *former);
/* Whether `payer` (NULL: anybody) could ever bind one. */
bool memory_nonce_usable(const struct ls_memory_store *store, const char *payer);
/* What a move says of it; it is kept while an attempt of the operation is live. */
void memory_nonce_settle(struct ls_memory_store *store,
                         const struct memory_op *op,
                         enum ls_nonce_fate fate,
                         int64_t slot);
/* It is not leased any more: what no attempt of it was signed with is free for others. */
void memory_nonce_give_back(struct ls_memory_store *store, const struct memory_op *op);
/* The operation ended: what is still bound to it was not shown to have moved. */
void memory_nonce_end(struct ls_memory_store *store, const struct memory_op *op);

/* One request as it is carried out. A verb fills the reply from `arena`; when it fails,
 * the error is in the reply and nothing happened. */
struct memory_call {
    struct ls_memory_store *store;
    ls_arena *arena;
    int64_t *worker_id; /* of the connection */
    const struct ls_store_request *request;
    struct ls_store_reply *reply;
};
/* memory_port.c */
void memory_carry_out(const struct memory_call *call);
/* memory_worker.c */
void memory_hello(const struct memory_call *call);
void memory_tick(const struct memory_call *call);
void memory_observe(const struct memory_call *call);
void memory_bye(const struct memory_call *call);
struct memory_worker *memory_worker(const struct ls_memory_store *store, int64_t worker_id);
/* Whether a living worker signs for this address, in base58. */
bool memory_can_sign(const struct ls_memory_store *store, const char *address);
/* memory_alert.c */
void memory_raise(const struct memory_call *call);
void memory_end_alert(struct ls_memory_store *store, const char *rule, const char *subject);
bool memory_fire(struct ls_memory_store *store, const struct ls_alert_change *change);
/* memory_landed.c */
void memory_landed(const struct memory_call *call);
void memory_find_rows(const struct memory_call *call);
void memory_watermark(const struct memory_call *call);
void memory_tell_past(const struct memory_call *call);
struct ls_store_place memory_place(const struct ls_memory_store *store);
/* How many open landings have an operation by now. */
int64_t memory_landings_due(struct ls_memory_store *store);
/* Whether a transaction with its tag landed that it must be compared with first. */
bool memory_is_landed(struct ls_memory_store *store, struct memory_op *op);
/* memory_claim.c */
/* Whether its lamports or amount are above its kind's value limit. */
bool memory_is_strict(const struct ls_memory_store *store, const struct memory_op *op);
void memory_claim(const struct memory_call *call);
void memory_adopt(const struct memory_call *call);
/* memory_write.c */
void memory_intent(const struct memory_call *call);
void memory_move_rows(const struct memory_call *call);

/* memory_faults.c */
enum memory_fate { MEMORY_HAPPENS, MEMORY_REFUSED, MEMORY_REPLY_LOST, MEMORY_REQUEST_LOST };
enum memory_fate memory_draw_fate(struct ls_memory_store *store);
int64_t memory_draw_delay(struct ls_memory_store *store);
bool memory_draw_coin(struct ls_memory_store *store);

#endif
