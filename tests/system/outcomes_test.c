/* The outcomes feed: what settles is told once, in order, whoever commits when; cursors last,
 * and what is not read is kept up to a bound and then missed loudly. */
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

enum { WRITERS = 4, WRITES = 150, READS_MAX = 20000 };

static PGconn *hands;

static int setup(void **state)
{
    (void)state;
    database_run(hands, "ROLLBACK");
    database_empty(hands);
    database_run(
        hands, "INSERT INTO lockstep.worker (id, pid, lease_ms, host, version, payer, signers)"
               " OVERRIDING SYSTEM VALUE VALUES (1, 1, 600000, 'h', '0', 'p', '{p}')");
    return 0;
}

static void tick(PGconn *connection)
{
    database_run(connection, "SELECT lockstep.worker_tick(1)");
}

static void enqueue(PGconn *connection, const char *key)
{
    char sql[128];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', '%s')",
                   key);
    database_run(connection, sql);
}

/* As a worker's move does, without its audit entry, whose lock would serialize all. */
static void finish(PGconn *connection, const char *key)
{
    char sql[256];
    (void)snprintf(
        sql, sizeof sql,
        "SELECT lockstep.finish(ARRAY[ROW (op, 6, NULL, NULL, 's', 5)::lockstep.ending])"
        " FROM lockstep.op_key WHERE key = '%s'",
        key);
    database_run(connection, sql);
}

/* What the consumer reads, as "key outcome, ...". */
static void expect_read(const char *consumer, const char *expected)
{
    char sql[256], text[512];
    (void)snprintf(sql, sizeof sql,
                   "SELECT coalesce(string_agg(key || ' ' || outcome, ', ' ORDER BY seq), '')"
                   " FROM lockstep.outcomes('%s', 100)",
                   consumer);
    database_text(hands, sql, text, sizeof text);
    assert_string_equal(text, expected);
}

static void a_row_that_commits_late_is_not_skipped(void **state)
{
    PGconn *slow = database_open(database_url());
    (void)state;
    expect_read("app", "");
    enqueue(hands, "early");
    enqueue(hands, "late");
    database_run(slow, "BEGIN");
    finish(slow, "late"); /* written first, committed last */
    finish(hands, "early");
    tick(hands);
    expect_read("app", "early done");
    database_run(hands, "SELECT lockstep.outcomes_ack('app', 1)");
    tick(hands);
    expect_read("app", "");

    database_run(slow, "COMMIT");
    expect_read("app", ""); /* committed, but without a number it is not shown */
    tick(hands);

    expect_read("app", "late done");
    PQfinish(slow);
}

static void what_is_not_acknowledged_comes_again(void **state)
{
    (void)state;
    expect_read("app", "");
    expect_read("other", "");
    enqueue(hands, "a");
    finish(hands, "a");
    tick(hands);

    expect_read("app", "a done");
    expect_read("app", "a done");
    database_run(hands, "SELECT lockstep.outcomes_ack('app', 1)");
    database_run(hands, "SELECT lockstep.outcomes_ack('app', 0)"); /* never back */
    expect_read("app", "");
    expect_read("other", "a done");
    assert_int_equal(
        database_number(hands, "SELECT lag FROM lockstep.consumers WHERE name = 'other'"), 1);
}

static void the_life_of_an_operation_is_told_in_order(void **state)
{
    static const char steps[] =
        "UPDATE lockstep.op SET state = 3, sub = 20, signature = 'sig', slot = 5;"
        "UPDATE lockstep.op SET sub = 21;"
        "UPDATE lockstep.op SET sub = 21, updated_at = now();" /* no news */
        "SELECT lockstep.finish(ARRAY[ROW (id, 6, NULL, NULL, 'sig', 5)::lockstep.ending])"
        " FROM lockstep.op";
    char text[64];
    (void)state;
    expect_read("app", "");
    enqueue(hands, "a");
    database_run(hands, steps);
    tick(hands);

    expect_read("app", "a confirmed, a done");
    database_text(hands,
                  "SELECT signature || ' ' || slot FROM lockstep.outcomes('app', 9)"
                  " WHERE outcome = 'done'",
                  text, sizeof text);
    assert_string_equal(text, "sig 5");
}

static void nothing_is_written_while_nobody_reads(void **state)
{
    (void)state;
    enqueue(hands, "a");
    finish(hands, "a");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.outcome_new"), 0);
}

static void beyond_its_bound_the_slowest_consumer_is_told_what_it_lost(void **state)
{
    char code[6], message[512];
    (void)state;
    database_run(hands, "UPDATE lockstep.outcome_head SET keep_max = 4");
    expect_read("slow", "");
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "w%d", i);
        enqueue(hands, key);
        finish(hands, key);
    }
    tick(hands);
    assert_int_equal(database_number(hands, "SELECT severity FROM lockstep.alert"
                                            " WHERE rule = 'outcomes' AND state < 2"),
                     1);
    for (int i = 0; i < 3; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "l%d", i);
        enqueue(hands, key);
        finish(hands, key);
    }
    tick(hands);

    assert_int_equal(database_number(hands, "SELECT severity FROM lockstep.alert"
                                            " WHERE rule = 'outcomes' AND state < 2"),
                     2);
    assert_int_equal(
        database_number(hands, "SELECT lost FROM lockstep.consumers WHERE name = 'slow'"), 2);
    database_refused(hands, "SELECT lockstep.outcomes('slow', 10)", code, message);
    assert_string_equal(code, "LS004");
    assert_non_null(strstr(message, "lost outcomes 1 to 2"));
    database_run(hands, "SELECT lockstep.outcomes_ack('slow', 2)");
    expect_read("slow", "w2 done, l0 done, l1 done, l2 done");
    database_run(hands, "SELECT lockstep.outcomes_ack('slow', 6)");
    tick(hands);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.outcome_log"), 0);
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.alert"
                                            " WHERE rule = 'outcomes' AND state < 2"),
                     0);
}

