/* lockstep.enqueue as an application meets it: what it takes, and every refusal by its
 * SQLSTATE and the words that name the field and the cure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/solana/intent.h"

#define ADDRESS "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    return 0;
}

static int64_t enqueue(const char *arguments)
{
    char sql[2048];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.enqueue(%s)", arguments);
    return database_number(hands, sql);
}

struct refusal {
    const char *arguments;
    const char *sqlstate;
    const char *words; /* somewhere in the message */
};

static void expect_refusals(const struct refusal *refusals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char sql[2048], sqlstate[6], message[512];
        (void)snprintf(sql, sizeof sql, "SELECT lockstep.enqueue(%s)", refusals[i].arguments);
        database_refused(hands, sql, sqlstate, message);
        if (strcmp(sqlstate, refusals[i].sqlstate) != 0 ||
            strstr(message, refusals[i].words) == NULL)
            fail_msg("%s: %s %s", refusals[i].arguments, sqlstate, message);
    }
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.op"), 0);
}

static void a_wrong_argument_is_refused_by_name(void **state)
{
    const struct refusal refusals[] = {
        {"'memo', '{\"text\":\"x\"}', NULL", "LS003", "key must be"},
        {"'memo', '{\"text\":\"x\"}', ''", "LS003", "key must be"},
        {"'memo', '{\"text\":\"x\"}', repeat('k', 201)", "LS003", "key must be"},
        {"'memo', '{\"text\":\"x\"}', E'a\\nb'", "LS003", "key must be"},
        {"'memo', '{\"text\":\"x\"}', 'ls:a'", "LS003", "reserved"},
        {"'nonsense', '{}', 'k'", "LS003", "there is no kind \"nonsense\""},
        {"NULL, '{}', 'k'", "LS003", "there is no kind"},
        {"'memo', '{\"text\":\"x\"}', 'k', ''", "LS003", "entity must be"},
        {"'memo', '{\"text\":\"x\"}', 'k', NULL, 4::smallint", "LS003", "lane 4"},
        {"'memo', '{\"text\":\"x\"}', 'k', NULL, NULL", "LS003", "lane NULL"},
        {"'memo', '{\"text\":\"x\"}', 'k', run_at => 'infinity'", "LS003", "run_at"},
        {"'nonce', '{\"do\":\"create\"}', 'k'", "LS003", "lockstep nonce create"},
        {"'memo', '{\"text\":\"x\"}', 'k', fence => 'wall'", "LS003", "no fence \"wall\""},
        {"'memo', '{\"text\":\"x\"}', 'k', batch => 1", "LS003", "batch"},
    };
    (void)state;
    expect_refusals(refusals, sizeof refusals / sizeof refusals[0]);
}

/* The database takes what the worker can build, to the byte. */
static void texts_of_an_event_are_as_long_as_the_worker_takes_them(void **state)
{
    char sql[512], code[6], message[512];
    (void)state;
    const struct {
        const char *field, *other;
        int most;
    } fields[] = {{"type", "subject", LS_INTENT_TYPE_BYTES_MAX},
                  {"subject", "type", LS_INTENT_SUBJECT_BYTES_MAX}};
    for (size_t i = 0; i < 2; i++) {
        const char form[] = "SELECT lockstep.enqueue('event', jsonb_build_object('%s',"
                            " repeat('x', %d), '%s', 's', 'document', '{}'::jsonb), 'k%d')";
        (void)snprintf(sql, sizeof sql, form, fields[i].field, fields[i].most, fields[i].other,
                       (int)i);
        database_run(hands, sql);
        (void)snprintf(sql, sizeof sql, form, fields[i].field, fields[i].most + 1,
                       fields[i].other, 9);
        database_refused(hands, sql, code, message);
        assert_string_equal(code, "LS003");
    }
}

