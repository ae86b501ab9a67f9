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
#include "lockstep/solana/pack.h"
#include "lockstep/worker/adopt.h"

#define TO       "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse"
#define MINT     "Aruw8X1BDbpjjCT7vhhrLVhY95pdngmgqod8WbUV2Xwf"
#define TRANSFER "{\"to\": \"" TO "\", \"lamports\": \"1000\"}"
#define MINT_TO  "{\"mint\": \"" MINT "\", \"to\": \"" TO "\", \"amount\": \"5\"}"

static const uint8_t tag_key[LS_TAG_KEY_BYTES] = {5};
static const struct ls_hash genesis = {{6}};

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

static struct ls_tx sign_message(const struct ls_message *message, const struct key *key)
{
    struct ls_tx tx;
    struct ls_signature signature;
    assert_int_equal(message->signer_count, 1);
    assert_int_equal(crypto_sign_detached(signature.bytes, NULL, message->bytes,
                                          message->length, key->secret),
                     0);
    assert_false(ls_failed(ls_tx_assemble(message, &signature, &tx)));
    return tx;
}

/* What an attempt chooses, and who signs it. */
struct attempt {
    bool is_2022; /* its mint */
    const char *kind;
    const char *payload;
    const char *key;
    uint8_t blockhash;
    bool has_marker;
    uint8_t nonce;  /* its account; 0: none */
    uint64_t price; /* priority */
    uint64_t rent;
    uint8_t payer;
};

static struct ls_intent parse(const char *kind, const char *payload)
{
    struct ls_intent intent;
    struct ls_why why = {0};
    if (ls_failed(ls_intent_parse(kind, payload, strlen(payload), &intent, &why)))
        fail_msg("%s", why.text);
    if (intent.has_mint) intent.program = LS_TOKEN_CLASSIC; /* as the worker finds it */
    return intent;
}

static struct ls_intent_context context_of(const struct attempt *attempt)
{
    const struct ls_address payer =
        key_of_seed(attempt->payer == 0 ? 1 : attempt->payer).address;
    return (struct ls_intent_context){
        .payer = payer,
        .has_nonce = attempt->nonce != 0,
        .nonce = {{attempt->nonce}},
        .nonce_authority = payer,
        .unit_price_micro_lamports = attempt->price,
        .tag = ls_tag_make(tag_key, &genesis, attempt->key, strlen(attempt->key)),
        .rent_lamports = attempt->rent == 0 ? 1461600 : attempt->rent,
        .has_marker = attempt->has_marker,
        .marker_rent_lamports = attempt->rent == 0 ? 890880 : attempt->rent,
    };
}

static struct ls_tx make(const struct attempt *attempt)
{
    struct ls_intent intent = parse(attempt->kind, attempt->payload);
    if (attempt->is_2022) intent.program = LS_TOKEN_2022;
    const struct ls_intent_context context = context_of(attempt);
    const struct key key = key_of_seed(attempt->payer == 0 ? 1 : attempt->payer);
    struct ls_hash blockhash;
    struct ls_message message;
    memset(blockhash.bytes, attempt->blockhash, sizeof blockhash.bytes);
    assert_false(ls_failed(ls_intent_build(&intent, &context, &blockhash, &message)));
    return sign_message(&message, &key);
}

static struct ls_adoption operation(const char *kind, const char *payload, const char *key)
{
    enum ls_kind number = LS_KIND_NONE;
    assert_true(ls_kind_parse(kind, &number));
    return (struct ls_adoption){
        .payer = key_of_seed(1).address,
        .tag_key = tag_key,
        .genesis = genesis,
        .kind = number,
        .key = key,
        .payload = payload,
        .payload_bytes = strlen(payload),
    };
}

static enum ls_code test(const struct ls_adoption *op, const struct ls_tx *tx)
{
    struct ls_why why = {0};
    const ls_err err = ls_worker_adoption_test(op, tx->bytes, tx->length, &why);
    if (ls_failed(err)) assert_true(why.text[0] != '\0');
    return err.code;
}

static enum ls_code test_transfer(const struct ls_tx *tx)
{
    const struct ls_adoption op = operation("sol.transfer", TRANSFER, "a");
    return test(&op, tx);
}

