/* The order within an entity: one is ready at a time, what is signed follows what is over or
 * goes with it in one transaction, and stands behind it there. */
#include <inttypes.h>
#include <string.h>

#include "trial_private.h"

/* An attempt was made durable for it: what was committed before it in its entity is over, or
 * goes with it in the same transaction. */
void judge_order(ls_trial *trial, const struct watched *watched, const struct ls_op_row *row)
{
    for (size_t i = 0; watched->entity_at != 0 && i < trial->op_count; i++) {
        const struct watched *before = &trial->ops[i];
        struct ls_op_row other;
        if (before->entity_at != watched->entity_at || before->op.value == 0 ||
            before->op.value >= watched->op.value || before->committed_ms == 0 ||
            before->committed_ms >= watched->committed_ms)
            continue;
        if (!ls_memory_store_op(trial->store, before->op, &other) ||
            ls_state_is_terminal(other.state) || strcmp(other.signature, row->signature) == 0)
            continue;
        trial_violate(trial, "order",
                      "op %" PRId64 " was signed while op %" PRId64 " of its entity is %s",
                      row->op.value, before->op.value, ls_state_name(other.state));
    }
}

/* Within one transaction those of an entity stand in their order. */
void judge_row(ls_trial *trial, const struct ls_sim_landing *landing)
{
    if (ls_memory_store_timeline(trial->store) > 0) return; /* ids are not what they were */
    int64_t last[TRIAL_ENTITIES + 1] = {0};
    const char *memo = landing->memos;
    for (size_t i = 0; i < landing->memo_count; i++, memo += strlen(memo) + 1) {
        const struct watched *watched = judge_by_memo(trial, memo);
        if (watched == NULL || watched->entity_at == 0) continue;
        int64_t *before = &last[watched->entity_at];
        if (watched->op.value < *before) {
            trial_violate(trial, "order", "op %" PRId64 " landed behind op %" PRId64,
                          watched->op.value, *before);
        }
        if (*before > 0) trial->chained++;
        *before = watched->op.value;
    }
}

void judge_ready(ls_trial *trial)
{
    for (int i = 1; i <= TRIAL_ENTITIES; i++) {
        if (trial->ready[i] <= 1) continue;
        trial_violate(trial, "order", "%" PRId64 " operations of entity org-%d are ready",
                      trial->ready[i], i - 1);
    }
}
