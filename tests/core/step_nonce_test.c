#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/core/step.h"

/* Operations of fence nonce, by hand: one engine, the last effect of each kind, its count. */
struct bench {
    ls_core *core;
    int64_t now_ms;
    struct ls_effect last[LS_EFFECT_TRACE + 1];
    int counts[LS_EFFECT_TRACE + 1];
    int looked; /* looks that were answered */
};

static void give(struct bench *bench, struct ls_event event)
{
    struct ls_effect effect;
    event.now_ms = bench->now_ms;
    ls_core_step(bench->core, &event);
    while (ls_core_next(bench->core, &effect)) {
        bench->last[effect.kind] = effect;
        bench->counts[effect.kind]++;
    }
}

static void pass(struct bench *bench, int64_t ms)
{
    bench->now_ms += ms;
    give(bench, (struct ls_event){.kind = LS_EVENT_TIME});
}

static void give_head(struct bench *bench, int64_t height)
{
    struct ls_event event = {.kind = LS_EVENT_HEAD};
    event.as.head.last_valid_height = height + 150;
    event.as.head.finalized_height = height - 31;
    event.as.head.finalized_slot = height - 31;
    give(bench, event);
}

static void to_running(struct bench *bench)
{
    give(bench, (struct ls_event){.kind = LS_EVENT_LEARNED});
    give(bench, (struct ls_event){.kind = LS_EVENT_GREETED});
    give_head(bench, 1000);
    give(bench, (struct ls_event){.kind = LS_EVENT_SCANNED});
    give(bench, (struct ls_event){.kind = LS_EVENT_ADOPTED});
    give_head(bench, 1000);
    assert_int_equal(ls_core_mode(bench->core), LS_CORE_RUNNING);
}

static struct ls_stored_op an_op(enum ls_state state)
{
    return (struct ls_stored_op){.op = {7},
                                 .token = 70,
                                 .kind = LS_KIND_MEMO,
                                 .state = state,
                                 .attempts_max = 3,
                                 .fence = LS_FENCE_NONCE,
                                 .has_nonce = true,
                                 .key = "k",
                                 .payload = "{}",
                                 .payload_bytes = 2};
}

static void set_up(struct bench *bench)
{
    struct ls_core_options options = ls_core_options_default();
    options.tracked_max = 8;
    options.unconfirmed_max = 8;
    *bench = (struct bench){.now_ms = 1000};
    assert_false(ls_failed(ls_core_new(&options, &bench->core)));
    to_running(bench);
}

static void tear_down(struct bench *bench)
{
    ls_core_free(bench->core);
}

static void answer(struct bench *bench, enum ls_effect_kind asked, struct ls_event event)
{
    assert_true(bench->counts[asked] > 0);
    event.slot = bench->last[asked].slot;
    give(bench, event);
}

/* The attempt that SIGN asked for is signed and recorded; its signature is its number. */
static void record(struct bench *bench, enum ls_row_result row)
{
    struct ls_event event = {.kind = LS_EVENT_SIGNED};
    event.as.built.signature.bytes[0] = (uint8_t)bench->last[LS_EFFECT_SIGN].as.attempt.attempt;
    answer(bench, LS_EFFECT_SIGN, event);
    event = (struct ls_event){.kind = LS_EVENT_RECORDED};
    event.as.row = row;
    answer(bench, LS_EFFECT_RECORD, event);
}

static void claim_and_read(struct bench *bench)
{
    const struct ls_stored_op op = an_op(LS_STATE_LEASED);
    struct ls_event event = {.kind = LS_EVENT_OP};
    event.as.op = &op;
    give(bench, event);
    event = (struct ls_event){.kind = LS_EVENT_CLAIMED};
    event.as.batch.count = 1;
    give(bench, event);
    assert_int_equal(bench->counts[LS_EFFECT_NONCE], 1);
    event = (struct ls_event){.kind = LS_EVENT_NONCE};
    event.as.nonce = LS_NONCE_READ;
    answer(bench, LS_EFFECT_NONCE, event);
}

