#include "lockstep/trial/trial.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "trial_private.h"

enum { START_MS = 1000, END_SLOTS = 1500, LINE_BYTES = 512, RICH = 10, POOR_LAMPORTS = 60000 };

static int64_t now_of_store(void *self)
{
    return ((const ls_trial *)self)->now_ms;
}

void trial_trace(ls_trial *trial, const char *format, ...)
{
    char line[LINE_BYTES];
    int head = snprintf(line, sizeof line, "[%8" PRId64 "] ", trial->now_ms);
    assert(head > 0 && (size_t)head < sizeof line);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line + head, sizeof line - (size_t)head, format, arguments); /* cut */
    va_end(arguments);
    /* FNV-1a, by its published constants. */
    for (const char *at = line; *at != '\0'; at++)
        trial->trace_hash = (trial->trace_hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    if (trial->options.trace != NULL) trial->options.trace(trial->options.trace_self, line);
}

void trial_violate(ls_trial *trial, const char *rule, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    trial_trace(trial, "VIOLATED %s: %s", rule, text);
    size_t length = strlen(trial->violated);
    if (strstr(trial->violated, rule) == NULL)
        (void)snprintf(trial->violated + length, sizeof trial->violated - length, " %s", rule);
    if (trial->failure[0] != '\0') return;
    (void)snprintf(trial->failure, sizeof trial->failure, "%s at %" PRId64 ": %.400s", rule,
                   trial->now_ms, text);
}

static void make_keys(ls_trial *trial)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    for (size_t i = 0; i < sizeof seed; i++) seed[i] = (uint8_t)dice_roll(&trial->dice, 256);
    for (size_t i = 0; i < sizeof trial->tag_key; i++)
        trial->tag_key[i] = (uint8_t)dice_roll(&trial->dice, 256);
    int failed = crypto_sign_seed_keypair(trial->payer.bytes, trial->secret, seed);
    assert(failed == 0);
}

static ls_err make_ledger(ls_trial *trial)
{
    const struct ls_sim_ledger_options options = {
        .seed = trial->options.seed,
        .slot_ms = trial->plan.slot_ms,
        .finality_slots = trial->plan.finality_slots,
        .verify_signatures = true,
        .endpoint_count = trial->plan.endpoints,
    };
    LS_TRY(ls_sim_ledger_new(&options, &trial->ledger));
    ls_sim_ledger_advance(trial->ledger, trial->now_ms);
    ls_sim_ledger_set_faults(trial->ledger, &trial->plan.ledger);
    ls_sim_ledger_fund(trial->ledger, &trial->payer,
                       trial->plan.is_poor ? POOR_LAMPORTS : RICH * UINT64_C(1000000000));
    return LS_OK;
}

