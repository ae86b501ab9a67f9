#include <string.h>

#include "lockstep/cells/grid.h"

struct corners {
    const char *across, *down, *top_left, *top_right, *bottom_left, *bottom_right;
};

static const struct corners round_corners = {"─", "│", "╭", "╮", "╰", "╯"};
static const struct corners ascii_corners = {"-", "|", "+", "+", "+", "+"};

static const struct corners *corners_of(const ls_grid *grid)
{
    return ls_grid_is_ascii(grid) ? &ascii_corners : &round_corners;
}

void ls_grid_rule(ls_grid *grid, struct ls_span span, enum ls_role role)
{
    const struct corners *with = corners_of(grid);
    for (int32_t column = span.column; column < span.end; column++)
        (void)ls_grid_text(grid, ls_span_of(span.row, column, column + 1), role, with->across);
}

static void
put_one(ls_grid *grid, int32_t row, int32_t column, enum ls_role role, const char *text)
{
    (void)ls_grid_text(grid, ls_span_of(row, column, column + 1), role, text);
}

struct ls_rect ls_grid_box(ls_grid *grid,
                           struct ls_rect area,
                           enum ls_role border,
                           const char *title,
                           const char *note)
{
    if (area.rows < 2 || area.columns < 4) return (struct ls_rect){0};
    const struct corners *with = corners_of(grid);
    int32_t right = area.column + area.columns - 1;
    int32_t bottom = area.row + area.rows - 1;

    ls_grid_rule(grid, ls_span_of(area.row, area.column + 1, right), border);
    ls_grid_rule(grid, ls_span_of(bottom, area.column + 1, right), border);
    for (int32_t row = area.row + 1; row < bottom; row++) {
        put_one(grid, row, area.column, border, with->down);
        put_one(grid, row, right, border, with->down);
    }
    put_one(grid, area.row, area.column, border, with->top_left);
    put_one(grid, area.row, right, border, with->top_right);
    put_one(grid, bottom, area.column, border, with->bottom_left);
    put_one(grid, bottom, right, border, with->bottom_right);

    int32_t end = right - 1;
    int32_t note_cells = (int32_t)ls_gate_width(note, strlen(note));
    int32_t title_cells = (int32_t)ls_gate_width(title, strlen(title));
    if (note_cells > 0 && title_cells + note_cells + 8 <= area.columns) {
        int32_t column = end - note_cells - 2;
        (void)ls_grid_printf(grid, ls_span_of(area.row, column, end), LS_ROLE_MUTED, " %s ",
                             note);
        end = column;
    }
    if (title[0] != '\0') {
        (void)ls_grid_printf(grid, ls_span_of(area.row, area.column + 1, end), LS_ROLE_TITLE,
                             " %s ", title);
    }
    return (struct ls_rect){area.row + 1, area.column + 1, area.rows - 2, area.columns - 2};
}
