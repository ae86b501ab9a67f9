/* Batches and bulk jobs by keystrokes: what is asked of the database, and what it takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static bool shows(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    const bool is_there = strstr(screen, text) != NULL;
    free(screen);
    return is_there;
}

static struct fixture *open_world(const char *keys)
{
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, keys);
    return world;
}

static void confirm(struct fixture *world, const char *typed)
{
    fixture_type(world, "INC-551");
    fixture_key(world, "Tab");
    fixture_type(world, typed);
    fixture_key(world, "Enter");
}

static void a_batch_is_retried_only_when_its_count_is_typed(void **state)
{
    (void)state;
    struct fixture *world = open_world("5 j j R");
    assert_true(shows(world, "lockstep batch retry 2207"));

    confirm(world, "16");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "R");
    confirm(world, "17");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_BATCH_RETRY);
    assert_int_equal(world->last_action.batch_id, 2207);
    assert_string_equal(world->last_action.reason, "INC-551");
    fixture_free(world);
}

static void what_failed_of_a_batch_is_frozen_and_looked_up_before_it_goes(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_landed = (ls_op_id){481214};
    fixture_keys(world, "5 j j R");
    assert_int_equal(world->checks, 1);
    assert_true(shows(world, "16 never landed   0 unknown   1 already confirmed"));
    assert_true(shows(world, "Left out: 1 of those chosen, first op 481214"));
    assert_true(shows(world, "lockstep batch retry 2207 --expect 17"));

    confirm(world, "17");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "R");
    confirm(world, "16");

    assert_int_equal(world->acts, 1); /* one action on all of them */
    assert_int_equal(world->last_action.batch_id, 2207);
    assert_int_equal(world->last_op_count, 16);
    assert_int_equal(world->last_first.op.value, 481200);
    assert_int_equal(world->last_first.version, 481200 % 7 + 1);
    fixture_free(world);
}

