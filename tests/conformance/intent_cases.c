#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "lockstep/base/base58.h"

static size_t attempts(struct bench *bench, ls_op_id op, struct conformance_attempt *out)
{
    return bench->fixture->attempts(bench->fixture->self, op, out, 4);
}

static void an_intent_is_durable_together_with_submitted(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&taken);
    ls_signature_text(&row.signature, signature);

    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);

    expect_sub(bench, op, LS_STATE_SUBMITTED, LS_SUB_SENT);
    assert_int_equal(stored(bench, op).attempts_made, 1);
    assert_int_equal(attempts(bench, op, got), 1);
    assert_int_equal(got[0].attempt, 1);
    assert_int_equal(got[0].state, LS_ATTEMPT_LIVE);
    assert_string_equal(got[0].signature, signature);
}

static void an_intent_with_an_old_token_changes_nothing(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    struct ls_move_row back = move_row(&old, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    (void)claim_this(bench, 0, op);
    int64_t version = stored(bench, op).version;

    struct ls_intent_row row = intent_row(&old);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_STALE);

    expect(bench, op, LS_STATE_LEASED);
    assert_int_equal(stored(bench, op).version, version);
    assert_int_equal(attempts(bench, op, got), 0);
}

static void an_intent_after_a_submitted_one_is_refused(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);

    struct ls_intent_row row = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);

    expect(bench, op, LS_STATE_SUBMITTED);
    assert_int_equal(attempts(bench, op, got), 1);
}

static void an_intent_of_what_was_released_is_refused(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_move_row back = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);

    struct ls_intent_row row = intent_row(&taken);
    assert_int_not_equal(intent(bench, 0, &row), LS_ROW_DONE);

    expect(bench, op, LS_STATE_READY);
    assert_int_equal(attempts(bench, op, got), 0);
}

static void rows_of_one_request_are_answered_each_in_order(void **state)
{
    struct bench *bench = *state;
    struct taken taken[3];
    struct ls_intent_row rows[3];
    (void)enqueue_memo(bench, "a", NULL);
    (void)enqueue_memo(bench, "b", NULL);
    (void)enqueue_memo(bench, "c", NULL);
    connect_worker(bench, 0);
    assert_int_equal(claim(bench, 0, 3, taken), 3);
    for (size_t i = 0; i < 3; i++) rows[i] = intent_row(&taken[i]);
    rows[1].token--;

    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_INTENT, .intent_count = 3, .intents = rows});

    assert_int_equal(bench->reply.row_count, 3);
    assert_int_equal(bench->reply.rows[0], LS_ROW_DONE);
    assert_int_equal(bench->reply.rows[1], LS_ROW_STALE);
    assert_int_equal(bench->reply.rows[2], LS_ROW_DONE);
    expect(bench, taken[0].op, LS_STATE_SUBMITTED);
    expect(bench, taken[1].op, LS_STATE_LEASED);
    expect(bench, taken[2].op, LS_STATE_SUBMITTED);
}

static void an_operation_that_nobody_knows_is_stale(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken ghost = {.op = {op.value + 1000000}, .token = 1};

    struct ls_intent_row row = intent_row(&ghost);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_STALE);
    struct ls_move_row to = move_row(&ghost, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &to), LS_ROW_STALE);
}

static void attempts_count_over_the_operations_life(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken first = submit(bench, op);
    struct ls_move_row again = move_row(&first, LS_STATE_READY, LS_SUB_NONE);
    again.counts = true;
    again.attempt = 1;
    again.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);

    struct taken second = claim_this(bench, 0, op);
    assert_int_equal(second.attempts_made, 1);
    assert_int_equal(second.attempts_round, 1);
    struct ls_intent_row row = intent_row(&second);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(attempts(bench, op, got), 2);
    assert_int_equal(got[0].state, LS_ATTEMPT_DEAD);
    assert_int_equal(got[1].attempt, 2);
    assert_int_equal(got[1].state, LS_ATTEMPT_LIVE);
}

struct cases intent_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intent_is_durable_together_with_submitted),
        cmocka_unit_test(an_intent_with_an_old_token_changes_nothing),
        cmocka_unit_test(an_intent_after_a_submitted_one_is_refused),
        cmocka_unit_test(an_intent_of_what_was_released_is_refused),
        cmocka_unit_test(rows_of_one_request_are_answered_each_in_order),
        cmocka_unit_test(an_operation_that_nobody_knows_is_stale),
        cmocka_unit_test(attempts_count_over_the_operations_life),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
