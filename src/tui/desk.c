#include "desk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"
#include "lockstep/core/fingerprint.h"
#include "ui_model.h"

void desk_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (message->desk == NULL) return;
    ui->desk.facts = *message->desk;
    ui->desk.has_facts = true;
}

static bool refuse(struct ls_why *why, const char *reason)
{
    if (reason == NULL) return true;
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

static const struct ls_alert_row *chosen_alert(const struct ls_ui *ui)
{
    if (!ui->has_alerts || (size_t)ui->alert.at >= ui->alerts.count) return NULL;
    return &ui->alerts.rows[ui->alert.at];
}

/* What a note, or a claim, would stand on: "op 17", "alert 5", "batch 3", "cause X"; false:
 * nothing. */
static bool write_target(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_op_row *row = ui_current_row(ui);
    const struct ls_alert_row *alert = chosen_alert(ui);
    if (ui->screen == SCREEN_ALERTS && alert != NULL) {
        (void)snprintf(out, out_bytes, "alert %" PRId64, alert->id);
    } else if (ui->screen == SCREEN_BATCHES && batches_row(ui) != NULL) {
        (void)snprintf(out, out_bytes, "batch %" PRId64, batches_row(ui)->id);
    } else if (ui->screen == SCREEN_DASH && (size_t)ui->causes.at < ui->dashboard.cause_count) {
        char target[LS_CAUSE_TARGET_BYTES];
        ls_cause_target(&ui->dashboard.causes[ui->causes.at], target);
        (void)snprintf(out, out_bytes, "%.255s", target); /* what a selector holds */
    } else if (row != NULL && ui->screen != SCREEN_ALERTS) {
        (void)snprintf(out, out_bytes, "op %" PRId64, row->op.value);
    } else {
        return false;
    }
    return true;
}

bool can_note(const struct ls_ui *ui, struct ls_why *why)
{
    char target[256];
    return refuse(why, write_target(ui, target, sizeof target)
                           ? NULL
                           : "nothing that could take a note is chosen");
}

void act_note_on(struct ls_ui *ui, const char *target)
{
    act_begin(ui, LS_VERB_NOTE);
    (void)snprintf(ui->dialog.selector, sizeof ui->dialog.selector, "%s", target);
    act_title(ui, "NOTE on", target);
    act_finish(ui);
}

void act_note(struct ls_ui *ui)
{
    char target[256];
    if (write_target(ui, target, sizeof target)) act_note_on(ui, target);
}

bool can_undo(const struct ls_ui *ui, struct ls_why *why)
{
    return refuse(why, ui->desk.facts.undo_seq > 0
                           ? NULL
                           : "you have no acknowledgement, silence, claim or note to undo");
}

/* "alert.ack" as one would say it. */
static const char *undo_words(const char *action)
{
    static const struct {
        const char *action, *words;
    } table[] = {{"alert.ack", "acknowledged"},
                 {"alert.silence", "silenced"},
                 {"claim", "took"},
                 {"note", "left a note on"}};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (strcmp(table[i].action, action) == 0) return table[i].words;
    return action;
}

void act_undo(struct ls_ui *ui)
{
    const struct ls_people *desk = &ui->desk.facts;
    act_begin(ui, LS_VERB_UNDO);
    ui->dialog.alert_version = desk->undo_seq;
    act_title(ui, "UNDO my last action", "");
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject,
                   "You %s %s: entry %" PRId64 " of the audit log",
                   undo_words(desk->undo_action), desk->undo_target, desk->undo_seq);
    act_finish(ui);
}

bool can_silence(const struct ls_ui *ui, struct ls_why *why)
{
    return refuse(why, chosen_alert(ui) != NULL ? NULL : "no alert is chosen");
}

