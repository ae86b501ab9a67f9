/* From leased to durable: claim, sign, record; and taking over what another left. */
#include <assert.h>

#include "step_private.h"

/* An older blockhash is not signed for: too little life left. */
enum { HEAD_HEIGHTS_MAX = 40 };

bool ls_step_head_is_fresh(const ls_core *core)
{
    return core->has_head &&
           core->now_ms - core->head_ms < ls_step_heights_ms(core, HEAD_HEIGHTS_MAX);
}

static void queue_claimed(ls_core *core, int32_t index)
{
    core->slots[index].phase = PHASE_CLAIMED;
    core->slots[index].next = NONE;
    if (core->claimed_tail == NONE) {
        core->claimed_head = index;
    } else {
        core->slots[core->claimed_tail].next = index;
    }
    core->claimed_tail = index;
}

static int32_t fill_slot(ls_core *core, const struct ls_stored_op *op)
{
    int32_t index = ls_step_slot_take(core);
    if (index == NONE) return NONE;
    struct slot *slot = &core->slots[index];
    slot->op = op->op;
    slot->token = op->token;
    slot->request = op->request;
    slot->is_atomic = op->batch != 0;
    slot->is_urgent = op->lane == 0;
    slot->attempts_round = op->attempts_round;
    slot->attempts_max = op->attempts_max;
    slot->is_strict = op->is_strict;
    slot->attempt = op->attempts_made + 1;
    slot->fence = op->fence;
    slot->has_siblings = op->fence == LS_FENCE_MARKER && op->is_pinned;
    if (op->fence != LS_FENCE_NONCE || ls_step_family_take(core, index)) return index;
    ls_step_slot_forget(core, index);
    return NONE;
}

/* More than there is room for: at once to others, or to us a little later. */
static void hand_back(ls_core *core, const struct ls_stored_op *op)
{
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_MOVE);
    effect->op = op->op;
    effect->as.move.token = op->token;
    effect->as.move.to = LS_STATE_READY;
    effect->as.move.sub = LS_SUB_BACKOFF;
    effect->as.move.delay_ms = core->options.tick_ms;
}

void ls_step_claim_op(ls_core *core, const struct ls_stored_op *op)
{
    int32_t index = fill_slot(core, op);
    if (index == NONE) {
        hand_back(core, op);
        return;
    }
    queue_claimed(core, index);
    ls_step_push_for(core, LS_EFFECT_ADMIT, index);
    ls_step_trace(core, index, LS_STATE_LEASED, "claimed", op->token);
}

/* Somebody changed what was stored past every worker: nothing in it can be believed, so
 * nothing of it is sent, and no height of it proves anything dead. */
static void hold_altered(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    ls_step_push_for(core, LS_EFFECT_ADMIT, index);
    ls_step_keep_text(slot->cause, sizeof slot->cause, "RowAltered");
    ls_step_keep_text(
        slot->detail, sizeof slot->detail,
        "an attempt is not as a worker sealed it: nothing of it was sent; restore "
        "the row, or look on chain, then resolve");
    struct ls_effect *alert = ls_step_push_for(core, LS_EFFECT_ALERT, index);
    alert->as.alert.rule = "altered";
    alert->as.alert.severity = 2;
    alert->as.alert.message = "an attempt's row was altered outside, or its seal's key is not "
                              "configured here";
    ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

void ls_step_adopt_op(ls_core *core, const struct ls_stored_op *op)
{
    if (op->attempt_count == 0) return; /* the contract forbids it; nothing to follow */
    int32_t index = fill_slot(core, op);
    if (index == NONE) {
        core->has_left_behind = true;
        return;
    }
    const struct ls_stored_attempt *current = &op->attempts[op->attempt_count - 1];
    int32_t live = 0;
    for (size_t i = 0; i < op->attempt_count; i++) {
        if (op->attempts[i].state != LS_ATTEMPT_LIVE) continue;
        current = &op->attempts[i];
        live++;
    }
    struct slot *slot = &core->slots[index];
    slot->has_siblings = op->fence == LS_FENCE_MARKER &&
                         (live > 1 || (size_t)op->attempts_made > op->attempt_count);
    slot->phase = PHASE_LIVE;
    if (slot->family != NONE) ls_step_family_adopt(core, index, op);
    slot->attempt = current->attempt;
    slot->signature = current->signature;
    slot->last_valid_height = current->last_valid_height;
    slot->since_ms = core->now_ms;
    if (op->is_altered) {
        hold_altered(core, index);
        return;
    }
    slot->look_ms = core->now_ms;
    slot->send_ms = core->now_ms + core->options.rebroadcast_ms;
    ls_step_push_for(core, LS_EFFECT_ADMIT, index);
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "adopted", op->token);
    ls_step_follow(core, index);
}

/* A person's wish is honoured at once while nothing is signed. That may take a while: the
 * worker asks the ledger for what it must know, and before it signs whether it still shall. */
bool ls_step_honours_wish(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    const enum ls_request request = slot->request;
    if (request == LS_REQUEST_CANCEL && slot->has_siblings) {
        ls_step_keep_text(slot->cause, sizeof slot->cause, "AmbiguousCancel");
        ls_step_keep_text(slot->detail, sizeof slot->detail,
                          "an attempt may still land: look on chain, then resolve");
        ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
        return true;
    }
    if (request == LS_REQUEST_CANCEL)
        ls_step_move_last(core, index, LS_STATE_CANCELLED, LS_SUB_NONE);
    if (request == LS_REQUEST_HOLD)
        ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_OPERATOR);
    return request != LS_REQUEST_NONE;
}

