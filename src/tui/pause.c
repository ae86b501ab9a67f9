#include "pause.h"

#include <stdio.h>

#include "command.h"

static void keep_time(struct ls_ui *ui)
{
    ui->pause.now_ms = ui->now_ms;
    ui->pause.wall_ms = ui->wall_ms;
}

static void show_present(struct ls_ui *ui)
{
    keep_time(ui);
    ui->pause.worker = ui->worker;
    ui->pause.desk = ui->desk;
}

void pause_set(struct ls_ui *ui, bool is_on)
{
    ui->pause.is_on = is_on;
    ui->pause.takes_next = false;
    ui->pause.since_ms = ui->wall_ms;
    show_present(ui);
    if (is_on) return;
    (void)ui_request(ui, LS_UI_WANT_REFRESH);
    ui_refresh_screen(ui, true);
}

void pause_read(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_REFRESH);
    ui->pause.takes_next = ui->pause.is_on;
}

bool pause_takes_dashboard(struct ls_ui *ui)
{
    const bool is_wanted = !ui->has_dashboard || ui->pause.takes_next || ui->past.is_leaving;
    if (!ui->pause.is_on) return true;
    if (!is_wanted) return false;
    ui->pause.takes_next = false;
    ui->pause.since_ms = ui->wall_ms;
    show_present(ui);
    return true;
}

/* What a person asked for: a paused view asks for nothing by itself. The row under the cursor
 * is no screen of its own. */
static bool is_of_screen(const struct ls_ui *ui, enum ls_ui_message_kind kind)
{
    switch ((int)kind) {
    case LS_UI_DETAIL: return ui->screen == SCREEN_DETAIL;
    case LS_UI_OPS:
    case LS_UI_ALERTS:
    case LS_UI_AUDIT:
    case LS_UI_BATCHES:
    case LS_UI_BULKS:
    case LS_UI_TARGETS: return true;
    default: return false;
    }
}

void pause_follow(struct ls_ui *ui, const struct ls_ui_message *message)
{
    const bool is_new = message->kind == LS_UI_DESK || message->kind == LS_UI_WORKER;
    if (ui->pause.is_on ? is_of_screen(ui, message->kind) : is_new) {
        show_present(ui);
    } else if (!ui->pause.is_on) {
        keep_time(ui);
    }
}

int64_t pause_shown_now(const struct ls_ui *ui)
{
    if (ui->past.is_on) return ui->dashboard.now_ms;
    if (!ui->has_dashboard) return ui->pause.wall_ms;
    return ui->dashboard.now_ms + (ui->pause.now_ms - ui->dashboard_ms);
}

void pause_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    char clock[LS_FORMAT_BYTES];
    char moment[64];
    const bool is_stale = ui_is_stale(ui);
    if (ui->past.is_on && !is_stale) {
        past_words(ui, moment, sizeof moment);
        (void)snprintf(out, out_bytes, "%s, PAUSED", moment);
        return;
    }
    moment_clock(ui, is_stale ? ui->fresh_wall_ms : ui->pause.since_ms, clock);
    (void)snprintf(out, out_bytes, is_stale ? "STALE since %s, PAUSED" : "PAUSED since %s",
                   clock);
}
