/* What a worker learns, while it catches up, of the other attempts of what landed. */
#include "worker_world.h"

/* Catch up with a landing whose operation has an elder that the ledger shows so. */
static struct ls_finding_row elder_shown(const char *status, int *looks_out)
{
    struct world world;
    ls_worker *worker = start(&world);
    world.has_elder = true;
    world.elder_status = status;

    turns(worker, 400);

    struct ls_worker_status now;
    ls_worker_status(worker, &now);
    assert_int_equal(now.mode, LS_CORE_RUNNING);
    assert_non_null(strstr(ls_buf_text(&world.journal), "find "));
    const struct ls_finding_row found = world.found;
    *looks_out = world.elder_looks;
    finish(&world, worker);
    assert_int_equal(found.elder_count, 1);
    assert_memory_equal(&found.elders[0].signature, &elder.signature, LS_SIGNATURE_BYTES);
    return found;
}

static void an_elder_that_landed_with_an_error_is_told_so(void **state)
{
    (void)state;
    int looks = 0;

    const struct ls_finding_row found =
        elder_shown("{\"slot\":940,\"confirmations\":null,\"confirmationStatus\":"
                    "\"finalized\",\"err\":\"AccountNotFound\"}",
                    &looks);

    assert_int_equal(looks, 1);
    assert_int_equal(found.elders[0].state, LS_ATTEMPT_ERRORED);
    assert_int_equal(found.elders[0].slot, 940);
    assert_string_equal(found.elders[0].cause, "AccountNotFound");
}

static void an_elder_that_is_not_found_is_undecided(void **state)
{
    (void)state;
    int looks = 0;

    const struct ls_finding_row found = elder_shown("null", &looks);

    assert_int_equal(looks, 1); /* there is no other endpoint */
    assert_int_equal(found.elders[0].state, LS_ATTEMPT_UNDECIDED);
    assert_int_equal(found.elders[0].slot, 0);
}

static void a_node_that_searches_no_history_does_not_stop_the_catch_up(void **state)
{
    (void)state;
    int looks = 0;

    const struct ls_finding_row found = elder_shown(NULL, &looks);

    assert_true(looks > 1);
    assert_int_equal(found.elders[0].state, LS_ATTEMPT_UNDECIDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_elder_that_landed_with_an_error_is_told_so),
        cmocka_unit_test(an_elder_that_is_not_found_is_undecided),
        cmocka_unit_test(a_node_that_searches_no_history_does_not_stop_the_catch_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