static void a_wrong_memo_or_event_is_refused_by_field(void **state)
{
    const struct refusal refusals[] = {
        {"'memo', NULL, 'k'", "LS003", "payload must be a JSON object"},
        {"'memo', '[]', 'k'", "LS003", "payload must be a JSON object"},
        {"'memo', '{}', 'k'", "LS003", "\"text\": is missing"},
        {"'memo', '{\"text\":1}', 'k'", "LS003", "\"text\": must be a string, not number"},
        {"'memo', '{\"text\":\"\"}', 'k'", "LS003", "\"text\": is 0 bytes"},
        {"'memo', jsonb_build_object('text', repeat('x', 701)), 'k'", "LS003", "is 701 bytes"},
        {"'memo', '{\"text\":\"x\",\"to\":\"y\"}', 'k'", "LS003", "\"to\": is not known here"},
        {"'memo', jsonb_build_object('text', repeat('x', 20000)), 'k'", "LS003", "16384"},
        {"'event', jsonb_build_object('type', 't', 'subject', 's', 'document',"
         " (repeat('{\"a\":', 64) || '1' || repeat('}', 64))::jsonb), 'k'",
         "LS003", "nested deeper"},
        {"'event', '{\"subject\":\"s\",\"document\":{}}', 'k'", "LS003",
         "\"type\": is missing"},
        {"'event', '{\"type\":\"t\",\"document\":{}}', 'k'", "LS003", "\"subject\""},
        {"'event', '{\"type\":\"t\",\"subject\":\"s\"}', 'k'", "LS003", "\"document\""},
        {"'event', '{\"type\":\"t\",\"subject\":\"s\",\"document\":[]}', 'k'", "LS003",
         "\"document\": must be a JSON object"},
        {"'event', '{\"type\":\"t\",\"subject\":\"s\",\"document\":"
         "{\"a\":[{\"b\":9007199254740993}]}}', 'k'",
         "LS003", "beyond 2^53"},
    };
    (void)state;
    expect_refusals(refusals, sizeof refusals / sizeof refusals[0]);
}

static void a_wrong_transfer_or_token_is_refused_by_field(void **state)
{
    const struct refusal refusals[] = {
        {"'sol.transfer', '{\"lamports\":\"1\"}', 'k'", "LS003", "\"to\": is missing"},
        {"'sol.transfer', '{\"to\":\"0OIl\",\"lamports\":\"1\"}', 'k'", "LS003",
         "\"0OIl\" is not an address"},
        {"'sol.transfer', '{\"to\":\"" ADDRESS "1\",\"lamports\":\"1\"}', 'k'", "LS003",
         "is not an address"},
        {"'sol.transfer', '{\"to\":\"" ADDRESS "\",\"lamports\":1}', 'k'", "LS003",
         "write the amount as a string"},
        {"'sol.transfer', '{\"to\":\"" ADDRESS
         "\",\"lamports\":\"18446744073709551616\"}', 'k'",
         "LS003", "\"lamports\""},
        {"'sol.transfer', '{\"to\":\"" ADDRESS "\",\"lamports\":\"-1\"}', 'k'", "LS003",
         "\"lamports\""},
        {"'sol.transfer', '{\"to\":\"" ADDRESS "\",\"lamports\":\"0\"}', 'k'", "LS003",
         "from 1 to"},
        {"'sol.transfer', '{\"to\":\"" ADDRESS "\",\"lamports\":\"01\"}', 'k'", "LS003",
         "\"lamports\""},
        {"'token.create_mint', '{}', 'k'", "LS003", "\"decimals\""},
        {"'token.create_mint', '{\"decimals\":10}', 'k'", "LS003", "\"decimals\""},
        {"'token.create_mint', '{\"decimals\":1.5}', 'k'", "LS003", "\"decimals\""},
        {"'token.create_mint', '{\"decimals\":0,\"program\":\"token-2022\",\"name\":\"\"}', "
         "'k'",
         "LS003", "\"name\": is empty"},
        {"'token.create_mint', '{\"decimals\":0,\"program\":\"token-2022\",\"symbol\":1}', 'k'",
         "LS003", "\"symbol\": must be a string"},
        {"'token.create_mint', jsonb_build_object('decimals', 0, 'program', 'token-2022', "
         "'name', repeat('n', 250), 'uri', repeat('u', 251)), 'k'",
         "LS003", "501 bytes together"},
        {"'token.create_mint', '{\"decimals\":0,\"program\":\"x\"}', 'k'", "LS003",
         "\"program\""},
        {"'token.create_mint', '{\"decimals\":0,\"max_supply\":5}', 'k'", "LS003",
         "\"max_supply\": write the amount as a string"},
        {"'token.create_mint', '{\"decimals\":0,\"max_supply\":\"0\"}', 'k'", "LS003",
         "\"max_supply\""},
        {"'token.create_mint', '{\"decimals\":0,\"uri\":\"u\"}', 'k'", "LS003",
         "\"uri\": stands on chain with"},
        {"'token.mint_to', '{\"mint\":{\"key\":\"nobody\"},\"to\":\"" ADDRESS
         "\",\"amount\":\"5\"}', 'k'",
         "LS002", "\"nobody\""},
        {"'token.mint_to', '{\"mint\":{\"name\":\"x\"},\"to\":\"" ADDRESS
         "\",\"amount\":\"5\"}', 'k'",
         "LS003", "\"mint\": must be"},
        {"'token.mint_to', '{\"mint\":\"" ADDRESS "\",\"amount\":\"5\"}', 'k'", "LS003",
         "\"to\": is missing"},
        {"'token.mint_to', '{\"mint\":\"" ADDRESS "\",\"to\":\"" ADDRESS "\"}', 'k'", "LS003",
         "\"amount\": is missing"},
        {"'token.burn', '{\"mint\":\"" ADDRESS "\",\"from\":\"x\",\"amount\":\"5\"}', 'k'",
         "LS003", "\"from\""},
        {"'token.transfer', '{\"mint\":\"" ADDRESS "\",\"amount\":\"5\"}', 'k'", "LS003",
         "\"to\": is missing"},
    };
    (void)state;
    expect_refusals(refusals, sizeof refusals / sizeof refusals[0]);
}

