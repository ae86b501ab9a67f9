#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view_dash.h"

enum {
    TILES = 6,
    LAST = LS_FACTS_MINUTES - 1,
    BACK = 10, /* minutes that a change is over */
    COARSE_MS = 1000,
    PERCENT_LEAST = 5, /* smaller changes of a rate are noise */
};

struct tile {
    const char *label;
    char value[LS_FORMAT_BYTES];
    enum ls_role role;
    char change[LS_FORMAT_BYTES]; /* beside the value, muted */
    const int64_t *series;
    enum ls_role series_role;
};

static struct tile make_tile(const char *label, int64_t value, const int64_t *series)
{
    struct tile tile = {.label = label, .role = LS_ROLE_TITLE, .series = series};
    tile.series_role = LS_ROLE_GRAPH_2;
    ls_format_short_count(value, tile.value);
    return tile;
}

static void set_change(struct tile *tile, int64_t by)
{
    char number[LS_FORMAT_BYTES];
    if (by == 0) return;
    ls_format_short_count(by < 0 ? -by : by, number);
    (void)snprintf(tile->change, sizeof tile->change, "%c%.12s", by < 0 ? '-' : '+', number);
}

/* A number that needs eyes: its glyph before it. */
static void
alarm(const struct ls_ui *ui, struct tile *tile, enum ls_role role, enum ls_glyph glyph)
{
    char value[LS_FORMAT_BYTES];
    (void)snprintf(value, sizeof value, "%.8s %.32s", ui_glyph(ui, glyph), tile->value);
    memcpy(tile->value, value, sizeof value);
    tile->role = role;
}

/* Whether the record knows the minute that changes are counted from. */
static bool has_record(const struct ls_dashboard *facts)
{
    return (facts->sampled >> (LAST - BACK) & 1U) != 0;
}

/* The rate of now against that of the ten minutes before the last ten. */
static void set_rate_change(const struct ls_dashboard *facts, struct tile *tile)
{
    int64_t before = 0;
    for (int i = LAST - 2 * BACK; i < LAST - BACK; i++) before += facts->minute_done[i];
    if (before < BACK) return;
    int64_t percent = (ls_dashboard_done_per_minute(facts) * BACK - before) * 100 / before;
    if (percent > -PERCENT_LEAST && percent < PERCENT_LEAST) return;
    if (percent > 999) percent = 999;
    (void)snprintf(tile->change, sizeof tile->change, "%+" PRId64 "%%", percent);
}

/* "60s", "5m" */
static void objective_words(int64_t ms, char out[LS_FORMAT_BYTES])
{
    const int64_t minute_ms = 60000;
    if (ms % minute_ms == 0 && ms > 2 * minute_ms) {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "m", ms / minute_ms);
    } else {
        (void)snprintf(out, LS_FORMAT_BYTES, "%" PRId64 "s", ms / 1000);
    }
}

/* Its name, with the objective where that fits. */
static void lag_label(int64_t objective_ms, int32_t cells, char out[LS_FORMAT_BYTES])
{
    static const char *const forms[] = {"SYNC LAG  SLO ", "LAG  SLO ", "LAG SLO "};
    char words[LS_FORMAT_BYTES];
    objective_words(objective_ms, words);
    for (size_t i = 0; objective_ms > 0 && i < sizeof forms / sizeof forms[0]; i++) {
        const int length = snprintf(out, LS_FORMAT_BYTES, "%s%.16s", forms[i], words);
        if (length <= cells) return;
    }
    (void)snprintf(out, LS_FORMAT_BYTES, "SYNC LAG");
}

static struct tile lag_tile(const struct ls_ui *ui)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    const int64_t objective_ms = ui->options.lag_objective_ms;
    struct tile tile = make_tile("SYNC LAG", 0, facts->minute_lag_ms);
    char p95[LS_FORMAT_BYTES];
    ls_format_duration(facts->lag_ms, facts->lag_ms < COARSE_MS, tile.value);
    if (facts->lag_ms <= 0) (void)snprintf(tile.value, sizeof tile.value, "-");
    ls_format_duration(facts->lag_p95_ms, facts->lag_p95_ms < COARSE_MS, p95);
    if (facts->lag_p95_ms > 0)
        (void)snprintf(tile.change, sizeof tile.change, "p95 %.12s", p95);
    if (objective_ms > 0 && facts->lag_ms > objective_ms)
        alarm(ui, &tile, LS_ROLE_SEV_WARNING, LS_GLYPH_WARN);
    return tile;
}

