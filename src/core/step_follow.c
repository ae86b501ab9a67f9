/* From durable to finalized: send, send again, look, settle. */
#include <assert.h>

#include "step_private.h"

enum {
    LOOK_MS_MIN = 20,
    LOOK_MS_MAX = 2000,
    FINAL_MS_MAX = 4000,
    LOOK_REJECTED_MS_MIN = 300,
    LOOK_REJECTED_MS_MAX = 10000,
    LOOK_AGAIN_MS = 300,
    SEND_AGAIN_MS = 250,
    SENDS_COUNTED = 840,      /* divides by every number of endpoints */
    LOAD_HEIGHT = 4096,       /* so many unconfirmed: each look comes a height later */
    NOTE_CONFIRMED_MS = 3000, /* a finality nearer than this needs no row of its own */
};

int64_t ls_step_heights_ms(const ls_core *core, int64_t heights)
{
    int64_t ms = heights * core->slot_micros / 1000;
    return ms < 1 ? 1 : ms;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
    if (value < least) return least;
    return value > most ? most : value;
}

/* The one timer of a slot: its next send or its next look. */
void ls_step_plan(ls_core *core, int32_t index)
{
    const struct slot *slot = &core->slots[index];
    int64_t due_ms = INT64_MAX;
    if (!slot->is_sending && slot->send_ms < due_ms) due_ms = slot->send_ms;
    if (!slot->is_asked && slot->look_ms < due_ms) due_ms = slot->look_ms;
    ls_step_set_timer(core, index, due_ms);
}

static bool may_still_land(const ls_core *core, const struct slot *slot)
{
    if (slot->family != NONE) return true; /* until its nonce moves */
    int64_t tip_height = core->last_valid_height - LS_BLOCKHASH_HEIGHTS;
    return tip_height <= slot->last_valid_height;
}

void ls_step_send(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    if (!may_still_land(core, slot)) {
        slot->send_ms = INT64_MAX;
        return;
    }
    slot->is_sending = true;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_SEND, index);
    effect->as.attempt.attempt = slot->attempt;
    effect->as.attempt.signature = slot->signature;
    effect->as.attempt.turn = slot->sends;
    slot->sends = (slot->sends + 1) % SENDS_COUNTED;
}

void ls_step_follow(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    if (slot->phase == PHASE_CERTIFYING) {
        if (!slot->is_asked && core->now_ms >= slot->look_ms) ls_step_certify(core, index);
        ls_step_plan(core, index);
        return;
    }
    if (slot->phase == PHASE_LOOKING) {
        if (!slot->is_asked && core->now_ms >= slot->look_ms) ls_step_ask_marker(core, index);
        ls_step_plan(core, index);
        return;
    }
    if (slot->phase == PHASE_READING && !slot->is_asked && core->now_ms >= slot->look_ms)
        ls_step_nonce_read(core, index);
    if (slot->phase == PHASE_READING) ls_step_plan(core, index);
    if (slot->phase != PHASE_LIVE) return;
    if (slot->family != NONE) {
        ls_step_nonce_follow(core, index);
        return;
    }
    if (!slot->is_sending && core->now_ms >= slot->send_ms) ls_step_send(core, index);
    if (!slot->is_asked && core->now_ms >= slot->look_ms) {
        slot->is_asked = true;
        struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_QUERY, index);
        effect->as.attempt.attempt = slot->attempt;
        effect->as.attempt.signature = slot->signature;
    }
    ls_step_plan(core, index);
}

/* A node's preflight refused the bytes. They reached it, so only a certificate ends them. */
void ls_step_reject(ls_core *core,
                    int32_t index,
                    const struct ls_event *event,
                    enum verdict verdict)
{
    struct slot *slot = &core->slots[index];
    slot->send_ms = INT64_MAX;
    slot->verdict = verdict;
    ls_step_keep_text(slot->cause, sizeof slot->cause, event->as.sent.cause);
    ls_step_keep_text(slot->detail, sizeof slot->detail, event->as.sent.detail);
    if (verdict == VERDICT_FAIL) ls_step_keep_blame(slot, event->as.sent.blame);
    ls_step_move(core, index, LS_STATE_SUBMITTED, LS_SUB_REJECTED);
    ls_step_trace(core, index, LS_STATE_SUBMITTED,
                  slot->family == NONE ? "refused by preflight, certificate due"
                                       : "refused by preflight",
                  0);
}

