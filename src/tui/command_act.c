#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/core/fate.h"
#include "lockstep/core/number.h"

/* The newest that is known of a marked operation. */
static struct mark renew(const struct list *list, const struct mark *mark)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].op.value == mark->op.value && !list->is_gone[i])
            return mark_of(&list->rows[i]);
    }
    return *mark;
}

static bool is_allowed(enum ls_verb verb, const struct mark *mark, struct ls_why *why)
{
    return ls_verb_allowed(verb, mark->op, mark->kind, mark->state, mark->sub, why);
}

size_t act_candidates(const struct ls_ui *ui, struct mark *marks_out)
{
    if (screen_is_list(ui->screen) && ui_list_const(ui)->mark_count > 0) {
        const struct list *list = ui_list_const(ui);
        for (size_t i = 0; i < list->mark_count; i++)
            marks_out[i] = renew(list, &list->marks[i]);
        return list->mark_count;
    }
    const struct ls_op_row *row = ui_current_row(ui);
    if (row == NULL) return 0;
    marks_out[0] = mark_of(row);
    return 1;
}

static bool can(const struct ls_ui *ui, enum ls_verb verb, struct ls_why *why)
{
    struct mark marks[MARKS_MAX];
    size_t count = act_candidates(ui, marks);
    struct ls_why first = {0};
    for (size_t i = 0; i < count; i++) {
        if (is_allowed(verb, &marks[i], i == 0 ? &first : NULL)) return true;
    }
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s",
                               count == 0 ? "no operation is chosen here" : first.text);
    (void)ignored; /* only its text is wanted */
    return false;
}

static enum ls_verb hold_verb(const struct ls_ui *ui)
{
    struct mark marks[MARKS_MAX];
    if (act_candidates(ui, marks) == 0) return LS_VERB_HOLD;
    return marks[0].state == LS_STATE_HELD ? LS_VERB_RELEASE : LS_VERB_HOLD;
}

bool can_retry(const struct ls_ui *ui, struct ls_why *why)
{
    return can(ui, LS_VERB_RETRY, why);
}

bool can_compensate(const struct ls_ui *ui, struct ls_why *why)
{
    return can(ui, LS_VERB_COMPENSATE, why);
}

bool can_hold(const struct ls_ui *ui, struct ls_why *why)
{
    return can(ui, hold_verb(ui), why);
}

bool can_cancel(const struct ls_ui *ui, struct ls_why *why)
{
    return can(ui, LS_VERB_CANCEL, why);
}

bool can_resolve(const struct ls_ui *ui, struct ls_why *why)
{
    if (screen_is_list(ui->screen) && ui_list_const(ui)->mark_count > 1) {
        return key_refuse(ui, "resolve looks at one operation at a time: {mark-none} unmarks",
                          why);
    }
    return can(ui, LS_VERB_RESOLVE_NEVER, why);
}

