/* Notes, soft claims, silences, presence, and undo of the last of them, by two people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/store/people.h"

static PGconn *hands, *ann, *bob;

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    database_empty(hands);
    database_run(hands, "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k');"
                        "UPDATE lockstep.op SET state = 5, cause = 'Broken'");
    return 0;
}

static int64_t op_id(void)
{
    return database_number(hands, "SELECT id FROM lockstep.op");
}

static void on_op(PGconn *person, const char *call)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, call, (long long)op_id());
    database_run(person, sql);
}

static void fire(const char *rule, int severity)
{
    char sql[200];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.alert_fire('%s', '', %d::smallint, 'm')",
                   rule, severity);
    database_run(hands, sql);
}

static void says(PGconn *person, const char *sql, const char *code, const char *part)
{
    char state[6], message[512];
    database_refused(person, sql, state, message);
    assert_string_equal(state, code);
    if (strstr(message, part) == NULL) fail_msg("\"%s\" does not say \"%s\"", message, part);
}

static void a_note_is_seen_audited_and_taken_back_by_its_author_alone(void **state)
{
    (void)state;
    on_op(ann, "SELECT lockstep.note_add('op %lld', 'asked the bank')");
    assert_int_equal(database_number(bob, "SELECT count(*) FROM lockstep.notes"
                                          " WHERE login = 't_ann' AND body = 'asked the bank'"),
                     1);
    says(bob, "SELECT lockstep.undo_last(0, 'r')", "LS004", "you have no acknowledgement");

    database_run(ann, "SELECT lockstep.undo_last(0, 'wrong operation')");

    assert_int_equal(database_number(bob, "SELECT count(*) FROM lockstep.notes"), 0);
    assert_int_equal(database_number(bob,
                                     "SELECT count(*) FROM lockstep.audit_log WHERE actor ="
                                     " 't_ann' AND action IN ('note', 'undo')"),
                     2);
    says(ann, "SELECT lockstep.undo_last(0, 'r')", "LS004", "you have no acknowledgement");
}

static void notes_stand_on_what_exists(void **state)
{
    (void)state;
    says(ann, "SELECT lockstep.note_add('op 99999', 'x')", "P0002", "no operation 99999");
    says(ann, "SELECT lockstep.note_add('batch 7', 'x')", "P0002", "no batch 7");
    says(ann, "SELECT lockstep.note_add('table x', 'x')", "LS003", "write op:ID");
    says(ann, "SELECT lockstep.note_add('op 1', ' ')", "LS003", "needs a reason");
}

static void a_claimed_operation_asks_for_nobody_until_it_is_over(void **state)
{
    (void)state;
    static const char asks[] = "SELECT count(*) FROM lockstep.causes(10)";
    assert_int_equal(database_number(ann, asks), 1);
    on_op(ann, "SELECT lockstep.claim_take('op %lld', 'mine', p_duration_ms => 3600000)");
    assert_int_equal(database_number(ann, asks), 0);
    assert_int_equal(database_number(ann, "SELECT state FROM lockstep.op_facts"), 5);
    on_op(bob, "SELECT lockstep.claim_take('op %lld', 'urgent', p_duration_ms => 60000)");
    assert_int_equal(
        database_number(ann, "SELECT count(*) FROM lockstep.claims_now WHERE login = 't_bob'"),
        1);
    says(ann, "SELECT lockstep.undo_last(0, 'r')", "LS004", "was changed since");

    database_run(bob, "SELECT lockstep.undo_last(0, 'ann has it')");
    assert_int_equal(
        database_number(ann, "SELECT count(*) FROM lockstep.claims_now WHERE login = 't_ann'"),
        1);
    database_run(hands, "UPDATE lockstep.claim SET until = now()");
    assert_int_equal(database_number(ann, asks), 1);
}

static void an_undone_acknowledgement_fires_as_before(void **state)
{
    (void)state;
    fire("age", 1);
    database_run(ann, "SELECT lockstep.alert_ack(id, 'on it') FROM lockstep.alerts");
    assert_int_equal(
        database_number(ann, "SELECT count(*) FROM lockstep.alerts WHERE state = 'acked'"), 1);

    database_run(ann, "SELECT lockstep.undo_last(0, 'not mine')");

    assert_int_equal(database_number(ann, "SELECT count(*) FROM lockstep.alerts WHERE state ="
                                          " 'firing' AND owner IS NULL"),
                     1);
    database_run(ann, "SELECT lockstep.alert_ack(id, 'on it') FROM lockstep.alerts");
    database_run(bob, "SELECT lockstep.alert_ack(id, 'I take it') FROM lockstep.alerts");
    says(ann, "SELECT lockstep.undo_last(0, 'r')", "LS004", "not as you left it");
}

static void undo_takes_back_what_was_seen_as_the_last(void **state)
{
    (void)state;
    on_op(ann, "SELECT lockstep.note_add('op %lld', 'one')");
    int64_t seq = database_number(ann, "SELECT seq FROM lockstep.undoable");
    on_op(ann, "SELECT lockstep.note_add('op %lld', 'two')");
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.undo_last(%lld, 'r')", (long long)seq);
    says(ann, sql, "LS005", "another one now: note of op");
    database_run(ann, "SELECT lockstep.undo_last(0, 'r')");
    assert_int_equal(
        database_number(ann, "SELECT count(*) FROM lockstep.notes WHERE body = 'one'"), 1);
}

static void a_silenced_rule_measures_and_is_heard_when_it_is_over(void **state)
{
    (void)state;
    static const char quiet[] = "SELECT count(*) FROM lockstep.alerts WHERE rule = 'age' AND"
                                " state = 'acked' AND owner = 't_ann'";
    fire("age", 1);
    database_run(ann, "SELECT lockstep.alert_silence('age', 'deploy', p_duration_ms => 60000)");
    assert_int_equal(database_number(ann, quiet), 1);
    assert_int_equal(database_number(hands, "SELECT (lockstep.alert_fire('age', '',"
                                            " 2::smallint, 'worse') IS NULL)::int"),
                     1);
    assert_int_equal(database_number(ann,
                                     "SELECT count(*) FROM lockstep.alerts WHERE severity ="
                                     " 'critical' AND message = 'worse'"),
                     1);
    database_run(hands, "SELECT lockstep.alert_end('age', '')");
    assert_int_equal(database_number(hands, "SELECT (lockstep.alert_fire('age', '',"
                                            " 1::smallint, 'anew') IS NULL)::int"),
                     1);
    assert_int_equal(database_number(ann, quiet), 1);

    database_run(hands, "UPDATE lockstep.silence SET until = now();"
                        "UPDATE lockstep.alert SET acked_until = now() WHERE state = 1");

    assert_int_equal(database_number(hands,
                                     "SELECT (lockstep.alert_fire('age', '', 1::smallint,"
                                     " 'anew') = 'worse')::int"),
                     1);
    assert_int_equal(
        database_number(ann, "SELECT count(*) FROM lockstep.alerts WHERE state = 'firing'"), 1);
    assert_int_equal(database_number(ann, "SELECT count(*) FROM lockstep.silences"), 0);
}

static void unsilence_and_undo_let_a_rule_be_heard_at_once(void **state)
{
    (void)state;
    static const char firing[] = "SELECT count(*) FROM lockstep.alerts WHERE state = 'firing'";
    fire("age", 1);
    database_run(ann, "SELECT lockstep.alert_silence('age', 'deploy')");
    assert_int_equal(database_number(ann, firing), 0);
    says(bob, "SELECT lockstep.alert_unsilence('held', 'r')", "LS004", "is not silenced");
    database_run(bob, "SELECT lockstep.alert_unsilence('age', 'too loud to miss')");
    assert_int_equal(database_number(ann, firing), 1);
    database_run(ann, "SELECT lockstep.alert_silence('age', 'deploy')");
    database_run(ann, "SELECT lockstep.undo_last(0, 'done early')");
    assert_int_equal(database_number(ann, firing), 1);
    assert_int_equal(database_number(ann, "SELECT count(*) FROM lockstep.silences"), 0);
}

static void a_repeated_request_acts_once(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        on_op(ann, "SELECT lockstep.note_add('op %lld', 'one', "
                   "'\\x000102030405060708090a0b0c0d0e0f')");
    }
    assert_int_equal(database_number(ann, "SELECT count(*) FROM lockstep.notes"), 1);
    for (int i = 0; i < 2; i++) {
        database_run(
            ann, "SELECT lockstep.undo_last(0, 'r', '\\x100102030405060708090a0b0c0d0e0f')");
    }
    assert_int_equal(database_number(ann, "SELECT count(*) FROM lockstep.audit_log"
                                          " WHERE action = 'undo'"),
                     1);
}

static void presence_comes_goes_and_expires(void **state)
{
    (void)state;
    static const uint8_t id[16] = {1, 2, 3};
    struct ls_why why = {0};
    const struct ls_presence_beat beat = {
        .id = id, .os_user = "ann", .host = "bastion", .screen = "Dash", .pid = 7};
    ls_session *session = session_open_url(database_url_as("t_ann"));
    struct ls_people *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);

    assert_false(ls_failed(ls_session_presence(session, &beat, &why)));
    assert_false(ls_failed(ls_session_presence(session, &beat, &why)));
    assert_false(ls_failed(ls_session_people(session, desk, &why)));
    assert_int_equal(desk->presence_count, 1);
    assert_string_equal(desk->presences[0].login, "t_ann");
    assert_string_equal(desk->presences[0].screen, "Dash");
    database_run(hands, "UPDATE lockstep.presence SET seen_at = now() - interval '21 seconds'");
    assert_false(ls_failed(ls_session_people(session, desk, &why)));
    assert_int_equal(desk->presence_count, 0);
    assert_false(ls_failed(ls_session_presence(session, &beat, &why)));
    assert_false(ls_failed(ls_session_presence_end(session, id, &why)));
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.presence"), 0);
    free(desk);
    ls_session_free(session);
}

static void the_desk_is_read_whole(void **state)
{
    (void)state;
    struct ls_why why = {0};
    ls_session *session = session_open_url(database_url_as("t_ann"));
    struct ls_people *desk = calloc(1, sizeof *desk);
    assert_non_null(desk);
    database_run(ann, "SELECT lockstep.claim_take('cause Broken', 'mine')");
    database_run(bob, "SELECT lockstep.alert_silence('age', 'deploy')");

    assert_false(ls_failed(ls_session_people(session, desk, &why)));

    assert_non_null(ls_people_claim(desk, "cause Broken"));
    assert_null(ls_people_claim_of_op(desk, (ls_op_id){op_id()}));
    assert_string_equal(ls_people_silence(desk, "age")->login, "t_bob");
    assert_string_equal(desk->undo_action, "claim");
    free(desk);
    ls_session_free(session);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_note_is_seen_audited_and_taken_back_by_its_author_alone,
                               setup),
        cmocka_unit_test_setup(notes_stand_on_what_exists, setup),
        cmocka_unit_test_setup(a_claimed_operation_asks_for_nobody_until_it_is_over, setup),
        cmocka_unit_test_setup(an_undone_acknowledgement_fires_as_before, setup),
        cmocka_unit_test_setup(undo_takes_back_what_was_seen_as_the_last, setup),
        cmocka_unit_test_setup(a_silenced_rule_measures_and_is_heard_when_it_is_over, setup),
        cmocka_unit_test_setup(unsilence_and_undo_let_a_rule_be_heard_at_once, setup),
        cmocka_unit_test_setup(a_repeated_request_acts_once, setup),
        cmocka_unit_test_setup(presence_comes_goes_and_expires, setup),
        cmocka_unit_test_setup(the_desk_is_read_whole, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error; CREATE ROLE t_ann LOGIN;"
                        "CREATE ROLE t_bob LOGIN; GRANT lockstep_operator TO t_ann, t_bob");
    ann = database_open(database_url_as("t_ann"));
    bob = database_open(database_url_as("t_bob"));
    int failures = cmocka_run_group_tests_name("desk", tests, NULL, NULL);
    PQfinish(ann);
    PQfinish(bob);
    PQfinish(hands);
    return failures;
}
