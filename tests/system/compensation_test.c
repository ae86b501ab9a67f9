/* What undoes what: the kind and payload of a compensation, and each refusal's reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

#define PAYER    "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"
#define CUSTODY  "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"
#define STRANGER "JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG"
#define MINT     "So11111111111111111111111111111111111111112"

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    database_run(hands, "SELECT lockstep.worker_hello(0, 'h', 1, '0', 3600000, 'g', '" PAYER
                        "', '{" PAYER "," CUSTODY "}')");
    return 0;
}

/* Enqueued, claimed, sent by PAYER and finalized. */
static int64_t done(const char *kind, const char *payload, const char *key)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.enqueue('%s', '%s', '%s')", kind, payload,
                   key);
    int64_t op = database_number(hands, sql);
    database_run(
        hands,
        "SELECT lockstep.worker_claim((SELECT max(id) FROM lockstep.worker), 1, false);"
        "SELECT lockstep.worker_intent(worker, ARRAY[id], ARRAY[token], ARRAY[1],"
        " ARRAY['sig' || id], '{hash}', '{150}', '{" PAYER "}', ARRAY['\\x01'::bytea],"
        " ARRAY[CASE WHEN kind IN (4, 8) THEN '" MINT
        "' END], '{0}', '{NULL}', '{NULL}') FROM lockstep.op WHERE state = 2;"
        "SELECT lockstep.worker_move(worker, ARRAY[id], ARRAY[token], '{6}', '{0}', '{0}',"
        " '{f}', ARRAY[NULL], ARRAY[NULL], '{1}', '{2}', '{f}', ARRAY['sig' || id], '{9}',"
        " ARRAY[NULL]) FROM lockstep.op WHERE state = 3");
    return op;
}

/* SIG stands for the signature of what is undone. */
static void expect_undone_by(int64_t op, const char *kind, const char *payload)
{
    char sql[256], got[1024], expected[1024], wanted[1024];
    (void)snprintf(sql, sizeof sql, "SELECT new_op FROM lockstep.compensate(%lld, 'r')",
                   (long long)op);
    int64_t undo = database_number(hands, sql);
    (void)snprintf(
        sql, sizeof sql,
        "SELECT n.name || ' ' || k.payload::text FROM lockstep.op_key k JOIN lockstep.kind n"
        " USING (kind) WHERE k.op = %lld",
        (long long)undo);
    database_text(hands, sql, got, sizeof got);
    (void)snprintf(wanted, sizeof wanted,
                   "SELECT replace('%s ' || '%s'::jsonb::text, 'SIG', 'sig%lld')", kind,
                   payload, (long long)op);
    database_text(hands, wanted, expected, sizeof expected);
    assert_string_equal(got, expected);
}

static void expect_refused(int64_t op, const char *words)
{
    char sql[128], sqlstate[6], message[512];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.compensate(%lld, 'r')", (long long)op);
    database_refused(hands, sql, sqlstate, message);
    assert_string_equal(sqlstate, "LS004");
    if (strstr(message, words) == NULL) fail_msg("%s", message);
}

static void a_memo_and_an_event_are_voided_by_their_signature(void **state)
{
    char payload[128];
    (void)state;
    int64_t memo = done("memo", "{\"text\":\"x\"}", "m");
    (void)snprintf(payload, sizeof payload, "{\"text\":\"void sig%lld\"}", (long long)memo);
    expect_undone_by(memo, "memo", payload);
    database_empty(hands);
    (void)setup(NULL);
    int64_t event = done("event", "{\"type\":\"t\",\"subject\":\"s\",\"document\":{}}", "e");
    (void)snprintf(payload, sizeof payload, "{\"text\":\"void sig%lld\"}", (long long)event);
    expect_undone_by(event, "memo", payload);
}

