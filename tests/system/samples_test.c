/* What the dashboard said each minute, what happened, and what came first. */
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

/* An operation that failed so many minutes ago. */
static void make_failed(const char *key, int minutes)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Expired',"
                   " state_at = now() - interval '%d minutes',"
                   " created_at = now() - interval '%d minutes' WHERE id = %lld",
                   minutes, minutes + 1, (long long)make_op(key));
    database_run(hands, sql);
}

static void make_worker(void)
{
    database_run(hands,
                 "INSERT INTO lockstep.worker (pid, lease_ms, host, version, payer, signers,"
                 " balance, balance_at, heartbeat_ms) VALUES (7, 30000, 'sync-1', '1', 'P',"
                 " '{P}', 5000, now(), 5000)");
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

static struct ls_dashboard *dashboard_at(int64_t at_ms)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    ls_err err = ls_session_dashboard_at(session, at_ms, facts, &why);
    if (ls_failed(err)) fail_msg("dashboard at: %s", why.text);
    return facts;
}

/* Move what was recorded so many minutes into the past. */
static void age_samples(int minutes)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql,
                   "UPDATE lockstep.sample SET minute = minute - interval '%d minutes'",
                   minutes);
    database_run(hands, sql);
}

static void the_leader_records_one_sample_a_minute(void **state)
{
    (void)state;
    make_worker();

    database_run(hands, "SELECT lockstep.worker_tick(max(id)) FROM lockstep.worker");
    database_run(hands, "SELECT lockstep.worker_tick(max(id)) FROM lockstep.worker");

    int64_t count = database_number(hands, "SELECT count(*) FROM lockstep.sample");
    assert_in_range(count, 1, 2); /* two where the minute ended between */
    assert_int_equal(
        database_number(hands, "SELECT count(*) FROM lockstep.alert WHERE rule = 'sample'"), 0);
}

static void the_past_is_shown_as_it_was_recorded(void **state)
{
    (void)state;
    make_worker();
    make_failed("a", 10);
    make_failed("b", 10);
    (void)make_op("c");
    database_run(hands, "INSERT INTO lockstep.endpoint (name, is_up, slot, latency_ms,"
                        " error_permille, trouble) VALUES ('rpc-b', false, 9, 5, 1000, 'timed"
                        " out')");
    database_run(hands, "INSERT INTO lockstep.gate (selector, scope, kind, reason, actor,"
                        " by_worker) VALUES ('kind:event', 1, 2, 'CHG-90', 'op1', false)");
    database_run(hands, "SELECT lockstep.sample_take()");
    age_samples(5);
    database_run(hands, "DELETE FROM lockstep.op; DELETE FROM lockstep.gate;"
                        "UPDATE lockstep.endpoint SET is_up = true");
    int64_t then = database_number(hands, "SELECT lockstep.ms(minute) FROM lockstep.sample");

    struct ls_dashboard *facts = dashboard_at(then + 30000);

    assert_true(facts->is_past);
    assert_int_equal(facts->counts[LS_STATE_FAILED], 2);
    assert_int_equal(facts->depth, 1);
    assert_true(facts->first_failed_ms > 0 && facts->oldest_trouble_ms > 0);
    assert_true(facts->oldest_trouble_ms < facts->first_failed_ms);
    assert_int_equal(facts->cause_count, 1);
    assert_string_equal(facts->causes[0].cause, "Expired");
    assert_int_equal(facts->causes[0].count, 2);
    assert_int_equal(facts->endpoint_count, 1);
    assert_false(facts->endpoints[0].is_up);
    assert_string_equal(facts->endpoints[0].trouble, "timed out");
    assert_int_equal(facts->gate_count, 1);
    assert_string_equal(facts->gates[0].reason, "CHG-90");
    assert_int_equal(facts->worker_count, 1);
    assert_string_equal(facts->workers[0].host, "sync-1");
    assert_true(facts->has_balance);
    assert_int_equal(facts->balance_lamports, 5000);
    free(facts);
}

