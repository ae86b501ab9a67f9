/* The proof that an attempt can no longer land (rule B). */
#include "step_private.h"

enum { CERTIFY_AGAIN_MS = 500 };

static int32_t endpoints_needed(const ls_core *core)
{
    return core->options.endpoint_count < 2 ? 1 : 2;
}

static int32_t count_bits(uint32_t bits)
{
    int32_t count = 0;
    for (; bits != 0; bits &= bits - 1) count++;
    return count;
}

/* Of the endpoints that have not agreed yet, another one at each look. */
static int32_t next_endpoint(const ls_core *core, const struct slot *slot)
{
    int32_t open = core->options.endpoint_count - count_bits(slot->agreed);
    int32_t skip = open > 0 ? slot->looks % open : 0;
    for (int32_t i = 0; i < core->options.endpoint_count; i++) {
        if ((slot->agreed & (1u << i)) != 0) continue;
        if (skip-- == 0) return i;
    }
    return 0;
}

/* One control is kept for each stretch of heights, so that a busy worker's last second
 * does not push out the minutes before it. */
void ls_step_remember_control(ls_core *core, const struct slot *slot)
{
    size_t at = (size_t)(slot->last_valid_height / CONTROL_HEIGHTS) % CONTROLS_MAX;
    core->controls[at] = (struct control){.signature = slot->signature,
                                          .last_valid_height = slot->last_valid_height};
}

/* A control proves that the node still remembers the heights in question: one of our own
 * finalized transactions that landed before this attempt could have, the nearest. One of
 * the same stretch would prove nothing: where it landed late and the attempt early, a
 * node that purges its history may have dropped the attempt and kept the control. */
static const struct control *find_control(const ls_core *core, const struct slot *slot)
{
    const struct control *best = NULL;
    for (size_t i = 0; i < CONTROLS_MAX; i++) {
        const struct control *control = &core->controls[i];
        if (control->last_valid_height == 0) continue;
        int64_t behind = slot->last_valid_height - control->last_valid_height;
        if (behind < LS_BLOCKHASH_HEIGHTS) continue;
        if (best == NULL || control->last_valid_height > best->last_valid_height)
            best = control;
    }
    return best;
}

void ls_step_certify(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = true;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_CERTIFY, index);
    effect->as.certify.endpoint = next_endpoint(core, slot);
    effect->as.certify.signature = slot->signature;
    effect->as.certify.last_valid_height = slot->last_valid_height;
    effect->as.certify.asks_marker = slot->fence == LS_FENCE_MARKER;
    const struct control *control = find_control(core, slot);
    if (control != NULL) {
        effect->as.certify.has_control = true;
        effect->as.certify.control = control->signature;
    }
}

void ls_step_look_again(ls_core *core, int32_t index, int64_t wait_ms)
{
    struct slot *slot = &core->slots[index];
    slot->looks++;
    slot->look_ms = core->now_ms + wait_ms;
    ls_step_plan(core, index);
}

/* It is on chain after all, only not final yet. */
static void back_to_life(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->phase = PHASE_LIVE;
    slot->looks = 0;
    slot->look_ms = INT64_MAX;
    slot->is_asked = true;
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "found while seeking proof, slot",
                  event->as.certified.seen.slot);
    ls_step_on_status(core, index, &event->as.certified.seen);
}

static void without_control(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->ambiguous_looks++;
    if (slot->ambiguous_looks < AMBIGUOUS_LOOKS) {
        ls_step_look_again(core, index, CERTIFY_AGAIN_MS);
        return;
    }
    ls_step_keep_text(slot->cause, sizeof slot->cause, "AmbiguousExpiry");
    ls_step_keep_text(
        slot->detail, sizeof slot->detail,
        "not found, but the node may have forgotten its heights: look on chain, then resolve");
    ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

/* One endpoint more whose look proves it. */
void ls_step_agree(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->agreed |= 1u << event->as.certified.endpoint;
    slot->certified_height = event->as.certified.height_before;
    slot->had_control = slot->had_control || event->as.certified.control_seen;
    if (count_bits(slot->agreed) >= endpoints_needed(core)) {
        ls_step_retire(core, index);
    } else {
        slot->look_ms = core->now_ms;
        ls_step_follow(core, index);
    }
}

void ls_step_on_certified(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = false;
    if (slot->phase != PHASE_CERTIFYING) return;
    bool is_found = event->as.certified.seen.is_found && !slot->is_errored;
    if (is_found && ls_step_settle_if_final(core, index, &event->as.certified.seen)) return;
    if (is_found) {
        back_to_life(core, index, event);
        return;
    }
    if (!event->as.certified.same_identity) {
        if (slot->fence == LS_FENCE_MARKER) {
            ls_step_marker_unproved(core, index, CERTIFY_AGAIN_MS);
        } else {
            ls_step_look_again(core, index, CERTIFY_AGAIN_MS);
        }
        return;
    }
    if (event->as.certified.height_before < slot->last_valid_height + LS_CERTIFICATE_MARGIN) {
        ls_step_look_again(core, index, ls_step_heights_ms(core, LS_CERTIFICATE_MARGIN));
        return;
    }
    if (slot->fence == LS_FENCE_MARKER) {
        ls_step_marker_certified(core, index, event);
        return;
    }
    bool in_window =
        event->as.certified.height_after <= slot->last_valid_height + LS_CERTIFICATE_WINDOW;
    if (!in_window && !event->as.certified.control_seen) {
        without_control(core, index);
        return;
    }
    ls_step_agree(core, index, event);
}
