#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum {
    CHOSEN_CELLS = 26,
    PANEL_ROWS = 7,
    PANEL_ROWS_TALL = 11,
    PANEL_FROM = 17,
    PANEL_TALL_FROM = 24,
    LABEL_CELLS = 11,
    NOTE_FROM = 130, /* columns */
    NOTE_LEAST = 12,
    ROOMY = 96
};
enum alert_column {
    COLUMN_CURSOR,
    COLUMN_ID,
    COLUMN_SEVERITY,
    COLUMN_STATE,
    COLUMN_SINCE,
    COLUMN_RULE,
    COLUMN_ALERT,
    COLUMN_OWNER,
    COLUMN_NOTE,
    ALERT_COLUMNS
};

static int32_t panel_rows(struct ls_rect body)
{
    if (body.rows >= PANEL_TALL_FROM) return PANEL_ROWS_TALL;
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

static bool is_silenced(const struct ls_ui *ui, const struct ls_alert_row *alert)
{
    return alert->state == LS_ALERT_ACKED &&
           ls_people_silence(&ui->pause.desk.facts, alert->rule) != NULL;
}

/* "op1 58m left" while it is acknowledged. */
static void write_owner(const struct ls_ui *ui,
                        const struct ls_alert_row *alert,
                        char *out,
                        size_t out_bytes)
{
    char left[LS_FORMAT_BYTES];
    ls_format_age(alert->acked_until_ms - pause_shown_now(ui), left);
    if (alert->owner[0] == '\0') {
        (void)snprintf(out, out_bytes, "-");
    } else if (alert->state == LS_ALERT_ACKED) {
        (void)snprintf(out, out_bytes, "%.20s %.8s left", alert->owner, left);
    } else {
        (void)snprintf(out, out_bytes, "%.40s", alert->owner);
    }
}

/* Columns are as wide as what stands in them, so that what the alert says has the rest; where
 * that is more than it needs, the note has it. */
static void widths_of(struct view view, int32_t widths[ALERT_COLUMNS])
{
    const struct ls_ui *ui = view.ui;
    const int32_t columns = view.area.columns;
    const bool is_small = ui->columns < COLUMNS_FULL; /* then what it says matters most */
    char owner[64];
    int32_t message = 5;
    bool has_note = false;
    memset(widths, 0, sizeof(int32_t) * ALERT_COLUMNS);
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_ID] = 5;
    widths[COLUMN_SEVERITY] = 8;
    widths[COLUMN_STATE] = 8;
    widths[COLUMN_SINCE] = moment_cells(ui);
    widths[COLUMN_RULE] = is_small ? 0 : 4;
    widths[COLUMN_OWNER] = is_small ? 0 : 5;
    for (size_t i = 0; i < ui->alerts.count && !is_small; i++) {
        const struct ls_alert_row *alert = &ui->alerts.rows[i];
        write_owner(ui, alert, owner, sizeof owner);
        fit_cells(&widths[COLUMN_RULE], alert->rule, 10);
        fit_cells(&widths[COLUMN_OWNER], owner, columns >= ROOMY ? 18 : 13);
        fit_cells(&message, alert->message, columns);
        has_note = has_note || alert->note[0] != '\0';
    }
    if (columns >= ROOMY) {
        widths[COLUMN_SINCE]++;
        widths[COLUMN_RULE]++;
    }
    const int32_t rest = flex_cells(columns, widths, ALERT_COLUMNS) - 1;
    widths[COLUMN_ALERT] = rest;
    if (columns < NOTE_FROM || rest - message < NOTE_LEAST + 2) return;
    widths[COLUMN_ALERT] = message + 1;
    if (has_note) widths[COLUMN_NOTE] = rest - message - 2;
}

