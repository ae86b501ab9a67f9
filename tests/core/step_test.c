#include "step_bench.h"

static void nothing_is_sent_before_the_intent_is_durable(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    give_op(bench, 7);
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    event.as.built.last_valid_height = 1150;

    give(bench, event);
    pass(bench, 10000);
    assert_int_equal(bench->counts[LS_EFFECT_RECORD], 1);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], 0);

    give_slot(bench, LS_EVENT_RECORDED);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], 1);
    end(bench);
}

static void a_refused_intent_is_forgotten_and_never_sent(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    give_op(bench, 7);
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    give(bench, event);

    struct ls_event row = {.kind = LS_EVENT_RECORDED, .slot = slot_of(bench)};
    row.as.row = LS_ROW_STALE;
    give(bench, row);
    pass(bench, 10000);

    assert_int_equal(bench->counts[LS_EFFECT_SEND], 0);
    assert_int_equal(bench->counts[LS_EFFECT_FORGET], 1);
    end(bench);
}

/* Every timer passes and every look is answered: nothing of it is sent or proved dead. */
static void an_altered_attempt_is_held_at_once_and_never_sent(void **state)
{
    static const uint8_t tx[1] = {1};
    const struct ls_stored_attempt attempt = {
        .attempt = 1, .last_valid_height = 1, .tx = tx, .tx_bytes = sizeof tx};
    struct ls_stored_op op = {.op = {7},
                              .token = 107,
                              .kind = LS_KIND_MEMO,
                              .state = LS_STATE_SUBMITTED,
                              .attempts_made = 1,
                              .attempts_max = 12,
                              .key = "k",
                              .payload = "{}",
                              .payload_bytes = 2,
                              .is_altered = true,
                              .attempt_count = 1,
                              .attempts = &attempt};
    struct ls_event event = {.kind = LS_EVENT_OP};
    (void)state;
    struct bench *bench = run(1);

    event.as.op = &op;
    give(bench, event);
    pass(bench, 10000);

    assert_int_equal(bench->counts[LS_EFFECT_MOVE], 1);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_HELD);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.sub, LS_SUB_AMBIGUOUS);
    assert_string_equal(bench->last[LS_EFFECT_MOVE].as.move.cause, "RowAltered");
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 1);
    assert_int_equal(bench->counts[LS_EFFECT_SEND] + bench->counts[LS_EFFECT_QUERY] +
                         bench->counts[LS_EFFECT_CERTIFY] + bench->counts[LS_EFFECT_SIGN],
                     0);
    end(bench);
}

static void what_an_end_freed_is_claimed_at_once(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    for (int i = 0; i < 3; i++) {
        pass(bench, 20);
        give(bench, (struct ls_event){.kind = LS_EVENT_CLAIMED}); /* an empty queue */
    }
    int claims = bench->counts[LS_EFFECT_CLAIM];
    give_seen(bench,
              (struct ls_seen){.is_found = true, .is_confirmed = true, .is_finalized = true});
    assert_int_equal(bench->counts[LS_EFFECT_CLAIM], claims);

    give_slot(bench, LS_EVENT_MOVED);

    assert_int_equal(bench->counts[LS_EFFECT_CLAIM], claims + 1);
    end(bench);
}

static void a_pack_that_fell_apart_is_signed_anew_and_never_sent(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    give_op(bench, 7);
    give(bench, (struct ls_event){.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)});

    struct ls_event row = {.kind = LS_EVENT_RECORDED, .slot = slot_of(bench)};
    row.as.row = LS_ROW_SPLIT;
    give(bench, row);

    assert_int_equal(bench->counts[LS_EFFECT_SEND], 0);
    assert_int_equal(bench->counts[LS_EFFECT_FORGET], 0);
    assert_int_equal(bench->counts[LS_EFFECT_SIGN], 2);
    assert_int_equal(bench->last[LS_EFFECT_SIGN].as.attempt.attempt, 1);
    end(bench);
}

static void confirmed_is_provisional_and_finalized_settles(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    give_sent(bench, LS_SEND_ACCEPTED);

    give_seen(bench, (struct ls_seen){.is_found = true, .is_confirmed = true, .slot = 1010});
    pass(bench, 3000);
    assert_true(bench->counts[LS_EFFECT_MOVE] == 0 ||
                bench->last[LS_EFFECT_MOVE].as.move.to == LS_STATE_SUBMITTED);
    struct ls_seen last = {
        .is_found = true, .is_confirmed = true, .is_finalized = true, .slot = 1010};
    give_seen(bench, last);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_DONE);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.attempt_state, LS_ATTEMPT_LANDED);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.landed_slot, 1010);
    end(bench);
}

