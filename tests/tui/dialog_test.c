/* What a dialog shows and keeps: its targets, what changes, what was typed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void cancel_with_reason(struct fixture *world, const char *keys, const char *reason)
{
    fixture_keys(world, keys);
    fixture_type(world, reason);
    fixture_key(world, "Esc");
}

static void the_last_reason_is_one_key_away(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    cancel_with_reason(world, "2 R", "INC-551 rpc-b is out");

    fixture_keys(world, "j H");
    assert_true(fixture_shows(world, "Ctrl-R: INC-551 rpc-b is out"));
    fixture_keys(world, "Ctrl-R");
    assert_true(fixture_shows(world, "--reason 'INC-551 rpc-b is out'"));
    fixture_keys(world, "Enter y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_string_equal(world->last_action.reason, "INC-551 rpc-b is out");
    fixture_free(world);
}

static void a_note_neither_takes_nor_gives_a_reason(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    cancel_with_reason(world, "2 N", "asked the bank");

    fixture_key(world, "R");
    assert_false(fixture_has(world, "Ctrl-R:"));
    fixture_type(world, "INC-551");
    fixture_keys(world, "Esc N");
    assert_false(fixture_has(world, "Ctrl-R:"));
    fixture_free(world);
}

static void a_long_reason_is_cut_at_its_begin_and_marked(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_keys(world, "2 R");

    for (int i = 0; i < 20; i++) fixture_type(world, "begin ");
    fixture_type(world, "end");
    assert_true(fixture_shows(world, "│ Reason     …"));
    assert_true(fixture_shows(world, "begin end "));
    fixture_key(world, "Home");
    assert_true(fixture_shows(world, "│ Reason     begin"));
    fixture_free(world);
}

static void targets_that_others_changed_are_counted(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 Space Space Space R");

    fixture_fill_ops(world, &(struct ls_filter){.count = 1,
                                                .terms = {{.field = LS_FILTER_STATE,
                                                           .number = LS_STATE_FAILED}}});
    world->ops.rows[1].version++;
    world->ops.rows[2] = world->ops.rows[16];
    world->ops.count = 16;
    world->elapsed_ms += 2000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    uint64_t ticket = 0;
    for (size_t i = 0; i < world->requests.count; i++)
        if (world->requests.items[i].kind == LS_UI_WANT_OPS)
            ticket = world->requests.items[i].ticket;
    fixture_tell(
        world, (struct ls_ui_message){.kind = LS_UI_OPS, .ticket = ticket, .ops = &world->ops});

    assert_true(fixture_shows(world, "2 of them changed meanwhile and will be refused."));
    fixture_free(world);
}

static void the_list_of_targets_scrolls_to_its_end_and_no_further(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_keys(world, "4 a H Ctrl-D");
    assert_true(fixture_shows(world, "1-16 of 40, "));

    fixture_keys(world, "G");
    assert_true(fixture_shows(world, "25-40 of 40, "));
    assert_true(fixture_shows(world, "LEFT OUT: "));
    fixture_keys(world, "PgDn Down j");
    assert_true(fixture_shows(world, "25-40 of 40, "));
    fixture_keys(world, "PgUp");
    assert_true(fixture_shows(world, "9-24 of 40, "));
    fixture_keys(world, "g");
    assert_true(fixture_shows(world, "1-16 of 40, "));
    assert_true(fixture_shows(world, "READY due"));
    fixture_free(world);
}

static void enter_says_what_it_would_do(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R");
    assert_true(fixture_shows(world, "Enter cancels until all is right"));
    fixture_type(world, "INC-1");
    assert_true(fixture_shows(world, "Enter goes on, Esc cancels"));
    fixture_keys(world, "Enter y e s");
    assert_true(fixture_shows(world, "Enter does it, Esc cancels"));
    fixture_keys(world, "Backspace");
    assert_true(fixture_shows(world, "Enter cancels until all is right"));
    fixture_free(world);
}

static void a_change_far_inside_a_value_is_seen(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_keys(world, "2 j Enter E Down Enter End Backspace");
    fixture_type(world, "bXyZ end");
    for (int i = 0; i < 12; i++) fixture_type(world, " and more");
    fixture_keys(world, "Enter E");

    assert_true(fixture_shows(world, "to  was …"));
    assert_true(fixture_shows(world, "TiZx7N9Pda "));
    assert_true(fixture_shows(world, "now …"));
    assert_true(fixture_shows(world, "TiZx7N9PdbXyZ end"));
    assert_true(fixture_shows(world, "--file FILE"));
    fixture_free(world);
}

static void a_wrong_number_is_named_when_it_cancels(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 Space Space R I N C Tab 3 Enter");

    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "cancelled: '3' is not '2'; nothing was changed"));
    fixture_keys(world, "R Ctrl-R Tab 2 Enter");
    assert_int_equal(world->acts, 2);
    assert_string_equal(world->last_action.reason, "INC");
    fixture_free(world);
}

static void a_reason_for_many_keys_has_the_whole_width(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_RIGHTS,
                                               .may_operate = false,
                                               .why = "this login is not a lockstep_operator"});

    fixture_keys(world, "2 ?");
    assert_true(fixture_shows(world, "R C H X V A N W Z v "));
    assert_true(fixture_shows(world, "  this login is not a lockstep_operator"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_reason_is_one_key_away),
        cmocka_unit_test(a_note_neither_takes_nor_gives_a_reason),
        cmocka_unit_test(a_long_reason_is_cut_at_its_begin_and_marked),
        cmocka_unit_test(targets_that_others_changed_are_counted),
        cmocka_unit_test(the_list_of_targets_scrolls_to_its_end_and_no_further),
        cmocka_unit_test(enter_says_what_it_would_do),
        cmocka_unit_test(a_change_far_inside_a_value_is_seen),
        cmocka_unit_test(a_wrong_number_is_named_when_it_cancels),
        cmocka_unit_test(a_reason_for_many_keys_has_the_whole_width),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
