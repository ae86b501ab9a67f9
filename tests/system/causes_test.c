/* What went wrong, grouped by cause: the fingerprint in SQL and the groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/core/fingerprint.h"

enum { LINE_BYTES = 512 };

static PGconn *hands;
static ls_session *session;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    return 0;
}

static void fingerprint_of(const char *cause, char out[LINE_BYTES])
{
    const char *values[1] = {cause};
    PGresult *result =
        PQexecParams(hands, "SELECT lockstep.fingerprint($1)", 1, NULL, values, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK) fail_msg("%s", PQresultErrorMessage(result));
    (void)snprintf(out, LINE_BYTES, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
}

static void the_database_makes_the_same_fingerprint_of_the_corpus(void **state)
{
    (void)state;
    char line[LINE_BYTES];
    char print[LINE_BYTES];
    int lines = 0;
    FILE *corpus = fopen(LS_CORE_DIR "/fingerprint.txt", "r");
    assert_non_null(corpus);

    for (; fgets(line, sizeof line, corpus) != NULL; lines++) {
        line[strcspn(line, "\n")] = '\0';
        char *wanted = strchr(line, '\t');
        assert_non_null(wanted);
        *wanted++ = '\0';
        fingerprint_of(line, print);
        assert_string_equal(print, wanted);
    }

    (void)fclose(corpus);
    assert_true(lines > 40);
}

static uint32_t draw(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525U + 1013904223U;
    return (*seed >> 8) % below;
}

/* Words that touch each rule … */
static const char *const pieces[] = {"rpc",
                                     "error",
                                     "error:",
                                     "code:",
                                     "Custom(",
                                     "0x17",
                                     "6001",
                                     "-5",
                                     " ",
                                     " ",
                                     "Foo",
                                     "foo:",
                                     ":",
                                     "Bar",
                                     "token-2022:",
                                     "..",
                                     "…",
                                     "'",
                                     "\"",
                                     "`",
                                     "aB3dE",
                                     "12",
                                     ".",
                                     ",",
                                     "(",
                                     ")",
                                     "_",
                                     "/",
                                     "=",
                                     "ü",
                                     "AbcdEfghIjklMnopQrstUvwxYzabCdefGhij",
                                     "abcdefghijklmnopqrstuvwxyzabcdefghij",
                                     "-"};

/* … thrown together. */
static void throw_cause(uint32_t *seed, char cause[LS_CAUSE_BYTES_MAX + 1])
{
    cause[0] = '\0';
    for (uint32_t i = 1 + draw(seed, 8); i > 0; i--) {
        const char *piece = pieces[draw(seed, sizeof pieces / sizeof pieces[0])];
        if (strlen(cause) + strlen(piece) <= LS_CAUSE_BYTES_MAX)
            memcpy(cause + strlen(cause), piece, strlen(piece) + 1);
    }
}

static void the_database_makes_the_same_fingerprint_of_anything(void **state)
{
    (void)state;
    uint32_t seed = 20260131;
    for (int round = 0; round < 3000; round++) {
        char cause[LS_CAUSE_BYTES_MAX + 1];
        char wanted[LS_CAUSE_BYTES_MAX + 1];
        char again[LS_CAUSE_BYTES_MAX + 1];
        char print[LINE_BYTES];
        throw_cause(&seed, cause);

        ls_cause_fingerprint(cause, wanted);
        fingerprint_of(cause, print);
        ls_cause_fingerprint(wanted, again);

        if (strcmp(print, wanted) != 0)
            fail_msg("of <%s> C makes <%s>, SQL <%s>", cause, wanted, print);
        if (strcmp(again, wanted) != 0)
            fail_msg("of <%s> comes <%s>, of that <%s>", cause, wanted, again);
    }
}

static int64_t make_op(const char *key)
{
    struct ls_why why = {0};
    ls_op_id op = {0};
    const struct ls_enqueue memo = {
        .kind = "memo", .payload = "{\"text\":\"x\"}", .key = key, .lane = 1};
    ls_err err = ls_session_enqueue(session, &memo, &op, &why);
    if (ls_failed(err)) fail_msg("enqueue: %s", why.text);
    return op.value;
}

