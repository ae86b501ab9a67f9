#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view_dash.h"

enum { SCALE_CELLS = 6, NAME_CELLS = 12 };

static void draw_scale(struct view view, int64_t top)
{
    char number[LS_FORMAT_BYTES];
    ls_format_short_count(top, number);
    struct ls_span span = ls_rect_line(view.area, 0, 0);
    span.end = span.column + SCALE_CELLS - 1;
    (void)ls_grid_right(view.grid, span, LS_ROLE_MUTED, number);
    span.row = view.area.row + view.area.rows - 2;
    (void)ls_grid_right(view.grid, span, LS_ROLE_MUTED, "0");
}

static void draw_axis(struct view view, int32_t minutes, int32_t each)
{
    struct ls_span span = ls_rect_line(view.area, view.area.rows - 1, 0);
    span.column += SCALE_CELLS;
    (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%d min ago", minutes);
    span.end = span.column + minutes * each;
    (void)ls_grid_right(view.grid, span, LS_ROLE_MUTED, "now");
}

static void draw_column(struct view view, int32_t column, int64_t value, int64_t top)
{
    int32_t levels = view.area.rows - 1;
    for (int32_t level = 0; level < levels; level++) {
        const char *cell =
            ls_format_chart_cell(value, top, levels, level, view.ui->options.is_ascii);
        int32_t row = view.area.row + levels - 1 - level;
        (void)ls_grid_text(view.grid, ls_span_of(row, column, column + 1), LS_ROLE_GRAPH_1,
                           cell);
    }
}

/* The current minute is left out: it is not over and would look like a fall. */
void dash_chart(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    char note[64];
    ls_format_count(facts->minute_done[LS_FACTS_MINUTES - 2], note);
    (void)snprintf(note + strlen(note), sizeof note - strlen(note), " last minute");
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Done per minute", note);
    if (view.area.rows < 3) return;

    int32_t room = view.area.columns - SCALE_CELLS - 1;
    int32_t minutes = room < LS_FACTS_MINUTES - 1 ? room : LS_FACTS_MINUTES - 1;
    if (minutes < 1) return;
    int32_t each = room / minutes;
    const int64_t *first = &facts->minute_done[LS_FACTS_MINUTES - 1 - minutes];
    int64_t top = ls_series_top((struct ls_series){first, (size_t)minutes, 0});
    draw_scale(view, top);
    for (int32_t i = 0; i < minutes * each; i++)
        draw_column(view, view.area.column + SCALE_CELLS + i, first[i / each], top);
    draw_axis(view, minutes, each);
}

static struct ls_span dependency_line(struct view *view, bool is_good, const char *name)
{
    struct ls_span span = ls_rect_line(view->area, 0, 1);
    (void)ls_grid_text(view->grid, span, is_good ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
                       ui_glyph(view->ui, is_good ? LS_GLYPH_OK : LS_GLYPH_DOWN));
    span.column += 2;
    struct ls_span name_span = span;
    name_span.end = span.column + NAME_CELLS;
    (void)ls_grid_text(view->grid, name_span, LS_ROLE_TEXT, name);
    span.column += NAME_CELLS + 1;
    view->area = rect_rows(view->area, 1, view->area.rows);
    return span;
}

/* In steps, so that a quiet screen stays quiet; Health has the number. */
static void coarse_latency(int64_t ms, char out[LS_FORMAT_BYTES])
{
    const int64_t step = 10;
    if (ms < step) {
        (void)snprintf(out, LS_FORMAT_BYTES, "<10 ms");
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 " ms", ms - ms % step);
    }
}

static void draw_endpoint(struct view *view, const struct ls_endpoint_row *endpoint)
{
    struct ls_span span = dependency_line(view, endpoint->is_up, endpoint->name);
    char since[LS_FORMAT_BYTES];
    if (!endpoint->is_up) {
        moment_text(view->ui, endpoint->changed_ms, since);
        (void)ls_grid_printf(view->grid, span, LS_ROLE_STATE_FAILED, "DOWN %s%s", since,
                             view->ui->time_mode == SHOW_AGE ? " ago" : "");
        return;
    }
    char latency[LS_FORMAT_BYTES];
    coarse_latency(endpoint->latency_ms, latency);
    (void)ls_grid_printf(view->grid, span, LS_ROLE_MUTED, "%-7s %2" PRId64 "%% err", latency,
                         (endpoint->error_permille + 5) / 10);
}

static void draw_payer(struct view *view)
{
    const struct ls_dashboard *facts = &view->ui->dashboard;
    struct ls_span span =
        dependency_line(view, facts->has_balance && facts->balance_lamports > 0, "fee payer");
    char balance[LS_FORMAT_BYTES];
    const uint64_t coarse = 1000000; /* three decimals: fewer changes, fewer bytes */
    ls_format_sol(facts->balance_lamports - facts->balance_lamports % coarse, balance);
    (void)ls_grid_text(view->grid, span, LS_ROLE_MUTED,
                       facts->has_balance ? balance : "not known yet");
}

void dash_dependencies(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Dependencies", "8");
    size_t alive = 0;
    int64_t leader = 0;
    for (size_t i = 0; i < facts->worker_count; i++) {
        if (facts->workers[i].is_alive) alive++;
        if (facts->workers[i].is_alive && facts->workers[i].is_leader)
            leader = facts->workers[i].id;
    }
    bool stale = ui_is_stale(view.ui);
    struct ls_span span = dependency_line(&view, !stale, "postgres");
    if (stale) {
        (void)ls_grid_text(view.grid, span, LS_ROLE_STATE_FAILED, "no answer");
    } else {
        char latency[LS_FORMAT_BYTES];
        coarse_latency(facts->read_ms, latency);
        (void)ls_grid_text(view.grid, span, LS_ROLE_MUTED, latency);
    }
    span = dependency_line(&view, alive > 0, "workers");
    if (leader > 0) {
        (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%zu, leader %" PRId64, alive,
                             leader);
    } else {
        (void)ls_grid_printf(view.grid, span, alive > 0 ? LS_ROLE_MUTED : LS_ROLE_STATE_FAILED,
                             "%zu alive", alive);
    }
    draw_payer(&view);
    for (int pass = 0; pass < 2; pass++) { /* what is down must not be cut off */
        for (size_t i = 0; i < facts->endpoint_count && view.area.rows > 0; i++) {
            if (facts->endpoints[i].is_up == (pass == 1))
                draw_endpoint(&view, &facts->endpoints[i]);
        }
    }
}
