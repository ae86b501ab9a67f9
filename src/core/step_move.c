/* Changes of state that are asked of the store: the one setter of an operation's state. */
#include <assert.h>

#include "step_private.h"

static struct ls_effect *
push_move(ls_core *core, int32_t index, enum ls_state to, enum ls_sub sub)
{
    const struct slot *slot = &core->slots[index];
    struct ls_effect *effect = ls_step_push_for(core, LS_EFFECT_MOVE, index);
    effect->as.move.token = slot->token;
    effect->as.move.to = to;
    effect->as.move.sub = sub;
    effect->as.move.attempt = slot->attempt;
    effect->as.move.attempt_state = LS_ATTEMPT_LIVE;
    effect->as.move.last_valid_height = slot->last_valid_height;
    ls_step_keep_text(effect->as.move.cause, sizeof effect->as.move.cause, slot->cause);
    ls_step_keep_text(effect->as.move.detail, sizeof effect->as.move.detail, slot->detail);
    return effect;
}

/* A note on a submitted operation, which stays ours. */
struct ls_effect *ls_step_move(ls_core *core, int32_t index, enum ls_state to, enum ls_sub sub)
{
    assert(core->slots[index].phase == PHASE_LIVE ||
           core->slots[index].phase == PHASE_CERTIFYING ||
           core->slots[index].phase == PHASE_LOOKING);
    core->slots[index].notes++;
    return push_move(core, index, to, sub);
}

static const char *last_words(enum ls_state to, enum ls_sub sub)
{
    if (to == LS_STATE_DONE) return "finalized";
    if (to == LS_STATE_FAILED) return "given up";
    if (to == LS_STATE_READY) return "to be tried again";
    if (to == LS_STATE_CANCELLED) return "cancelled as wished";
    return sub == LS_SUB_AMBIGUOUS ? "held: its outcome can not be proved" : "held";
}

/* The last move: when it is answered the slot is free. */
struct ls_effect *
ls_step_move_last(ls_core *core, int32_t index, enum ls_state to, enum ls_sub sub)
{
    struct slot *slot = &core->slots[index];
    bool is_before_intent = slot->phase == PHASE_CLAIMED || slot->phase == PHASE_READING ||
                            slot->phase == PHASE_SIGNING;
    assert(slot->phase != PHASE_MOVING && slot->phase != PHASE_FREE);
    slot->phase = PHASE_MOVING;
    ls_step_set_timer(core, index, INT64_MAX);
    if (is_before_intent) slot->attempt = 0;
    ls_step_trace(core, index, to, last_words(to, sub), 0);
    struct ls_effect *effect = push_move(core, index, to, sub);
    if (is_before_intent && slot->family != NONE)
        effect->as.move.nonce = LS_NONCE_FREE; /* it was not used */
    return effect;
}

/* What ended may have freed what waited for it: an entity's next, a dependant, a batch's next
 * step. The store has made it ready in the transaction of the move, so no interval passes. */
static void claim_freed(ls_core *core)
{
    core->idle_claims = 0;
    if (core->claim_due_ms > core->now_ms) core->claim_due_ms = core->now_ms;
}

/* The store answers in order: first the notes, then the last move. */
void ls_step_on_moved(ls_core *core, int32_t index, enum ls_row_result row)
{
    struct slot *slot = &core->slots[index];
    if (slot->notes > 0) {
        slot->notes--;
        if (row == LS_ROW_DONE || slot->phase == PHASE_MOVING) return;
        ls_step_trace(core, index, LS_STATE_SUBMITTED, "lost to another worker", 0);
        ls_step_slot_forget(core, index);
        return;
    }
    if (slot->phase != PHASE_MOVING) return;
    ls_step_slot_forget(core, index);
    if (row == LS_ROW_DONE) claim_freed(core);
}

void ls_step_on_wish(ls_core *core, const struct ls_event *event)
{
    for (int32_t i = 0; i < core->options.tracked_max; i++) {
        struct slot *slot = &core->slots[i];
        if (slot->phase == PHASE_FREE || slot->op.value != event->as.wish.op.value) continue;
        slot->request = event->as.wish.request;
        return;
    }
}

int64_t ls_step_backoff_ms(ls_core *core, const struct slot *slot)
{
    int64_t most_ms = core->options.backoff_base_ms;
    for (int32_t i = 0; i < slot->attempts_round && most_ms < core->options.backoff_max_ms; i++)
        most_ms *= 2;
    if (most_ms > core->options.backoff_max_ms) most_ms = core->options.backoff_max_ms;
    return (int64_t)ls_step_draw(core, (uint64_t)most_ms + 1);
}

/* Whether the attempt under way is the last of its round. */
bool ls_step_round_is_over(const struct slot *slot)
{
    return slot->attempts_round + 1 >= slot->attempts_max;
}

