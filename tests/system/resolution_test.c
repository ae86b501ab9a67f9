/* Above its kind's value limit an ambiguous operation is resolved by two persons or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/store/session.h"

static PGconn *hands, *ann, *bob;

/* An ambiguous transfer of 1000 lamports under a limit of `limit`. */
static void make_ambiguous(const char *limit)
{
    char sql[256];
    database_empty(hands);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.kind SET value_limit = %s WHERE name = 'sol.transfer'",
                   limit);
    database_run(hands, sql);
    database_run(
        hands,
        "SELECT lockstep.enqueue('sol.transfer', '{\"to\":\"11111111111111111111111111111112\","
        "\"lamports\":\"1000\"}', 'k');"
        "UPDATE lockstep.op SET state = 4, sub = 31;"
        "INSERT INTO lockstep.attempt (op, last_valid_height, worker, created_at, attempt,"
        " signature, blockhash, signer, tx) SELECT id, 1, 1, now(), 1, 'sig', 'h', 'p', '\\x01'"
        " FROM lockstep.op");
}

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    make_ambiguous("999");
    return 0;
}

static void say(PGconn *person, const char *words)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.resolve_%s FROM lockstep.op_facts WHERE key = 'k'", words);
    database_run(person, sql);
}

static void is_refused(PGconn *person, const char *words, const char *part)
{
    char sql[256], code[6], message[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.resolve_%s FROM lockstep.op_facts WHERE key = 'k'", words);
    database_refused(person, sql, code, message);
    assert_string_equal(code, "LS004");
    assert_non_null(strstr(message, part));
}

static int64_t state_of(void)
{
    return database_number(hands, "SELECT state FROM lockstep.op");
}

static void one_person_is_not_enough(void **state)
{
    (void)state;
    say(ann, "never(id, 'looked at two explorers')");
    assert_int_equal(state_of(), 4);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.resolutions"
                                            " WHERE login = 't_ann' AND verdict = 'never'"),
                     1);
    is_refused(ann, "never(id, 'once more')", "second person");
    assert_int_equal(state_of(), 4);

    say(bob, "never(id, 'so did I')");

    assert_int_equal(state_of(), 5);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.resolutions"), 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit_log"
                                            " WHERE action = 'resolve.never'"),
                     2);
}

static void take_texts(void *self, const char *const *texts)
{
    int *count = self;
    ++*count;
    assert_string_equal(texts[2], "landed sig");
    assert_string_equal(texts[3], "t_ann");
    assert_string_equal(texts[5], "seen on the explorer");
    assert_non_null(strstr(texts[6], "lockstep resolve "));
    assert_non_null(strstr(texts[6], " --landed sig --reason TEXT"));
}

static void what_waits_for_a_second_person_is_listed_with_what_confirms_it(void **state)
{
    struct ls_why why = {0};
    int count = 0;
    (void)state;
    ls_session *session = session_open_url(database_url());
    say(ann, "landed(id, 'sig', 'seen on the explorer')");

    assert_false(
        ls_failed(ls_session_list(session, LS_LIST_RESOLUTIONS, 0, take_texts, &count, &why)));
    assert_int_equal(count, 1);
    say(bob, "landed(id, 'sig', 'so did I')");

    assert_false(
        ls_failed(ls_session_list(session, LS_LIST_RESOLUTIONS, 0, take_texts, &count, &why)));
    assert_int_equal(count, 1);
    ls_session_free(session);
}

static void two_who_disagree_resolve_nothing(void **state)
{
    (void)state;
    say(ann, "never(id, 'r')");
    say(bob, "landed(id, 'sig', 'r')");
    assert_int_equal(state_of(), 4);

    say(ann, "landed(id, 'sig', 'bob is right')");

    assert_int_equal(state_of(), 3);
}

static void what_was_said_of_another_version_does_not_count(void **state)
{
    (void)state;
    say(ann, "never(id, 'r')");
    database_run(hands, "UPDATE lockstep.op SET version = version + 1");

    say(bob, "never(id, 'r')");

    assert_int_equal(state_of(), 4);
    say(ann, "never(id, 'r')");
    assert_int_equal(state_of(), 5);
}

static void below_the_limit_one_person_decides(void **state)
{
    (void)state;
    make_ambiguous("1000");
    say(ann, "never(id, 'r')");
    assert_int_equal(state_of(), 5);
    make_ambiguous("NULL");
    say(ann, "never(id, 'r')");
    assert_int_equal(state_of(), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_person_is_not_enough, setup),
        cmocka_unit_test_setup(what_waits_for_a_second_person_is_listed_with_what_confirms_it,
                               setup),
        cmocka_unit_test_setup(two_who_disagree_resolve_nothing, setup),
        cmocka_unit_test_setup(what_was_said_of_another_version_does_not_count, setup),
        cmocka_unit_test_setup(below_the_limit_one_person_decides, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error; CREATE ROLE t_ann LOGIN;"
                        "CREATE ROLE t_bob LOGIN; GRANT lockstep_operator TO t_ann, t_bob");
    ann = database_open(database_url_as("t_ann"));
    bob = database_open(database_url_as("t_bob"));
    int failures = cmocka_run_group_tests_name("resolution", tests, NULL, NULL);
    PQfinish(ann);
    PQfinish(bob);
    PQfinish(hands);
    return failures;
}
