#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

/* A mint that may have 10, and the address that it gets once it is signed. */
static ls_op_id capped(struct bench *bench)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){
                                 .kind = LS_KIND_TOKEN_CREATE_MINT,
                                 .payload = "{\"decimals\": 0, \"max_supply\": \"10\"}",
                                 .key = "share"});
}

static ls_err issue(struct bench *bench,
                    const char *key,
                    const char *mint,
                    const char *amount,
                    ls_op_id *op_out)
{
    char payload[512];
    struct ls_why why = {0};
    const bool by_key = strcmp(mint, "share") == 0;
    (void)snprintf(payload, sizeof payload,
                   "{\"mint\": %s%s%s, \"amount\": \"%s\", "
                   "\"to\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\"}",
                   by_key ? "{\"key\": \"" : "\"", mint, by_key ? "\"}" : "\"", amount);
    const struct conformance_enqueue request = {.kind = LS_KIND_TOKEN_MINT_TO,
                                                .payload = payload,
                                                .key = key,
                                                .depends_on_key = by_key ? mint : NULL};
    const ls_err err = bench->fixture->enqueue(bench->fixture->self, &request, op_out, &why);
    if (ls_failed(err)) assert_non_null(strstr(why.text, "max_supply"));
    return err;
}

static ls_op_id issue_ok(struct bench *bench, const char *key, const char *amount)
{
    ls_op_id op = {-1};
    assert_false(ls_failed(issue(bench, key, "share", amount, &op)));
    return op;
}

static void expect_full(struct bench *bench, const char *key, const char *amount)
{
    ls_op_id op = {-1};
    assert_int_equal(issue(bench, key, "share", amount, &op).code, LS_CODE_REFUSED);
    assert_int_equal(op.value, -1);
}

static void no_more_is_enqueued_than_the_max_supply(void **state)
{
    struct bench *bench = *state;
    (void)capped(bench);
    (void)issue_ok(bench, "a", "6");

    expect_full(bench, "b", "5");
    (void)issue_ok(bench, "c", "4");
    expect_full(bench, "d", "1");
}

static void the_same_operation_takes_its_share_once(void **state)
{
    struct bench *bench = *state;
    (void)capped(bench);
    ls_op_id first = issue_ok(bench, "a", "6");

    ls_op_id again = issue_ok(bench, "a", "6");

    assert_int_equal(again.value, first.value);
    (void)issue_ok(bench, "b", "4");
}

static void a_done_operation_keeps_its_share(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = capped(bench);
    ls_op_id op = issue_ok(bench, "a", "6");
    connect_worker(bench, 0);
    finish(bench, mint);
    tick(bench, 0);
    finish(bench, op);

    expect_full(bench, "b", "5");
    (void)issue_ok(bench, "c", "4");
}

static void a_cancelled_operation_gives_its_share_back(void **state)
{
    struct bench *bench = *state;
    (void)capped(bench);
    ls_op_id op = issue_ok(bench, "a", "6");
    expect_full(bench, "b", "5");

    (void)act_ok(bench, LS_VERB_CANCEL, op);

    (void)issue_ok(bench, "c", "10");
}

/* An issue of 6 of the 10 that are possible, failed. */
static ls_op_id failed_issue(struct bench *bench)
{
    ls_op_id mint = capped(bench);
    ls_op_id op = issue_ok(bench, "a", "6");
    connect_worker(bench, 0);
    finish(bench, mint);
    tick(bench, 0);
    fail_op(bench, op, "Broken");
    return op;
}

static void a_failed_operation_gives_its_share_back_until_it_is_retried(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = failed_issue(bench);

    ls_op_id other = issue_ok(bench, "b", "5");
    assert_int_equal(act(bench, LS_VERB_RETRY, op).err.code, LS_CODE_REFUSED);
    expect(bench, op, LS_STATE_FAILED);
    (void)act_ok(bench, LS_VERB_CANCEL, other);
    (void)act_ok(bench, LS_VERB_RETRY, op);
    expect_full(bench, "c", "5");
    (void)issue_ok(bench, "d", "4");
}

static void a_failed_operation_is_held_with_its_share_or_not_at_all(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = failed_issue(bench);
    ls_op_id other = issue_ok(bench, "b", "5");

    assert_int_equal(act(bench, LS_VERB_HOLD, op).err.code, LS_CODE_REFUSED);
    expect(bench, op, LS_STATE_FAILED);
    (void)act_ok(bench, LS_VERB_CANCEL, other);
    (void)act_ok(bench, LS_VERB_HOLD, op);
    expect_full(bench, "c", "5");
    (void)act_ok(bench, LS_VERB_RELEASE, op);
    (void)issue_ok(bench, "d", "4");
}

static void a_failed_operation_that_is_cancelled_gives_nothing_back_twice(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = failed_issue(bench);
    (void)act_ok(bench, LS_VERB_CANCEL, op);

    (void)issue_ok(bench, "b", "10");
    expect_full(bench, "c", "1");
}

static void a_mint_by_its_address_has_the_same_supply(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = capped(bench);
    ls_op_id op = {-1};
    (void)issue_ok(bench, "a", "6");
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, mint);
    struct ls_intent_row row = intent_row(&taken);
    row.has_mint = true;
    memset(&row.mint, 0, sizeof row.mint);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(issue(bench, "b", "11111111111111111111111111111111", "5", &op).code,
                     LS_CODE_REFUSED);
    assert_false(ls_failed(issue(bench, "c", "11111111111111111111111111111111", "4", &op)));
    expect_full(bench, "d", "1");
}

static void what_depends_on_a_cancelled_mint_takes_nothing(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = capped(bench);
    ls_op_id op = issue_ok(bench, "a", "6");
    connect_worker(bench, 0);

    (void)act_ok(bench, LS_VERB_CANCEL, mint);
    tick(bench, 0);

    expect(bench, op, LS_STATE_FAILED);
    (void)issue_ok(bench, "b", "10");
}

struct cases supply_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_more_is_enqueued_than_the_max_supply),
        cmocka_unit_test(the_same_operation_takes_its_share_once),
        cmocka_unit_test(a_done_operation_keeps_its_share),
        cmocka_unit_test(a_cancelled_operation_gives_its_share_back),
        cmocka_unit_test(a_failed_operation_gives_its_share_back_until_it_is_retried),
        cmocka_unit_test(a_failed_operation_is_held_with_its_share_or_not_at_all),
        cmocka_unit_test(a_failed_operation_that_is_cancelled_gives_nothing_back_twice),
        cmocka_unit_test(a_mint_by_its_address_has_the_same_supply),
        cmocka_unit_test(what_depends_on_a_cancelled_mint_takes_nothing),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
