#include "lockstep/trial/trial.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/solana/program.h"
#include "rival.h"

enum {
    START_MS = 1000,
    END_SLOTS = 1500,
    PATIENCE_MS = 600000,
    LINE_BYTES = 512,
    RICH = 10,
    POOR_LAMPORTS = 60000,
    SHORT_LAMPORTS = 3500000 /* enough for some transfers, not for two at once */
};

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

void trial_fire(ls_trial *trial, enum ls_fault fault)
{
    trial->fired[fault]++;
}

void trial_mark(ls_trial *trial, const char *rule)
{
    const size_t length = strlen(trial->violated);
    if (strstr(trial->violated, rule) != NULL) return;
    (void)snprintf(trial->violated + length, sizeof trial->violated - length, " %s", rule);
}

void trial_violate(ls_trial *trial, const char *rule, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    trial_trace(trial, "VIOLATED %s: %s", rule, text);
    trial_mark(trial, rule);
    if (trial->failure[0] != '\0') return;
    (void)snprintf(trial->failure, sizeof trial->failure, "%s at %" PRId64 ": %.400s", rule,
                   trial->now_ms, text);
}

static void make_keys(ls_trial *trial)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    for (size_t i = 0; i < sizeof seed; i++) seed[i] = (uint8_t)dice_roll(&trial->op_dice, 256);
    for (size_t i = 0; i < sizeof trial->tag_key; i++)
        trial->tag_key[i] = (uint8_t)dice_roll(&trial->op_dice, 256);
    int failed = crypto_sign_seed_keypair(trial->payer.bytes, trial->secrets[0], seed);
    assert(failed == 0);
}

static uint64_t begin_lamports(ls_trial *trial)
{
    const bool is_short = dice_chance(&trial->rival_dice, 500000);
    if (!trial->plan.is_poor) return RICH * UINT64_C(1000000000);
    return is_short ? SHORT_LAMPORTS : POOR_LAMPORTS;
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
    ls_sim_ledger_fund(trial->ledger, &trial->payer, begin_lamports(trial));
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
    ls_memory_store_keep_markers(trial->store, trial->plan.markers_ms);
    if (trial->plan.promote_every_ms > 0 || trial->plan.failover_every_ms > 0)
        LS_TRY(ls_memory_store_record(trial->store));
    return LS_OK;
}

void trial_add_nonce(ls_trial *trial)
{
    char key[32];
    const struct ls_hash genesis = ls_sim_ledger_genesis(trial->ledger);
    const int length = snprintf(key, sizeof key, "ls:nonce:%d", (int)++trial->nonces_made);
    const struct ls_tag tag = ls_tag_make(trial->tag_key, &genesis, key, (size_t)length);
    const struct ls_address nonce =
        ls_derive_with_seed(&trial->payer, tag.seed, &LS_PROGRAM_SYSTEM);
    ls_sim_ledger_add_nonce(trial->ledger, &nonce, &trial->payer);
    const bool is_added = ls_memory_store_add_nonce(trial->store, &nonce, &trial->payer, 0);
    assert(is_added);
}

static void set_first_times(ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    trial->is_chaos = true;
    trial->chaos_end_ms = trial->now_ms + plan->chaos_ms;
    trial->next_kill = trial->options.kill_at;
    if (plan->kill_every > 0)
        trial->next_kill =
            1 + (int64_t)dice_roll(&trial->kill_dice, (uint64_t)plan->kill_every * 2);
    if (plan->stall_every > 0)
        trial->next_stall =
            1 + (int64_t)dice_roll(&trial->stall_dice, (uint64_t)plan->stall_every * 2);
}