static void trouble(int64_t op, int state, int sub, const char *cause, const char *signer)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.op SET state = %d, sub = %d, cause = '%s', signer = '%s',"
                   " state_at = now() - interval '10 minutes' WHERE id = %lld",
                   state, sub, cause, signer, (long long)op);
    database_run(hands, sql);
}

static void attempt(int64_t op, int number, int state)
{
    char sql[512];
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO lockstep.attempt (op, attempt, state, last_valid_height, worker,"
        " created_at, signature, blockhash, signer, tx) VALUES (%lld, %d, %d, 100, 1,"
        " now(), 'S%lld.%d', 'B', 'P', '')",
        (long long)op, number, state, (long long)op, number);
    database_run(hands, sql);
}

static struct ls_dashboard *dashboard(void)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    ls_err err = ls_session_dashboard(session, facts, &why);
    if (ls_failed(err)) fail_msg("dashboard: %s", why.text);
    return facts;
}

static void failures_group_by_fingerprint_with_their_outcome_on_chain(void **state)
{
    (void)state;
    int64_t ops[6];
    for (int i = 0; i < 6; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", i);
        ops[i] = make_op(key);
    }
    trouble(ops[0], 5, 0, "insufficient funds 7xQk..9Pda need 123", "P1");
    trouble(ops[1], 5, 0, "insufficient funds 8yQk..1Abc need 4", "P1");
    trouble(ops[2], 5, 0, "insufficient funds 9zQk..2Abc need 5", "P1");
    attempt(ops[1], 1, 3);
    attempt(ops[2], 1, 1);
    trouble(ops[3], 5, 0, "InstructionError:Custom:1", "P1");
    trouble(ops[4], 4, 31, "AmbiguousExpiry", "P2");
    attempt(ops[4], 1, 1);
    attempt(ops[4], 2, 0);
    trouble(ops[5], 3, 20, "Expired", "P1");
    attempt(ops[5], 1, 0);

    struct ls_dashboard *facts = dashboard();

    assert_int_equal(facts->cause_count, 4);
    const struct ls_cause_row *funds = &facts->causes[0];
    assert_string_equal(funds->cause, "insufficient funds # need #");
    assert_string_equal(funds->example, "insufficient funds 7xQk..9Pda need 123");
    assert_int_equal(funds->count, 3);
    assert_int_equal(funds->errored, 1);
    assert_int_equal(funds->landed, 0);
    assert_int_equal(funds->unknown, 0);
    assert_string_equal(funds->signer, "P1");
    assert_string_equal(facts->causes[1].cause, "AmbiguousExpiry");
    assert_int_equal(facts->causes[1].unknown, 1);
    assert_string_equal(facts->causes[2].cause, "InstructionError:Custom:1");
    assert_true(facts->causes[3].is_stuck);
    assert_int_equal(facts->causes[3].state, LS_STATE_SUBMITTED);
    assert_int_equal(facts->causes[3].unknown, 1);
    free(facts);
}

static void a_group_of_several_payers_names_none(void **state)
{
    (void)state;
    trouble(make_op("a"), 5, 0, "Expired", "P1");
    trouble(make_op("b"), 5, 0, "Expired", "P2");

    struct ls_dashboard *facts = dashboard();

    assert_int_equal(facts->cause_count, 1);
    assert_string_equal(facts->causes[0].signer, "");
    free(facts);
}