static void what_came_within_a_minute_is_not_of_its_beginning(void **state)
{
    (void)state;
    database_run(hands, "SELECT lockstep.sample_take()");
    age_samples(5);
    database_run(hands, "INSERT INTO lockstep.minute (minute, done) SELECT minute + d.by, d.n"
                        " FROM lockstep.sample, (VALUES (interval '-1 minute', 40),"
                        " (interval '0', 70)) AS d (by, n)");
    int64_t then = database_number(hands, "SELECT lockstep.ms(minute) FROM lockstep.sample");

    struct ls_dashboard *facts = dashboard_at(then);

    assert_int_equal(facts->minute_done[LS_FACTS_MINUTES - 2], 40);
    assert_int_equal(facts->minute_done[LS_FACTS_MINUTES - 1], 0);
    assert_in_range(ls_dashboard_done_per_minute(facts), 0, 40);
    free(facts);
}

static void where_nothing_was_recorded_the_nearest_are_named(void **state)
{
    (void)state;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    struct ls_why why = {0};
    assert_non_null(facts);
    database_run(hands, "SELECT lockstep.sample_take()");
    database_run(hands, "UPDATE lockstep.sample SET minute = '2026-01-05 02:10Z'");
    int64_t at = database_number(hands, "SELECT lockstep.ms('2026-01-05 02:31Z')");

    assert_int_equal(ls_session_dashboard_at(session, at, facts, &why).code, LS_CODE_NOT_FOUND);

    assert_non_null(strstr(why.text, "nothing was recorded at 2026-01-05 02:31 UTC"));
    assert_non_null(strstr(why.text, "before it 2026-01-05 02:10, after it none"));
    assert_int_equal(ls_session_dashboard_at(session, at - 1800000, facts, &why).code,
                     LS_CODE_NOT_FOUND);
    assert_non_null(strstr(why.text, "before it none, after it 2026-01-05 02:10"));
    free(facts);
}

static void curves_come_from_samples_and_a_payer_that_spends_is_measured(void **state)
{
    (void)state;
    database_run(
        hands, "INSERT INTO lockstep.sample (minute, in_flight, stuck, lag_ms, timeline,"
               " balance, facts) SELECT date_trunc('minute', now()) - n * interval '1 minute',"
               " n, n * 2, n * 10, 1, CASE n WHEN 4 THEN 1000 WHEN 3 THEN 900 WHEN 2 THEN 5000"
               " ELSE 4960 END, '{}' FROM generate_series(1, 4) AS n");

    struct ls_dashboard *facts = dashboard();

    /* the minute may have ended between */
    int last = facts->minute_in_flight[LS_FACTS_MINUTES - 2] == 1 ? LS_FACTS_MINUTES - 2
                                                                  : LS_FACTS_MINUTES - 3;
    assert_int_equal(facts->minute_in_flight[last], 1);
    assert_int_equal(facts->minute_in_flight[last - 3], 4);
    assert_int_equal(facts->minute_stuck[last - 1], 4);
    assert_int_equal(facts->minute_lag_ms[last - 2], 30);
    assert_int_equal(facts->spent_lamports, 140); /* what came in does not count */
    assert_int_equal(facts->spent_minutes, 3);
    free(facts);
}

static void expect_first(const char *kind, const char *what)
{
    struct ls_dashboard *facts = dashboard();
    assert_string_equal(facts->first.kind, kind);
    assert_string_equal(facts->first.what, what);
    assert_int_equal(facts->first.at_ms > 0, kind[0] != '\0');
    free(facts);
}

