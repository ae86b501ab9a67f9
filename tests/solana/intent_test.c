#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/intent.h"

#define A   "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu"
#define B   "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse"
#define BAD "0OIl"

static struct ls_intent parse(const char *kind, const char *payload)
{
    struct ls_intent intent;
    struct ls_why why = {0};
    const ls_err err = ls_intent_parse(kind, payload, strlen(payload), &intent, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    assert_string_equal(why.text, "");
    return intent;
}

static void
assert_refused_bytes(const char *kind, const char *payload, size_t bytes, const char *text)
{
    struct ls_intent intent;
    struct ls_intent before;
    struct ls_why why = {0};
    memset(&intent, 0x5a, sizeof intent);
    memcpy(&before, &intent, sizeof intent);

    const ls_err err = ls_intent_parse(kind, payload, bytes, &intent, &why);

    assert_int_equal(err.code, LS_CODE_INVALID);
    assert_string_equal(why.text, text);
    assert_memory_equal(&intent, &before, sizeof intent);
    assert_int_equal(ls_intent_parse(kind, payload, bytes, &intent, NULL).code,
                     LS_CODE_INVALID);
}

static void assert_refused(const char *kind, const char *payload, const char *text)
{
    assert_refused_bytes(kind, payload, strlen(payload), text);
}

static void assert_address(const struct ls_address *address, const char *expected)
{
    char text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(address, text);
    assert_string_equal(text, expected);
}

static void every_kind_is_read_with_its_fields(void **state)
{
    (void)state;
    struct ls_intent intent = parse("memo", "{\"text\": \"h\\u00e9llo\\n\"}");
    assert_int_equal(intent.kind, LS_INTENT_MEMO);
    assert_string_equal(intent.text, "héllo\n");
    assert_int_equal(intent.text_bytes, 7);

    intent = parse("sol.transfer", "{\"to\": \"" A "\", \"lamports\": \"1000\"}");
    assert_int_equal(intent.kind, LS_INTENT_SOL_TRANSFER);
    assert_true(intent.has_to);
    assert_address(&intent.to, A);
    assert_int_equal(intent.amount, 1000);

    intent = parse("token.create_mint", "{\"decimals\": 9, \"program\": \"token\"}");
    assert_int_equal(intent.kind, LS_INTENT_CREATE_MINT);
    assert_int_equal(intent.decimals, 9);

    intent = parse("token.mint_to",
                   "{\"mint\": {\"key\": \"k\"}, \"to\": \"" A "\", \"amount\": \"1\"}");
    assert_int_equal(intent.kind, LS_INTENT_MINT_TO);
    assert_true(intent.mint_by_key);
    assert_false(intent.has_mint);
    assert_string_equal(intent.mint_key, "k");

    intent = parse("token.burn", "{\"mint\": \"" A "\", \"amount\": \"18446744073709551615\"}");
    assert_int_equal(intent.kind, LS_INTENT_BURN);
    assert_false(intent.has_from);
    assert_false(intent.mint_by_key);
    assert_true(intent.has_mint);
    assert_address(&intent.mint, A);
    assert_true(intent.amount == UINT64_MAX);

    intent = parse("token.transfer", "{\"mint\": \"" A "\", \"from\": \"" B "\", \"to\": \"" A
                                     "\", \"amount\": \"2\"}");
    assert_int_equal(intent.kind, LS_INTENT_TOKEN_TRANSFER);
    assert_true(intent.has_from);
    assert_address(&intent.from, B);
    assert_address(&intent.to, A);
}

static void an_event_is_the_digest_of_its_canonical_document(void **state)
{
    (void)state;
    const struct ls_intent first =
        parse("event", "{\"type\":\"a\",\"subject\":\"b\",\"document\":"
                       "{\"b\":{\"c\":null},\"a\":[1,2.5,\"x\"]}}");
    const struct ls_intent second = parse(
        "event", "{\"document\": {\"a\": [1.0, 25e-1, \"\\u0078\"], \"b\": {\"c\": null}},"
                 " \"subject\": \"other\", \"type\": \"too\"}");

    assert_int_equal(first.kind, LS_INTENT_EVENT);
    assert_string_equal(first.text, "sha256:tHiLjRz5KnXxqWYUaSS5tG81Lu9gNNtRVnaLFhx3Q24");
    assert_int_equal(first.text_bytes, strlen(first.text));
    assert_string_equal(second.text, first.text);
}

static void an_event_without_a_readable_document_is_refused(void **state)
{
    (void)state;
    assert_refused("event", "{\"type\":\"a\",\"subject\":\"b\"}",
                   "payload of event: \"document\" is missing; add it as a JSON object");
    assert_refused("event", "{\"type\":\"a\",\"subject\":\"b\",\"document\":[1]}",
                   "payload of event: \"document\" must be a JSON object");
    assert_refused(
        "event", "{\"type\":\"a\",\"subject\":\"b\",\"document\":{\"n\":9007199254740993}}",
        "payload of event: \"document\" holds a whole number beyond 2^53, which JSON "
        "readers round; give it as a string");
    assert_refused("event", "{\"subject\":\"b\",\"document\":{}}",
                   "payload of event: \"type\" is missing; add it as a string");
    assert_refused("event", "{\"type\":\"a\",\"document\":{}}",
                   "payload of event: \"subject\" is missing; add it as a string");
    assert_refused("event", "{\"type\":\"a\",\"subject\":\"b\",\"document\":{},\"memo\":\"x\"}",
                   "payload of event: unknown field \"memo\"; it takes {\"type\": \"…\", "
                   "\"subject\": \"…\", \"document\": {…}}");
}

static void unknown_kinds_are_refused(void **state)
{
    (void)state;
#define KINDS                                                                   \
    "memo, event, sol.transfer, token.create_mint, token.mint_to, token.burn, " \
    "token.transfer, account.create, program.invoke"
    assert_refused("memos", "{}", "unknown kind \"memos\"; use one of " KINDS);
    assert_refused("", "{}", "unknown kind \"\"; use one of " KINDS);
}

static void a_payload_that_is_no_object_is_refused(void **state)
{
    (void)state;
    static const char *const not_objects[] = {"[]", "7", "\"text\"", "null", "true"};
    for (size_t i = 0; i < sizeof not_objects / sizeof not_objects[0]; i++)
        assert_refused("memo", not_objects[i],
                       "payload of memo: must be a JSON object, such as {\"text\": \"…\"}");
    assert_refused(
        "memo", "{\"text\": ",
        "payload of memo: not JSON (line 1: unexpected token near end of file); give "
        "one object such as {\"text\": \"…\"}");
    assert_refused("memo", "{\"text\": \"a\", \"text\": \"b\"}",
                   "payload of memo: not JSON (line 1: duplicate object key near '\"text\"'); "
                   "give one object such as {\"text\": \"…\"}");
    assert_refused_bytes("memo", "{\"text\":\"a\"}\0", 13,
                         "payload of memo: not JSON (line 1: a byte is zero); give one object "
                         "such as {\"text\": \"…\"}");
}

static void unknown_fields_are_refused_by_name(void **state)
{
    (void)state;
    assert_refused("memo", "{\"text\": \"a\", \"txt\": \"b\"}",
                   "payload of memo: unknown field \"txt\"; it takes {\"text\": \"…\"}");
    assert_refused("token.burn", "{\"mint\": \"" A "\", \"amount\": \"5\", \"to\": \"" B "\"}",
                   "payload of token.burn: unknown field \"to\"; it takes {\"mint\": \"…\", "
                   "\"from\": \"…\", \"amount\": \"5\"}");
    assert_refused(
        "token.mint_to",
        "{\"mint\": \"" A "\", \"to\": \"" B "\", \"amount\": \"5\", \"from\": \"" B "\"}",
        "payload of token.mint_to: unknown field \"from\"; it takes {\"mint\": \"…\", "
        "\"to\": \"…\", \"amount\": \"5\"}");
    assert_refused("sol.transfer",
                   "{\"to\": \"" A "\", \"lamports\": \"5\", \"memo\": \"" B "\"}",
                   "payload of sol.transfer: unknown field \"memo\"; it takes {\"to\": \"…\", "
                   "\"lamports\": \"1000\", \"from\": \"…\"}");
}

static void a_memo_has_1_to_700_bytes_of_text(void **state)
{
    (void)state;
    enum { MAX = LS_INTENT_TEXT_BYTES_MAX };
    char payload[MAX + 32];
    char text[MAX + 2];
    memset(text, 'm', sizeof text);
    snprintf(payload, sizeof payload, "{\"text\": \"%.*s\"}", MAX, text);
    assert_int_equal(parse("memo", payload).text_bytes, MAX);

    snprintf(payload, sizeof payload, "{\"text\": \"%.*s\"}", MAX + 1, text);
    assert_refused("memo", payload,
                   "payload of memo: \"text\" has 701 bytes and may have 700; shorten it");
    assert_refused("memo", "{\"text\": \"\"}",
                   "payload of memo: \"text\" is empty; give at least one character");
    assert_refused("memo", "{}", "payload of memo: \"text\" is missing; add it as a string");
    assert_refused("memo", "{\"text\": 5}",
                   "payload of memo: \"text\" must be a string in quotes");
    assert_refused("memo", "{\"text\": null}",
                   "payload of memo: \"text\" must be a string in quotes");
    assert_refused("memo", "{\"text\": \"a\\u0000b\"}",
                   "payload of memo: \"text\" holds the character U+0000; remove it");
}

static void a_memo_that_is_not_utf8_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "{\"text\": \"\xff\"}",         "{\"text\": \"\xc0\xaf\"}",
        "{\"text\": \"\xed\xa0\x80\"}", "{\"text\": \"\xf4\x90\x80\x80\"}",
        "{\"text\": \"\\ud800\"}",      "{\"text\": \"\xe2\x82\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ls_intent intent;
        struct ls_why why = {0};

