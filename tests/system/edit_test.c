/* A failed operation gets a new payload under its key, where nothing of the old one landed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

static PGconn *hands, *ann, *bob;

#define TO "11111111111111111111111111111112"

/* A failed transfer of 1000 lamports with one dead attempt, under a value limit. */
static void make_failed(const char *limit)
{
    char sql[256];
    database_empty(hands);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.kind SET value_limit = %s WHERE name = 'sol.transfer'",
                   limit);
    database_run(hands, sql);
    database_run(
        hands,
        "SELECT lockstep.enqueue('sol.transfer', '{\"to\":\"" TO
        "\",\"lamports\":\"1000\"}', 'k');"
        "UPDATE lockstep.op SET state = 5, attempts_made = 1, attempts_round = 1;"
        "INSERT INTO lockstep.attempt (op, last_valid_height, worker, created_at, attempt,"
        " state, evidence, signature, blockhash, signer, tx) SELECT id, 1, 1, now(), 1, 1,"
        " '{\"height\":9}', 'sig', 'h', 'p', '\\x01' FROM lockstep.op");
}

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    make_failed("NULL");
    return 0;
}

static void edit(PGconn *person, const char *lamports)
{
    char sql[300];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.edit(id, '{\"to\":\"" TO
                   "\",\"lamports\":\"%s\"}', 'typo', p_version => version)"
                   " FROM lockstep.op_facts WHERE key = 'k'",
                   lamports);
    database_run(person, sql);
}

static void is_refused(PGconn *person, const char *payload, const char *code, const char *part)
{
    char sql[400], state[6], message[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.edit(id, '%s', 'typo') FROM lockstep.op_facts"
                   " WHERE key = 'k'",
                   payload);
    database_refused(person, sql, state, message);
    assert_string_equal(state, code);
    if (strstr(message, part) == NULL) fail_msg("\"%s\" does not say \"%s\"", message, part);
}

static int64_t lamports_now(void)
{
    return database_number(hands,
                           "SELECT (payload ->> 'lamports')::bigint FROM lockstep.op_key");
}

static void a_new_payload_is_ready_and_the_old_one_is_kept(void **state)
{
    (void)state;
    edit(ann, "2000");
    assert_int_equal(lamports_now(), 2000);
    assert_int_equal(database_number(hands, "SELECT state FROM lockstep.op"), 0);
    assert_int_equal(database_number(hands, "SELECT attempts_round FROM lockstep.op"), 0);
    assert_int_equal(database_number(ann, "SELECT (payload_before ->> 'lamports')::bigint FROM"
                                          " lockstep.edits WHERE login = 't_ann'"),
                     1000);
    assert_int_equal(database_number(ann,
                                     "SELECT count(*) FROM lockstep.audit_log WHERE action ="
                                     " 'edit' AND canonical::jsonb -> 'payload' ->>"
                                     " 'lamports' = '1000' AND canonical::jsonb ->"
                                     " 'edited' ->> 'lamports' = '2000'"),
                     1);
}

static void its_key_answers_to_the_first_and_to_the_newest_content_alone(void **state)
{
    (void)state;
    char code[6], message[512];
    edit(ann, "2000");
    database_run(hands, "UPDATE lockstep.op SET state = 5");
    edit(ann, "3000");
    assert_int_equal(database_number(hands,
                                     "SELECT count(DISTINCT id) FROM (SELECT lockstep.enqueue("
                                     "'sol.transfer', '{\"to\":\"" TO
                                     "\",\"lamports\":\"1000\"}', 'k') AS id UNION ALL"
                                     " SELECT lockstep.enqueue('sol.transfer', '{\"to\":\"" TO
                                     "\",\"lamports\":\"3000\"}', 'k')) AS both_known"),
                     1);
    database_refused(hands,
                     "SELECT lockstep.enqueue('sol.transfer', '{\"to\":\"" TO
                     "\",\"lamports\":\"2000\"}', 'k')",
                     code, message);
    assert_string_equal(code, "LS001");
}