static void an_error_on_chain_fails_only_when_finalized(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    struct ls_seen seen = {
        .is_found = true, .is_confirmed = true, .has_error = true, .slot = 5};

    give_seen(bench, seen);
    assert_int_not_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_FAILED);
    seen.is_finalized = true;
    give_seen(bench, seen);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_FAILED);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.attempt_state, LS_ATTEMPT_ERRORED);
    end(bench);
}

/* Finalized with an error of this operation's transaction. */
static const struct ls_effect *fail_on_chain(struct bench *bench, enum ls_blame blame)
{
    give_seen(bench, (struct ls_seen){.is_found = true,
                                      .is_confirmed = true,
                                      .is_finalized = true,
                                      .has_error = true,
                                      .blame = blame,
                                      .slot = 5,
                                      .cause = "token:InsufficientFunds"});
    return &bench->last[LS_EFFECT_MOVE];
}

static void a_neighbours_error_sends_the_operation_again_without_counting(void **state)
{
    (void)state;
    static const enum ls_blame blames[] = {LS_BLAME_OTHER, LS_BLAME_NOBODY};
    for (size_t i = 0; i < 2; i++) {
        struct bench *bench = run(1);
        make_live(bench);

        const struct ls_effect *move = fail_on_chain(bench, blames[i]);

        assert_int_equal(move->as.move.to, LS_STATE_READY);
        assert_int_equal(move->as.move.attempt_state, LS_ATTEMPT_ERRORED);
        assert_false(move->as.move.counts);
        assert_false(move->as.move.has_signature);
        assert_string_equal(move->as.move.cause, "PackFailed");
        end(bench);
    }
}

static void a_wish_is_honoured_when_a_neighbours_error_is_final(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op.value = 7;
    wish.as.wish.request = LS_REQUEST_CANCEL;
    give(bench, wish);

    const struct ls_effect *move = fail_on_chain(bench, LS_BLAME_OTHER);

    assert_int_equal(move->as.move.to, LS_STATE_CANCELLED);
    assert_int_equal(move->as.move.attempt_state, LS_ATTEMPT_ERRORED);
    end(bench);
}

static void a_null_status_alone_never_retires_an_attempt(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);

    expire(bench, 1151); /* one height short of the margin */
    assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], 0);
    expire(bench, 1152);

    assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], 1);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    end(bench);
}

static void a_preflight_refusal_fails_only_with_its_certificate(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);

    give_sent(bench, LS_SEND_PERMANENT);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.sub, LS_SUB_REJECTED);
    int sends = bench->counts[LS_EFFECT_SEND];
    pass(bench, 20000);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], sends);
    expire(bench, 1160);
    give_certified(bench, 0, 1161, 0);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_FAILED);
    assert_string_equal(bench->last[LS_EFFECT_MOVE].as.move.cause, "Cause");
    end(bench);
}

static void a_refusal_for_a_neighbours_sake_waits_for_its_certificate_too(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    struct ls_event event = {.kind = LS_EVENT_SENT, .slot = slot_of(bench)};
    event.as.sent.result = LS_SEND_PERMANENT;
    event.as.sent.blame = LS_BLAME_OTHER;
    event.as.sent.cause = "token:InsufficientFunds";
    event.as.sent.detail = "a detail";

    give(bench, event);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.sub, LS_SUB_REJECTED);
    expire(bench, 1160);
    give_certified(bench, 0, 1161, false);

    const struct ls_effect *move = &bench->last[LS_EFFECT_MOVE];
    assert_int_equal(move->as.move.to, LS_STATE_READY);
    assert_int_equal(move->as.move.attempt_state, LS_ATTEMPT_DEAD);
    assert_true(move->as.move.is_certificate);
    assert_false(move->as.move.counts);
    assert_int_equal(move->as.move.delay_ms, 0);
    end(bench);
}

static void want_of_funds_gates_the_payer_and_costs_no_attempt(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);

    give_sent(bench, LS_SEND_FUNDS);
    assert_int_equal(bench->counts[LS_EFFECT_GATE], 1);
    assert_true(bench->last[LS_EFFECT_GATE].as.gate.on);
    expire(bench, 1160);
    give_certified(bench, 0, 1161, 0);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    assert_false(bench->last[LS_EFFECT_MOVE].as.move.counts);
    end(bench);
}

static void the_gate_goes_off_when_the_payer_can_pay_again(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    struct ls_event tick = {.kind = LS_EVENT_TICKED};
    tick.as.ticked.payer_gated = true;
    give(bench, tick);
    struct ls_event balance = {.kind = LS_EVENT_BALANCE};

    balance.as.balance_lamports = 9999999;
    give(bench, balance);
    assert_int_equal(bench->counts[LS_EFFECT_GATE], 0);
    balance.as.balance_lamports = 10000000;
    give(bench, balance);

    assert_int_equal(bench->counts[LS_EFFECT_GATE], 1);
    assert_false(bench->last[LS_EFFECT_GATE].as.gate.on);
    end(bench);
}