/* Every operation that waits for a blockhash is signed with the one we have. */
void ls_step_sign_claimed(ls_core *core)
{
    if (core->mode != LS_CORE_RUNNING || !ls_step_head_is_fresh(core)) return;
    while (core->claimed_head != NONE) {
        int32_t index = core->claimed_head;
        struct slot *slot = &core->slots[index];
        core->claimed_head = slot->next;
        if (core->claimed_head == NONE) core->claimed_tail = NONE;
        slot->next = NONE;
        if (ls_step_honours_wish(core, index)) continue;
        if (slot->family != NONE) {
            ls_step_nonce_read(core, index);
            continue;
        }
        slot->phase = PHASE_SIGNING;
        struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_SIGN, index);
        effect->as.attempt.token = slot->token;
        effect->as.attempt.attempt = slot->attempt;
    }
}

bool ls_core_is_wished(const ls_core *core, struct ls_slot slot)
{
    if (slot.index < 0 || slot.index >= core->options.tracked_max) return false;
    const struct slot *found = &core->slots[slot.index];
    return found->phase == PHASE_SIGNING && found->generation == slot.generation &&
           found->request != LS_REQUEST_NONE;
}

void ls_step_on_signed(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    if (slot->phase == PHASE_LIVE) ls_step_nonce_signed(core, index, event);
    if (slot->phase != PHASE_SIGNING) return;
    if (core->is_stopping) return; /* nothing is durable: BYE hands the lease back */
    /* A wish that came meanwhile waits for the attempt's end: what is signed may carry others.
     */
    slot->phase = PHASE_RECORDING;
    slot->signature = event->as.built.signature;
    slot->last_valid_height = event->as.built.last_valid_height;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_RECORD, index);
    effect->as.attempt.token = slot->token;
    effect->as.attempt.attempt = slot->attempt;
    effect->as.attempt.signature = slot->signature;
    effect->as.attempt.last_valid_height = slot->last_valid_height;
}

void ls_step_on_unsigned(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    if (slot->phase == PHASE_LIVE)
        ls_step_nonce_unsigned(core, index, event->as.refusal.verdict);
    if (slot->phase != PHASE_SIGNING || ls_step_honours_wish(core, index)) return;
    ls_step_keep_text(slot->cause, sizeof slot->cause, event->as.refusal.cause);
    ls_step_keep_text(slot->detail, sizeof slot->detail, event->as.refusal.detail);
    slot->attempt = 0; /* no attempt of this round exists */
    switch (event->as.refusal.verdict) {
    case LS_UNSIGNED_FAILED: ls_step_give_up(core, index); return;
    case LS_UNSIGNED_HELD: ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_POLICY); return;
    case LS_UNSIGNED_ABSENT: ls_step_put_back(core, index, true); return;
    case LS_UNSIGNED_LATER: ls_step_put_back(core, index, false); return;
    }
}

void ls_step_on_recorded(ls_core *core, int32_t index, enum ls_row_result row)
{
    struct slot *slot = &core->slots[index];
    bool is_further = slot->phase == PHASE_LIVE && slot->family != NONE &&
                      core->families[slot->family].is_recording;
    if (slot->phase != PHASE_RECORDING && !is_further) return;
    if (row == LS_ROW_SPLIT) { /* leased still, and nothing left: with other bytes again */
        ls_step_trace(core, index, LS_STATE_LEASED, "its pack fell apart, signed anew", 0);
        queue_claimed(core, index);
        ls_step_sign_claimed(core);
        return;
    }
    if (row != LS_ROW_DONE) {
        ls_step_trace(core, index, LS_STATE_LEASED, "lost to another worker", 0);
        ls_step_slot_forget(core, index);
        return;
    }
    if (is_further) {
        ls_step_nonce_recorded(core, index);
        return;
    }
    slot->phase = PHASE_LIVE;
    slot->since_ms = core->now_ms;
    slot->send_ms = core->now_ms;
    slot->look_ms = core->now_ms + ls_step_heights_ms(core, 2);
    if (slot->family == NONE) {
        ls_step_trace(core, index, LS_STATE_SUBMITTED, "intent durable, valid to height",
                      slot->last_valid_height);
    } else {
        ls_step_nonce_begin(core, index);
    }
    ls_step_follow(core, index);
}

/* Slots that adoption has asked for, or will: what may have left already comes first. */
static int32_t kept_for_adoption(const ls_core *core)
{
    if (core->adopt_asked) return core->adopt_count;
    int64_t waiting = core->orphan_count;
    if (core->has_left_behind && waiting == 0) waiting = 1;
    return waiting > core->options.tracked_max ? core->options.tracked_max : (int32_t)waiting;
}

static int32_t claim_room(const ls_core *core)
{
    int32_t asked = kept_for_adoption(core);
    int32_t room = core->options.tracked_max - core->tracked - asked;
    int32_t unconfirmed_room = core->options.unconfirmed_max - core->unconfirmed - asked;
    if (unconfirmed_room < room) room = unconfirmed_room;
    if (room > core->options.claim_max) room = core->options.claim_max;
    return room;
}

bool ls_step_may_claim(const ls_core *core)
{
    return core->mode == LS_CORE_RUNNING && !core->is_paused && !core->claim_asked &&
           ls_step_head_is_fresh(core) && claim_room(core) > 0;
}

void ls_step_claim_more(ls_core *core)
{
    uint32_t lanes = 0;
    if (!ls_step_may_claim(core)) return;
    if (!ls_step_is_braked(core) && core->now_ms < core->claim_due_ms) return;
    const int32_t count = ls_step_brake_claim(core, claim_room(core), &lanes);
    if (count <= 0) return;
    core->claim_count = count;
    core->claim_lanes = lanes;
    core->claim_asked = true;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_CLAIM);
    effect->as.claim.count = count;
    effect->as.claim.lanes = lanes;
}
