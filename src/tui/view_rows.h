/* The table of a listing: which columns there are, and how wide for what stands on the page. */
#ifndef LOCKSTEP_TUI_VIEW_ROWS_H
#define LOCKSTEP_TUI_VIEW_ROWS_H

#include "ui_model.h"

enum list_column {
    COLUMN_CURSOR,
    COLUMN_OP,
    COLUMN_KIND,
    COLUMN_KEY,
    COLUMN_STATE,
    COLUMN_TRY,
    COLUMN_AGE,
    COLUMN_CHANGED,
    COLUMN_CAUSE,
    COLUMN_CHAIN,
    COLUMN_ENTITY,
    COLUMN_BATCH,
    COLUMN_SIGNATURE,
    LIST_COLUMNS
};
struct list_layout {
    int32_t widths[LIST_COLUMNS]; /* 0: not shown */
    int32_t air; /* cells more than one between the columns, where there is room */
};
/* How wide each column is for what stands on this page. */
void list_lay_out(struct view view, struct list_layout *layout_out);
void list_titles(struct view view, const struct list_layout *layout);
/* The row `index` of the page at row `at_row` of the area. */
void list_row_at(struct view view,
                 const struct list_layout *layout,
                 int32_t at_row,
                 size_t index);

#endif
