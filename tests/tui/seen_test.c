/* The row acted on is the row seen, whatever comes between a frame and a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

enum { LONG_AGO_MS = 5000 };

/* The terminal has the frame now. */
static void paint(struct fixture *world)
{
    free(fixture_screen(world));
    ls_ui_painted(world->ui, fixture_monotonic_ms(world));
}

/* So many rows come on top of the listing, and are read. */
static void rows_come(struct fixture *world, int64_t count)
{
    world->newer += count;
    world->elapsed_ms += 2000;
    fixture_dashboard(world);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
}

static struct fixture *see(const char *keys)
{
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, keys);
    paint(world);
    world->elapsed_ms += LONG_AGO_MS;
    paint(world);
    return world;
}

static void a_capital_is_for_the_row_that_was_painted_not_for_one_that_came_since(void **state)
{
    (void)state;
    struct fixture *world = see("2");

    rows_come(world, 1); /* read, and not painted yet */
    fixture_key(world, "R");

    assert_true(fixture_shows(world, "RETRY operation 481200"));
    assert_true(fixture_shows(world, "lockstep retry 481200"));
    fixture_free(world);
}

static void a_capital_for_a_row_that_is_gone_asks_nothing(void **state)
{
    (void)state;
    struct fixture *world = see("2");

    rows_come(world, 40);
    fixture_key(world, "R");

    assert_int_equal(world->flushes, 0); /* no dialog came up */
    assert_true(fixture_shows(world, "the row that was under the cursor is gone"));
    fixture_free(world);
}

static void a_capital_pressed_as_a_row_came_is_asked_for_again_and_then_holds(void **state)
{
    (void)state;
    struct fixture *world = see("2");

    rows_come(world, 1);
    paint(world);
    world->elapsed_ms += 100;
    fixture_key(world, "R");
    assert_int_equal(world->flushes, 0);
    assert_true(fixture_shows(world, "another row had just come under the cursor"));
    paint(world);
    rows_come(world, 1); /* its order is held: nothing comes in between */
    paint(world);
    fixture_key(world, "R");

    assert_true(fixture_shows(world, "RETRY operation 481193"));
    fixture_free(world);
}

static void a_row_that_one_had_time_to_see_is_acted_on_at_once(void **state)
{
    (void)state;
    struct fixture *world = see("2");

    rows_come(world, 1);
    paint(world);
    world->elapsed_ms += 500;
    fixture_key(world, "R");

    assert_true(fixture_shows(world, "RETRY operation 481193"));
    fixture_free(world);
}

static void a_row_that_the_person_went_to_is_theirs_before_it_is_painted(void **state)
{
    (void)state;
    struct fixture *world = see("2");

    fixture_keys(world, "j R");

    assert_true(fixture_shows(world, "RETRY operation 481207"));
    fixture_free(world);
}

static void marks_are_the_persons_whatever_comes_under_the_cursor(void **state)
{
    (void)state;
    struct fixture *world = see("2 Space g");

    rows_come(world, 1);
    paint(world);
    fixture_key(world, "R");

    assert_true(fixture_shows(world, "RETRY operation 481200"));
    fixture_free(world);
}

static void what_came_under_a_dialog_was_not_seen(void **state)
{
    (void)state;
    struct fixture *world = see("2");
    fixture_key(world, "?");
    paint(world);

    rows_come(world, 1); /* below the help */
    paint(world);
    world->elapsed_ms += LONG_AGO_MS;
    struct ls_ui_message message = {.kind = LS_UI_KEY};
    assert_true(ls_key_parse("Esc", &message.key));
    fixture_send(world, message); /* and not painted */
    fixture_key(world, "R");

    assert_true(fixture_shows(world, "481193"));
    fixture_free(world);
}

static void the_cause_that_the_person_went_to_stays_under_the_cursor(void **state)
{
    (void)state;
    struct fixture *world = see("1 j");
    struct ls_dashboard facts = world->dashboard;
    const struct ls_cause_row first = facts.causes[0];
    assert_true(facts.cause_count > 2);
    const struct ls_cause_row meant = facts.causes[1];

    facts.causes[0] = meant; /* it became the larger of the two */
    facts.causes[1] = first;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    fixture_key(world, "Enter");

    assert_true(fixture_shows(world, meant.cause));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capital_is_for_the_row_that_was_painted_not_for_one_that_came_since),
        cmocka_unit_test(a_capital_for_a_row_that_is_gone_asks_nothing),
        cmocka_unit_test(a_capital_pressed_as_a_row_came_is_asked_for_again_and_then_holds),
        cmocka_unit_test(a_row_that_one_had_time_to_see_is_acted_on_at_once),
        cmocka_unit_test(a_row_that_the_person_went_to_is_theirs_before_it_is_painted),
        cmocka_unit_test(marks_are_the_persons_whatever_comes_under_the_cursor),
        cmocka_unit_test(what_came_under_a_dialog_was_not_seen),
        cmocka_unit_test(the_cause_that_the_person_went_to_stays_under_the_cursor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
