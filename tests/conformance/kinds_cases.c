/* What a worker may begin: a claim obeys it in all its forms, and nothing else asks for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

enum { LIMIT = 16, CROWD = 40 };

static const uint32_t memos = 1u << LS_KIND_MEMO;
static const uint32_t events = 1u << LS_KIND_EVENT;
static const uint32_t transfers = 1u << LS_KIND_SOL_TRANSFER;

/* A worker in `slot` that begins `kinds` alone. */
static int64_t connect_for(struct bench *bench, size_t slot, uint32_t kinds)
{
    struct ls_store_request request;
    bench->fixture->port_close(bench->fixture->self, slot);
    bench->ports[slot] = bench->fixture->port_open(bench->fixture->self, slot);
    hello_fill(&request);
    request.hello.works_on = kinds;
    ask_ok(bench, slot, &request);
    return bench->reply.worker_id;
}

static struct ls_action_result set_kinds(struct bench *bench, int64_t worker, uint32_t kinds)
{
    struct ls_action_result result = {0};
    struct ls_action action = action_of(bench, LS_VERB_WORKER_KINDS, (ls_op_id){0});
    action.worker_id = worker;
    action.kinds = kinds;
    bench->fixture->act(bench->fixture->self, &action, &result);
    return result;
}

static struct conformance_enqueue event_request(const char *key)
{
    return (struct conformance_enqueue){
        .kind = LS_KIND_EVENT,
        .payload = "{\"type\": \"t\", \"subject\": \"s\", \"document\": {\"a\": 1}}",
        .key = key};
}

static ls_op_id enqueue_event(struct bench *bench, const char *key, const char *entity)
{
    struct conformance_enqueue request = event_request(key);
    request.entity = entity;
    return enqueue_ok(bench, &request);
}

static void a_worker_claims_its_kinds_alone(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    ls_op_id event = enqueue_event(bench, "e", NULL);
    ls_op_id memo = enqueue_memo(bench, "m", NULL);
    connect_for(bench, 0, events);
    connect_for(bench, 1, memos);

    assert_int_equal(claim(bench, 1, LIMIT, taken), 1);
    assert_int_equal(taken[0].op.value, memo.value);
    assert_int_equal(claim(bench, 1, LIMIT, taken), 0);
    expect(bench, event, LS_STATE_READY);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 1);

    assert_int_equal(taken[0].op.value, event.value);
}

static void what_is_not_for_a_worker_stands_in_nobodys_way(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    for (int i = 0; i < CROWD; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "e%d", i);
        (void)enqueue_event(bench, key, NULL);
    }
    ls_op_id memo = enqueue_memo(bench, "m", NULL);
    connect_for(bench, 0, memos);

    assert_int_equal(claim(bench, 0, 2, taken), 1);

    assert_int_equal(taken[0].op.value, memo.value);
}

static void several_kinds_come_in_the_order_of_all(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    ls_op_id mint = enqueue_mint(bench, "mint");
    ls_op_id late = enqueue_memo(bench, "late", NULL);
    ls_op_id middle = enqueue_event(bench, "middle", NULL);
    ls_op_id early = enqueue_memo(bench, "early", NULL);
    struct conformance_enqueue request = event_request("urgent");
    ls_op_id urgent = enqueue_ok(bench, &request);
    bench->fixture->set_run_at(bench->fixture->self, early, -9000);
    bench->fixture->set_run_at(bench->fixture->self, middle, -5000);
    bench->fixture->set_run_at(bench->fixture->self, late, -1000);
    bench->fixture->set_run_at(bench->fixture->self, urgent, -20);
    connect_for(bench, 0, memos | events);

    assert_int_equal(claim(bench, 0, 3, taken), 3);

    assert_int_equal(taken[0].op.value, early.value);
    assert_int_equal(taken[1].op.value, middle.value);
    assert_int_equal(taken[2].op.value, late.value);
    (void)claim_this(bench, 0, urgent);
    expect(bench, mint, LS_STATE_READY);
}

static void a_widened_worker_is_told_and_claims_what_is_older(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    ls_op_id event = enqueue_event(bench, "e", NULL);
    ls_op_id memo = enqueue_memo(bench, "m", NULL);
    bench->fixture->set_run_at(bench->fixture->self, event, -60000);
    int64_t worker = connect_for(bench, 0, memos);
    tick(bench, 0);
    assert_int_equal(bench->reply.works_on, memos);
    (void)claim_this(bench, 0, memo);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 0);

    assert_false(ls_failed(set_kinds(bench, worker, 0).err));
    tick(bench, 0);

    assert_int_equal(bench->reply.works_on, 0);
    (void)claim_this(bench, 0, event);
}

