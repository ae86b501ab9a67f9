#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conformance.h"

static struct conformance_attempt only_attempt(struct bench *bench, ls_op_id op)
{
    struct conformance_attempt got[2];

    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, got, 2), 1);
    return got[0];
}

static void an_ambiguous_hold_is_neither_released_nor_cancelled(void **state)
{
    struct bench *bench = *state;
    const enum ls_verb verbs[] = {LS_VERB_RELEASE, LS_VERB_CANCEL, LS_VERB_RETRY};
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    hold_ambiguous(bench, op);

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        assert_int_equal(act(bench, verbs[i], op).err.code, LS_CODE_REFUSED);

    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

static void resolved_as_landed_it_is_tracked_again(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result = {0};
    struct taken taken;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    hold_ambiguous(bench, op);
    struct ls_action action = action_of(bench, LS_VERB_RESOLVE_LANDED, op);
    (void)snprintf(action.signature, sizeof action.signature, "%s",
                   only_attempt(bench, op).signature);

    bench->fixture->act(bench->fixture->self, &action, &result);

    assert_false(ls_failed(result.err));
    expect(bench, op, LS_STATE_SUBMITTED);
    tick(bench, 0);
    assert_int_equal(adopt(bench, 0, &taken, 1), 1);
    assert_int_equal(taken.op.value, op.value);
    land(bench, &taken);
    expect(bench, op, LS_STATE_DONE);
}

/* Its error is final, so it landed without an effect: what is unknown is another. */
static void an_attempt_that_errored_is_not_resolved_as_landed(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result = {0};
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_BACKOFF);
    again.attempt = 1;
    again.attempt_state = LS_ATTEMPT_ERRORED;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    struct ls_action action = action_of(bench, LS_VERB_RESOLVE_LANDED, op);
    (void)snprintf(action.signature, sizeof action.signature, "%s",
                   only_attempt(bench, op).signature);
    hold_ambiguous(bench, op);

    bench->fixture->act(bench->fixture->self, &action, &result);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

static void resolve_landed_wants_a_signature(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result = {0};
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    hold_ambiguous(bench, op);
    struct ls_action action = action_of(bench, LS_VERB_RESOLVE_LANDED, op);
    (void)snprintf(action.signature, sizeof action.signature, "not base58!");

    bench->fixture->act(bench->fixture->self, &action, &result);

    assert_true(ls_failed(result.err));
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

static void resolved_as_never_landed_it_has_failed(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    hold_ambiguous(bench, op);

    (void)act_ok(bench, LS_VERB_RESOLVE_NEVER, op);

    expect(bench, op, LS_STATE_FAILED);
    assert_int_equal(only_attempt(bench, op).state, LS_ATTEMPT_DEAD);
    (void)act_ok(bench, LS_VERB_RETRY, op);
    (void)claim_this(bench, 0, op);
}

static void only_the_ambiguous_are_resolved(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    (void)act_ok(bench, LS_VERB_HOLD, op);

    assert_int_equal(act(bench, LS_VERB_RESOLVE_NEVER, op).err.code, LS_CODE_REFUSED);

    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_OPERATOR);
}

static void above_the_value_limit_one_person_is_not_enough(void **state)
{
    struct bench *bench = *state;
    bench->fixture->configure_kind(bench->fixture->self, LS_KIND_SOL_TRANSFER, LS_FENCE_EXPIRY,
                                   10);
    ls_op_id op = enqueue_ok(
        bench, &(struct conformance_enqueue){
                   .kind = LS_KIND_SOL_TRANSFER,
                   .payload = "{\"to\": \"GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse\","
                              " \"lamports\": \"11\"}",
                   .key = "a",
                   .lane = 1});
    connect_worker(bench, 0);
    hold_ambiguous(bench, op);

    assert_false(ls_failed(act(bench, LS_VERB_RESOLVE_NEVER, op).err));
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    assert_int_equal(act(bench, LS_VERB_RESOLVE_NEVER, op).err.code, LS_CODE_REFUSED);

    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    assert_int_equal(only_attempt(bench, op).state, LS_ATTEMPT_LIVE);
}

struct cases resolve_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ambiguous_hold_is_neither_released_nor_cancelled),
        cmocka_unit_test(resolved_as_landed_it_is_tracked_again),
        cmocka_unit_test(an_attempt_that_errored_is_not_resolved_as_landed),
        cmocka_unit_test(resolve_landed_wants_a_signature),
        cmocka_unit_test(resolved_as_never_landed_it_has_failed),
        cmocka_unit_test(only_the_ambiguous_are_resolved),
        cmocka_unit_test(above_the_value_limit_one_person_is_not_enough),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
