/* Counters against counts: after seeded random work of workers and operators, in whatever
 * order folds come, the deltas add up to what the tables hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

enum { STEPS = 250 };

static PGconn *hands;
static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % below;
}

/* Refusals are part of random work: an operator's wish may meet any state. */
static void try_sql(const char *sql)
{
    PGresult *result = PQexec(hands, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != NULL && strncmp(state, "LS", 2) != 0 && strcmp(state, "P0002") != 0)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    PQclear(result);
}

static void enqueue_one(unsigned step)
{
    char sql[256], entity[16] = "NULL";
    if (draw(2) == 0) (void)snprintf(entity, sizeof entity, "'e%u'", draw(5));
    (void)snprintf(
        sql, sizeof sql,
        "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k%u', %s, %u::smallint)", step,
        entity, draw(4));
    try_sql(sql);
}

static void work(void)
{
    static const char intent[] =
        "SELECT lockstep.worker_intent(1, array_agg(id), array_agg(token),"
        " array_agg(attempts_made + 1), array_agg('s' || id || '/' || attempts_made),"
        " array_agg('h'::text), array_agg(150::bigint), array_agg('p'::text),"
        " array_agg('\\x01'::bytea), array_agg(NULL::text), array_agg(fence),"
        " array_agg(NULL::text), array_agg(NULL::text))"
        " FROM (SELECT * FROM lockstep.op WHERE state = 2 LIMIT %u) o HAVING count(*) > 0";
    static const char move[] =
        "SELECT lockstep.worker_move(1, array_agg(id), array_agg(token), "
        "array_agg(%d::smallint),"
        " array_agg(%d::smallint), array_agg(0::bigint), array_agg(true), array_agg('C'::text),"
        " array_agg(NULL::text), array_agg(attempts_made), array_agg(%d::smallint),"
        " array_agg(false), array_agg(NULL::text), array_agg(7::bigint), array_agg(NULL::text))"
        " FROM (SELECT * FROM lockstep.op WHERE state = 3 LIMIT %u) o HAVING count(*) > 0";
    static const int moves[][3] = {{3, 21, 0}, {6, 0, 2},  {6, 0, 2},  {5, 0, 1},
                                   {0, 0, 1},  {4, 31, 0}, {4, 32, 0}, {7, 0, 1}};
    char sql[1024];
    const int *to = moves[draw(8)];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.worker_claim(1, %u, %s)", 1 + draw(9),
                   draw(2) == 0 ? "true" : "false");
    try_sql(sql);
    (void)snprintf(sql, sizeof sql, intent, 1 + draw(6));
    try_sql(sql);
    (void)snprintf(sql, sizeof sql, move, to[0], to[1], to[2], 1 + draw(4));
    try_sql(sql);
}

static void operate(unsigned step)
{
    static const char *const verbs[] = {"retry",  "hold",       "release",
                                        "cancel", "compensate", "resolve_never"};
    char sql[256];
    if (draw(6) == 0) {
        (void)snprintf(sql, sizeof sql, "SELECT lockstep.gate_%s('%s', 'r')",
                       draw(2) == 0 ? "on" : "off", draw(2) == 0 ? "kind:memo" : "entity:e1");
    } else {
        (void)snprintf(
            sql, sizeof sql,
            "SELECT lockstep.%s((SELECT op FROM lockstep.op_key WHERE key = 'k%u'), 'r')",
            verbs[draw(6)], draw(step + 1));
    }
    try_sql(sql);
}

static void expect_equal_counts(void)
{
    static const char sql[] =
        "SELECT count(*) FROM (SELECT state, sub, n FROM lockstep.counts WHERE metric = 0"
        " AND n <> 0) c FULL JOIN (SELECT state, sub, count(*) AS n FROM (SELECT state, sub "
        "FROM"
        " lockstep.op UNION ALL SELECT state, sub FROM lockstep.history) r GROUP BY 1, 2) t"
        " ON t.state = c.state AND t.sub = c.sub WHERE c.n IS DISTINCT FROM t.n";
    assert_int_equal(database_number(hands, sql), 0);
}

static void entities_keep_their_order(void)
{
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM (SELECT FROM lockstep.op WHERE"
                                     " entity IS NOT NULL AND state IN (0, 2, 3)"
                                     " GROUP BY entity HAVING count(*) > 1) AS doubled"),
                     0);
}

static void after_random_work_counters_equal_counts(void **state)
{
    (void)state;
    for (uint64_t run = 1; run <= 3; run++) {
        seed = run;
        database_empty(hands);
        database_run(hands, "ALTER TABLE lockstep.worker ALTER id RESTART WITH 1;"
                            "SELECT lockstep.worker_hello(0, 'h', 1, '0', 3600000, 'g', 'p',"
                            " '{p}')");
        for (unsigned step = 0; step < STEPS; step++) {
            enqueue_one(step);
            work();
            operate(step);
            if (draw(5) == 0) try_sql("SELECT lockstep.worker_tick(1)");
            if (draw(20) == 0) try_sql("SELECT lockstep.fold(3)");
            if (step % 100 == 0) expect_equal_counts();
            if (step % 50 == 0) entities_keep_their_order();
        }
        expect_equal_counts();
        database_run(hands, "SELECT lockstep.fold(1000000)");
        expect_equal_counts();
        assert_int_equal(database_number(hands, "SELECT sum(enqueued) FROM lockstep.minute"),
                         database_number(hands, "SELECT count(*) FROM lockstep.op_key"));
        assert_true(database_number(hands, "SELECT count(DISTINCT state) FROM lockstep.counter"
                                           " WHERE metric = 0") == 9);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(after_random_work_counters_equal_counts),
    };
    database_migrate();
    hands = database_open(database_url());
    int failures = cmocka_run_group_tests_name("counters", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
