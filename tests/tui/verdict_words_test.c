/* Every sentence that the verdict can say, in tests/tui/golden/verdicts.txt, to be read as one
 * text by somebody who is tired. LS_UPDATE=1 writes it anew: read the difference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden.h"
#include "lockstep/tui/verdict.h"

enum { TEXT_BYTES = GOLDEN_BYTES_MAX - 1 };

static const int64_t now_ms = 1763867567000; /* 2025-11-23 03:12:47 UTC */

struct paper {
    char *text;
    size_t used;
};

LS_PRINTF(2, 3)
static void put(struct paper *paper, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length =
        vsnprintf(paper->text + paper->used, TEXT_BYTES - paper->used, format, arguments);
    va_end(arguments);
    assert_true(length >= 0 && paper->used + (size_t)length < TEXT_BYTES);
    paper->used += (size_t)length;
}

static void calm(struct ls_dashboard *facts)
{
    *facts = (struct ls_dashboard){.now_ms = now_ms, .worker_count = 1};
    facts->workers[0] = (struct ls_worker_row){
        .id = 3, .is_alive = true, .is_leader = true, .doing = "working"};
}

static void
waits(struct ls_dashboard *facts, enum ls_kind kind, int64_t count, bool has_somebody)
{
    facts->depth += count;
    facts->waiting[facts->waiting_count++] =
        (struct ls_kind_waiting){kind, count, has_somebody};
}

/* One thing that can be wrong, `n` times. */
static void fail_some(struct ls_dashboard *facts, int64_t n)
{
    facts->counts[LS_STATE_FAILED] = n;
}
static void hold_some(struct ls_dashboard *facts, int64_t n)
{
    facts->counts[LS_STATE_HELD] = n;
}
static void stick_some(struct ls_dashboard *facts, int64_t n)
{
    facts->stuck = n;
}
static void land_twice(struct ls_dashboard *facts, int64_t n)
{
    facts->duplicates = n;
}
static void fire_some(struct ls_dashboard *facts, int64_t n)
{
    facts->alerts_firing = n;
}
static void alarm(struct ls_dashboard *facts, int64_t n)
{
    facts->alerts_firing = n + 1;
    facts->alerts_critical = n;
}
static void doubt_some(struct ls_dashboard *facts, int64_t n)
{
    facts->counts[LS_STATE_HELD] = n;
    facts->held_ambiguous = n;
}
static void gate_some(struct ls_dashboard *facts, int64_t n)
{
    facts->gate_count = n < LS_FACTS_GATES_MAX ? (size_t)n : LS_FACTS_GATES_MAX;
}
static void lose_workers(struct ls_dashboard *facts, int64_t n)
{
    facts->workers[0].is_alive = false;
    facts->depth += n;
}
static void pause_workers(struct ls_dashboard *facts, int64_t n)
{
    facts->workers[0].is_paused = true;
    waits(facts, LS_KIND_MEMO, n, false);
}
static void leave_alone(struct ls_dashboard *facts, int64_t n)
{
    waits(facts, LS_KIND_TOKEN_BURN, n, false);
    if (n > 1) waits(facts, LS_KIND_EVENT, 1, false);
    if (n > 1000) waits(facts, LS_KIND_MEMO, LS_FACTS_UNATTENDED_MAX, false);
    if (n > 1000) waits(facts, LS_KIND_NONE, 2, false);
}
static void lose_ledger(struct ls_dashboard *facts, int64_t n)
{
    facts->endpoint_count = n < LS_FACTS_ENDPOINTS_MAX ? (size_t)n : LS_FACTS_ENDPOINTS_MAX;
}
static void lose_reserve(struct ls_dashboard *facts, int64_t n)
{
    lose_ledger(facts, n + 1);
    facts->endpoints[0].is_up = true;
}
static void catch_up(struct ls_dashboard *facts, int64_t n)
{
    facts->workers[0].is_catching_up = true;
    facts->workers[0].doing_ms = now_ms - n * 4000;
    (void)snprintf(facts->workers[0].doing, LS_WORKER_DOING_BYTES,
                   "catching up: about 35 s left, page 3, slot 312,904,118 of "
                   "312,880,004..312,911,250");
    waits(facts, LS_KIND_MEMO, n, true);
}

static const struct {
    const char *name;
    void (*make)(struct ls_dashboard *facts, int64_t n);
} wrongs[] = {
    {"landed twice", land_twice},
    {"outcome unknown", doubt_some},
    {"failed", fail_some},
    {"held", hold_some},
    {"stuck", stick_some},
    {"gates", gate_some},
    {"no worker", lose_workers},
    {"all paused", pause_workers},
    {"nobody for a kind", leave_alone},
    {"catching up", catch_up},
    {"no ledger", lose_ledger},
    {"no reserve", lose_reserve},
    {"alerts", fire_some},
    {"critical alerts", alarm},
};
enum { WRONGS = sizeof wrongs / sizeof wrongs[0] };

static void say(struct paper *paper, const struct ls_dashboard *facts)
{
    struct ls_verdict verdict;
    ls_verdict_of(facts, &verdict);
    put(paper, "%s  %s\n", ls_verdict_word(verdict.level), verdict.headline);
    if (verdict.since[0] != '\0') put(paper, "  %s\n", verdict.since);
    put(paper, "  %s\n  keys: %s\n  command: %s\n", verdict.safety, verdict.in_console,
        verdict.by_command);
}

