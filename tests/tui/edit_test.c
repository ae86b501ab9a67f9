/* The editor of a failed operation's payload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* On the line "amount", with its value cleared. */
static struct fixture *at_amount(void)
{
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 j Enter E j j Enter Ctrl-U");
    return world;
}

static void a_changed_value_is_asked_with_what_it_was_and_sent_whole(void **state)
{
    (void)state;
    struct fixture *world = at_amount();
    fixture_type(world, "300");
    fixture_keys(world, "Enter");
    assert_true(fixture_shows(world, "was 250"));
    assert_int_equal(world->acts, 0);

    fixture_keys(world, "E");
    assert_true(fixture_shows(world, "EDIT AND RETRY operation 481207"));
    assert_true(fixture_shows(world, "amount  was 250"));
    assert_true(fixture_shows(world, "        now 300"));
    assert_true(fixture_shows(world, "lockstep edit 481207 'amount=300' --expect-version"));
    fixture_type(world, "typo");
    fixture_keys(world, "Tab y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_EDIT);
    assert_int_equal(world->last_action.expected_version, 481207 % 7 + 1);
    assert_string_equal(world->last_payload,
                        "{\"mint\":\"9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e\",\"to\":"
                        "\"7xQkU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7N9Pda\",\"amount\":\"300\"}");
    fixture_free(world);
}

static void a_refused_edit_stays_open_to_be_mended(void **state)
{
    (void)state;
    struct fixture *world = at_amount();
    fixture_type(world, "x");
    fixture_keys(world, "Enter E");
    fixture_type(world, "typo");
    fixture_keys(world, "Tab y e s Enter");
    struct ls_action_result refused = {.err = {.code = LS_CODE_INVALID}};
    (void)snprintf(refused.why.text, sizeof refused.why.text, "payload field \"amount\": no");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                               .ticket = world->act_tickets[0],
                                               .acted = &refused});
    assert_true(fixture_shows(world, "payload field \"amount\": no"));
    assert_true(fixture_shows(world, "Payload of op 481207"));
    fixture_free(world);
}

static void what_is_no_payload_is_told_before_anything_is_asked(void **state)
{
    (void)state;
    struct fixture *world = at_amount();
    world->edit_trouble = "payload field \"amount\": \"abc\" is no amount in base units";
    fixture_type(world, "abc");
    fixture_keys(world, "Enter E");
    assert_true(fixture_shows(world, "\"abc\" is no amount in base units"));
    assert_true(fixture_shows(world, "Payload of op 481207"));
    assert_false(fixture_shows(world, "EDIT AND RETRY"));

    world->edit_trouble = NULL;
    fixture_keys(world, "Enter Ctrl-U");
    fixture_type(world, "300");
    fixture_keys(world, "Enter E");
    assert_true(fixture_shows(world, "EDIT AND RETRY operation 481207"));
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void nothing_changed_asks_nothing_and_escape_drops(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_keys(world, "2 j Enter E E");
    assert_true(fixture_shows(world, "nothing is changed yet"));
    fixture_keys(world, "Esc");
    assert_true(fixture_shows(world, "nothing was changed"));
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void what_landed_after_all_is_not_edited(void **state)
{
    (void)state;
    struct fixture *world = at_amount();
    world->check_landed = (ls_op_id){481207};
    fixture_type(world, "300");
    fixture_keys(world, "Enter E");
    fixture_type(world, "typo");
    fixture_keys(world, "Tab y e s Enter Enter");
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_value_is_asked_with_what_it_was_and_sent_whole),
        cmocka_unit_test(a_refused_edit_stays_open_to_be_mended),
        cmocka_unit_test(what_is_no_payload_is_told_before_anything_is_asked),
        cmocka_unit_test(nothing_changed_asks_nothing_and_escape_drops),
        cmocka_unit_test(what_landed_after_all_is_not_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
