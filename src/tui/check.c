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
    ui->check.for_retry = dialog->verb != LS_VERB_COMPENSATE;
    ask(ui, false);
}

bool check_holds_up(const struct ls_ui *ui)
{
    return ui->dialog.is_checked && ui->check.phase == CHECK_RUNS;
}

bool check_awaits_rows(const struct ls_ui *ui)
{
    return check_holds_up(ui) && ui->check.awaits_rows;
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
    const bool is_page = screen_is_list(ui->screen) && ui_list(ui)->is_all;
    ui_toast(ui, false, "a worker is asked to look %zu operation%s%s up on the ledger ...",
             count, count == 1 ? "" : "s", is_page ? " of this page" : "");
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

/* An atomic batch with one that may not go does not go at all. */
static void leave_whole(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    bool is_whole = true;
    for (size_t i = 0; i < dialog->target_count; i++)
        is_whole = is_whole && unsafe(ui, &dialog->targets[i]) == NULL;
    if (is_whole) return;
    for (size_t i = 0; i < dialog->target_count; i++) {
        const char *why = unsafe(ui, &dialog->targets[i]);
        if (why != NULL) dialog_leave_out(dialog, &dialog->targets[i], why);
    }
    for (size_t i = 0; i < dialog->target_count; i++) {
        if (unsafe(ui, &dialog->targets[i]) == NULL)
            dialog_leave_out(dialog, &dialog->targets[i],
                             "its atomic batch goes as a whole or not at all");
    }
    dialog->target_count = 0;
    dialog_count(ui);
}

static void apply(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    size_t kept = 0;
    if (dialog->is_atomic) leave_whole(ui);
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

/* What one look found, so that many fit one line of 80 cells. */
static void tell_counts(const struct check *check, char *out, size_t out_bytes)
{
    static const struct {
        unsigned looks; /* bits 1u << enum ls_look */
        const char *words;
    } sorts[] = {
        {1u << LS_LOOK_NOTHING_SENT | 1u << LS_LOOK_NOT_FOUND, "never landed"},
        {1u << LS_LOOK_LANDED, "landed"},
        {1u << LS_LOOK_ERRORED, "with an error"},
        {1u << LS_LOOK_MAY_LAND | 1u << LS_LOOK_NO_ANSWER | 1u << LS_LOOK_NEVER_ASKED,
         "UNKNOWN"},
    };
    size_t length = (size_t)snprintf(out, out_bytes, "verified on chain:");
    for (size_t sort = 0; sort < sizeof sorts / sizeof sorts[0]; sort++) {
        size_t count = 0;
        for (size_t i = 0; i < check->facts.count; i++) {
            if (sorts[sort].looks >> ls_preflight_found(&check->facts.ops[i]) & 1u) count++;
        }
        if (count == 0) continue;
        length += (size_t)snprintf(out + length, out_bytes - length, "%s %zu %s",
                                   out[length - 1] == ':' ? "" : ",", count, sorts[sort].words);
    }
}

/* One line about what a person asked for with v: of one its own word, of many how many. */
static void tell(struct ls_ui *ui)
{
    const struct check *check = &ui->check;
    const struct ls_preflight *facts = &check->facts;
    char text[LS_WHY_BYTES];
    bool is_bad = facts->open > 0;
    if (!check->has_facts || !facts->has_look) {
        ui_toast(ui, true, "not verified: %s",
                 check->has_facts ? facts->no_look_why : check->why);
        return;
    }
    for (size_t i = 0; i < facts->count; i++) {
        const enum ls_look look = ls_preflight_found(&facts->ops[i]);
        is_bad = is_bad || look == LS_LOOK_LANDED || look == LS_LOOK_MAY_LAND ||
                 look == LS_LOOK_NO_ANSWER;
    }
    if (facts->open > 0) {
        (void)snprintf(text, sizeof text,
                       "verified on chain: %zu without an answer yet; the audit log will have "
                       "it",
                       facts->open);
    } else if (facts->count == 1) {
        (void)snprintf(text, sizeof text, "verified on chain: 1 %s",
                       ls_look_word(ls_preflight_found(&facts->ops[0])));
    } else {
        tell_counts(check, text, sizeof text);
    }
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
    if (check->facts.open == 0) {
        finish(ui);
    } else if (!check->for_dialog && check->count > 1) {
        ui_toast(ui, false, "looking on chain: %zu of %zu answered ...",
                 check->count - check->facts.open, check->count);
    }
}

void check_dialog_all(struct ls_ui *ui, const struct ls_filter *filter)
{
    struct check *check = &ui->check;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_OPS);
    ui->dialog.is_checked = true;
    *check = (struct check){
        .phase = CHECK_RUNS, .began_ms = ui->now_ms, .for_dialog = true, .awaits_rows = true};
    if (request == NULL) {
        (void)snprintf(check->why, sizeof check->why, "too much at once, try again");
        finish(ui);
        return;
    }
    request->filter = *filter;
    request->sort = LS_SORT_ID_ASC;
    request->limit = MARKS_MAX;
    check->ticket = request->ticket;
}

bool check_take_rows(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct check *check = &ui->check;
    struct dialog *dialog = &ui->dialog;
    if (!check_awaits_rows(ui) || message->ticket != check->ticket) return false;
    if (message->ops != NULL && message->ops->is_searching) return true; /* more of it comes */
    check->awaits_rows = false;
    dialog->target_count = 0;
    for (size_t i = 0; message->ops != NULL && i < message->ops->count; i++) {
        if (i < MARKS_MAX)
            dialog->targets[dialog->target_count++] = mark_of(&message->ops->rows[i]);
    }
    dialog_count(ui);
    if (message->ops == NULL || dialog->target_count == 0) {
        (void)snprintf(check->why, sizeof check->why, "%.159s",
                       message->ops != NULL   ? "none of it is failed any more"
                       : message->why == NULL ? "the database did not answer"
                                              : message->why);
        finish(ui);
        return true;
    }
    if (message->ops->has_more)
        (void)snprintf(dialog->lacks, sizeof dialog->lacks,
                       "more failed meanwhile: begin anew");
    desk_warn_of_targets(ui);
    check_dialog(ui);
    return true;
}

void check_tick(struct ls_ui *ui)
{
    struct check *check = &ui->check;
    if (check->phase != CHECK_RUNS) return;
    if (ui->now_ms - check->began_ms >= CHECK_PATIENCE_MS) {
        (void)snprintf(check->why, sizeof check->why, "no answer within %d s",
                       CHECK_PATIENCE_MS / 1000);
        finish(ui);
    } else if (!check->awaits_rows && !check->is_asked &&
               ui->now_ms - check->asked_ms >= CHECK_EVERY_MS) {
        ask(ui, check->has_facts);
    }
}
