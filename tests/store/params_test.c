#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/store/params.h"

static void a_text_is_sent_as_it_is_and_null_as_null(void **state)
{
    struct params params;
    (void)state;
    params_init(&params);

    params_text(&params, "it's");
    params_text(&params, NULL);
    params_text(&params, "");

    assert_false(ls_failed(params_check(&params)));
    assert_int_equal(params.count, 3);
    assert_string_equal(params.values[0], "it's");
    assert_null(params.values[1]);
    assert_string_equal(params.values[2], "");
    params_done(&params);
}

static void numbers_keep_all_their_bits(void **state)
{
    struct params params;
    (void)state;
    params_init(&params);

    params_int(&params, INT64_MIN);
    params_int(&params, INT64_MAX);
    params_bool(&params, true);

    assert_false(ls_failed(params_check(&params)));
    assert_string_equal(params.values[0], "-9223372036854775808");
    assert_string_equal(params.values[1], "9223372036854775807");
    assert_string_equal(params.values[2], "t");
    assert_int_equal(params.types[0], PARAM_INT8);
    params_done(&params);
}

static void an_array_has_the_binary_form_of_the_protocol(void **state)
{
    static const uint8_t expected[] = {
        0, 0, 0, 1, 0,    0,    0, 1, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 1, /* int2[2] from 1 */
        0, 0, 0, 2, 0xff, 0xfe, 0, 0, 0, 2, 1, 0,
    };
    struct params params;
    (void)state;
    params_init(&params);

    params_array(&params, PARAM_INT2, 2);
    params_element_int(&params, PARAM_INT2, -2);
    params_element_int(&params, PARAM_INT2, 256);

    assert_false(ls_failed(params_check(&params)));
    assert_int_equal(params.formats[0], 1);
    assert_int_equal(params.types[0], 1005);
    assert_int_equal(params.lengths[0], sizeof expected);
    assert_memory_equal(params.values[0], expected, sizeof expected);
    params_done(&params);
}

static void an_empty_array_has_no_dimension(void **state)
{
    static const uint8_t expected[] = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 25};
    struct params params;
    (void)state;
    params_init(&params);

    params_array(&params, PARAM_TEXT, 0);

    assert_false(ls_failed(params_check(&params)));
    assert_int_equal(params.lengths[0], sizeof expected);
    assert_memory_equal(params.values[0], expected, sizeof expected);
    params_done(&params);
}

static void null_and_bytes_stand_in_arrays(void **state)
{
    static const uint8_t bytes[] = {0, 1};
    struct params params;
    (void)state;
    params_init(&params);

    params_array(&params, PARAM_TEXT, 2);
    params_element_text(&params, NULL);
    params_element_text(&params, "a");
    params_array(&params, PARAM_BYTEA, 1);
    params_element_bytes(&params, bytes, sizeof bytes);
    params_array(&params, PARAM_BOOL, 1);
    params_element_bool(&params, true);
    params_bytes(&params, bytes, sizeof bytes);

    assert_false(ls_failed(params_check(&params)));
    assert_int_equal(params.lengths[0], 20 + 4 + 5);
    assert_memory_equal(params.values[0] + 20, "\xff\xff\xff\xff\0\0\0\1a", 9);
    assert_memory_equal(params.values[1] + 20, "\0\0\0\2\0\1", 6);
    assert_memory_equal(params.values[2] + 20, "\0\0\0\1\1", 5);
    assert_int_equal(params.lengths[3], 2);
    params_done(&params);
}

static void more_parameters_than_fit_are_refused(void **state)
{
    struct params params;
    (void)state;
    params_init(&params);

    for (int i = 0; i <= PARAMS_MAX; i++) params_int(&params, i);

    assert_int_equal(params_check(&params).code, LS_CODE_FULL);
    params_done(&params);
}

static void more_bytes_than_fit_are_refused(void **state)
{
    static uint8_t chunk[1024 * 1024];
    struct params params;
    (void)state;
    params_init(&params);

    params_array(&params, PARAM_BYTEA, 17);
    for (int i = 0; i < 17; i++) params_element_bytes(&params, chunk, sizeof chunk);

    assert_int_equal(params_check(&params).code, LS_CODE_FULL);
    params_done(&params);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_sent_as_it_is_and_null_as_null),
        cmocka_unit_test(numbers_keep_all_their_bits),
        cmocka_unit_test(an_array_has_the_binary_form_of_the_protocol),
        cmocka_unit_test(an_empty_array_has_no_dimension),
        cmocka_unit_test(null_and_bytes_stand_in_arrays),
        cmocka_unit_test(more_parameters_than_fit_are_refused),
        cmocka_unit_test(more_bytes_than_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
