#include <inttypes.h>
#include <stdio.h>

#include "ui_model.h"

enum { RESULTS_COLUMNS_MAX = 110, RESULTS_ROWS_AROUND = 4, KEY_CELLS = 18, KEY_WIDE = 30 };

static struct ls_rect box_of(const struct ls_ui *ui, struct ls_rect body)
{
    int32_t columns =
        body.columns - 4 < RESULTS_COLUMNS_MAX ? body.columns - 4 : RESULTS_COLUMNS_MAX;
    int32_t rows = (int32_t)ui->results.count + RESULTS_ROWS_AROUND;
    if (rows > body.rows) rows = body.rows;
    return (struct ls_rect){body.row + (body.rows - rows) / 2, (body.columns - columns) / 2,
                            rows, columns};
}

int64_t results_visible(const struct ls_ui *ui)
{
    const struct ls_rect box = box_of(ui, ui_body(ui->columns, ui->rows));
    return box.rows > RESULTS_ROWS_AROUND ? box.rows - RESULTS_ROWS_AROUND : 1;
}

static enum ls_role role_of(enum result_is is)
{
    switch (is) {
    case RESULT_NOT_DONE: return LS_ROLE_SEV_WARNING;
    case RESULT_TAKEN:
    case RESULT_GOOD: return LS_ROLE_STATE_DONE;
    case RESULT_QUEUED: return LS_ROLE_STATE_READY;
    case RESULT_SENT: return LS_ROLE_STATE_SUBMITTED;
    case RESULT_FAILED: return LS_ROLE_STATE_FAILED;
    case RESULT_DOUBT:
    case RESULT_HELD: return LS_ROLE_STATE_HELD;
    }
    return LS_ROLE_TEXT;
}

static void draw_row(struct view view, int32_t at_row, size_t index)
{
    const struct results *results = &view.ui->results;
    const struct result *row = &results->rows[index];
    const bool is_here = (int64_t)index == results->cursor.at;
    struct cells cells = view_cells(view, at_row);
    char text[24];
    cells_put(&cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "%" PRId64, row->op.value);
    cells_right(&cells, 9, LS_ROLE_TEXT, text);
    cells_put(&cells, view.area.columns >= 90 ? KEY_WIDE : KEY_CELLS, LS_ROLE_TEXT, row->key);
    cells_put(&cells, cells.end - cells.column, role_of(row->is), row->words);
    if (is_here) view_select(view, at_row, 12);
}

void view_results(struct view view)
{
    const struct results *results = &view.ui->results;
    char summary[160];
    view.area = box_of(view.ui, view.area);
    ls_grid_set_cursor(view.grid, -1, -1);
    ls_grid_fill(view.grid, view.area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_DIALOG, results->title,
                            ui_is_stale(view.ui)    ? "STALE"
                            : results_move(view.ui) ? "followed"
                                                    : "over");
    results_summary(results, summary, sizeof summary);
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_TITLE, summary);
    for (int32_t row = 1; row + 1 < view.area.rows; row++) {
        const size_t index = (size_t)results->cursor.top + (size_t)row - 1;
        if (index >= results->count) break;
        draw_row(view, row, index);
    }
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, view.area.rows - 1, 1), LS_ROLE_HINT,
                       "Enter opens one, Esc closes: what was sent goes on");
}
