/* Notes, soft claims, silences, holds on new work, undo, and other people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

/* Type a reason, confirm, go. */
static void confirm(struct fixture *world, const char *reason)
{
    fixture_type(world, reason);
    fixture_keys(world, "Tab y e s Enter");
}

static void a_note_lands_on_the_operation_under_the_cursor(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 j N");
    assert_true(fixture_shows(world, "lockstep note add 'op:481207' ''"));
    fixture_keys(world, "Tab y e s Enter");
    assert_true(fixture_shows(world, "a note needs words"));
    fixture_keys(world, "BackTab");
    fixture_type(world, "asked the bank");
    fixture_keys(world, "Enter");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_NOTE);
    assert_string_equal(world->last_action.selector, "op 481207");
    assert_string_equal(world->last_action.reason, "asked the bank");
    fixture_free(world);
}

static void enter_leads_from_an_alert_to_what_it_is_about(void **state)
{
    (void)state;
    static const struct {
        const char *rule, *subject, *screen;
    } cases[] = {{"failed", "", "Failed"},
                 {"held", "", "Stuck"},
                 {"lag", "", "Queue"},
                 {"endpoint", "rpc-b", "Health"},
                 {"batch", "batch 7", "Batches"},
                 {"late_landing", "op 481207", "Operation"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture *world = fixture_new(100, 30, false);
        world->alert_rule = cases[i].rule;
        world->alert_subject = cases[i].subject;
        fixture_keys(world, "6 g Enter");
        if (strstr(ls_ui_screen(world->ui), cases[i].screen) == NULL)
            print_message("%s leads to %s\n", cases[i].rule, ls_ui_screen(world->ui));
        assert_non_null(strstr(ls_ui_screen(world->ui), cases[i].screen));
        fixture_free(world);
    }
}

static void an_alert_takes_a_note_too(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "6 N");
    confirm(world, "known");
    assert_string_equal(world->last_action.selector, "alert 121");
    fixture_free(world);
}

static void a_batch_takes_a_note_and_shows_the_newest(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_people desk;
    fixture_keys(world, "5 N");
    confirm(world, "asked HR");
    assert_int_equal(world->last_action.verb, LS_VERB_NOTE);
    assert_string_equal(world->last_action.selector, "batch 2210");

    desk = (struct ls_people){
        .note_count = 1,
        .notes = {{.target = "batch 2210", .login = "op2", .body = "asked HR, wait"}}};
    desk.notes[0].at_ms = fixture_now_ms - 5 * FIXTURE_MINUTE_MS;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DESK, .desk = &desk});
    fixture_keys(world, "Esc");
    assert_true(fixture_shows(world, "Note of op2, 5m ago: asked HR, wait"));
    fixture_free(world);
}

static void acknowledging_marks_claims_each_for_a_time(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 Space Space A I N C Tab 2 Enter");

    assert_int_equal(world->acts, 2);
    assert_int_equal(world->last_action.verb, LS_VERB_CLAIM);
    assert_string_equal(world->last_action.selector, "op 481207");
    assert_int_equal(world->last_action.duration_ms, 3600000);
    assert_int_equal(world->checks, 0);
    fixture_free(world);
}

static void what_somebody_else_has_is_said_and_stops_nobody(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 Space j Space R");
    assert_true(fixture_shows(world, "op2 has op 481214 since 3m, 57m left: asking the bank"));
    fixture_type(world, "INC");
    fixture_keys(world, "Tab 2 Enter");
    assert_int_equal(world->acts, 2);
    fixture_free(world);
}

static void a_claimed_cause_warns_for_its_operations(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    (void)snprintf(world->desk.claims[0].target, sizeof world->desk.claims[0].target,
                   "cause InsufficientFunds");
    fixture_desk(world);
    fixture_keys(world, "2 H");
    assert_true(fixture_shows(world, "op2 has cause InsufficientFunds"));
    fixture_free(world);
}

static void a_cause_is_acknowledged_on_the_dashboard(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "1 A");
    confirm(world, "funding it");
    assert_int_equal(world->last_action.verb, LS_VERB_CLAIM);
    assert_string_equal(world->last_action.selector, "cause BlockhashNotFound");
    fixture_free(world);
}

