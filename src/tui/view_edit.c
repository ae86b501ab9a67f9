#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { PATH_CELLS = 24, VALUE_SHOWN = 512 };

static void draw_typing(struct view view, struct ls_span span)
{
    const struct input *input = &view.ui->edit_input;
    size_t skipped = 0; /* so that the caret is on screen */
    size_t room = span.end > span.column + 1 ? (size_t)(span.end - span.column - 1) : 1;
    ls_grid_fill(view.grid, (struct ls_rect){span.row, span.column, 1, span.end - span.column},
                 LS_ROLE_INPUT, LS_ROLE_INPUT);
    while (ls_gate_width(input->text + skipped, input->caret - skipped) > room)
        skipped += wrap_bytes(input->text + skipped, input->caret - skipped, 8);
    (void)ls_grid_text(view.grid, span, LS_ROLE_INPUT, input->text + skipped);
    ls_grid_set_cursor(
        view.grid, span.row,
        span.column + (int32_t)ls_gate_width(input->text + skipped, input->caret - skipped));
}

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
        draw_typing(view, span);
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
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, view.area.rows - 1, 1), LS_ROLE_HINT,
                       edit->is_typing
                           ? "Enter takes the value, Esc leaves it as it was"
                           : "Enter changes a value   E asks to send it   Esc drops the edit");
}
