/* Which operations come as batches: by dice of their own, so that they change nothing else of
 * what a seed draws. */
#include <inttypes.h>
#include <stdio.h>

#include "trial_private.h"

enum { BATCH_PPM = 150000, SIZE_MAX_OPS = 4 };

/* One transaction waits for nothing, and holds so much. */
static bool may_be_atomic(const ls_trial *trial, size_t first, size_t size)
{
    for (size_t i = first; i < first + size; i++)
        if (trial->ops[i].needs[0] != '\0') return false;
    return true;
}

static void group(ls_trial *trial, size_t first, size_t size, enum ls_batch_policy policy)
{
    trial->batches[trial->batch_count++] = (struct grouped){.policy = policy, .size = size};
    for (size_t i = first; i < first + size; i++) {
        trial->ops[i].batch = trial->batch_count;
        trial->ops[i].enqueue_ms = trial->ops[first].enqueue_ms;
        if (policy != LS_BATCH_BEST_EFFORT) trial->ops[i].entity[0] = '\0';
    }
}

void plan_draw_batches(ls_trial *trial)
{
    struct dice dice = {.state = trial->options.seed ^ UINT64_C(0x5ba7c4)};
    for (size_t i = 0; i < trial->op_count; i++) {
        size_t size = 2 + (size_t)dice_roll(&dice, SIZE_MAX_OPS - 1);
        enum ls_batch_policy policy =
            (enum ls_batch_policy)dice_roll(&dice, LS_BATCH_POLICY_COUNT);
        if (!dice_chance(&dice, BATCH_PPM) || i + size > trial->op_count) continue;
        if (policy == LS_BATCH_ATOMIC && !may_be_atomic(trial, i, size)) continue;
        group(trial, i, size, policy);
        i += size - 1;
    }
}

int64_t plan_batch_of(ls_trial *trial, const struct watched *op)
{
    char name[32];
    struct ls_why why = {0};
    if (op->batch == 0) return 0;
    struct grouped *batch = &trial->batches[op->batch - 1];
    if (batch->batch != 0) return batch->batch;
    (void)snprintf(name, sizeof name, "batch-%zu", op->batch);
    ls_err err =
        ls_memory_store_batch_open(trial->store, name, batch->policy, &batch->batch, &why);
    if (ls_failed(err)) trial_violate(trial, "enqueue", "%s: %s", name, why.text);
    trial_trace(trial, "batch %" PRId64 " opened: %s", batch->batch,
                ls_batch_policy_name(batch->policy));
    return batch->batch;
}

void plan_seal_due(ls_trial *trial)
{
    for (size_t at = 1; at <= trial->batch_count; at++) {
        struct grouped *batch = &trial->batches[at - 1];
        struct ls_why why = {0};
        size_t enqueued = 0;
        for (size_t i = 0; i < trial->op_count; i++)
            enqueued += trial->ops[i].batch == at && trial->ops[i].op.value != 0 ? 1 : 0;
        if (batch->is_sealed || enqueued < batch->size) continue;
        batch->is_sealed = true;
        ls_err err = ls_memory_store_batch_seal(trial->store, batch->batch, &why);
        if (ls_failed(err)) trial_violate(trial, "enqueue", "seal: %s", why.text);
        trial_trace(trial, "batch %" PRId64 " sealed", batch->batch);
    }
}
