/* max_supply under many sessions at once: never one token more, none less than there is room
 * for, and what was claimed is what operations say, whatever became of them. */
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

#define OWNER "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"
#define COUNTED                                                                               \
    "(SELECT coalesce(sum((k.payload ->> 'amount')::bigint), 0) FROM lockstep.op_key k"       \
    " LEFT JOIN lockstep.op o ON o.id = k.op WHERE k.kind = 5 AND coalesce(k.outcome, 6) = 6" \
    " AND coalesce(o.state, 6) <> 5)"

enum { CHILDREN = 6, STEPS = 60, MAX_SUPPLY = 100 };

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    database_run(hands, "SELECT lockstep.enqueue('token.create_mint',"
                        " '{\"decimals\":0,\"max_supply\":\"100\"}', 'share')");
    return 0;
}

/* Whether it was accepted; only refusals and deadlocks may stand against it. */
static bool try_sql(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const bool is_accepted = state == NULL;
    if (!is_accepted && strncmp(state, "LS00", 4) != 0 && strcmp(state, "P0002") != 0 &&
        strncmp(state, "40", 2) != 0)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    PQclear(result);
    return is_accepted;
}

static bool issue(PGconn *connection, unsigned child, unsigned step, unsigned amount)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.enqueue('token.mint_to', '{\"mint\":{\"key\":\"share\"},"
                   "\"to\":\"" OWNER "\",\"amount\":\"%u\"}', 'i%u/%u')",
                   amount, child, step);
    return try_sql(connection, sql);
}

/* Run `live` in CHILDREN processes; each must end well. */
static void together(void (*live)(PGconn *connection, unsigned child))
{
    pid_t children[CHILDREN];
    for (unsigned i = 0; i < CHILDREN; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] != 0) continue;
        PGconn *connection = database_open(database_url());
        live(connection, i);
        PQfinish(connection);
        _exit(0);
    }
    for (unsigned i = 0; i < CHILDREN; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

static void only_enqueue(PGconn *connection, unsigned child)
{
    for (unsigned step = 0; step < STEPS; step++) (void)issue(connection, child, step, 1);
}

static void exactly_the_max_supply_is_accepted_from_many_at_once(void **state)
{
    (void)state;

    together(only_enqueue);

    assert_int_equal(database_number(hands, "SELECT " COUNTED), MAX_SUPPLY);
    assert_int_equal(database_number(hands, "SELECT claimed FROM lockstep.supplies"),
                     MAX_SUPPLY);
}

/* Enqueued, taken back, failed, retried, rolled back, in any order. */
static void everything(PGconn *connection, unsigned child)
{
    uint64_t seed = child + 1;
    for (unsigned step = 0; step < STEPS; step++) {
        char sql[512];
        seed = seed * 6364136223846793005U + 1442695040888963407U;
        const unsigned draw = (unsigned)(seed >> 33);
        const bool is_undone = draw % 7 == 0;
        if (is_undone) (void)try_sql(connection, "BEGIN");
        (void)issue(connection, child, step, 1 + draw % 5);
        if (is_undone) (void)try_sql(connection, "ROLLBACK");
        (void)snprintf(sql, sizeof sql,
                       "SELECT lockstep.%s((SELECT op FROM lockstep.op_key WHERE key ="
                       " 'i%u/%u'), 'r')",
                       draw % 2 == 0 ? "cancel" : "retry", draw % CHILDREN, draw % (step + 1));
        (void)try_sql(connection, sql);
        if (draw % 3 == 0)
            (void)try_sql(connection,
                          "UPDATE lockstep.op SET state = 5 WHERE id = (SELECT id FROM"
                          " lockstep.op WHERE kind = 5 AND state = 1 ORDER BY random() LIMIT 1"
                          " FOR UPDATE SKIP LOCKED)");
    }
}

static void what_is_claimed_is_what_operations_say(void **state)
{
    (void)state;

    together(everything);

    int64_t counted = database_number(hands, "SELECT " COUNTED);
    assert_in_range(counted, 0, MAX_SUPPLY);
    assert_int_equal(database_number(hands, "SELECT claimed FROM lockstep.supplies"), counted);
    for (unsigned step = 0; counted < MAX_SUPPLY; step++, counted++)
        assert_true(issue(hands, CHILDREN, step, 1));
    assert_false(issue(hands, CHILDREN, MAX_SUPPLY, 1));
}

static void a_worker_does_not_wait_for_an_application_that_holds_the_supply(void **state)
{
    (void)state;
    PGconn *application = database_open(database_url());
    assert_true(issue(hands, 0, 0, 1));
    database_run(application, "BEGIN");
    assert_true(issue(application, 1, 0, 1));

    database_run(hands, "SET lock_timeout = '2s'");
    database_run(hands, "UPDATE lockstep.op SET state = 5 WHERE key = 'i0/0'");
    database_run(hands, "SELECT lockstep.cancel((SELECT op FROM lockstep.op_key WHERE key ="
                        " 'i0/0'), 'r')");

    database_run(application, "COMMIT");
    assert_int_equal(database_number(hands, "SELECT claimed FROM lockstep.supplies"), 1);
    PQfinish(application);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(exactly_the_max_supply_is_accepted_from_many_at_once, setup),
        cmocka_unit_test_setup(what_is_claimed_is_what_operations_say, setup),
        cmocka_unit_test_setup(a_worker_does_not_wait_for_an_application_that_holds_the_supply,
                               setup),
    };
    database_migrate();
    hands = database_open(database_url());
    int failures = cmocka_run_group_tests_name("supply", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
