#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/base/buf.h"
#include "lockstep/solana/nonce.h"
#include "lockstep/solana/rpc.h"

/* What the official client writes, byte for byte, is tests/interop's business. */

static const struct ls_address payer = {{1}};
static const struct ls_address account = {{2}};

static struct ls_nonce make_nonce(void)
{
    struct ls_nonce nonce = {.lamports_per_signature = 5000};
    memset(nonce.authority.bytes, 3, LS_ADDRESS_BYTES);
    memset(nonce.value.bytes, 4, LS_HASH_BYTES);
    return nonce;
}

static void the_sysvars_have_their_published_addresses(void **state)
{
    (void)state;
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(&LS_SYSVAR_RECENT_BLOCKHASHES, text);
    assert_string_equal(text, "SysvarRecentB1ockHashes11111111111111111111");
    ls_address_text(&LS_SYSVAR_RENT, text);
    assert_string_equal(text, "SysvarRent111111111111111111111111111111111");
}

static void an_account_reads_back_as_it_was_written(void **state)
{
    (void)state;
    const struct ls_nonce nonce = make_nonce();
    uint8_t data[LS_NONCE_ACCOUNT_BYTES];
    struct ls_nonce read;

    ls_nonce_write(&nonce, data);

    assert_false(ls_failed(ls_nonce_read(data, sizeof data, &read)));
    assert_memory_equal(&read, &nonce, sizeof nonce);
}

static void what_is_no_nonce_account_is_refused(void **state)
{
    (void)state;
    const struct ls_nonce nonce = make_nonce();
    uint8_t data[LS_NONCE_ACCOUNT_BYTES];
    struct ls_nonce read = {.lamports_per_signature = 7};

    ls_nonce_write(&nonce, data);
    assert_int_equal(ls_nonce_read(data, sizeof data - 1, &read).code, LS_CODE_CORRUPT);
    data[0] = 2; /* a version to come */
    assert_int_equal(ls_nonce_read(data, sizeof data, &read).code, LS_CODE_CORRUPT);
    data[0] = 0; /* the older version, whose values the ledger no longer takes */
    assert_int_equal(ls_nonce_read(data, sizeof data, &read).code, LS_CODE_CORRUPT);
    data[0] = 1;
    data[4] = 2;
    assert_int_equal(ls_nonce_read(data, sizeof data, &read).code, LS_CODE_CORRUPT);
    memset(data, 0, sizeof data);
    assert_int_equal(ls_nonce_read(data, sizeof data, &read).code, LS_CODE_NOT_FOUND);
    assert_int_equal(read.lamports_per_signature, 7);
}

static bool is_durable(const struct ls_instruction *steps, size_t count, size_t *at_out)
{
    const struct ls_hash hash = {{9}};
    struct ls_message message;
    struct ls_signature signature = {{0}};
    struct ls_tx tx;
    struct ls_tx_view view;
    assert_false(ls_failed(ls_message_compile(&payer, &hash, steps, count, &message)));
    assert_false(ls_failed(ls_tx_assemble(&message, &signature, &tx)));
    assert_false(ls_failed(ls_tx_read(tx.bytes, tx.length, &view)));
    bool found = ls_nonce_of_tx(&view, at_out);
    if (found) assert_true(ls_address_equal(&view.accounts[*at_out], &account));
    return found;
}

static void only_a_first_instruction_makes_it_durable(void **state)
{
    (void)state;
    struct ls_instruction steps[2];
    size_t at = 0;

    ls_nonce_advance(&steps[0], &account, &payer);
    ls_memo(&steps[1], "m", 1);
    assert_true(is_durable(steps, 2, &at));

    ls_memo(&steps[0], "m", 1);
    ls_nonce_advance(&steps[1], &account, &payer);
    assert_false(is_durable(steps, 2, &at));

    ls_system_transfer(&steps[0], &payer, &account, 1);
    assert_false(is_durable(steps, 1, &at));

    ls_nonce_advance(&steps[0], &account, &payer);
    steps[0].accounts[0].is_writable = false;
    assert_false(is_durable(steps, 1, &at));
}

