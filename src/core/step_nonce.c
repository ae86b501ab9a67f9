/* Operations whose attempts share one value of one nonce account (rule C). Whichever of
 * them lands, with an error or without, moves the nonce on and so ends the others: a further
 * one needs no certificate, and what cancels is a transaction that does nothing else. */
#include <assert.h>

#include "step_private.h"

enum {
    READ_AGAIN_MS = 300,
    STRANGE_MS = 1000,
    LOOK_DEEP_MS = 500,
    DEEP_LOOKS = 3, /* without a trace of any member before a person must look */
    CANCEL_AGAIN_MS = 5000,
    SLOW_SENDS = 5, /* times slower once a node refused the bytes */
    SEND_AGAIN_MS = 250,
};

void ls_step_families_empty(ls_core *core)
{
    for (int32_t i = 0; i < LS_FAMILIES_MAX; i++)
        core->families[i] = (struct family){.next = i + 1 < LS_FAMILIES_MAX ? i + 1 : NONE};
    core->family_free = 0;
}

bool ls_step_family_take(ls_core *core, int32_t index)
{
    int32_t at = core->family_free;
    if (at == NONE) return false;
    core->family_free = core->families[at].next;
    core->families[at] = (struct family){.next = NONE};
    core->slots[index].family = at;
    return true;
}

void ls_step_family_drop(ls_core *core, int32_t index)
{
    int32_t at = core->slots[index].family;
    if (at == NONE) return;
    core->families[at].next = core->family_free;
    core->family_free = at;
    core->slots[index].family = NONE;
}

static struct family *family_of(ls_core *core, int32_t index)
{
    assert(core->slots[index].family != NONE);
    return &core->families[core->slots[index].family];
}

int32_t ls_core_family(const ls_core *core,
                       struct ls_slot slot,
                       struct ls_member members_out[LS_FAMILY_MAX])
{
    if (slot.index < 0 || slot.index >= core->options.tracked_max) return 0;
    const struct slot *found = &core->slots[slot.index];
    if (found->phase == PHASE_FREE || found->generation != slot.generation ||
        found->family == NONE)
        return 0;
    const struct family *family = &core->families[found->family];
    for (int32_t i = 0; i < family->count; i++) members_out[i] = family->members[i];
    return family->count;
}

/* Those that may land; when the store says that none may, the newest. The newest ones where
 * they are too many: then one of those that are left out would show as a moved nonce. */
void ls_step_family_adopt(ls_core *core, int32_t index, const struct ls_stored_op *op)
{
    struct family *family = family_of(core, index);
    for (size_t i = op->attempt_count; i-- > 0 && family->count < LS_FAMILY_MAX;) {
        const struct ls_stored_attempt *attempt = &op->attempts[i];
        if (attempt->state != LS_ATTEMPT_LIVE) continue;
        for (int32_t to = family->count; to > 0; to--)
            family->members[to] = family->members[to - 1];
        family->members[0] = (struct ls_member){.attempt = attempt->attempt,
                                                .is_cancel = attempt->is_cancel,
                                                .signature = attempt->signature};
        family->count++;
        if (!attempt->is_cancel) family->bumps++;
    }
    if (family->count == 0) {
        const struct ls_stored_attempt *newest = &op->attempts[op->attempt_count - 1];
        family->members[family->count++] = (struct ls_member){.attempt = newest->attempt,
                                                              .is_cancel = newest->is_cancel,
                                                              .signature = newest->signature};
    }
    if (family->bumps > 0) family->bumps--; /* the first is no bump */
    family->made = op->attempts_made;
    family->bump_ms = core->now_ms + ls_step_heights_ms(core, core->options.bump_heights);
}

void ls_step_nonce_read(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    if (ls_step_honours_wish(core, index)) return;
    slot->phase = PHASE_READING;
    slot->look_ms = INT64_MAX;
    if (core->mode != LS_CORE_RUNNING) return; /* BYE hands it back */
    slot->is_asked = true;
    ls_step_push_for(core, LS_EFFECT_NONCE, index);
}

void ls_step_on_nonce(ls_core *core, int32_t index, enum ls_nonce_read read)
{
    struct slot *slot = &core->slots[index];
    if (slot->phase != PHASE_READING) return;
    slot->is_asked = false;
    if (ls_step_honours_wish(core, index)) return;
    if (read == LS_NONCE_STRANGE) {
        ls_step_keep_text(slot->cause, sizeof slot->cause, "NonceBroken");
        ls_step_keep_text(slot->detail, sizeof slot->detail,
                          "its nonce account is not one of ours: another is taken");
        struct ls_effect *effect =
            ls_step_move_last(core, index, LS_STATE_READY, LS_SUB_BACKOFF);
        effect->as.move.delay_ms = STRANGE_MS;
        effect->as.move.nonce = LS_NONCE_BROKEN;
        return;
    }
    if (read == LS_NONCE_UNREAD || core->mode != LS_CORE_RUNNING) {
        slot->look_ms =
            core->now_ms + READ_AGAIN_MS + (int64_t)ls_step_draw(core, READ_AGAIN_MS);
        ls_step_plan(core, index);
        return;
    }
    slot->phase = PHASE_SIGNING;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_SIGN, index);
    effect->as.attempt.token = slot->token;
    effect->as.attempt.attempt = slot->attempt;
}