        assert_int_equal(ls_intent_parse("memo", bad[i], strlen(bad[i]), &intent, &why).code,
                         LS_CODE_INVALID);

        assert_memory_equal(why.text, "payload of memo: not JSON", 25);
    }
}

static void amounts_are_decimal_strings_from_1_to_u64(void **state)
{
    (void)state;
    static const struct {
        const char *lamports;
        const char *text;
    } cases[] = {
        {"5", "must be a decimal string, not a number; put it in quotes, such as \"5\""},
        {"5.0", "must be a decimal string, not a number; put it in quotes, such as \"5\""},
        {"null", "must be a string in quotes"},
        {"\"\"", "is empty; give at least one character"},
        {"\"0\"", "is 0; give at least 1"},
        {"\"05\"", "is \"05\"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\"00\"", "is \"00\"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\"-5\"", "is \"-5\"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\"+5\"", "is \"+5\"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\" 5\"", "is \" 5\"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\"5 \"", "is \"5 \"; give a whole number from 1 to 18446744073709551615 in digits "
                   "only"},
        {"\"1e3\"", "is \"1e3\"; give a whole number from 1 to 18446744073709551615 in digits "
                    "only"},
        {"\"1.5\"", "is \"1.5\"; give a whole number from 1 to 18446744073709551615 in digits "
                    "only"},
        {"\"18446744073709551616\"", "is \"18446744073709551616\"; give a whole number from 1 "
                                     "to 18446744073709551615 in digits only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char payload[256];
        char text[LS_WHY_BYTES];
        snprintf(payload, sizeof payload, "{\"to\": \"" A "\", \"lamports\": %s}",
                 cases[i].lamports);
        snprintf(text, sizeof text, "payload of sol.transfer: \"lamports\" %s", cases[i].text);

        assert_refused("sol.transfer", payload, text);
    }
    assert_refused("sol.transfer", "{\"to\": \"" A "\", \"lamports\": 18446744073709551615}",
                   "payload of sol.transfer: holds a number that is too large; give it as a "
                   "decimal string, such as \"18446744073709551615\"");
    assert_refused("sol.transfer", "{\"to\": \"" A "\"}",
                   "payload of sol.transfer: \"lamports\" is missing; add it as a string");
}

static void amount_texts_are_read_exactly(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
        uint64_t amount;
    } cases[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"18446744073709551620", false, 0},
        {"99999999999999999999", false, 0},
        {"184467440737095516150", false, 0},
        {"", false, 0},
        {"00", false, 0},
        {"01", false, 0},
        {"-0", false, 0},
        {"0x10", false, 0},
        {"١", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t amount = 77;

        assert_int_equal(ls_amount_parse(cases[i].text, &amount), cases[i].is_good);

        assert_true(amount == (cases[i].is_good ? cases[i].amount : 77));
    }
}

