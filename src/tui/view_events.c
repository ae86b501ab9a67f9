#include <stdio.h>
#include <string.h>

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

/* What was done, as one would say it. */
static void write_words(const struct ls_event_row *event, char out[WORDS_BYTES])
{
    static const struct {
        const char *action, *before, *after;
    } words[] = {{"op.failed", "", " failed"},      {"op.held", "", " held"},
                 {"op.decided", "decided on ", ""}, {"gate.on", "put ", " on"},
                 {"gate.off", "took ", " off"},     {"leader.term", "", " leads now"},
                 {"alert.fired", "", ""},           {"alert.ack", "acknowledged ", ""},
                 {"alert.resolve", "closed ", ""},  {"ledger.pin", "pinned ", ""}};
    const char *colon = event->reason[0] == '\0' ? "" : ": ";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(event->action, words[i].action) != 0) continue;
        (void)snprintf(out, WORDS_BYTES, "%s%s%s%s%s", words[i].before, event->target,
                       words[i].after, colon, event->reason);
        return;
    }
    (void)snprintf(out, WORDS_BYTES, "%s %s%s%s", event->action, event->target, colon,
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
    int32_t lanes = lanes_of(view.area.columns);
    struct ls_rect area = view.area;
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