static void a_narrowed_worker_carries_on_what_it_has(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    ls_op_id memo = enqueue_memo(bench, "m", NULL);
    int64_t worker = connect_worker(bench, 0);
    struct taken leased = claim_this(bench, 0, memo);
    ls_op_id next = enqueue_memo(bench, "next", NULL);

    assert_false(ls_failed(set_kinds(bench, worker, events).err));

    struct ls_intent_row row = intent_row(&leased);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    leased.attempts_made = 1;
    land(bench, &leased);
    expect(bench, memo, LS_STATE_DONE);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 0);
    expect(bench, next, LS_STATE_READY);
}

static void what_is_signed_is_adopted_whatever_its_kind(void **state)
{
    struct bench *bench = *state;
    struct taken taken = {0};
    ls_op_id memo = enqueue_memo(bench, "m", NULL);
    int64_t lost = connect_worker(bench, 0);
    (void)submit(bench, memo);
    connect_for(bench, 1, events);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    assert_int_equal(adopt(bench, 1, &taken, 1), 1);
    assert_int_equal(taken.op.value, memo.value);
    /* Proved dead it is nobody's again, and begun anew by one of its kind alone. */
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 1, &row), LS_ROW_DONE);
    expect(bench, memo, LS_STATE_READY);
    assert_int_equal(claim(bench, 1, 1, &taken), 0);
    connect_for(bench, 0, memos);

    (void)claim_this(bench, 0, memo);
}

/* An atomic batch of a memo and an event, its first `first`, sealed. */
static void mixed(struct bench *bench, bool memo_first, ls_op_id ops[2])
{
    const struct conformance_fixture *fixture = bench->fixture;
    struct ls_why why = {0};
    const int64_t batch = fixture->batch_open(fixture->self, "mixed", LS_BATCH_ATOMIC);
    struct conformance_enqueue memo = {
        .kind = LS_KIND_MEMO, .payload = "{\"text\": \"x\"}", .key = "m", .batch = batch};
    struct conformance_enqueue event = event_request("e");
    event.batch = batch;
    ops[0] = enqueue_ok(bench, memo_first ? &memo : &event);
    ops[1] = enqueue_ok(bench, memo_first ? &event : &memo);
    assert_false(ls_failed(fixture->batch_seal(fixture->self, batch, &why)));
}

static void an_atomic_batch_waits_for_who_may_begin_all(struct bench *bench, bool memo_first)
{
    ls_op_id ops[2];
    struct taken taken[LIMIT];
    mixed(bench, memo_first, ops);
    ls_op_id alone = enqueue_memo(bench, "alone", NULL);
    connect_for(bench, 0, memos);
    int64_t version = stored(bench, ops[0]).version;

    (void)claim_this(bench, 0, alone);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 0);
    assert_int_equal(stored(bench, ops[0]).version, version); /* not even touched */
    expect(bench, ops[0], LS_STATE_READY);
    expect_sub(bench, ops[1], LS_STATE_BLOCKED, LS_SUB_BATCH);
    connect_for(bench, 1, memos | events);

    assert_int_equal(claim(bench, 1, LIMIT, taken), 2);
}

static void an_atomic_batch_whose_first_it_may_begin_stays_whole(void **state)
{
    an_atomic_batch_waits_for_who_may_begin_all(*state, true);
}

static void an_atomic_batch_whose_first_it_may_not_begin_stays_whole(void **state)
{
    an_atomic_batch_waits_for_who_may_begin_all(*state, false);
}

static void a_chain_ends_before_what_the_worker_may_not_begin(void **state)
{
    struct bench *bench = *state;
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    ls_op_id foreign = enqueue_event(bench, "c", "e");
    ls_op_id last = enqueue_memo(bench, "d", "e");
    connect_for(bench, 0, memos);
    tick(bench, 0);

    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_CLAIM, .limit = LIMIT, .pack_kinds = memos | events});

    assert_int_equal(bench->reply.op_count, 2);
    expect(bench, first, LS_STATE_LEASED);
    expect(bench, second, LS_STATE_LEASED);
    expect_sub(bench, foreign, LS_STATE_BLOCKED, LS_SUB_ENTITY);
    expect_sub(bench, last, LS_STATE_BLOCKED, LS_SUB_ENTITY);
}

static void an_entitys_order_is_kept_past_what_a_worker_may_not_begin(void **state)
{
    struct bench *bench = *state;
    struct taken taken[LIMIT];
    ls_op_id foreign = enqueue_event(bench, "a", "e");
    ls_op_id memo = enqueue_memo(bench, "b", "e");
    connect_for(bench, 0, memos);
    tick(bench, 0);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 0);
    expect(bench, foreign, LS_STATE_READY);
    connect_for(bench, 1, events);
    assert_int_equal(claim(bench, 1, LIMIT, taken), 1);
    assert_int_equal(claim(bench, 0, LIMIT, &taken[1]), 0);
    struct ls_move_row row = move_row(&taken[0], LS_STATE_FAILED, LS_SUB_NONE);
    row.cause = "refused";
    assert_int_equal(move(bench, 1, &row), LS_ROW_DONE);
    (void)act_ok(bench, LS_VERB_CANCEL, foreign);
    tick(bench, 0);

    (void)claim_this(bench, 0, memo);
}