static void minted_tokens_are_burnt_where_we_hold_the_key(void **state)
{
    (void)state;
    int64_t mint = done("token.create_mint", "{\"decimals\":0}", "share");
    int64_t ours =
        done("token.mint_to",
             "{\"mint\":{\"key\":\"share\"},\"to\":\"" CUSTODY "\",\"amount\":\"5\"}", "issue");
    int64_t theirs =
        done("token.mint_to",
             "{\"mint\":\"" MINT "\",\"to\":\"" STRANGER "\",\"amount\":\"5\"}", "i2");

    expect_undone_by(ours, "token.burn",
                     "{\"mint\":\"" MINT "\",\"from\":\"" CUSTODY "\",\"amount\":\"5\"}");
    expect_refused(theirs, "belong now to " STRANGER ", and no living worker can sign");
    expect_undone_by(
        mint, "program.invoke",
        "{\"program\":\"TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA\",\"accounts\":"
        "[{\"address\":\"" MINT "\",\"writable\":true},{\"address\":\"" PAYER
        "\",\"signer\":true}],\"data\":{\"hex\":\"060000\"},\"void\":\"SIG\"}");
}

static void a_mint_of_the_other_program_is_revoked_there(void **state)
{
    (void)state;
    int64_t mint =
        done("token.create_mint", "{\"decimals\":0,\"program\":\"token-2022\"}", "share");

    expect_undone_by(
        mint, "program.invoke",
        "{\"program\":\"TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb\",\"accounts\":"
        "[{\"address\":\"" MINT "\",\"writable\":true},{\"address\":\"" PAYER
        "\",\"signer\":true}],\"data\":{\"hex\":\"060000\"},\"void\":\"SIG\"}");
}

#define SYSTEM "11111111111111111111111111111111"

static void an_account_goes_back_while_it_is_the_system_programs(void **state)
{
    (void)state;
    int64_t plain = done("account.create", "{\"space\":0,\"owner\":\"" SYSTEM "\"}", "acct");
    int64_t large = done("account.create", "{\"space\":1,\"owner\":\"" SYSTEM "\"}", "large");
    int64_t owned = done("account.create", "{\"space\":0,\"owner\":\"" STRANGER "\"}", "owned");

    expect_undone_by(plain, "sol.transfer",
                     "{\"from\":{\"key\":\"acct\"},\"to\":\"" PAYER
                     "\",\"lamports\":\"all\",\"void\":\"SIG\"}");
    database_run(hands, "UPDATE lockstep.kind SET value_limit = 5 WHERE name = 'sol.transfer'");
    assert_int_equal(
        database_number(hands, "SELECT count(*) FROM lockstep.worker_claim((SELECT max(id) FROM"
                               " lockstep.worker), 1, false) WHERE is_strict"),
        1);
    database_run(hands, "UPDATE lockstep.kind SET value_limit = NULL");
    expect_refused(large, "its account has data");
    expect_refused(owned, "belongs to program " STRANGER);
}

static void an_invocation_is_undone_as_its_payload_says(void **state)
{
    (void)state;
    int64_t silent = done("program.invoke", "{\"program\":\"" STRANGER "\"}", "i1");
    int64_t foreign = done("program.invoke",
                           "{\"program\":\"" STRANGER "\",\"compensate\":{\"program\":\"" SYSTEM
                           "\",\"accounts\":[{\"address\":\"" STRANGER "\",\"signer\":true}]}}",
                           "i2");
    int64_t ours = done("program.invoke",
                        "{\"program\":\"" STRANGER "\",\"compensate\":{\"program\":\"" STRANGER
                        "\",\"accounts\":[{\"address\":\"" CUSTODY
                        "\",\"signer\":true}],\"data\":{\"utf8\":\"back\"}}}",
                        "i3");

    expect_refused(silent, "gives no instruction for that");
    expect_refused(foreign, "must be signed by " STRANGER);
    expect_undone_by(ours, "program.invoke",
                     "{\"program\":\"" STRANGER "\",\"accounts\":[{\"address\":\"" CUSTODY
                     "\",\"signer\":true}],\"data\":{\"utf8\":\"back\"},\"void\":\"SIG\"}");
}

