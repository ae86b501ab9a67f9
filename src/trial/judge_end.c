/* The judge's last words: L1, L2 and S7, once the faults have stopped and time has passed. */
#include <inttypes.h>

#include "trial_private.h"

static bool is_done(const struct ls_op_row *row)
{
    return row->state == LS_STATE_DONE || row->state == LS_STATE_COMPENSATED;
}

/* L2 and S7: the ledger and the store tell the same story. */
static void judge_story(ls_trial *trial, const struct watched *op)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op->op, &row)) return;
    if (is_done(&row) != (op->landed == 1)) {
        trial_violate(trial, "L2", "op %" PRId64 " is %s and landed %" PRId32 " times",
                      op->op.value, ls_state_name(row.state), op->landed);
    }
    if (op->shape == SHAPE_HOPELESS && is_done(&row))
        trial_violate(trial, "S4", "op %" PRId64 " can not have landed", op->op.value);
    if (op->shape != SHAPE_TRANSFER) return;
    const uint64_t balance = ls_sim_ledger_balance(trial->ledger, &op->to);
    if (balance != (is_done(&row) ? op->amount : 0)) {
        trial_violate(trial, "S7",
                      "op %" PRId64 " is %s and moved %" PRIu64 " of %" PRIu64 " lamports",
                      op->op.value, ls_state_name(row.state), balance, op->amount);
    }
}

static void judge_unsettled(ls_trial *trial, const struct ls_op_row *row)
{
    const bool is_under_way = row->state == LS_STATE_READY || row->state == LS_STATE_LEASED ||
                              row->state == LS_STATE_SUBMITTED;
    const bool is_waiting = row->state == LS_STATE_BLOCKED || row->state == LS_STATE_HELD;
    if (!is_under_way && !is_waiting) return;
    trial_violate(trial, "L1", "op %" PRId64 " is still %s %s", row->op.value,
                  ls_state_name(row->state), ls_sub_name(row->sub));
}

void judge_end(ls_trial *trial)
{
    const bool is_settled = judge_is_settled(trial);
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        trial_trace(trial, "op %-4" PRId64 " ends %s %s, %" PRId32 " attempts %s", id,
                    ls_state_name(row.state), ls_sub_name(row.sub), row.attempts_made,
                    row.cause);
        if (!is_settled) judge_unsettled(trial, &row);
    }
    for (size_t i = 0; i < trial->op_count; i++) judge_story(trial, &trial->ops[i]);
    if (!plan_is_done(trial)) trial_violate(trial, "L1", "an operation was never enqueued");
}
