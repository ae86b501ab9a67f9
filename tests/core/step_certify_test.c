#include "step_bench.h"

static void a_certificate_makes_the_operation_ready_again(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1160);

    give_certified(bench, 0, 1161, 0);

    const struct ls_effect *move = &bench->last[LS_EFFECT_MOVE];
    assert_int_equal(move->as.move.to, LS_STATE_READY);
    assert_int_equal(move->as.move.attempt_state, LS_ATTEMPT_DEAD);
    assert_true(move->as.move.is_certificate);
    assert_true(move->as.move.counts);
    end(bench);
}

static void two_endpoints_must_both_agree(void **state)
{
    (void)state;
    struct bench *bench = run(2);
    make_live(bench);
    expire(bench, 1160);
    int32_t first = bench->last[LS_EFFECT_CERTIFY].as.certify.endpoint;

    give_certified(bench, first, 1161, 0);
    assert_int_not_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    int32_t second = bench->last[LS_EFFECT_CERTIFY].as.certify.endpoint;
    assert_int_not_equal(first, second);
    give_certified(bench, second, 1161, 0);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.endpoints, 3);
    end(bench);
}

static void a_look_past_two_identities_or_too_early_proves_nothing(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1160);
    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.height_before = event.as.certified.height_after = 1161;

    give(bench, event); /* another node answered the second half */
    pass(bench, 2000);
    give_certified(bench, 0, 1151, 0); /* this node is behind */

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    pass(bench, 2000);
    find_no_control(bench);
    assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], 3);
    end(bench);
}

static void past_the_window_without_a_control_it_is_held_as_ambiguous(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1400);

    for (int i = 0; i < 3; i++) {
        give_certified(bench, 0, 1400, 0);
        pass(bench, 4000);
        find_no_control(bench);
    }

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_HELD);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.sub, LS_SUB_AMBIGUOUS);
    end(bench);
}

/* A slow node is not one that has forgotten: no look counts that nothing was searched for. */
static void past_the_window_each_look_has_a_search_of_its_own(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1400);

    for (int i = 0; i < 2; i++) {
        give_certified(bench, 0, 1400, 0);
        const int looks = (int)bench->counts[LS_EFFECT_CERTIFY];
        const int searches = (int)bench->counts[LS_EFFECT_CONTROL];
        for (int ms = 0; ms < 5000; ms += 100) pass(bench, 100);
        assert_true((int)bench->counts[LS_EFFECT_CONTROL] > searches);
        assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], looks);
        find_no_control(bench);
        assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], looks + 1);
    }
    end(bench);
}

/* A balancer that cuts a batch up: the blocks of one node, the statuses of another. */
static void past_the_window_three_looks_in_a_row_and_two_controls_prove_it(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1400);
    const int moves = (int)bench->counts[LS_EFFECT_MOVE];

    for (int i = 0; i < 2; i++) {
        const int looks = (int)bench->counts[LS_EFFECT_CERTIFY];
        give_certified(bench, 0, 1400, 2);
        for (int ms = 0; ms < 31000; ms += 100) pass(bench, 100);
        assert_int_equal(bench->counts[LS_EFFECT_MOVE], moves);
        assert_true((int)bench->counts[LS_EFFECT_CERTIFY] > looks);
    }
    give_certified(bench, 0, 1400, 2);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.controls, 2);
    end(bench);
}

/* Whether an attempt valid to 1150 is certified with a control that was valid to `height`. */
static bool takes_control(int64_t height)
{
    struct bench *bench = run(1);
    give_op(bench, 6);
    struct ls_event event = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    event.as.built.last_valid_height = height;
    event.as.built.signature.bytes[0] = 6;
    give(bench, event);
    give_slot(bench, LS_EVENT_RECORDED);
    give_seen(bench,
              (struct ls_seen){.is_found = true, .is_confirmed = true, .is_finalized = true});
    give_slot(bench, LS_EVENT_MOVED);
    make_live(bench);
    expire(bench, 1400);
    const struct ls_effect *look = &bench->last[LS_EFFECT_CERTIFY];
    bool has_control = look->as.certify.control_count > 0;
    if (has_control) assert_int_equal(look->as.certify.controls[0].bytes[0], 6);
    end(bench);
    return has_control;
}