static void addresses_that_are_not_32_bytes_of_base58_are_refused(void **state)
{
    (void)state;
    assert_refused("sol.transfer", "{\"to\": \"" BAD "\", \"lamports\": \"1\"}",
                   "payload of sol.transfer: \"to\" is not an address: \"0OIl\"; give 32 bytes "
                   "in base58 (32 to 44 characters)");
    assert_refused("sol.transfer", "{\"to\": \"" A A "\", \"lamports\": \"1\"}",
                   "payload of sol.transfer: \"to\" is not an address: "
                   "\"9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsU\"; give 32 bytes in base58 (32 "
                   "to 44 characters)");
    assert_refused("sol.transfer", "{\"lamports\": \"1\"}",
                   "payload of sol.transfer: \"to\" is missing; add it as a string");
    assert_refused("token.burn",
                   "{\"mint\": \"" A "\", \"from\": \"" BAD "\", \"amount\": \"1\"}",
                   "payload of token.burn: \"from\" is not an address: \"0OIl\"; give 32 bytes "
                   "in base58 (32 to 44 characters)");
    assert_refused("token.burn", "{\"mint\": \"" A "\", \"from\": null, \"amount\": \"1\"}",
                   "payload of token.burn: \"from\" must be a string in quotes");
    assert_refused("token.transfer", "{\"mint\": \"" A "\", \"amount\": \"1\"}",
                   "payload of token.transfer: \"to\" is missing; add it as a string");
}

