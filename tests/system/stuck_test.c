/* What counts as stuck: what stands still for longer than its kind's objective, and not what
 * waits its turn behind something that moves. The list, the dashboard and the groups by cause
 * say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

enum {
    SQL_BYTES = 512,
    CALM = 5,
    LATE = 300,
    EARLY = 900
}; /* seconds; a memo's objective: 60 */

static PGconn *hands;
static ls_session *session;

static int setup(void **state)
{
    (void)state;
    database_empty(hands);
    return 0;
}

static ls_op_id memo(const char *key, const char *entity, const char *batch)
{
    char payload[SQL_BYTES / 4];
    char sql[SQL_BYTES];
    (void)snprintf(payload, sizeof payload, "{\"text\":\"%s\"}", key);
    (void)snprintf(sql, sizeof sql,
                   "SELECT lockstep.enqueue('memo', '%s', '%s', entity => %s, batch => %s)",
                   payload, key, entity, batch);
    return (ls_op_id){database_number(hands, sql)};
}

/* It came into this state so long ago. */
static void stands(const char *key, enum ls_state state, enum ls_sub sub, int seconds)
{
    char sql[SQL_BYTES];
    (void)snprintf(
        sql, sizeof sql,
        "UPDATE lockstep.op SET state = %d, sub = %d, state_at = now() - interval '%d "
        "seconds' WHERE key = '%s'",
        (int)state, (int)sub, seconds, key);
    database_run(hands, sql);
}

static int64_t listed(const char *text)
{
    struct ls_why why = {0};
    struct ls_filter filter;
    struct ls_op_page *page = calloc(1, sizeof *page);
    assert_non_null(page);
    if (ls_failed(ls_filter_parse(text, &filter, &why))) fail_msg("filter: %s", why.text);
    const struct ls_ops_query query = {&filter, LS_SORT_ID_ASC, NULL, 100};
    ls_err err = ls_session_ops(session, &query, page, &why);
    if (ls_failed(err)) fail_msg("ops: %s", why.text);
    const int64_t count = (int64_t)page->count;
    free(page);
    return count;
}

/* So many by all, the first since so many seconds. */
static void expect_stuck(int64_t count, int64_t seconds)
{
    struct ls_why why = {0};
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    ls_err err = ls_session_dashboard(session, facts, &why);
    if (ls_failed(err)) fail_msg("dashboard: %s", why.text);
    int64_t grouped = 0;
    for (size_t i = 0; i < facts->cause_count; i++)
        if (facts->causes[i].is_stuck) grouped += facts->causes[i].count;
    const int64_t since_ms =
        facts->oldest_stuck_ms == 0 ? 0 : facts->now_ms - facts->oldest_stuck_ms;
    assert_int_equal(facts->stuck, count);
    assert_int_equal(grouped, count);
    assert_int_equal(listed("stuck"), count); /* all at once … */
    assert_int_equal(listed("stuck kind:memo"), count);
    assert_int_equal(listed("stuck key:*"), count); /* … and one by one */
    assert_int_equal(listed("stuck") + listed("!stuck"), listed(""));
    if (count > 0) assert_in_range(since_ms, seconds * 1000 - 1000, seconds * 1000 + 30000);
    free(facts);
}

static void one_entity(void)
{
    (void)memo("first", "'e'", "NULL");
    (void)memo("second", "'e'", "NULL");
    (void)memo("third", "'e'", "NULL");
    stands("second", LS_STATE_BLOCKED, LS_SUB_ENTITY, EARLY);
    stands("third", LS_STATE_BLOCKED, LS_SUB_ENTITY, EARLY);
}

static void what_waits_behind_something_that_moves_is_not_stuck(void **state)
{
    (void)state;
    one_entity();
    stands("first", LS_STATE_SUBMITTED, LS_SUB_SENT, CALM);
    expect_stuck(0, 0);
    stands("first", LS_STATE_READY, LS_SUB_GATED, EARLY); /* a gate is told by itself */
    expect_stuck(0, 0);
    stands("first", LS_STATE_BLOCKED, LS_SUB_DEPENDENCY, CALM);
    expect_stuck(0, 0);
}

static void behind_one_that_stands_still_all_are_stuck_since_it_does(void **state)
{
    (void)state;
    one_entity();
    stands("first", LS_STATE_SUBMITTED, LS_SUB_SENT, LATE);
    expect_stuck(3, LATE);
}

