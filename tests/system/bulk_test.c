/* Bulk jobs at the edge of the database: who may do what, what is judged how, and that a step
 * yields to whoever holds a lock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/core/look.h"

static PGconn *hands, *other;
static ls_session *session;

/* Memos m1, m2, … in state failed, and a worker that leads. */
static int64_t make_failed(int count)
{
    char sql[512];
    database_empty(hands);
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'm' || i)"
                   " FROM generate_series(1, %d) AS i;"
                   "UPDATE lockstep.op SET state = 5, sub = 0, cause = 'Expired',"
                   " version = version + 1",
                   count);
    database_run(hands, sql);
    const int64_t worker = database_number(
        hands, "SELECT worker_id FROM lockstep.worker_hello(0, 'host', 1, 'v', 600000,"
               " '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY',"
               " '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY', '{}')");
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM lockstep.worker_tick(%d)",
                   (int)worker);
    database_run(hands, sql);
    return worker;
}

static struct ls_bulk_order order_of(enum ls_verb verb, const char *filter)
{
    struct ls_bulk_order order = {
        .verb = verb, .expect = -1, .rate = 1000, .abort_above = LS_BULK_ABORT_NEVER};
    (void)snprintf(order.filter, sizeof order.filter, "%s", filter);
    (void)snprintf(order.reason, sizeof order.reason, "INC-551");
    order.request_id[0] = 7;
    return order;
}

static int64_t start_job(const struct ls_bulk_order *order)
{
    struct ls_action_result result;
    ls_session_bulk_start(session, order, &result);
    if (ls_failed(result.err)) fail_msg("%s", result.why.text);
    return result.new_op;
}

static int64_t step(int64_t worker)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.bulk_step(%d)", (int)worker);
    return database_number(hands, sql);
}

/* What a worker's process does that finds the same of everything that is asked; how many. */
static int64_t answer_looks(enum ls_look found)
{
    char sql[640];
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n,"
                   " lockstep.look_answer(array_agg(t.request), array_agg(t.op),"
                   " array_agg(%d::smallint), array_agg('sig'::text), array_agg(77::bigint),"
                   " array_agg(100::bigint), array_agg('as the test has it'::text))"
                   " FROM (SELECT DISTINCT request, op FROM lockstep.look_take(1000)) AS t"
                   " HAVING count(*) > 0 OFFSET 0) AS answered",
                   (int)found);
    return database_number(hands, sql);
}

static struct ls_bulk_row job_of(int64_t id)
{
    static struct ls_bulk_page page;
    struct ls_why why = {0};
    ls_err err = ls_session_bulks(session, id, 0, &page, &why);
    assert_false(ls_failed(err));
    assert_int_equal(page.count, 1);
    return page.rows[0];
}

/* Steps with answers until nothing waits. */
static void carry_out(int64_t worker, int64_t job)
{
    for (int i = 0; i < 40 && job_of(job).waiting > 0; i++) {
        (void)step(worker);
        (void)answer_looks(LS_LOOK_NOT_FOUND);
    }
}

static int64_t judged(enum ls_verb verb, int state, int sub)
{
    char sql[160];
    (void)snprintf(sql, sizeof sql,
                   "SELECT verdict FROM lockstep.bulk_judge(%d::smallint, '{1}', '{1}', '{%d}',"
                   " '{%d}')",
                   (int)verb, state, sub);
    return database_number(hands, sql);
}

static void a_job_is_made_of_what_each_action_allows(void **state)
{
    (void)state;
    for (int verb = LS_VERB_RETRY; verb <= LS_VERB_CANCEL; verb++) {
        for (int at = 0; at < LS_STATE_COUNT; at++) {
            static const int subs[] = {0, LS_SUB_OPERATOR, LS_SUB_AMBIGUOUS,
                                       LS_SUB_COMPENSATING};
            for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++) {
                const bool is_allowed =
                    ls_verb_allowed((enum ls_verb)verb, (ls_op_id){1}, LS_KIND_MEMO,
                                    (enum ls_state)at, (enum ls_sub)subs[i], NULL);
                const bool is_target = judged((enum ls_verb)verb, at, subs[i]) == 0;
                if (is_target != is_allowed)
                    fail_msg("verb %d, state %d, sub %d: SQL says %d, core %d", verb, at,
                             subs[i], is_target, is_allowed);
            }
        }
    }
}

