/* What the engine does with more than it has room for. */
#include "step_bench.h"

enum { ROOM = 8 };

static void what_is_claimed_beyond_the_room_is_handed_back(void **state)
{
    struct bench *bench = run(1);
    (void)state;
    for (int64_t id = 1; id <= ROOM; id++) give_op(bench, id);
    int moves = bench->counts[LS_EFFECT_MOVE];

    give_op(bench, ROOM + 1);

    const struct ls_effect *back = &bench->last[LS_EFFECT_MOVE];
    assert_int_equal(bench->counts[LS_EFFECT_MOVE], moves + 1);
    assert_int_equal(back->op.value, ROOM + 1);
    assert_int_equal(back->as.move.token, 100 + ROOM + 1);
    assert_int_equal(back->as.move.to, LS_STATE_READY);
    assert_false(back->as.move.counts);
    assert_true(back->as.move.delay_ms > 0);
    assert_true(back->slot.index < 0);
    end(bench);
}

static void a_claim_under_way_leaves_less_room_to_adopt(void **state)
{
    struct bench *bench = run(1);
    (void)state;
    pass(bench, 20);
    int32_t claimed = bench->last[LS_EFFECT_CLAIM].as.claim.count;
    struct ls_event tick = {.kind = LS_EVENT_TICKED};
    tick.as.ticked.orphan_count = 5;
    int adoptions = bench->counts[LS_EFFECT_ADOPT];

    give(bench, tick);

    int asked = bench->counts[LS_EFFECT_ADOPT] - adoptions;
    int32_t adopted = asked == 0 ? 0 : bench->last[LS_EFFECT_ADOPT].as.count;
    assert_int_equal(claimed, ROOM);
    assert_true(claimed + adopted <= ROOM);
    end(bench);
}

static void what_was_adopted_without_room_is_asked_for_again(void **state)
{
    struct bench *bench = run(1);
    static const struct ls_stored_attempt attempt = {.attempt = 1, .last_valid_height = 1140};
    struct ls_stored_op op = {.op = {99},
                              .token = 7,
                              .kind = LS_KIND_MEMO,
                              .state = LS_STATE_SUBMITTED,
                              .attempts_max = 3,
                              .key = "k",
                              .attempt_count = 1,
                              .attempts = &attempt};
    struct ls_event event = {.kind = LS_EVENT_OP};
    (void)state;
    for (int64_t id = 1; id <= ROOM; id++) give_op(bench, id);
    event.as.op = &op;
    give(bench, event);
    give_slot(bench, LS_EVENT_UNSIGNED); /* one of them makes room */
    give(bench,
         (struct ls_event){.kind = LS_EVENT_MOVED, .slot = bench->last[LS_EFFECT_MOVE].slot});
    int adoptions = bench->counts[LS_EFFECT_ADOPT];

    give(bench, (struct ls_event){.kind = LS_EVENT_TICKED});

    assert_int_equal(bench->counts[LS_EFFECT_ADOPT], adoptions + 1);
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_claimed_beyond_the_room_is_handed_back),
        cmocka_unit_test(a_claim_under_way_leaves_less_room_to_adopt),
        cmocka_unit_test(what_was_adopted_without_room_is_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
