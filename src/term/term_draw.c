#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "term_private.h"

enum { BLACK = 0, WHITE = 7 };

void ls_term_set_theme(ls_term *term, const struct ls_theme *theme)
{
    term->theme = *theme;
    term->pair_count = 0;
    ls_term_redraw(term);
}

static int16_t number_of(const ls_term *term, struct ls_color color)
{
    switch (term->colors) {
    case COLORS_NONE: return LS_COLOR_NONE;
    case COLORS_8: return color.of_16 < 0 ? LS_COLOR_NONE : (int16_t)(color.of_16 & 7);
    case COLORS_16: return color.of_16;
    case COLORS_256: return color.of_256;
    }
    return LS_COLOR_NONE;
}

/* The curses pair of two colours, made at first use; 0 when there are too many. */
static short pair_of(ls_term *term, int16_t foreground, int16_t background)
{
    if (foreground == LS_COLOR_NONE && background == LS_COLOR_NONE) return 0;
    for (size_t i = 0; i < term->pair_count; i++) {
        if (term->pairs[i].foreground == foreground && term->pairs[i].background == background)
            return (short)(i + 1);
    }
    if (term->pair_count >= term->pair_limit) return 0;
    short pair = (short)(term->pair_count + 1);
    if (init_pair(pair, foreground, background) == ERR) return 0;
    term->pairs[term->pair_count++] = (struct pair){foreground, background};
    return pair;
}

static attr_t attributes_of(uint8_t bits)
{
    attr_t attributes = A_NORMAL;
    if ((bits & LS_ATTRIBUTE_BOLD) != 0) attributes |= A_BOLD;
    if ((bits & LS_ATTRIBUTE_DIM) != 0) attributes |= A_DIM;
    if ((bits & LS_ATTRIBUTE_REVERSE) != 0) attributes |= A_REVERSE;
    if ((bits & LS_ATTRIBUTE_UNDERLINE) != 0) attributes |= A_UNDERLINE;
    if ((bits & LS_ATTRIBUTE_ITALIC) != 0) attributes |= A_ITALIC;
    return attributes;
}

struct pen {
    attr_t attributes;
    short pair;
    int16_t background;
};

/* Whether a blank looks the same in both: then the pen stays and no bytes are spent. */
static bool same_blank(const struct pen *left, const struct pen *right)
{
    const attr_t visible = A_REVERSE | A_UNDERLINE;
    return left->background == right->background &&
           ((left->attributes | right->attributes) & visible) == 0;
}

/* Whether the chosen row's background is another than that of the rest. */
static bool stands_out(const ls_term *term, int16_t background)
{
    return background != number_of(term, term->theme.roles[LS_ROLE_TEXT].background);
}

static struct pen pen_of(ls_term *term, const struct ls_cell *cell)
{
    struct ls_style style =
        ls_theme_style(&term->theme, (enum ls_role)cell->role, (enum ls_role)cell->over);
    bool is_mono = term->colors == COLORS_NONE;
    attr_t attributes = attributes_of(is_mono ? style.mono_attributes : style.attributes);
    if (term->colors == COLORS_8 && style.foreground.of_16 > 7) attributes |= A_BOLD;
    int16_t background = number_of(term, style.background);
    int16_t foreground = number_of(term, style.foreground);
    /* Few colours make two of a theme one: text is seen in any case, and the chosen row, too.
     */
    if (foreground == background && foreground != LS_COLOR_NONE)
        foreground = background == WHITE ? BLACK : WHITE;
    if (cell->over == LS_ROLE_SELECT && !is_mono && !stands_out(term, background))
        attributes |= A_REVERSE;
    short pair = pair_of(term, foreground, background);
    return (struct pen){attributes, pair, background};
}

static void
put_cell(int32_t row, int32_t column, const struct ls_cell *cell, const struct pen *pen)
{
    wchar_t text[LS_GATE_COMBINERS_MAX + 2] = {(wchar_t)cell->base};
    for (int i = 0; i < LS_GATE_COMBINERS_MAX; i++) text[i + 1] = (wchar_t)cell->combiners[i];
    cchar_t glyph;
    if (setcchar(&glyph, text, pen->attributes, pen->pair, NULL) == ERR) return;
    (void)mvadd_wch(row, column, &glyph); /* fails at the last cell, after writing it */
}

