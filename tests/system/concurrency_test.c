/* Several workers and operators at once on the same few entities: whatever the order,
 * nothing deadlocks for good, counters stay exact, entities keep their order, and no
 * wake-up is lost: when all is released and worked off, nothing is left over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "database.h"

enum { CHILDREN = 4, STEPS = 120, ROUNDS_MAX = 2000 };

struct actor {
    PGconn *connection;
    unsigned number; /* worker id and part of its keys */
    uint64_t seed;
};

static unsigned draw(struct actor *actor, unsigned below)
{
    actor->seed = actor->seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(actor->seed >> 33) % below;
}

/* Refusals (LS…) and what the port would send again (40…) are part of the game. */
static void try_sql(struct actor *actor, const char *sql)
{
    PGresult *result = PQexec(actor->connection, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state != NULL && strncmp(state, "LS", 2) != 0 && strncmp(state, "40", 2) != 0 &&
        strcmp(state, "P0002") != 0)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    PQclear(result);
}

static void enqueue_some(struct actor *actor, unsigned step)
{
    char sql[256], entity[16] = "NULL";
    if (draw(actor, 4) > 0) (void)snprintf(entity, sizeof entity, "'e%u'", draw(actor, 6));
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k%u/%u', %s)",
                   actor->number, step, entity);
    try_sql(actor, sql);
}

static void claim_and_send(struct actor *actor, unsigned limit)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.worker_claim(%u, %u, false)",
                   actor->number, limit);
    try_sql(actor, sql);
    (void)snprintf(
        sql, sizeof sql,
        "SELECT lockstep.worker_intent(%u, array_agg(id), array_agg(token),"
        " array_agg(attempts_made + 1), array_agg('s' || id || '/' || attempts_made),"
        " array_agg('h'::text), array_agg(150::bigint), array_agg('p'::text),"
        " array_agg('\\x01'::bytea), array_agg(NULL::text), array_agg(fence),"
        " array_agg(NULL::text), array_agg(NULL::text)) FROM lockstep.op"
        " WHERE state = 2 AND worker = %u HAVING count(*) > 0",
        actor->number, actor->number);
    try_sql(actor, sql);
}

static void move(struct actor *actor, int state, int attempt_state, unsigned limit)
{
    char sql[1024];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.worker_move(%u, array_agg(id), array_agg(token),"
                   " array_agg(%d::smallint), array_agg(0::smallint), array_agg(0::bigint),"
                   " array_agg(true), array_agg('C'::text), array_agg(NULL::text),"
                   " array_agg(attempts_made), array_agg(%d::smallint), array_agg(false),"
                   " array_agg(NULL::text), array_agg(7::bigint), array_agg(NULL::text))"
                   " FROM (SELECT * FROM lockstep.op WHERE state = 3 AND worker = %u"
                   " ORDER BY random() LIMIT %u) o HAVING count(*) > 0",
                   actor->number, state, attempt_state, actor->number, limit);
    try_sql(actor, sql);
}

static void operate(struct actor *actor, unsigned step)
{
    static const char *const verbs[] = {"retry", "hold", "release", "cancel", "compensate"};
    char sql[256];
    (void)snprintf(
        sql, sizeof sql,
        "SELECT lockstep.%s((SELECT op FROM lockstep.op_key WHERE key = 'k%u/%u'), 'r')",
        verbs[draw(actor, 5)], 1 + draw(actor, CHILDREN), draw(actor, step + 1));
    try_sql(actor, sql);
}

static void live(unsigned number)
{
    static const int moves[][2] = {{6, 2}, {6, 2}, {5, 1}, {0, 1}, {7, 1}};
    struct actor actor = {database_open(database_url()), number, number};
    char tick[64];
    (void)snprintf(tick, sizeof tick, "SELECT lockstep.worker_tick(%u)", number);
    for (unsigned step = 0; step < STEPS; step++) {
        const int *to = moves[draw(&actor, 5)];
        enqueue_some(&actor, step);
        claim_and_send(&actor, 1 + draw(&actor, 5));
        move(&actor, to[0], to[1], 1 + draw(&actor, 4));
        operate(&actor, step);
        if (draw(&actor, 4) == 0) try_sql(&actor, tick);
    }
    PQfinish(actor.connection);
}

static void run_children(void)
{
    pid_t children[CHILDREN];
    for (unsigned i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            live(i + 1);
            _exit(0);
        }
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void expect_sane(PGconn *hands)
{
    assert_int_equal(
        database_number(hands,
                        "SELECT count(*) FROM (SELECT state, sub, n FROM lockstep.counts WHERE"
                        " metric = 0 AND n <> 0) c FULL JOIN (SELECT state, sub, count(*) AS n"
                        " FROM (SELECT state, sub FROM lockstep.op UNION ALL SELECT state, sub"
                        " FROM lockstep.history) r GROUP BY 1, 2) t ON t.state = c.state"
                        " AND t.sub = c.sub WHERE c.n IS DISTINCT FROM t.n"),
        0);
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM (SELECT FROM lockstep.op WHERE"
                                     " entity IS NOT NULL AND state IN (0, 2, 3) GROUP BY"
                                     " entity HAVING count(*) > 1) AS doubled"),
                     0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit a JOIN"
                                            " lockstep.audit b ON b.seq = a.seq + 1"
                                            " WHERE b.prev_hash <> a.hash"),
                     0);
}

static void nothing_is_left_over_when_all_is_worked_off(void **state)
{
    (void)state;
    PGconn *hands = database_open(database_url());
    database_empty(hands);
    database_run(hands, "ALTER TABLE lockstep.worker ALTER id RESTART WITH 1");
    for (unsigned i = 0; i < CHILDREN; i++)
        database_run(hands, "SELECT lockstep.worker_hello(0, 'h', 1, '0', 3600000, 'g', 'p',"
                            " '{p}')");

    run_children();
    expect_sane(hands);

    struct actor finisher = {hands, 1, 99};
    database_run(hands, "SELECT lockstep.worker_bye(id) FROM lockstep.worker WHERE id > 1");
    for (int i = 0; i < ROUNDS_MAX; i++) {
        try_sql(&finisher, "SELECT lockstep.retry(id, 'r') FROM lockstep.op WHERE state = 5");
        try_sql(&finisher, "SELECT lockstep.release(id, 'r') FROM lockstep.op WHERE state = 4");
        try_sql(&finisher, "SELECT lockstep.worker_tick(1)");
        try_sql(&finisher, "SELECT lockstep.worker_adopt(1, 1000, '{}')");
        claim_and_send(&finisher, 100);
        move(&finisher, 6, 2, 1000);
        if (database_number(hands, "SELECT count(*) FROM lockstep.op") == 0) break;
    }

    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.op"), 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.attempt"), 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.op_key WHERE outcome"
                                            " IS NULL"),
                     0);
    expect_sane(hands);
    PQfinish(hands);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_left_over_when_all_is_worked_off),
    };
    database_migrate();
    return cmocka_run_group_tests_name("concurrency", tests, NULL, NULL);
}
