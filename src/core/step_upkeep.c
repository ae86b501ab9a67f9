/* What a worker does beside its operations: greet, tick, observe, adopt, drain; and when
 * it must be woken for any of it. */
#include "step_private.h"

enum { OBSERVE_MS = 2000, BALANCE_MS = 5000 };

static bool has_store(const ls_core *core)
{
    return core->mode == LS_CORE_CATCHING_UP || core->mode == LS_CORE_ADOPTING ||
           core->mode == LS_CORE_RUNNING || core->mode == LS_CORE_DRAINING;
}

static bool wants_bulk(const ls_core *core)
{
    return core->mode == LS_CORE_RUNNING && !core->bulk_asked;
}

void ls_step_upkeep(ls_core *core)
{
    int64_t now_ms = core->now_ms;
    if (core->mode == LS_CORE_GREETING && !core->hello_asked && now_ms >= core->hello_due_ms) {
        core->hello_asked = true;
        ls_step_push(core, LS_EFFECT_HELLO);
    }
    if (!has_store(core)) return;
    if (!core->tick_asked && now_ms >= core->tick_due_ms) {
        core->tick_asked = true;
        ls_step_push(core, LS_EFFECT_TICK);
    }
    if (now_ms >= core->observe_due_ms) {
        core->observe_due_ms = now_ms + OBSERVE_MS;
        ls_step_push(core, LS_EFFECT_OBSERVE);
    }
    if (now_ms >= core->balance_due_ms) {
        core->balance_due_ms = now_ms + BALANCE_MS;
        ls_step_push(core, LS_EFFECT_BALANCE);
    }
    if (wants_bulk(core) && now_ms >= core->bulk_due_ms) {
        core->bulk_asked = true;
        ls_step_push(core, LS_EFFECT_BULK);
    }
    if (!core->head_asked && now_ms >= core->head_due_ms) {
        core->head_asked = true;
        ls_step_push(core, LS_EFFECT_HEAD);
    }
}

/* Drain: nothing is signed any more; when no store request of ours is open, or the
 * patience is over, part. BYE hands back what is leased; what is submitted stays ours in
 * name until the next worker adopts it. */
void ls_step_drain(ls_core *core)
{
    if (core->mode != LS_CORE_DRAINING || core->bye_asked) return;
    bool is_busy = core->claim_asked || core->adopt_asked;
    for (int32_t i = 0; i < core->options.tracked_max && !is_busy; i++) {
        const struct slot *slot = &core->slots[i];
        is_busy = slot->phase == PHASE_RECORDING || slot->phase == PHASE_MOVING ||
                  (slot->phase != PHASE_FREE && slot->family != NONE &&
                   core->families[slot->family].is_recording);
    }
    if (is_busy && core->now_ms < core->stop_ms) return;
    core->bye_asked = true;
    ls_step_push(core, LS_EFFECT_BYE);
}

void ls_step_adopt_more(ls_core *core)
{
    bool wanted = core->mode == LS_CORE_ADOPTING ||
                  (core->mode == LS_CORE_RUNNING && core->orphan_count > 0);
    int32_t claimed = core->claim_asked ? core->claim_count : 0;
    int32_t room = core->options.tracked_max - core->tracked - claimed;
    if (!wanted || core->adopt_asked || room <= 0) return;
    core->adopt_asked = true;
    core->has_left_behind = false;
    core->adopt_count = room < LS_STORE_ROWS_MAX ? room : LS_STORE_ROWS_MAX;
    ls_step_push(core, LS_EFFECT_ADOPT)->as.count = core->adopt_count;
}

int64_t ls_core_due_ms(const ls_core *core)
{
    int64_t due_ms = INT64_MAX;
    const int64_t candidates[] = {
        core->mode == LS_CORE_GREETING && !core->hello_asked ? core->hello_due_ms : INT64_MAX,
        has_store(core) && !core->tick_asked ? core->tick_due_ms : INT64_MAX,
        wants_bulk(core) ? core->bulk_due_ms : INT64_MAX,
        has_store(core) ? core->observe_due_ms : INT64_MAX,
        has_store(core) ? core->balance_due_ms : INT64_MAX,
        has_store(core) && !core->head_asked ? core->head_due_ms : INT64_MAX,
        ls_step_may_claim(core)
            ? (ls_step_is_braked(core) ? ls_step_brake_due_ms(core) : core->claim_due_ms)
            : INT64_MAX,
        has_store(core) && !core->scan_asked && core->scan_due_ms > core->now_ms
            ? core->scan_due_ms
            : INT64_MAX,
        core->mode == LS_CORE_DRAINING && !core->bye_asked ? core->stop_ms : INT64_MAX,
        core->heap_count > 0 ? core->slots[core->heap[0]].timer_ms : INT64_MAX,
    };
    for (size_t i = 0; i < sizeof candidates / sizeof candidates[0]; i++) {
        if (candidates[i] < due_ms) due_ms = candidates[i];
    }
    return due_ms;
}
