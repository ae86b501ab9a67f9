#include "lockstep/core/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static int64_t rate(int64_t now_ms, int64_t before, int64_t current)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->now_ms = now_ms;
    facts->minute_done[LS_FACTS_MINUTES - 2] = before;
    facts->minute_done[LS_FACTS_MINUTES - 1] = current;
    const int64_t done = ls_dashboard_done_per_minute(facts);
    free(facts);
    return done;
}

static void a_first_minute_counts_from_its_first_second(void **state)
{
    (void)state;
    assert_int_equal(rate(1700000041000, 0, 12), 12);
}

static void the_minute_before_counts_by_what_is_left_of_it(void **state)
{
    (void)state;
    const int64_t whole = INT64_C(60000) * 28333334;
    assert_int_equal(rate(whole, 600, 0), 600);
    assert_int_equal(rate(whole + 15000, 600, 150), 600);
    assert_int_equal(rate(whole + 30000, 600, 0), 300);
    assert_int_equal(rate(whole + 59999, 600, 700), 700);
    assert_int_equal(rate(0, 600, 0), 600);
}

static void names_of_severities_and_states_are_words(void **state)
{
    (void)state;
    assert_string_equal(ls_severity_name(LS_SEVERITY_CRITICAL), "critical");
    assert_string_equal(ls_severity_name((enum ls_severity)99), "unknown");
    assert_string_equal(ls_alert_state_name(LS_ALERT_ACKED), "acked");
    assert_string_equal(ls_alert_state_name((enum ls_alert_state)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_minute_counts_from_its_first_second),
        cmocka_unit_test(the_minute_before_counts_by_what_is_left_of_it),
        cmocka_unit_test(names_of_severities_and_states_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
