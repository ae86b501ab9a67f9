#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

/* The pool of nonces: what CLAIM binds, INTENT uses and MOVE gives back. */

static struct ls_address numbered(uint8_t number)
{
    struct ls_address address;
    memset(&address, 0x30, sizeof address);
    address.bytes[0] = number;
    return address;
}

static void add(struct bench *bench, uint8_t number)
{
    struct ls_store_request hello;
    const struct ls_address nonce = numbered(number);
    hello_fill(&hello);
    bench->fixture->add_nonce(bench->fixture->self, &nonce, &hello.hello.payer, 40 + number);
}

static struct conformance_nonce pool_row(struct bench *bench, uint8_t number)
{
    const struct ls_address nonce = numbered(number);
    return bench->fixture->nonce(bench->fixture->self, &nonce);
}

static ls_op_id enqueue_under(struct bench *bench, const char *key)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                           .payload = "{\"text\": \"x\"}",
                                                           .key = key,
                                                           .fence = "nonce"});
}

static struct ls_intent_row under(const struct taken *taken, uint8_t number)
{
    struct ls_intent_row row = intent_row(taken);
    row.fence = LS_FENCE_NONCE;
    row.has_nonce = true;
    row.nonce = numbered(number);
    row.last_valid_height = 0;
    return row;
}

static struct taken submit_under(struct bench *bench, ls_op_id op, uint8_t number)
{
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = under(&taken, number);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    taken.attempts_made = 1;
    return taken;
}

static void a_claim_binds_an_account_and_says_from_where_it_reads(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);

    (void)claim_this(bench, 0, op);

    const struct ls_address nonce = numbered(1);
    const struct ls_stored_op *got = &bench->reply.ops[0];
    assert_int_equal(got->fence, LS_FENCE_NONCE);
    assert_true(got->has_nonce);
    assert_memory_equal(&got->nonce, &nonce, sizeof nonce);
    assert_int_equal(got->nonce_slot, 41);
    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_BOUND);
    assert_int_equal(pool_row(bench, 1).op.value, op.value);
}

static void two_operations_never_share_an_account(void **state)
{
    struct bench *bench = *state;
    struct taken taken[4];
    add(bench, 1);
    ls_op_id first = enqueue_under(bench, "a");
    (void)enqueue_under(bench, "b");
    connect_worker(bench, 0);

    assert_int_equal(claim(bench, 0, 10, taken), 1);
    assert_int_equal(taken[0].op.value, first.value);
    assert_int_equal(claim(bench, 0, 10, taken), 0);
}

static void without_an_account_it_is_gated_and_others_go_on(void **state)
{
    struct bench *bench = *state;
    ls_op_id waits = enqueue_under(bench, "a");
    ls_op_id plain = enqueue_memo(bench, "b", NULL);
    connect_worker(bench, 0);
    tick(bench, 0);

    (void)claim_this(bench, 0, plain);
    expect_sub(bench, waits, LS_STATE_READY, LS_SUB_GATED);

    add(bench, 1);
    tick(bench, 0);
    (void)claim_this(bench, 0, waits);
}

static void an_intent_uses_the_account_that_is_bound(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);

    struct ls_intent_row row = under(&taken, 2);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    row = under(&taken, 1);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
}

static void siblings_join_while_it_is_submitted(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = submit_under(bench, op, 1);

    struct ls_intent_row row = under(&taken, 1);
    row.is_cancel = true;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED); /* its number is taken */
    expect(bench, op, LS_STATE_SUBMITTED);
    assert_int_equal(stored(bench, op).attempts_made, 2);

    connect_worker(bench, 1);
    struct ls_store_request request = {.verb = LS_STORE_BYE};
    ask_ok(bench, 0, &request);
    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = 10});
    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].attempt_count, 2);
    assert_false(bench->reply.ops[0].attempts[0].is_cancel);
    assert_true(bench->reply.ops[0].attempts[1].is_cancel);
    assert_int_equal(bench->reply.ops[0].nonce_slot, 41);
}

static void a_landing_frees_the_account_from_its_slot_on(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = submit_under(bench, op, 1);

    struct ls_move_row row = move_row(&taken, LS_STATE_DONE, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_LANDED;
    row.has_signature = true;
    row.slot = 99;
    row.nonce = LS_NONCE_FREE;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_IDLE);
    assert_int_equal(pool_row(bench, 1).slot, 99);
}

