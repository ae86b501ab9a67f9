/* Retention: old days of history go, then old keys, a piece a tick; nothing waits long for it,
 * and whoever asks for what is gone is told so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "database.h"

static PGconn *hands;

static void tick(void)
{
    database_run(hands, "SELECT lockstep.worker_tick(1)");
}

/* The leader would rest; look again now. */
static void look_again(void)
{
    database_run(hands, "UPDATE lockstep.retention SET next_at = '-infinity'");
    tick();
}

/* One finished operation `key` of so many days ago, in a partition of its day. */
static void finish_in_the_past(const char *key, int days)
{
    char sql[1024];
    (void)snprintf(
        sql, sizeof sql,
        "DO $$ DECLARE d date := (now() AT TIME ZONE 'UTC')::date - %d; parent text; BEGIN"
        " FOREACH parent IN ARRAY ARRAY['history', 'attempt_history'] LOOP"
        " EXECUTE format('CREATE TABLE IF NOT EXISTS lockstep.%%I PARTITION OF lockstep.%%I FOR"
        " VALUES FROM (%%L) TO (%%L)', parent || to_char(d, '_YYYYMMDD'), parent, d, d + 1);"
        " EXECUTE format('ALTER TABLE lockstep.%%I OWNER TO lockstep_owner',"
        " parent || to_char(d, '_YYYYMMDD')); END LOOP;"
        " PERFORM lockstep.enqueue('memo', '{\"text\":\"x\"}', '%s');"
        " PERFORM lockstep.finish(ARRAY[ROW (max(id), 6, NULL, NULL, 's', 5)::lockstep.ending])"
        " FROM lockstep.op WHERE key = '%s';"
        " UPDATE lockstep.history SET day = d WHERE key = '%s';"
        " UPDATE lockstep.op_key SET finished_day = d WHERE key = '%s'; END $$",
        days, key, key, key, key);
    database_run(hands, sql);
}

static int64_t count_of(const char *what)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", what);
    return database_number(hands, sql);
}

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

static void a_day_beyond_the_policy_is_dropped_and_said_to_be(void **state)
{
    char code[6], message[512];
    (void)state;
    finish_in_the_past("old", 401);
    finish_in_the_past("young", 399);

    tick();

    assert_int_equal(count_of("lockstep.history"), 1);
    assert_int_equal(count_of("pg_class WHERE relname = 'history_' || to_char((now() AT TIME"
                              " ZONE 'UTC')::date - 401, 'YYYYMMDD')"),
                     0);
    assert_int_equal(count_of("lockstep.audit_log WHERE action = 'retention.drop'"), 1);
    assert_int_equal(count_of("lockstep.status('old') WHERE state = 'done' AND cause ="
                              " 'HistoryDropped' AND signature IS NULL"),
                     1);
    assert_int_equal(count_of("lockstep.status('young') WHERE signature = 's'"), 1);
    database_refused(hands,
                     "SELECT lockstep.compensate((SELECT op FROM lockstep.op_key WHERE"
                     " key = 'old'), 'r')",
                     code, message);
    assert_string_equal(code, "P0002");
    assert_non_null(strstr(message, "kept no longer"));
    database_refused(hands, "SELECT lockstep.enqueue('memo', '{\"text\":\"y\"}', 'old')", code,
                     message); /* the key outlives its history */
    assert_string_equal(code, "LS001");
}

static void a_reader_delays_the_drop_and_the_drop_delays_nobody(void **state)
{
    PGconn *reader = database_open(database_url());
    (void)state;
    finish_in_the_past("old", 410);
    database_run(reader, "BEGIN; SELECT count(*) FROM lockstep.history");
    int64_t began_ms = database_clock().monotonic_ms(NULL);

    tick();

    assert_true(database_clock().monotonic_ms(NULL) - began_ms < 3000);
    assert_int_equal(count_of("lockstep.status('old') WHERE signature = 's'"), 1);
    assert_int_equal(count_of("lockstep.alert WHERE rule = 'retention' AND state < 2"), 1);
    database_run(reader, "COMMIT");
    PQfinish(reader);
    look_again();
    assert_int_equal(count_of("lockstep.history"), 0);
    look_again();
    assert_int_equal(count_of("lockstep.alert WHERE rule = 'retention' AND state < 2"), 0);
}