static void say_each(struct paper *paper, struct ls_dashboard *facts)
{
    static const int64_t counts[] = {1, 2, 1204};
    for (size_t i = 0; i < WRONGS; i++) {
        put(paper, "\n# %s\n", wrongs[i].name);
        for (size_t n = 0; n < sizeof counts / sizeof counts[0]; n++) {
            calm(facts);
            wrongs[i].make(facts, counts[n]);
            say(paper, facts);
        }
    }
}

/* The headlines alone: two things at once. */
static void say_pairs(struct paper *paper, struct ls_dashboard *facts)
{
    put(paper, "\n# two things at once\n");
    for (size_t i = 0; i < WRONGS; i++) {
        for (size_t j = i + 1; j < WRONGS; j++) {
            struct ls_verdict verdict;
            calm(facts);
            wrongs[i].make(facts, 2);
            wrongs[j].make(facts, 3);
            ls_verdict_of(facts, &verdict);
            put(paper, "%s  %s\n", ls_verdict_word(verdict.level), verdict.headline);
        }
    }
}

static void say_first(struct paper *paper, struct ls_dashboard *facts)
{
    static const struct {
        const char *kind, *what, *why;
    } firsts[] = {
        {"endpoint", "rpc-b.example", "HTTP 408: timed out"},
        {"endpoint", "rpc-b.example", "connection refused"},
        {"endpoint", "", "1 of 1 is down"},
        {"payer", "payer:9fBz", "worker 3"},
        {"balance", "", "low"},
        {"gate", "kind:memo", "op1"},
        {"gate.off", "entity:org-7", "op1"},
        {"worker", "3 on sync-1", ""},
        {"worker", "", "No worker has been heard"},
        {"failover", "", ""},
        {"brake", "worker 3", ""},
        {"catchup", "worker 3", ""},
        {"rollback", "op 7", ""},
        {"nonce", "fence:nonce", "worker 3"},
        {"reconcile", "", ""},
        {"late_landing", "op 7", ""},
        {"altered", "op 7", ""},
        {"another", "", ""},
    };
    static const int64_t before_ms[] = {0, 12000, 61000, 14 * 60000};
    put(paper, "\n# what came first\n");
    for (size_t i = 0; i < sizeof firsts / sizeof firsts[0]; i++) {
        struct ls_verdict verdict;
        calm(facts);
        fail_some(facts, 17);
        facts->first_failed_ms = now_ms - 41 * 60000;
        facts->first.at_ms = facts->first_failed_ms - before_ms[i % 4];
        (void)snprintf(facts->first.kind, sizeof facts->first.kind, "%s", firsts[i].kind);
        (void)snprintf(facts->first.what, sizeof facts->first.what, "%s", firsts[i].what);
        (void)snprintf(facts->first.why, sizeof facts->first.why, "%s", firsts[i].why);
        ls_verdict_of(facts, &verdict);
        put(paper, "%s\n", verdict.since);
    }
}

static void say_when(struct paper *paper, struct ls_dashboard *facts)
{
    static const int64_t ages_ms[] = {7000,     59999,     60000,     119000,   3599000,
                                      3600000,  3900000,   7200000,   86399000, 86400000,
                                      90000000, 172800000, 950400000, 0};
    put(paper, "\n# since when\n");
    for (size_t i = 0; ages_ms[i] != 0; i++) {
        struct ls_verdict verdict;
        calm(facts);
        fail_some(facts, 1);
        facts->first_failed_ms = now_ms - ages_ms[i] / 2;
        facts->oldest_trouble_ms = now_ms - ages_ms[i];
        ls_verdict_of(facts, &verdict);
        put(paper, "%s\n", verdict.since);
    }
}

static void say_calm(struct paper *paper, struct ls_dashboard *facts)
{
    static const struct {
        int64_t depth, lag_ms, left_a_minute;
    } calms[] = {{0, 0, 0}, {1, 900, 0}, {1204, 13000, 90}, {1204, 61000, 1}, {9, 4000000, 90}};
    put(paper, "# nothing is wrong\n");
    for (size_t i = 0; i < sizeof calms / sizeof calms[0]; i++) {
        calm(facts);
        facts->depth = calms[i].depth;
        facts->lag_ms = calms[i].lag_ms;
        for (int minute = 0; minute < LS_FACTS_MINUTES; minute++)
            facts->minute_done[minute] = calms[i].left_a_minute;
        say(paper, facts);
    }
}

static void every_sentence_is_as_agreed(void **state)
{
    (void)state;
    char path[GOLDEN_PATH_BYTES];
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    struct paper paper = {.text = calloc(1, TEXT_BYTES)};
    assert_non_null(facts);
    assert_non_null(paper.text);

    say_calm(&paper, facts);
    say_each(&paper, facts);
    say_pairs(&paper, facts);
    say_first(&paper, facts);
    say_when(&paper, facts);

    (void)snprintf(path, sizeof path, "%s/golden/verdicts.txt", LS_TEST_DIR);
    if (golden_is_update()) golden_write(path, paper.text);
    char *golden = golden_read(path);
    assert_string_equal(paper.text, golden);
    free(golden);
    free(paper.text);
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sentence_is_as_agreed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
