#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"

#include "landed.h"

/* A done memo, and the operation that is to undo it. */
static ls_op_id compensated(struct bench *bench, ls_op_id *op_out)
{
    *op_out = enqueue_memo(bench, "a", NULL);
    finish(bench, *op_out);
    struct ls_action_result result = act_ok(bench, LS_VERB_COMPENSATE, *op_out);
    assert_true(result.new_op > 0);
    return (ls_op_id){result.new_op};
}

static void a_compensation_is_an_operation_of_its_own(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    struct ls_op_row original = stored(bench, op);

    assert_int_equal(original.state, LS_STATE_DONE);
    assert_int_equal(original.sub, LS_SUB_COMPENSATING);
    assert_string_equal(stored(bench, undo).key, "ls:undo:a");
    tick(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});
    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].op.value, undo.value);
    assert_non_null(bench->reply.ops[0].original_signature);
    assert_string_equal(bench->reply.ops[0].original_signature, original.signature);
}

static void a_compensation_of_a_long_key_has_its_hash(void **state)
{
    struct bench *bench = *state;
    char key[LS_KEY_BYTES_MAX + 1] = {0};
    memset(key, 'k', 193);
    connect_worker(bench, 0);
    ls_op_id op = enqueue_memo(bench, key, NULL);
    finish(bench, op);

    struct ls_action_result result = act_ok(bench, LS_VERB_COMPENSATE, op);

    assert_string_equal(
        stored(bench, (ls_op_id){result.new_op}).key,
        "ls:undo#ec949e7d322374dd888163b1c40bc2ad46b0f923d4e1a0243b81062b33a993fc");
}

static void what_follows_a_cancelled_compensation_is_the_same_on_the_ledger(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id first = compensated(bench, &op);
    (void)act_ok(bench, LS_VERB_CANCEL, first);
    expect_sub(bench, op, LS_STATE_DONE, LS_SUB_COMPENSATION_FAILED);

    ls_op_id second = {act_ok(bench, LS_VERB_COMPENSATE, op).new_op};

    assert_true(second.value != first.value);
    assert_string_equal(stored(bench, second).key, "ls:undo:a");
    char key[64];
    (void)snprintf(key, sizeof key, "ls:cancelled:%lld", (long long)first.value);
    assert_string_equal(stored(bench, first).key, key);
    expect_sub(bench, op, LS_STATE_DONE, LS_SUB_COMPENSATING);
    tick(bench, 0);
    finish(bench, second);
    expect(bench, first, LS_STATE_CANCELLED);
    expect(bench, op, LS_STATE_COMPENSATED);
}

/* Of a compensation that a failover took with its operation, which has another id now. */
static void what_landed_of_a_lost_compensation_is_compared_with_the_new_one(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    const struct ls_landed_row landed = landed_row(&tagging, "ls:undo:a", 1, 50);
    const struct ls_finding_row orphan = finding_row(LS_FINDING_ORPHAN, (ls_op_id){0}, &landed);
    assert_int_equal(tell(bench, &orphan, true).finding, LS_FINDING_ORPHAN);
    finish(bench, enqueue_memo(bench, "other", NULL)); /* so that the id is another */
    ls_op_id op;
    ls_op_id undo = compensated(bench, &op);

    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_LANDED});

    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].op.value, undo.value);
    assert_int_equal(bench->reply.landed[0].verdict, LS_LANDED_UNRECORDED);
    const struct ls_finding_row same = finding_row(LS_FINDING_UNRECORDED, undo, &landed);
    (void)tell(bench, &same, true);
    expect(bench, undo, LS_STATE_DONE);
    expect(bench, op, LS_STATE_COMPENSATED);
}

static void what_landed_though_cancelled_is_not_done_again(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    (void)act_ok(bench, LS_VERB_CANCEL, undo);
    const struct ls_landed_row landed = landed_row(&tagging, "ls:undo:a", 1, 50);
    const struct ls_finding_row ended = finding_row(LS_FINDING_UNRECORDED, undo, &landed);
    assert_int_equal(tell(bench, &ended, true).finding, LS_FINDING_ENDED);

    const struct ls_action_result result = act(bench, LS_VERB_COMPENSATE, op);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "cancelled and landed all the same"));
}

/* It was looked up while the cancelled one had the key. */
static void what_landed_is_compared_with_who_has_the_key_now(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id first = compensated(bench, &op);
    (void)act_ok(bench, LS_VERB_CANCEL, first);
    const struct ls_landed_row landed = landed_row(&tagging, "ls:undo:a", 1, 50);
    const struct ls_finding_row late = finding_row(LS_FINDING_UNRECORDED, first, &landed);
    ls_op_id second = {act_ok(bench, LS_VERB_COMPENSATE, op).new_op};

    assert_int_equal(tell(bench, &late, true).finding, LS_FINDING_ORPHAN);

    tick(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});
    assert_int_equal(bench->reply.op_count, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_LANDED});
    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].op.value, second.value);
}

static void a_failed_compensation_is_not_begun_anew(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    tick(bench, 0);
    fail_op(bench, undo, "broken");

    const struct ls_action_result result = act(bench, LS_VERB_COMPENSATE, op);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "retry or cancel that one"));
}

static void when_the_compensation_is_done_the_original_is_compensated(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    tick(bench, 0);

    finish(bench, undo);

    expect(bench, undo, LS_STATE_DONE);
    expect_sub(bench, op, LS_STATE_COMPENSATED, LS_SUB_NONE);
}

static void when_the_compensation_fails_the_original_says_so(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    tick(bench, 0);

    fail_op(bench, undo, "broken");

    expect(bench, undo, LS_STATE_FAILED);
    expect_sub(bench, op, LS_STATE_DONE, LS_SUB_COMPENSATION_FAILED);
}