static void what_came_first_is_the_earliest_of_the_databases_own_records(void **state)
{
    (void)state;
    make_failed("a", 10);
    expect_first("", "");

    database_run(hands, "INSERT INTO lockstep.alert (rule, subject, severity, state, message,"
                        " fired_at) VALUES"
                        " ('brake', '', 1, 2, 'x', now() - interval '11 minutes'),"
                        " ('failed', '', 1, 2, 'x', now() - interval '12 minutes'),"
                        " ('brake', '', 1, 0, 'x', now() - interval '9 minutes')");
    expect_first("brake", "");
    database_run(hands, "INSERT INTO lockstep.gate (selector, scope, payer, reason, actor,"
                        " by_worker, since) VALUES ('payer:P', 3, 'P', 'x', 'worker 1', true,"
                        " now() - interval '12 minutes')");
    expect_first("payer", "payer:P");
    database_run(hands,
                 "INSERT INTO lockstep.endpoint (name, is_up, slot, latency_ms, error_permille,"
                 " trouble, changed_at) VALUES"
                 " ('rpc-b', false, 9, 5, 1000, 'timed out', now() - interval '13 minutes'),"
                 " ('rpc-a', true, 9, 5, 0, '', now() - interval '14 minutes'),"
                 " ('rpc-c', false, 9, 5, 1000, '', now() - interval '40 minutes')");
    expect_first("endpoint", "rpc-b");
    database_run(hands,
                 "INSERT INTO lockstep.worker (pid, lease_ms, host, version, payer, signers,"
                 " is_lost, heartbeat_at, heartbeat_ms) VALUES (7, 30000, 'sync-1', '1', 'P',"
                 " '{P}', true, now() - interval '14 minutes', 5000)");
    struct ls_dashboard *facts = dashboard();
    assert_string_equal(facts->first.kind, "worker");
    assert_non_null(strstr(facts->first.what, " on sync-1"));
    free(facts);
    database_run(
        hands, "INSERT INTO lockstep.sample (minute, in_flight, stuck, lag_ms, timeline, facts)"
               " SELECT now() - n * interval '1 minute', 0, 0, 0, CASE WHEN n > 20 THEN 1 ELSE"
               " 2 END, '{}' FROM generate_series(18, 24) AS n");
    database_run(hands, "UPDATE lockstep.op SET state_at = now() - interval '19 minutes'");
    expect_first("failover", "");
}

/* An entry as if it had been written so many minutes ago, outside the chain. `worker`: whose
 * decision it was, "null" for a person's. */
static void write_audit(
    const char *action, const char *gate, const char *reason, const char *worker, int minutes)
{
    char sql[640];
    (void)snprintf(
        sql, sizeof sql,
        "INSERT INTO lockstep.audit (seq, prev_hash, hash, canonical)"
        " SELECT coalesce(max(seq), 0) + 1, sha256(('a' || count(*))::bytea),"
        " sha256(('b' || count(*))::bytea),"
        " jsonb_strip_nulls(jsonb_build_object('at_ms', lockstep.ms(now() -"
        " interval '%d minutes'), 'action', '%s', 'target', 'gate %s', 'actor', 'op1',"
        " 'reason', '%s', 'worker', %s))::text FROM lockstep.audit",
        minutes, action, gate, reason, worker);
    database_run(hands, sql);
}

static void a_gate_that_a_person_put_on_lets_nothing_fail(void **state)
{
    (void)state;
    make_failed("a", 10);
    database_run(hands, "INSERT INTO lockstep.gate (selector, scope, kind, reason, actor,"
                        " by_worker, since) VALUES ('kind:memo', 1, 1, 'x', 'op1', false,"
                        " now() - interval '12 minutes')");
    write_audit("gate.on", "kind:memo", "x", "null", 12);
    expect_first("", "");

    /* of itself, and not because of a person */
    write_audit("gate.off", "batch:7", "the batch is over", "null", 14);
    write_audit("gate.off", "payer:P", "the payer can pay again", "3", 14);
    expect_first("", "");
    write_audit("gate.off", "kind:event", "it is mended", "null", 11);
    expect_first("gate.off", "kind:event");
    write_audit("gate.on", "payer:P", "InsufficientFunds", "3", 12); /* lifted since */
    expect_first("payer", "payer:P");
    write_audit("gate.on", "fence:nonce", "nonce pool empty", "3", 13);
    expect_first("nonce", "fence:nonce");
}

static void a_gate_is_named_where_operations_are_stuck(void **state)
{
    (void)state;
    (void)make_op("a");
    database_run(hands, "UPDATE lockstep.op SET state = 2, sub = 0, worker = NULL,"
                        " state_at = now() - interval '10 minutes'");
    database_run(hands, "INSERT INTO lockstep.gate (selector, scope, kind, reason, actor,"
                        " by_worker, since) VALUES ('kind:memo', 1, 1, 'x', 'op1', false,"
                        " now() - interval '12 minutes')");

    expect_first("gate", "kind:memo");
}