static void a_control_landed_before_the_attempt_could_have(void **state)
{
    (void)state;
    assert_true(takes_control(1000));
    assert_true(takes_control(400));
    assert_false(takes_control(1001));
    assert_false(takes_control(1150));
}

static void past_the_window_one_control_is_not_enough_for_one_endpoint(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1400);

    give_certified(bench, 0, 1400, 1);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    end(bench);
}

static void above_the_value_limit_one_endpoint_needs_two_controls_always(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    struct ls_stored_op op = {.op = {7},
                              .token = 1,
                              .state = LS_STATE_LEASED,
                              .attempts_max = 3,
                              .is_strict = true,
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

    give_certified(bench, 0, 1161, 1);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    pass(bench, 2100);
    find_no_control(bench);
    give_certified(bench, 0, 1161, 2);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    end(bench);
}

/* A block, as the answer to the search under way. */
static void give_block(struct bench *bench, int64_t height, int32_t count)
{
    struct ls_event event = {.kind = LS_EVENT_CONTROL};
    event.as.control.is_block = true;
    event.as.control.height = height;
    event.as.control.slot = bench->last[LS_EFFECT_CONTROL].as.control.slot;
    event.as.control.count = count;
    for (int32_t i = 0; i < count; i++)
        event.as.control.signatures[i].bytes[0] = (uint8_t)(90 + i);
    give(bench, event);
}

static void a_block_before_the_attempts_heights_is_read_for_its_controls(void **state)
{
    (void)state;
    struct bench *bench = run(2);
    make_live(bench);
    give_head(bench, 1160 + 182, 1160);
    give_seen(bench, (struct ls_seen){0});
    assert_int_equal(bench->counts[LS_EFFECT_CERTIFY], 0);
    assert_int_equal(bench->last[LS_EFFECT_CONTROL].as.control.endpoint, 1); /* not the first */
    int64_t first = bench->last[LS_EFFECT_CONTROL].as.control.slot;

    give_block(bench, 1004, 2); /* too young: the attempt could be older */
    assert_int_equal(bench->last[LS_EFFECT_CONTROL].as.control.slot, first - 4);
    give_block(bench, 1000, 0); /* empty */
    assert_int_equal(bench->last[LS_EFFECT_CONTROL].as.control.slot, first - 5);
    give(bench, (struct ls_event){.kind = LS_EVENT_CONTROL}); /* skipped */
    assert_int_equal(bench->last[LS_EFFECT_CONTROL].as.control.slot, first - 6);
    give_block(bench, 998, 2);
    pass(bench, 60);
    give_block(bench, 1155, 1);
    pass(bench, 60);

    const struct ls_effect *look = &bench->last[LS_EFFECT_CERTIFY];
    assert_int_equal(look->as.certify.control_count, 2);
    assert_int_equal(look->as.certify.controls[0].bytes[0], 91);
    assert_int_equal(look->as.certify.controls[1].bytes[0], 90);
    end(bench);
}

static void a_node_that_does_not_find_the_control_proves_nothing(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    give_head(bench, 1160 + 182, 1160);
    give_seen(bench, (struct ls_seen){0});
    give_block(bench, 999, 2);
    pass(bench, 60);
    give_block(bench, 1155, 1);
    pass(bench, 60);

    give_certified(bench, 0, 1161, 1);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    pass(bench, 600);
    give_certified(bench, 0, 1161, 2);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    end(bench);
}

static void a_newer_block_is_read_for_what_a_node_that_sees_far_enough_knows(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    give_head(bench, 1160 + 182, 1160);
    give_seen(bench, (struct ls_seen){0});
    give_block(bench, 999, 2);
    pass(bench, 60);
    assert_int_equal(bench->last[LS_EFFECT_CONTROL].as.control.slot, 1160);

    give_block(bench, 1160, 1);
    pass(bench, 60);

    const struct ls_effect *look = &bench->last[LS_EFFECT_CERTIFY];
    assert_true(look->as.certify.has_newer);
    assert_int_equal(look->as.certify.newer.bytes[0], 90);
    assert_int_equal(look->as.certify.to_slot, 0); /* within the window no list of blocks */
    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.same_identity = true;
    event.as.certified.height_before = event.as.certified.height_after = 1161;
    event.as.certified.controls_seen = 2;
    give(bench, event); /* it knows what is old and not what is new */
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    pass(bench, 600);
    event.as.certified.newer_seen = true;
    give(bench, event);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    end(bench);
}

/* Where one of our own landed is known to 150 heights only; a block says its own exactly. */
static void own_landings_do_not_hide_a_block_of_the_same_heights(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    give_op(bench, 8);
    struct ls_event built = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    built.as.built.last_valid_height = 1159;
    built.as.built.signature.bytes[0] = 8;
    give(bench, built);
    give_slot(bench, LS_EVENT_RECORDED);
    give_head(bench, 1160 + 182, 1160);
    give_seen(bench,
              (struct ls_seen){.is_found = true, .is_confirmed = true, .is_finalized = true});
    make_live(bench);
    give_seen(bench, (struct ls_seen){0});
    give_block(bench, 999, 2);
    pass(bench, 60);
    give_block(bench, 1160, 1);
    pass(bench, 60);

    const struct ls_effect *look = &bench->last[LS_EFFECT_CERTIFY];
    assert_true(look->as.certify.has_newer);
    assert_int_equal(look->as.certify.newer.bytes[0], 90);
    end(bench);
}

/* Past the window: what the look asks of the blocks around the attempt's heights, 1001 to
 * 1151, and what becomes of it with this answer. */
static enum ls_state with_blocks(int64_t whole_from, int64_t whole_to)
{
    struct bench *bench = run(1);
    make_live(bench);
    give_head(bench, 1400 + 182, 1400);
    give_seen(bench, (struct ls_seen){0});
    give_block(bench, 1003, 2); /* too young */
    give_block(bench, 985, 2);
    int64_t low = bench->last[LS_EFFECT_CONTROL].as.control.slot;
    pass(bench, 60);
    give_block(bench, 1160, 2);
    int64_t high = bench->last[LS_EFFECT_CONTROL].as.control.slot;
    pass(bench, 60);
    const struct ls_effect *look = &bench->last[LS_EFFECT_CERTIFY];
    assert_int_equal(look->as.certify.from_slot, low);
    assert_int_equal(look->as.certify.to_slot, high);

    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.same_identity = true;
    event.as.certified.height_before = event.as.certified.height_after = 1400;
    event.as.certified.controls_seen = 2;
    event.as.certified.newer_seen = true;
    event.as.certified.is_whole = whole_to > 0;
    event.as.certified.whole_from = whole_from;
    event.as.certified.whole_to = whole_to;
    for (int i = 0; i < 3; i++) give(bench, event);
    enum ls_state to = bench->last[LS_EFFECT_MOVE].as.move.to;
    end(bench);
    return to;
}

static void past_the_window_every_block_of_its_heights_must_be_kept(void **state)
{
    (void)state;
    assert_int_equal(with_blocks(985, 1160), LS_STATE_READY);
    assert_int_equal(with_blocks(1001, 1151), LS_STATE_READY);
    assert_int_equal(with_blocks(1002, 1160), LS_STATE_HELD);
    assert_int_equal(with_blocks(985, 1150), LS_STATE_HELD);
    assert_int_equal(with_blocks(0, 0), LS_STATE_HELD);
}

/* Of two endpoints one never answers: the other must show two controls, and patience. */
static void a_silent_second_endpoint_is_stood_in_for_by_two_controls(void **state)
{
    (void)state;
    struct bench *bench = run(2);
    make_live(bench);
    give_head(bench, 1160 + 182, 1160);
    give_seen(bench, (struct ls_seen){0});
    give_block(bench, 999, 2);
    pass(bench, 60);
    give_block(bench, 1155, 1);
    pass(bench, 60);
    int32_t first = bench->last[LS_EFFECT_CERTIFY].as.certify.endpoint;
    give_certified(bench, first, 1161, 2);

    for (int i = 0; i < 19; i++) {
        give_slot(bench, LS_EVENT_UNANSWERED);
        assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
        pass(bench, 700);
    }
    give_slot(bench, LS_EVENT_UNANSWERED);

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_READY);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.endpoints, 1 << first);
    end(bench);
}

