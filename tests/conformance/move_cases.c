#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "lockstep/base/base58.h"

static void a_release_waits_for_its_delay(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.delay_ms = 3600000;
    row.counts = true;
    row.cause = "BlockhashNotFound";
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;

    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    expect_sub(bench, op, LS_STATE_READY, LS_SUB_BACKOFF);
    struct ls_op_row got = stored(bench, op);
    assert_string_equal(got.cause, "BlockhashNotFound");
    assert_in_range(got.run_at_ms - got.updated_ms, 3590000, 3610000);
    assert_int_equal(claim(bench, 0, 1, &none), 0);
    bench->fixture->set_run_at(bench->fixture->self, op, -1);
    (void)claim_this(bench, 0, op);
}

static void a_release_that_does_not_count_leaves_the_round(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    taken = claim_this(bench, 0, op);

    assert_int_equal(taken.attempts_round, 0);
    assert_int_equal(taken.attempts_made, 0);
}

static void a_move_with_an_old_token_changes_nothing(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    struct ls_move_row back = move_row(&old, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    (void)submit(bench, op);
    int64_t version = stored(bench, op).version;

    struct ls_move_row row = move_row(&old, LS_STATE_FAILED, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &row), LS_ROW_STALE);

    expect(bench, op, LS_STATE_SUBMITTED);
    assert_int_equal(stored(bench, op).version, version);
}

static void a_move_follows_an_attempt(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    const enum ls_sub subs[] = {LS_SUB_CONFIRMED, LS_SUB_SENT, LS_SUB_REJECTED,
                                LS_SUB_CERTIFYING};

    for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++) {
        struct ls_move_row row = move_row(&taken, LS_STATE_SUBMITTED, subs[i]);
        row.attempt = 1;
        assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
        expect_sub(bench, op, LS_STATE_SUBMITTED, subs[i]);
    }
}

static void done_keeps_signature_and_slot(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt attempt[2];
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row row = intent_row(&taken);
    ls_signature_text(&row.signature, signature);
    assert_int_equal(intent(bench, 0, &row), LS_ROW_DONE);
    taken.attempts_made = 1;

    land(bench, &taken);

    struct ls_op_row got = stored(bench, op);
    assert_int_equal(got.state, LS_STATE_DONE);
    assert_string_equal(got.signature, signature);
    assert_int_equal(got.slot, 99);
    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, attempt, 2), 1);
    assert_int_equal(attempt[0].state, LS_ATTEMPT_LANDED);
}

static void a_cause_stays_until_another_is_given(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_SUBMITTED, LS_SUB_REJECTED);
    row.cause = "InsufficientFunds";
    row.attempt = 1;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    row = move_row(&taken, LS_STATE_FAILED, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_string_equal(stored(bench, op).cause, "InsufficientFunds");
}

static void why_it_was_not_signed_is_past_once_it_is(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.cause = "ChainBroken";
    row.detail = "what stands before it did not go with it";
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    assert_string_equal(stored(bench, op).cause, "ChainBroken");

    taken = submit(bench, op);
    assert_string_equal(stored(bench, op).cause, "");

    land(bench, &taken);
    assert_string_equal(stored(bench, op).cause, "");
}

static void a_further_attempt_keeps_the_cause_of_the_one_before(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_DEAD;
    row.cause = "Expired";
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    taken = claim_this(bench, 0, op);
    row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    row.cause = "LedgerUnavailable";
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    assert_string_equal(stored(bench, op).cause, "LedgerUnavailable");

    (void)submit(bench, op);

    assert_string_equal(stored(bench, op).cause, "Expired");
}

static void dead_siblings_are_written_with_the_move(void **state)
{
    struct bench *bench = *state;
    struct conformance_attempt got[3];
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);
    struct ls_move_row row = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    taken = submit(bench, op);

    row = move_row(&taken, LS_STATE_DONE, LS_SUB_NONE);
    row.attempt = 2;
    row.attempt_state = LS_ATTEMPT_LANDED;
    row.siblings_dead = true;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, got, 3), 2);
    assert_int_equal(got[0].state, LS_ATTEMPT_DEAD);
    assert_int_equal(got[1].state, LS_ATTEMPT_LANDED);
}

static void only_an_intent_makes_submitted(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = claim_this(bench, 0, op);

    struct ls_move_row row = move_row(&taken, LS_STATE_SUBMITTED, LS_SUB_SENT);
    assert_int_equal(move(bench, 0, &row), LS_ROW_REFUSED);

    expect(bench, op, LS_STATE_LEASED);
}

