#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"

enum { MEMBERS = CONFORMANCE_MEMBERS };

static ls_op_id add(struct bench *bench, int64_t batch, const char *key)
{
    return enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                           .payload = "{\"text\": \"memo\"}",
                                                           .key = key,
                                                           .lane = 1,
                                                           .batch = batch});
}

static void seal(struct bench *bench, int64_t batch)
{
    struct ls_why why = {0};
    ls_err err = bench->fixture->batch_seal(bench->fixture->self, batch, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
}

int64_t
sealed(struct bench *bench, enum ls_batch_policy policy, ls_op_id ops[CONFORMANCE_MEMBERS])
{
    static const char *const keys[MEMBERS] = {"a", "b", "c"};
    int64_t batch = bench->fixture->batch_open(bench->fixture->self, "payroll", policy);
    for (size_t i = 0; i < MEMBERS; i++) ops[i] = add(bench, batch, keys[i]);
    connect_worker(bench, 0);
    seal(bench, batch);
    tick(bench, 0);
    return batch;
}

void expect_batch(struct bench *bench, int64_t batch, enum ls_batch_state state)
{
    assert_string_equal(
        ls_batch_state_name(bench->fixture->batch_state(bench->fixture->self, batch)),
        ls_batch_state_name(state));
}

static void what_is_in_an_open_batch_waits_until_it_is_sealed(void **state)
{
    struct bench *bench = *state;
    struct taken taken[4];
    int64_t batch =
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_BEST_EFFORT);
    ls_op_id a = add(bench, batch, "a");
    ls_op_id b = add(bench, batch, "b");
    connect_worker(bench, 0);
    tick(bench, 0);
    expect_sub(bench, a, LS_STATE_BLOCKED, LS_SUB_BATCH);
    expect_sub(bench, b, LS_STATE_BLOCKED, LS_SUB_BATCH);
    assert_int_equal(claim(bench, 0, 4, taken), 0);
    expect_batch(bench, batch, LS_BATCH_OPEN);

    seal(bench, batch);
    tick(bench, 0);

    expect_batch(bench, batch, LS_BATCH_SEALED);
    assert_int_equal(claim(bench, 0, 4, taken), 2);
}

static void opening_and_sealing_again_changes_nothing(void **state)
{
    struct bench *bench = *state;
    int64_t batch =
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_ORDERED);
    assert_int_equal(
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_ORDERED), batch);
    ls_op_id a = add(bench, batch, "a");
    seal(bench, batch);
    seal(bench, batch);

    assert_int_equal(add(bench, batch, "a").value, a.value);
    expect_batch(bench, batch, LS_BATCH_SEALED);
}

static void a_sealed_batch_takes_nothing_more(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    ls_op_id late;
    struct ls_why why = {0};
    int64_t batch = sealed(bench, LS_BATCH_BEST_EFFORT, ops);

    ls_err err =
        bench->fixture->enqueue(bench->fixture->self,
                                &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                              .payload = "{\"text\": \"memo\"}",
                                                              .key = "late",
                                                              .lane = 1,
                                                              .batch = batch},
                                &late, &why);

    assert_int_equal(err.code, LS_CODE_REFUSED);
}

static void the_same_key_in_another_batch_is_other_content(void **state)
{
    struct bench *bench = *state;
    ls_op_id again;
    struct ls_why why = {0};
    int64_t batch =
        bench->fixture->batch_open(bench->fixture->self, "payroll", LS_BATCH_BEST_EFFORT);
    (void)add(bench, batch, "a");

    ls_err err = bench->fixture->enqueue(
        bench->fixture->self,
        &(struct conformance_enqueue){
            .kind = LS_KIND_MEMO, .payload = "{\"text\": \"memo\"}", .key = "a", .lane = 1},
        &again, &why);

    assert_int_equal(err.code, LS_CODE_REFUSED);
}

