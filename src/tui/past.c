#include "past.h"

#include <stdio.h>

#include "command.h"

static const int64_t minute_ms = 60000;

void past_go(struct ls_ui *ui, int64_t at_ms)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_PAST);
    if (request == NULL) return;
    if (ui->screen != SCREEN_DASH && ui->screen != SCREEN_HEALTH) ui_go(ui, SCREEN_DASH);
    request->at_ms = at_ms;
    ui->past.ticket = request->ticket;
    ui->past.is_waiting = true;
    ui->past.is_leaving = false;
    ui->past.at_ms = at_ms;
}

void past_step(struct ls_ui *ui, int64_t by_ms)
{
    int64_t now_ms = ui->wall_ms - ui->skew_ms;
    int64_t from_ms = ui->past.is_on || ui->past.is_waiting ? ui->past.at_ms : now_ms;
    if (!ui->has_dashboard) return;
    if (from_ms + by_ms > now_ms - minute_ms / 2) {
        if (!ui->past.is_on)
            key_toast(ui, false, "this is now; {minute-back} goes a minute back");
        past_leave(ui);
        return;
    }
    past_go(ui, from_ms + by_ms);
}

void past_leave(struct ls_ui *ui)
{
    ui->past.is_waiting = false;
    if (!ui->past.is_on) return;
    ui->past.is_leaving = true;
    (void)ui_request(ui, LS_UI_WANT_REFRESH);
}

void past_take(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (!ui->past.is_waiting || message->ticket != ui->past.ticket) return;
    ui->past.is_waiting = false;
    if (message->dashboard == NULL) {
        if (ui->past.is_on) ui->past.at_ms = ui->dashboard.now_ms;
        ui_toast(ui, true, "%s", message->why == NULL ? "no answer" : message->why);
        return;
    }
    ui->past.is_on = true;
    ui->dashboard = *message->dashboard;
    ui->has_dashboard = true;
    ui_judge(ui);
    ui_move(ui, 0);
}

void past_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    bool is_local = ui->time_mode == SHOW_LOCAL;
    int32_t offset = is_local ? ui->options.zone_offset_s : 0;
    struct ls_civil at = ls_civil_of(ui->dashboard.now_ms, offset);
    struct ls_civil now = ls_civil_of(ui->pause.wall_ms, offset);
    char day[24] = "";
    if (at.day != now.day || at.month != now.month || at.year != now.year)
        (void)snprintf(day, sizeof day, "%04d-%02d-%02d ", at.year % 10000, at.month, at.day);
    (void)snprintf(out, out_bytes, "AT %s%02d:%02d %.15s", day, at.hour, at.minute,
                   is_local ? ui->options.zone_name : "UTC");
}
