/* What a store knows of landed transactions, and what it does with findings about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "landed.h"
#include "lockstep/base/base58.h"
#include "lockstep/solana/tag.h"

struct tagging connect_and_learn(struct bench *bench, size_t slot)
{
    struct tagging tagging;
    connect_worker(bench, slot);
    memcpy(tagging.tag_key, bench->reply.tag_key, sizeof tagging.tag_key);
    tagging.genesis = bench->reply.genesis;
    return tagging;
}

struct ls_landed_row
landed_row(const struct tagging *tagging, const char *key, uint8_t number, int64_t at_slot)
{
    struct ls_landed_row row = {.slot = at_slot};
    struct ls_tag tag = ls_tag_make(tagging->tag_key, &tagging->genesis, key, strlen(key));
    assert_true(ls_base58_decode(tag.text, row.tag, LS_TAG_BYTES));
    memset(row.signature.bytes, number, sizeof row.signature.bytes);
    return row;
}

static struct ls_address payer(void)
{
    struct ls_address address;
    memset(&address, 0x70, sizeof address);
    return address;
}

void look_up(struct bench *bench, const struct ls_landed_row *rows, size_t count)
{
    struct ls_store_request request = {
        .verb = LS_STORE_LANDED,
        .landed = {
            .payer = payer(), .low_slot = 0, .high_slot = 100, .count = count, .rows = rows}};
    ask_ok(bench, 0, &request);
}

struct ls_finding_row
finding_row(enum ls_finding finding, ls_op_id op, const struct ls_landed_row *landed)
{
    static const uint8_t tx[3] = {1, 2, 3};
    return (struct ls_finding_row){.finding = finding,
                                   .op = op,
                                   .landed = *landed,
                                   .payer = payer(),
                                   .tx = tx,
                                   .tx_bytes = sizeof tx,
                                   .finalized_height = 5000};
}

struct ls_found tell(struct bench *bench, const struct ls_finding_row *row, bool repair)
{
    struct ls_store_request request = {
        .verb = LS_STORE_FIND, .find_count = 1, .findings = row, .repair = repair};
    ask_ok(bench, 0, &request);
    assert_int_equal(bench->reply.found_count, 1);
    return bench->reply.found[0];
}

static struct ls_found find_with(struct bench *bench,
                                 enum ls_finding finding,
                                 ls_op_id op,
                                 const struct ls_landed_row *landed,
                                 bool repair)
{
    const struct ls_finding_row row = finding_row(finding, op, landed);
    return tell(bench, &row, repair);
}

static struct ls_found
find(struct bench *bench, enum ls_finding finding, ls_op_id op, const struct ls_landed_row *row)
{
    return find_with(bench, finding, op, row, true);
}

static void a_landing_of_an_unattempted_operation_is_handed_out_to_compare(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL); /* before the ledger is pinned */
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id later = enqueue_memo(bench, "b", NULL);
    const struct ls_landed_row rows[] = {landed_row(&tagging, "a", 1, 50),
                                         landed_row(&tagging, "b", 2, 40)};

    look_up(bench, rows, 2);

    assert_int_equal(bench->reply.landed_count, 2);
    const struct ls_landed *landed = bench->reply.landed;
    assert_int_equal(landed[0].verdict, LS_LANDED_UNRECORDED);
    assert_int_equal(landed[0].op.value, op.value);
    assert_int_equal(landed[0].kind, LS_KIND_MEMO);
    assert_string_equal(landed[0].key, "a");
    assert_true(landed[0].payload_bytes > 0);
    assert_int_equal(landed[1].row, 1);
    assert_int_equal(landed[1].op.value, later.value);
}

static void an_attempt_that_is_known_needs_no_looking(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row intent_of = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &intent_of), LS_ROW_DONE);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    row.signature = intent_of.signature;

    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);

    taken.attempts_made = 1;
    land(bench, &taken);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
}

