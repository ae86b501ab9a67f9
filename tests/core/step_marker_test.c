/* Fence marker: what the engine concludes from the marker, by hand-given answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/core/step.h"

enum { VALID_TO = 1150, EXPIRED = 1160 };

struct desk {
    ls_core *core;
    int64_t now_ms;
    struct ls_slot slot;
    struct ls_effect last[LS_EFFECT_TRACE + 1];
    int counts[LS_EFFECT_TRACE + 1];
};

static void tell(struct desk *desk, struct ls_event event)
{
    struct ls_effect effect;
    event.now_ms = desk->now_ms;
    ls_core_step(desk->core, &event);
    while (ls_core_next(desk->core, &effect)) {
        desk->last[effect.kind] = effect;
        desk->counts[effect.kind]++;
        if (effect.kind == LS_EFFECT_ADMIT) desk->slot = effect.slot;
    }
}

static void wait_ms(struct desk *desk, int64_t ms)
{
    desk->now_ms += ms;
    tell(desk, (struct ls_event){.kind = LS_EVENT_TIME});
}

static void head(struct desk *desk, int64_t finalized)
{
    struct ls_event event = {.kind = LS_EVENT_HEAD};
    event.as.head.last_valid_height = finalized + 182;
    event.as.head.finalized_height = event.as.head.finalized_slot = finalized;
    tell(desk, event);
}

static struct ls_event about(const struct desk *desk, enum ls_event_kind kind)
{
    return (struct ls_event){.kind = kind, .slot = desk->slot};
}

/* A marker operation whose attempt is sent and may land. */
static struct desk *follow(int32_t endpoints, bool has_siblings)
{
    static struct desk desk; /* one test at a time */
    struct ls_core_options options = ls_core_options_default();
    options.tracked_max = options.unconfirmed_max = 4;
    options.endpoint_count = endpoints;
    desk = (struct desk){.now_ms = 1};
    assert_false(ls_failed(ls_core_new(&options, &desk.core)));
    tell(&desk, (struct ls_event){.kind = LS_EVENT_LEARNED});
    tell(&desk, (struct ls_event){.kind = LS_EVENT_GREETED});
    head(&desk, VALID_TO - 182);
    tell(&desk, (struct ls_event){.kind = LS_EVENT_SCANNED});
    tell(&desk, (struct ls_event){.kind = LS_EVENT_ADOPTED});

    struct ls_stored_op op = {.op = {7},
                              .token = 1,
                              .kind = LS_KIND_MEMO,
                              .state = LS_STATE_LEASED,
                              .fence = LS_FENCE_MARKER,
                              .is_pinned = has_siblings,
                              .attempts_made = has_siblings ? 1 : 0,
                              .attempts_max = 3,
                              .key = "k",
                              .payload = "{}",
                              .payload_bytes = 2};
    struct ls_event claimed = {.kind = LS_EVENT_OP};
    claimed.as.op = &op;
    tell(&desk, claimed);
    struct ls_event end = {.kind = LS_EVENT_CLAIMED};
    end.as.batch.count = 1;
    tell(&desk, end);
    struct ls_event built = about(&desk, LS_EVENT_SIGNED);
    built.as.built.last_valid_height = VALID_TO;
    built.as.built.signature.bytes[0] = 7;
    tell(&desk, built);
    tell(&desk, about(&desk, LS_EVENT_RECORDED));
    assert_int_equal(desk.counts[LS_EFFECT_SEND], 1);
    return &desk;
}

static void done(struct desk *desk)
{
    ls_core_free(desk->core);
}

static void expire(struct desk *desk)
{
    head(desk, EXPIRED);
    tell(desk, about(desk, LS_EVENT_STATUS));
    assert_true(desk->counts[LS_EFFECT_CERTIFY] > 0);
}

static void
certify(struct desk *desk, int32_t endpoint, int64_t height, enum ls_marker_seen marker)
{
    struct ls_event event = about(desk, LS_EVENT_CERTIFIED);
    event.as.certified.endpoint = endpoint;
    event.as.certified.same_identity = true;
    event.as.certified.height_before = event.as.certified.height_after = height;
    event.as.certified.marker = marker;
    tell(desk, event);
}

static void sent_while_used(struct desk *desk)
{
    struct ls_event event = about(desk, LS_EVENT_SENT);
    event.as.sent.result = LS_SEND_PERMANENT;
    event.as.sent.marker_used = true;
    event.as.sent.cause = "system:AccountInUse";
    tell(desk, event);
}

static void errored(struct desk *desk, bool marker_used)
{
    struct ls_event event = about(desk, LS_EVENT_STATUS);
    event.as.seen = (struct ls_seen){.is_found = true,
                                     .is_confirmed = true,
                                     .is_finalized = true,
                                     .has_error = true,
                                     .marker_used = marker_used,
                                     .slot = 1000,
                                     .cause = "SomeError"};
    tell(desk, event);
}

