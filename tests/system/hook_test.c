/* on_settled: an application's function in the settling transaction, through the worker's own
 * port: all or nothing with the settlement, one by one when it raises, bounded in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "port.h"

enum { OPS_MAX = 8 };

static PGconn *hands;
static const uint8_t bytes[1] = {1};

static void make_function(const char *body)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "CREATE OR REPLACE FUNCTION app.on_memo(settled jsonb) RETURNS void"
                   " LANGUAGE plpgsql SECURITY DEFINER SET search_path = app, pg_temp"
                   " AS $$ BEGIN %s END $$; ALTER FUNCTION app.on_memo(jsonb) OWNER TO t_owner",
                   body);
    database_run(hands, sql);
}

static const char *const writes_a_row =
    "INSERT INTO app.paid VALUES (settled ->> 'key', settled ->> 'signature',"
    " current_user, session_user, pg_current_xact_id()::text);";

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK; RESET SESSION AUTHORIZATION");
    database_empty(hands);
    database_run(hands, "DROP SCHEMA IF EXISTS app CASCADE; CREATE SCHEMA app;"
                        "GRANT USAGE ON SCHEMA app TO lockstep_worker, t_owner;"
                        "CREATE TABLE app.paid (key text PRIMARY KEY, signature text, who text,"
                        " login text, settled_by text); GRANT ALL ON app.paid TO t_owner ");
    make_function(writes_a_row);
    return 0;
}

static void add_hook(void)
{
    database_run(hands, "SELECT lockstep.hook_add('memo', 'app.on_memo', 'r')");
}

/* A worker that is greeted and knows of the function. */
static void open_worker(struct bench *bench)
{
    open_bench(bench, database_url_as("t_work"), 10000);
    assert_int_equal(ask(bench, hello(0)), LS_CODE_OK);
    assert_int_equal(ask(bench, verb(LS_STORE_TICK)), LS_CODE_OK);
}

/* `count` new memos m0, m1 ... become submitted; what settles them comes back. */
static void submit(struct bench *bench, int count, struct ls_move_row moves[OPS_MAX])
{
    struct ls_intent_row intents[OPS_MAX] = {0};
    char sql[128];
    for (int i = 0; i < count; i++) {
        (void)snprintf(sql, sizeof sql,
                       "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'm%d')", i);
        database_run(hands, sql);
    }
    assert_int_equal(ask(bench, verb(LS_STORE_CLAIM)), LS_CODE_OK);
    assert_int_equal(bench->reply.op_count, count);
    for (int i = 0; i < count; i++) {
        const struct ls_stored_op *op = &bench->reply.ops[i];
        intents[i] = (struct ls_intent_row){.op = op->op,
                                            .token = op->token,
                                            .attempt = 1,
                                            .last_valid_height = 150,
                                            .tx = bytes,
                                            .tx_bytes = sizeof bytes};
        intents[i].signature.bytes[0] = (uint8_t)(i + 1);
        moves[i] = (struct ls_move_row){.op = op->op,
                                        .token = op->token,
                                        .to = LS_STATE_DONE,
                                        .attempt = 1,
                                        .attempt_state = LS_ATTEMPT_LANDED,
                                        .has_signature = true,
                                        .signature = intents[i].signature,
                                        .slot = 7};
    }
    struct ls_store_request request = {
        .verb = LS_STORE_INTENT, .intents = intents, .intent_count = (size_t)count};
    assert_int_equal(ask(bench, request), LS_CODE_OK);
}

static enum ls_code settle(struct bench *bench, int count, const struct ls_move_row *moves)
{
    struct ls_store_request request = {
        .verb = LS_STORE_MOVE, .moves = moves, .move_count = (size_t)count};
    return ask(bench, request);
}

static int64_t count_of(const char *what)
{
    char sql[400];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
    return database_number(hands, sql);
}

static void retry_now(struct bench *bench)
{
    database_run(hands, "UPDATE lockstep.hook_due SET due_at = now()");
    assert_int_equal(ask(bench, verb(LS_STORE_TICK)), LS_CODE_OK);
}