static void a_value_follows_from_its_blockhash(void **state)
{
    (void)state;
    const struct ls_hash zero = {{0}};
    char text[LS_HASH_TEXT_BYTES];

    struct ls_hash value = ls_nonce_value(&zero);

    ls_hash_text(&value, text); /* sha256("DURABLE_NONCE" and 32 zero bytes), by sha256sum */
    assert_string_equal(text, "9E9f9MwgeyQZLiP5nCNC8nq5cSty7xN3xTKzJYvEkySR");
}

static void
read_accounts(const char *body, struct ls_rpc_account *out, size_t count, enum ls_code code)
{
    ls_rpc_reply *reply = NULL;
    int64_t slot = 0;
    assert_false(ls_failed(ls_rpc_read(body, strlen(body), 1, &reply)));
    ls_err err = ls_rpc_accounts_at(reply, 0, out, count, &slot);
    assert_int_equal(err.code, code);
    if (code == LS_CODE_OK) assert_int_equal(slot, 77);
    ls_rpc_reply_free(reply);
}

#define ANSWER(list_)                                                                       \
    "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"context\":{\"slot\":77},\"value\":" list_ \
    "}}]"
#define ACCOUNT(data_)                                                                   \
    "{\"data\":[\"" data_ "\",\"base64\"],\"executable\":false,\"lamports\":1447680,"    \
    "\"owner\":\"11111111111111111111111111111111\",\"rentEpoch\":18446744073709551615," \
    "\"space\":3}"

static void accounts_are_asked_for_and_read(void **state)
{
    (void)state;
    struct ls_buf body;
    struct ls_rpc_batch batch;
    struct ls_rpc_account accounts[2];
    const struct ls_address addresses[2] = {LS_PROGRAM_SYSTEM, LS_SYSVAR_RENT};
    ls_buf_init(&body, 4096);

    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_accounts(&batch, addresses, 2, LS_FINALIZED);
    ls_rpc_close(&batch);
    assert_string_equal(
        ls_buf_text(&body),
        "[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getMultipleAccounts\",\"params\":"
        "[[\"11111111111111111111111111111111\","
        "\"SysvarRent111111111111111111111111111111111\"],"
        "{\"encoding\":\"base64\",\"commitment\":\"finalized\"}]}]");
    ls_buf_done(&body);

    read_accounts(ANSWER("[" ACCOUNT("AQID") ",null]"), accounts, 2, LS_CODE_OK);
    assert_true(accounts[0].is_found);
    assert_int_equal(accounts[0].lamports, 1447680);
    assert_int_equal(accounts[0].data_bytes, 3);
    assert_memory_equal(accounts[0].data, "\1\2\3", 3);
    assert_false(accounts[1].is_found);
    read_accounts(ANSWER("[" ACCOUNT("AQ==") "]"), accounts, 1, LS_CODE_OK);
    assert_int_equal(accounts[0].data_bytes, 1);
    read_accounts(ANSWER("[" ACCOUNT("") "]"), accounts, 1, LS_CODE_OK);
    assert_int_equal(accounts[0].data_bytes, 0);
}

static void a_malformed_account_is_no_answer(void **state)
{
    (void)state;
    struct ls_rpc_account accounts[2];
    read_accounts(ANSWER("[null]"), accounts, 2, LS_CODE_CORRUPT);
    read_accounts(ANSWER("[7]"), accounts, 1, LS_CODE_CORRUPT);
    read_accounts(ANSWER("null"), accounts, 1, LS_CODE_CORRUPT);
    read_accounts(ANSWER("[" ACCOUNT("A") "]"), accounts, 1, LS_CODE_CORRUPT);
    read_accounts(ANSWER("[" ACCOUNT("A***") "]"), accounts, 1, LS_CODE_CORRUPT);
    read_accounts(ANSWER("[" ACCOUNT("====") "]"), accounts, 1, LS_CODE_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sysvars_have_their_published_addresses),
        cmocka_unit_test(an_account_reads_back_as_it_was_written),
        cmocka_unit_test(what_is_no_nonce_account_is_refused),
        cmocka_unit_test(only_a_first_instruction_makes_it_durable),
        cmocka_unit_test(a_value_follows_from_its_blockhash),
        cmocka_unit_test(accounts_are_asked_for_and_read),
        cmocka_unit_test(a_malformed_account_is_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