void ls_step_nonce_begin(ls_core *core, int32_t index)
{
    const struct slot *slot = &core->slots[index];
    struct family *family = family_of(core, index);
    family->members[0] =
        (struct ls_member){.attempt = slot->attempt, .signature = slot->signature};
    family->count = 1;
    family->made = slot->attempt;
    family->bump_ms = core->now_ms + ls_step_heights_ms(core, core->options.bump_heights);
    ls_step_trace(core, index, LS_STATE_SUBMITTED,
                  "intent durable, valid until its nonce moves", 0);
}

/* A further member: one that cancels when a person or a refusal asks for it, else one with a
 * higher fee after a while without a landing. */
static void add_member(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    struct family *family = family_of(core, index);
    if (core->mode != LS_CORE_RUNNING || family->is_adding || slot->is_confirmed) return;
    if (family->count == LS_FAMILY_MAX || family->members[family->count - 1].is_cancel) return;
    bool is_refused = slot->verdict == VERDICT_FAIL || slot->verdict == VERDICT_REPACK;
    bool is_cancel = slot->request != LS_REQUEST_NONE || is_refused;
    bool is_bump = !is_cancel && slot->verdict == VERDICT_AGAIN &&
                   family->bumps < core->options.bump_max &&
                   family->count < LS_FAMILY_MAX - 1 && core->now_ms >= family->bump_ms;
    if (is_cancel && core->now_ms < family->cancel_ms) return;
    if (!is_cancel && !is_bump) return;

    family->is_adding = true;
    family->coming = (struct ls_member){.attempt = family->made + 1, .is_cancel = is_cancel};
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_SIGN, index);
    effect->as.attempt.token = slot->token;
    effect->as.attempt.attempt = family->coming.attempt;
    effect->as.attempt.is_cancel = is_cancel;
    effect->as.attempt.fee_level = family->bumps + 1;
}

void ls_step_nonce_signed(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    if (slot->family == NONE) return;
    struct family *family = family_of(core, index);
    if (!family->is_adding || family->is_recording) return;
    family->is_recording = true;
    family->coming.signature = event->as.built.signature;
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_RECORD, index);
    effect->as.attempt.token = slot->token;
    effect->as.attempt.attempt = family->coming.attempt;
    effect->as.attempt.signature = family->coming.signature;
    effect->as.attempt.is_cancel = family->coming.is_cancel;
}

/* It can not be signed, now or with such a fee: the family goes on as it is. */
void ls_step_nonce_unsigned(ls_core *core, int32_t index, enum ls_unsigned verdict)
{
    if (core->slots[index].family == NONE) return;
    struct family *family = family_of(core, index);
    if (!family->is_adding || family->is_recording) return;
    family->is_adding = false;
    family->cancel_ms = core->now_ms + CANCEL_AGAIN_MS;
    family->bump_ms = family->cancel_ms;
    if (!family->coming.is_cancel && verdict != LS_UNSIGNED_LATER)
        family->bumps = core->options.bump_max;
}

void ls_step_nonce_recorded(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    struct family *family = family_of(core, index);
    assert(family->count < LS_FAMILY_MAX);
    family->members[family->count++] = family->coming;
    family->made = family->coming.attempt;
    family->is_adding = family->is_recording = false;
    if (!family->coming.is_cancel) family->bumps++;
    family->bump_ms = core->now_ms + ls_step_heights_ms(core, core->options.bump_heights);
    slot->attempt = family->coming.attempt;
    slot->signature = family->coming.signature;
    slot->looks = 0;
    if (!slot->is_confirmed) slot->send_ms = core->now_ms;
    ls_step_trace(core, index, LS_STATE_SUBMITTED,
                  family->coming.is_cancel ? "cancels by moving its nonce, attempt"
                                           : "a higher fee under the same nonce, attempt",
                  slot->attempt);
    ls_step_follow(core, index);
}

void ls_step_nonce_follow(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    add_member(core, index);
    if (!slot->is_sending && core->now_ms >= slot->send_ms) ls_step_send(core, index);
    if (!slot->is_asked && core->now_ms >= slot->look_ms) {
        slot->is_asked = true;
        ls_step_push_for(core, LS_EFFECT_FAMILY, index)->as.is_deep =
            family_of(core, index)->wants_deep;
    }
    ls_step_plan(core, index);
}

/* No refusal of a send ends anything here: the bytes stay good until the nonce moves. One
 * for good brings the cancel; want of funds waits behind the payer's gate. */
