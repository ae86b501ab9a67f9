/* What becomes of an operation's other attempts when a landing of it is adopted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "landed.h"

enum { ATTEMPTS = 4 };

/* A submitted operation of key "a", its attempt, and another transaction of it that landed. */
struct case_of {
    struct bench *bench;
    ls_op_id op;
    struct ls_intent_row elder;
    struct ls_landed_row landed;
};

static struct case_of begin(struct bench *bench)
{
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, op);
    struct case_of this = {.bench = bench,
                           .op = op,
                           .elder = intent_row(&taken),
                           .landed = landed_row(&tagging, "a", 1, 50)};
    assert_int_equal(intent(bench, 0, &this.elder), LS_ROW_DONE);
    return this;
}

static enum ls_attempt_state attempt_state(const struct case_of *this, size_t at)
{
    struct conformance_attempt attempts[ATTEMPTS];
    struct bench *bench = this->bench;
    const size_t count =
        bench->fixture->attempts(bench->fixture->self, this->op, attempts, ATTEMPTS);
    assert_in_range(at + 1, 1, count);
    return attempts[at].state;
}

static void adopt_landed(const struct case_of *this, const struct ls_elder_end *elder)
{
    struct ls_finding_row row = finding_row(LS_FINDING_UNRECORDED, this->op, &this->landed);
    if (elder != NULL) row.elders[row.elder_count++] = *elder;
    assert_true(tell(this->bench, &row, true).is_repaired);
    expect(this->bench, this->op, LS_STATE_DONE);
    assert_int_equal(attempt_state(this, 1), LS_ATTEMPT_LANDED);
}

static void a_live_attempt_beside_what_landed_is_named(void **state)
{
    struct case_of this = begin(*state);

    look_up(this.bench, &this.landed, 1);

    assert_int_equal(this.bench->reply.landed_count, 1);
    const struct ls_landed *landed = &this.bench->reply.landed[0];
    assert_int_equal(landed->verdict, LS_LANDED_UNRECORDED);
    assert_int_equal(landed->fence, LS_FENCE_EXPIRY);
    assert_int_equal(landed->elder_count, 1);
    assert_memory_equal(&landed->elders[0].signature, &this.elder.signature,
                        LS_SIGNATURE_BYTES);
    assert_memory_equal(&landed->elders[0].blockhash, &this.elder.blockhash, LS_HASH_BYTES);
    assert_false(landed->elders[0].is_cancel);
}

static void an_attempt_that_is_proved_dead_is_no_elder(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = submit(bench, op);
    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    again.attempt = 1;
    again.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    look_up(bench, &row, 1);

    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].elder_count, 0);
    struct case_of this = {.bench = bench, .op = op, .landed = row};
    adopt_landed(&this, NULL);
    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_DEAD);
}

static void an_elder_is_written_as_the_ledger_said(void **state)
{
    struct case_of this = begin(*state);

    adopt_landed(&this, &(struct ls_elder_end){.signature = this.elder.signature,
                                               .state = LS_ATTEMPT_ERRORED,
                                               .slot = 37,
                                               .cause = "InsufficientFundsForRent"});

    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_ERRORED);
}

static void an_elder_that_landed_as_well_is_a_duplicate_later(void **state)
{
    struct case_of this = begin(*state);
    adopt_landed(&this, NULL);
    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_UNDECIDED);
    struct ls_landed_row late = this.landed;
    late.signature = this.elder.signature;

    look_up(this.bench, &late, 1);
    assert_int_equal(this.bench->reply.landed_count, 1);
    assert_int_equal(this.bench->reply.landed[0].verdict, LS_LANDED_LATE);
    struct ls_finding_row row = finding_row(LS_FINDING_LATE, this.op, &late);

    assert_int_equal(tell(this.bench, &row, true).finding, LS_FINDING_DUPLICATE);
    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_LANDED);
    look_up(this.bench, &late, 1);
    assert_int_equal(this.bench->reply.landed_count, 0);
}

/* Under a nonce: a sibling is live beside the one that landed and that nobody follows. */
static void a_sibling_under_the_same_nonce_is_dead(void **state)
{
    struct bench *bench = *state;
    const struct ls_address nonce = {{1}}, payer = intent_row(&(struct taken){0}).signer;
    bench->fixture->add_nonce(bench->fixture->self, &nonce, &payer, 41);
    int64_t before = connect_worker(bench, 0);
    ls_op_id op =
        enqueue_ok(bench, &(struct conformance_enqueue){.kind = LS_KIND_MEMO,
                                                        .payload = "{\"text\": \"x\"}",
                                                        .key = "a",
                                                        .fence = "nonce"});
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row first = intent_row(&taken);
    first.fence = LS_FENCE_NONCE;
    first.has_nonce = true;
    first.nonce = nonce;
    first.last_valid_height = 0;
    assert_int_equal(intent(bench, 0, &first), LS_ROW_DONE);
    struct ls_intent_row second = first;
    second.attempt = 2;
    second.signature.bytes[63] = 2;
    assert_int_equal(intent(bench, 0, &second), LS_ROW_DONE);
    struct tagging tagging;
    (void)greet_again(bench, 0, before);
    memcpy(tagging.tag_key, bench->reply.tag_key, sizeof tagging.tag_key);
    tagging.genesis = bench->reply.genesis;
    struct case_of this = {.bench = bench, .op = op};
    this.landed = landed_row(&tagging, "a", 1, 50);
    this.landed.signature = second.signature;

    look_up(bench, &this.landed, 1);
    assert_int_equal(bench->reply.landed_count, 1);
    const struct ls_landed *landed = &bench->reply.landed[0];
    assert_int_equal(landed->verdict, LS_LANDED_UNFOLLOWED);
    assert_int_equal(landed->fence, LS_FENCE_NONCE);
    assert_memory_equal(&landed->blockhash, &second.blockhash, LS_HASH_BYTES);
    assert_int_equal(landed->elder_count, 1);
    assert_memory_equal(&landed->elders[0].signature, &first.signature, LS_SIGNATURE_BYTES);
    struct ls_finding_row row = finding_row(LS_FINDING_SETTLED, op, &this.landed);
    row.elder_count = 1;
    row.elders[0] =
        (struct ls_elder_end){.signature = first.signature, .state = LS_ATTEMPT_DEAD};

    assert_true(tell(bench, &row, true).is_repaired);
    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_DEAD);
    assert_int_equal(attempt_state(&this, 1), LS_ATTEMPT_LANDED);
}

static void without_repair_an_elder_stays_as_it_is(void **state)
{
    struct case_of this = begin(*state);
    struct ls_finding_row row = finding_row(LS_FINDING_UNRECORDED, this.op, &this.landed);

    assert_false(tell(this.bench, &row, false).is_repaired);

    assert_int_equal(attempt_state(&this, 0), LS_ATTEMPT_LIVE);
    expect(this.bench, this.op, LS_STATE_SUBMITTED);
}

struct cases elder_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_live_attempt_beside_what_landed_is_named),
        cmocka_unit_test(an_attempt_that_is_proved_dead_is_no_elder),
        cmocka_unit_test(an_elder_is_written_as_the_ledger_said),
        cmocka_unit_test(an_elder_that_landed_as_well_is_a_duplicate_later),
        cmocka_unit_test(a_sibling_under_the_same_nonce_is_dead),
        cmocka_unit_test(without_repair_an_elder_stays_as_it_is),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
