#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

enum { CASES_MAX = 256 };

static int bench_setup(void **state)
{
    const struct conformance_fixture *fixture = *state;
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    bench->fixture = fixture;
    fixture->reset(fixture->self);
    *state = bench;
    return 0;
}

static int bench_teardown(void **state)
{
    struct bench *bench = *state;
    for (size_t slot = 0; slot < CONFORMANCE_PORTS_MAX; slot++)
        bench->fixture->port_close(bench->fixture->self, slot);
    free(bench);
    return 0;
}

static size_t add_cases(struct CMUnitTest *tests,
                        size_t count,
                        struct cases cases,
                        const struct conformance_fixture *fixture)
{
    for (size_t i = 0; i < cases.count; i++) {
        assert(count < CASES_MAX);
        tests[count] = cases.tests[i];
        tests[count].setup_func = bench_setup;
        tests[count].teardown_func = bench_teardown;
        tests[count].initial_state = (void *)(uintptr_t)fixture; /* given back as const */
        count++;
    }
    return count;
}

int conformance_run(const char *store_name, const struct conformance_fixture *fixture)
{
    static struct CMUnitTest tests[CASES_MAX];
    const struct cases topics[] = {
        claim_cases(), intent_cases(), pack_cases(),   batch_cases(),      seal_cases(),
        move_cases(),  order_cases(),  chain_cases(),  dependency_cases(), worker_cases(),
        adopt_cases(), gate_cases(),   action_cases(), resolve_cases(),    compensation_cases(),
        limit_cases(), supply_cases(), fence_cases(),  nonce_cases(),      landed_cases(),
        saga_cases(),  elder_cases(),  kinds_cases(),
    };
    size_t count = 0;

    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++)
        count = add_cases(tests, count, topics[i], fixture);
    return _cmocka_run_group_tests(store_name, tests, count, NULL, NULL);
}

void hello_fill(struct ls_store_request *request)
{
    *request = (struct ls_store_request){
        .verb = LS_STORE_HELLO,
        .hello = {.host = "conformance",
                  .pid = 1,
                  .version = "0",
                  .lease_ms = CONFORMANCE_LEASE_MS,
                  .signer_count = 1},
    };
    memset(&request->hello.genesis, 0x67, sizeof request->hello.genesis);
    memset(&request->hello.payer, 0x70, sizeof request->hello.payer);
    request->hello.signers[0] = request->hello.payer;
}

int64_t connect_worker(struct bench *bench, size_t slot)
{
    struct ls_store_request request;

    bench->ports[slot] = bench->fixture->port_open(bench->fixture->self, slot);
    hello_fill(&request);
    ask_ok(bench, slot, &request);
    assert_true(bench->reply.worker_id > 0);
    return bench->reply.worker_id;
}

int64_t greet_again(struct bench *bench, size_t slot, int64_t previous)
{
    struct ls_store_request request;

    hello_fill(&request);
    request.hello.previous_worker = previous;
    ask_ok(bench, slot, &request);
    return bench->reply.worker_id;
}

void ask(struct bench *bench, size_t slot, struct ls_store_request *request)
{
    const struct ls_store_port *port = &bench->ports[slot];

    request->id = ++bench->next_request;
    ls_err begun = port->begin(port->self, request);
    if (ls_failed(begun))
        fail_msg("begin of verb %d: %s", (int)request->verb, ls_code_name(begun.code));

    for (int i = 0; i < CONFORMANCE_PUMPS_MAX; i++) {
        if (port->take(port->self, &bench->reply)) {
            assert_int_equal(bench->reply.verb, request->verb);
            assert_int_equal(bench->reply.id, request->id);
            return;
        }
        bench->fixture->pump(bench->fixture->self);
    }
    fail_msg("verb %d: no reply after %d pumps", (int)request->verb, CONFORMANCE_PUMPS_MAX);
}

void ask_ok(struct bench *bench, size_t slot, struct ls_store_request *request)
{
    ask(bench, slot, request);
    if (ls_failed(bench->reply.err)) {
        fail_msg("verb %d: %s: %s", (int)request->verb, ls_code_name(bench->reply.err.code),
                 bench->reply.why.text);
    }
}