static void make_dice(ls_trial *trial)
{
    enum {
        PLAN,
        OPS,
        KILLS,
        STALLS,
        WEATHER,
        PEOPLE,
        FENCES,
        RIVALS,
        BATCHES,
        LINES,
        LIMITS,
        KINDS,
        TOKENS,
        KEYS,
        RECLAIMS,
        AIMS,
        STEALS,
        GAPS,
        WORK,
        STRANGERS,
        REDOS
    };
    const uint64_t seed = trial->options.seed;
    trial->fence_dice = dice_make(seed, FENCES);
    trial->batch_dice = dice_make(seed, BATCHES);
    trial->line_dice = dice_make(seed, LINES);
    trial->limit_dice = dice_make(seed, LIMITS);
    trial->kind_dice = dice_make(seed, KINDS);
    trial->token_dice = dice_make(seed, TOKENS);
    trial->key_dice = dice_make(seed, KEYS);
    trial->aim_dice = dice_make(seed, AIMS);
    trial->steal_dice = dice_make(seed, STEALS);
    trial->gap_dice = dice_make(seed, GAPS);
    trial->stranger_dice = dice_make(seed, STRANGERS);
    trial->redo_dice = dice_make(seed, REDOS);
    trial->reclaim_dice = dice_make(seed, RECLAIMS);
    trial->work_dice = dice_make(seed, WORK);
    trial->plan_dice = dice_make(seed, PLAN);
    trial->op_dice = dice_make(seed, OPS);
    trial->kill_dice = dice_make(seed, KILLS);
    trial->stall_dice = dice_make(seed, STALLS);
    trial->weather_dice = dice_make(seed, WEATHER);
    trial->person_dice = dice_make(seed, PEOPLE);
    trial->rival_dice = dice_make(seed, RIVALS);
}

/* In some trials half of the transfers are above the value limit: proofs are strict, and what
 * can not be proved needs two persons. */
static void draw_limit(ls_trial *trial)
{
    enum { LIMIT_PPM = 300000, LAMPORTS = 1000500 };
    const struct ls_memory_kind strict = {.has_value_limit = true, .value_limit = LAMPORTS};
    if (dice_chance(&trial->limit_dice, LIMIT_PPM))
        ls_memory_store_configure(trial->store, LS_KIND_SOL_TRANSFER, &strict);
    const struct ls_memory_kind strict_tokens = {.has_value_limit = true, .value_limit = 5};
    if (!dice_chance(&trial->token_dice, LIMIT_PPM) || !trial->plan.has_tokens) return;
    ls_memory_store_configure(trial->store, LS_KIND_TOKEN_MINT_TO, &strict_tokens);
    ls_memory_store_configure(trial->store, LS_KIND_TOKEN_TRANSFER, &strict_tokens);
}

