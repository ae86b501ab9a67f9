#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../src/store/claim_mark.h"

static void the_first_claim_looks_from_the_beginning(void **state)
{
    struct claim_mark mark = {0};
    int64_t from[LS_LANE_COUNT] = {7, 7, 7, 7};
    bool is_fair = true;
    (void)state;
    claim_mark_raise(&mark, 0, 1000000);

    claim_mark_plan(&mark, 50, from, &is_fair);

    for (size_t lane = 0; lane < LS_LANE_COUNT; lane++) assert_int_equal(from[lane], 0);
    assert_false(is_fair);
}

static void the_next_goes_on_behind_the_last_claimed_of_each_lane(void **state)
{
    struct claim_mark mark = {0};
    int64_t from[LS_LANE_COUNT];
    bool is_fair = false;
    (void)state;
    claim_mark_plan(&mark, 0, from, &is_fair);
    claim_mark_raise(&mark, 1, 1000000);
    claim_mark_raise(&mark, 1, 900000); /* never lowers */
    claim_mark_raise(&mark, 3, 1500);

    claim_mark_plan(&mark, CLAIM_MARK_SWEEP_MS - 1, from, &is_fair);

    assert_int_equal(from[0], 0);
    assert_int_equal(from[1], 1000000 - CLAIM_MARK_MARGIN_MS);
    assert_int_equal(from[3], 0); /* never before the beginning */
}

static void each_so_often_it_looks_from_the_beginning_again(void **state)
{
    struct claim_mark mark = {0};
    int64_t from[LS_LANE_COUNT];
    bool is_fair = false;
    (void)state;
    claim_mark_plan(&mark, 0, from, &is_fair);
    claim_mark_raise(&mark, 1, 1000000);

    claim_mark_plan(&mark, CLAIM_MARK_SWEEP_MS, from, &is_fair);
    assert_int_equal(from[1], 0);
    claim_mark_plan(&mark, CLAIM_MARK_SWEEP_MS + 1, from, &is_fair);
    assert_int_equal(from[1], 1000000 - CLAIM_MARK_MARGIN_MS);
}

static void low_lanes_get_their_share_in_turn(void **state)
{
    struct claim_mark mark = {0};
    int64_t from[LS_LANE_COUNT];
    int fair = 0;
    (void)state;
    for (int i = 0; i < 2 * CLAIM_MARK_FAIR_EVERY; i++) {
        bool is_fair = false;
        claim_mark_plan(&mark, i, from, &is_fair);
        if (is_fair) fair++;
    }
    assert_int_equal(fair, 2);
}

static void what_is_forgotten_is_looked_at_from_the_beginning(void **state)
{
    struct claim_mark mark = {0};
    int64_t from[LS_LANE_COUNT];
    bool is_fair = false;
    (void)state;
    claim_mark_plan(&mark, 0, from, &is_fair);
    for (int64_t lane = 0; lane < LS_LANE_COUNT; lane++) claim_mark_raise(&mark, lane, 1000000);

    claim_mark_forget(&mark);

    claim_mark_plan(&mark, 1, from, &is_fair);
    for (size_t lane = 0; lane < LS_LANE_COUNT; lane++) assert_int_equal(from[lane], 0);
}

static void a_lane_that_cannot_be_is_passed_over(void **state)
{
    struct claim_mark mark = {0};
    (void)state;
    claim_mark_raise(&mark, -1, 5);
    claim_mark_raise(&mark, LS_LANE_COUNT, 5);
    for (size_t lane = 0; lane < LS_LANE_COUNT; lane++) assert_int_equal(mark.low_ms[lane], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_claim_looks_from_the_beginning),
        cmocka_unit_test(the_next_goes_on_behind_the_last_claimed_of_each_lane),
        cmocka_unit_test(each_so_often_it_looks_from_the_beginning_again),
        cmocka_unit_test(low_lanes_get_their_share_in_turn),
        cmocka_unit_test(what_is_forgotten_is_looked_at_from_the_beginning),
        cmocka_unit_test(a_lane_that_cannot_be_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
