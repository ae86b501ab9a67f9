#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static void a_claim_leases_with_what_was_enqueued(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "key-1", NULL);
    connect_worker(bench, 0);

    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 10});

    assert_int_equal(bench->reply.op_count, 1);
    const struct ls_stored_op *got = &bench->reply.ops[0];
    assert_int_equal(got->op.value, op.value);
    assert_true(got->token > 0);
    assert_int_equal(got->kind, LS_KIND_MEMO);
    assert_int_equal(got->state, LS_STATE_LEASED);
    assert_int_equal(got->request, LS_REQUEST_NONE);
    assert_int_equal(got->attempts_made, 0);
    assert_int_equal(got->attempts_round, 0);
    assert_true(got->attempts_max > 0);
    assert_true(got->age_ms >= 0);
    assert_string_equal(got->key, "key-1");
    assert_int_equal(got->payload_bytes, strlen(got->payload));
    assert_non_null(strstr(got->payload, "hello"));
    assert_false(got->has_mint);
    assert_null(got->original_signature);
    expect(bench, op, LS_STATE_LEASED);
}

static void a_claim_takes_lane_before_run_at_before_id(void **state)
{
    struct bench *bench = *state;
    struct conformance_enqueue request = {.kind = LS_KIND_MEMO,
                                          .payload = "{\"text\": \"hello\"}"};
    const int32_t lanes[] = {3, 1, 1, 0};
    const char *const keys[] = {"bulk", "normal-2", "normal-1", "urgent"};
    ls_op_id ops[4];
    for (size_t i = 0; i < 4; i++) {
        request.key = keys[i];
        request.lane = lanes[i];
        ops[i] = enqueue_ok(bench, &request);
    }
    ls_op_id last = ops[0];
    ls_op_id third = ops[1];
    ls_op_id second = ops[2];
    ls_op_id first = ops[3];
    bench->fixture->set_run_at(bench->fixture->self, last, -9000);
    bench->fixture->set_run_at(bench->fixture->self, third, -1000);
    bench->fixture->set_run_at(bench->fixture->self, second, -5000);
    bench->fixture->set_run_at(bench->fixture->self, first, -100);
    connect_worker(bench, 0);

    (void)claim_this(bench, 0, first);
    (void)claim_this(bench, 0, second);
    (void)claim_this(bench, 0, third);
    (void)claim_this(bench, 0, last);
}

static void a_claim_of_many_comes_in_order(void **state)
{
    struct bench *bench = *state;
    struct taken taken[3];
    ls_op_id b = enqueue_memo(bench, "b", NULL);
    ls_op_id c = enqueue_memo(bench, "c", NULL);
    ls_op_id a = enqueue_memo(bench, "a", NULL);
    bench->fixture->set_run_at(bench->fixture->self, a, -9000);
    bench->fixture->set_run_at(bench->fixture->self, b, -5000);
    bench->fixture->set_run_at(bench->fixture->self, c, -1000);
    connect_worker(bench, 0);

    assert_int_equal(claim(bench, 0, 3, taken), 3);

    assert_int_equal(taken[0].op.value, a.value);
    assert_int_equal(taken[1].op.value, b.value);
    assert_int_equal(taken[2].op.value, c.value);
}

static void a_claim_takes_no_more_than_its_limit(void **state)
{
    struct bench *bench = *state;
    struct taken taken[2];
    (void)enqueue_memo(bench, "a", NULL);
    (void)enqueue_memo(bench, "b", NULL);
    ls_op_id c = enqueue_memo(bench, "c", NULL);
    connect_worker(bench, 0);

    assert_int_equal(claim(bench, 0, 2, taken), 2);

    expect(bench, c, LS_STATE_READY);
}

