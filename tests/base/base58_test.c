#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"

static void known_texts_are_written_and_read_back(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t count;
        const char *text;
    } cases[] = {
        {"Hello World!", 12, "2NEpo7TZRRrLZSi2U"},
        {"\x00\x00\x28\x7f\xb4\xcd", 6, "11233QC4"},
        {"\x00\x00\x00\x00", 4, "1111"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[LS_SIGNATURE_TEXT_BYTES];
        uint8_t back[16];

        size_t length = ls_base58_encode((const uint8_t *)cases[i].bytes, cases[i].count, text,
                                         sizeof text);

        assert_int_equal(length, strlen(cases[i].text));
        assert_string_equal(text, cases[i].text);
        assert_true(ls_base58_decode(text, back, cases[i].count));
        assert_memory_equal(back, cases[i].bytes, cases[i].count);
    }
}

static void the_largest_signature_fits_its_text(void **state)
{
    (void)state;
    struct ls_signature all = {{0}};
    memset(all.bytes, 0xff, sizeof all.bytes);
    char text[LS_SIGNATURE_TEXT_BYTES];

    ls_signature_text(&all, text);

    struct ls_signature back = {{0}};
    assert_int_equal(strlen(text), 88);
    assert_true(ls_signature_parse(text, &back));
    assert_true(ls_signature_equal(&all, &back));
}

static void anything_else_than_exactly_the_bytes_is_refused(void **state)
{
    (void)state;
    struct ls_address address = {{7}};
    static const char *const bad[] = {
        "",
        "0",
        "O",
        "l",
        "I",
        " 1",
        "11111111111111111111111111111111 ",
        "1111111111111111111111111111111",
        "111111111111111111111111111111111",
        "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ls_address_parse(bad[i], &address));
    assert_int_equal(address.bytes[0], 7);
    assert_true(ls_address_parse("11111111111111111111111111111111", &address));
    assert_int_equal(address.bytes[0], 0);
}

static void bytes_of_every_length_come_back_and_never_as_another_length(void **state)
{
    (void)state;
    uint32_t noise = 1;
    for (size_t count = 1; count <= LS_BASE58_BYTES_MAX; count++) {
        for (size_t zeros = 0; zeros <= count; zeros += 7) {
            uint8_t bytes[LS_BASE58_BYTES_MAX] = {0};
            uint8_t back[LS_BASE58_BYTES_MAX];
            char text[LS_SIGNATURE_TEXT_BYTES];
            for (size_t i = zeros; i < count; i++) {
                noise = noise * 1664525 + 1013904223;
                bytes[i] = (uint8_t)(noise >> 24);
            }

            (void)ls_base58_encode(bytes, count, text, sizeof text);

            assert_true(ls_base58_decode(text, back, count));
            assert_memory_equal(back, bytes, count);
            assert_false(ls_base58_decode(text, back, count - 1));
            if (count < LS_BASE58_BYTES_MAX)
                assert_false(ls_base58_decode(text, back, count + 1));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_are_written_and_read_back),
        cmocka_unit_test(the_largest_signature_fits_its_text),
        cmocka_unit_test(bytes_of_every_length_come_back_and_never_as_another_length),
        cmocka_unit_test(anything_else_than_exactly_the_bytes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
