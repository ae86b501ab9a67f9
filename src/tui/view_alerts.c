#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { CHOSEN_CELLS = 26, PANEL_ROWS = 7, PANEL_FROM = 17, LABEL_CELLS = 11 };
enum alert_column {
    COLUMN_CURSOR,
    COLUMN_ID,
    COLUMN_SEVERITY,
    COLUMN_STATE,
    COLUMN_SINCE,
    COLUMN_RULE,
    COLUMN_OWNER,
    ALERT_COLUMNS
};

static int32_t panel_rows(struct ls_rect body)
{
    return body.rows >= PANEL_FROM ? PANEL_ROWS : 0;
}

int64_t alerts_visible(struct ls_rect body)
{
    int32_t rows = body.rows - panel_rows(body) - 4;
    return rows > 0 ? rows : 1;
}

static enum ls_role severity_role(enum ls_severity severity)
{
    switch (severity) {
    case LS_SEVERITY_INFO: return LS_ROLE_SEV_INFO;
    case LS_SEVERITY_WARNING: return LS_ROLE_SEV_WARNING;
    case LS_SEVERITY_CRITICAL: return LS_ROLE_SEV_CRITICAL;
    }
    return LS_ROLE_TEXT;
}

static void shout(const char *word, char *out, size_t out_bytes)
{
    size_t at = 0;
    for (; word[at] != '\0' && at + 1 < out_bytes; at++)
        out[at] = word[at] >= 'a' && word[at] <= 'z' ? (char)(word[at] - 'a' + 'A') : word[at];
    out[at] = '\0';
}

static int32_t widths_of(struct view view, int32_t widths[ALERT_COLUMNS])
{
    bool wide = view.area.columns >= 96;
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_ID] = 5;
    widths[COLUMN_SEVERITY] = 8;
    widths[COLUMN_STATE] = 8;
    widths[COLUMN_SINCE] = moment_cells(view.ui);
    widths[COLUMN_RULE] = 9;
    widths[COLUMN_OWNER] = wide ? 14 : 8;
    return flex_cells(view.area.columns, widths, ALERT_COLUMNS);
}

static void draw_titles(struct view view)
{
    int32_t widths[ALERT_COLUMNS];
    int32_t flex = widths_of(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_MUTED, "");
    cells_right(&cells, widths[COLUMN_ID], LS_ROLE_MUTED, "ID");
    cells_put(&cells, widths[COLUMN_SEVERITY], LS_ROLE_MUTED, "SEVERITY");
    cells_put(&cells, widths[COLUMN_STATE], LS_ROLE_MUTED, "STATE");
    cells_put(&cells, widths[COLUMN_SINCE], LS_ROLE_MUTED, "SINCE");
    cells_put(&cells, widths[COLUMN_RULE], LS_ROLE_MUTED, "RULE");
    cells_put(&cells, flex, LS_ROLE_MUTED, "ALERT");
    cells_put(&cells, widths[COLUMN_OWNER], LS_ROLE_MUTED, "OWNER");
}

static void draw_row(struct view view, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_alert_row *alert = &ui->alerts.rows[index];
    bool is_over = alert->state == LS_ALERT_RESOLVED;
    bool is_here = (int64_t)index == ui->alert.at;
    enum ls_role role = is_over ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    int32_t widths[ALERT_COLUMNS];
    int32_t flex = widths_of(view, widths);
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "%" PRId64, alert->id);
    cells_right(&cells, widths[COLUMN_ID], role, text);
    shout(ls_severity_name(alert->severity), text, sizeof text);
    cells_put(&cells, widths[COLUMN_SEVERITY],
              is_over ? LS_ROLE_MUTED : severity_role(alert->severity), text);
    shout(ls_alert_state_name(alert->state), text, sizeof text);
    cells_put(&cells, widths[COLUMN_STATE],
              alert->state == LS_ALERT_FIRING ? LS_ROLE_TITLE : role, text);
    moment_text(ui, alert->fired_ms, text);
    cells_put(&cells, widths[COLUMN_SINCE], role, text);
    cells_put(&cells, widths[COLUMN_RULE], role, alert->rule);
    cells_put(&cells, flex, role, alert->message);
    cells_put(&cells, widths[COLUMN_OWNER], role, alert->owner[0] == '\0' ? "-" : alert->owner);
    if (is_here) view_select(view, at_row, CHOSEN_CELLS);
}

static void panel_line(struct view view, int32_t row, const char *label, const char *text)
{
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%-9s", label) + 1;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, text);
}

static void draw_panel(struct view view, const struct ls_alert_row *alert)
{
    char text[512];
    char fired[LS_FORMAT_BYTES];
    char until[LS_FORMAT_BYTES];
    (void)snprintf(text, sizeof text, "alert %" PRId64 "  %s%s%s", alert->id, alert->rule,
                   alert->subject[0] == '\0' ? "" : "  ", alert->subject);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, text, "");
    moment_full(view.ui, alert->fired_ms, fired);
    panel_line(view, 0, "what", "");
    struct view words = view;
    words.area = rect_rows(view.area, 0, 2);
    words.area.column += LABEL_CELLS;
    words.area.columns -= LABEL_CELLS + 1;
    int32_t row = view_wrap(words, LS_ROLE_TEXT, alert->message);
    (void)snprintf(text, sizeof text, "since %s, fired %d time%s", fired, alert->times,
                   alert->times == 1 ? "" : "s");
    panel_line(view, row, "when", text);
    if (alert->state == LS_ALERT_ACKED) {
        moment_full(view.ui, alert->acked_until_ms, until);
        (void)snprintf(text, sizeof text, "%s, until %s", alert->owner, until);
        panel_line(view, row + 1, "owner", text);
        panel_line(view, row + 2, "note", alert->note);
    } else {
        panel_line(view, row + 1, "owner",
                   alert->owner[0] == '\0' ? "nobody yet" : alert->owner);
        if (alert->state == LS_ALERT_FIRING)
            panel_line(view, row + 2, "you can", "A acknowledge: it keeps measuring meanwhile");
    }
}

void view_alerts(struct view view)
{
    const struct ls_ui *ui = view.ui;
    struct ls_rect body = view.area;
    int32_t panel = panel_rows(body);
    char note[96];
    (void)snprintf(note, sizeof note, "%" PRId64 " firing, %" PRId64 " acked",
                   ui->dashboard.alerts_firing, ui->dashboard.alerts_acked);
    view_crumb(view, "Alerts", ui->has_dashboard ? note : "", LS_ROLE_MUTED);
    view.area = rect_rows(body, 1, body.rows - 1 - panel);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    draw_titles(view);
    if (ui->alerts.count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_MUTED,
                           ui->has_alerts ? "No alert fired yet." : ui_reading_words(ui));
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t index = (size_t)ui->alert.top + (size_t)row - 1;
        if (index >= ui->alerts.count) break;
        draw_row(view, row, index);
    }
    if (panel == 0 || (size_t)ui->alert.at >= ui->alerts.count) return;
    view.area = rect_rows(body, body.rows - panel, panel);
    draw_panel(view, &ui->alerts.rows[ui->alert.at]);
}
