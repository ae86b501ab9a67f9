/* Chains: what stands behind one of an entity is claimed with it, and shares its transaction.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

enum { MEMBERS = 3, LIMIT = 16 };

static const uint8_t shared_tx[] = {9, 8, 7};

/* What the worker in slot 0 is given when it packs `kinds`; `chain` and `after` of each. */
struct link {
    ls_op_id op;
    int64_t token;
    int64_t chain;
    int64_t after;
};

static size_t claim_links(struct bench *bench, uint32_t kinds, struct link *links)
{
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_CLAIM, .limit = LIMIT, .pack_kinds = kinds});
    for (size_t i = 0; i < bench->reply.op_count; i++) {
        const struct ls_stored_op *op = &bench->reply.ops[i];
        links[i] = (struct link){
            .op = op->op, .token = op->token, .chain = op->chain, .after = op->after.value};
    }
    return bench->reply.op_count;
}

static const struct link *link_of(const struct link *links, size_t count, ls_op_id op)
{
    for (size_t i = 0; i < count; i++)
        if (links[i].op.value == op.value) return &links[i];
    fail_msg("operation %d was not claimed", (int)op.value);
    return NULL;
}

static const uint32_t memos = 1u << LS_KIND_MEMO;

/* Three memos of one entity, and a worker in slot 0. */
static void three(struct bench *bench, ls_op_id ops[MEMBERS])
{
    static const char *const keys[MEMBERS] = {"a", "b", "c"};
    for (size_t i = 0; i < MEMBERS; i++) ops[i] = enqueue_memo(bench, keys[i], "e");
    connect_worker(bench, 0);
    tick(bench, 0);
}

/* As three(), and all of them submitted with one transaction. */
static void submitted(struct bench *bench, ls_op_id ops[MEMBERS], struct taken taken[MEMBERS])
{
    struct link links[LIMIT];
    struct ls_intent_row rows[MEMBERS];
    three(bench, ops);
    size_t count = claim_links(bench, memos, links);
    assert_int_equal(count, MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        const struct link *link = link_of(links, count, ops[i]);
        taken[i] = (struct taken){.op = link->op, .token = link->token};
        rows[i] = intent_row(&taken[i]);
        rows[i].pack = 1;
        rows[i].signature = rows[0].signature;
        rows[i].tx = shared_tx;
        rows[i].tx_bytes = sizeof shared_tx;
    }
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_INTENT, .intent_count = MEMBERS, .intents = rows});
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(bench->reply.rows[i], LS_ROW_DONE);
        expect(bench, ops[i], LS_STATE_SUBMITTED);
    }
}

static void what_stands_behind_the_first_is_claimed_with_it_in_order(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct link links[LIMIT];
    three(bench, ops);

    size_t count = claim_links(bench, memos, links);

    assert_int_equal(count, MEMBERS);
    assert_int_equal(link_of(links, count, ops[0])->after, 0);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(link_of(links, count, ops[i])->chain, ops[0].value);
        expect(bench, ops[i], LS_STATE_LEASED);
    }
    assert_int_equal(link_of(links, count, ops[1])->after, ops[0].value);
    assert_int_equal(link_of(links, count, ops[2])->after, ops[1].value);
}

static void what_the_worker_does_not_pack_is_claimed_alone(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct link links[LIMIT];
    three(bench, ops);

    size_t count = claim_links(bench, 1u << LS_KIND_EVENT, links);

    assert_int_equal(count, 1);
    assert_int_equal(links[0].chain, 0);
    expect_sub(bench, ops[1], LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_chain_ends_before_what_is_held_or_has_another_fence(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct link links[LIMIT];
    three(bench, ops);
    (void)act_ok(bench, LS_VERB_HOLD, ops[1]);
    ls_op_id other =
        enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                        .payload = "{\"text\": \"memo\"}",
                                                        .key = "f1",
                                                        .entity = "f",
                                                        .lane = 1});
    ls_op_id marked =
        enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                        .payload = "{\"text\": \"memo\"}",
                                                        .key = "f2",
                                                        .entity = "f",
                                                        .fence = "marker",
                                                        .lane = 1});
    tick(bench, 0);

    size_t count = claim_links(bench, memos, links);

    assert_int_equal(count, 2);
    (void)link_of(links, count, ops[0]);
    (void)link_of(links, count, other);
    expect_sub(bench, ops[2], LS_STATE_BLOCKED, LS_SUB_ENTITY);
    expect_sub(bench, marked, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void a_chain_has_no_more_than_fits_into_one_transaction(void **state)
{
    struct bench *bench = *state;
    struct link links[LIMIT];
    char key[8];
    char payload[420];
    static char text[401];
    memset(text, 'x', sizeof text - 1);
    (void)snprintf(payload, sizeof payload, "{\"text\": \"%s\"}", text);
    for (int i = 0; i < 5; i++) {
        (void)snprintf(key, sizeof key, "k%d", i);
        (void)enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                              .payload = payload,
                                                              .key = key,
                                                              .entity = "e",
                                                              .lane = 1});
    }
    connect_worker(bench, 0);
    tick(bench, 0);

    assert_int_equal(claim_links(bench, memos, links), 2);
}