/* Attempt 1 was proved dead and landed all the same; attempt 2 has expired. */
static void a_late_landing_of_an_earlier_attempt_settles_the_operation(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1160);
    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.same_identity = true;
    event.as.certified.height_before = event.as.certified.height_after = 1161;
    event.as.certified.newer_seen = true;
    event.as.certified.sibling_attempt = 4;
    event.as.certified.sibling_signature.bytes[0] = 44;
    event.as.certified.sibling_seen = (struct ls_seen){.is_found = true, .slot = 1155};

    give(bench, event); /* not final yet: nothing is concluded */
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    pass(bench, 600);
    event.as.certified.sibling_seen.is_confirmed = true;
    event.as.certified.sibling_seen.is_finalized = true;
    give(bench, event);

    const struct ls_effect *move = &bench->last[LS_EFFECT_MOVE];
    assert_int_equal(move->as.move.to, LS_STATE_DONE);
    assert_int_equal(move->as.move.attempt, 4);
    assert_int_equal(move->as.move.signature.bytes[0], 44);
    assert_true(move->as.move.siblings_dead);
    assert_string_equal(bench->last[LS_EFFECT_ALERT].as.alert.rule, "late_landing");
    end(bench);
}

static void what_a_certificate_look_finds_is_followed_not_retired(void **state)
{
    (void)state;
    struct bench *bench = run(1);
    make_live(bench);
    expire(bench, 1160);
    struct ls_event event = {.kind = LS_EVENT_CERTIFIED, .slot = slot_of(bench)};
    event.as.certified.same_identity = true;
    event.as.certified.seen =
        (struct ls_seen){.is_found = true, .is_confirmed = true, .slot = 1149};

    give(bench, event);
    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_SUBMITTED);
    give_seen(bench,
              (struct ls_seen){
                  .is_found = true, .is_confirmed = true, .is_finalized = true, .slot = 1149});

    assert_int_equal(bench->last[LS_EFFECT_MOVE].as.move.to, LS_STATE_DONE);
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_makes_the_operation_ready_again),
        cmocka_unit_test(two_endpoints_must_both_agree),
        cmocka_unit_test(a_look_past_two_identities_or_too_early_proves_nothing),
        cmocka_unit_test(past_the_window_without_a_control_it_is_held_as_ambiguous),
        cmocka_unit_test(past_the_window_each_look_has_a_search_of_its_own),
        cmocka_unit_test(past_the_window_three_looks_in_a_row_and_two_controls_prove_it),
        cmocka_unit_test(past_the_window_one_control_is_not_enough_for_one_endpoint),
        cmocka_unit_test(above_the_value_limit_one_endpoint_needs_two_controls_always),
        cmocka_unit_test(a_control_landed_before_the_attempt_could_have),
        cmocka_unit_test(a_block_before_the_attempts_heights_is_read_for_its_controls),
        cmocka_unit_test(a_node_that_does_not_find_the_control_proves_nothing),
        cmocka_unit_test(own_landings_do_not_hide_a_block_of_the_same_heights),
        cmocka_unit_test(a_newer_block_is_read_for_what_a_node_that_sees_far_enough_knows),
        cmocka_unit_test(past_the_window_every_block_of_its_heights_must_be_kept),
        cmocka_unit_test(a_silent_second_endpoint_is_stood_in_for_by_two_controls),
        cmocka_unit_test(a_late_landing_of_an_earlier_attempt_settles_the_operation),
        cmocka_unit_test(what_a_certificate_look_finds_is_followed_not_retired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
