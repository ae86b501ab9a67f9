/* What happens from outside: outages, stalls, a person's actions, and the end of it all. */
#include <inttypes.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "world.h"

enum { OUTAGE_MS_MAX = 20000 };

static int64_t later(struct world *world, int64_t mean_ms)
{
    return world->now_ms + 1 + (int64_t)dice_roll(&world->dice, (uint64_t)mean_ms * 2);
}

static void act_on(struct world *world, enum ls_verb verb, ls_op_id op, const char *signature)
{
    struct ls_action action = {.verb = verb, .op = op};
    struct ls_action_result result;
    world->actions++;
    memcpy(action.request_id, &world->actions, sizeof world->actions);
    (void)snprintf(action.reason, sizeof action.reason, "the plan says so");
    if (signature != NULL)
        (void)snprintf(action.signature, sizeof action.signature, "%s", signature);
    ls_memory_store_act(world->store, &action, &result);
    world_trace(world, "op %-4" PRId64 " %s: %s", op.value, ls_verb_name(verb),
                ls_code_name(result.err.code));
}

/* Any verb on any operation: what may not be is refused. */
static void act_at_random(struct world *world)
{
    static const enum ls_verb verbs[] = {LS_VERB_RETRY,     LS_VERB_RETRY,  LS_VERB_HOLD,
                                         LS_VERB_RELEASE,   LS_VERB_CANCEL, LS_VERB_RELEASE,
                                         LS_VERB_COMPENSATE};
    int64_t last = ls_memory_store_last_id(world->store);
    if (last == 0) return;
    ls_op_id op = {1 + (int64_t)dice_roll(&world->dice, (uint64_t)last)};
    act_on(world, verbs[dice_roll(&world->dice, sizeof verbs / sizeof verbs[0])], op, NULL);
}

static void set_outage(struct world *world, bool is_ledger)
{
    bool *is_out = is_ledger ? &world->is_ledger_out : &world->is_store_out;
    int64_t *at_ms = is_ledger ? &world->ledger_outage_ms : &world->store_outage_ms;
    int64_t every_ms =
        is_ledger ? world->plan.ledger_outage_every_ms : world->plan.store_outage_every_ms;
    if (!world->is_chaos || every_ms == 0 || world->now_ms < *at_ms) return;
    *is_out = !*is_out;
    *at_ms = later(world, *is_out ? OUTAGE_MS_MAX / 2 : every_ms);
    world_trace(world, "the %s is %s", is_ledger ? "ledger" : "store", *is_out ? "down" : "up");
    struct ls_sim_faults ledger = world->plan.ledger;
    struct ls_memory_faults store = world->plan.store;
    ledger.is_down = world->is_ledger_out;
    store.is_down = world->is_store_out;
    ls_sim_ledger_set_faults(world->ledger, &ledger);
    ls_memory_store_set_faults(world->store, &store);
}

static void stop_one(struct world *world)
{
    int64_t every_ms = world->plan.stop_every_ms;
    if (every_ms == 0 || world->now_ms < world->next_stop_ms) return;
    world->next_stop_ms = later(world, every_ms);
    process_stop(world->processes[dice_roll(&world->dice, (uint64_t)world->plan.processes)]);
}

void person_act(struct world *world)
{
    set_outage(world, true);
    set_outage(world, false);
    if (!world->is_chaos) return;
    stop_one(world);
    if (world->plan.action_every_ms == 0 || world->now_ms < world->next_action_ms) return;
    world->next_action_ms = later(world, world->plan.action_every_ms);
    act_at_random(world);
}

void person_end_chaos(struct world *world)
{
    world->is_chaos = false;
    if (world->options.kill_at == 0) world->next_kill = 0;
    world->next_stall = 0;
    world_trace(world, "the faults stop");
    ls_sim_ledger_set_faults(world->ledger, &(struct ls_sim_faults){0});
    ls_memory_store_set_faults(world->store, &(struct ls_memory_faults){0});
    for (int32_t i = 0; i < world->plan.processes; i++) process_wake(world->processes[i]);
    if (world->plan.is_poor)
        ls_sim_ledger_fund(world->ledger, &world->payer, UINT64_C(10000000000));
    for (int64_t id = 1; id <= ls_memory_store_last_id(world->store); id++) {
        struct ls_op_row row;
        if (!ls_memory_store_op(world->store, (ls_op_id){id}, &row)) continue;
        bool is_held = row.state == LS_STATE_HELD && row.sub != LS_SUB_AMBIGUOUS;
        if (is_held) act_on(world, LS_VERB_RELEASE, row.op, NULL);
    }
}

/* What a person finds on chain settles what the worker could not prove. */
void person_resolve(struct world *world)
{
    for (int64_t id = 1; id <= ls_memory_store_last_id(world->store); id++) {
        struct ls_op_row row;
        struct ls_stored_attempt attempts[LS_STORE_ATTEMPTS_MAX];
        if (!ls_memory_store_op(world->store, (ls_op_id){id}, &row)) continue;
        if (row.state != LS_STATE_HELD || row.sub != LS_SUB_AMBIGUOUS) continue;
        size_t count =
            ls_memory_store_attempts(world->store, row.op, attempts, LS_STORE_ATTEMPTS_MAX);
        char signature[LS_SIGNATURE_TEXT_BYTES] = "";
        for (size_t i = 0; i < count; i++) {
            bool has_error = false;
            if (ls_sim_ledger_is_finalized(world->ledger, &attempts[i].signature, &has_error))
                ls_signature_text(&attempts[i].signature, signature);
        }
        world->resolved++;
        bool has_landed = signature[0] != '\0';
        act_on(world, has_landed ? LS_VERB_RESOLVE_LANDED : LS_VERB_RESOLVE_NEVER, row.op,
               has_landed ? signature : NULL);
    }
}
