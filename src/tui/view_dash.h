/* The parts of the dashboard. Each draws into view.area. */
#ifndef LS_TUI_VIEW_DASH_H
#define LS_TUI_VIEW_DASH_H

#include "ui_model.h"

/* Six numbers with their change and curve, three rows; and a row of how work flows. */
void dash_numbers(struct view view);
void dash_flow(struct view view);
void dash_chart(struct view view);
void dash_dependencies(struct view view);
void dash_causes(struct view view);
/* What happened last, in one or two columns. */
void dash_events(struct view view);
/* Rows that all events need. */
int32_t dash_event_rows(const struct ls_ui *ui, int32_t columns);

#endif
