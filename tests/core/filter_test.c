#include "lockstep/core/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct ls_filter parse(const char *text)
{
    struct ls_filter filter = {0};
    struct ls_why why = {0};
    const ls_err err = ls_filter_parse(text, &filter, &why);
    if (ls_failed(err)) print_message("%s: %s\n", text, why.text);
    assert_false(ls_failed(err));
    return filter;
}

static void refuses(const char *text, const char *part_of_why)
{
    struct ls_filter filter = {.count = 77};
    struct ls_why why = {0};
    assert_int_equal(ls_filter_parse(text, &filter, &why).code, LS_CODE_INVALID);
    assert_int_equal(filter.count, 77);
    if (strstr(why.text, part_of_why) == NULL) print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, part_of_why));
}

static void an_empty_filter_has_no_terms(void **state)
{
    (void)state;
    assert_int_equal(parse("").count, 0);
    assert_int_equal(parse(" \t\n ").count, 0);
}

static void every_field_is_read(void **state)
{
    (void)state;
    const struct ls_filter filter = parse("state:failed sub:backoff kind:memo key:pay:1 "
                                          "entity:org-7 cause:BlockhashNotFound id:17 stuck "
                                          "batch:12 batch:B-34");
    assert_int_equal(filter.count, 10);
    assert_int_equal(filter.terms[0].field, LS_FILTER_STATE);
    assert_int_equal(filter.terms[0].number, LS_STATE_FAILED);
    assert_int_equal(filter.terms[1].field, LS_FILTER_SUB);
    assert_int_equal(filter.terms[1].number, LS_SUB_BACKOFF);
    assert_int_equal(filter.terms[2].field, LS_FILTER_KIND);
    assert_int_equal(filter.terms[2].number, LS_KIND_MEMO);
    assert_int_equal(filter.terms[3].field, LS_FILTER_KEY);
    assert_string_equal(filter.terms[3].text, "pay:1");
    assert_int_equal(filter.terms[4].field, LS_FILTER_ENTITY);
    assert_string_equal(filter.terms[4].text, "org-7");
    assert_int_equal(filter.terms[5].field, LS_FILTER_CAUSE);
    assert_string_equal(filter.terms[5].text, "BlockhashNotFound");
    assert_int_equal(filter.terms[6].field, LS_FILTER_ID);
    assert_int_equal(filter.terms[6].number, 17);
    assert_int_equal(filter.terms[7].field, LS_FILTER_STUCK);
    assert_int_equal(filter.terms[8].field, LS_FILTER_BATCH);
    assert_int_equal(filter.terms[8].number, 12);
    assert_int_equal(filter.terms[9].number, 34);
}

static void a_bare_word_is_text_and_a_star_makes_a_prefix(void **state)
{
    (void)state;
    const struct ls_filter filter = parse("dividend kind:token.* key:pay:* invoice*");
    assert_int_equal(filter.terms[0].field, LS_FILTER_TEXT);
    assert_false(filter.terms[0].is_prefix);
    assert_int_equal(filter.terms[1].field, LS_FILTER_KIND);
    assert_true(filter.terms[1].is_prefix);
    assert_string_equal(filter.terms[1].text, "token.");
    assert_true(filter.terms[2].is_prefix);
    assert_string_equal(filter.terms[2].text, "pay:");
    assert_true(filter.terms[3].is_prefix);
}

static void an_exclamation_mark_inverts_one_term(void **state)
{
    (void)state;
    const struct ls_filter filter = parse("!kind:memo state:done !stuck");
    assert_true(filter.terms[0].is_inverted);
    assert_false(filter.terms[1].is_inverted);
    assert_true(filter.terms[2].is_inverted);
    assert_int_equal(filter.terms[2].field, LS_FILTER_STUCK);
}

static void age_compares_a_duration(void **state)
{
    (void)state;
    const struct ls_filter filter = parse("age>10m age<1h");
    assert_int_equal(filter.terms[0].field, LS_FILTER_AGE);
    assert_true(filter.terms[0].is_greater);
    assert_int_equal(filter.terms[0].number, 600000);
    assert_false(filter.terms[1].is_greater);
    assert_int_equal(filter.terms[1].number, 3600000);
}

static void stuck_is_also_a_state(void **state)
{
    (void)state;
    assert_int_equal(parse("state:stuck").terms[0].field, LS_FILTER_STUCK);
}

static void a_wrong_term_is_named_with_its_cure(void **state)
{
    (void)state;
    refuses("state:broken", "state:broken is no state");
    refuses("sub:x", "sub:x is no state's detail");
    refuses("kind:memos", "memos is no kind; use one of memo, event");
    refuses("id:seven", "id:seven");
    refuses("id:0", "id:0");
    refuses("id:99999999999999999999", "id:99999999999999999999");
    refuses("id:1*", "id:1");
    refuses("age>soon", "age>soon is no duration");
    refuses("age>", "age>");
    refuses("colour:red", "key:colour:red");
    refuses("key:", "key: has no value");
    refuses("!", "! stands alone");
    refuses("*", "* stands alone");
}

