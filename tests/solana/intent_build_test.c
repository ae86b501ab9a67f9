#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/tx.h"
#include "wire_vectors.h"

#define OWNER "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu"
#define TO    "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse"
#define MINT  "Aruw8X1BDbpjjCT7vhhrLVhY95pdngmgqod8WbUV2Xwf"

struct key {
    struct ls_address address;
    uint8_t secret[crypto_sign_SECRETKEYBYTES];
};

static struct key key_of_seed(uint8_t byte)
{
    struct key key;
    uint8_t seed[crypto_sign_SEEDBYTES];
    memset(seed, byte, sizeof seed);
    assert_int_equal(crypto_sign_seed_keypair(key.address.bytes, key.secret, seed), 0);
    return key;
}

static struct ls_intent_context context_of_vectors(void)
{
    struct ls_intent_context context = {.payer = key_of_seed(1).address,
                                        .rent_lamports = 1461600};
    uint8_t tag_key[LS_TAG_KEY_BYTES];
    struct ls_hash genesis;
    memset(tag_key, 7, sizeof tag_key);
    assert_true(ls_hash_parse("5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d", &genesis));
    context.tag = ls_tag_make(tag_key, &genesis, "order:42", 8);
    return context;
}

static struct ls_intent parse(const char *kind, const char *payload)
{
    struct ls_intent intent;
    struct ls_why why = {0};
    const ls_err err = ls_intent_parse(kind, payload, strlen(payload), &intent, &why);
    if (ls_failed(err)) fail_msg("%s", why.text);
    if (intent.has_mint) intent.program = LS_TOKEN_CLASSIC; /* as the worker finds it */
    return intent;
}

static struct ls_message build(const struct ls_intent *intent)
{
    const struct ls_intent_context context = context_of_vectors();
    struct ls_hash blockhash;
    struct ls_message message;
    memset(blockhash.bytes, 9, sizeof blockhash.bytes);
    assert_int_equal(ls_intent_build(intent, &context, &blockhash, &message).code, LS_CODE_OK);
    return message;
}

/* Sign by every signer that the message names, in its order. */
static struct ls_tx sign(const struct ls_message *message)
{
    const struct key keys[] = {key_of_seed(1), key_of_seed(2)};
    struct ls_signature signatures[LS_TX_SIGNERS_MAX];
    struct ls_tx tx;
    for (size_t i = 0; i < message->signer_count; i++) {
        const struct key *key =
            ls_address_equal(&keys[0].address, &message->signers[i]) ? &keys[0] : &keys[1];
        assert_true(ls_address_equal(&key->address, &message->signers[i]));
        crypto_sign_detached(signatures[i].bytes, NULL, message->bytes, message->length,
                             key->secret);
    }
    assert_int_equal(ls_tx_assemble(message, signatures, &tx).code, LS_CODE_OK);
    return tx;
}

static const struct {
    const char *kind;
    const char *payload;
    const char *hex;
} wires[] = {
    {"memo", "{\"text\": \"h\\u00e9llo\"}", WIRE_MEMO},
    {"event",
     "{\"type\": \"a.b\", \"subject\": \"s\", \"document\": {\"b\": {\"c\": null}, "
     "\"a\": [1, 2.50, \"x\"]}}",
     WIRE_EVENT},
    {"sol.transfer", "{\"to\": \"" TO "\", \"lamports\": \"18446744073709551615\"}", WIRE_SOL},
    {"token.create_mint", "{\"decimals\": 6}", WIRE_CREATE},
    {"token.mint_to", "{\"mint\": \"" MINT "\", \"to\": \"" TO "\", \"amount\": \"5\"}",
     WIRE_MINT_TO},
    {"token.burn", "{\"mint\": \"" MINT "\", \"amount\": \"5\"}", WIRE_BURN_PAYER},
    {"token.burn", "{\"mint\": \"" MINT "\", \"from\": \"" OWNER "\", \"amount\": \"5\"}",
     WIRE_BURN_OWNER},
    {"token.transfer", "{\"mint\": \"" MINT "\", \"to\": \"" TO "\", \"amount\": \"5\"}",
     WIRE_TRANSFER_PAYER},
    {"token.transfer",
     "{\"mint\": \"" MINT "\", \"from\": \"" OWNER "\", \"to\": \"" TO "\", \"amount\": \"5\"}",
     WIRE_TRANSFER_OWNER},
};