static void looked(struct desk *desk, enum ls_looked result, uint8_t signature)
{
    struct ls_event event = about(desk, LS_EVENT_LOOKED);
    event.as.looked.result = result;
    event.as.looked.signature.bytes[0] = signature;
    event.as.looked.slot = 990;
    tell(desk, event);
}

static const struct ls_effect *last_move(const struct desk *desk)
{
    return &desk->last[LS_EFFECT_MOVE];
}

static void the_absence_of_the_marker_is_the_certificate_however_late(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);
    expire(desk);
    assert_true(desk->last[LS_EFFECT_CERTIFY].as.certify.asks_marker);

    certify(desk, 0, VALID_TO + 100000, LS_MARKER_ABSENT);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_READY);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_DEAD);
    assert_true(last_move(desk)->as.move.siblings_dead);
    assert_true(last_move(desk)->as.move.by_marker);
    done(desk);
}

static void the_absence_counts_on_every_endpoint_needed_and_late_enough(void **state)
{
    (void)state;
    struct desk *desk = follow(2, false);
    expire(desk);

    certify(desk, 0, VALID_TO + 1, LS_MARKER_ABSENT);
    wait_ms(desk, 5000);
    certify(desk, 0, VALID_TO + 2, LS_MARKER_ABSENT);
    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_SUBMITTED);
    certify(desk, 1, VALID_TO + 2, LS_MARKER_ABSENT);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_READY);
    done(desk);
}

static void a_marker_that_exists_is_looked_up_and_settles_by_who_made_it(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);
    expire(desk);

    certify(desk, 0, EXPIRED, LS_MARKER_PRESENT);
    assert_int_equal(desk->counts[LS_EFFECT_LOOKUP], 1);
    assert_int_not_equal(last_move(desk)->as.move.to, LS_STATE_DONE);
    looked(desk, LS_LOOKED_LANDED, 9);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_DONE);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_DEAD);
    assert_true(last_move(desk)->as.move.siblings_dead);
    assert_true(last_move(desk)->as.move.is_adoption);
    assert_int_equal(last_move(desk)->as.move.signature.bytes[0], 9);
    assert_int_equal(last_move(desk)->as.move.landed_slot, 990);
    done(desk);
}

static void
a_status_that_is_on_its_way_does_not_keep_the_marker_from_being_looked_up(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);
    wait_ms(desk, 2000);
    assert_int_equal(desk->counts[LS_EFFECT_QUERY], 1);

    sent_while_used(desk);
    assert_int_equal(desk->counts[LS_EFFECT_LOOKUP], 0); /* one question at a time */
    tell(desk, about(desk, LS_EVENT_STATUS));

    assert_int_equal(desk->counts[LS_EFFECT_LOOKUP], 1);
    done(desk);
}

static void a_landing_that_statuses_hide_is_found_by_the_marker(void **state)
{
    (void)state;
    struct desk *desk = follow(1, false);
    expire(desk);

    certify(desk, 0, EXPIRED, LS_MARKER_PRESENT);
    looked(desk, LS_LOOKED_LANDED, 7);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_DONE);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_LANDED);
    assert_false(last_move(desk)->as.move.is_adoption);
    done(desk);
}

static void a_second_landing_that_aborts_leads_to_the_first(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);

    errored(desk, true);
    assert_int_equal(desk->counts[LS_EFFECT_LOOKUP], 1);
    assert_int_equal(desk->counts[LS_EFFECT_MOVE], 0);
    looked(desk, LS_LOOKED_LANDED, 9);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_DONE);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_ERRORED);
    assert_int_equal(last_move(desk)->as.move.signature.bytes[0], 9);
    done(desk);
}

static void a_preflight_that_finds_the_marker_used_is_no_failure(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);

    sent_while_used(desk);
    assert_int_equal(desk->counts[LS_EFFECT_LOOKUP], 1);
    looked(desk, LS_LOOKED_NOTHING, 0); /* not final yet */
    assert_int_equal(desk->counts[LS_EFFECT_MOVE], 0);

    wait_ms(desk, 3000); /* the attempt's own life went on */
    assert_int_equal(desk->counts[LS_EFFECT_SEND], 2);
    assert_int_equal(desk->counts[LS_EFFECT_QUERY], 1);
    for (int i = 0; i < 30; i++) {
        sent_while_used(desk);
        looked(desk, LS_LOOKED_NOTHING, 0);
        wait_ms(desk, 3000);
    }
    assert_int_equal(desk->counts[LS_EFFECT_MOVE], 0);
    sent_while_used(desk);
    looked(desk, LS_LOOKED_LANDED, 9);
    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_DONE);
    done(desk);
}

