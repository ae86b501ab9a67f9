#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/gate.h"
#include "lockstep/base/utf8.h"

static void assert_gated(const char *text, const char *expected)
{
    char out[512];
    size_t length = ls_gate_text(text, strlen(text), out, sizeof out);
    assert_string_equal(out, expected);
    assert_int_equal(length, strlen(expected));
}

static void plain_text_passes_unchanged(void **state)
{
    (void)state;
    assert_gated("", "");
    assert_gated("pay:77141:18 ~", "pay:77141:18 ~");
    assert_gated("Größe Ελλάδα 株券 ✘ ▂█", "Größe Ελλάδα 株券 ✘ ▂█");
}

static void control_characters_become_visible(void **state)
{
    (void)state;
    assert_gated("a\x1b[2Jb", "a<U+001B>[2Jb");
    assert_gated("\a\b\r\n\t", "<U+0007><U+0008><U+000D><U+000A><U+0009>");
    assert_gated("\x7f", "<U+007F>");
    assert_gated("\xc2\x9b"
                 "31m",
                 "<U+009B>31m");
}

static void characters_that_reorder_or_hide_become_visible(void **state)
{
    (void)state;
    assert_gated("\u202eabc\u2066\u061c\u200f", "<U+202E>abc<U+2066><U+061C><U+200F>");
    assert_gated("a\u200bb\u2060\ufeff\u00ad", "a<U+200B>b<U+2060><U+FEFF><U+00AD>");
    assert_gated("\U000e0041\U000e0001\ufe0f\U000e0100", "<U+E0041><U+E0001><U+FE0F><U+E0100>");
    assert_gated("\ue000\U000f0000\U0010ffff\ufdd0\u0378",
                 "<U+E000><U+F0000><U+10FFFF><U+FDD0><U+0378>");
    assert_gated("\u2028\u2029\u3164\u2800", "<U+2028><U+2029><U+3164><U+2800>");
    assert_gated("\U0001f1e9\U0001f1ea\U0001f3fd", "<U+1F1E9><U+1F1EA><U+1F3FD>");
}

static void bytes_that_are_not_utf8_become_visible(void **state)
{
    (void)state;
    assert_gated("a\xff"
                 "b",
                 "a<xFF>b");
    assert_gated("\xc0\xaf", "<xC0><xAF>");
    assert_gated("\xed\xa0\x80", "<xED><xA0><x80>");
    assert_gated("\xf4\x90\x80\x80", "<xF4><x90><x80><x80>");
    assert_gated("cut \xe2\x82", "cut <xE2><x82>");
}

static void a_base_keeps_two_combining_characters_at_most(void **state)
{
    (void)state;
    assert_gated("e\u0301", "e\u0301");
    assert_gated("e\u0301\u0302\u0303", "e\u0301\u0302<U+0303>");
    assert_gated("\u0301x", "<U+0301>x");
}

static void widths_count_cells_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(ls_gate_scalar_width('a'), 1);
    assert_int_equal(ls_gate_scalar_width(0x682a), 2);
    assert_int_equal(ls_gate_scalar_width(0x1f600), 2);
    assert_int_equal(ls_gate_scalar_width(0x0301), 0);
    assert_int_equal(ls_gate_scalar_width(0x1b), -1);
    assert_int_equal(ls_gate_scalar_width(0x110000), -1);

    const char *text = "e\u0301株\x1b";
    assert_int_equal(ls_gate_width(text, strlen(text)), 1 + 2 + 8);
    assert_int_equal(ls_gate_width(text, 0), 0);
}

static void assert_cut(const char *text, size_t cells, const char *expected, size_t width)
{
    char out[64];
    assert_int_equal(ls_gate_cut(text, strlen(text), cells, "…", out, sizeof out), width);
    assert_string_equal(out, expected);
}

static void a_cut_never_splits_a_character_and_shows_that_it_cut(void **state)
{
    (void)state;
    assert_cut("abcdef", 6, "abcdef", 6);
    assert_cut("abcdef", 5, "abcd…", 5);
    assert_cut("abcdef", 1, "…", 1);
    assert_cut("abcdef", 0, "", 0);
    assert_cut("株券株券", 5, "株券…", 5);
    assert_cut("株券株券", 4, "株…", 3);
    assert_cut("ab\x1b", 6, "ab…", 3);
}

static void a_small_buffer_ends_between_two_characters(void **state)
{
    (void)state;
    char out[5];
    assert_int_equal(ls_gate_text("a株b", 5, out, sizeof out), 4);
    assert_string_equal(out, "a株");
    assert_int_equal(ls_gate_text("ab株", 5, out, 4), 2);
    assert_string_equal(out, "ab");
    assert_int_equal(ls_gate_text("abc", 3, out, 1), 0);
    assert_string_equal(out, "");
    assert_int_equal(ls_gate_cut("株株", 6, 4, "…", out, 4), 2);
    assert_string_equal(out, "株");
    assert_int_equal(ls_gate_cut("abcdefg", 7, 5, "…", out, 2), 0);
    assert_string_equal(out, "");
}

static void with_ascii_only_the_rest_is_a_placeholder(void **state)
{
    (void)state;
    struct ls_gate_piece piece;

    assert_int_equal(ls_gate_next("é", 2, true, &piece), 2);
    assert_string_equal(piece.text, "<U+00E9>");
    assert_true(piece.is_placeholder);
    assert_int_equal(ls_gate_next("e\u0301", 3, true, &piece), 1);
    assert_string_equal(piece.text, "e");
    assert_int_equal(ls_gate_next("e", 0, true, &piece), 0);
}

/* What comes out holds nothing that a terminal obeys, whatever goes in. */
static void no_byte_string_comes_out_with_anything_a_terminal_obeys(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char text[24];
        char out[24 * LS_GATE_PIECE_BYTES];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = (char)(seed >> 24);
        }
        size_t length = ls_gate_text(text, sizeof text, out, sizeof out);

        for (size_t at = 0; at < length;) {
            uint32_t scalar = 0;
            size_t used = ls_utf8_next(out + at, length - at, &scalar);
            assert_true(used > 0);
            assert_true(ls_gate_scalar_width(scalar) >= 0);
            at += used;
        }
        char again[sizeof out];
        ls_gate_text(out, length, again, sizeof again);
        assert_string_equal(again, out);
        assert_int_equal(ls_gate_width(out, length), ls_gate_width(text, sizeof text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text_passes_unchanged),
        cmocka_unit_test(control_characters_become_visible),
        cmocka_unit_test(characters_that_reorder_or_hide_become_visible),
        cmocka_unit_test(bytes_that_are_not_utf8_become_visible),
        cmocka_unit_test(a_base_keeps_two_combining_characters_at_most),
        cmocka_unit_test(widths_count_cells_not_bytes),
        cmocka_unit_test(a_cut_never_splits_a_character_and_shows_that_it_cut),
        cmocka_unit_test(a_small_buffer_ends_between_two_characters),
        cmocka_unit_test(with_ascii_only_the_rest_is_a_placeholder),
        cmocka_unit_test(no_byte_string_comes_out_with_anything_a_terminal_obeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
