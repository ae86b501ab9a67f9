/* What a transaction offers for each compute unit, and how many it may use. */
#ifndef LOCKSTEP_WORKER_FEES_H
#define LOCKSTEP_WORKER_FEES_H

#include "worker_private.h"

struct budget {
    uint32_t unit_limit;
    uint64_t unit_price;
};
uint64_t ls_worker_unit_price(const ls_worker *worker, enum ls_kind kind);
/* Of an operation alone; no limit where none is known. */
struct budget ls_worker_budget(ls_worker *worker, const struct kept *kept);
/* Whether the operation's transaction must be simulated before it is signed: then it is
 * queued, and its SIGN comes again. */
bool ls_worker_must_simulate(ls_worker *worker, const struct ls_effect *effect);
/* Its limit was too low: transactions of that shape get none. */
void ls_worker_drop_limit(ls_worker *worker, const struct kept *kept);
/* What was written to: their fees are asked for. */
void ls_worker_note_accounts(ls_worker *worker, const struct ls_pack *pack);
void ls_worker_flush_fees(ls_worker *worker);
void ls_worker_read_fees(ls_worker *worker, const ls_rpc_reply *parsed);
void ls_worker_flush_simulations(ls_worker *worker);
void ls_worker_read_simulations(ls_worker *worker,
                                const struct ledger_call *call,
                                const ls_rpc_reply *parsed);
void ls_worker_unsimulated(ls_worker *worker, const struct ledger_call *call);

#endif