static void a_marker_of_nobodys_of_ours_is_held_for_a_person(void **state)
{
    (void)state;
    struct desk *desk = follow(1, false);
    errored(desk, true);

    for (int i = 0; i < 20 && last_move(desk)->as.move.to != LS_STATE_HELD; i++) {
        looked(desk, LS_LOOKED_FOREIGN, 0);
        wait_ms(desk, 10000);
    }

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_HELD);
    assert_int_equal(last_move(desk)->as.move.sub, LS_SUB_AMBIGUOUS);
    assert_string_equal(last_move(desk)->as.move.cause, "AmbiguousMarker");
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_ERRORED);
    done(desk);
}

static void what_can_not_be_proved_dead_is_tried_again_beside_it(void **state)
{
    (void)state;
    struct desk *desk = follow(1, false);
    expire(desk);

    for (int i = 0; i < 5; i++) {
        certify(desk, 0, EXPIRED, LS_MARKER_UNKNOWN);
        wait_ms(desk, 2000);
    }
    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_SUBMITTED);
    certify(desk, 0, EXPIRED, LS_MARKER_UNKNOWN);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_READY);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_LIVE);
    assert_false(last_move(desk)->as.move.siblings_dead);
    assert_false(last_move(desk)->as.move.is_certificate);
    assert_true(last_move(desk)->as.move.counts);
    done(desk);
}

static void without_a_proof_nothing_is_cancelled_or_failed(void **state)
{
    (void)state;
    struct desk *desk = follow(1, false);
    struct ls_event wish = {.kind = LS_EVENT_WISH};
    wish.as.wish.op = (ls_op_id){7};
    wish.as.wish.request = LS_REQUEST_CANCEL;
    tell(desk, wish);
    expire(desk);

    for (int i = 0; i < 30; i++) {
        certify(desk, 0, EXPIRED, LS_MARKER_UNKNOWN);
        wait_ms(desk, 2000);
    }
    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_SUBMITTED);
    certify(desk, 0, EXPIRED, LS_MARKER_ABSENT);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_CANCELLED);
    done(desk);
}

static void an_error_fails_only_when_its_siblings_are_dead(void **state)
{
    (void)state;
    struct desk *desk = follow(1, true);

    errored(desk, false);
    assert_int_equal(desk->counts[LS_EFFECT_MOVE], 0);
    assert_int_equal(desk->counts[LS_EFFECT_CERTIFY], 1);
    certify(desk, 0, EXPIRED, LS_MARKER_ABSENT);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_FAILED);
    assert_int_equal(last_move(desk)->as.move.attempt_state, LS_ATTEMPT_ERRORED);
    assert_true(last_move(desk)->as.move.siblings_dead);
    assert_int_equal(last_move(desk)->as.move.landed_slot, 1000);
    done(desk);
}

static void an_error_of_the_only_attempt_fails_at_once(void **state)
{
    (void)state;
    struct desk *desk = follow(1, false);

    errored(desk, false);

    assert_int_equal(last_move(desk)->as.move.to, LS_STATE_FAILED);
    assert_int_equal(desk->counts[LS_EFFECT_CERTIFY], 0);
    done(desk);
}

static void lookups_go_to_one_endpoint_after_the_other(void **state)
{
    (void)state;
    struct desk *desk = follow(3, false);
    errored(desk, true);
    for (int32_t i = 0; i < 6; i++) {
        assert_int_equal(desk->last[LS_EFFECT_LOOKUP].as.lookup.endpoint, i % 3);
        looked(desk, LS_LOOKED_NOTHING, 0);
        wait_ms(desk, 10000);
    }
    done(desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_absence_of_the_marker_is_the_certificate_however_late),
        cmocka_unit_test(the_absence_counts_on_every_endpoint_needed_and_late_enough),
        cmocka_unit_test(a_marker_that_exists_is_looked_up_and_settles_by_who_made_it),
        cmocka_unit_test(
            a_status_that_is_on_its_way_does_not_keep_the_marker_from_being_looked_up),
        cmocka_unit_test(a_landing_that_statuses_hide_is_found_by_the_marker),
        cmocka_unit_test(a_second_landing_that_aborts_leads_to_the_first),
        cmocka_unit_test(a_preflight_that_finds_the_marker_used_is_no_failure),
        cmocka_unit_test(a_marker_of_nobodys_of_ours_is_held_for_a_person),
        cmocka_unit_test(what_can_not_be_proved_dead_is_tried_again_beside_it),
        cmocka_unit_test(without_a_proof_nothing_is_cancelled_or_failed),
        cmocka_unit_test(an_error_fails_only_when_its_siblings_are_dead),
        cmocka_unit_test(an_error_of_the_only_attempt_fails_at_once),
        cmocka_unit_test(lookups_go_to_one_endpoint_after_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
