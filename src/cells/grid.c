#include "lockstep/cells/grid.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid_private.h"
#include "lockstep/base/utf8.h"

enum { PRINTF_BYTES = 2048 };

struct ls_grid {
    int32_t columns, rows;
    int32_t cursor_row, cursor_column;
    bool is_ascii;
    struct ls_cell *cells;
    size_t link_count;
    struct ls_grid_link links[LS_GRID_LINKS_MAX];
};

static int32_t within(int32_t value, int32_t least, int32_t most)
{
    if (value < least) return least;
    return value > most ? most : value;
}

ls_grid *ls_grid_new(int32_t columns, int32_t rows, bool ascii_only)
{
    ls_grid *grid = calloc(1, sizeof *grid);
    if (grid == NULL) return NULL;
    grid->is_ascii = ascii_only;
    if (ls_failed(ls_grid_resize(grid, columns, rows))) {
        free(grid);
        return NULL;
    }
    return grid;
}

void ls_grid_free(ls_grid *grid)
{
    if (grid == NULL) return;
    free(grid->cells);
    free(grid);
}

ls_err ls_grid_resize(ls_grid *grid, int32_t columns, int32_t rows)
{
    columns = within(columns, 1, LS_GRID_COLUMNS_MAX);
    rows = within(rows, 1, LS_GRID_ROWS_MAX);
    struct ls_cell *cells = calloc((size_t)columns * (size_t)rows, sizeof *cells);
    if (cells == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "grid");
    free(grid->cells);
    grid->cells = cells;
    grid->columns = columns;
    grid->rows = rows;
    ls_grid_clear(grid);
    return LS_OK;
}

static const struct ls_cell blank = {.base = ' ', .width = 1};

void ls_grid_clear(ls_grid *grid)
{
    size_t count = (size_t)grid->columns * (size_t)grid->rows;
    for (size_t i = 0; i < count; i++) grid->cells[i] = blank;
    ls_grid_set_cursor(grid, -1, -1);
    grid->link_count = 0;
}

struct ls_grid_link *grid_next_link(ls_grid *grid)
{
    return grid->link_count < LS_GRID_LINKS_MAX ? &grid->links[grid->link_count++] : NULL;
}

size_t ls_grid_link_count(const ls_grid *grid)
{
    return grid->link_count;
}

const struct ls_grid_link *ls_grid_link_at(const ls_grid *grid, size_t index)
{
    assert(index < grid->link_count);
    const struct ls_grid_link *link = &grid->links[index];
    for (int32_t i = 0; link->text[i] != '\0'; i++) {
        if (link->row >= grid->rows || link->column + i >= grid->columns) return NULL;
        const struct ls_cell *cell = ls_grid_cell(grid, link->row, link->column + i);
        if (cell->base != (unsigned char)link->text[i]) return NULL;
    }
    return link;
}

int32_t ls_grid_columns(const ls_grid *grid)
{
    return grid->columns;
}

int32_t ls_grid_rows(const ls_grid *grid)
{
    return grid->rows;
}

bool ls_grid_is_ascii(const ls_grid *grid)
{
    return grid->is_ascii;
}

static struct ls_cell *cell_at(const ls_grid *grid, int32_t row, int32_t column)
{
    return &grid->cells[(size_t)row * (size_t)grid->columns + (size_t)column];
}

const struct ls_cell *ls_grid_cell(const ls_grid *grid, int32_t row, int32_t column)
{
    assert(row >= 0 && row < grid->rows);
    assert(column >= 0 && column < grid->columns);
    return cell_at(grid, row, column);
}

void ls_grid_set_cursor(ls_grid *grid, int32_t row, int32_t column)
{
    bool is_inside = row >= 0 && row < grid->rows && column >= 0 && column < grid->columns;
    grid->cursor_row = is_inside ? row : -1;
    grid->cursor_column = is_inside ? column : -1;
}

void ls_grid_cursor(const ls_grid *grid, int32_t *row_out, int32_t *column_out)
{
    *row_out = grid->cursor_row;
    *column_out = grid->cursor_column;
}

struct ls_span ls_span_of(int32_t row, int32_t column, int32_t end)
{
    return (struct ls_span){row, column, end};
}

struct ls_span ls_rect_line(struct ls_rect area, int32_t row, int32_t margin)
{
    if (row < 0 || row >= area.rows) return (struct ls_span){-1, 0, 0};
    return (struct ls_span){area.row + row, area.column + margin,
                            area.column + area.columns - margin};
}

/* A wide character that loses one half becomes a blank. */
static void mend_neighbours(ls_grid *grid, int32_t row, int32_t column)
{
    struct ls_cell *cell = cell_at(grid, row, column);
    if (cell->width == 0 && column > 0) {
        struct ls_cell *left = cell_at(grid, row, column - 1);
        left->base = ' ';
        left->combiners[0] = 0;
        left->combiners[1] = 0;
        left->width = 1;
    }
    if (cell->width == 2 && column + 1 < grid->columns) {
        struct ls_cell *right = cell_at(grid, row, column + 1);
        right->base = ' ';
        right->width = 1;
    }
}

