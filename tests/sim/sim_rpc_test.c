#include "sim_fixture.h"

/* The methods of JSON-RPC: shapes and refusals. */

#define PAYER_PARAMS_MAX 256

static const char *with_address(char *out, const struct ls_address *address, const char *rest)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    (void)snprintf(out, PAYER_PARAMS_MAX, "[\"%s\"%s]", text, rest);
    return out;
}

static void a_body_that_is_not_json_rpc_is_refused_with_its_code(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        int64_t code;
    } cases[] = {
        {"", -32700},
        {"<html>", -32700},
        {"17", -32700},
        {"{\"jsonrpc\":\"2.0\",\"id\":1", -32700},
        {"[]", -32600},
        {"{}", -32600},
        {"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"getSlot\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"getSlot\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"getSlot\"}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":5}", -32600},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getNonesuch\"}", -32601},
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSlot\",\"params\":{}}", -32602},
    };
    struct fixture fixture;
    set_up(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *answer = ask(&fixture, 0, cases[i].body);
        assert_int_equal(json_integer_value(at_path(answer, "error.code")), cases[i].code);
        assert_string_equal(json_string_value(json_object_get(answer, "jsonrpc")), "2.0");
        assert_non_null(json_object_get(answer, "id"));
    }
    tear_down(&fixture);
}

static void a_batch_is_answered_in_order_with_its_ids(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);

    json_t *answer =
        ask(&fixture, 0,
            "[{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"getHealth\"},"
            "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"nonesuch\"},"
            "{\"jsonrpc\":\"2.0\",\"id\":-7,\"method\":\"getHealth\",\"params\":[]}]");

    assert_json(answer, "[{\"id\":\"a\",\"jsonrpc\":\"2.0\",\"result\":\"ok\"},"
                        "{\"error\":{\"code\":-32601,\"message\":\"Method not found\"},"
                        "\"id\":null,\"jsonrpc\":\"2.0\"},"
                        "{\"id\":-7,\"jsonrpc\":\"2.0\",\"result\":\"ok\"}]");
    tear_down(&fixture);
}

static void a_batch_at_its_maximum_is_answered_and_one_more_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_buf body;
    ls_buf_init(&body, LS_SIM_BODY_BYTES_MAX);
    ls_buf_add_char(&body, '[');
    for (int i = 0; i < LS_SIM_BATCH_MAX; i++)
        ls_buf_printf(&body, "%s{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"getHealth\"}",
                      i == 0 ? "" : ",", i);
    ls_buf_add_char(&body, ']');

    json_t *answer = ask(&fixture, 0, ls_buf_text(&body));
    assert_int_equal(json_array_size(answer), LS_SIM_BATCH_MAX);
    body.data[body.length - 1] = ',';
    ls_buf_add_text(&body, "{}]");
    answer = ask(&fixture, 0, ls_buf_text(&body));

    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32600);
    ls_buf_done(&body);
    tear_down(&fixture);
}

static void a_body_or_a_reply_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    char *body = malloc(LS_SIM_BODY_BYTES_MAX + 2);
    assert_non_null(body);
    memset(body, ' ', LS_SIM_BODY_BYTES_MAX + 1);
    body[LS_SIM_BODY_BYTES_MAX + 1] = '\0';
    json_t *answer = ask(&fixture, 0, body);
    free(body);
    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32600);

    struct ls_buf reply;
    static const char ask_slot[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getEpochInfo\"}";
    ls_buf_init(&reply, 120);
    ls_sim_ledger_answer(fixture.ledger, 0, fixture.now_ms, ask_slot, sizeof ask_slot - 1,
                         &reply);
    assert_non_null(strstr(ls_buf_text(&reply), "\"code\":-32603"));
    ls_buf_done(&reply);
    tear_down(&fixture);
}

