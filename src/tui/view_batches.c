#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "command.h"
#include "lockstep/core/cause.h"

enum {
    PANE_ROWS = 10,
    PANE_ROWS_TALL = 12,
    PANE_FROM = 19,
    TALL_FROM = 30,
    SPARK_CELLS = 60,
    FEE_LAMPORTS = 5000,
    BATCH_PARTS = 7
};
enum batch_column {
    COLUMN_CURSOR,
    COLUMN_ID,
    COLUMN_POLICY,
    COLUMN_BY,
    COLUMN_BEGAN,
    COLUMN_BAR,
    COLUMN_DONE,
    COLUMN_LEFT,
    COLUMN_STATE,
    BATCH_COLUMNS
};

static int32_t pane_rows(struct ls_rect body)
{
    if (body.rows < PANE_FROM) return 0;
    return body.rows >= TALL_FROM ? PANE_ROWS_TALL : PANE_ROWS;
}

int64_t batches_visible(struct ls_rect body)
{
    int32_t rows = body.rows - pane_rows(body) - 4; /* crumb, border, titles */
    return rows > 0 ? rows : 1;
}

static int32_t widths_of(struct view view, int32_t widths[BATCH_COLUMNS])
{
    const int32_t columns = view.area.columns;
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_ID] = 6;
    widths[COLUMN_POLICY] = columns >= 110 ? 11 : 0;
    widths[COLUMN_BY] = columns >= 130 ? 14 : 0;
    widths[COLUMN_BEGAN] = columns >= 76 ? moment_cells(view.ui) : 0;
    widths[COLUMN_BAR] = columns >= 130 ? 48 : columns >= 96 ? 35 : columns >= 76 ? 18 : 16;
    widths[COLUMN_DONE] = columns >= 96 ? 11 : 9;
    widths[COLUMN_LEFT] = columns >= 76 ? 6 : 0;
    widths[COLUMN_STATE] = 11;
    return flex_cells(columns, widths, BATCH_COLUMNS);
}

static size_t parts_of(const struct ls_batch_row *row, struct bar_part parts[BATCH_PARTS])
{
    const struct bar_part all[BATCH_PARTS] = {
        {row->done, '=', LS_ROLE_STATE_DONE},
        {row->compensated + row->cancelled, '-', LS_ROLE_STATE_CANCELLED},
        {row->sent, '>', LS_ROLE_STATE_SUBMITTED},
        {row->queued, '.', LS_ROLE_STATE_READY},
        {row->held - row->unknown, 'h', LS_ROLE_STATE_HELD},
        {row->failed, 'x', LS_ROLE_STATE_FAILED},
        {row->unknown, '?', LS_ROLE_SEV_CRITICAL},
    };
    memcpy(parts, all, sizeof all);
    return BATCH_PARTS;
}

static enum ls_role word_role(const struct ls_batch_row *row)
{
    const char *word = ls_batch_word(row);
    if (strcmp(word, "UNKNOWN") == 0 || strcmp(word, "UNDO FAILED") == 0)
        return LS_ROLE_SEV_CRITICAL;
    if (strcmp(word, "blocked") == 0 || strcmp(word, "PAUSED") == 0) return LS_ROLE_SEV_WARNING;
    if (strcmp(word, "done") == 0) return LS_ROLE_STATE_DONE;
    return LS_ROLE_TEXT;
}

static void draw_crumb(struct view view)
{
    const struct batches *batches = &view.ui->batches;
    char where[LS_BATCH_FILTER_BYTES_MAX + 96];
    char note[64] = "";
    int paused = 0;
    for (size_t i = 0; i < batches->page.count; i++) paused += batches->page.rows[i].is_paused;
    (void)snprintf(where, sizeof where, "Batches%s%s%s",
                   batches->filter_text[0] == '\0' ? "" : " / ", batches->filter_text,
                   batches->page_number > 0 ? "   older ones" : "");
    char words[96];
    (void)snprintf(words, sizeof words, "%zu shown%s%s", batches->page.count,
                   batches->page.has_more ? ", {page-down} for more" : ", newest first",
                   paused > 0 ? ", PAUSED ones among them" : "");
    key_words(view.ui, words, note, sizeof note);
    view_crumb(view, where, note, paused > 0 ? LS_ROLE_SEV_WARNING : LS_ROLE_MUTED);
}