static void an_attempt_of_ours_is_adopted_whatever_its_blockhash(void **state)
{
    static const struct attempt attempts[] = {
        {.kind = "memo", .payload = "{\"text\": \"x\"}", .key = "a"},
        {.kind = "sol.transfer", .payload = TRANSFER, .key = "a"},
        {.kind = "token.create_mint", .payload = "{\"decimals\": 2}", .key = "a"},
        {.kind = "token.create_mint",
         .payload = "{\"decimals\": 2, \"program\": \"token-2022\", \"name\": \"Share\"}",
         .key = "a"},
        {.kind = "token.mint_to", .payload = MINT_TO, .key = "a"},
        {.kind = "token.mint_to", .payload = MINT_TO, .key = "a", .is_2022 = true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        struct attempt attempt = attempts[i];
        const struct ls_adoption op = operation(attempt.kind, attempt.payload, attempt.key);
        for (uint8_t blockhash = 1; blockhash < 4; blockhash++) {
            attempt.blockhash = blockhash;
            attempt.has_marker = blockhash > 1;
            const struct ls_tx tx = make(&attempt);
            assert_int_equal(test(&op, &tx), LS_CODE_OK);
        }
    }
}

static void an_attempt_that_paid_another_rent_is_adopted(void **state)
{
    (void)state;
    const struct ls_tx tx = make(&(struct attempt){.kind = "sol.transfer",
                                                   .payload = TRANSFER,
                                                   .key = "a",
                                                   .has_marker = true,
                                                   .rent = 1234567});
    assert_int_equal(test_transfer(&tx), LS_CODE_OK);
    const struct ls_tx mint = make(&(struct attempt){.kind = "token.create_mint",
                                                     .payload = "{\"decimals\": 2}",
                                                     .key = "a",
                                                     .rent = 1234567});
    const struct ls_adoption op = operation("token.create_mint", "{\"decimals\": 2}", "a");
    assert_int_equal(test(&op, &mint), LS_CODE_OK);
}

static void an_attempt_under_any_nonce_and_fee_is_adopted(void **state)
{
    (void)state;
    const struct ls_adoption op = operation("sol.transfer", TRANSFER, "order:42");
    const struct ls_adoption mint =
        operation("token.create_mint", "{\"decimals\": 0}", "order:42");

    for (uint8_t nonce = 1; nonce < 4; nonce++) {
        const struct ls_tx tx = make(&(struct attempt){.kind = "sol.transfer",
                                                       .payload = TRANSFER,
                                                       .key = "order:42",
                                                       .nonce = nonce,
                                                       .price = nonce * UINT64_C(40000)});
        assert_int_equal(test(&op, &tx), LS_CODE_OK);
    }
    const struct ls_tx made = make(&(struct attempt){.kind = "token.create_mint",
                                                     .payload = "{\"decimals\": 0}",
                                                     .key = "order:42",
                                                     .nonce = 7});
    assert_int_equal(test(&mint, &made), LS_CODE_OK);
}

static void a_copied_memo_of_another_payer_is_refused(void **state)
{
    (void)state;
    struct attempt copy = {.kind = "sol.transfer", .payload = TRANSFER, .key = "a"};
    copy.payer = 2;
    const struct ls_tx tx = make(&copy);

    assert_int_equal(test_transfer(&tx), LS_CODE_REFUSED);
}

static void what_says_something_else_is_refused(void **state)
{
    static const struct attempt others[] = {
        {.kind = "sol.transfer",
         .payload = "{\"to\": \"" TO "\", \"lamports\": \"1001\"}",
         .key = "a"},
        {.kind = "sol.transfer",
         .payload = "{\"to\": \"" MINT "\", \"lamports\": \"1000\"}",
         .key = "a"},
        {.kind = "memo", .payload = "{\"text\": \"x\"}", .key = "a"},
        {.kind = "sol.transfer", .payload = TRANSFER, .key = "b"},
        {.kind = "token.mint_to", .payload = MINT_TO, .key = "a"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const struct ls_tx tx = make(&others[i]);
        assert_int_equal(test_transfer(&tx), LS_CODE_REFUSED);
    }
}

static void a_changed_byte_is_refused(void **state)
{
    (void)state;
    const struct ls_tx good =
        make(&(struct attempt){.kind = "sol.transfer", .payload = TRANSFER, .key = "a"});
    assert_int_equal(test_transfer(&good), LS_CODE_OK);
    for (size_t i = 0; i < good.length; i++) {
        struct ls_tx bad = good;
        bad.bytes[i] ^= 1;
        assert_int_not_equal(test_transfer(&bad), LS_CODE_OK);
    }
}

static void more_than_the_intent_is_refused(void **state)
{
    (void)state;
    const struct ls_intent intent = parse("sol.transfer", TRANSFER);
    const struct attempt attempt = {.key = "a"};
    const struct ls_intent_context context = context_of(&attempt);
    const struct key key = key_of_seed(1);
    static struct ls_pack pack;
    struct ls_instruction instructions[3];
    struct ls_message message;
    ls_pack_open(&pack, &context.payer);
    assert_false(ls_failed(ls_pack_add(&pack, &intent, &context)));
    assert_int_equal(pack.instruction_count, 2);
    struct ls_address to;
    assert_true(ls_address_parse(TO, &to));
    ls_system_transfer(&instructions[0], &context.payer, &to, 7);
    memcpy(instructions + 1, pack.instructions, 2 * sizeof instructions[0]);

    assert_false(
        ls_failed(ls_message_compile(&context.payer, &genesis, instructions, 3, &message)));

    const struct ls_tx tx = sign_message(&message, &key);
    assert_int_equal(test_transfer(&tx), LS_CODE_REFUSED);
}

static struct ls_tx packed(const char *first, const char *second)
{
    static struct ls_pack pack;
    const char *const payloads[] = {first, second};
    const char *const keys[] = {"a", "b"};
    const struct key key = key_of_seed(1);
    struct ls_message message;
    ls_pack_open(&pack, &key.address);
    for (size_t i = 0; i < 2; i++) {
        const struct ls_intent intent = parse("sol.transfer", payloads[i]);
        const struct attempt attempt = {.key = keys[i], .has_marker = i == 1};
        const struct ls_intent_context context = context_of(&attempt);
        assert_false(ls_failed(ls_pack_add(&pack, &intent, &context)));
    }
    assert_false(ls_failed(ls_pack_compile(&pack, &genesis, &message)));
    return sign_message(&message, &key);
}

static void of_several_operations_each_part_counts_for_itself(void **state)
{
    (void)state;
    static const char other[] = "{\"to\": \"" TO "\", \"lamports\": \"3\"}";
    const struct ls_adoption a = operation("sol.transfer", TRANSFER, "a");
    const struct ls_adoption b = operation("sol.transfer", TRANSFER, "b");

    struct ls_tx tx = packed(TRANSFER, TRANSFER);
    assert_int_equal(test(&a, &tx), LS_CODE_OK);
    assert_int_equal(test(&b, &tx), LS_CODE_OK);
    tx = packed(TRANSFER, other);
    assert_int_equal(test(&a, &tx), LS_CODE_OK);
    assert_int_equal(test(&b, &tx), LS_CODE_REFUSED);
    tx = packed(other, TRANSFER);
    assert_int_equal(test(&a, &tx), LS_CODE_REFUSED);
    assert_int_equal(test(&b, &tx), LS_CODE_OK);
}

static void garbage_is_no_transaction(void **state)
{
    (void)state;
    struct ls_tx garbage = {.length = 300};
    memset(garbage.bytes, 0x5a, sizeof garbage.bytes);
    assert_int_equal(test_transfer(&garbage), LS_CODE_CORRUPT);
    garbage.length = 0;
    assert_int_equal(test_transfer(&garbage), LS_CODE_CORRUPT);
}

static void a_mint_by_key_must_be_resolved(void **state)
{
    (void)state;
    struct ls_adoption op = operation("token.mint_to",
                                      "{\"mint\": {\"key\": \"m\"}, \"to\": \"" TO "\", "
                                      "\"amount\": \"5\"}",
                                      "a");
    const struct ls_tx tx =
        make(&(struct attempt){.kind = "token.mint_to", .payload = MINT_TO, .key = "a"});
    assert_int_equal(test(&op, &tx), LS_CODE_REFUSED);

    op.has_mint = true;
    assert_true(ls_address_parse(MINT, &op.mint));
    assert_int_equal(test(&op, &tx), LS_CODE_OK);
    assert_true(ls_address_parse(TO, &op.mint));
    assert_int_equal(test(&op, &tx), LS_CODE_REFUSED);
}

/* A failover can lose what made the mint together with what mints. */
static void a_mint_by_key_that_nothing_tells_of_follows_from_its_key(void **state)
{
    (void)state;
    char payload[256], address[LS_ADDRESS_TEXT_BYTES];
    const struct attempt maker = {.kind = "token.create_mint", .key = "m", .payer = 3};
    const struct ls_intent mint = parse("token.create_mint", "{\"decimals\": 2}");
    const struct ls_intent_context context = context_of(&maker);
    const struct ls_address made = ls_intent_created(&mint, &context);
    ls_address_text(&made, address);
    (void)snprintf(payload, sizeof payload,
                   "{\"mint\": \"%s\", \"to\": \"" TO "\", \"amount\": \"5\"}", address);
    const struct ls_tx tx =
        make(&(struct attempt){.kind = "token.mint_to", .payload = payload, .key = "a"});

    struct ls_adoption op = operation("token.mint_to",
                                      "{\"mint\": {\"key\": \"m\"}, \"to\": \"" TO "\", "
                                      "\"amount\": \"5\"}",
                                      "a");
    op.mint_payer = key_of_seed(3).address;
    assert_int_equal(test(&op, &tx), LS_CODE_OK);
    op.mint_payer = key_of_seed(1).address;
    assert_int_equal(test(&op, &tx), LS_CODE_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_attempt_of_ours_is_adopted_whatever_its_blockhash),
        cmocka_unit_test(an_attempt_that_paid_another_rent_is_adopted),
        cmocka_unit_test(an_attempt_under_any_nonce_and_fee_is_adopted),
        cmocka_unit_test(a_copied_memo_of_another_payer_is_refused),
        cmocka_unit_test(what_says_something_else_is_refused),
        cmocka_unit_test(a_changed_byte_is_refused),
        cmocka_unit_test(more_than_the_intent_is_refused),
        cmocka_unit_test(of_several_operations_each_part_counts_for_itself),
        cmocka_unit_test(garbage_is_no_transaction),
        cmocka_unit_test(a_mint_by_key_must_be_resolved),
        cmocka_unit_test(a_mint_by_key_that_nothing_tells_of_follows_from_its_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
