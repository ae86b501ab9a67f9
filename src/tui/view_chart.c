#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "chart.h"
#include "view_dash.h"

enum {
    SCALE_CELLS = 6,
    AXIS_MINUTES = 15, /* between two labels of the axis */
    CLOCK_CELLS = 5,
    LEVELS_TALL = 7, /* from here on the middle of the scale is named too */
};
static const int64_t minute_ms = 60000;

/* The next number with two digits that count: 1372 becomes 1400. */
static int64_t round_up(int64_t value)
{
    int64_t unit = 1;
    while (value / unit >= 100) unit *= 10;
    return (value + unit - 1) / unit * unit;
}

/* What the scale ends with. The minute that is not over lifts it in coarse steps, so that not
 * every operation draws the whole chart anew. */
static int64_t top_of(const int64_t *values, int32_t minutes)
{
    struct ls_series full = {values, (size_t)minutes - 1, 0};
    const int64_t now = values[minutes - 1];
    const int64_t top = round_up(ls_series_top(full));
    int64_t unit = 1;
    while (now / unit >= 10) unit *= 10;
    return now > top ? (now + unit - 1) / unit * unit : top;
}

/* "1.4k", "140", "2k"; of a length of time "41s", "2m". */
static void scale_text(int64_t value, bool is_time, char out[LS_FORMAT_BYTES])
{
    if (is_time) {
        ls_format_age(value, out);
    } else if (value < 1000 || value >= 10000) {
        ls_format_short_count(value, out);
    } else if (value % 1000 == 0) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "k", value / 1000);
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 ".%" PRId64 "k", value / 1000,
                       value % 1000 / 100);
    }
}

static void put_scale(struct view view, int32_t row, int64_t value, bool is_time)
{
    char number[LS_FORMAT_BYTES];
    struct ls_span span = ls_rect_line(view.area, row, 0);
    span.end = span.column + SCALE_CELLS - 1;
    scale_text(value, is_time, number);
    (void)ls_grid_right(view.grid, span, LS_ROLE_MUTED, number);
}

struct plot {
    const int64_t *values; /* one a minute, the oldest first */
    int32_t minutes, cells;
    int64_t top;
    int64_t end_ms; /* of the newest minute */
    enum ls_role role;
};

/* The last minute that a cell stands for: the plot is as wide as its room, whatever that is,
 * and ends with the newest. */
static int32_t minute_of(const struct plot *plot, int32_t cell)
{
    const int64_t end = (int64_t)(cell + 1) * plot->minutes + plot->cells - 1;
    return (int32_t)(end / plot->cells) - 1;
}

