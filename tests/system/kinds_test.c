/* What nobody works on, as the database says it, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

static PGconn *hands;
static ls_session *session;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    return 0;
}

static void make_op(const char *kind, const char *payload, const char *key, int64_t batch)
{
    struct ls_why why = {0};
    ls_op_id op = {0};
    const struct ls_enqueue request = {
        .kind = kind, .payload = payload, .key = key, .lane = 1, .batch = batch};
    ls_err err = ls_session_enqueue(session, &request, &op, &why);
    if (ls_failed(err)) fail_msg("enqueue: %s", why.text);
}

static void make_memo(const char *key, int64_t batch)
{
    make_op("memo", "{\"text\":\"x\"}", key, batch);
}

static void make_event(const char *key, int64_t batch)
{
    make_op("event", "{\"type\":\"t\",\"subject\":\"s\",\"document\":{}}", key, batch);
}

/* A worker that lives; `works_on` as SQL writes it. */
static int64_t make_worker(const char *works_on)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO lockstep.worker (pid, lease_ms, host, version, payer, signers,"
                   " works_on) VALUES (7, 600000, 'sync-1', '1', 'P', '{P}', %s) RETURNING id",
                   works_on);
    return database_number(hands, sql);
}

/* "1:2:f" for two of kind 1 that nobody works on, apart by blanks. */
static void expect_waiting(const char *wanted)
{
    char text[256];
    database_text(hands,
                  "SELECT coalesce(string_agg(kind || ':' || waiting || ':' ||"
                  " left(is_attended::text, 1), ' ' ORDER BY kind), '')"
                  " FROM lockstep.kinds_waiting()",
                  text, sizeof text);
    assert_string_equal(text, wanted);
}

static void due_operations_are_told_by_kind_and_whether_somebody_begins_them(void **state)
{
    (void)state;
    make_memo("a", 0);
    make_memo("b", 0);
    make_event("c", 0);
    expect_waiting("1:2:f 2:1:f"); /* no worker at all */
    int64_t memos = make_worker("'{1}'");
    expect_waiting("1:2:t 2:1:f");
    make_worker("'{2,3}'");
    expect_waiting("1:2:t 2:1:t");
    char sql[128];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.worker SET is_paused = true WHERE id = %lld",
                   (long long)memos);
    database_run(hands, sql);
    expect_waiting("1:2:f 2:1:t");
    make_worker("NULL");
    expect_waiting("1:2:t 2:1:t");
}

static void what_is_scheduled_or_gated_waits_for_nobody(void **state)
{
    (void)state;
    make_worker("'{2}'");
    make_memo("a", 0);
    database_run(hands, "UPDATE lockstep.op SET run_at = now() + interval '1 hour'");
    expect_waiting("");
    database_run(hands, "UPDATE lockstep.op SET run_at = now()");
    expect_waiting("1:1:f");
    database_run(hands, "UPDATE lockstep.op SET sub = 4");
    expect_waiting("");
}

static void an_atomic_batch_that_nobody_has_all_kinds_of_is_told(void **state)
{
    (void)state;
    int64_t batch = database_number(hands, "SELECT lockstep.batch_open('b', 'atomic')");
    char sql[64];
    make_memo("a", batch);
    make_event("b", batch);
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.batch_seal(%lld)", (long long)batch);
    database_run(hands, sql);
    make_worker("'{1}'");
    make_worker("'{2}'");

    expect_waiting("0:1:f 1:1:t");

    make_worker("'{1,2}'");
    expect_waiting("1:1:t");
}

static void an_action_says_what_it_leaves_to_nobody(void **state)
{
    (void)state;
    char sql[128];
    char text[256];
    int64_t worker = make_worker("NULL");
    make_memo("a", 0);
    (void)snprintf(sql, sizeof sql,
                   "SELECT message FROM lockstep.worker_kinds(%lld, '{event}', 'why')",
                   (long long)worker);

    database_text(hands, sql, text, sizeof text);

    assert_non_null(strstr(text, "works on event and begins nothing else; nobody works on memo "
                                 "now (1 waiting)"));
}

static void a_list_that_is_none_is_refused(void **state)
{
    (void)state;
    char code[6];
    char message[512];
    make_worker("NULL");
    database_refused(hands, "SELECT lockstep.worker_kinds(0, '{memo,bunr}', 'why')", code,
                     message);
    assert_string_equal(code, "LS003");
    assert_non_null(strstr(message, "\"bunr\" is no kind: use all, or some of memo, event"));
    database_refused(hands, "SELECT lockstep.worker_kinds(0, '{}', 'why')", code, message);
    assert_non_null(strstr(message, "no kind is named"));
    database_refused(hands, "SELECT lockstep.worker_kinds(0, NULL, 'why')", code, message);
    assert_string_equal(code, "LS003");
    database_refused(hands, "SELECT lockstep.worker_kinds(0, '{memo,NULL}', 'why')", code,
                     message);
    assert_string_equal(code, "LS003");
    database_refused(hands, "SELECT lockstep.worker_kinds(0, '{all}', 'why')", code, message);
    assert_string_equal(code, "LS004");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit"), 0);
}

static void a_sample_keeps_what_nobody_worked_on(void **state)
{
    (void)state;
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    make_worker("'{2}'");
    make_memo("a", 0);
    assert_int_equal(database_number(hands, "SELECT lockstep.sample_take()::integer"), 1);
    database_run(hands, "UPDATE lockstep.worker SET works_on = NULL");

    const int64_t now_ms = database_number(hands, "SELECT lockstep.ms(now())");
    if (ls_failed(ls_session_dashboard_at(session, now_ms, facts, &why)))
        fail_msg("%s", why.text);

    assert_int_equal(facts->waiting_count, 1);
    assert_int_equal(facts->waiting[0].kind, LS_KIND_MEMO);
    assert_false(facts->waiting[0].is_attended);
    assert_int_equal(facts->workers[0].works_on, 1u << LS_KIND_EVENT);
    assert_false(ls_failed(ls_session_dashboard(session, facts, &why)));
    assert_true(facts->waiting[0].is_attended);
    assert_int_equal(facts->workers[0].works_on, 0);
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(due_operations_are_told_by_kind_and_whether_somebody_begins_them,
                               setup),
        cmocka_unit_test_setup(what_is_scheduled_or_gated_waits_for_nobody, setup),
        cmocka_unit_test_setup(an_atomic_batch_that_nobody_has_all_kinds_of_is_told, setup),
        cmocka_unit_test_setup(an_action_says_what_it_leaves_to_nobody, setup),
        cmocka_unit_test_setup(a_list_that_is_none_is_refused, setup),
        cmocka_unit_test_setup(a_sample_keeps_what_nobody_worked_on, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
