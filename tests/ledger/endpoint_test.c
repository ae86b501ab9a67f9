#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/ledger/endpoint.h"

enum { NOW_MS = 1000 };

static struct ls_endpoint endpoints[3];
static const struct ls_ledger_call read_call = {.endpoint = LS_LEDGER_ANY_ENDPOINT};

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct ls_why why = {0};
        assert_false(
            ls_failed(ls_endpoint_init(&endpoints[i], "http://127.0.0.1:1", 0, NOW_MS, &why)));
    }
    return 0;
}

static void answer(size_t at, int64_t elapsed_us)
{
    endpoints[at].latency_us = 0; /* as the first answer */
    ls_endpoint_begun(&endpoints[at], false);
    ls_endpoint_ended(&endpoints[at], &(struct ls_outcome){.elapsed_us = elapsed_us}, NOW_MS);
}

static int32_t choose(int32_t turn)
{
    struct ls_ledger_call call = read_call;
    call.turn = turn;
    return ls_endpoint_choose(endpoints, 3, &call, NOW_MS);
}

static void a_little_slower_does_not_change_the_order(void **state)
{
    (void)state;
    answer(0, 140000);
    answer(1, 20000);
    answer(2, 20000);

    assert_int_equal(choose(0), 0);
}

static void a_clearly_slower_one_comes_last(void **state)
{
    (void)state;
    answer(0, 400000);
    answer(1, 20000);
    answer(2, 30000);

    assert_int_equal(choose(0), 1);
    assert_int_equal(choose(1), 2);
    assert_int_equal(choose(2), 0);
    assert_int_equal(choose(3), 1);
}

static void three_times_slow_is_needed_among_the_slow(void **state)
{
    (void)state;
    answer(0, 700000);
    answer(1, 300000);
    answer(2, 300000);

    assert_int_equal(choose(0), 0);
}

static void one_that_is_behind_comes_after_the_slow(void **state)
{
    (void)state;
    answer(0, 900000);
    answer(1, 10000);
    ls_endpoint_judge(&endpoints[1], LS_LEDGER_BEHIND, NOW_MS);
    ls_endpoint_judge(&endpoints[2], LS_LEDGER_FOREIGN, NOW_MS);

    assert_int_equal(choose(0), 0);
    assert_int_equal(choose(1), 0); /* nobody else while it may be used */
    struct ls_endpoint_health health;
    ls_endpoint_health(&endpoints[1], NOW_MS, &health);
    assert_true(health.is_behind);
    assert_string_equal(health.trouble, "behind the other endpoints");
    ls_endpoint_health(&endpoints[1], NOW_MS + LS_UNHEALTHY_MS, &health);
    assert_false(health.is_behind);
    assert_string_equal(health.trouble, "");
}

static void when_all_are_foreign_nobody_is_chosen(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) ls_endpoint_judge(&endpoints[i], LS_LEDGER_UNPROVED, NOW_MS);

    assert_int_equal(choose(0), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_little_slower_does_not_change_the_order, set_up),
        cmocka_unit_test_setup(a_clearly_slower_one_comes_last, set_up),
        cmocka_unit_test_setup(three_times_slow_is_needed_among_the_slow, set_up),
        cmocka_unit_test_setup(one_that_is_behind_comes_after_the_slow, set_up),
        cmocka_unit_test_setup(when_all_are_foreign_nobody_is_chosen, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