static void an_adopted_landing_makes_the_operation_done(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    struct ls_found found = find(bench, LS_FINDING_UNRECORDED, op, &row);

    assert_int_equal(found.finding, LS_FINDING_UNRECORDED);
    assert_true(found.is_repaired);
    expect(bench, op, LS_STATE_DONE);
    char signature[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(&row.signature, signature);
    assert_string_equal(stored(bench, op).signature, signature);
    assert_int_equal(stored(bench, op).slot, 50);
    struct taken none;
    assert_int_equal(claim(bench, 0, 1, &none), 0);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
    assert_int_equal(find(bench, LS_FINDING_UNRECORDED, op, &row).finding, LS_FINDING_KNOWN);
}

static void what_is_adopted_goes_back_to_who_paid_for_it(void **state)
{
    char to[LS_ADDRESS_TEXT_BYTES];
    char payload[256];
    char back[LS_ADDRESS_TEXT_BYTES + 16];
    struct bench *bench = *state;
    struct ls_store_request hello;
    hello_fill(&hello);
    ls_address_text(&hello.hello.payer, to);
    struct tagging tagging = connect_and_learn(bench, 0);
    (void)snprintf(payload, sizeof payload, "{\"to\": \"%s\", \"lamports\": \"7\"}", to);
    ls_op_id op =
        enqueue_ok(bench, &(struct conformance_enqueue){
                              .kind = LS_KIND_SOL_TRANSFER, .payload = payload, .key = "a"});
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    (void)find(bench, LS_FINDING_UNRECORDED, op, &row);
    expect(bench, op, LS_STATE_DONE);

    assert_false(ls_failed(act(bench, LS_VERB_COMPENSATE, op).err));
    tick(bench, 0);
    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1});

    assert_int_equal(bench->reply.op_count, 1);
    const struct ls_address paid = payer();
    ls_address_text(&paid, to);
    (void)snprintf(back, sizeof back, "\"to\": \"%s\"", to);
    assert_non_null(strstr(bench->reply.ops[0].payload, back));
}

static void the_owner_of_an_adopted_operation_writes_nothing_more(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id leased = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, leased);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    assert_true(find(bench, LS_FINDING_UNRECORDED, leased, &row).is_repaired);

    struct ls_intent_row late = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &late), LS_ROW_STALE);
    expect(bench, leased, LS_STATE_DONE);
}

static void an_adoption_frees_what_waited(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id first = enqueue_memo(bench, "a", "e");
    ls_op_id second = enqueue_memo(bench, "b", "e");
    tick(bench, 0);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    assert_true(find(bench, LS_FINDING_UNRECORDED, first, &row).is_repaired);

    tick(bench, 0);
    (void)claim_this(bench, 0, second);
}

static void what_landed_and_nobody_follows_is_settled_at_once(void **state)
{
    struct bench *bench = *state;
    int64_t before = connect_worker(bench, 0);
    struct tagging tagging;
    memcpy(tagging.tag_key, bench->reply.tag_key, sizeof tagging.tag_key);
    tagging.genesis = bench->reply.genesis;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row made = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &made), LS_ROW_DONE);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    row.signature = made.signature;
    (void)greet_again(bench, 0, before);

    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].verdict, LS_LANDED_UNFOLLOWED);
    struct ls_found found = find(bench, LS_FINDING_SETTLED, op, &row);

    assert_int_equal(found.finding, LS_FINDING_SETTLED);
    assert_true(found.is_repaired);
    expect(bench, op, LS_STATE_DONE);
    struct taken none;
    assert_int_equal(adopt(bench, 0, &none, 1), 0);
}

static void a_dead_attempt_that_landed_is_late_and_adopted(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row intent_of = intent_row(&taken);
    assert_int_equal(intent(bench, 0, &intent_of), LS_ROW_DONE);
    struct ls_move_row again = move_row(&taken, LS_STATE_READY, LS_SUB_NONE);
    again.attempt = 1;
    again.attempt_state = LS_ATTEMPT_DEAD;
    assert_int_equal(move(bench, 0, &again), LS_ROW_DONE);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    row.signature = intent_of.signature;

    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].verdict, LS_LANDED_LATE);
    struct ls_found found = find(bench, LS_FINDING_LATE, op, &row);

    assert_int_equal(found.finding, LS_FINDING_LATE);
    assert_true(found.is_repaired);
    expect(bench, op, LS_STATE_DONE);
    struct conformance_attempt attempts[2];
    assert_int_equal(bench->fixture->attempts(bench->fixture->self, op, attempts, 2), 1);
    assert_int_equal(attempts[0].state, LS_ATTEMPT_LANDED);
}