/* A vertical line of a box, behind which blanks lead to the row's text. */
static bool is_edge(const struct ls_cell *cell)
{
    return cell->base == 0x2502 || cell->base == '|';
}

/* The pen of blanks that follow `column`: that of the text behind them, where they look the
 * same in it. They are mostly written with it, and a change of pens costs more than they do. */
static struct pen leading_pen(ls_term *term, const ls_grid *grid, int32_t row, int32_t column)
{
    const struct ls_cell *cell = ls_grid_cell(grid, row, column);
    const struct pen blank = pen_of(term, cell);
    while (column < ls_grid_columns(grid) && cell->base == ' ')
        cell = ls_grid_cell(grid, row, column++);
    const struct pen text = pen_of(term, cell);
    return same_blank(&blank, &text) ? text : blank;
}

static bool row_is_shown(const ls_term *term, const ls_grid *grid, int32_t row)
{
    const struct ls_cell *shown = term->shown + (size_t)row * (size_t)term->shown_columns;
    for (int32_t column = 0; column < term->shown_columns; column++) {
        const struct ls_cell *cell = ls_grid_cell(grid, row, column);
        const struct ls_cell *old = &shown[column];
        if (cell->base != old->base || cell->width != old->width || cell->role != old->role ||
            cell->over != old->over ||
            memcmp(cell->combiners, old->combiners, sizeof cell->combiners) != 0)
            return false;
    }
    return true;
}

/* Room to remember what is shown; without it every row is given to curses each time. */
static void remember_size(ls_term *term, const ls_grid *grid)
{
    int32_t columns = ls_grid_columns(grid);
    int32_t rows = ls_grid_rows(grid);
    if (term->shown != NULL && term->shown_columns == columns && term->shown_rows == rows)
        return;
    free(term->shown);
    term->shown = calloc((size_t)columns * (size_t)rows, sizeof *term->shown);
    term->shown_columns = columns;
    term->shown_rows = rows;
}

/* Whether the row was given to curses. */
static bool draw_row(ls_term *term, const ls_grid *grid, int32_t row)
{
    int32_t columns = ls_grid_columns(grid);
    if (term->shown != NULL && row_is_shown(term, grid, row)) return false;
    struct pen pen = {.background = -2}; /* like no colour */
    for (int32_t column = 0; column < columns; column++) {
        const struct ls_cell *cell = ls_grid_cell(grid, row, column);
        if (term->shown != NULL)
            term->shown[(size_t)row * (size_t)columns + (size_t)column] = *cell;
        if (cell->width == 0 || row >= LINES || column >= COLS) continue;
        struct pen next = pen_of(term, cell);
        bool leads =
            cell->base == ' ' && (column == 0 || is_edge(ls_grid_cell(grid, row, column - 1)));
        if (leads) {
            pen = leading_pen(term, grid, row, column);
        } else if (cell->base != ' ' || !same_blank(&pen, &next)) {
            pen = next;
        }
        put_cell(row, column, cell, &pen);
    }
    return true;
}

/* The links of the rows that changed: behind curses' back, at the same cells, in the same
 * colours, with the cursor as it was. */
static void draw_links(const ls_term *term, const ls_grid *grid, const bool *drawn)
{
    for (int32_t row = 0; row < ls_grid_rows(grid); row++)
        if (drawn[row]) term_link_row(term, grid, row);
}

void ls_term_draw(ls_term *term, const ls_grid *grid)
{
    remember_size(term, grid);
    bool drawn[LS_GRID_ROWS_MAX] = {false};
    for (int32_t row = 0; row < ls_grid_rows(grid); row++)
        drawn[row] = draw_row(term, grid, row);
    int32_t row = -1;
    int32_t column = -1;
    ls_grid_cursor(grid, &row, &column);
    if ((row >= 0) != (term->cursor_row > 0)) (void)curs_set(row >= 0 ? 1 : 0);
    term->cursor_row = row + 1;
    leaveok(stdscr, row < 0); /* a hidden cursor stays where it is: to move it costs bytes */
    if (row >= 0) (void)move(row, column);
    refresh();
    if (term->shows_links) draw_links(term, grid, drawn);
}