static void what_is_given_back_waits_for_those_before_it(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct link links[LIMIT];
    three(bench, ops);
    size_t count = claim_links(bench, memos, links);
    const struct link *last = link_of(links, count, ops[2]);
    struct taken taken = {.op = last->op, .token = last->token};
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_BACKOFF);

    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    tick(bench, 0);

    expect_sub(bench, ops[2], LS_STATE_BLOCKED, LS_SUB_ENTITY);
    assert_int_equal(claim_links(bench, memos, links), 0);
}

static void a_lost_workers_chain_waits_in_its_order(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct link links[LIMIT];
    for (size_t i = 0; i < MEMBERS; i++) {
        static const char *const keys[MEMBERS] = {"a", "b", "c"};
        ops[i] = enqueue_memo(bench, keys[i], "e");
    }
    int64_t worker = connect_worker(bench, 0);
    tick(bench, 0);
    assert_int_equal(claim_links(bench, memos, links), MEMBERS);
    connect_worker(bench, 1);

    bench->fixture->lose_worker(bench->fixture->self, worker);
    tick(bench, 1);

    expect(bench, ops[0], LS_STATE_READY);
    expect_sub(bench, ops[1], LS_STATE_BLOCKED, LS_SUB_ENTITY);
    expect_sub(bench, ops[2], LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void when_one_fails_those_behind_it_wait_and_those_before_go_again(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    submitted(bench, ops, taken);
    struct ls_move_row failed = move_row(&taken[1], LS_STATE_FAILED, LS_SUB_NONE);
    failed.attempt = 1;
    failed.attempt_state = LS_ATTEMPT_DEAD;
    failed.cause = "Broken";

    for (size_t i = 0; i < MEMBERS; i++) { /* the last of them first */
        size_t at = MEMBERS - 1 - i;
        struct ls_move_row again = move_row(&taken[at], LS_STATE_READY, LS_SUB_BACKOFF);
        again.attempt = 1;
        again.attempt_state = LS_ATTEMPT_DEAD;
        assert_int_equal(move(bench, 0, at == 1 ? &failed : &again), LS_ROW_DONE);
        tick(bench, 0);
    }

    expect(bench, ops[0], LS_STATE_READY);
    expect(bench, ops[1], LS_STATE_FAILED);
    expect_sub(bench, ops[2], LS_STATE_BLOCKED, LS_SUB_ENTITY);
    struct link links[LIMIT];
    assert_int_equal(claim_links(bench, memos, links), 1); /* once attempted it goes alone */
}

static void all_of_a_chain_settle_and_the_next_goes_on(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    submitted(bench, ops, taken);
    ls_op_id next = enqueue_memo(bench, "d", "e");
    tick(bench, 0);
    expect_sub(bench, next, LS_STATE_BLOCKED, LS_SUB_ENTITY);

    for (size_t i = 0; i < MEMBERS; i++) land(bench, &taken[i]);

    for (size_t i = 0; i < MEMBERS; i++) expect(bench, ops[i], LS_STATE_DONE);
    tick(bench, 0);
    expect(bench, next, LS_STATE_READY);
}

static void a_chain_does_not_pass_a_lower_one_that_was_committed_late(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    if (fixture->enqueue_open == NULL) {
        skip();
        return;
    }
    struct link links[LIMIT];
    ls_op_id low = {0};
    struct conformance_enqueue request = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"open\"}", .key = "low", .entity = "e"};
    fixture->enqueue_open(fixture->self, &request, &low);
    ls_op_id high = enqueue_memo(bench, "high", "e");
    connect_worker(bench, 0);
    tick(bench, 0);
    fixture->commit_open(fixture->self);
    ls_op_id higher = enqueue_memo(bench, "higher", "e");

    assert_int_equal(claim_links(bench, memos, links), 1);
    assert_int_equal(links[0].op.value, high.value);
    expect_sub(bench, low, LS_STATE_BLOCKED, LS_SUB_ENTITY);
    expect_sub(bench, higher, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

struct cases chain_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_behind_the_first_is_claimed_with_it_in_order),
        cmocka_unit_test(what_the_worker_does_not_pack_is_claimed_alone),
        cmocka_unit_test(a_chain_ends_before_what_is_held_or_has_another_fence),
        cmocka_unit_test(a_chain_has_no_more_than_fits_into_one_transaction),
        cmocka_unit_test(what_is_given_back_waits_for_those_before_it),
        cmocka_unit_test(a_lost_workers_chain_waits_in_its_order),
        cmocka_unit_test(when_one_fails_those_behind_it_wait_and_those_before_go_again),
        cmocka_unit_test(all_of_a_chain_settle_and_the_next_goes_on),
        cmocka_unit_test(a_chain_does_not_pass_a_lower_one_that_was_committed_late),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