static void submit(struct bench *bench)
{
    claim_and_read(bench);
    record(bench, LS_ROW_DONE);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], 1);
}

static void sent(struct bench *bench, enum ls_send_result result)
{
    struct ls_event event = {.kind = LS_EVENT_SENT};
    event.as.sent.result = result;
    event.as.sent.cause = "Refused";
    event.as.sent.detail = "as the test wants it";
    answer(bench, LS_EFFECT_SEND, event);
}

/* Wait for the next look and answer it: member `at` (-1: none) was seen so. */
static void look(struct bench *bench, int32_t at, struct ls_seen seen, bool has_moved)
{
    struct ls_member members[LS_FAMILY_MAX];
    struct ls_seen all[LS_FAMILY_MAX] = {0};
    for (int i = 0; i < 100 && bench->counts[LS_EFFECT_FAMILY] == bench->looked; i++)
        pass(bench, 100);
    assert_int_equal(bench->counts[LS_EFFECT_FAMILY], ++bench->looked);
    struct ls_event event = {.kind = LS_EVENT_FAMILY};
    const struct ls_effect *asked = &bench->last[LS_EFFECT_FAMILY];
    if (at >= 0) all[at] = seen;
    event.as.family.same_identity = true;
    event.as.family.is_deep = asked->as.is_deep;
    event.as.family.has_moved = has_moved;
    event.as.family.count = ls_core_family(bench->core, asked->slot, members);
    event.as.family.seen = all;
    answer(bench, LS_EFFECT_FAMILY, event);
}

static struct ls_seen final(bool has_error)
{
    return (struct ls_seen){.is_found = true,
                            .is_confirmed = true,
                            .is_finalized = true,
                            .has_error = has_error,
                            .slot = 990};
}

static const struct ls_seen nothing;

static void expect_move(const struct bench *bench,
                        enum ls_state to,
                        int32_t attempt,
                        enum ls_attempt_state attempt_state,
                        enum ls_nonce_fate nonce)
{
    const struct ls_effect *move = &bench->last[LS_EFFECT_MOVE];
    assert_int_equal(move->as.move.to, to);
    assert_int_equal(move->as.move.attempt, attempt);
    assert_int_equal(move->as.move.attempt_state, attempt_state);
    assert_int_equal(move->as.move.nonce, nonce);
}

static void it_is_signed_for_the_value_that_was_read(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);

    submit(&bench);
    look(&bench, 0, final(false), true);

    expect_move(&bench, LS_STATE_DONE, 1, LS_ATTEMPT_LANDED, LS_NONCE_FREE);
    tear_down(&bench);
}

static void a_value_that_is_not_read_is_read_again(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    const struct ls_stored_op op = an_op(LS_STATE_LEASED);
    struct ls_event event = {.kind = LS_EVENT_OP};
    event.as.op = &op;
    give(&bench, event);
    give(&bench, (struct ls_event){.kind = LS_EVENT_CLAIMED, .as.batch.count = 1});

    event = (struct ls_event){.kind = LS_EVENT_NONCE};
    event.as.nonce = LS_NONCE_UNREAD;
    answer(&bench, LS_EFFECT_NONCE, event);
    assert_int_equal(bench.counts[LS_EFFECT_SIGN], 0);
    pass(&bench, 1000);
    assert_int_equal(bench.counts[LS_EFFECT_NONCE], 2);

    event.as.nonce = LS_NONCE_STRANGE;
    answer(&bench, LS_EFFECT_NONCE, event);
    expect_move(&bench, LS_STATE_READY, 0, LS_ATTEMPT_LIVE, LS_NONCE_BROKEN);
    tear_down(&bench);
}

