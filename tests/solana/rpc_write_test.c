#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lockstep/solana/rpc.h"

enum { OUT_MAX = 1 << 20 };

static struct ls_buf out;
static struct ls_rpc_batch batch;

static int open_batch(void **state)
{
    (void)state;
    ls_buf_init(&out, OUT_MAX);
    ls_rpc_open(&batch, &out);
    return 0;
}

static int free_batch(void **state)
{
    (void)state;
    ls_buf_done(&out);
    return 0;
}

static void assert_body(const char *expected)
{
    ls_rpc_close(&batch);
    assert_int_equal(ls_buf_check(&out, "body").code, LS_CODE_OK);
    assert_string_equal(ls_buf_text(&out), expected);
}

static const struct ls_address zero = {{0}};

static void calls_without_parameters_are_written_in_order(void **state)
{
    (void)state;
    assert_int_equal(ls_rpc_get_identity(&batch), 0);
    assert_int_equal(ls_rpc_get_genesis_hash(&batch), 1);
    assert_int_equal(ls_rpc_get_health(&batch), 2);
    assert_int_equal(ls_rpc_get_version(&batch), 3);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getIdentity\",\"params\":[]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getGenesisHash\",\"params\":[]},"
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"getHealth\",\"params\":[]},"
                "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"getVersion\",\"params\":[]}]");
}

static void calls_at_a_commitment_name_it(void **state)
{
    (void)state;
    (void)ls_rpc_get_latest_blockhash(&batch, LS_CONFIRMED);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);
    (void)ls_rpc_get_balance(&batch, &zero, LS_PROCESSED);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getLatestBlockhash\","
                "\"params\":[{\"commitment\":\"confirmed\"}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getEpochInfo\","
                "\"params\":[{\"commitment\":\"finalized\"}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"getBalance\","
                "\"params\":[\"11111111111111111111111111111111\","
                "{\"commitment\":\"processed\"}]}]");
}

static void numbers_are_written_whole_up_to_u64(void **state)
{
    (void)state;
    (void)ls_rpc_get_rent(&batch, 0);
    (void)ls_rpc_request_airdrop(&batch, &zero, UINT64_MAX);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,"
                "\"method\":\"getMinimumBalanceForRentExemption\",\"params\":[0]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"requestAirdrop\","
                "\"params\":[\"11111111111111111111111111111111\",18446744073709551615]}]");
}

static void a_transaction_is_sent_as_base64_without_the_nodes_retries(void **state)
{
    (void)state;
    static const uint8_t tx[] = {0xfb, 0xff, 0x00, 0x01};
    (void)ls_rpc_send_transaction(&batch, tx, sizeof tx, LS_CONFIRMED, false);
    (void)ls_rpc_send_transaction(&batch, tx, 3, LS_FINALIZED, true);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"sendTransaction\","
                "\"params\":[\"+/8AAQ==\",{\"encoding\":\"base64\",\"maxRetries\":0,"
                "\"preflightCommitment\":\"confirmed\",\"skipPreflight\":false}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"sendTransaction\","
                "\"params\":[\"+/8A\",{\"encoding\":\"base64\",\"maxRetries\":0,"
                "\"preflightCommitment\":\"finalized\",\"skipPreflight\":true}]}]");
}

static void a_block_is_asked_for_its_signatures_alone(void **state)
{
    (void)state;
    (void)ls_rpc_get_block_signatures(&batch, 4711);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getBlock\",\"params\":[4711,"
                "{\"encoding\":\"base64\",\"transactionDetails\":\"signatures\","
                "\"rewards\":false,\"maxSupportedTransactionVersion\":0,"
                "\"commitment\":\"finalized\"}]}]");
}

static void blocks_are_asked_for_by_slot(void **state)
{
    (void)state;
    (void)ls_rpc_get_block_bare(&batch, 4711);
    (void)ls_rpc_get_blocks(&batch, 4711, 4800);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getBlock\",\"params\":[4711,"
                "{\"encoding\":\"base64\",\"transactionDetails\":\"none\","
                "\"rewards\":false,\"maxSupportedTransactionVersion\":0,"
                "\"commitment\":\"finalized\"}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getBlocks\","
                "\"params\":[4711,4800,{\"commitment\":\"finalized\"}]}]");
}

