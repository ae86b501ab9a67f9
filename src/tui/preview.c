#include "preview.h"

#include "ui_model.h"

void preview_follow(struct ls_ui *ui)
{
    struct preview *preview = &ui->preview;
    if (!screen_is_list(ui->screen) || ui->is_lost) return;
    if (preview->is_waiting && ui->now_ms - preview->asked_ms < ASK_AGAIN_MS) return;
    const struct ls_op_row *row = list_row(ui_list(ui));
    if (row == NULL || (row->op.value == preview->op.value && row->version == preview->version))
        return;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_DETAIL);
    if (request == NULL) return;
    request->op = row->op;
    preview->op = row->op;
    preview->version = row->version;
    preview->ticket = request->ticket;
    preview->is_waiting = true;
    preview->asked_ms = ui->now_ms;
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

const struct ls_op_detail *preview_of(const struct ls_ui *ui, ls_op_id op)
{
    const struct preview *preview = &ui->preview;
    return preview->has && preview->detail.row.op.value == op.value ? &preview->detail : NULL;
}
