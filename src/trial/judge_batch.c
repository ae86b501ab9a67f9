/* What the policies of batches promise, judged by what landed and what the store says. */
#include <inttypes.h>
#include <stdio.h>

#include "trial_private.h"

/* S9: a transaction that carries one operation of an atomic batch carries all of them. */
void judge_whole(ls_trial *trial, const struct ls_sim_landing *landing, size_t batch)
{
    if (batch == 0 || trial->batches[batch - 1].policy != LS_BATCH_ATOMIC) return;
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        if (op->batch != batch || op->is_dropped || op->is_refused ||
            judge_has_memo_of(trial, landing, op))
            continue;
        trial_violate(trial, "S9", "atomic batch %" PRId64 " landed without op %" PRId64,
                      trial->batches[batch - 1].batch, op->op.value);
    }
}

/* An attempt was made durable for it: in an ordered batch or a saga all before it are over. */
void judge_line(ls_trial *trial, const struct watched *watched)
{
    if (watched->batch == 0 || ls_memory_store_timeline(trial->store) > 0) return;
    const enum ls_batch_policy policy = trial->batches[watched->batch - 1].policy;
    if (policy != LS_BATCH_ORDERED && policy != LS_BATCH_SAGA) return;
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *before = &trial->ops[i];
        struct ls_op_row row;
        if (before->batch != watched->batch || before->op.value == 0 ||
            before->op.value >= watched->op.value ||
            !ls_memory_store_op(trial->store, before->op, &row) ||
            ls_state_is_terminal(row.state))
            continue;
        trial_violate(trial, "order",
                      "op %" PRId64 " was signed while op %" PRId64
                      ", before it in its batch, is %s",
                      watched->op.value, before->op.value, ls_state_name(row.state));
    }
}

struct sums {
    size_t landed, done, failed, open, kept;
};

/* What undoes it is held by a person, and waits for one. */
static bool is_kept(ls_trial *trial, const struct ls_op_row *row)
{
    ls_op_id undoing;
    struct ls_op_row found;
    return row->sub == LS_SUB_COMPENSATING &&
           ls_memory_store_undone_by(trial->store, row->op, &undoing) &&
           ls_memory_store_op(trial->store, undoing, &found) && found.state == LS_STATE_HELD &&
           found.sub == LS_SUB_OPERATOR;
}

static struct sums sum_up(ls_trial *trial, size_t batch)
{
    struct sums sums = {0};
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        struct ls_op_row row;
        if (op->batch != batch || !ls_memory_store_op(trial->store, op->op, &row)) continue;
        if (op->landed > 0) sums.landed++;
        if (row.state == LS_STATE_DONE) sums.done++;
        if (is_kept(trial, &row)) sums.kept++;
        if (row.state == LS_STATE_FAILED || row.state == LS_STATE_CANCELLED) sums.failed++;
        if (row.state == LS_STATE_BLOCKED || row.state == LS_STATE_HELD) sums.open++;
    }
    return sums;
}

/* L3: what a saga began is whole, undone, or its batch says that it could not be undone. */
static void judge_saga(ls_trial *trial, const struct grouped *batch, const struct sums *sums)
{
    enum ls_batch_state state = LS_BATCH_OPEN;
    if (!ls_memory_store_batch(trial->store, batch->batch, &state)) return;
    bool is_good = (state == LS_BATCH_FINISHED && sums->failed == 0) ||
                   (state == LS_BATCH_COMPENSATED && sums->done == 0) ||
                   (state == LS_BATCH_COMPENSATING && sums->kept > 0) ||
                   (state == LS_BATCH_COMPENSATION_FAILED && sums->done > 0) ||
                   (state == LS_BATCH_SEALED && sums->failed == 0 && sums->open > 0);
    if (is_good) return;
    trial_violate(trial, "L3", "saga %" PRId64 " is %s with %zu done and %zu failed",
                  batch->batch, ls_batch_state_name(state), sums->done, sums->failed);
}

void judge_batches(ls_trial *trial)
{
    for (size_t at = 1; at <= trial->batch_count; at++) {
        const struct grouped *batch = &trial->batches[at - 1];
        const struct sums sums = sum_up(trial, at);
        if (!batch->is_sealed) continue;
        if (batch->policy == LS_BATCH_ATOMIC && sums.landed != 0 &&
            sums.landed != batch->size) {
            trial_violate(trial, "S9",
                          "%zu of %zu operations of atomic batch %" PRId64 " landed",
                          sums.landed, batch->size, batch->batch);
        }
        if (batch->policy == LS_BATCH_SAGA) judge_saga(trial, batch, &sums);
    }
}
