/* The proof that an attempt can no longer land (rule B). */
#include "step_private.h"

enum {
    CERTIFY_AGAIN_MS = 500,
    CONTROL_WAIT_MS = 50,       /* between two glances at a search for a control */
    CONTROL_PATIENCE_MS = 5000, /* for all searches before one look */
    BLOCKS_PATIENCE_MS = 30000, /* past the window, where there is no hurry */
    AMBIGUOUS_LOOKS = 3,        /* looks past the window without a control, then held */
    AMBIGUOUS_AGAIN_MS = 4000,  /* longer than searches are apart: each look has its own */
    WHOLE_LOOKS = 3,            /* of one endpoint in a row, past the window */
    LONELY_LOOKS = 20,          /* unanswered ones: the other endpoints are not there */
};

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

/* How many controls the proof needs where only one endpoint speaks. A marker needs none:
 * an account is not forgotten. */
static int32_t controls_needed(const ls_core *core, const struct slot *slot)
{
    if (slot->fence == LS_FENCE_MARKER) return 0;
    if (core->options.endpoint_count > 1) return LS_CONTROLS_MAX;
    bool is_easy = !slot->is_strict && !slot->is_past_window;
    return is_easy ? 0 : LS_CONTROLS_MAX;
}

/* How many are worth a search: one shows that a node's memory works at all. */
static int32_t controls_wanted(const ls_core *core, const struct slot *slot)
{
    if (slot->fence == LS_FENCE_MARKER) return 0;
    bool is_alone = core->options.endpoint_count < 2 || slot->unanswered > 0;
    bool is_hard = slot->is_strict || ls_step_is_past_window(core, slot) ||
                   core->options.endpoint_count > 1;
    return is_alone && is_hard ? LS_CONTROLS_MAX : 1;
}

/* Whether the look waits for a search, its own or another's; never for long. */
static bool waits_for_search(ls_core *core, struct slot *slot, const struct witnesses *has)
{
    if (slot->fence == LS_FENCE_MARKER) return false;
    bool is_past = ls_step_is_past_window(core, slot);
    bool wants_older =
        has->control_count < controls_wanted(core, slot) || (is_past && !has->low.is_used);
    bool wants_newer = !has->has_newer || (is_past && !has->high.is_used);
    int32_t endpoint = next_endpoint(core, slot);
    if (!wants_older && !wants_newer) return false;
    int64_t patience_ms = is_past ? BLOCKS_PATIENCE_MS : CONTROL_PATIENCE_MS;
    if (slot->control_wait_ms == 0) slot->control_wait_ms = core->now_ms + patience_ms;
    if (core->now_ms >= slot->control_wait_ms) return false;
    if (!(wants_older && ls_step_search_older(core, slot, endpoint)) &&
        !(wants_newer && ls_step_search_newer(core, slot, endpoint)))
        return false;
    slot->look_ms = core->now_ms + CONTROL_WAIT_MS;
    return true;
}

void ls_step_certify(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    struct witnesses has;
    ls_step_find_witnesses(core, slot, &has);
    if (waits_for_search(core, slot, &has)) return;
    slot->control_wait_ms = 0;
    slot->is_asked = true;
    slot->controls_asked = (int8_t)has.control_count;
    slot->is_past_window = ls_step_is_past_window(core, slot);
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_CERTIFY, index);
    effect->as.certify.endpoint = next_endpoint(core, slot);
    effect->as.certify.signature = slot->signature;
    effect->as.certify.last_valid_height = slot->last_valid_height;
    effect->as.certify.asks_marker = slot->fence == LS_FENCE_MARKER;
    effect->as.certify.control_count = has.control_count;
    for (int32_t i = 0; i < has.control_count; i++)
        effect->as.certify.controls[i] = has.controls[i];
    effect->as.certify.has_newer = has.has_newer;
    effect->as.certify.newer = has.newer;
    effect->as.certify.from_slot = has.has_blocks ? has.low.slot : 0;
    effect->as.certify.to_slot = has.has_blocks ? has.high.slot : 0;
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

/* Whether the node keeps every block that could hold the attempt. */
static bool is_whole(const struct slot *slot, const struct ls_event *event)
{
    return event->as.certified.is_whole &&
           event->as.certified.whole_from <=
               slot->last_valid_height - LS_BLOCKHASH_HEIGHTS + 1 &&
           event->as.certified.whole_to >= slot->last_valid_height + 1;
}

/* Past the window, or above the value limit, and a witness is missing. */
static void without_witness(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->whole_looks = 0; /* not in a row */
    slot->ambiguous_looks++;
    if (slot->ambiguous_looks < AMBIGUOUS_LOOKS) {
        ls_step_look_again(core, index, AMBIGUOUS_AGAIN_MS);
        return;
    }
    ls_step_brake_count(core, slot, false);
    ls_step_keep_text(slot->cause, sizeof slot->cause, "AmbiguousExpiry");
    const char *why =
        "not found, but the node may have forgotten its heights: look on chain, then resolve";
    if (slot->is_past_window && event->as.certified.newer_seen && !is_whole(slot, event))
        why = "not found, but the node does not list every block of its heights: look on "
              "chain, then resolve";
    ls_step_keep_text(slot->detail, sizeof slot->detail, why);
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    effect->as.move.has_evidence = true;
}

