/* What happens from outside: outages, cuts, failovers, jumps of the wall clock. */
#include <inttypes.h>
#include <stdlib.h>

#include "trial_private.h"

enum {
    OUTAGE_MS_MAX = 20000,
    HOUR_MS = 3600000,
    DAYS_MAX_MS = 24 * 24 * HOUR_MS,
    LOST_RECORDS_MAX = 60, /* what a failover loses, in requests to the store */
    LOST_MORE_MAX = 600,
    WALL_START_MS = 1700000000,
};

/* A thing that is on and off by turns. */
struct turn {
    int64_t every_ms; /* 0: never on */
    int64_t next_ms;
    bool is_on;
};

struct weather {
    struct turn ledger, store;
    struct turn cut_ledger[TRIAL_PROCESSES_MAX], cut_store[TRIAL_PROCESSES_MAX];
    struct turn promote, failover, clock, stop;
    int64_t wall_offset_ms;
};

static int64_t later(ls_trial *trial, int64_t mean_ms)
{
    return trial->now_ms + 1 + (int64_t)dice_roll(&trial->weather_dice, (uint64_t)mean_ms * 2);
}

static struct turn turn_make(ls_trial *trial, int64_t every_ms)
{
    const int64_t first_ms = later(trial, trial->plan.chaos_ms / 2);
    return (struct turn){.every_ms = every_ms, .next_ms = first_ms};
}

struct weather *weather_new(ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    struct weather *weather = calloc(1, sizeof *weather);
    if (weather == NULL) return NULL;
    weather->ledger = turn_make(trial, plan->ledger_outage_every_ms);
    weather->store = turn_make(trial, plan->store_outage_every_ms);
    for (size_t i = 0; i < TRIAL_PROCESSES_MAX; i++) {
        weather->cut_ledger[i] = turn_make(trial, plan->cut_ledger_every_ms);
        weather->cut_store[i] = turn_make(trial, plan->cut_store_every_ms);
    }
    weather->promote = turn_make(trial, plan->promote_every_ms);
    weather->failover = turn_make(trial, plan->failover_every_ms);
    weather->clock = turn_make(trial, plan->clock_every_ms);
    weather->stop = turn_make(trial, plan->stop_every_ms);
    return weather;
}

void weather_free(struct weather *weather)
{
    free(weather);
}

/* Whether it changes now: from off to on, or back. */
static bool changes(ls_trial *trial, struct turn *turn)
{
    if (turn->every_ms == 0 || trial->now_ms < turn->next_ms) return false;
    turn->is_on = !turn->is_on;
    turn->next_ms = later(trial, turn->is_on ? OUTAGE_MS_MAX / 2 : turn->every_ms);
    return true;
}

/* Whether a thing without length happens now. */
static bool strikes(ls_trial *trial, struct turn *turn)
{
    if (turn->every_ms == 0 || trial->now_ms < turn->next_ms) return false;
    turn->next_ms = later(trial, turn->every_ms);
    return true;
}

static void set_faults(ls_trial *trial)
{
    struct ls_sim_faults ledger = trial->plan.ledger;
    struct ls_memory_faults store = trial->plan.store;
    ledger.is_down = trial->weather->ledger.is_on;
    store.is_down = trial->weather->store.is_on;
    ls_sim_ledger_set_faults(trial->ledger, &ledger);
    ls_memory_store_set_faults(trial->store, &store);
}

static void outages(ls_trial *trial)
{
    struct weather *weather = trial->weather;
    if (changes(trial, &weather->ledger)) {
        trial_trace(trial, "the ledger is %s", weather->ledger.is_on ? "down" : "up");
        set_faults(trial);
    }
    if (changes(trial, &weather->store)) {
        trial_trace(trial, "the store is %s", weather->store.is_on ? "down" : "up");
        if (weather->store.is_on) trial_fire(trial, LS_FAULT_STORE_DOWN);
        set_faults(trial);
    }
}

/* Our cluster is named, or the first worker has pinned it: from now on an endpoint may be
 * another's. */