static void a_mint_is_an_address_or_the_key_that_creates_it(void **state)
{
    (void)state;
    enum { MAX = LS_INTENT_KEY_BYTES_MAX };
    static const char *const bad[] = {
        "7", "null", "[]", "{}", "{\"kei\": \"k\"}", "{\"key\": \"k\", \"x\": 1}"};
    char payload[MAX + 64];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(payload, sizeof payload, "{\"mint\": %s, \"amount\": \"1\"}", bad[i]);
        assert_refused("token.burn", payload,
                       "payload of token.burn: \"mint\" must be an address or {\"key\": \"…\"} "
                       "with the key of the operation that creates the mint");
    }
    assert_refused("token.burn", "{\"amount\": \"1\"}",
                   "payload of token.burn: \"mint\" is missing; add it as a string");
    assert_refused("token.burn", "{\"mint\": {\"key\": 5}, \"amount\": \"1\"}",
                   "payload of token.burn: \"key\" must be a string in quotes");

    char key[MAX + 2];
    memset(key, 'k', sizeof key);
    snprintf(payload, sizeof payload, "{\"mint\":{\"key\":\"%.*s\"},\"amount\":\"1\"}", MAX,
             key);
    assert_int_equal(strlen(parse("token.burn", payload).mint_key), MAX);
    snprintf(payload, sizeof payload, "{\"mint\":{\"key\":\"%.*s\"},\"amount\":\"1\"}", MAX + 1,
             key);
    assert_refused("token.burn", payload,
                   "payload of token.burn: \"key\" has 201 bytes and may have 200; shorten it");
}

