#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/core/landed.h"

static const struct ls_elder_look errored = {
    .is_found = true, .is_finalized = true, .has_error = true};

static void an_elder_whose_error_is_final_is_errored_under_every_fence(void **state)
{
    (void)state;
    struct ls_elder_look look = errored;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_ERRORED);
    look.fence = LS_FENCE_MARKER;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_ERRORED);
    look.fence = LS_FENCE_NONCE;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_ERRORED);
}

static void an_elder_that_no_node_knows_is_not_called_dead(void **state)
{
    (void)state;
    struct ls_elder_look look = {.fence = LS_FENCE_EXPIRY};
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_UNDECIDED);
    look.fence = LS_FENCE_NONCE;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_UNDECIDED);
}

static void what_is_not_final_or_landed_as_well_is_undecided(void **state)
{
    (void)state;
    struct ls_elder_look look = errored;
    look.is_finalized = false;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_UNDECIDED);
    look = errored;
    look.has_error = false;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_UNDECIDED);
    look.fence = LS_FENCE_MARKER;
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_UNDECIDED);
}

static void the_nonce_value_and_the_marker_exclude_an_elder(void **state)
{
    (void)state;
    struct ls_elder_look look = {.fence = LS_FENCE_NONCE, .shares_nonce = true};
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_DEAD);
    look = (struct ls_elder_look){.fence = LS_FENCE_MARKER};
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_DEAD);
}

static void what_only_moved_the_nonce_on_has_advanced_it(void **state)
{
    (void)state;
    const struct ls_elder_look look = {
        .fence = LS_FENCE_NONCE, .is_cancel = true, .is_found = true, .is_finalized = true};
    assert_int_equal(ls_elder_state(&look), LS_ATTEMPT_ADVANCED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_elder_whose_error_is_final_is_errored_under_every_fence),
        cmocka_unit_test(an_elder_that_no_node_knows_is_not_called_dead),
        cmocka_unit_test(what_is_not_final_or_landed_as_well_is_undecided),
        cmocka_unit_test(the_nonce_value_and_the_marker_exclude_an_elder),
        cmocka_unit_test(what_only_moved_the_nonce_on_has_advanced_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