static void keys_go_later_and_only_when_nothing_needs_them(void **state)
{
    (void)state;
    finish_in_the_past("ancient", 801);
    finish_in_the_past("needed", 801);
    finish_in_the_past("known", 799);
    database_run(hands,
                 "SELECT lockstep.enqueue('memo', '{\"text\":\"x\"}', 'later');"
                 "UPDATE lockstep.op SET state = 1, sub = 11, depends_on = (SELECT op FROM"
                 " lockstep.op_key WHERE key = 'needed') WHERE key = 'later'");
    for (int i = 0; i < 6; i++) look_again();

    assert_int_equal(count_of("lockstep.op_key WHERE key = 'ancient'"), 0);
    assert_int_equal(count_of("lockstep.op_key WHERE key IN ('needed', 'known', 'later')"), 3);
    assert_int_equal(count_of("lockstep.history"), 0);
}

static void a_key_stays_as_long_as_that_of_what_undid_it(void **state)
{
    (void)state;
    finish_in_the_past("of-before", 801); /* its compensation's key has its id */
    database_run(hands, "UPDATE lockstep.meta SET ids_until = (SELECT max(op) FROM"
                        " lockstep.op_key)");
    finish_in_the_past("undone", 801);
    finish_in_the_past("emptied", 801);
    finish_in_the_past("comp", 799);
    finish_in_the_past("undo", 799);
    finish_in_the_past("rent", 799);
    database_run(hands,
                 "UPDATE lockstep.op_key c SET key = lockstep.undo_key(k.op, k.key)"
                 "  FROM lockstep.op_key k WHERE c.key = 'comp' AND k.key = 'of-before';"
                 "UPDATE lockstep.op_key SET key = 'ls:undo:undone' WHERE key = 'undo';"
                 "UPDATE lockstep.op_key SET key = 'ls:rent:emptied' WHERE key = 'rent'");

    for (int i = 0; i < 6; i++) look_again();

    assert_int_equal(count_of("lockstep.op_key"), 6);
    assert_int_equal(count_of("lockstep.op_key WHERE key LIKE 'ls:comp:%'"), 1);
    database_run(hands, "UPDATE lockstep.op_key SET finished_day = finished_day - 2");
    for (int i = 0; i < 9; i++) look_again();
    assert_int_equal(count_of("lockstep.op_key"), 0);
    database_run(hands, "UPDATE lockstep.meta SET ids_until = 0");
}

static void a_day_whose_functions_are_still_due_stays(void **state)
{
    (void)state;
    finish_in_the_past("old", 401);
    database_run(hands, "INSERT INTO lockstep.hook_due (op, day, kind, due_at) SELECT id, day,"
                        " kind, 'infinity' FROM lockstep.history");
    tick();

    assert_int_equal(count_of("lockstep.history"), 1);
    assert_int_equal(count_of("lockstep.alert WHERE rule = 'retention' AND state < 2"), 1);
}

static void a_policy_that_forgets_keys_too_early_is_refused(void **state)
{
    char code[6], message[512];
    (void)state;
    database_refused(hands, "SELECT lockstep.retention_configure(90, 80, 90, 8, 1000)", code,
                     message);
    assert_string_equal(code, "LS003");
    database_refused(hands, "SELECT lockstep.retention_configure(100, 90, 10, 8, 1000)", code,
                     message);
    assert_string_equal(code, "LS003");
    database_refused(hands, "SELECT lockstep.retention_configure(89, 400, 90, 8, 1000)", code,
                     message);
    assert_string_equal(code, "LS003");
    assert_non_null(strstr(message, "as long as markers"));
    assert_int_equal(
        database_number(hands,
                        "SELECT lockstep.retention_configure(20, 20, 20, 8, 1000)::integer"),
        1);
    assert_int_equal(
        database_number(hands,
                        "SELECT lockstep.retention_configure(20, 20, 20, 8, 1000)::integer"),
        0);
    assert_int_equal(count_of("lockstep.audit_log WHERE action = 'retention.configure'"), 1);
    assert_int_equal(database_number(hands, "SELECT keep_max FROM lockstep.outcome_head"),
                     1000);
    database_run(hands, "UPDATE lockstep.outcome_head SET keep_max = 1000000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_day_beyond_the_policy_is_dropped_and_said_to_be, setup),
        cmocka_unit_test_setup(a_reader_delays_the_drop_and_the_drop_delays_nobody, setup),
        cmocka_unit_test_setup(keys_go_later_and_only_when_nothing_needs_them, setup),
        cmocka_unit_test_setup(a_key_stays_as_long_as_that_of_what_undid_it, setup),
        cmocka_unit_test_setup(a_day_whose_functions_are_still_due_stays, setup),
        cmocka_unit_test_setup(a_policy_that_forgets_keys_too_early_is_refused, setup),
    };
    database_migrate();
    hands = database_open(database_url());
    database_run(hands, "SET client_min_messages = error");
    int failures = cmocka_run_group_tests_name("retention", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