#define INVOKE(more_) "'program.invoke', '{\"program\":\"" ADDRESS "\"" more_ "}', 'k'"

static void a_wrong_account_or_instruction_is_refused_by_field(void **state)
{
    const struct refusal refusals[] = {
        {"'account.create', '{\"owner\":\"" ADDRESS "\"}', 'k'", "LS003", "\"space\""},
        {"'account.create', '{\"space\":\"1\",\"owner\":\"" ADDRESS "\"}', 'k'", "LS003",
         "\"space\""},
        {"'account.create', '{\"space\":10485761,\"owner\":\"" ADDRESS "\"}', 'k'", "LS003",
         "10485760"},
        {"'account.create', '{\"space\":1}', 'k'", "LS003", "\"owner\": is missing"},
        {"'program.invoke', '{}', 'k'", "LS003", "\"program\": is missing"},
        {INVOKE(",\"void\":\"x\""), "LS003", "\"void\": is not known"},
        {INVOKE(",\"accounts\":{}"), "LS003", "\"accounts\": must be a list"},
        {INVOKE(",\"accounts\":[1]"), "LS003", "\"accounts\": each must be an object"},
        {INVOKE(",\"accounts\":[{\"address\":\"x\"}]"), "LS003", "\"x\" is not an address"},
        {INVOKE(",\"accounts\":[{\"address\":\"" ADDRESS "\",\"signer\":1}]"), "LS003",
         "\"signer\": must be true or false"},
        {INVOKE(",\"data\":{}"), "LS003", "\"data\": must be one of"},
        {INVOKE(",\"data\":{\"utf8\":1}"), "LS003", "\"data\": must be one of"},
        {INVOKE(",\"data\":{\"hex\":\"0\"}"), "LS003", "is not valid hexadecimal"},
        {INVOKE(",\"data\":{\"base64\":\"QQ\"}"), "LS003", "is not valid base64"},
        {INVOKE(",\"data\":{\"base64\":\"QR==\"}"), "LS003", "is not valid base64"},
        {INVOKE(",\"data\":{\"json\":[9007199254740993]}"), "LS003", "beyond 2^53"},
        {"'program.invoke', '{\"program\":\"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr\","
         "\"data\":{\"hex\":\"6c73313a58\"}}', 'k'",
         "LS003", "marks memos of operations"},
        {INVOKE(",\"compensate\":{\"data\":{}}"), "LS003", "\"program\": is missing"},
        {INVOKE(",\"compensate\":{\"program\":\"" ADDRESS "\",\"compensate\":{}}"), "LS003",
         "\"compensate\": is not known"},
        {"'program.invoke', jsonb_build_object('program', '" ADDRESS "', 'data', "
         "jsonb_build_object('hex', repeat('00', 1025))), 'k'",
         "LS003", "is 1025 bytes"},
        {"'program.invoke', jsonb_build_object('program', '" ADDRESS "', 'data', "
         "jsonb_build_object('utf8', repeat('x', 1024)), 'accounts', "
         "'[{\"address\":\"" ADDRESS "\",\"signer\":true},"
         "{\"address\":\"11111111111111111111111111111111\",\"signer\":true}]'::jsonb), 'k'",
         "LS003", "1232 fit"},
    };
    (void)state;
    expect_refusals(refusals, sizeof refusals / sizeof refusals[0]);
}

