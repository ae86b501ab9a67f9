/* What a seed chooses: which faults are on and how often, and which operations come. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "trial_private.h"

enum { ON_PPM = 500000, SELDOM_PPM = 200000, CALM_MS = 2000 };

/* SplitMix64, by its published constants. */
uint64_t dice_roll(struct dice *dice, uint64_t below)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = dice->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    mixed ^= mixed >> 31;
    return below == 0 ? 0 : mixed % below;
}

bool dice_chance(struct dice *dice, int64_t ppm)
{
    return (int64_t)dice_roll(dice, 1000000) < ppm;
}

/* Swarm: each fault is off in half of the worlds, so that none hides another. */
static int32_t some_ppm(struct dice *dice, int32_t most)
{
    bool is_on = dice_chance(dice, ON_PPM);
    int32_t ppm = (int32_t)dice_roll(dice, (uint64_t)most + 1);
    return is_on ? ppm : 0;
}

static int64_t some_ms(struct dice *dice, int64_t ppm, int64_t least, int64_t most)
{
    bool is_on = dice_chance(dice, ppm);
    int64_t ms = least + (int64_t)dice_roll(dice, (uint64_t)(most - least));
    return is_on ? ms : 0;
}

static void draw_ledger(struct dice *dice, struct ls_sim_faults *faults)
{
    *faults = (struct ls_sim_faults){
        .drop_request_ppm = some_ppm(dice, 100000),
        .lose_request_ppm = some_ppm(dice, 50000),
        .drop_reply_ppm = some_ppm(dice, 100000),
        .rate_limit_ppm = some_ppm(dice, 50000),
        .garbage_ppm = some_ppm(dice, 30000),
        .unhealthy_ppm = some_ppm(dice, 30000),
        .drop_tx_ppm = some_ppm(dice, 300000),
        .delay_tx_ppm = some_ppm(dice, 400000),
        .false_null_ppm = some_ppm(dice, 50000),
        .fork_ppm = some_ppm(dice, 100000),
        .fork_lose_ppm = some_ppm(dice, 1000000),
        .delay_tx_slots_max = 1 + (int64_t)dice_roll(dice, 160),
        .reply_delay_ms_max = some_ms(dice, ON_PPM, 1, 500),
        .lag_slots = some_ms(dice, ON_PPM, 1, 5),
        .history_slots = some_ms(dice, ON_PPM, 300, 600),
    };
}

static void draw_store(struct dice *dice, struct ls_memory_faults *faults)
{
    *faults = (struct ls_memory_faults){
        .refuse_ppm = some_ppm(dice, 20000),
        .lose_reply_ppm = some_ppm(dice, 20000),
        .lose_request_ppm = some_ppm(dice, 20000),
        .delay_ms_max = some_ms(dice, ON_PPM, 1, 100),
    };
}

/* Nothing, what does by default, or everything shares transactions: by the seed itself. */
static void draw_packs(ls_trial *trial)
{
    uint64_t turn = trial->options.seed % 3;
    if (turn == 0) trial->plan.pack_kinds = 0;
    if (turn == 2) trial->plan.pack_kinds = UINT32_MAX;
}

static void draw_faults(ls_trial *trial)
{
    struct dice *dice = &trial->dice;
    struct plan *plan = &trial->plan;
    draw_ledger(dice, &plan->ledger);
    draw_store(dice, &plan->store);
    plan->processes = 1 + (int32_t)dice_roll(dice, 2);
    plan->endpoints = 1 + (int32_t)dice_roll(dice, 3);
    plan->chaos_ms = 10000 + (int64_t)dice_roll(dice, 120000);
    plan->kill_every = some_ms(dice, ON_PPM, 20, 600);
    plan->stall_every = some_ms(dice, ON_PPM, 10, 300);
    plan->stop_every_ms = some_ms(dice, SELDOM_PPM, 5000, 60000);
    plan->ledger_outage_every_ms = some_ms(dice, SELDOM_PPM, 5000, 60000);
    plan->store_outage_every_ms = some_ms(dice, SELDOM_PPM, 5000, 60000);
    plan->action_every_ms = some_ms(dice, ON_PPM, 200, 10000);
    draw_packs(trial);
    plan->is_poor = dice_chance(dice, SELDOM_PPM / 2);
}