static void draw_titles(struct view view)
{
    int32_t widths[BATCH_COLUMNS];
    const int32_t flex = widths_of(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_MUTED, "");
    cells_put(&cells, widths[COLUMN_ID], LS_ROLE_MUTED, "BATCH");
    cells_put(&cells, flex, LS_ROLE_MUTED, "NAME");
    cells_put(&cells, widths[COLUMN_POLICY], LS_ROLE_MUTED, "POLICY");
    cells_put(&cells, widths[COLUMN_BY], LS_ROLE_MUTED, "BY");
    cells_put(&cells, widths[COLUMN_BEGAN], LS_ROLE_MUTED, "BEGAN");
    cells_put(&cells, widths[COLUMN_BAR], LS_ROLE_MUTED,
              widths[COLUMN_BAR] >= 35   ? "= done > sent . queued x fail ? unk"
              : widths[COLUMN_BAR] >= 18 ? "=ok >sent .w xfail"
                                         : "= > . x ?");
    cells_right(&cells, widths[COLUMN_DONE], LS_ROLE_MUTED, "DONE/ALL");
    cells_put(&cells, widths[COLUMN_LEFT], LS_ROLE_MUTED, "LEFT");
    cells_put(&cells, widths[COLUMN_STATE], LS_ROLE_MUTED, "STATE");
}

static void
write_left(const struct ls_ui *ui, const struct ls_batch_row *row, char *out, size_t out_bytes)
{
    char age[LS_FORMAT_BYTES];
    const int64_t left_ms = ls_batch_left_ms(row, pause_shown_now(ui));
    (void)snprintf(out, out_bytes, "-");
    if (left_ms < 0) return;
    ls_format_age(left_ms, age);
    (void)snprintf(out, out_bytes, "~%s", age);
}

static void draw_row(struct view view, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_batch_row *row = &ui->batches.page.rows[index];
    const bool is_here = (int64_t)index == ui->batches.cursor.at;
    const bool is_over = row->state == LS_BATCH_FINISHED || row->state == LS_BATCH_COMPENSATED;
    const enum ls_role role = is_over ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    int32_t widths[BATCH_COLUMNS];
    const int32_t flex = widths_of(view, widths);
    struct bar_part parts[BATCH_PARTS];
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES * 2];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "B-%" PRId64, row->id);
    cells_put(&cells, widths[COLUMN_ID], role, text);
    cells_put(&cells, flex, role, row->name);
    const int32_t name_end = cells.column - 1;
    cells_put(&cells, widths[COLUMN_POLICY], role, ls_batch_policy_name(row->policy));
    cells_put(&cells, widths[COLUMN_BY], role, row->opened_by);
    moment_text(ui, row->opened_ms, text);
    cells_put(&cells, widths[COLUMN_BEGAN], role, text);
    cells_bar(&cells, widths[COLUMN_BAR], parts, parts_of(row, parts));
    (void)snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, row->done, row->total);
    cells_right(&cells, widths[COLUMN_DONE], role, text);
    write_left(ui, row, text, sizeof text);
    cells_put(&cells, widths[COLUMN_LEFT], role, text);
    cells_put(&cells, widths[COLUMN_STATE], word_role(row), ls_batch_word(row));
    if (is_here) view_select(view, at_row, name_end - view.area.column);
}