static const char *const effects[LS_VERB_MAX + 1] = {
    [LS_VERB_RETRY] = "Starts a new round of attempts, each newly signed. Earlier attempts are "
                      "proved dead or final with an error: it cannot land twice.",
    [LS_VERB_COMPENSATE] =
        "Enqueues a new operation that undoes this one on chain: a void memo, "
        "a burn or a return transfer from our own keys, for a fee. What "
        "cannot be undone is refused with the reason.",
    [LS_VERB_HOLD] = "Nothing more is sent for it until it is released. If an attempt is in "
                     "flight, the hold takes effect when that attempt is proved dead.",
    [LS_VERB_RELEASE] = "Goes back to ready: a worker takes it again and signs when it is due.",
    [LS_VERB_CANCEL] =
        "Ends it for good without effect on chain. If an attempt is in flight, it "
        "is cancelled only when that attempt is proved dead.",
    [LS_VERB_RESOLVE_NEVER] =
        "You decide what became of it. Paste the signature that landed, and "
        "it is tracked to finality; or type never, and it becomes failed. A "
        "wrong 'never' can make it land twice.",
    [LS_VERB_ALERT_ACK] =
        "You own this alert until the time is over. It keeps measuring: it fires "
        "again then, or earlier if it gets worse.",
    [LS_VERB_GATE_ON] = "Operations that match stay ready and are not signed until the gate is "
                        "lifted. What is in flight is followed to its end.",
    [LS_VERB_GATE_OFF] = "Operations that match are signed and sent again from now on.",
    [LS_VERB_WORKER_PAUSE] =
        "This worker claims nothing new. What it has in flight is followed "
        "to its end.",
    [LS_VERB_WORKER_RESUME] = "This worker claims and signs again from now on.",
    [LS_VERB_WORKER_DRAIN] =
        "This worker finishes what it is writing, hands back its leases and "
        "ends. What it has in flight the next worker takes over.",
    [LS_VERB_WORKER_KINDS] =
        "Kinds as memo,event or token.* or !memo (all but memo), or all. What it has claimed "
        "or "
        "sent it carries to its end, and what others sent it may take over and follow.",
    [LS_VERB_HOOK_ADD] = "The function runs in each transaction that settles one as done.",
    [LS_VERB_HOOK_REMOVE] = "The function is called no more, also where it has not succeeded.",
    [LS_VERB_CONSUMER_DROP] = "Outcomes are kept for it no longer.",
    [LS_VERB_NOTE] =
        "Everybody who looks at it sees the note, with your name. It changes nothing.",
    [LS_VERB_UNDO] = "Takes this one action of yours back, as an action of its own.",
    [LS_VERB_SILENCE] =
        "What this rule fires is acknowledged as it fires, for you. It keeps measuring, and is "
        "heard again when the time is over.",
    [LS_VERB_UNSILENCE] = "The rule is heard again from now on.",
    [LS_VERB_CLAIM] =
        "It stays as it is. Until the time is over an operation asks for nobody, a cause "
        "stays listed with your name. "
        "Others see that you have it; nobody is stopped.",
    [LS_VERB_EDIT] =
        "It gets this payload under the same key and is sent again. What stood there "
        "stays in the audit log.",
    [LS_VERB_CLAIM_RELEASE] = "It is nobody's again, and asks for a person.",
    [LS_VERB_BATCH_RETRY] =
        "Everything of it that failed starts a new round of attempts. Earlier attempts are "
        "proved dead or final with an error: none can land twice.",
    [LS_VERB_VERIFY] = "A worker looks it up on the ledger. Nothing else changes.",
    [LS_VERB_BATCH_COMPENSATE] =
        "Each landed operation is undone on chain by a new one, for a fee, strictly in reverse "
        "order. What cannot be undone stops it with an alert.",
    [LS_VERB_BULK_PAUSE] = "It acts on nothing more until it is resumed. What it acted on is "
                           "followed.",
    [LS_VERB_BULK_RESUME] = "It goes on where it stopped, also past a canary that failed.",
    [LS_VERB_BULK_ABORT] = "It is over. What it has not acted on stays as it is.",
};

void act_field(struct dialog *dialog, enum field_kind kind, const char *text)
{
    struct field *field = &dialog->fields[dialog->field_count++];
    field->kind = kind;
    input_set(&field->input, text);
}

void act_begin(struct ls_ui *ui, enum ls_verb verb)
{
    ui->dialog = (struct dialog){.verb = verb};
    (void)snprintf(ui->dialog.effect, sizeof ui->dialog.effect, "%s", effects[verb]);
}

void act_title(struct ls_ui *ui, const char *verb, const char *what)
{
    (void)snprintf(ui->dialog.title, sizeof ui->dialog.title, "%s%s%.80s on %s%.40s", verb,
                   what[0] == '\0' ? "" : " ", what, ui_is_production(ui) ? "PROD " : "",
                   ui->options.environment);
}

/* The last fields and what must be typed; then the dialog is up. */
void act_finish(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    act_field(dialog, FIELD_REASON, "");
    act_field(dialog, FIELD_CONFIRM, "");
    dialog_count(ui);
    dialog_open(ui);
    /* What is filled in already is read; Shift-Tab goes back to it. */
    while (dialog->focus + 1 < dialog->field_count &&
           dialog->fields[dialog->focus].input.length > 0)
        dialog->focus++;
    if (dialog->is_bulk) return; /* each target is looked at when its turn comes */
    bool edits_failed =
        dialog->verb == LS_VERB_EDIT && dialog->targets[0].state == LS_STATE_FAILED;
    if (dialog->verb == LS_VERB_RETRY || dialog->verb == LS_VERB_COMPENSATE || edits_failed)
        check_dialog(ui);
}