static void best_effort_goes_on_past_a_failure_and_finishes(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_BEST_EFFORT, ops);

    finish(bench, ops[0]);
    fail_op(bench, ops[1], "no");
    finish(bench, ops[2]);
    tick(bench, 0);
    expect_batch(bench, batch, LS_BATCH_SEALED);
    (void)act_ok(bench, LS_VERB_CANCEL, ops[1]);
    tick(bench, 0);

    expect_batch(bench, batch, LS_BATCH_FINISHED);
}

static void an_ordered_batch_goes_one_by_one_and_stops_behind_a_failure(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_ORDERED, ops);
    expect(bench, ops[0], LS_STATE_READY);
    expect_sub(bench, ops[1], LS_STATE_BLOCKED, LS_SUB_BATCH);

    finish(bench, ops[0]);
    fail_op(bench, ops[1], "no");
    tick(bench, 0);
    expect_sub(bench, ops[2], LS_STATE_BLOCKED, LS_SUB_BATCH);
    expect_batch(bench, batch, LS_BATCH_SEALED);
    (void)act_ok(bench, LS_VERB_RETRY, ops[1]);
    tick(bench, 0);
    finish(bench, ops[1]);
    tick(bench, 0);
    finish(bench, ops[2]);
    tick(bench, 0);

    expect_batch(bench, batch, LS_BATCH_FINISHED);
}

ls_op_id undoing(struct bench *bench, ls_op_id op)
{
    struct taken taken = {0};
    expect_sub(bench, op, LS_STATE_DONE, LS_SUB_COMPENSATING);
    assert_int_equal(claim(bench, 0, 1, &taken), 1);
    struct ls_move_row back = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    return taken.op;
}

static void what_joins_an_atomic_batch_takes_the_fence_expiry(void **state)
{
    struct bench *bench = *state;
    const struct conformance_fixture *fixture = bench->fixture;
    struct ls_why why = {0};
    ls_op_id op = {0};
    int64_t batch = fixture->batch_open(fixture->self, "payroll", LS_BATCH_ATOMIC);
    struct conformance_enqueue request = {.kind = LS_KIND_MEMO,
                                          .payload = "{\"text\": \"x\"}",
                                          .key = "a",
                                          .batch = batch,
                                          .fence = "marker"};

    ls_err err = fixture->enqueue(fixture->self, &request, &op, &why);

    assert_true(ls_failed(err));
    assert_non_null(strstr(why.text, "fence expiry"));
    request.fence = "expiry";
    assert_false(ls_failed(fixture->enqueue(fixture->self, &request, &op, &why)));
}

/* All of an atomic batch, claimed by the worker in slot 0, in order of id. */
static void claim_all(struct bench *bench, ls_op_id ops[MEMBERS], struct taken taken[MEMBERS])
{
    struct taken any[MEMBERS];
    assert_int_equal(claim(bench, 0, MEMBERS, any), MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        for (size_t j = 0; j < MEMBERS; j++)
            if (any[j].op.value == ops[i].value) taken[i] = any[j];
    }
    for (size_t i = 0; i < MEMBERS; i++) expect(bench, ops[i], LS_STATE_LEASED);
}

static void an_atomic_batch_is_claimed_whole_or_not_at_all(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_ATOMIC, ops);

    assert_int_equal(claim(bench, 0, MEMBERS - 1, taken), 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = MEMBERS + 5});

    assert_int_equal(bench->reply.op_count, MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++) {
        assert_int_equal(bench->reply.ops[i].batch, batch);
        assert_int_equal(bench->reply.ops[i].batch_size, MEMBERS);
    }
}

static void an_atomic_batch_displaces_others_rather_than_starve(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    (void)enqueue_memo(bench, "x", NULL);
    (void)enqueue_memo(bench, "y", NULL);
    (void)sealed(bench, LS_BATCH_ATOMIC, ops);
    size_t of_batch = 0;

    for (int i = 0; i < 3 && of_batch == 0; i++) {
        size_t count = claim(bench, 0, MEMBERS, taken);
        for (size_t j = 0; j < count; j++) of_batch += taken[j].op.value >= ops[0].value;
    }

    assert_int_equal(of_batch, MEMBERS);
}