static void what_a_mint_cannot_be_is_said_clearly(void **state)
{
    (void)state;
    assert_refused("token.create_mint", "{\"decimals\": 0, \"program\": \"nft\"}",
                   "payload of token.create_mint: \"program\" is \"nft\"; use \"token\" or "
                   "\"token-2022\"");
    assert_refused("token.create_mint", "{\"decimals\": 0, \"program\": null}",
                   "payload of token.create_mint: \"program\" must be a string in quotes");
    assert_refused("token.create_mint", "{\"decimals\": 0, \"symbol\": \"SHR\"}",
                   "payload of token.create_mint: \"name\", \"symbol\" and \"uri\" stand on "
                   "chain with \"program\": \"token-2022\" alone; add it or remove them");
    assert_refused("token.create_mint",
                   "{\"decimals\": 0, \"program\": \"token-2022\", \"name\": \"\"}",
                   "payload of token.create_mint: \"name\" is empty; give at least one "
                   "character");
    assert_refused("token.create_mint", "{\"decimals\": 0, \"max_supply\": \"0\"}",
                   "payload of token.create_mint: \"max_supply\" is 0; give at least 1");
}

static void a_mint_carries_its_texts_and_its_cap(void **state)
{
    (void)state;
    const struct ls_intent intent =
        parse("token.create_mint", "{\"decimals\": 2, \"program\": \"token-2022\", "
                                   "\"max_supply\": \"18446744073709551615\", \"name\": "
                                   "\"Anteil ü\", \"uri\": \"https://x.example/a\"}");

    assert_int_equal(intent.program, LS_TOKEN_2022);
    assert_true(intent.has_metadata);
    assert_string_equal(intent.name, "Anteil ü");
    assert_string_equal(intent.symbol, "");
    assert_string_equal(intent.uri, "https://x.example/a");
    assert_true(intent.has_max_supply);
    assert_true(intent.max_supply == UINT64_MAX);
}

static void the_texts_of_a_mint_have_500_bytes_together(void **state)
{
    (void)state;
    char payload[1200];
    char text[502];
    memset(text, 'n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    snprintf(payload, sizeof payload,
             "{\"decimals\":0,\"program\":\"token-2022\",\"name\":\"%.250s\",\"uri\":"
             "\"%.251s\"}",
             text, text);
    assert_refused("token.create_mint", payload,
                   "payload of token.create_mint: \"name\", \"symbol\" and \"uri\" have 501 "
                   "bytes together and may have 500; shorten them");
    snprintf(payload, sizeof payload,
             "{\"decimals\":0,\"program\":\"token-2022\",\"name\":\"%s\"}", text);
    assert_refused("token.create_mint", payload,
                   "payload of token.create_mint: \"name\" has 501 bytes and may have 500; "
                   "shorten it");
}

static void decimals_are_a_whole_number_from_0_to_9(void **state)
{
    (void)state;
    static const char *const bad[] = {"-1", "10", "\"6\"", "6.0", "null", "true", "256"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char payload[64];
        snprintf(payload, sizeof payload, "{\"decimals\": %s}", bad[i]);
        assert_refused("token.create_mint", payload,
                       "payload of token.create_mint: \"decimals\" must be a whole number from "
                       "0 to 9, without quotes");
    }
    assert_refused("token.create_mint", "{}",
                   "payload of token.create_mint: \"decimals\" is missing; add a whole number "
                   "from 0 to 9, without quotes");
    assert_int_equal(parse("token.create_mint", "{\"decimals\": 0}").decimals, 0);
}

static void an_account_has_a_space_and_an_owner(void **state)
{
    (void)state;
    static const char *const bad[] = {"-1", "10485761", "\"6\"", "6.0", "null"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char payload[128];
        snprintf(payload, sizeof payload, "{\"space\": %s, \"owner\": \"" A "\"}", bad[i]);
        assert_refused("account.create", payload,
                       "payload of account.create: \"space\" must be a whole number of bytes "
                       "from 0 to 10485760, without quotes");
    }
    assert_refused("account.create", "{\"space\": 0}",
                   "payload of account.create: \"owner\" is missing; add it as a string");
    assert_int_equal(
        parse("account.create", "{\"space\": 10485760, \"owner\": \"" A "\"}").space, 10485760);
}

static void assert_invokes(const char *data, const void *bytes, size_t count)
{
    char payload[512];
    snprintf(payload, sizeof payload, "{\"program\": \"" A "\", \"data\": %s}", data);
    const struct ls_intent intent = parse("program.invoke", payload);
    assert_int_equal(intent.invoke.data_bytes, count);
    assert_memory_equal(intent.invoke.data, bytes, count);
}