static void maximums_are_refused_whole(void **state)
{
    (void)state;
    char text[LS_FILTER_BYTES_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    refuses(text, "longer than 512 bytes");
    text[LS_KEY_BYTES_MAX + 1] = '\0';
    refuses(text, "longer than 200 bytes");
    text[LS_KEY_BYTES_MAX] = '\0';
    assert_int_equal(strlen(parse(text).terms[0].text), LS_KEY_BYTES_MAX);
    assert_int_equal(parse("a a a a a a a a a a a a a a a a").count, LS_FILTER_TERMS_MAX);
    refuses("a a a a a a a a a a a a a a a a a", "more than 16 terms");
}

static void durations_have_units(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } cases[] = {{"90", 90000},     {"90s", 90000},
                 {"10m", 600000},   {"2h", 7200000},
                 {"3d", 259200000}, {"500ms", 500},
                 {"0", 0},          {"9223372036854775807ms", INT64_MAX}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t ms = -1;
        assert_int_equal(ls_duration_parse(cases[i].text, &ms).code, LS_CODE_OK);
        assert_int_equal(ms, cases[i].ms);
    }
}

static void a_wrong_duration_leaves_the_output(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "s",
                                        "-1s",
                                        "1w",
                                        "1.5s",
                                        "1 s",
                                        "10mm",
                                        "9223372036854775808",
                                        "9223372036854775807d"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int64_t ms = 5;
        assert_int_equal(ls_duration_parse(wrong[i], &ms).code, LS_CODE_INVALID);
        assert_int_equal(ms, 5);
    }
}

static void what_holds_blanks_stands_in_quotes(void **state)
{
    (void)state;
    const struct ls_filter filter =
        parse("cause:\"no certificate\" !key:\"a b\"* \"two words\" lane:3");
    assert_int_equal(filter.count, 4);
    assert_string_equal(filter.terms[0].text, "no certificate");
    assert_false(filter.terms[0].is_prefix);
    assert_string_equal(filter.terms[1].text, "a b");
    assert_true(filter.terms[1].is_prefix && filter.terms[1].is_inverted);
    assert_int_equal(filter.terms[2].field, LS_FILTER_TEXT);
    assert_string_equal(filter.terms[2].text, "two words");
    assert_int_equal(filter.terms[3].field, LS_FILTER_LANE);
    assert_int_equal(filter.terms[3].number, 3);
    refuses("cause:\"no end", "a quote is not closed");
    refuses("lane:4", "lane:4 is no lane; use 0 (urgent) to 3 (bulk)");
    refuses("lane:*", "is no lane");
}

static void a_mistake_has_a_place(void **state)
{
    (void)state;
    struct ls_filter filter;
    struct ls_filter_place place = {9, 9};
    struct ls_why why = {0};
    assert_int_equal(
        ls_filter_parse_at("  kind:memo state:faild x", &filter, &place, &why).code,
        LS_CODE_INVALID);
    assert_int_equal(place.at, 12);
    assert_int_equal(place.bytes, strlen("state:faild"));
    assert_int_equal(ls_filter_parse_at("kind:memo", &filter, &place, &why).code, LS_CODE_OK);
    assert_int_equal(place.bytes, 0);
}

/* What completion offers is what the parser takes. */
static void every_word_that_is_offered_is_known(void **state)
{
    (void)state;
    static const char *const values[] = {"failed", "memo", "10m", "backoff", "1"};
    const char *word = NULL, *help = NULL;
    for (size_t i = 0; ls_filter_word_at(i, &word, &help); i++) {
        bool is_taken = false;
        assert_true(help[0] != '\0');
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++) {
            char text[64];
            struct ls_filter filter;
            struct ls_why why;
            (void)snprintf(text, sizeof text, "%s%s", word,
                           strcmp(word, "stuck") == 0 ? "" : values[j]);
            is_taken = is_taken || !ls_failed(ls_filter_parse(text, &filter, &why));
        }
        assert_true(is_taken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_holds_blanks_stands_in_quotes),
        cmocka_unit_test(a_mistake_has_a_place),
        cmocka_unit_test(every_word_that_is_offered_is_known),
        cmocka_unit_test(an_empty_filter_has_no_terms),
        cmocka_unit_test(every_field_is_read),
        cmocka_unit_test(a_bare_word_is_text_and_a_star_makes_a_prefix),
        cmocka_unit_test(an_exclamation_mark_inverts_one_term),
        cmocka_unit_test(age_compares_a_duration),
        cmocka_unit_test(stuck_is_also_a_state),
        cmocka_unit_test(a_wrong_term_is_named_with_its_cure),
        cmocka_unit_test(maximums_are_refused_whole),
        cmocka_unit_test(durations_have_units),
        cmocka_unit_test(a_wrong_duration_leaves_the_output),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
