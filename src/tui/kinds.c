#include "kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/kinds.h"
#include "ui_model.h"

bool can_kinds(const struct ls_ui *ui, struct ls_why *why)
{
    const size_t at = (size_t)ui->health.at;
    const char *reason = NULL;
    if (at >= ui->dashboard.worker_count) {
        reason = "kinds are what a worker works on: move to one";
    } else if (!ui->dashboard.workers[at].is_alive) {
        reason = "that worker is silent: it begins nothing";
    }
    if (reason == NULL) return true;
    const ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

void act_kinds(struct ls_ui *ui)
{
    const struct ls_worker_row *worker = &ui->dashboard.workers[(size_t)ui->health.at];
    char list[LS_KINDS_TEXT_BYTES];
    char what[96];
    act_begin(ui, LS_VERB_WORKER_KINDS);
    ui->dialog.worker_id = worker->id;
    (void)snprintf(what, sizeof what, "worker %" PRId64 " (%.63s)", worker->id, worker->host);
    act_title(ui, "KINDS of", what);
    ls_kinds_short(worker->works_on, list);
    act_field(&ui->dialog, FIELD_KINDS, worker->works_on == 0 ? "" : list);
    act_finish(ui);
    kinds_follow(ui);
}

static const struct ls_worker_row *row_of(const struct ls_ui *ui)
{
    for (size_t i = 0; i < ui->dashboard.worker_count; i++)
        if (ui->dashboard.workers[i].id == ui->dialog.worker_id)
            return &ui->dashboard.workers[i];
    return NULL;
}

/* Whether some other worker, or this one with `kinds` (NULL: none), begins it. */
static bool has_somebody(const struct ls_ui *ui, const uint32_t *kinds, enum ls_kind kind)
{
    for (size_t i = 0; i < ui->dashboard.worker_count; i++) {
        const struct ls_worker_row *worker = &ui->dashboard.workers[i];
        const bool is_this = worker->id == ui->dialog.worker_id;
        if (!worker->is_alive || worker->is_paused || worker->is_draining) continue;
        if (is_this && kinds == NULL) continue;
        if (ls_kinds_has(is_this ? *kinds : worker->works_on, kind)) return true;
    }
    return false;
}

/* Whether some other worker begins anything. */
static bool has_other(const struct ls_ui *ui)
{
    for (int kind = 1; kind <= LS_KIND_MAX; kind++)
        if (has_somebody(ui, NULL, (enum ls_kind)kind)) return true;
    return false;
}

static int64_t waiting_of(const struct ls_ui *ui, enum ls_kind kind)
{
    for (size_t i = 0; i < ui->dashboard.waiting_count; i++)
        if (ui->dashboard.waiting[i].kind == kind) return ui->dashboard.waiting[i].waiting;
    return 0;
}

/* Kinds that this would take from everybody, and those that wait and nobody would begin. */
static void write_left(const struct ls_ui *ui,
                       const struct ls_worker_row *worker,
                       const uint32_t *kinds,
                       char *out,
                       size_t out_bytes)
{
    size_t length = 0;
    for (int i = 1; i <= LS_KIND_MAX && length < out_bytes; i++) {
        const enum ls_kind kind = (enum ls_kind)i;
        const int64_t waiting = waiting_of(ui, kind);
        if (has_somebody(ui, kinds, kind)) continue;
        if (waiting == 0 && !has_somebody(ui, &worker->works_on, kind)) continue;
        length +=
            (size_t)snprintf(out + length, out_bytes - length, "%s%s",
                             length == 0 ? "NOBODY would work on " : ", ", ls_kind_name(kind));
        if (waiting == 0 || length >= out_bytes) continue;
        length += (size_t)snprintf(out + length, out_bytes - length, " (%" PRId64 "%s waiting)",
                                   waiting, waiting >= LS_FACTS_ATTENDED_MAX ? " or more" : "");
    }
}

static const char *typed(const struct dialog *dialog)
{
    const struct field *field = dialog_field(dialog, FIELD_KINDS);
    return field == NULL ? "" : field->input.text;
}

/* What pausing or draining it would leave to nobody. */
static void follow_rest(struct ls_ui *ui, const struct ls_worker_row *worker)
{
    struct dialog *dialog = &ui->dialog;
    int64_t waiting = 0;
    dialog->warning[0] = '\0';
    if (worker->is_paused) return; /* it begins nothing as it is */
    if (has_other(ui)) {
        write_left(ui, worker, NULL, dialog->warning, sizeof dialog->warning);
        return;
    }
    for (size_t i = 0; i < ui->dashboard.waiting_count; i++)
        waiting += ui->dashboard.waiting[i].waiting;
    (void)snprintf(dialog->warning, sizeof dialog->warning,
                   "NO OTHER worker works: nothing new is sent then%s", waiting > 0 ? "" : ".");
    if (waiting > 0)
        (void)snprintf(dialog->warning + strlen(dialog->warning),
                       sizeof dialog->warning - strlen(dialog->warning),
                       ", and %" PRId64 "%s due operation%s.", waiting,
                       waiting >= LS_FACTS_ATTENDED_MAX ? " or more" : "",
                       waiting == 1 ? " waits" : "s wait");
}

void kinds_follow(struct ls_ui *ui)
{
    struct dialog *dialog = &ui->dialog;
    const struct ls_worker_row *worker = row_of(ui);
    if ((dialog->verb == LS_VERB_WORKER_PAUSE || dialog->verb == LS_VERB_WORKER_DRAIN) &&
        worker != NULL) {
        follow_rest(ui, worker);
        return;
    }
    char now[LS_KINDS_TEXT_BYTES];
    char then[LS_KINDS_TEXT_BYTES];
    uint32_t kinds = 0;
    if (dialog->verb != LS_VERB_WORKER_KINDS || worker == NULL) return;
    dialog->warning[0] = '\0';
    dialog->lacks[0] = '\0';
    ls_kinds_words(worker->works_on, now);
    (void)snprintf(dialog->subject, sizeof dialog->subject, "It works on %s now.", now);
    if (ls_failed(kinds_of(dialog, &kinds, dialog->lacks))) {
        (void)snprintf(dialog->subject + strlen(dialog->subject),
                       sizeof dialog->subject - strlen(dialog->subject), " %s",
                       typed(dialog)[0] == '\0' ? "Name kinds, or all." : dialog->lacks);
        return;
    }
    ls_kinds_words(kinds, then);
    (void)snprintf(dialog->subject, sizeof dialog->subject,
                   kinds == worker->works_on ? "It works on %s now." : "Now %s; then %s%s.",
                   now, then, kinds == 0 ? "" : ", and it begins nothing else");
    if (kinds == worker->works_on)
        (void)snprintf(dialog->lacks, sizeof dialog->lacks, "it works on that already");
    if (kinds != worker->works_on)
        write_left(ui, worker, &kinds, dialog->warning, sizeof dialog->warning);
}

ls_err kinds_of(const struct dialog *dialog, uint32_t *kinds_out, char lacks_out[LACKS_BYTES])
{
    struct ls_why why = {0};
    const ls_err err = ls_kinds_parse(typed(dialog), kinds_out, &why);
    if (ls_failed(err) && lacks_out != NULL)
        (void)snprintf(lacks_out, LACKS_BYTES, "%.255s", why.text);
    return err;
}