static void bad_parameters_are_32602(void **state)
{
    (void)state;
    static const struct {
        const char *method, *params;
    } cases[] = {
        {"getLatestBlockhash", "[5]"},
        {"getLatestBlockhash", "[{\"commitment\":\"recent\"}]"},
        {"getSlot", "[{\"commitment\":5}]"},
        {"isBlockhashValid", "[]"},
        {"isBlockhashValid", "[\"xyz\"]"},
        {"getBalance", "[]"},
        {"getBalance", "[5]"},
        {"getBalance", "[\"0OIl\"]"},
        {"getAccountInfo", "[\"11111111111111111111111111111111\",{\"encoding\":\"base65\"}]"},
        {"getAccountInfo",
         "[\"11111111111111111111111111111111\",{\"dataSlice\":{\"offset\":-1,\"length\":1}}]"},
        {"getMultipleAccounts", "[5]"},
        {"getMultipleAccounts", "[[5]]"},
        {"getTokenSupply", "[\"11111111111111111111111111111111\"]"},
        {"getTokenAccountBalance", "[\"11111111111111111111111111111111\"]"},
        {"getTokenSupply", "[\"SysvarC1ock11111111111111111111111111111111\"]"},
        {"getMinimumBalanceForRentExemption", "[-1]"},
        {"getMinimumBalanceForRentExemption", "[\"1\"]"},
        {"getMinimumBalanceForRentExemption", "[10485761]"},
        {"requestAirdrop", "[\"11111111111111111111111111111111\"]"},
        {"requestAirdrop", "[\"11111111111111111111111111111111\",9223372036854775807]"},
        {"sendTransaction", "[]"},
        {"sendTransaction", "[\"AA==\",{\"encoding\":\"hex\"}]"},
        {"sendTransaction", "[\"A*==\",{\"encoding\":\"base64\"}]"},
        {"sendTransaction", "[\"AA==\",{\"encoding\":\"base64\"}]"},
        {"sendTransaction", "[\"0\"]"},
        {"simulateTransaction", "[\"AA==\",{\"encoding\":\"base64\"}]"},
        {"getSignatureStatuses", "[]"},
        {"getSignatureStatuses", "[[5]]"},
        {"getSignatureStatuses", "[[\"1111\"]]"},
        {"getSignaturesForAddress",
         "[\"11111111111111111111111111111111\",{\"commitment\":\"processed\"}]"},
        {"getSignaturesForAddress", "[\"11111111111111111111111111111111\",{\"limit\":0}]"},
        {"getSignaturesForAddress", "[\"11111111111111111111111111111111\",{\"limit\":1001}]"},
        {"getSignaturesForAddress",
         "[\"11111111111111111111111111111111\",{\"before\":\"x\"}]"},
        {"getTransaction", "[\"x\"]"},
        {"getBlock", "[-1]"},
        {"getBlock", "[1,{\"commitment\":\"processed\"}]"},
        {"getBlock", "[1,{\"transactionDetails\":\"all\"}]"},
    };
    struct fixture fixture;
    set_up(&fixture);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t code = error_of(&fixture, cases[i].method, cases[i].params);
        if (code != -32602) print_error("%s %s\n", cases[i].method, cases[i].params);
        assert_int_equal(code, -32602);
    }
    tear_down(&fixture);
}

static void too_many_signatures_in_one_call_are_refused(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_buf params;
    char text[LS_SIGNATURE_TEXT_BYTES];
    struct ls_signature signature = {{1}};
    ls_signature_text(&signature, text);
    ls_buf_init(&params, LS_SIM_BODY_BYTES_MAX);
    ls_buf_add_text(&params, "[[");
    for (int i = 0; i < 256; i++) ls_buf_printf(&params, "%s\"%s\"", i == 0 ? "" : ",", text);

    size_t length = params.length;
    ls_buf_add_text(&params, "]]");
    json_t *list = at_path(result_of(&fixture, "getSignatureStatuses", params.data), "value");
    assert_int_equal(json_array_size(list), 256);
    params.length = length;
    ls_buf_printf(&params, ",\"%s\"]]", text);

    assert_int_equal(error_of(&fixture, "getSignatureStatuses", params.data), -32602);
    ls_buf_done(&params);
    tear_down(&fixture);
}