void act_silence(struct ls_ui *ui)
{
    const char *rule = chosen_alert(ui)->rule;
    bool is_silenced = ls_people_silence(&ui->desk.facts, rule) != NULL;
    act_begin(ui, is_silenced ? LS_VERB_UNSILENCE : LS_VERB_SILENCE);
    (void)snprintf(ui->dialog.selector, sizeof ui->dialog.selector, "%s", rule);
    act_title(ui, is_silenced ? "HEAR the rule" : "SILENCE the rule", rule);
    if (!is_silenced) act_field(&ui->dialog, FIELD_DURATION, "1h");
    act_finish(ui);
}

bool can_claim(const struct ls_ui *ui, struct ls_why *why)
{
    char target[256];
    struct mark marks[MARKS_MAX];
    if (act_candidates(ui, marks) > 0) return true;
    return refuse(why, write_target(ui, target, sizeof target)
                           ? NULL
                           : "no operation or cause is chosen");
}

/* The one thing that this person has already: it is given up. */
static bool gives_up(struct ls_ui *ui, const char *target)
{
    const struct ls_claim *claim = ls_people_claim(&ui->desk.facts, target);
    if (claim == NULL || !claim->is_mine) return false;
    act_begin(ui, LS_VERB_CLAIM_RELEASE);
    (void)snprintf(ui->dialog.selector, sizeof ui->dialog.selector, "%s", target);
    act_title(ui, "GIVE UP", target);
    act_finish(ui);
    return true;
}

/* Acknowledge operations or a cause: a soft claim. */
void act_claim(struct ls_ui *ui)
{
    char target[256] = "";
    struct mark marks[MARKS_MAX];
    size_t count = ui->screen == SCREEN_DASH ? 0 : act_candidates(ui, marks);
    bool has_target = write_target(ui, target, sizeof target);
    if (count <= 1 && has_target && gives_up(ui, target)) return;
    act_begin(ui, LS_VERB_CLAIM);
    struct dialog *dialog = &ui->dialog;
    for (size_t i = 0; i < count; i++) dialog->targets[dialog->target_count++] = marks[i];
    if (count == 0) {
        (void)snprintf(dialog->selector, sizeof dialog->selector, "%s", target);
        act_title(ui, "ACKNOWLEDGE", target);
        desk_warn(ui, target);
    } else {
        (void)snprintf(dialog->word, sizeof dialog->word, "ACKNOWLEDGE");
        desk_warn_of_targets(ui);
    }
    act_field(dialog, FIELD_DURATION, "1h");
    act_finish(ui);
}

/* What W would pause: the entity of an operation, the kind of a row, or everything. */
static void hold_selector(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_op_row *row = ui_current_row(ui);
    if (row != NULL && ui->screen == SCREEN_DETAIL && row->entity[0] != '\0') {
        (void)snprintf(out, out_bytes, "entity:%s", row->entity);
    } else if (row != NULL) {
        (void)snprintf(out, out_bytes, "kind:%s", ls_kind_name(row->kind));
    } else {
        (void)snprintf(out, out_bytes, "all");
    }
}

static bool gate_is_on(const struct ls_ui *ui, const char *selector)
{
    for (size_t i = 0; i < ui->dashboard.gate_count; i++) {
        if (strcmp(ui->dashboard.gates[i].selector, selector) == 0) return true;
    }
    return false;
}

/* A hold on new work, or its end. What it covers can be changed in the dialog. */
void act_hold_work(struct ls_ui *ui)
{
    char selector[256];
    hold_selector(ui, selector, sizeof selector);
    if (gate_is_on(ui, selector)) {
        act_gate(ui, selector, false);
        return;
    }
    act_begin(ui, LS_VERB_GATE_ON);
    act_title(ui, "HOLD new work", "");
    act_field(&ui->dialog, FIELD_SELECTOR, selector);
    act_finish(ui);
}

