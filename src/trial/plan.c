/* What a seed chooses: which faults are on and how often, and the rhythm of its ledger.
 * Every die is cast whether its fault may be on or not, so that to leave one out moves no
 * other. */
#include "trial_private.h"

enum { ON_PPM = 500000, SELDOM_PPM = 250000, CALM_MS = 2000 };

/* SplitMix64, by its published constants. */
static uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

struct dice dice_make(uint64_t seed, uint64_t purpose)
{
    return (struct dice){.state = mixed(seed + mixed(purpose + 1))};
}

uint64_t dice_roll(struct dice *dice, uint64_t below)
{
    dice->state += UINT64_C(0x9e3779b97f4a7c15);
    const uint64_t value = mixed(dice->state);
    return below == 0 ? 0 : value % below;
}

bool dice_chance(struct dice *dice, int64_t ppm)
{
    return (int64_t)dice_roll(dice, 1000000) < ppm;
}

/* Swarm: each fault is off in a good part of the trials, so that none hides another. */
static bool is_on(ls_trial *trial, enum ls_fault fault, int64_t ppm)
{
    const bool is_chosen = dice_chance(&trial->plan_dice, ppm);
    return is_chosen && (trial->options.faults & LS_FAULT_BIT(fault)) != 0;
}

static int32_t some_ppm(ls_trial *trial, enum ls_fault fault, int32_t most)
{
    const bool is_chosen = is_on(trial, fault, ON_PPM);
    const int32_t ppm = 1 + (int32_t)dice_roll(&trial->plan_dice, (uint64_t)most);
    return is_chosen ? ppm : 0;
}

static int64_t some(ls_trial *trial, enum ls_fault fault, int64_t least, int64_t most)
{
    const bool is_chosen = is_on(trial, fault, ON_PPM);
    const int64_t number =
        least + (int64_t)dice_roll(&trial->plan_dice, (uint64_t)(most - least));
    return is_chosen ? number : 0;
}

static int64_t seldom(ls_trial *trial, enum ls_fault fault, int64_t least, int64_t most)
{
    const bool is_chosen = is_on(trial, fault, SELDOM_PPM);
    const int64_t number =
        least + (int64_t)dice_roll(&trial->plan_dice, (uint64_t)(most - least));
    return is_chosen ? number : 0;
}

static void draw_network(ls_trial *trial, struct ls_sim_faults *faults)
{
    faults->drop_request_ppm = some_ppm(trial, LS_FAULT_REFUSE, 100000);
    faults->lose_request_ppm = some_ppm(trial, LS_FAULT_LOSE_REQUEST, 50000);
    faults->drop_reply_ppm = some_ppm(trial, LS_FAULT_LOSE_REPLY, 100000);
    faults->straggle_ppm = some_ppm(trial, LS_FAULT_STRAGGLE, 500000);
    faults->duplicate_ppm = some_ppm(trial, LS_FAULT_DUPLICATE, 200000);
    faults->rate_limit_ppm = some_ppm(trial, LS_FAULT_RATE_LIMIT, 50000);
    faults->garbage_ppm = some_ppm(trial, LS_FAULT_GARBAGE, 30000);
    faults->truncate_ppm = some_ppm(trial, LS_FAULT_TRUNCATE, 30000);
    faults->reply_delay_ms_max = some(trial, LS_FAULT_SLOW, 1, 500);
}

static void draw_nodes(ls_trial *trial, struct ls_sim_faults *faults)
{
    faults->unhealthy_ppm = some_ppm(trial, LS_FAULT_UNHEALTHY, 30000);
    faults->lag_slots = some(trial, LS_FAULT_LAG, 1, 40);
    faults->balance_ppm = some_ppm(trial, LS_FAULT_BALANCE, 1000000);
    faults->split_ppm = some_ppm(trial, LS_FAULT_SPLIT, 300000);
    faults->false_null_ppm = some_ppm(trial, LS_FAULT_FALSE_NULL, 50000);
    faults->stale_slots = some(trial, LS_FAULT_STALE, 10, 400);
    faults->stale_nodes = 1u << dice_roll(&trial->plan_dice, LS_SIM_POOL_NODES);
    if (faults->stale_slots == 0) faults->stale_nodes = 0;
    faults->history_slots = some(trial, LS_FAULT_PURGE, 300, 600);
    faults->hole_ppm = some_ppm(trial, LS_FAULT_HOLE, 300000);
    faults->empty_list_ppm = some_ppm(trial, LS_FAULT_EMPTY_LIST, 100000);
}

