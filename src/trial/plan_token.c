/* Tokens, and keys that sign beside the payer's: by dice of their own, and only where the seed
 * has them, so that what it draws without them stays what it was. */
#include <inttypes.h>
#include <stdio.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/program.h"
#include "trial_private.h"

enum {
    TURN_PPM = 500000,
    PICK_PPM = 300000,
    GIFT_PPM = 800000,
    AMOUNT_MAX = 9,
    LIMIT_MAX = 60,
    MINTS_USED = 3,
    AFTER_MS_MAX = 20000
};
#define KEY_LAMPORTS (TRIAL_KEY_SOL * UINT64_C(1000000000))

void plan_draw_keys(ls_trial *trial)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    trial->keys[0] = trial->payer;
    for (size_t key = 1; key < TRIAL_KEYS; key++) {
        for (size_t i = 0; i < sizeof seed; i++)
            seed[i] = (uint8_t)dice_roll(&trial->key_dice, 256);
        (void)crypto_sign_seed_keypair(trial->keys[key].bytes, trial->secrets[key],
                                       seed); /* cannot fail */
        if (trial->plan.has_keys)
            ls_sim_ledger_fund(trial->ledger, &trial->keys[key], KEY_LAMPORTS);
    }
}

struct watched *plan_mint_of(ls_trial *trial, const struct watched *op)
{
    return op->mint < 0 ? NULL : &trial->ops[op->mint];
}

/* One of the first operations before `place` that make a mint; -1. */
static int32_t some_mint(ls_trial *trial, size_t place)
{
    uint64_t pick = dice_roll(&trial->token_dice, MINTS_USED);
    int32_t found = -1;
    for (size_t i = 0; i < place; i++) {
        if (trial->ops[i].shape != SHAPE_CREATE_MINT) continue;
        found = (int32_t)i;
        if (pick-- == 0) break;
    }
    return found;
}

/* One of the operations before `place` that give tokens to one of the keys; NULL. */
static const struct watched *some_gift(ls_trial *trial, size_t place)
{
    const uint64_t from = dice_roll(&trial->token_dice, place);
    for (size_t i = 0; i < place; i++) {
        const struct watched *op = &trial->ops[(from + i) % place];
        if (op->mint >= 0 && op->to_key >= 0) return op;
    }
    return NULL;
}

static bool is_free(enum shape shape)
{
    return shape == SHAPE_MEMO || shape == SHAPE_EVENT || shape == SHAPE_HOPELESS;
}

static void draw_mint(ls_trial *trial, struct watched *op)
{
    struct dice *dice = &trial->token_dice;
    op->is_2022 = dice_chance(dice, TURN_PPM);
    op->has_texts = dice_chance(dice, TURN_PPM) && op->is_2022;
    op->has_limit = dice_chance(dice, TURN_PPM);
    op->amount = 1 + dice_roll(dice, LIMIT_MAX);
    op->commit_ms = 0; /* others name it */
}

/* A memo, or what else asks for nothing, becomes an operation on tokens. */
static enum shape turned(ls_trial *trial, bool has_mint, enum shape shape)
{
    static const enum shape to[] = {SHAPE_MINT_TO, SHAPE_MINT_TO, SHAPE_BURN, SHAPE_SEND,
                                    SHAPE_SEND};
    const bool is_turned = dice_chance(&trial->token_dice, TURN_PPM);
    const enum shape chosen = to[dice_roll(&trial->token_dice, sizeof to / sizeof to[0])];
    if (!is_free(shape)) return shape;
    if (!has_mint) return SHAPE_CREATE_MINT;
    return is_turned ? chosen : shape;
}

static void begin_after(struct watched *op, int64_t ms)
{
    const int64_t late_ms = ms - op->enqueue_ms;
    if (late_ms <= 0) return;
    op->enqueue_ms += late_ms;
    if (op->commit_ms != 0) op->commit_ms += late_ms;
    if (op->again_ms != 0) op->again_ms += late_ms;
}

/* Most of what is burnt or sent is there, if it came in time. */
static void take_from_gift(ls_trial *trial, size_t place, struct watched *op)
{
    struct dice *dice = &trial->token_dice;
    const struct watched *gift = some_gift(trial, place);
    const bool is_taken = dice_chance(dice, GIFT_PPM);
    const bool is_less = dice_chance(dice, GIFT_PPM);
    const int64_t after_ms = (int64_t)dice_roll(dice, AFTER_MS_MAX);
    if (gift == NULL || !is_taken) return;
    op->mint = op->needs = gift->mint;
    op->from_key = gift->to_key;
    if (is_less && op->amount > gift->amount) op->amount = gift->amount;
    begin_after(op, gift->enqueue_ms + after_ms);
}

