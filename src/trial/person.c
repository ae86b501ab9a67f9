/* What happens from outside: outages, stalls, a person's actions, and the end of it all. */
#include <inttypes.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "trial_private.h"

enum { OUTAGE_MS_MAX = 20000 };

static int64_t later(ls_trial *trial, int64_t mean_ms)
{
    return trial->now_ms + 1 + (int64_t)dice_roll(&trial->dice, (uint64_t)mean_ms * 2);
}

static const char *const gates[] = {"all", "kind:memo", "lane:1", "entity:org-1"};
enum { GATE_COUNT = sizeof gates / sizeof gates[0], WORKER_ID_MAX = 24 };

static enum ls_code act(ls_trial *trial, struct ls_action *action)
{
    struct ls_action_result result;
    trial->actions++;
    memcpy(action->request_id, &trial->actions, sizeof trial->actions);
    (void)snprintf(action->reason, sizeof action->reason, "the plan says so");
    ls_memory_store_act(trial->store, action, &result);
    return result.err.code;
}

static void act_on(ls_trial *trial, enum ls_verb verb, ls_op_id op, const char *signature)
{
    struct ls_action action = {.verb = verb, .op = op};
    if (signature != NULL)
        (void)snprintf(action.signature, sizeof action.signature, "%s", signature);
    enum ls_code code = act(trial, &action);
    trial_trace(trial, "op %-4" PRId64 " %s: %s", op.value, ls_verb_name(verb),
                ls_code_name(code));
}

/* A worker, by the number that it may have; 0: all. */
static void act_on_worker(ls_trial *trial, enum ls_verb verb, int64_t worker_id)
{
    struct ls_action action = {.verb = verb, .worker_id = worker_id};
    enum ls_code code = act(trial, &action);
    trial_trace(trial, "worker %" PRId64 " %s: %s", worker_id, ls_verb_name(verb),
                ls_code_name(code));
}

static void act_on_gate(ls_trial *trial, enum ls_verb verb, const char *selector)
{
    struct ls_action action = {.verb = verb};
    (void)snprintf(action.selector, sizeof action.selector, "%s", selector);
    enum ls_code code = act(trial, &action);
    trial_trace(trial, "%s %s: %s", ls_verb_name(verb), selector, ls_code_name(code));
}

/* Pauses and drains end when they are taken back, or with the faults. */
static void act_on_workers(ls_trial *trial)
{
    static const enum ls_verb verbs[] = {LS_VERB_WORKER_PAUSE, LS_VERB_WORKER_RESUME,
                                         LS_VERB_WORKER_DRAIN, LS_VERB_GATE_ON,
                                         LS_VERB_GATE_OFF};
    enum ls_verb verb = verbs[dice_roll(&trial->dice, sizeof verbs / sizeof verbs[0])];
    if (verb == LS_VERB_GATE_ON || verb == LS_VERB_GATE_OFF) {
        act_on_gate(trial, verb, gates[dice_roll(&trial->dice, GATE_COUNT)]);
        return;
    }
    act_on_worker(trial, verb, (int64_t)dice_roll(&trial->dice, WORKER_ID_MAX));
}

/* Any verb on any operation: what may not be is refused. */
static void act_at_random(ls_trial *trial)
{
    if (dice_roll(&trial->dice, 5) == 0) {
        act_on_workers(trial);
        return;
    }
    static const enum ls_verb verbs[] = {LS_VERB_RETRY,     LS_VERB_RETRY,  LS_VERB_HOLD,
                                         LS_VERB_RELEASE,   LS_VERB_CANCEL, LS_VERB_RELEASE,
                                         LS_VERB_COMPENSATE};
    int64_t last = ls_memory_store_last_id(trial->store);
    if (last == 0) return;
    ls_op_id op = {1 + (int64_t)dice_roll(&trial->dice, (uint64_t)last)};
    act_on(trial, verbs[dice_roll(&trial->dice, sizeof verbs / sizeof verbs[0])], op, NULL);
}

