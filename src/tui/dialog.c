#include "dialog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/base/base58.h"
#include "lockstep/core/filter.h"

void dialog_open(struct ls_ui *ui)
{
    ui->dialog.phase = DIALOG_ASKS;
    ui->dialog.focus = 0;
    ui->toast.text[0] = '\0'; /* it was about what is covered now */
    (void)ui_request(ui, LS_UI_WANT_FLUSH);
}

bool dialog_is_shown(const struct ls_ui *ui)
{
    return ui->dialog.phase != DIALOG_CLOSED && !ui->dialog.is_hidden;
}

const struct field *dialog_field(const struct dialog *dialog, enum field_kind kind)
{
    for (size_t i = 0; i < dialog->field_count; i++) {
        if (dialog->fields[i].kind == kind) return &dialog->fields[i];
    }
    return NULL;
}

static const char *text_of(const struct dialog *dialog, enum field_kind kind)
{
    const struct field *field = dialog_field(dialog, kind);
    return field == NULL ? "" : field->input.text;
}

static bool is_blank(const char *text)
{
    return text[strspn(text, " ")] == '\0';
}

static bool is_confirmed(const struct dialog *dialog)
{
    return strcmp(text_of(dialog, FIELD_CONFIRM), dialog->confirm) == 0;
}

static bool outcome_is_never(const struct dialog *dialog)
{
    return strcmp(text_of(dialog, FIELD_OUTCOME), "never") == 0;
}

/* What is still missing beside the typed confirmation; NULL when nothing is. */
static const char *missing(const struct dialog *dialog)
{
    const struct field *outcome = dialog_field(dialog, FIELD_OUTCOME);
    struct ls_signature signature;
    int64_t duration_ms = 0;
    if (outcome != NULL && !outcome_is_never(dialog) &&
        !ls_signature_parse(outcome->input.text, &signature))
        return "outcome: type never, or paste the whole signature that landed";
    const struct field *duration = dialog_field(dialog, FIELD_DURATION);
    if (duration != NULL &&
        (ls_failed(ls_duration_parse(duration->input.text, &duration_ms)) || duration_ms == 0))
        return "for how long: say 30m, 1h or 2d";
    if (dialog_field(dialog, FIELD_SELECTOR) != NULL &&
        (is_blank(text_of(dialog, FIELD_SELECTOR)) ||
         strlen(text_of(dialog, FIELD_SELECTOR)) >= sizeof dialog->selector))
        return "what: all, kind:K, entity:E, lane:N, payer:ADDRESS or batch:ID";
    if (dialog->lacks[0] != '\0') return dialog->lacks;
    if (dialog->is_bulk) {
        struct ls_bulk_order order;
        const char *wrong = bulks_order(dialog, &order);
        if (wrong != NULL) return wrong;
    }
    if (dialog_field(dialog, FIELD_REASON) != NULL && is_blank(text_of(dialog, FIELD_REASON)))
        return dialog->verb == LS_VERB_NOTE
                   ? "a note needs words"
                   : "a reason is required: it is kept in the audit log";
    if (strlen(text_of(dialog, FIELD_REASON)) > LS_REASON_BYTES_MAX)
        return "the reason is longer than 500 bytes";
    return NULL;
}

void dialog_count(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    const char *suffix = ui_is_production(ui) ? " PROD" : "";
    if (dialog->target_count == 0 && dialog->counted < 0) {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "the count");
    } else if (dialog->target_count == 0 && dialog->counted > 1) {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "%" PRId64 "%s",
                       dialog->counted, suffix);
    } else if (dialog->target_count > 1) {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "%zu%s", dialog->target_count,
                       suffix);
    } else {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "yes%s", suffix);
    }
    if (dialog->word[0] == '\0') return; /* its title names what it is about already */
    char what[48];
    if (dialog->target_count == 1) {
        (void)snprintf(what, sizeof what, "operation %" PRId64, dialog->targets[0].op.value);
    } else {
        (void)snprintf(what, sizeof what, "%zu operations", dialog->target_count);
    }
    (void)snprintf(dialog->title, sizeof dialog->title, "%s %s on %s%.40s", dialog->word, what,
                   ui_is_production(ui) ? "PROD " : "", ui->options.environment);
}

bool dialog_is_right(const struct dialog *dialog)
{
    return is_confirmed(dialog) && missing(dialog) == NULL;
}