static void what_is_not_due_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    struct taken taken;
    ls_op_id op =
        enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                        .payload = "{\"text\": \"x\"}",
                                                        .key = "later",
                                                        .delay_ms = 3600000});
    connect_worker(bench, 0);
    expect_sub(bench, op, LS_STATE_READY, LS_SUB_SCHEDULED);
    assert_int_equal(claim(bench, 0, 1, &taken), 0);

    bench->fixture->set_run_at(bench->fixture->self, op, -1);

    expect_sub(bench, op, LS_STATE_READY, LS_SUB_DUE);
    (void)claim_this(bench, 0, op);
}

static void what_one_worker_leased_another_does_not_get(void **state)
{
    struct bench *bench = *state;
    struct taken taken;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    connect_worker(bench, 1);

    (void)claim_this(bench, 0, op);

    assert_int_equal(claim(bench, 1, 1, &taken), 0);
}

static void each_claim_gives_a_larger_token(void **state)
{
    struct bench *bench = *state;
    ls_op_id a = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken first = claim_this(bench, 0, a);
    struct ls_move_row back = move_row(&first, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);

    struct taken second = claim_this(bench, 0, a);
    assert_true(second.token > first.token);

    ls_op_id b = enqueue_memo(bench, "b", NULL);
    struct taken third = claim_this(bench, 0, b);
    assert_true(third.token > second.token);
}

static void the_same_key_and_content_is_the_same_operation(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "twice", "entity-1");

    ls_op_id again = enqueue_memo(bench, "twice", "entity-1");

    assert_int_equal(again.value, first.value);
}

static void the_same_key_with_other_content_is_refused(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    ls_op_id op = {-1};
    struct ls_why why = {0};
    (void)enqueue_memo(bench, "twice", NULL);
    struct conformance_enqueue other = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"other\"}", .key = "twice"};

    assert_true(ls_failed(fixture->enqueue(fixture->self, &other, &op, &why)));

    assert_int_equal(op.value, -1);
    assert_true(why.text[0] != '\0');
}

static void the_reserved_key_prefix_is_refused(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    ls_op_id op = {-1};
    struct ls_why why = {0};
    struct conformance_enqueue request = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"x\"}", .key = "ls:undo:1"};

    assert_true(ls_failed(fixture->enqueue(fixture->self, &request, &op, &why)));
}

static void a_claim_may_ask_for_some_lanes_alone(void **state)
{
    struct bench *bench = *state;
    struct conformance_enqueue request = {.kind = LS_KIND_MEMO,
                                          .payload = "{\"text\": \"hello\"}"};
    const char *const keys[] = {"urgent", "normal", "low", "bulk"};
    for (int32_t lane = 0; lane < 4; lane++) {
        request.key = keys[lane];
        request.lane = lane;
        (void)enqueue_ok(bench, &request);
    }
    connect_worker(bench, 0);

    ask_ok(bench, 0,
           &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 10, .lanes = 1});
    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].lane, 0);

    ask_ok(bench, 0,
           &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 2, .lanes = 14});
    assert_int_equal(bench->reply.op_count, 2);
    assert_int_equal(bench->reply.ops[0].lane, 1);
    assert_int_equal(bench->reply.ops[1].lane, 2);
}

struct cases claim_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_leases_with_what_was_enqueued),
        cmocka_unit_test(a_claim_takes_lane_before_run_at_before_id),
        cmocka_unit_test(a_claim_of_many_comes_in_order),
        cmocka_unit_test(a_claim_may_ask_for_some_lanes_alone),
        cmocka_unit_test(a_claim_takes_no_more_than_its_limit),
        cmocka_unit_test(what_is_not_due_is_not_claimed),
        cmocka_unit_test(what_one_worker_leased_another_does_not_get),
        cmocka_unit_test(each_claim_gives_a_larger_token),
        cmocka_unit_test(the_same_key_and_content_is_the_same_operation),
        cmocka_unit_test(the_same_key_with_other_content_is_refused),
        cmocka_unit_test(the_reserved_key_prefix_is_refused),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
