#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "lockstep/base/base58.h"

static void gate_by_worker(struct bench *bench, const char *selector, bool on)
{
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_GATE,
               .gate = {.selector = selector, .on = on, .reason = "out of funds"}});
}

static struct ls_action_result
gate_by_person(struct bench *bench, const char *selector, bool on)
{
    struct ls_action_result result = {0};
    struct ls_action action =
        action_of(bench, on ? LS_VERB_GATE_ON : LS_VERB_GATE_OFF, (ls_op_id){0});
    (void)snprintf(action.selector, sizeof action.selector, "%s", selector);
    bench->fixture->act(bench->fixture->self, &action, &result);
    return result;
}

static const struct ls_store_gate *find_gate(const struct bench *bench, const char *selector)
{
    for (size_t i = 0; i < bench->reply.gate_count; i++) {
        if (strcmp(bench->reply.gates[i].selector, selector) == 0)
            return &bench->reply.gates[i];
    }
    return NULL;
}

/* While `selector` gates, `inside` stays and `outside` (0: none) is claimed; then both. */
static void gates(struct bench *bench, const char *selector, ls_op_id inside, ls_op_id outside)
{
    struct taken taken[2];
    gate_by_worker(bench, selector, true);
    tick(bench, 0);
    assert_non_null(find_gate(bench, selector));
    expect_sub(bench, inside, LS_STATE_READY, LS_SUB_GATED);
    assert_int_equal(claim(bench, 0, 2, taken), outside.value != 0 ? 1 : 0);
    if (outside.value != 0) assert_int_equal(taken[0].op.value, outside.value);

    gate_by_worker(bench, selector, false);
    tick(bench, 0);

    assert_null(find_gate(bench, selector));
    expect(bench, inside, LS_STATE_READY);
    (void)claim_this(bench, 0, inside);
}

static void a_gated_kind_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    ls_op_id memo = enqueue_memo(bench, "a", NULL);
    ls_op_id mint = enqueue_mint(bench, "share");
    connect_worker(bench, 0);

    gates(bench, "kind:memo", memo, mint);
}

static void a_gated_lane_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    struct conformance_enqueue request = {.kind = LS_KIND_MEMO, .payload = "{\"text\":\"x\"}"};
    request.key = "a";
    request.lane = 3;
    ls_op_id inside = enqueue_ok(bench, &request);
    request.key = "b";
    request.lane = 1;
    ls_op_id outside = enqueue_ok(bench, &request);
    connect_worker(bench, 0);

    gates(bench, "lane:3", inside, outside);
}

static void a_gated_entity_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    ls_op_id inside = enqueue_memo(bench, "a", "org-7");
    ls_op_id outside = enqueue_memo(bench, "b", "org-8");
    connect_worker(bench, 0);
    tick(bench, 0);

    gates(bench, "entity:org-7", inside, outside);
}

static ls_op_id in_batch(struct bench *bench, int64_t batch, const char *key)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                           .payload = "{\"text\":\"x\"}",
                                                           .key = key,
                                                           .lane = 1,
                                                           .batch = batch});
}

static void a_gated_batch_is_not_claimed_and_others_are(void **state)
{
    struct bench *bench = *state;
    struct ls_why why = {0};
    char selector[64];
    int64_t batch =
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_BEST_EFFORT);
    ls_op_id inside = in_batch(bench, batch, "a");
    ls_op_id outside = enqueue_memo(bench, "b", NULL);
    ls_err err = bench->fixture->batch_seal(bench->fixture->self, batch, &why);
    assert_false(ls_failed(err));
    connect_worker(bench, 0);
    tick(bench, 0);
    (void)snprintf(selector, sizeof selector, "batch:%" PRId64, batch);

    gates(bench, selector, inside, outside);
}

static void a_batch_that_is_not_there_or_over_has_no_gate(void **state)
{
    struct bench *bench = *state;
    struct ls_why why = {0};
    char selector[64];
    int64_t batch =
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_BEST_EFFORT);
    ls_op_id op = in_batch(bench, batch, "a");
    ls_err err = bench->fixture->batch_seal(bench->fixture->self, batch, &why);
    assert_false(ls_failed(err));
    connect_worker(bench, 0);
    tick(bench, 0);
    finish(bench, op);
    (void)snprintf(selector, sizeof selector, "batch:%" PRId64, batch);

    assert_int_equal(gate_by_person(bench, selector, true).err.code, LS_CODE_REFUSED);
    assert_int_equal(gate_by_person(bench, "batch:999999", true).err.code, LS_CODE_NOT_FOUND);
    assert_true(ls_failed(gate_by_person(bench, "batch:x", true).err));
}

static void nothing_is_claimed_while_all_is_gated(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);

    gates(bench, "all", op, (ls_op_id){0});
}