static void what_goes_again_of_an_atomic_batch_waits_for_the_rest(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    (void)sealed(bench, LS_BATCH_ATOMIC, ops);
    claim_all(bench, ops, taken);
    struct ls_move_row back = move_row(&taken[0], LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    tick(bench, 0);
    expect_sub(bench, ops[0], LS_STATE_BLOCKED, LS_SUB_BATCH);

    for (size_t i = 1; i < MEMBERS; i++) {
        back = move_row(&taken[i], LS_STATE_READY, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    }
    tick(bench, 0);

    claim_all(bench, ops, taken);
}

static void a_lost_workers_atomic_batch_can_be_claimed_again(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    (void)sealed(bench, LS_BATCH_ATOMIC, ops);
    claim_all(bench, ops, taken);
    connect_worker(bench, 1);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_BYE});
    tick(bench, 1);

    assert_int_equal(claim(bench, 1, MEMBERS, taken), MEMBERS);
}

static void an_atomic_batch_fails_together(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    (void)sealed(bench, LS_BATCH_ATOMIC, ops);
    claim_all(bench, ops, taken);
    struct ls_move_row failed = move_row(&taken[1], LS_STATE_FAILED, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &failed), LS_ROW_DONE);
    for (size_t i = 0; i < MEMBERS; i += 2) {
        struct ls_move_row back = move_row(&taken[i], LS_STATE_READY, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    }
    tick(bench, 0);

    for (size_t i = 0; i < MEMBERS; i++) expect(bench, ops[i], LS_STATE_FAILED);
    assert_string_equal(stored(bench, ops[0]).cause, "batch");
    assert_int_equal(act(bench, LS_VERB_RETRY, ops[1]).err.code, LS_CODE_REFUSED);
}

static struct ls_action_result
act_on_batch(struct bench *bench, enum ls_verb verb, int64_t batch)
{
    struct ls_action action = action_of(bench, verb, (ls_op_id){0});
    struct ls_action_result result = {0};
    action.batch_id = batch;
    bench->fixture->act(bench->fixture->self, &action, &result);
    return result;
}

static void a_failed_atomic_batch_is_retried_as_a_whole(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_ATOMIC, ops);
    assert_int_equal(act_on_batch(bench, LS_VERB_BATCH_RETRY, batch).err.code, LS_CODE_REFUSED);
    claim_all(bench, ops, taken);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct ls_move_row failed = move_row(&taken[i], LS_STATE_FAILED, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &failed), LS_ROW_DONE);
    }

    assert_int_equal(act_on_batch(bench, LS_VERB_BATCH_RETRY, batch).err.code, LS_CODE_OK);
    tick(bench, 0);

    claim_all(bench, ops, taken);
}

static void what_was_chosen_of_a_batch_is_retried_as_it_was_seen(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_BEST_EFFORT, ops);
    claim_all(bench, ops, taken);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct ls_move_row failed = move_row(&taken[i], LS_STATE_FAILED, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &failed), LS_ROW_DONE);
    }
    struct ls_frozen_op chosen = {ops[1], stored(bench, ops[1]).version};
    struct ls_action action = action_of(bench, LS_VERB_BATCH_RETRY, (ls_op_id){0});
    action.batch_id = batch;
    action.ops = &chosen;
    action.op_count = 1;
    struct ls_action_result result = {0};
    struct ls_frozen_op other = {ops[1], chosen.version - 1};

    action.ops = &other;
    bench->fixture->act(bench->fixture->self, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    expect(bench, ops[1], LS_STATE_FAILED);
    action.op_count = 0; /* none is not all */
    bench->fixture->act(bench->fixture->self, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    expect(bench, ops[0], LS_STATE_FAILED);
    action.ops = &chosen;
    action.op_count = 1;
    bench->fixture->act(bench->fixture->self, &action, &result);
    assert_int_equal(result.err.code, LS_CODE_OK);
    tick(bench, 0);

    expect(bench, ops[0], LS_STATE_FAILED);
    expect(bench, ops[1], LS_STATE_READY);
}

static void an_atomic_batch_is_not_retried_in_part(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_ATOMIC, ops);
    claim_all(bench, ops, taken);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct ls_move_row failed = move_row(&taken[i], LS_STATE_FAILED, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &failed), LS_ROW_DONE);
    }
    struct ls_frozen_op chosen = {ops[0], stored(bench, ops[0]).version};
    struct ls_action action = action_of(bench, LS_VERB_BATCH_RETRY, (ls_op_id){0});
    action.batch_id = batch;
    action.ops = &chosen;
    action.op_count = 1;
    struct ls_action_result result = {0};

    bench->fixture->act(bench->fixture->self, &action, &result);

    assert_int_equal(result.err.code, LS_CODE_REFUSED);
    for (size_t i = 0; i < MEMBERS; i++) expect(bench, ops[i], LS_STATE_FAILED);
}