static void a_blockhash_is_valid_for_150_heights(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    json_t *latest = result_of(&fixture, "getLatestBlockhash", "[]");
    char params[PAYER_PARAMS_MAX];
    (void)snprintf(params, sizeof params, "[\"%s\"]",
                   json_string_value(at_path(latest, "value.blockhash")));
    int64_t last = json_integer_value(at_path(latest, "value.lastValidBlockHeight"));
    int64_t height = json_integer_value(result_of(&fixture, "getBlockHeight", "[]"));
    assert_int_equal(last, height + 150);

    for (; height <= last + 3;) {
        bool is_valid =
            json_is_true(at_path(result_of(&fixture, "isBlockhashValid", params), "value"));
        assert_int_equal(is_valid, height <= last);
        pass_slots(&fixture, 1);
        height = json_integer_value(result_of(&fixture, "getBlockHeight", "[]"));
    }
    tear_down(&fixture);
}

static void the_chain_tells_who_and_where_it_is(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_hash genesis = ls_sim_ledger_genesis(fixture.ledger);
    char text[LS_HASH_TEXT_BYTES];
    ls_hash_text(&genesis, text);
    assert_string_equal(json_string_value(result_of(&fixture, "getGenesisHash", "[]")), text);
    assert_non_null(json_object_get(result_of(&fixture, "getVersion", "[]"), "solana-core"));
    char *first = json_dumps(result_at(&fixture, 0, "getIdentity", "[]"), 0);
    char *second = json_dumps(result_at(&fixture, 1, "getIdentity", "[]"), 0);
    assert_string_not_equal(first, second);
    free(first);
    free(second);
    json_t *info = result_of(&fixture, "getEpochInfo", "[{\"commitment\":\"processed\"}]");
    static const char *const fields[] = {"absoluteSlot", "blockHeight",  "epoch",
                                         "slotIndex",    "slotsInEpoch", "transactionCount"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        assert_true(json_is_integer(json_object_get(info, fields[i])));
    assert_int_equal(
        json_integer_value(result_of(&fixture, "getMinimumBalanceForRentExemption", "[82]")),
        1461600);
    tear_down(&fixture);
}

static void a_context_slot_that_is_not_reached_is_32016(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);

    json_t *answer = call_at(&fixture, 0, "getSlot", "[{\"minContextSlot\":100000}]");

    assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32016);
    assert_true(json_is_integer(at_path(answer, "error.data.contextSlot")));
    tear_down(&fixture);
}

static void an_airdrop_pays_and_equal_airdrops_are_two(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct key other = make_key(5);
    char params[PAYER_PARAMS_MAX];
    with_address(params, &other.address, ",2000000");

    char *first = json_dumps(result_of(&fixture, "requestAirdrop", params), JSON_ENCODE_ANY);
    char *second = json_dumps(result_of(&fixture, "requestAirdrop", params), JSON_ENCODE_ANY);
    pass_slots(&fixture, 4);

    assert_string_not_equal(first, second);
    free(first);
    free(second);
    assert_int_equal(ls_sim_ledger_balance(fixture.ledger, &other.address), 4000000);
    tear_down(&fixture);
}