void tick(struct bench *bench, size_t slot)
{
    ask_ok(bench, slot, &(struct ls_store_request){.verb = LS_STORE_TICK});
}

bool wished(const struct bench *bench, ls_op_id op, enum ls_request request)
{
    for (size_t i = 0; i < bench->reply.wish_count; i++) {
        const struct ls_store_wish *wish = &bench->reply.wishes[i];
        if (wish->op.value == op.value && wish->request == request) return true;
    }
    return false;
}

ls_op_id enqueue_ok(struct bench *bench, const struct conformance_enqueue *request)
{
    ls_op_id op = {0};
    struct ls_why why = {0};

    ls_err err = bench->fixture->enqueue(bench->fixture->self, request, &op, &why);
    if (ls_failed(err)) fail_msg("enqueue: %s: %s", ls_code_name(err.code), why.text);
    assert_true(op.value > 0);
    return op;
}

ls_op_id enqueue_memo(struct bench *bench, const char *key, const char *entity)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                           .payload = "{\"text\": \"hello\"}",
                                                           .key = key,
                                                           .entity = entity});
}

ls_op_id enqueue_mint(struct bench *bench, const char *key)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_TOKEN_CREATE_MINT,
                                                           .payload = "{\"decimals\": 0}",
                                                           .key = key});
}

ls_op_id enqueue_mint_to(struct bench *bench, const char *key, const char *mint_key)
{
    char payload[512];
    int length = snprintf(payload, sizeof payload,
                          "{\"mint\": {\"key\": \"%s\"}, \"amount\": \"5\", "
                          "\"to\": \"4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T\"}",
                          mint_key);
    assert_in_range(length, 1, sizeof payload - 1);
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_TOKEN_MINT_TO,
                                                           .payload = payload,
                                                           .key = key,
                                                           .depends_on_key = mint_key});
}

static struct taken taken_of(const struct ls_stored_op *op)
{
    return (struct taken){
        .op = op->op,
        .token = op->token,
        .state = op->state,
        .sub = op->sub,
        .request = op->request,
        .attempts_made = op->attempts_made,
        .attempts_round = op->attempts_round,
        .attempt_count = op->attempt_count,
        .has_mint = op->has_mint,
        .mint = op->mint,
        .mint_is_2022 = op->mint_is_2022,
    };
}

static size_t take_all(const struct bench *bench, struct taken *taken, size_t max)
{
    assert_in_range(bench->reply.op_count, 0, max);
    for (size_t i = 0; i < bench->reply.op_count; i++)
        taken[i] = taken_of(&bench->reply.ops[i]);
    return bench->reply.op_count;
}

size_t claim(struct bench *bench, size_t slot, int32_t limit, struct taken *taken)
{
    ask_ok(bench, slot, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = limit});
    return take_all(bench, taken, (size_t)limit);
}

struct taken claim_this(struct bench *bench, size_t slot, ls_op_id op)
{
    struct taken taken = {0};

    assert_int_equal(claim(bench, slot, 1, &taken), 1);
    assert_int_equal(taken.op.value, op.value);
    assert_int_equal(taken.state, LS_STATE_LEASED);
    return taken;
}

size_t adopt(struct bench *bench, size_t slot, struct taken *taken, size_t max)
{
    ask_ok(bench, slot,
           &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = (int32_t)max});
    return take_all(bench, taken, max);
}

struct ls_intent_row intent_row(const struct taken *taken)
{
    static const uint8_t tx[3] = {1, 2, 3};
    struct ls_intent_row row = {
        .op = taken->op,
        .token = taken->token,
        .attempt = taken->attempts_made + 1,
        .last_valid_height = 150,
        .tx = tx,
        .tx_bytes = sizeof tx,
    };
    memcpy(row.signature.bytes, &taken->op.value, sizeof taken->op.value);
    row.signature.bytes[63] = (uint8_t)row.attempt;
    memset(&row.blockhash, 0x62, sizeof row.blockhash);
    memset(&row.signer, 0x70, sizeof row.signer);
    return row;
}

