/* Keys, dialogs and what they ask for, as scripts of key presses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void answer_act(struct fixture *world, int index, enum ls_code code, const char *text)
{
    struct ls_action_result result = {.err = {.code = code}};
    (void)snprintf(result.why.text, sizeof result.why.text, "%s", text);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                               .ticket = world->act_tickets[index],
                                               .acted = &result});
}

static void small_letters_never_ask_for_an_action(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    for (const char *screen = "1234678"; *screen != '\0'; screen++) {
        for (char letter = 'a'; letter <= 'z'; letter++) {
            const char screen_key[] = {*screen, '\0'};
            const char key[] = {letter, '\0'};
            fixture_keys(world, "Esc Esc");
            fixture_key(world, screen_key);
            fixture_key(world, key);
            fixture_keys(world, "y e s Enter Enter");
            assert_int_equal(world->acts, 0);
        }
    }
    fixture_free(world);
}

static void enter_alone_cancels_a_dialog(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R Enter");

    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "cancelled: nothing was changed"));
    fixture_free(world);
}

static void a_wrong_confirmation_cancels_and_changes_nothing(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R I N C Tab y e Enter");

    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "cancelled"));
    fixture_free(world);
}

static void a_retry_carries_id_version_and_reason(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 j R");
    fixture_type(world, "INC-551 outage");
    fixture_keys(world, "Enter y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_RETRY);
    assert_int_equal(world->last_action.op.value, 481207);
    assert_int_equal(world->last_action.expected_version, 481207 % 7 + 1);
    assert_string_equal(world->last_action.reason, "INC-551 outage");
    answer_act(world, 0, LS_CODE_OK, "op 481207 is ready");
    assert_true(fixture_shows(world, "op 481207 is ready"));
    fixture_free(world);
}

static void a_confirmation_without_a_reason_is_not_sent(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R Tab y e s Enter");

    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "a reason is required"));
    fixture_free(world);
}

static void marks_act_together_after_their_count_is_typed(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "2 Space Space Space R I N C Tab 2 Enter");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "R I N C Tab 3 Enter");
    assert_int_equal(world->acts, 3);
    answer_act(world, 0, LS_CODE_OK, "op 481200 is ready");
    answer_act(world, 2, LS_CODE_OK, "op 481214 is ready");
    answer_act(world, 1, LS_CODE_REFUSED, "op 481207 changed meanwhile");

    assert_true(fixture_shows(world, "2 of 3 sent: retry"));
    assert_true(fixture_shows(world, "NOT DONE  changed meanwhile"));
    assert_true(fixture_shows(world, "0 of 3 succeeded, 2 on their way, 1 not done"));
    fixture_key(world, "Esc");
    assert_true(fixture_shows(world, "1 marked"));
    fixture_free(world);
}

static void what_an_action_cannot_do_is_left_out_and_named(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "3 a H");

    assert_true(fixture_shows(world, "RELEASE operation 481215"));
    assert_true(fixture_shows(world, "Left out: 6 of those chosen"));
    fixture_free(world);
}

static void a_key_that_cannot_act_says_why(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "2 C");
    assert_true(fixture_shows(world, "C: compensate undoes what landed and needs a done"));
    fixture_keys(world, "3 R");
    assert_true(
        fixture_shows(world, "R: whether it landed is UNKNOWN: verify on chain first (v)"));
    fixture_keys(world, "1 X");
    assert_true(fixture_shows(world, "X does nothing here"));
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void resolve_takes_a_whole_signature_or_never(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "3 V");
    fixture_type(world, "landed?");
    fixture_keys(world, "Enter I N C Enter y e s Enter");
    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "type never, or paste the whole signature"));
    fixture_keys(world, "Esc V");
    fixture_type(world, "never");
    fixture_keys(world, "Enter I N C Enter y e s Enter");
    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_RESOLVE_NEVER);
    answer_act(world, 0, LS_CODE_OK, "done");

    fixture_key(world, "V");
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_PASTE,
                                      .paste = "2Ana1pUpv2ZbMVkwF5FXapYeBEjdxDatLn7nvJkhgTSX"
                                               "bs59SyZSx866bXirPgj8QQVB57uxHJBG1YFvkRbFj4T"});
    fixture_keys(world, "Enter I N C Enter y e s Enter");
    assert_int_equal(world->acts, 2);
    assert_int_equal(world->last_action.verb, LS_VERB_RESOLVE_LANDED);
    assert_int_equal(strlen(world->last_action.signature), 87);
    fixture_free(world);
}

static void an_acknowledgement_names_alert_version_and_time(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "6 A BackTab Ctrl-U 3 0 m Enter o n Enter y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_ALERT_ACK);
    assert_int_equal(world->last_action.alert_id, 121);
    assert_int_equal(world->last_action.expected_version, 2);
    assert_int_equal(world->last_action.duration_ms, 1800000);
    fixture_free(world);
}

static void an_acknowledgement_is_for_an_hour_unless_said(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "6 A o n Enter y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_string_equal(world->last_action.reason, "on");
    assert_int_equal(world->last_action.duration_ms, 3600000);
    fixture_free(world);
}

static void health_pauses_workers_and_lifts_gates(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "8 P o k Enter y e s Enter");
    assert_int_equal(world->last_action.verb, LS_VERB_WORKER_PAUSE);
    assert_int_equal(world->last_action.worker_id, 3);
    answer_act(world, 0, LS_CODE_OK, "paused");
    fixture_keys(world, "j P o k Enter y e s Enter");
    assert_int_equal(world->last_action.verb, LS_VERB_WORKER_RESUME);
    answer_act(world, 1, LS_CODE_OK, "resumed");
    fixture_keys(world, "j P o k Enter y e s Enter");
    assert_int_equal(world->last_action.verb, LS_VERB_GATE_OFF);
    assert_string_equal(world->last_action.selector, "kind:token.burn");
    fixture_free(world);
}

static void a_key_pressed_before_the_answer_is_said_to_be_dropped(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "8 P o k Enter y e s Enter j");
    assert_true(fixture_shows(world, "not answered yet: that key was dropped; Esc hides this"));
    fixture_keys(world, "Esc P");
    assert_true(fixture_shows(world, "another action is still under way"));
    assert_int_equal(world->acts, 1);
    fixture_keys(world, "j"); /* once it is hidden the screen takes keys */
    answer_act(world, 0, LS_CODE_OK, "worker 3 is paused");
    assert_true(fixture_shows(world, "worker 3 is paused"));
    fixture_keys(world, "P o k Enter y e s Enter");
    assert_int_equal(world->last_action.worker_id, 4);
    fixture_free(world);
}

