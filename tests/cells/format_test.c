#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/cells/format.h"
#include "lockstep/cells/key.h"

#define ASSERT_TEXT(call_, expected_)           \
    do {                                        \
        char text[LS_FORMAT_BYTES];             \
        call_;                                  \
        assert_string_equal(text, (expected_)); \
    } while (0)

static void counts_have_separators_and_short_forms(void **state)
{
    (void)state;
    ASSERT_TEXT(ls_format_count(0, text), "0");
    ASSERT_TEXT(ls_format_count(999, text), "999");
    ASSERT_TEXT(ls_format_count(1204, text), "1,204");
    ASSERT_TEXT(ls_format_count(-1234567, text), "-1,234,567");
    ASSERT_TEXT(ls_format_count(INT64_MAX, text), "9,223,372,036,854,775,807");
    ASSERT_TEXT(ls_format_short_count(9999, text), "9,999");
    ASSERT_TEXT(ls_format_short_count(12345, text), "12.3k");
    ASSERT_TEXT(ls_format_short_count(999999, text), "999k");
    ASSERT_TEXT(ls_format_short_count(4100000, text), "4.1M");
    ASSERT_TEXT(ls_format_short_count(INT64_MAX, text), "9223372T");
    ASSERT_TEXT(ls_format_short_count(-5, text), "0");
}

static void durations_have_at_most_two_units(void **state)
{
    (void)state;
    ASSERT_TEXT(ls_format_duration(-5, false, text), "0s");
    ASSERT_TEXT(ls_format_duration(850, true, text), "850ms");
    ASSERT_TEXT(ls_format_duration(850, false, text), "0s");
    ASSERT_TEXT(ls_format_duration(1250, true, text), "1.2s");
    ASSERT_TEXT(ls_format_duration(252000, true, text), "4m12s");
    ASSERT_TEXT(ls_format_duration(7500000, false, text), "2h05m");
    ASSERT_TEXT(ls_format_duration(273600000, false, text), "3d04h");
    ASSERT_TEXT(ls_format_age(59999, text), "59s");
    ASSERT_TEXT(ls_format_age(3599000, text), "59m");
    ASSERT_TEXT(ls_format_age(86400000, text), "24h");
    ASSERT_TEXT(ls_format_age(9 * 86400000LL, text), "9d");
}

static void lamports_are_exact(void **state)
{
    (void)state;
    ASSERT_TEXT(ls_format_sol(0, text), "0.000 SOL");
    ASSERT_TEXT(ls_format_sol(3118000000u, text), "3.118 SOL");
    ASSERT_TEXT(ls_format_sol(1, text), "0.000000001 SOL");
    ASSERT_TEXT(ls_format_sol(UINT64_MAX, text), "18,446,744,073.709551615 SOL");
}

static void moments_are_civil_times(void **state)
{
    (void)state;
    ASSERT_TEXT(ls_format_date(0, 0, text), "1970-01-01 00:00:00");
    ASSERT_TEXT(ls_format_date(-1, 0, text), "1969-12-31 23:59:59");
    ASSERT_TEXT(ls_format_date(951827696000, 0, text), "2000-02-29 12:34:56");
    ASSERT_TEXT(ls_format_date(1763867567000, 3600, text), "2025-11-23 04:12:47");
    ASSERT_TEXT(ls_format_clock(1763867567000, -7200, text), "01:12:47");
}

static void a_spark_shows_the_last_values_against_their_largest(void **state)
{
    (void)state;
    const int64_t values[] = {100, 0, 1, 4, 8};
    char text[64];

    ls_format_spark((struct ls_series){values, 5, 0}, 4, false, text, sizeof text);
    assert_string_equal(text, "▁▁▄█");
    ls_format_spark((struct ls_series){values, 5, 16}, 4, false, text, sizeof text);
    assert_string_equal(text, "▁▁▂▄");
    ls_format_spark((struct ls_series){values, 2, 0}, 4, true, text, sizeof text);
    assert_string_equal(text, "__#_");
    ls_format_spark((struct ls_series){values, 0, 0}, 0, true, text, sizeof text);
    assert_string_equal(text, "");
}

static void a_chart_never_shows_something_as_nothing(void **state)
{
    (void)state;
    assert_string_equal(ls_format_chart_cell(0, 100, 4, 0, false), " ");
    assert_string_equal(ls_format_chart_cell(1, 1000000, 4, 0, false), "▁");
    assert_string_equal(ls_format_chart_cell(100, 100, 4, 3, false), "█");
    assert_string_equal(ls_format_chart_cell(50, 100, 4, 2, false), " ");
    assert_string_equal(ls_format_chart_cell(INT64_MAX, INT64_MAX, 1, 0, true), "#");
    assert_string_equal(ls_format_chart_cell(INT64_MAX / 2, INT64_MAX, 1, 0, true), "-");
}

static void every_key_is_read_back_by_its_name(void **state)
{
    (void)state;
    static const char *const names[] = {"a",  "G",   "?",      "Space", "Enter", "Esc",
                                        "F1", "F12", "Ctrl-R", "Alt-x", "PgDn",  "é"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ls_key key;
        char name[LS_KEY_NAME_BYTES];
        assert_true(ls_key_parse(names[i], &key));
        ls_key_name(key, name);
        assert_string_equal(name, names[i]);
    }
}

static void what_is_no_key_is_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"",   "F0",    "F13",  "F1x",    "Enterr",
                                        "ab", "Ctrl-", "\x1b", "\u202e", "\xff"};
    struct ls_key key = {.code = LS_KEY_TAB};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_false(ls_key_parse(names[i], &key));
    assert_int_equal(key.code, LS_KEY_TAB);
    assert_false(ls_key_equal((struct ls_key){.code = LS_KEY_CHAR, .scalar = 'r'},
                              (struct ls_key){.code = LS_KEY_CHAR, .scalar = 'R'}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_have_separators_and_short_forms),
        cmocka_unit_test(durations_have_at_most_two_units),
        cmocka_unit_test(lamports_are_exact),
        cmocka_unit_test(moments_are_civil_times),
        cmocka_unit_test(a_spark_shows_the_last_values_against_their_largest),
        cmocka_unit_test(a_chart_never_shows_something_as_nothing),
        cmocka_unit_test(every_key_is_read_back_by_its_name),
        cmocka_unit_test(what_is_no_key_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