static void the_row_is_written_in_the_settling_transaction(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    char text[64];
    (void)state;
    add_hook();
    open_worker(&bench);
    submit(&bench, 3, moves);
    assert_int_equal(count_of("app.paid"), 0);

    assert_int_equal(settle(&bench, 3, moves), LS_CODE_OK);

    assert_int_equal(bench.reply.row_count, 3);
    assert_int_equal(bench.reply.rows[2], LS_ROW_DONE);
    assert_int_equal(count_of("app.paid p JOIN lockstep.history h ON h.key = p.key"
                              " AND h.signature = p.signature WHERE h.state = 6 AND h.sub = 0"
                              " AND p.settled_by = (SELECT a.xmin::text FROM"
                              " lockstep.attempt_history a WHERE a.op = h.id)"),
                     3);
    database_text(hands, "SELECT DISTINCT who || ' ' || login FROM app.paid", text,
                  sizeof text);
    assert_string_equal(text, "t_owner t_work");
    assert_int_equal(count_of("lockstep.hook_due"), 0);
    ls_pg_store_free(bench.store);
}

static void one_that_raises_is_hook_failed_and_the_others_are_done(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    (void)state;
    make_function("IF settled ->> 'key' = 'm1' THEN RAISE EXCEPTION 'no room'; END IF;"
                  "INSERT INTO app.paid VALUES (settled ->> 'key');");
    add_hook();
    open_worker(&bench);
    submit(&bench, 3, moves);

    assert_int_equal(settle(&bench, 3, moves), LS_CODE_OK);

    assert_int_equal(count_of("app.paid"), 2);
    assert_int_equal(count_of("lockstep.history WHERE state = 6 AND sub = 0"), 2);
    assert_int_equal(count_of("lockstep.ops WHERE state = 'done' AND sub = 'hook_failed'"), 1);
    assert_int_equal(count_of("lockstep.alert WHERE rule = 'hook' AND state < 2"
                              " AND message LIKE '%no room%'"),
                     1);
    make_function("INSERT INTO app.paid VALUES (settled ->> 'key');");
    retry_now(&bench); /* changed and not registered anew: not called */
    assert_int_equal(count_of("app.paid"), 2);
    assert_int_equal(count_of("lockstep.hook_due WHERE error LIKE '%changed since%'"), 1);
    add_hook();
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_int_equal(count_of("app.paid"), 3);
    assert_int_equal(count_of("lockstep.history WHERE state = 6 AND sub = 0"), 3);
    assert_int_equal(count_of("lockstep.alert WHERE rule = 'hook' AND state < 2"), 0);
    ls_pg_store_free(bench.store);
}

static void one_that_hangs_ends_in_time_and_the_settlement_stands(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    (void)state;
    make_function("IF settled ->> 'key' = 'm0' THEN LOOP PERFORM pg_sleep(1); END LOOP; END IF;"
                  "INSERT INTO app.paid VALUES (settled ->> 'key');");
    add_hook();
    open_worker(&bench);
    submit(&bench, 2, moves);
    int64_t began_ms = database_clock().monotonic_ms(NULL);

    assert_int_equal(settle(&bench, 2, moves), LS_CODE_OK);

    assert_true(database_clock().monotonic_ms(NULL) - began_ms < 8000);
    assert_int_equal(count_of("lockstep.history WHERE state = 6 AND sub = 43"), 2);
    retry_now(&bench); /* singly now: the one that hangs is put off ... */
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK); /* ... and keeps no other */
    assert_int_equal(count_of("app.paid"), 1);
    assert_int_equal(ask(&bench, verb(LS_STORE_CLAIM)), LS_CODE_OK); /* the link lives */
    ls_pg_store_free(bench.store);
}

static void a_settlement_that_fails_writes_no_row(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    (void)state;
    add_hook();
    open_worker(&bench);
    submit(&bench, 1, moves);
    moves[0].token--;

    assert_int_equal(settle(&bench, 1, moves), LS_CODE_OK);

    assert_int_equal(bench.reply.rows[0], LS_ROW_STALE);
    assert_int_equal(count_of("app.paid"), 0);
    ls_pg_store_free(bench.store);
}

