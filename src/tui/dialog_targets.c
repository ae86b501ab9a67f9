#include <stdio.h>

#include "ui_model.h"

void dialog_leave_out(struct dialog *dialog, const struct mark *mark, const char *why)
{
    if (dialog->left_out == MARKS_MAX) return;
    struct left_out *left = &dialog->left[dialog->left_out++];
    left->mark = *mark;
    (void)snprintf(left->why, sizeof left->why, "%.95s", why);
}

static bool is_changed(const struct ls_ui *ui, const struct mark *target)
{
    const struct list *list = screen_is_list(ui->screen) ? ui_list_const(ui) : NULL;
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (list->rows[i].op.value != target->op.value) continue;
        return list->is_gone[i] || list->rows[i].version != target->version;
    }
    const struct ls_op_row *row = list == NULL ? ui_current_row(ui) : NULL;
    return row != NULL && row->op.value == target->op.value && row->version != target->version;
}

size_t dialog_changed(const struct ls_ui *ui)
{
    size_t count = 0;
    for (size_t i = 0; i < ui->dialog.target_count; i++)
        count += is_changed(ui, &ui->dialog.targets[i]) ? 1 : 0;
    return count;
}

void dialog_list_key(struct ls_ui *ui, struct ls_key key)
{
    struct dialog *dialog = &ui->dialog;
    const int64_t page = dialog_visible(ui);
    const int64_t count = (int64_t)(dialog->target_count + dialog->left_out);
    const uint32_t letter = key.code == LS_KEY_CHAR ? key.scalar : 0;
    if (key.code == LS_KEY_DOWN || letter == 'j') dialog->scroll++;
    if (key.code == LS_KEY_UP || letter == 'k') dialog->scroll--;
    if (key.code == LS_KEY_PAGE_DOWN || letter == ' ') dialog->scroll += page;
    if (key.code == LS_KEY_PAGE_UP) dialog->scroll -= page;
    if (key.code == LS_KEY_END || letter == 'G') dialog->scroll = count;
    if (key.code == LS_KEY_HOME || letter == 'g') dialog->scroll = 0;
    if (dialog->scroll > count - page) dialog->scroll = count - page;
    if (dialog->scroll < 0) dialog->scroll = 0;
    const bool is_cancel = letter == 'c' && key.has_ctrl;
    if (key.code == LS_KEY_ESC || key.code == LS_KEY_ENTER || letter == 'd' || is_cancel)
        dialog->shows_list = false;
}
