/* Workers that die, and leaders that change: what the store notices at once, and what an old
 * leader can no longer do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "port.h"

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    database_empty(hands);
    return 0;
}

static int64_t open_worker(struct bench *bench)
{
    open_bench(bench, database_url(), 10000);
    struct ls_store_request request = hello(0);
    request.hello.heartbeat_ms = 1000;
    assert_int_equal(ask(bench, request), LS_CODE_OK);
    return bench->reply.worker_id;
}

/* As if the worker's last heartbeat were so long ago. */
static void age(int64_t worker, int seconds)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.worker SET heartbeat_at = clock_timestamp() -"
                   " interval '%d s' WHERE id = %d",
                   seconds, (int)worker);
    database_run(hands, sql);
}

static bool is_lost(int64_t worker)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql,
                   "SELECT is_lost::integer FROM lockstep.worker WHERE id = %d", (int)worker);
    return database_number(hands, sql) == 1;
}

static void a_worker_whose_session_ended_is_lost_after_two_heartbeats(void **state)
{
    struct bench dead, living;
    (void)state;
    database_run(hands, "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k')");
    int64_t worker = open_worker(&dead);
    (void)open_worker(&living);
    assert_int_equal(ask(&dead, verb(LS_STORE_CLAIM)), LS_CODE_OK);
    assert_int_equal(dead.reply.op_count, 1);
    ls_pg_store_free(dead.store); /* as kill -9 does: its lease is 10 minutes */

    age(worker, 1);
    assert_int_equal(ask(&living, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_false(is_lost(worker)); /* it may be connecting again */
    age(worker, 3);
    database_run(hands, "SELECT pg_sleep(0.2)"); /* the server sees that its client is gone */
    assert_int_equal(ask(&living, verb(LS_STORE_TICK)), LS_CODE_OK);

    assert_true(is_lost(worker));
    assert_int_equal(ask(&living, verb(LS_STORE_CLAIM)), LS_CODE_OK);
    assert_int_equal(living.reply.op_count, 1);
    ls_pg_store_free(living.store);
}

static void a_worker_that_only_stands_still_keeps_its_lease(void **state)
{
    struct bench still, living;
    (void)state;
    int64_t worker = open_worker(&still);
    (void)open_worker(&living);

    age(worker, 30); /* its session is there */
    assert_int_equal(ask(&living, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_false(is_lost(worker));
    age(worker, 601);
    assert_int_equal(ask(&living, verb(LS_STORE_TICK)), LS_CODE_OK);

    assert_true(is_lost(worker));
    ls_pg_store_free(still.store);
    ls_pg_store_free(living.store);
}

static void an_old_leader_does_no_duties(void **state)
{
    struct bench old, new;
    (void)state;
    (void)open_worker(&old);
    assert_int_equal(ask(&old, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_true(old.reply.is_leader);
    int64_t term = database_number(hands, "SELECT term FROM lockstep.leader");
    (void)open_worker(&new);
    database_run(hands, "UPDATE lockstep.leader SET until = '-infinity'");
    assert_int_equal(ask(&new, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_true(new.reply.is_leader);
    assert_int_equal(database_number(hands, "SELECT term FROM lockstep.leader"), term + 1);
    database_run(hands, "SELECT lockstep.outcomes('app', 1);"
                        "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'k');"
                        "SELECT lockstep.cancel(max(id), 'r') FROM lockstep.op");

    assert_int_equal(ask(&old, verb(LS_STORE_TICK)), LS_CODE_OK);

    assert_false(old.reply.is_leader);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.outcome_log"), 0);
    assert_int_equal(ask(&new, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.outcome_log"), 1);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit_log"
                                            " WHERE action = 'leader.term'"),
                     2);
    ls_pg_store_free(old.store);
    ls_pg_store_free(new.store);
}

static void observe(struct bench *bench, const char *endpoint, bool is_up)
{
    const struct ls_observation seen = {
        .endpoint_count = 1,
        .endpoints = {{.name = endpoint, .is_up = is_up, .trouble = is_up ? "" : "refused"}}};
    struct ls_store_request request = verb(LS_STORE_OBSERVE);
    request.observation = &seen;
    assert_int_equal(ask(bench, request), LS_CODE_OK);
}

static int64_t endpoints(const char *which)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM lockstep.endpoints WHERE %s", which);
    return database_number(hands, sql);
}

static void endpoints_are_as_the_leader_sees_them(void **state)
{
    struct bench leader, other;
    (void)state;
    (void)open_worker(&leader);
    assert_int_equal(ask(&leader, verb(LS_STORE_TICK)), LS_CODE_OK);
    (void)open_worker(&other);
    assert_int_equal(ask(&other, verb(LS_STORE_TICK)), LS_CODE_OK);
    assert_false(other.reply.is_leader);

    observe(&leader, "both", true);
    observe(&other, "both", false);
    observe(&other, "own", false);
    assert_int_equal(endpoints("name = 'both' AND is_up"), 1);
    assert_int_equal(endpoints("name = 'own' AND NOT is_up"), 1);

    /* the leader does not have it any more, or does not say so */
    database_run(hands, "UPDATE lockstep.endpoint SET seen_at = seen_at - interval '11 s'");
    observe(&other, "both", false);
    assert_int_equal(endpoints("name = 'both' AND NOT is_up AND trouble = 'refused'"), 1);

    observe(&leader, "both", true);
    assert_int_equal(endpoints("name = 'both' AND is_up"), 1);
    ls_pg_store_free(leader.store);
    ls_pg_store_free(other.store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_worker_whose_session_ended_is_lost_after_two_heartbeats,
                               setup),
        cmocka_unit_test_setup(a_worker_that_only_stands_still_keeps_its_lease, setup),
        cmocka_unit_test_setup(an_old_leader_does_no_duties, setup),
        cmocka_unit_test_setup(endpoints_are_as_the_leader_sees_them, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error");
    int failures = cmocka_run_group_tests_name("workers", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
