/* One worker process, and the hand between it and its ports. */
#ifndef LOCKSTEP_TRIAL_PROCESS_H
#define LOCKSTEP_TRIAL_PROCESS_H

#include "trial_private.h"

/* A request with rows under way: which of them had an outdated token when it began. */
struct pending {
    uint64_t id;
    size_t count;
    bool was_stale[LS_TRIAL_ROWS_MAX];
    ls_op_id ops[LS_TRIAL_ROWS_MAX];
};

struct rival;

struct process {
    ls_trial *trial;
    int32_t number;
    int32_t incarnation;
    ls_worker *worker;   /* NULL: not running */
    struct rival *rival; /* in its place, when another policy is tried */
    ls_memory_port *store_port;
    ls_sim_port *ledger_port;
    struct ls_store_port store; /* the faces behind the hand */
    struct ls_ledger_port ledger;
    bool is_dying;
    bool is_store_cut, is_ledger_cut;
    int64_t wake_ms;    /* as its wait port was told; when not running: of its restart */
    int64_t stalled_ms; /* it stands still until then */
    int64_t origin_ms;  /* of its monotonic clock */
    int64_t turn_ms;
    int32_t turns;    /* at turn_ms */
    int64_t timeline; /* of the store, when `pending` was last emptied */
    size_t pending_count;
    struct pending pending[LS_STORE_QUEUE_MAX];
};

/* process_ports.c: what the worker is given. */
struct ls_worker_ports process_ports(struct process *process);
/* One write of another policy's worker to its table, an effect as any other: what becomes
 * of it. */
enum process_fate {
    PROCESS_HAPPENS,
    PROCESS_HAPPENS_UNSEEN, /* and its writer does not learn it */
    PROCESS_FAILS,
};
enum process_fate process_store_fate(struct process *process);

#endif
