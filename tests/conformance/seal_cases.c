/* What an atomic batch refuses when it is sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static ls_err try_seal(struct bench *bench, int64_t batch, struct ls_why *why)
{
    return bench->fixture->batch_seal(bench->fixture->self, batch, why);
}

static void an_atomic_batch_takes_no_kind_whose_size_is_not_known(void **state)
{
    static const struct conformance_enqueue odd[] = {
        {.kind = LS_KIND_ACCOUNT_CREATE,
         .payload = "{\"space\": 0, \"owner\": \"11111111111111111111111111111111\"}",
         .key = "account"},
        {.kind = LS_KIND_PROGRAM_INVOKE,
         .payload = "{\"program\": \"11111111111111111111111111111111\"}",
         .key = "invoke"},
        {.kind = LS_KIND_TOKEN_CREATE_MINT,
         .payload = "{\"decimals\": 0, \"program\": \"token-2022\"}",
         .key = "mint"},
    };
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct ls_why why = {0};
        struct conformance_enqueue request = odd[i];
        request.batch = fixture->batch_open(fixture->self, odd[i].key, LS_BATCH_ATOMIC);
        ls_op_id op = enqueue_ok(bench, &request);

        assert_int_equal(try_seal(bench, request.batch, &why).code, LS_CODE_REFUSED);

        assert_non_null(strstr(why.text, "cannot be part of an atomic batch"));
        assert_non_null(strstr(why.text, odd[i].key));
        expect_batch(bench, request.batch, LS_BATCH_OPEN);
        expect_sub(bench, op, LS_STATE_BLOCKED, LS_SUB_BATCH);
    }
}

static void an_atomic_batch_takes_a_mint_of_the_classic_program(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    int64_t batch = fixture->batch_open(fixture->self, "launch", LS_BATCH_ATOMIC);
    (void)enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_TOKEN_CREATE_MINT,
                                                          .payload = "{\"decimals\": 0}",
                                                          .key = "mint",
                                                          .batch = batch});

    struct ls_why why = {0};
    assert_false(ls_failed(try_seal(bench, batch, &why)));

    expect_batch(bench, batch, LS_BATCH_SEALED);
}

/* `texts` memos of 300 bytes: 331 each, beside the 218 of any transaction. */
static ls_err
seal_memos(struct bench *bench, const char *name, size_t texts, struct ls_why *why)
{
    char payload[400];
    char key[32];
    const struct conformance_fixture *fixture = bench->fixture;
    int64_t batch = fixture->batch_open(fixture->self, name, LS_BATCH_ATOMIC);
    (void)snprintf(payload, sizeof payload, "{\"text\": \"%0300d\"}", 0);
    for (size_t i = 0; i < texts; i++) {
        (void)snprintf(key, sizeof key, "%s-%zu", name, i);
        (void)enqueue_ok(
            bench, &(struct conformance_enqueue){
                       .kind = LS_KIND_MEMO, .payload = payload, .key = key, .batch = batch});
    }
    return try_seal(bench, batch, why);
}

static void an_atomic_batch_fits_into_one_transaction(void **state)
{
    struct bench *bench = *state;
    struct ls_why why = {0};

    assert_false(ls_failed(seal_memos(bench, "three", 3, &why)));
    assert_int_equal(seal_memos(bench, "four", 4, &why).code, LS_CODE_REFUSED);

    assert_non_null(strstr(why.text, "needs up to 1542 bytes"));
}

static void an_atomic_batch_waits_for_nothing(void **state)
{
    struct bench *bench = *state;
    struct ls_why why = {0};
    const struct conformance_fixture *fixture = bench->fixture;
    ls_op_id mint = enqueue_mint(bench, "share");
    int64_t batch = fixture->batch_open(fixture->self, "issue", LS_BATCH_ATOMIC);
    (void)enqueue_ok(bench,
                     &(struct conformance_enqueue){
                         .kind = LS_KIND_TOKEN_MINT_TO,
                         .payload = "{\"mint\": {\"key\": \"share\"}, \"amount\": \"5\", "
                                    "\"to\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\"}",
                         .key = "a",
                         .depends_on_key = "share",
                         .batch = batch});

    assert_int_equal(try_seal(bench, batch, &why).code, LS_CODE_REFUSED);

    assert_non_null(strstr(why.text, "waits for nothing"));
    connect_worker(bench, 0);
    finish(bench, mint);
    assert_false(ls_failed(try_seal(bench, batch, &why)));
}

struct cases seal_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_atomic_batch_takes_no_kind_whose_size_is_not_known),
        cmocka_unit_test(an_atomic_batch_takes_a_mint_of_the_classic_program),
        cmocka_unit_test(an_atomic_batch_fits_into_one_transaction),
        cmocka_unit_test(an_atomic_batch_waits_for_nothing),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
