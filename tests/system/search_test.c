/* Listings over many rows: whatever way the store finds them, they are the rows that plain
 * SQL finds, in order, each once, page by page and step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

enum { FINISHED = 60000, LIVE = 300, PAGE = 150 };

static PGconn *hands;
static ls_session *session;

/* Finished rows over three days, an entity with more keys than one chunk, and live rows of
 * which some are older than the newest finished ones. */
static const char rows[] =
    "INSERT INTO lockstep.history (day, id, version, run_at, due_at, created_at, finished_at,"
    " slot, attempts_made, attempts_max, state, lane, kind, key, entity, cause, batch)"
    " SELECT (t AT TIME ZONE 'UTC')::date, i * 3, 1, t, t, t, t, 0, 1, 12,"
    " CASE WHEN i % 9000 = 5 THEN 7 WHEN i % 7000 = 6 THEN 8 ELSE 6 END, 1, 1 + i % 2,"
    " 'pay:' || i, CASE WHEN i % 8 = 0 THEN 'big' ELSE 'org-' || i % 500 END,"
    " CASE WHEN i % 20011 = 17 THEN 'odd' END, CASE WHEN i % 6 = 0 THEN 5 END"
    " FROM (SELECT i, now() - interval '3 days' + i * interval '4 s' AS t"
    " FROM generate_series(1, 60000) AS i) AS g;"
    "INSERT INTO lockstep.op_key (key, op, kind, outcome, finished_day, entity, batch, payload)"
    " SELECT key, id, kind, state, day, entity, batch, '{}' FROM lockstep.history;"
    "INSERT INTO lockstep.op (id, run_at, due_at, created_at, updated_at, state_at,"
    " attempts_max, state, lane, kind, key, entity, cause)"
    " SELECT 100001 + i * 270, t, t, t, t, t, 12, CASE WHEN i % 10 = 0 THEN 5 ELSE 0 END, 1, 1,"
    " 'live:' || i, CASE WHEN i % 3 = 0 THEN 'big' ELSE 'org-7' END,"
    " CASE WHEN i % 10 = 0 THEN 'odd' END"
    " FROM (SELECT i, now() - i * interval '900 s' AS t FROM generate_series(1, 300) AS i) AS "
    "g;"
    "INSERT INTO lockstep.op_key (key, op, kind, entity, payload)"
    " SELECT key, id, kind, entity, '{}' FROM lockstep.op;"
    "ANALYZE lockstep.history; ANALYZE lockstep.op; ANALYZE lockstep.op_key";

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    for (int day = 1; day <= 4; day++) {
        char sql[512];
        (void)snprintf(
            sql, sizeof sql,
            "DO $$ DECLARE d date := (now() AT TIME ZONE 'UTC')::date - %d;"
            " BEGIN EXECUTE format('CREATE TABLE IF NOT EXISTS lockstep.%%I PARTITION"
            " OF lockstep.history FOR VALUES FROM (%%L) TO (%%L)',"
            " 'history_' || to_char(d, 'YYYYMMDD'), d, d + 1); END $$",
            day);
        database_run(hands, sql);
    }
    database_run(hands, rows);
    return 0;
}

static const char *const order[] = {
    [LS_SORT_ID_DESC] = "id DESC",
    [LS_SORT_ID_ASC] = "id",
    [LS_SORT_AGE_DESC] = "id",
    [LS_SORT_UPDATED_DESC] = "lockstep.ms(updated_at) DESC, id DESC",
};

static struct ls_op_cursor behind(const struct ls_op_row *row, enum ls_op_sort sort)
{
    int64_t value = sort == LS_SORT_UPDATED_DESC ? row->updated_ms : row->op.value;
    return (struct ls_op_cursor){true, value, row->op.value};
}