static void events_are_the_newest_of_audit_and_alerts(void **state)
{
    (void)state;
    struct ls_action action = {.verb = LS_VERB_HOLD, .op = {make_op("a")}, .os_user = "ada"};
    struct ls_action_result result;
    memset(action.request_id, 7, sizeof action.request_id);
    (void)snprintf(action.reason, sizeof action.reason, "INC-551");
    ls_session_act(session, &action, &result);
    assert_false(ls_failed(result.err));
    database_run(hands,
                 "INSERT INTO lockstep.alert (rule, subject, severity, message, fired_at)"
                 " VALUES ('endpoint', 'rpc-b', 1, 'rpc-b is down',"
                 " now() - interval '1 minute')");

    struct ls_dashboard *facts = dashboard();

    assert_int_equal(facts->event_count, 2);
    assert_string_equal(facts->events[0].who, "ada");
    assert_string_equal(facts->events[0].action, "hold");
    assert_string_equal(facts->events[0].reason, "INC-551");
    assert_string_equal(facts->events[1].action, "alert.fired");
    assert_string_equal(facts->events[1].target, "endpoint rpc-b");
    int64_t now = facts->now_ms;
    free(facts);
    database_run(hands, "SELECT lockstep.sample_take()");
    age_samples(3);
    facts = dashboard_at(now - 150000);
    assert_int_equal(facts->event_count, 0); /* nothing had happened yet */
    free(facts);
}

/* An entry of the audit log as `who` would have left it. */
static void leave(const char *who, const char *action, const char *target, const char *reason)
{
    char sql[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.audit_append('%s', '%s', NULL, NULL, '%s',"
                   " '{\"os_user\":\"%s\"}', '{}', '{}')",
                   action, target, reason, who);
    database_run(hands, sql);
}

static void what_one_did_to_many_for_one_reason_is_one_event(void **state)
{
    (void)state;
    char target[32];
    for (int i = 0; i < 37; i++) {
        (void)snprintf(target, sizeof target, "op %d", 100 + i);
        leave("ann", "retry", target, "INC-551");
        if (i % 10 == 0) leave("bob", "hold", target, "mine");
    }
    leave("ann", "gate.on", "kind:memo", "INC-551");
    leave("ann", "gate.on", "all", "INC-551");
    leave("ann", "retry", "op 7", "another reason");

    struct ls_dashboard *facts = dashboard();
    const struct ls_event_row *events = facts->events;
    assert_int_equal(facts->event_count, 5);
    assert_string_equal(events[0].target, "op 7");
    assert_string_equal(events[1].target, "all");
    assert_string_equal(events[2].target, "kind:memo");
    assert_string_equal(events[3].target, "37 operations");
    assert_string_equal(events[3].action, "retry");
    assert_string_equal(events[4].target, "4 operations");
    assert_string_equal(events[4].who, "bob");
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_leader_records_one_sample_a_minute, setup),
        cmocka_unit_test_setup(the_past_is_shown_as_it_was_recorded, setup),
        cmocka_unit_test_setup(what_came_within_a_minute_is_not_of_its_beginning, setup),
        cmocka_unit_test_setup(where_nothing_was_recorded_the_nearest_are_named, setup),
        cmocka_unit_test_setup(curves_come_from_samples_and_a_payer_that_spends_is_measured,
                               setup),
        cmocka_unit_test_setup(what_came_first_is_the_earliest_of_the_databases_own_records,
                               setup),
        cmocka_unit_test_setup(a_gate_that_a_person_put_on_lets_nothing_fail, setup),
        cmocka_unit_test_setup(a_gate_is_named_where_operations_are_stuck, setup),
        cmocka_unit_test_setup(events_are_the_newest_of_audit_and_alerts, setup),
        cmocka_unit_test_setup(what_one_did_to_many_for_one_reason_is_one_event, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    int failures = cmocka_run_group_tests_name("samples", tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
