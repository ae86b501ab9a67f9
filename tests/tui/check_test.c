/* Verify on chain, and what is asked of the ledger before operations are sent again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void wait_ms(struct fixture *world, int64_t ms)
{
    world->elapsed_ms += ms;
    fixture_dashboard(world);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
}

static void v_looks_marked_operations_up_and_tells_what_was_found(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "2 Space Space v");

    assert_int_equal(world->checks, 1);
    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "verified on chain: 2 never landed"));
    fixture_free(world);
}

static void v_on_a_cause_leaves_no_marks_in_the_way_of_resolving_one(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "j j v");

    assert_true(fixture_shows(world, "verified on chain: 7 never landed"));
    fixture_key(world, "V");
    assert_true(fixture_shows(world, "RESOLVE operation 481201"));
    fixture_free(world);
}

static void v_asks_again_until_a_worker_answers_and_gives_up_in_the_end(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_stays_open = true;

    fixture_keys(world, "2 v");
    assert_true(fixture_shows(world, "a worker is asked to look 1 operation up"));
    wait_ms(world, 600);
    assert_int_equal(world->checks, 2);
    world->check_stays_open = false;
    wait_ms(world, 600);
    assert_int_equal(world->checks, 3);
    assert_true(fixture_shows(world, "verified on chain: 1 not found"));
    wait_ms(world, 600);
    assert_int_equal(world->checks, 3);

    world->check_stays_open = true;
    fixture_keys(world, "v");
    wait_ms(world, 13000);
    assert_true(fixture_shows(world, "1 without an answer yet"));
    fixture_free(world);
}

static void v_says_when_no_worker_lives(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_has_no_worker = true;

    fixture_keys(world, "2 v");

    assert_true(fixture_shows(world, "not verified: no worker lives"));
    fixture_free(world);
}

static void what_a_look_found_is_told_beside_the_row_and_below(void **state)
{
    (void)state;
    static const struct {
        enum ls_look found;
        const char *screen, *mark, *words, *offer;
        int64_t op;
    } cases[] = {
        {LS_LOOK_LANDED, "3", "on chain", "a look at 03:11 UTC found it. Nothing to send",
         "V resolve", 481201},
        {LS_LOOK_NOT_FOUND, "3", "not found", "was not found by a look at 03:11 UTC, and can",
         "V resolve", 481201},
        {LS_LOOK_MAY_LAND, "3", "UNKNOWN", "and can still land. NOT SAFE TO RETRY until",
         "v verify on chain  V resolve", 481201},
        {LS_LOOK_NO_ANSWER, "3", "UNKNOWN", "A look at 03:11 UTC: no",
         "v verify on chain  V resolve", 481201},
        {LS_LOOK_LANDED, "2", "on chain", "NOT SAFE TO RETRY: lockstep reconcile --repair",
         "H hold  X cancel", 481200},
        {LS_LOOK_MAY_LAND, "2", "UNKNOWN", "NOT SAFE TO RETRY until",
         "v verify on chain  H hold", 481200},
        {LS_LOOK_NOT_FOUND, "2", "safe", "SAFE TO RETRY. A look at 03:11 UTC: not found.",
         "R retry", 481200},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *world = fixture_new(160, 40, false);
        world->looked = (ls_op_id){cases[i].op};
        world->found = cases[i].found;
        fixture_key(world, cases[i].screen);
        assert_true(fixture_shows(world, cases[i].mark));
        assert_true(fixture_shows(world, cases[i].words));
        assert_true(fixture_shows(world, cases[i].offer));
        fixture_free(world);
    }
}

static void the_pane_is_read_again_when_a_look_was_answered(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(160, 40, false);
    fixture_key(world, "3");
    assert_true(fixture_shows(world, "may have landed, no proof was found"));

    world->looked = (ls_op_id){481201};
    world->found = LS_LOOK_LANDED;
    fixture_key(world, "v");

    assert_true(fixture_shows(world, "a look at 03:11 UTC found it"));
    fixture_free(world);
}

static void what_a_look_found_stands_in_the_question(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(160, 40, false);
    world->looked = (ls_op_id){481201};
    world->found = LS_LOOK_LANDED;

    fixture_key(world, "3");
    wait_ms(world, 100);
    fixture_key(world, "V");
    assert_true(fixture_shows(world, "A look found it in slot 312,904,118"));
    fixture_type(world, "INC-551"); /* the reason has the focus */
    assert_true(fixture_shows(world, "lockstep resolve 481201 --landed 4hXT"));
    assert_true(fixture_shows(world, "--reason 'INC-551'"));
    fixture_free(world);

    world = fixture_new(160, 40, false);
    world->looked = (ls_op_id){481201};
    world->found = LS_LOOK_NOT_FOUND; /* what is no proof is not proposed */
    fixture_key(world, "3");
    wait_ms(world, 100);
    fixture_key(world, "V");
    assert_true(fixture_shows(world, "You decide what became of it."));
    fixture_key(world, "Enter");
    assert_true(fixture_shows(world, "cancelled: nothing was changed"));
    fixture_free(world);
}