/* Somebody else has it: said in the dialog, nobody is stopped. */
void desk_warn(struct ls_ui *ui, const char *target)
{
    const struct ls_claim *claim = ls_people_claim(&ui->desk.facts, target);
    char since[LS_FORMAT_BYTES];
    char left[LS_FORMAT_BYTES];
    if (claim == NULL || claim->is_mine || ui->dialog.warning[0] != '\0') return;
    ls_format_age(ui_database_now(ui) - claim->since_ms, since);
    ls_format_age(claim->until_ms - ui_database_now(ui), left);
    (void)snprintf(ui->dialog.warning, sizeof ui->dialog.warning,
                   "%.40s has %.60s since %s, %s left: %.100s", claim->login, target, since,
                   left, claim->reason);
}

void desk_warn_of_targets(struct ls_ui *ui)
{
    const struct dialog *dialog = &ui->dialog;
    const struct ls_op_row *row = ui_current_row(ui);
    for (size_t i = 0; i < dialog->target_count; i++) {
        char target[32];
        (void)snprintf(target, sizeof target, "op %" PRId64, dialog->targets[i].op.value);
        desk_warn(ui, target);
    }
    if (row == NULL || row->cause[0] == '\0') return;
    char cause[LS_CAUSE_BYTES_MAX + 1];
    char target[LS_CAUSE_BYTES_MAX + 8];
    ls_cause_fingerprint(row->cause, cause);
    (void)snprintf(target, sizeof target, "cause %s", cause);
    desk_warn(ui, target);
}

bool desk_cause_words(const struct ls_ui *ui,
                      const struct ls_cause_row *cause,
                      char *out,
                      size_t out_bytes)
{
    char target[LS_CAUSE_TARGET_BYTES];
    char left[LS_FORMAT_BYTES];
    ls_cause_target(cause, target);
    const struct ls_claim *claim = ls_people_claim(&ui->pause.desk.facts, target);
    if (claim == NULL) return false;
    ls_format_age(claim->until_ms - pause_shown_now(ui), left);
    (void)snprintf(out, out_bytes, "%.20s %.8s left", claim->login, left);
    return true;
}

/* Who else is here: "with op2, op3"; "" when nobody is. */
void desk_others(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct ls_people *desk = &ui->pause.desk.facts;
    size_t length = 0;
    out[0] = '\0';
    for (size_t i = 0; i < desk->presence_count && length < out_bytes; i++) {
        const char *name = desk->presences[i].os_user[0] == '\0' ? desk->presences[i].login
                                                                 : desk->presences[i].os_user;
        if (i == 2) {
            (void)snprintf(out + length, out_bytes - length, " +%zu", desk->presence_count - i);
            return;
        }
        length += (size_t)snprintf(out + length, out_bytes - length, "%s%.16s",
                                   i == 0 ? "with " : ", ", name);
    }
}

/* The holds that people put on new work, "HOLD all op1 12m" where there is room, else "HOLD
 * all" or "1 HOLD"; "" for none. Health has the reason. */
void desk_holds(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    enum { ROOMY = 120 };
    const struct ls_dashboard *facts = &ui->dashboard;
    const struct ls_gate_row *shown = NULL;
    size_t count = 0;
    out[0] = '\0';
    for (size_t i = 0; i < facts->gate_count; i++) {
        const struct ls_gate_row *gate = &facts->gates[i];
        if (gate->by_worker) continue;
        count++;
        if (shown == NULL || strcmp(gate->selector, "all") == 0) shown = gate;
    }
    if (shown == NULL) return;
    bool is_all = strcmp(shown->selector, "all") == 0;
    char since[LS_FORMAT_BYTES];
    ls_format_age(pause_shown_now(ui) - shown->since_ms, since);
    if (ui->columns >= ROOMY && (is_all || count == 1)) {
        (void)snprintf(out, out_bytes, "HOLD %.24s %.12s %.8s", shown->selector, shown->actor,
                       since);
    } else if (is_all) {
        (void)snprintf(out, out_bytes, "HOLD all");
    } else {
        (void)snprintf(out, out_bytes, "%zu HOLD%s", count, count == 1 ? "" : "S");
    }
}
