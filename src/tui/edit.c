#include "edit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

static bool refuse(struct ls_why *why, const char *reason)
{
    if (reason == NULL) return true;
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

bool can_edit(const struct ls_ui *ui, struct ls_why *why)
{
    const struct ls_op_row *row = &ui->detail.row;
    if (!ui->has_detail) return refuse(why, "the operation is not read yet");
    if (row->kind == LS_KIND_NONCE || ui->detail.compensates != 0)
        return refuse(why, "its payload is lockstep's own");
    return ls_verb_allowed(LS_VERB_EDIT, row->op, row->kind, row->state, row->sub, why);
}

void act_edit(struct ls_ui *ui)
{
    struct edit *edit = &ui->edit;
    size_t count = 0;
    *edit = (struct edit){.op = ui->detail.row.op, .version = ui->detail.row.version};
    memcpy(edit->before, ui->detail.payload, sizeof edit->before);
    memcpy(edit->after, ui->detail.payload, sizeof edit->after);
    edit->is_open = ls_leaves_read(edit->before, edit->leaves_before, LS_LEAVES_MAX, &count) &&
                    ls_leaves_read(edit->after, edit->leaves, LS_LEAVES_MAX, &edit->count);
    if (!edit->is_open || edit->count == 0)
        ui_toast(ui, true,
                 "its payload cannot be shown line by line: lockstep edit %" PRId64
                 " --file FILE",
                 edit->op.value);
    edit->is_open = edit->is_open && edit->count > 0;
    if (edit->is_open) (void)ui_request(ui, LS_UI_WANT_FLUSH);
}

bool edit_is_changed(const struct edit *edit, size_t index)
{
    const struct ls_leaf *a = &edit->leaves_before[index];
    const struct ls_leaf *b = &edit->leaves[index];
    return a->end - a->start != b->end - b->start ||
           memcmp(edit->before + a->start, edit->after + b->start, a->end - a->start) != 0;
}

static void begin_typing(struct ls_ui *ui)
{
    struct edit *edit = &ui->edit;
    const struct ls_leaf *leaf = &edit->leaves[edit->at];
    char value[INPUT_BYTES + 8];
    ls_leaf_value(edit->after, leaf, value, sizeof value);
    input_set(&ui->edit_input, value);
    if (strcmp(ui->edit_input.text, value) != 0) {
        (void)snprintf(edit->trouble, sizeof edit->trouble,
                       "too long for a line, or with control characters: lockstep edit "
                       "%" PRId64 " --file FILE",
                       edit->op.value);
        return;
    }
    edit->is_typing = true;
}

static void take_value(struct ls_ui *ui)
{
    struct edit *edit = &ui->edit;
    struct ls_buf out;
    size_t count = 0;
    char after[sizeof edit->after];
    ls_buf_init(&out, sizeof edit->after * 2);
    ls_leaf_replace(edit->after, &edit->leaves[edit->at], ui->edit_input.text, &out);
    bool fits = !ls_failed(ls_buf_check(&out, "payload")) && out.length < sizeof after;
    if (fits) memcpy(after, ls_buf_text(&out), out.length + 1);
    ls_buf_done(&out);
    struct ls_leaf leaves[LS_LEAVES_MAX];
    if (!fits || !ls_leaves_read(after, leaves, LS_LEAVES_MAX, &count) ||
        count != edit->count) {
        (void)snprintf(edit->trouble, sizeof edit->trouble,
                       "a number, true, false or null stands here; nothing else fits");
        return;
    }
    memcpy(edit->after, after, sizeof after);
    memcpy(edit->leaves, leaves, sizeof leaves);
    edit->is_typing = false;
}

static bool has_changes(const struct edit *edit)
{
    for (size_t i = 0; i < edit->count; i++)
        if (edit_is_changed(edit, i)) return true;
    return false;
}

/* " 'to=NEW' 'amount=5'" for the command line; where that would be long, a file's. */
static void write_twin(const struct edit *edit, char *out, size_t out_bytes)
{
    out[0] = '\0';
    for (size_t i = 0; i < edit->count; i++) {
        char set[LS_LEAF_PATH_BYTES + INPUT_BYTES];
        char value[INPUT_BYTES];
        if (!edit_is_changed(edit, i)) continue;
        ls_leaf_value(edit->after, &edit->leaves[i], value, sizeof value);
        (void)snprintf(set, sizeof set, "%s=%s", edit->leaves[i].path, value);
        const size_t length = strlen(out);
        if (length + 4 * strlen(set) + 8 > out_bytes) { /* each byte may need a quote */
            (void)snprintf(out, out_bytes, " --file FILE");
            return;
        }
        (void)snprintf(out + length, out_bytes - length, " ");
        twin_quoted(out, out_bytes, set);
    }
}

/* Whether it is a payload, which the database knows, before a person thinks of a reason. */
static void ask(struct ls_ui *ui)
{
    struct edit *edit = &ui->edit;
    struct ls_why why = {0};
    if (!has_changes(edit)) {
        (void)snprintf(edit->trouble, sizeof edit->trouble, "nothing is changed yet");
        return;
    }
    if (!ui_may_act(ui, &why)) {
        (void)snprintf(edit->trouble, sizeof edit->trouble, "%.150s", why.text);
        return;
    }
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_WEIGH_EDIT);
    if (request == NULL) {
        (void)snprintf(edit->trouble, sizeof edit->trouble, "too much at once: press E again");
        return;
    }
    request->op = edit->op;
    request->payload = edit->after;
    edit->weigh_ticket = request->ticket;
}