void ls_step_gate_payer(ls_core *core)
{
    if (core->payer_gated || core->gate_asked) return;
    core->gate_asked = true;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_GATE);
    effect->as.gate.on = true;
    effect->as.gate.reason = "the payer can not pay";
}

void ls_step_on_sent(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    slot->is_sending = false;
    if (slot->phase != PHASE_LIVE || slot->is_confirmed) return;

    int64_t now_ms = core->now_ms;
    slot->send_ms = now_ms + core->options.rebroadcast_ms;
    if (slot->family != NONE) ls_step_nonce_refused(core, index, event);
    if (slot->family != NONE) return;
    switch (event->as.sent.result) {
    case LS_SEND_ACCEPTED: break;
    case LS_SEND_LOOK: slot->look_ms = now_ms; break;
    case LS_SEND_AGAIN:
        slot->send_ms = now_ms + SEND_AGAIN_MS + (int64_t)ls_step_draw(core, SEND_AGAIN_MS);
        break;
    case LS_SEND_AMBIGUOUS:
        ls_step_trace(core, index, LS_STATE_SUBMITTED, "outcome of the send unknown, looking",
                      0);
        break;
    case LS_SEND_FUNDS:
        ls_step_reject(core, index, event, VERDICT_FUNDS);
        ls_step_gate_payer(core);
        break;
    case LS_SEND_PERMANENT:
        if (event->as.sent.marker_used) {
            ls_step_look_up(core, index);
        } else {
            ls_step_reject(core, index, event, VERDICT_FAIL);
        }
        break;
    }
    ls_step_follow(core, index);
}

/* The transaction failed for another operation's sake: that it is final is the proof that
 * nothing of this one landed, so it goes again at once. */
static void leave_pack(ls_core *core, int32_t index, const struct ls_seen *seen)
{
    struct slot *slot = &core->slots[index];
    if (slot->late_attempt != 0) { /* an earlier attempt did land: never again */
        ls_step_settle_late(core, index);
        return;
    }
    ls_step_keep_blame(slot, seen->blame);
    struct ls_effect *effect = ls_step_conclude(core, index);
    effect->as.move.attempt_state = LS_ATTEMPT_ERRORED;
    effect->as.move.landed_slot = seen->slot;
}

bool ls_step_settle_if_final(ls_core *core, int32_t index, const struct ls_seen *seen)
{
    if (!seen->is_found || !seen->is_finalized) return false;
    struct slot *slot = &core->slots[index];
    ls_step_remember_control(core, slot);
    ls_step_brake_count(core, slot, true);
    if (seen->has_error && (seen->marker_used || slot->has_siblings)) {
        ls_step_errored(core, index, seen);
        return true;
    }
    if (seen->has_error && seen->blame != LS_BLAME_OWN && !slot->is_atomic) {
        leave_pack(core, index, seen);
        return true;
    }
    ls_step_keep_text(slot->cause, sizeof slot->cause, seen->cause);
    ls_step_keep_text(slot->detail, sizeof slot->detail, seen->detail);
    if (seen->has_error) ls_step_keep_blame(slot, seen->blame);
    struct ls_effect *effect = ls_step_move_last(
        core, index, seen->has_error ? LS_STATE_FAILED : LS_STATE_DONE, LS_SUB_NONE);
    effect->as.move.attempt_state = seen->has_error ? LS_ATTEMPT_ERRORED : LS_ATTEMPT_LANDED;
    effect->as.move.siblings_dead = slot->has_siblings; /* the marker excludes them now */
    effect->as.move.has_signature = true;
    effect->as.move.signature = slot->signature;
    effect->as.move.landed_slot = seen->slot;
    return true;
}

static int64_t until_final_ms(const ls_core *core, int64_t landed_slot)
{
    int64_t slots = landed_slot - core->finalized_slot;
    if (slots < 1) slots = 1;
    return clamp(ls_step_heights_ms(core, slots), LOOK_MS_MIN, FINAL_MS_MAX);
}