/* A mint with 2 decimals and 12345 units in the payer's account. */
static struct ls_address make_mint(struct fixture *fixture, struct ls_address *ata_out)
{
    const struct ls_address *payer = &fixture->payer.address;
    struct ls_create_with_seed create = {
        .payer = *payer,
        .created = ls_derive_with_seed(payer, "mint", &LS_PROGRAM_TOKEN),
        .base = *payer,
        .seed = "mint",
        .lamports = 1461600,
        .space = 82,
        .owner = LS_PROGRAM_TOKEN};
    struct ls_instruction steps[4];
    struct ls_hash hash = blockhash_at(fixture, "confirmed");
    assert_true(ls_derive_ata(payer, &create.created, &LS_PROGRAM_TOKEN, ata_out));
    ls_system_create_with_seed(&steps[0], &create);
    ls_token_initialize_mint2(&steps[1], &LS_PROGRAM_TOKEN, &create.created, 2, payer);
    ls_ata_create_idempotent(&steps[2], &LS_PROGRAM_TOKEN, payer, ata_out, payer,
                             &create.created);
    ls_token_mint_to(&steps[3], &LS_PROGRAM_TOKEN, &create.created, ata_out, payer, 12345);
    struct ls_tx tx = make_tx(&fixture->payer, 1, &hash, steps, 4);
    assert_non_null(json_object_get(send_tx(fixture, &tx, CONFIRMED), "result"));
    pass_slots(fixture, 40);
    return create.created;
}

static void token_amounts_are_told_with_their_decimals(void **state)
{
    (void)state;
    static const char expected[] = "{\"amount\":\"12345\",\"decimals\":2,\"uiAmount\":123.45,"
                                   "\"uiAmountString\":\"123.45\"}";
    struct fixture fixture;
    struct ls_address ata;
    char params[PAYER_PARAMS_MAX];
    set_up(&fixture);
    struct ls_address mint = make_mint(&fixture, &ata);

    with_address(params, &mint, "");
    assert_json(at_path(result_of(&fixture, "getTokenSupply", params), "value"), expected);
    with_address(params, &ata, "");
    assert_json(at_path(result_of(&fixture, "getTokenAccountBalance", params), "value"),
                expected);
    assert_int_equal(error_of(&fixture, "getTokenSupply", params), -32602);
    tear_down(&fixture);
}

static void a_transaction_tells_token_balances_before_and_after(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_address ata;
    struct ls_instruction burn;
    char text[LS_SIGNATURE_TEXT_BYTES], params[256];
    set_up(&fixture);
    struct ls_address mint = make_mint(&fixture, &ata);
    struct ls_hash hash = blockhash_at(&fixture, "confirmed");
    ls_token_burn(&burn, &LS_PROGRAM_TOKEN, &ata, &mint, &fixture.payer.address, 345);
    struct ls_tx tx = make_tx(&fixture.payer, 1, &hash, &burn, 1);
    struct ls_signature signature = signature_of(&tx);
    ls_signature_text(&signature, text);
    assert_non_null(json_object_get(send_tx(&fixture, &tx, CONFIRMED), "result"));
    pass_slots(&fixture, 40);
    (void)snprintf(params, sizeof params, "[\"%s\"]", text);

    json_t *meta = json_object_get(result_of(&fixture, "getTransaction", params), "meta");

    ls_address_text(&mint, text);
    assert_int_equal(json_array_size(json_object_get(meta, "preTokenBalances")), 1);
    assert_string_equal(json_string_value(at_path(meta, "preTokenBalances.0.mint")), text);
    assert_string_equal(
        json_string_value(at_path(meta, "preTokenBalances.0.uiTokenAmount.amount")), "12345");
    assert_string_equal(
        json_string_value(at_path(meta, "postTokenBalances.0.uiTokenAmount.uiAmountString")),
        "120");
    tear_down(&fixture);
}