static void draw_order(ls_trial *trial, size_t place, int32_t mint, struct watched *op)
{
    struct dice *dice = &trial->token_dice;
    op->amount = 1 + dice_roll(dice, AMOUNT_MAX);
    op->is_by_address = dice_chance(dice, PICK_PPM);
    op->from_key = (int32_t)dice_roll(dice, TRIAL_KEYS);
    op->to_key = (int32_t)dice_roll(dice, TRIAL_KEYS + 1) - 1;
    if (!trial->plan.has_keys) op->from_key = 0;
    if (!trial->plan.has_keys && op->to_key > 0) op->to_key = 0;
    op->mint = op->needs = mint;
    begin_after(op, trial->ops[mint].enqueue_ms);
    if (op->shape != SHAPE_MINT_TO) take_from_gift(trial, place, op);
}

static void draw_token(ls_trial *trial, size_t place)
{
    struct watched *op = &trial->ops[place];
    const int32_t mint = some_mint(trial, place);
    op->shape = turned(trial, mint >= 0, op->shape);
    if (op->shape == SHAPE_CREATE_MINT) draw_mint(trial, op);
    if (op->shape == SHAPE_MINT_TO || op->shape == SHAPE_BURN || op->shape == SHAPE_SEND)
        draw_order(trial, place, mint, op);
}

void plan_draw_token(ls_trial *trial, size_t place)
{
    struct watched *op = &trial->ops[place];
    const bool is_paid = op->shape == SHAPE_TRANSFER || op->shape == SHAPE_INVOKE;
    const int32_t from = (int32_t)dice_roll(&trial->key_dice, TRIAL_KEYS);
    const int32_t to = (int32_t)dice_roll(&trial->key_dice, 2 * TRIAL_KEYS);
    op->mint = op->shape == SHAPE_MINT_TO ? op->needs : -1;
    op->from_key = trial->plan.has_keys && is_paid ? from : 0;
    op->to_key = -1;
    if (trial->plan.has_keys && op->shape == SHAPE_TRANSFER && to < TRIAL_KEYS && to != from &&
        to != 0)
        op->to_key = to;
    if (trial->plan.has_tokens) draw_token(trial, place);
    if (op->to_key >= 0) op->to = trial->keys[op->to_key];
}

/* `"from": ADDRESS, ` where it is not the payer, who is it by default. */
static void write_from(const ls_trial *trial, const struct watched *op, char out[64])
{
    char address[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(&trial->keys[op->from_key], address);
    out[0] = '\0';
    if (op->from_key > 0) (void)snprintf(out, 64, "\"from\": \"%s\", ", address); /* fits */
}

static int write_mint(struct watched *op)
{
    char limit[64] = "";
    if (op->has_limit)
        (void)snprintf(limit, sizeof limit, ", \"max_supply\": \"%" PRIu64 "\"", op->amount);
    return snprintf(op->payload, sizeof op->payload, "{\"decimals\": 0%s%s%s}", limit,
                    op->is_2022 ? ", \"program\": \"token-2022\"" : "",
                    op->has_texts ? ", \"name\": \"Share\", \"symbol\": \"SHR\"" : "");
}

int plan_write_token(const ls_trial *trial, struct watched *op)
{
    char from[64];
    char to[LS_ADDRESS_TEXT_BYTES];
    char address[LS_ADDRESS_TEXT_BYTES];
    char mint[LS_KEY_BYTES_MAX + 16];
    if (op->shape == SHAPE_CREATE_MINT) return write_mint(op);
    const struct watched *made = &trial->ops[op->mint];
    ls_address_text(&made->made, address);
    ls_address_text(&op->to, to);
    write_from(trial, op, from);
    (void)snprintf(mint, sizeof mint, "{\"key\": \"%s\"}", made->key); /* fits, as below */
    if (op->needs < 0) (void)snprintf(mint, sizeof mint, "\"%s\"", address);
    return snprintf(
        op->payload, sizeof op->payload, "{\"mint\": %s, %s%s%s%s\"amount\": \"%" PRIu64 "\"}",
        mint, op->shape == SHAPE_MINT_TO ? "" : from,
        op->shape == SHAPE_BURN ? "" : "\"to\": \"", op->shape == SHAPE_BURN ? "" : to,
        op->shape == SHAPE_BURN ? "" : "\", ", op->amount);
}

int plan_write_transfer(const ls_trial *trial, struct watched *op)
{
    char from[64];
    char to[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(&op->to, to);
    write_from(trial, op, from);
    return snprintf(op->payload, sizeof op->payload,
                    "{%s\"to\": \"%s\", \"lamports\": \"%" PRIu64 "\"}", from, to, op->amount);
}

/* Nobody can know the address before it was signed for; and what was enqueued stays so. */
void plan_name_mint(ls_trial *trial, struct watched *op)
{
    struct ls_stored_attempt attempt;
    const struct watched *mint = plan_mint_of(trial, op);
    if (!op->is_by_address || mint == NULL || op->op.value != 0 || op->needs < 0) return;
    if (ls_memory_store_attempts(trial->store, mint->op, &attempt, 1) == 0) return;
    op->needs = -1;
    (void)plan_write_token(trial, op); /* shorter than before */
}
