/* The judge's last words: L1 and L2, once the faults have stopped and time has passed. */
#include <inttypes.h>
#include <stdio.h>

#include "rival.h"

static bool is_done(const struct ls_op_row *row)
{
    return row->state == LS_STATE_DONE || row->state == LS_STATE_COMPENSATED;
}

bool judge_is_told(const ls_trial *trial, const struct ls_op_row *row, int32_t landed)
{
    char subject[64];
    struct ls_alert_row alert;
    (void)snprintf(subject, sizeof subject, "%s op %" PRId64, ls_finding_name(LS_FINDING_ENDED),
                   row->op.value); /* fits */
    return row->state == LS_STATE_CANCELLED && landed == 1 &&
           ls_memory_store_timeline(trial->store) > 0 &&
           ls_memory_store_alert(trial->store, "reconcile", subject, &alert);
}

/* L2: the ledger and the store tell the same story. */
static void judge_story(ls_trial *trial, const struct watched *op)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op->op, &row)) return;
    const bool has_effect = is_done(&row) || judge_is_told(trial, &row, op->landed);
    if (has_effect != (op->landed == 1)) {
        trial_violate(trial, "L2", "op %" PRId64 " is %s and landed %" PRId32 " times",
                      op->op.value, ls_state_name(row.state), op->landed);
    }
    if (op->shape == SHAPE_HOPELESS && is_done(&row))
        trial_violate(trial, "S4", "op %" PRId64 " can not have landed", op->op.value);
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
    judge_money(trial);
    judge_batches(trial);
    if (!plan_is_done(trial)) trial_violate(trial, "L1", "an operation was never enqueued");
}

static void
count_ours(const ls_trial *trial, const struct watched *op, struct ls_trial_result *out)
{
    struct ls_op_row row;
    if (!ls_memory_store_op(trial->store, op->op, &row)) return;
    const bool is_given_up = row.state == LS_STATE_FAILED || row.state == LS_STATE_CANCELLED;
    if (is_done(&row) && op->landed == 0) out->lost++;
    if (is_given_up && op->landed > 0 && !judge_is_told(trial, &row, op->landed))
        out->misjudged++;
}

static void count_other(const ls_trial *trial, size_t place, struct ls_trial_result *out)
{
    const struct watched *op = &trial->ops[place];
    const enum rival_state state = trial->rows[place].state;
    if (state != RIVAL_FAILED && op->landed == 0) out->lost++;
    if (state == RIVAL_FAILED && op->landed > 0) out->misjudged++;
}

void judge_count(const ls_trial *trial, struct ls_trial_result *out)
{
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        if (op->is_dropped || op->is_refused) continue;
        if (op->landed > 1) out->duplicates += op->landed - 1;
        if (trial_is_ours(trial)) {
            count_ours(trial, op, out);
        } else {
            count_other(trial, i, out);
        }
    }
}

bool judge_is_decided(const ls_trial *trial)
{
    for (size_t i = 0; i < trial->op_count; i++) {
        const enum rival_state state = trial->rows[i].state;
        if (trial->ops[i].is_dropped || trial->ops[i].is_refused) continue;
        if (state != RIVAL_DONE && state != RIVAL_FAILED) return false;
    }
    return plan_is_done(trial);
}
