#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conformance.h"

static ls_err begin(struct bench *bench, const struct ls_store_request *request)
{
    return bench->ports[0].begin(bench->ports[0].self, request);
}

static void a_claim_beyond_the_maximum_is_invalid(void **state)
{
    struct bench *bench = *state;
    const int32_t limits[] = {0, -1, LS_STORE_ROWS_MAX + 1};
    connect_worker(bench, 0);

    for (size_t i = 0; i < 3; i++) {
        struct ls_store_request request = {.verb = LS_STORE_CLAIM, .limit = limits[i]};
        assert_int_equal(begin(bench, &request).code, LS_CODE_INVALID);
        request.verb = LS_STORE_ADOPT;
        assert_int_equal(begin(bench, &request).code, LS_CODE_INVALID);
    }
    assert_false(bench->ports[0].take(bench->ports[0].self, &bench->reply));
}

static void rows_beyond_the_maximum_are_invalid(void **state)
{
    struct bench *bench = *state;
    struct ls_intent_row *intents = calloc(LS_STORE_ROWS_MAX + 1, sizeof *intents);
    struct ls_move_row *moves = calloc(LS_STORE_ROWS_MAX + 1, sizeof *moves);
    assert_non_null(intents);
    assert_non_null(moves);
    connect_worker(bench, 0);

    ls_err intent_err =
        begin(bench, &(struct ls_store_request){.verb = LS_STORE_INTENT,
                                                .intent_count = LS_STORE_ROWS_MAX + 1,
                                                .intents = intents});
    ls_err move_err = begin(
        bench, &(struct ls_store_request){
                   .verb = LS_STORE_MOVE, .move_count = LS_STORE_ROWS_MAX + 1, .moves = moves});

    free(intents);
    free(moves);
    assert_int_equal(intent_err.code, LS_CODE_INVALID);
    assert_int_equal(move_err.code, LS_CODE_INVALID);
}

static void a_transaction_longer_than_a_packet_is_invalid(void **state)
{
    struct bench *bench = *state;
    static const uint8_t tx[LS_TX_BYTES_MAX + 1];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&taken);
    row.tx = tx;
    row.tx_bytes = sizeof tx;

    struct ls_store_request request = {
        .verb = LS_STORE_INTENT, .intent_count = 1, .intents = &row};
    assert_int_equal(begin(bench, &request).code, LS_CODE_INVALID);
}

static void a_full_queue_refuses_and_answers_what_it_has(void **state)
{
    struct bench *bench = *state;
    const struct ls_store_port *port = &bench->ports[0];
    struct ls_store_request request = {.verb = LS_STORE_TICK};
    connect_worker(bench, 0);
    for (uint64_t i = 0; i < LS_STORE_QUEUE_MAX; i++) {
        request.id = 1000 + i;
        assert_int_equal(begin(bench, &request).code, LS_CODE_OK);
    }

    assert_int_equal(begin(bench, &request).code, LS_CODE_FULL);

    uint64_t taken = 0;
    for (int i = 0; i < CONFORMANCE_PUMPS_MAX * 10 && taken < LS_STORE_QUEUE_MAX; i++) {
        if (!port->take(port->self, &bench->reply)) {
            bench->fixture->pump(bench->fixture->self);
            continue;
        }
        assert_false(ls_failed(bench->reply.err));
        assert_int_equal(bench->reply.id, 1000 + taken);
        taken++;
    }
    assert_int_equal(taken, LS_STORE_QUEUE_MAX);
}

static void full_requests_go_through_every_verb(void **state)
{
    struct bench *bench = *state;
    struct taken *taken = calloc(LS_STORE_ROWS_MAX, sizeof *taken);
    struct ls_intent_row *intents = calloc(LS_STORE_ROWS_MAX, sizeof *intents);
    struct ls_move_row *moves = calloc(LS_STORE_ROWS_MAX, sizeof *moves);
    assert_non_null(taken);
    assert_non_null(intents);
    assert_non_null(moves);
    for (int i = 0; i <= LS_STORE_ROWS_MAX; i++) {
        char key[32];
        (void)snprintf(key, sizeof key, "key-%d", i);
        (void)enqueue_memo(bench, key, NULL);
    }
    connect_worker(bench, 0);

    assert_int_equal(claim(bench, 0, LS_STORE_ROWS_MAX, taken), LS_STORE_ROWS_MAX);
    for (size_t i = 0; i < LS_STORE_ROWS_MAX; i++) intents[i] = intent_row(&taken[i]);
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_INTENT, .intent_count = LS_STORE_ROWS_MAX, .intents = intents});
    assert_int_equal(bench->reply.row_count, LS_STORE_ROWS_MAX);
    assert_int_equal(adopt(bench, 0, taken, LS_STORE_ROWS_MAX), LS_STORE_ROWS_MAX);
    for (size_t i = 0; i < LS_STORE_ROWS_MAX; i++) {
        moves[i] = move_row(&taken[i], LS_STATE_DONE, LS_SUB_NONE);
        moves[i].attempt = 1;
        moves[i].attempt_state = LS_ATTEMPT_LANDED;
    }
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_MOVE, .move_count = LS_STORE_ROWS_MAX, .moves = moves});

    assert_int_equal(bench->reply.row_count, LS_STORE_ROWS_MAX);
    for (size_t i = 0; i < LS_STORE_ROWS_MAX; i++)
        assert_int_equal(bench->reply.rows[i], LS_ROW_DONE);
    expect(bench, taken[0].op, LS_STATE_DONE);
    expect(bench, taken[LS_STORE_ROWS_MAX - 1].op, LS_STATE_DONE);
    free(taken);
    free(intents);
    free(moves);
}

static void what_a_request_pointed_to_may_be_reused_at_once(void **state)
{
    struct bench *bench = *state;
    const struct ls_store_port *port = &bench->ports[0];
    char cause[32] = "BlockhashNotFound";
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.cause = cause;
    struct ls_store_request request = {
        .verb = LS_STORE_MOVE, .id = 7, .move_count = 1, .moves = &row};

    assert_int_equal(begin(bench, &request).code, LS_CODE_OK);
    (void)snprintf(cause, sizeof cause, "overwritten");
    row = (struct ls_move_row){0};
    bool replied = false;
    for (int i = 0; i < CONFORMANCE_PUMPS_MAX && !replied; i++) {
        replied = port->take(port->self, &bench->reply);
        if (!replied) bench->fixture->pump(bench->fixture->self);
    }

    assert_true(replied);
    assert_int_equal(bench->reply.rows[0], LS_ROW_DONE);
    assert_string_equal(stored(bench, op).cause, "BlockhashNotFound");
}

struct cases limit_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_claim_beyond_the_maximum_is_invalid),
        cmocka_unit_test(rows_beyond_the_maximum_are_invalid),
        cmocka_unit_test(a_transaction_longer_than_a_packet_is_invalid),
        cmocka_unit_test(a_full_queue_refuses_and_answers_what_it_has),
        cmocka_unit_test(full_requests_go_through_every_verb),
        cmocka_unit_test(what_a_request_pointed_to_may_be_reused_at_once),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
