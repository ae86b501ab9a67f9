#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/program.h"

static struct ls_address address(const char *text)
{
    struct ls_address parsed;
    assert_true(ls_address_parse(text, &parsed));
    return parsed;
}

static void assert_address(const struct ls_address *actual, const char *text)
{
    char actual_text[LS_ADDRESS_TEXT_BYTES];
    ls_address_text(actual, actual_text);
    assert_string_equal(actual_text, text);
}

static void the_programs_have_their_published_addresses(void **state)
{
    (void)state;
    assert_address(&LS_PROGRAM_SYSTEM, "11111111111111111111111111111111");
    assert_address(&LS_PROGRAM_TOKEN, "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA");
    assert_address(&LS_PROGRAM_ATA, "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL");
    assert_address(&LS_PROGRAM_MEMO, "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");
}

/* Owners chosen so that the bump ranges from 255 down to 246; addresses as
 * PublicKey.findProgramAddressSync of @solana/web3.js 1.98.4 gives them, for the mint of
 * USDC. */
static void associated_accounts_are_the_published_ones_at_every_bump(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"Kqu33he8HCxLUGW3KKjjGHQhjhnf8v6Hv5VMMtVwKqi",
         "5GgvmPvrgBY5ppoAXLZuLFZVU66nSVY3y2UGBbsaptmv"}, /* bump 255 */
        {"6K4Lot5wgWyLLWX78iuWRY5Uq7v3seqp4Q7GPNCdCtUK",
         "9b7oNutsbLY3S2GHcEvoYoocvY4e2z3XxfMDJ4CyKAnK"}, /* 254 */
        {"DQQS2N5kqirnD3fwY3hAMcknix48tHHv6Xibf2dTFcYc",
         "3cvizzpHr7gYk7ctdTFywNowbnouWjuYGmMG5UwyTHQY"}, /* 253 */
        {"k6ufFMdy7JFUQJ2pQ39dKNCrXtTMf7PDpj6gWT6QxUW",
         "9Kh2vL38BpqApHASMcNQ5hytspZXd4Dc8QsTYKJsjSq9"}, /* 252 */
        {"8NqW2swPb113sJ36CzZZKVL61BmVTJRhjruXtnormwjM",
         "5KHzNkjN1xqytgXfzuDHyewTu4ADzstbBYBZRJX69oyG"}, /* 251 */
        {"9UVb6Xt3NkJSpfHCh6WPNFD7yXL1MKkFV1Qgv35U6GZP",
         "25i3Yf4ig5UmJ7rSU1ByVhfgwGLawVXyAhxkUt1XTUWd"}, /* 250 */
        {"9mzqfhPpPqwJp4cKdcKmMNrTP2axb2k5huyETM8NJniW",
         "2P3i53Mw2oKBnqFLKrzNeNWYjsfBT47pYRuTYpnLKRBP"}, /* 249 */
        {"2WvvR21ZoNvScwxYtHWvb9D1hahkRZP3urbUSg6ecWU8",
         "DZtpWkRLDmTerbj9bGAtnaLiTAYTesa4BuKAU4nEVWDU"}, /* 246 */
    };
    const struct ls_address mint = address("EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct ls_address owner = address(pairs[i][0]);
        struct ls_address ata;

        assert_true(ls_derive_ata(&owner, &mint, &LS_PROGRAM_TOKEN, &ata));

        assert_address(&ata, pairs[i][1]);
        assert_false(ls_address_on_curve(&ata));
    }
}

static void a_seeded_address_is_the_published_one(void **state)
{
    (void)state;
    const struct ls_address base = address("AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9");

    const struct ls_address derived =
        ls_derive_with_seed(&base, "011c40e7a86aac19ebbf98b1007a24d1", &LS_PROGRAM_TOKEN);

    assert_address(&derived, "Aruw8X1BDbpjjCT7vhhrLVhY95pdngmgqod8WbUV2Xwf");
}

/* The runtime decompresses and asks nothing else. Expected values by an independent
 * evaluation of x^2 = (y^2 - 1) / (d y^2 + 1) mod 2^255 - 19. */