static void an_instructions_data_comes_in_four_forms(void **state)
{
    (void)state;
    assert_invokes("{\"utf8\": \"äb\"}", "äb", 3);
    assert_invokes("{\"utf8\": \"\"}", "", 0);
    assert_invokes("{\"hex\": \"00fFa5\"}", "\x00\xff\xa5", 3);
    assert_invokes("{\"base64\": \"AP+l\"}", "\x00\xff\xa5", 3);
    assert_invokes("{\"base64\": \"QQ==\"}", "A", 1);
    assert_invokes("{\"json\": {\"b\": [1, 2.50], \"a\": \"x\"}}",
                   "{\"a\":\"x\",\"b\":[1,2.5]}", 21);
    static const char *const bad[] = {"{}",
                                      "[]",
                                      "{\"utf8\": 1}",
                                      "{\"hex\": \"0\"}",
                                      "{\"hex\": \"0g\"}",
                                      "{\"hex\": \"00 \"}",
                                      "{\"base64\": \"QQ\"}",
                                      "{\"base64\": \"QR==\"}",
                                      "{\"base64\": \"QQ==x\"}",
                                      "{\"json\": 9007199254740993}",
                                      "{\"hex\": \"00\", \"utf8\": \"x\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char payload[256];
        struct ls_intent intent;
        struct ls_why why = {0};
        snprintf(payload, sizeof payload, "{\"program\": \"" A "\", \"data\": %s}", bad[i]);
        assert_int_equal(
            ls_intent_parse("program.invoke", payload, strlen(payload), &intent, &why).code,
            LS_CODE_INVALID);
        assert_non_null(strstr(why.text, "payload of program.invoke: \""));
    }
}

static void an_instructions_accounts_have_their_rights(void **state)
{
    (void)state;
    const struct ls_intent intent = parse(
        "program.invoke",
        "{\"program\": \"" A "\", \"accounts\": [{\"address\": \"" B "\", \"signer\": true}, "
        "{\"address\": \"" A "\", \"writable\": true}, {\"address\": \"" A "\"}]}");

    assert_int_equal(intent.invoke.account_count, 3);
    assert_true(intent.invoke.accounts[0].is_signer && !intent.invoke.accounts[0].is_writable);
    assert_true(!intent.invoke.accounts[1].is_signer && intent.invoke.accounts[1].is_writable);
    assert_true(!intent.invoke.accounts[2].is_signer && !intent.invoke.accounts[2].is_writable);
    assert_refused("program.invoke",
                   "{\"program\": \"" A "\", \"accounts\": [{\"address\": \"" A
                   "\", \"signer\": 1}]}",
                   "payload of program.invoke: \"signer\" of an account must be true or false");
    assert_refused("program.invoke",
                   "{\"program\": \"" A "\", \"accounts\": [{\"address\": \"" A
                   "\", \"x\": 1}]}",
                   "payload of program.invoke: an account takes \"address\", \"signer\" and "
                   "\"writable\" alone");
}

static void nobody_writes_the_memo_of_another_operation(void **state)
{
    (void)state;
    assert_refused(
        "program.invoke",
        "{\"program\": \"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr\", \"data\": "
        "{\"utf8\": \"ls1:abc\"}}",
        "payload of program.invoke: \"data\" begins with \"ls1:\", which marks memos "
        "of operations; write another text");
}

static void what_undoes_an_instruction_is_checked_too(void **state)
{
    (void)state;
    (void)parse("program.invoke",
                "{\"program\": \"" A "\", \"compensate\": {\"program\": \"" B "\"}}");
    assert_refused("program.invoke", "{\"program\": \"" A "\", \"compensate\": {}}",
                   "payload of program.invoke: \"program\" is missing; add it as a string");
    assert_refused(
        "program.invoke",
        "{\"program\": \"" A "\", \"compensate\": {\"program\": \"" B "\", \"void\": \"x\"}}",
        "payload of program.invoke: \"compensate\" must be an object of \"program\", "
        "\"accounts\" and \"data\"");
}