static void an_atomic_batch_with_one_that_landed_does_not_go(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->check_landed = (ls_op_id){481214};
    world->batch_is_atomic = true;
    fixture_keys(world, "5 j j R");
    assert_true(shows(world, "Left out: 17 of those chosen"));

    confirm(world, "17");
    confirm(world, "16");

    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void a_batch_of_which_more_failed_than_a_dialog_takes_becomes_a_job(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->batch_failed = 4711;

    fixture_keys(world, "5 j j R");

    assert_true(shows(world, "looked up on the ledger right before its turn"));
    assert_string_equal(world->last_order.filter, "batch:2207 state:failed");
    assert_int_equal(world->last_order.verb, LS_VERB_RETRY);
    fixture_free(world);
}

static void p_pauses_a_batch_by_its_gate_and_resumes_a_paused_one(void **state)
{
    (void)state;
    struct fixture *world = open_world("5 P");
    assert_true(shows(world, "lockstep batch pause 2210"));
    confirm(world, "750");
    assert_int_equal(world->last_action.verb, LS_VERB_GATE_ON);
    assert_string_equal(world->last_action.selector, "batch:2210");
    fixture_free(world);

    world = open_world("5 j P");
    assert_true(shows(world, "lockstep batch resume 2209"));
    confirm(world, "90");
    assert_int_equal(world->last_action.verb, LS_VERB_GATE_OFF);
    assert_string_equal(world->last_action.selector, "batch:2209");
    fixture_free(world);
}

static void a_key_that_can_not_act_on_a_batch_says_why(void **state)
{
    (void)state;
    struct fixture *world = open_world("5 C");
    assert_true(shows(world, "has operations in flight or held"));
    fixture_keys(world, "j j j j R");
    assert_true(shows(world, "only a sealed one can be retried"));
    fixture_keys(world, "P");
    assert_true(shows(world, "this batch is over"));
    assert_int_equal(world->flushes, 0); /* no dialog came up */
    fixture_free(world);
}

static void enter_shows_a_batchs_operations_and_esc_leads_back(void **state)
{
    (void)state;
    struct fixture *world = open_world("5 j j Enter");
    assert_true(shows(world, "Batches > B-2207 payments-0230"));

    fixture_key(world, "Esc");

    assert_true(shows(world, "[5 Batches]"));
    assert_true(shows(world, "B-2207 payments-0230: 103 of 120 done")); /* the same one */
    fixture_free(world);
}

static void batches_are_filtered_and_a_mistake_is_named(void **state)
{
    (void)state;
    struct fixture *world = open_world("5 /");
    fixture_type(world, "state:sold");
    fixture_key(world, "Enter");
    assert_true(shows(world, "state:sold is no batch's state"));
    fixture_keys(world, "Esc /");
    fixture_type(world, "state:sealed pay");
    fixture_key(world, "Enter");
    assert_true(shows(world, "Batches / state:sealed pay"));
    fixture_key(world, "Esc");
    assert_false(shows(world, "Batches / state"));
    fixture_free(world);
}

static void a_marks_the_page_and_a_again_means_all_that_match(void **state)
{
    (void)state;
    struct fixture *world = open_world("2 a");
    assert_true(shows(world, "17 marked: this page   a again: all 1,204 matching"));
    assert_string_equal(world->last_order.filter, "state:failed");

    fixture_key(world, "a");
    assert_true(shows(world, "ALL 1,204 matching"));
    fixture_key(world, "u");
    assert_false(shows(world, "ALL 1,204 matching"));
    fixture_keys(world, "a Space a");
    assert_false(shows(world, "ALL 1,204 matching")); /* a mark in between: a page again */
    fixture_free(world);
}

static void r_on_all_that_match_orders_a_bulk_job_and_shows_it(void **state)
{
    (void)state;
    struct fixture *world = open_world("2 a a R");
    assert_true(shows(world, "1,201 operations."));
    assert_true(shows(world, "3 whose outcome is UNKNOWN"));
    assert_true(shows(world, "lockstep bulk start retry 'state:failed' --expect 1201"));

    confirm(world, "1201");

    assert_int_equal(world->bulk_starts, 1);
    assert_int_equal(world->acts, 0);
    assert_int_equal(world->last_order.verb, LS_VERB_RETRY);
    assert_int_equal(world->last_order.expect, 1201);
    assert_int_equal(world->last_order.rate, 20);
    assert_int_equal(world->last_order.canary, 5);
    assert_int_equal(world->last_order.abort_above, 20);
    assert_string_equal(world->last_order.reason, "INC-551");
    const struct ls_action_result made = {.new_op = 14, .why = {"bulk job 14"}};
    fixture_send(world, (struct ls_ui_message){
                            .kind = LS_UI_ACTED, .ticket = world->bulk_ticket, .acted = &made});
    assert_true(shows(world, "[9 Bulk]"));
    fixture_key(world, "2");
    assert_false(shows(world, "ALL 1,204 matching"));
    fixture_free(world);
}

static void a_bulk_jobs_numbers_are_looked_at_before_it_is_made(void **state)
{
    (void)state;
    struct fixture *world = open_world("2 a a X");
    fixture_keys(world, "BackTab BackTab BackTab Ctrl-U");
    fixture_type(world, "0");
    fixture_keys(world, "Tab Tab Tab");
    confirm(world, "1201");

    assert_int_equal(world->bulk_starts, 0);
    assert_true(shows(world, "rate: 1 to 1000 a second"));
    fixture_free(world);
}

static void a_job_is_aborted_resumed_and_its_targets_are_opened(void **state)
{
    (void)state;
    struct fixture *world = open_world("9 X");
    confirm(world, "700");
    assert_int_equal(world->last_action.verb, LS_VERB_BULK_ABORT);
    assert_int_equal(world->last_action.bulk_id, 14);
    fixture_free(world);

    world = open_world("9 j P");
    assert_true(shows(world, "lockstep bulk resume 13"));
    confirm(world, "295");
    assert_int_equal(world->last_action.verb, LS_VERB_BULK_RESUME);
    fixture_free(world);

    world = open_world("9 Enter j j");
    assert_true(shows(world, "Bulk > job 14 retry"));
    fixture_key(world, "Enter");
    assert_true(shows(world, "Bulk > op 481214"));
    fixture_keys(world, "Esc Esc");
    assert_true(shows(world, "[9 Bulk]"));
    assert_false(shows(world, "Bulk > job 14"));
    fixture_keys(world, "G X");
    assert_true(shows(world, "this job is over"));
    fixture_free(world);
}

static void alerts_go_on_behind_the_first_page(void **state)
{
    (void)state;
    static struct ls_alert_page page;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "6");
    fixture_fill_alerts(&page);
    page.has_more = true;
    world->elapsed_ms += 5000;
    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    struct ls_ui_message answer = {.kind = LS_UI_ALERTS, .alerts = &page};
    answer.ticket = world->requests.items[0].ticket;
    fixture_tell(world, answer);
    assert_true(fixture_shows(world, " and more; "));
    struct ls_ui_message key = {.kind = LS_UI_KEY, .key = {.code = LS_KEY_CHAR, .scalar = 'G'}};

    fixture_tell(world, key);
    key.key = (struct ls_key){.code = LS_KEY_PAGE_DOWN};
    fixture_tell(world, key);

    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_ALERTS);
    assert_int_equal(world->requests.items[0].before_seq, page.rows[page.count - 1].id);
    page.has_more = false;
    answer.ticket = world->requests.items[0].ticket;
    fixture_tell(world, answer);
    assert_true(fixture_shows(world, "201-"));
    key.key = (struct ls_key){.code = LS_KEY_PAGE_UP};
    fixture_tell(world, key);
    assert_int_equal(world->requests.items[0].before_seq, 0);
    fixture_free(world);
}