/* An attempt that was proved dead landed nevertheless. What it did is this operation's
 * effect; the present attempt must be proved dead all the same. False while the earlier
 * one is not final. */
static bool heed_sibling(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    const struct ls_seen *seen = &event->as.certified.sibling_seen;
    if (!seen->is_found) return true;
    if (!seen->is_finalized) return false;
    if (seen->has_error || slot->late_attempt != 0) return true;
    slot->late_attempt = event->as.certified.sibling_attempt;
    slot->late_signature = event->as.certified.sibling_signature;
    slot->late_slot = seen->slot;
    struct ls_effect *alert = ls_step_push_for(core, LS_EFFECT_ALERT, index);
    alert->as.alert.rule = "late_landing";
    alert->as.alert.severity = 2;
    alert->as.alert.message = "an attempt that was proved dead landed; nothing new is signed";
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "an earlier attempt landed in slot",
                  seen->slot);
    return true;
}

/* Whether what the endpoints have said so far is the proof. */
static bool is_proved(const ls_core *core, const struct slot *slot)
{
    if (count_bits(slot->agreed) >= 2) return true;
    bool is_alone = core->options.endpoint_count < 2 ||
                    (!slot->is_strict && slot->unanswered >= LONELY_LOOKS);
    return is_alone && slot->agreed != 0 && slot->controls_seen >= controls_needed(core, slot);
}

/* Whether this one look, whose heights are right, speaks for its endpoint. A node that does
 * not know the newer control may not see as far as the attempt. */
static bool counts(const ls_core *core, struct slot *slot, const struct ls_event *event)
{
    int64_t last = slot->last_valid_height + LS_CERTIFICATE_WINDOW;
    bool is_past = event->as.certified.height_after > last;
    if (is_past && !slot->is_past_window) return false; /* its controls were the wrong ones */
    if (!event->as.certified.newer_seen) return false;
    if (is_past && !is_whole(slot, event)) return false;
    if (event->as.certified.controls_seen < slot->controls_asked) return false;
    int32_t least = is_past ? 1 : 0;
    if (core->options.endpoint_count < 2) least = controls_needed(core, slot);
    return event->as.certified.controls_seen >= least;
}

/* Past the window one answer tells both that the node keeps every block and that it does not
 * know the attempt. A balancer that cuts a batch up may have had another node say either: that
 * it does so each time is unlikely. True while another look is due. */
static bool wants_another(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    const int64_t last = slot->last_valid_height + LS_CERTIFICATE_WINDOW;
    if (event->as.certified.height_after <= last) return false;
    slot->whole_looks++;
    if (slot->whole_looks < WHOLE_LOOKS) {
        slot->look_ms = core->now_ms;
        ls_step_follow(core, index);
        return true;
    }
    slot->whole_looks = 0;
    return false;
}

/* One endpoint more whose look proves it. */
void ls_step_agree(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->agreed |= 1u << event->as.certified.endpoint;
    slot->certified_height = event->as.certified.height_before;
    if (event->as.certified.controls_seen > slot->controls_seen)
        slot->controls_seen = (int8_t)event->as.certified.controls_seen;
    if (is_proved(core, slot)) {
        ls_step_retire(core, index);
        return;
    }
    slot->look_ms = core->now_ms;
    ls_step_follow(core, index);
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
    bool has_marker = slot->fence == LS_FENCE_MARKER;
    if (has_marker && !event->as.certified.same_identity) {
        ls_step_marker_unproved(core, index, CERTIFY_AGAIN_MS);
        return;
    }
    if (!has_marker &&
        (!heed_sibling(core, index, event) || !event->as.certified.same_identity)) {
        ls_step_look_again(core, index, CERTIFY_AGAIN_MS);
        return;
    }
    if (event->as.certified.height_before < slot->last_valid_height + LS_CERTIFICATE_MARGIN) {
        ls_step_look_again(core, index, ls_step_heights_ms(core, LS_CERTIFICATE_MARGIN));
        return;
    }
    if (has_marker) {
        ls_step_marker_certified(core, index, event);
    } else if (counts(core, slot, event)) {
        if (!wants_another(core, index, event)) ls_step_agree(core, index, event);
    } else if (slot->is_past_window || slot->is_strict) {
        without_witness(core, index, event);
    } else {
        ls_step_look_again(core, index, CERTIFY_AGAIN_MS);
    }
}

/* Past its last valid height, or errored: the proof is sought from the beginning. */
void ls_step_begin_proof(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->phase = PHASE_CERTIFYING;
    slot->send_ms = INT64_MAX;
    slot->look_ms = core->now_ms;
    slot->looks = 0;
    slot->agreed = 0;
    slot->ambiguous_looks = slot->unanswered = slot->controls_seen = slot->whole_looks = 0;
}

void ls_step_certify_unanswered(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->unanswered++;
    if (slot->unanswered >= 2 * LONELY_LOOKS) slot->unanswered = LONELY_LOOKS;
    if (is_proved(core, slot)) {
        ls_step_retire(core, index);
    } else if (slot->fence == LS_FENCE_MARKER) {
        if (slot->agreed != 0)
            ls_step_marker_unproved(core, index, slot->look_ms - core->now_ms);
    } else if (slot->unanswered == LONELY_LOOKS) {
        slot->agreed = 0; /* the one that does answer is asked anew, with two controls */
    }
}
