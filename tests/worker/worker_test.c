#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "worker_world.h"

/* The linker puts these in the place of our code's malloc(): allocations that still succeed
 * before one fails; negative: all do. */
static int allocations_left = -1;
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);

void *__wrap_malloc(size_t bytes)
{
    if (allocations_left >= 0 && allocations_left-- == 0) return NULL;
    return __real_malloc(bytes);
}

static void the_ledger_is_known_before_the_store_is_greeted(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);

    turns(worker, 24);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_int_equal(status.worker_id, 3);
    assert_string_equal(ls_buf_text(&world.journal), "hello landed landed mark adopt ");
    finish(&world, worker);
}

/* What was read last is not in the list any more: nothing can be concluded from the rest. */
static void a_list_that_lost_its_past_lets_nothing_be_signed(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.is_list_empty = true;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 400);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_CATCHING_UP);
    assert_string_equal(ls_buf_text(&world.journal), "hello ");
    world.is_list_empty = false;
    turns(worker, 120);
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_non_null(strstr(ls_buf_text(&world.journal), "mark adopt claim intent send "));
    finish(&world, worker);
}

/* Five blocks from 960 to 968: their heights tell whether there are more. */
static bool is_signed_after_blocks(int64_t heights)
{
    struct world world;
    ls_worker *worker = start(&world);
    world.lists_older = true;
    world.mark_slot = 960;
    world.heights = heights;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 40);

    const bool is_signed = strstr(ls_buf_text(&world.journal), "intent ") != NULL;
    finish(&world, worker);
    return is_signed;
}

static void a_list_of_a_node_that_lacks_blocks_lets_nothing_be_signed(void **state)
{
    (void)state;

    assert_true(is_signed_after_blocks(956));
    assert_false(is_signed_after_blocks(957));
}

static void the_intent_is_written_before_anything_is_sent(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal),
                           "hello landed landed mark adopt claim intent send "));
    finish(&world, worker);
}

static void each_answer_that_can_be_read_is_told_to_the_port(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    turns(worker, 10);

    assert_true(world.readable_count > 0);
    finish(&world, worker);
}

static void a_head_of_another_cluster_is_refused_and_its_endpoint_judged(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.foreign_head = true;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 10);

    char wanted[32];
    (void)snprintf(wanted, sizeof wanted, "judge(0,%d) ", (int)LS_LEDGER_FOREIGN);
    assert_non_null(strstr(ls_buf_text(&world.journal), wanted));
    assert_null(strstr(ls_buf_text(&world.journal), "claim")); /* nothing to sign for */
    finish(&world, worker);
}

static void a_stale_intent_is_never_sent(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 22);

    assert_non_null(strstr(ls_buf_text(&world.journal), "intent "));
    assert_null(strstr(ls_buf_text(&world.journal), "send"));
    finish(&world, worker);
}

static void an_invalid_payload_fails_before_an_attempt_exists(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_SOL_TRANSFER, "{\"to\":\"nobody\",\"lamports\":\"1\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (failed) "));
    assert_string_equal(world.move_cause, "InvalidPayload");
    finish(&world, worker);
}

static void an_address_without_a_key_holds_the_operation(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.holds_keys = false;
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (held) "));
    assert_string_equal(world.move_cause, "NoSigner");
    finish(&world, worker);
}

static void an_atomic_batch_fails_with_the_one_whose_key_is_missing(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_SOL_TRANSFER,
             "{\"to\":\"4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM\",\"lamports\":\"5\","
             "\"from\":\"4uQeVj5tqViQh7yWWGStvkEG1Zmhx6uasJtWCJziofM\"}");
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"there\"}");
    for (size_t i = 0; i < OPS_MAX; i++) {
        world.ops[i].batch = 2;
        world.ops[i].batch_size = OPS_MAX;
    }

    turns(worker, 40);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (failed) "));
    assert_null(strstr(ls_buf_text(&world.journal), "intent"));
    assert_string_equal(world.move_cause, "NoSigner");
    assert_int_equal(world.moved_back, 2); /* the store fails them with it */
    finish(&world, worker);
}

