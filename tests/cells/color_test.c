#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/cells/color.h"

static void the_nearest_of_sixteen_is_near(void **state)
{
    (void)state;
    assert_int_equal(ls_color_nearest_16(5), 5);
    assert_int_equal(ls_color_nearest_16(196), 9);
    assert_int_equal(ls_color_nearest_16(16), 0);
    assert_int_equal(ls_color_nearest_16(231), 15);
    assert_int_equal(ls_color_nearest_16(LS_COLOR_NONE), LS_COLOR_NONE);
}

/* Worked examples: black on white is 21:1, a colour on itself 1:1, and #767676 is the grey
 * that just reaches 4.5:1 on white; the nearest of the 256 below it is 243 (#767676). */
static void contrast_is_that_of_the_guidelines(void **state)
{
    (void)state;
    assert_int_equal(ls_color_contrast_centi(16, 231), 2100);
    assert_int_equal(ls_color_contrast_centi(231, 16), 2100);
    assert_int_equal(ls_color_contrast_centi(203, 203), 100);
    assert_int_equal(ls_color_contrast_centi(243, 231), 454);
}

static void who_sees_no_red_or_green_tells_them_apart_less(void **state)
{
    (void)state;
    int32_t normal = ls_color_difference_centi(130, 64, LS_VISION_NORMAL);
    assert_true(normal > 1500);
    assert_true(ls_color_difference_centi(130, 64, LS_VISION_PROTAN) < normal / 2);
    assert_true(ls_color_difference_centi(130, 64, LS_VISION_DEUTAN) < normal / 2);
    assert_true(ls_color_difference_centi(130, 64, LS_VISION_TRITAN) > normal / 2);
    for (int vision = 0; vision < LS_VISION_COUNT; vision++)
        assert_int_equal(ls_color_difference_centi(75, 75, (enum ls_vision)vision), 0);
}

static void what_a_terminal_makes_of_the_first_sixteen_is_its_own(void **state)
{
    (void)state;
    assert_false(ls_color_is_known(LS_COLOR_NONE));
    assert_false(ls_color_is_known(15));
    assert_true(ls_color_is_known(16));
    assert_true(ls_color_is_known(255));
    assert_false(ls_color_is_known(256));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_of_sixteen_is_near),
        cmocka_unit_test(contrast_is_that_of_the_guidelines),
        cmocka_unit_test(who_sees_no_red_or_green_tells_them_apart_less),
        cmocka_unit_test(what_a_terminal_makes_of_the_first_sixteen_is_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