static void a_retry_waits_for_the_ledger(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_stays_open = true;

    fixture_keys(world, "2 R");
    fixture_type(world, "INC-551");
    fixture_keys(world, "Tab y e s Enter");
    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "wait: the ledger is still looked at"));
    world->check_stays_open = false;
    wait_ms(world, 600);
    assert_true(fixture_shows(world, "Checked 03:12:44   1 never landed"));
    fixture_keys(world, "Enter");

    assert_int_equal(world->acts, 1);
    fixture_free(world);
}

static void what_the_ledger_has_is_left_out_and_the_count_to_type_is_less(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_landed = (ls_op_id){481207};

    fixture_keys(world, "2 Space Space Space R");
    assert_true(fixture_shows(world, "RETRY 2 operations"));
    assert_true(fixture_shows(world, "2 never landed   0 unknown   1 already confirmed"));
    assert_true(fixture_shows(world, "first op 481207: it is on the ledger"));
    fixture_type(world, "INC-551");
    fixture_keys(world, "Tab 3 Enter");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "R");
    fixture_type(world, "INC-551");
    fixture_keys(world, "Tab 2 Enter");

    assert_int_equal(world->acts, 2);
    fixture_free(world);
}

static void when_nothing_is_left_nothing_can_be_sent(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_landed = (ls_op_id){481200};

    fixture_keys(world, "2 R");
    fixture_type(world, "INC-551");
    fixture_keys(world, "Tab y e s Enter Enter");

    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void without_a_worker_the_proofs_of_the_database_are_named_as_such(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_has_no_worker = true;

    fixture_keys(world, "2 R");

    assert_true(fixture_shows(world, "proofs alone: no worker lives"));
    fixture_free(world);
}

static void a_list_of_all_targets_opens_and_closes(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_landed = (ls_op_id){481207};

    fixture_keys(world, "2 Space Space Space R Ctrl-D");
    assert_true(fixture_shows(world, "481214  event"));
    assert_true(fixture_shows(world, "LEFT OUT: it is on the ledger"));
    fixture_keys(world, "Down Down Esc");
    assert_true(fixture_shows(world, "type 2:"));
    fixture_keys(world, "d Tab d");
    assert_true(fixture_shows(world, "1-3 of 3, 1 left out"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v_looks_marked_operations_up_and_tells_what_was_found),
        cmocka_unit_test(v_on_a_cause_leaves_no_marks_in_the_way_of_resolving_one),
        cmocka_unit_test(v_asks_again_until_a_worker_answers_and_gives_up_in_the_end),
        cmocka_unit_test(v_says_when_no_worker_lives),
        cmocka_unit_test(what_a_look_found_is_told_beside_the_row_and_below),
        cmocka_unit_test(the_pane_is_read_again_when_a_look_was_answered),
        cmocka_unit_test(what_a_look_found_stands_in_the_question),
        cmocka_unit_test(a_retry_waits_for_the_ledger),
        cmocka_unit_test(what_the_ledger_has_is_left_out_and_the_count_to_type_is_less),
        cmocka_unit_test(when_nothing_is_left_nothing_can_be_sent),
        cmocka_unit_test(without_a_worker_the_proofs_of_the_database_are_named_as_such),
        cmocka_unit_test(a_list_of_all_targets_opens_and_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