static void a_live_attempt_keeps_the_account(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = submit_under(bench, op, 1);

    struct ls_move_row row = move_row(&taken, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    row.nonce = LS_NONCE_FREE; /* a wrong worker's */
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_BOUND);
}

static void a_persons_word_alone_leaves_it_broken(void **state)
{
    struct bench *bench = *state;
    struct taken taken[4];
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken mine = submit_under(bench, op, 1);
    struct ls_move_row row = move_row(&mine, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    act_ok(bench, LS_VERB_RESOLVE_NEVER, op);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_BAD);
    act_ok(bench, LS_VERB_RETRY, op);
    assert_int_equal(claim(bench, 0, 10, taken), 0);
}

static void what_was_not_used_goes_back(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);

    struct ls_move_row row = move_row(&taken, LS_STATE_FAILED, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_IDLE);
}

/* What waits behind it gets the account. */
static void what_a_lost_worker_signed_nothing_with_is_free(void **state)
{
    struct bench *bench = *state;
    struct taken taken[4];
    add(bench, 1);
    ls_op_id held = enqueue_under(bench, "a");
    const int64_t worker = connect_worker(bench, 0);
    (void)claim_this(bench, 0, held);
    bench->fixture->lose_worker(bench->fixture->self, worker);
    connect_worker(bench, 1);
    tick(bench, 1);
    expect(bench, held, LS_STATE_READY);
    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_IDLE);

    act_ok(bench, LS_VERB_HOLD, held);
    ls_op_id next = enqueue_under(bench, "b");

    (void)claim_this(bench, 1, next);
    act_ok(bench, LS_VERB_RELEASE, held);
    tick(bench, 1);
    assert_int_equal(claim(bench, 1, 4, taken), 0);
}

static void what_is_held_before_it_was_signed_gives_its_account_back(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);

    struct ls_move_row row = move_row(&taken, LS_STATE_HELD, LS_SUB_OPERATOR);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_IDLE);
}

static void an_account_that_something_was_signed_with_stays_with_its_operation(void **state)
{
    struct bench *bench = *state;
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = submit_under(bench, op, 1);
    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_BACKOFF);
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    struct taken second = claim_this(bench, 0, op);

    struct ls_move_row back = move_row(&second, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    act_ok(bench, LS_VERB_HOLD, op);

    assert_int_equal(pool_row(bench, 1).state, LS_NONCE_BOUND);
    assert_int_equal(pool_row(bench, 1).op.value, op.value);
}

/* What moved the nonce on landed, and is not what the operation is for. */
static void a_cancel_is_not_resolved_as_landed(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result = {0};
    struct conformance_attempt attempts[2];
    add(bench, 1);
    ls_op_id op = enqueue_under(bench, "a");
    connect_worker(bench, 0);
    struct taken taken = submit_under(bench, op, 1);
    struct ls_intent_row row = under(&taken, 1);
    row.is_cancel = true;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    struct ls_move_row held = move_row(&taken, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    assert_int_equal(move(bench, 0, &held), LS_ROW_DONE);
    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, attempts, 2), 2);
    struct ls_action action = action_of(bench, LS_VERB_RESOLVE_LANDED, op);
    (void)snprintf(action.signature, sizeof action.signature, "%s", attempts[1].signature);

    bench->fixture->act(bench->fixture->self, &action, &result);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
}

struct cases nonce_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_binds_an_account_and_says_from_where_it_reads),
        cmocka_unit_test(two_operations_never_share_an_account),
        cmocka_unit_test(without_an_account_it_is_gated_and_others_go_on),
        cmocka_unit_test(an_intent_uses_the_account_that_is_bound),
        cmocka_unit_test(siblings_join_while_it_is_submitted),
        cmocka_unit_test(a_cancel_is_not_resolved_as_landed),
        cmocka_unit_test(a_landing_frees_the_account_from_its_slot_on),
        cmocka_unit_test(a_live_attempt_keeps_the_account),
        cmocka_unit_test(a_persons_word_alone_leaves_it_broken),
        cmocka_unit_test(what_was_not_used_goes_back),
        cmocka_unit_test(what_a_lost_worker_signed_nothing_with_is_free),
        cmocka_unit_test(what_is_held_before_it_was_signed_gives_its_account_back),
        cmocka_unit_test(an_account_that_something_was_signed_with_stays_with_its_operation),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