/* What was typed as a reason serves again, also where its dialog was cancelled. */
static void keep_reason(struct ls_ui *ui)
{
    const struct field *field = dialog_field(&ui->dialog, FIELD_REASON);
    if (field == NULL || ui->dialog.verb == LS_VERB_NOTE || is_blank(field->input.text)) return;
    (void)snprintf(ui->last_reason, sizeof ui->last_reason, "%s", field->input.text);
}

bool dialog_offers_reason(const struct ls_ui *ui)
{
    const struct dialog *dialog = &ui->dialog;
    return dialog->phase == DIALOG_ASKS && dialog->verb != LS_VERB_NOTE &&
           ui->last_reason[0] != '\0' && dialog->field_count > 0 &&
           dialog->fields[dialog->focus].kind == FIELD_REASON;
}

static void close_dialog(struct ls_ui *ui, const char *note)
{
    keep_reason(ui);
    ui->dialog.phase = DIALOG_CLOSED;
    if (note != NULL) ui_toast(ui, false, "%s", note);
}

static struct ls_action make_action(const struct dialog *dialog, size_t target)
{
    struct ls_action action = {
        .verb = dialog->verb,
        .alert_id = dialog->alert_id,
        .expected_version = dialog->alert_version,
        .worker_id = dialog->worker_id,
        .batch_id = dialog->batch_id,
        .bulk_id = dialog->bulk_id,
    };
    if (dialog->target_count > 0 && !dialog->is_whole) {
        action.op = dialog->targets[target].op;
        action.expected_version = dialog->targets[target].version;
    }
    if (dialog->verb == LS_VERB_RESOLVE_NEVER && !outcome_is_never(dialog)) {
        action.verb = LS_VERB_RESOLVE_LANDED;
        (void)snprintf(action.signature, sizeof action.signature, "%.88s",
                       text_of(dialog, FIELD_OUTCOME));
    }
    (void)snprintf(action.reason, sizeof action.reason, "%.500s",
                   text_of(dialog, FIELD_REASON));
    (void)snprintf(action.selector, sizeof action.selector, "%s", dialog->selector);
    if (dialog_field(dialog, FIELD_SELECTOR) != NULL)
        (void)snprintf(action.selector, sizeof action.selector, "%.255s",
                       text_of(dialog, FIELD_SELECTOR));
    if (dialog->verb == LS_VERB_CLAIM && dialog->target_count > 0)
        (void)snprintf(action.selector, sizeof action.selector, "op %" PRId64,
                       dialog->targets[target].op.value);
    if (dialog_field(dialog, FIELD_KINDS) != NULL)
        (void)ls_failed(kinds_of(dialog, &action.kinds, NULL)); /* looked at before */
    int64_t duration_ms = 0;
    if (dialog_field(dialog, FIELD_DURATION) != NULL &&
        !ls_failed(ls_duration_parse(text_of(dialog, FIELD_DURATION), &duration_ms)))
        action.duration_ms = duration_ms;
    return action;
}

size_t dialog_sends(const struct dialog *dialog)
{
    return dialog->is_whole || dialog->target_count == 0 ? 1 : dialog->target_count;
}

static void settle(struct ls_ui *ui, size_t index, enum ls_code code, const char *text)
{
    struct outcome *outcome = &ui->dialog.outcomes[index];
    if (outcome->is_answered) return;
    outcome->is_answered = true;
    outcome->code = code;
    (void)snprintf(outcome->text, sizeof outcome->text, "%.199s", text);
    ui->dialog.answered++;
}

/* All targets, as they were seen. */
static void freeze(const struct dialog *dialog, struct ls_ui_request *request)
{
    request->op_count = dialog->target_count;
    for (size_t i = 0; i < dialog->target_count; i++) {
        request->ops[i] = dialog->targets[i].op;
        request->versions[i] = dialog->targets[i].version;
    }
}

