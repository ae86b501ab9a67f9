/* An hour of a number as a chart in a box: a scale at the left, clocks below. */
#ifndef LOCKSTEP_TUI_CHART_H
#define LOCKSTEP_TUI_CHART_H

#include "ui_model.h"

struct chart {
    const char *title;      /* "Done per minute" */
    const char *note;       /* at the right of the upper border; "" for none */
    const int64_t *minutes; /* LS_FACTS_MINUTES of them, the newest last */
    int64_t now;            /* stands in the place of the newest, which is not over */
    bool is_time;           /* milliseconds */
    enum ls_role role;
};
/* Fills `view.area`; the box alone where that is too small for a chart. */
void view_chart(struct view view, const struct chart *chart);

#endif
