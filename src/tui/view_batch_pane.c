#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/core/cause.h"

enum { ROOMY = 96, CAUSES_FROM = 10 };

/* What one cause says in the pane; NULL: the titles. */
struct cause_texts {
    char ops[LS_FORMAT_BYTES], oldest[LS_FORMAT_BYTES];
    char title[LS_CAUSE_WORDS_BYTES], outcome[LS_CAUSE_OUTCOME_BYTES];
    char next[LS_CAUSE_ADVICE_BYTES + 8];
};

static struct cause_texts texts_of(const struct ls_ui *ui, const struct ls_cause_row *cause)
{
    struct cause_texts all = {"OPS", "OLDEST", "CAUSE", "OUTCOME ON CHAIN", "SUGGESTED"};
    if (cause == NULL) return all;
    const bool is_failed = cause->state == LS_STATE_FAILED;
    ls_format_short_count(cause->count, all.ops);
    ls_format_age(ui_database_now(ui) - cause->oldest_ms, all.oldest);
    ls_cause_title(cause, all.title);
    ls_cause_outcome(cause, all.outcome);
    key_words(ui,
              ls_cause_is_unknown(cause) ? "{open}  {verify} verify, {resolve} resolve"
              : is_failed                ? "{retry-batch}  retry what failed"
                                         : "{open}  {hold} release",
              all.next, sizeof all.next);
    return all;
}

static void
draw_cause(struct view view, int32_t row, const struct ls_cause_row *cause, int32_t title_cells)
{
    struct cells cells = view_cells(view, row);
    const enum ls_role role = cause == NULL ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    const bool is_unknown = cause != NULL && ls_cause_is_unknown(cause);
    const struct cause_texts all = texts_of(view.ui, cause);
    cells_right(&cells, 4, role, all.ops);
    cells.column++;
    cells_put(&cells, title_cells, role, all.title);
    cells_put(&cells, view.area.columns >= ROOMY ? 7 : 0, role, all.oldest);
    cells_put(&cells, 20, is_unknown ? LS_ROLE_SEV_CRITICAL : role, all.outcome);
    cells_put(&cells, 27, cause == NULL ? role : LS_ROLE_KEY, all.next);
}

static void draw_causes(struct view *view, const struct ls_batch_detail *detail)
{
    const int32_t most = view->area.rows >= CAUSES_FROM ? 5 : 3;
    const int32_t count =
        (int32_t)detail->cause_count < most ? (int32_t)detail->cause_count : most;
    if (count == 0) {
        (void)ls_grid_text(view->grid, ls_rect_line(view->area, 0, 1), LS_ROLE_MUTED,
                           "Nothing of it failed or is held.");
        view->area = rect_rows(view->area, 1, view->area.rows);
        return;
    }
    const int32_t others = 2 + 6 + 21 + 28 + (view->area.columns >= ROOMY ? 8 : 0);
    int32_t title = 5;
    for (int32_t i = 0; i < count; i++)
        fit_cells(&title, texts_of(view->ui, &detail->causes[i]).title,
                  view->area.columns - others - 1);
    title += title < view->area.columns - others - 1 ? 1 : 0;
    draw_cause(*view, 0, NULL, title);
    for (int32_t i = 0; i < count; i++) draw_cause(*view, i + 1, &detail->causes[i], title);
    view->area = rect_rows(view->area, 1 + count, view->area.rows);
}

static const char *policy_words(enum ls_batch_policy policy)
{
    switch (policy) {
    case LS_BATCH_BEST_EFFORT: return "All-or-nothing: no, each for itself.";
    case LS_BATCH_ORDERED:
        return "All-or-nothing: no. One after the other; a failure stops it.";
    case LS_BATCH_SAGA: return "One after the other; a failure undoes what landed, last first.";
    case LS_BATCH_ATOMIC: return "All-or-nothing: yes, one transaction.";
    }
    return "";
}

static void line(struct view *view, enum ls_role role, const char *text)
{
    (void)ls_grid_text(view->grid, ls_rect_line(view->area, 0, 1), role, text);
    view->area = rect_rows(view->area, 1, view->area.rows);
}