/* All pages together against the rows that `condition` names. */
static void expect_same(const char *text, const char *condition, enum ls_op_sort sort)
{
    struct ls_filter filter;
    struct ls_why why = {0};
    struct ls_op_cursor cursor = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    char sql[512];
    int seen = 0;
    assert_non_null(page);
    assert_false(ls_failed(ls_filter_parse(text, &filter, &why)));
    (void)snprintf(sql, sizeof sql, "SELECT id FROM lockstep.op_facts WHERE %s ORDER BY %s",
                   condition, order[sort]);
    PGresult *wanted = PQexec(hands, sql);
    assert_int_equal(PQresultStatus(wanted), PGRES_TUPLES_OK);
    do { /* ends: each page goes beyond the last */
        const struct ls_ops_query query = {&filter, sort, &cursor, PAGE};
        ls_err err = ls_session_ops(session, &query, page, &why);
        if (ls_failed(err)) fail_msg("%s: %s", text, why.text);
        for (size_t i = 0; i < page->count; i++, seen++) {
            if (seen >= PQntuples(wanted)) fail_msg("%s: more than %d rows", text, seen);
            long long id = strtoll(PQgetvalue(wanted, seen, 0), NULL, 10);
            if (page->rows[i].op.value != id)
                fail_msg("%s, order %d: row %d is %lld, not %lld", text, (int)sort, seen,
                         (long long)page->rows[i].op.value, id);
        }
        if (page->count > 0) cursor = behind(&page->rows[page->count - 1], sort);
    } while (page->has_more && seen < 6 * PAGE);
    if (!page->has_more) assert_int_equal(seen, PQntuples(wanted));
    PQclear(wanted);
    free(page);
}

static void every_way_finds_the_rows_that_plain_sql_finds(void **state)
{
    static const struct {
        const char *filter, *condition;
    } cases[] = {
        {"", "true"},
        {"kind:memo", "kind = 1"},
        {"state:failed", "state = 5"},
        {"state:cancelled", "state = 7"},
        {"!state:done", "state <> 6"},
        {"entity:big", "entity = 'big'"},
        {"entity:big cause:odd", "entity = 'big' AND cause = 'odd'"},
        {"entity:org-7", "entity = 'org-7'"},
        {"entity:nobody", "false"},
        {"batch:5", "batch = 5"},
        {"batch:5 cause:odd", "batch = 5 AND cause = 'odd'"},
        {"key:pay:4711", "key = 'pay:4711'"},
        {"key:pay:47*", "starts_with(key, 'pay:47')"},
        {"key:pay:*", "starts_with(key, 'pay:')"},
        {"key:live:1*", "starts_with(key, 'live:1')"},
        {"cause:odd", "cause = 'odd'"},
        {"4711", "strpos(key, '4711') > 0"},
        {"state:done state:failed", "false"},
        {"age<1h", "created_at >= now() - interval '1 hour'"},
        {"id:300", "id = 300"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int sort = 0; sort < 4; sort++)
            expect_same(cases[i].filter, cases[i].condition, (enum ls_op_sort)sort);
    }
}

static void a_rare_match_is_looked_for_in_steps_that_say_how_far_they_are(void **state)
{
    struct ls_filter filter;
    struct ls_why why = {0};
    struct ls_ops_search search = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    int steps = 0;
    int32_t before = 0;
    (void)state;
    assert_non_null(page);
    assert_false(ls_failed(ls_filter_parse("nothing-has-this", &filter, &why)));
    const struct ls_ops_query query = {&filter, LS_SORT_ID_DESC, NULL, PAGE};

    while (!search.is_over) {
        assert_false(ls_failed(ls_session_ops_step(session, &query, &search, page, &why)));
        assert_true(search.permille >= before);
        before = search.permille;
        steps++;
    }

    assert_true(steps > 1);
    assert_int_equal(search.permille, 1000);
    assert_int_equal(page->count, 0);
    assert_int_equal(page->matching, 0);
    free(page);
}

static void what_matches_in_all_is_said_when_it_is_known(void **state)
{
    struct ls_filter filter;
    struct ls_why why = {0};
    struct ls_op_page *page = calloc(1, sizeof *page);
    (void)state;
    assert_non_null(page);

    assert_false(ls_failed(ls_filter_parse("state:failed", &filter, &why)));
    struct ls_ops_query query = {&filter, LS_SORT_ID_DESC, NULL, PAGE};
    assert_false(ls_failed(ls_session_ops(session, &query, page, &why)));
    assert_int_equal(page->matching, LIVE / 10);

    query.filter = NULL;
    assert_false(ls_failed(ls_session_ops(session, &query, page, &why)));
    assert_int_equal(page->matching, -1);
    assert_true(page->has_more);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_finds_the_rows_that_plain_sql_finds),
        cmocka_unit_test(a_rare_match_is_looked_for_in_steps_that_say_how_far_they_are),
        cmocka_unit_test(what_matches_in_all_is_said_when_it_is_known),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    (void)setup(NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failed;
}