static void statuses_are_asked_with_or_without_history(void **state)
{
    (void)state;
    static const struct ls_signature signatures[2] = {{{0}}, {{0}}};
#define ONES "\"1111111111111111111111111111111111111111111111111111111111111111\""
    (void)ls_rpc_get_statuses(&batch, signatures, 2, true);
    (void)ls_rpc_get_statuses(&batch, signatures, 1, false);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getSignatureStatuses\","
                "\"params\":[[" ONES "," ONES "],{\"searchTransactionHistory\":true}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSignatureStatuses\","
                "\"params\":[[" ONES "],{\"searchTransactionHistory\":false}]}]");
}

static void a_page_of_signatures_starts_at_the_tip_or_before_one(void **state)
{
    (void)state;
    static const struct ls_signature before = {{0}};
    (void)ls_rpc_get_signatures_for_address(&batch, &zero, NULL, 1000, LS_CONFIRMED);
    (void)ls_rpc_get_signatures_for_address(&batch, &zero, &before, 1, LS_FINALIZED);

    assert_body("[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getSignaturesForAddress\","
                "\"params\":[\"11111111111111111111111111111111\","
                "{\"limit\":1000,\"commitment\":\"confirmed\"}]},"
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSignaturesForAddress\","
                "\"params\":[\"11111111111111111111111111111111\","
                "{\"limit\":1,\"commitment\":\"finalized\",\"before\":" ONES "}]}]");
}

static void the_greatest_batch_is_one_valid_document(void **state)
{
    (void)state;
    static const uint8_t tx[LS_TX_BYTES_MAX] = {1};
    for (size_t i = 0; i < LS_RPC_BATCH_MAX; i++)
        assert_int_equal(ls_rpc_send_transaction(&batch, tx, sizeof tx, LS_CONFIRMED, true), i);
    ls_rpc_close(&batch);
    assert_int_equal(ls_buf_check(&out, "body").code, LS_CODE_OK);

    json_t *body = json_loads(ls_buf_text(&out), JSON_REJECT_DUPLICATES, NULL);

    assert_int_equal(json_array_size(body), LS_RPC_BATCH_MAX);
    const json_t *last = json_array_get(body, LS_RPC_BATCH_MAX - 1);
    assert_int_equal(json_integer_value(json_object_get(last, "id")), LS_RPC_BATCH_MAX - 1);
    const json_t *text = json_array_get(json_object_get(last, "params"), 0);
    assert_int_equal(json_string_length(text), 1644);
    json_decref(body);
}

static void the_greatest_list_of_signatures_is_written(void **state)
{
    (void)state;
    static struct ls_signature signatures[LS_RPC_STATUSES_MAX];
    memset(signatures, 0xff, sizeof signatures);
    (void)ls_rpc_get_statuses(&batch, signatures, LS_RPC_STATUSES_MAX, true);
    ls_rpc_close(&batch);

    json_t *body = json_loads(ls_buf_text(&out), 0, NULL);

    const json_t *list = json_array_get(json_object_get(json_array_get(body, 0), "params"), 0);
    assert_int_equal(json_array_size(list), LS_RPC_STATUSES_MAX);
    json_decref(body);
}

static void a_buffer_that_is_too_small_says_so_at_the_end(void **state)
{
    (void)state;
    struct ls_buf small;
    struct ls_rpc_batch cut;
    ls_buf_init(&small, 40);

    ls_rpc_open(&cut, &small);
    (void)ls_rpc_get_health(&cut);
    ls_rpc_close(&cut);

    assert_int_equal(ls_buf_check(&small, "body").code, LS_CODE_FULL);
    ls_buf_done(&small);
}

static void every_commitment_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(ls_commitment_name(LS_PROCESSED), "processed");
    assert_string_equal(ls_commitment_name(LS_CONFIRMED), "confirmed");
    assert_string_equal(ls_commitment_name(LS_FINALIZED), "finalized");
}

#define TEST(name_) cmocka_unit_test_setup_teardown(name_, open_batch, free_batch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_without_parameters_are_written_in_order),
        TEST(calls_at_a_commitment_name_it),
        TEST(numbers_are_written_whole_up_to_u64),
        TEST(a_transaction_is_sent_as_base64_without_the_nodes_retries),
        TEST(a_block_is_asked_for_its_signatures_alone),
        TEST(blocks_are_asked_for_by_slot),
        TEST(statuses_are_asked_with_or_without_history),
        TEST(a_page_of_signatures_starts_at_the_tip_or_before_one),
        TEST(the_greatest_batch_is_one_valid_document),
        TEST(the_greatest_list_of_signatures_is_written),
        TEST(a_buffer_that_is_too_small_says_so_at_the_end),
        TEST(every_commitment_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
