/* The worker: the engine's shell. It gathers replies from the ports, steps the engine,
 * carries out its effects through the ports in batches, and waits through a port. It
 * owns no thread, clock or connection, so it runs on a thread beside the console, as a
 * service, and thread-free in the simulator.
 *
 * Batches form by themselves: while a request of a sort is under way the next one
 * gathers, so an idle queue is served at once and a busy one in large requests.
 *
 * One thread at a time. */
#ifndef LOCKSTEP_WORKER_WORKER_H
#define LOCKSTEP_WORKER_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/audit/mac.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"
#include "lockstep/base/log.h"
#include "lockstep/core/ledger_port.h"
#include "lockstep/core/step.h"
#include "lockstep/core/store_port.h"
#include "lockstep/core/worker_port.h"

typedef struct ls_worker ls_worker;

struct ls_worker_ports {
    struct ls_store_port store;
    struct ls_ledger_port ledger;
    struct ls_signer_port signer;
    struct ls_wait_port wait;
    struct ls_clock clock;
    struct ls_log_sink log; /* write may be NULL: no log */
};

enum { LS_FEE_AUTO = -1 };

enum { LS_WORKER_SPAN_SLOTS_MAX = 100000 }; /* eleven hours of 0.4 s */

struct ls_worker_options {
    struct ls_core_options core; /* endpoint_count is taken from the ledger port */
    const char *host;            /* copied, as all text here */
    int64_t pid;
    const char *version;
    int64_t lease_ms;
    int32_t send_batch;       /* transactions in one JSON-RPC batch, 1..64 */
    uint32_t works_on;        /* bit 1 << kind: what it may begin; 0: all (core/kinds.h) */
    uint32_t pack_kinds;      /* bit 1 << kind: such operations share transactions */
    bool finalized_blockhash; /* sign for finalized blockhashes instead of confirmed ones */
    int64_t call_timeout_ms;
    /* How far back the ledger is read for a payer that the store has no watermark of, at
     * most; the store's own age bounds it too, since its tags are no older. */
    int64_t backup_horizon_ms;
    bool repair; /* with core.only_scan: change what can be changed; else it always does */
    /* For how many slots at a time a node shows which blocks it keeps, when it lists our
     * transactions; 1..LS_WORKER_SPAN_SLOTS_MAX. */
    int64_t span_slots;
    int64_t since_slot; /* > 0: read back to this slot, whatever the watermarks say */
    /* Each finding, as the store answered it; NULL: none. */
    void (*found)(void *self, const struct ls_finding_row *row, const struct ls_found *found);
    void *found_self;
    /* The one ledger that an endpoint may answer for. Without it the store says, and at its
     * very first use the first endpoint that answers. */
    bool has_genesis;
    struct ls_hash genesis;
    int64_t behind_slots; /* an endpoint further behind the others than this comes last */
    /* Fence nonce: the price a compute unit that the first attempt with a higher fee names,
     * so many times as much in each further one, and the most that any names. 0: no fee. */
    int64_t fee_bump_micro_lamports;
    int32_t fee_bump_factor; /* 2..100 */
    int64_t fee_max_micro_lamports;
    /* Price a compute unit by kind (micro-lamports): LS_FEE_AUTO takes what so many permille
     * of the recent slots asked for, at most fee_max. 0: none is named. */
    int64_t fee_micro_lamports[LS_KIND_MAX + 1];
    int32_t fee_permille;         /* 0..1000 */
    int32_t unit_margin_permille; /* a limit is what a simulation used and so much more */
    bool simulates; /* each new shape of transaction once before it is sent, where a
                       price is named */
    const struct ls_mac_ring *macs; /* seals attempts and checks what it adopts; NULL: not */
    /* One line a step of an operation's life, as in "op 7  ready  > claimed"; NULL: none. */
    void (*trace)(void *self, int64_t now_ms, const char *line);
    void *trace_self;
};
struct ls_worker_options ls_worker_options_default(void);

/* LS_CODE_INVALID for an option out of range; LS_CODE_NO_MEMORY. Nothing is called on
 * the ports before the first turn. */
LS_MUST_CHECK ls_err ls_worker_new(const struct ls_worker_options *options,
                                   const struct ls_worker_ports *ports,
                                   ls_worker **worker_out);
/* As a crash would: nothing is said to the store. NULL is allowed. */
void ls_worker_free(ls_worker *worker);

/* Take what arrived, step, carry out, then wait at most until something is due. Returns
 * LS_CODE_STOPPED once a stop is complete; other errors never. */
LS_MUST_CHECK ls_err ls_worker_turn(ls_worker *worker);
/* Begin to stop: sign nothing new, finish what is being written, hand leases back. Keep
 * calling ls_worker_turn until it says LS_CODE_STOPPED. */
void ls_worker_stop(ls_worker *worker);

struct ls_worker_status {
    enum ls_core_mode mode;
    int64_t worker_id; /* 0 before the first HELLO */
    bool is_leader;
    struct ls_core_numbers numbers;
    char doing[LS_WORKER_DOING_BYTES]; /* "working"; of a long piece of work how far it is */
    int64_t scan_failures;             /* in a row that came to no conclusion */
    int64_t scans; /* readings of the ledger's list that were accounted for */
    char trouble[LS_WORKER_TROUBLE_BYTES]; /* what it waits for; "" when all is well */
    int64_t done;                          /* operations settled as done since the start */
    int64_t sent;                          /* sends that were begun */
};
void ls_worker_status(const ls_worker *worker, struct ls_worker_status *status_out);

#endif