/* Bring an operation into `from` with a token that is its newest. */
static struct taken bring(struct bench *bench, ls_op_id op, enum ls_state from)
{
    struct taken taken = claim_this(bench, 0, op);
    if (from == LS_STATE_LEASED) return taken;
    if (from == LS_STATE_READY || from == LS_STATE_HELD) {
        struct ls_move_row row = move_row(&taken, from, LS_SUB_NONE);
        if (from == LS_STATE_HELD) row.sub = LS_SUB_POLICY;
        row.delay_ms = 3600000;
        assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
        return taken;
    }
    struct ls_intent_row made = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &made), LS_ROW_DONE);
    taken.attempts_made = 1;
    if (from == LS_STATE_SUBMITTED) return taken;
    struct ls_move_row row = move_row(&taken, from, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = from == LS_STATE_DONE ? LS_ATTEMPT_LANDED : LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);
    return taken;
}

static void try_move(struct bench *bench, enum ls_state from, enum ls_state to)
{
    char key[32];
    (void)snprintf(key, sizeof key, "m-%d-%d", (int)from, (int)to);
    ls_op_id op = enqueue_memo(bench, key, NULL);
    struct taken taken = bring(bench, op, from);
    struct ls_move_row row = move_row(&taken, to, LS_SUB_NONE);
    if (to == LS_STATE_READY) row.delay_ms = 3600000;
    if (to == LS_STATE_HELD) row.sub = LS_SUB_POLICY;
    if (to == LS_STATE_SUBMITTED) row.sub = LS_SUB_CONFIRMED;
    bool allowed = ls_transition_allowed(from, to, LS_MOVER_WORKER);
    if (from == LS_STATE_LEASED && to == LS_STATE_SUBMITTED) allowed = false;
    if (to == LS_STATE_LEASED) allowed = false; /* by CLAIM alone */

    enum ls_row_result result = move(bench, 0, &row);

    if (allowed != (result == LS_ROW_DONE)) {
        fail_msg("%s to %s was answered %d", ls_state_name(from), ls_state_name(to),
                 (int)result);
    }
    expect(bench, op, allowed ? to : from);
}

static void a_move_that_the_table_lacks_is_refused(void **state)
{
    struct bench *bench = *state;
    const enum ls_state from[] = {LS_STATE_READY,    LS_STATE_LEASED, LS_STATE_SUBMITTED,
                                  LS_STATE_HELD,     LS_STATE_FAILED, LS_STATE_DONE,
                                  LS_STATE_CANCELLED};
    connect_worker(bench, 0);

    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        for (int to = 0; to < LS_STATE_COUNT; to++) {
            if (to == LS_STATE_BLOCKED || to == LS_STATE_COMPENSATED) continue;
            try_move(bench, from[i], (enum ls_state)to);
        }
    }
}

static void a_worker_cannot_block_or_compensate(void **state)
{
    struct bench *bench = *state;
    const enum ls_state to[] = {LS_STATE_BLOCKED, LS_STATE_COMPENSATED};
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    struct taken taken = submit(bench, op);

    for (size_t i = 0; i < 2; i++) {
        struct ls_move_row row = move_row(&taken, to[i], LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &row), LS_ROW_REFUSED);
        expect(bench, op, LS_STATE_SUBMITTED);
    }
}

static int64_t entries(struct bench *bench)
{
    return bench->fixture->audit_count(bench->fixture->self);
}

static void what_a_worker_decides_is_audited_once_a_request(void **state)
{
    struct bench *bench = *state;
    struct ls_move_row rows[2];
    ls_op_id a = enqueue_memo(bench, "a", NULL);
    ls_op_id b = enqueue_memo(bench, "b", NULL);
    ls_op_id c = enqueue_memo(bench, "c", NULL);
    connect_worker(bench, 0);
    struct taken one = submit(bench, a);
    struct taken two = submit(bench, b);
    int64_t before = entries(bench);

    rows[0] = move_row(&one, LS_STATE_FAILED, LS_SUB_NONE);
    rows[1] = move_row(&two, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    rows[0].cause = rows[1].cause = "Cause";
    ask_ok(bench, 0,
           &(struct ls_store_request){.verb = LS_STORE_MOVE, .move_count = 2, .moves = rows});
    assert_int_equal(entries(bench), before + 1);

    finish(bench, c);
    assert_int_equal(entries(bench), before + 1); /* what is done is a row already */
}

struct cases move_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_worker_decides_is_audited_once_a_request),
        cmocka_unit_test(a_release_waits_for_its_delay),
        cmocka_unit_test(a_release_that_does_not_count_leaves_the_round),
        cmocka_unit_test(a_move_with_an_old_token_changes_nothing),
        cmocka_unit_test(a_move_follows_an_attempt),
        cmocka_unit_test(done_keeps_signature_and_slot),
        cmocka_unit_test(a_cause_stays_until_another_is_given),
        cmocka_unit_test(why_it_was_not_signed_is_past_once_it_is),
        cmocka_unit_test(a_further_attempt_keeps_the_cause_of_the_one_before),
        cmocka_unit_test(dead_siblings_are_written_with_the_move),
        cmocka_unit_test(only_an_intent_makes_submitted),
        cmocka_unit_test(a_move_that_the_table_lacks_is_refused),
        cmocka_unit_test(a_worker_cannot_block_or_compensate),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
