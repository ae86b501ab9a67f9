/* The parts of the dashboard. Private to its view. */
#ifndef LOCKSTEP_TUI_VIEW_DASH_H
#define LOCKSTEP_TUI_VIEW_DASH_H

#include "ui_model.h"

/* Three rows of tiles and one of state counts. */
void dash_numbers(struct view view);
void dash_chart(struct view view);
void dash_dependencies(struct view view);

#endif
