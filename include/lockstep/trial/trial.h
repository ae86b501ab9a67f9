/* Trials: the real worker, store contract and engine in a simulated world, on virtual time.
 *
 * One trial is a ledger, a store, one to three workers, faults and operations, all drawn from
 * a seed, and a judge that looks after every step. The judge knows the ledger's truth and
 * the store's rows, never what a worker believes. Its rules carry the names of the promise:
 *
 *   S1  an operation lands at most once
 *   S2  what is sent is durable before, byte for byte, for every operation in it
 *   S3  at most one attempt of an operation may still land (under fence nonce several that
 *       share one value of a nonce, of which one can); the dead stay dead
 *   S4  done means landed; failed and cancelled mean that it did not and can not
 *   S5  a write under an outdated token changes nothing
 *   S6  what lands is what was asked for
 *   S7  what moved on the ledger is what the store says moved
 *   S8  an action of a person leaves exactly one entry in the audit trail, and nothing fails
 *       or is held without one
 *   supply  no more is minted of a token than its max_supply, and no less is refused
 *   order  of one entity at most one operation is under way
 *   S9  of an atomic batch everything lands, in one transaction, or nothing
 *   L1  once the faults stop, everything comes to an end
 *   L2  once the faults stop, what landed is known to have landed
 *   L3  once the faults stop, a saga is whole, undone, or said to be neither
 *
 * Nothing here reads a clock or draws entropy: the same options give the same trial, line
 * for line. What it cannot see: the database, the network and the kernel themselves. */
#ifndef LOCKSTEP_TRIAL_TRIAL_H
#define LOCKSTEP_TRIAL_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/store_port.h"
#include "lockstep/sim/memory_store.h"
#include "lockstep/trial/fault.h"
#include "lockstep/trial/policy.h"

enum {
    LS_TRIAL_OPS_MAX = 10000,
    LS_TRIAL_ROWS_MAX = 256, /* rows of one request to the store */
    LS_TRIAL_FAILURE_BYTES = 512,
    LS_TRIAL_RULES_BYTES = 128,
};

typedef struct ls_trial ls_trial;

struct ls_trial_options {
    uint64_t seed;
    int32_t op_count; /* 1..LS_TRIAL_OPS_MAX */
    uint64_t faults;  /* that the seed may choose, as in fault.h */
    int64_t chaos_ms; /* how long they last; 0: as the seed says */
    /* Whether operation 1..op_count is left out; NULL: none is. */
    bool (*is_dropped)(void *self, int32_t op);
    void *drop_self;
    enum ls_policy policy; /* whose worker runs; no rule but the count of landings is
                              judged of the others' */
    int64_t kill_at;       /* the number of the begun effect to be killed at; 0: by the dice */
    bool kill_behind;      /* after that effect rather than before */
    /* The trial goes on until this rule is violated; NULL: until any is. */
    const char *wanted;
    /* Each line as it happens, without its newline; NULL: none. */
    void (*trace)(void *self, const char *line);
    void *trace_self;
    /* Changes a worker's request on its way to the store: how a test makes a wrong worker.
     * What the request points to afterwards must live until the next call. NULL: none. */
    void (*bend)(void *self, ls_memory_store *store, struct ls_store_request *request);
    void *bend_self;
};

struct ls_trial_result {
    uint64_t hash;                        /* of all lines */
    char failure[LS_TRIAL_FAILURE_BYTES]; /* the first violation; "" when there is none */
    char violated[LS_TRIAL_RULES_BYTES];  /* " S1 L2": every rule that was violated */
    int64_t chaos_ms;
    int64_t ops, steps, effects;
    int64_t fired[LS_FAULT_COUNT]; /* how often each fault made a difference */
    int64_t duplicates;            /* landings beyond an operation's first */
    int64_t lost;                  /* said to be done, or never decided, without a landing */
    int64_t misjudged;             /* said to have failed, and landed */
    int64_t resolved;              /* by a person */
    int64_t refused;               /* enqueues beyond a max_supply, that the store refused */
    int64_t stale_rows;            /* writes that an old token made void */
    int64_t packed;                /* landed transactions of several operations */
    int64_t chained;               /* operations that landed behind another of their entity */
};

/* Run one trial to its end. LS_CODE_INVALID with `why` for an option out of range;
 * LS_CODE_NO_MEMORY. A violation is no error: it stands in the result. */
LS_MUST_CHECK ls_err ls_trial_run(const struct ls_trial_options *options,
                                  struct ls_trial_result *result_out,
                                  struct ls_why *why);

#endif
