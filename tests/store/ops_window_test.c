#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/store/ops_window.h"

enum { WIDTH = 4000, DAY_MS = 86400000 };

static struct ls_ops_search search_of_a_month(void)
{
    const int64_t now_ms = INT64_C(30) * DAY_MS;
    return (struct ls_ops_search){.has_begun = true,
                                  .way = OPS_TIMES,
                                  .start = now_ms,
                                  .next = now_ms,
                                  .end = 0,
                                  .width = WIDTH,
                                  .base_ms = INT64_MAX};
}

static int steps_to_the_end(struct ls_ops_search *search, int64_t took_ms)
{
    int steps = 0;
    for (; !search->is_over && steps < 100000; steps++)
        ops_advance(search, LS_SORT_UPDATED_DESC, took_ms);
    return steps;
}

static void quick_steps_look_at_more_and_more(void **state)
{
    (void)state;
    struct ls_ops_search search = search_of_a_month();
    assert_in_range(steps_to_the_end(&search, 5), 5, 20);
}

static void what_every_step_takes_makes_none_narrower(void **state)
{
    (void)state;
    struct ls_ops_search search = search_of_a_month();
    assert_in_range(steps_to_the_end(&search, 400), 5, 20);
}

static void what_a_wide_step_takes_beyond_a_narrow_one_makes_it_narrower(void **state)
{
    (void)state;
    struct ls_ops_search search = search_of_a_month();
    ops_advance(&search, LS_SORT_UPDATED_DESC, 200);
    const int64_t wide = search.width;
    assert_true(wide > WIDTH);

    ops_advance(&search, LS_SORT_UPDATED_DESC, 200 + 91);

    assert_int_equal(search.width, wide / 2);
    ops_advance(&search, LS_SORT_UPDATED_DESC, 200 + 50);
    assert_int_equal(search.width, wide / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_steps_look_at_more_and_more),
        cmocka_unit_test(what_every_step_takes_makes_none_narrower),
        cmocka_unit_test(what_a_wide_step_takes_beyond_a_narrow_one_makes_it_narrower),
    };
    return cmocka_run_group_tests_name("ops_window", tests, NULL, NULL);
}
