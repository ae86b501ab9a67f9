#include "step_bench.h"

/* The tip that the next operation is signed at: heights only grow. */
static int64_t tip;
static int32_t lane; /* of what ends */

/* A fresh head; at a pace of 400 ms a height. */
static void advance(struct bench *bench, int64_t heights, int64_t finalized)
{
    tip += heights;
    bench->now_ms += heights * 400;
    give_head(bench, tip + 150, finalized);
}

/* One operation that ends: finalized, or expired and proved dead. */
static void end_one(struct bench *bench, bool is_good)
{
    advance(bench, 1, tip - 31);
    give_op_of(bench, 7, lane);
    struct ls_event built = {.kind = LS_EVENT_SIGNED, .slot = slot_of(bench)};
    built.as.built.last_valid_height = tip + 150;
    give(bench, built);
    give_slot(bench, LS_EVENT_RECORDED);
    struct ls_seen final = {.is_found = true, .is_confirmed = true, .is_finalized = true};
    if (is_good) {
        give_seen(bench, final);
    } else {
        int64_t dead = tip + 160;
        advance(bench, 192, dead);
        give_seen(bench, (struct ls_seen){0});
        find_no_control(bench);
        give_certified(bench, 0, dead, 2);
        give_slot(bench, LS_EVENT_MOVED); /* the note that proof is sought */
    }
    give_slot(bench, LS_EVENT_MOVED);
}

static struct bench *begin(void)
{
    tip = 1000;
    lane = 1;
    return run(1);
}

static void end_many(struct bench *bench, int good, int bad)
{
    for (int i = 0; i < good; i++) end_one(bench, true);
    for (int i = 0; i < bad; i++) end_one(bench, false);
    pass(bench, 10001);
    give(bench, (struct ls_event){.kind = LS_EVENT_TICKED});
}

static int32_t slowed(const struct bench *bench)
{
    struct ls_core_numbers numbers;
    ls_core_numbers(bench->core, &numbers);
    return numbers.slowed_permille;
}

static void a_few_expiries_are_no_storm(void **state)
{
    (void)state;
    struct bench *bench = begin();

    end_many(bench, 8, 3);
    assert_int_equal(slowed(bench), 0);
    end_many(bench, 0, 9); /* too few to say anything */
    assert_int_equal(slowed(bench), 0);
    end(bench);
}

static void a_storm_halves_the_claims_and_is_told_once(void **state)
{
    (void)state;
    struct bench *bench = begin();

    end_many(bench, 6, 6);
    assert_int_equal(slowed(bench), 500);
    end_many(bench, 6, 6);
    assert_int_equal(slowed(bench), 750);
    for (int i = 0; i < 10; i++) end_many(bench, 0, 12);

    assert_int_equal(slowed(bench), 990); /* a trickle goes on */
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 1);
    assert_string_equal(bench->last[LS_EFFECT_ALERT].as.alert.rule, "brake");
    assert_true(bench->last[LS_EFFECT_CLAIM].as.claim.count >= 1);
    end(bench);
}

static void when_it_is_over_claims_grow_step_by_step(void **state)
{
    (void)state;
    struct bench *bench = begin();
    end_many(bench, 6, 6);

    end_many(bench, 12, 0);
    assert_int_equal(slowed(bench), 400);
    end_many(bench, 0, 0);
    assert_int_equal(slowed(bench), 300);
    for (int i = 0; i < 4; i++) end_many(bench, 12, 0);

    assert_int_equal(slowed(bench), 0);
    end(bench);
}

static void when_it_is_over_its_alert_ends(void **state)
{
    (void)state;
    struct bench *bench = begin();
    end_many(bench, 6, 6);
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 1);
    assert_false(bench->last[LS_EFFECT_ALERT].as.alert.is_over);

    for (int i = 0; i < 5; i++) end_many(bench, 12, 0);

    assert_int_equal(slowed(bench), 0);
    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 2);
    assert_string_equal(bench->last[LS_EFFECT_ALERT].as.alert.rule, "brake");
    assert_true(bench->last[LS_EFFECT_ALERT].as.alert.is_over);
    end(bench);
}

