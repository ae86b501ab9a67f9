/* The brake on storms of retries: where a large share of attempts expires or can not be
 * proved, claiming more only makes more of them. Claims then halve, down to a trickle that
 * finds out when it is over, and grow again step by step. The urgent lane and the others are
 * counted and slowed each for itself. */
#include "step_private.h"

enum {
    WINDOW_MS = 10000,
    ENOUGH = 10,        /* endings in a window that say something */
    BAD_PERMILLE = 300, /* of them expired or unproved: too many */
    FULL_PERMILLE = 1000,
    LEAST_PERMILLE = 10,
    MORE_PERMILLE = 100, /* a window without a storm */
};

static enum group group_of(const struct slot *slot)
{
    return slot->is_urgent ? GROUP_URGENT : GROUP_REST;
}

void ls_step_brake_count(ls_core *core, const struct slot *slot, bool is_good)
{
    struct brake *brake = &core->brakes[group_of(slot)];
    if (is_good) {
        brake->good++;
    } else {
        brake->bad++;
    }
}

static bool is_storm(const struct brake *brake)
{
    int64_t all = (int64_t)brake->good + brake->bad;
    return all >= ENOUGH && brake->bad * INT64_C(1000) > all * BAD_PERMILLE;
}

bool ls_step_is_braked(const ls_core *core)
{
    return core->brakes[GROUP_URGENT].slowed > 0 || core->brakes[GROUP_REST].slowed > 0;
}

/* It fires when the first brake goes on and ends when the last is off; after the store was
 * lost it is told again. */
static void tell(ls_core *core)
{
    const bool is_on = ls_step_is_braked(core);
    if (is_on == core->is_brake_told) return;
    core->is_brake_told = is_on;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_ALERT);
    effect->as.alert.rule = "brake";
    effect->as.alert.severity = 1;
    effect->as.alert.message =
        "many attempts expire or can not be proved; claims are slowed until fewer do";
    effect->as.alert.is_over = !is_on;
}

static void turn(struct brake *brake)
{
    if (is_storm(brake)) {
        int32_t left = (FULL_PERMILLE - brake->slowed) / 2;
        brake->slowed = FULL_PERMILLE - (left < LEAST_PERMILLE ? LEAST_PERMILLE : left);
    } else if (brake->slowed > 0) {
        brake->slowed -= brake->slowed < MORE_PERMILLE ? brake->slowed : MORE_PERMILLE;
    }
    brake->good = brake->bad = 0;
}

/* Once a tick. */
void ls_step_brake_turn(ls_core *core)
{
    if (core->now_ms >= core->brake_end_ms) {
        core->brake_end_ms = core->now_ms + WINDOW_MS;
        for (int group = 0; group < GROUP_COUNT; group++) turn(&core->brakes[group]);
    }
    tell(core);
}

/* Claimed and not sent yet: they have their part of what may be claimed already. */
static int32_t unsent(const ls_core *core, enum group group)
{
    int32_t count = 0;
    for (int32_t i = 0; i < core->options.tracked_max; i++) {
        const struct slot *slot = &core->slots[i];
        const bool is_before = slot->phase == PHASE_CLAIMED || slot->phase == PHASE_READING ||
                               slot->phase == PHASE_SIGNING || slot->phase == PHASE_RECORDING ||
                               (slot->phase == PHASE_LIVE && slot->sends == 0);
        if (is_before && group_of(slot) == group) count++;
    }
    return count;
}

static int32_t room_of(const ls_core *core, enum group group, int32_t room)
{
    const struct brake *brake = &core->brakes[group];
    if (brake->slowed == 0) return room;
    int32_t slower = room * (FULL_PERMILLE - brake->slowed) / FULL_PERMILLE;
    if (slower < 1) slower = 1;
    slower -= unsent(core, group);
    return slower < 0 ? 0 : slower;
}

int32_t ls_step_brake_claim(const ls_core *core, int32_t room, uint32_t *lanes_out)
{
    static const uint32_t lanes[GROUP_COUNT] = {1u, (1u << LS_LANE_COUNT) - 2u};
    *lanes_out = 0;
    if (!ls_step_is_braked(core) || room <= 0) return room;
    for (int group = 0; group < GROUP_COUNT; group++) {
        if (core->now_ms < core->brakes[group].due_ms) continue;
        int32_t count = room_of(core, (enum group)group, room);
        *lanes_out = lanes[group];
        if (count > 0) return count;
    }
    return 0;
}

/* Up to a second between two claims of a group that is slowed. */
void ls_step_brake_claimed(ls_core *core, int32_t count)
{
    struct brake *brake =
        &core->brakes[(core->claim_lanes & 1u) != 0 ? GROUP_URGENT : GROUP_REST];
    int64_t wait_ms = brake->slowed;
    if (count == 0 && wait_ms < core->options.claim_idle_ms)
        wait_ms = core->options.claim_idle_ms;
    brake->due_ms = core->now_ms + wait_ms;
}

int64_t ls_step_brake_due_ms(const ls_core *core)
{
    const int64_t urgent_ms = core->brakes[GROUP_URGENT].due_ms;
    const int64_t rest_ms = core->brakes[GROUP_REST].due_ms;
    const int64_t due_ms = urgent_ms < rest_ms ? urgent_ms : rest_ms;
    /* What is due and has no room waits for an event that makes some. */
    return due_ms > core->now_ms ? due_ms : core->now_ms + core->options.claim_idle_ms;
}