static void a_confirmed_one_that_vanishes_is_a_rollback(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    give_sent(bench, LS_SEND_ACCEPTED);
    give_seen(bench, (struct ls_seen){.is_found = true, .is_confirmed = true, .slot = 1010});
    int sends = bench->counts[LS_EFFECT_SEND];

    give_seen(bench, (struct ls_seen){0});
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 0);
    give_seen(bench, (struct ls_seen){0});

    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 1);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], sends + 1);
    end(bench);
}

/* After an outage a node has forgotten what was confirmed before it: that is no fork. */
static void what_is_not_found_while_the_height_is_old_is_no_rollback(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    give_sent(bench, LS_SEND_ACCEPTED);
    give_seen(bench, (struct ls_seen){.is_found = true, .is_confirmed = true, .slot = 1010});
    int sends = bench->counts[LS_EFFECT_SEND];
    bench->now_ms += 60000;
    for (int i = 0; i < 5; i++) give_seen(bench, (struct ls_seen){0});

    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 0);
    assert_int_equal(bench->counts[LS_EFFECT_SEND], sends);
    expire(bench, 1400);
    assert_true(bench->counts[LS_EFFECT_CERTIFY] > 0); /* the history is asked */
    end(bench);
}

static void a_wish_to_cancel_waits_for_the_certificate(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op = (ls_op_id){7};
    wish.as.wish.request = LS_REQUEST_CANCEL;

    give(bench, wish);
    assert_int_equal(bench->counts[LS_EFFECT_MOVE], 0);
    expire(bench, 1160);
    give_certified(bench, 0, 1161, 0);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_CANCELLED);
    end(bench);
}

static void rounds_that_are_used_up_fail(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    struct ls_stored_op op = {.op = {7},
                              .token = 1,
                              .state = LS_STATE_LEASED,
                              .attempts_made = 2,
                              .attempts_round = 2,
                              .attempts_max = 3,
                              .key = "k",
                              .payload = "{}",
                              .payload_bytes = 2};
    struct ls_event event = {.kind = LS_EVENT_OP};
    event.as.op = &op;
    give(bench, event);
    struct ls_event end_of = {.kind = LS_EVENT_CLAIMED};
    end_of.as.batch.count = 1;
    give(bench, end_of);
    struct ls_event built = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    built.as.built.last_valid_height = 1150;
    give(bench, built);
    give_slot(bench, LS_EVENT_RECORDED);
    expire(bench, 1160);

    give_certified(bench, 0, 1161, 0);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_FAILED);
    end(bench);
}

static void the_loss_of_the_store_forgets_everything(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    struct ls_slot old = slot_of(bench);

    give(bench, (struct ls_event){.kind = LS_EVENT_LOST});
    assert_int_equal(ls_core_mode(bench->core), LS_CORE_GREETING);
    assert_int_equal(bench->counts[LS_EFFECT_FORGET], 1);
    int moves = bench->counts[LS_EFFECT_MOVE];
    struct ls_event late = {.kind = LS_EVENT_STATUS, .slot = old};
    late.as.seen = (struct ls_seen){.is_found = true, .is_finalized = true};
    give(bench, late); /* an answer for a slot that is no more */

    assert_int_equal(bench->counts[LS_EFFECT_MOVE], moves);
    pass(bench, 5000);
    assert_int_equal(bench->counts[LS_EFFECT_HELLO], 2);
    end(bench);
}

static void a_stop_signs_nothing_more_and_parts_when_writes_are_answered(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    give_op(bench, 7);
    struct ls_event built = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    give(bench, built);

    give(bench, (struct ls_event){.kind = LS_EVENT_STOP});
    assert_int_equal(bench->counts[LS_EFFECT_BYE], 0); /* the intent is being written */
    give_slot(bench, LS_EVENT_RECORDED);
    give(bench, (struct ls_event){.kind = LS_EVENT_CLAIMED});
    assert_int_equal(bench->counts[LS_EFFECT_BYE], 1);
    pass(bench, 600000); /* the store is slow: it is waited for, without turning */
    assert_true(ls_core_due_ms(bench->core) > bench->now_ms);
    give(bench, (struct ls_event){.kind = LS_EVENT_PARTED});

    assert_int_equal(ls_core_mode(bench->core), LS_CORE_STOPPED);
    end(bench);
}