static void d_on_health_drains_the_worker_under_the_cursor_and_nothing_else(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "8 j D o k Enter y e s Enter");
    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_WORKER_DRAIN);
    assert_int_equal(world->last_action.worker_id, 4);
    answer_act(world, 0, LS_CODE_OK, "drains");
    fixture_keys(world, "j D"); /* a gate */
    assert_true(fixture_shows(world, "drain ends a worker: move to one"));
    struct ls_dashboard facts = world->dashboard;
    facts.workers[0].is_alive = false;
    facts.workers[1].is_draining = true;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    fixture_keys(world, "k D");
    assert_true(fixture_shows(world, "that worker drains already"));
    fixture_keys(world, "k D");
    assert_true(fixture_shows(world, "that worker is silent"));
    assert_int_equal(world->acts, 1);
    fixture_free(world);
}

static void a_drained_embedded_worker_is_said_to_have_ended(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_ui_worker worker = {.worker_id = 3, .state = "stopped"};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_WORKER, .worker = &worker});
    assert_true(fixture_shows(world, "worker 3 ENDED"));
    fixture_free(world);
}

static void production_asks_once_more(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    struct ls_ui_options options = {.environment = "eu", .cluster = "mainnet-beta"};
    ls_ui_free(world->ui);
    world->ui = ls_ui_new(&options);
    fixture_resize(world, 80, 24);
    fixture_dashboard(world);

    fixture_keys(world, "2 R o k Enter y e s Enter");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "R o k Enter");
    assert_true(fixture_shows(world, "type yes PROD:"));
    fixture_type(world, "yes PROD");
    fixture_key(world, "Enter");
    assert_int_equal(world->acts, 1);
    fixture_free(world);
}

static void actions_refuse_when_the_facts_are_stale(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_key(world, "2");
    world->elapsed_ms += 12000;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    assert_true(fixture_shows(world, "STALE 10s"));
    fixture_key(world, "R");
    assert_true(fixture_shows(world, "R: STALE"));
    fixture_dashboard(world);
    assert_true(fixture_shows(world, " LIVE "));
    fixture_keys(world, "R o k Enter y e s Enter");
    assert_int_equal(world->acts, 1);
    fixture_free(world);
}

static void a_dialog_does_not_send_when_the_facts_became_stale(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R o k Enter y e s");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_FEED_LOST, .why = "gone"});
    fixture_key(world, "Enter");

    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "actions wait until the database answers"));
    fixture_free(world);
}

static void a_login_that_may_not_act_is_told_so(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_send(world,
                 (struct ls_ui_message){.kind = LS_UI_RIGHTS, .why = "role eve may not act"});

    fixture_keys(world, "2 R");

    assert_true(fixture_shows(world, "R: role eve may not act"));
    assert_true(fixture_shows(world, " RO "));
    fixture_free(world);
}