static void draw_titles(struct view view, const int32_t widths[ALERT_COLUMNS])
{
    static const char *const titles[ALERT_COLUMNS] = {
        "", "ID", "SEVERITY", "STATE", "SINCE", "RULE", "ALERT", "OWNER", "NOTE"};
    struct cells cells = view_cells(view, 0);
    for (int i = 0; i < ALERT_COLUMNS; i++) {
        if (i == COLUMN_ID)
            cells_right(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
        else
            cells_put(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
    }
}

static void draw_row(struct view view, const int32_t *widths, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_alert_row *alert = &ui->alerts.rows[index];
    bool is_over = alert->state == LS_ALERT_RESOLVED;
    bool is_here = (int64_t)index == ui->alert.at;
    enum ls_role role = is_over ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "%" PRId64, alert->id);
    cells_right(&cells, widths[COLUMN_ID], role, text);
    shout(ls_severity_name(alert->severity), text, sizeof text);
    cells_put(&cells, widths[COLUMN_SEVERITY],
              is_over ? LS_ROLE_MUTED : severity_role(alert->severity), text);
    shout(is_silenced(ui, alert) ? "silenced" : ls_alert_state_name(alert->state), text,
          sizeof text);
    cells_put(&cells, widths[COLUMN_STATE],
              alert->state == LS_ALERT_FIRING ? LS_ROLE_TITLE : role, text);
    moment_text(ui, alert->fired_ms, text);
    cells_put(&cells, widths[COLUMN_SINCE], role, text);
    cells_put(&cells, widths[COLUMN_RULE], role, alert->rule);
    cells_put(&cells, widths[COLUMN_ALERT], role, alert->message);
    write_owner(ui, alert, text, sizeof text);
    cells_put(&cells, widths[COLUMN_OWNER], role, text);
    cells_put(&cells, widths[COLUMN_NOTE], LS_ROLE_MUTED, alert->note);
    if (is_here) view_select(view, at_row, CHOSEN_CELLS);
}

static void panel_line(struct view view, int32_t row, const char *label, const char *text)
{
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%-9s", label) + 1;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, text);
}

/* The alert that began first in the ten minutes before this one. */
static const struct ls_alert_row *likely(const struct ls_ui *ui,
                                         const struct ls_alert_row *alert)
{
    enum { WITHIN_MS = 600000 };
    const struct ls_alert_row *best = NULL;
    for (size_t i = 0; i < ui->alerts.count; i++) {
        const struct ls_alert_row *other = &ui->alerts.rows[i];
        int64_t before_ms = alert->fired_ms - other->fired_ms;
        if (other->id == alert->id || before_ms < 0 || before_ms > WITHIN_MS) continue;
        if (strcmp(other->rule, "gate") == 0) continue; /* a person put it on */
        if (best == NULL || other->fired_ms < best->fired_ms) best = other;
    }
    return best;
}

static void write_likely(const struct ls_ui *ui,
                         const struct ls_alert_row *alert,
                         char *out,
                         size_t out_bytes)
{
    const struct ls_alert_row *first = likely(ui, alert);
    char before[LS_FORMAT_BYTES];
    if (first == NULL) {
        (void)snprintf(out, out_bytes, "no other alert began in the ten minutes before it");
        return;
    }
    ls_format_duration(alert->fired_ms - first->fired_ms, false, before);
    const bool is_same = alert->fired_ms - first->fired_ms < 1000;
    (void)snprintf(out, out_bytes, "alert %" PRId64 " began %s%s: %.200s", first->id,
                   is_same ? "at the same time" : before, is_same ? "" : " before",
                   first->message);
}

static void write_impact(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    char depth[LS_FORMAT_BYTES];
    char age[LS_FORMAT_BYTES];
    ls_format_count(facts->depth, depth);
    ls_format_duration(facts->age_ms, false, age);
    (void)snprintf(out, out_bytes,
                   "now %s wait, %s%s; %" PRId64 " failed, %" PRId64 " unknown; %" PRId64
                   " landed twice",
                   depth, facts->age_ms > 0 ? "the oldest due one " : "none is overdue",
                   facts->age_ms > 0 ? age : "", facts->counts[LS_STATE_FAILED],
                   facts->held_ambiguous, facts->duplicates);
}

static void write_ownership(const struct ls_ui *ui,
                            const struct ls_alert_row *alert,
                            char *out,
                            size_t out_bytes)
{
    char left[LS_FORMAT_BYTES];
    char until[LS_FORMAT_BYTES];
    ls_format_age(alert->acked_until_ms - pause_shown_now(ui), left);
    moment_full(ui, alert->acked_until_ms, until);
    if (alert->state != LS_ALERT_ACKED) {
        if (alert->owner[0] == '\0')
            key_words(ui, "nobody yet: {acknowledge} acknowledges, {silence} silences its rule",
                      out, out_bytes);
        else
            (void)snprintf(out, out_bytes, "%.60s", alert->owner);
    } else if (is_silenced(ui, alert)) {
        (void)snprintf(out, out_bytes, "%.40s silenced the rule, %s left; heard again at %s",
                       alert->owner, left, until);
    } else {
        (void)snprintf(out, out_bytes, "%.40s, %s left; fires again at %s, or if it gets worse",
                       alert->owner, left, until);
    }
}

/* What someone wrote: the newest note, else the acknowledgement's reason. */
static void write_words(const struct ls_ui *ui,
                        const struct ls_alert_row *alert,
                        char *out,
                        size_t out_bytes)
{
    char target[32];
    (void)snprintf(target, sizeof target, "alert %" PRId64, alert->id);
    const struct ls_note *note = ls_people_note(&ui->pause.desk.facts, target);
    if (note != NULL) {
        (void)snprintf(out, out_bytes, "%.400s (%.40s)", note->body, note->login);
    } else {
        (void)snprintf(out, out_bytes, "%.400s", alert->note[0] == '\0' ? "-" : alert->note);
    }
}

static void draw_panel(struct view view, const struct ls_alert_row *alert)
{
    char text[512];
    char fired[LS_FORMAT_BYTES];
    bool is_tall = view.area.rows >= PANEL_ROWS_TALL;
    (void)snprintf(text, sizeof text, "alert %" PRId64 "  %s%s%s", alert->id, alert->rule,
                   alert->subject[0] == '\0' ? "" : "  ", alert->subject);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, text, "");
    panel_line(view, 0, "what", "");
    struct view words = view;
    words.area = rect_rows(view.area, 0, 2);
    words.area.column += LABEL_CELLS;
    words.area.columns -= LABEL_CELLS + 1;
    int32_t row = view_wrap(words, LS_ROLE_TEXT, alert->message);
    if (is_tall) {
        (void)snprintf(text, sizeof text,
                       "%.31s: thresholds of [alert \"%.31s\"] in lockstep.conf", alert->rule,
                       alert->rule);
        panel_line(view, row++, "rule", text);
    }
    moment_full(view.ui, alert->fired_ms, fired);
    (void)snprintf(text, sizeof text, "since %s, fired %d time%s", fired, alert->times,
                   alert->times == 1 ? "" : "s");
    panel_line(view, row++, "when", text);
    if (is_tall && alert->state != LS_ALERT_RESOLVED) {
        write_likely(view.ui, alert, text, sizeof text);
        if (strcmp(alert->rule, "gate") != 0) panel_line(view, row++, "likely", text);
        write_impact(view.ui, text, sizeof text);
        panel_line(view, row++, "impact", text);
    }
    write_ownership(view.ui, alert, text, sizeof text);
    panel_line(view, row++, "owner", text);
    write_words(view.ui, alert, text, sizeof text);
    panel_line(view, row, "note", text);
}

