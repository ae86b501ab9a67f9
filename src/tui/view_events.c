#include <stdio.h>
#include <string.h>

#include "deeds.h"
#include "view_dash.h"

enum { COLUMNS_OF_TWO = 150, WORDS_BYTES = 640, WHO_CELLS = 9 };

static int32_t lanes_of(int32_t columns)
{
    return columns >= COLUMNS_OF_TWO ? 2 : 1;
}

int32_t dash_event_rows(const struct ls_ui *ui, int32_t columns)
{
    int32_t lanes = lanes_of(columns);
    return ((int32_t)ui->dashboard.event_count + lanes - 1) / lanes;
}

/* An alert says what it is about itself, unless its message leaves the subject out. */
static void write_alert(const struct ls_event_row *event, char out[WORDS_BYTES])
{
    const char *subject = strrchr(event->target, ' ');
    const bool is_said = subject == NULL || strstr(event->reason, subject + 1) != NULL;
    if (event->reason[0] != '\0' && is_said) {
        (void)snprintf(out, WORDS_BYTES, "%s", event->reason);
    } else {
        (void)snprintf(out, WORDS_BYTES, "%s%s%s", event->target,
                       event->reason[0] == '\0' ? "" : ": ", event->reason);
    }
}

/* What was done, as one would say it. */
static void write_words(const struct ls_event_row *event, char out[WORDS_BYTES])
{
    if (strcmp(event->action, "alert.fired") == 0) {
        write_alert(event, out);
        return;
    }
    deed_words(event->action, event->target, out, WORDS_BYTES);
    const size_t used = strlen(out);
    (void)snprintf(out + used, WORDS_BYTES - used, "%s%s", event->reason[0] == '\0' ? "" : ": ",
                   event->reason);
}

static void draw_event(struct view view, const struct ls_event_row *event)
{
    bool is_local = view.ui->time_mode == SHOW_LOCAL;
    char at[LS_FORMAT_BYTES];
    char words[WORDS_BYTES];
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    ls_format_clock(event->at_ms, is_local ? view.ui->options.zone_offset_s : 0, at);
    span.column = ls_grid_text(view.grid, span, LS_ROLE_MUTED, at) + 2;
    struct ls_span who = span;
    who.end = span.column + WHO_CELLS;
    bool is_alert = strcmp(event->who, "alert") == 0;
    (void)ls_grid_text(view.grid, who, is_alert ? LS_ROLE_SEV_WARNING : LS_ROLE_TEXT,
                       event->who);
    span.column += WHO_CELLS + 1;
    write_words(event, words);
    (void)ls_grid_text(view.grid, span, LS_ROLE_MUTED, words);
}

void dash_events(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    struct ls_rect area = view.area;
    const bool fits = (int32_t)facts->event_count <= area.rows; /* then each has a whole line */
    const int32_t lanes = fits ? 1 : lanes_of(area.columns);
    if (facts->event_count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(area, 0, 1), LS_ROLE_MUTED,
                           "Nothing was decided, done or alarmed yet.");
    }
    for (size_t i = 0; i < facts->event_count; i++) {
        int32_t row = (int32_t)i / lanes;
        int32_t lane = (int32_t)i % lanes;
        if (row >= area.rows) break;
        view.area = rect_rows(area, row, 1);
        view.area.columns = area.columns / lanes;
        view.area.column = area.column + lane * view.area.columns;
        draw_event(view, &facts->events[i]);
    }
}