/* Grouping makes few fingerprints, of shapes that many causes share: that must not show. */
static void thousands_of_causes_group_as_their_fingerprints_do(void **state)
{
    (void)state;
    static const char insert[] =
        "INSERT INTO lockstep.op (id, run_at, due_at, created_at, updated_at, state_at,"
        " attempts_max, state, lane, kind, key, cause) SELECT n, now(), now(), now(), now(),"
        " now(), 3, 5, 1, kind, 'thrown:' || n, $1 FROM (SELECT nextval('lockstep.op_id') AS n,"
        " kind FROM lockstep.kind WHERE name = 'memo') AS k";
    static const char differ[] =
        "WITH grouped AS (SELECT cause, n FROM lockstep.causes(100000)), each AS (SELECT"
        " lockstep.fingerprint(cause), count(*) FROM lockstep.op GROUP BY 1)"
        " SELECT (SELECT count(*) FROM (TABLE grouped EXCEPT ALL TABLE each) AS a)"
        " + (SELECT count(*) FROM (TABLE each EXCEPT ALL TABLE grouped) AS b)";
    uint32_t seed = 20260207;
    database_run(hands, "BEGIN");
    for (int round = 0; round < 6000; round++) {
        char cause[LS_CAUSE_BYTES_MAX + 1];
        const char *values[1] = {cause};
        throw_cause(&seed, cause);
        PGresult *result = PQexecParams(hands, insert, 1, NULL, values, NULL, NULL, 0);
        if (PQresultStatus(result) != PGRES_COMMAND_OK)
            fail_msg("%s", PQresultErrorMessage(result));
        PQclear(result);
    }
    database_run(hands, "COMMIT");

    assert_true(database_number(hands, "SELECT count(*) FROM lockstep.causes(100000)") > 1000);
    assert_int_equal(database_number(hands, differ), 0);
}

static size_t found(const char *text)
{
    struct ls_filter filter = {0};
    struct ls_why why = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    assert_false(ls_failed(ls_filter_parse(text, &filter, &why)));
    const struct ls_ops_query query = {&filter, LS_SORT_ID_ASC, NULL, 100};
    ls_err err = ls_session_ops(session, &query, page, &why);
    if (ls_failed(err)) fail_msg("ops: %s", why.text);
    size_t count = page->count;
    free(page);
    return count;
}

static void a_group_names_the_endpoint_that_told_all_of_it(void **state)
{
    (void)state;
    trouble(make_op("a"), 5, 0, "BlockhashNotFound", "P1");
    trouble(make_op("b"), 5, 0, "BlockhashNotFound", "P1");
    database_run(hands, "UPDATE lockstep.op SET detail = 'not known (via rpc-b:8899)'");
    struct ls_dashboard *facts = dashboard();
    assert_string_equal(facts->causes[0].via, "rpc-b:8899");
    free(facts);

    database_run(hands, "UPDATE lockstep.op SET detail = 'not known' WHERE key = 'b'");
    facts = dashboard();
    assert_string_equal(facts->causes[0].via, "");
    free(facts);

    database_run(hands, "UPDATE lockstep.op SET detail = 'x (via rpc-a)' WHERE key = 'b'");
    facts = dashboard();
    assert_string_equal(facts->causes[0].via, "");
    free(facts);
}

static void a_filter_finds_a_cause_by_its_group(void **state)
{
    (void)state;
    trouble(make_op("a"), 5, 0, "insufficient funds 7xQk..9Pda need 123", "P1");
    trouble(make_op("b"), 5, 0, "insufficient funds 8yQk..1Abc need 4", "P1");
    trouble(make_op("c"), 5, 0, "Expired", "P1");
    (void)make_op("d");

    assert_int_equal(found("cause:\"insufficient funds # need #\""), 2);
    assert_int_equal(found("cause:\"insufficient funds 8yQk..1Abc need 4\""), 2);
    assert_int_equal(found("cause:insufficient*"), 2);
    assert_int_equal(found("cause:Expired"), 1);
    assert_int_equal(found("cause:\"\""), 1);
    assert_int_equal(found("!cause:Expired"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_database_makes_the_same_fingerprint_of_the_corpus),
        cmocka_unit_test(the_database_makes_the_same_fingerprint_of_anything),
        cmocka_unit_test_setup(failures_group_by_fingerprint_with_their_outcome_on_chain,
                               setup),
        cmocka_unit_test_setup(a_group_of_several_payers_names_none, setup),
        cmocka_unit_test_setup(thousands_of_causes_group_as_their_fingerprints_do, setup),
        cmocka_unit_test_setup(a_group_names_the_endpoint_that_told_all_of_it, setup),
        cmocka_unit_test_setup(a_filter_finds_a_cause_by_its_group, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    int failures = cmocka_run_group_tests_name("causes", tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