static void make_tiles(const struct ls_ui *ui, struct tile tiles[TILES])
{
    const struct ls_dashboard *facts = &ui->dashboard;
    int64_t in_flight = facts->minute_in_flight[LAST];
    int64_t failed_lately = 0;
    for (int i = LAST - BACK + 1; i <= LAST; i++) failed_lately += facts->minute_failed[i];

    tiles[0] = make_tile("QUEUED", facts->depth, facts->minute_depth);
    set_change(&tiles[0], facts->depth - facts->minute_depth[LAST - BACK]);
    tiles[1] = make_tile("IN FLIGHT", in_flight, facts->minute_in_flight);
    tiles[2] = make_tile("STUCK", facts->stuck, facts->minute_stuck);
    if (facts->stuck > 0) alarm(ui, &tiles[2], LS_ROLE_SEV_WARNING, LS_GLYPH_WARN);
    if (has_record(facts)) {
        set_change(&tiles[1], in_flight - facts->minute_in_flight[LAST - BACK]);
        set_change(&tiles[2], facts->stuck - facts->minute_stuck[LAST - BACK]);
    }
    tiles[3] = make_tile("FAILED", facts->counts[LS_STATE_FAILED], facts->minute_failed);
    tiles[3].series_role = LS_ROLE_STATE_FAILED;
    if (failed_lately > 0) { /* not a change: what was retried meanwhile is not taken off */
        char number[LS_FORMAT_BYTES];
        ls_format_short_count(failed_lately, number);
        (void)snprintf(tiles[3].change, sizeof tiles[3].change, "%.12s new", number);
    }
    if (facts->counts[LS_STATE_FAILED] > 0)
        alarm(ui, &tiles[3], LS_ROLE_STATE_FAILED, LS_GLYPH_DOWN);
    tiles[4] = make_tile("DONE/min", ls_dashboard_done_per_minute(facts), facts->minute_done);
    tiles[4].series_role = LS_ROLE_GRAPH_1;
    set_rate_change(facts, &tiles[4]);
    tiles[5] = lag_tile(ui);
}

static void draw_tile(struct view view, const struct tile *tile, int32_t cells)
{
    int32_t end = view.area.column + view.area.columns;
    int32_t row = view.area.row;
    int32_t column = view.area.column;
    (void)ls_grid_text(view.grid, ls_span_of(row, column, end), LS_ROLE_MUTED, tile->label);
    int32_t after =
        ls_grid_text(view.grid, ls_span_of(row + 1, column, end), tile->role, tile->value);
    after += after + 2 + (int32_t)strlen(tile->change) < end ? 2 : 1;
    if (after + (int32_t)strlen(tile->change) <= end)
        (void)ls_grid_text(view.grid, ls_span_of(row + 1, after, end), LS_ROLE_MUTED,
                           tile->change);
    view.area = rect_rows(view.area, 2, view.area.rows - 2);
    view_curve(view, tile->series, cells, tile->series_role);
}

void dash_numbers(struct view view)
{
    struct tile tiles[TILES];
    make_tiles(view.ui, tiles);
    if (view.area.columns < 70) tiles[1].label = "FLIGHT";
    int32_t each = (view.area.columns - 2) / TILES;
    char lag[LS_FORMAT_BYTES];
    lag_label(view.ui->options.lag_objective_ms, each - 1, lag);
    tiles[TILES - 1].label = lag;
    const int32_t cells = each - 2 > LS_FACTS_MINUTES ? LS_FACTS_MINUTES : each - 2;
    for (int32_t i = 0; i < TILES; i++) {
        struct view tile = view;
        tile.area.column += 1 + i * each;
        tile.area.columns = each - 1;
        draw_tile(tile, &tiles[i], cells);
    }
}

/* "drains in ~6 min", "grows by 5/min"; "" where neither can be said. */
static void write_flow(const struct ls_dashboard *facts, char out[LS_FORMAT_BYTES])
{
    struct ls_flow flow = ls_dashboard_flow(facts);
    char number[LS_FORMAT_BYTES];
    out[0] = '\0';
    if (flow.grows > 0) {
        ls_format_short_count(flow.grows, number);
        (void)snprintf(out, LS_FORMAT_BYTES, "grows by %.12s/min", number);
    } else if (flow.stands) {
        (void)snprintf(out, LS_FORMAT_BYTES, "does not drain");
    } else if (facts->depth > 0 && flow.drains_minutes >= 0) {
        ls_format_duration(flow.drains_minutes * 60000, false, number);
        (void)snprintf(out, LS_FORMAT_BYTES, "drains in ~%.20s", number);
        if (flow.drains_minutes < 60)
            (void)snprintf(out, LS_FORMAT_BYTES, "drains in ~%" PRId64 " min",
                           flow.drains_minutes);
    }
}

static struct ls_span
put_note(struct view view, struct ls_span span, enum ls_role role, const char *text)
{
    if (text[0] == '\0' || (int32_t)strlen(text) > span.end - span.column) return span;
    span.column = ls_grid_text(view.grid, span, role, text) + 2;
    return span;
}

/* Where the work goes, then how many stand in each state: what does not fit is left out
 * whole, the numbers above show what matters most. */
void dash_flow(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    char text[LS_FORMAT_BYTES];
    char age[LS_FORMAT_BYTES];
    write_flow(facts, text);
    span = put_note(view, span, LS_ROLE_TITLE, text);
    ls_format_age(facts->age_ms - facts->age_ms % 5000, age);
    (void)snprintf(text, sizeof text, "oldest due %.12s", age);
    if (facts->age_ms >= COARSE_MS) span = put_note(view, span, LS_ROLE_MUTED, text);
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        enum ls_state state = (enum ls_state)i;
        bool is_above = state == LS_STATE_FAILED; /* in its tile */
        char number[LS_FORMAT_BYTES];
        ls_format_short_count(facts->counts[i], number);
        int32_t cells = (int32_t)(strlen(ls_state_name(state)) + 1 + strlen(number));
        if (facts->counts[i] == 0 || is_above || cells > span.end - span.column) continue;
        span.column =
            ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%s ", ls_state_name(state));
        span.column = ls_grid_text(view.grid, span, ls_role_of_state(state), number) + 2;
    }
}
