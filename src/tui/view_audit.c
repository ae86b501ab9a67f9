#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum { PANEL_ROWS = 7, PANEL_FROM = 17, ROOMY = 96 };
enum audit_column {
    COLUMN_CURSOR,
    COLUMN_SEQ,
    COLUMN_AT,
    COLUMN_WHO,
    COLUMN_ACTION,
    COLUMN_TARGET,
    COLUMN_REASON,
    AUDIT_COLUMNS
};

static int32_t panel_rows(struct ls_rect body)
{
    return body.rows >= PANEL_FROM ? PANEL_ROWS : 0;
}

int64_t audit_visible(struct ls_rect body)
{
    int32_t rows = body.rows - panel_rows(body) - 4;
    return rows > 0 ? rows : 1;
}

static void write_who(const struct ls_audit_row *entry, char *out, size_t out_bytes)
{
    if (entry->worker > 0) {
        (void)snprintf(out, out_bytes, "worker %" PRId64, entry->worker);
    } else {
        (void)snprintf(out, out_bytes, "%.40s", entry->actor);
    }
}

/* What was so before is not known of what a worker decides: then what is so now stands alone.
 */
static void write_change(const struct ls_audit_row *entry, char *out, size_t out_bytes)
{
    if (entry->before[0] != '\0' && entry->after[0] != '\0') {
        (void)snprintf(out, out_bytes, "from %s to %s", entry->before, entry->after);
    } else if (entry->after[0] != '\0') {
        (void)snprintf(out, out_bytes, "now %s", entry->after);
    } else {
        (void)snprintf(out, out_bytes, "%s%s", entry->before[0] == '\0' ? "" : "was ",
                       entry->before[0] == '\0' ? "none is recorded" : entry->before);
    }
}

/* Why; where nobody said it, what came of it. */
static void write_reason(const struct ls_audit_row *entry, char *out, size_t out_bytes)
{
    if (entry->reason[0] != '\0' || entry->after[0] == '\0') {
        (void)snprintf(out, out_bytes, "%s", entry->reason[0] == '\0' ? "-" : entry->reason);
    } else {
        write_change(entry, out, out_bytes);
    }
}

/* Columns are as wide as what stands in them: the reason has the rest. */
static void widths_of(struct view view, int32_t widths[AUDIT_COLUMNS])
{
    const struct ls_ui *ui = view.ui;
    const int32_t columns = view.area.columns;
    const bool is_wide = columns >= ROOMY;
    char text[64];
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_SEQ] = 5;
    widths[COLUMN_AT] = moment_cells(ui);
    widths[COLUMN_WHO] = 3;
    widths[COLUMN_ACTION] = 6;
    widths[COLUMN_TARGET] = 6;
    widths[COLUMN_REASON] = 0;
    for (size_t i = 0; i < ui->audit.count; i++) {
        const struct ls_audit_row *entry = &ui->audit.rows[i];
        ls_format_count(entry->seq, text);
        fit_cells(&widths[COLUMN_SEQ], text, 12);
        write_who(entry, text, sizeof text);
        fit_cells(&widths[COLUMN_WHO], text, is_wide ? 18 : 12);
        fit_cells(&widths[COLUMN_ACTION], entry->action, is_wide ? 20 : 13);
        fit_cells(&widths[COLUMN_TARGET], entry->target, columns >= 130 ? 60 : columns / 4);
    }
    if (is_wide) widths[COLUMN_SEQ]++; /* beside an age */
    widths[COLUMN_REASON] = flex_cells(columns, widths, AUDIT_COLUMNS) - 1;
}

static void put_number(
    struct cells *cells, struct view view, int32_t width, enum ls_role role, const char *text)
{
    const int32_t air = view.area.columns >= ROOMY ? 1 : 0;
    cells_right(cells, width - air, role, text);
    cells->column += air;
}