static void send_all(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    struct ls_why why = {0};
    if (!ui_may_act(ui, &why)) { /* the world may have changed while the person typed */
        (void)snprintf(dialog->trouble, sizeof dialog->trouble, "%.150s", why.text);
        return;
    }
    keep_reason(ui);
    dialog->phase = DIALOG_SENDS;
    dialog->scroll = 0;
    dialog->first_ticket = ui->last_ticket + 1;
    for (size_t i = 0; i < dialog_sends(dialog); i++) {
        struct ls_ui_request *request =
            ui_request(ui, dialog->is_bulk ? LS_UI_WANT_BULK : LS_UI_WANT_ACT);
        if (request == NULL) {
            settle(ui, i, LS_CODE_FULL, "not sent: too much at once, try again");
            continue;
        }
        if (dialog->is_whole) {
            freeze(dialog, request);
        } else if (dialog->target_count > 0) {
            request->op = dialog->targets[i].op;
        }
        request->action = make_action(dialog, i);
        if (dialog->is_bulk) (void)bulks_order(dialog, &request->order); /* looked at before */
        if (dialog->verb == LS_VERB_EDIT) request->payload = ui->edit.after;
    }
}

static void step_focus(struct dialog *dialog, bool forward)
{
    size_t count = dialog->field_count;
    if (count == 0) return;
    dialog->focus = (dialog->focus + (forward ? 1 : count - 1)) % count;
}

/* Enter without what must be typed: what stood there instead is named. */
static void cancel_wrong(struct ls_ui *ui)
{
    const char *typed = text_of(&ui->dialog, FIELD_CONFIRM);
    char note[sizeof ui->dialog.confirm + 96];
    if (typed[0] == '\0') {
        close_dialog(ui, "cancelled: nothing was changed");
        return;
    }
    (void)snprintf(note, sizeof note, "cancelled: '%.24s' is not '%s'; nothing was changed",
                   typed, ui->dialog.confirm);
    close_dialog(ui, note);
}

static void enter(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    const struct field *field = &dialog->fields[dialog->focus];
    if (dialog->is_checked && dialog->target_count == 0 && !check_awaits_rows(ui)) {
        close_dialog(ui, "cancelled: nothing was changed");
        return;
    }
    if (check_holds_up(ui) && field->kind == FIELD_CONFIRM && field->input.length > 0) {
        (void)snprintf(dialog->trouble, sizeof dialog->trouble,
                       "wait: the ledger is still looked at");
        return;
    }
    if (!is_confirmed(dialog)) {
        bool goes_on = field->kind != FIELD_CONFIRM && !is_blank(field->input.text);
        if (goes_on) {
            step_focus(dialog, true);
        } else {
            cancel_wrong(ui);
        }
        return;
    }
    kinds_follow(ui); /* the facts may be newer */
    const char *lacks =
        check_holds_up(ui) ? "wait: the ledger is still looked at" : missing(dialog);
    if (lacks != NULL) {
        (void)snprintf(dialog->trouble, sizeof dialog->trouble, "%s", lacks);
        return;
    }
    if (dialog->is_line) {
        close_dialog(ui, NULL);
        pane_confirmed(ui, text_of(dialog, FIELD_REASON));
        return;
    }
    send_all(ui);
}

/* d where only the confirmation is typed, Ctrl-D anywhere. */
static bool is_list_key(const struct dialog *dialog, struct ls_key key)
{
    if (dialog->target_count + dialog->left_out == 0) return false;
    if (key.code != LS_KEY_CHAR || key.scalar != 'd') return false;
    return key.has_ctrl || dialog->fields[dialog->focus].kind == FIELD_CONFIRM;
}

static void ask_key(struct ls_ui *ui, struct ls_key key)
{
    struct dialog *dialog = &ui->dialog;
    dialog->trouble[0] = '\0';
    if (is_list_key(dialog, key)) {
        dialog->shows_list = true;
        dialog->scroll = 0;
        return;
    }
    if (dialog_offers_reason(ui) && key.code == LS_KEY_CHAR && key.has_ctrl &&
        key.scalar == 'r') {
        input_set(&dialog->fields[dialog->focus].input, ui->last_reason);
        return;
    }
    switch ((int)key.code) {
    case LS_KEY_ENTER: enter(ui); return;
    case LS_KEY_TAB:
    case LS_KEY_DOWN: step_focus(dialog, true); return;
    case LS_KEY_BACKTAB:
    case LS_KEY_UP: step_focus(dialog, false); return;
    default:
        (void)input_key(&dialog->fields[dialog->focus].input, key);
        kinds_follow(ui);
        return;
    }
}