static void an_operation_that_may_still_land_is_left_out_as_unknown(void **state)
{
    (void)state;
    struct ls_bulk_weight weight;
    struct ls_why why = {0};
    make_failed(3);
    database_run(hands,
                 "INSERT INTO lockstep.attempt (op, last_valid_height, worker, created_at,"
                 " attempt, signature, blockhash, signer, tx) SELECT min(id), 1, 1, now(),"
                 " 1, 'sig', 'h', 'p', '\\x01' FROM lockstep.op");
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");

    ls_err err = ls_session_bulk_weigh(session, &order, &weight, &why);

    assert_false(ls_failed(err));
    assert_int_equal(weight.targets, 2);
    assert_int_equal(weight.left_unknown, 1);
    assert_int_equal(job_of(start_job(&order)).left_unknown, 1);
}

static void the_same_order_twice_is_one_job(void **state)
{
    (void)state;
    make_failed(4);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    order.expect = 4;

    const int64_t job = start_job(&order);

    assert_int_equal(start_job(&order), job);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.bulk"), 1);
}

static void only_the_leader_steps_and_each_target_is_acted_on_once(void **state)
{
    (void)state;
    const int64_t worker = make_failed(5);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);

    assert_int_equal(step(worker + 1), -1);
    assert_int_equal(job_of(job).waiting, 5);
    carry_out(worker, job);

    assert_int_equal(job_of(job).sent, 5);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit_log WHERE"
                                            " action = 'retry' AND reason LIKE 'bulk job %'"),
                     5);
    (void)step(worker);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.audit_log WHERE"
                                            " action = 'retry'"),
                     5);
}

static void a_locked_operation_waits_for_its_turn(void **state)
{
    (void)state;
    const int64_t worker = make_failed(1);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);
    database_run(other, "BEGIN; SELECT id FROM lockstep.op FOR UPDATE");

    assert_true(step(worker) > 0);
    assert_int_equal(job_of(job).waiting, 1);
    database_run(other, "COMMIT");
    carry_out(worker, job);

    assert_int_equal(job_of(job).sent, 1);
}

static void what_changed_meanwhile_is_refused_and_the_others_go_on(void **state)
{
    (void)state;
    const int64_t worker = make_failed(3);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);
    database_run(hands, "SELECT lockstep.hold(min(id), 'not this one') FROM lockstep.op");

    carry_out(worker, job);

    assert_int_equal(job_of(job).sent, 2);
    assert_int_equal(job_of(job).refused, 1);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.bulk_targets WHERE"
                                            " why LIKE '%changed meanwhile%'"),
                     1);
}

static void nothing_is_sent_before_the_ledger_was_looked_at(void **state)
{
    (void)state;
    const int64_t worker = make_failed(3);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);

    for (int i = 0; i < 5; i++) (void)step(worker);

    assert_int_equal(job_of(job).waiting, 3);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.look"), 3);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.bulk_targets WHERE"
                                            " why = 'the ledger is asked'"),
                     3);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 3);
    (void)step(worker);
    assert_int_equal(job_of(job).sent, 3);
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM lockstep.audit_log WHERE"
                                     " action = 'verify.result' AND target LIKE 'bulk %'"),
                     1);
}

static void what_the_ledger_has_or_may_have_is_not_sent_again(void **state)
{
    (void)state;
    static const enum ls_look found[] = {LS_LOOK_LANDED, LS_LOOK_MAY_LAND, LS_LOOK_ERRORED,
                                         LS_LOOK_NOTHING_SENT};
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        const int64_t worker = make_failed(2);
        struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
        const int64_t job = start_job(&order);
        (void)step(worker);
        assert_int_equal(answer_looks(found[i]), 2);
        (void)step(worker);

        const struct ls_bulk_row row = job_of(job);
        assert_int_equal(row.landed, found[i] == LS_LOOK_LANDED ? 2 : 0);
        assert_int_equal(row.doubt, found[i] == LS_LOOK_MAY_LAND ? 2 : 0);
        assert_int_equal(row.sent, i < 2 ? 0 : 2);
        assert_int_equal(row.waiting, 0);
        assert_int_equal(row.state, i < 2 ? LS_BULK_FINISHED : LS_BULK_RUNNING);
        assert_int_equal(
            database_number(hands, "SELECT count(*) FROM lockstep.op WHERE state = 5"),
            i < 2 ? 2 : 0);
    }
}

static void where_the_ledger_does_not_answer_it_waits_and_asks_again(void **state)
{
    (void)state;
    char words[LS_BULK_WORDS_BYTES];
    const int64_t worker = make_failed(2);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);
    (void)step(worker);
    assert_int_equal(answer_looks(LS_LOOK_NO_ANSWER), 2);

    assert_int_equal(step(worker), 1000); /* no hurry */
    assert_int_equal(job_of(job).silent, 2);
    const struct ls_bulk_row row = job_of(job);
    ls_bulk_words(&row, words);
    assert_string_equal(words, "2 wait: ledger silent");
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 0); /* not asked again at once */
    database_run(hands, "UPDATE lockstep.look SET answered_at = answered_at - interval '6 s'");
    (void)step(worker);
    assert_int_equal(job_of(job).waiting, 2);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 2);
    (void)step(worker);

    assert_int_equal(job_of(job).silent, 0);
    assert_int_equal(job_of(job).sent, 2);
}

