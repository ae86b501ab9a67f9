#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

void do_move_up(struct ls_ui *ui)
{
    ui_move(ui, -1);
}
void do_move_down(struct ls_ui *ui)
{
    ui_move(ui, 1);
}
void do_page_up(struct ls_ui *ui)
{
    ui_move_page(ui, -1);
}
void do_page_down(struct ls_ui *ui)
{
    ui_move_page(ui, 1);
}
void do_to_first(struct ls_ui *ui)
{
    ui_move_end(ui, false);
}
void do_to_last(struct ls_ui *ui)
{
    ui_move_end(ui, true);
}
void do_go_dash(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_DASH);
}
void do_go_failed(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_FAILED);
}
void do_go_stuck(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_STUCK);
}
void do_go_queue(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_QUEUE);
}
void do_go_batches(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_BATCHES);
}
void do_go_bulk(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_BULK);
}
void do_go_alerts(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_ALERTS);
}
void do_go_audit(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_AUDIT);
}
void do_go_health(struct ls_ui *ui)
{
    ui_go(ui, SCREEN_HEALTH);
}
void do_open_filter(struct ls_ui *ui)
{
    prompt_open(ui, PROMPT_FILTER);
}
void do_open_line(struct ls_ui *ui)
{
    prompt_open(ui, PROMPT_COMMAND);
}
void do_redraw(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_REDRAW);
}
void do_log(struct ls_ui *ui)
{
    char line[48];
    const struct ls_op_row *row = ui_current_row(ui);
    if (row == NULL) {
        ui_toast(ui, true, "no operation is chosen here");
        return;
    }
    (void)snprintf(line, sizeof line, "log %" PRId64, row->op.value);
    if (!pane_run(ui, line)) ui_toast(ui, true, "%s", ui->prompt.why);
}
void do_plain(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_PLAIN);
}
bool can_mark(const struct ls_ui *ui, struct ls_why *why)
{
    return key_refuse(ui, list_row(ui_list_const(ui)) == NULL ? "no operation is here" : NULL,
                      why);
}
bool can_unmark(const struct ls_ui *ui, struct ls_why *why)
{
    return key_refuse(ui, ui_list_const(ui)->mark_count == 0 ? "nothing is marked" : NULL, why);
}
void do_mark_one(struct ls_ui *ui)
{
    list_toggle(ui, ui_list(ui));
}
void do_mark_none(struct ls_ui *ui)
{
    list_mark_none(ui_list(ui));
}

/* Once: this page. Again: all that match, wherever they are. */
void do_mark_page(struct ls_ui *ui)
{
    struct list *list = ui_list(ui);
    if (list->offers_all) {
        list->is_all = true;
        key_toast(ui, false,
                  "ALL that match are meant: {retry}, {compensate}, {hold} and {cancel} make a "
                  "bulk job; {mark-none} undoes");
        return;
    }
    list_mark_all(ui, list, NULL);
    if (list->count == 0 || !bulks_offers_all(ui)) return;
    list->offers_all = true;
    bulks_count_all(ui);
}

void do_mark_cause(struct ls_ui *ui)
{
    const struct ls_op_row *row = list_row(ui_list(ui));
    if (row != NULL) list_mark_all(ui, ui_list(ui), row->cause);
}

void do_next_tab(struct ls_ui *ui)
{
    enum screen from = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    ui_go(ui, (enum screen)(((int)from + 1) % (int)SCREEN_DETAIL));
}

void do_previous_tab(struct ls_ui *ui)
{
    enum screen from = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    ui_go(ui, (enum screen)(((int)from + (int)SCREEN_DETAIL - 1) % (int)SCREEN_DETAIL));
}

void ui_show_op(struct ls_ui *ui, ls_op_id op)
{
    if (ui->screen != SCREEN_DETAIL) ui->detail_from = ui->screen;
    ui->detail_op = op;
    ui->has_detail = false;
    ui->detail_waiting = false;
    ui->detail_why[0] = '\0';
    ui->detail_scroll = 0;
    ui_go(ui, SCREEN_DETAIL);
}

static void show_op(struct ls_ui *ui, const struct ls_op_row *row)
{
    if (row != NULL) ui_show_op(ui, row->op);
}

/* A job's targets; of these the operation. */
static void open_job(struct ls_ui *ui)
{
    const struct bulks *bulks = &ui->bulks;
    if (!bulks->is_open) {
        bulks_open(ui);
    } else if (bulks->has_targets && (size_t)bulks->target.at < bulks->targets.count) {
        ui_show_op(ui, bulks->targets.rows[bulks->target.at].op);
    }
}

/* Whether the cursor is on something. */
bool can_open(const struct ls_ui *ui, struct ls_why *why)
{
    bool has = true;
    if (ui->screen == SCREEN_DASH) has = (size_t)ui->causes.at < ui->dashboard.cause_count;
    if (ui->screen == SCREEN_BATCHES) has = batches_row(ui) != NULL;
    if (ui->screen == SCREEN_BULK) has = bulks_row(ui) != NULL;
    if (ui->screen == SCREEN_ALERTS) has = alert_can_open(ui);
    if (screen_is_list(ui->screen)) has = list_row(ui_list_const(ui)) != NULL;
    return key_refuse(ui, has ? NULL : "there is nothing to open here", why);
}

void do_open_row(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DASH) {
        do_open_cause(ui);
    } else if (ui->screen == SCREEN_BATCHES) {
        batches_open(ui);
    } else if (ui->screen == SCREEN_ALERTS) {
        alert_open(ui);
    } else if (ui->screen == SCREEN_BULK) {
        open_job(ui);
    } else if (screen_is_list(ui->screen)) {
        show_op(ui, list_row(ui_list(ui)));
    }
}

