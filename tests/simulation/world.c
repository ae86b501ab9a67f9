#include "world.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

enum { START_MS = 1000, END_SLOTS = 1500, LINE_BYTES = 512, RICH = 10, POOR_LAMPORTS = 60000 };

static int64_t now_of_store(void *self)
{
    return ((const struct world *)self)->now_ms;
}

void world_trace(struct world *world, const char *format, ...)
{
    char line[LINE_BYTES];
    int head = snprintf(line, sizeof line, "[%8" PRId64 "] ", world->now_ms);
    assert(head > 0 && (size_t)head < sizeof line);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line + head, sizeof line - (size_t)head, format, arguments); /* cut */
    va_end(arguments);
    /* FNV-1a, by its published constants. */
    for (const char *at = line; *at != '\0'; at++)
        world->trace_hash = (world->trace_hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    if (world->options.trace != NULL) (void)fprintf(world->options.trace, "%s\n", line);
    if (world->options.log != NULL) ls_buf_printf(world->options.log, "%s\n", line);
}

void world_violate(struct world *world, const char *rule, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    world_trace(world, "VIOLATED %s: %s", rule, text);
    size_t length = strlen(world->violated);
    if (strstr(world->violated, rule) == NULL)
        (void)snprintf(world->violated + length, sizeof world->violated - length, " %s", rule);
    if (world->failure[0] != '\0') return;
    (void)snprintf(world->failure, sizeof world->failure, "%s at %" PRId64 ": %.400s", rule,
                   world->now_ms, text);
}

static void make_keys(struct world *world)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    for (size_t i = 0; i < sizeof seed; i++) seed[i] = (uint8_t)dice_roll(&world->dice, 256);
    for (size_t i = 0; i < sizeof world->tag_key; i++)
        world->tag_key[i] = (uint8_t)dice_roll(&world->dice, 256);
    int failed = crypto_sign_seed_keypair(world->payer.bytes, world->secret, seed);
    assert(failed == 0);
}

static void make_ledger(struct world *world)
{
    const struct ls_sim_ledger_options options = {
        .seed = world->options.seed,
        .slot_ms = world->plan.slot_ms,
        .finality_slots = world->plan.finality_slots,
        .verify_signatures = true,
        .endpoint_count = world->plan.endpoints,
    };
    ls_err err = ls_sim_ledger_new(&options, &world->ledger);
    assert(!ls_failed(err));
    ls_sim_ledger_advance(world->ledger, world->now_ms);
    ls_sim_ledger_set_faults(world->ledger, &world->plan.ledger);
    ls_sim_ledger_fund(world->ledger, &world->payer,
                       world->plan.is_poor ? POOR_LAMPORTS : RICH * UINT64_C(1000000000));
}

static void make_store(struct world *world)
{
    const struct ls_memory_store_options options = {.seed = world->options.seed,
                                                    .now_ms = now_of_store,
                                                    .self = world,
                                                    .tag_key = world->tag_key};
    world->store = ls_memory_store_new(&options);
    assert(world->store != NULL);
    ls_memory_store_set_faults(world->store, &world->plan.store);
}

static void set_first_times(struct world *world)
{
    const struct plan *plan = &world->plan;
    struct dice *dice = &world->dice;
    int64_t now = world->now_ms;
    world->is_chaos = true;
    world->chaos_end_ms = now + plan->chaos_ms;
    world->next_kill = world->options.kill_at;
    if (plan->kill_every > 0)
        world->next_kill = 1 + (int64_t)dice_roll(dice, (uint64_t)plan->kill_every * 2);
    if (plan->stall_every > 0)
        world->next_stall = 1 + (int64_t)dice_roll(dice, (uint64_t)plan->stall_every * 2);
    world->next_stop_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    world->ledger_outage_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    world->store_outage_ms = now + 1 + (int64_t)dice_roll(dice, (uint64_t)plan->chaos_ms);
    world->next_action_ms = now;
}

static struct world *world_new(const struct world_options *options)
{
    struct world *world = calloc(1, sizeof *world);
    assert(world != NULL && options->op_count <= WORLD_OPS_MAX);
    world->options = *options;
    world->now_ms = START_MS;
    world->dice.state = options->seed;
    world->trace_hash = UINT64_C(0xcbf29ce484222325);
    make_keys(world);
    plan_draw(world);
    make_ledger(world);
    make_store(world);
    plan_draw_ops(world);
    set_first_times(world);
    for (int32_t i = 0; i < world->plan.processes; i++) {
        world->processes[i] = process_new(world, i + 1);
        assert(world->processes[i] != NULL);
    }
    return world;
}

void world_free(struct world *world)
{
    if (world == NULL) return;
    for (int32_t i = 0; i < WORLD_PROCESSES_MAX; i++) process_free(world->processes[i]);
    ls_memory_store_free(world->store);
    ls_sim_ledger_free(world->ledger);
    free(world);
}

static int64_t next_ms(const struct world *world)
{
    int64_t next = plan_next_ms(world);
    for (int32_t i = 0; i < world->plan.processes; i++) {
        int64_t process_ms = process_next_ms(world->processes[i]);
        if (process_ms < next) next = process_ms;
    }
    if (world->is_chaos && world->chaos_end_ms < next) next = world->chaos_end_ms;
    int64_t slot_ms = ls_sim_ledger_next_ms(world->ledger);
    return slot_ms < next ? slot_ms : next;
}

static void advance(struct world *world)
{
    int64_t next = next_ms(world);
    if (next > world->now_ms) world->now_ms = next;
    ls_sim_ledger_advance(world->ledger, world->now_ms);
    plan_enqueue_due(world);
    if (world->is_chaos && world->now_ms >= world->chaos_end_ms) person_end_chaos(world);
    person_act(world);
    for (int32_t i = 0; i < world->plan.processes; i++) process_run(world->processes[i]);
    world->steps++;
    judge_step(world);
}

static bool is_over(const struct world *world)
{
    if (world->options.wanted == NULL) return world->failure[0] != '\0';
    return strstr(world->violated, world->options.wanted) != NULL;
}

struct world *world_run(const struct world_options *options)
{
    struct world *world = world_new(options);
    int64_t deadline_ms = world->chaos_end_ms + END_SLOTS * world->plan.slot_ms + 600000;
    int64_t resolve_ms = 0;
    while (!is_over(world) && world->steps < WORLD_STEPS_MAX) {
        advance(world);
        if (world->is_chaos) continue;
        if (judge_is_settled(world) || world->now_ms > deadline_ms) break;
        if (world->now_ms < resolve_ms) continue;
        if (resolve_ms != 0) person_resolve(world);
        resolve_ms = world->now_ms + 300 * world->plan.slot_ms;
    }
    if (!is_over(world)) judge_end(world);
    return world;
}