static void draw_titles(struct view view, const int32_t widths[AUDIT_COLUMNS])
{
    const char *const titles[AUDIT_COLUMNS] = {
        "",      "ENTRY",  view.ui->time_mode == SHOW_AGE ? "AGE" : time_mode_name(view.ui),
        "WHO",   "ACTION", "TARGET",
        "REASON"};
    struct cells cells = view_cells(view, 0);
    for (int i = 0; i < AUDIT_COLUMNS; i++) {
        if (i == COLUMN_SEQ)
            put_number(&cells, view, widths[i], LS_ROLE_MUTED, titles[i]);
        else
            cells_put(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
    }
}

static void draw_row(struct view view, const int32_t *widths, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_audit_row *entry = &ui->audit.rows[index];
    bool is_here = (int64_t)index == ui->entry.at;
    struct cells cells = view_cells(view, at_row);
    char text[LS_REASON_BYTES_MAX + 256];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    ls_format_count(entry->seq, text);
    put_number(&cells, view, widths[COLUMN_SEQ], LS_ROLE_TEXT, text);
    moment_text(ui, entry->at_ms, text);
    cells_put(&cells, widths[COLUMN_AT], LS_ROLE_TEXT, text);
    const int32_t chosen = cells.column - 1 - view.area.column;
    write_who(entry, text, sizeof text);
    cells_put(&cells, widths[COLUMN_WHO], LS_ROLE_TEXT, text);
    cells_put(&cells, widths[COLUMN_ACTION], LS_ROLE_TITLE, entry->action);
    cells_put(&cells, widths[COLUMN_TARGET], LS_ROLE_TEXT, entry->target);
    write_reason(entry, text, sizeof text);
    cells_put(&cells, widths[COLUMN_REASON], LS_ROLE_MUTED, text);
    if (is_here) view_select(view, at_row, chosen);
}

static void panel_line(struct view view, int32_t row, const char *label, const char *text)
{
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%-9s", label) + 1;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, text);
}

/* The login and where from are facts of the server; the user is what the client claims. */
static void write_identity(const struct ls_audit_row *entry, char *out, size_t out_bytes)
{
    bool is_local = entry->client[0] == '\0' || strcmp(entry->client, "local") == 0;
    char who[64];
    write_who(entry, who, sizeof who);
    (void)snprintf(out, out_bytes, "%s%s%s%s%s", who, entry->worker > 0 ? ", as " : "",
                   entry->worker > 0 ? entry->actor : "",
                   is_local ? " on the server's machine" : " from ",
                   is_local ? "" : entry->client);
    if (entry->os_user[0] == '\0') return;
    (void)snprintf(out + strlen(out), out_bytes - strlen(out), " (claims to be %s)",
                   entry->os_user);
}

static void draw_panel(struct view view, const struct ls_audit_row *entry)
{
    char text[768];
    char at[LS_FORMAT_BYTES];
    char seq[LS_FORMAT_BYTES];
    ls_format_count(entry->seq, seq);
    (void)snprintf(text, sizeof text, "#%s  %s  %s", seq, entry->action, entry->target);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, text, "");
    moment_full(view.ui, entry->at_ms, at);
    (void)snprintf(text, sizeof text, "%s, ", at); /* first: it is not to be cut */
    write_identity(entry, text + strlen(text), sizeof text - strlen(text));
    panel_line(view, 0, "who", text);
    write_change(entry, text, sizeof text);
    panel_line(view, 1, "change", text);
    panel_line(view, 2, "reason", entry->reason[0] == '\0' ? "-" : entry->reason);
    panel_line(view, 3, "hash", entry->hash);
    panel_line(view, 4, "previous", entry->prev_hash);
}

void view_audit(struct view view)
{
    const struct ls_ui *ui = view.ui;
    struct ls_rect body = view.area;
    int32_t panel = panel_rows(body);
    char note[128];
    char words[128];
    (void)snprintf(words, sizeof words, "newest first%s%s",
                   ui->audit.has_more ? ", {page-down} for older" : "",
                   ui->columns >= COLUMNS_FULL ? "   {command-line}audit verify proves it"
                                               : "");
    key_words(ui, words, note, sizeof note);
    view_crumb(view, ui->audit_page == 0 ? "Audit" : "Audit (older)", note, LS_ROLE_MUTED);
    view.area = rect_rows(body, 1, body.rows - 1 - panel);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    int32_t widths[AUDIT_COLUMNS];
    widths_of(view, widths);
    draw_titles(view, widths);
    if (ui->audit.count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_MUTED,
                           ui->has_audit ? "Nothing was audited yet." : ui_reading_words(ui));
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t index = (size_t)ui->entry.top + (size_t)row - 1;
        if (index >= ui->audit.count) break;
        draw_row(view, widths, row, index);
    }
    if (panel == 0 || (size_t)ui->entry.at >= ui->audit.count) return;
    view.area = rect_rows(body, body.rows - panel, panel);
    draw_panel(view, &ui->audit.rows[ui->entry.at]);
}