static void an_operation_that_memory_cannot_hold_waits_for_a_person(void **state)
{
    (void)state;
    bool ran_out = true;
    int held = 0;
    for (int allowed = 0; allowed < 100 && ran_out; allowed++) {
        struct world world;
        ls_worker *worker = start(&world);
        hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
        allocations_left = allowed;
        turns(worker, 24);
        ran_out = allocations_left < 0;
        allocations_left = -1;

        const char *journal = ls_buf_text(&world.journal);
        bool is_held = strstr(journal, "claim move (held) ") != NULL;
        assert_true(is_held || strstr(journal, "claim intent send ") != NULL);
        if (is_held) assert_string_equal(world.move_cause, "OutOfMemory");
        held += is_held ? 1 : 0;
        finish(&world, worker);
    }
    assert_false(ran_out);
    assert_true(held >= 3); /* its key, its payload, its transaction */
}

static void operations_that_may_share_a_transaction_are_signed_and_sent_once(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    for (int i = 0; i < 3; i++) hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    assert_true(world.intents[0].pack > 0);
    for (size_t i = 1; i < 3; i++) {
        assert_int_equal(world.intents[i].pack, world.intents[0].pack);
        assert_memory_equal(&world.intents[i].signature, &world.intents[0].signature,
                            LS_SIGNATURE_BYTES);
        assert_ptr_equal(world.intents[i].tx, world.intents[0].tx);
    }
    assert_int_equal(world.transactions_sent, 1);
    finish(&world, worker);
}

static void other_kinds_are_alone_in_their_transactions(void **state)
{
    (void)state;
    static const char transfer[] =
        "{\"to\":\"GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse\",\"lamports\":\"5\"}";
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_SOL_TRANSFER, transfer);
    hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
    hand_out(&world, LS_KIND_SOL_TRANSFER, transfer);

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    for (size_t i = 0; i < 3; i++) assert_int_equal(world.intents[i].pack, 0);
    assert_int_equal(world.transactions_sent, 3);
    finish(&world, worker);
}

static void what_a_stale_member_leaves_is_packed_again_without_it(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    world.rows[1] = world.rows[2] = LS_ROW_SPLIT;
    for (int i = 0; i < 3; i++) hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
    for (int i = 0; i < 24 && world.intent_count != 3; i++) turns(worker, 1);
    assert_int_equal(world.intent_count, 3);
    struct ls_signature fallen = world.intents[0].signature;

    for (int i = 0; i < 24 && world.intent_count == 3; i++) turns(worker, 1);

    assert_int_equal(world.transactions_sent, 0);
    assert_int_equal(world.intent_count, 2);
    assert_int_equal(world.intents[0].op.value, 6);
    assert_memory_not_equal(&world.intents[0].signature, &fallen, LS_SIGNATURE_BYTES);
    memset(world.rows, 0, sizeof world.rows);
    finish(&world, worker);
}

/* The wish comes in the same turn, between the claim and the signing. */
static void what_a_person_stops_is_not_signed_with_the_others(void **state)
{
    static const enum ls_request requests[] = {LS_REQUEST_HOLD, LS_REQUEST_CANCEL};
    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct world world;
        ls_worker *worker = start(&world);
        world.wish = (struct ls_store_wish){.op = {6}, .request = requests[i]};
        for (int at = 0; at < 3; at++) hand_out(&world, LS_KIND_MEMO, "{\"text\":\"hello\"}");

        turns(worker, 200);

        assert_int_equal(world.intent_count, 2);
        assert_int_equal(world.intents[0].op.value, 5);
        assert_int_equal(world.intents[1].op.value, 7);
        assert_int_equal(world.carried, 2);
        assert_non_null(
            strstr(ls_buf_text(&world.journal), i == 0 ? "move (held)" : "move (cancelled)"));
        finish(&world, worker);
    }
}

/* Three memos of one entity, each behind the one before it. */
static void hand_out_chain(struct world *world)
{
    for (int i = 0; i < 3; i++) {
        hand_out(world, LS_KIND_MEMO, "{\"text\":\"hello\"}");
        world->ops[i].chain = 5;
        world->ops[i].after.value = i == 0 ? 0 : 5 + i - 1;
    }
}