static void gather(struct ls_ui *ui, enum ls_verb verb)
{
    struct dialog *dialog = &ui->dialog;
    struct mark marks[MARKS_MAX];
    size_t count = act_candidates(ui, marks);
    for (size_t i = 0; i < count; i++) {
        struct ls_why why = {0};
        if (is_allowed(verb, &marks[i], &why)) {
            dialog->targets[dialog->target_count++] = marks[i];
            continue;
        }
        dialog_leave_out(dialog, &marks[i], why.text);
    }
}

static bool means_all(const struct ls_ui *ui)
{
    return screen_is_list(ui->screen) && ui_list_const(ui)->is_all;
}

/* What a look found on the ledger stands in the field already: it need not be copied, nor can
 * another operation's be pasted. The person reads it, gives a reason and confirms. */
static void offer_outcome(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    const struct ls_op_row *row = ui_current_row(ui);
    const struct ls_op_detail *detail = NULL;
    char slot[LS_NUMBER_BYTES];
    act_field(dialog, FIELD_OUTCOME, "");
    if (row == NULL || dialog->target_count != 1) return;
    detail = ui->screen == SCREEN_DETAIL ? &ui->detail : preview_shown(ui, row);
    if (detail == NULL || detail->row.op.value != dialog->targets[0].op.value ||
        detail->row.version != dialog->targets[0].version ||
        ls_look_of(&detail->row) != LS_LOOK_LANDED || detail->look_signature[0] == '\0')
        return;
    input_set(&dialog->fields[0].input, detail->look_signature);
    ls_number_grouped(detail->look_slot, slot);
    (void)snprintf(dialog->effect, sizeof dialog->effect,
                   "A look found it in slot %s by the signature below. With it, it is "
                   "tracked to finality.",
                   slot);
}

static void act_ops(struct ls_ui *ui, enum ls_verb verb, const char *word)
{
    if (means_all(ui) && ls_bulk_verb(verb)) {
        act_bulk(ui, verb, word);
        return;
    }
    act_begin(ui, verb);
    gather(ui, verb);
    (void)snprintf(ui->dialog.word, sizeof ui->dialog.word, "%s", word);
    if (verb == LS_VERB_RESOLVE_NEVER) offer_outcome(ui);
    desk_warn_of_targets(ui);
    act_finish(ui);
}

void act_retry(struct ls_ui *ui)
{
    act_ops(ui, LS_VERB_RETRY, "RETRY");
}

void act_compensate(struct ls_ui *ui)
{
    act_ops(ui, LS_VERB_COMPENSATE, "COMPENSATE");
}

void act_hold(struct ls_ui *ui)
{
    enum ls_verb verb = hold_verb(ui);
    act_ops(ui, verb, verb == LS_VERB_HOLD ? "HOLD" : "RELEASE");
}

void act_cancel(struct ls_ui *ui)
{
    act_ops(ui, LS_VERB_CANCEL, "CANCEL");
}

void act_resolve(struct ls_ui *ui)
{
    act_ops(ui, LS_VERB_RESOLVE_NEVER, "RESOLVE");
}

bool can_acknowledge(const struct ls_ui *ui, struct ls_why *why)
{
    const char *reason = NULL;
    if (!ui->has_alerts || (size_t)ui->alert.at >= ui->alerts.count) {
        reason = "no alert is chosen";
    } else if (ui->alerts.rows[ui->alert.at].state == LS_ALERT_RESOLVED) {
        reason = "this alert is over already";
    }
    if (reason == NULL) return true;
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

void act_acknowledge(struct ls_ui *ui)
{
    const struct ls_alert_row *alert = &ui->alerts.rows[ui->alert.at];
    act_begin(ui, LS_VERB_ALERT_ACK);
    ui->dialog.alert_id = alert->id;
    ui->dialog.alert_version = alert->version;
    char what[96];
    (void)snprintf(what, sizeof what, "alert %" PRId64 " (%.31s)", alert->id, alert->rule);
    act_title(ui, "ACKNOWLEDGE", what);
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject, "%s: %s",
                   ls_severity_name(alert->severity), alert->message);
    act_field(&ui->dialog, FIELD_DURATION, "1h");
    act_finish(ui);
}

