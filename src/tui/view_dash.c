#include "view_dash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE_ROWS = 3,
    FLOW_ROWS = 1,
    VERDICT_LINES = 4,
    LINE_BYTES = 640,
    ROWS_AIRY = 25,  /* from here on an empty row and four lines of verdict */
    CHART_LEAST = 6, /* border, three levels, the axis */
    CHART_MOST = 24,
    EVENTS_ENOUGH = 2,
    CAUSES_FRAME = 3, /* the border and the titles */
    DEPS_COLUMNS = 36,
    DEPS_WIDE = 46,
    COLUMNS_WIDE = 140,
};

struct layout {
    int32_t verdict, numbers, chart, chart_rows, causes, causes_rows, events, events_rows;
};

struct verdict_lines {
    int32_t count;
    char texts[VERDICT_LINES][LINE_BYTES];
};

static int32_t cells_of(const char *text)
{
    return (int32_t)ls_gate_width(text, strlen(text));
}

/* Join two texts on one line where they fit, else on two. */
static void add_pair(struct verdict_lines *lines,
                     const char *first,
                     const char *gap,
                     const char *second,
                     int32_t columns)
{
    bool fits = cells_of(first) + cells_of(gap) + cells_of(second) <= columns;
    bool is_pair = second[0] != '\0' && fits;
    if (lines->count == VERDICT_LINES) return;
    (void)snprintf(lines->texts[lines->count++], LINE_BYTES, "%s%s%s", first,
                   is_pair ? gap : "", is_pair ? second : "");
    if (is_pair || second[0] == '\0' || lines->count == VERDICT_LINES) return;
    (void)snprintf(lines->texts[lines->count++], LINE_BYTES, "%s", second);
}

static struct verdict_lines verdict_lines_of(const struct ls_ui *ui, int32_t columns)
{
    const struct ls_verdict *verdict = &ui->verdict;
    bool is_calm = verdict->level == LS_VERDICT_IN_STEP;
    struct verdict_lines lines = {0};
    char first[LINE_BYTES];
    (void)snprintf(first, sizeof first, "%s  %s", ls_verdict_word(verdict->level),
                   verdict->headline);
    add_pair(&lines, first, "  ", verdict->since, columns - 4);
    add_pair(&lines, verdict->safety, "   ", is_calm ? "" : verdict->in_console, columns - 6);
    return lines;
}

static int32_t deps_columns(int32_t columns)
{
    return columns >= COLUMNS_WIDE ? DEPS_WIDE : DEPS_COLUMNS;
}

/* Causes have what they need, then the chart its share, then events; what is left over
 * makes the chart higher. */
static void
share_rows(const struct ls_ui *ui, struct ls_rect body, int32_t rest, struct layout *layout)
{
    int32_t causes = (int32_t)ui->dashboard.cause_count + CAUSES_FRAME;
    int32_t events = dash_event_rows(ui, body.columns);
    int32_t chart = rest >= 2 * CHART_LEAST ? rest * 2 / 5 : 0;
    if (causes < CAUSES_FRAME + 1) causes = CAUSES_FRAME + 1;
    if (chart > 0 && chart < CHART_LEAST) chart = CHART_LEAST;
    if (chart > CHART_MOST) chart = CHART_MOST;
    if (causes > rest - chart) causes = rest - chart;
    if (events > rest - chart - causes) events = rest - chart - causes;
    if (chart == CHART_LEAST && events > EVENTS_ENOUGH) { /* one more dependency */
        chart++;
        events--;
    }
    int32_t over = rest - chart - causes - events;
    if (chart > 0) {
        int32_t more = CHART_MOST - chart < over ? CHART_MOST - chart : over;
        chart += more;
        over -= more;
    }
    layout->chart_rows = chart;
    layout->causes_rows = causes + over;
    layout->events_rows = events;
}

static struct layout lay_out(const struct ls_ui *ui, struct ls_rect body)
{
    bool is_airy = body.rows >= ROWS_AIRY;
    struct layout layout = {.verdict = verdict_lines_of(ui, body.columns).count};
    if (!is_airy && layout.verdict > VERDICT_LINES - 1) layout.verdict = VERDICT_LINES - 1;
    layout.numbers = layout.verdict + (is_airy ? 1 : 0);
    layout.chart = layout.numbers + TILE_ROWS + FLOW_ROWS;
    share_rows(ui, body, body.rows - layout.chart, &layout);
    layout.causes = layout.chart + layout.chart_rows;
    layout.events = layout.causes + layout.causes_rows;
    return layout;
}