static void every_kind_has_the_bytes_of_the_official_client(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        const struct ls_intent intent = parse(wires[i].kind, wires[i].payload);
        const struct ls_message message = build(&intent);
        char hex[2 * LS_TX_BYTES_MAX + 1];

        const struct ls_tx tx = sign(&message);

        sodium_bin2hex(hex, sizeof hex, tx.bytes, tx.length);
        assert_string_equal(hex, wires[i].hex);
    }
}

static void what_is_built_is_read_back_and_verifies(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wires / sizeof wires[0]; i++) {
        const struct ls_intent intent = parse(wires[i].kind, wires[i].payload);
        const struct ls_message message = build(&intent);
        struct ls_tx tx = sign(&message);
        struct ls_tx_view view;

        assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);

        assert_int_equal(view.signature_count, message.signer_count);
        assert_int_equal(view.message_bytes, message.length);
        assert_memory_equal(view.message, message.bytes, message.length);
        assert_true(ls_tx_verify(&view));
        tx.bytes[tx.length - 1] ^= 1;
        assert_false(ls_tx_verify(&view));
    }
}

static void the_same_intent_gives_the_same_bytes(void **state)
{
    (void)state;
    const struct ls_intent intent = parse(wires[4].kind, wires[4].payload);

    const struct ls_message first = build(&intent);
    const struct ls_message second = build(&intent);

    assert_memory_equal(&first, &second, sizeof first);
}

static void a_mint_that_is_not_resolved_is_not_built(void **state)
{
    (void)state;
    struct ls_intent intent =
        parse("token.mint_to",
              "{\"mint\": {\"key\": \"mint:gold\"}, \"to\": \"" TO "\", \"amount\": \"5\"}");
    const struct ls_intent_context context = context_of_vectors();
    const struct ls_hash blockhash = {{9}};
    struct ls_message message = {.length = 77};
    assert_string_equal(intent.mint_key, "mint:gold");
    assert_true(intent.mint_by_key);
    assert_false(intent.has_mint);

    assert_int_equal(ls_intent_build(&intent, &context, &blockhash, &message).code,
                     LS_CODE_INVALID);
    assert_int_equal(message.length, 77);

    const struct ls_intent creation = parse("token.create_mint", "{\"decimals\": 0}");
    intent.mint = ls_intent_created(&creation, &context);
    intent.has_mint = true;
    assert_int_equal(ls_intent_build(&intent, &context, &blockhash, &message).code,
                     LS_CODE_INVALID); /* its program is still unknown */
    intent.program = LS_TOKEN_CLASSIC;
    const struct ls_message resolved = build(&intent);
    const struct ls_intent direct = parse(wires[4].kind, wires[4].payload);
    const struct ls_message expected = build(&direct);
    assert_int_equal(resolved.length, expected.length);
    assert_memory_equal(resolved.bytes, expected.bytes, expected.length);
}

static void the_mint_is_that_of_payer_and_seed(void **state)
{
    (void)state;
    const struct ls_intent_context context = context_of_vectors();
    char text[LS_ADDRESS_TEXT_BYTES];

    const struct ls_intent creation = parse("token.create_mint", "{\"decimals\": 0}");
    const struct ls_address mint = ls_intent_created(&creation, &context);

    ls_address_text(&mint, text);
    assert_string_equal(text, MINT);
}