static void accounts_are_told_in_three_encodings(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_address ata;
    char params[PAYER_PARAMS_MAX];
    uint8_t bytes[200];
    size_t count = 0;
    set_up(&fixture);
    struct ls_address mint = make_mint(&fixture, &ata);

    with_address(params, &mint, ",{\"encoding\":\"base64\"}");
    json_t *value = at_path(result_of(&fixture, "getAccountInfo", params), "value");
    const char *data = json_string_value(at_path(value, "data.0"));
    assert_int_equal(sodium_base642bin(bytes, sizeof bytes, data, strlen(data), NULL, &count,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(count, 82);
    assert_int_equal(bytes[0], 1);
    assert_memory_equal(bytes + 4, fixture.payer.address.bytes, 32);
    assert_int_equal(bytes[36] | bytes[37] << 8, 12345);
    assert_int_equal(bytes[44], 2);
    assert_int_equal(bytes[45], 1);
    with_address(params, &mint, ",{\"encoding\":\"jsonParsed\"}");
    value = at_path(result_of(&fixture, "getAccountInfo", params), "value");
    assert_string_equal(json_string_value(at_path(value, "data.parsed.info.supply")), "12345");
    with_address(params, &fixture.payer.address, "");
    value = at_path(result_of(&fixture, "getAccountInfo", params), "value");
    assert_string_equal(json_string_value(json_object_get(value, "data")), "");
    with_address(params, &ata, "");
    assert_int_equal(error_of(&fixture, "getAccountInfo", params), -32600);
    tear_down(&fixture);
}

static void many_accounts_are_told_at_once_with_null_for_none(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_address ata;
    set_up(&fixture);
    (void)make_mint(&fixture, &ata);
    struct key none = make_key(77);
    char ata_text[LS_ADDRESS_TEXT_BYTES], none_text[LS_ADDRESS_TEXT_BYTES];
    char params[512];
    ls_address_text(&ata, ata_text);
    ls_address_text(&none.address, none_text);
    (void)snprintf(params, sizeof params,
                   "[[\"%s\",\"%s\"],{\"encoding\":\"base64\",\"dataSlice\":{\"offset\":64,"
                   "\"length\":8}}]",
                   ata_text, none_text);

    json_t *value = at_path(result_of(&fixture, "getMultipleAccounts", params), "value");

    assert_int_equal(json_array_size(value), 2);
    assert_string_equal(json_string_value(at_path(value, "0.data.0")), "OTAAAAAAAAA=");
    assert_true(json_is_null(json_array_get(value, 1)));
    tear_down(&fixture);
}

static void signatures_of_an_address_come_newest_first_in_pages(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_tx txs[5];
    char text[LS_SIGNATURE_TEXT_BYTES], rest[160], params[PAYER_PARAMS_MAX + 160];
    set_up(&fixture);
    for (int i = 0; i < 5; i++) {
        char memo[8];
        (void)snprintf(memo, sizeof memo, "m%d", i);
        txs[i] = memo_tx(&fixture, memo);
        (void)send_tx(&fixture, &txs[i], SKIP);
        pass_slots(&fixture, 3);
    }
    pass_slots(&fixture, 40);

    with_address(params, &fixture.payer.address, ",{\"limit\":2}");
    json_t *page = result_of(&fixture, "getSignaturesForAddress", params);
    assert_int_equal(json_array_size(page), 2);
    assert_string_equal(json_string_value(at_path(page, "0.memo")), "[2] m4");
    assert_string_equal(json_string_value(at_path(page, "1.memo")), "[2] m3");
    assert_string_equal(json_string_value(at_path(page, "0.confirmationStatus")), "finalized");
    struct ls_signature before = signature_of(&txs[3]);
    ls_signature_text(&before, text);
    (void)snprintf(rest, sizeof rest, ",{\"before\":\"%s\"}", text);
    with_address(params, &fixture.payer.address, rest);
    page = result_of(&fixture, "getSignaturesForAddress", params);
    assert_int_equal(json_array_size(page), 3);
    assert_string_equal(json_string_value(at_path(page, "0.memo")), "[2] m2");
    (void)snprintf(rest, sizeof rest, ",{\"until\":\"%s\"}", text);
    with_address(params, &fixture.payer.address, rest);
    page = result_of(&fixture, "getSignaturesForAddress", params);
    assert_int_equal(json_array_size(page), 1);
    with_address(params, &LS_PROGRAM_MEMO, "");
    page = result_of(&fixture, "getSignaturesForAddress", params);
    assert_int_equal(json_array_size(page), 5);
    tear_down(&fixture);
}

static void a_transaction_is_told_with_its_meta(void **state)
{
    (void)state;
    struct fixture fixture;
    char text[LS_SIGNATURE_TEXT_BYTES], params[256];
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "told \"so\"");
    struct ls_signature signature = signature_of(&tx);
    ls_signature_text(&signature, text);
    (void)snprintf(params, sizeof params, "[\"%s\"]", text);
    assert_true(json_is_null(result_of(&fixture, "getTransaction", params)));
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 40);

    json_t *told = result_of(&fixture, "getTransaction", params);
    assert_int_equal(json_integer_value(at_path(told, "meta.fee")), 5000);
    assert_int_equal(json_integer_value(at_path(told, "meta.preBalances.0")), FUNDED);
    assert_int_equal(json_integer_value(at_path(told, "meta.postBalances.0")), FUNDED - 5000);
    assert_json(at_path(told, "meta.err"), "null");
    assert_string_equal(json_string_value(at_path(told, "meta.logMessages.1")),
                        "Program log: Memo (len 9): \"told \\\"so\\\"\"");
    assert_string_equal(json_string_value(at_path(told, "transaction.signatures.0")), text);
    assert_null(json_object_get(told, "version"));
    (void)snprintf(params, sizeof params,
                   "[\"%s\",{\"encoding\":\"base64\",\"maxSupportedTransactionVersion\":0}]",
                   text);
    told = result_of(&fixture, "getTransaction", params);
    uint8_t bytes[LS_TX_BYTES_MAX];
    size_t count = 0;
    const char *data = json_string_value(at_path(told, "transaction.0"));
    assert_int_equal(sodium_base642bin(bytes, sizeof bytes, data, strlen(data), NULL, &count,
                                       NULL, sodium_base64_VARIANT_ORIGINAL),
                     0);
    assert_int_equal(count, tx.length);
    assert_memory_equal(bytes, tx.bytes, count);
    assert_string_equal(json_string_value(json_object_get(told, "version")), "legacy");
    tear_down(&fixture);
}

