/* What people do: actions at random moments, and setting right what was left to them when
 * the chaos is over. Each action must leave exactly one entry in the audit trail. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "trial_private.h"

enum { REDO_MS = 1000 };

static int64_t later(ls_trial *trial, int64_t mean_ms)
{
    return trial->now_ms + 1 + (int64_t)dice_roll(&trial->person_dice, (uint64_t)mean_ms * 2);
}

/* S8: performed means one entry more, refused or repeated none. */
static bool perform(ls_trial *trial, const struct ls_action *action)
{
    struct ls_action_result result;
    const int64_t before = ls_memory_store_audit_count(trial->store);
    ls_memory_store_act(trial->store, action, &result);
    const int64_t entries = ls_memory_store_audit_count(trial->store) - before;
    const bool is_new = !ls_failed(result.err) && !result.was_repeat;
    if (entries != (is_new ? 1 : 0)) {
        trial_violate(trial, "S8", "%s left %" PRId64 " entries in the audit trail",
                      ls_verb_name(action->verb), entries);
    }
    trial_trace(trial, "op %-4" PRId64 " %s%s: %s", action->op.value,
                ls_verb_name(action->verb), result.was_repeat ? " again" : "",
                ls_code_name(result.err.code));
    struct watched *watched = judge_watched(trial, action->op);
    if (is_new && watched != NULL && action->verb == LS_VERB_COMPENSATE)
        watched->shall_be_undone = true;
    return is_new;
}

/* Performed, and where the plan has double presses now and then once more. */
static void act(ls_trial *trial, struct ls_action *action)
{
    trial->action_count++;
    memcpy(action->request_id, &trial->action_count, sizeof trial->action_count);
    (void)snprintf(action->reason, sizeof action->reason, "the plan says so");
    const bool was_performed = perform(trial, action);
    const int64_t entries = ls_memory_store_audit_count(trial->store);
    const bool is_twice = dice_chance(&trial->person_dice, 300000);
    if (!trial->plan.has_repeats || !is_twice) return;
    trial_fire(trial, LS_FAULT_REPEAT);
    (void)perform(trial, action); /* what it did shows below */
    if (ls_memory_store_audit_count(trial->store) != entries && was_performed)
        trial_violate(trial, "S8", "%s pressed twice was performed twice",
                      ls_verb_name(action->verb));
}

static void act_on(ls_trial *trial, enum ls_verb verb, ls_op_id op)
{
    struct ls_action action = {.verb = verb, .op = op};
    act(trial, &action);
}

/* The newest attempt that an operation has, as base58; "" when there is none. */
static void
newest_signature(const ls_trial *trial, ls_op_id op, char text_out[LS_SIGNATURE_TEXT_BYTES])
{
    struct ls_stored_attempt attempts[LS_STORE_ATTEMPTS_MAX];
    const size_t count =
        ls_memory_store_attempts(trial->store, op, attempts, LS_STORE_ATTEMPTS_MAX);
    text_out[0] = '\0';
    if (count > 0) ls_signature_text(&attempts[count - 1].signature, text_out);
}

/* Any verb on any operation: what may not be is refused. What only a person who looked
 * may say (resolve) is said where it is true, at the end; here it must be refused. */
static void act_at_random(ls_trial *trial)
{
    static const enum ls_verb verbs[] = {
        LS_VERB_RETRY,   LS_VERB_RETRY,      LS_VERB_HOLD,           LS_VERB_RELEASE,
        LS_VERB_CANCEL,  LS_VERB_RELEASE,    LS_VERB_COMPENSATE,     LS_VERB_RESOLVE_LANDED,
        LS_VERB_RELEASE, LS_VERB_COMPENSATE, LS_VERB_RESOLVE_LANDED,
    };
    struct dice *dice = &trial->person_dice;
    const int64_t last = ls_memory_store_last_id(trial->store);
    const enum ls_verb verb = verbs[dice_roll(dice, sizeof verbs / sizeof verbs[0])];
    const uint64_t draw = dice_roll(dice, UINT64_C(1) << 40);
    if (last == 0) return;
    struct ls_action action = {.verb = verb, .op = {1 + (int64_t)(draw % (uint64_t)last)}};
    /* That an attempt landed the ledger confirms or not: to say it is always safe. */
    if (verb == LS_VERB_RESOLVE_LANDED) newest_signature(trial, action.op, action.signature);
    trial_fire(trial, LS_FAULT_ACTION);
    act(trial, &action);
}

void person_aim(ls_trial *trial, ls_op_id op)
{
    const bool is_meant = dice_chance(&trial->aim_dice, trial->plan.aim_ppm);
    if (!is_meant || !trial->is_chaos || trial->aim_count == TRIAL_AIMS_MAX) return;
    trial->aimed[trial->aim_count++] = op;
}

