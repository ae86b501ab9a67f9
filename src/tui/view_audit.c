#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum { CHOSEN_CELLS = 17, PANEL_ROWS = 7, PANEL_FROM = 17 };
enum audit_column {
    COLUMN_CURSOR,
    COLUMN_SEQ,
    COLUMN_AT,
    COLUMN_WHO,
    COLUMN_ACTION,
    COLUMN_TARGET,
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

static int32_t widths_of(struct view view, int32_t widths[AUDIT_COLUMNS])
{
    bool wide = view.area.columns >= 96;
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_SEQ] = 8;
    widths[COLUMN_AT] = moment_cells(view.ui);
    widths[COLUMN_WHO] = wide ? 18 : 12;
    widths[COLUMN_ACTION] = 13;
    widths[COLUMN_TARGET] = wide ? 22 : 14;
    return flex_cells(view.area.columns, widths, AUDIT_COLUMNS);
}

static void draw_titles(struct view view)
{
    int32_t widths[AUDIT_COLUMNS];
    int32_t flex = widths_of(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_MUTED, "");
    cells_right(&cells, widths[COLUMN_SEQ], LS_ROLE_MUTED, "ENTRY");
    cells_put(&cells, widths[COLUMN_AT], LS_ROLE_MUTED,
              view.ui->time_mode == SHOW_AGE ? "AGE" : time_mode_name(view.ui));
    cells_put(&cells, widths[COLUMN_WHO], LS_ROLE_MUTED, "WHO");
    cells_put(&cells, widths[COLUMN_ACTION], LS_ROLE_MUTED, "ACTION");
    cells_put(&cells, widths[COLUMN_TARGET], LS_ROLE_MUTED, "TARGET");
    cells_put(&cells, flex, LS_ROLE_MUTED, "REASON");
}

static void write_who(const struct ls_audit_row *entry, char *out, size_t out_bytes)
{
    if (entry->worker > 0) {
        (void)snprintf(out, out_bytes, "worker %" PRId64, entry->worker);
    } else {
        (void)snprintf(out, out_bytes, "%.40s", entry->actor);
    }
}

static void draw_row(struct view view, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_audit_row *entry = &ui->audit.rows[index];
    bool is_here = (int64_t)index == ui->entry.at;
    int32_t widths[AUDIT_COLUMNS];
    int32_t flex = widths_of(view, widths);
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    ls_format_count(entry->seq, text);
    cells_right(&cells, widths[COLUMN_SEQ], LS_ROLE_TEXT, text);
    moment_text(ui, entry->at_ms, text);
    cells_put(&cells, widths[COLUMN_AT], LS_ROLE_TEXT, text);
    write_who(entry, text, sizeof text);
    cells_put(&cells, widths[COLUMN_WHO], LS_ROLE_TEXT, text);
    cells_put(&cells, widths[COLUMN_ACTION], LS_ROLE_TITLE, entry->action);
    cells_put(&cells, widths[COLUMN_TARGET], LS_ROLE_TEXT, entry->target);
    cells_put(&cells, flex, LS_ROLE_MUTED, entry->reason[0] == '\0' ? "-" : entry->reason);
    if (is_here) view_select(view, at_row, CHOSEN_CELLS);
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

static void draw_panel(struct view view, const struct ls_audit_row *entry)
{
    char text[768];
    char at[LS_FORMAT_BYTES];
    char seq[LS_FORMAT_BYTES];
    ls_format_count(entry->seq, seq);
    (void)snprintf(text, sizeof text, "#%s  %s  %s", seq, entry->action, entry->target);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, text, "");
    moment_full(view.ui, entry->at_ms, at);
    write_identity(entry, text, sizeof text);
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), ", %s", at);
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
    char note[64];
    key_words(ui, ui->audit.has_more ? "newest first, {page-down} for older" : "newest first",
              note, sizeof note);
    view_crumb(view, ui->audit_page == 0 ? "Audit" : "Audit (older)", note, LS_ROLE_MUTED);
    view.area = rect_rows(body, 1, body.rows - 1 - panel);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    draw_titles(view);
    if (ui->audit.count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_MUTED,
                           ui->has_audit ? "Nothing was audited yet." : ui_reading_words(ui));
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t index = (size_t)ui->entry.top + (size_t)row - 1;
        if (index >= ui->audit.count) break;
        draw_row(view, row, index);
    }
    if (panel == 0 || (size_t)ui->entry.at >= ui->audit.count) return;
    view.area = rect_rows(body, body.rows - panel, panel);
    draw_panel(view, &ui->audit.rows[ui->entry.at]);
}