static void a_second_landing_of_a_done_operation_is_a_duplicate(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    finish(bench, op);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].verdict, LS_LANDED_UNRECORDED);
    assert_int_equal(bench->reply.landed[0].state, LS_STATE_DONE);

    assert_int_equal(find(bench, LS_FINDING_UNRECORDED, op, &row).finding,
                     LS_FINDING_DUPLICATE);
    expect(bench, op, LS_STATE_DONE);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
}

static void a_landing_of_a_cancelled_operation_leaves_it_cancelled(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    (void)act_ok(bench, LS_VERB_CANCEL, op);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    assert_int_equal(find(bench, LS_FINDING_UNRECORDED, op, &row).finding, LS_FINDING_ENDED);
    expect(bench, op, LS_STATE_CANCELLED);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
}

static void without_repair_nothing_changes(void **state)
{
    struct bench *bench = *state;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    struct ls_landed_row unknown = landed_row(&tagging, "nobody's", 2, 50);

    struct ls_found found = find_with(bench, LS_FINDING_UNRECORDED, op, &row, false);
    assert_int_equal(found.finding, LS_FINDING_UNRECORDED);
    assert_false(found.is_repaired);
    expect(bench, op, LS_STATE_READY);
    found = find_with(bench, LS_FINDING_ORPHAN, (ls_op_id){0}, &unknown, false);
    assert_int_equal(found.finding, LS_FINDING_ORPHAN);
    look_up(bench, &unknown, 1);
    assert_int_equal(bench->reply.landed_count, 1);
}

static void an_orphan_waits_for_its_operation_and_is_never_claimed_past(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    struct tagging tagging = connect_and_learn(bench, 0);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 1);
    assert_int_equal(bench->reply.landed[0].verdict, LS_LANDED_ORPHAN);
    assert_int_equal(find(bench, LS_FINDING_ORPHAN, (ls_op_id){0}, &row).finding,
                     LS_FINDING_ORPHAN);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
    tick(bench, 0);
    assert_int_equal(bench->reply.landing_count, 0);

    ls_op_id op = enqueue_memo(bench, "a", NULL);
    ls_op_id other = enqueue_memo(bench, "b", NULL);

    assert_int_equal(claim(bench, 0, 1, &none), 1);
    assert_int_equal(none.op.value, other.value);
    tick(bench, 0);
    assert_int_equal(bench->reply.landing_count, 1);
    struct ls_store_request pending = {.verb = LS_STORE_LANDED, .landed = {.payer = payer()}};
    ask_ok(bench, 0, &pending);
    assert_int_equal(bench->reply.landed_count, 1);
    const struct ls_landed *landed = &bench->reply.landed[0];
    assert_int_equal(landed->op.value, op.value);
    assert_string_equal(landed->key, "a");
    assert_int_equal(landed->tx_bytes, 3);
    assert_int_equal(landed->tx[2], 3);
    assert_memory_equal(&landed->landed.signature, &row.signature, LS_SIGNATURE_BYTES);

    assert_true(find(bench, LS_FINDING_UNRECORDED, op, &row).is_repaired);
    expect(bench, op, LS_STATE_DONE);
    tick(bench, 0);
    assert_int_equal(bench->reply.landing_count, 0);
}

