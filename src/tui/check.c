#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ui_model.h"

static void ask(struct ls_ui *ui, bool is_again)
{
    struct check *check = &ui->check;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_CHECK);
    if (request == NULL) return; /* the next tick tries again */
    request->op_count = check->count;
    memcpy(request->ops, check->ops, check->count * sizeof check->ops[0]);
    request->is_again = is_again;
    request->for_retry = check->for_retry;
    if (is_again)
        memcpy(request->action.request_id, check->facts.request_id, LS_REQUEST_ID_BYTES);
    (void)snprintf(request->action.reason, sizeof request->action.reason, "%s",
                   check->for_dialog ? "before an action" : "looked");
    check->ticket = request->ticket;
    check->is_asked = true;
    check->asked_ms = ui->now_ms;
}

void check_begin(struct ls_ui *ui, const struct mark *marks, size_t count)
{
    struct check *check = &ui->check;
    *check = (struct check){.phase = CHECK_RUNS, .began_ms = ui->now_ms, .count = count};
    for (size_t i = 0; i < count; i++) check->ops[i] = marks[i].op;
}

void check_dialog(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    dialog->is_checked = true;
    check_begin(ui, dialog->targets, dialog->target_count);
    ui->check.for_dialog = true;
    ui->check.for_retry = dialog->verb == LS_VERB_RETRY || dialog->verb == LS_VERB_EDIT;
    ask(ui, false);
}

bool check_holds_up(const struct ls_ui *ui)
{
    return ui->dialog.is_checked && ui->check.phase == CHECK_RUNS;
}

bool can_verify(const struct ls_ui *ui, struct ls_why *why)
{
    struct mark marks[MARKS_MAX];
    if (!ui_may_act(ui, why)) return false; /* it adds evidence to the database */
    if (act_candidates(ui, marks) > 0) return true;
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "no operation is chosen here");
    (void)ignored; /* only its text is wanted */
    return false;
}

void act_verify(struct ls_ui *ui)
{
    struct mark marks[MARKS_MAX];
    struct ls_why why = {0};
    if (!can_verify(ui, &why)) {
        ui_toast(ui, true, "verify: %s", why.text);
        return;
    }
    size_t count = act_candidates(ui, marks);
    check_begin(ui, marks, count);
    ask(ui, false);
    ui_toast(ui, false, "a worker is asked to look %zu operation%s up on the ledger ...", count,
             count == 1 ? "" : "s");
}

static const struct ls_preflight_op *facts_of(const struct check *check, ls_op_id op)
{
    for (size_t i = 0; i < check->facts.count; i++) {
        if (check->facts.ops[i].op.value == op.value) return &check->facts.ops[i];
    }
    return NULL;
}

/* Why a target of the dialog is unsafe by what is known now; NULL when it is not. */
static const char *unsafe(const struct ls_ui *ui, const struct mark *target)
{
    const struct ls_preflight_op *op = facts_of(&ui->check, target->op);
    if (op == NULL) return "nothing is known of it any more";
    return ls_doubt_words(ls_preflight_doubt(op, ui->check.for_retry, target->version));
}

static void apply(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    size_t kept = 0;
    for (size_t i = 0; i < dialog->target_count; i++) {
        const struct mark target = dialog->targets[i];
        const char *why = unsafe(ui, &target);
        if (why == NULL) {
            dialog->targets[kept++] = target;
        } else {
            dialog_leave_out(dialog, &target, why);
        }
    }
    if (kept == dialog->target_count) return;
    dialog->target_count = kept;
    dialog_count(ui);
}

/* One line about what a person asked for with v. */
static void tell(struct ls_ui *ui)
{
    const struct check *check = &ui->check;
    size_t counts[LS_LOOK_NEVER_ASKED + 1] = {0};
    char text[LS_WHY_BYTES];
    size_t length = 0;
    if (!check->has_facts || !check->facts.has_look) {
        ui_toast(ui, true, "not verified: %s",
                 check->has_facts ? check->facts.no_look_why : check->why);
        return;
    }
    for (size_t i = 0; i < check->facts.count; i++) {
        const struct ls_preflight_op *op = &check->facts.ops[i];
        if (!op->is_open) counts[op->is_silent ? LS_LOOK_NO_ANSWER : op->look]++;
    }
    length += (size_t)snprintf(text, sizeof text, "verified on chain:");
    for (int look = 0; look <= LS_LOOK_NEVER_ASKED; look++) {
        if (counts[look] == 0) continue;
        length += (size_t)snprintf(text + length, sizeof text - length, " %zu %s,",
                                   counts[look], ls_look_word((enum ls_look)look));
    }
    if (check->facts.open > 0) {
        (void)snprintf(text + length, sizeof text - length,
                       " %zu without an answer yet: the audit log will have it",
                       check->facts.open);
    } else {
        text[length - 1] = '\0';
    }
    bool is_bad = counts[LS_LOOK_LANDED] > 0 || counts[LS_LOOK_MAY_LAND] > 0 ||
                  counts[LS_LOOK_NO_ANSWER] > 0 || check->facts.open > 0;
    ui_toast(ui, is_bad, "%s", text);
    ui_refresh_screen(ui, true);
}

static void finish(struct ls_ui *ui)
{
    struct check *check = &ui->check;
    check->phase = CHECK_IS_DONE;
    check->is_asked = false;
    if (!check->for_dialog) {
        tell(ui);
    } else if (check->has_facts && ui->dialog.phase == DIALOG_ASKS && ui->dialog.is_checked) {
        apply(ui);
    }
}

void check_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct check *check = &ui->check;
    if (check->phase != CHECK_RUNS || message->ticket != check->ticket) return;
    check->is_asked = false;
    if (message->preflight == NULL) {
        (void)snprintf(check->why, sizeof check->why, "%.159s",
                       message->why == NULL ? "the database did not answer" : message->why);
        finish(ui);
        return;
    }
    check->facts = *message->preflight;
    check->has_facts = true;
    if (check->facts.open == 0) finish(ui);
}

void check_tick(struct ls_ui *ui)
{
    struct check *check = &ui->check;
    if (check->phase != CHECK_RUNS) return;
    if (ui->now_ms - check->began_ms >= CHECK_PATIENCE_MS) {
        (void)snprintf(check->why, sizeof check->why, "no answer within %d s",
                       CHECK_PATIENCE_MS / 1000);
        finish(ui);
    } else if (!check->is_asked && ui->now_ms - check->asked_ms >= CHECK_EVERY_MS) {
        ask(ui, check->has_facts);
    }
}