static void a_person_has_a_batch_undone_last_first(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    int64_t batch = sealed(bench, LS_BATCH_ORDERED, ops);
    finish(bench, ops[0]);
    tick(bench, 0);
    finish(bench, ops[1]);
    tick(bench, 0);

    assert_int_equal(act_on_batch(bench, LS_VERB_BATCH_COMPENSATE, batch).err.code, LS_CODE_OK);
    tick(bench, 0);

    expect(bench, ops[2], LS_STATE_CANCELLED);
    finish(bench, undoing(bench, ops[1]));
    tick(bench, 0);
    finish(bench, undoing(bench, ops[0]));
    tick(bench, 0);
    expect_batch(bench, batch, LS_BATCH_COMPENSATED);
}

static void a_held_one_keeps_its_atomic_batch_and_a_cancelled_one_ends_it(void **state)
{
    struct bench *bench = *state;
    ls_op_id ops[MEMBERS];
    struct taken taken[MEMBERS];
    (void)sealed(bench, LS_BATCH_ATOMIC, ops);
    (void)act_ok(bench, LS_VERB_HOLD, ops[1]);
    tick(bench, 0);
    assert_int_equal(claim(bench, 0, MEMBERS, taken), 0);
    (void)act_ok(bench, LS_VERB_RELEASE, ops[1]);
    tick(bench, 0);
    claim_all(bench, ops, taken);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct ls_move_row back = move_row(&taken[i], LS_STATE_READY, LS_SUB_NONE);
        assert_int_equal(move(bench, 0, &back), LS_ROW_DONE);
    }

    (void)act_ok(bench, LS_VERB_CANCEL, ops[2]);
    tick(bench, 0);

    expect(bench, ops[2], LS_STATE_CANCELLED);
    assert_int_equal(claim(bench, 0, MEMBERS, taken), 0);
    expect(bench, ops[1], LS_STATE_FAILED);
}

struct cases batch_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_in_an_open_batch_waits_until_it_is_sealed),
        cmocka_unit_test(opening_and_sealing_again_changes_nothing),
        cmocka_unit_test(a_sealed_batch_takes_nothing_more),
        cmocka_unit_test(the_same_key_in_another_batch_is_other_content),
        cmocka_unit_test(best_effort_goes_on_past_a_failure_and_finishes),
        cmocka_unit_test(an_ordered_batch_goes_one_by_one_and_stops_behind_a_failure),
        cmocka_unit_test(what_joins_an_atomic_batch_takes_the_fence_expiry),
        cmocka_unit_test(an_atomic_batch_is_claimed_whole_or_not_at_all),
        cmocka_unit_test(an_atomic_batch_displaces_others_rather_than_starve),
        cmocka_unit_test(what_goes_again_of_an_atomic_batch_waits_for_the_rest),
        cmocka_unit_test(a_lost_workers_atomic_batch_can_be_claimed_again),
        cmocka_unit_test(an_atomic_batch_fails_together),
        cmocka_unit_test(a_failed_atomic_batch_is_retried_as_a_whole),
        cmocka_unit_test(what_was_chosen_of_a_batch_is_retried_as_it_was_seen),
        cmocka_unit_test(an_atomic_batch_is_not_retried_in_part),
        cmocka_unit_test(a_person_has_a_batch_undone_last_first),
        cmocka_unit_test(a_held_one_keeps_its_atomic_batch_and_a_cancelled_one_ends_it),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