static void a_look_counts_for_a_minute_and_not_beyond_a_change(void **state)
{
    (void)state;
    const int64_t worker = make_failed(1);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    const int64_t job = start_job(&order);
    (void)step(worker);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 1);

    database_run(hands, "UPDATE lockstep.look SET answered_at = answered_at - interval '61 s'");
    (void)step(worker);
    assert_int_equal(job_of(job).waiting, 1);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 1);
    database_run(hands, "UPDATE lockstep.op SET state_at = clock_timestamp()");
    (void)step(worker);
    assert_int_equal(job_of(job).waiting, 1);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 1);
    (void)step(worker);

    assert_int_equal(job_of(job).sent, 1);
}

static void a_canary_has_only_its_own_looked_up(void **state)
{
    (void)state;
    const int64_t worker = make_failed(10);
    struct ls_bulk_order order = order_of(LS_VERB_RETRY, "state:failed");
    order.canary = 2;
    const int64_t job = start_job(&order);

    (void)step(worker);
    assert_int_equal(answer_looks(LS_LOOK_LANDED), 2); /* these are none of the canary's */
    (void)step(worker);
    (void)step(worker);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 2);
    (void)step(worker);
    (void)step(worker);

    assert_int_equal(job_of(job).landed, 2);
    assert_int_equal(job_of(job).sent, 2);
    assert_int_equal(job_of(job).state, LS_BULK_CANARY);
    assert_int_equal(answer_looks(LS_LOOK_NOT_FOUND), 0);
}

static void what_moves_nothing_on_the_ledger_needs_no_look(void **state)
{
    (void)state;
    const int64_t worker = make_failed(3);
    struct ls_bulk_order order = order_of(LS_VERB_HOLD, "state:failed");
    const int64_t job = start_job(&order);

    for (int i = 0; i < 5; i++) (void)step(worker);

    assert_int_equal(job_of(job).waiting, 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.look"), 0);
}

static void a_viewer_weighs_and_starts_nothing(void **state)
{
    (void)state;
    char code[6], message[512];
    make_failed(1);
    database_run(hands, "DROP ROLE IF EXISTS bulk_viewer; CREATE ROLE bulk_viewer LOGIN IN ROLE"
                        " lockstep_viewer");
    PGconn *viewer = database_open(database_url_as("bulk_viewer"));

    assert_int_equal(database_number(viewer,
                                     "SELECT targets FROM lockstep.bulk_weigh(1::smallint,"
                                     " '{1}', '{1}', '{5}', '{0}')"),
                     1);
    database_refused(viewer,
                     "SELECT lockstep.bulk_start(1::smallint, 'x', '{1}', '{1}', '{5}',"
                     " '{0}', -1, 1, 0, 100, 'r', decode(repeat('07', 16), 'hex'))",
                     code, message);
    assert_string_equal(code, "42501");
    database_refused(viewer, "SELECT lockstep.bulk_step(1)", code, message);
    assert_string_equal(code, "42501");
    PQfinish(viewer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_made_of_what_each_action_allows),
        cmocka_unit_test(an_operation_that_may_still_land_is_left_out_as_unknown),
        cmocka_unit_test(the_same_order_twice_is_one_job),
        cmocka_unit_test(only_the_leader_steps_and_each_target_is_acted_on_once),
        cmocka_unit_test(a_locked_operation_waits_for_its_turn),
        cmocka_unit_test(what_changed_meanwhile_is_refused_and_the_others_go_on),
        cmocka_unit_test(nothing_is_sent_before_the_ledger_was_looked_at),
        cmocka_unit_test(what_the_ledger_has_or_may_have_is_not_sent_again),
        cmocka_unit_test(where_the_ledger_does_not_answer_it_waits_and_asks_again),
        cmocka_unit_test(a_look_counts_for_a_minute_and_not_beyond_a_change),
        cmocka_unit_test(a_canary_has_only_its_own_looked_up),
        cmocka_unit_test(what_moves_nothing_on_the_ledger_needs_no_look),
        cmocka_unit_test(a_viewer_weighs_and_starts_nothing),
    };
    database_migrate();
    hands = database_open(database_url());
    other = database_open(database_url());
    session = session_open_url(database_url());
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(other);
    PQfinish(hands);
    return failed;
}
