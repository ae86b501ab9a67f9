/* The dashboard of another time: how one goes there, what is refused there, how one returns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void line(struct fixture *world, const char *text)
{
    fixture_key(world, ":");
    fixture_type(world, text);
    fixture_key(world, "Enter");
}

static void at_shows_the_past_and_refuses_to_act(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    line(world, "at 02:40");

    assert_true(fixture_shows(world, " AT 02:40 UTC "));
    assert_false(fixture_has(world, " LIVE "));
    fixture_key(world, "R");
    assert_true(fixture_shows(world, "R: what is shown is the past"));
    fixture_dashboard(world); /* the present goes on unseen */
    assert_true(fixture_shows(world, " AT 02:40 UTC "));
    fixture_free(world);
}

static void brackets_step_a_minute_and_end_in_the_present(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "[ [");
    assert_true(fixture_shows(world, " AT 03:10 UTC "));
    fixture_key(world, "]");
    assert_true(fixture_shows(world, " AT 03:11 UTC "));
    fixture_key(world, "]");
    fixture_dashboard(world);

    assert_true(fixture_shows(world, " LIVE "));
    fixture_key(world, "]");
    assert_true(fixture_shows(world, "this is now"));
    fixture_free(world);
}

static void now_and_esc_go_back(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "at -1h");
    assert_true(fixture_shows(world, " AT 02:12 UTC "));
    line(world, "at now");
    fixture_dashboard(world);
    assert_true(fixture_shows(world, " LIVE "));

    line(world, "at 2025-11-22T23:00Z");
    assert_true(fixture_shows(world, " AT 2025-11-22 23:00 UTC "));
    fixture_key(world, "Esc");
    fixture_dashboard(world);

    assert_true(fixture_shows(world, " LIVE "));
    assert_int_equal(world->quits, 0);
    fixture_free(world);
}

static void where_nothing_was_recorded_it_stays_where_it_was(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    line(world, "at 2025-11-01T00:00Z");
    assert_true(fixture_shows(world, "nothing was recorded then"));
    assert_true(fixture_shows(world, " LIVE "));
    fixture_key(world, ":");
    fixture_type(world, "at 25:00");
    fixture_key(world, "Enter");

    assert_true(fixture_shows(world, "25:00 is no time"));
    fixture_free(world);
}

static void a_listing_is_of_the_present(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "at 02:40");

    fixture_key(world, "2");
    fixture_dashboard(world);

    assert_true(fixture_shows(world, " LIVE "));
    assert_true(fixture_shows(world, "[2 Failed"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_shows_the_past_and_refuses_to_act),
        cmocka_unit_test(brackets_step_a_minute_and_end_in_the_present),
        cmocka_unit_test(now_and_esc_go_back),
        cmocka_unit_test(where_nothing_was_recorded_it_stays_where_it_was),
        cmocka_unit_test(a_listing_is_of_the_present),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
