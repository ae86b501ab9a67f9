/* What the store in memory keeps, and the few functions by which its files change it. */
#ifndef LOCKSTEP_SIM_MEMORY_ROWS_H
#define LOCKSTEP_SIM_MEMORY_ROWS_H

#include "lockstep/base/arena.h"
#include "lockstep/sim/memory_store.h"

struct memory_attempt {
    struct memory_attempt *next;
    struct ls_stored_attempt stored; /* its tx points to `tx` */
    uint8_t tx[LS_TX_BYTES_MAX];
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
    bool is_open;
    bool has_mint; /* it creates this mint */
    struct ls_address mint;
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
};

struct memory_entity {
    struct memory_entity *next;
    struct memory_op *first; /* in order of id */
    struct memory_op *last;
};

struct memory_worker {
    struct ls_worker_row row;
    int64_t lease_ms;
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

struct ls_memory_store {
    struct ls_memory_store_options options;
    uint8_t tag_key[32];
    struct ls_memory_faults faults;
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
    bool has_genesis;
    struct ls_hash genesis;
    struct ls_memory_kind kinds[LS_KIND_MAX + 1];
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
/* memory_act.c: enqueue what undoes `op`; LS_CODE_REFUSED with why when it can not be. */
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

/* One request as it is carried out. A verb fills the reply from `arena`; when it fails,
 * the error is in the reply and nothing happened. */
struct memory_call {
    struct ls_memory_store *store;
    ls_arena *arena;
    int64_t *worker_id; /* of the connection */
    const struct ls_store_request *request;
    struct ls_store_reply *reply;
};
/* memory_worker.c */
void memory_hello(const struct memory_call *call);
void memory_tick(const struct memory_call *call);
void memory_observe(const struct memory_call *call);
void memory_bye(const struct memory_call *call);
struct memory_worker *memory_worker(const struct ls_memory_store *store, int64_t worker_id);
/* memory_alert.c */
void memory_raise(const struct memory_call *call);
/* memory_claim.c */
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