int64_t causes_visible(const struct ls_ui *ui, struct ls_rect body)
{
    int32_t rows = lay_out(ui, body).causes_rows - CAUSES_FRAME;
    return rows > 0 ? rows : 1;
}

static enum ls_role level_role(enum ls_verdict_level level)
{
    switch (level) {
    case LS_VERDICT_IN_STEP: return LS_ROLE_STATE_DONE;
    case LS_VERDICT_ATTENTION: return LS_ROLE_SEV_WARNING;
    case LS_VERDICT_CRITICAL: return LS_ROLE_SEV_CRITICAL;
    }
    return LS_ROLE_TEXT;
}

static enum ls_glyph level_glyph(enum ls_verdict_level level)
{
    if (level == LS_VERDICT_IN_STEP) return LS_GLYPH_OK;
    return level == LS_VERDICT_ATTENTION ? LS_GLYPH_WARN : LS_GLYPH_DOWN;
}

/* Each sentence in the role of what it says, wherever it stands. */
static enum ls_role line_role(const struct ls_ui *ui, const char *line)
{
    const struct ls_verdict *verdict = &ui->verdict;
    bool is_unsafe = ui->dashboard.held_ambiguous > 0 || ui->dashboard.duplicates > 0;
    if (strncmp(line, verdict->safety, strlen(verdict->safety)) == 0)
        return is_unsafe ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT;
    return strcmp(line, verdict->in_console) == 0 ? LS_ROLE_KEY : LS_ROLE_TITLE;
}

static void draw_verdict(struct view view)
{
    const struct ls_ui *ui = view.ui;
    const char *word = ls_verdict_word(ui->verdict.level);
    struct verdict_lines lines = verdict_lines_of(ui, view.area.columns);
    enum ls_role role = level_role(ui->verdict.level);
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    span.column = ls_grid_printf(view.grid, span, role, "%s %s",
                                 ui_glyph(ui, level_glyph(ui->verdict.level)), word);
    (void)ls_grid_text(view.grid, span, LS_ROLE_TITLE, lines.texts[0] + strlen(word));
    for (int32_t i = 1; i < lines.count && i < view.area.rows; i++) {
        span = ls_rect_line(view.area, i, 3);
        span.column =
            ls_grid_text(view.grid, span, line_role(ui, lines.texts[i]), lines.texts[i]);
    }
}

static void draw_waiting(struct view view)
{
    const struct ls_ui *ui = view.ui;
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_TITLE,
                       ui->is_lost ? "The database cannot be used."
                                   : "Connecting to the database ...");
    if (!ui->is_lost) return;
    struct view why = view;
    why.area = rect_rows(view.area, 3, 4);
    why.area.column += 2;
    why.area.columns -= 4;
    (void)view_wrap(why, LS_ROLE_SEV_WARNING, ui->lost_why);
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 8, 2), LS_ROLE_TEXT,
                       "The console tries again by itself and goes on when it answers.");
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 9, 2), LS_ROLE_MUTED,
                       "lockstep doctor says what is wrong; q quits.");
}

void view_dash(struct view view)
{
    if (!view.ui->has_dashboard) {
        draw_waiting(view);
        return;
    }
    struct ls_rect body = view.area;
    struct layout layout = lay_out(view.ui, body);
    view.area = rect_rows(body, 0, layout.verdict);
    draw_verdict(view);
    view.area = rect_rows(body, layout.numbers, TILE_ROWS);
    dash_numbers(view);
    view.area = rect_rows(body, layout.numbers + TILE_ROWS, FLOW_ROWS);
    dash_flow(view);
    if (layout.chart_rows > 0) {
        struct ls_rect middle = rect_rows(body, layout.chart, layout.chart_rows);
        view.area = middle;
        view.area.columns = middle.columns - deps_columns(body.columns);
        dash_chart(view);
        view.area.column = view.area.columns;
        view.area.columns = deps_columns(body.columns);
        dash_dependencies(view);
    }
    view.area = rect_rows(body, layout.causes, layout.causes_rows);
    dash_causes(view);
    view.area = rect_rows(body, layout.events, layout.events_rows);
    dash_events(view);
}