static void draw_chain(ls_trial *trial, struct ls_sim_faults *faults)
{
    faults->drop_tx_ppm = some_ppm(trial, LS_FAULT_DROP_TX, 300000);
    faults->delay_tx_ppm = some_ppm(trial, LS_FAULT_LATE_TX, 400000);
    faults->delay_tx_slots_max = 1 + (int64_t)dice_roll(&trial->plan_dice, 160);
    faults->last_moment_ppm = some_ppm(trial, LS_FAULT_LAST_MOMENT, 200000);
    faults->fork_ppm = some_ppm(trial, LS_FAULT_FORK, 100000);
    faults->fork_lose_ppm = some_ppm(trial, LS_FAULT_FORK_LOSE, 1000000);
    faults->skip_ppm = some_ppm(trial, LS_FAULT_SKIP, 400000);
    faults->halt_ppm = some_ppm(trial, LS_FAULT_HALT, 5000);
    faults->halt_slots_max = 1 + (int64_t)dice_roll(&trial->plan_dice, 200);
}

static void draw_store(ls_trial *trial, struct plan *plan)
{
    plan->store.refuse_ppm = some_ppm(trial, LS_FAULT_STORE_REFUSE, 20000);
    plan->store.lose_reply_ppm = some_ppm(trial, LS_FAULT_STORE_LOSE_REPLY, 20000);
    plan->store.lose_request_ppm = some_ppm(trial, LS_FAULT_STORE_LOSE_REQUEST, 20000);
    plan->store.delay_ms_max = some(trial, LS_FAULT_STORE_SLOW, 1, 100);
    plan->store_outage_every_ms = seldom(trial, LS_FAULT_STORE_DOWN, 5000, 60000);
    plan->cut_store_every_ms = seldom(trial, LS_FAULT_CUT_STORE, 3000, 40000);
    plan->promote_every_ms = seldom(trial, LS_FAULT_PROMOTE, 5000, 60000);
    plan->failover_every_ms = seldom(trial, LS_FAULT_FAILOVER, 5000, 60000);
}

static void draw_rest(ls_trial *trial, struct plan *plan)
{
    const bool has_second = is_on(trial, LS_FAULT_SECOND_WORKER, ON_PPM);
    const bool has_third = is_on(trial, LS_FAULT_THIRD_WORKER, SELDOM_PPM);
    plan->processes = 1 + (has_second ? 1 : 0) + (has_third ? 1 : 0);
    plan->ledger_outage_every_ms = seldom(trial, LS_FAULT_LEDGER_DOWN, 5000, 60000);
    plan->cut_ledger_every_ms = seldom(trial, LS_FAULT_CUT_LEDGER, 3000, 40000);
    plan->kill_every = some(trial, LS_FAULT_KILL, 20, 600);
    plan->stall_every = some(trial, LS_FAULT_STALL, 10, 300);
    plan->stop_every_ms = seldom(trial, LS_FAULT_STOP, 5000, 60000);
    plan->clock_every_ms = some(trial, LS_FAULT_CLOCK, 1000, 30000);
    plan->action_every_ms = some(trial, LS_FAULT_ACTION, 200, 10000);
    plan->has_repeats = is_on(trial, LS_FAULT_REPEAT, ON_PPM);
    plan->gate_every_ms = seldom(trial, LS_FAULT_GATE, 3000, 30000);
    plan->pause_every_ms = seldom(trial, LS_FAULT_PAUSE, 3000, 30000);
    plan->is_poor = is_on(trial, LS_FAULT_POOR, SELDOM_PPM / 2);
    plan->is_burst = is_on(trial, LS_FAULT_BURST, SELDOM_PPM);
    plan->again_ppm = some_ppm(trial, LS_FAULT_AGAIN, 300000);
    plan->open_ppm = some_ppm(trial, LS_FAULT_OPEN, 300000);
}

/* Nothing, what does by default, or everything shares transactions. */
static void draw_packs(ls_trial *trial, struct plan *plan)
{
    const uint64_t turn = dice_roll(&trial->plan_dice, 3);
    plan->pack_kinds = ls_worker_options_default().pack_kinds;
    if (turn == 0) plan->pack_kinds = 0;
    if (turn == 2) plan->pack_kinds = UINT32_MAX;
}

/* Where there are several endpoints, one may be another cluster's, and another may deny;
 * at least one is honest. */
static void draw_bad_endpoints(ls_trial *trial, struct plan *plan)
{
    const uint32_t first = 1u << dice_roll(&trial->plan_dice, (uint64_t)plan->endpoints);
    plan->ledger.fee_floor = some(trial, LS_FAULT_CONGEST, 1, 5000);
    const bool has_foreign = is_on(trial, LS_FAULT_FOREIGN, SELDOM_PPM);
    const bool has_deny = is_on(trial, LS_FAULT_DENY, SELDOM_PPM);
    if (plan->endpoints < 2) return;
    if (has_foreign) plan->foreign_mask = first;
    const uint32_t second = first == 1u ? 2u : 1u;
    if (has_deny && !has_foreign) plan->ledger.deny_mask = first;
    if (has_deny && has_foreign && plan->endpoints > 2) plan->ledger.deny_mask = second;
}