static const enum shape shapes[] = {
    SHAPE_MEMO,     SHAPE_MEMO,     SHAPE_MEMO,        SHAPE_EVENT,   SHAPE_TRANSFER,
    SHAPE_TRANSFER, SHAPE_TRANSFER, SHAPE_CREATE_MINT, SHAPE_MINT_TO, SHAPE_HOPELESS,
};

static void random_address(struct dice *dice, struct ls_address *out)
{
    for (size_t i = 0; i < sizeof out->bytes; i++)
        out->bytes[i] = (uint8_t)dice_roll(dice, 256);
}

/* A mint that an earlier operation creates; NULL. */
static const char *earlier_mint(const ls_trial *trial)
{
    for (size_t i = trial->op_count; i > 0; i--)
        if (trial->ops[i - 1].shape == SHAPE_CREATE_MINT) return trial->ops[i - 1].key;
    return NULL;
}

static void write_payload(ls_trial *trial, struct watched *op)
{
    char to[LS_ADDRESS_TEXT_BYTES];
    char other[LS_ADDRESS_TEXT_BYTES];
    char key[sizeof op->key];
    char needs[sizeof op->needs];
    struct ls_address none;
    memcpy(key, op->key, sizeof key);
    memcpy(needs, op->needs, sizeof needs);
    random_address(&trial->dice, &op->to);
    random_address(&trial->dice, &none);
    ls_address_text(&op->to, to);
    ls_address_text(&none, other);
    size_t room = sizeof op->payload;
    int length = 0;
    switch (op->shape) {
    case SHAPE_MEMO: length = snprintf(op->payload, room, "{\"text\": \"%s\"}", key); break;
    case SHAPE_EVENT:
        length = snprintf(op->payload, room,
                          "{\"type\": \"proposal.closed\", \"subject\": \"%s\", "
                          "\"document\": {\"yes\": 3}}",
                          key);
        break;
    case SHAPE_TRANSFER:
        op->amount = 1000000 + dice_roll(&trial->dice, 1000);
        length = snprintf(op->payload, room, "{\"to\": \"%s\", \"lamports\": \"%" PRIu64 "\"}",
                          to, op->amount);
        break;
    case SHAPE_CREATE_MINT: length = snprintf(op->payload, room, "{\"decimals\": 0}"); break;
    case SHAPE_MINT_TO:
        length = snprintf(op->payload, room,
                          "{\"mint\": {\"key\": \"%s\"}, \"to\": \"%s\", \"amount\": \"5\"}",
                          needs, to);
        break;
    case SHAPE_HOPELESS:
        length = snprintf(op->payload, room,
                          "{\"mint\": \"%s\", \"to\": \"%s\", \"amount\": \"5\"}", other, to);
        break;
    }
    assert(length > 0 && (size_t)length < room);
}

static void draw_op(ls_trial *trial)
{
    struct dice *dice = &trial->dice;
    struct watched *op = &trial->ops[trial->op_count];
    *op = (struct watched){0};
    op->shape = shapes[dice_roll(dice, sizeof shapes / sizeof shapes[0])];
    const char *mint = earlier_mint(trial);
    if (op->shape == SHAPE_MINT_TO && mint == NULL) op->shape = SHAPE_CREATE_MINT;
    if (op->shape == SHAPE_MINT_TO) memcpy(op->needs, mint, sizeof op->needs);
    (void)snprintf(op->key, sizeof op->key, "key-%zu", trial->op_count + 1);
    if (dice_chance(dice, 300000))
        (void)snprintf(op->entity, sizeof op->entity, "org-%d", (int)dice_roll(dice, 4));
    op->enqueue_ms = trial->now_ms + (int64_t)dice_roll(dice, (uint64_t)trial->plan.chaos_ms);
    if (trial->op_count > 0 && dice_chance(dice, 400000))
        op->enqueue_ms = trial->ops[trial->op_count - 1].enqueue_ms;
    write_payload(trial, op);
    struct ls_hash genesis = ls_sim_ledger_genesis(trial->ledger);
    op->tag = ls_tag_make(trial->tag_key, &genesis, op->key, strlen(op->key));
    trial->op_count++;
}

