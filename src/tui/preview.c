#include "preview.h"

#include "ui_model.h"

static bool is_asked(const struct preview *preview, const struct ls_op_row *row)
{
    return row->op.value == preview->op.value && row->version == preview->version &&
           row->looked_ms == preview->looked_ms;
}

static const struct ls_op_row *row_under_cursor(const struct ls_ui *ui)
{
    return screen_is_list(ui->screen) ? list_row(ui_list_const(ui)) : NULL;
}

void preview_follow(struct ls_ui *ui)
{
    struct preview *preview = &ui->preview;
    const struct ls_op_row *row = row_under_cursor(ui);
    if (row == NULL || ui->is_lost) return;
    if (row->op.value != preview->at.value) {
        preview->at = row->op;
        preview->at_ms = ui->now_ms;
    }
    if (preview->is_waiting && ui->now_ms - preview->asked_ms < ASK_AGAIN_MS) return;
    bool is_still = !preview->has || ui->now_ms - preview->at_ms >= PREVIEW_STILL_MS;
    if (is_asked(preview, row) || !is_still) return;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_DETAIL);
    if (request == NULL) return;
    request->op = row->op;
    preview->op = row->op;
    preview->version = row->version;
    preview->looked_ms = row->looked_ms;
    preview->ticket = request->ticket;
    preview->is_waiting = true;
    preview->asked_ms = ui->now_ms;
}

int64_t preview_wait_ms(const struct ls_ui *ui)
{
    const struct preview *preview = &ui->preview;
    const struct ls_op_row *row = row_under_cursor(ui);
    if (row == NULL || ui->is_lost) return -1;
    const int64_t stands_ms = ui->now_ms - preview->at_ms;
    if (!is_asked(preview, row) && stands_ms < PREVIEW_STILL_MS)
        return PREVIEW_STILL_MS - stands_ms;
    if (preview->is_waiting && stands_ms < PREVIEW_PATIENCE_MS)
        return PREVIEW_PATIENCE_MS - stands_ms;
    return -1;
}

bool preview_take(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct preview *preview = &ui->preview;
    if (!preview->is_waiting || message->ticket != preview->ticket) return false;
    preview->is_waiting = false;
    preview->has = message->detail != NULL;
    if (message->detail != NULL) preview->detail = *message->detail;
    return true;
}

const struct ls_op_detail *preview_shown(const struct ls_ui *ui, const struct ls_op_row *row)
{
    const struct preview *preview = &ui->preview;
    if (!preview->has) return NULL;
    bool is_it = preview->detail.row.op.value == row->op.value;
    bool is_soon =
        row->op.value == preview->at.value && ui->now_ms - preview->at_ms < PREVIEW_PATIENCE_MS;
    return is_it || is_soon ? &preview->detail : NULL;
}
