#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static void perform(struct bench *bench,
                    const struct ls_action *action,
                    struct ls_action_result *result_out)
{
    *result_out = (struct ls_action_result){0};
    bench->fixture->act(bench->fixture->self, action, result_out);
}

static void a_retry_starts_a_new_round(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.counts = true;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    fail_op(bench, op, "broken");

    (void)act_ok(bench, LS_VERB_RETRY, op);

    expect(bench, op, LS_STATE_READY);
    taken = claim_this(bench, 0, op);
    assert_int_equal(taken.attempts_round, 0);
    assert_int_equal(taken.attempts_made, 2);
}

static void a_retry_of_what_has_not_failed_is_refused(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t version = stored(bench, op).version;

    struct ls_action_result result = act(bench, LS_VERB_RETRY, op);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_true(result.why.text[0] != '\0');
    assert_int_equal(result.audit_seq, 0);
    expect(bench, op, LS_STATE_READY);
    assert_int_equal(stored(bench, op).version, version);
}

static void an_action_on_nothing_is_not_found(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);

    struct ls_action_result result = act(bench, LS_VERB_HOLD, (ls_op_id){op.value + 1000000});

    assert_int_equal(result.err.code, LS_CODE_NOT_FOUND);
}

static void the_same_request_acts_once(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result first;
    struct ls_action_result again;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct ls_action action = action_of(bench, LS_VERB_HOLD, op);
    perform(bench, &action, &first);
    assert_false(ls_failed(first.err));
    assert_false(first.was_repeat);
    int64_t version = stored(bench, op).version;

    perform(bench, &action, &again);

    assert_false(ls_failed(again.err));
    assert_true(again.was_repeat);
    assert_int_equal(again.audit_seq, first.audit_seq);
    assert_int_equal(stored(bench, op).version, version);
}

static void an_action_on_another_version_is_refused(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t seen = stored(bench, op).version;
    (void)act_ok(bench, LS_VERB_HOLD, op);
    int64_t now = stored(bench, op).version;
    assert_true(now > seen);
    struct ls_action action = action_of(bench, LS_VERB_RELEASE, op);

    action.expected_version = seen;
    perform(bench, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_true(result.why.text[0] != '\0');
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_OPERATOR);

    action = action_of(bench, LS_VERB_RELEASE, op);
    action.expected_version = now;
    perform(bench, &action, &result);
    assert_false(ls_failed(result.err));
    expect(bench, op, LS_STATE_READY);
}

static void an_action_without_a_reason_is_refused(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct ls_action action = action_of(bench, LS_VERB_HOLD, op);
    (void)snprintf(action.reason, sizeof action.reason, "  ");

    perform(bench, &action, &result);

    assert_true(ls_failed(result.err));
    assert_int_equal(result.audit_seq, 0);
    expect(bench, op, LS_STATE_READY);
}

static void each_action_has_a_later_audit_entry(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);

    struct ls_action_result hold = act_ok(bench, LS_VERB_HOLD, op);
    struct ls_action_result release = act_ok(bench, LS_VERB_RELEASE, op);

    assert_true(release.audit_seq > hold.audit_seq);
}

static void what_is_held_is_not_claimed_until_released(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    (void)act_ok(bench, LS_VERB_HOLD, op);
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_OPERATOR);
    assert_int_equal(claim(bench, 0, 1, &none), 0);

    (void)act_ok(bench, LS_VERB_RELEASE, op);

    (void)claim_this(bench, 0, op);
}

static void what_is_cancelled_stays_so(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    const enum ls_verb verbs[] = {LS_VERB_RETRY, LS_VERB_HOLD, LS_VERB_RELEASE, LS_VERB_CANCEL,
                                  LS_VERB_COMPENSATE};
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    (void)act_ok(bench, LS_VERB_CANCEL, op);

    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        assert_int_equal(act(bench, verbs[i], op).err.code, LS_CODE_REFUSED);

    expect(bench, op, LS_STATE_CANCELLED);
    assert_int_equal(claim(bench, 0, 1, &none), 0);
}

static void a_failed_operation_may_be_held_or_cancelled(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    fail_op(bench, op, "broken");

    (void)act_ok(bench, LS_VERB_HOLD, op);
    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_OPERATOR);
    (void)act_ok(bench, LS_VERB_CANCEL, op);
    expect(bench, op, LS_STATE_CANCELLED);
}

