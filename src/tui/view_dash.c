#include "view_dash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TILE_ROWS = 3,
    TILE_ROWS_TALL = 6,
    FLOW_ROWS = 1,
    VERDICT_LINES = 4,
    INDENT = 3,      /* of the verdict's lines: the glyph and a blank */
    ROWS_AIRY = 25,  /* from here on an empty row and four lines of verdict */
    ROWS_TALL = 44,  /* from here on higher curves, and events in a box of their own */
    CHART_LEAST = 6, /* border, three levels, the axis */
    CHART_MOST = 24,
    CHART_MOST_TALL = 30,
    COLUMNS_BESIDE = 160, /* from here on causes and events stand side by side */
    EVENTS_ENOUGH = 2,
    CAUSES_FRAME = 3, /* the border and the titles */
    BORDER_ROWS = 2,
    DEPS_COLUMNS = 36,
    DEPS_WIDE = 46,
    COLUMNS_WIDE = 140,
};

struct layout {
    int32_t verdict, numbers, numbers_rows;
    int32_t chart, chart_rows, causes, causes_rows, events, events_rows;
    int32_t events_column; /* where they begin beside the causes; 0: below them */
};

/* One line of the verdict: a sentence, and beside it a second one where both fit. */
struct verdict_line {
    int32_t indent, gap;
    const char *first, *second; /* "" for none */
    enum ls_role first_role, second_role;
};
struct verdict_lines {
    int32_t count;
    struct verdict_line lines[VERDICT_LINES];
};

static int32_t cells_of(const char *text)
{
    return (int32_t)ls_gate_width(text, strlen(text));
}

/* Join two sentences on one line where they fit, else on two. */
static void
add_pair(struct verdict_lines *lines, struct verdict_line line, int32_t indent, int32_t columns)
{
    const bool fits =
        line.indent + cells_of(line.first) + line.gap + cells_of(line.second) < columns;
    const struct verdict_line below = {
        .indent = indent, .first = line.second, .second = "", .first_role = line.second_role};
    if (!fits) line.second = "";
    lines->lines[lines->count++] = line;
    if (!fits && below.first[0] != '\0') lines->lines[lines->count++] = below;
}

static struct verdict_lines verdict_lines_of(const struct ls_ui *ui, int32_t columns)
{
    const struct ls_verdict *verdict = &ui->verdict;
    const bool is_calm = verdict->level == LS_VERDICT_IN_STEP;
    const bool is_unsafe = ui->dashboard.held_ambiguous > 0 || ui->dashboard.duplicates > 0;
    struct verdict_lines lines = {0};
    const int32_t word_cells = cells_of(ls_verdict_word(verdict->level));
    add_pair(&lines,
             (struct verdict_line){INDENT + word_cells + 2, 2, verdict->headline,
                                   verdict->since, LS_ROLE_TITLE, LS_ROLE_TITLE},
             INDENT, columns);
    add_pair(
        &lines,
        (struct verdict_line){INDENT, 3, verdict->safety, is_calm ? "" : verdict->in_console,
                              is_unsafe ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT, LS_ROLE_KEY},
        INDENT, columns);
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

/* Where there is much room: causes and events have what they need, side by side where the
 * screen is wide, and the chart has the rest. */
static void share_tall_rows(const struct ls_ui *ui,
                            struct ls_rect body,
                            int32_t rest,
                            struct layout *layout)
{
    const bool is_beside = body.columns >= COLUMNS_BESIDE;
    int32_t causes = (int32_t)ui->dashboard.cause_count;
    int32_t events = (int32_t)ui->dashboard.event_count;
    causes = (causes > 0 ? causes : 1) + CAUSES_FRAME;
    events = (events > 0 ? events : 1) + BORDER_ROWS;
    if (is_beside && events > causes) causes = events;
    const int32_t most = rest - 2 * CHART_LEAST - (is_beside ? 0 : EVENTS_ENOUGH + BORDER_ROWS);
    if (causes > most) causes = most;
    if (is_beside) events = 0;
    if (events > rest - 2 * CHART_LEAST - causes) events = rest - 2 * CHART_LEAST - causes;
    int32_t chart = rest - causes - events;
    if (chart > CHART_MOST_TALL) chart = CHART_MOST_TALL;
    layout->chart_rows = chart;
    layout->causes_rows = rest - chart - events;
    layout->events_rows = is_beside ? layout->causes_rows : events;
    layout->events_column = is_beside ? body.columns * 3 / 5 : 0;
}

static struct layout lay_out(const struct ls_ui *ui, struct ls_rect body)
{
    bool is_airy = body.rows >= ROWS_AIRY;
    bool is_tall = body.rows >= ROWS_TALL;
    struct layout layout = {.verdict = verdict_lines_of(ui, body.columns).count};
    if (!is_airy && layout.verdict > VERDICT_LINES - 1) layout.verdict = VERDICT_LINES - 1;
    layout.numbers = layout.verdict + (is_airy ? 1 : 0);
    layout.numbers_rows = is_tall ? TILE_ROWS_TALL : TILE_ROWS;
    layout.chart = layout.numbers + layout.numbers_rows + FLOW_ROWS;
    if (is_tall)
        share_tall_rows(ui, body, body.rows - layout.chart, &layout);
    else
        share_rows(ui, body, body.rows - layout.chart, &layout);
    layout.causes = layout.chart + layout.chart_rows;
    layout.events = layout.causes + (layout.events_column > 0 ? 0 : layout.causes_rows);
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

static void draw_verdict(struct view view)
{
    const struct ls_ui *ui = view.ui;
    struct verdict_lines lines = verdict_lines_of(ui, view.area.columns);
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    (void)ls_grid_printf(view.grid, span, level_role(ui->verdict.level), "%s %s",
                         ui_glyph(ui, level_glyph(ui->verdict.level)),
                         ls_verdict_word(ui->verdict.level));
    for (int32_t i = 0; i < lines.count && i < view.area.rows; i++) {
        const struct verdict_line *line = &lines.lines[i];
        span = ls_rect_line(view.area, i, 0);
        span.column += line->indent;
        span.end--;
        span.column = ls_grid_text(view.grid, span, line->first_role, line->first) + line->gap;
        (void)ls_grid_text(view.grid, span, line->second_role, line->second);
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
    view.area = rect_rows(body, layout.numbers, layout.numbers_rows);
    dash_numbers(view);
    view.area = rect_rows(body, layout.numbers + layout.numbers_rows, FLOW_ROWS);
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
    if (layout.events_column > 0) view.area.columns = layout.events_column;
    dash_causes(view);
    view.area = rect_rows(body, layout.events, layout.events_rows);
    view.area.column += layout.events_column;
    view.area.columns -= layout.events_column;
    if (body.rows >= ROWS_TALL)
        view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "What happened last", "");
    dash_events(view);
}
