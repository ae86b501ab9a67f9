/* The operations of a trial, and the application that enqueues them. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/program.h"
#include "trial_private.h"

enum { ENTITY_PPM = 300000, TOGETHER_PPM = 400000, OPEN_MS_MAX = 20000 };
enum what { ENQUEUE, COMMIT, AGAIN, WHAT_COUNT };

/* What the application does, and when. */
struct errand {
    int64_t at_ms;
    int32_t op; /* place in the plan */
    enum what what;
};

static const enum shape shapes[] = {
    SHAPE_MEMO,     SHAPE_MEMO,     SHAPE_MEMO,        SHAPE_EVENT,   SHAPE_TRANSFER,
    SHAPE_TRANSFER, SHAPE_TRANSFER, SHAPE_CREATE_MINT, SHAPE_MINT_TO, SHAPE_HOPELESS,
};

static void random_address(struct dice *dice, struct ls_address *out)
{
    for (size_t i = 0; i < sizeof out->bytes; i++)
        out->bytes[i] = (uint8_t)dice_roll(dice, 256);
}

/* The newest operation before `place` that creates a mint; -1. */
static int32_t earlier_mint(const ls_trial *trial, size_t place)
{
    for (size_t i = place; i > 0; i--)
        if (trial->ops[i - 1].shape == SHAPE_CREATE_MINT) return (int32_t)(i - 1);
    return -1;
}

/* Those that are drawn as transfers cast the same dice. */
static bool is_paid(enum shape shape)
{
    return shape == SHAPE_TRANSFER || shape == SHAPE_INVOKE || shape == SHAPE_ACCOUNT;
}

/* A transfer of lamports, as the System program reads it. */
static int write_invoke(const ls_trial *trial, const char *to, struct watched *op)
{
    char from[LS_ADDRESS_TEXT_BYTES];
    char program[LS_ADDRESS_TEXT_BYTES];
    char digits[17];
    ls_address_text(&trial->keys[op->from_key], from);
    ls_address_text(&LS_PROGRAM_SYSTEM, program);
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(digits + 2 * i, 3, "%02x", (unsigned)(op->amount >> (8 * i) & 0xff));
    return snprintf(op->payload, sizeof op->payload,
                    "{\"program\": \"%s\", \"accounts\": [{\"address\": \"%s\", \"signer\": "
                    "true, \"writable\": true}, {\"address\": \"%s\", \"writable\": true}], "
                    "\"data\": {\"hex\": \"02000000%s\"}}",
                    program, from, to, digits);
}

static int write_account(ls_trial *trial, const char *owner, struct watched *op)
{
    char system[LS_ADDRESS_TEXT_BYTES];
    const uint64_t space = dice_roll(&trial->kind_dice, 200);
    const bool is_plain = dice_chance(&trial->kind_dice, 500000); /* it can be undone */
    ls_address_text(&LS_PROGRAM_SYSTEM, system);
    op->amount = is_plain ? 0 : space;
    if (is_plain) op->to = LS_PROGRAM_SYSTEM;
    return snprintf(op->payload, sizeof op->payload,
                    "{\"space\": %" PRIu64 ", \"owner\": \"%s\"}", op->amount,
                    is_plain ? system : owner);
}