void do_go_back(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DETAIL) {
        enum screen to = ui->detail_from;
        ui->screen = to; /* the listing is as it was left */
        ui_refresh_screen(ui, true);
    } else if (screen_is_list(ui->screen) && list_stop(ui, ui_list(ui))) {
        return; /* the rows found so far stay */
    } else if (ui->screen == SCREEN_BULK && bulks_close(ui)) {
        return; /* the jobs again */
    } else if (ui->screen == SCREEN_BATCHES && ui->batches.filter_text[0] != '\0') {
        (void)batches_set_filter(ui, "");
    } else if (batches_is_opened(ui)) {
        (void)list_set_filter(ui, ui_list(ui), "");
        ui->batches.opened_id = 0;
        ui_go(ui, SCREEN_BATCHES);
    } else if (screen_is_list(ui->screen) && ui_list(ui)->filter_text[0] != '\0') {
        bool was_cause = ui_list(ui)->cause_title[0] != '\0';
        (void)list_set_filter(ui, ui_list(ui), "");
        if (was_cause) ui_go(ui, SCREEN_DASH); /* where it was opened */
        ui_refresh_screen(ui, true);
    } else if (ui->screen != SCREEN_DASH) {
        ui_go(ui, SCREEN_DASH);
    } else {
        past_leave(ui);
    }
}

void do_back_or_quit(struct ls_ui *ui)
{
    if (ui->screen == SCREEN_DASH && !ui->past.is_on) {
        act_quit(ui);
    } else {
        do_go_back(ui);
    }
}

void do_sort_next(struct ls_ui *ui)
{
    struct list *list = ui_list(ui);
    list->sort = (enum ls_op_sort)(((int)list->sort + 1) % ((int)LS_SORT_UPDATED_DESC + 1));
    list_resume(list);
    ui_refresh_screen(ui, true);
}

void do_pause_or_resume(struct ls_ui *ui)
{
    if (screen_is_list(ui->screen) && ui_list(ui)->is_held && !ui->pause.is_on) {
        list_resume(ui_list(ui));
        ui_refresh_screen(ui, true);
        return;
    }
    pause_set(ui, !ui->pause.is_on);
    char key[LS_KEY_NAME_BYTES];
    command_key_named(ui, "pause-view", key);
    if (ui->pause.is_on) {
        ui_toast(ui, false, "the view is paused, the worker is not; %s goes on", key);
    } else {
        ui_toast(ui, false, "live again");
    }
}

static void set_refresh(struct ls_ui *ui, int64_t ms)
{
    if (ms < 500) ms = 500;
    if (ms > 60000) ms = 60000;
    ui->options.refresh_ms = ms;
    char every[LS_FORMAT_BYTES];
    ls_format_duration(ms, true, every);
    ui_toast(ui, false, "listings are read every %s", every);
}

void do_faster(struct ls_ui *ui)
{
    set_refresh(ui, ui->options.refresh_ms / 2);
}
void do_slower(struct ls_ui *ui)
{
    set_refresh(ui, ui->options.refresh_ms * 2);
}

void do_next_time(struct ls_ui *ui)
{
    bool has_local = ui->options.zone_name[0] != '\0';
    enum time_mode last = has_local ? SHOW_LOCAL : SHOW_UTC;
    ui->time_mode = ui->time_mode == last ? SHOW_AGE : (enum time_mode)(ui->time_mode + 1);
    ui_toast(ui, false, "times are shown as %s", time_mode_name(ui));
}

void do_refresh_now(struct ls_ui *ui)
{
    pause_read(ui);
    if (screen_is_list(ui->screen)) ui_list(ui)->is_slow = false;
    ui_refresh_screen(ui, true);
}

void do_suspend(struct ls_ui *ui)
{
    if (ui->options.has_worker) {
        key_toast(ui, true, "{suspend} would stop the embedded worker: use another terminal");
    } else {
        (void)ui_request(ui, LS_UI_WANT_SUSPEND);
    }
}

void do_toggle_evidence(struct ls_ui *ui)
{
    ui->shows_evidence = !ui->shows_evidence;
    ui_move(ui, 0);
}

static void step_row(struct ls_ui *ui, int64_t by)
{
    if (screen_is_list(ui->screen)) {
        const struct list *here = ui_list(ui);
        const bool is_end =
            by > 0 ? here->cursor.at + 1 >= (int64_t)here->count : here->cursor.at == 0;
        const bool has_page = by > 0 ? here->has_more : here->page > 0;
        if (is_end && !has_page) {
            ui_toast(ui, false, "this is the %s match", by > 0 ? "last" : "first");
        } else if (is_end) {
            (void)list_turn(ui, ui_list(ui), by > 0); /* there is one */
        } else {
            ui_move(ui, by);
        }
        return;
    }
    struct list *list = ui_list(ui);
    int64_t to = list->cursor.at + by;
    if (screen_is_list(ui->detail_from) && (to < 0 || to >= (int64_t)list->count) &&
        list_turn(ui, list, by > 0)) {
        list->opens = list->turn != 0;
        return;
    }
    if (!screen_is_list(ui->detail_from) || to < 0 || to >= (int64_t)list->count) {
        ui_toast(ui, false, "no %s operation in the listing", by > 0 ? "next" : "previous");
        return;
    }
    list->cursor.at = to;
    list->is_held = true;
    show_op(ui, list_row(list));
}

void do_next_row(struct ls_ui *ui)
{
    step_row(ui, 1);
}
void do_previous_row(struct ls_ui *ui)
{
    step_row(ui, -1);
}

enum { MINUTE_MS = 60000 };
void do_minute_back(struct ls_ui *ui)
{
    past_step(ui, -MINUTE_MS);
}
void do_minute_on(struct ls_ui *ui)
{
    past_step(ui, MINUTE_MS);
}