static void a_mint_named_by_key_must_be_a_mint(void **state)
{
    char sqlstate[6], message[512];
    (void)state;
    (void)enqueue("'memo', '{\"text\":\"x\"}', 'note'");

    database_refused(hands,
                     "SELECT lockstep.enqueue('token.mint_to', '{\"mint\":{\"key\":\"note\"},"
                     "\"to\":\"" ADDRESS "\",\"amount\":\"5\"}', 'k')",
                     sqlstate, message);

    assert_string_equal(sqlstate, "LS003");
    assert_non_null(strstr(message, "belongs to a memo"));
}

static void every_kind_is_taken(void **state)
{
    const char *const good[] = {
        "'memo', '{\"text\":\"x\"}', 'memo'",
        "'event', '{\"type\":\"t\",\"subject\":\"s\",\"document\":{\"n\":9007199254740992}}', "
        "'e'",
        "'sol.transfer', '{\"to\":\"11111111111111111111111111111111\","
        "\"lamports\":\"18446744073709551615\"}', 'sol'",
        "'token.create_mint', '{\"decimals\":9,\"program\":\"token\"}', 'mint'",
        "'token.mint_to', '{\"mint\":{\"key\":\"mint\"},\"to\":\"" ADDRESS
        "\",\"amount\":\"5\"}', 'issue'",
        "'token.burn', '{\"mint\":\"" ADDRESS "\",\"amount\":\"5\"}', 'burn'",
        "'token.transfer', '{\"mint\":\"" ADDRESS "\",\"from\":\"" ADDRESS
        "\",\"to\":\"" ADDRESS
        "\",\"amount\":\"5\"}', 'move', 'entity', 3::smallint, now() + '1 day', 'expiry'",
        "'account.create', '{\"space\":10485760,\"owner\":\"" ADDRESS "\"}', 'account'",
        INVOKE(""),
        "'program.invoke', '{\"program\":\"" ADDRESS "\",\"accounts\":[{\"address\":\"" ADDRESS
        "\",\"writable\":true}],\"data\":{\"base64\":\"QUI=\"},\"compensate\":{\"program\":"
        "\"" ADDRESS "\",\"data\":{\"json\":{\"b\":1}}}}', 'invoke'",
    };
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) assert_true(enqueue(good[i]) > 0);
}

static void addresses_are_base58_of_exactly_32_bytes(void **state)
{
    (void)state;
    assert_int_equal(
        database_number(
            hands,
            "SELECT count(*) FROM (VALUES"
            " ('11111111111111111111111111111111'), ('" ADDRESS "'),"
            " ('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'),"
            " ('JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFG')) AS v (a)" /* 32 bytes of 0xff */
            " WHERE lockstep.is_address(a)"),
        4);
    assert_int_equal(
        database_number(hands,
                        "SELECT count(*) FROM (VALUES"
                        " (''), ('1'), ('1111111111111111111111111111111')," /* 31 zero bytes */
                        " ('111111111111111111111111111111111'),"            /* 33 zero bytes */
                        " ('JEKNVnkbo3jma5nREBBJCDoXFVeKkD56V3xKrvRmWxFH')," /* one more than 32
                                                                                bytes hold */
                        " ('0kenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'),"
                        " ('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5D ')) AS v (a)"
                        " WHERE lockstep.is_address(a)"),
        0);
}