static int32_t late_ppm(ls_trial *trial, struct dice *dice, enum ls_fault fault, int32_t most)
{
    const bool is_chosen = dice_chance(dice, ON_PPM);
    const int32_t ppm = 1 + (int32_t)dice_roll(dice, (uint64_t)most);
    return is_chosen && (trial->options.faults & LS_FAULT_BIT(fault)) != 0 ? ppm : 0;
}

/* Each by dice of its own: what a seed draws without it stays what it was. */
static void draw_late(ls_trial *trial, struct plan *plan)
{
    plan->aim_ppm = late_ppm(trial, &trial->aim_dice, LS_FAULT_AIM, 300000);
    plan->ledger.gap_ppm = late_ppm(trial, &trial->gap_dice, LS_FAULT_GAP, 100000);
    plan->stranger_ppm = late_ppm(trial, &trial->stranger_dice, LS_FAULT_STRANGER, 200000);
    const int64_t span_slots = 50 + (int64_t)dice_roll(&trial->gap_dice, 1000);
    plan->span_slots = plan->ledger.gap_ppm > 0 ? span_slots : LS_WORKER_SPAN_SLOTS_MAX;
    plan->steal_ppm = late_ppm(trial, &trial->steal_dice, LS_FAULT_STEAL, 400000);
    plan->redo_ppm = late_ppm(trial, &trial->redo_dice, LS_FAULT_REDO, 500000);
    plan->work_every_ms = late_ppm(trial, &trial->work_dice, LS_FAULT_WORK, 20000);
    if (plan->work_every_ms > 0) plan->work_every_ms += 500;
}

void plan_draw(ls_trial *trial)
{
    static const int64_t slots_ms[] = {50, 100, 200, 400};
    struct plan *plan = &trial->plan;
    struct dice *dice = &trial->plan_dice;
    *plan = (struct plan){.chaos_ms = CALM_MS};
    plan->slot_ms = slots_ms[dice_roll(dice, 4)];
    plan->finality_slots = dice_chance(dice, ON_PPM) ? 32 : 8;
    plan->endpoints = 1 + (int32_t)dice_roll(dice, 3);
    const int64_t chaos_ms = 10000 + (int64_t)dice_roll(dice, 120000);
    if (trial->options.faults != LS_FAULTS_NONE) plan->chaos_ms = chaos_ms;
    if (trial->options.chaos_ms > 0) plan->chaos_ms = trial->options.chaos_ms;
    draw_network(trial, &plan->ledger);
    draw_nodes(trial, &plan->ledger);
    draw_chain(trial, &plan->ledger);
    draw_store(trial, plan);
    draw_rest(trial, plan);
    draw_packs(trial, plan);
    draw_bad_endpoints(trial, plan);
    /* In half of the trials every other operation shares a small pool of nonces. */
    const bool has_nonces = dice_chance(&trial->fence_dice, ON_PPM);
    const int32_t nonces = 1 + (int32_t)dice_roll(&trial->fence_dice, 6);
    plan->nonces = has_nonces ? nonces : 0;
    const bool has_markers = dice_chance(&trial->fence_dice, ON_PPM);
    const int32_t marker_ppm = (int32_t)dice_roll(&trial->fence_dice, 1000001);
    plan->marker_ppm = has_markers ? marker_ppm : 0;
    /* A failover can lose to which cluster a store belongs. */
    plan->names_genesis = dice_chance(dice, ON_PPM) || plan->failover_every_ms > 0;
    plan->is_wide = dice_chance(&trial->kind_dice, ON_PPM) &&
                    (trial->options.faults & LS_FAULT_BIT(LS_FAULT_KINDS)) != 0;
    plan->has_tokens = dice_chance(&trial->token_dice, ON_PPM) &&
                       (trial->options.faults & LS_FAULT_BIT(LS_FAULT_TOKENS)) != 0;
    plan->has_keys = dice_chance(&trial->key_dice, ON_PPM) &&
                     (trial->options.faults & LS_FAULT_BIT(LS_FAULT_KEYS)) != 0;
    plan->lacks_key = dice_chance(&trial->key_dice, SELDOM_PPM) && plan->has_keys;
    const bool has_reclaims = dice_chance(&trial->reclaim_dice, ON_PPM) &&
                              (trial->options.faults & LS_FAULT_BIT(LS_FAULT_RECLAIM)) != 0;
    const int64_t heights =
        2 * LS_BLOCKHASH_HEIGHTS + (int64_t)dice_roll(&trial->reclaim_dice, 300);
    draw_late(trial, plan);
    plan->markers_ms = has_reclaims ? heights * plan->slot_ms : 0;
    plan->is_lined = dice_chance(&trial->line_dice, 400000);
}