static void a_higher_fee_joins_and_only_one_lands(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    sent(&bench, LS_SEND_ACCEPTED);
    const int signs = bench.counts[LS_EFFECT_SIGN];

    for (int i = 0; i < 40 && bench.counts[LS_EFFECT_SIGN] == signs; i++) {
        give_head(&bench, 1001 + i);
        look(&bench, -1, nothing, false);
        sent(&bench, LS_SEND_ACCEPTED);
    }
    assert_int_equal(bench.counts[LS_EFFECT_SIGN], signs + 1);
    assert_int_equal(bench.last[LS_EFFECT_SIGN].as.attempt.attempt, 2);
    assert_int_equal(bench.last[LS_EFFECT_SIGN].as.attempt.fee_level, 1);
    assert_false(bench.last[LS_EFFECT_SIGN].as.attempt.is_cancel);
    const int sends = bench.counts[LS_EFFECT_SEND];
    record(&bench, LS_ROW_DONE);
    assert_int_equal(bench.counts[LS_EFFECT_SEND], sends + 1);

    look(&bench, 0, final(false), true); /* the elder lands after all */
    expect_move(&bench, LS_STATE_DONE, 1, LS_ATTEMPT_LANDED, LS_NONCE_FREE);
    assert_true(bench.last[LS_EFFECT_MOVE].as.move.siblings_dead);
    assert_true(bench.last[LS_EFFECT_MOVE].as.move.by_nonce);
    tear_down(&bench);
}

static void a_further_attempt_is_not_sent_before_it_is_durable(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op = (ls_op_id){7};
    wish.as.wish.request = LS_REQUEST_CANCEL;
    give(&bench, wish);
    look(&bench, -1, nothing, false);
    assert_true(bench.last[LS_EFFECT_SIGN].as.attempt.is_cancel);
    struct ls_event event = {.kind = LS_EVENT_SIGNED};
    event.as.built.signature.bytes[0] = 2;
    answer(&bench, LS_EFFECT_SIGN, event);

    pass(&bench, 2500);

    assert_int_equal(bench.last[LS_EFFECT_SEND].as.attempt.attempt, 1);
    event = (struct ls_event){.kind = LS_EVENT_RECORDED};
    event.as.row = LS_ROW_STALE; /* somebody else has the operation now */
    answer(&bench, LS_EFFECT_RECORD, event);
    assert_int_equal(bench.last[LS_EFFECT_FORGET].op.value, 7);
    tear_down(&bench);
}

static void a_cancel_that_is_final_proves_the_others_dead(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op = (ls_op_id){7};
    wish.as.wish.request = LS_REQUEST_CANCEL;
    give(&bench, wish);
    look(&bench, -1, nothing, false);
    record(&bench, LS_ROW_DONE);

    look(&bench, 1, final(false), true);

    expect_move(&bench, LS_STATE_CANCELLED, 2, LS_ATTEMPT_ADVANCED, LS_NONCE_FREE);
    assert_true(bench.last[LS_EFFECT_MOVE].as.move.siblings_dead);
    tear_down(&bench);
}

static void what_landed_before_the_cancel_is_done(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op = (ls_op_id){7};
    wish.as.wish.request = LS_REQUEST_CANCEL;
    give(&bench, wish);
    look(&bench, -1, nothing, false);
    record(&bench, LS_ROW_DONE);

    look(&bench, 0, final(false), true);

    expect_move(&bench, LS_STATE_DONE, 1, LS_ATTEMPT_LANDED, LS_NONCE_FREE);
    tear_down(&bench);
}

static void a_refusal_for_good_is_failed_by_moving_the_nonce(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);

    sent(&bench, LS_SEND_PERMANENT);
    assert_true(bench.last[LS_EFFECT_SIGN].as.attempt.is_cancel);
    record(&bench, LS_ROW_DONE);
    look(&bench, 1, final(false), true);

    expect_move(&bench, LS_STATE_FAILED, 2, LS_ATTEMPT_ADVANCED, LS_NONCE_FREE);
    tear_down(&bench);
}

static void a_failure_on_chain_is_final_too(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);

    look(&bench, 0, final(true), true);

    expect_move(&bench, LS_STATE_FAILED, 1, LS_ATTEMPT_ERRORED, LS_NONCE_FREE);
    tear_down(&bench);
}

