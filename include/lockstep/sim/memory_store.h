/* The store in memory: the same contract as PostgreSQL's (core/store_port.h) for the
 * simulator and for tests, with virtual time and injected faults. Single-threaded.
 *
 * It is not a database: nothing is durable beyond the object, and finished operations
 * stay where the live ones are. The audit trail is a counter. */
#ifndef LOCKSTEP_SIM_MEMORY_STORE_H
#define LOCKSTEP_SIM_MEMORY_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/action.h"
#include "lockstep/core/batch.h"
#include "lockstep/core/facts.h"
#include "lockstep/core/store_port.h"

typedef struct ls_memory_store ls_memory_store;
typedef struct ls_memory_port ls_memory_port; /* one worker's connection */

enum {
    LS_MEMORY_OPS_MAX = 1 << 20,
    LS_MEMORY_WORKERS_MAX = 1 << 16, /* registered over the store's life */
    LS_MEMORY_ALERTS_MAX = 1 << 12,
    LS_MEMORY_BATCHES_MAX = 1 << 12,
    LS_MEMORY_ACTIONS_MAX = 1 << 16, /* remembered request ids */
};

struct ls_memory_store_options {
    uint64_t seed;
    int64_t (*now_ms)(void *self); /* the database's clock: never backwards */
    void *self;
    const uint8_t *tag_key; /* 32 bytes, copied; NULL: zeros */
};
/* NULL when memory is exhausted. */
ls_memory_store *ls_memory_store_new(const struct ls_memory_store_options *options);
/* Its ports are freed before. NULL is allowed. */
void ls_memory_store_free(ls_memory_store *store);

/* As lockstep.enqueue does; same refusals (payload fields are not checked here). */
struct ls_memory_enqueue {
    enum ls_kind kind;
    const char *payload;
    const char *key;
    const char *entity;         /* NULL: none */
    const char *depends_on_key; /* what the payload names; NULL: none */
    int32_t lane;
    int64_t delay_ms;
    int32_t attempts_max; /* of a round; 0: 5 */
    int64_t batch;        /* an open one; 0: none */
    const char *fence;    /* by name; NULL: the kind's */
    bool is_open;         /* not committed: unseen until ls_memory_store_commit */
};
/* The same key and content gives the same operation. LS_CODE_REFUSED for the same key
 * with other content, a reserved key or an unknown depends_on_key; LS_CODE_INVALID for
 * values out of range; LS_CODE_FULL at LS_MEMORY_OPS_MAX; LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_memory_store_enqueue(ls_memory_store *store,
                                             const struct ls_memory_enqueue *request,
                                             ls_op_id *op_out,
                                             struct ls_why *why);
/* A kind's settings for what is enqueued from now on; by default fence expiry and no limit. */
struct ls_memory_kind {
    enum ls_fence fence;
    bool has_value_limit;
    uint64_t value_limit; /* more lamports or base units than this are strict */
};
void ls_memory_store_configure(ls_memory_store *store,
                               enum ls_kind kind,
                               const struct ls_memory_kind *settings);
/* Markers of operations that were finished for longer than `ms` are emptied, each by an
 * operation of its own; 0, as a new store has it: never. */
void ls_memory_store_keep_markers(ls_memory_store *store, int64_t ms);
/* As lockstep.batch_open and batch_seal do. LS_CODE_REFUSED, LS_CODE_NOT_FOUND,
 * LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_memory_store_batch_open(ls_memory_store *store,
                                                const char *name,
                                                enum ls_batch_policy policy,
                                                int64_t *batch_out,
                                                struct ls_why *why);
LS_MUST_CHECK ls_err ls_memory_store_batch_seal(ls_memory_store *store,
                                                int64_t batch,
                                                struct ls_why *why);
/* How far a batch is; false when there is none. */
bool ls_memory_store_batch(const ls_memory_store *store,
                           int64_t batch,
                           enum ls_batch_state *state_out);
/* A nonce account for the pool, whose value may be read at `slot` or later; false when the
 * pool is full (LS_MEMORY_NONCES_MAX) or has it. */
enum { LS_MEMORY_NONCES_MAX = 64 };
bool ls_memory_store_add_nonce(ls_memory_store *store,
                               const struct ls_address *nonce,
                               const struct ls_address *authority,
                               int64_t slot);
struct ls_memory_nonce {
    enum ls_nonce_state state;
    ls_op_id op; /* that it is bound to; 0: none */
    int64_t slot;
};
/* An account of the pool; false when there is none. */
bool ls_memory_store_nonce(const ls_memory_store *store,
                           const struct ls_address *nonce,
                           struct ls_memory_nonce *nonce_out);
/* The application's transaction that enqueued `op` with is_open commits. */
void ls_memory_store_commit(ls_memory_store *store, ls_op_id op);
/* The operator's side, as ls_session_act does. */
void ls_memory_store_act(ls_memory_store *store,
                         const struct ls_action *action,
                         struct ls_action_result *result_out);

