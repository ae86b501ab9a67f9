/* The dashboard's causes: open one, or act on all of it. */
#include <stdio.h>

#include "command.h"
#include "lockstep/core/cause.h"

static const struct ls_cause_row *chosen(const struct ls_ui *ui)
{
    if ((size_t)ui->causes.at >= ui->dashboard.cause_count) return NULL;
    return &ui->dashboard.causes[ui->causes.at];
}

void do_open_cause(struct ls_ui *ui)
{
    const struct ls_cause_row *cause = chosen(ui);
    char filter[LS_FILTER_BYTES_MAX];
    char title[LS_CAUSE_WORDS_BYTES];
    if (cause == NULL) return;
    ls_cause_filter(cause, true, filter);
    ls_cause_title(cause, title);
    const enum screen screen = cause->state == LS_STATE_FAILED ? SCREEN_FAILED : SCREEN_STUCK;
    struct list *list = list_of(ui, screen);
    list->mark_count = 0;
    if (!list_set_filter(ui, list, filter)) {
        ui_toast(ui, true, "%s", ui->prompt.why);
        return;
    }
    (void)snprintf(list->cause_title, sizeof list->cause_title, "%s", title);
    ui_go(ui, screen); /* which asks, once its filter is set */
}

/* Why the operations of a cause may not be retried (or released) all at once; NULL: they may.
 */
static const char *refusal(const struct ls_cause_row *cause, bool retries)
{
    bool is_failed = cause != NULL && cause->state == LS_STATE_FAILED;
    if (cause == NULL) return "no cause is chosen here";
    if (cause->is_stuck) return "a worker has them: nothing is signed twice meanwhile";
    if (ls_cause_is_unknown(cause) && !is_failed)
        return "they are held, their outcome is UNKNOWN: {open} opens them, {resolve} resolves "
               "one";
    if (ls_cause_is_unknown(cause)) return "an outcome is UNKNOWN: verify it first";
    if (is_failed == retries) return NULL;
    return retries ? "they are held: {release-cause} releases them"
                   : "they failed: {retry-cause} retries them";
}

static bool can_act(const struct ls_ui *ui, bool retries, struct ls_why *why)
{
    return key_refuse(ui, refusal(chosen(ui), retries), why);
}

bool can_retry_cause(const struct ls_ui *ui, struct ls_why *why)
{
    return can_act(ui, true, why);
}

bool can_release_cause(const struct ls_ui *ui, struct ls_why *why)
{
    return can_act(ui, false, why);
}

/* Open the cause and do this to all of it, once its rows are there. */
static void open_for(struct ls_ui *ui, void (*then)(struct ls_ui *ui))
{
    do_open_cause(ui);
    if (screen_is_list(ui->screen)) ui_list(ui)->then = then;
}

void act_retry_cause(struct ls_ui *ui)
{
    open_for(ui, act_retry);
}

bool can_verify_cause(const struct ls_ui *ui, struct ls_why *why)
{
    if (!ui_may_act(ui, why)) return false; /* it adds evidence to the database */
    return key_refuse(ui, chosen(ui) == NULL ? "no cause is chosen here" : NULL, why);
}

/* The marks were not the person's, and would stand in the way of V, which takes one. */
static void verify_all(struct ls_ui *ui)
{
    act_verify(ui);
    list_mark_none(ui_list(ui));
}

void act_verify_cause(struct ls_ui *ui)
{
    open_for(ui, verify_all);
}

void act_release_cause(struct ls_ui *ui)
{
    open_for(ui, act_hold);
}