static void behind_a_failed_one_they_are_stuck_a_while_after_it_failed(void **state)
{
    (void)state;
    one_entity();
    stands("first", LS_STATE_FAILED, LS_SUB_NONE, CALM);
    expect_stuck(0, 0);
    stands("first", LS_STATE_FAILED, LS_SUB_NONE, LATE);
    expect_stuck(2, LATE);
}

static void a_first_one_that_nobody_lets_go_on_is_stuck_with_those_behind_it(void **state)
{
    (void)state;
    one_entity();
    stands("first", LS_STATE_BLOCKED, LS_SUB_ENTITY, LATE);
    expect_stuck(3, LATE);
}

static void a_dependant_is_stuck_with_what_it_needs(void **state)
{
    (void)state;
    (void)memo("maker", "NULL", "NULL");
    (void)memo("user", "NULL", "NULL");
    database_run(hands, "UPDATE lockstep.op SET depends_on = (SELECT id FROM lockstep.op WHERE"
                        " key = 'maker') WHERE key = 'user'");
    stands("user", LS_STATE_BLOCKED, LS_SUB_DEPENDENCY, EARLY);
    stands("maker", LS_STATE_READY, LS_SUB_NONE, EARLY);
    expect_stuck(0, 0);
    stands("maker", LS_STATE_SUBMITTED, LS_SUB_SENT, LATE);
    expect_stuck(2, LATE);
    database_run(hands, "UPDATE lockstep.op SET depends_on = 999999 WHERE key = 'user'");
    stands("maker", LS_STATE_SUBMITTED, LS_SUB_SENT, CALM);
    expect_stuck(1, EARLY); /* nothing is left to wait for */
}

static void open_batch(const char *policy)
{
    char sql[SQL_BYTES];
    char batch[32];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.batch_open('b', '%s')", policy);
    (void)snprintf(batch, sizeof batch, "%lld", (long long)database_number(hands, sql));
    (void)memo("one", "NULL", batch);
    (void)memo("two", "NULL", batch);
    (void)memo("three", "NULL", batch);
    stands("one", LS_STATE_BLOCKED, LS_SUB_BATCH, EARLY);
    stands("two", LS_STATE_BLOCKED, LS_SUB_BATCH, EARLY);
    stands("three", LS_STATE_BLOCKED, LS_SUB_BATCH, EARLY);
}

static void seal(void)
{
    database_run(hands, "SELECT lockstep.batch_seal(id) FROM lockstep.batch");
}

static void a_batch_that_is_not_sealed_is_not_stuck(void **state)
{
    (void)state;
    open_batch("ordered");
    expect_stuck(0, 0);
}

static void a_long_ordered_batch_whose_first_moves_is_not_stuck(void **state)
{
    (void)state;
    open_batch("ordered");
    seal();
    stands("one", LS_STATE_SUBMITTED, LS_SUB_CONFIRMED, CALM);
    expect_stuck(0, 0);
    stands("one", LS_STATE_SUBMITTED, LS_SUB_CONFIRMED, LATE);
    expect_stuck(3, LATE);
}

static void of_an_atomic_batch_the_held_one_keeps_the_others(void **state)
{
    (void)state;
    open_batch("atomic");
    seal();
    stands("one", LS_STATE_BLOCKED, LS_SUB_BATCH, EARLY);
    stands("two", LS_STATE_SUBMITTED, LS_SUB_CERTIFYING, CALM);
    expect_stuck(0, 0);
    stands("two", LS_STATE_HELD, LS_SUB_OPERATOR, LATE);
    expect_stuck(2, LATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_waits_behind_something_that_moves_is_not_stuck, setup),
        cmocka_unit_test_setup(behind_one_that_stands_still_all_are_stuck_since_it_does, setup),
        cmocka_unit_test_setup(behind_a_failed_one_they_are_stuck_a_while_after_it_failed,
                               setup),
        cmocka_unit_test_setup(a_first_one_that_nobody_lets_go_on_is_stuck_with_those_behind_it,
                               setup),
        cmocka_unit_test_setup(a_dependant_is_stuck_with_what_it_needs, setup),
        cmocka_unit_test_setup(a_batch_that_is_not_sealed_is_not_stuck, setup),
        cmocka_unit_test_setup(a_long_ordered_batch_whose_first_moves_is_not_stuck, setup),
        cmocka_unit_test_setup(of_an_atomic_batch_the_held_one_keeps_the_others, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    session = session_open_url(database_url());
    int failures = cmocka_run_group_tests_name("stuck", tests, NULL, NULL);
    ls_session_free(session);
    PQfinish(hands);
    return failures;
}