static struct ls_effect *again(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    bool counts = slot->verdict == VERDICT_AGAIN;
    if (counts && ls_step_round_is_over(slot)) {
        ls_step_keep_text(slot->detail, sizeof slot->detail,
                          "every attempt of this round expired without landing");
        return ls_step_move_last(core, index, LS_STATE_FAILED, LS_SUB_NONE);
    }
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_READY, LS_SUB_BACKOFF);
    effect->as.move.counts = counts;
    effect->as.move.delay_ms =
        slot->verdict == VERDICT_REPACK ? 0 : ls_step_backoff_ms(core, slot);
    return effect;
}

/* No further attempt is made. Where earlier ones may still land it has not failed. */
void ls_step_give_up(ls_core *core, int32_t index)
{
    bool is_open = core->slots[index].has_siblings;
    (void)ls_step_move_last(core, index, is_open ? LS_STATE_HELD : LS_STATE_FAILED,
                            is_open ? LS_SUB_AMBIGUOUS : LS_SUB_NONE);
}

/* Not signed and nothing left: ready again after a backoff, for as long as `counts` does
 * not use up the round. */
void ls_step_put_back(ls_core *core, int32_t index, bool counts)
{
    const struct slot *slot = &core->slots[index];
    if (counts && ls_step_round_is_over(slot)) {
        ls_step_give_up(core, index);
        return;
    }
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_READY, LS_SUB_BACKOFF);
    effect->as.move.counts = counts;
    effect->as.move.delay_ms = ls_step_backoff_ms(core, slot);
}

/* An operation whose own part was sound goes again; one of an atomic batch fails with it. */
void ls_step_keep_blame(struct slot *slot, enum ls_blame blame)
{
    if (blame == LS_BLAME_OWN || (slot->is_atomic && blame == LS_BLAME_NOBODY)) return;
    ls_step_keep_text(slot->cause, sizeof slot->cause,
                      slot->is_atomic ? "BatchFailed" : "PackFailed");
    if (slot->is_atomic) {
        ls_step_keep_text(slot->detail, sizeof slot->detail,
                          "another operation of its atomic batch failed");
        return;
    }
    slot->verdict = VERDICT_REPACK;
    ls_step_keep_text(slot->detail, sizeof slot->detail,
                      blame == LS_BLAME_OTHER
                          ? "another operation of its transaction failed; sent again without it"
                          : "its transaction failed as a whole; sent again with fewer others");
}

/* No attempt lives any more: what a person wished comes first, then the verdict. */
struct ls_effect *ls_step_conclude(ls_core *core, int32_t index)
{
    const struct slot *slot = &core->slots[index];
    if (slot->request == LS_REQUEST_CANCEL)
        return ls_step_move_last(core, index, LS_STATE_CANCELLED, LS_SUB_NONE);
    if (slot->verdict == VERDICT_FAIL)
        return ls_step_move_last(core, index, LS_STATE_FAILED, LS_SUB_NONE);
    if (slot->request == LS_REQUEST_HOLD)
        return ls_step_move_last(core, index, LS_STATE_HELD, LS_SUB_OPERATOR);
    return again(core, index);
}

static void certify(struct ls_effect *effect, const struct slot *slot)
{
    effect->as.move.has_evidence = true;
    effect->as.move.is_certificate = true;
    effect->as.move.by_marker = slot->fence == LS_FENCE_MARKER;
    effect->as.move.endpoints = slot->agreed;
    effect->as.move.certified_height = slot->certified_height;
    effect->as.move.controls = slot->controls_seen;
}

/* An earlier attempt landed, and the present one is proved dead: the effect is there once. */
void ls_step_settle_late(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    slot->cause[0] = slot->detail[0] = '\0';
    struct ls_effect *effect = ls_step_move_last(core, index, LS_STATE_DONE, LS_SUB_NONE);
    effect->as.move.attempt = slot->late_attempt;
    effect->as.move.attempt_state = LS_ATTEMPT_LANDED;
    effect->as.move.has_signature = true;
    effect->as.move.signature = slot->late_signature;
    effect->as.move.landed_slot = slot->late_slot;
    effect->as.move.siblings_dead = true;
    certify(effect, slot);
}

void ls_step_retire(ls_core *core, int32_t index)
{
    struct slot *slot = &core->slots[index];
    ls_step_trace(core, index, LS_STATE_SUBMITTED, "proved dead at height",
                  slot->certified_height);
    if (slot->late_attempt != 0) {
        ls_step_settle_late(core, index);
        return;
    }
    if (slot->verdict == VERDICT_AGAIN) {
        ls_step_brake_count(core, slot, false);
        ls_step_keep_text(slot->cause, sizeof slot->cause, "Expired");
    }
    struct ls_effect *effect = ls_step_conclude(core, index);
    effect->as.move.attempt_state = slot->is_errored ? LS_ATTEMPT_ERRORED : LS_ATTEMPT_DEAD;
    effect->as.move.has_signature = slot->is_errored;
    effect->as.move.signature = slot->signature;
    effect->as.move.landed_slot = slot->errored_slot;
    effect->as.move.siblings_dead = slot->has_siblings;
    certify(effect, slot);
}