static void want_of_funds_waits_behind_the_gate(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    const int sends = bench.counts[LS_EFFECT_SEND];

    sent(&bench, LS_SEND_FUNDS);
    assert_int_equal(bench.counts[LS_EFFECT_GATE], 1);
    assert_int_equal(bench.last[LS_EFFECT_SIGN].as.attempt.attempt, 1);
    pass(&bench, 11000);
    assert_int_equal(bench.counts[LS_EFFECT_SEND], sends + 1); /* the same bytes, later */
    tear_down(&bench);
}

static void a_nonce_that_moved_without_a_trace_is_ambiguous(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);

    look(&bench, -1, nothing, true); /* a plain look: the next ones search history */
    assert_int_equal(bench.counts[LS_EFFECT_MOVE], 0);
    for (int i = 0; i < 3; i++) {
        assert_true(bench.last[LS_EFFECT_FAMILY].as.is_deep);
        look(&bench, -1, nothing, true);
        if (i < 2) pass(&bench, 1000);
    }

    expect_move(&bench, LS_STATE_HELD, 1, LS_ATTEMPT_LIVE, LS_NONCE_KEEP);
    assert_int_equal(bench.last[LS_EFFECT_MOVE].as.move.sub, LS_SUB_AMBIGUOUS);
    tear_down(&bench);
}

static void a_moved_nonce_alone_never_makes_another_attempt(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    submit(&bench);
    const int signs = bench.counts[LS_EFFECT_SIGN];

    look(&bench, -1, nothing, true);
    look(&bench, -1, nothing, true);
    look(&bench, 0, final(false), true); /* a late history: it was ours */

    assert_int_equal(bench.counts[LS_EFFECT_SIGN], signs);
    expect_move(&bench, LS_STATE_DONE, 1, LS_ATTEMPT_LANDED, LS_NONCE_FREE);
    tear_down(&bench);
}

static void an_adopter_follows_every_live_attempt(void **state)
{
    (void)state;
    struct bench bench;
    struct ls_member members[LS_FAMILY_MAX];
    set_up(&bench);
    struct ls_stored_attempt attempts[3] = {
        {.attempt = 4, .state = LS_ATTEMPT_DEAD},
        {.attempt = 5, .state = LS_ATTEMPT_LIVE},
        {.attempt = 6, .state = LS_ATTEMPT_LIVE, .is_cancel = true},
    };
    struct ls_stored_op op = an_op(LS_STATE_SUBMITTED);
    op.attempts_made = 6;
    op.attempt_count = 3;
    op.attempts = attempts;
    struct ls_event event = {.kind = LS_EVENT_OP};
    event.as.op = &op;
    give(&bench, event);

    const struct ls_slot slot = bench.last[LS_EFFECT_FAMILY].slot;
    assert_int_equal(ls_core_family(bench.core, slot, members), 2);
    assert_int_equal(members[0].attempt, 5);
    assert_true(members[1].is_cancel);
    look(&bench, 1, final(false), true); /* nobody wishes it any more: it goes again */
    expect_move(&bench, LS_STATE_READY, 6, LS_ATTEMPT_ADVANCED, LS_NONCE_FREE);
    tear_down(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_signed_for_the_value_that_was_read),
        cmocka_unit_test(a_value_that_is_not_read_is_read_again),
        cmocka_unit_test(a_higher_fee_joins_and_only_one_lands),
        cmocka_unit_test(a_further_attempt_is_not_sent_before_it_is_durable),
        cmocka_unit_test(a_cancel_that_is_final_proves_the_others_dead),
        cmocka_unit_test(what_landed_before_the_cancel_is_done),
        cmocka_unit_test(a_refusal_for_good_is_failed_by_moving_the_nonce),
        cmocka_unit_test(a_failure_on_chain_is_final_too),
        cmocka_unit_test(want_of_funds_waits_behind_the_gate),
        cmocka_unit_test(a_nonce_that_moved_without_a_trace_is_ambiguous),
        cmocka_unit_test(a_moved_nonce_alone_never_makes_another_attempt),
        cmocka_unit_test(an_adopter_follows_every_live_attempt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