static void set_outage(ls_trial *trial, bool is_ledger)
{
    bool *is_out = is_ledger ? &trial->is_ledger_out : &trial->is_store_out;
    int64_t *at_ms = is_ledger ? &trial->ledger_outage_ms : &trial->store_outage_ms;
    int64_t every_ms =
        is_ledger ? trial->plan.ledger_outage_every_ms : trial->plan.store_outage_every_ms;
    if (!trial->is_chaos || every_ms == 0 || trial->now_ms < *at_ms) return;
    *is_out = !*is_out;
    *at_ms = later(trial, *is_out ? OUTAGE_MS_MAX / 2 : every_ms);
    trial_trace(trial, "the %s is %s", is_ledger ? "ledger" : "store", *is_out ? "down" : "up");
    struct ls_sim_faults ledger = trial->plan.ledger;
    struct ls_memory_faults store = trial->plan.store;
    ledger.is_down = trial->is_ledger_out;
    store.is_down = trial->is_store_out;
    ls_sim_ledger_set_faults(trial->ledger, &ledger);
    ls_memory_store_set_faults(trial->store, &store);
}

static void stop_one(ls_trial *trial)
{
    int64_t every_ms = trial->plan.stop_every_ms;
    if (every_ms == 0 || trial->now_ms < trial->next_stop_ms) return;
    trial->next_stop_ms = later(trial, every_ms);
    process_stop(trial->processes[dice_roll(&trial->dice, (uint64_t)trial->plan.processes)]);
}

void person_act(ls_trial *trial)
{
    set_outage(trial, true);
    set_outage(trial, false);
    if (!trial->is_chaos) return;
    stop_one(trial);
    if (trial->plan.action_every_ms == 0 || trial->now_ms < trial->next_action_ms) return;
    trial->next_action_ms = later(trial, trial->plan.action_every_ms);
    act_at_random(trial);
}

void person_end_chaos(ls_trial *trial)
{
    trial->is_chaos = false;
    if (trial->options.kill_at == 0) trial->next_kill = 0;
    trial->next_stall = 0;
    trial_trace(trial, "the faults stop");
    ls_sim_ledger_set_faults(trial->ledger, &(struct ls_sim_faults){0});
    ls_memory_store_set_faults(trial->store, &(struct ls_memory_faults){0});
    for (int32_t i = 0; i < trial->plan.processes; i++) process_wake(trial->processes[i]);
    if (trial->plan.action_every_ms != 0) {
        act_on_worker(trial, LS_VERB_WORKER_RESUME, 0);
        for (size_t i = 0; i < GATE_COUNT; i++) act_on_gate(trial, LS_VERB_GATE_OFF, gates[i]);
    }
    if (trial->plan.is_poor)
        ls_sim_ledger_fund(trial->ledger, &trial->payer, UINT64_C(10000000000));
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        bool is_held = row.state == LS_STATE_HELD && row.sub != LS_SUB_AMBIGUOUS;
        if (is_held) act_on(trial, LS_VERB_RELEASE, row.op, NULL);
    }
}

/* What a person finds on chain settles what the worker could not prove. */
void person_resolve(ls_trial *trial)
{
    for (int64_t id = 1; id <= ls_memory_store_last_id(trial->store); id++) {
        struct ls_op_row row;
        struct ls_stored_attempt attempts[LS_STORE_ATTEMPTS_MAX];
        if (!ls_memory_store_op(trial->store, (ls_op_id){id}, &row)) continue;
        if (row.state != LS_STATE_HELD || row.sub != LS_SUB_AMBIGUOUS) continue;
        size_t count =
            ls_memory_store_attempts(trial->store, row.op, attempts, LS_STORE_ATTEMPTS_MAX);
        char signature[LS_SIGNATURE_TEXT_BYTES] = "";
        for (size_t i = 0; i < count; i++) {
            bool has_error = false;
            if (ls_sim_ledger_is_finalized(trial->ledger, &attempts[i].signature, &has_error))
                ls_signature_text(&attempts[i].signature, signature);
        }
        trial->resolved++;
        bool has_landed = signature[0] != '\0';
        act_on(trial, has_landed ? LS_VERB_RESOLVE_LANDED : LS_VERB_RESOLVE_NEVER, row.op,
               has_landed ? signature : NULL);
    }
}