static void a_block_tells_its_signatures_and_a_skipped_slot_is_32007(void **state)
{
    (void)state;
    struct fixture fixture;
    char params[128];
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "block");
    struct ls_signature signature = signature_of(&tx);
    char text[LS_SIGNATURE_TEXT_BYTES];
    ls_signature_text(&signature, text);
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 200);
    int64_t landed =
        json_integer_value(json_object_get(status_at(&fixture, 0, &tx, true), "slot"));
    int64_t tip = json_integer_value(result_of(&fixture, "getSlot", "[]"));

    int skipped = 0;
    const char *parent = NULL;
    char parent_text[LS_HASH_TEXT_BYTES];
    for (int64_t slot = 0; slot <= tip; slot++) {
        (void)snprintf(params, sizeof params,
                       "[%d,{\"transactionDetails\":\"signatures\",\"rewards\":false}]",
                       (int)slot);
        json_t *answer = call_at(&fixture, 0, "getBlock", params);
        json_t *block = json_object_get(answer, "result");
        if (block == NULL) {
            assert_int_equal(json_integer_value(at_path(answer, "error.code")), -32007);
            skipped++;
            continue;
        }
        if (parent != NULL)
            assert_string_equal(json_string_value(json_object_get(block, "previousBlockhash")),
                                parent);
        (void)snprintf(parent_text, sizeof parent_text, "%s",
                       json_string_value(json_object_get(block, "blockhash")));
        parent = parent_text;
        assert_int_equal(json_array_size(json_object_get(block, "signatures")),
                         slot == landed ? 3 : 2); /* two are votes */
    }
    assert_true(skipped > 0);
    (void)snprintf(params, sizeof params, "[%d]", (int)tip + 1);
    assert_int_equal(error_of(&fixture, "getBlock", params), -32004);
    (void)snprintf(params, sizeof params, "[%d]", (int)landed);
    json_t *full = result_of(&fixture, "getBlock", params);
    assert_string_equal(
        json_string_value(at_path(full, "transactions.0.transaction.signatures.0")), text);
    tear_down(&fixture);
}

