#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"

#include "conformance.h"

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
    char key[64];
    connect_worker(bench, 0);
    ls_op_id undo = compensated(bench, &op);
    struct ls_op_row original = stored(bench, op);
    (void)snprintf(key, sizeof key, "ls:comp:%lld", (long long)op.value);

    assert_int_equal(original.state, LS_STATE_DONE);
    assert_int_equal(original.sub, LS_SUB_COMPENSATING);
    assert_string_equal(stored(bench, undo).key, key);
    tick(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});
    assert_int_equal(bench->reply.op_count, 1);
    assert_int_equal(bench->reply.ops[0].op.value, undo.value);
    assert_non_null(bench->reply.ops[0].original_signature);
    assert_string_equal(bench->reply.ops[0].original_signature, original.signature);
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