static void a_retried_compensation_compensates_after_all(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    tick(bench, 0);
    fail_op(bench, undo, "broken");

    (void)act_ok(bench, LS_VERB_RETRY, undo);
    tick(bench, 0);
    finish(bench, undo);

    expect(bench, op, LS_STATE_COMPENSATED);
}

static void what_is_not_done_is_not_compensated(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);

    assert_int_equal(act(bench, LS_VERB_COMPENSATE, op).err.code, LS_CODE_REFUSED);

    expect(bench, op, LS_STATE_READY);
}

static void nothing_is_compensated_twice(void **state)
{
    struct bench *bench = *state;
    ls_op_id op;
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    assert_int_equal(act(bench, LS_VERB_COMPENSATE, op).err.code, LS_CODE_REFUSED);
    tick(bench, 0);

    finish(bench, undo);

    assert_int_equal(act(bench, LS_VERB_COMPENSATE, op).err.code, LS_CODE_REFUSED);
    expect(bench, op, LS_STATE_COMPENSATED);
}

static void a_later_dependant_of_the_compensated_fails(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);
    ls_op_id mint = enqueue_mint(bench, "share");
    finish(bench, mint);
    struct ls_action_result result = act(bench, LS_VERB_COMPENSATE, mint);
    if (ls_failed(result.err)) skip(); /* a store that reads payloads may have no undoing */
    tick(bench, 0);
    finish(bench, (ls_op_id){result.new_op});
    expect(bench, mint, LS_STATE_COMPENSATED);

    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    tick(bench, 0);

    expect(bench, issue, LS_STATE_FAILED);
    assert_string_equal(stored(bench, issue).cause, "dependency");
}

/* The address of hello_fill()'s signer, which every worker of the suite signs for. */
static void signer_text(char out[LS_ADDRESS_TEXT_BYTES])
{
    struct ls_store_request request;
    hello_fill(&request);
    ls_address_text(&request.hello.payer, out);
}

/* A done operation of this kind with `to` as its receiver, and the claim of what undoes it. */
static struct ls_action_result undo_of(
    struct bench *bench, enum ls_kind kind, const char *mint, const char *to, const char *more)
{
    char payload[512];
    (void)snprintf(payload, sizeof payload, "{%s\"to\": \"%s\", %s}", mint, to, more);
    ls_op_id op = enqueue_ok(
        bench, &(struct conformance_enqueue){.kind = kind, .payload = payload, .key = "gift"});
    connect_worker(bench, 0);
    tick(bench, 0);
    finish(bench, op);
    struct ls_action_result result = act(bench, LS_VERB_COMPENSATE, op);
    if (ls_failed(result.err)) return result;
    tick(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});
    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].op.value, result.new_op);
    return result;
}

static void lamports_go_back_where_a_worker_signs_for_who_got_them(void **state)
{
    char to[LS_ADDRESS_TEXT_BYTES];
    struct bench *bench = *state;
    signer_text(to);

    (void)undo_of(bench, LS_KIND_SOL_TRANSFER, "", to, "\"lamports\": \"7\"");

    const struct ls_stored_op *undo = &bench->reply.ops[0];
    assert_int_equal(undo->kind, LS_KIND_SOL_TRANSFER);
    assert_non_null(strstr(undo->payload, "\"lamports\": \"7\""));
    assert_non_null(strstr(undo->payload, "\"void\""));
}

static void what_was_minted_is_burnt_where_a_worker_signs_for_who_got_it(void **state)
{
    char to[LS_ADDRESS_TEXT_BYTES];
    struct bench *bench = *state;
    signer_text(to);

    (void)undo_of(bench, LS_KIND_TOKEN_MINT_TO,
                  "\"mint\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\", ", to,
                  "\"amount\": \"7\"");

    const struct ls_stored_op *undo = &bench->reply.ops[0];
    assert_int_equal(undo->kind, LS_KIND_TOKEN_BURN);
    assert_non_null(strstr(undo->payload, "\"amount\": \"7\""));
    assert_non_null(strstr(undo->payload, "\"from\""));
    assert_null(strstr(undo->payload, "\"to\""));
}

static void what_nobody_signs_for_does_not_go_back(void **state)
{
    struct bench *bench = *state;

    const struct ls_action_result result =
        undo_of(bench, LS_KIND_SOL_TRANSFER, "", "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T",
                "\"lamports\": \"7\"");

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(result.why.text, "no living worker can sign"));
}

struct cases compensation_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_compensation_is_an_operation_of_its_own),
        cmocka_unit_test(a_compensation_of_a_long_key_has_its_hash),
        cmocka_unit_test(what_follows_a_cancelled_compensation_is_the_same_on_the_ledger),
        cmocka_unit_test(what_landed_of_a_lost_compensation_is_compared_with_the_new_one),
        cmocka_unit_test(what_landed_though_cancelled_is_not_done_again),
        cmocka_unit_test(what_landed_is_compared_with_who_has_the_key_now),
        cmocka_unit_test(a_failed_compensation_is_not_begun_anew),
        cmocka_unit_test(when_the_compensation_is_done_the_original_is_compensated),
        cmocka_unit_test(when_the_compensation_fails_the_original_says_so),
        cmocka_unit_test(a_retried_compensation_compensates_after_all),
        cmocka_unit_test(what_is_not_done_is_not_compensated),
        cmocka_unit_test(nothing_is_compensated_twice),
        cmocka_unit_test(a_later_dependant_of_the_compensated_fails),
        cmocka_unit_test(lamports_go_back_where_a_worker_signs_for_who_got_them),
        cmocka_unit_test(what_was_minted_is_burnt_where_a_worker_signs_for_who_got_it),
        cmocka_unit_test(what_nobody_signs_for_does_not_go_back),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