static void act_as_aimed(ls_trial *trial)
{
    for (size_t i = 0; i < trial->aim_count; i++) {
        const bool is_cancel = dice_chance(&trial->aim_dice, 500000);
        trial_fire(trial, LS_FAULT_AIM);
        act_on(trial, is_cancel ? LS_VERB_CANCEL : LS_VERB_HOLD, trial->aimed[i]);
    }
    trial->aim_count = 0;
}

void person_mind(ls_trial *trial, struct watched *op)
{
    const bool is_meant = dice_chance(&trial->redo_dice, trial->plan.redo_ppm);
    if (is_meant && trial->is_chaos && trial->plan.failover_every_ms > 0)
        op->shall_be_undone = true;
}

/* Who had it undone finds, after a failover, that it is done as if nobody had asked: it is
 * asked for again, however much of it landed. Its ids may be others' now. */
bool person_redo(ls_trial *trial)
{
    bool has_asked = false;
    if (trial->plan.redo_ppm == 0) return false;
    for (size_t i = 0; i < trial->op_count; i++) {
        struct watched *op = &trial->ops[i];
        struct ls_op_row row;
        if (!op->shall_be_undone || !ls_memory_store_op(trial->store, op->op, &row)) continue;
        if (row.state != LS_STATE_DONE || row.sub != LS_SUB_NONE) continue;
        act_on(trial, LS_VERB_COMPENSATE, op->op);
        op->shall_be_undone =
            ls_memory_store_op(trial->store, op->op, &row) && row.sub == LS_SUB_COMPENSATING;
        if (op->shall_be_undone) has_asked = true;
        if (op->shall_be_undone && op->is_undone) trial_fire(trial, LS_FAULT_REDO);
    }
    return has_asked;
}

static const char *const gates[] = {"all", "lane:1", "kind:memo", "entity:org-1"};

/* Another one each time; it is off again before the next is on. */
static const char *gate_of(const ls_trial *trial)
{
    return gates[trial->gates_turned / 2 % (sizeof gates / sizeof gates[0])];
}

static void turn_gate(ls_trial *trial)
{
    const bool is_on = trial->gates_turned % 2 != 0;
    struct ls_action action = {.verb = is_on ? LS_VERB_GATE_OFF : LS_VERB_GATE_ON};
    (void)snprintf(action.selector, sizeof action.selector, "%s", gate_of(trial));
    trial->gates_turned++;
    trial_fire(trial, LS_FAULT_GATE);
    act(trial, &action);
}

/* A worker begins some kinds alone from now on, or all again. */
static void give_kinds(ls_trial *trial)
{
    for (int32_t i = 0; i < trial->plan.processes; i++) {
        struct ls_action action = {.verb = LS_VERB_WORKER_KINDS,
                                   .worker_id = process_worker_id(trial->processes[i])};
        const uint64_t draw = dice_roll(&trial->work_dice, UINT64_C(1) << LS_KIND_MAX);
        const bool is_all = dice_chance(&trial->work_dice, 300000);
        if (action.worker_id == 0) continue;
        if (!is_all) action.kinds = (uint32_t)draw << 1 | 1u << LS_KIND_MEMO;
        trial_fire(trial, LS_FAULT_WORK);
        act(trial, &action);
    }
}

static void pause_workers(ls_trial *trial, bool is_pause)
{
    for (int32_t i = 0; i < trial->plan.processes; i++) {
        struct ls_action action = {.verb =
                                       is_pause ? LS_VERB_WORKER_PAUSE : LS_VERB_WORKER_RESUME};
        action.worker_id = process_worker_id(trial->processes[i]);
        if (action.worker_id == 0) continue;
        if (is_pause && dice_chance(&trial->person_dice, 250000))
            action.verb = LS_VERB_WORKER_DRAIN; /* another starts in its place */
        if (is_pause) trial_fire(trial, LS_FAULT_PAUSE);
        act(trial, &action);
    }
}

void person_begin(ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    trial->next_action_ms = later(trial, plan->action_every_ms);
    trial->next_gate_ms = later(trial, plan->gate_every_ms);
    trial->next_pause_ms = later(trial, plan->pause_every_ms);
}

static bool is_due(ls_trial *trial, int64_t every_ms, int64_t *next_ms)
{
    if (every_ms == 0 || trial->now_ms < *next_ms) return false;
    *next_ms = later(trial, every_ms);
    return true;
}

