#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/solana/own_key.h"

static void a_key_is_readable_where_it_fits(void **state)
{
    char key[LS_OWN_KEY_BYTES_MAX + 1];
    (void)state;

    ls_own_key(LS_OWN_UNDO, "invoice:4711", key);
    assert_string_equal(key, "ls:undo:invoice:4711");
    ls_own_key(LS_OWN_RENT, "invoice:4711", key);
    assert_string_equal(key, "ls:rent:invoice:4711");
    ls_own_key(LS_OWN_RENT, "ls:undo:invoice:4711", key);
    assert_string_equal(key, "ls:rent:ls:undo:invoice:4711");
}

static void a_key_that_is_too_long_is_hashed(void **state)
{
    char given[LS_OWN_KEY_BYTES_MAX + 1] = {0};
    char key[LS_OWN_KEY_BYTES_MAX + 1];
    (void)state;
    memset(given, 'k', 192);

    ls_own_key(LS_OWN_UNDO, given, key);
    assert_int_equal(strlen(key), LS_OWN_KEY_BYTES_MAX);
    assert_string_equal(key + strlen("ls:undo:"), given);
    given[192] = 'k';
    ls_own_key(LS_OWN_UNDO, given, key);

    assert_string_equal(
        key, "ls:undo#ec949e7d322374dd888163b1c40bc2ad46b0f923d4e1a0243b81062b33a993fc");
}

static void what_takes_rent_back_is_known_in_every_form(void **state)
{
    (void)state;

    assert_true(ls_own_is_rent("ls:rent:pay:1"));
    assert_true(ls_own_is_rent("ls:rent#00"));
    assert_true(ls_own_is_rent("ls:reclaim:7"));
    assert_false(ls_own_is_rent("ls:undo:ls:rent:pay:1"));
    assert_false(ls_own_is_rent("rent:1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_readable_where_it_fits),
        cmocka_unit_test(a_key_that_is_too_long_is_hashed),
        cmocka_unit_test(what_takes_rent_back_is_known_in_every_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
