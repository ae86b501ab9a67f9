#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { PATH_CELLS = 24, VALUE_SHOWN = 512 };

static int32_t draw_leaf(struct view view, int32_t row, size_t index)
{
    const struct edit *edit = &view.ui->edit;
    bool is_here = (int64_t)index == edit->at;
    bool is_changed = edit_is_changed(edit, index);
    char value[VALUE_SHOWN];
    struct ls_span span = ls_rect_line(view.area, row, 1);
    (void)ls_grid_printf(view.grid, span, is_here ? LS_ROLE_KEY : LS_ROLE_MUTED, "%s%s %.22s",
                         is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : " ",
                         is_changed ? "*" : " ", edit->leaves[index].path);
    span.column += PATH_CELLS + 1;
    if (is_here && edit->is_typing) {
        (void)view_input(view, span, &view.ui->edit_input, true);
        return 1;
    }
    ls_leaf_value(edit->after, &edit->leaves[index], value, sizeof value);
    (void)ls_grid_text(view.grid, span, is_changed ? LS_ROLE_TITLE : LS_ROLE_TEXT, value);
    if (!is_changed || row + 1 >= view.area.rows - 3) return 1;
    ls_leaf_value(edit->before, &edit->leaves_before[index], value, sizeof value);
    span.row++;
    (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "was %s", value);
    return 2;
}

void view_edit(struct view view)
{
    const struct edit *edit = &view.ui->edit;
    char title[64];
    ls_grid_set_cursor(view.grid, -1, -1);
    ls_grid_fill(view.grid, view.area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    (void)snprintf(title, sizeof title, "Payload of op %" PRId64, edit->op.value);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_DIALOG, title,
                            "nothing changes before it is asked");
    int64_t fits = (view.area.rows - 3) / 2; /* a changed one takes two rows */
    int64_t top = edit->at >= fits && fits > 0 ? edit->at - fits + 1 : 0;
    int32_t row = 0;
    for (size_t i = (size_t)top; i < edit->count && row < view.area.rows - 3; i++)
        row += draw_leaf(view, row, i);
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, view.area.rows - 2, 1),
                       LS_ROLE_DIALOG_DANGER, edit->trouble);
    (void)ls_grid_text(
        view.grid, ls_rect_line(view.area, view.area.rows - 1, 1), LS_ROLE_HINT,
        edit->weigh_ticket != 0 ? "Asking the database whether it is a payload   Esc goes back"
        : edit->is_typing       ? "Enter takes the value, Esc leaves it as it was"
                          : "Enter changes a value   E asks to send it   Esc drops the edit");
}

/* From where two values are shown so that their first difference is seen. */
static size_t shown_from(const char *before, const char *after, int32_t cells)
{
    enum { CONTEXT_BYTES = 12 };
    size_t same = 0;
    while (before[same] != '\0' && before[same] == after[same]) same++;
    const size_t most = strlen(before) > strlen(after) ? strlen(before) : strlen(after);
    if (most <= (size_t)cells || same <= CONTEXT_BYTES) return 0;
    size_t from = same - CONTEXT_BYTES;
    while (from > 0 && ((unsigned char)before[from] & 0xc0) == 0x80) from--;
    return from;
}

static void draw_change(struct view view, int32_t row, size_t index, int32_t path_cells)
{
    const struct edit *edit = &view.ui->edit;
    char before[VALUE_SHOWN];
    char after[VALUE_SHOWN];
    ls_leaf_value(edit->before, &edit->leaves_before[index], before, sizeof before);
    ls_leaf_value(edit->after, &edit->leaves[index], after, sizeof after);
    struct ls_span span = ls_rect_line(view.area, row, 1);
    const struct ls_span path = ls_span_of(span.row, span.column, span.column + path_cells);
    (void)ls_grid_text(view.grid, path, LS_ROLE_TEXT, edit->leaves[index].path);
    span.column += path_cells + 2;
    const size_t from = shown_from(before, after, span.end - span.column - 5);
    const char *cut = from > 0 ? ui_glyph(view.ui, LS_GLYPH_ELLIPSIS) : "";
    (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "was %s%s", cut, before + from);
    if (row + 1 == view.area.rows) return;
    span.row++;
    (void)ls_grid_printf(view.grid, span, LS_ROLE_TITLE, "now %s%s", cut, after + from);
}

enum { CHANGES_PATH_MOST = 20, CHANGES_ROWS_MOST = 8 };

static int32_t count_changes(const struct edit *edit)
{
    int32_t count = 0;
    for (size_t i = 0; i < edit->count; i++) count += edit_is_changed(edit, i) ? 1 : 0;
    return count;
}

int32_t view_edit_change_rows(const struct ls_ui *ui)
{
    const int32_t rows = 2 * count_changes(&ui->edit);
    return rows <= CHANGES_ROWS_MOST ? rows : CHANGES_ROWS_MOST + 1;
}

/* The cells that the paths of what changed take. */
static int32_t path_cells(const struct edit *edit)
{
    int32_t most = 0;
    for (size_t i = 0; i < edit->count; i++) {
        const size_t cells = ls_gate_width(edit->leaves[i].path, strlen(edit->leaves[i].path));
        if (edit_is_changed(edit, i) && (int32_t)cells > most) most = (int32_t)cells;
    }
    return most > CHANGES_PATH_MOST ? CHANGES_PATH_MOST : most;
}

int32_t view_edit_changes(struct view view)
{
    const struct edit *edit = &view.ui->edit;
    const int32_t cells = path_cells(edit);
    int32_t row = 0;
    for (size_t i = 0; i < edit->count; i++) {
        if (!edit_is_changed(edit, i)) continue;
        if (row + 2 > view.area.rows || row + 2 > CHANGES_ROWS_MOST) break;
        draw_change(view, row, i, cells);
        row += 2;
    }
    const int32_t more = count_changes(edit) - row / 2;
    if (more == 0 || row == view.area.rows) return row;
    (void)ls_grid_printf(view.grid, ls_rect_line(view.area, row, 1), LS_ROLE_SEV_WARNING,
                         "and %d more: Esc goes back to all of them", (int)more);
    return row + 1;
}
