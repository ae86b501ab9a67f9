#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/tag.h"

static struct ls_tag make(uint8_t key_byte, const char *genesis_text, const char *key)
{
    uint8_t tag_key[LS_TAG_KEY_BYTES];
    struct ls_hash genesis;
    memset(tag_key, key_byte, sizeof tag_key);
    assert_true(ls_hash_parse(genesis_text, &genesis));
    return ls_tag_make(tag_key, &genesis, key, strlen(key));
}

static const char mainnet[] = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
static const char devnet[] = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG";

static void the_tag_and_seed_are_those_of_the_formula(void **state)
{
    (void)state;
    const struct ls_tag tag = make(7, mainnet, "order:42");

    assert_string_equal(tag.text, "YY4cYRyf5LfXXkNggd4oST");
    assert_string_equal(tag.seed, "011c40e7a86aac19ebbf98b1007a24d1");
    assert_string_equal(tag.marker, "4600cf616fd11a90e5344811af346d5e");
}

static void the_tag_depends_on_key_secret_and_ledger(void **state)
{
    (void)state;
    const struct ls_tag tag = make(7, mainnet, "order:42");
    const struct ls_tag others[] = {make(7, mainnet, "order:43"), make(8, mainnet, "order:42"),
                                    make(7, devnet, "order:42"), make(7, mainnet, "")};

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_string_not_equal(tag.text, others[i].text);
        assert_string_not_equal(tag.seed, others[i].seed);
    }
}

static void an_empty_key_may_be_a_null_pointer(void **state)
{
    (void)state;
    uint8_t tag_key[LS_TAG_KEY_BYTES];
    struct ls_hash genesis;
    memset(tag_key, 7, sizeof tag_key);
    assert_true(ls_hash_parse(mainnet, &genesis));

    const struct ls_tag tag = ls_tag_make(tag_key, &genesis, NULL, 0);

    assert_string_equal(tag.text, make(7, mainnet, "").text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tag_and_seed_are_those_of_the_formula),
        cmocka_unit_test(the_tag_depends_on_key_secret_and_ledger),
        cmocka_unit_test(an_empty_key_may_be_a_null_pointer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