static void bad_arguments_and_other_logins_are_refused(void **state)
{
    static const struct {
        const char *sql, *code;
    } cases[] = {
        {"SELECT lockstep.outcomes('', 1)", "LS003"},
        {"SELECT lockstep.outcomes(NULL, 1)", "LS003"},
        {"SELECT lockstep.outcomes(E'a\\nb', 1)", "LS003"},
        {"SELECT lockstep.outcomes('app', 0)", "LS003"},
        {"SELECT lockstep.outcomes('app', NULL)", "LS003"},
        {"SELECT lockstep.outcomes_ack('app', 1)", "LS003"},
        {"SELECT lockstep.outcomes_ack('app', NULL)", "LS003"},
        {"SELECT lockstep.outcomes_ack('nobody', 0)", "LS004"},
        {"SET SESSION AUTHORIZATION t_app; SELECT lockstep.outcomes('app', 1)", "LS004"},
        {"SET SESSION AUTHORIZATION t_app; SELECT lockstep.outcomes_ack('app', 0)", "LS004"},
        {"SET SESSION AUTHORIZATION t_app; SELECT lockstep.consumer_drop('app', 'r')", "42501"},
    };
    char code[6], message[512];
    (void)state;
    database_run(hands, "SET client_min_messages = error; DROP ROLE IF EXISTS t_app;"
                        "CREATE ROLE t_app LOGIN; GRANT lockstep_app TO t_app");
    expect_read("app", "");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        database_refused(hands, cases[i].sql, code, message);
        database_run(hands, "RESET SESSION AUTHORIZATION");
        if (strcmp(code, cases[i].code) != 0)
            fail_msg("%s: %s %s", cases[i].sql, code, message);
    }
    database_run(hands, "SELECT lockstep.consumer_drop('app', 'r')");
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.consumers"), 0);
}

static void write_many(int number)
{
    PGconn *mine = database_open(database_url());
    char key[32];
    for (int i = 0; i < WRITES; i++) {
        (void)snprintf(key, sizeof key, "w%d/%d", number, i);
        enqueue(mine, key);
        database_run(mine, "BEGIN");
        finish(mine, key);
        database_run(mine, "SELECT pg_sleep(random() * 0.003)"); /* commit in another order */
        database_run(mine, "COMMIT");
    }
    PQfinish(mine);
}

static pid_t start_writer(int number)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child != 0) return child;
    write_many(number);
    _exit(0);
}

/* A reader that acknowledges all it sees, while writers' transactions interleave and another
 * connection numbers: at the end it has seen every operation once, numbers without a gap. */
static void interleaved_transactions_lose_nothing(void **state)
{
    pid_t writers[WRITERS];
    int64_t seen = 0;
    (void)state;
    expect_read("app", "");
    database_run(hands, "CREATE TEMP TABLE IF NOT EXISTS seen (seq bigint PRIMARY KEY, key text"
                        " UNIQUE); TRUNCATE seen");
    for (int i = 0; i < WRITERS; i++) writers[i] = start_writer(i);
    for (int i = 0; i < READS_MAX && seen < (int64_t)WRITERS * WRITES; i++) {
        tick(hands);
        database_run(hands, "WITH read AS (SELECT * FROM lockstep.outcomes('app', 7))"
                            " INSERT INTO seen SELECT seq, key FROM read;"
                            "SELECT lockstep.outcomes_ack('app', (SELECT coalesce(max(seq), 0)"
                            " FROM seen))");
        seen = database_number(hands, "SELECT count(*) FROM seen");
    }
    for (int i = 0; i < WRITERS; i++) {
        int status = -1;
        assert_int_equal(waitpid(writers[i], &status, 0), writers[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(seen, WRITERS * WRITES);
    assert_int_equal(database_number(hands, "SELECT max(seq) - min(seq) + 1 FROM seen"),
                     WRITERS * WRITES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_row_that_commits_late_is_not_skipped, setup),
        cmocka_unit_test_setup(what_is_not_acknowledged_comes_again, setup),
        cmocka_unit_test_setup(the_life_of_an_operation_is_told_in_order, setup),
        cmocka_unit_test_setup(nothing_is_written_while_nobody_reads, setup),
        cmocka_unit_test_setup(beyond_its_bound_the_slowest_consumer_is_told_what_it_lost,
                               setup),
        cmocka_unit_test_setup(bad_arguments_and_other_logins_are_refused, setup),
        cmocka_unit_test_setup(interleaved_transactions_lose_nothing, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error");
    int failures = cmocka_run_group_tests_name("outcomes", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