void ls_step_nonce_refused(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    struct family *family = family_of(core, index);
    const int64_t slowly_ms = core->now_ms + core->options.rebroadcast_ms * SLOW_SENDS;
    switch (event->as.sent.result) {
    case LS_SEND_ACCEPTED:
        if (slot->verdict == VERDICT_FUNDS) slot->verdict = VERDICT_AGAIN;
        break;
    case LS_SEND_LOOK:
    case LS_SEND_AMBIGUOUS: slot->look_ms = core->now_ms; break;
    case LS_SEND_AGAIN:
        slot->send_ms =
            core->now_ms + SEND_AGAIN_MS + (int64_t)ls_step_draw(core, SEND_AGAIN_MS);
        break;
    case LS_SEND_FUNDS:
        if (slot->verdict == VERDICT_AGAIN) ls_step_reject(core, index, event, VERDICT_FUNDS);
        ls_step_gate_payer(core);
        slot->send_ms = slowly_ms;
        break;
    case LS_SEND_PERMANENT:
        if (family->members[family->count - 1].is_cancel) {
            slot->look_ms = core->now_ms;
            slot->send_ms = slowly_ms;
        } else if (slot->verdict == VERDICT_AGAIN || slot->verdict == VERDICT_FUNDS) {
            ls_step_reject(core, index, event, VERDICT_FAIL);
        }
        break;
    }
    ls_step_follow(core, index);
}

/* One of the family is final: it moved the nonce, and the others are dead by that. */
static void
settle(ls_core *core, int32_t index, const struct ls_member *member, const struct ls_seen *seen)
{
    struct slot *slot = &core->slots[index];
    bool has_siblings = family_of(core, index)->count > 1;
    struct ls_effect *effect = NULL;
    slot->attempt = member->attempt;
    slot->signature = member->signature;
    if (member->is_cancel) {
        ls_step_trace(core, index, LS_STATE_SUBMITTED, "its nonce was moved on in slot",
                      seen->slot);
        if (slot->verdict == VERDICT_AGAIN)
            ls_step_keep_text(slot->cause, sizeof slot->cause, "NonceAdvanced");
        effect = ls_step_conclude(core, index);
        effect->as.move.attempt_state = LS_ATTEMPT_ADVANCED;
    } else {
        ls_step_keep_text(slot->cause, sizeof slot->cause, seen->cause);
        ls_step_keep_text(slot->detail, sizeof slot->detail, seen->detail);
        effect = ls_step_move_last(
            core, index, seen->has_error ? LS_STATE_FAILED : LS_STATE_DONE, LS_SUB_NONE);
        effect->as.move.attempt_state =
            seen->has_error ? LS_ATTEMPT_ERRORED : LS_ATTEMPT_LANDED;
        effect->as.move.has_signature = true;
    }
    effect->as.move.signature = member->signature;
    effect->as.move.landed_slot = seen->slot;
    effect->as.move.siblings_dead = true; /* one that is being recorded among them */
    effect->as.move.has_evidence = effect->as.move.by_nonce = has_siblings;
    effect->as.move.nonce = LS_NONCE_FREE;
}

/* None of the family is there. A nonce that did not move says that each may still land; one
 * that did was moved by one of them, or by a stranger with our key: nobody guesses which. */
static void on_none(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    struct family *family = family_of(core, index);
    slot->look_ms = core->now_ms + ls_step_look_again_ms(core, slot);
    if (!event->as.family.same_identity) return;
    if (!event->as.family.has_moved) {
        family->wants_deep = false;
        slot->ambiguous_looks = 0;
        if (slot->is_confirmed && ++slot->vanished >= VANISHED_LOOKS)
            ls_step_roll_back(core, index);
        return;
    }
    slot->look_ms = core->now_ms + (family->wants_deep ? LOOK_DEEP_MS : 0);
    family->wants_deep = true;
    if (!event->as.family.is_deep || event->as.family.count < family->count) return;
    if (++slot->ambiguous_looks < DEEP_LOOKS) return;
    ls_step_keep_text(slot->cause, sizeof slot->cause, "AmbiguousNonce");
    ls_step_keep_text(slot->detail, sizeof slot->detail,
                      "its nonce moved, but none of its attempts is found: look on chain, "
                      "then resolve");
    ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

void ls_step_on_family(ls_core *core, int32_t index, const struct ls_event *event)
{
    struct slot *slot = &core->slots[index];
    if (slot->phase != PHASE_LIVE || slot->family == NONE) return;
    const struct family *family = family_of(core, index);
    const struct ls_seen *found = NULL;
    slot->is_asked = false;
    for (int32_t i = 0; i < event->as.family.count && i < family->count; i++) {
        const struct ls_seen *seen = &event->as.family.seen[i];
        if (!seen->is_found) continue;
        if (seen->is_finalized) {
            settle(core, index, &family->members[i], seen);
            return;
        }
        if (found == NULL || seen->is_confirmed) found = seen;
    }
    if (found != NULL) {
        slot->ambiguous_looks = 0;
        ls_step_on_found(core, index, found);
    } else {
        on_none(core, index, event);
    }
    if (slot->phase == PHASE_LIVE) ls_step_follow(core, index);
}