static void one_registered_meanwhile_runs_at_the_next_tick(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    (void)state;
    open_worker(&bench);
    submit(&bench, 1, moves);
    add_hook(); /* the worker has not ticked since */

    assert_int_equal(settle(&bench, 1, moves), LS_CODE_OK);
    assert_int_equal(count_of("lockstep.history WHERE state = 6 AND sub = 43"), 1);
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_int_equal(ask(&bench, verb(LS_STORE_TICK)), LS_CODE_OK);

    assert_int_equal(count_of("app.paid"), 1);
    assert_int_equal(count_of("lockstep.history WHERE state = 6 AND sub = 0"), 1);
    ls_pg_store_free(bench.store);
}

static void what_removing_leaves_undone_is_named(void **state)
{
    struct bench bench;
    struct ls_move_row moves[OPS_MAX];
    (void)state;
    make_function("RAISE EXCEPTION 'never';");
    add_hook();
    open_worker(&bench);
    submit(&bench, 2, moves);
    assert_int_equal(settle(&bench, 2, moves), LS_CODE_OK);

    database_run(hands, "SELECT lockstep.hook_remove('memo', 'r')");

    assert_int_equal(count_of("lockstep.hook_due"), 0);
    assert_int_equal(count_of("lockstep.audit_log l JOIN lockstep.audit_ops o ON o.seq = l.seq"
                              " WHERE l.action = 'hook.remove'"),
                     2);
    ls_pg_store_free(bench.store);
}

static void what_may_not_be_registered_is_refused_with_the_cure(void **state)
{
    static const struct {
        const char *before, *function, *code, *words;
    } cases[] = {
        {"SELECT", "on_memo", "LS003", "SCHEMA.NAME"},
        {"SELECT", "app.nothing", "LS003", "no such function"},
        {"SELECT", "lockstep.tag_key", "LS003", "no such function"},
        {"ALTER FUNCTION app.on_memo(jsonb) SECURITY INVOKER", "app.on_memo", "LS003",
         "SECURITY DEFINER"},
        {"ALTER FUNCTION app.on_memo(jsonb) RESET ALL", "app.on_memo", "LS003", "search_path"},
        {"ALTER FUNCTION app.on_memo(jsonb) OWNER TO postgres", "app.on_memo", "LS003",
         "rights beyond"},
        {"ALTER FUNCTION app.on_memo(jsonb) OWNER TO t_work", "app.on_memo", "LS003",
         "rights beyond"},
        {"ALTER FUNCTION app.on_memo(jsonb) OWNER TO t_nobody", "app.on_memo", "LS003",
         "GRANT lockstep_app"},
        {"REVOKE ALL ON SCHEMA app FROM lockstep_worker", "app.on_memo", "LS003",
         "GRANT USAGE ON SCHEMA"},
        {"REVOKE ALL ON FUNCTION app.on_memo(jsonb) FROM PUBLIC", "app.on_memo", "LS003",
         "GRANT EXECUTE"},
        {"SET SESSION AUTHORIZATION t_work", "app.on_memo", "42501", "permission"},
    };
    char sql[160], code[6], message[512];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)setup(state);
        database_run(hands, cases[i].before);
        (void)snprintf(sql, sizeof sql, "SELECT lockstep.hook_add('memo', '%s', 'r')",
                       cases[i].function);
        database_refused(hands, sql, code, message);
        if (strcmp(code, cases[i].code) != 0 || strstr(message, cases[i].words) == NULL)
            fail_msg("%s: %s %s", cases[i].before, code, message);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_row_is_written_in_the_settling_transaction, setup),
        cmocka_unit_test_setup(one_that_raises_is_hook_failed_and_the_others_are_done, setup),
        cmocka_unit_test_setup(one_that_hangs_ends_in_time_and_the_settlement_stands, setup),
        cmocka_unit_test_setup(a_settlement_that_fails_writes_no_row, setup),
        cmocka_unit_test_setup(one_registered_meanwhile_runs_at_the_next_tick, setup),
        cmocka_unit_test_setup(what_removing_leaves_undone_is_named, setup),
        cmocka_unit_test_setup(what_may_not_be_registered_is_refused_with_the_cure, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error;"
                        "CREATE ROLE t_owner; GRANT lockstep_app TO t_owner;"
                        "CREATE ROLE t_nobody; CREATE ROLE t_work LOGIN;"
                        "GRANT lockstep_worker TO t_work");
    int failures = cmocka_run_group_tests_name("on_settled", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