/* The status of a vote is known like that of any transaction. */
static void every_block_holds_votes_whose_status_is_known(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    pass_slots(&fixture, 80);
    json_t *listed = json_incref(result_of(&fixture, "getBlocks", "[10,20]"));
    int64_t slot = json_integer_value(json_array_get(listed, 0));
    char params[256];
    (void)snprintf(params, sizeof params,
                   "[%d,{\"transactionDetails\":\"signatures\",\"rewards\":false}]", (int)slot);
    json_t *block = result_of(&fixture, "getBlock", params);
    const char *vote =
        json_string_value(json_array_get(json_object_get(block, "signatures"), 1));
    (void)snprintf(params, sizeof params, "[[\"%s\"],{\"searchTransactionHistory\":true}]",
                   vote);

    json_t *status = at_path(result_of(&fixture, "getSignatureStatuses", params), "value.0");
    assert_int_equal(json_integer_value(json_object_get(status, "slot")), slot);
    assert_string_equal(json_string_value(json_object_get(status, "confirmationStatus")),
                        "finalized");
    json_decref(listed);
    tear_down(&fixture);
}

/* The height of the first block at or behind `*slot`, which becomes its slot. */
static int64_t height_behind(struct fixture *fixture, int64_t *slot)
{
    for (;; (*slot)++) {
        char params[128];
        (void)snprintf(params, sizeof params, "[%d,{\"transactionDetails\":\"none\"}]",
                       (int)*slot);
        json_t *block = json_object_get(call_at(fixture, 0, "getBlock", params), "result");
        if (block != NULL) return json_integer_value(json_object_get(block, "blockHeight"));
    }
}

static size_t blocks_between(struct fixture *fixture, int64_t from, int64_t to)
{
    char params[64];
    (void)snprintf(params, sizeof params, "[%d,%d]", (int)from, (int)to);
    return json_array_size(result_of(fixture, "getBlocks", params));
}

static void a_hole_of_the_history_shows_as_blocks_that_are_not_listed(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    pass_slots(&fixture, 1000);
    int64_t from = 50;
    int64_t to = 600;
    int64_t heights = -height_behind(&fixture, &from) + 1;
    heights += height_behind(&fixture, &to);
    assert_int_equal(blocks_between(&fixture, from, to), heights);

    ls_sim_ledger_set_faults(fixture.ledger, &(struct ls_sim_faults){.hole_ppm = 300000});

    assert_true(blocks_between(&fixture, from, to) < (size_t)heights);
    int missing = 0;
    for (int64_t slot = from; slot <= to; slot++) {
        char params[32];
        (void)snprintf(params, sizeof params, "[%d]", (int)slot);
        json_t *answer = call_at(&fixture, 0, "getBlock", params);
        if (json_integer_value(at_path(answer, "error.code")) == -32009) missing++;
    }
    assert_int_equal(blocks_between(&fixture, from, to) + (size_t)missing, heights);
    tear_down(&fixture);
}

static void simulate(struct fixture *fixture, const struct ls_tx *tx, const char *options)
{
    char text[LS_TX_BYTES_MAX * 2];
    struct ls_buf params;
    (void)sodium_bin2base64(text, sizeof text, tx->bytes, tx->length,
                            sodium_base64_VARIANT_ORIGINAL);
    ls_buf_init(&params, LS_SIM_BODY_BYTES_MAX);
    ls_buf_printf(&params, "[\"%s\",{\"encoding\":\"base64\",\"commitment\":\"confirmed\"%s}]",
                  text, options);
    (void)call_at(fixture, 0, "simulateTransaction", ls_buf_text(&params));
    ls_buf_done(&params);
}