static void what_is_not_certain_is_not_edited(void **state)
{
    (void)state;
    static const char other[] = "{\"to\":\"" TO "\",\"lamports\":\"7\"}";
    database_run(hands, "UPDATE lockstep.attempt SET state = 0");
    is_refused(ann, other, "LS004", "may still land");
    database_run(hands, "UPDATE lockstep.attempt SET state = 1,"
                        " evidence = '{\"vouched_by\":\"bob\"}'");
    is_refused(ann, other, "LS004", "a person's word");
    database_run(hands, "INSERT INTO lockstep.look (request, op, answered_at, outcome) SELECT"
                        " uuid_send(gen_random_uuid()), id, now(), 2 FROM lockstep.op");
    is_refused(ann, other, "LS004", "on the ledger");
    database_run(hands, "UPDATE lockstep.look SET outcome = 1");
    edit(ann, "7");
    assert_int_equal(lamports_now(), 7);
}

static void states_and_payloads_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const char other[] = "{\"to\":\"" TO "\",\"lamports\":\"7\"}";
    is_refused(ann, "{\"to\":\"" TO "\",\"lamports\":\"1000\"}", "LS003", "nothing to edit");
    is_refused(ann, "{\"to\":\"x\",\"lamports\":\"7\"}", "LS003", "to");
    is_refused(ann, "{\"to\":\"" TO "\"}", "LS003", "lamports");
    is_refused(ann, "{\"to\":\"" TO "\",\"lamports\":\"7\",\"tip\":\"1\"}", "LS003", "tip");
    database_run(hands, "UPDATE lockstep.op SET state = 3, sub = 20");
    is_refused(ann, other, "LS004", "edit needs a failed or held operation");
    database_run(hands, "UPDATE lockstep.op SET state = 4, sub = 31");
    is_refused(ann, other, "LS004", "verify on chain first");
    assert_int_equal(lamports_now(), 1000);
}

static void above_the_limit_two_persons_say_the_same(void **state)
{
    (void)state;
    make_failed("1500");
    edit(ann, "9000");
    assert_int_equal(lamports_now(), 1000);
    edit(bob, "8000");
    assert_int_equal(lamports_now(), 1000);
    edit(ann, "8000");
    assert_int_equal(lamports_now(), 8000);
}

static void a_share_of_a_supply_is_claimed_anew(void **state)
{
    (void)state;
    static const char mint[] =
        "SELECT lockstep.enqueue('token.mint_to', '{\"mint\":{\"key\":\"m\"},"
        "\"to\":\"" TO "\",\"amount\":\"%s\"}', '%s')";
    char sql[300];
    database_empty(hands);
    database_run(hands, "SELECT lockstep.enqueue('token.create_mint', '{\"decimals\":0,"
                        "\"max_supply\":\"100\"}', 'm')");
    (void)snprintf(sql, sizeof sql, mint, "60", "k");
    database_run(hands, sql);
    database_run(hands, "UPDATE lockstep.op SET state = 5 WHERE key = 'k'");

    is_refused(ann, "{\"mint\":{\"key\":\"m\"},\"to\":\"" TO "\",\"amount\":\"101\"}", "LS006",
               "max_supply of 100");
    database_run(ann, "SELECT lockstep.edit(id, '{\"mint\":{\"key\":\"m\"},\"to\":\"" TO
                      "\",\"amount\":\"90\"}', 'typo') FROM lockstep.op_facts WHERE key = 'k'");

    assert_int_equal(database_number(hands, "SELECT claimed::bigint FROM lockstep.supplies"),
                     90);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_new_payload_is_ready_and_the_old_one_is_kept, setup),
        cmocka_unit_test_setup(its_key_answers_to_the_first_and_to_the_newest_content_alone,
                               setup),
        cmocka_unit_test_setup(what_is_not_certain_is_not_edited, setup),
        cmocka_unit_test_setup(states_and_payloads_that_do_not_fit_are_refused, setup),
        cmocka_unit_test_setup(above_the_limit_two_persons_say_the_same, setup),
        cmocka_unit_test_setup(a_share_of_a_supply_is_claimed_anew, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error; CREATE ROLE t_ann LOGIN;"
                        "CREATE ROLE t_bob LOGIN; GRANT lockstep_operator TO t_ann, t_bob");
    ann = database_open(database_url_as("t_ann"));
    bob = database_open(database_url_as("t_bob"));
    int failures = cmocka_run_group_tests_name("edit", tests, NULL, NULL);
    PQfinish(ann);
    PQfinish(bob);
    PQfinish(hands);
    return failures;
}