static void draw_policy(struct view *view, const struct ls_batch_detail *detail)
{
    const struct ls_batch_row *row = &detail->row;
    char text[256];
    (void)snprintf(text, sizeof text, "%s %s%s", policy_words(row->policy),
                   row->policy == LS_BATCH_BEST_EFFORT ? "Order: by entity. " : "",
                   row->state == LS_BATCH_OPEN ? "Not sealed: nothing runs yet." : "");
    line(view, LS_ROLE_TEXT, text);
    if (detail->entities == 0) return;
    (void)snprintf(text, sizeof text,
                   "%" PRId64 " %s later operations (%" PRId64 " wait behind).",
                   detail->entities, detail->entities == 1 ? "entity holds" : "entities hold",
                   detail->ops_behind);
    line(view, LS_ROLE_TEXT, text);
}

static void draw_undo(struct view *view, const struct ls_batch_row *row)
{
    struct ls_why why = {0};
    char text[LS_WHY_BYTES + 64];
    if (ls_batch_may_compensate(row, &why)) {
        (void)snprintf(text, sizeof text,
                       "Compensating now would undo %" PRId64 " confirmed operations, the last "
                       "first%s",
                       row->done, row->queued > 0 ? ", and cancel the rest." : ".");
        if (row->done == 0)
            (void)snprintf(text, sizeof text,
                           "Compensating now would undo nothing and cancel the rest.");
    } else {
        (void)snprintf(text, sizeof text, "Not to be compensated now: %s.", why.text);
    }
    line(view, LS_ROLE_TEXT, text);
}

/* The newest note that somebody left on it. */
static void draw_note(struct view *view, const struct ls_batch_row *row)
{
    char target[32];
    char text[LS_REASON_BYTES_MAX + 128];
    char age[LS_FORMAT_BYTES];
    (void)snprintf(target, sizeof target, "batch %" PRId64, row->id);
    const struct ls_note *note = ls_people_note(&view->ui->pause.desk.facts, target);
    if (note == NULL) return;
    ls_format_age(pause_shown_now(view->ui) - note->at_ms, age);
    (void)snprintf(text, sizeof text, "Note of %.40s, %s ago: %.500s", note->login, age,
                   note->body);
    line(view, LS_ROLE_TITLE, text);
}

/* Done per minute, in one row: it changes with each batch that the cursor passes. */
static void draw_pace(struct view view, const struct ls_batch_detail *detail)
{
    if (!detail->has_minutes) {
        line(&view, LS_ROLE_MUTED, "Done per minute is not read for a batch this large.");
        return;
    }
    const int32_t cells = view.area.columns >= ROOMY ? LS_FACTS_MINUTES : 40;
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    if (span.row < 0 || view.area.rows <= 0) return;
    span.column =
        ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "Done/min, %d min ", (int)cells);
    struct view beside = view;
    beside.area = (struct ls_rect){span.row, span.column, 1, cells};
    view_curve(beside, detail->minutes, cells, LS_ROLE_GRAPH_1);
    span.column += cells;
    (void)ls_grid_printf(view.grid, span, LS_ROLE_TEXT, " %" PRId64 " now",
                         detail->minutes[LS_FACTS_MINUTES - 1]);
}

void view_batch_pane(struct view view, const struct ls_batch_row *chosen)
{
    const struct batches *batches = &view.ui->batches;
    char title[LS_BATCH_NAME_BYTES_MAX + 128];
    (void)snprintf(title, sizeof title,
                   "B-%" PRId64 " %s: %" PRId64 " of %" PRId64 " done, %" PRId64
                   " failed, %" PRId64 " unknown",
                   chosen->id, chosen->name, chosen->done, chosen->total, chosen->failed,
                   chosen->unknown);
    char opens[64];
    key_words(view.ui, "{open} its operations", opens, sizeof opens);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, title, opens);
    if (!batches->has_detail || batches->detail.row.id != chosen->id) {
        line(&view, LS_ROLE_MUTED, ui_reading_words(view.ui));
        return;
    }
    const struct ls_batch_detail *detail = &batches->detail;
    draw_causes(&view, detail);
    draw_policy(&view, detail);
    draw_undo(&view, &detail->row);
    draw_note(&view, &detail->row);
    if (detail->row.detail[0] != '\0') line(&view, LS_ROLE_MUTED, detail->row.detail);
    draw_pace(view, detail);
}
