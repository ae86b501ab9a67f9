/* Fence marker: every attempt of an operation creates the same account first, so the ledger
 * itself lets one of them land. What that gives the engine:
 *
 * - The marker's absence from a finalized bank whose height has passed the last valid height
 *   of the newest attempt proves every attempt dead, however long ago: an account is never
 *   forgotten as a status is.
 * - Its presence alone proves nothing, since anybody can fund an address that was seen. It is
 *   looked up who made it, and only what passes the adoption test is settled.
 * - Where neither can be had, because nodes do not answer or do not agree, another attempt may
 *   be made while the old ones live. It is made only after the old one's last valid height is
 *   final, so that this stays the exception; what is signed twice is paid for twice in fees.
 *   What was refused for good, has used up its round, or is to be cancelled or held is not
 *   tried again: there the proof is needed, and is sought on. */
#include <assert.h>

#include "step_private.h"

enum {
    UNPROVED_LOOKS = 6,   /* then another attempt is made */
    LOOKUPS_MAX = 8,      /* then a person must look */
    LOOKUP_AGAIN_MS = 500 /* grows with each lookup that found nobody */
};

void ls_step_ask_marker(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = true;
    ls_step_push_for(core, LS_EFFECT_LOOKUP, index)->as.lookup.endpoint =
        slot->lookups % core->options.endpoint_count;
}

/* The marker exists: somebody made it. */
void ls_step_look_up(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    assert(slot->fence == LS_FENCE_MARKER);
    slot->phase = PHASE_LOOKING;
    slot->send_ms = INT64_MAX;
    slot->look_ms = core->now_ms;
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "the marker is in use, looking who made it",
                  0);
    ls_step_follow(core, index);
}

/* This attempt landed without effect. Where that was because of the marker another one had
 * landed; else siblings may still land, and must be proved dead before the operation fails. */
void ls_step_errored(ls_core *core, int32_t index, const struct ls_seen *seen)
{
    struct slot *slot = &core->slots[index];
    slot->is_errored = true;
    slot->is_marker_final = seen->marker_used;
    slot->errored_slot = seen->slot;
    slot->send_ms = INT64_MAX;
    ls_step_keep_text(slot->cause, sizeof slot->cause, seen->cause);
    ls_step_keep_text(slot->detail, sizeof slot->detail, seen->detail);
    if (seen->marker_used) {
        ls_step_look_up(core, index);
        return;
    }
    slot->verdict = VERDICT_FAIL;
    ls_step_begin_proof(core, index);
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "landed with an error, siblings may live",
                  0);
    ls_step_follow(core, index);
}

static void settle(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    bool is_own = ls_signature_equal(&slot->signature, &event->as.looked.signature);
    ls_step_trace(core, index, LS_STATE_SUBMITTED,
                  is_own ? "the marker is this attempt's, slot"
                         : "the marker is another attempt's, slot",
                  event->as.looked.slot);
    slot->cause[0] = slot->detail[0] = '\0';
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_DONE, LS_SUB_NONE);
    effect->as.move.attempt_state = is_own             ? LS_ATTEMPT_LANDED
                                    : slot->is_errored ? LS_ATTEMPT_ERRORED
                                                       : LS_ATTEMPT_DEAD;
    effect->as.move.siblings_dead = true;
    effect->as.move.has_signature = true;
    effect->as.move.signature = event->as.looked.signature;
    effect->as.move.landed_slot = event->as.looked.slot;
    effect->as.move.is_adoption = effect->as.move.has_evidence = !is_own;
    effect->as.move.endpoints = 1u << event->as.looked.endpoint;
}

static bool may_try_again(const struct slot *slot)
{
    return slot->verdict == VERDICT_AGAIN && slot->request == LS_REQUEST_NONE &&
           !slot->is_errored && !ls_step_round_is_over(slot);
}

/* Another attempt beside those that may live: the marker lets one of them land. */
static void try_again(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    ls_step_keep_text(slot->cause, sizeof slot->cause, "Unproved");
    ls_step_keep_text(slot->detail, sizeof slot->detail,
                      "not proved dead: another attempt beside it, of which one can land");
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_READY, LS_SUB_BACKOFF);
    effect->as.move.counts = true;
    effect->as.move.delay_ms = ls_step_backoff_ms(core, slot);
}

/* A look that proved nothing. */
void ls_step_marker_unproved(ls_core *core, int32_t index, int64_t wait_ms)
{
    struct slot *slot = &core->slots[index];
    if (slot->ambiguous_looks < UNPROVED_LOOKS) slot->ambiguous_looks++;
    if (slot->ambiguous_looks < UNPROVED_LOOKS || !may_try_again(slot)) {
        ls_step_look_again(core, index, wait_ms);
    } else {
        try_again(core, index);
    }
}

static void hold(ls_core *core, int32_t index, enum ls_looked result)
{
    struct slot *slot = &core->slots[index];
    ls_step_keep_text(slot->cause, sizeof slot->cause, "AmbiguousMarker");
    ls_step_keep_text(slot->detail, sizeof slot->detail,
                      result == LS_LOOKED_FOREIGN
                          ? "the marker's account exists, but nothing of ours is found that "
                            "made it: look on chain, then resolve"
                          : "the marker is in use, but nothing that made it is found: look on "
                            "chain, then resolve");
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    if (!slot->is_errored) return;
    effect->as.move.attempt_state = LS_ATTEMPT_ERRORED;
    effect->as.move.landed_slot = slot->errored_slot;
}

/* Somebody's marker that stays. Nobody's: whoever said that it exists was wrong. */
static void give_up_looking(ls_core *core, int32_t index, enum ls_looked result)
{
    if (result == LS_LOOKED_NOTHING && may_try_again(&core->slots[index])) {
        try_again(core, index);
    } else {
        hold(core, index, result);
    }
}

void ls_step_on_looked(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = false;
    if (slot->phase != PHASE_LOOKING) return;
    if (event->as.looked.result == LS_LOOKED_LANDED) {
        settle(core, index, event);
        return;
    }
    if (!slot->is_marker_final) { /* it may become so: the attempt's own life goes on */
        slot->phase = PHASE_LIVE;
        slot->send_ms = core->now_ms + core->options.rebroadcast_ms;
        ls_step_look_again(core, index, LOOKUP_AGAIN_MS);
        return;
    }
    slot->lookups++;
    if (slot->lookups < LOOKUPS_MAX) {
        ls_step_look_again(core, index, LOOKUP_AGAIN_MS * (int64_t)slot->lookups);
    } else {
        give_up_looking(core, index, event->as.looked.result);
    }
}

/* One node answered at finalized heights past the last valid one, and found no status. */
void ls_step_marker_certified(ls_core *core, int32_t index, const struct ls_event *event)
{
    switch (event->as.certified.marker) {
    case LS_MARKER_ABSENT: ls_step_agree(core, index, event); return;
    case LS_MARKER_PRESENT:
        core->slots[index].is_marker_final = true;
        ls_step_look_up(core, index);
        return;
    case LS_MARKER_UNKNOWN: break;
    }
    ls_step_marker_unproved(core, index, LOOKUP_AGAIN_MS);
}
