#include "faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static void faults_have_names(void **state)
{
    (void)state;
    struct ls_sim_faults faults = {.drop_tx_ppm = 7};
    struct ls_why why = {0};
    assert_int_equal(faults_named("rain", &faults, &why).code, LS_CODE_INVALID);
    assert_int_equal(faults.drop_tx_ppm, 7);
    assert_non_null(strstr(why.text, "none, slow, lossy, forks, congested or storm"));
    assert_false(ls_failed(faults_named(NULL, &faults, &why)));
    assert_int_equal(faults.drop_tx_ppm, 0);
    assert_false(ls_failed(faults_named("storm", &faults, &why)));
    assert_true(faults.drop_tx_ppm > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
