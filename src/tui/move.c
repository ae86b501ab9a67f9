#include "command.h"

void cursor_move(struct cursor *cursor, int64_t by, int64_t count, int64_t visible)
{
    cursor->at += by;
    if (cursor->at >= count) cursor->at = count - 1;
    if (cursor->at < 0) cursor->at = 0;
    if (visible < 1) visible = 1;
    if (cursor->top > cursor->at) cursor->top = cursor->at;
    if (cursor->top < cursor->at - visible + 1) cursor->top = cursor->at - visible + 1;
    if (cursor->top > count - visible) cursor->top = count - visible;
    if (cursor->top < 0) cursor->top = 0;
}

void cursor_land(struct cursor *cursor, bool *is_back, size_t count)
{
    if (*is_back && count > 0) *cursor = (struct cursor){.at = (int64_t)count - 1};
    *is_back = false;
}

int64_t health_rows(const struct ls_ui *ui)
{
    return (int64_t)(ui->dashboard.worker_count + ui->dashboard.gate_count);
}

struct track {
    struct cursor *cursor;
    int64_t count, visible;
};

static struct track track_of(struct ls_ui *ui)
{
    struct ls_rect body = ui_body(ui->columns, ui->rows);
    switch (ui->screen) {
    case SCREEN_FAILED:
    case SCREEN_STUCK:
    case SCREEN_QUEUE: {
        struct list *list = ui_list(ui);
        return (struct track){&list->cursor, (int64_t)list->count, list_visible(body)};
    }
    case SCREEN_BATCHES:
        return (struct track){&ui->batches.cursor, (int64_t)ui->batches.page.count,
                              batches_visible(body)};
    case SCREEN_BULK:
        if (ui->bulks.is_open)
            return (struct track){&ui->bulks.target, (int64_t)ui->bulks.targets.count,
                                  bulks_visible(ui, body)};
        return (struct track){&ui->bulks.cursor, (int64_t)ui->bulks.page.count,
                              bulks_visible(ui, body)};
    case SCREEN_ALERTS:
        return (struct track){&ui->alert, (int64_t)ui->alerts.count, alerts_visible(body)};
    case SCREEN_AUDIT:
        return (struct track){&ui->entry, (int64_t)ui->audit.count, audit_visible(body)};
    case SCREEN_HEALTH:
        return (struct track){&ui->health, health_rows(ui), health_visible(ui, body)};
    case SCREEN_DASH:
        return (struct track){&ui->causes, (int64_t)ui->dashboard.cause_count,
                              causes_visible(ui, body)};
    case SCREEN_DETAIL:
    case SCREEN_COUNT: break;
    }
    return (struct track){NULL, 0, 0};
}

const struct cursor *ui_cursor(struct ls_ui *ui, int64_t *count_out)
{
    const struct track track = track_of(ui);
    *count_out = track.count;
    return track.cursor;
}

static void scroll_detail(struct ls_ui *ui, int64_t by)
{
    struct ls_rect body = ui_body(ui->columns, ui->rows);
    int64_t last = detail_lines(ui) - body.rows;
    ui->detail_scroll += by;
    if (ui->detail_scroll > last) ui->detail_scroll = last;
    if (ui->detail_scroll < 0) ui->detail_scroll = 0;
}

void ui_move(struct ls_ui *ui, int64_t by)
{
    if (ui->screen == SCREEN_DETAIL) {
        scroll_detail(ui, by);
        return;
    }
    struct track track = track_of(ui);
    if (track.cursor == NULL) return;
    cursor_move(track.cursor, by, track.count, track.visible);
    if (by != 0 && ui->screen == SCREEN_BATCHES) batches_moved(ui);
    if (by != 0 && ui->screen == SCREEN_BULK && !ui->bulks.is_open) bulks_moved(ui);
    if (by != 0 && screen_is_list(ui->screen) && track.cursor->at > 0)
        ui_list(ui)->is_held = true;
}

static void turn_audit(struct ls_ui *ui, bool forward)
{
    if (ui->audit_is_back) return; /* the rows on screen are not that page's yet */
    if (forward && ui->audit.has_more && ui->audit.count > 0 &&
        ui->audit_page + 1 < AUDIT_DEPTH) {
        ui->audit_page++;
        ui->audit_before[ui->audit_page] = ui->audit.rows[ui->audit.count - 1].seq;
    } else if (!forward && ui->audit_page > 0) {
        ui->audit_page--;
    } else {
        return;
    }
    ui->audit_is_back = !forward;
    ui->entry = (struct cursor){0};
    ask_audit(ui);
}

static void turn_alerts(struct ls_ui *ui, bool forward)
{
    if (ui->alerts_is_back) return; /* the rows on screen are not that page's yet */
    if (forward && ui->alerts.has_more && ui->alerts.count > 0 &&
        ui->alerts_page + 1 < AUDIT_DEPTH) {
        ui->alerts_page++;
        ui->alerts_after[ui->alerts_page] = ui->alerts.rows[ui->alerts.count - 1].id;
    } else if (!forward && ui->alerts_page > 0) {
        ui->alerts_page--;
    } else {
        return;
    }
    ui->alerts_is_back = !forward;
    ui->alert = (struct cursor){0};
    ask_alerts(ui);
}

void ui_move_page(struct ls_ui *ui, int direction)
{
    struct track track = track_of(ui);
    int64_t step = ui->screen == SCREEN_DETAIL ? ui->rows - 6 : track.visible - 1;
    if (step < 1) step = 1;
    if (track.cursor != NULL) {
        bool at_end =
            direction > 0 ? track.cursor->at + 1 >= track.count : track.cursor->at == 0;
        if (at_end && screen_is_list(ui->screen)) {
            (void)list_turn(ui, ui_list(ui), direction > 0); /* the end stays where it is */
            return;
        }
        if (at_end && ui->screen == SCREEN_BATCHES) {
            batches_turn(ui, direction > 0);
            return;
        }
        if (at_end && ui->screen == SCREEN_BULK) {
            bulks_turn(ui, direction > 0);
            return;
        }
        if (at_end && ui->screen == SCREEN_ALERTS) {
            turn_alerts(ui, direction > 0);
            return;
        }
        if (at_end && ui->screen == SCREEN_AUDIT) {
            turn_audit(ui, direction > 0);
            return;
        }
    }
    ui_move(ui, step * direction);
}

void ui_move_end(struct ls_ui *ui, bool to_last)
{
    enum { FAR = 1000000 };
    if (!to_last && screen_is_list(ui->screen) && ui_list(ui)->page > 0) {
        list_resume(ui_list(ui));
        list_ask(ui, ui->screen);
        return;
    }
    ui_move(ui, to_last ? FAR : -FAR);
    if (to_last && screen_is_list(ui->screen) && ui_list(ui)->has_more)
        key_toast(ui, false,
                  "the end of this page: {page-down} goes on, {sort} begins elsewhere");
}
