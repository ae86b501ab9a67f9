#include "view_dash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"

enum { VERDICT_ROWS = 3, TILE_ROWS = 3, COUNT_ROWS = 1, DEPS_COLUMNS = 36, CHOSEN_CELLS = 36 };

struct layout {
    int32_t numbers, chart, chart_rows, causes, causes_rows;
};

static struct layout lay_out(struct ls_rect body)
{
    struct layout layout = {.numbers = VERDICT_ROWS};
    int32_t row = VERDICT_ROWS + TILE_ROWS + COUNT_ROWS;
    int32_t rest = body.rows - row;
    if (body.rows >= 25) { /* air */
        layout.numbers += 1;
        row += 1;
        rest -= 1;
    }
    layout.chart = row;
    layout.chart_rows = rest >= 12 ? rest / 2 : 0;
    if (layout.chart_rows > 14) layout.chart_rows = 14;
    layout.causes = row + layout.chart_rows;
    layout.causes_rows = rest - layout.chart_rows;
    return layout;
}

int64_t causes_visible(struct ls_rect body)
{
    int32_t rows = lay_out(body).causes_rows - 3; /* the border and the titles */
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
    const struct ls_verdict *verdict = &view.ui->verdict;
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    span.column = ls_grid_printf(view.grid, span, level_role(verdict->level), "%s %s",
                                 ui_glyph(view.ui, level_glyph(verdict->level)),
                                 ls_verdict_word(verdict->level)) +
                  2;
    (void)ls_grid_printf(view.grid, span, LS_ROLE_TITLE, "%s%s%s", verdict->headline,
                         verdict->since[0] == '\0' ? "" : " ", verdict->since);
    enum ls_role role =
        view.ui->dashboard.held_ambiguous > 0 || view.ui->dashboard.duplicates > 0
            ? LS_ROLE_SEV_CRITICAL
            : LS_ROLE_TEXT;
    (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 3), role, verdict->safety);
    struct ls_span advice = ls_rect_line(view.area, 2, 3);
    if (verdict->level != LS_VERDICT_IN_STEP)
        (void)ls_grid_text(view.grid, advice, LS_ROLE_KEY, verdict->in_console);
}

enum cause_column {
    CAUSE_CURSOR,
    CAUSE_OPS,
    CAUSE_STATE,
    CAUSE_OLDEST,
    CAUSE_SINCE,
    CAUSE_CHAIN,
    CAUSE_KEYS,
    CAUSE_COLUMNS
};

static int32_t cause_widths(struct view view, int32_t widths[CAUSE_COLUMNS])
{
    int32_t columns = view.area.columns;
    widths[CAUSE_CURSOR] = 1;
    widths[CAUSE_OPS] = 5;
    widths[CAUSE_STATE] = 6;
    widths[CAUSE_OLDEST] = columns >= 90 ? 6 : 0;
    widths[CAUSE_SINCE] = columns >= 72 ? moment_cells(view.ui) : 0;
    widths[CAUSE_CHAIN] = columns >= 72 ? 19 : 15;
    widths[CAUSE_KEYS] = columns >= 90 ? 21 : columns >= 72 ? 17 : 0;
    return flex_cells(columns, widths, CAUSE_COLUMNS);
}

static void draw_causes_titles(struct view view)
{
    int32_t widths[CAUSE_COLUMNS];
    int32_t flex = cause_widths(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[CAUSE_CURSOR], LS_ROLE_MUTED, "");
    cells_right(&cells, widths[CAUSE_OPS], LS_ROLE_MUTED, "OPS");
    cells_put(&cells, widths[CAUSE_STATE], LS_ROLE_MUTED, "STATE");
    cells_put(&cells, flex, LS_ROLE_MUTED, "CAUSE");
    cells_put(&cells, widths[CAUSE_OLDEST], LS_ROLE_MUTED, "OLDEST");
    cells_put(&cells, widths[CAUSE_SINCE], LS_ROLE_MUTED, "SINCE");
    cells_put(&cells, widths[CAUSE_CHAIN], LS_ROLE_MUTED, "OUTCOME ON CHAIN");
    cells_put(&cells, widths[CAUSE_KEYS], LS_ROLE_MUTED, "SUGGESTED");
}