static void a_gated_payers_worker_claims_nothing(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request;
    struct taken none;
    char address[LS_ADDRESS_TEXT_BYTES];
    char selector[64];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    hello_fill(&request);
    ls_address_text(&request.hello.payer, address);
    (void)snprintf(selector, sizeof selector, "payer:%s", address);

    gate_by_worker(bench, selector, true);
    tick(bench, 0);
    assert_int_equal(claim(bench, 0, 1, &none), 0);

    bench->ports[1] = bench->fixture->port_open(bench->fixture->self, 1);
    memset(&request.hello.payer, 0x71, sizeof request.hello.payer);
    request.hello.signers[0] = request.hello.payer;
    ask_ok(bench, 1, &request);
    tick(bench, 1);
    (void)claim_this(bench, 1, op);
}

static void what_is_enqueued_under_a_gate_is_not_claimed(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    connect_worker(bench, 0);
    gate_by_worker(bench, "kind:memo", true);

    ls_op_id op = enqueue_memo(bench, "a", NULL);
    assert_int_equal(claim(bench, 0, 1, &none), 0);
    tick(bench, 0);
    expect_sub(bench, op, LS_STATE_READY, LS_SUB_GATED);

    gate_by_worker(bench, "kind:memo", false);
    tick(bench, 0);
    (void)claim_this(bench, 0, op);
}

static void what_two_gates_hold_waits_for_both(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    gate_by_worker(bench, "kind:memo", true);
    gate_by_worker(bench, "all", true);

    gate_by_worker(bench, "all", false);
    tick(bench, 0);
    assert_int_equal(claim(bench, 0, 1, &none), 0);

    gate_by_worker(bench, "kind:memo", false);
    tick(bench, 0);
    (void)claim_this(bench, 0, op);
}

static void a_gate_does_not_touch_what_is_submitted(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);

    gate_by_worker(bench, "all", true);
    tick(bench, 0);
    expect(bench, op, LS_STATE_SUBMITTED);

    land(bench, &taken);
    expect(bench, op, LS_STATE_DONE);
}

static void a_gate_tells_who_put_it_on(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);

    gate_by_worker(bench, "kind:memo", true);
    assert_false(ls_failed(gate_by_person(bench, "kind:event", true).err));
    tick(bench, 0);

    const struct ls_store_gate *workers = find_gate(bench, "kind:memo");
    const struct ls_store_gate *persons = find_gate(bench, "kind:event");
    assert_non_null(workers);
    assert_non_null(persons);
    assert_true(workers->by_worker);
    assert_false(persons->by_worker);
}

static void a_worker_does_not_take_off_a_persons_gate(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request = {
        .verb = LS_STORE_GATE,
        .gate = {.selector = "kind:memo", .on = false, .reason = "funds are back"}};
    connect_worker(bench, 0);
    assert_false(ls_failed(gate_by_person(bench, "kind:memo", true).err));

    ask(bench, 0, &request); /* whether it is refused or does nothing is the store's */
    tick(bench, 0);

    assert_non_null(find_gate(bench, "kind:memo"));
}

static void a_person_takes_off_any_gate(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);
    gate_by_worker(bench, "kind:memo", true);

    assert_false(ls_failed(gate_by_person(bench, "kind:memo", false).err));
    tick(bench, 0);

    assert_null(find_gate(bench, "kind:memo"));
}

static void a_persons_gate_with_a_strange_selector_is_refused(void **state)
{
    struct bench *bench = *state;
    const char *const strange[] = {"", "memo", "kind:", "kind:nonsense", "lane:4", "lane:"};
    connect_worker(bench, 0);

    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++) {
        struct ls_action_result result = gate_by_person(bench, strange[i], true);
        assert_true(ls_failed(result.err));
        assert_true(result.why.text[0] != '\0');
    }

    tick(bench, 0);
    assert_int_equal(bench->reply.gate_count, 0);
}

struct cases gate_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gated_kind_is_not_claimed),
        cmocka_unit_test(a_gated_lane_is_not_claimed),
        cmocka_unit_test(a_gated_entity_is_not_claimed),
        cmocka_unit_test(a_gated_batch_is_not_claimed_and_others_are),
        cmocka_unit_test(a_batch_that_is_not_there_or_over_has_no_gate),
        cmocka_unit_test(nothing_is_claimed_while_all_is_gated),
        cmocka_unit_test(a_gated_payers_worker_claims_nothing),
        cmocka_unit_test(what_is_enqueued_under_a_gate_is_not_claimed),
        cmocka_unit_test(what_two_gates_hold_waits_for_both),
        cmocka_unit_test(a_gate_does_not_touch_what_is_submitted),
        cmocka_unit_test(a_gate_tells_who_put_it_on),
        cmocka_unit_test(a_worker_does_not_take_off_a_persons_gate),
        cmocka_unit_test(a_person_takes_off_any_gate),
        cmocka_unit_test(a_persons_gate_with_a_strange_selector_is_refused),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