static ls_err make(ls_trial *trial)
{
    make_dice(trial);
    make_keys(trial);
    plan_draw(trial);
    LS_TRY(make_ledger(trial));
    LS_TRY(make_store(trial));
    draw_limit(trial);
    plan_draw_keys(trial);
    for (int32_t i = 0; i < trial->plan.nonces; i++) trial_add_nonce(trial);
    LS_TRY(plan_draw_ops(trial));
    trial->rows = calloc(trial->op_count, sizeof *trial->rows);
    if (trial->rows == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    set_first_times(trial);
    person_begin(trial);
    trial->weather = weather_new(trial);
    if (trial->weather == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
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
    weather_free(trial->weather);
    index_done(&trial->by_id);
    index_done(&trial->by_tag);
    index_done(&trial->by_signature);
    index_done(&trial->durable);
    free(trial->ops);
    free(trial->errands);
    free(trial->batches);
    free(trial->records);
    free(trial->members);
    free(trial->rows);
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

static void fund(ls_trial *trial)
{
    trial_fire(trial, LS_FAULT_POOR);
    ls_sim_ledger_fund(trial->ledger, &trial->payer, RICH * UINT64_C(1000000000));
}

static void end_chaos(ls_trial *trial)
{
    trial->is_chaos = false;
    if (trial->options.kill_at == 0) trial->next_kill = 0;
    trial->next_stall = 0;
    trial_trace(trial, "the faults stop");
    weather_end(trial);
    if (trial->plan.is_poor) fund(trial);
    if (trial_is_ours(trial)) person_end_chaos(trial);
}

static void advance(ls_trial *trial)
{
    const int64_t next = next_ms(trial);
    if (next > trial->now_ms) trial->now_ms = next;
    ls_sim_ledger_advance(trial->ledger, trial->now_ms);
    plan_enqueue_due(trial);
    if (trial->is_chaos && trial->now_ms >= trial->chaos_end_ms) end_chaos(trial);
    weather_turn(trial);
    if (trial_is_ours(trial)) person_turn(trial);
    for (int32_t i = 0; i < trial->plan.processes; i++) process_run(trial->processes[i]);
    trial->steps++;
    judge_step(trial);
}

bool trial_is_ours(const ls_trial *trial)
{
    return trial->options.policy == LS_POLICY_OURS;
}

/* Long enough for everything, one entity's operations one after the other. */
static int64_t deadline(const ls_trial *trial)
{
    const struct plan *plan = &trial->plan;
    const int64_t each_slots = 2 * plan->finality_slots;
    const int64_t slots = END_SLOTS + (int64_t)trial->op_count * each_slots;
    return trial->chaos_end_ms + slots * plan->slot_ms + PATIENCE_MS;
}

/* Another policy's worker: long enough behind its last word for what it sent to land. */
static void run_other_to_end(ls_trial *trial)
{
    const int64_t after_ms = END_SLOTS * trial->plan.slot_ms;
    int64_t end_ms = deadline(trial);
    bool is_decided = false;
    while (!ls_failed(trial->err) && trial->steps < TRIAL_STEPS_MAX && trial->now_ms < end_ms) {
        advance(trial);
        if (is_decided || trial->is_chaos || !judge_is_decided(trial)) continue;
        is_decided = true;
        if (trial->now_ms + after_ms / 3 < end_ms) end_ms = trial->now_ms + after_ms / 3;
    }
}

/* It has shown what it was run for, or can not go on. */
static bool is_over(const ls_trial *trial)
{
    if (ls_failed(trial->err)) return true;
    if (trial->options.wanted == NULL) return trial->failure[0] != '\0';
    return strstr(trial->violated, trial->options.wanted) != NULL;
}

/* Everything has come to an end, the emptying of markers also. */
static bool is_at_end(ls_trial *trial)
{
    enum { TICK_SLOTS = 300 };
    const struct plan *plan = &trial->plan;
    if (!judge_is_settled(trial) || person_redo(trial)) return false;
    if (plan->markers_ms == 0) return true;
    if (trial->reclaimed_ms == 0)
        trial->reclaimed_ms = trial->now_ms + plan->markers_ms + TICK_SLOTS * plan->slot_ms;
    return trial->now_ms >= trial->reclaimed_ms;
}

static void run_to_end(ls_trial *trial)
{
    const int64_t deadline_ms = deadline(trial);
    int64_t resolve_ms = 0;
    while (!is_over(trial) && trial->steps < TRIAL_STEPS_MAX) {
        advance(trial);
        if (trial->is_chaos) continue;
        if (is_at_end(trial) || trial->now_ms > deadline_ms) break;
        if (trial->now_ms < resolve_ms) continue;
        if (resolve_ms != 0) person_resolve(trial);
        resolve_ms = trial->now_ms + 300 * trial->plan.slot_ms;
    }
    if (!is_over(trial)) judge_end(trial);
}

/* What ledger and store drew by themselves. */
static void count_fired(ls_trial *trial)
{
    static const struct {
        enum ls_sim_fault from;
        enum ls_fault to;
    } ledger[] = {
        {LS_SIM_FAULT_REFUSE, LS_FAULT_REFUSE},
        {LS_SIM_FAULT_LOSE_REQUEST, LS_FAULT_LOSE_REQUEST},
        {LS_SIM_FAULT_LOSE_REPLY, LS_FAULT_LOSE_REPLY},
        {LS_SIM_FAULT_STRAGGLE, LS_FAULT_STRAGGLE},
        {LS_SIM_FAULT_DUPLICATE, LS_FAULT_DUPLICATE},
        {LS_SIM_FAULT_RATE_LIMIT, LS_FAULT_RATE_LIMIT},
        {LS_SIM_FAULT_GARBAGE, LS_FAULT_GARBAGE},
        {LS_SIM_FAULT_TRUNCATE, LS_FAULT_TRUNCATE},
        {LS_SIM_FAULT_UNHEALTHY, LS_FAULT_UNHEALTHY},
        {LS_SIM_FAULT_SLOW, LS_FAULT_SLOW},
        {LS_SIM_FAULT_DROP_TX, LS_FAULT_DROP_TX},
        {LS_SIM_FAULT_DELAY_TX, LS_FAULT_LATE_TX},
        {LS_SIM_FAULT_LAST_MOMENT, LS_FAULT_LAST_MOMENT},
        {LS_SIM_FAULT_FALSE_NULL, LS_FAULT_FALSE_NULL},
        {LS_SIM_FAULT_FORK, LS_FAULT_FORK},
        {LS_SIM_FAULT_FORK_LOSE, LS_FAULT_FORK_LOSE},
        {LS_SIM_FAULT_SKIP, LS_FAULT_SKIP},
        {LS_SIM_FAULT_HALT, LS_FAULT_HALT},
        {LS_SIM_FAULT_LAG, LS_FAULT_LAG},
        {LS_SIM_FAULT_BALANCE, LS_FAULT_BALANCE},
        {LS_SIM_FAULT_SPLIT, LS_FAULT_SPLIT},
        {LS_SIM_FAULT_STALE, LS_FAULT_STALE},
        {LS_SIM_FAULT_PURGE, LS_FAULT_PURGE},
        {LS_SIM_FAULT_HOLE, LS_FAULT_HOLE},
        {LS_SIM_FAULT_GAP, LS_FAULT_GAP},
        {LS_SIM_FAULT_EMPTY_LIST, LS_FAULT_EMPTY_LIST},
        {LS_SIM_FAULT_CONGEST, LS_FAULT_CONGEST},
        {LS_SIM_FAULT_FOREIGN, LS_FAULT_FOREIGN},
        {LS_SIM_FAULT_DENY, LS_FAULT_DENY},
        {LS_SIM_FAULT_DOWN, LS_FAULT_LEDGER_DOWN},
    };
    static const struct {
        enum ls_memory_fault from;
        enum ls_fault to;
    } store[] = {
        {LS_MEMORY_FAULT_REFUSE, LS_FAULT_STORE_REFUSE},
        {LS_MEMORY_FAULT_LOSE_REPLY, LS_FAULT_STORE_LOSE_REPLY},
        {LS_MEMORY_FAULT_LOSE_REQUEST, LS_FAULT_STORE_LOSE_REQUEST},
        {LS_MEMORY_FAULT_SLOW, LS_FAULT_STORE_SLOW},
    };
    for (size_t i = 0; i < sizeof ledger / sizeof ledger[0]; i++)
        trial->fired[ledger[i].to] += ls_sim_ledger_fired(trial->ledger, ledger[i].from);
    for (size_t i = 0; i < sizeof store / sizeof store[0]; i++)
        trial->fired[store[i].to] += ls_memory_store_fired(trial->store, store[i].from);
    if (trial->plan.processes > 1) trial_fire(trial, LS_FAULT_SECOND_WORKER);
    if (trial->plan.processes > 2) trial_fire(trial, LS_FAULT_THIRD_WORKER);
}

static void tell(ls_trial *trial, struct ls_trial_result *out)
{
    *out = (struct ls_trial_result){.hash = trial->trace_hash,
                                    .chaos_ms = trial->plan.chaos_ms,
                                    .steps = trial->steps,
                                    .effects = trial->begins,
                                    .resolved = trial->resolved,
                                    .packed = trial->packed,
                                    .chained = trial->chained,
                                    .refused = trial->refused,
                                    .stale_rows = trial->stale};
    count_fired(trial);
    judge_count(trial, out);
    for (size_t i = 0; i < trial->op_count; i++) out->ops += trial->ops[i].is_dropped ? 0 : 1;
    memcpy(out->fired, trial->fired, sizeof out->fired);
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
    trial->trace_hash = UINT64_C(0xcbf29ce484222325);
    trial->err = make(trial);
    if (!ls_failed(trial->err)) (trial_is_ours(trial) ? run_to_end : run_other_to_end)(trial);
    const ls_err err = trial->err;
    if (!ls_failed(err)) tell(trial, result_out);
    trial_free(trial);
    return err;
}
