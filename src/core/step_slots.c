/* What all of the engine stands on: its slots and the effects that it asks for. */
#include <assert.h>
#include <string.h>

#include "step_private.h"

/* Effects: a ring large enough for every slot's share; more is our own mistake. */
struct ls_effect *ls_step_push(ls_core *core, enum ls_effect_kind kind)
{
    assert(core->effect_count < core->effect_capacity);
    size_t at = (core->effect_first + core->effect_count) % core->effect_capacity;
    core->effect_count++;
    core->effects[at] = (struct ls_effect){.kind = kind, .slot = {.index = NONE}};
    return &core->effects[at];
}

struct ls_effect *ls_step_push_for(ls_core *core, enum ls_effect_kind kind, int32_t index)
{
    const struct slot *slot = &core->slots[index];
    struct ls_effect *effect = ls_step_push(core, kind);
    effect->slot = (struct ls_slot){.index = index, .generation = slot->generation};
    effect->op = slot->op;
    return effect;
}

bool ls_core_next(ls_core *core, struct ls_effect *effect_out)
{
    if (core->effect_count == 0) return false;
    *effect_out = core->effects[core->effect_first];
    core->effect_first = (core->effect_first + 1) % core->effect_capacity;
    core->effect_count--;
    if (core->effect_count == 0) core->effect_first = 0; /* stay in memory that is warm */
    return true;
}

void ls_step_trace(
    ls_core *core, int32_t index, enum ls_state state, const char *text, int64_t number)
{
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_TRACE, index);
    effect->as.trace.state = state;
    effect->as.trace.text = text;
    effect->as.trace.attempt = core->slots[index].attempt;
    effect->as.trace.number = number;
}

void ls_step_keep_text(char *out, size_t out_bytes, const char *text)
{
    if (text == NULL) text = "";
    size_t length = strlen(text);
    if (length >= out_bytes) length = out_bytes - 1;
    memcpy(out, text, length);
    out[length] = '\0';
}

/* xorshift64*: jitter needs spread, not secrecy. */
uint64_t ls_step_draw(ls_core *core, uint64_t below)
{
    uint64_t x = core->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    core->random = x;
    uint64_t value = x * UINT64_C(2685821657736338717);
    return below == 0 ? 0 : (value >> 11) % below;
}

int32_t ls_step_slot_take(ls_core *core)
{
    int32_t index = core->free_head;
    if (index == NONE) return NONE;
    struct slot *slot = &core->slots[index];
    core->free_head = slot->next;
    *slot = (struct slot){.generation = slot->generation + 1,
                          .next = NONE,
                          .family = NONE,
                          .heap_at = NONE,
                          .send_ms = INT64_MAX,
                          .look_ms = INT64_MAX};
    core->tracked++;
    core->unconfirmed++;
    return index;
}

void ls_step_slot_forget(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    assert(slot->phase != PHASE_FREE);
    ls_step_push_for(core, LS_EFFECT_FORGET, index);
    ls_step_set_timer(core, index, INT64_MAX);
    ls_step_family_drop(core, index);
    if (!slot->is_confirmed) core->unconfirmed--;
    core->tracked--;
    slot->phase = PHASE_FREE;
    slot->generation++;
    slot->next = core->free_head;
    core->free_head = index;
}
