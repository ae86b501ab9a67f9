/* The deterministic simulation as a program.
 *
 *   simulation --seeds A..B [--ops N] [--calm] [--trace]
 *   simulation --kills [--seeds A..B] [--ops N]     a kill before and after every effect
 *   simulation --judge                              wrong workers, each must be found out
 *   simulation --golden FILE [--seeds A..A]         compare a trace; LS_UPDATE=1 rewrites
 *
 * Each seed runs twice and must leave the same trace. Exits 1 at the first violation and
 * names its seed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "sabotage.h"
#include "world.h"

enum { TRACE_BYTES_MAX = 16 << 20, TRIAL_SEEDS = 60 };

struct arguments {
    uint64_t first, last;
    int32_t ops;
    bool is_calm, has_trace, has_kills, is_trial;
    const char *golden;
};

struct totals {
    int64_t runs, kills, stalls, actions, steps, resolved, stale;
};

static void add(struct totals *totals, const struct world *world)
{
    totals->runs++;
    totals->kills += world->kills;
    totals->stalls += world->stalls;
    totals->actions += world->actions;
    totals->steps += world->steps;
    totals->resolved += world->resolved;
    totals->stale += world->stale;
}

/* Run it; false and one line when something was violated. */
static bool run(const struct world_options *options, struct totals *totals, uint64_t *hash_out)
{
    struct world *world = world_run(options);
    bool is_good = world->failure[0] == '\0';
    if (!is_good) {
        (void)fprintf(stderr, "seed %" PRIu64 " ops %d%s kill %" PRId64 "%s: %s\n",
                      options->seed, (int)options->op_count, options->is_calm ? " calm" : "",
                      options->kill_at, options->kill_behind ? " behind" : "", world->failure);
    }
    *hash_out = world->trace_hash;
    add(totals, world);
    world_free(world);
    return is_good;
}

static bool run_seeds(const struct arguments *arguments, struct totals *totals)
{
    for (uint64_t seed = arguments->first; seed <= arguments->last; seed++) {
        struct world_options options = {.seed = seed,
                                        .op_count = arguments->ops,
                                        .is_calm = arguments->is_calm,
                                        .trace = arguments->has_trace ? stdout : NULL};
        uint64_t first = 0;
        uint64_t again = 0;
        if (!run(&options, totals, &first)) return false;
        options.trace = NULL;
        if (!run(&options, totals, &again)) return false;
        if (first == again) continue;
        (void)fprintf(stderr, "seed %" PRIu64 ": two runs differ\n", seed);
        return false;
    }
    return true;
}

/* One calm run counts its effects; then each of them is the last of its process once. */
static bool run_kills(const struct arguments *arguments, struct totals *totals)
{
    struct world_options options = {
        .seed = arguments->first, .op_count = arguments->ops, .is_calm = true};
    struct world *world = world_run(&options);
    int64_t effects = world->begins;
    bool is_good = world->failure[0] == '\0';
    if (!is_good) (void)fprintf(stderr, "without a kill: %s\n", world->failure);
    world_free(world);
    for (int64_t at = 1; is_good && at <= effects * 2; at++) {
        uint64_t hash = 0;
        options.kill_at = (at + 1) / 2;
        options.kill_behind = at % 2 == 0;
        is_good = run(&options, totals, &hash);
    }
    (void)printf("%" PRId64 " effects, each killed before and behind\n", effects);
    return is_good;
}

/* Whether the judge finds `sabotage` out within TRIAL_SEEDS worlds. */
static bool is_found_out(const struct arguments *arguments,
                         const struct sabotage *sabotage,
                         struct totals *totals)
{
    bool is_found = false;
    uint64_t seed = sabotage->seed;
    for (; seed < sabotage->seed + TRIAL_SEEDS && !is_found; seed++) {
        struct world *world = world_run(&(struct world_options){.seed = seed,
                                                                .op_count = arguments->ops,
                                                                .sabotage = sabotage->kind,
                                                                .wanted = sabotage->rule});
        is_found = strstr(world->violated, sabotage->rule) != NULL;
        add(totals, world);
        world_free(world);
    }
    (void)printf("%s %s by seed %" PRIu64 ": %s\n", sabotage->rule,
                 is_found ? "seen" : "MISSED", seed - 1, sabotage->what);
    return is_found;
}

static bool run_trial(const struct arguments *arguments, struct totals *totals)
{
    size_t count = 0;
    bool is_good = true;
    const struct sabotage *list = sabotage_list(&count);
    for (size_t i = 0; i < count; i++)
        is_good = is_found_out(arguments, &list[i], totals) && is_good;
    return is_good;
}