bool can_pause(const struct ls_ui *ui, struct ls_why *why)
{
    const size_t at = (size_t)ui->health.at;
    const char *reason = NULL;
    if (ui->health.at >= health_rows(ui)) {
        reason = "no worker or gate is chosen; {hold-work} holds every worker's work";
    } else if (at < ui->dashboard.worker_count && !ui->dashboard.workers[at].is_alive) {
        reason = "that worker is silent: it begins nothing";
    }
    return key_refuse(ui, reason, why);
}

/* The embedded one is called so: it is this process that stops working. */
static void worker_title(struct ls_ui *ui, const char *verb, const struct ls_worker_row *worker)
{
    const bool is_here = ui->options.has_worker && ui->worker.worker_id == worker->id;
    char what[128];
    (void)snprintf(what, sizeof what, "worker %" PRId64 " (%.63s)", worker->id,
                   is_here ? "embedded here" : worker->host);
    act_title(ui, verb, what);
}

void act_pause(struct ls_ui *ui)
{
    size_t at = (size_t)ui->health.at;
    if (at >= ui->dashboard.worker_count) {
        act_gate(ui, ui->dashboard.gates[at - ui->dashboard.worker_count].selector, false);
        return;
    }
    const struct ls_worker_row *worker = &ui->dashboard.workers[at];
    act_begin(ui, worker->is_paused ? LS_VERB_WORKER_RESUME : LS_VERB_WORKER_PAUSE);
    ui->dialog.worker_id = worker->id;
    worker_title(ui, worker->is_paused ? "RESUME" : "PAUSE", worker);
    act_finish(ui);
    kinds_follow(ui);
}

bool can_drain(const struct ls_ui *ui, struct ls_why *why)
{
    const size_t at = (size_t)ui->health.at;
    const char *reason = NULL;
    if (at >= ui->dashboard.worker_count) {
        reason = "drain ends a worker: move to one";
    } else if (!ui->dashboard.workers[at].is_alive) {
        reason = "that worker is silent: its leases have run out by themselves";
    } else if (ui->dashboard.workers[at].is_draining) {
        reason = "that worker drains already";
    }
    if (reason == NULL) return true;
    const ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

void act_drain(struct ls_ui *ui)
{
    const struct ls_worker_row *worker = &ui->dashboard.workers[(size_t)ui->health.at];
    act_begin(ui, LS_VERB_WORKER_DRAIN);
    ui->dialog.worker_id = worker->id;
    worker_title(ui, "DRAIN", worker);
    act_finish(ui);
    kinds_follow(ui);
}

/* Who put it on, and why. */
static void write_gate(struct ls_ui *ui, const char *selector)
{
    const struct ls_dashboard *facts = &ui->dashboard;
    for (size_t i = 0; i < facts->gate_count; i++) {
        const struct ls_gate_row *gate = &facts->gates[i];
        if (strcmp(gate->selector, selector) != 0) continue;
        (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject, "Put on by %s: %.240s",
                       gate->by_worker ? "a worker" : gate->actor, gate->reason);
    }
}

void act_gate(struct ls_ui *ui, const char *selector, bool on)
{
    struct ls_why why = {0};
    if (!ui_may_act(ui, &why)) {
        ui_toast(ui, true, "gate: %s", why.text);
        return;
    }
    act_begin(ui, on ? LS_VERB_GATE_ON : LS_VERB_GATE_OFF);
    (void)snprintf(ui->dialog.selector, sizeof ui->dialog.selector, "%s", selector);
    if (!on) write_gate(ui, selector);
    act_title(ui, on ? "PUT ON the gate" : "LIFT the gate", selector);
    act_finish(ui);
}

void act_quit(struct ls_ui *ui)
{
    if (!ui->options.has_worker || !ui->worker.is_running) {
        (void)ui_request(ui, LS_UI_WANT_QUIT);
        return;
    }
    ui->dialog = (struct dialog){.is_quit = true};
    (void)snprintf(ui->dialog.title, sizeof ui->dialog.title, "QUIT and stop the worker?");
    (void)snprintf(ui->dialog.effect, sizeof ui->dialog.effect,
                   "The worker embedded in this console stops with it. Operations wait, "
                   "durable, until a worker runs again; nothing is lost and nothing is sent "
                   "twice.");
    dialog_open(ui);
}
