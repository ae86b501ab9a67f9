#include "view_health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/fate.h"

#include "chart.h"
#include "command.h"

enum {
    DATABASE_ROWS = 5,
    DATABASE_FROM = 14,
    OTHERS_FROM = 24,
    LISTS_FROM = 19,
    LIST_MOST = 3,
    GATES_MOST = 2,
    FRAME_ROWS = 2,
    CHARTS_FROM = 44,  /* rows from where on charts have what the workers do not need */
    WORKERS_LEAST = 8, /* of their box there */
    WORKERS_MOST = 20,
    CHART_COLUMNS = 60,
    CHARTS = 3,
    LAST = LS_FACTS_MINUTES - 1,
    LABELED_OFF = 12,
};

/* Lines of their own for the others and the disks where there is room; on a small screen the
 * workers alone are shown. */
static int32_t database_rows(struct ls_rect body)
{
    if (body.rows < DATABASE_FROM) return 0;
    return DATABASE_ROWS + (body.rows >= OTHERS_FROM ? 2 : 0);
}

/* A list has the rows that it needs, at least one and at most so many. */
static int32_t list_rows(size_t count, int32_t most)
{
    const int32_t rows = count < (size_t)most ? (int32_t)count : most;
    return FRAME_ROWS + (rows < 1 ? 1 : rows);
}

static int32_t endpoint_rows(const struct ls_dashboard *facts, struct ls_rect body)
{
    int32_t most = body.rows >= LISTS_FROM ? LIST_MOST : LIST_MOST - 1;
    if (body.rows >= CHARTS_FROM) most = LS_FACTS_ENDPOINTS_MAX;
    return list_rows(facts->endpoint_count, most);
}

static int32_t gate_rows(const struct ls_dashboard *facts, struct ls_rect body)
{
    const int32_t most = body.rows >= CHARTS_FROM ? 2 * GATES_MOST : GATES_MOST;
    return body.rows >= LISTS_FROM ? list_rows(facts->gate_count, most) : 0;
}

static int32_t worker_rows(const struct ls_dashboard *facts, struct ls_rect body)
{
    const int32_t rest =
        body.rows - database_rows(body) - endpoint_rows(facts, body) - gate_rows(facts, body);
    if (body.rows < CHARTS_FROM) return rest;
    const int32_t wanted = (int32_t)facts->worker_count + FRAME_ROWS + 2; /* titles, words */
    if (wanted < WORKERS_LEAST) return WORKERS_LEAST;
    return wanted < WORKERS_MOST ? wanted : WORKERS_MOST;
}

int64_t health_visible(const struct ls_ui *ui, struct ls_rect body)
{
    /* its frame, the titles, and the words of one worker */
    const int32_t rows = worker_rows(&ui->dashboard, body) - FRAME_ROWS - 2;
    return rows > 0 ? rows : 1;
}

static void draw_gate(struct view view, int32_t at_row, size_t index)
{
    const struct ls_gate_row *gate = &view.ui->dashboard.gates[index];
    int64_t at = (int64_t)(view.ui->dashboard.worker_count + index);
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    health_cursor(view, &cells, at);
    cells_put(&cells, 24, LS_ROLE_STATE_HELD, gate->selector);
    moment_text(view.ui, gate->since_ms, text);
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_TEXT, text);
    cells_put(&cells, 12, LS_ROLE_TEXT, gate->by_worker ? "a worker" : gate->actor);
    cells_put(&cells, view.area.columns, LS_ROLE_MUTED, gate->reason);
    if (at == view.ui->health.at) view_select(view, at_row, HEALTH_CHOSEN_CELLS);
}

static void draw_gates(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    char note[64] = "";
    if (facts->gate_count > 0) {
        (void)snprintf(note, sizeof note, "%zu on: what matches is not signed",
                       facts->gate_count);
    }
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Gates", note);
    if (facts->gate_count == 0) {
        char words[96];
        key_words(view.ui,
                  view.ui->has_dashboard
                      ? "No gate is on. {hold-work} holds a kind, an entity or everything."
                      : "Unknown until the database answers.",
                  words, sizeof words);
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 2), LS_ROLE_MUTED, words);
        return;
    }
    /* The chosen gate is always among the rows that fit. */
    int64_t chosen = view.ui->health.at - (int64_t)facts->worker_count;
    size_t top = chosen >= view.area.rows ? (size_t)(chosen - view.area.rows + 1) : 0;
    for (int32_t row = 0; row < view.area.rows; row++) {
        if (top + (size_t)row >= facts->gate_count) break;
        draw_gate(view, row, top + (size_t)row);
    }
}