enum ls_row_result intent(struct bench *bench, size_t slot, const struct ls_intent_row *row)
{
    ask_ok(
        bench, slot,
        &(struct ls_store_request){.verb = LS_STORE_INTENT, .intent_count = 1, .intents = row});
    assert_int_equal(bench->reply.row_count, 1);
    return bench->reply.rows[0];
}

struct ls_move_row move_row(const struct taken *taken, enum ls_state to, enum ls_sub sub)
{
    return (struct ls_move_row){.op = taken->op, .token = taken->token, .to = to, .sub = sub};
}

enum ls_row_result move(struct bench *bench, size_t slot, const struct ls_move_row *row)
{
    ask_ok(bench, slot,
           &(struct ls_store_request){.verb = LS_STORE_MOVE, .move_count = 1, .moves = row});
    assert_int_equal(bench->reply.row_count, 1);
    return bench->reply.rows[0];
}

struct taken submit(struct bench *bench, ls_op_id op)
{
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&taken);

    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    taken.attempts_made = row.attempt;
    return taken;
}

void land(struct bench *bench, const struct taken *taken)
{
    struct taken before = *taken;
    before.attempts_made--;
    struct ls_move_row row = move_row(taken, LS_STATE_DONE, LS_SUB_NONE);
    row.attempt = taken->attempts_made;
    row.attempt_state = LS_ATTEMPT_LANDED;
    row.signature = intent_row(&before).signature;
    row.has_signature = true;
    row.slot = 99;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
}

void finish(struct bench *bench, ls_op_id op)
{
    struct taken taken = submit(bench, op);
    land(bench, &taken);
}

void fail_op(struct bench *bench, ls_op_id op, const char *cause)
{
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_FAILED, LS_SUB_NONE);

    row.cause = cause;
    row.attempt = taken.attempts_made;
    row.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
}

void hold_ambiguous(struct bench *bench, ls_op_id op)
{
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_HELD, LS_SUB_AMBIGUOUS);

    row.cause = "ambiguous";
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
}

struct ls_action action_of(struct bench *bench, enum ls_verb verb, ls_op_id op)
{
    struct ls_action action = {.verb = verb, .op = op, .os_user = "tester", .tty = "none"};

    bench->next_action++;
    memset(action.request_id, 0xa0, sizeof action.request_id);
    action.request_id[15] = bench->next_action;
    (void)snprintf(action.reason, sizeof action.reason, "the suite asks for it");
    return action;
}

struct ls_action_result act(struct bench *bench, enum ls_verb verb, ls_op_id op)
{
    struct ls_action action = action_of(bench, verb, op);
    struct ls_action_result result = {0};

    bench->fixture->act(bench->fixture->self, &action, &result);
    return result;
}

struct ls_action_result act_ok(struct bench *bench, enum ls_verb verb, ls_op_id op)
{
    struct ls_action_result result = act(bench, verb, op);

    if (ls_failed(result.err)) {
        fail_msg("%s: %s: %s", ls_verb_name(verb), ls_code_name(result.err.code),
                 result.why.text);
    }
    assert_true(result.audit_seq > 0);
    return result;
}

struct ls_op_row stored(struct bench *bench, ls_op_id op)
{
    struct ls_op_row row = {0};

    assert_true(bench->fixture->op(bench->fixture->self, op, &row));
    assert_int_equal(row.op.value, op.value);
    return row;
}

void expect(struct bench *bench, ls_op_id op, enum ls_state state)
{
    assert_string_equal(ls_state_name(stored(bench, op).state), ls_state_name(state));
}

void expect_sub(struct bench *bench, ls_op_id op, enum ls_state state, enum ls_sub sub)
{
    struct ls_op_row row = stored(bench, op);

    assert_string_equal(ls_state_name(row.state), ls_state_name(state));
    assert_string_equal(ls_sub_name(row.sub), ls_sub_name(sub));
}