static void draw_axis(struct view view, const struct plot *plot)
{
    bool is_local = view.ui->time_mode == SHOW_LOCAL;
    int32_t offset = is_local ? view.ui->options.zone_offset_s : 0;
    struct ls_span line = ls_rect_line(view.area, view.area.rows - 1, 0);
    int32_t begin = line.column + SCALE_CELLS;
    int32_t free_from = begin;
    for (int32_t minute = 0; minute < plot->minutes; minute++) {
        int64_t at_ms = plot->end_ms - (plot->minutes - minute) * minute_ms;
        struct ls_civil at = ls_civil_of(at_ms, offset);
        int32_t cell = minute * plot->cells / plot->minutes;
        if (at.minute % AXIS_MINUTES != 0 || begin + cell < free_from) continue;
        if (cell + CLOCK_CELLS > plot->cells) break;
        struct ls_span span = ls_span_of(line.row, begin + cell, line.end);
        (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%02d:%02d", at.hour, at.minute);
        free_from = begin + cell + CLOCK_CELLS + 1;
    }
}

static void draw_column(struct view view, const struct plot *plot, int32_t cell)
{
    int32_t levels = view.area.rows - 1;
    int32_t column = view.area.column + SCALE_CELLS + cell;
    int64_t value = plot->values[minute_of(plot, cell)];
    for (int32_t level = 0; level < levels; level++) {
        const char *glyph =
            ls_format_chart_cell(value, plot->top, levels, level, view.ui->options.is_ascii);
        int32_t row = view.area.row + levels - 1 - level;
        (void)ls_grid_text(view.grid, ls_span_of(row, column, column + 1), plot->role, glyph);
    }
}

void view_curve(struct view view, const int64_t *minutes, int32_t cells, enum ls_role role)
{
    const bool is_ascii = view.ui->options.is_ascii;
    const struct ls_series series = {minutes + LS_FACTS_MINUTES - cells, (size_t)cells, 0};
    const int64_t top = ls_series_top(series);
    const int32_t levels = view.area.rows;
    char spark[3 * LS_FACTS_MINUTES + 1];
    assert(cells >= 0 && cells <= LS_FACTS_MINUTES);
    if (levels == 1) {
        ls_format_spark(series, (size_t)cells, is_ascii, spark, sizeof spark);
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 0), role, spark);
        return;
    }
    for (int32_t cell = 0; cell < cells; cell++) {
        const int32_t column = view.area.column + cell;
        for (int32_t level = 0; level < levels; level++) {
            const struct ls_span at =
                ls_span_of(view.area.row + levels - 1 - level, column, column + 1);
            const char *glyph =
                ls_format_chart_cell(series.values[cell], top, levels, level, is_ascii);
            if (level == 0 && glyph[0] == ' ') glyph = is_ascii ? "_" : "▁";
            (void)ls_grid_text(view.grid, at, role, glyph);
        }
    }
}

static bool is_empty(const int64_t values[LS_FACTS_MINUTES])
{
    for (int i = 0; i < LS_FACTS_MINUTES; i++)
        if (values[i] != 0) return false;
    return true;
}

void view_chart(struct view view, const struct chart *chart)
{
    const struct ls_ui *ui = view.ui;
    char title[96];
    (void)snprintf(title, sizeof title, "%s, last hour (%.15s)", chart->title,
                   ui->time_mode == SHOW_LOCAL ? ui->options.zone_name : "UTC");
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, title, chart->note);
    int32_t room = view.area.columns - SCALE_CELLS - 1;
    if (view.area.rows < 3 || room < CLOCK_CELLS) return;

    int64_t values[LS_FACTS_MINUTES];
    memcpy(values, chart->minutes, sizeof values);
    values[LS_FACTS_MINUTES - 1] = chart->now;
    struct plot plot = {.values = values,
                        .minutes = LS_FACTS_MINUTES,
                        .cells = room,
                        .top = top_of(values, LS_FACTS_MINUTES),
                        .end_ms = (ui->dashboard.now_ms / minute_ms + 1) * minute_ms,
                        .role = chart->role};
    int32_t levels = view.area.rows - 1;
    if (is_empty(values)) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, levels / 2, SCALE_CELLS),
                           LS_ROLE_MUTED, "Nothing in the last hour.");
        draw_axis(view, &plot);
        return;
    }
    put_scale(view, 0, plot.top, chart->is_time);
    if (levels >= LEVELS_TALL && plot.top % 2 == 0)
        put_scale(view, levels / 2, plot.top / 2, chart->is_time);
    put_scale(view, levels - 1, 0, chart->is_time);
    for (int32_t cell = 0; cell < plot.cells; cell++) draw_column(view, &plot, cell);
    draw_axis(view, &plot);
}

/* The current minute is not over and would look like a fall: the last 60 seconds stand there.
 */
void dash_chart(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    char now[LS_FORMAT_BYTES];
    char note[LS_FORMAT_BYTES + 8];
    ls_format_count(ls_dashboard_done_per_minute(facts), now);
    (void)snprintf(note, sizeof note, "%s now", now);
    const struct chart chart = {.title = "Done per minute",
                                .note = note,
                                .minutes = facts->minute_done,
                                .now = ls_dashboard_done_per_minute(facts),
                                .role = LS_ROLE_GRAPH_1};
    view_chart(view, &chart);
}
