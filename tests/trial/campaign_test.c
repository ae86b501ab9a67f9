#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/trial/campaign.h"

static void seeds_are_a_range_or_one(void **state)
{
    uint64_t first = 0;
    uint64_t last = 0;
    struct ls_why why = {0};
    (void)state;
    assert_false(ls_failed(ls_campaign_seeds("3..9", &first, &last, &why)));
    assert_int_equal(first, 3);
    assert_int_equal(last, 9);
    assert_false(ls_failed(ls_campaign_seeds("18446744073709551615", &first, &last, &why)));
    assert_true(first == UINT64_MAX && last == UINT64_MAX);
}

static void a_range_that_is_none_is_refused(void **state)
{
    static const char *const texts[] = {"",  "..",    "9..3", "1..",
                                        "a", "1..2x", "-1",   "18446744073709551616"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint64_t first = 0;
        uint64_t last = 0;
        struct ls_why why = {0};
        const ls_err err = ls_campaign_seeds(texts[i], &first, &last, &why);
        assert_int_equal(err.code, LS_CODE_INVALID);
        assert_non_null(strstr(why.text, "no range of seeds"));
    }
}

static void a_case_is_written_as_the_command_that_runs_it(void **state)
{
    struct ls_case one = {.seed = 7, .op_count = 5, .faults = LS_FAULT_BIT(LS_FAULT_KILL)};
    struct ls_why why = {0};
    struct ls_buf out;
    (void)state;
    ls_buf_init(&out, 4096);
    one.chaos_ms = 900;
    assert_false(ls_failed(ls_case_only(&one, "2,5", &why)));

    ls_case_command(&one, &out);

    assert_string_equal(ls_buf_text(&out),
                        "lockstep sim run --seeds 7 --ops 5 --faults kill --chaos-ms 900 "
                        "--only 2,5");
    ls_buf_done(&out);
}

static void what_is_no_operation_of_the_case_is_refused(void **state)
{
    static const char *const texts[] = {"", "0", "6", "1,", "1;2", "x"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ls_case one = {.op_count = 5};
        struct ls_why why = {0};
        assert_int_equal(ls_case_only(&one, texts[i], &why).code, LS_CODE_INVALID);
    }
}

/* The first seed under which a rule of another system lands something twice. */
static struct ls_case a_bad_case(void)
{
    struct ls_case one = {
        .op_count = 20, .faults = LS_FAULTS_ALL, .policy = LS_POLICY_FEE_BUMP};
    struct ls_trial_result result = {0};
    struct ls_why why = {0};
    for (one.seed = 1; one.seed <= 50; one.seed++) {
        assert_false(ls_failed(ls_case_run(&one, NULL, NULL, NULL, &result, &why)));
        if (strstr(result.violated, "S1") != NULL) return one;
    }
    fail_msg("a fee bump within validity is harmless");
    return one;
}

static void a_failing_case_is_made_smaller_and_still_fails(void **state)
{
    struct ls_trial_result before = {0};
    struct ls_trial_result after = {0};
    struct ls_why why = {0};
    (void)state;
    struct ls_case one = a_bad_case();
    assert_false(ls_failed(ls_case_run(&one, NULL, NULL, NULL, &before, &why)));

    assert_false(ls_failed(ls_case_minimise(&one, "S1", 70, &why)));

    assert_false(ls_failed(ls_case_run(&one, NULL, NULL, NULL, &after, &why)));
    assert_non_null(strstr(after.violated, "S1"));
    assert_true(after.ops < before.ops);
    assert_true(after.chaos_ms <= before.chaos_ms);
    assert_true(one.faults != LS_FAULTS_ALL);
}

/* The last two fail seldom: in campaigns. */
static void every_other_rule_fails_and_ours_does_not(void **state)
{
    struct ls_campaign_options options = {
        .first = 1, .last = 4, .pattern = {.op_count = 20, .faults = LS_FAULTS_ALL}};
    struct ls_compare_row rows[LS_POLICY_COUNT];
    struct ls_why why = {0};
    (void)state;
    assert_false(ls_failed(ls_compare_run(&options, rows, &why)));

    for (int i = 0; i < LS_POLICY_COUNT; i++) {
        const int64_t wrong = rows[i].duplicates + rows[i].lost + rows[i].misjudged;
        assert_int_equal(rows[i].ops, rows[LS_POLICY_OURS].ops);
        if (i == LS_POLICY_OURS) assert_int_equal(wrong, 0);
        if (i != LS_POLICY_OURS && i < LS_POLICY_CONFIRMED_IS_FINAL) assert_true(wrong > 0);
    }
}

static void a_policy_is_found_by_its_name_alone(void **state)
{
    enum ls_policy found = LS_POLICY_COUNT;
    struct ls_why why = {0};
    (void)state;
    for (int i = 0; i < LS_POLICY_COUNT; i++) {
        assert_false(
            ls_failed(ls_policy_find(ls_policy_name((enum ls_policy)i), &found, &why)));
        assert_int_equal(found, i);
    }
    assert_int_equal(ls_policy_find("mine", &found, &why).code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "fee-bump"));
}

static void a_trial_that_can_not_be_is_refused(void **state)
{
    struct ls_trial_result result;
    struct ls_why why = {0};
    (void)state;
    const struct ls_case none = {.seed = 1, .op_count = 0};
    const struct ls_case many = {.seed = 1, .op_count = LS_TRIAL_OPS_MAX + 1};
    assert_int_equal(ls_case_run(&none, NULL, NULL, NULL, &result, &why).code, LS_CODE_INVALID);
    assert_int_equal(ls_case_run(&many, NULL, NULL, NULL, &result, &why).code, LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "take more seeds"));
}

static void two_runs_of_a_seed_leave_the_same_trace(void **state)
{
    const struct ls_case one = {.seed = 11, .op_count = 10, .faults = LS_FAULTS_ALL};
    struct ls_trial_result first;
    struct ls_trial_result again;
    struct ls_why why = {0};
    (void)state;
    assert_false(ls_failed(ls_case_run(&one, NULL, NULL, NULL, &first, &why)));
    assert_false(ls_failed(ls_case_run(&one, NULL, NULL, NULL, &again, &why)));
    assert_true(first.hash == again.hash);
    assert_int_equal(first.ops, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_a_range_or_one),
        cmocka_unit_test(a_range_that_is_none_is_refused),
        cmocka_unit_test(a_case_is_written_as_the_command_that_runs_it),
        cmocka_unit_test(what_is_no_operation_of_the_case_is_refused),
        cmocka_unit_test(a_failing_case_is_made_smaller_and_still_fails),
        cmocka_unit_test(every_other_rule_fails_and_ours_does_not),
        cmocka_unit_test(a_policy_is_found_by_its_name_alone),
        cmocka_unit_test(a_trial_that_can_not_be_is_refused),
        cmocka_unit_test(two_runs_of_a_seed_leave_the_same_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
