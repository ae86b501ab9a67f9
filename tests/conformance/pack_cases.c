#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

enum { MEMBERS = 3 };

static const uint8_t shared_tx[] = {9, 8, 7, 6, 5};

/* Three memos claimed by the worker in slot 0, and the rows of one transaction of theirs. */
static void pack(struct bench *bench, struct taken *taken, struct ls_intent_row *rows)
{
    static const char *const keys[MEMBERS] = {"a", "b", "c"};
    for (size_t i = 0; i < MEMBERS; i++) (void)enqueue_memo(bench, keys[i], NULL);
    assert_int_equal(claim(bench, 0, MEMBERS, taken), MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        rows[i] = intent_row(&taken[i]);
        rows[i].pack = 1;
        rows[i].signature = rows[0].signature;
        rows[i].tx = shared_tx;
        rows[i].tx_bytes = sizeof shared_tx;
    }
}

static void intend(struct bench *bench, const struct ls_intent_row *rows, size_t count)
{
    ask_ok(bench, 0,
           &(struct ls_store_request){
               .verb = LS_STORE_INTENT, .intent_count = count, .intents = rows});
    assert_int_equal(bench->reply.row_count, count);
}

static size_t attempts_of(struct bench *bench, ls_op_id op)
{
    struct conformance_attempt got[4];
    return bench->fixture->attempts(bench->fixture->self, op, got, 4);
}

/* What ADOPT in slot 1 gives, and that each has the pack's bytes. */
static size_t adopt_shared(struct bench *bench)
{
    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_ADOPT, .limit = 10});
    for (size_t i = 0; i < bench->reply.op_count; i++) {
        const struct ls_stored_op *op = &bench->reply.ops[i];
        assert_int_equal(op->attempt_count, 1);
        assert_int_equal(op->attempts[0].tx_bytes, sizeof shared_tx);
        assert_memory_equal(op->attempts[0].tx, shared_tx, sizeof shared_tx);
    }
    return bench->reply.op_count;
}

static void a_pack_becomes_durable_as_a_whole(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    int64_t worker = connect_worker(bench, 0);
    pack(bench, taken, rows);

    intend(bench, rows, MEMBERS);

    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(bench->reply.rows[i], LS_ROW_DONE);
        assert_int_equal(attempts_of(bench, taken[i].op), 1);
    }
    for (size_t i = 0; i < MEMBERS; i++)
        expect_sub(bench, taken[i].op, LS_STATE_SUBMITTED, LS_SUB_SENT);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, worker);
    tick(bench, 1);
    assert_int_equal(adopt_shared(bench), MEMBERS);
}

static void a_stale_row_keeps_its_whole_pack_from_being_durable(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    connect_worker(bench, 0);
    pack(bench, taken, rows);
    rows[1].token--;

    intend(bench, rows, MEMBERS);

    assert_int_equal(bench->reply.rows[0], LS_ROW_SPLIT);
    assert_int_equal(bench->reply.rows[1], LS_ROW_STALE);
    assert_int_equal(bench->reply.rows[2], LS_ROW_SPLIT);
    for (size_t i = 0; i < MEMBERS; i++) {
        expect(bench, taken[i].op, LS_STATE_LEASED);
        assert_int_equal(attempts_of(bench, taken[i].op), 0);
    }
}

static void what_a_fallen_pack_left_can_be_signed_anew(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    connect_worker(bench, 0);
    pack(bench, taken, rows);
    rows[0].token--;
    intend(bench, rows, MEMBERS);
    assert_int_equal(bench->reply.rows[1], LS_ROW_SPLIT);

    intend(bench, rows + 1, MEMBERS - 1);

    assert_int_equal(bench->reply.rows[0], LS_ROW_DONE);
    assert_int_equal(bench->reply.rows[1], LS_ROW_DONE);
    expect(bench, taken[0].op, LS_STATE_LEASED);
    expect(bench, taken[2].op, LS_STATE_SUBMITTED);
}

static void a_fallen_pack_does_not_touch_its_neighbours(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    connect_worker(bench, 0);
    pack(bench, taken, rows);
    rows[0].pack = 0;
    rows[1].pack = 5;
    rows[1].token--;
    rows[2].pack = 6;

    intend(bench, rows, MEMBERS);

    assert_int_equal(bench->reply.rows[0], LS_ROW_DONE);
    assert_int_equal(bench->reply.rows[1], LS_ROW_STALE);
    assert_int_equal(bench->reply.rows[2], LS_ROW_DONE);
}

static void an_operation_is_not_in_a_pack_twice(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    connect_worker(bench, 0);
    pack(bench, taken, rows);
    rows[2] = rows[0];

    intend(bench, rows, MEMBERS);

    assert_int_equal(bench->reply.rows[0], LS_ROW_SPLIT);
    assert_int_equal(bench->reply.rows[1], LS_ROW_SPLIT);
    assert_int_equal(bench->reply.rows[2], LS_ROW_REFUSED);
    expect(bench, taken[0].op, LS_STATE_LEASED);
}

static void the_bytes_outlive_the_member_that_finished_first(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    int64_t worker = connect_worker(bench, 0);
    pack(bench, taken, rows);
    intend(bench, rows, MEMBERS);
    struct ls_move_row done = move_row(&taken[0], LS_STATE_DONE, LS_SUB_NONE);
    done.attempt = 1;
    done.attempt_state = LS_ATTEMPT_LANDED;
    done.signature = rows[0].signature;
    done.has_signature = true;
    done.slot = 99;
    assert_int_equal(move(bench, 0, &done), LS_ROW_DONE);

    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, worker);
    tick(bench, 1);

    assert_int_equal(adopt_shared(bench), MEMBERS - 1);
}

static void a_member_goes_on_without_the_others(void **state)
{
    struct bench *bench = *state;
    struct taken taken[MEMBERS];
    struct ls_intent_row rows[MEMBERS];
    connect_worker(bench, 0);
    pack(bench, taken, rows);
    intend(bench, rows, MEMBERS);

    struct ls_move_row failed = move_row(&taken[1], LS_STATE_FAILED, LS_SUB_NONE);
    struct ls_move_row again = move_row(&taken[2], LS_STATE_READY, LS_SUB_BACKOFF);
    failed.attempt = again.attempt = 1;
    failed.attempt_state = again.attempt_state = LS_ATTEMPT_ERRORED;
    assert_int_equal(move(bench, 0, &failed), LS_ROW_DONE);
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);

    expect(bench, taken[0].op, LS_STATE_SUBMITTED);
    expect(bench, taken[1].op, LS_STATE_FAILED);
    expect(bench, taken[2].op, LS_STATE_READY);
    struct taken next = claim_this(bench, 0, taken[2].op);
    assert_int_equal(next.attempts_made, 1);
    assert_int_equal(next.attempts_round, 0);
}

struct cases pack_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pack_becomes_durable_as_a_whole),
        cmocka_unit_test(a_stale_row_keeps_its_whole_pack_from_being_durable),
        cmocka_unit_test(what_a_fallen_pack_left_can_be_signed_anew),
        cmocka_unit_test(a_fallen_pack_does_not_touch_its_neighbours),
        cmocka_unit_test(an_operation_is_not_in_a_pack_twice),
        cmocka_unit_test(the_bytes_outlive_the_member_that_finished_first),
        cmocka_unit_test(a_member_goes_on_without_the_others),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
