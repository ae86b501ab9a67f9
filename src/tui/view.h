/* The views: pure functions of the model that draw on a grid, and the parts that they share. */
#ifndef LOCKSTEP_TUI_VIEW_H
#define LOCKSTEP_TUI_VIEW_H

#include "lockstep/cells/grid.h"
#include "lockstep/core/batch_facts.h"

struct input;
struct ls_ui;

struct view {
    const struct ls_ui *ui;
    ls_grid *grid;
    struct ls_rect area;
};
void view_header(struct view view);
void view_tabs(struct view view);
void view_bottom(struct view view);
void view_prompt(struct view view);
void view_dash(struct view view);
void view_list(struct view view);
void view_detail(struct view view);
void view_batches(struct view view);
/* view_batch_pane.c: the batch under the cursor, below the listing. */
void view_batch_pane(struct view view, const struct ls_batch_row *chosen);
void view_bulks(struct view view);
void view_alerts(struct view view);
void view_audit(struct view view);
void view_health(struct view view);
void view_help(struct view view);
void view_pane(struct view view);
int64_t pane_visible(const struct ls_ui *ui);
void view_dialog(struct view view);
void view_edit(struct view view);
/* What an edit changes, a line for what was and one for what will be; the rows it took. */
int32_t view_edit_changes(struct view view);
int32_t view_edit_change_rows(const struct ls_ui *ui);
void view_small(struct view view);
/* view_chart.c: the last `cells` of LS_FACTS_MINUTES values, a minute a cell, the newest last:
 * as high as `view.area`. */
void view_curve(struct view view, const int64_t *minutes, int32_t cells, enum ls_role role);
/* Rows that a screen's own list has on a body of `rows`. */
int64_t list_visible(struct ls_rect body);
int64_t batches_visible(struct ls_rect body);
int64_t bulks_visible(const struct ls_ui *ui, struct ls_rect body);
int64_t causes_visible(const struct ls_ui *ui, struct ls_rect body);
int64_t alerts_visible(struct ls_rect body);
int64_t audit_visible(struct ls_rect body);
int64_t health_visible(const struct ls_ui *ui, struct ls_rect body);
int64_t detail_lines(const struct ls_ui *ui);

/* view_input.c: an input field over `span`, with the caret where it has the focus. What the
 * caret is too far behind for is cut at the left, and marked. */
struct input_place {
    size_t skipped; /* bytes that are cut */
    int32_t column; /* of what is shown first */
};
struct input_place
view_input(struct view view, struct ls_span span, const struct input *input, bool has_focus);

/* view_table.c: one row of a table, written cell by cell with a gap of one between. */
struct cells {
    ls_grid *grid;
    int32_t row, column, end;
};
struct cells view_cells(struct view view, int32_t row);
void cells_put(struct cells *cells, int32_t width, enum ls_role role, const char *text);
void cells_right(struct cells *cells, int32_t width, enum ls_role role, const char *text);
/* The first line of a listing's screen: where one is, and a note at the right. */
void view_crumb(struct view view, const char *where, const char *note, enum ls_role note_role);
/* Text over as many rows of `view.area` as it needs; returns the rows used. */
int32_t view_wrap(struct view view, enum ls_role role, const char *text);
/* The rows that it would need in `cells` columns. */
int32_t wrap_rows(const char *text, int32_t cells);
/* How many bytes of `text` go on one line of `cells`, broken at a blank if possible. */
size_t wrap_bytes(const char *text, size_t text_bytes, int32_t cells);
/* `bytes` of the terminated `text`, and the blanks behind them, which begin no line. */
size_t wrap_skip(const char *text, size_t bytes);
/* Widen `width` to what `text` needs, up to `most`. */
void fit_cells(int32_t *width, const char *text, int32_t most);
/* What is left of `columns` for the one wide column beside these (0: not shown). */
int32_t flex_cells(int32_t columns, const int32_t *widths, size_t count);
/* Tint the first `columns` cells of row `row` as the one under the cursor: not the whole
 * row, so that states keep their colours and a key press costs few bytes. */
void view_select(struct view view, int32_t row, int32_t columns);
/* A row of area `view.area` from its upper edge as an area of its own. */
struct ls_rect rect_rows(struct ls_rect area, int32_t first, int32_t rows);

#endif