void person_turn(ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    if (!trial->is_chaos) return;
    act_as_aimed(trial);
    if (is_due(trial, plan->action_every_ms, &trial->next_action_ms)) act_at_random(trial);
    if (is_due(trial, plan->gate_every_ms, &trial->next_gate_ms)) turn_gate(trial);
    if (is_due(trial, plan->pause_every_ms, &trial->next_pause_ms))
        pause_workers(trial, dice_chance(&trial->person_dice, 500000));
    if (trial->now_ms >= trial->next_redo_ms) {
        trial->next_redo_ms = trial->now_ms + REDO_MS;
        (void)person_redo(trial); /* shows in the store */
    }
    if (plan->work_every_ms == 0 || trial->now_ms < trial->next_work_ms) return;
    trial->next_work_ms = trial->now_ms + 1 +
                          (int64_t)dice_roll(&trial->work_dice, (uint64_t)plan->work_every_ms);
    give_kinds(trial);
}

void person_end_chaos(ls_trial *trial)
{
    /* A failover may have brought back any of them. */
    for (size_t i = 0; trial->plan.gate_every_ms > 0 && i < sizeof gates / sizeof gates[0];
         i++) {
        struct ls_action action = {.verb = LS_VERB_GATE_OFF};
        (void)snprintf(action.selector, sizeof action.selector, "%s", gates[i]);
        act(trial, &action);
    }
    if (trial->plan.pause_every_ms > 0) pause_workers(trial, false);
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        const bool is_held = row.state == LS_STATE_HELD && row.sub != LS_SUB_AMBIGUOUS;
        if (is_held) act_on(trial, LS_VERB_RELEASE, row.op);
    }
}

/* The attempt that is final on chain without an error, as base58; "" when none is. */
static void
landed_signature(const ls_trial *trial, ls_op_id op, char text_out[LS_SIGNATURE_TEXT_BYTES])
{
    struct ls_stored_attempt attempts[LS_STORE_ATTEMPTS_MAX];
    const size_t count =
        ls_memory_store_attempts(trial->store, op, attempts, LS_STORE_ATTEMPTS_MAX);
    text_out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        bool has_error = false;
        /* Known to be without the operation's effect. */
        if (attempts[i].state == LS_ATTEMPT_ERRORED || attempts[i].is_cancel) continue;
        if (!ls_sim_ledger_is_finalized(trial->ledger, &attempts[i].signature, &has_error))
            continue;
        ls_signature_text(&attempts[i].signature, text_out);
        if (!has_error) return;
    }
}

/* Where every account of the pool is broken, a person makes one more. */
static void mend_pool(ls_trial *trial)
{
    if (trial->plan.nonces == 0 || trial->nonces_made == LS_MEMORY_NONCES_MAX) return;
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        if (row.state != LS_STATE_READY || row.sub != LS_SUB_GATED) continue;
        trial_add_nonce(trial);
        return;
    }
}

/* One person was not enough: it is above its kind's value limit. */
static bool is_held_still(const ls_trial *trial, ls_op_id op)
{
    struct ls_op_row row;
    return ls_memory_store_op(trial->store, op, &row) && row.state == LS_STATE_HELD &&
           row.sub == LS_SUB_AMBIGUOUS;
}

/* A pause and kinds outlive a lost connection: who was away when the others were let go is let
 * go when it is back. */
static void let_work(ls_trial *trial)
{
    struct ls_worker_row row;
    for (int64_t id = 1; ls_memory_store_worker(trial->store, id, &row); id++) {
        struct ls_action action = {.verb = LS_VERB_WORKER_RESUME, .worker_id = id};
        if (!row.is_alive) continue;
        if (row.is_paused) act(trial, &action);
        action = (struct ls_action){.verb = LS_VERB_WORKER_KINDS, .worker_id = id};
        if (row.works_on != 0) act(trial, &action);
    }
}

/* What a person finds on chain settles what the worker could not prove. */
void person_resolve(ls_trial *trial)
{
    mend_pool(trial);
    let_work(trial);
    (void)person_redo(trial); /* shows in the store */
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        if (row.state != LS_STATE_HELD || row.sub != LS_SUB_AMBIGUOUS) continue;
        if (strcmp(row.cause, "RowAltered") == 0)
            trial_violate(trial, "S2", "op %" PRId64 ": its seal was found broken", id);
        struct ls_action action = {.op = row.op};
        landed_signature(trial, row.op, action.signature);
        const struct watched *watched = judge_watched(trial, row.op);
        const bool has_landed = watched != NULL && watched->landed > 0;
        /* A stranger's payment kept the marker from being made: what aborted on it is no end.
         */
        if (watched != NULL && watched->is_strange && !has_landed) action.signature[0] = '\0';
        /* It is on chain, but the store knows no such attempt: nothing true can be said. */
        if (has_landed && action.signature[0] == '\0') continue;
        action.verb =
            action.signature[0] != '\0' ? LS_VERB_RESOLVE_LANDED : LS_VERB_RESOLVE_NEVER;
        trial->resolved++;
        act(trial, &action);
        if (!is_held_still(trial, row.op)) continue;
        (void)snprintf(action.os_user, sizeof action.os_user, "a second person");
        act(trial, &action);
    }
}
