/* Catching up: what must be proved, and what is told when it can not be read. */
#include "step_bench.h"

static struct bench *greet(bool may_have_lost)
{
    static struct bench bench; /* one test at a time */
    bench = (struct bench){.now_ms = 1};
    ls_buf_init(&bench.trace, 1 << 16);
    struct ls_core_options options = ls_core_options_default();
    options.endpoint_count = 1;
    assert_false(ls_failed(ls_core_new(&options, &bench.core)));
    drain(&bench);
    give(&bench, (struct ls_event){.kind = LS_EVENT_LEARNED});
    struct ls_event event = {.kind = LS_EVENT_GREETED};
    event.as.greeted.may_have_lost = may_have_lost;
    give(&bench, event);
    give_head(&bench, 1150, 968);
    return &bench;
}

static int64_t tip = 1000;

/* So many readings without a conclusion, each asked for by the engine. */
static void fail_scans(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        const int asked = bench->counts[LS_EFFECT_SCAN];
        give(bench, (struct ls_event){.kind = LS_EVENT_UNSCANNED});
        pass(bench, 1001);
        tip += 3; /* the ledger goes on, at 400 ms a height */
        give_head(bench, tip + 150, tip - 32);
        pass(bench, 1);
        assert_int_equal(bench->counts[LS_EFFECT_SCAN], asked + 1);
    }
}

static void a_list_needs_its_proof_where_commits_may_have_been_lost(void **state)
{
    (void)state;
    struct bench *bench = greet(false);
    assert_int_equal(bench->counts[LS_EFFECT_SCAN], 1);
    assert_false(bench->last[LS_EFFECT_SCAN].as.scan.needs_proof);
    end(bench);

    bench = greet(true);
    assert_int_equal(bench->counts[LS_EFFECT_SCAN], 0); /* what is on its way may still land */
    give_head(bench, 1600, 1400);
    assert_int_equal(bench->counts[LS_EFFECT_SCAN], 1);
    assert_true(bench->last[LS_EFFECT_SCAN].as.scan.needs_proof);
    end(bench);
}

static void what_can_not_be_read_for_long_is_told_once_and_ends(void **state)
{
    (void)state;
    struct bench *bench = greet(false);

    fail_scans(bench, 29);
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 0);
    fail_scans(bench, 20);
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 1);
    assert_string_equal(bench->last[LS_EFFECT_ALERT].as.alert.rule, "catchup");
    assert_false(bench->last[LS_EFFECT_ALERT].as.alert.is_over);

    give(bench, (struct ls_event){.kind = LS_EVENT_SCANNED});
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 2);
    assert_true(bench->last[LS_EFFECT_ALERT].as.alert.is_over);
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_needs_its_proof_where_commits_may_have_been_lost),
        cmocka_unit_test(what_can_not_be_read_for_long_is_told_once_and_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
