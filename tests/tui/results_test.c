/* What became of an action: its rows are followed while they are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden.h"

static void answer_all(struct fixture *world, int64_t new_op)
{
    const int acts = world->acts;
    for (int i = 0; i < acts; i++) {
        struct ls_action_result result = {.new_op = new_op};
        fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                                   .ticket = world->act_tickets[i],
                                                   .acted = &result});
    }
}

static void wait_ms(struct fixture *world, int64_t ms)
{
    world->elapsed_ms += ms;
    fixture_dashboard(world);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
}

static struct fixture *five_retried(int32_t columns, int32_t rows)
{
    struct fixture *world = fixture_new(columns, rows, false);
    fixture_keys(world, "2 Space Space Space Space Space R I N C Tab 5 Enter");
    assert_int_equal(world->acts, 5);
    answer_all(world, 0);
    return world;
}

static void rows_follow_their_operations_until_nothing_moves(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);

    assert_true(fixture_shows(world, "0 of 5 succeeded, 5 on their way"));
    assert_golden(world, "results-queued-100x30");
    wait_ms(world, 1000);
    assert_true(fixture_shows(world, "sent  4hXT"));
    wait_ms(world, 1000);
    assert_true(fixture_shows(world, "3 of 5 succeeded, 1 failed again, 1 in doubt"));
    assert_true(fixture_shows(world, "failed again: BlockhashNotFound"));
    assert_golden(world, "results-100x30");
    fixture_resize(world, 80, 24);
    assert_golden(world, "results-80x24");
    fixture_free(world);
}

static void only_what_may_move_still_is_read_again(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);
    wait_ms(world, 1000);
    wait_ms(world, 1000);
    assert_int_equal(world->chosen_asks, 3);

    wait_ms(world, 400);
    assert_int_equal(world->chosen_asks, 3);
    wait_ms(world, 600);
    assert_int_equal(world->chosen_asks, 4); /* of the one in doubt alone */
    assert_int_equal(world->chosen.count, 1);
    fixture_free(world);
}

static void a_result_that_is_left_is_not_read_and_comes_back_with_a_key(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);

    fixture_key(world, "Esc");
    wait_ms(world, 3000);
    assert_int_equal(world->chosen_asks, 1);
    assert_false(fixture_has(world, "on their way"));
    fixture_key(world, "r");
    assert_int_equal(world->chosen_asks, 2);
    assert_true(fixture_shows(world, "0 of 5 succeeded, 5 on their way"));
    fixture_key(world, "q");
    assert_int_equal(world->quits, 0);
    fixture_free(world);
}

static void a_screens_key_leaves_the_result_and_goes_there(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);

    fixture_key(world, "R"); /* acts on what is covered: not from here */
    assert_true(fixture_shows(world, "Esc closes this"));
    fixture_key(world, "6");

    assert_true(fixture_shows(world, "3 operations are held as ambiguous"));
    assert_false(fixture_has(world, "on their way"));
    fixture_free(world);
}

static void enter_opens_the_operation_under_the_cursor(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);

    fixture_keys(world, "j j Enter");

    assert_true(fixture_shows(world, "481214"));
    assert_string_equal(ls_ui_screen(world->ui), "Operation");
    fixture_free(world);
}

static void one_operation_has_a_result_too_when_it_is_asked_for(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "r");
    assert_true(fixture_shows(world, "nothing was done from this console yet"));
    fixture_keys(world, "2 R o k Enter y e s Enter");
    answer_all(world, 0);
    assert_false(fixture_has(world, "on its way"));
    fixture_key(world, "r");

    assert_true(fixture_shows(world, "0 of 1 succeeded, 1 on its way"));
    fixture_free(world);
}

static void a_lost_answer_leaves_what_was_known_and_is_asked_again(void **state)
{
    (void)state;
    struct fixture *world = five_retried(100, 30);

    world->elapsed_ms += 1000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    uint64_t ticket = 0;
    for (size_t i = 0; i < world->requests.count; i++) {
        if (world->requests.items[i].kind == LS_UI_WANT_CHOSEN)
            ticket = world->requests.items[i].ticket;
    }
    assert_int_not_equal(ticket, 0);
    fixture_send(world,
                 (struct ls_ui_message){.kind = LS_UI_CHOSEN, .ticket = ticket, .why = "gone"});
    assert_true(fixture_shows(world, "5 on their way"));
    wait_ms(world, 1000);

    assert_int_equal(world->chosen_asks, 2);
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_follow_their_operations_until_nothing_moves),
        cmocka_unit_test(only_what_may_move_still_is_read_again),
        cmocka_unit_test(a_result_that_is_left_is_not_read_and_comes_back_with_a_key),
        cmocka_unit_test(a_screens_key_leaves_the_result_and_goes_there),
        cmocka_unit_test(enter_opens_the_operation_under_the_cursor),
        cmocka_unit_test(one_operation_has_a_result_too_when_it_is_asked_for),
        cmocka_unit_test(a_lost_answer_leaves_what_was_known_and_is_asked_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