void ls_step_on_found(ls_core *core, int32_t index, const struct ls_seen *seen)
{
    struct slot *slot = &core->slots[index];
    slot->vanished = 0;
    if (!seen->is_confirmed) {
        slot->look_ms =
            core->now_ms + clamp(ls_step_heights_ms(core, 2), LOOK_MS_MIN, LOOK_MS_MAX);
        return;
    }
    int64_t wait_ms = until_final_ms(core, seen->slot);
    slot->look_ms = core->now_ms + wait_ms;
    slot->send_ms = INT64_MAX;
    if (slot->is_confirmed) return;
    slot->is_confirmed = true;
    core->unconfirmed--;
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "confirmed in slot", seen->slot);
    if (wait_ms >= NOTE_CONFIRMED_MS)
        ls_step_move(core, index, LS_STATE_SUBMITTED, LS_SUB_CONFIRMED);
}

/* What was confirmed is no longer found: its fork lost. The same bytes may land again. */
void ls_step_roll_back(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->is_confirmed = false;
    slot->vanished = 0;
    core->unconfirmed++;
    slot->send_ms = core->now_ms;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_ALERT, index);
    effect->as.alert.rule = "rollback";
    effect->as.alert.severity = 1;
    effect->as.alert.message =
        "a confirmed transaction vanished; the same bytes are sent again";
    ls_step_move(core, index, LS_STATE_SUBMITTED, LS_SUB_SENT);
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "rolled back, sent again", 0);
}

int64_t ls_step_look_again_ms(const ls_core *core, struct slot *slot)
{
    int32_t heights = slot->looks < 4 ? 1 + slot->looks : 5;
    heights += core->unconfirmed / LOAD_HEIGHT;
    slot->looks++;
    return clamp(ls_step_heights_ms(core, heights), LOOK_MS_MIN, LOOK_MS_MAX);
}

static int64_t next_look_ms(ls_core *core, struct slot *slot)
{
    if (slot->send_ms == INT64_MAX && slot->verdict != VERDICT_AGAIN) {
        int64_t left = slot->last_valid_height + LS_CERTIFICATE_MARGIN - core->finalized_height;
        return clamp(ls_step_heights_ms(core, left), LOOK_REJECTED_MS_MIN,
                     LOOK_REJECTED_MS_MAX);
    }
    return ls_step_look_again_ms(core, slot);
}

/* A node forgets a status some 300 heights after it landed. Where our own idea of the
 * heights is old, as after an outage, a confirmed one that is not found may be final for
 * long: only a fresh height tells the two apart. */
static void on_null(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    if (slot->is_confirmed && ls_step_head_is_fresh(core) && ++slot->vanished >= VANISHED_LOOKS)
        ls_step_roll_back(core, index);
    slot->look_ms = core->now_ms + next_look_ms(core, slot);
    if (core->finalized_height < slot->last_valid_height + LS_CERTIFICATE_MARGIN) return;

    ls_step_begin_proof(core, index);
    if (slot->verdict == VERDICT_AGAIN)
        ls_step_move(core, index, LS_STATE_SUBMITTED, LS_SUB_CERTIFYING);
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "expired, seeking proof at height",
                  core->finalized_height);
}

void ls_step_on_status(ls_core *core, int32_t index, const struct ls_seen *seen)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = false;
    if (slot->phase == PHASE_LOOKING)
        ls_step_follow(core, index); /* it waited for this answer */
    if (slot->phase != PHASE_LIVE) return;
    if (ls_step_settle_if_final(core, index, seen)) return;
    if (seen->is_found) {
        ls_step_on_found(core, index, seen);
    } else {
        on_null(core, index);
    }
    ls_step_follow(core, index);
}

void ls_step_on_unanswered(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->is_asked = false;
    if (slot->phase != PHASE_LIVE && slot->phase != PHASE_CERTIFYING &&
        slot->phase != PHASE_READING && slot->phase != PHASE_LOOKING)
        return;
    slot->looks++;
    slot->look_ms = core->now_ms + LOOK_AGAIN_MS + (int64_t)ls_step_draw(core, LOOK_AGAIN_MS);
    if (slot->phase == PHASE_CERTIFYING) ls_step_certify_unanswered(core, index);
    if (slot->phase != PHASE_MOVING) ls_step_plan(core, index);
}
