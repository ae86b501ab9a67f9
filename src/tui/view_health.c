#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/fate.h"

#include "command.h"
#include "lockstep/core/kinds.h"

enum {
    CHOSEN_CELLS = 24,
    DATABASE_ROWS = 5,
    DATABASE_FROM = 14,
    OTHERS_FROM = 24,
    LABELED_OFF = 12,
    VERSION_CELLS = 8
};

/* Lines of their own for the others and the disks where there is room; on a small screen the
 * workers alone are shown. */
static int32_t database_rows(struct ls_rect body)
{
    if (body.rows < DATABASE_FROM) return 0;
    return DATABASE_ROWS + (body.rows >= OTHERS_FROM ? 2 : 0);
}

static int32_t endpoint_rows(struct ls_rect body)
{
    return body.rows >= 19 ? 5 : 4;
}

static int32_t gate_rows(struct ls_rect body)
{
    return body.rows >= 19 ? 4 : 0;
}

/* Rows that the workers' table has. */
int64_t health_visible(struct ls_rect body)
{
    int32_t rows = body.rows - database_rows(body) - endpoint_rows(body) - gate_rows(body) - 3;
    return rows > 0 ? rows : 1;
}

static const char *worker_state(const struct ls_worker_row *worker)
{
    if (!worker->is_alive) return "SILENT";
    if (worker->is_draining) return "DRAINING";
    return worker->is_paused ? "PAUSED" : "WORKING";
}

static void put_cursor(struct view view, struct cells *cells, int64_t index)
{
    bool is_here = index == view.ui->health.at;
    cells_put(cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : "");
}

/* What a worker works on gets the room that is left; its version only where there is some. */
static bool is_roomy(struct view view)
{
    return view.area.columns >= 96;
}

static int32_t host_cells(struct view view)
{
    return is_roomy(view) ? 20 : 17;
}

static int32_t kinds_cells(struct view view)
{
    const int32_t widths[] = {1,
                              5,
                              8,
                              6,
                              host_cells(view),
                              8,
                              moment_cells(view.ui),
                              moment_cells(view.ui),
                              is_roomy(view) ? VERSION_CELLS : 0};
    return flex_cells(view.area.columns, widths, sizeof widths / sizeof widths[0]);
}

static void draw_worker(struct view view, int32_t at_row, size_t index)
{
    const struct ls_worker_row *worker = &view.ui->dashboard.workers[index];
    struct cells cells = view_cells(view, at_row);
    char text[128];
    put_cursor(view, &cells, (int64_t)index);
    (void)snprintf(text, sizeof text, "%" PRId64, worker->id);
    cells_right(&cells, 5, LS_ROLE_TEXT, text);
    cells_put(&cells, 8, worker->is_alive ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
              worker_state(worker));
    cells_put(&cells, 6, LS_ROLE_TITLE, worker->is_leader ? "LEADER" : "");
    (void)snprintf(text, sizeof text, "%s:%" PRId64, worker->host, worker->pid);
    cells_put(&cells, host_cells(view), LS_ROLE_TEXT, text);
    ls_format_count(worker->in_flight, text);
    cells_right(&cells, 8, LS_ROLE_TEXT, text);
    moment_text(view.ui, worker->heartbeat_ms, text);
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_TEXT, text);
    moment_text(view.ui, worker->started_ms, text);
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_TEXT, text);
    char kinds[LS_KINDS_TEXT_BYTES];
    ls_kinds_words(worker->works_on, kinds);
    cells_put(&cells, kinds_cells(view), worker->works_on == 0 ? LS_ROLE_MUTED : LS_ROLE_TEXT,
              kinds);
    if (is_roomy(view)) cells_put(&cells, VERSION_CELLS, LS_ROLE_MUTED, worker->version);
    if ((int64_t)index == view.ui->health.at) view_select(view, at_row, CHOSEN_CELLS);
}