/* Keep a record of all that changes the store from now on, so that it can go back. Before
 * anything else; LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_memory_store_record(ls_memory_store *store);
/* How much is recorded: grows with each request, action and enqueue. */
int64_t ls_memory_store_moment(const ls_memory_store *store);
/* As a failover that loses what was committed after `moment`: the store is what it was
 * then, ids and tokens are given again, and every connection breaks; a request under way
 * has an unknown outcome. With the present moment nothing is lost, as after an orderly
 * promotion. LS_CODE_INVALID when no record reaches there; LS_CODE_NO_MEMORY, and then
 * nothing happened. */
LS_MUST_CHECK ls_err ls_memory_store_restore(ls_memory_store *store, int64_t moment);
/* How many restores there were. */
int64_t ls_memory_store_timeline(const ls_memory_store *store);

/* For judges. Calls `take` once for each operation that was made, changed or handed out
 * since the last call; after a restore for every one. */
void ls_memory_store_changes(ls_memory_store *store,
                             void (*take)(void *self, ls_op_id op),
                             void *self);
/* The operation with this key, committed or not; false when there is none. */
bool ls_memory_store_find(const ls_memory_store *store, const char *key, ls_op_id *op_out);
/* Entries of the audit trail: one for each action that was performed. */
int64_t ls_memory_store_audit_count(const ls_memory_store *store);
/* And of what workers decided: failures, holds, certificates, repairs; one a transaction. */
int64_t ls_memory_store_decision_count(const ls_memory_store *store);
/* An operation as stored; false when there is none. */
bool ls_memory_store_op(const ls_memory_store *store, ls_op_id op, struct ls_op_row *row_out);
/* Its attempts, oldest first, at most `max`; the count. `tx` is the store's memory. */
size_t ls_memory_store_attempts(const ls_memory_store *store,
                                ls_op_id op,
                                struct ls_stored_attempt *attempts_out,
                                size_t max);
/* What a compensation undoes, and the newest compensation of an operation, live or not; false
 * when there is none. */
bool ls_memory_store_undoes(const ls_memory_store *store, ls_op_id op, ls_op_id *original_out);
bool ls_memory_store_undone_by(const ls_memory_store *store, ls_op_id op, ls_op_id *undo_out);
int64_t ls_memory_store_last_id(const ls_memory_store *store);
/* The newest fencing token of an operation; 0 before its first claim. */
int64_t ls_memory_store_token(const ls_memory_store *store, ls_op_id op);
/* The alert of a rule and subject; false when it never fired. */
bool ls_memory_store_alert(const ls_memory_store *store,
                           const char *rule,
                           const char *subject,
                           struct ls_alert_row *row_out);
/* A worker as registered; false when there is none. */
bool ls_memory_store_worker(const ls_memory_store *store,
                            int64_t worker_id,
                            struct ls_worker_row *row_out);

/* For tests that cannot wait. Set run_at to `ms` from now; may be negative. */
void ls_memory_store_set_run_at(ls_memory_store *store, ls_op_id op, int64_t ms);
/* Make a worker's heartbeat older than its lease. */
void ls_memory_store_lose_worker(ls_memory_store *store, int64_t worker_id);

/* A lease alone is taken back, as all are of a worker that is lost: the operation returns to
 * ready under a new token. Nothing where it is not leased. */
void ls_memory_store_take_back(ls_memory_store *store, ls_op_id op);

/* Faults: chances in parts per million a request. Each breaks the connection: requests
 * behind it are answered UNAVAILABLE, until the next HELLO. */
struct ls_memory_faults {
    int32_t refuse_ppm;       /* UNAVAILABLE, nothing happened */
    int32_t lose_reply_ppm;   /* UNKNOWN, but it happened */
    int32_t lose_request_ppm; /* UNKNOWN, and it did not happen */
    int64_t delay_ms_max;     /* until a request is carried out, and again until its reply */
    bool is_down;             /* UNAVAILABLE, everything */
};
enum ls_memory_fault {
    LS_MEMORY_FAULT_REFUSE,
    LS_MEMORY_FAULT_LOSE_REPLY,
    LS_MEMORY_FAULT_LOSE_REQUEST,
    LS_MEMORY_FAULT_SLOW,
    LS_MEMORY_FAULT_COUNT
};
/* How often it struck, since the store was made. */
int64_t ls_memory_store_fired(const ls_memory_store *store, enum ls_memory_fault fault);
void ls_memory_store_set_faults(ls_memory_store *store, const struct ls_memory_faults *faults);

/* NULL when memory is exhausted. */
ls_memory_port *ls_memory_port_new(ls_memory_store *store);
/* As a crash: nothing is said to the store. Of the requests under way a drawn number, from
 * the first, is still carried out. NULL is allowed. */
void ls_memory_port_free(ls_memory_port *port);
struct ls_store_port ls_memory_port_face(ls_memory_port *port);
/* While it is cut its requests are lost on the way, some behind their COMMIT and some
 * before, and HELLO is refused. */
void ls_memory_port_cut(ls_memory_port *port, bool is_cut);
/* Carry out what is due by now without taking a reply: the server works on although its
 * client stands still. */
void ls_memory_port_advance(ls_memory_port *port);
/* When there is next something to carry out or to take; INT64_MAX if nothing is under way. */
int64_t ls_memory_port_next_ms(const ls_memory_port *port);

#endif
