#include "lockstep/core/kinds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t memo = 1u << LS_KIND_MEMO;
static const uint32_t event = 1u << LS_KIND_EVENT;
static const uint32_t every = LS_KINDS_EVERY;

static void expect(const char *list, uint32_t wanted)
{
    struct ls_why why = {0};
    uint32_t kinds = 12345;
    const ls_err err = ls_kinds_parse(list, &kinds, &why);
    if (ls_failed(err)) print_message("%s: %s\n", list, why.text);
    assert_false(ls_failed(err));
    assert_int_equal(kinds, wanted);
}

static void refuses(const char *list, const char *part)
{
    struct ls_why why = {0};
    uint32_t kinds = 12345;
    assert_int_equal(ls_kinds_parse(list, &kinds, &why).code, LS_CODE_INVALID);
    if (strstr(why.text, part) == NULL) print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, part));
    assert_int_equal(kinds, 12345);
}

static void a_list_names_kinds_beginnings_and_exceptions(void **state)
{
    (void)state;
    const uint32_t tokens = 1u << LS_KIND_TOKEN_CREATE_MINT | 1u << LS_KIND_TOKEN_MINT_TO |
                            1u << LS_KIND_TOKEN_BURN | 1u << LS_KIND_TOKEN_TRANSFER;
    expect("memo", memo);
    expect(" memo,\tevent ,", memo | event);
    expect("memo event", memo | event);
    expect("token.*", tokens);
    expect("token.*,!token.burn,memo", (tokens | memo) & ~(1u << LS_KIND_TOKEN_BURN));
    expect("!memo", every & ~memo);
    expect("!token.*,!memo", every & ~memo & ~tokens);
}

static void every_kind_is_all(void **state)
{
    (void)state;
    expect("all", 0);
    expect("*", 0);
    expect("memo,!memo,all", 0);
    expect("memo,all", 0);
    expect("all,!memo", every & ~memo);
    assert_int_equal(ls_kinds_whole(every | 1u | 1u << 31), 0);
    assert_int_equal(ls_kinds_whole(memo | 1u << 31), memo);
}

static void what_is_no_kind_is_named_with_those_that_there_are(void **state)
{
    (void)state;
    refuses("memo,burn", "burn is no kind; use all, or some of memo, event,");
    refuses("burn", "program.invoke, nonce");
    refuses("Memo", "Memo is no kind");
    refuses("memo.*", "memo.* is no kind");
    refuses("!", " is no kind");
    refuses("a-word-that-is-much-longer-than-any-kind-could-ever-be",
            "than-any-kind is no kind");
}

static void nothing_is_refused(void **state)
{
    (void)state;
    refuses("", "no kind is named");
    refuses(" , ,", "no kind is named");
    refuses("memo,!memo", "leaves no kind");
    refuses("!all", "leaves no kind");
}

static void a_set_reads_back_as_it_was_written(void **state)
{
    (void)state;
    for (uint32_t kinds = 2; kinds <= every; kinds += 2) {
        char list[LS_KINDS_TEXT_BYTES];
        ls_kinds_text(kinds, list);
        expect(list, ls_kinds_whole(kinds));
        ls_kinds_short(kinds, list);
        expect(list, ls_kinds_whole(kinds));
    }
}

static void people_read_what_is_in_or_what_is_not(void **state)
{
    (void)state;
    char words[LS_KINDS_TEXT_BYTES];
    ls_kinds_words(0, words);
    assert_string_equal(words, "all");
    ls_kinds_words(memo | event, words);
    assert_string_equal(words, "memo, event");
    ls_kinds_words(every & ~memo & ~event, words);
    assert_string_equal(words, "all but memo, event");
    ls_kinds_short(every & ~memo & ~event, words);
    assert_string_equal(words, "!memo,!event");
    const uint32_t tokens = 1u << LS_KIND_TOKEN_CREATE_MINT | 1u << LS_KIND_TOKEN_MINT_TO |
                            1u << LS_KIND_TOKEN_BURN | 1u << LS_KIND_TOKEN_TRANSFER;
    ls_kinds_words(tokens, words);
    assert_string_equal(words, "token.*");
    ls_kinds_words(tokens | memo, words);
    assert_string_equal(words, "memo, token.*");
    ls_kinds_words(every & ~tokens, words);
    assert_string_equal(words, "all but token.*");
    ls_kinds_short(every & ~tokens, words);
    assert_string_equal(words, "!token.*");
    ls_kinds_words(tokens & ~(1u << LS_KIND_TOKEN_BURN), words);
    assert_string_equal(words, "token.create_mint, token.mint_to, token.transfer");
}

static void all_has_every_kind_and_a_set_its_own(void **state)
{
    (void)state;
    assert_true(ls_kinds_has(0, LS_KIND_NONCE));
    assert_true(ls_kinds_has(memo, LS_KIND_MEMO));
    assert_false(ls_kinds_has(memo, LS_KIND_EVENT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_names_kinds_beginnings_and_exceptions),
        cmocka_unit_test(every_kind_is_all),
        cmocka_unit_test(what_is_no_kind_is_named_with_those_that_there_are),
        cmocka_unit_test(nothing_is_refused),
        cmocka_unit_test(a_set_reads_back_as_it_was_written),
        cmocka_unit_test(people_read_what_is_in_or_what_is_not),
        cmocka_unit_test(all_has_every_kind_and_a_set_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
