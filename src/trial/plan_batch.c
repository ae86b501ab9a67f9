/* Which operations come as batches: by dice of their own, so that they change nothing else of
 * what a seed draws. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trial_private.h"

enum { BATCH_PPM = 150000, SIZE_MAX_OPS = 4 };

/* What an application counts with for an atomic batch; 0: it takes no such operation. */
static size_t part_bytes(enum shape shape)
{
    switch (shape) {
    case SHAPE_MEMO:
    case SHAPE_EVENT:
    case SHAPE_TRANSFER: return 110; /* and one that signs for it */
    case SHAPE_MINT_TO:
    case SHAPE_HOPELESS: return 150;
    case SHAPE_BURN: return 210;
    case SHAPE_SEND: return 285;
    case SHAPE_INVOKE:
    case SHAPE_ACCOUNT:
    case SHAPE_CREATE_MINT: break;
    }
    return 0;
}

/* What others name keeps its own time; an atomic batch takes no kind whose size is not known
 * before. */
static bool
may_be_grouped(const ls_trial *trial, size_t first, size_t size, enum ls_batch_policy policy)
{
    enum { ROOM = LS_TX_BYTES_MAX - 218 - 96 };
    size_t bytes = 0;
    for (size_t i = first; i < first + size; i++) {
        const enum shape shape = trial->ops[i].shape;
        const int32_t needs = trial->ops[i].needs;
        if (shape == SHAPE_CREATE_MINT) return false;
        if (needs >= 0 && !trial->plan.has_tokens) return false;
        if (needs >= 0 && trial->ops[needs].enqueue_ms > trial->ops[first].enqueue_ms)
            return false;
        if (policy == LS_BATCH_ATOMIC && part_bytes(shape) == 0) return false;
        bytes += part_bytes(shape);
    }
    return policy != LS_BATCH_ATOMIC || bytes <= ROOM;
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
        const ls_err err = ls_memory_store_batch_seal(trial->store, batch->batch, &why);
        batch->is_sealed = !ls_failed(err);
        if (batch->is_sealed) trial_trace(trial, "batch %" PRId64 " sealed", batch->batch);
        /* What it names comes first: sealed later. */
        if (batch->is_sealed || strstr(why.text, "waits for nothing") != NULL) continue;
        trial_violate(trial, "enqueue", "seal: %s", why.text);
        batch->is_sealed = true;
    }
}

size_t plan_count_unsealed(const ls_trial *trial)
{
    size_t count = 0;
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        if (op->batch == 0 || op->op.value == 0) continue;
        if (!trial->batches[op->batch - 1].is_sealed) count++;
    }
    return count;
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