static void a_mint_of_the_other_program_has_another_address(void **state)
{
    (void)state;
    const struct ls_intent_context context = context_of_vectors();
    const struct ls_intent classic = parse("token.create_mint", "{\"decimals\": 0}");
    const struct ls_intent other =
        parse("token.create_mint", "{\"decimals\": 0, \"program\": \"token-2022\"}");

    const struct ls_address first = ls_intent_created(&classic, &context);
    const struct ls_address second = ls_intent_created(&other, &context);

    assert_false(ls_address_equal(&first, &second));
}

static void a_mint_with_metadata_has_the_size_that_its_program_makes_it(void **state)
{
    (void)state;
    uint64_t space = 0;
    const struct ls_intent plain =
        parse("token.create_mint", "{\"decimals\": 0, \"program\": \"token-2022\"}");
    assert_true(ls_intent_creates(&plain, &space));
    assert_int_equal(space, 82);

    const struct ls_intent named =
        parse("token.create_mint", "{\"decimals\": 0, \"program\": \"token-2022\", "
                                   "\"name\": \"Share\", \"symbol\": \"SHR\"}");
    assert_true(ls_intent_creates(&named, &space));
    assert_int_equal(space, 234 + 84 + 8);
    assert_int_equal(ls_metadata_mint_bytes(36), 354);
    assert_int_equal(ls_metadata_mint_bytes(37), 357); /* 355 would be a multisig */
    assert_int_equal(ls_metadata_mint_bytes(38), 356);
    space = 7;
    const struct ls_intent memo = parse("memo", "{\"text\": \"x\"}");
    assert_false(ls_intent_creates(&memo, &space));
    assert_int_equal(space, 7);
}

static void the_longest_metadata_fits_a_packet(void **state)
{
    (void)state;
    char payload[LS_METADATA_BYTES_MAX + 128];
    char text[LS_METADATA_BYTES_MAX + 1];
    memset(text, 'u', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    snprintf(payload, sizeof payload,
             "{\"decimals\": 0, \"program\": \"token-2022\", \"uri\": \"%s\"}", text);
    const struct ls_intent intent = parse("token.create_mint", payload);

    const struct ls_message message = build(&intent);

    struct ls_tx_view view;
    const struct ls_tx tx = sign(&message);
    assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);
    assert_int_equal(view.instruction_count, 5);
}

static void the_longest_memo_fits_a_packet(void **state)
{
    (void)state;
    char payload[LS_INTENT_TEXT_BYTES_MAX + 32];
    char text[LS_INTENT_TEXT_BYTES_MAX + 1];
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    snprintf(payload, sizeof payload, "{\"text\": \"%s\"}", text);
    const struct ls_intent intent = parse("memo", payload);

    const struct ls_message message = build(&intent);

    struct ls_tx_view view;
    const struct ls_tx tx = sign(&message);
    assert_int_equal(ls_tx_read(tx.bytes, tx.length, &view).code, LS_CODE_OK);
    assert_int_equal(view.instructions[0].data_bytes,
                     strlen("ls1:YY4cYRyf5LfXXkNggd4oST ") + 700);
    assert_memory_equal(view.instructions[0].data, "ls1:YY4cYRyf5LfXXkNggd4oST mmm", 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_the_bytes_of_the_official_client),
        cmocka_unit_test(what_is_built_is_read_back_and_verifies),
        cmocka_unit_test(the_same_intent_gives_the_same_bytes),
        cmocka_unit_test(a_mint_that_is_not_resolved_is_not_built),
        cmocka_unit_test(the_mint_is_that_of_payer_and_seed),
        cmocka_unit_test(a_mint_of_the_other_program_has_another_address),
        cmocka_unit_test(a_mint_with_metadata_has_the_size_that_its_program_makes_it),
        cmocka_unit_test(the_longest_metadata_fits_a_packet),
        cmocka_unit_test(the_longest_memo_fits_a_packet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
