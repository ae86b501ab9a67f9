/* A screen as a grid of cells: what views draw on, what golden tests read, and all that
 * a terminal is ever given.
 *
 * Every text passes the gate (base/gate.h) on its way in: no cell can hold anything that
 * a terminal would obey. Drawing outside the grid is clipped, never an error. */
#ifndef LOCKSTEP_CELLS_GRID_H
#define LOCKSTEP_CELLS_GRID_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"
#include "lockstep/base/gate.h"
#include "lockstep/cells/theme.h"

enum { LS_GRID_COLUMNS_MAX = 1000, LS_GRID_ROWS_MAX = 500 };

struct ls_cell {
    uint32_t base; /* ' ' when empty */
    uint32_t combiners[LS_GATE_COMBINERS_MAX];
    uint8_t width; /* 1 or 2; 0: the right half of a wide character */
    uint8_t role;  /* enum ls_role */
    uint8_t over;  /* enum ls_role whose background wins; LS_ROLE_TEXT for none */
};

typedef struct ls_grid ls_grid;

/* An empty grid; NULL when memory is exhausted. Sizes are brought into 1..MAX. With
 * `ascii_only` nothing but ASCII enters a cell. */
ls_grid *ls_grid_new(int32_t columns, int32_t rows, bool ascii_only);
void ls_grid_free(ls_grid *grid);
/* Make it empty at another size. LS_CODE_NO_MEMORY leaves it as it was. */
LS_MUST_CHECK ls_err ls_grid_resize(ls_grid *grid, int32_t columns, int32_t rows);
void ls_grid_clear(ls_grid *grid);

int32_t ls_grid_columns(const ls_grid *grid);
int32_t ls_grid_rows(const ls_grid *grid);
bool ls_grid_is_ascii(const ls_grid *grid);
/* The cell at a place inside the grid; valid until the next resize. */
const struct ls_cell *ls_grid_cell(const ls_grid *grid, int32_t row, int32_t column);
/* Where the terminal's cursor stands (an input field), or -1, -1 for hidden. */
void ls_grid_set_cursor(ls_grid *grid, int32_t row, int32_t column);
void ls_grid_cursor(const ls_grid *grid, int32_t *row_out, int32_t *column_out);

/* A place to write: from `column` up to, not including, `end`. */
struct ls_span {
    int32_t row, column, end;
};
struct ls_rect {
    int32_t row, column, rows, columns;
};
struct ls_span ls_span_of(int32_t row, int32_t column, int32_t end);
/* Row `row` (from 0) of `area`, `margin` cells in from both sides. */
struct ls_span ls_rect_line(struct ls_rect area, int32_t row, int32_t margin);

/* Write text; what does not fit ends in an ellipsis. Returns the column after it. */
int32_t ls_grid_text(ls_grid *grid, struct ls_span span, enum ls_role role, const char *text);
int32_t ls_grid_bytes(
    ls_grid *grid, struct ls_span span, enum ls_role role, const char *text, size_t text_bytes);
int32_t
ls_grid_printf(ls_grid *grid, struct ls_span span, enum ls_role role, const char *format, ...)
    LS_PRINTF(4, 5);
/* Write text so that it ends at span.end; returns the column where it begins. */
int32_t ls_grid_right(ls_grid *grid, struct ls_span span, enum ls_role role, const char *text);
/* Fill a rectangle with blanks of `role`, under `over`. */
void ls_grid_fill(ls_grid *grid, struct ls_rect area, enum ls_role role, enum ls_role over);
/* Put `over` over the cells of a rectangle without changing what stands there. */
void ls_grid_tint(ls_grid *grid, struct ls_rect area, enum ls_role over);
/* One horizontal line. */
void ls_grid_rule(ls_grid *grid, struct ls_span span, enum ls_role role);
/* A border with a title in its upper edge and a note at that edge's right ("" for
 * none); the inside is not touched. Returns the inside. */
struct ls_rect ls_grid_box(ls_grid *grid,
                           struct ls_rect area,
                           enum ls_role border,
                           const char *title,
                           const char *note);

/* Text that leads to a page, where the terminal can: both plain ASCII, the address of
 * https:// and of the letters, digits and signs that addresses are written in, else it is
 * text alone. What is drawn over it later takes the link away. */
int32_t ls_grid_link(
    ls_grid *grid, struct ls_span span, enum ls_role role, const char *text, const char *url);
enum { LS_GRID_LINKS_MAX = 16, LS_GRID_LINK_BYTES = 240 };
struct ls_grid_link {
    int32_t row, column;
    char text[LS_GRID_LINK_BYTES];
    char url[LS_GRID_LINK_BYTES];
};
/* The link number `index` that still stands as it was written; NULL for one that was drawn
 * over. */
const struct ls_grid_link *ls_grid_link_at(const ls_grid *grid, size_t index);
size_t ls_grid_link_count(const ls_grid *grid);

/* Append the characters as lines of text, trailing blanks cut. */
void ls_grid_dump(const ls_grid *grid, struct ls_buf *out);

#endif