/* `verb` on an operation that a worker owns becomes a wish for that worker. */
static void
wish_for(struct bench *bench, enum ls_verb verb, enum ls_request request, bool is_submitted)
{
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    connect_worker(bench, 1);
    struct taken taken = is_submitted ? submit(bench, op) : claim_this(bench, 0, op);
    tick(bench, 0);
    assert_false(wished(bench, op, request));

    (void)act_ok(bench, verb, op);
    expect(bench, op, is_submitted ? LS_STATE_SUBMITTED : LS_STATE_LEASED);
    assert_int_equal(stored(bench, op).request, request);

    tick(bench, 0);
    assert_true(wished(bench, op, request));
    enum ls_state to = request == LS_REQUEST_HOLD ? LS_STATE_HELD : LS_STATE_CANCELLED;
    enum ls_sub sub = request == LS_REQUEST_HOLD ? LS_SUB_OPERATOR : LS_SUB_NONE;
    struct ls_move_row row = move_row(&taken, to, sub);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    expect_sub(bench, op, to, sub);
    tick(bench, 0);
    assert_false(wished(bench, op, request));
}

static void a_hold_of_what_is_submitted_is_a_wish(void **state)
{
    wish_for(*state, LS_VERB_HOLD, LS_REQUEST_HOLD, true);
}

static void a_cancel_of_what_is_submitted_is_a_wish(void **state)
{
    wish_for(*state, LS_VERB_CANCEL, LS_REQUEST_CANCEL, true);
}

static void a_hold_of_what_is_leased_is_a_wish(void **state)
{
    wish_for(*state, LS_VERB_HOLD, LS_REQUEST_HOLD, false);
}

static void a_cancel_of_what_is_leased_is_a_wish(void **state)
{
    wish_for(*state, LS_VERB_CANCEL, LS_REQUEST_CANCEL, false);
}

static void an_adopted_operation_brings_its_wish(void **state)
{
    struct bench *bench = *state;
    struct taken taken;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    (void)submit(bench, op);
    (void)act_ok(bench, LS_VERB_HOLD, op);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    assert_int_equal(adopt(bench, 1, &taken, 1), 1);

    assert_int_equal(taken.request, LS_REQUEST_HOLD);
}

static void a_paused_worker_is_told_at_its_tick(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result;
    int64_t worker = connect_worker(bench, 0);
    tick(bench, 0);
    assert_false(bench->reply.is_paused);
    struct ls_action action = action_of(bench, LS_VERB_WORKER_PAUSE, (ls_op_id){0});
    action.worker_id = worker;
    perform(bench, &action, &result);
    assert_false(ls_failed(result.err));
    tick(bench, 0);
    assert_true(bench->reply.is_paused);

    action = action_of(bench, LS_VERB_WORKER_RESUME, (ls_op_id){0});
    action.worker_id = worker;
    perform(bench, &action, &result);
    assert_false(ls_failed(result.err));

    tick(bench, 0);
    assert_false(bench->reply.is_paused);
}

static void a_worker_that_shall_drain_is_told_at_its_tick(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result;
    (void)connect_worker(bench, 0);
    (void)connect_worker(bench, 1);
    tick(bench, 0);
    assert_false(bench->reply.shall_drain);
    struct ls_action action = action_of(bench, LS_VERB_WORKER_DRAIN, (ls_op_id){0});
    action.worker_id = 0; /* all of them */
    perform(bench, &action, &result);
    assert_false(ls_failed(result.err));

    tick(bench, 0);
    assert_true(bench->reply.shall_drain);
    tick(bench, 1);
    assert_true(bench->reply.shall_drain);
    action = action_of(bench, LS_VERB_WORKER_DRAIN, (ls_op_id){0});
    perform(bench, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    action = action_of(bench, LS_VERB_WORKER_PAUSE, (ls_op_id){0});
    action.worker_id = 999999;
    perform(bench, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_NOT_FOUND);
}

struct cases action_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_retry_starts_a_new_round),
        cmocka_unit_test(a_retry_of_what_has_not_failed_is_refused),
        cmocka_unit_test(an_action_on_nothing_is_not_found),
        cmocka_unit_test(the_same_request_acts_once),
        cmocka_unit_test(an_action_on_another_version_is_refused),
        cmocka_unit_test(an_action_without_a_reason_is_refused),
        cmocka_unit_test(each_action_has_a_later_audit_entry),
        cmocka_unit_test(what_is_held_is_not_claimed_until_released),
        cmocka_unit_test(what_is_cancelled_stays_so),
        cmocka_unit_test(a_failed_operation_may_be_held_or_cancelled),
        cmocka_unit_test(a_hold_of_what_is_submitted_is_a_wish),
        cmocka_unit_test(a_cancel_of_what_is_submitted_is_a_wish),
        cmocka_unit_test(a_hold_of_what_is_leased_is_a_wish),
        cmocka_unit_test(a_cancel_of_what_is_leased_is_a_wish),
        cmocka_unit_test(an_adopted_operation_brings_its_wish),
        cmocka_unit_test(a_paused_worker_is_told_at_its_tick),
        cmocka_unit_test(a_worker_that_shall_drain_is_told_at_its_tick),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