static void a_compensation_names_what_it_undoes(void **state)
{
    (void)state;
    assert_string_equal(
        parse("program.invoke", "{\"program\": \"" A "\", \"void\": \"sig\"}").text,
        "void sig");
    const struct ls_intent reclaim =
        parse("sol.transfer", "{\"from\": {\"key\": \"acct\"}, \"to\": \"" A
                              "\", \"lamports\": \"all\", \"void\": \"sig\"}");
    assert_int_equal(reclaim.kind, LS_INTENT_RECLAIM);
    assert_string_equal(reclaim.from_key, "acct");
    assert_string_equal(reclaim.text, "void sig");
    assert_false(reclaim.from_marker);
    const struct ls_intent emptied =
        parse("sol.transfer",
              "{\"from\": {\"marker\": \"pay\"}, \"to\": \"" A "\", \"lamports\": \"all\"}");
    assert_int_equal(emptied.kind, LS_INTENT_RECLAIM);
    assert_string_equal(emptied.from_key, "pay");
    assert_true(emptied.from_marker);
    assert_refused(
        "sol.transfer",
        "{\"from\": {\"key\": \"acct\"}, \"to\": \"" A "\", \"lamports\": \"5\"}",
        "payload of sol.transfer: \"from\" with a \"key\" needs \"lamports\": \"all\"");
}

static void size_and_depth_of_a_payload_are_bounded(void **state)
{
    (void)state;
    static char payload[LS_INTENT_PAYLOAD_BYTES_MAX + 1];
    memset(payload, ' ', sizeof payload);
    memcpy(payload, "{\"text\":\"m\"}", 12);
    struct ls_intent intent;
    assert_int_equal(
        ls_intent_parse("memo", payload, LS_INTENT_PAYLOAD_BYTES_MAX, &intent, NULL).code,
        LS_CODE_OK);
    assert_refused_bytes("memo", payload, sizeof payload,
                         "payload of memo: has 16385 bytes and may have 16384; shorten it");

    memset(payload, '[', sizeof payload);
    assert_refused_bytes("memo", payload, sizeof payload - 1,
                         "payload of memo: nests deeper than 64; make it flatter");
    assert_refused_bytes("memo", "", 0,
                         "payload of memo: not JSON (line 1: unexpected token near end of "
                         "file); give one object such as {\"text\": \"…\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_read_with_its_fields),
        cmocka_unit_test(an_event_is_the_digest_of_its_canonical_document),
        cmocka_unit_test(an_event_without_a_readable_document_is_refused),
        cmocka_unit_test(unknown_kinds_are_refused),
        cmocka_unit_test(a_payload_that_is_no_object_is_refused),
        cmocka_unit_test(unknown_fields_are_refused_by_name),
        cmocka_unit_test(a_memo_has_1_to_700_bytes_of_text),
        cmocka_unit_test(a_memo_that_is_not_utf8_is_refused),
        cmocka_unit_test(amounts_are_decimal_strings_from_1_to_u64),
        cmocka_unit_test(amount_texts_are_read_exactly),
        cmocka_unit_test(addresses_that_are_not_32_bytes_of_base58_are_refused),
        cmocka_unit_test(a_mint_is_an_address_or_the_key_that_creates_it),
        cmocka_unit_test(what_a_mint_cannot_be_is_said_clearly),
        cmocka_unit_test(a_mint_carries_its_texts_and_its_cap),
        cmocka_unit_test(the_texts_of_a_mint_have_500_bytes_together),
        cmocka_unit_test(decimals_are_a_whole_number_from_0_to_9),
        cmocka_unit_test(an_account_has_a_space_and_an_owner),
        cmocka_unit_test(an_instructions_data_comes_in_four_forms),
        cmocka_unit_test(an_instructions_accounts_have_their_rights),
        cmocka_unit_test(nobody_writes_the_memo_of_another_operation),
        cmocka_unit_test(what_undoes_an_instruction_is_checked_too),
        cmocka_unit_test(a_compensation_names_what_it_undoes),
        cmocka_unit_test(size_and_depth_of_a_payload_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