static void a_simulation_tells_the_outcome_and_changes_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "what if");

    simulate(&fixture, &tx, "");
    assert_json(at_path(fixture.answer, "result.value.err"), "null");
    assert_true(json_integer_value(at_path(fixture.answer, "result.value.unitsConsumed")) > 0);
    assert_int_equal(json_array_size(at_path(fixture.answer, "result.value.logs")), 4);
    pass_slots(&fixture, 10);
    assert_true(json_is_null(status_at(&fixture, 0, &tx, true)));
    tx.bytes[3] ^= 1;
    simulate(&fixture, &tx, ",\"sigVerify\":true");
    assert_int_equal(json_integer_value(at_path(fixture.answer, "error.code")), -32003);
    simulate(&fixture, &tx, ",\"sigVerify\":true,\"replaceRecentBlockhash\":true");
    assert_int_equal(json_integer_value(at_path(fixture.answer, "error.code")), -32602);
    pass_slots(&fixture, 200);
    simulate(&fixture, &tx, "");
    assert_json(at_path(fixture.answer, "result.value.err"), "\"BlockhashNotFound\"");
    simulate(&fixture, &tx, ",\"replaceRecentBlockhash\":true");
    assert_json(at_path(fixture.answer, "result.value.err"), "null");
    assert_non_null(
        at_path(fixture.answer, "result.value.replacementBlockhash.lastValidBlockHeight"));
    tear_down(&fixture);
}

static void a_transaction_in_base58_is_read_as_well(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_tx tx = memo_tx(&fixture, "58");
    char text[LS_SIGNATURE_TEXT_BYTES], params[256];
    struct ls_signature signature = signature_of(&tx);
    ls_signature_text(&signature, text);
    (void)send_tx(&fixture, &tx, SKIP);
    pass_slots(&fixture, 40);
    (void)snprintf(params, sizeof params, "[\"%s\",{\"encoding\":\"base58\"}]", text);
    const char *told = json_string_value(
        at_path(result_of(&fixture, "getTransaction", params), "transaction.0"));
    struct ls_buf again;
    ls_buf_init(&again, LS_SIM_BODY_BYTES_MAX);
    ls_buf_printf(&again, "[\"%s\",{\"skipPreflight\":true}]", told);

    json_t *result = result_of(&fixture, "sendTransaction", ls_buf_text(&again));

    assert_string_equal(json_string_value(result), text);
    ls_buf_done(&again);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_body_that_is_not_json_rpc_is_refused_with_its_code),
        cmocka_unit_test(a_batch_is_answered_in_order_with_its_ids),
        cmocka_unit_test(a_batch_at_its_maximum_is_answered_and_one_more_refused),
        cmocka_unit_test(a_body_or_a_reply_that_is_too_long_is_refused),
        cmocka_unit_test(bad_parameters_are_32602),
        cmocka_unit_test(too_many_signatures_in_one_call_are_refused),
        cmocka_unit_test(a_blockhash_is_valid_for_150_heights),
        cmocka_unit_test(the_chain_tells_who_and_where_it_is),
        cmocka_unit_test(a_context_slot_that_is_not_reached_is_32016),
        cmocka_unit_test(an_airdrop_pays_and_equal_airdrops_are_two),
        cmocka_unit_test(token_amounts_are_told_with_their_decimals),
        cmocka_unit_test(a_transaction_tells_token_balances_before_and_after),
        cmocka_unit_test(accounts_are_told_in_three_encodings),
        cmocka_unit_test(many_accounts_are_told_at_once_with_null_for_none),
        cmocka_unit_test(signatures_of_an_address_come_newest_first_in_pages),
        cmocka_unit_test(a_transaction_is_told_with_its_meta),
        cmocka_unit_test(a_block_tells_its_signatures_and_a_skipped_slot_is_32007),
        cmocka_unit_test(every_block_holds_votes_whose_status_is_known),
        cmocka_unit_test(a_hole_of_the_history_shows_as_blocks_that_are_not_listed),
        cmocka_unit_test(a_simulation_tells_the_outcome_and_changes_nothing),
        cmocka_unit_test(a_transaction_in_base58_is_read_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
