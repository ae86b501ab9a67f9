#include "mark.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/core/fingerprint.h"
#include "ui_model.h"

struct mark mark_of(const struct ls_op_row *row)
{
    struct mark mark = {.op = row->op,
                        .version = row->version,
                        .kind = row->kind,
                        .state = row->state,
                        .sub = row->sub};
    (void)snprintf(mark.key, sizeof mark.key, "%.63s", row->key);
    return mark;
}

static size_t find(const struct list *list, ls_op_id op)
{
    for (size_t i = 0; i < list->mark_count; i++) {
        if (list->marks[i].op.value == op.value) return i;
    }
    return list->mark_count;
}

bool list_is_marked(const struct list *list, ls_op_id op)
{
    return find(list, op) < list->mark_count;
}

void list_mark_none(struct list *list)
{
    list->mark_count = 0;
    list->offers_all = false;
    list->is_all = false;
}

void list_unmark(struct list *list, ls_op_id op)
{
    list->offers_all = false;
    list->is_all = false;
    size_t at = find(list, op);
    if (at == list->mark_count) return;
    memmove(&list->marks[at], &list->marks[at + 1],
            (list->mark_count - at - 1) * sizeof list->marks[0]);
    list->mark_count--;
}

void list_mark(struct ls_ui *ui, struct list *list, const struct ls_op_row *row)
{
    if (list_is_marked(list, row->op)) return;
    list->offers_all = false;
    list->is_all = false;
    if (list->mark_count == MARKS_MAX) {
        ui_toast(ui, true, "at most %d can be marked at once", MARKS_MAX);
        return;
    }
    list->marks[list->mark_count++] = mark_of(row);
    list->is_held = true;
}

void list_toggle(struct ls_ui *ui, struct list *list)
{
    const struct ls_op_row *row = list_row(list);
    if (row == NULL) return;
    if (list_is_marked(list, row->op)) {
        list_unmark(list, row->op);
    } else {
        list_mark(ui, list, row);
    }
    ui_move(ui, 1);
}

void list_mark_all(struct ls_ui *ui, struct list *list, const char *cause)
{
    size_t before = list->mark_count;
    char wanted[LS_CAUSE_BYTES_MAX + 1] = "";
    char print[LS_CAUSE_BYTES_MAX + 1] = "";
    if (cause != NULL) ls_cause_fingerprint(cause, wanted);
    for (size_t i = 0; i < list->count; i++) {
        if (list->is_gone[i]) continue;
        if (cause != NULL) ls_cause_fingerprint(list->rows[i].cause, print);
        if (strcmp(print, wanted) != 0) continue;
        list_mark(ui, list, &list->rows[i]);
    }
    if (list->mark_count == MARKS_MAX) return;
    ui_toast(ui, false, "%zu marked on this page%s", list->mark_count - before,
             list->has_more || list->page > 0 ? "; other pages are not" : "");
}