static void it_is_told_again_when_the_store_was_lost(void **state)
{
    (void)state;
    struct bench *bench = begin();
    end_many(bench, 6, 6);

    give(bench, (struct ls_event){.kind = LS_EVENT_LOST});
    give(bench, (struct ls_event){.kind = LS_EVENT_TICKED});

    assert_int_equal(bench->counts[LS_EFFECT_ALERT], 2);
    assert_false(bench->last[LS_EFFECT_ALERT].as.alert.is_over);
    end(bench);
}

struct claims {
    int urgent, rest;
};

/* Answer the claim under way with nothing; that may begin the next at once. */
static bool answer_claim(struct bench *bench, int *seen, struct claims *claims)
{
    if (bench->counts[LS_EFFECT_CLAIM] == *seen) return false;
    *seen = bench->counts[LS_EFFECT_CLAIM];
    if (bench->last[LS_EFFECT_CLAIM].as.claim.lanes == 1) claims->urgent++;
    if (bench->last[LS_EFFECT_CLAIM].as.claim.lanes == 14) claims->rest++;
    give(bench, (struct ls_event){.kind = LS_EVENT_CLAIMED});
    return true;
}

/* The claims of two seconds. */
static struct claims count_claims(struct bench *bench)
{
    struct claims claims = {0};
    int seen = bench->counts[LS_EFFECT_CLAIM];
    give(bench, (struct ls_event){.kind = LS_EVENT_CLAIMED});
    for (int i = 0; i < 400; i++) {
        while (answer_claim(bench, &seen, &claims)) {
        }
        pass(bench, 5);
    }
    return claims;
}

static void a_storm_of_the_others_does_not_slow_the_urgent_lane(void **state)
{
    (void)state;
    struct bench *bench = begin();
    for (int i = 0; i < 6; i++) end_many(bench, 0, 12);
    advance(bench, 1, tip - 31);

    struct claims claims = count_claims(bench);

    assert_in_range(claims.urgent, 50, 200);
    assert_in_range(claims.rest, 1, 4);
    end(bench);
}

static void a_storm_of_the_urgent_lane_slows_that_alone(void **state)
{
    (void)state;
    struct bench *bench = begin();
    lane = 0;
    for (int i = 0; i < 6; i++) end_many(bench, 0, 12);
    advance(bench, 1, tip - 31);

    struct claims claims = count_claims(bench);

    assert_in_range(claims.urgent, 1, 4);
    assert_in_range(claims.rest, 50, 200);
    end(bench);
}

static void what_is_claimed_and_not_sent_takes_part_of_the_room(void **state)
{
    (void)state;
    struct bench *bench = begin();
    for (int i = 0; i < 6; i++) end_many(bench, 0, 12);
    advance(bench, 1, tip - 31);
    give_op_of(bench, 7, 1); /* it waits to be signed, and the room is one */
    struct ls_slot slot = slot_of(bench);
    assert_int_equal(count_claims(bench).rest, 0);

    struct ls_event built = {.kind = LS_EVENT_SIGNED, .slot = slot};
    built.as.built.last_valid_height = tip + 150;
    give(bench, built);
    give(bench, (struct ls_event){.kind = LS_EVENT_RECORDED, .slot = slot});

    assert_true(count_claims(bench).rest >= 1);
    end(bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_few_expiries_are_no_storm),
        cmocka_unit_test(a_storm_halves_the_claims_and_is_told_once),
        cmocka_unit_test(when_it_is_over_claims_grow_step_by_step),
        cmocka_unit_test(when_it_is_over_its_alert_ends),
        cmocka_unit_test(it_is_told_again_when_the_store_was_lost),
        cmocka_unit_test(a_storm_of_the_others_does_not_slow_the_urgent_lane),
        cmocka_unit_test(a_storm_of_the_urgent_lane_slows_that_alone),
        cmocka_unit_test(what_is_claimed_and_not_sent_takes_part_of_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
