#include <stdio.h>
#include <string.h>

#include "command.h"

enum { AUDIT_PAGE = 100 };

static void keep_why(char out[LS_WHY_BYTES], const struct ls_ui_message *message)
{
    (void)snprintf(out, LS_WHY_BYTES, "%s",
                   message->why == NULL ? "the database did not answer" : message->why);
}

/* The answer was under way for as long as the reading took: that is no skew. */
static int64_t skew_of(const struct ls_ui *ui, const struct ls_dashboard *facts)
{
    int64_t skew_ms = ui->wall_ms - facts->now_ms;
    if (skew_ms <= 0) return skew_ms;
    return skew_ms > facts->read_ms ? skew_ms - facts->read_ms : 0;
}

/* A bell for each alert that began to fire since the last reading, shown or not. */
static void ring(struct ls_ui *ui, const struct ls_dashboard *next)
{
    const bool is_first = ui->alerts_heard < 0;
    const bool is_more = next->alerts_firing > ui->alerts_heard;
    ui->alerts_heard = next->alerts_firing;
    if (!is_first && is_more && !ui->past.is_on) {
        (void)ui_request(ui, LS_UI_WANT_BELL);
        if (ui->toast.text[0] == '\0')
            key_toast(ui, true, "an alert fires: {go-alerts} shows it");
    }
}

void ui_judge(struct ls_ui *ui)
{
    struct ls_verdict verdict;
    ls_verdict_of(&ui->dashboard, &verdict);
    ui->verdict = verdict;
    key_words(ui, verdict.in_console, ui->verdict.in_console, sizeof ui->verdict.in_console);
}

/* A cause or a worker that the person moved to stays under the cursor, wherever it is now. */
static void take_facts(struct ls_ui *ui, const struct ls_dashboard *facts)
{
    struct seen_row row;
    const bool has_moved = (ui->screen == SCREEN_DASH && ui->causes.at > 0) ||
                           (ui->screen == SCREEN_HEALTH && ui->health.at > 0);
    const bool has_row = has_moved && seen_current(ui, &row);
    ui->dashboard = *facts;
    ui->dashboard_ms = ui->now_ms;
    ui->has_dashboard = true;
    ui_judge(ui);
    if (!has_row || !seen_follow(ui, &row)) ui_move(ui, 0);
}

void answer_dashboard(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->dashboard == NULL) return;
    ring(ui, message->dashboard);
    bool was_lost = ui->is_lost;
    ui->fresh_ms = ui->now_ms;
    ui->fresh_wall_ms = ui->wall_ms;
    ui->is_lost = false;
    if (!pause_takes_dashboard(ui)) return;
    ui->skew_ms = skew_of(ui, message->dashboard);
    if (ui->past.is_on && !ui->past.is_leaving) return;
    ui->past.is_on = ui->past.is_leaving = false;
    take_facts(ui, message->dashboard);
    kinds_follow(ui);
    if (was_lost) ui_refresh_screen(ui, true);
}

void ask_detail(struct ls_ui *ui)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_DETAIL);
    if (request == NULL) return;
    request->op = ui->detail_op;
    ui->detail_ticket = request->ticket;
    ui->detail_waiting = true;
    ui->detail_asked_ms = ui->now_ms;
}

void answer_detail(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->ticket != ui->detail_ticket) return;
    ui->detail_waiting = false;
    if (message->detail == NULL) {
        keep_why(ui->detail_why, message);
        return;
    }
    ui->detail = *message->detail;
    ui->has_detail = true;
    ui->detail_why[0] = '\0';
    ui_move(ui, 0);
}

void ask_alerts(struct ls_ui *ui)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_ALERTS);
    if (request == NULL) return;
    request->with_resolved = true;
    request->before_seq = ui->alerts_after[ui->alerts_page];
    ui->alerts_ticket = request->ticket;
    ui->alerts_waiting = true;
    ui->alerts_asked_ms = ui->now_ms;
}

/* The cursor stays on the alert it stood on, wherever that is now. */
static void follow_alert(struct ls_ui *ui, int64_t id)
{
    for (size_t i = 0; i < ui->alerts.count; i++) {
        if (ui->alerts.rows[i].id == id) ui->alert.at = (int64_t)i;
    }
}

void answer_alerts(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->ticket != ui->alerts_ticket) return;
    ui->alerts_waiting = false;
    if (message->alerts == NULL) {
        char why[LS_WHY_BYTES];
        keep_why(why, message);
        ui_toast(ui, true, "%s", why);
        return;
    }
    int64_t id = 0;
    if (!ui->has_alerts) {
        id = ui->options.start_alert;
    } else if (ui->alert.at > 0 && (size_t)ui->alert.at < ui->alerts.count) {
        id = ui->alerts.rows[ui->alert.at].id;
    }
    ui->alerts = *message->alerts;
    ui->has_alerts = true;
    if (id != 0) follow_alert(ui, id);
    cursor_land(&ui->alert, &ui->alerts_is_back, ui->alerts.count);
    if (ui->screen == SCREEN_ALERTS) ui_move(ui, 0);
}

void ask_audit(struct ls_ui *ui)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_AUDIT);
    if (request == NULL) return;
    request->before_seq = ui->audit_before[ui->audit_page];
    request->limit = AUDIT_PAGE;
    ui->audit_ticket = request->ticket;
    ui->audit_waiting = true;
    ui->audit_asked_ms = ui->now_ms;
}

void answer_audit(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->ticket != ui->audit_ticket) return;
    ui->audit_waiting = false;
    if (message->audit == NULL) {
        char why[LS_WHY_BYTES];
        keep_why(why, message);
        ui_toast(ui, true, "%s", why);
        return;
    }
    int64_t seq = 0;
    if (ui->has_audit && ui->entry.at > 0 && (size_t)ui->entry.at < ui->audit.count)
        seq = ui->audit.rows[ui->entry.at].seq;
    ui->audit = *message->audit;
    ui->has_audit = true;
    for (size_t i = 0; seq != 0 && i < ui->audit.count; i++) {
        if (ui->audit.rows[i].seq == seq) ui->entry.at = (int64_t)i;
    }
    cursor_land(&ui->entry, &ui->audit_is_back, ui->audit.count);
    if (ui->screen == SCREEN_AUDIT) ui_move(ui, 0);
}
