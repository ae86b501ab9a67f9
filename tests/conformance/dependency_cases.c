#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

static void a_dependant_waits_until_what_it_names_is_done(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id mint = enqueue_mint(bench, "share");
    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    connect_worker(bench, 0);
    tick(bench, 0);
    expect_sub(bench, issue, LS_STATE_BLOCKED, LS_SUB_DEPENDENCY);
    struct taken taken = submit(bench, mint);
    tick(bench, 0);
    expect_sub(bench, issue, LS_STATE_BLOCKED, LS_SUB_DEPENDENCY);
    assert_int_equal(claim(bench, 0, 1, &none), 0);

    land(bench, &taken);

    expect(bench, issue, LS_STATE_READY);
}

/* What a mint_to by key is handed once the mint, made by `payload`, is done. */
static struct taken taken_behind(struct bench *bench, const char *payload, uint8_t mint)
{
    ls_op_id creation = enqueue_ok(
        bench, &(struct conformance_enqueue){
                   .kind = LS_KIND_TOKEN_CREATE_MINT, .payload = payload, .key = "share"});
    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    connect_worker(bench, 0);
    tick(bench, 0);
    struct taken taken = claim_this(bench, 0, creation);
    assert_false(taken.has_mint);
    struct ls_intent_row row = intent_row(&taken);
    row.has_mint = true;
    memset(&row.mint, mint, sizeof row.mint);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    taken.attempts_made = 1;
    land(bench, &taken);
    return claim_this(bench, 0, issue);
}

static void a_dependant_is_given_the_mints_address(void **state)
{
    struct bench *bench = *state;
    struct ls_address mint;
    memset(&mint, 0x6d, sizeof mint);

    struct taken taken = taken_behind(bench, "{\"decimals\": 0}", 0x6d);

    assert_true(taken.has_mint);
    assert_memory_equal(&taken.mint, &mint, sizeof mint);
    assert_false(taken.mint_is_2022);
}

static void a_dependant_is_given_the_mints_program(void **state)
{
    struct bench *bench = *state;

    struct taken taken =
        taken_behind(bench, "{\"decimals\": 0, \"program\": \"token-2022\"}", 0x6d);

    assert_true(taken.has_mint);
    assert_true(taken.mint_is_2022);
}

static void what_names_a_done_operation_is_ready_at_the_next_tick(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = enqueue_mint(bench, "share");
    connect_worker(bench, 0);
    finish(bench, mint);

    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    tick(bench, 0);

    expect(bench, issue, LS_STATE_READY);
}

static void a_dependant_of_the_failed_waits_for_a_person(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = enqueue_mint(bench, "share");
    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    connect_worker(bench, 0);

    fail_op(bench, mint, "broken");
    tick(bench, 0);
    expect_sub(bench, issue, LS_STATE_BLOCKED, LS_SUB_DEPENDENCY);

    (void)act_ok(bench, LS_VERB_RETRY, mint);
    finish(bench, mint);
    tick(bench, 0);
    expect(bench, issue, LS_STATE_READY);
}

static void a_dependant_of_the_cancelled_fails(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = enqueue_mint(bench, "share");
    ls_op_id issue = enqueue_mint_to(bench, "issue", "share");
    connect_worker(bench, 0);

    (void)act_ok(bench, LS_VERB_CANCEL, mint);
    tick(bench, 0);

    expect(bench, issue, LS_STATE_FAILED);
    assert_string_equal(stored(bench, issue).cause, "dependency");
}

static void an_unknown_key_in_a_payload_is_refused(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    ls_op_id op = {-1};
    struct ls_why why = {0};
    struct conformance_enqueue request = {
        .kind = LS_KIND_TOKEN_MINT_TO,
        .payload = "{\"mint\": {\"key\": \"nobody\"}, \"amount\": \"5\", "
                   "\"to\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\"}",
        .key = "issue",
        .depends_on_key = "nobody",
    };

    assert_true(ls_failed(fixture->enqueue(fixture->self, &request, &op, &why)));

    assert_int_equal(op.value, -1);
    assert_non_null(strstr(why.text, "nobody"));
}

static void entity_and_dependency_are_both_waited_for(void **state)
{
    struct bench *bench = *state;
    ls_op_id mint = enqueue_mint(bench, "share");
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id issue = enqueue_ok(
        bench, &(struct conformance_enqueue){
                   .kind = LS_KIND_TOKEN_MINT_TO,
                   .payload = "{\"mint\": {\"key\": \"share\"}, \"amount\": \"5\", "
                              "\"to\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\"}",
                   .key = "issue",
                   .entity = "e",
                   .depends_on_key = "share"});
    ls_op_id third = enqueue_memo(bench, "c", "e");
    bench->fixture->set_run_at(bench->fixture->self, mint, 3600000);
    connect_worker(bench, 0);
    tick(bench, 0);
    expect(bench, issue, LS_STATE_BLOCKED);

    finish(bench, first);
    tick(bench, 0);
    expect_sub(bench, issue, LS_STATE_BLOCKED, LS_SUB_DEPENDENCY);
    expect_sub(bench, third, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    bench->fixture->set_run_at(bench->fixture->self, mint, -1);
    finish(bench, mint);
    tick(bench, 0);
    expect(bench, issue, LS_STATE_READY);
    expect_sub(bench, third, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

struct cases dependency_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dependant_waits_until_what_it_names_is_done),
        cmocka_unit_test(a_dependant_is_given_the_mints_address),
        cmocka_unit_test(a_dependant_is_given_the_mints_program),
        cmocka_unit_test(what_names_a_done_operation_is_ready_at_the_next_tick),
        cmocka_unit_test(a_dependant_of_the_failed_waits_for_a_person),
        cmocka_unit_test(a_dependant_of_the_cancelled_fails),
        cmocka_unit_test(an_unknown_key_in_a_payload_is_refused),
        cmocka_unit_test(entity_and_dependency_are_both_waited_for),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
