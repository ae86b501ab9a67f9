#include "lockstep/core/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lockstep/core/bulk.h"

static void expect_amount(const char *digits, int decimals, const char *wanted)
{
    char amount[LS_AMOUNT_BYTES];
    ls_number_amount(digits, decimals, amount);
    assert_string_equal(amount, wanted);
}

static void amounts_have_separators_and_their_decimals(void **state)
{
    (void)state;
    expect_amount("0", 0, "0");
    expect_amount("7800", -1, "7,800");
    expect_amount("780000", 2, "7,800.00");
    expect_amount("5", 2, "0.05");
    expect_amount("100", 2, "1.00");
    expect_amount("99", 2, "0.99");
    expect_amount("0", 9, "0.000000000");
    expect_amount("1000000000", 9, "1.000000000");
    expect_amount("18446744073709551615", 0, "18,446,744,073,709,551,615");
    expect_amount("18446744073709551615", 18, "18.446744073709551615");
    expect_amount("123456", 19, "123,456"); /* no mint has so many */
    expect_amount("999999999999999999999999999999999999999", 0,
                  "999,999,999,999,999,999,999,999,999,999,999,999,999");
}

static void tokens_of_a_job_are_said_with_their_mint(void **state)
{
    (void)state;
    struct ls_bulk_weight weight = {
        .token_ops = 12, .tokens = "780000", .decimals = 2, .mint = "gold"};
    char words[LS_BULK_TOKENS_BYTES];
    ls_bulk_tokens(&weight, words);
    assert_string_equal(words, "7,800.00 of gold, by 12 operations");

    weight.decimals = -1;
    weight.token_ops = 1;
    ls_bulk_tokens(&weight, words);
    assert_string_equal(words, "780,000 base units of gold, by 1 operation");

    weight = (struct ls_bulk_weight){.token_ops = 1204,
                                     .tokens = "7",
                                     .decimals = 0,
                                     .mint = "7h7FTHGnuGLHqkJDtoXRJs1uzcDyozr2q21Eip9XuAne"};
    ls_bulk_tokens(&weight, words);
    assert_string_equal(words, "7 of 7h7F..uAne, by 1,204 operations");

    weight = (struct ls_bulk_weight){.token_ops = 2, .tokens = "-1", .decimals = -1};
    ls_bulk_tokens(&weight, words);
    assert_string_equal(words, "of several mints, by 2 operations");
    weight.token_ops = 0;
    ls_bulk_tokens(&weight, words);
    assert_string_equal(words, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_have_separators_and_their_decimals),
        cmocka_unit_test(tokens_of_a_job_are_said_with_their_mint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
