#include "seen.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

static void of_op(const struct ls_op_row *row, struct seen_row *out)
{
    out->id = row->op.value;
    out->version = row->version;
}

static void of_health(const struct ls_dashboard *facts, size_t at, struct seen_row *out)
{
    if (at < facts->worker_count) {
        out->id = facts->workers[at].id;
    } else {
        (void)snprintf(out->name, sizeof out->name, "%s",
                       facts->gates[at - facts->worker_count].selector);
    }
}

/* Row `at` of the listing that is on screen, which has so many. */
static void row_at(const struct ls_ui *ui, size_t at, struct seen_row *out)
{
    *out = (struct seen_row){0};
    switch (ui->screen) {
    case SCREEN_FAILED:
    case SCREEN_STUCK:
    case SCREEN_QUEUE: of_op(&ui_list_const(ui)->rows[at], out); break;
    case SCREEN_BATCHES: out->id = ui->batches.page.rows[at].id; break;
    case SCREEN_BULK:
        out->id = ui->bulks.is_open ? ui->bulks.targets.rows[at].op.value
                                    : ui->bulks.page.rows[at].id;
        break;
    case SCREEN_ALERTS: out->id = ui->alerts.rows[at].id; break;
    case SCREEN_AUDIT: out->id = ui->audit.rows[at].seq; break;
    case SCREEN_HEALTH: of_health(&ui->dashboard, at, out); break;
    case SCREEN_DASH:
        out->id = (int64_t)ui->dashboard.causes[at].state * 2 +
                  (ui->dashboard.causes[at].is_stuck ? 1 : 0);
        (void)snprintf(out->name, sizeof out->name, "%s", ui->dashboard.causes[at].cause);
        break;
    case SCREEN_DETAIL: of_op(&ui->detail.row, out); break;
    case SCREEN_COUNT: break;
    }
}

bool seen_current(struct ls_ui *ui, struct seen_row *row_out)
{
    int64_t count = 0;
    const struct cursor *cursor = ui_cursor(ui, &count);
    if (ui->screen == SCREEN_DETAIL && ui->has_detail) {
        row_at(ui, 0, row_out);
        return true;
    }
    if (cursor == NULL || cursor->at < 0 || cursor->at >= count) return false;
    row_at(ui, (size_t)cursor->at, row_out);
    return true;
}

static bool is_same(const struct seen_row *a, const struct seen_row *b)
{
    return a->id == b->id && strcmp(a->name, b->name) == 0;
}

bool seen_follow(struct ls_ui *ui, const struct seen_row *row)
{
    int64_t count = 0;
    struct seen_row other;
    const struct cursor *cursor = ui_cursor(ui, &count);
    for (int64_t at = 0; cursor != NULL && at < count; at++) {
        row_at(ui, (size_t)at, &other);
        if (!is_same(&other, row)) continue;
        ui_move(ui, at - cursor->at);
        return true;
    }
    return false;
}

/* What stands over a listing hides it: the frame below it was not seen. */
static bool is_covered(const struct ls_ui *ui)
{
    return dialog_is_shown(ui) || ui->edit.is_open || ui->help.is_open || ui->results.is_open ||
           pane_is_open(ui);
}

void ls_ui_painted(ls_ui *ui, int64_t now_ms)
{
    struct seen *seen = &ui->seen;
    struct seen_row row = {0};
    if (is_covered(ui)) return;
    const bool has_row = seen_current(ui, &row);
    const bool is_there = seen->has_frame && seen->screen == (int)ui->screen;
    const bool was_row = is_there && seen->has_row;
    if (!was_row || !has_row || !is_same(&seen->row, &row))
        seen->changed_ms = was_row && has_row && !seen->has_key ? now_ms : 0;
    seen->has_frame = true;
    seen->has_key = false;
    seen->screen = (int)ui->screen;
    seen->has_row = has_row;
    seen->row = row;
}

/* Its order stays from now on, so that the next press is for what is seen. */
static void hold(struct ls_ui *ui)
{
    ui->seen.changed_ms = 0;
    if (screen_is_list(ui->screen)) ui_list(ui)->is_held = true;
}

bool seen_may_act(struct ls_ui *ui)
{
    const struct seen *seen = &ui->seen;
    struct seen_row row;
    const bool has_marks = screen_is_list(ui->screen) && ui_list_const(ui)->mark_count > 0;
    if (has_marks || !seen->has_frame || seen->has_key) return true; /* chosen by the person */
    if (seen->screen != (int)ui->screen || !seen_current(ui, &row)) return true;
    if (!seen->has_row) {
        ui_toast(ui, true, "a row has only now come under the cursor: look, and press again");
        return false;
    }
    if (!is_same(&seen->row, &row)) {
        const struct seen_row meant = seen->row;
        hold(ui);
        if (!seen_follow(ui, &meant) || !seen_current(ui, &row)) {
            ui_toast(ui, true, "the row that was under the cursor is gone: nothing was asked");
            return false;
        }
    }
    if (row.version != seen->row.version) {
        ui_toast(ui, true,
                 "op %" PRId64 " changed as the key was pressed: look, and press again",
                 row.id);
        return false;
    }
    if (seen->changed_ms != 0 && ui->now_ms - seen->changed_ms < SEEN_LEAST_MS) {
        hold(ui);
        ui_toast(ui, true, "another row had just come under the cursor: look, and press again");
        return false;
    }
    return true;
}