static void quit_key(struct ls_ui *ui, struct ls_key key)
{
    bool is_yes = key.code == LS_KEY_CHAR && !key.has_ctrl && key.scalar == 'y';
    close_dialog(ui, is_yes ? NULL : "still here; the worker goes on");
    if (is_yes) (void)ui_request(ui, LS_UI_WANT_QUIT);
}

void dialog_key(struct ls_ui *ui, struct ls_key key)
{
    struct dialog *dialog = &ui->dialog;
    bool is_cancel = key.code == LS_KEY_ESC ||
                     (key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c');
    if (dialog->is_quit) {
        quit_key(ui, key);
    } else if (dialog->phase == DIALOG_ASKS && dialog->shows_list) {
        dialog_list_key(ui, key);
    } else if (dialog->phase == DIALOG_SENDS) {
        dialog->is_hidden = is_cancel;
        if (!is_cancel)
            ui_toast(ui, false, "not answered yet: that key was dropped; Esc hides this");
    } else if (is_cancel) {
        close_dialog(ui, "cancelled: nothing was changed");
    } else {
        ask_key(ui, key);
    }
}

void dialog_paste(struct ls_ui *ui, const char *text)
{
    struct dialog *dialog = &ui->dialog;
    if (dialog->phase != DIALOG_ASKS || dialog->field_count == 0) return;
    if (dialog->fields[dialog->focus].kind == FIELD_CONFIRM) {
        (void)snprintf(dialog->trouble, sizeof dialog->trouble,
                       "the confirmation is typed, never pasted");
        return;
    }
    input_paste(&dialog->fields[dialog->focus].input, text);
    kinds_follow(ui);
}

/* One line of what was answered, `good` of it as it was asked. */
static void tell(struct ls_ui *ui, size_t good)
{
    const struct dialog *dialog = &ui->dialog;
    const bool is_good = good == dialog_sends(dialog);
    char words[128];
    if (dialog_sends(dialog) == 1) {
        ui_toast(ui, !is_good, "%s", dialog->outcomes[0].text);
        return;
    }
    (void)snprintf(words, sizeof words, "%zu of %zu sent: %s%s", good, dialog_sends(dialog),
                   ls_verb_name(dialog->verb),
                   dialog->is_hidden ? "; {results} shows what becomes of them" : "");
    key_toast(ui, !is_good, words);
}

/* One answer for all targets is the answer of each. */
static void spread(struct dialog *dialog)
{
    if (!dialog->is_whole) return;
    for (size_t i = 1; i < dialog->target_count; i++) dialog->outcomes[i] = dialog->outcomes[0];
}

static void conclude(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    size_t good = 0;
    for (size_t i = 0; i < dialog_sends(dialog); i++)
        good += dialog->outcomes[i].code == LS_CODE_OK ? 1 : 0;
    spread(dialog);
    for (size_t i = 0; i < dialog->target_count; i++) {
        if (dialog->outcomes[i].code != LS_CODE_OK) continue;
        for (size_t l = 0; l < LIST_COUNT; l++)
            list_unmark(&ui->lists[l], dialog->targets[i].op);
        recent_add(&ui->recent, dialog->targets[i].op, dialog->targets[i].version, dialog->verb,
                   ui->now_ms);
    }
    if (dialog->verb == LS_VERB_EDIT && good > 0) ui->edit.is_open = false;
    tell(ui, good);
    results_take(ui, dialog->target_count > 1 && !dialog->is_hidden);
    dialog->phase = DIALOG_CLOSED;
    pause_read(ui);
    ui_refresh_screen(ui, true);
}

void dialog_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct dialog *dialog = &ui->dialog;
    if (dialog->phase != DIALOG_SENDS || message->ticket < dialog->first_ticket) return;
    uint64_t index = message->ticket - dialog->first_ticket;
    if (index >= dialog_sends(dialog)) return;
    if (message->acted == NULL) {
        settle(ui, (size_t)index, LS_CODE_UNAVAILABLE,
               message->why == NULL ? "no answer" : message->why);
    } else {
        const char *text = message->acted->why.text;
        if (text[0] == '\0') text = ls_code_name(message->acted->err.code);
        dialog->outcomes[index].new_op = message->acted->new_op;
        settle(ui, (size_t)index, message->acted->err.code, text);
    }
    if (dialog->answered == dialog_sends(dialog)) conclude(ui);
    if (dialog->is_bulk && message->acted != NULL && !ls_failed(message->acted->err))
        bulks_made(ui, message->acted->new_op);
}