static void draw_causes(struct view *view, const struct ls_batch_detail *detail)
{
    const int32_t most = 3;
    const int32_t count = (int32_t)detail->cause_count;
    struct ls_span span = ls_rect_line(view->area, 0, 1);
    if (detail->cause_count == 0) {
        (void)ls_grid_text(view->grid, span, LS_ROLE_MUTED, "Nothing of it failed or is held.");
        view->area = rect_rows(view->area, 1, view->area.rows);
        return;
    }
    const bool wide = view->area.columns >= 96;
    for (int32_t i = -1; i < most && i < count; i++) {
        struct cells cells = view_cells(*view, i + 1);
        const struct ls_cause_row *cause = i < 0 ? NULL : &detail->causes[i];
        char title[LS_CAUSE_WORDS_BYTES] = "CAUSE";
        char outcome[LS_CAUSE_OUTCOME_BYTES] = "OUTCOME ON CHAIN";
        char number[LS_FORMAT_BYTES] = "OPS";
        char oldest[LS_FORMAT_BYTES] = "OLDEST";
        char words[LS_CAUSE_ADVICE_BYTES + 8] = "SUGGESTED";
        if (cause != NULL) {
            const bool is_failed = cause->state == LS_STATE_FAILED;
            ls_cause_title(cause, title);
            ls_cause_outcome(cause, outcome);
            ls_format_short_count(cause->count, number);
            ls_format_age(pause_shown_now(view->ui) - cause->oldest_ms, oldest);
            key_words(view->ui,
                      ls_cause_is_unknown(cause) ? "{open}  {verify} verify, {resolve} resolve"
                      : is_failed                ? "{retry-batch}  retry what failed"
                                                 : "{open}  {hold} release",
                      words, sizeof words);
        }
        const enum ls_role role = cause == NULL ? LS_ROLE_MUTED : LS_ROLE_TEXT;
        cells_right(&cells, 5, role, number);
        cells_put(&cells, view->area.columns - 2 - 6 - 20 - (wide ? 7 : 0) - 28, role, title);
        cells_put(&cells, wide ? 6 : 0, role, oldest);
        cells_put(&cells, 19,
                  cause != NULL && ls_cause_is_unknown(cause) ? LS_ROLE_SEV_CRITICAL : role,
                  outcome);
        cells_put(&cells, 27, cause == NULL ? role : LS_ROLE_KEY, words);
    }
    const int32_t used = 1 + (count < most ? count : most);
    view->area = rect_rows(view->area, used, view->area.rows - used);
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
                       row->done, row->queued > 0 ? ", and cancel what has not begun." : ".");
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

static void draw_spark(struct view view, const struct ls_batch_detail *detail)
{
    char spark[3 * SPARK_CELLS + 1];
    if (!detail->has_minutes) {
        line(&view, LS_ROLE_MUTED, "Done per minute is not read for a batch this large.");
        return;
    }
    const size_t cells = view.area.columns >= 96 ? SPARK_CELLS : 40;
    const struct ls_series series = {detail->minutes, LS_FACTS_MINUTES, 0};
    ls_format_spark(series, cells, view.ui->options.is_ascii, spark, sizeof spark);
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "Done/min, %zu min ", cells);
    span.column = ls_grid_text(view.grid, span, LS_ROLE_GRAPH_1, spark);
    (void)ls_grid_printf(view.grid, span, LS_ROLE_TEXT, " %" PRId64 " now",
                         detail->minutes[LS_FACTS_MINUTES - 1]);
}

static void draw_pane(struct view view, const struct ls_batch_row *chosen)
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
    draw_spark(view, detail);
}

static void empty_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct batches *batches = &ui->batches;
    if (batches->why[0] != '\0' || !batches->has_page) {
        (void)snprintf(out, out_bytes, "%s",
                       batches->why[0] != '\0' ? batches->why : ui_reading_words(ui));
        return;
    }
    key_words(ui,
              batches->filter_text[0] != '\0'
                  ? "No batch matches this filter; {back} clears it."
                  : "No batch was opened yet: lockstep batch open NAME --policy POLICY, or "
                    "lockstep.batch_open() in SQL.",
              out, out_bytes);
}

void view_batches(struct view view)
{
    const struct batches *batches = &view.ui->batches;
    const struct ls_batch_row *chosen = batches_row(view.ui);
    const struct ls_rect body = view.area;
    const int32_t pane = chosen == NULL ? 0 : pane_rows(body);
    draw_crumb(view);
    view.area = rect_rows(body, 1, body.rows - 1 - pane);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    draw_titles(view);
    if (batches->page.count == 0) {
        struct view note = view;
        note.area = rect_rows(view.area, 1, view.area.rows - 1);
        note.area.column += 1;
        note.area.columns -= 2;
        char words[LS_WHY_BYTES];
        empty_words(view.ui, words, sizeof words);
        (void)view_wrap(note, LS_ROLE_MUTED, words);
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        const size_t index = (size_t)batches->cursor.top + (size_t)row - 1;
        if (index >= batches->page.count) break;
        draw_row(view, row, index);
    }
    if (pane == 0) return;
    view.area = rect_rows(body, body.rows - pane, pane);
    draw_pane(view, chosen);
}
