#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static void the_submitted_operations_of_a_lost_worker_are_adopted(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&old);
    row.seal_key = "key-1";
    memset(row.seal, 0x5e, sizeof row.seal);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    connect_worker(bench, 1);
    tick(bench, 1);
    assert_int_equal(adopt(bench, 1, &none, 1), 0);

    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    expect(bench, op, LS_STATE_SUBMITTED);
    assert_int_equal(bench->reply.orphan_count, 1);
    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = 10});

    assert_int_equal(bench->reply.op_count, 1);
    const struct ls_stored_op *got = &bench->reply.ops[0];
    assert_int_equal(got->op.value, op.value);
    assert_int_equal(got->state, LS_STATE_SUBMITTED);
    assert_true(got->token > old.token);
    assert_int_equal(got->attempts_made, 1);
    assert_string_equal(got->key, "a");
    assert_int_equal(got->attempt_count, 1);
    const struct ls_stored_attempt *attempt = &got->attempts[0];
    assert_int_equal(attempt->attempt, 1);
    assert_int_equal(attempt->state, LS_ATTEMPT_LIVE);
    assert_memory_equal(&attempt->signature, &row.signature, LS_SIGNATURE_BYTES);
    assert_memory_equal(&attempt->blockhash, &row.blockhash, LS_HASH_BYTES);
    assert_int_equal(attempt->last_valid_height, row.last_valid_height);
    assert_int_equal(attempt->tx_bytes, row.tx_bytes);
    assert_memory_equal(attempt->tx, row.tx, row.tx_bytes);
    assert_string_equal(attempt->seal_key, "key-1");
    assert_memory_equal(attempt->seal, row.seal, sizeof row.seal);
}

static void the_old_owner_of_an_adopted_operation_writes_nothing(void **state)
{
    struct bench *bench = *state;
    struct taken mine;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken old = submit(bench, op);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    assert_int_equal(adopt(bench, 1, &mine, 1), 1);

    struct ls_move_row row = move_row(&old, LS_STATE_FAILED, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &row), LS_ROW_STALE);
    expect(bench, op, LS_STATE_SUBMITTED);

    row = move_row(&mine, LS_STATE_SUBMITTED, LS_SUB_CONFIRMED);
    row.attempt = 1;
    assert_int_equal(move(bench, 1, &row), LS_ROW_DONE);
}

static void what_is_adopted_is_not_adopted_by_another(void **state)
{
    struct bench *bench = *state;
    struct taken mine;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    (void)submit(bench, op);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    assert_int_equal(adopt(bench, 1, &mine, 1), 1);
    bench->fixture->port_close(bench->fixture->self, 0);
    connect_worker(bench, 0);

    assert_int_equal(adopt(bench, 0, &mine, 1), 0);
}

static void its_own_operations_are_adopted_but_the_known(void **state)
{
    struct bench *bench = *state;
    ls_op_id known = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken kept = submit(bench, known);
    ls_op_id forgotten = enqueue_memo(bench, "b", NULL);
    struct taken old = submit(bench, forgotten);

    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_ADOPT, .limit = 10, .known = &known, .known_count = 1});

    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].op.value, forgotten.value);
    assert_true(bench->reply.ops[0].token > old.token);
    struct ls_move_row row = move_row(&kept, LS_STATE_SUBMITTED, LS_SUB_CONFIRMED);
    row.attempt = 1;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
}

/* After UNKNOWN the worker reconnects and re-reads: it must not wait for its own lease. */
static void after_hello_again_its_submitted_are_adopted_at_once(void **state)
{
    struct bench *bench = *state;
    struct taken mine;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t before = connect_worker(bench, 0);
    struct taken old = submit(bench, op);

    (void)greet_again(bench, 0, before);
    assert_int_equal(adopt(bench, 0, &mine, 1), 1);

    assert_int_equal(mine.op.value, op.value);
    assert_true(mine.token > old.token);
    assert_int_equal(mine.attempt_count, 1);
}

static void an_adoption_takes_no_more_than_its_limit(void **state)
{
    struct bench *bench = *state;
    struct taken taken[2];
    const char *keys[] = {"a", "b", "c"};
    int64_t lost = connect_worker(bench, 0);
    for (size_t i = 0; i < 3; i++) (void)submit(bench, enqueue_memo(bench, keys[i], NULL));
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    assert_int_equal(adopt(bench, 1, taken, 2), 2);

    ls_op_id known[2] = {taken[0].op, taken[1].op};
    ask_ok(bench, 1,
           &(struct ls_store_request){
               .verb = LS_STORE_ADOPT, .limit = 2, .known = known, .known_count = 2});
    assert_int_equal(bench->reply.op_count, 1);
}

static void an_adoption_brings_every_attempt_of_a_second_round(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.counts = true;
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    (void)submit(bench, op);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = 1});

    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].attempts_made, 2);
    assert_int_equal(bench->reply.ops[0].attempts_round, 1);
    assert_int_equal(bench->reply.ops[0].attempt_count, 2);
    assert_int_equal(bench->reply.ops[0].attempts[0].state, LS_ATTEMPT_DEAD);
    assert_int_equal(bench->reply.ops[0].attempts[1].state, LS_ATTEMPT_LIVE);
    assert_null(bench->reply.ops[0].attempts[1].seal_key); /* it was not sealed */
}

static void a_claim_of_a_second_round_names_what_was_signed_before(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    (void)connect_worker(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});
    assert_int_equal(bench->reply.ops[0].attempt_count, 0);
    struct taken taken = {.op = op, .token = bench->reply.ops[0].token};
    struct ls_intent_row made = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &made), LS_ROW_DONE);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});

    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].attempt_count, 1);
    assert_int_equal(bench->reply.ops[0].attempts[0].attempt, 1);
    assert_true(
        ls_signature_equal(&bench->reply.ops[0].attempts[0].signature, &made.signature));
}

struct cases adopt_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_submitted_operations_of_a_lost_worker_are_adopted),
        cmocka_unit_test(the_old_owner_of_an_adopted_operation_writes_nothing),
        cmocka_unit_test(what_is_adopted_is_not_adopted_by_another),
        cmocka_unit_test(its_own_operations_are_adopted_but_the_known),
        cmocka_unit_test(after_hello_again_its_submitted_are_adopted_at_once),
        cmocka_unit_test(an_adoption_takes_no_more_than_its_limit),
        cmocka_unit_test(an_adoption_brings_every_attempt_of_a_second_round),
        cmocka_unit_test(a_claim_of_a_second_round_names_what_was_signed_before),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
