/* What is tried of the simulator itself; `lockstep sim run` does the rest.
 *
 *   simulation --judge         wrong workers: the judge must find each out
 *   simulation --golden FILE   seed 5's trace is the file's; LS_UPDATE=1 rewrites it
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/buf.h"
#include "lockstep/trial/trial.h"
#include "sabotage.h"

enum {
    TRACE_BYTES_MAX = 16 << 20,
    JUDGE_SEEDS = 60,
    JUDGE_OPS = 20,
    GOLDEN_SEED = 5,
    GOLDEN_OPS = 3
};

static bool run(const struct ls_trial_options *options, struct ls_trial_result *result_out)
{
    struct ls_why why = {0};
    const ls_err err = ls_trial_run(options, result_out, &why);
    if (ls_failed(err))
        (void)fprintf(stderr, "seed %" PRIu64 ": %s\n", options->seed, why.text);
    return !ls_failed(err);
}

/* Whether the judge finds `sabotage` out within JUDGE_SEEDS trials. */
static bool is_found_out(const struct sabotage *sabotage)
{
    bool is_found = false;
    uint64_t seed = sabotage->seed;
    struct bent *bent = calloc(1, sizeof *bent);
    if (bent == NULL) return false;
    bent->kind = sabotage->kind;
    for (; seed < sabotage->seed + JUDGE_SEEDS && !is_found; seed++) {
        struct ls_trial_result result;
        const struct ls_trial_options options = {.seed = seed,
                                                 .op_count = JUDGE_OPS,
                                                 .faults = sabotage->faults,
                                                 .wanted = sabotage->rule,
                                                 .bend = sabotage_bend,
                                                 .bend_self = bent};
        if (!run(&options, &result)) break;
        is_found = strstr(result.violated, sabotage->rule) != NULL;
    }
    free(bent);
    (void)printf("%s %s by seed %" PRIu64 ": %s\n", sabotage->rule,
                 is_found ? "seen" : "MISSED", seed - 1, sabotage->what);
    return is_found;
}

static bool run_judge(void)
{
    size_t count = 0;
    bool is_good = true;
    const struct sabotage *list = sabotage_list(&count);
    for (size_t i = 0; i < count; i++) is_good = is_found_out(&list[i]) && is_good;
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

static bool compare(const char *path, const struct ls_buf *trace)
{
    struct ls_buf golden;
    ls_buf_init(&golden, TRACE_BYTES_MAX);
    if (getenv("LS_UPDATE") != NULL) return write_file(path, trace);
    bool is_same =
        read_file(path, &golden) && strcmp(ls_buf_text(&golden), ls_buf_text(trace)) == 0;
    if (!is_same) {
        (void)fprintf(stderr, "the trace differs from %s; LS_UPDATE=1 rewrites it:\n%s", path,
                      ls_buf_text(trace));
    }
    ls_buf_done(&golden);
    return is_same;
}

static void keep_line(void *self, const char *line)
{
    struct ls_buf *trace = self;
    ls_buf_printf(trace, "%s\n", line);
}

static bool run_golden(const char *path)
{
    struct ls_buf trace;
    struct ls_trial_result result;
    ls_buf_init(&trace, TRACE_BYTES_MAX);
    const struct ls_trial_options options = {.seed = GOLDEN_SEED,
                                             .op_count = GOLDEN_OPS,
                                             .faults = LS_FAULTS_ALL,
                                             .trace = keep_line,
                                             .trace_self = &trace};
    const bool is_good = run(&options, &result) && compare(path, &trace);
    ls_buf_done(&trace);
    if (result.failure[0] != '\0') (void)fprintf(stderr, "%s\n", result.failure);
    return is_good && result.failure[0] == '\0';
}

int main(int count, char **texts)
{
    const bool is_judge = count == 2 && strcmp(texts[1], "--judge") == 0;
    const bool is_golden = count == 3 && strcmp(texts[1], "--golden") == 0;
    if (sodium_init() < 0 || (!is_judge && !is_golden)) {
        (void)fprintf(stderr, "usage: simulation --judge | --golden FILE\n");
        return 2;
    }
    return (is_judge ? run_judge() : run_golden(texts[2])) ? 0 : 1;
}