static void an_account_of_the_pool_is_bound_to_what_the_worker_may_begin(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request hello;
    struct ls_address nonce;
    struct taken taken[LIMIT];
    memset(&nonce, 0x31, sizeof nonce);
    hello_fill(&hello);
    bench->fixture->add_nonce(bench->fixture->self, &nonce, &hello.hello.payer, 40);
    struct conformance_enqueue request = event_request("e");
    request.fence = "nonce";
    ls_op_id event = enqueue_ok(bench, &request);
    ls_op_id memo = enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                                    .payload = "{\"text\": "
                                                                               "\"x\"}",
                                                                    .key = "m",
                                                                    .fence = "nonce"});
    connect_for(bench, 0, transfers);
    assert_int_equal(claim(bench, 0, LIMIT, taken), 0);
    assert_int_equal(bench->fixture->nonce(bench->fixture->self, &nonce).state, LS_NONCE_IDLE);
    connect_for(bench, 1, memos);

    assert_int_equal(claim(bench, 1, LIMIT, taken), 1);

    assert_int_equal(taken[0].op.value, memo.value);
    assert_int_equal(bench->fixture->nonce(bench->fixture->self, &nonce).op.value, memo.value);
    expect(bench, event, LS_STATE_READY);
}

static void a_persons_word_outlives_the_connection(void **state)
{
    struct bench *bench = *state;
    struct ls_action_result result = {0};
    int64_t worker = connect_for(bench, 0, memos);
    assert_false(ls_failed(set_kinds(bench, worker, events).err));
    struct ls_action pause = action_of(bench, LS_VERB_WORKER_PAUSE, (ls_op_id){0});
    pause.worker_id = worker;
    bench->fixture->act(bench->fixture->self, &pause, &result);
    assert_false(ls_failed(result.err));

    assert_true(greet_again(bench, 0, worker) > worker);

    tick(bench, 0);
    assert_int_equal(bench->reply.works_on, events);
    assert_true(bench->reply.is_paused);
}

static void another_process_begins_with_its_own_word(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request;
    int64_t worker = connect_for(bench, 0, memos);
    hello_fill(&request);
    request.hello.pid = 2;
    request.hello.previous_worker = worker;
    request.hello.works_on = transfers;

    ask_ok(bench, 0, &request);

    tick(bench, 0);
    assert_int_equal(bench->reply.works_on, transfers);
}

static void a_change_of_kinds_is_audited_or_refused(void **state)
{
    struct bench *bench = *state;
    int64_t worker = connect_worker(bench, 0);
    (void)connect_worker(bench, 1);
    int64_t entries = bench->fixture->audit_count(bench->fixture->self);

    assert_false(ls_failed(set_kinds(bench, worker, memos).err));

    assert_int_equal(bench->fixture->audit_count(bench->fixture->self), entries + 1);
    assert_int_equal(set_kinds(bench, worker, memos).err.code, LS_CODE_REFUSED);
    assert_int_equal(set_kinds(bench, 999999, memos).err.code, LS_CODE_NOT_FOUND);
    assert_int_equal(bench->fixture->audit_count(bench->fixture->self), entries + 1);
    assert_false(ls_failed(set_kinds(bench, 0, memos | events).err)); /* all that live */
    tick(bench, 1);
    assert_int_equal(bench->reply.works_on, memos | events);
}

struct cases kinds_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_claims_its_kinds_alone),
        cmocka_unit_test(what_is_not_for_a_worker_stands_in_nobodys_way),
        cmocka_unit_test(several_kinds_come_in_the_order_of_all),
        cmocka_unit_test(a_widened_worker_is_told_and_claims_what_is_older),
        cmocka_unit_test(a_narrowed_worker_carries_on_what_it_has),
        cmocka_unit_test(what_is_signed_is_adopted_whatever_its_kind),
        cmocka_unit_test(an_atomic_batch_whose_first_it_may_begin_stays_whole),
        cmocka_unit_test(an_atomic_batch_whose_first_it_may_not_begin_stays_whole),
        cmocka_unit_test(a_chain_ends_before_what_the_worker_may_not_begin),
        cmocka_unit_test(an_entitys_order_is_kept_past_what_a_worker_may_not_begin),
        cmocka_unit_test(an_account_of_the_pool_is_bound_to_what_the_worker_may_begin),
        cmocka_unit_test(a_persons_word_outlives_the_connection),
        cmocka_unit_test(another_process_begins_with_its_own_word),
        cmocka_unit_test(a_change_of_kinds_is_audited_or_refused),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
