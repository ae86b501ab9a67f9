#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lockstep/core/moment.h"

static const int64_t now_ms = 1763867567000; /* 2025-11-23 03:12:47 UTC */

static void expect(const char *text, int32_t offset_s, int64_t wanted)
{
    struct ls_why why = {0};
    int64_t ms = -1;
    const ls_err err = ls_moment_parse(text, now_ms, offset_s, &ms, &why);
    if (ls_failed(err)) fail_msg("%s: %s", text, why.text);
    if (ms != wanted) fail_msg("%s is %lld", text, (long long)(ms - wanted));
}

static void expect_refused(const char *text, const char *part)
{
    struct ls_why why = {0};
    int64_t ms = -1;
    assert_int_equal(ls_moment_parse(text, now_ms, 0, &ms, &why).code, LS_CODE_INVALID);
    assert_int_equal(ms, -1);
    if (strstr(why.text, part) == NULL) fail_msg("%s: %s", text, why.text);
}

static void now_and_how_long_ago(void **state)
{
    (void)state;
    expect("now", 3600, now_ms);
    expect("-2h", 0, now_ms - 7200000);
    expect("-30m", 0, now_ms - 1800000);
    expect("-0", 0, now_ms);
}

static void a_clock_says_the_last_time(void **state)
{
    (void)state;
    expect("02:31", 0, now_ms - 47000 - 41 * 60000);
    expect("02:31:10", 0, now_ms - 37000 - 41 * 60000);
    expect("04:00", 0, now_ms - 47000 + 48 * 60000 - 86400000); /* yesterday's */
    expect("03:12:47", 0, now_ms);
}

static void a_clock_stands_in_the_zone_unless_it_says_utc(void **state)
{
    (void)state;
    expect("03:31", 3600, now_ms - 47000 - 41 * 60000);
    expect("02:31Z", 3600, now_ms - 47000 - 41 * 60000);
    expect("21:31", -18000, now_ms - 47000 - 41 * 60000); /* the day before there */
}

static void a_date_is_that_day(void **state)
{
    (void)state;
    expect("2025-11-23T02:31Z", 3600, now_ms - 47000 - 41 * 60000);
    expect("2025-11-23 02:31", 0, now_ms - 47000 - 41 * 60000);
    expect("2025-11-22T03:12:47", 0, now_ms - 86400000);
    expect("2024-02-29T00:00", 0, 1709164800000);
    expect("1970-01-01T00:00Z", 0, 0);
}

static void what_no_calendar_has_is_refused(void **state)
{
    (void)state;
    expect_refused("", "no time");
    expect_refused("24:00", "no time");
    expect_refused("2:31", "no time");
    expect_refused("02:31x", "no time");
    expect_refused("2025-02-29T00:00", "no time");
    expect_refused("2025-13-01T00:00", "no time");
    expect_refused("2025-11-23", "no time");
    expect_refused("-", "no time");
    expect_refused("-2y", "no time");
    expect_refused("yesterday", "no time");
    expect_refused("2025-11-24T02:31Z", "still to come");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now_and_how_long_ago),
        cmocka_unit_test(a_clock_says_the_last_time),
        cmocka_unit_test(a_clock_stands_in_the_zone_unless_it_says_utc),
        cmocka_unit_test(a_date_is_that_day),
        cmocka_unit_test(what_no_calendar_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
