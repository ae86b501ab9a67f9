/* Which operations come as batches: by dice of their own, so that they change nothing else of
 * what a seed draws. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "trial_private.h"

enum { BATCH_PPM = 150000, SIZE_MAX_OPS = 4 };

/* What others name, and what names others, keeps its own time; an atomic batch takes no kind
 * whose size is not known before. */
static bool
may_be_grouped(const ls_trial *trial, size_t first, size_t size, enum ls_batch_policy policy)
{
    for (size_t i = first; i < first + size; i++) {
        const enum shape shape = trial->ops[i].shape;
        const bool is_sized = shape != SHAPE_INVOKE && shape != SHAPE_ACCOUNT;
        if (shape == SHAPE_CREATE_MINT || shape == SHAPE_MINT_TO) return false;
        if (policy == LS_BATCH_ATOMIC && !is_sized) return false;
    }
    return true;
}

static void group(ls_trial *trial, size_t first, size_t size, enum ls_batch_policy policy)
{
    struct grouped *batch = &trial->batches[trial->batch_count++];
    *batch = (struct grouped){.policy = policy};
    for (size_t i = first; i < first + size; i++) {
        struct watched *op = &trial->ops[i];
        op->batch = trial->batch_count;
        op->enqueue_ms = trial->ops[first].enqueue_ms;
        op->commit_ms = 0; /* sealed in the transaction that enqueues */
        if (policy != LS_BATCH_BEST_EFFORT) {
            op->entity[0] = '\0';
            op->entity_at = 0;
        }
        if (policy == LS_BATCH_ATOMIC) op->has_nonce = op->has_marker = false;
        if (!op->is_dropped) batch->size++;
    }
}

ls_err plan_draw_batches(ls_trial *trial)
{
    struct dice *dice = &trial->batch_dice;
    if (!trial_is_ours(trial)) return LS_OK; /* other policies know no batches */
    trial->batches = calloc(trial->op_count + 1, sizeof *trial->batches);
    if (trial->batches == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    for (size_t i = 0; i < trial->op_count; i++) {
        const size_t size = 2 + (size_t)dice_roll(dice, SIZE_MAX_OPS - 1);
        const enum ls_batch_policy policy =
            (enum ls_batch_policy)dice_roll(dice, LS_BATCH_POLICY_COUNT);
        if (!dice_chance(dice, BATCH_PPM) || i + size > trial->op_count) continue;
        if (!may_be_grouped(trial, i, size, policy)) continue;
        group(trial, i, size, policy);
        i += size - 1;
    }
    return LS_OK;
}

int64_t plan_batch_of(ls_trial *trial, const struct watched *op)
{
    char name[32];
    struct ls_why why = {0};
    if (op->batch == 0) return 0;
    struct grouped *batch = &trial->batches[op->batch - 1];
    if (batch->batch != 0) return batch->batch;
    (void)snprintf(name, sizeof name, "batch-%zu", op->batch); /* fits by its size */
    const ls_err err =
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
        if (batch->is_sealed || batch->batch == 0) continue;
        for (size_t i = 0; i < trial->op_count; i++)
            enqueued += trial->ops[i].batch == at && trial->ops[i].op.value != 0 ? 1 : 0;
        if (enqueued < batch->size) continue;
        batch->is_sealed = true;
        const ls_err err = ls_memory_store_batch_seal(trial->store, batch->batch, &why);
        if (ls_failed(err)) trial_violate(trial, "enqueue", "seal: %s", why.text);
        trial_trace(trial, "batch %" PRId64 " sealed", batch->batch);
    }
}

/* Opening it again under its name finds it where it was kept. */
void plan_forget_batches(ls_trial *trial)
{
    for (size_t at = 1; at <= trial->batch_count; at++) {
        struct grouped *batch = &trial->batches[at - 1];
        const bool was_open = batch->batch != 0;
        batch->batch = 0;
        batch->is_sealed = false;
        for (size_t i = 0; was_open && i < trial->op_count; i++) {
            if (trial->ops[i].batch != at) continue;
            (void)plan_batch_of(trial, &trial->ops[i]); /* its number is kept */
            break;
        }
    }
}