static void a_chain_shares_a_transaction_in_its_order(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out_chain(&world);
    struct ls_stored_op first = world.ops[0];
    world.ops[0] = world.ops[2]; /* however the store hands them out */
    world.ops[2] = first;

    turns(worker, 24);

    assert_int_equal(world.intent_count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(world.intents[i].op.value, 5 + i);
        assert_int_equal(world.intents[i].pack, world.intents[0].pack);
    }
    assert_int_equal(world.transactions_sent, 1);
    finish(&world, worker);
}

static void behind_a_gap_a_chain_is_given_back(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out_chain(&world);
    world.ops[1].payload = "{}";
    world.ops[1].payload_bytes = 2;

    turns(worker, 24);

    assert_int_equal(world.intent_count, 1);
    assert_int_equal(world.intents[0].op.value, 5);
    assert_int_equal(world.transactions_sent, 1);
    assert_non_null(strstr(ls_buf_text(&world.journal), "(failed) "));
    assert_string_equal(world.move_cause, "InvalidPayload");
    assert_int_equal(world.moved_back, 1);
    finish(&world, worker);
}

static void what_has_lost_the_one_before_it_is_not_signed(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.rows[0] = LS_ROW_STALE;
    world.rows[1] = world.rows[2] = LS_ROW_SPLIT;
    hand_out_chain(&world);

    turns(worker, 48);

    assert_int_equal(world.transactions_sent, 0);
    assert_int_equal(world.moved_back, 2);
    memset(world.rows, 0, sizeof world.rows);
    finish(&world, worker);
}

#define MINT    "9AccPWVpgCfcLSRJrXydGpcNSdTtVdrp28nzPeYSoo1H"
#define MINT_TO "{\"mint\":\"" MINT "\",\"to\":\"" MINT "\",\"amount\":\"5\"}"
#define ACCOUNT(owner_)                                                                   \
    "{\"data\":[\"\",\"base64\"],\"executable\":false,\"lamports\":1,\"owner\":\"" owner_ \
    "\",\"rentEpoch\":18446744073709551615,\"space\":82}"

static void a_mint_by_address_is_looked_up_once_before_signing(void **state)
{
    (void)state;
    static const char *const owners[] = {
        ACCOUNT("TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA"),
        ACCOUNT("TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb")};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        ls_worker *worker = start(&world);
        world.account = owners[i];
        hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
        turns(worker, 24);
        assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
        assert_int_equal(world.lookups, 1);

        hand_out(&world, LS_KIND_TOKEN_BURN, "{\"mint\":\"" MINT "\",\"amount\":\"5\"}");
        world.ops[0].op.value = 6;
        turns(worker, 24);
        assert_non_null(strstr(ls_buf_text(&world.journal), "send claim intent send "));
        assert_int_equal(world.lookups, 1);
        finish(&world, worker);
    }
}

static void a_mint_by_key_needs_no_look(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_MINT_TO,
             "{\"mint\":{\"key\":\"m\"},\"to\":\"" MINT "\",\"amount\":\"5\"}");
    world.ops[0].has_mint = world.ops[0].mint_is_2022 = true;
    assert_true(ls_address_parse(MINT, &world.ops[0].mint));

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
    assert_int_equal(world.lookups, 0);
    finish(&world, worker);
}

static void what_is_no_mint_fails_before_an_attempt_exists(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.account = ACCOUNT("11111111111111111111111111111111");
    hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (failed) "));
    assert_string_equal(world.move_cause, "InvalidMint");
    finish(&world, worker);
}

static void a_mint_that_is_not_there_is_looked_for_again_until_the_round_ends(void **state)
{
    (void)state;
    for (int32_t round = 0; round < 3; round++) {
        struct world world;
        ls_worker *worker = start(&world);
        world.account = "null";
        hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
        world.ops[0].attempts_round = round;

        turns(worker, 24);

        assert_non_null(strstr(ls_buf_text(&world.journal),
                               round < 2 ? "claim move (ready) " : "claim move (failed) "));
        assert_string_equal(world.move_cause, "MintNotFound");
        finish(&world, worker);
    }
}