static void transferred_tokens_return_where_we_hold_the_key(void **state)
{
    (void)state;
    int64_t from_payer =
        done("token.transfer",
             "{\"mint\":\"" MINT "\",\"to\":\"" CUSTODY "\",\"amount\":\"5\"}", "t1");
    int64_t between = done("token.transfer",
                           "{\"mint\":\"" MINT "\",\"from\":\"" CUSTODY "\",\"to\":\"" PAYER
                           "\",\"amount\":\"7\"}",
                           "t2");
    int64_t away =
        done("token.transfer",
             "{\"mint\":\"" MINT "\",\"to\":\"" STRANGER "\",\"amount\":\"5\"}", "t3");

    expect_undone_by(from_payer, "token.transfer",
                     "{\"mint\":\"" MINT "\",\"from\":\"" CUSTODY "\",\"to\":\"" PAYER
                     "\",\"amount\":\"5\"}");
    expect_undone_by(between, "token.transfer",
                     "{\"mint\":\"" MINT "\",\"from\":\"" PAYER "\",\"to\":\"" CUSTODY
                     "\",\"amount\":\"7\"}");
    expect_refused(away, "no living worker can sign");
}

static void lamports_return_where_we_hold_the_key(void **state)
{
    (void)state;
    int64_t paid = done("sol.transfer", "{\"to\":\"" CUSTODY "\",\"lamports\":\"5\"}", "s1");
    int64_t away = done("sol.transfer", "{\"to\":\"" STRANGER "\",\"lamports\":\"5\"}", "s2");

    expect_undone_by(paid, "sol.transfer",
                     "{\"from\":\"" CUSTODY "\",\"to\":\"" PAYER
                     "\",\"lamports\":\"5\",\"void\":\"SIG\"}");
    expect_refused(away, "belong now to " STRANGER ", and no living worker can sign");
}

static void burns_are_left_for_a_person(void **state)
{
    (void)state;
    int64_t burnt = done("token.burn", "{\"mint\":\"" MINT "\",\"amount\":\"5\"}", "b");

    expect_refused(burnt, "what was burnt is gone");
}

static void without_a_living_worker_nobody_can_sign(void **state)
{
    (void)state;
    int64_t ours = done("token.mint_to",
                        "{\"mint\":\"" MINT "\",\"to\":\"" CUSTODY "\",\"amount\":\"5\"}", "i");
    database_run(hands, "SELECT lockstep.worker_bye(id) FROM lockstep.worker");

    expect_refused(ours, "no living worker can sign");
}

static void a_cancelled_compensation_may_be_made_anew(void **state)
{
    char sql[160];
    (void)state;
    int64_t memo = done("memo", "{\"text\":\"x\"}", "m");
    (void)snprintf(sql, sizeof sql, "SELECT new_op FROM lockstep.compensate(%lld, 'r')",
                   (long long)memo);
    int64_t first = database_number(hands, sql);
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.cancel(%lld, 'r')", (long long)first);
    database_run(hands, sql);
    (void)snprintf(sql, sizeof sql, "SELECT sub FROM lockstep.history WHERE id = %lld",
                   (long long)memo);
    assert_int_equal(database_number(hands, sql), 42);

    (void)snprintf(sql, sizeof sql, "SELECT new_op FROM lockstep.compensate(%lld, 'r')",
                   (long long)memo);
    assert_true(database_number(hands, sql) > first);
}

static void a_failed_compensation_is_retried_not_doubled(void **state)
{
    char words[64];
    (void)state;
    int64_t memo = done("memo", "{\"text\":\"x\"}", "m");
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT new_op FROM lockstep.compensate(%lld, 'r')",
                   (long long)memo);
    int64_t undo = database_number(hands, sql);
    database_run(
        hands,
        "SELECT lockstep.worker_claim((SELECT max(id) FROM lockstep.worker), 1, false);"
        "SELECT lockstep.worker_move(worker, ARRAY[id], ARRAY[token], '{5}', '{0}', '{0}',"
        " '{f}', '{Broken}', ARRAY[NULL], '{0}', '{0}', '{f}', ARRAY[NULL], '{0}',"
        " ARRAY[NULL]) FROM lockstep.op WHERE state = 2");

    (void)snprintf(words, sizeof words, "is op %lld: retry or cancel that one",
                   (long long)undo);
    expect_refused(memo, words);
}

