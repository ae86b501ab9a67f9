#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/solana/canonical.h"

enum { OUT_MAX = 4096 };

static void assert_canonical(const char *json, const char *expected)
{
    struct ls_buf out;
    ls_buf_init(&out, OUT_MAX);
    assert_int_equal(ls_json_canonical(json, strlen(json), &out).code, LS_CODE_OK);
    assert_string_equal(ls_buf_text(&out), expected);
    ls_buf_done(&out);
}

static void assert_refused(const char *json, size_t json_bytes)
{
    struct ls_buf out;
    ls_buf_init(&out, OUT_MAX);
    const ls_err err = ls_json_canonical(json, json_bytes, &out);
    if (err.code != LS_CODE_INVALID) fail_msg("taken: %s", json);
    ls_buf_done(&out);
}

static void the_example_of_the_rfc_has_its_canonical_form(void **state)
{
    (void)state;
    /* RFC 8785, section 3.2.2 and 3.2.3. */
    assert_canonical(
        "{\n"
        "  \"numbers\": [333333333.33333329, 1E30, 4.50,\n"
        "              2e-3, 0.000000000000000000000000001],\n"
        "  \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
        "  \"literals\": [null, true, false]\n"
        "}",
        "{\"literals\":[null,true,false],"
        "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
        "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
}

static void members_are_sorted_by_utf16_units(void **state)
{
    (void)state;
    /* RFC 8785, section 3.2.3: U+1F600 is D83D DE00 and so comes before U+FB33. */
    assert_canonical("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\",\n"
                     "\"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\",\n"
                     "\"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\",\n"
                     "\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}",
                     "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
                     "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
                     "\"😀\":\"Emoji: Grinning Face\","
                     "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
    assert_canonical("{\"aa\":1,\"a\":2,\"\":3,\"b\":4,\"A\":5,\"\\ud83d\\ude01\":6,"
                     "\"\\ud83d\\ude00\":7}",
                     "{\"\":3,\"A\":5,\"a\":2,\"aa\":1,\"b\":4,\"😀\":7,\"😁\":6}");
}

static void every_escape_is_the_shortest(void **state)
{
    (void)state;
    assert_canonical("\"\\u0008\\u0009\\u000a\\u000b\\u000c\\u000d\\u001F\\u0000\\u007f\"",
                     "\"\\b\\t\\n\\u000b\\f\\r\\u001f\\u0000\x7f\"");
}

/* RFC 8785, appendix B, and doubles at the borders of the five forms and of the shortest
 * digits (2^-44 lies at a power of two, where the nearest decimal does not read back). */
static void numbers_are_written_as_ecmascript_does(void **state)
{
    (void)state;
    static const struct {
        uint64_t bits;
        const char *text;
    } cases[] = {
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"},
        {0x3d30000000000000, "5.684341886080802e-14"},
        {0x3ff0000000000000, "1"},
        {0x4059000000000000, "100"},
        {0x3fb999999999999a, "0.1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double number = 0;
        char text[LS_JSON_NUMBER_BYTES];
        memcpy(&number, &cases[i].bits, sizeof number);

        const size_t length = ls_json_number(number, text);

        assert_string_equal(text, cases[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static void every_double_reads_back_from_its_text(void **state)
{
    (void)state;
    uint64_t bits = 0x9e3779b97f4a7c15;
    for (int i = 0; i < 20000; i++) {
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        double number = 0;
        char text[LS_JSON_NUMBER_BYTES];
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;

        (void)ls_json_number(number, text);

        assert_true(strtod(text, NULL) == number);
    }
}

static void whole_numbers_are_kept_up_to_two_to_the_53(void **state)
{
    (void)state;
    assert_canonical("[9007199254740992,-9007199254740992,1.0,-0,1e3]",
                     "[9007199254740992,-9007199254740992,1,0,1000]");
    assert_refused("9007199254740993", 16);
    assert_refused("-9007199254740993", 17);
    assert_refused("18446744073709551615", 20);
    assert_refused("[1e999]", 7);
}

static void what_is_not_json_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "{",
        "[1,]",
        "{\"a\":1,\"a\":2}",
        "NaN",
        "Infinity",
        "01",
        "1 2",
        "{\"a\"}",
        "'a'",
        "\"\\ud800\"",
        "\"\xff\"",
        "\"\xc0\x80\"",
        "{\"a\\u0000b\":1}",
        "\"\n\"",
        "nul",
        "[",
        "]",
        "{\"a\":{\"b\":1,\"b\":1}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_refused(bad[i], strlen(bad[i]));
    assert_refused("1\0", 2);
}

static void nesting_is_bounded_and_brackets_in_strings_do_not_count(void **state)
{
    (void)state;
    char deep[2 * LS_JSON_DEPTH_MAX + 3] = {0};
    memset(deep, '[', LS_JSON_DEPTH_MAX);
    memset(deep + LS_JSON_DEPTH_MAX, ']', LS_JSON_DEPTH_MAX);
    assert_canonical(deep, deep);

    memset(deep, '[', LS_JSON_DEPTH_MAX + 1);
    memset(deep + LS_JSON_DEPTH_MAX + 1, ']', LS_JSON_DEPTH_MAX + 1);
    assert_refused(deep, strlen(deep));

    char text[LS_JSON_DEPTH_MAX + 16] = "\"\\\"";
    memset(text + 3, '[', LS_JSON_DEPTH_MAX + 4);
    text[LS_JSON_DEPTH_MAX + 7] = '"';
    assert_canonical(text, text);
}

static void empty_and_nested_containers_are_kept(void **state)
{
    (void)state;
    assert_canonical(" { \"b\" : [ ] , \"a\" : { \"d\" : { } , \"c\" : [ [ ] , { } ] } } ",
                     "{\"a\":{\"c\":[[],{}],\"d\":{}},\"b\":[]}");
}

static void a_full_buffer_is_reported(void **state)
{
    (void)state;
    struct ls_buf out;
    ls_buf_init(&out, 4);

    assert_int_equal(ls_json_canonical("[1,2,3]", 7, &out).code, LS_CODE_FULL);

    ls_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_rfc_has_its_canonical_form),
        cmocka_unit_test(members_are_sorted_by_utf16_units),
        cmocka_unit_test(every_escape_is_the_shortest),
        cmocka_unit_test(numbers_are_written_as_ecmascript_does),
        cmocka_unit_test(every_double_reads_back_from_its_text),
        cmocka_unit_test(whole_numbers_are_kept_up_to_two_to_the_53),
        cmocka_unit_test(what_is_not_json_is_refused),
        cmocka_unit_test(nesting_is_bounded_and_brackets_in_strings_do_not_count),
        cmocka_unit_test(empty_and_nested_containers_are_kept),
        cmocka_unit_test(a_full_buffer_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