static void without_an_answer_nothing_is_assumed_of_a_mint(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_MINT_TO, MINT_TO);
    world.ops[0].attempts_round = 2; /* the last of its round: waiting uses none up */

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim move (ready) "));
    assert_string_equal(world.move_cause, "LedgerUnavailable");
    assert_null(strstr(ls_buf_text(&world.journal), "intent"));
    finish(&world, worker);
}

static void rent_is_asked_for_by_size(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    hand_out(&world, LS_KIND_TOKEN_CREATE_MINT,
             "{\"decimals\":0,\"program\":\"token-2022\",\"name\":\"Share\"}");

    turns(worker, 24);

    assert_non_null(strstr(ls_buf_text(&world.journal), "claim intent send "));
    assert_int_equal(world.lookups, 1);
    finish(&world, worker);
}

static void a_refusing_store_is_named_and_asked_again(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    world.hello_err = LS_FAIL(LS_CODE_REFUSED, 0, "store hello");
    (void)snprintf(world.hello_why.text, sizeof world.hello_why.text, "schema 9 is newer");

    turns(worker, 24);

    struct ls_worker_status status;
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_GREETING);
    assert_string_equal(status.trouble, "database: schema 9 is newer");
    turns(worker, 400); /* asked again each second, logged once */
    assert_int_equal(world.refusals_logged, 1);
    world.hello_err = LS_OK;
    turns(worker, 80);
    ls_worker_status(worker, &status);
    assert_int_equal(status.mode, LS_CORE_RUNNING);
    assert_string_equal(status.trouble, "");
    finish(&world, worker);
}

static void a_stop_ends_with_goodbye(void **state)
{
    (void)state;
    struct world world;
    ls_worker *worker = start(&world);
    turns(worker, 6);

    ls_worker_stop(worker);
    bool is_stopped = false;
    for (int i = 0; i < 100 && !is_stopped; i++)
        is_stopped = ls_worker_turn(worker).code == LS_CODE_STOPPED;

    assert_true(is_stopped);
    assert_non_null(strstr(ls_buf_text(&world.journal), "bye "));
    finish(&world, worker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ledger_is_known_before_the_store_is_greeted),
        cmocka_unit_test(a_list_that_lost_its_past_lets_nothing_be_signed),
        cmocka_unit_test(a_list_of_a_node_that_lacks_blocks_lets_nothing_be_signed),
        cmocka_unit_test(the_intent_is_written_before_anything_is_sent),
        cmocka_unit_test(each_answer_that_can_be_read_is_told_to_the_port),
        cmocka_unit_test(a_head_of_another_cluster_is_refused_and_its_endpoint_judged),
        cmocka_unit_test(a_stale_intent_is_never_sent),
        cmocka_unit_test(an_invalid_payload_fails_before_an_attempt_exists),
        cmocka_unit_test(an_address_without_a_key_holds_the_operation),
        cmocka_unit_test(an_atomic_batch_fails_with_the_one_whose_key_is_missing),
        cmocka_unit_test(an_operation_that_memory_cannot_hold_waits_for_a_person),
        cmocka_unit_test(a_mint_by_address_is_looked_up_once_before_signing),
        cmocka_unit_test(a_mint_by_key_needs_no_look),
        cmocka_unit_test(what_is_no_mint_fails_before_an_attempt_exists),
        cmocka_unit_test(a_mint_that_is_not_there_is_looked_for_again_until_the_round_ends),
        cmocka_unit_test(without_an_answer_nothing_is_assumed_of_a_mint),
        cmocka_unit_test(rent_is_asked_for_by_size),
        cmocka_unit_test(operations_that_may_share_a_transaction_are_signed_and_sent_once),
        cmocka_unit_test(other_kinds_are_alone_in_their_transactions),
        cmocka_unit_test(what_a_stale_member_leaves_is_packed_again_without_it),
        cmocka_unit_test(what_a_person_stops_is_not_signed_with_the_others),
        cmocka_unit_test(a_chain_shares_a_transaction_in_its_order),
        cmocka_unit_test(behind_a_gap_a_chain_is_given_back),
        cmocka_unit_test(what_has_lost_the_one_before_it_is_not_signed),
        cmocka_unit_test(a_refusing_store_is_named_and_asked_again),
        cmocka_unit_test(a_stop_ends_with_goodbye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