static void a_row_says_what_was_just_done_to_it(void **state)
{
    (void)state;
    struct fixture *world = open_world("2 R");
    confirm(world, "yes");
    assert_int_equal(world->acts, 1);
    const struct ls_action_result done = {.why = {"op 481200 is ready"}};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                               .ticket = world->act_tickets[0],
                                               .acted = &done});

    assert_true(shows(world, "retried 0s")); /* not "failed again": nothing newer was read */
    world->elapsed_ms += 12000;
    fixture_key(world, "2");
    assert_true(shows(world, "retried 12s"));
    world->elapsed_ms += 600000;
    fixture_key(world, "2");
    assert_false(shows(world, "retried"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_batch_is_retried_only_when_its_count_is_typed),
        cmocka_unit_test(what_failed_of_a_batch_is_frozen_and_looked_up_before_it_goes),
        cmocka_unit_test(an_atomic_batch_with_one_that_landed_does_not_go),
        cmocka_unit_test(a_batch_of_which_more_failed_than_a_dialog_takes_becomes_a_job),
        cmocka_unit_test(p_pauses_a_batch_by_its_gate_and_resumes_a_paused_one),
        cmocka_unit_test(a_key_that_can_not_act_on_a_batch_says_why),
        cmocka_unit_test(enter_shows_a_batchs_operations_and_esc_leads_back),
        cmocka_unit_test(batches_are_filtered_and_a_mistake_is_named),
        cmocka_unit_test(a_marks_the_page_and_a_again_means_all_that_match),
        cmocka_unit_test(r_on_all_that_match_orders_a_bulk_job_and_shows_it),
        cmocka_unit_test(a_bulk_jobs_numbers_are_looked_at_before_it_is_made),
        cmocka_unit_test(alerts_go_on_behind_the_first_page),
        cmocka_unit_test(a_row_says_what_was_just_done_to_it),
        cmocka_unit_test(a_job_is_aborted_resumed_and_its_targets_are_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
