/* The brake on storms of retries: where a large share of attempts expires or can not be
 * proved, claiming more only makes more of them. Claims then halve, down to a trickle that
 * finds out when it is over, and grow again step by step. What is claimed still goes in
 * order of lane, so the urgent one is served first. */
#include "step_private.h"

enum {
    WINDOW_MS = 10000,
    ENOUGH = 10,        /* endings in a window that say something */
    BAD_PERMILLE = 300, /* of them expired or unproved: too many */
    FULL_PERMILLE = 1000,
    LEAST_PERMILLE = 10,
    MORE_PERMILLE = 100, /* a window without a storm */
};

void ls_step_brake_count(ls_core *core, bool is_good)
{
    if (is_good) {
        core->brake.good++;
    } else {
        core->brake.bad++;
    }
}

static bool is_storm(const struct brake *brake)
{
    int64_t all = (int64_t)brake->good + brake->bad;
    return all >= ENOUGH && brake->bad * INT64_C(1000) > all * BAD_PERMILLE;
}

static void tell(ls_core *core)
{
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_ALERT);
    effect->as.alert.rule = "brake";
    effect->as.alert.severity = 1;
    effect->as.alert.message =
        "many attempts expire or can not be proved; claims are slowed until fewer do";
}

/* Once a tick. */
void ls_step_brake_turn(ls_core *core)
{
    struct brake *brake = &core->brake;
    if (core->now_ms < brake->window_end_ms) return;
    brake->window_end_ms = core->now_ms + WINDOW_MS;
    if (is_storm(brake)) {
        if (brake->slowed == 0) tell(core);
        int32_t left = (FULL_PERMILLE - brake->slowed) / 2;
        brake->slowed = FULL_PERMILLE - (left < LEAST_PERMILLE ? LEAST_PERMILLE : left);
    } else if (brake->slowed > 0) {
        brake->slowed -= brake->slowed < MORE_PERMILLE ? brake->slowed : MORE_PERMILLE;
    }
    brake->good = brake->bad = 0;
}

int32_t ls_step_brake_room(const ls_core *core, int32_t room)
{
    if (core->brake.slowed == 0 || room <= 0) return room;
    int32_t slower = room * (FULL_PERMILLE - core->brake.slowed) / FULL_PERMILLE;
    return slower < 1 ? 1 : slower;
}

int64_t ls_step_brake_pause_ms(const ls_core *core)
{
    return core->brake.slowed; /* up to a second between two claims */
}