static void draw_endpoints(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Endpoints of the ledger",
                            "as the leader sees them");
    if (facts->endpoint_count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 2), LS_ROLE_MUTED,
                           view.ui->has_dashboard ? "No worker reported an endpoint yet."
                                                  : "Unknown until the database answers.");
    }
    int32_t name_cells = 12;
    for (size_t i = 0; i < facts->endpoint_count; i++)
        fit_cells(&name_cells, facts->endpoints[i].name,
                  view.ui->columns >= COLUMNS_FULL ? 26 : 15);
    for (int32_t row = 0; row < view.area.rows; row++) {
        if ((size_t)row >= facts->endpoint_count) break;
        const struct ls_endpoint_row *endpoint = &facts->endpoints[row];
        struct cells cells = view_cells(view, row);
        char text[LS_FORMAT_BYTES];
        cells_put(&cells, 1, endpoint->is_up ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
                  ui_glyph(view.ui, endpoint->is_up ? LS_GLYPH_OK : LS_GLYPH_DOWN));
        cells_put(&cells, 4, endpoint->is_up ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
                  endpoint->is_up ? "UP" : "DOWN");
        cells_put(&cells, name_cells, LS_ROLE_TEXT, endpoint->name);
        (void)snprintf(text, sizeof text, "%" PRId64 " ms", endpoint->latency_ms);
        cells_right(&cells, 8, LS_ROLE_TEXT, text);
        (void)snprintf(text, sizeof text, "%" PRId64 ".%" PRId64 "%% err",
                       endpoint->error_permille / 10, endpoint->error_permille % 10);
        cells_right(&cells, 10, LS_ROLE_TEXT, text);
        char slot[LS_FORMAT_BYTES];
        ls_format_count(endpoint->slot, slot);
        (void)snprintf(text, sizeof text, "slot %.16s", slot);
        cells_right(&cells, 16, LS_ROLE_TEXT, text);
        cells_put(&cells, view.area.columns, LS_ROLE_MUTED, endpoint->trouble);
    }
}

static void database_line(struct view view, int32_t row, const char *label, const char *text)
{
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%-9s", label) + 1;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, text);
}

/* Who else is here, where from, since when, and what they look at. */
static void write_others(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_people *desk = &ui->pause.desk.facts;
    size_t length = 0;
    (void)snprintf(out, out_bytes, "%s",
                   ui->pause.desk.has_facts ? "nobody else has a console open"
                                            : "not read yet");
    for (size_t i = 0; i < desk->presence_count && length < out_bytes; i++) {
        const struct ls_presence *other = &desk->presences[i];
        char since[LS_FORMAT_BYTES];
        ls_format_age(pause_shown_now(ui) - other->since_ms, since);
        length +=
            (size_t)snprintf(out + length, out_bytes - length,
                             "%s%.24s (%.24s@%.24s) %s, looks at %s", i == 0 ? "" : "; ",
                             other->login, other->os_user, other->host, since, other->screen);
    }
}

/* Its address whole, so that it can be funded, unless what it lasts for has no room then. */
static void
write_payer(const struct ls_dashboard *facts, int32_t cells, char *out, size_t out_bytes)
{
    char balance[LS_FORMAT_BYTES];
    char forecast[LS_FORECAST_BYTES];
    char address[LS_SHORT_BYTES];
    ls_format_sol(facts->balance_lamports - facts->balance_lamports % 1000, balance);
    ls_dashboard_forecast(facts, forecast);
    ls_short_address(facts->payer, address);
    for (int i = 0; i < 2; i++) {
        (void)snprintf(out, out_bytes, "%s%s%s%s%s",
                       facts->payer[0] == '\0' ? "-"
                       : i == 0                ? facts->payer
                                               : address,
                       facts->has_balance ? "  " : "", facts->has_balance ? balance : "",
                       forecast[0] == '\0' ? "" : ", ", forecast);
        if ((int32_t)strlen(out) <= cells) return;
    }
}