static void a_paste_is_taken_by_fields_alone_and_never_confirms(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    const struct ls_ui_message paste = {.kind = LS_UI_PASTE, .paste = "R\x1b[Ayes\n"};

    fixture_key(world, "2");
    fixture_send(world, paste);
    assert_true(fixture_shows(world, "it was dropped"));
    fixture_keys(world, "R o k Enter");
    fixture_send(world, paste);
    assert_true(fixture_shows(world, "typed, never pasted"));
    fixture_key(world, "Enter");
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

static void opening_a_dialog_drops_keys_that_were_typed_ahead(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 R");

    assert_int_equal(world->flushes, 1);
    fixture_free(world);
}

/* A key, and what it asks for is not answered yet: kept in `asked`. */
static void
key_unanswered(struct fixture *world, const char *name, struct ls_ui_requests *asked)
{
    struct ls_ui_message message = {.kind = LS_UI_KEY};
    assert_true(ls_key_parse(name, &message.key));
    fixture_tell(world, message);
    if (asked != NULL) *asked = world->requests;
    world->requests.count = 0;
}

static void what_is_typed_before_the_question_is_shown_does_nothing(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_ui_requests *asked = calloc(1, sizeof *asked);
    assert_non_null(asked);

    key_unanswered(world, "R", asked);
    assert_true(asked->count > 0);
    key_unanswered(world, "5", NULL);
    key_unanswered(world, "H", NULL);
    key_unanswered(world, "q", NULL);
    assert_true(fixture_shows(world, "that key was dropped; Esc gives up"));
    for (size_t i = 0; i < asked->count; i++) fixture_answer(world, &asked->items[i]);
    assert_true(fixture_shows(world, "RETRY"));
    assert_true(fixture_shows(world, "[2 Failed"));
    assert_int_equal(world->quits, 0);
    fixture_free(world);
    free(asked);
}

static void a_question_that_is_given_up_or_fails_is_not_asked_later(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_ui_requests *asked = calloc(1, sizeof *asked);
    assert_non_null(asked);

    key_unanswered(world, "R", asked);
    key_unanswered(world, "Esc", NULL);
    assert_true(fixture_shows(world, "given up: nothing was asked"));
    for (size_t i = 0; i < asked->count; i++) fixture_answer(world, &asked->items[i]);
    assert_false(fixture_shows(world, "cannot be undone"));

    fixture_key(world, "1");
    key_unanswered(world, "R", asked);
    for (size_t i = 0; i < asked->count; i++)
        fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OPS,
                                                   .ticket = asked->items[i].ticket,
                                                   .why = "canceled"});
    fixture_key(world, "5");
    assert_true(fixture_shows(world, "[5 Batches]"));
    fixture_key(world, "2");
    assert_false(fixture_shows(world, "cannot be undone"));
    fixture_free(world);
    free(asked);
}

static void the_twin_quotes_the_reason_for_a_shell(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "2 R");
    fixture_type(world, "it's $(ls)");

    assert_true(fixture_shows(world, "lockstep retry 481200 --reason 'it'\\''s $(ls)'"));
    fixture_free(world);
}

static void quitting_asks_when_the_worker_would_stop(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "q Enter");
    assert_int_equal(world->quits, 0);
    fixture_keys(world, "q y");
    assert_int_equal(world->quits, 1);
    fixture_free(world);
}

static void what_an_action_says_twice_counts_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 Space Space R o k Enter 2 Enter");
    answer_act(world, 0, LS_CODE_OK, "one");
    answer_act(world, 0, LS_CODE_OK, "one again");
    assert_true(fixture_shows(world, "1 of 2 answered"));
    answer_act(world, 1, LS_CODE_OK, "two");
    assert_true(fixture_shows(world, "2 of 2 sent: retry"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_letters_never_ask_for_an_action),
        cmocka_unit_test(enter_alone_cancels_a_dialog),
        cmocka_unit_test(a_wrong_confirmation_cancels_and_changes_nothing),
        cmocka_unit_test(a_retry_carries_id_version_and_reason),
        cmocka_unit_test(a_confirmation_without_a_reason_is_not_sent),
        cmocka_unit_test(marks_act_together_after_their_count_is_typed),
        cmocka_unit_test(what_an_action_cannot_do_is_left_out_and_named),
        cmocka_unit_test(a_key_that_cannot_act_says_why),
        cmocka_unit_test(resolve_takes_a_whole_signature_or_never),
        cmocka_unit_test(an_acknowledgement_names_alert_version_and_time),
        cmocka_unit_test(an_acknowledgement_is_for_an_hour_unless_said),
        cmocka_unit_test(health_pauses_workers_and_lifts_gates),
        cmocka_unit_test(a_key_pressed_before_the_answer_is_said_to_be_dropped),
        cmocka_unit_test(d_on_health_drains_the_worker_under_the_cursor_and_nothing_else),
        cmocka_unit_test(a_drained_embedded_worker_is_said_to_have_ended),
        cmocka_unit_test(production_asks_once_more),
        cmocka_unit_test(actions_refuse_when_the_facts_are_stale),
        cmocka_unit_test(a_dialog_does_not_send_when_the_facts_became_stale),
        cmocka_unit_test(a_login_that_may_not_act_is_told_so),
        cmocka_unit_test(a_paste_is_taken_by_fields_alone_and_never_confirms),
        cmocka_unit_test(opening_a_dialog_drops_keys_that_were_typed_ahead),
        cmocka_unit_test(what_is_typed_before_the_question_is_shown_does_nothing),
        cmocka_unit_test(a_question_that_is_given_up_or_fails_is_not_asked_later),
        cmocka_unit_test(the_twin_quotes_the_reason_for_a_shell),
        cmocka_unit_test(quitting_asks_when_the_worker_would_stop),
        cmocka_unit_test(what_an_action_says_twice_counts_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
