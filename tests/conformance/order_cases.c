#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "conformance.h"

static void one_of_an_entity_is_ready_at_a_time(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    expect(bench, first, LS_STATE_READY);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    (void)claim_this(bench, 0, first);
    tick(bench, 0);

    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);
    assert_int_equal(claim(bench, 0, 1, &none), 0);
}

static void what_has_an_entity_is_enqueued_blocked(void **state)
{
    struct bench *bench = *state;

    ls_op_id op = enqueue_memo(bench, "a", "e");

    expect_sub(bench, op, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void entities_do_not_wait_for_each_other(void **state)
{
    struct bench *bench = *state;
    ls_op_id one = enqueue_memo(bench, "a", "e1");
    ls_op_id other = enqueue_memo(bench, "b", "e2");
    connect_worker(bench, 0);

    tick(bench, 0);

    expect(bench, one, LS_STATE_READY);
    expect(bench, other, LS_STATE_READY);
}

static void done_promotes_the_next_in_its_own_transaction(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    ls_op_id third = enqueue_memo(bench, "c", "e");
    connect_worker(bench, 0);
    tick(bench, 0);

    finish(bench, first);

    expect(bench, second, LS_STATE_READY);
    expect(bench, third, LS_STATE_BLOCKED);
}

static void a_failed_head_blocks_the_rest(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);

    fail_op(bench, first, "broken");
    tick(bench, 0);

    expect(bench, first, LS_STATE_FAILED);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_held_head_blocks_the_rest(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);

    (void)act_ok(bench, LS_VERB_HOLD, first);
    tick(bench, 0);

    expect_sub(bench, first, LS_STATE_HELD, LS_SUB_OPERATOR);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_cancelled_head_releases_the_next(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);

    (void)act_ok(bench, LS_VERB_CANCEL, first);
    tick(bench, 0);

    expect(bench, first, LS_STATE_CANCELLED);
    expect(bench, second, LS_STATE_READY);
}

static void a_backoff_of_the_head_keeps_its_place(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    struct taken taken = claim_this(bench, 0, first);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.delay_ms = 3600000;

    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    tick(bench, 0);

    expect(bench, first, LS_STATE_READY);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_released_hold_behind_another_waits(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    (void)act_ok(bench, LS_VERB_HOLD, second);
    expect_sub(bench, second, LS_STATE_HELD, LS_SUB_OPERATOR);

    (void)act_ok(bench, LS_VERB_RELEASE, second);
    tick(bench, 0);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    finish(bench, first);
    expect(bench, second, LS_STATE_READY);
}

static void a_retried_head_runs_before_the_rest(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    fail_op(bench, first, "broken");

    (void)act_ok(bench, LS_VERB_RETRY, first);
    tick(bench, 0);

    expect(bench, first, LS_STATE_READY);
    expect_sub(bench, second, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static struct conformance_enqueue memo_of(const char *key, const char *entity)
{
    return (struct conformance_enqueue){
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"open\"}", .key = key, .entity = entity};
}

static void a_lower_id_that_commits_late_takes_its_turn(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    if (fixture->enqueue_open == NULL) {
        skip();
        return;
    }
    ls_op_id low = {0};
    struct conformance_enqueue request = memo_of("low", "e");
    fixture->enqueue_open(fixture->self, &request, &low);
    ls_op_id high = enqueue_memo(bench, "high", "e");
    ls_op_id higher = enqueue_memo(bench, "higher", "e");
    assert_true(low.value < high.value);
    connect_worker(bench, 0);
    tick(bench, 0);
    expect(bench, high, LS_STATE_READY);

    fixture->commit_open(fixture->self);
    tick(bench, 0);
    expect_sub(bench, low, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    finish(bench, high);
    tick(bench, 0);
    expect(bench, low, LS_STATE_READY);
    expect_sub(bench, higher, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_failed_head_is_not_a_wall_for_a_lower_late_one(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    if (fixture->enqueue_open == NULL) {
        skip();
        return;
    }
    ls_op_id low = {0};
    struct conformance_enqueue request = memo_of("low", "e");
    fixture->enqueue_open(fixture->self, &request, &low);
    ls_op_id high = enqueue_memo(bench, "high", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    fail_op(bench, high, "broken");

    fixture->commit_open(fixture->self);
    tick(bench, 0);

    expect(bench, low, LS_STATE_READY);
}

static void what_is_ambiguous_is_a_wall_even_for_a_lower_late_one(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    if (fixture->enqueue_open == NULL) {
        skip();
        return;
    }
    ls_op_id low = {0};
    struct taken taken;
    struct conformance_attempt attempt;
    struct ls_action_result result = {0};
    struct conformance_enqueue request = memo_of("low", "e");
    fixture->enqueue_open(fixture->self, &request, &low);
    ls_op_id high = enqueue_memo(bench, "high", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    hold_ambiguous(bench, high);

    fixture->commit_open(fixture->self);
    tick(bench, 0);
    expect_sub(bench, low, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    assert_int_equal(fixture->attempts(fixture->self, high, &attempt, 1), 1);
    struct ls_action action = action_of(bench, LS_VERB_RESOLVE_LANDED, high);
    (void)snprintf(action.signature, sizeof action.signature, "%s", attempt.signature);
    fixture->act(fixture->self, &action, &result);
    assert_false(ls_failed(result.err));
    tick(bench, 0);
    expect_sub(bench, low, LS_STATE_BLOCKED, LS_SUB_ENTITY);
    assert_int_equal(adopt(bench, 0, &taken, 1), 1);
    land(bench, &taken);
    tick(bench, 0);
    expect(bench, low, LS_STATE_READY);
}

static void what_is_not_committed_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    if (fixture->enqueue_open == NULL) {
        skip();
        return;
    }
    ls_op_id op = {0};
    struct taken none;
    struct conformance_enqueue request = memo_of("open", NULL);
    fixture->enqueue_open(fixture->self, &request, &op);
    connect_worker(bench, 0);
    tick(bench, 0);
    assert_int_equal(claim(bench, 0, 1, &none), 0);

    fixture->commit_open(fixture->self);

    (void)claim_this(bench, 0, op);
}

struct cases order_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_of_an_entity_is_ready_at_a_time),
        cmocka_unit_test(what_has_an_entity_is_enqueued_blocked),
        cmocka_unit_test(entities_do_not_wait_for_each_other),
        cmocka_unit_test(done_promotes_the_next_in_its_own_transaction),
        cmocka_unit_test(a_failed_head_blocks_the_rest),
        cmocka_unit_test(a_held_head_blocks_the_rest),
        cmocka_unit_test(a_cancelled_head_releases_the_next),
        cmocka_unit_test(a_backoff_of_the_head_keeps_its_place),
        cmocka_unit_test(a_released_hold_behind_another_waits),
        cmocka_unit_test(a_retried_head_runs_before_the_rest),
        cmocka_unit_test(a_lower_id_that_commits_late_takes_its_turn),
        cmocka_unit_test(a_failed_head_is_not_a_wall_for_a_lower_late_one),
        cmocka_unit_test(what_is_ambiguous_is_a_wall_even_for_a_lower_late_one),
        cmocka_unit_test(what_is_not_committed_is_not_claimed),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
