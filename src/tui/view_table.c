#include <string.h>

#include "view_list.h"

struct cells view_cells(struct view view, int32_t row)
{
    bool is_inside = row >= 0 && row < view.area.rows;
    return (struct cells){view.grid, is_inside ? view.area.row + row : -1, view.area.column + 1,
                          view.area.column + view.area.columns - 1};
}

static struct ls_span take(struct cells *cells, int32_t width)
{
    int32_t column = cells->column;
    int32_t end = column + width;
    cells->column = end + 1;
    return ls_span_of(cells->row, column, end < cells->end ? end : cells->end);
}

void cells_put(struct cells *cells, int32_t width, enum ls_role role, const char *text)
{
    if (width <= 0) return;
    (void)ls_grid_text(cells->grid, take(cells, width), role, text);
}

void cells_right(struct cells *cells, int32_t width, enum ls_role role, const char *text)
{
    if (width <= 0) return;
    (void)ls_grid_right(cells->grid, take(cells, width), role, text);
}

void view_crumb_of(struct view view, struct crumb crumb, enum ls_role note_role)
{
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    int32_t begin = ls_grid_right(view.grid, span, note_role, crumb.note);
    span.end = begin > span.column ? begin - 1 : span.end;
    struct ls_span where = span;
    where.end = span.end - (int32_t)ls_gate_width(crumb.range, strlen(crumb.range));
    if (where.end < where.column) where.end = where.column;
    span.column = ls_grid_text(view.grid, where, LS_ROLE_TITLE, crumb.where);
    (void)ls_grid_text(view.grid, span, LS_ROLE_TITLE, crumb.range);
}

void view_crumb(struct view view, const char *where, const char *note, enum ls_role note_role)
{
    view_crumb_of(view, (struct crumb){where, "", note}, note_role);
}

size_t wrap_bytes(const char *text, size_t text_bytes, int32_t cells)
{
    size_t at = 0;
    size_t blank_end = 0;
    int32_t used = 0;
    struct ls_gate_piece piece;
    while (at < text_bytes) {
        size_t bytes = ls_gate_next(text + at, text_bytes - at, false, &piece);
        if (used + piece.width > cells) break;
        used += piece.width;
        at += bytes;
        if (piece.base == ' ') blank_end = at;
    }
    if (at == text_bytes) return at;
    if (text[at] == ' ') return at;
    if (blank_end > at / 2) return blank_end;
    return at > 0 ? at : 1;
}

size_t wrap_skip(const char *text, size_t bytes)
{
    while (text[bytes] == ' ') bytes++;
    return bytes;
}

int32_t wrap_rows(const char *text, int32_t cells)
{
    const size_t length = strlen(text);
    int32_t rows = 0;
    for (size_t at = 0; at < length; rows++)
        at += wrap_skip(text + at, wrap_bytes(text + at, length - at, cells > 0 ? cells : 1));
    return rows;
}

int32_t view_wrap(struct view view, enum ls_role role, const char *text)
{
    size_t length = strlen(text);
    int32_t row = 0;
    for (size_t at = 0; at < length && row < view.area.rows; row++) {
        struct ls_span span = ls_rect_line(view.area, row, 0);
        bool is_last = row + 1 == view.area.rows;
        size_t bytes =
            is_last ? length - at : wrap_bytes(text + at, length - at, view.area.columns);
        (void)ls_grid_bytes(view.grid, span, role, text + at, bytes);
        at += wrap_skip(text + at, bytes);
    }
    return row;
}

void view_select(struct view view, int32_t row, int32_t columns)
{
    ls_grid_tint(view.grid, (struct ls_rect){view.area.row + row, view.area.column, 1, columns},
                 LS_ROLE_SELECT);
}

struct ls_rect rect_rows(struct ls_rect area, int32_t first, int32_t rows)
{
    if (first > area.rows) first = area.rows;
    if (rows > area.rows - first) rows = area.rows - first;
    if (rows < 0) rows = 0;
    return (struct ls_rect){area.row + first, area.column, rows, area.columns};
}

int32_t flex_cells(int32_t columns, const int32_t *widths, size_t count)
{
    int32_t rest = columns - 2;
    for (size_t i = 0; i < count; i++) {
        if (widths[i] > 0) rest -= widths[i] + 1;
    }
    return rest > 1 ? rest : 1;
}

void fit_cells(int32_t *width, const char *text, int32_t most)
{
    const int32_t cells = (int32_t)ls_gate_width(text, strlen(text));
    if (cells > *width) *width = cells < most ? cells : most;
}

const char *short_cause(const char *cause, int32_t cells)
{
    static const char *const needless[] = {"InstructionError:", "waits "};
    if ((int32_t)ls_gate_width(cause, strlen(cause)) <= cells) return cause;
    for (size_t i = 0; i < sizeof needless / sizeof needless[0]; i++) {
        const size_t bytes = strlen(needless[i]);
        if (strncmp(cause, needless[i], bytes) == 0) return cause + bytes;
    }
    return cause;
}
