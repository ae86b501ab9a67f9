/* The parts of Health. Each draws into view.area. */
#ifndef LS_TUI_VIEW_HEALTH_H
#define LS_TUI_VIEW_HEALTH_H

#include "ui_model.h"

enum { HEALTH_CHOSEN_CELLS = 24 };

/* The workers, a row each, and below them what one of them says: the one under the cursor, or
 * with the cursor on a gate the leader. */
void health_workers(struct view view);
/* The cursor's cell of row `index` of workers and gates. */
void health_cursor(struct view view, struct cells *cells, int64_t index);

#endif