static void draw_workers(struct view view)
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "Workers",
                            view.ui->options.has_worker ? "one is embedded here"
                                                        : view.ui->options.worker_note);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, 1, LS_ROLE_MUTED, "");
    cells_right(&cells, 5, LS_ROLE_MUTED, "ID");
    cells_put(&cells, 8, LS_ROLE_MUTED, "STATE");
    cells_put(&cells, 6, LS_ROLE_MUTED, "");
    cells_put(&cells, host_cells(view), LS_ROLE_MUTED, "HOST:PID");
    cells_right(&cells, 8, LS_ROLE_MUTED, "INFLIGHT");
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_MUTED, "BEAT");
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_MUTED, "SINCE");
    cells_put(&cells, kinds_cells(view), LS_ROLE_MUTED, "WORKS ON");
    if (is_roomy(view)) cells_put(&cells, VERSION_CELLS, LS_ROLE_MUTED, "VERSION");
    if (facts->worker_count == 0) {
        (void)ls_grid_text(
            view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_SEV_WARNING,
            view.ui->has_dashboard
                ? "No worker is registered: nothing is sent. Start one: lockstep worker"
                : "Unknown until the database answers.");
    }
    size_t top = view.ui->health.top > 0 ? (size_t)view.ui->health.top : 0;
    for (int32_t row = 1; row < view.area.rows; row++) {
        if (top + (size_t)row > facts->worker_count) break;
        draw_worker(view, row, top + (size_t)row - 1);
    }
}

static void draw_gate(struct view view, int32_t at_row, size_t index)
{
    const struct ls_gate_row *gate = &view.ui->dashboard.gates[index];
    int64_t at = (int64_t)(view.ui->dashboard.worker_count + index);
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    put_cursor(view, &cells, at);
    cells_put(&cells, 24, LS_ROLE_STATE_HELD, gate->selector);
    moment_text(view.ui, gate->since_ms, text);
    cells_put(&cells, moment_cells(view.ui), LS_ROLE_TEXT, text);
    cells_put(&cells, 12, LS_ROLE_TEXT, gate->by_worker ? "a worker" : gate->actor);
    cells_put(&cells, view.area.columns, LS_ROLE_MUTED, gate->reason);
    if (at == view.ui->health.at) view_select(view, at_row, CHOSEN_CELLS);
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
    for (int32_t row = 0; row < view.area.rows; row++) {
        if ((size_t)row >= facts->endpoint_count) break;
        const struct ls_endpoint_row *endpoint = &facts->endpoints[row];
        struct cells cells = view_cells(view, row);
        char text[LS_FORMAT_BYTES];
        cells_put(&cells, 1, endpoint->is_up ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
                  ui_glyph(view.ui, endpoint->is_up ? LS_GLYPH_OK : LS_GLYPH_DOWN));
        cells_put(&cells, 4, endpoint->is_up ? LS_ROLE_STATE_DONE : LS_ROLE_STATE_FAILED,
                  endpoint->is_up ? "UP" : "DOWN");
        cells_put(&cells, view.ui->columns >= COLUMNS_FULL ? 26 : 15, LS_ROLE_TEXT,
                  endpoint->name);
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
        char words[LS_DISK_WORDS_BYTES];
        ls_disk_words(&facts->disks[i], words);
        length += (size_t)snprintf(out + length, out_bytes - length, "%s%s: %s",
                                   i == 0 ? "" : "; ", facts->disks[i].what, words);
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

void view_health(struct view view)
{
    struct ls_rect body = view.area;
    int32_t endpoints = endpoint_rows(body);
    int32_t gates = gate_rows(body);
    int32_t workers = body.rows - database_rows(body) - endpoints - gates;
    view.area = rect_rows(body, 0, workers);
    draw_workers(view);
    if (gates > 0) {
        view.area = rect_rows(body, workers, gates);
        draw_gates(view);
    }
    view.area = rect_rows(body, workers + gates, endpoints);
    draw_endpoints(view);
    view.area = rect_rows(body, workers + gates + endpoints, database_rows(body));
    draw_database(view);
}