static void
put(ls_grid *grid, int32_t row, int32_t column, enum ls_role role, struct ls_cell cell)
{
    if (row < 0 || row >= grid->rows || column < 0 || column >= grid->columns) return;
    mend_neighbours(grid, row, column);
    struct ls_cell *place = cell_at(grid, row, column);
    cell.role = (uint8_t)role;
    cell.over = place->over;
    *place = cell;
}

static void put_piece(ls_grid *grid,
                      int32_t row,
                      int32_t column,
                      enum ls_role role,
                      const struct ls_gate_piece *piece)
{
    if (piece->is_placeholder) {
        for (int32_t i = 0; i < piece->width; i++) {
            const struct ls_cell cell = {.base = (uint32_t)piece->text[i], .width = 1};
            put(grid, row, column + i, role, cell);
        }
        return;
    }
    struct ls_cell cell = {.base = piece->base, .width = (uint8_t)piece->width};
    memcpy(cell.combiners, piece->combiners, sizeof cell.combiners);
    if (piece->width == 2 && column + 1 >= grid->columns) cell = blank;
    put(grid, row, column, role, cell);
    if (piece->width == 2)
        put(grid, row, column + 1, role, (struct ls_cell){.base = ' ', .width = 0});
}

static int64_t cells_of(const ls_grid *grid, const char *text, size_t text_bytes)
{
    int64_t cells = 0;
    struct ls_gate_piece piece;
    for (size_t at = 0; at < text_bytes;) {
        at += ls_gate_next(text + at, text_bytes - at, grid->is_ascii, &piece);
        cells += piece.width;
    }
    return cells;
}

int32_t ls_grid_bytes(
    ls_grid *grid, struct ls_span span, enum ls_role role, const char *text, size_t text_bytes)
{
    if (span.end > grid->columns) span.end = grid->columns;
    if (span.column >= span.end || text_bytes == 0) return span.column;

    bool fits = cells_of(grid, text, text_bytes) <= span.end - span.column;
    int32_t end = fits ? span.end : span.end - 1;
    int32_t column = span.column;
    struct ls_gate_piece piece;
    for (size_t at = 0; at < text_bytes;) {
        at += ls_gate_next(text + at, text_bytes - at, grid->is_ascii, &piece);
        if (column + piece.width > end) break;
        put_piece(grid, span.row, column, role, &piece);
        column += piece.width;
    }
    if (fits) return column;
    const struct ls_cell ellipsis = {.base = grid->is_ascii ? '~' : 0x2026, .width = 1};
    put(grid, span.row, column, role, ellipsis);
    return column + 1;
}

int32_t ls_grid_text(ls_grid *grid, struct ls_span span, enum ls_role role, const char *text)
{
    return ls_grid_bytes(grid, span, role, text, strlen(text));
}

int32_t
ls_grid_printf(ls_grid *grid, struct ls_span span, enum ls_role role, const char *format, ...)
{
    char text[PRINTF_BYTES];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return length < 0 ? span.column : ls_grid_text(grid, span, role, text);
}

int32_t ls_grid_right(ls_grid *grid, struct ls_span span, enum ls_role role, const char *text)
{
    int64_t cells = cells_of(grid, text, strlen(text));
    if (cells < span.end - span.column) span.column = span.end - (int32_t)cells;
    (void)ls_grid_text(grid, span, role, text);
    return span.column;
}

void ls_grid_fill(ls_grid *grid, struct ls_rect area, enum ls_role role, enum ls_role over)
{
    for (int32_t row = area.row; row < area.row + area.rows; row++) {
        for (int32_t column = area.column; column < area.column + area.columns; column++)
            put(grid, row, column, role, blank);
    }
    ls_grid_tint(grid, area, over);
}

void ls_grid_tint(ls_grid *grid, struct ls_rect area, enum ls_role over)
{
    int32_t row_end = within(area.row + area.rows, 0, grid->rows);
    int32_t column_end = within(area.column + area.columns, 0, grid->columns);
    for (int32_t row = within(area.row, 0, grid->rows); row < row_end; row++) {
        for (int32_t column = within(area.column, 0, grid->columns); column < column_end;
             column++)
            cell_at(grid, row, column)->over = (uint8_t)over;
    }
}

void ls_grid_dump(const ls_grid *grid, struct ls_buf *out)
{
    for (int32_t row = 0; row < grid->rows; row++) {
        int32_t end = grid->columns;
        while (end > 0 && cell_at(grid, row, end - 1)->base == ' ' &&
               cell_at(grid, row, end - 1)->width == 1)
            end--;
        for (int32_t column = 0; column < end; column++) {
            const struct ls_cell *cell = cell_at(grid, row, column);
            char bytes[4];
            if (cell->width == 0) continue;
            ls_buf_add(out, bytes, ls_utf8_put(cell->base, bytes));
            for (int i = 0; i < LS_GATE_COMBINERS_MAX && cell->combiners[i] != 0; i++)
                ls_buf_add(out, bytes, ls_utf8_put(cell->combiners[i], bytes));
        }
        ls_buf_add_char(out, '\n');
    }
}
