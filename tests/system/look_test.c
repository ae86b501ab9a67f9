/* Who waits for looks is told when one is asked for, and by nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/store/look.h"

enum { LONG_MS = 20000, SHORT_MS = 50 };

static PGconn *hands;
static ls_session *looker;
static ls_op_id op;

static int setup(void **state)
{
    (void)state;
    struct ls_why why = {0};
    const struct ls_enqueue memo = {
        .kind = "memo", .payload = "{\"text\":\"x\"}", .key = "k", .lane = 1};
    database_empty(hands);
    database_run(hands, "INSERT INTO lockstep.worker (pid, lease_ms, host, version, payer,"
                        " signers) VALUES (7, 600000, 'sync-1', '1', 'P', '{P}')");
    looker = session_open_url(database_url());
    return ls_failed(ls_session_enqueue(looker, &memo, &op, &why)) ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    ls_session_free(looker);
    return 0;
}

static void count_row(void *self, const struct ls_look_row *row)
{
    (void)row;
    ++*(int *)self;
}

static int take(void)
{
    struct ls_why why = {0};
    int rows = 0;
    assert_false(ls_failed(ls_session_look_take(looker, 64, count_row, &rows, &why)));
    return rows;
}

/* How long it waited. */
static int64_t waited(int wake_fd, int32_t ms)
{
    const struct ls_clock clock = database_clock();
    const int64_t began = clock.monotonic_ms(clock.self);
    assert_false(ls_failed(ls_session_look_wait(looker, wake_fd, ms)));
    return clock.monotonic_ms(clock.self) - began;
}

static void ask(void)
{
    char sql[96];
    (void)snprintf(sql, sizeof sql, "SELECT lockstep.look_ask('{%lld}', 'why')",
                   (long long)op.value);
    database_run(hands, sql);
}

static void a_look_that_is_asked_for_wakes_who_waits(void **state)
{
    (void)state;
    assert_int_equal(take(), 0);
    assert_true(waited(-1, LONG_MS) < LONG_MS / 2); /* it begins to listen: look again */
    ask();
    assert_true(waited(-1, LONG_MS) < LONG_MS / 2);
    assert_int_equal(take(), 1);
    assert_true(waited(-1, SHORT_MS) >= SHORT_MS - 1); /* told once, waits again */
}

static void what_is_asked_while_another_answer_comes_is_not_missed(void **state)
{
    (void)state;
    (void)take();
    (void)waited(-1, SHORT_MS);
    ask();
    (void)take(); /* the word comes with this answer, or behind it */
    ask();
    assert_true(waited(-1, LONG_MS) < LONG_MS / 2);
}

static void keep_row(void *self, const struct ls_look_row *row)
{
    *(struct ls_look_row *)self = *row;
}

static void what_a_session_took_is_anothers_once_it_is_gone(void **state)
{
    (void)state;
    struct ls_why why = {0};
    struct ls_look_row row = {0};
    ls_session *other = session_open_url(database_url());
    ask();
    assert_false(ls_failed(ls_session_look_take(other, 64, keep_row, &row, &why)));
    assert_int_equal(row.op.value, op.value);

    assert_int_equal(take(), 0); /* it lives, and has not answered yet */
    ls_session_free(other);
    int rows = 0;
    const struct ls_clock clock = database_clock();
    const int64_t until_ms = clock.monotonic_ms(clock.self) + LONG_MS;
    while (rows == 0 && clock.monotonic_ms(clock.self) < until_ms) rows = take();

    assert_int_equal(rows, 1); /* long before the 30 s of one that is only slow */
}

static void answers_are_written_together_and_the_first_stands(void **state)
{
    (void)state;
    struct ls_why why = {0};
    struct ls_look_row row = {0};
    ask();
    assert_false(ls_failed(ls_session_look_take(looker, 64, keep_row, &row, &why)));
    struct ls_look_found found[2] = {{.op = row.op, .look = LS_LOOK_LANDED, .slot = 7},
                                     {.op = {row.op.value + 1}, .look = LS_LOOK_LANDED}};
    for (size_t i = 0; i < 2; i++) /* nobody asked for the second */
        memcpy(found[i].request_id, row.request_id, sizeof row.request_id);

    assert_false(ls_failed(ls_session_look_answer(looker, found, 2, &why)));
    found[0].look = LS_LOOK_NOT_FOUND;
    assert_false(ls_failed(ls_session_look_answer(looker, found, 1, &why)));

    assert_int_equal(database_number(hands, "SELECT outcome FROM lockstep.look"), 2);
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM lockstep.audit_log WHERE action"
                                     " = 'verify.result' AND after = '1 landed'"),
                     1);
}

static void who_is_to_stop_does_not_wait(void **state)
{
    (void)state;
    const uint64_t one = 1;
    const int wake_fd = eventfd(0, EFD_CLOEXEC);
    (void)take();
    (void)waited(wake_fd, SHORT_MS);
    assert_int_equal(write(wake_fd, &one, sizeof one), sizeof one);
    assert_true(waited(wake_fd, LONG_MS) < LONG_MS / 2);
    (void)close(wake_fd);
}

static void who_lost_the_connection_listens_anew(void **state)
{
    (void)state;
    struct ls_why why = {0};
    int rows = 0;
    (void)take();
    (void)waited(-1, SHORT_MS);
    database_run(hands, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
                        " WHERE pid <> pg_backend_pid() AND query LIKE 'LISTEN%'");
    /* The server's last word wakes it; that the connection is gone is found by looking. */
    (void)ls_failed(ls_session_look_wait(looker, -1, LONG_MS));
    assert_true(ls_failed(ls_session_look_take(looker, 64, count_row, &rows, &why)));
    assert_int_equal(ls_session_look_wait(looker, -1, LONG_MS).code, LS_CODE_UNAVAILABLE);

    assert_int_equal(take(), 0);                    /* connects anew */
    assert_true(waited(-1, LONG_MS) < LONG_MS / 2); /* begins to listen */
    ask();
    assert_true(waited(-1, LONG_MS) < LONG_MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_look_that_is_asked_for_wakes_who_waits, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_asked_while_another_answer_comes_is_not_missed,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_session_took_is_anothers_once_it_is_gone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(answers_are_written_together_and_the_first_stands,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(who_is_to_stop_does_not_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(who_lost_the_connection_listens_anew, setup, teardown),
    };
    database_migrate();
    hands = database_open(database_url());
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