static void the_same_enqueue_twice_is_one_operation(void **state)
{
    (void)state;
    int64_t first = enqueue("'memo', '{\"text\":\"x\"}', 'k', 'e', 1::smallint");

    int64_t again = enqueue("'memo', '{ \"text\" : \"x\" }', 'k', 'e', 3::smallint,"
                            " now() + '1 hour', 'expiry'");

    assert_int_equal(again, first);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.op"), 1);
}

static void the_same_key_for_other_content_says_what_differs(void **state)
{
    const struct refusal refusals[] = {
        {"'memo', '{\"text\":\"y\"}', 'k', 'e'", "LS001", "another payload"},
        {"'memo', '{\"text\":\"x\"}', 'k'", "LS001", "another entity"},
        {"'event', '{\"text\":\"x\"}', 'k', 'e'", "LS001", "another kind"},
    };
    (void)state;
    (void)enqueue("'memo', '{\"text\":\"x\"}', 'k', 'e'");
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char sql[512], sqlstate[6], message[512];
        (void)snprintf(sql, sizeof sql, "SELECT lockstep.enqueue(%s)", refusals[i].arguments);
        database_refused(hands, sql, sqlstate, message);
        assert_string_equal(sqlstate, refusals[i].sqlstate);
        assert_non_null(strstr(message, refusals[i].words));
    }
}

static void an_enqueue_that_is_rolled_back_never_was(void **state)
{
    (void)state;
    database_run(hands, "BEGIN");
    (void)enqueue("'memo', '{\"text\":\"x\"}', 'k'");
    database_run(hands, "ROLLBACK");

    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.op_key"), 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.count_delta"), 0);
}

static void two_transactions_with_one_key_make_one_operation(void **state)
{
    (void)state;
    PGconn *other = database_open(database_url());
    database_run(hands, "BEGIN");
    int64_t first = enqueue("'memo', '{\"text\":\"x\"}', 'k'");
    assert_int_equal(
        PQsendQuery(other, "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k')"), 1);

    database_run(hands, "COMMIT");

    PGresult *result = PQgetResult(other);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    assert_int_equal(strtoll(PQgetvalue(result, 0, 0), NULL, 10), first);
    PQclear(result);
    PQfinish(other);
}

static void status_tells_state_and_cause_by_key(void **state)
{
    char text[128];
    (void)state;
    int64_t op = enqueue("'memo', '{\"text\":\"x\"}', 'k', run_at => now() + '1 hour'");

    database_text(hands, "SELECT state || ' ' || sub FROM lockstep.status('k')", text,
                  sizeof text);
    assert_string_equal(text, "ready scheduled");
    assert_int_equal(database_number(hands, "SELECT id FROM lockstep.status('k')"), op);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.status('none') s"
                                            " WHERE s.id IS NOT NULL"),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_wrong_argument_is_refused_by_name, setup),
        cmocka_unit_test_setup(texts_of_an_event_are_as_long_as_the_worker_takes_them, setup),
        cmocka_unit_test_setup(a_wrong_memo_or_event_is_refused_by_field, setup),
        cmocka_unit_test_setup(a_wrong_transfer_or_token_is_refused_by_field, setup),
        cmocka_unit_test_setup(a_wrong_account_or_instruction_is_refused_by_field, setup),
        cmocka_unit_test_setup(a_mint_named_by_key_must_be_a_mint, setup),
        cmocka_unit_test_setup(every_kind_is_taken, setup),
        cmocka_unit_test_setup(addresses_are_base58_of_exactly_32_bytes, setup),
        cmocka_unit_test_setup(the_same_enqueue_twice_is_one_operation, setup),
        cmocka_unit_test_setup(the_same_key_for_other_content_says_what_differs, setup),
        cmocka_unit_test_setup(an_enqueue_that_is_rolled_back_never_was, setup),
        cmocka_unit_test_setup(two_transactions_with_one_key_make_one_operation, setup),
        cmocka_unit_test_setup(status_tells_state_and_cause_by_key, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    int failures = cmocka_run_group_tests_name("enqueue", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