static void points_of_small_order_and_large_y_are_on_the_curve(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        bool is_on;
    } cases[] = {
        {"0000000000000000000000000000000000000000000000000000000000000000", true},
        {"0000000000000000000000000000000000000000000000000000000000000080", true},
        {"0100000000000000000000000000000000000000000000000000000000000000", true},
        {"0100000000000000000000000000000000000000000000000000000000000080", true},
        {"0200000000000000000000000000000000000000000000000000000000000000", false},
        {"0300000000000000000000000000000000000000000000000000000000000000", true},
        {"0400000000000000000000000000000000000000000000000000000000000000", true},
        {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true},
        {"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"efffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", false},
        {"f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", true},
        {"ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", true},
        {"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", true},
        {"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ls_address point;
        size_t bytes = 0;
        assert_int_equal(sodium_hex2bin(point.bytes, sizeof point.bytes, cases[i].hex,
                                        strlen(cases[i].hex), NULL, &bytes, NULL),
                         0);
        assert_int_equal(bytes, sizeof point.bytes);
        assert_int_equal(ls_address_on_curve(&point), cases[i].is_on);
    }
}

/* The answers for SHA-256 of 0..999 (u32, little endian), as text of 0 and 1, have the
 * digest that an independent implementation with plain big integers computes. */
static void a_thousand_points_are_judged_as_the_equation_says(void **state)
{
    (void)state;
    static const char expected[] =
        "55672a7c442f44388e112f6617eb3b70a593c460db0b82cdda6436ad9ce99a4b";
    enum { POINTS = 1000 };
    char answers[POINTS];
    for (uint32_t i = 0; i < POINTS; i++) {
        const uint8_t number[4] = {(uint8_t)(i & 0xff), (uint8_t)(i >> 8), 0, 0};
        struct ls_address point;
        crypto_hash_sha256(point.bytes, number, sizeof number);
        answers[i] = ls_address_on_curve(&point) ? '1' : '0';
    }
    uint8_t digest[crypto_hash_sha256_BYTES];
    char hex[2 * sizeof digest + 1];

    crypto_hash_sha256(digest, (const uint8_t *)answers, sizeof answers);

    assert_string_equal(sodium_bin2hex(hex, sizeof hex, digest, sizeof digest), expected);
}

static void assert_data(const struct ls_instruction *instruction, const char *hex)
{
    char actual[2 * LS_INSTRUCTION_DATA_MAX + 1];
    sodium_bin2hex(actual, sizeof actual, instruction->data, instruction->data_bytes);
    assert_string_equal(actual, hex);
}

static void assert_account(const struct ls_instruction *instruction,
                           size_t i,
                           const struct ls_address *expected,
                           const char *rights)
{
    const struct ls_account_meta *meta = &instruction->accounts[i];
    assert_true(i < instruction->account_count);
    assert_true(ls_address_equal(&meta->address, expected));
    assert_int_equal(meta->is_signer, strchr(rights, 's') != NULL);
    assert_int_equal(meta->is_writable, strchr(rights, 'w') != NULL);
}

static const struct ls_address a = {{0xaa}}, b = {{0xbb}}, c = {{0xcc}}, d = {{0xdd}};

static void system_instructions_have_their_layout(void **state)
{
    (void)state;
    struct ls_instruction made;

    ls_system_transfer(&made, &a, &b, 0x0102030405060708);

    assert_true(ls_address_equal(&made.program, &LS_PROGRAM_SYSTEM));
    assert_int_equal(made.account_count, 2);
    assert_account(&made, 0, &a, "sw");
    assert_account(&made, 1, &b, "w");
    assert_data(&made, "02000000"
                       "0807060504030201");
}

static void a_base_that_does_not_pay_signs_too(void **state)
{
    (void)state;
    struct ls_create_with_seed create = {.payer = a,
                                         .created = b,
                                         .base = c,
                                         .seed = "ab",
                                         .lamports = 1,
                                         .space = 82,
                                         .owner = d};
    struct ls_instruction made;

    ls_system_create_with_seed(&made, &create);

    assert_int_equal(made.account_count, 3);
    assert_account(&made, 0, &a, "sw");
    assert_account(&made, 1, &b, "w");
    assert_account(&made, 2, &c, "s");
    assert_data(&made, "03000000"
                       "cc00000000000000000000000000000000000000000000000000000000000000"
                       "02000000000000006162"
                       "01000000000000005200000000000000"
                       "dd00000000000000000000000000000000000000000000000000000000000000");

    create.base = a;
    ls_system_create_with_seed(&made, &create);

    assert_int_equal(made.account_count, 2);
}

static void token_instructions_have_their_layout(void **state)
{
    (void)state;
    struct ls_instruction made;

    ls_token_initialize_mint2(&made, &LS_PROGRAM_TOKEN, &a, 9, &b);
    assert_true(ls_address_equal(&made.program, &LS_PROGRAM_TOKEN));
    assert_int_equal(made.account_count, 1);
    assert_account(&made, 0, &a, "w");
    assert_data(&made, "1409"
                       "bb00000000000000000000000000000000000000000000000000000000000000"
                       "00");

    ls_token_mint_to(&made, &LS_PROGRAM_TOKEN, &a, &b, &c, 5);
    assert_int_equal(made.account_count, 3);
    assert_account(&made, 0, &a, "w");
    assert_account(&made, 1, &b, "w");
    assert_account(&made, 2, &c, "s");
    assert_data(&made, "070500000000000000");

    ls_token_burn(&made, &LS_PROGRAM_TOKEN, &a, &b, &c, UINT64_MAX);
    assert_account(&made, 0, &a, "w");
    assert_account(&made, 1, &b, "w");
    assert_account(&made, 2, &c, "s");
    assert_data(&made, "08ffffffffffffffff");

    ls_token_transfer(&made, &LS_PROGRAM_TOKEN, &a, &b, &c, 1);
    assert_account(&made, 0, &a, "w");
    assert_account(&made, 1, &b, "w");
    assert_account(&made, 2, &c, "s");
    assert_data(&made, "030100000000000000");
}

static void an_associated_account_is_created_idempotently(void **state)
{
    (void)state;
    struct ls_instruction made;

    ls_ata_create_idempotent(&made, &LS_PROGRAM_TOKEN, &a, &b, &c, &d);

    assert_true(ls_address_equal(&made.program, &LS_PROGRAM_ATA));
    assert_int_equal(made.account_count, 6);
    assert_account(&made, 0, &a, "sw");
    assert_account(&made, 1, &b, "w");
    assert_account(&made, 2, &c, "");
    assert_account(&made, 3, &d, "");
    assert_account(&made, 4, &LS_PROGRAM_SYSTEM, "");
    assert_account(&made, 5, &LS_PROGRAM_TOKEN, "");
    assert_data(&made, "01");
}

static void a_memo_of_the_greatest_length_fits(void **state)
{
    (void)state;
    struct ls_instruction made;
    char text[LS_MEMO_BYTES_MAX];
    memset(text, 'm', sizeof text);

    ls_memo(&made, text, sizeof text);

    assert_true(ls_address_equal(&made.program, &LS_PROGRAM_MEMO));
    assert_int_equal(made.account_count, 0);
    assert_int_equal(made.data_bytes, sizeof text);
    assert_memory_equal(made.data, text, sizeof text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_programs_have_their_published_addresses),
        cmocka_unit_test(associated_accounts_are_the_published_ones_at_every_bump),
        cmocka_unit_test(a_seeded_address_is_the_published_one),
        cmocka_unit_test(points_of_small_order_and_large_y_are_on_the_curve),
        cmocka_unit_test(a_thousand_points_are_judged_as_the_equation_says),
        cmocka_unit_test(system_instructions_have_their_layout),
        cmocka_unit_test(a_base_that_does_not_pay_signs_too),
        cmocka_unit_test(token_instructions_have_their_layout),
        cmocka_unit_test(an_associated_account_is_created_idempotently),
        cmocka_unit_test(a_memo_of_the_greatest_length_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