/* Neither has a cause of its own: who has the one has not the other. */
static void groups_without_a_cause_are_claimed_each_by_itself(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_dashboard(world);
    world->dashboard.cause_count = 2;
    world->dashboard.causes[0] = (struct ls_cause_row){
        .state = LS_STATE_BLOCKED, .sub = LS_SUB_ENTITY, .is_stuck = true, .count = 5};
    world->dashboard.causes[1] = (struct ls_cause_row){
        .state = LS_STATE_SUBMITTED, .sub = LS_SUB_SENT, .is_stuck = true, .count = 2};
    fixture_tell(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
    (void)snprintf(world->desk.claims[0].target, sizeof world->desk.claims[0].target,
                   "cause waits behind its entity");
    fixture_desk(world);
    fixture_keys(world, "1");
    assert_true(fixture_shows(world, "op2 57m left"));
    assert_true(fixture_shows(world, "v  verify on chain"));

    fixture_keys(world, "j A");
    confirm(world, "looking");

    assert_string_equal(world->last_action.selector, "cause no confirmation");
    fixture_free(world);
}

static void what_i_have_is_given_up_by_the_same_key(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->desk.claims[0].is_mine = true;
    fixture_desk(world);
    fixture_keys(world, "2 j j A");
    assert_true(fixture_shows(world, "GIVE UP op 481214"));
    confirm(world, "over to op2");
    assert_int_equal(world->last_action.verb, LS_VERB_CLAIM_RELEASE);
    fixture_free(world);
}

static void a_rule_is_silenced_and_heard_again(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "6 M");
    assert_true(fixture_shows(world, "lockstep alert silence 'held' --for 1h --reason ''"));
    confirm(world, "deploy");
    assert_int_equal(world->last_action.verb, LS_VERB_SILENCE);
    assert_string_equal(world->last_action.selector, "held");
    struct ls_action_result done = {0};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                               .ticket = world->act_tickets[0],
                                               .acted = &done});
    world->desk.silence_count = 1;
    world->desk.silences[0] = (struct ls_claim){.target = "held", .login = "op1"};
    fixture_desk(world);
    fixture_keys(world, "M");
    assert_true(fixture_shows(world, "HEAR the rule held"));
    confirm(world, "deployed");
    assert_int_equal(world->last_action.verb, LS_VERB_UNSILENCE);
    fixture_free(world);
}

static void undo_says_what_it_takes_back_and_names_the_entry(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "4 Z");
    assert_true(
        fixture_shows(world, "You acknowledged alert 118: entry 88214 of the audit log"));
    assert_true(fixture_shows(world, "lockstep undo --entry 88214 --reason ''"));
    confirm(world, "wrong one");
    assert_int_equal(world->last_action.verb, LS_VERB_UNDO);
    assert_int_equal(world->last_action.expected_version, 88214);
    fixture_free(world);
}

static void with_nothing_to_undo_the_key_says_so(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    world->desk.undo_seq = 0;
    fixture_desk(world);
    fixture_keys(world, "2 Z");
    assert_true(fixture_shows(world, "Z: you have no acknowledgement"));
    fixture_free(world);
}

static void new_work_is_held_for_what_is_looked_at(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 j Enter W");
    assert_true(fixture_shows(world, "lockstep gate on 'entity:org-4'"));
    confirm(world, "their bank is down");
    assert_int_equal(world->last_action.verb, LS_VERB_GATE_ON);
    assert_string_equal(world->last_action.selector, "entity:org-4");
    fixture_free(world);
}

static void everything_is_held_from_health_and_a_hold_shows_everywhere(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    assert_true(fixture_shows(world, "1 HOLD"));
    fixture_resize(world, 140, 30);
    assert_true(fixture_shows(world, "HOLD kind:token.burn op1 10m"));
    fixture_keys(world, "8 W");
    assert_true(fixture_shows(world, "lockstep gate on 'all'"));
    fixture_keys(world, "Esc");
    (void)snprintf(world->dashboard.gates[0].selector, 8, "all");
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
    assert_true(fixture_shows(world, "HOLD all op1 10m"));
    fixture_keys(world, "W");
    assert_true(fixture_shows(world, "LIFT the gate all"));
    fixture_free(world);
}

static void others_are_in_the_header_and_on_health(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(140, 30, false);
    assert_true(fixture_shows(world, "with op2"));
    fixture_keys(world, "8");
    assert_true(fixture_shows(world, "lockstep_op (op2@bastion) 20m, looks at Failed"));
    fixture_free(world);
}

static void the_shell_is_told_what_is_looked_at(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "6");
    assert_string_equal(ls_ui_screen(world->ui), "Alerts");
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_lands_on_the_operation_under_the_cursor),
        cmocka_unit_test(enter_leads_from_an_alert_to_what_it_is_about),
        cmocka_unit_test(an_alert_takes_a_note_too),
        cmocka_unit_test(a_batch_takes_a_note_and_shows_the_newest),
        cmocka_unit_test(acknowledging_marks_claims_each_for_a_time),
        cmocka_unit_test(what_somebody_else_has_is_said_and_stops_nobody),
        cmocka_unit_test(a_claimed_cause_warns_for_its_operations),
        cmocka_unit_test(groups_without_a_cause_are_claimed_each_by_itself),
        cmocka_unit_test(a_cause_is_acknowledged_on_the_dashboard),
        cmocka_unit_test(what_i_have_is_given_up_by_the_same_key),
        cmocka_unit_test(a_rule_is_silenced_and_heard_again),
        cmocka_unit_test(undo_says_what_it_takes_back_and_names_the_entry),
        cmocka_unit_test(with_nothing_to_undo_the_key_says_so),
        cmocka_unit_test(new_work_is_held_for_what_is_looked_at),
        cmocka_unit_test(everything_is_held_from_health_and_a_hold_shows_everywhere),
        cmocka_unit_test(others_are_in_the_header_and_on_health),
        cmocka_unit_test(the_shell_is_told_what_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
