/* Who waits for looks is told when one is asked for, and by nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
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
        cmocka_unit_test_setup_teardown(who_is_to_stop_does_not_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(who_lost_the_connection_listens_anew, setup, teardown),
    };
    database_migrate();
    hands = database_open(database_url());
    const int failures = cmocka_run_group_tests(tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
