#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/cells/grid.h"

static void assert_dump(const ls_grid *grid, const char *expected)
{
    struct ls_buf text;
    ls_buf_init(&text, 65536);
    ls_grid_dump(grid, &text);
    assert_string_equal(ls_buf_text(&text), expected);
    ls_buf_done(&text);
}

static void text_that_does_not_fit_ends_in_an_ellipsis(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(8, 2, false);

    assert_int_equal(ls_grid_text(grid, ls_span_of(0, 1, 6), LS_ROLE_TEXT, "abcdefgh"), 6);
    assert_int_equal(ls_grid_text(grid, ls_span_of(1, 0, 99), LS_ROLE_TEXT, "12345678"), 8);

    assert_dump(grid, " abcd…\n12345678\n");
    ls_grid_free(grid);
}

static void drawing_outside_is_clipped(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(4, 2, false);

    (void)ls_grid_text(grid, ls_span_of(-1, 0, 4), LS_ROLE_TEXT, "up");
    (void)ls_grid_text(grid, ls_span_of(2, 0, 4), LS_ROLE_TEXT, "down");
    (void)ls_grid_text(grid, ls_span_of(0, 9, 12), LS_ROLE_TEXT, "right");
    ls_grid_fill(grid, (struct ls_rect){-5, -5, 50, 50}, LS_ROLE_TEXT, LS_ROLE_SELECT);
    ls_grid_set_cursor(grid, 5, 5);
    int32_t row = 0;
    int32_t column = 0;
    ls_grid_cursor(grid, &row, &column);

    assert_int_equal(row, -1);
    assert_int_equal(column, -1);
    assert_dump(grid, "\n\n");
    assert_int_equal(ls_grid_cell(grid, 1, 3)->over, LS_ROLE_SELECT);
    ls_grid_free(grid);
}

static void a_wide_character_that_loses_a_half_becomes_a_blank(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(6, 1, false);

    (void)ls_grid_text(grid, ls_span_of(0, 0, 6), LS_ROLE_TEXT, "株券a");
    (void)ls_grid_text(grid, ls_span_of(0, 1, 6), LS_ROLE_TEXT, "x");
    assert_dump(grid, " x券a\n");
    (void)ls_grid_text(grid, ls_span_of(0, 2, 6), LS_ROLE_TEXT, "y");
    assert_dump(grid, " xy a\n");
    assert_int_equal(ls_grid_cell(grid, 0, 3)->width, 1);
    ls_grid_free(grid);
}

static void a_wide_character_is_not_cut_at_the_edge(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(3, 1, false);
    (void)ls_grid_text(grid, ls_span_of(0, 0, 3), LS_ROLE_TEXT, "株券");
    assert_dump(grid, "株…\n");
    ls_grid_free(grid);
}

static void hostile_text_becomes_placeholders_in_cells(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(20, 1, false);
    (void)ls_grid_text(grid, ls_span_of(0, 0, 20), LS_ROLE_TEXT, "a\x1b[2Jb");
    assert_dump(grid, "a<U+001B>[2Jb\n");
    ls_grid_free(grid);
}

static void an_ascii_grid_holds_ascii_alone(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(24, 3, true);

    (void)ls_grid_box(grid, (struct ls_rect){0, 0, 3, 24}, LS_ROLE_BORDER, "é", "n");
    (void)ls_grid_text(grid, ls_span_of(1, 1, 8), LS_ROLE_TEXT, "a long text");

    assert_dump(grid, "+ <U+00E9> -------- n -+\n|a long~               |\n"
                      "+----------------------+\n");
    ls_grid_free(grid);
}

static void a_box_gives_its_inside(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(20, 4, false);

    struct ls_rect inside =
        ls_grid_box(grid, (struct ls_rect){0, 0, 4, 20}, LS_ROLE_BORDER, "title", "note");

    assert_int_equal(inside.row, 1);
    assert_int_equal(inside.columns, 18);
    assert_dump(grid, "╭ title ──── note ─╮\n│                  │\n│                  │\n"
                      "╰──────────────────╯\n");
    assert_int_equal(
        ls_grid_box(grid, (struct ls_rect){0, 0, 1, 20}, LS_ROLE_BORDER, "", "").rows, 0);
    ls_grid_free(grid);
}

static void text_ends_where_it_is_told_to_end(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(8, 1, false);
    assert_int_equal(ls_grid_right(grid, ls_span_of(0, 1, 7), LS_ROLE_TEXT, "ab"), 5);
    assert_dump(grid, "     ab\n");
    ls_grid_free(grid);
}

static void sizes_are_brought_into_their_bounds(void **state)
{
    (void)state;
    ls_grid *grid = ls_grid_new(-3, 0, false);
    assert_int_equal(ls_grid_columns(grid), 1);
    assert_int_equal(ls_grid_rows(grid), 1);
    assert_int_equal(ls_grid_resize(grid, 1 << 30, 1 << 30).code, LS_CODE_OK);
    assert_int_equal(ls_grid_columns(grid), LS_GRID_COLUMNS_MAX);
    assert_int_equal(ls_grid_rows(grid), LS_GRID_ROWS_MAX);
    ls_grid_free(grid);
    ls_grid_free(NULL);
}

static void a_link_is_an_address_and_stands_until_it_is_drawn_over(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "http://a.example/",        "javascript:alert(1)",  "",
        "https://a.example/\033\\", "https://a.example/ b", "https://a.example/\xc3\xa9",
        "https://a.example/\""};
    ls_grid *grid = ls_grid_new(40, 3, false);
    const struct ls_span span = ls_span_of(1, 2, 40);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        (void)ls_grid_link(grid, span, LS_ROLE_TEXT, "text", bad[i]);
    (void)ls_grid_link(grid, span, LS_ROLE_TEXT, "t\xc3\xa9xt", "https://a.example/");
    (void)ls_grid_link(grid, ls_span_of(1, 2, 5), LS_ROLE_TEXT, "too long",
                       "https://a.example/");
    assert_int_equal(ls_grid_link_count(grid), 0);

    (void)ls_grid_link(grid, span, LS_ROLE_TEXT, "4hXTc", "https://a.example/tx/4hXTc?x=1&y=2");
    assert_int_equal(ls_grid_link_count(grid), 1);
    assert_non_null(ls_grid_link_at(grid, 0));
    (void)ls_grid_text(grid, ls_span_of(1, 4, 5), LS_ROLE_TEXT, "|");
    assert_null(ls_grid_link_at(grid, 0));
    ls_grid_clear(grid);
    assert_int_equal(ls_grid_link_count(grid), 0);
    ls_grid_free(grid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_is_an_address_and_stands_until_it_is_drawn_over),
        cmocka_unit_test(text_that_does_not_fit_ends_in_an_ellipsis),
        cmocka_unit_test(drawing_outside_is_clipped),
        cmocka_unit_test(a_wide_character_that_loses_a_half_becomes_a_blank),
        cmocka_unit_test(a_wide_character_is_not_cut_at_the_edge),
        cmocka_unit_test(hostile_text_becomes_placeholders_in_cells),
        cmocka_unit_test(an_ascii_grid_holds_ascii_alone),
        cmocka_unit_test(a_box_gives_its_inside),
        cmocka_unit_test(text_ends_where_it_is_told_to_end),
        cmocka_unit_test(sizes_are_brought_into_their_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