static void turn_foreign(ls_trial *trial)
{
    struct ls_worker_row row;
    const bool is_done = trial->plan.foreign_mask == trial->plan.ledger.foreign_mask;
    const bool is_known =
        trial->plan.names_genesis || ls_memory_store_worker(trial->store, 1, &row);
    if (is_done || !is_known) return;
    trial->plan.ledger.foreign_mask = trial->plan.foreign_mask;
    trial_trace(trial, "an endpoint answers for another cluster");
    set_faults(trial);
}

static void cut(ls_trial *trial, int32_t number, struct turn *turn, bool is_ledger)
{
    if (!changes(trial, turn)) return;
    process_cut(trial->processes[number], is_ledger, turn->is_on);
    trial_trace(trial, "w%d is %s the %s", (int)number + 1,
                turn->is_on ? "cut off from" : "joined again to",
                is_ledger ? "ledger" : "store");
    if (turn->is_on) trial_fire(trial, is_ledger ? LS_FAULT_CUT_LEDGER : LS_FAULT_CUT_STORE);
}

/* The store goes on as it was `lost` records ago. */
static void restore(ls_trial *trial, int64_t lost, enum ls_fault fault)
{
    const int64_t moment = ls_memory_store_moment(trial->store);
    const int64_t kept = lost < moment ? moment - lost : 0;
    const ls_err err = ls_memory_store_restore(trial->store, kept);
    if (ls_failed(err)) {
        trial->err = err;
        return;
    }
    trial_fire(trial, fault);
    if (moment > kept) trial->has_lost_commits = true;
    trial_trace(trial, "the store fails over: %" PRId64 " of %" PRId64 " requests are lost",
                moment - kept, moment);
    judge_forget(trial);
    plan_look_again(trial);
}

static void failovers(ls_trial *trial)
{
    struct weather *weather = trial->weather;
    if (strikes(trial, &weather->promote)) restore(trial, 0, LS_FAULT_PROMOTE);
    if (!strikes(trial, &weather->failover)) return;
    int64_t lost = 1 + (int64_t)dice_roll(&trial->weather_dice, LOST_RECORDS_MAX);
    const int64_t more = (int64_t)dice_roll(&trial->redo_dice, LOST_MORE_MAX);
    if (trial->plan.redo_ppm > 0) lost += more; /* also what was undone, and its undoing */
    restore(trial, lost, LS_FAULT_FAILOVER);
}

static void jump_clock(ls_trial *trial)
{
    struct weather *weather = trial->weather;
    if (!strikes(trial, &weather->clock)) return;
    const int64_t span_ms = dice_chance(&trial->weather_dice, 500000) ? HOUR_MS : DAYS_MAX_MS;
    weather->wall_offset_ms =
        (int64_t)dice_roll(&trial->weather_dice, (uint64_t)span_ms * 2) - span_ms;
    trial_fire(trial, LS_FAULT_CLOCK);
}

static void stop_one(ls_trial *trial)
{
    if (!strikes(trial, &trial->weather->stop)) return;
    const uint64_t number = dice_roll(&trial->weather_dice, (uint64_t)trial->plan.processes);
    trial_fire(trial, LS_FAULT_STOP);
    process_stop(trial->processes[number]);
}

void weather_turn(ls_trial *trial)
{
    struct weather *weather = trial->weather;
    if (!trial->is_chaos) return;
    turn_foreign(trial);
    outages(trial);
    for (int32_t i = 0; i < trial->plan.processes; i++) {
        cut(trial, i, &weather->cut_ledger[i], true);
        cut(trial, i, &weather->cut_store[i], false);
    }
    failovers(trial);
    jump_clock(trial);
    stop_one(trial);
}

void weather_end(ls_trial *trial)
{
    ls_sim_ledger_set_faults(trial->ledger, &(struct ls_sim_faults){0});
    ls_memory_store_set_faults(trial->store, &(struct ls_memory_faults){0});
    for (int32_t i = 0; i < trial->plan.processes; i++) process_heal(trial->processes[i]);
}

int64_t weather_wall_ms(const ls_trial *trial)
{
    return WALL_START_MS * INT64_C(1000) + trial->now_ms + trial->weather->wall_offset_ms;
}

bool weather_is_store_down(const ls_trial *trial)
{
    return trial->weather->store.is_on;
}