static void write_payload(ls_trial *trial, struct watched *op, const struct ls_address *none)
{
    char to[LS_ADDRESS_TEXT_BYTES];
    char other[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(&op->to, to);
    ls_address_text(none, other);
    const size_t room = sizeof op->payload;
    int length = 0;
    switch (op->shape) {
    case SHAPE_MEMO: length = snprintf(op->payload, room, "{\"text\": \"%s\"}", op->key); break;
    case SHAPE_EVENT:
        length = snprintf(op->payload, room,
                          "{\"type\": \"proposal.closed\", \"subject\": \"%s\", "
                          "\"document\": {\"yes\": 3}}",
                          op->key);
        break;
    case SHAPE_TRANSFER: length = plan_write_transfer(trial, op); break;
    case SHAPE_INVOKE: length = write_invoke(trial, to, op); break;
    case SHAPE_ACCOUNT:
        op->to = *none;
        length = write_account(trial, other, op);
        break;
    case SHAPE_CREATE_MINT:
    case SHAPE_MINT_TO:
    case SHAPE_BURN:
    case SHAPE_SEND: length = plan_write_token(trial, op); break;
    case SHAPE_HOPELESS:
        length = snprintf(op->payload, room,
                          "{\"mint\": \"%s\", \"to\": \"%s\", \"amount\": \"5\"}", other, to);
        break;
    }
    assert(length > 0 && (size_t)length < room);
}

static void draw_times(ls_trial *trial, struct watched *op, size_t place)
{
    struct dice *dice = &trial->op_dice;
    const struct plan *plan = &trial->plan;
    const int64_t begin_ms = trial->now_ms;
    const int64_t alone_ms = begin_ms + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    const bool is_together = dice_chance(dice, TOGETHER_PPM);
    const bool is_open = dice_chance(dice, plan->open_ppm);
    const bool is_again = dice_chance(dice, plan->again_ppm);
    const int64_t open_ms = 1 + (int64_t)dice_roll(dice, OPEN_MS_MAX);
    const int64_t again_ms = 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    op->enqueue_ms = alone_ms;
    if (place > 0 && is_together) op->enqueue_ms = trial->ops[place - 1].enqueue_ms;
    if (plan->is_burst) op->enqueue_ms = begin_ms + 1;
    if (op->needs >= 0 && op->enqueue_ms < trial->ops[op->needs].enqueue_ms)
        op->enqueue_ms = trial->ops[op->needs].enqueue_ms;
    /* What others name in their payloads is committed before. */
    if (is_open && op->shape != SHAPE_CREATE_MINT) op->commit_ms = op->enqueue_ms + open_ms;
    if (is_again) op->again_ms = op->enqueue_ms + OPEN_MS_MAX + again_ms;
}

/* One behind the other, so that they are chained. */
static void line_up(ls_trial *trial, struct watched *op)
{
    const bool is_in = dice_chance(&trial->line_dice, 800000);
    const int entity = (int)dice_roll(&trial->line_dice, 2);
    if (!is_in || (op->shape != SHAPE_MEMO && op->shape != SHAPE_EVENT)) return;
    op->entity_at = entity + 1;
    (void)snprintf(op->entity, sizeof op->entity, "org-%d", entity);
    op->has_nonce = op->has_marker = false;
}

static enum shape widened(ls_trial *trial, enum shape shape)
{
    const uint64_t turn = dice_roll(&trial->kind_dice, 3);
    if (shape != SHAPE_TRANSFER || !trial->plan.is_wide || turn == 2) return shape;
    return turn == 0 ? SHAPE_INVOKE : SHAPE_ACCOUNT;
}

/* Who gets it, how much, and an address that nobody has. */
static void draw_receiver(ls_trial *trial, struct watched *op, struct ls_address *none_out)
{
    random_address(&trial->op_dice, &op->to);
    random_address(&trial->op_dice, none_out);
    if (is_paid(op->shape)) op->amount = 1000000 + dice_roll(&trial->op_dice, 1000);
    if (op->shape == SHAPE_MINT_TO) op->amount = 5;
}

/* The address of what it makes. */
static struct ls_address made_by(const ls_trial *trial, const struct watched *op)
{
    const struct ls_address *owner = &op->to;
    if (op->shape == SHAPE_CREATE_MINT)
        owner = op->is_2022 ? &LS_PROGRAM_TOKEN_2022 : &LS_PROGRAM_TOKEN;
    return ls_derive_with_seed(&trial->payer, op->tag.seed, owner);
}

static void draw_op(ls_trial *trial, size_t place)
{
    struct dice *dice = &trial->op_dice;
    struct ls_address none;
    struct watched *op = &trial->ops[place];
    const enum shape shape = shapes[dice_roll(dice, sizeof shapes / sizeof shapes[0])];
    const bool has_entity = dice_chance(dice, ENTITY_PPM);
    const int entity = (int)dice_roll(dice, TRIAL_ENTITIES);
    op->shape = widened(trial, shape);
    op->needs = -1;
    if (shape == SHAPE_MINT_TO) op->needs = earlier_mint(trial, place);
    if (shape == SHAPE_MINT_TO && op->needs < 0) op->shape = SHAPE_CREATE_MINT;
    (void)snprintf(op->key, sizeof op->key, "key-%zu", place + 1);
    if (has_entity) op->entity_at = entity + 1;
    if (has_entity) (void)snprintf(op->entity, sizeof op->entity, "org-%d", entity);
    draw_times(trial, op, place);
    op->has_nonce = dice_chance(&trial->fence_dice, 500000) && trial->plan.nonces > 0;
    op->has_marker = dice_chance(&trial->fence_dice, trial->plan.marker_ppm) && !op->has_nonce;
    if (trial->plan.is_lined) line_up(trial, op);
    draw_receiver(trial, op, &none);
    plan_draw_token(trial, place);
    write_payload(trial, op, &none);
    const struct ls_hash genesis = ls_sim_ledger_genesis(trial->ledger);
    op->tag = ls_tag_make(trial->tag_key, &genesis, op->key, strlen(op->key));
    op->made = made_by(trial, op);
    op->is_dropped = trial->options.is_dropped != NULL &&
                     trial->options.is_dropped(trial->options.drop_self, (int32_t)place + 1);
    if (op->needs >= 0 && trial->ops[op->needs].is_dropped) op->is_dropped = true;
}

static int by_time(const void *a, const void *b)
{
    const struct errand *left = a;
    const struct errand *right = b;
    if (left->at_ms != right->at_ms) return left->at_ms < right->at_ms ? -1 : 1;
    if (left->op != right->op) return left->op < right->op ? -1 : 1;
    return (int)left->what - (int)right->what;
}

static void add_errand(ls_trial *trial, size_t op, int64_t at_ms, enum what what)
{
    if (at_ms == 0 || trial->ops[op].is_dropped) return;
    trial->errands[trial->errand_count++] =
        (struct errand){.at_ms = at_ms, .op = (int32_t)op, .what = what};
}

ls_err plan_draw_ops(ls_trial *trial)
{
    const size_t count = (size_t)trial->options.op_count;
    trial->ops = calloc(count, sizeof *trial->ops);
    trial->errands = calloc(count * WHAT_COUNT, sizeof *trial->errands);
    if (trial->ops == NULL || trial->errands == NULL)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    for (size_t i = 0; i < count; i++) {
        const struct watched *op = &trial->ops[i];
        draw_op(trial, i);
        if (!index_set(&trial->by_tag, index_hash(op->tag.text, strlen(op->tag.text)),
                       (int64_t)i))
            return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
        trial->op_count++;
    }
    LS_TRY(plan_draw_batches(trial));
    for (size_t i = 0; i < count; i++) {
        const struct watched *op = &trial->ops[i];
        add_errand(trial, i, op->enqueue_ms, ENQUEUE);
        add_errand(trial, i, op->commit_ms, COMMIT);
        add_errand(trial, i, op->again_ms, AGAIN);
    }
    qsort(trial->errands, trial->errand_count, sizeof *trial->errands, by_time);
    return LS_OK;
}

static enum ls_kind kind_of(enum shape shape)
{
    switch (shape) {
    case SHAPE_MEMO: return LS_KIND_MEMO;
    case SHAPE_EVENT: return LS_KIND_EVENT;
    case SHAPE_TRANSFER: return LS_KIND_SOL_TRANSFER;
    case SHAPE_INVOKE: return LS_KIND_PROGRAM_INVOKE;
    case SHAPE_ACCOUNT: return LS_KIND_ACCOUNT_CREATE;
    case SHAPE_CREATE_MINT: return LS_KIND_TOKEN_CREATE_MINT;
    case SHAPE_MINT_TO:
    case SHAPE_HOPELESS: return LS_KIND_TOKEN_MINT_TO;
    case SHAPE_BURN: return LS_KIND_TOKEN_BURN;
    case SHAPE_SEND: return LS_KIND_TOKEN_TRANSFER;
    }
    return LS_KIND_NONE;
}

/* What the store answered to an enqueue, other than an error. */
static bool is_taken(ls_trial *trial, struct watched *op, ls_err err, const struct ls_why *why)
{
    op->is_refused = ls_failed(err) && strncmp(why->text, "LS006", 5) == 0;
    if (ls_failed(err) && !op->is_refused) {
        trial_violate(trial, "enqueue", "%s: %s", op->key, why->text);
        return false;
    }
    judge_enqueue(trial, op, op->is_refused);
    if (!op->is_refused) return true;
    op->is_open = false;
    if (op->batch != 0) trial->batches[op->batch - 1].size--; /* it is sealed without it */
    trial->refused++;
    trial_trace(trial, "%s is refused: %s", op->key, why->text);
    return false;
}

static void enqueue(ls_trial *trial, struct watched *op, bool is_open)
{
    if (op->is_refused && op->batch != 0) return;
    plan_name_mint(trial, op);
    const struct ls_memory_enqueue request = {
        .kind = kind_of(op->shape),
        .payload = op->payload,
        .key = op->key,
        .entity = op->entity[0] == '\0' ? NULL : op->entity,
        .depends_on_key = op->needs < 0 ? NULL : trial->ops[op->needs].key,
        .lane = 1,
        .attempts_max = 5,
        .fence = op->has_nonce    ? "nonce"
                 : op->has_marker ? "marker"
                                  : NULL,
        .is_open = is_open,
        .batch = plan_batch_of(trial, op),
    };
    struct ls_why why = {0};
    ls_op_id id = {0};
    const ls_err err = ls_memory_store_enqueue(trial->store, &request, &id, &why);
    if (!is_taken(trial, op, err, &why)) return;
    if (op->op.value != 0 && op->op.value != id.value) {
        trial_violate(trial, "enqueue", "%s is op %" PRId64 " and op %" PRId64, op->key,
                      op->op.value, id.value);
    }
    op->op = id;
    if (!is_open && op->committed_ms == 0) op->committed_ms = trial->now_ms;
    if (!index_set(&trial->by_id, index_hash(&id.value, sizeof id.value), op - trial->ops))
        trial->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    trial_trace(trial, "op %-4" PRId64 " enqueued: %s%s", id.value, ls_kind_name(request.kind),
                is_open ? ", not committed" : "");
}

static void commit(ls_trial *trial, struct watched *op)
{
    if (!op->is_open || op->op.value == 0) return;
    op->is_open = false;
    op->committed_ms = trial->now_ms;
    ls_memory_store_commit(trial->store, op->op);
    trial_trace(trial, "op %-4" PRId64 " committed", op->op.value);
}

static void run_errand(ls_trial *trial, const struct errand *errand)
{
    struct watched *op = &trial->ops[errand->op];
    switch (errand->what) {
    case ENQUEUE:
        op->is_open = op->commit_ms != 0;
        enqueue(trial, op, op->is_open);
        if (op->is_open) trial_fire(trial, LS_FAULT_OPEN);
        if (op->shape == SHAPE_INVOKE || op->shape == SHAPE_ACCOUNT)
            trial_fire(trial, LS_FAULT_KINDS);
        if (op->mint >= 0 && trial->plan.has_tokens) trial_fire(trial, LS_FAULT_TOKENS);
        if (op->from_key > 0) trial_fire(trial, LS_FAULT_KEYS);
        if (trial->plan.is_burst) trial_fire(trial, LS_FAULT_BURST);
        break;
    case COMMIT: commit(trial, op); break;
    case AGAIN:
        trial_fire(trial, LS_FAULT_AGAIN);
        enqueue(trial, op, false);
        break;
    case WHAT_COUNT: break;
    }
}

void plan_enqueue_due(ls_trial *trial)
{
    enum { SEAL_AGAIN_MS = 1000 };
    if (trial->batch_count > 0 && trial->now_ms >= trial->next_seal_ms) {
        trial->next_seal_ms = trial->now_ms + SEAL_AGAIN_MS;
        plan_seal_due(trial);
    }
    while (trial->errands_run < trial->errand_count) {
        const struct errand *errand = &trial->errands[trial->errands_run];
        if (errand->at_ms > trial->now_ms) return;
        trial->errands_run++;
        run_errand(trial, errand);
        if (trial->batch_count > 0) plan_seal_due(trial);
    }
}

int64_t plan_next_ms(const ls_trial *trial)
{
    if (trial->errands_run == trial->errand_count) return INT64_MAX;
    return trial->errands[trial->errands_run].at_ms;
}

bool plan_is_done(const ls_trial *trial)
{
    return trial->errands_run == trial->errand_count;
}

/* An application that finds its operation gone enqueues it again, under the same key. */
void plan_look_again(ls_trial *trial)
{
    index_clear(&trial->by_id);
    plan_forget_batches(trial);
    for (size_t i = 0; i < trial->op_count; i++) {
        struct watched *op = &trial->ops[i];
        const bool was_enqueued = op->op.value != 0;
        ls_op_id id = {0};
        op->op = id;
        if (!op->is_open && was_enqueued) op->committed_ms = trial->now_ms;
        if (!ls_memory_store_find(trial->store, op->key, &id)) {
            op->is_open = false;
            if (was_enqueued) enqueue(trial, op, false);
            continue;
        }
        op->op = id;
        (void)index_set(&trial->by_id, index_hash(&id.value, sizeof id.value), (int64_t)i);
        /* What was committed and is open again was lost with its commit. */
        if (op->is_open) continue;
        ls_memory_store_commit(trial->store, id);
    }
    plan_seal_due(trial);
}
