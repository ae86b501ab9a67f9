#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conformance.h"

/* Sagas: what turns back, what is seen through, what is undone. */

enum { MEMBERS = CONFORMANCE_MEMBERS };

static void a_failed_step_of_a_saga_undoes_the_others_last_first(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    finish(bench, ops[0]);
    tick(bench, 0);
    finish(bench, ops[1]);
    tick(bench, 0);

    fail_op(bench, ops[2], "no");
    tick(bench, 0);

    expect_batch(bench, batch, LS_BATCH_COMPENSATING);
    expect(bench, ops[0], LS_STATE_DONE);
    finish(bench, undoing(bench, ops[1]));
    tick(bench, 0);
    expect(bench, ops[1], LS_STATE_COMPENSATED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATING);
    finish(bench, undoing(bench, ops[0]));
    tick(bench, 0);
    expect(bench, ops[0], LS_STATE_COMPENSATED);
    expect(bench, ops[2], LS_STATE_FAILED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void what_a_saga_has_not_begun_is_cancelled(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);

    fail_op(bench, ops[0], "no");
    tick(bench, 0);

    expect(bench, ops[0], LS_STATE_FAILED);
    expect(bench, ops[1], LS_STATE_CANCELLED);
    expect(bench, ops[2], LS_STATE_CANCELLED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
    assert_int_equal(act(bench, LS_VERB_RETRY, ops[0]).err.code, LS_CODE_REFUSED);
}

static void a_saga_that_turns_back_waits_for_the_step_under_way(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    struct taken taken = submit(bench, ops[0]);

    (void)act_ok(bench, LS_VERB_CANCEL, ops[1]);
    tick(bench, 0);
    expect(bench, ops[2], LS_STATE_CANCELLED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATING);
    land(bench, &taken);
    tick(bench, 0);

    finish(bench, undoing(bench, ops[0]));
    tick(bench, 0);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void what_comes_back_of_a_saga_that_turned_back_is_cancelled(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    struct taken taken = submit(bench, ops[0]);
    (void)act_ok(bench, LS_VERB_CANCEL, ops[1]);

    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_BACKOFF);
    again.attempt = 1;
    again.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    tick(bench, 0);

    expect(bench, ops[0], LS_STATE_CANCELLED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void a_saga_whose_compensation_fails_says_so_and_goes_on_when_it_is_retried(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    finish(bench, ops[0]);
    tick(bench, 0);
    fail_op(bench, ops[1], "no");
    tick(bench, 0);

    ls_op_id undo = undoing(bench, ops[0]);
    fail_op(bench, undo, "no");
    tick(bench, 0);
    expect_sub(bench, ops[0], LS_STATE_DONE, LS_SUB_COMPENSATION_FAILED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATION_FAILED);
    (void)act_ok(bench, LS_VERB_RETRY, undo);
    tick(bench, 0);
    finish(bench, undo);
    tick(bench, 0);

    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void what_a_person_holds_of_a_saga_is_cancelled_when_it_turns_back(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    (void)act_ok(bench, LS_VERB_HOLD, ops[1]);

    fail_op(bench, ops[0], "no");
    tick(bench, 0);

    expect(bench, ops[1], LS_STATE_CANCELLED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void what_is_held_after_a_saga_turned_back_is_cancelled_too(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_SAGA, ops);
    struct taken taken = submit(bench, ops[0]);
    (void)act_ok(bench, LS_VERB_CANCEL, ops[1]);
    tick(bench, 0);
    expect_batch(bench, batch, LS_BATCH_COMPENSATING);

    struct ls_move_row held = move_row(&taken, LS_STATE_HELD, LS_SUB_OPERATOR);
    held.attempt = 1;
    held.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &held), LS_ROW_DONE);

    expect(bench, ops[0], LS_STATE_CANCELLED);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

/* A saga of a marked operation, whose first attempt may land while it waits for its second,
 * and of a memo that is cancelled, so that the saga turns back. */
static int64_t turned_back_beside_an_attempt(struct bench *bench, ls_op_id *op_out)
{
    const struct conformance_fixture *fixture = bench->fixture;
    struct ls_why why = {0};
    const int64_t batch = fixture->batch_open(fixture->self, "payroll", LS_BATCH_SAGA);
    struct conformance_enqueue request = {.kind = LS_KIND_MEMO,
                                          .payload = "{\"text\": \"x\"}",
                                          .key = "a",
                                          .batch = batch,
                                          .fence = "marker"};
    *op_out = enqueue_ok(bench, &request);
    request.key = "b";
    const ls_op_id second = enqueue_ok(bench, &request);
    connect_worker(bench, 0);
    assert_false(ls_failed(fixture->batch_seal(fixture->self, batch, &why)));
    tick(bench, 0);
    const struct taken taken = claim_this(bench, 0, *op_out);
    const struct ls_intent_row row = marked_row(&taken);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_BACKOFF);
    again.attempt = 1;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);

    (void)act_ok(bench, LS_VERB_CANCEL, second);
    tick(bench, 0);
    return batch;
}

static void what_may_land_of_a_saga_that_turned_back_is_seen_through_and_undone(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = {0};
    const int64_t batch = turned_back_beside_an_attempt(bench, &op);

    expect(bench, op, LS_STATE_READY);
    expect_batch(bench, batch, LS_BATCH_COMPENSATING);
    struct taken again = claim_this(bench, 0, op);
    const struct ls_intent_row row = marked_row(&again);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    again.attempts_made++;
    land(bench, &again);
    tick(bench, 0);

    finish(bench, undoing(bench, op));
    tick(bench, 0);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void what_is_held_and_may_land_of_a_saga_can_be_released(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = {0};
    const int64_t batch = turned_back_beside_an_attempt(bench, &op);

    (void)act_ok(bench, LS_VERB_HOLD, op);
    tick(bench, 0);
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_OPERATOR);
    expect_batch(bench, batch, LS_BATCH_COMPENSATING);

    (void)act_ok(bench, LS_VERB_RELEASE, op);
    tick(bench, 0);
    expect(bench, op, LS_STATE_READY);
}

struct cases saga_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_step_of_a_saga_undoes_the_others_last_first),
        cmocka_unit_test(what_a_saga_has_not_begun_is_cancelled),
        cmocka_unit_test(a_saga_that_turns_back_waits_for_the_step_under_way),
        cmocka_unit_test(what_comes_back_of_a_saga_that_turned_back_is_cancelled),
        cmocka_unit_test(
            a_saga_whose_compensation_fails_says_so_and_goes_on_when_it_is_retried),
        cmocka_unit_test(what_a_person_holds_of_a_saga_is_cancelled_when_it_turns_back),
        cmocka_unit_test(what_is_held_after_a_saga_turned_back_is_cancelled_too),
        cmocka_unit_test(what_may_land_of_a_saga_that_turned_back_is_seen_through_and_undone),
        cmocka_unit_test(what_is_held_and_may_land_of_a_saga_can_be_released),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