/* Faults and rhythm first; the ledger is made with them, then the operations drawn. */
void plan_draw(ls_trial *trial)
{
    static const int64_t slots_ms[] = {50, 100, 200, 400};
    struct plan *plan = &trial->plan;
    *plan = (struct plan){.processes = 1,
                          .endpoints = 1,
                          .chaos_ms = CALM_MS,
                          .pack_kinds = ls_worker_options_default().pack_kinds};
    if (!trial->options.is_calm) draw_faults(trial);
    plan->slot_ms = slots_ms[dice_roll(&trial->dice, 4)];
    plan->finality_slots = dice_chance(&trial->dice, ON_PPM) ? 32 : 8;
}

void plan_draw_ops(ls_trial *trial)
{
    while (trial->op_count < (size_t)trial->options.op_count) draw_op(trial);
    plan_draw_batches(trial);
}

static enum ls_kind kind_of(enum shape shape)
{
    switch (shape) {
    case SHAPE_MEMO: return LS_KIND_MEMO;
    case SHAPE_EVENT: return LS_KIND_EVENT;
    case SHAPE_TRANSFER: return LS_KIND_SOL_TRANSFER;
    case SHAPE_CREATE_MINT: return LS_KIND_TOKEN_CREATE_MINT;
    case SHAPE_MINT_TO:
    case SHAPE_HOPELESS: return LS_KIND_TOKEN_MINT_TO;
    }
    return LS_KIND_NONE;
}

/* The operation that it depends on is enqueued, or there is none. */
static bool is_enqueueable(ls_trial *trial, const struct watched *op)
{
    if (op->op.value != 0 || op->enqueue_ms > trial->now_ms) return false;
    for (size_t i = 0; i < trial->op_count; i++)
        if (strcmp(trial->ops[i].key, op->needs) == 0) return trial->ops[i].op.value != 0;
    return true;
}

void plan_enqueue_due(ls_trial *trial)
{
    for (size_t i = 0; i < trial->op_count; i++) {
        struct watched *op = &trial->ops[i];
        if (!is_enqueueable(trial, op)) continue;
        struct ls_memory_enqueue request = {
            .kind = kind_of(op->shape),
            .payload = op->payload,
            .key = op->key,
            .entity = op->entity[0] == '\0' ? NULL : op->entity,
            .depends_on_key = op->needs[0] == '\0' ? NULL : op->needs,
            .lane = 1,
            .attempts_max = 5,
            .batch = plan_batch_of(trial, op),
        };
        struct ls_why why = {0};
        ls_err err = ls_memory_store_enqueue(trial->store, &request, &op->op, &why);
        if (ls_failed(err)) trial_violate(trial, "enqueue", "%s: %s", op->key, why.text);
        trial_trace(trial, "op %-4" PRId64 " enqueued: %s", op->op.value,
                    ls_kind_name(request.kind));
    }
    plan_seal_due(trial);
}

int64_t plan_next_ms(const ls_trial *trial)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < trial->op_count; i++) {
        const struct watched *op = &trial->ops[i];
        if (op->op.value == 0 && op->enqueue_ms > trial->now_ms && op->enqueue_ms < next_ms)
            next_ms = op->enqueue_ms;
    }
    return next_ms;
}