static void write_cause(struct view view, struct cells *cells, const struct ls_cause_row *cause)
{
    int32_t widths[CAUSE_COLUMNS];
    int32_t flex = cause_widths(view, widths);
    char text[LS_CAUSE_WORDS_BYTES];
    enum ls_role role = cause->is_stuck ? LS_ROLE_SEV_WARNING : ls_role_of_state(cause->state);
    ls_format_short_count(cause->count, text);
    cells_right(cells, widths[CAUSE_OPS], LS_ROLE_TEXT, text);
    cells_put(cells, widths[CAUSE_STATE], role, ls_cause_state(cause));
    ls_cause_title(cause, text);
    cells_put(cells, flex, LS_ROLE_TEXT, text);
    ls_format_age(ui_database_now(view.ui) - cause->oldest_ms, text);
    cells_put(cells, widths[CAUSE_OLDEST], LS_ROLE_TEXT, text);
    moment_text(view.ui, cause->since_ms, text);
    cells_put(cells, widths[CAUSE_SINCE], LS_ROLE_TEXT, text);
    ls_cause_outcome(cause, text);
    cells_put(cells, widths[CAUSE_CHAIN],
              ls_cause_is_unknown(cause) ? LS_ROLE_SEV_CRITICAL : LS_ROLE_MUTED, text);
    if (desk_cause_words(view.ui, cause->cause, text, sizeof text)) {
        cells_put(cells, widths[CAUSE_KEYS], LS_ROLE_MUTED, text);
        return;
    }
    struct ls_cause_advice advice;
    ls_cause_advise(cause, &advice);
    (void)snprintf(text, sizeof text, "%s  %s", advice.key, advice.words);
    cells_put(cells, widths[CAUSE_KEYS], LS_ROLE_KEY, text);
}

static void draw_causes(struct view view)
{
    const struct ls_ui *ui = view.ui;
    char note[64] = "";
    size_t count = ui->dashboard.cause_count;
    int64_t ops = 0;
    for (size_t i = 0; i < count; i++) ops += ui->dashboard.causes[i].count;
    if (count > 0)
        (void)snprintf(note, sizeof note, "%zu cause%s, %" PRId64 " op%s", count,
                       count == 1 ? "" : "s", ops, ops == 1 ? "" : "s");
    view.area =
        ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Needs you, grouped by cause", note);
    if (count == 0) {
        (void)ls_grid_printf(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_STATE_DONE,
                             "%s Nothing needs you.", ui_glyph(ui, LS_GLYPH_OK));
        return;
    }
    draw_causes_titles(view);
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t at = (size_t)ui->causes.top + (size_t)row - 1;
        if (at >= count) break;
        struct cells cells = view_cells(view, row);
        bool is_here = (int64_t)at == ui->causes.at;
        cells_put(&cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
        write_cause(view, &cells, &ui->dashboard.causes[at]);
        if (is_here) view_select(view, row, CHOSEN_CELLS);
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
    struct layout layout = lay_out(view.area);
    struct ls_rect body = view.area;
    draw_verdict(view);
    view.area = rect_rows(body, layout.numbers, TILE_ROWS + COUNT_ROWS);
    dash_numbers(view);
    if (layout.chart_rows > 0) {
        struct ls_rect middle = rect_rows(body, layout.chart, layout.chart_rows);
        view.area = middle;
        view.area.columns = middle.columns - DEPS_COLUMNS;
        dash_chart(view);
        view.area.column = view.area.columns;
        view.area.columns = DEPS_COLUMNS;
        dash_dependencies(view);
    }
    view.area = rect_rows(body, layout.causes, layout.causes_rows);
    draw_causes(view);
}
