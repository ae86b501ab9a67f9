#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static const char *const payee = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T";

/* Back to ready with attempt 1 in `attempt_state`, and claimed again. */
static struct taken
claim_again(struct bench *bench, ls_op_id op, enum ls_attempt_state attempt_state)
{
    struct taken first = submit(bench, op);
    struct ls_move_row again = move_row(&first, LS_STATE_READY, LS_SUB_NONE);
    again.attempt = 1;
    again.attempt_state = attempt_state;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    return claim_this(bench, 0, op);
}

static const struct ls_stored_op *handed_out(const struct bench *bench)
{
    assert_int_equal(bench->reply.op_count, 1);
    return &bench->reply.ops[0];
}

static void the_first_claim_has_the_fence_and_no_pins(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);

    (void)claim_this(bench, 0, op);

    const struct ls_stored_op *got = handed_out(bench);
    assert_int_equal(got->fence, LS_FENCE_EXPIRY);
    assert_false(got->is_pinned);
    assert_false(got->has_nonce);
    assert_false(got->has_marker);
    assert_false(got->is_strict);
}

static void an_intent_pins_its_signer_while_it_may_land(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken second = claim_again(bench, op, LS_ATTEMPT_LIVE);
    const struct ls_stored_op *got = handed_out(bench);
    struct ls_intent_row row = intent_row(&second);
    assert_true(got->is_pinned);
    assert_memory_equal(&got->signer, &row.signer, LS_ADDRESS_BYTES);

    memset(&row.signer, 0x71, sizeof row.signer);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    expect(bench, op, LS_STATE_LEASED);

    row.signer = intent_row(&second).signer;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
}

static void a_pin_ends_when_every_attempt_is_dead(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken second = claim_again(bench, op, LS_ATTEMPT_DEAD);
    struct ls_intent_row row = intent_row(&second);
    assert_false(handed_out(bench)->is_pinned);

    memset(&row.signer, 0x71, sizeof row.signer);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
}

static void an_intent_under_another_fence_is_refused(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&taken);

    row.fence = LS_FENCE_MARKER;
    row.has_marker = true;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    row.fence = LS_FENCE_EXPIRY;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    row.has_marker = false;
    row.has_nonce = true;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    expect(bench, op, LS_STATE_LEASED);

    row.has_nonce = false;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
}

static void adoption_hands_out_fence_and_pins(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&old);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = 10});

    const struct ls_stored_op *got = handed_out(bench);
    assert_int_equal(got->fence, LS_FENCE_EXPIRY);
    assert_true(got->is_pinned);
    assert_memory_equal(&got->signer, &row.signer, LS_ADDRESS_BYTES);
    assert_false(got->has_marker);
}

static bool claimed_strict(struct bench *bench, const char *key, const char *lamports)
{
    char payload[256];
    int length = snprintf(payload, sizeof payload, "{\"to\": \"%s\", \"lamports\": \"%s\"}",
                          payee, lamports);
    assert_in_range(length, 1, sizeof payload - 1);
    ls_op_id op =
        enqueue_ok(bench, &(struct conformance_enqueue){
                              .kind = LS_KIND_SOL_TRANSFER, .payload = payload, .key = key});
    (void)claim_this(bench, 0, op);
    return handed_out(bench)->is_strict;
}

static void what_is_above_its_kinds_value_limit_is_strict(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);
    assert_false(claimed_strict(bench, "none", "18446744073709551615"));

    bench->fixture->configure_kind(bench->fixture->self, LS_KIND_SOL_TRANSFER, LS_FENCE_EXPIRY,
                                   1000000);

    assert_false(claimed_strict(bench, "at", "1000000"));
    assert_true(claimed_strict(bench, "above", "1000001"));
    assert_true(claimed_strict(bench, "most", "18446744073709551615"));
    ls_op_id memo = enqueue_memo(bench, "memo", NULL);
    (void)claim_this(bench, 0, memo);
    assert_false(handed_out(bench)->is_strict);
}

static void a_fence_that_is_named_like_the_kinds_is_the_same_content(void **state)
{
    struct bench *bench = *state;
    struct conformance_enqueue request = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"x\"}", .key = "a"};
    ls_op_id op = enqueue_ok(bench, &request);

    request.fence = "expiry";
    assert_int_equal(enqueue_ok(bench, &request).value, op.value);
    request.key = "b";
    op = enqueue_ok(bench, &request);
    request.fence = NULL;
    assert_int_equal(enqueue_ok(bench, &request).value, op.value);
}

static void there_is_no_fence_of_another_name(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = {0};
    struct ls_why why = {0};

    ls_err err = bench->fixture->enqueue(bench->fixture->self,
                                         &(struct conformance_enqueue){
                                             .kind = LS_KIND_MEMO,
                                             .payload = "{\"text\": \"x\"}",
                                             .key = "a",
                                             .fence = "wall",
                                         },
                                         &op, &why);

    assert_true(ls_failed(err));
    assert_non_null(strstr(why.text, "wall"));
}

static ls_op_id enqueue_marked(struct bench *bench, const char *key)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                           .payload = "{\"text\": \"x\"}",
                                                           .key = key,
                                                           .fence = "marker"});
}