static ls_err make_store(ls_trial *trial)
{
    const struct ls_memory_store_options options = {.seed = trial->options.seed,
                                                    .now_ms = now_of_store,
                                                    .self = trial,
                                                    .tag_key = trial->tag_key};
    trial->store = ls_memory_store_new(&options);
    if (trial->store == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    ls_memory_store_set_faults(trial->store, &trial->plan.store);
    return LS_OK;
}

static void set_first_times(ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    struct dice *dice = &trial->dice;
    int64_t now = trial->now_ms;
    trial->is_chaos = true;
    trial->chaos_end_ms = now + plan->chaos_ms;
    trial->next_kill = trial->options.kill_at;
    if (plan->kill_every > 0)
        trial->next_kill = 1 + (int64_t)dice_roll(dice, (uint64_t)plan->kill_every * 2);
    if (plan->stall_every > 0)
        trial->next_stall = 1 + (int64_t)dice_roll(dice, (uint64_t)plan->stall_every * 2);
    trial->next_stop_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    trial->ledger_outage_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    trial->store_outage_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    trial->next_action_ms = now;
}

static ls_err make(ls_trial *trial)
{
    make_keys(trial);
    plan_draw(trial);
    LS_TRY(make_ledger(trial));
    LS_TRY(make_store(trial));
    plan_draw_ops(trial);
    set_first_times(trial);
    for (int32_t i = 0; i < trial->plan.processes; i++) {
        trial->processes[i] = process_new(trial, i + 1);
        if (trial->processes[i] == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    }
    return LS_OK;
}

static void trial_free(ls_trial *trial)
{
    for (int32_t i = 0; i < TRIAL_PROCESSES_MAX; i++) process_free(trial->processes[i]);
    ls_memory_store_free(trial->store);
    ls_sim_ledger_free(trial->ledger);
    free(trial);
}

static int64_t next_ms(const ls_trial *trial)
{
    int64_t next = plan_next_ms(trial);
    for (int32_t i = 0; i < trial->plan.processes; i++) {
        int64_t process_ms = process_next_ms(trial->processes[i]);
        if (process_ms < next) next = process_ms;
    }
    if (trial->is_chaos && trial->chaos_end_ms < next) next = trial->chaos_end_ms;
    int64_t slot_ms = ls_sim_ledger_next_ms(trial->ledger);
    return slot_ms < next ? slot_ms : next;
}

static void advance(ls_trial *trial)
{
    int64_t next = next_ms(trial);
    if (next > trial->now_ms) trial->now_ms = next;
    ls_sim_ledger_advance(trial->ledger, trial->now_ms);
    plan_enqueue_due(trial);
    if (trial->is_chaos && trial->now_ms >= trial->chaos_end_ms) person_end_chaos(trial);
    person_act(trial);
    for (int32_t i = 0; i < trial->plan.processes; i++) process_run(trial->processes[i]);
    trial->steps++;
    judge_step(trial);
}

/* It has shown what it was run for, or can not go on. */
static bool is_over(const ls_trial *trial)
{
    if (ls_failed(trial->err)) return true;
    if (trial->options.wanted == NULL) return trial->failure[0] != '\0';
    return strstr(trial->violated, trial->options.wanted) != NULL;
}

static void run_to_end(ls_trial *trial)
{
    int64_t deadline_ms = trial->chaos_end_ms + END_SLOTS * trial->plan.slot_ms + 600000;
    int64_t resolve_ms = 0;
    while (!is_over(trial) && trial->steps < TRIAL_STEPS_MAX) {
        advance(trial);
        if (trial->is_chaos) continue;
        if (judge_is_settled(trial) || trial->now_ms > deadline_ms) break;
        if (trial->now_ms < resolve_ms) continue;
        if (resolve_ms != 0) person_resolve(trial);
        resolve_ms = trial->now_ms + 300 * trial->plan.slot_ms;
    }
    if (!is_over(trial)) judge_end(trial);
}

static void tell(const ls_trial *trial, struct ls_trial_result *out)
{
    *out = (struct ls_trial_result){.hash = trial->trace_hash,
                                    .ops = (int64_t)trial->op_count,
                                    .steps = trial->steps,
                                    .effects = trial->begins,
                                    .kills = trial->kills,
                                    .stalls = trial->stalls,
                                    .actions = trial->actions,
                                    .resolved = trial->resolved,
                                    .stale_rows = trial->stale};
    memcpy(out->failure, trial->failure, sizeof out->failure);
    memcpy(out->violated, trial->violated, sizeof out->violated);
}

static ls_err check(const struct ls_trial_options *options, struct ls_why *why)
{
    if (options->op_count >= 1 && options->op_count <= LS_TRIAL_OPS_MAX) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, "trial",
                     "a trial has 1 to %d operations, not %" PRId32 "; take more seeds",
                     LS_TRIAL_OPS_MAX, options->op_count);
}

ls_err ls_trial_run(const struct ls_trial_options *options,
                    struct ls_trial_result *result_out,
                    struct ls_why *why)
{
    LS_TRY(check(options, why));
    ls_trial *trial = calloc(1, sizeof *trial);
    if (trial == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    trial->options = *options;
    trial->now_ms = START_MS;
    trial->dice.state = options->seed;
    trial->trace_hash = UINT64_C(0xcbf29ce484222325);
    trial->err = make(trial);
    if (!ls_failed(trial->err)) run_to_end(trial);
    const ls_err err = trial->err;
    if (!ls_failed(err)) tell(trial, result_out);
    trial_free(trial);
    return err;
}
