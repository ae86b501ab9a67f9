/* Batches: operations that an application seals together, under a policy for what happens
 * when not all of them can land. Numbers are stored in the database: never renumber one. */
#ifndef LOCKSTEP_CORE_BATCH_H
#define LOCKSTEP_CORE_BATCH_H

#include <stdbool.h>

enum { LS_BATCH_NAME_BYTES_MAX = 200 };

enum ls_batch_policy {
    LS_BATCH_BEST_EFFORT = 0, /* each for itself */
    LS_BATCH_ORDERED = 1,     /* one after the other; the rest waits behind a failed one */
    LS_BATCH_SAGA = 2,   /* one after the other; a failure undoes what landed, last first */
    LS_BATCH_ATOMIC = 3, /* one transaction: all land or none */
};
enum { LS_BATCH_POLICY_COUNT = 4 };

enum ls_batch_state {
    LS_BATCH_OPEN = 0,                /* operations are added; none runs */
    LS_BATCH_SEALED = 1,              /* they run */
    LS_BATCH_COMPENSATING = 2,        /* what landed is being undone */
    LS_BATCH_FINISHED = 3,            /* every operation ended, and nothing is undone */
    LS_BATCH_COMPENSATED = 4,         /* nothing that landed is left */
    LS_BATCH_COMPENSATION_FAILED = 5, /* a person must look: something could not be undone */
};
enum { LS_BATCH_STATE_COUNT = 6 };

/* "best_effort", "ordered", "saga", "atomic"; "open" …; "unknown" for another number.
 * Static storage. */
const char *ls_batch_policy_name(enum ls_batch_policy policy);
const char *ls_batch_state_name(enum ls_batch_state state);
bool ls_batch_policy_parse(const char *name, enum ls_batch_policy *policy_out);

#endif
