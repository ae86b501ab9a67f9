#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "view_dash.h"

enum {
    TILES = 7,
    SPARK_CELLS_MAX = 24,
    SPARK_BYTES = 3 * SPARK_CELLS_MAX + 1,
    COARSE_MS = 1000
};

struct tile {
    const char *label;
    char value[LS_FORMAT_BYTES];
    enum ls_role role;
    char note[LS_FORMAT_BYTES]; /* when there is no series */
    const int64_t *series;
    enum ls_role series_role;
};

static struct tile count_tile(const char *label, int64_t value, const int64_t *series)
{
    struct tile tile = {.label = label, .role = LS_ROLE_TITLE, .series = series};
    tile.series_role = LS_ROLE_GRAPH_2;
    ls_format_short_count(value, tile.value);
    return tile;
}

static struct tile time_tile(const char *label, int64_t ms, const char *prefix, int64_t note_ms)
{
    struct tile tile = {.label = label, .role = LS_ROLE_TITLE};
    ls_format_duration(ms, ms < COARSE_MS, tile.value);
    if (ms <= 0) (void)snprintf(tile.value, sizeof tile.value, "-");
    char note[LS_FORMAT_BYTES];
    ls_format_duration(note_ms, note_ms < COARSE_MS, note);
    if (note_ms > 0) (void)snprintf(tile.note, sizeof tile.note, "%.8s%.16s", prefix, note);
    return tile;
}

static void make_tiles(const struct ls_dashboard *facts, struct tile tiles[TILES])
{
    int64_t in_flight = facts->counts[LS_STATE_LEASED] + facts->counts[LS_STATE_SUBMITTED];
    tiles[0] = count_tile("DEPTH", facts->depth, facts->minute_depth);
    tiles[1] = time_tile("AGE", facts->age_ms, "", 0);
    (void)snprintf(tiles[1].note, sizeof tiles[1].note, "oldest due");
    tiles[2] = count_tile("IN FLIGHT", in_flight, NULL);
    char part[LS_FORMAT_BYTES];
    ls_format_short_count(facts->counts[LS_STATE_SUBMITTED], part);
    (void)snprintf(tiles[2].note, sizeof tiles[2].note, "%.12s sent", part);
    tiles[3] = count_tile("STUCK", facts->stuck, NULL);
    if (facts->stuck > 0) tiles[3].role = LS_ROLE_SEV_WARNING;
    ls_format_age(facts->now_ms - facts->oldest_stuck_ms, part);
    if (facts->oldest_stuck_ms > 0)
        (void)snprintf(tiles[3].note, sizeof tiles[3].note, "for %.12s", part);
    tiles[4] = count_tile("FAILED", facts->counts[LS_STATE_FAILED], facts->minute_failed);
    tiles[4].series_role = LS_ROLE_STATE_FAILED;
    if (facts->counts[LS_STATE_FAILED] > 0) tiles[4].role = LS_ROLE_STATE_FAILED;
    tiles[5] = count_tile("DONE/min", ls_dashboard_done_per_minute(facts), facts->minute_done);
    tiles[5].series_role = LS_ROLE_GRAPH_1;
    tiles[6] = time_tile("LAG", facts->lag_ms, "p95 ", facts->lag_p95_ms);
}

static void draw_tile(struct view view, const struct tile *tile, size_t cells)
{
    int32_t end = view.area.column + view.area.columns;
    int32_t row = view.area.row;
    int32_t column = view.area.column;
    (void)ls_grid_text(view.grid, ls_span_of(row, column, end), LS_ROLE_MUTED, tile->label);
    (void)ls_grid_text(view.grid, ls_span_of(row + 1, column, end), tile->role, tile->value);
    if (tile->series == NULL) {
        (void)ls_grid_text(view.grid, ls_span_of(row + 2, column, end), LS_ROLE_MUTED,
                           tile->note);
        return;
    }
    char spark[SPARK_BYTES];
    struct ls_series series = {tile->series, LS_FACTS_MINUTES, 0};
    ls_format_spark(series, cells, view.ui->options.is_ascii, spark, sizeof spark);
    (void)ls_grid_text(view.grid, ls_span_of(row + 2, column, end), tile->series_role, spark);
}

/* What does not fit is left out whole; the tiles above show what matters most. */
static void draw_counts(struct view view)
{
    struct ls_span span = ls_rect_line(view.area, 3, 1);
    int32_t gap = view.area.columns < 90 ? 1 : 2;
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        enum ls_state state = (enum ls_state)i;
        int64_t count = view.ui->dashboard.counts[i];
        bool is_quiet =
            count == 0 && (state == LS_STATE_CANCELLED || state == LS_STATE_COMPENSATED);
        char number[LS_FORMAT_BYTES];
        ls_format_short_count(count, number);
        size_t cells = strlen(ls_state_name(state)) + 1 + strlen(number);
        if (is_quiet || (int32_t)cells > span.end - span.column) continue;
        span.column =
            ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%s ", ls_state_name(state));
        enum ls_role role = count == 0 ? LS_ROLE_MUTED : ls_role_of_state(state);
        span.column = ls_grid_text(view.grid, span, role, number) + gap;
    }
}

void dash_numbers(struct view view)
{
    struct tile tiles[TILES];
    make_tiles(&view.ui->dashboard, tiles);
    if (view.area.columns < 70) {
        tiles[2].label = "FLIGHT";
        tiles[5].label = "DONE/m";
    }
    int32_t each = (view.area.columns - 2) / TILES;
    size_t cells = each - 2 > SPARK_CELLS_MAX ? SPARK_CELLS_MAX : (size_t)(each - 2);
    for (int32_t i = 0; i < TILES; i++) {
        struct view tile = view;
        tile.area.column += 1 + i * each;
        tile.area.columns = each - 1;
        draw_tile(tile, &tiles[i], cells);
    }
    draw_counts(view);
}