struct ls_intent_row marked_row(const struct taken *taken)
{
    struct ls_intent_row row = intent_row(taken);
    row.fence = LS_FENCE_MARKER;
    row.has_marker = true;
    memset(&row.marker, 0x6d, sizeof row.marker);
    return row;
}

/* A marked operation with one attempt that may land, claimed for a second. */
static struct taken claim_beside(struct bench *bench, ls_op_id op)
{
    struct taken first = claim_this(bench, 0, op);
    struct ls_intent_row row = marked_row(&first);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    struct ls_move_row again = move_row(&first, LS_STATE_READY, LS_SUB_NONE);
    again.attempt = 1;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    return claim_this(bench, 0, op);
}

static void a_marker_is_pinned_and_handed_out(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_marked(bench, "a");
    connect_worker(bench, 0);
    struct taken second = claim_beside(bench, op);
    struct ls_intent_row row = marked_row(&second);
    const struct ls_stored_op *got = handed_out(bench);
    assert_int_equal(got->fence, LS_FENCE_MARKER);
    assert_true(got->is_pinned);
    assert_true(got->has_marker);
    assert_memory_equal(&got->marker, &row.marker, LS_ADDRESS_BYTES);

    row.marker.bytes[0] ^= 1;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_REFUSED);
    row.marker.bytes[0] ^= 1;
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
}

static void the_kinds_fence_is_taken_where_none_is_named(void **state)
{
    struct bench *bench = *state;
    bench->fixture->configure_kind(bench->fixture->self, LS_KIND_MEMO, LS_FENCE_MARKER, -1);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    (void)claim_this(bench, 0, op);
    assert_int_equal(handed_out(bench)->fence, LS_FENCE_MARKER);
}

static void another_fence_under_the_same_key_is_other_content(void **state)
{
    struct bench *bench = *state;
    struct conformance_enqueue request = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"x\"}", .key = "a", .fence = "marker"};
    ls_op_id op = enqueue_ok(bench, &request);
    ls_op_id again = {0};
    struct ls_why why = {0};
    assert_int_equal(enqueue_ok(bench, &request).value, op.value);

    request.fence = "expiry";
    assert_true(
        ls_failed(bench->fixture->enqueue(bench->fixture->self, &request, &again, &why)));
    request.fence = NULL;
    assert_true(
        ls_failed(bench->fixture->enqueue(bench->fixture->self, &request, &again, &why)));
}

static void what_its_marker_settles_names_the_attempt_that_landed(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[4];
    ls_op_id op = enqueue_marked(bench, "a");
    connect_worker(bench, 0);
    struct taken second = claim_beside(bench, op);
    struct ls_intent_row row = marked_row(&second);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    struct taken first = second;
    first.attempts_made = 0;

    struct ls_move_row settled = move_row(&second, LS_STATE_DONE, LS_SUB_NONE);
    settled.attempt = 2;
    settled.attempt_state = LS_ATTEMPT_ERRORED;
    settled.siblings_dead = true;
    settled.has_signature = true;
    settled.signature = intent_row(&first).signature;
    settled.slot = 99;
    assert_int_equal(move(bench, 0, &settled), LS_ROW_DONE);

    expect(bench, op, LS_STATE_DONE);
    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, got, 4), 2);
    assert_int_equal(got[0].state, LS_ATTEMPT_LANDED);
    assert_int_equal(got[1].state, LS_ATTEMPT_ERRORED);
    assert_string_equal(stored(bench, op).signature, got[0].signature);
}

static void what_may_still_land_is_not_cancelled(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_marked(bench, "a");
    connect_worker(bench, 0);
    struct taken second = claim_beside(bench, op);
    struct ls_move_row back = move_row(&second, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);

    assert_true(ls_failed(act(bench, LS_VERB_CANCEL, op).err));
    expect(bench, op, LS_STATE_READY);
    (void)act_ok(bench, LS_VERB_HOLD, op);
    assert_true(ls_failed(act(bench, LS_VERB_CANCEL, op).err));
    expect(bench, op, LS_STATE_HELD);
}

struct cases fence_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_claim_has_the_fence_and_no_pins),
        cmocka_unit_test(an_intent_pins_its_signer_while_it_may_land),
        cmocka_unit_test(a_pin_ends_when_every_attempt_is_dead),
        cmocka_unit_test(an_intent_under_another_fence_is_refused),
        cmocka_unit_test(adoption_hands_out_fence_and_pins),
        cmocka_unit_test(what_is_above_its_kinds_value_limit_is_strict),
        cmocka_unit_test(a_fence_that_is_named_like_the_kinds_is_the_same_content),
        cmocka_unit_test(there_is_no_fence_of_another_name),
        cmocka_unit_test(a_marker_is_pinned_and_handed_out),
        cmocka_unit_test(the_kinds_fence_is_taken_where_none_is_named),
        cmocka_unit_test(another_fence_under_the_same_key_is_other_content),
        cmocka_unit_test(what_its_marker_settles_names_the_attempt_that_landed),
        cmocka_unit_test(what_may_still_land_is_not_cancelled),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