static void expect_key_of_undo(int64_t op, const char *key)
{
    char sql[128], got[256];
    (void)snprintf(sql, sizeof sql, "SELECT new_op FROM lockstep.compensate(%lld, 'r')",
                   (long long)op);
    const int64_t undo = database_number(hands, sql);
    (void)snprintf(sql, sizeof sql, "SELECT key FROM lockstep.op_key WHERE op = %lld",
                   (long long)undo);
    database_text(hands, sql, got, sizeof got);
    assert_string_equal(got, key);
}

/* What may have landed for it already is found by the key that it had then. */
static void what_was_there_before_the_upgrade_keeps_its_form(void **state)
{
    char sql[512], key[32], message[512], sqlstate[6];
    (void)state;
    int64_t before = done("memo", "{\"text\":\"x\"}", "4711");
    int64_t again = done("memo", "{\"text\":\"y\"}", "again");
    database_run(hands,
                 "UPDATE lockstep.meta SET ids_until = (SELECT max(op) FROM lockstep.op_key)");
    (void)snprintf(key, sizeof key, "ls:comp:%lld", (long long)before);
    expect_key_of_undo(before, key);
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.compensate(%lld, 'r')", (long long)before);
    database_refused(hands, sql, sqlstate, message);
    assert_string_equal(sqlstate, "LS004");

    /* A second form of before, still alive. */
    (void)snprintf(key, sizeof key, "ls:comp:%lld", (long long)again);
    expect_key_of_undo(again, key);
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.op_key SET key = key || ':9' WHERE key = '%s';"
                   "UPDATE lockstep.op SET key = key || ':9' WHERE key = '%s';"
                   "UPDATE lockstep.history SET sub = 42 WHERE id = %lld",
                   key, key, (long long)again);
    database_run(hands, sql);
    expect_refused(again, "retry or cancel that one");
    database_run(hands, "UPDATE lockstep.meta SET ids_until = 0");
}

/* An operation of before whose id is the key of a later one. */
static void a_key_that_looks_like_an_id_is_nobody_elses(void **state)
{
    char key[32], undo[64];
    (void)state;
    int64_t before = done("memo", "{\"text\":\"x\"}", "old");
    database_run(hands,
                 "UPDATE lockstep.meta SET ids_until = (SELECT max(op) FROM lockstep.op_key)");
    (void)snprintf(key, sizeof key, "%lld", (long long)before);
    int64_t later = done("memo", "{\"text\":\"y\"}", key);

    (void)snprintf(undo, sizeof undo, "ls:comp:%s", key);
    expect_key_of_undo(before, undo);
    (void)snprintf(undo, sizeof undo, "ls:undo:%s", key);
    expect_key_of_undo(later, undo);
    database_run(hands, "UPDATE lockstep.meta SET ids_until = 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_memo_and_an_event_are_voided_by_their_signature, setup),
        cmocka_unit_test_setup(minted_tokens_are_burnt_where_we_hold_the_key, setup),
        cmocka_unit_test_setup(transferred_tokens_return_where_we_hold_the_key, setup),
        cmocka_unit_test_setup(lamports_return_where_we_hold_the_key, setup),
        cmocka_unit_test_setup(burns_are_left_for_a_person, setup),
        cmocka_unit_test_setup(a_mint_of_the_other_program_is_revoked_there, setup),
        cmocka_unit_test_setup(an_account_goes_back_while_it_is_the_system_programs, setup),
        cmocka_unit_test_setup(an_invocation_is_undone_as_its_payload_says, setup),
        cmocka_unit_test_setup(without_a_living_worker_nobody_can_sign, setup),
        cmocka_unit_test_setup(a_cancelled_compensation_may_be_made_anew, setup),
        cmocka_unit_test_setup(a_failed_compensation_is_retried_not_doubled, setup),
        cmocka_unit_test_setup(what_was_there_before_the_upgrade_keeps_its_form, setup),
        cmocka_unit_test_setup(a_key_that_looks_like_an_id_is_nobody_elses, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    int failures = cmocka_run_group_tests_name("compensation", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