void edit_weighed(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct edit *edit = &ui->edit;
    if (!edit->is_open || edit->weigh_ticket == 0 || message->ticket != edit->weigh_ticket)
        return;
    edit->weigh_ticket = 0;
    if (message->why != NULL && message->why[0] != '\0') {
        (void)snprintf(edit->trouble, sizeof edit->trouble, "%.159s", message->why);
        return;
    }
    act_begin(ui, LS_VERB_EDIT);
    struct dialog *dialog = &ui->dialog;
    (void)snprintf(dialog->word, sizeof dialog->word, "EDIT AND RETRY");
    dialog->targets[0] = mark_of(&ui->detail.row);
    dialog->targets[0].version = edit->version;
    dialog->target_count = 1;
    write_twin(edit, dialog->twin, sizeof dialog->twin);
    desk_warn_of_targets(ui);
    act_finish(ui);
}

static void move(struct edit *edit, int64_t by)
{
    edit->at += by;
    if (edit->at >= (int64_t)edit->count) edit->at = (int64_t)edit->count - 1;
    if (edit->at < 0) edit->at = 0;
}

static bool is_char(struct ls_key key, uint32_t scalar)
{
    return key.code == LS_KEY_CHAR && !key.has_ctrl && key.scalar == scalar;
}

void edit_key(struct ls_ui *ui, struct ls_key key)
{
    struct edit *edit = &ui->edit;
    bool is_cancel = key.code == LS_KEY_ESC ||
                     (key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c');
    if (edit->weigh_ticket != 0) { /* what is typed now is not for a dialog not yet seen */
        if (is_cancel) edit->weigh_ticket = 0;
        return;
    }
    edit->trouble[0] = '\0';
    if (edit->is_typing) {
        if (is_cancel) {
            edit->is_typing = false;
        } else if (key.code == LS_KEY_ENTER) {
            take_value(ui);
        } else {
            (void)input_key(&ui->edit_input, key);
        }
    } else if (is_cancel || is_char(key, 'q')) {
        edit->is_open = false;
        ui_toast(ui, false, "nothing was changed");
    } else if (key.code == LS_KEY_ENTER) {
        begin_typing(ui);
    } else if (key.code == LS_KEY_DOWN || is_char(key, 'j')) {
        move(edit, 1);
    } else if (key.code == LS_KEY_UP || is_char(key, 'k')) {
        move(edit, -1);
    } else if (is_char(key, 'E')) {
        ask(ui);
    }
}