static void a_mismatch_holds_its_operation(void **state)
{
    struct bench *bench = *state;
    struct taken none;
    struct tagging tagging = connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct ls_landed_row row = landed_row(&tagging, "a", 1, 50);

    assert_int_equal(find(bench, LS_FINDING_MISMATCH, op, &row).finding, LS_FINDING_MISMATCH);

    expect_sub(bench, op, LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    assert_int_equal(claim(bench, 0, 1, &none), 0);
    look_up(bench, &row, 1);
    assert_int_equal(bench->reply.landed_count, 0);
    tick(bench, 0);
    assert_int_equal(bench->reply.landing_count, 0);
}

static void what_is_done_and_not_in_the_list_is_a_phantom(void **state)
{
    struct bench *bench = *state;
    (void)connect_and_learn(bench, 0);
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    struct taken taken = claim_this(bench, 0, op);
    struct ls_intent_row made = intent_row(&taken);
    made.signer = payer();
    assert_int_equal(intent(bench, 0, &made), LS_ROW_DONE);
    struct ls_move_row row = move_row(&taken, LS_STATE_DONE, LS_SUB_NONE);
    row.attempt = 1;
    row.attempt_state = LS_ATTEMPT_LANDED;
    row.has_signature = true;
    row.signature = made.signature;
    row.slot = 60;
    assert_int_equal(move(bench, 0, &row), LS_ROW_DONE);

    look_up(bench, NULL, 0);
    assert_int_equal(bench->reply.phantom_count, 1);
    assert_int_equal(bench->reply.phantoms[0].op.value, op.value);
    assert_int_equal(bench->reply.phantoms[0].slot, 60);
    assert_memory_equal(&bench->reply.phantoms[0].signature, &made.signature,
                        LS_SIGNATURE_BYTES);

    struct ls_landed_row told = {.signature = made.signature, .slot = 60};
    assert_int_equal(find(bench, LS_FINDING_PHANTOM, op, &told).finding, LS_FINDING_PHANTOM);
    expect(bench, op, LS_STATE_DONE);
}

static const struct ls_watermark *mark_of(const struct ls_store_reply *reply)
{
    struct ls_address address = payer();
    for (size_t i = 0; i < reply->past.mark_count; i++)
        if (ls_address_equal(&reply->past.marks[i].payer, &address))
            return &reply->past.marks[i];
    return NULL;
}

static void a_watermark_and_its_place_are_told_at_the_next_hello(void **state)
{
    struct bench *bench = *state;
    int64_t id = connect_worker(bench, 0);
    assert_false(bench->reply.past.has_place);
    assert_true(bench->reply.past.age_ms >= 0);
    struct ls_store_place here = bench->reply.place;
    assert_true(here.system_id != 0);
    assert_true(here.timeline >= 1);
    struct ls_store_request request = {
        .verb = LS_STORE_MARK,
        .mark = {.payer = payer(), .slot = 70, .signature_slot = 65, .place = here}};
    memset(&request.mark.signature, 5, sizeof request.mark.signature);
    ask_ok(bench, 0, &request);
    struct ls_store_request older = request;
    older.mark.slot = 60;
    older.mark.signature_slot = 55;
    memset(&older.mark.signature, 6, sizeof older.mark.signature);
    ask_ok(bench, 0, &older);

    (void)greet_again(bench, 0, id);

    const struct ls_watermark *mark = mark_of(&bench->reply);
    assert_non_null(mark);
    assert_int_equal(mark->slot, 70);
    assert_int_equal(mark->signature_slot, 65);
    assert_memory_equal(&mark->signature, &request.mark.signature, LS_SIGNATURE_BYTES);
    assert_true(bench->reply.past.has_place);
    assert_true(bench->reply.past.place.system_id == here.system_id);
    assert_int_equal(bench->reply.past.place.timeline, here.timeline);
    assert_int_equal(bench->reply.past.place.started_us, here.started_us);
    assert_true(bench->reply.place.position > here.position);
    tick(bench, 0);
    assert_true(bench->reply.place.position > here.position);
    assert_int_equal(bench->reply.place.timeline, here.timeline);
}

struct cases landed_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_landing_of_an_unattempted_operation_is_handed_out_to_compare),
        cmocka_unit_test(an_attempt_that_is_known_needs_no_looking),
        cmocka_unit_test(an_adopted_landing_makes_the_operation_done),
        cmocka_unit_test(what_is_adopted_goes_back_to_who_paid_for_it),
        cmocka_unit_test(the_owner_of_an_adopted_operation_writes_nothing_more),
        cmocka_unit_test(an_adoption_frees_what_waited),
        cmocka_unit_test(what_landed_and_nobody_follows_is_settled_at_once),
        cmocka_unit_test(a_dead_attempt_that_landed_is_late_and_adopted),
        cmocka_unit_test(a_second_landing_of_a_done_operation_is_a_duplicate),
        cmocka_unit_test(a_landing_of_a_cancelled_operation_leaves_it_cancelled),
        cmocka_unit_test(without_repair_nothing_changes),
        cmocka_unit_test(an_orphan_waits_for_its_operation_and_is_never_claimed_past),
        cmocka_unit_test(a_mismatch_holds_its_operation),
        cmocka_unit_test(what_is_done_and_not_in_the_list_is_a_phantom),
        cmocka_unit_test(a_watermark_and_its_place_are_told_at_the_next_hello),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