void view_alerts(struct view view)
{
    const struct ls_ui *ui = view.ui;
    struct ls_rect body = view.area;
    int32_t panel = panel_rows(body);
    char note[96];
    char rows[48] = "";
    const size_t before = ui->alerts_page * LS_FACTS_PAGE_MAX;
    if (ui->alerts.has_more || before > 0)
        (void)snprintf(rows, sizeof rows, "%zu-%zu%s; ", before + 1, before + ui->alerts.count,
                       ui->alerts.has_more ? " and more" : "");
    (void)snprintf(note, sizeof note, "%s%" PRId64 " firing, %" PRId64 " acked", rows,
                   ui->dashboard.alerts_firing, ui->dashboard.alerts_acked);
    view_crumb(view, "Alerts", ui->has_dashboard ? note : "", LS_ROLE_MUTED);
    view.area = rect_rows(body, 1, body.rows - 1 - panel);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    int32_t widths[ALERT_COLUMNS];
    widths_of(view, widths);
    draw_titles(view, widths);
    if (ui->alerts.count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 2), LS_ROLE_MUTED,
                           ui->has_alerts ? "No alert fired yet." : ui_reading_words(ui));
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t index = (size_t)ui->alert.top + (size_t)row - 1;
        if (index >= ui->alerts.count) break;
        draw_row(view, widths, row, index);
    }
    if (panel == 0 || (size_t)ui->alert.at >= ui->alerts.count) return;
    view.area = rect_rows(body, body.rows - panel, panel);
    draw_panel(view, &ui->alerts.rows[ui->alert.at]);
}