/* Those of this machine alone: SQL tells nobody how full a server's is. */
static void write_disks(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    size_t length = 0;
    (void)snprintf(out, out_bytes, "%s",
                   facts->is_past ? "not recorded" : "nothing is written on this machine");
    for (size_t i = 0; i < facts->disk_count && length < out_bytes; i++) {
        const struct ls_disk_row *disk = &facts->disks[i];
        char words[LS_DISK_WORDS_BYTES];
        char since[LS_FORMAT_BYTES] = "";
        ls_disk_words(disk, words);
        if (disk->silent_since_ms != 0) moment_full(ui, disk->silent_since_ms, since);
        length += (size_t)snprintf(out + length, out_bytes - length, "%s%s: %s%s%s",
                                   i == 0 ? "" : "; ", disk->what, words,
                                   since[0] == '\0' ? "" : " since ", since);
    }
    if (facts->disk_count > 0)
        (void)snprintf(out + length, out_bytes - length, "; of this machine");
}

static void draw_database(struct view view)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_dashboard *facts = &ui->dashboard;
    char text[768];
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Database and payer", "");
    char read[LS_FORMAT_BYTES];
    (void)snprintf(read, sizeof read, "read in %" PRId64 " ms", facts->read_ms);
    (void)snprintf(text, sizeof text, "%s, schema %d, dashboard %s", facts->database,
                   facts->schema_version, facts->is_past ? "as it was recorded" : read);
    database_line(view, 0, "database", ui->is_lost ? ui->lost_why : text);
    write_payer(facts, view.area.columns - LABELED_OFF, text, sizeof text);
    database_line(view, 1, "payer", text);
    (void)snprintf(text, sizeof text, "%s%s%s", ui->options.operator_name,
                   ui->options.is_read_only             ? ", read-only: "
                   : ui->has_rights && !ui->may_operate ? ", may look only: "
                                                        : ", may act",
                   ui->options.is_read_only             ? ui->options.read_only_why
                   : ui->has_rights && !ui->may_operate ? ui->rights_why
                                                        : "");
    if (view.area.rows > 3) {
        database_line(view, 2, "you", text);
        write_others(ui, text, sizeof text);
        database_line(view, 3, "others", text);
        write_disks(ui, text, sizeof text);
        database_line(view, 4, "disks", text);
    } else {
        size_t length = strlen(text);
        if (ui->pause.desk.facts.presence_count > 0) {
            length += (size_t)snprintf(text + length, sizeof text - length, "; ");
            write_others(ui, text + length, sizeof text - length);
        }
        database_line(view, 2, "you", text);
    }
}

/* How far behind, how much under way, how much failed: as many as stand side by side. */
static void draw_charts(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    char lag[LS_FORMAT_BYTES];
    char flight[LS_FORMAT_BYTES];
    ls_format_age(facts->lag_ms, lag);
    ls_format_short_count(facts->minute_in_flight[LAST], flight);
    const struct chart charts[CHARTS] = {
        {"Sync lag", lag, facts->minute_lag_ms, facts->minute_lag_ms[LAST], true,
         LS_ROLE_GRAPH_2},
        {"In flight", flight, facts->minute_in_flight, facts->minute_in_flight[LAST], false,
         LS_ROLE_GRAPH_1},
        {"Failed per minute", "", facts->minute_failed, facts->minute_failed[LAST], false,
         LS_ROLE_STATE_FAILED}};
    const struct ls_rect area = view.area;
    int32_t count = area.columns / CHART_COLUMNS;
    if (count > CHARTS) count = CHARTS;
    for (int32_t i = 0; i < count; i++) {
        const int32_t begin = area.columns * i / count;
        view.area.column = area.column + begin;
        view.area.columns = area.columns * (i + 1) / count - begin;
        view_chart(view, &charts[i]);
    }
}

void view_health(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    struct ls_rect body = view.area;
    int32_t endpoints = endpoint_rows(facts, body);
    int32_t gates = gate_rows(facts, body);
    int32_t workers = worker_rows(facts, body);
    view.area = rect_rows(body, 0, workers);
    health_workers(view);
    if (gates > 0) {
        view.area = rect_rows(body, workers, gates);
        draw_gates(view);
    }
    view.area = rect_rows(body, workers + gates, endpoints);
    draw_endpoints(view);
    const int32_t charts = body.rows - workers - gates - endpoints - database_rows(body);
    view.area = rect_rows(body, workers + gates + endpoints, charts);
    if (charts > 0 && view.ui->has_dashboard) draw_charts(view);
    view.area = rect_rows(body, workers + gates + endpoints + charts, database_rows(body));
    draw_database(view);
}