static bool read_file(const char *path, struct ls_buf *out)
{
    char block[4096];
    FILE *file = fopen(path, "rb");
    if (file == NULL) return false;
    for (size_t got = 1; got > 0;) {
        got = fread(block, 1, sizeof block, file);
        ls_buf_add(out, block, got);
    }
    (void)fclose(file); /* it was only read */
    return !ls_failed(ls_buf_check(out, "golden trace"));
}

static bool write_file(const char *path, const struct ls_buf *text)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) return false;
    bool is_whole = fwrite(ls_buf_text(text), 1, text->length, file) == text->length;
    return fclose(file) == 0 && is_whole;
}

static bool compare(const struct arguments *arguments, const struct ls_buf *trace)
{
    struct ls_buf golden;
    ls_buf_init(&golden, TRACE_BYTES_MAX);
    if (getenv("LS_UPDATE") != NULL) return write_file(arguments->golden, trace);
    bool is_same = read_file(arguments->golden, &golden) &&
                   strcmp(ls_buf_text(&golden), ls_buf_text(trace)) == 0;
    if (!is_same) {
        (void)fprintf(stderr, "the trace differs from %s; LS_UPDATE=1 rewrites it:\n%s",
                      arguments->golden, ls_buf_text(trace));
    }
    ls_buf_done(&golden);
    return is_same;
}

static bool run_golden(const struct arguments *arguments, struct totals *totals)
{
    struct ls_buf trace;
    uint64_t hash = 0;
    ls_buf_init(&trace, TRACE_BYTES_MAX);
    const struct world_options options = {.seed = arguments->first,
                                          .op_count = arguments->ops,
                                          .is_calm = arguments->is_calm,
                                          .log = &trace};
    bool is_good = run(&options, totals, &hash) && compare(arguments, &trace);
    ls_buf_done(&trace);
    return is_good;
}

static bool read_range(const char *text, struct arguments *out)
{
    char *rest = NULL;
    out->first = strtoull(text, &rest, 10);
    out->last = out->first;
    if (strncmp(rest, "..", 2) == 0) out->last = strtoull(rest + 2, &rest, 10);
    return rest != text && *rest == '\0' && out->first <= out->last;
}

static bool read_arguments(int count, char **texts, struct arguments *out)
{
    for (int i = 1; i < count; i++) {
        const char *value = i + 1 < count ? texts[i + 1] : "";
        if (strcmp(texts[i], "--calm") == 0) {
            out->is_calm = true;
        } else if (strcmp(texts[i], "--trace") == 0) {
            out->has_trace = true;
        } else if (strcmp(texts[i], "--judge") == 0) {
            out->is_trial = true;
        } else if (strcmp(texts[i], "--kills") == 0) {
            out->has_kills = true;
        } else if (strcmp(texts[i], "--golden") == 0) {
            out->golden = value;
            i++;
        } else if (strcmp(texts[i], "--ops") == 0) {
            out->ops = (int32_t)strtol(value, NULL, 10);
            i++;
        } else if (strcmp(texts[i], "--seeds") == 0) {
            if (!read_range(value, out)) return false;
            i++;
        } else {
            return false;
        }
    }
    return out->ops >= 1 && out->ops <= WORLD_OPS_MAX;
}

int main(int count, char **texts)
{
    struct arguments arguments = {.first = 1, .last = 1, .ops = 20};
    struct totals totals = {0};
    if (sodium_init() < 0 || !read_arguments(count, texts, &arguments)) {
        (void)fprintf(stderr,
                      "usage: simulation [--seeds A..B] [--ops 1..%d] [--calm] [--trace] "
                      "[--kills] [--judge] [--golden FILE]\n",
                      WORLD_OPS_MAX);
        return 2;
    }
    bool is_good = false;
    if (arguments.golden != NULL) {
        is_good = run_golden(&arguments, &totals);
    } else if (arguments.is_trial) {
        is_good = run_trial(&arguments, &totals);
    } else if (arguments.has_kills) {
        is_good = run_kills(&arguments, &totals);
    } else {
        is_good = run_seeds(&arguments, &totals);
    }
    (void)printf("%" PRId64 " runs, %" PRId64 " steps, %" PRId64 " kills, %" PRId64
                 " stalls, %" PRId64 " stale rows, %" PRId64 " actions, %" PRId64
                 " resolved by a person\n",
                 totals.runs, totals.steps, totals.kills, totals.stalls, totals.stale,
                 totals.actions, totals.resolved);
    return is_good ? 0 : 1;
}