static void bulk_jobs_are_stepped_by_the_leader_as_long_as_there_are_any(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    struct ls_event tick = {.kind = LS_EVENT_TICKED};
    tick.as.ticked.has_bulk = true;
    give(bench, tick);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 0); /* another leads */

    tick.as.ticked.is_leader = true;
    give(bench, tick);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 1);
    pass(bench, 5000);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 1); /* one at a time */
    give(bench, (struct ls_event){.kind = LS_EVENT_BULKED, .as.bulk_due_ms = 100});
    pass(bench, 99);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 1);
    pass(bench, 1);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 2);
    give(bench, (struct ls_event){.kind = LS_EVENT_BULKED, .as.bulk_due_ms = -1});
    pass(bench, 60000);
    assert_int_equal(bench->counts[LS_EFFECT_BULK], 2);
    end(bench);
}

static void an_old_blockhash_is_not_signed_for(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    pass(bench, 60000); /* no head arrived meanwhile */

    give_op(bench, 7);
    assert_int_equal(bench->counts[LS_EFFECT_SIGN], 0);
    give_head(bench, 1300, 1118);

    assert_int_equal(bench->counts[LS_EFFECT_SIGN], 1);
    end(bench);
}

static void never_more_is_tracked_than_there_is_room_for(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    for (int64_t id = 1; id <= 8; id++) give_op(bench, id);
    int claims = bench->counts[LS_EFFECT_CLAIM];

    pass(bench, 1000);
    assert_int_equal(bench->counts[LS_EFFECT_CLAIM], claims);
    give_op(bench, 9); /* a store that gives more than was asked for */

    struct ls_core_numbers numbers;
    ls_core_numbers(bench->core, &numbers);
    assert_int_equal(numbers.tracked, 8);
    end(bench);
}

static void a_life_reads_like_a_story(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    bench->now_ms = 403;
    give_sent(bench, LS_SEND_AMBIGUOUS);
    bench->now_ms = 903;
    give_seen(bench, (struct ls_seen){.is_found = true, .is_confirmed = true, .slot = 1010});
    bench->now_ms = 9003;
    give_seen(bench,
              (struct ls_seen){
                  .is_found = true, .is_confirmed = true, .is_finalized = true, .slot = 1010});

    assert_string_equal(ls_buf_text(&bench->trace),
                        "[     1] op 7 leased: claimed\n"
                        "[     1] op 7 submitted: intent durable, valid to height\n"
                        "[   403] op 7 submitted: outcome of the send unknown, looking\n"
                        "[   903] op 7 submitted: confirmed in slot\n"
                        "[  9003] op 7 done: finalized\n");
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_sent_before_the_intent_is_durable),
        cmocka_unit_test(a_refused_intent_is_forgotten_and_never_sent),
        cmocka_unit_test(an_altered_attempt_is_held_at_once_and_never_sent),
        cmocka_unit_test(what_an_end_freed_is_claimed_at_once),
        cmocka_unit_test(a_pack_that_fell_apart_is_signed_anew_and_never_sent),
        cmocka_unit_test(a_neighbours_error_sends_the_operation_again_without_counting),
        cmocka_unit_test(a_wish_is_honoured_when_a_neighbours_error_is_final),
        cmocka_unit_test(a_refusal_for_a_neighbours_sake_waits_for_its_certificate_too),
        cmocka_unit_test(confirmed_is_provisional_and_finalized_settles),
        cmocka_unit_test(an_error_on_chain_fails_only_when_finalized),
        cmocka_unit_test(a_null_status_alone_never_retires_an_attempt),
        cmocka_unit_test(a_preflight_refusal_fails_only_with_its_certificate),
        cmocka_unit_test(want_of_funds_gates_the_payer_and_costs_no_attempt),
        cmocka_unit_test(the_gate_goes_off_when_the_payer_can_pay_again),
        cmocka_unit_test(a_confirmed_one_that_vanishes_is_a_rollback),
        cmocka_unit_test(what_is_not_found_while_the_height_is_old_is_no_rollback),
        cmocka_unit_test(a_wish_to_cancel_waits_for_the_certificate),
        cmocka_unit_test(rounds_that_are_used_up_fail),
        cmocka_unit_test(the_loss_of_the_store_forgets_everything),
        cmocka_unit_test(a_stop_signs_nothing_more_and_parts_when_writes_are_answered),
        cmocka_unit_test(an_old_blockhash_is_not_signed_for),
        cmocka_unit_test(never_more_is_tracked_than_there_is_room_for),
        cmocka_unit_test(bulk_jobs_are_stepped_by_the_leader_as_long_as_there_are_any),
        cmocka_unit_test(a_life_reads_like_a_story),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
