#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "command.h"
#include "view_list.h"

/* What a bar's signs mean. */
#define BAR_WORDS "= done > sent . waiting x failed - refused + landed ? unknown"

enum { PANE_ROWS = 9, PANE_FROM = 19, BULK_PARTS = 7 };
enum { TARGET_CELLS = 14, LABEL_CELLS = 10, BAR_LEAST = 10, BAR_MOST = 80, ROOMY = 90 };
enum bulk_column {
    COLUMN_CURSOR,
    COLUMN_ID,
    COLUMN_ACTION,
    COLUMN_WHAT,
    COLUMN_BY,
    COLUMN_BEGAN,
    COLUMN_BAR,
    COLUMN_DONE,
    COLUMN_RATE,
    COLUMN_CANARY,
    COLUMN_AGAIN,
    COLUMN_STATE,
    BULK_COLUMNS
};

static int32_t pane_rows(const struct ls_ui *ui, struct ls_rect body)
{
    return body.rows >= PANE_FROM && !ui->bulks.is_open ? PANE_ROWS : 0;
}

int64_t bulks_visible(const struct ls_ui *ui, struct ls_rect body)
{
    int32_t rows = body.rows - pane_rows(ui, body) - 4; /* crumb, border, titles */
    return rows > 0 ? rows : 1;
}

static size_t parts_of(const struct ls_bulk_row *row, struct bar_part parts[BULK_PARTS])
{
    const struct bar_part all[BULK_PARTS] = {
        {row->done, '=', LS_ROLE_STATE_DONE},         {row->sent, '>', LS_ROLE_STATE_SUBMITTED},
        {row->waiting, '.', LS_ROLE_STATE_READY},     {row->failed, 'x', LS_ROLE_STATE_FAILED},
        {row->refused, '-', LS_ROLE_STATE_CANCELLED}, {row->landed, '+', LS_ROLE_SEV_WARNING},
        {row->doubt, '?', LS_ROLE_STATE_HELD},
    };
    memcpy(parts, all, sizeof all);
    return BULK_PARTS;
}

static enum ls_role state_role(enum ls_bulk_state state)
{
    switch (state) {
    case LS_BULK_RUNNING:
    case LS_BULK_CANARY: return LS_ROLE_TEXT;
    case LS_BULK_PAUSED: return LS_ROLE_SEV_WARNING;
    case LS_BULK_FINISHED: return LS_ROLE_STATE_DONE;
    case LS_BULK_ABORTED: return LS_ROLE_STATE_FAILED;
    }
    return LS_ROLE_TEXT;
}

/* Of what settled, how much failed again with the same cause. */
static int64_t repeat_percent(const struct ls_bulk_row *row)
{
    const int64_t settled = row->done + row->failed;
    return settled == 0 ? 0 : row->repeats * 100 / settled;
}

static const char *canary_words(const struct ls_bulk_row *row)
{
    if (row->canary == 0) return "none";
    if (row->state == LS_BULK_PAUSED && row->sent == 0 && row->failed > 0 &&
        row->done + row->failed + row->refused <= row->canary)
        return "failed";
    if (row->is_canary) return "waiting";
    return row->canary >= row->total ? "all of it" : "over";
}

/* What it is about has the cells that it needs, the bar the rest. */
static void share(int32_t rest, int32_t wanted, int32_t widths[BULK_COLUMNS])
{
    const int32_t most = rest - BAR_LEAST - 1;
    widths[COLUMN_WHAT] = wanted < most ? wanted : most;
    const int32_t left = rest - widths[COLUMN_WHAT] - 1;
    widths[COLUMN_BAR] = left < BAR_MOST ? left : BAR_MOST;
}

static void widths_of(struct view view, int32_t widths[BULK_COLUMNS])
{
    const struct ls_bulk_page *page = &view.ui->bulks.page;
    const int32_t columns = view.area.columns;
    int32_t what = 7;
    char text[LS_FORMAT_BYTES * 2];
    memset(widths, 0, sizeof(int32_t) * BULK_COLUMNS);
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_ID] = 4;
    widths[COLUMN_ACTION] = 6;
    widths[COLUMN_BY] = columns >= 116 ? 3 : 0;
    widths[COLUMN_BEGAN] = columns >= 130 ? moment_cells(view.ui) + 1 : 0;
    widths[COLUMN_DONE] = 8;
    widths[COLUMN_RATE] = columns >= 110 ? 5 : 0;
    widths[COLUMN_CANARY] = columns >= ROOMY ? 7 : 0;
    widths[COLUMN_AGAIN] = columns >= 76 ? 5 : 0;
    widths[COLUMN_STATE] = 8;
    for (size_t i = 0; i < page->count; i++) {
        const struct ls_bulk_row *row = &page->rows[i];
        fit_cells(&widths[COLUMN_ACTION], ls_verb_name(row->verb), 10);
        fit_cells(&what, row->filter, columns);
        if (widths[COLUMN_BY] > 0) fit_cells(&widths[COLUMN_BY], row->actor, 12);
        (void)snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, row->done, row->total);
        fit_cells(&widths[COLUMN_DONE], text, 15);
    }
    if (widths[COLUMN_RATE] > 0) widths[COLUMN_RATE]++; /* numbers beside words */
    if (widths[COLUMN_RATE] == 0) widths[COLUMN_DONE]++;
    if (widths[COLUMN_AGAIN] > 0) widths[COLUMN_AGAIN]++;
    if (columns >= ROOMY) widths[COLUMN_ACTION]++;
    share(flex_cells(columns, widths, BULK_COLUMNS) - 1, what, widths);
}

/* Numbers end one cell before the column does, where words follow. */
static void put(struct cells *cells,
                const int32_t widths[BULK_COLUMNS],
                enum bulk_column column,
                enum ls_role role,
                const char *text)
{
    const bool is_last = column == COLUMN_RATE || column == COLUMN_AGAIN ||
                         (column == COLUMN_DONE && widths[COLUMN_RATE] == 0);
    if (widths[column] == 0) return;
    if (column == COLUMN_ID || column == COLUMN_DONE || is_last) {
        cells_right(cells, widths[column] - (is_last ? 1 : 0), role, text);
        cells->column += is_last ? 1 : 0;
    } else {
        cells_put(cells, widths[column], role, text);
    }
}

static void draw_titles(struct view view, const int32_t widths[BULK_COLUMNS])
{
    static const char *const titles[BULK_COLUMNS] = {"",     "JOB",    "ACTION",   "ON WHAT",
                                                     "BY",   "BEGAN",  "PROGRESS", "DONE/ALL",
                                                     "RATE", "CANARY", "AGAIN",    "STATE"};
    struct cells cells = view_cells(view, 0);
    for (int i = 0; i < BULK_COLUMNS; i++)
        put(&cells, widths, (enum bulk_column)i, LS_ROLE_MUTED, titles[i]);
}

static void draw_row(struct view view, const int32_t *widths, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_bulk_row *row = &ui->bulks.page.rows[index];
    const bool is_here = (int64_t)index == ui->bulks.cursor.at;
    const enum ls_role role = row->state >= LS_BULK_FINISHED ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    struct bar_part parts[BULK_PARTS];
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES * 2];
    put(&cells, widths, COLUMN_CURSOR, LS_ROLE_KEY,
        is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "%" PRId64, row->id);
    put(&cells, widths, COLUMN_ID, role, text);
    put(&cells, widths, COLUMN_ACTION, role, ls_verb_name(row->verb));
    put(&cells, widths, COLUMN_WHAT, role, row->filter);
    const int32_t name_end = cells.column - 1;
    put(&cells, widths, COLUMN_BY, role, row->actor);
    moment_text(ui, row->created_ms, text);
    put(&cells, widths, COLUMN_BEGAN, role, text);
    cells_bar(&cells, widths[COLUMN_BAR], parts, parts_of(row, parts));
    (void)snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, row->done, row->total);
    put(&cells, widths, COLUMN_DONE, role, text);
    (void)snprintf(text, sizeof text, "%" PRId32 "/s", row->rate);
    put(&cells, widths, COLUMN_RATE, role, text);
    put(&cells, widths, COLUMN_CANARY,
        strcmp(canary_words(row), "failed") == 0 ? LS_ROLE_STATE_FAILED : role,
        canary_words(row));
    (void)snprintf(text, sizeof text, "%" PRId64 "%%", repeat_percent(row));
    put(&cells, widths, COLUMN_AGAIN,
        row->repeats > 0 && row->state < LS_BULK_FINISHED ? LS_ROLE_SEV_WARNING : role, text);
    put(&cells, widths, COLUMN_STATE, state_role(row->state), ls_bulk_state_name(row->state));
    if (is_here) view_select(view, at_row, name_end - view.area.column);
}

static enum ls_role target_role(enum ls_bulk_target_state state)
{
    switch (state) {
    case LS_BULK_TARGET_WAITING: return LS_ROLE_MUTED;
    case LS_BULK_TARGET_SENT: return LS_ROLE_STATE_SUBMITTED;
    case LS_BULK_TARGET_DONE: return LS_ROLE_STATE_DONE;
    case LS_BULK_TARGET_FAILED: return LS_ROLE_STATE_FAILED;
    case LS_BULK_TARGET_REFUSED:
    case LS_BULK_TARGET_LANDED: return LS_ROLE_SEV_WARNING;
    case LS_BULK_TARGET_DOUBT: return LS_ROLE_STATE_HELD;
    }
    return LS_ROLE_TEXT;
}

/* One target as a row of `view`. */
static void draw_target(struct view view, int32_t at_row, size_t index, bool is_here)
{
    const struct ls_bulk_target_row *target = &view.ui->bulks.targets.rows[index];
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES];
    cells_put(&cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "%" PRId64, target->op.value);
    cells_right(&cells, 9, LS_ROLE_TEXT, text);
    cells_put(&cells, view.area.columns >= 96 ? 30 : 18, LS_ROLE_TEXT, target->key);
    cells_put(&cells, TARGET_CELLS, target_role(target->state),
              ls_bulk_target_state_name(target->state));
    if (view.area.columns >= 76) {
        text[0] = '\0';
        if (target->acted_ms != 0) moment_text(view.ui, target->acted_ms, text);
        cells_put(&cells, moment_cells(view.ui), LS_ROLE_TEXT, text);
    }
    const int32_t rest = cells.end - cells.column;
    cells_put(&cells, rest, LS_ROLE_TEXT, short_cause(target->why, rest));
    if (is_here) view_select(view, at_row, 12);
}

static void pane_line(struct view view, int32_t row, const char *label, const char *text)
{
    struct ls_span span = ls_rect_line(view.area, row, 1);
    span.column = ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%-9s", label) + 1;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, text);
}

/* On as many rows as it needs; the rows used. */
static int32_t pane_text(struct view view, int32_t row, const char *label, const char *text)
{
    pane_line(view, row, label, "");
    view.area = rect_rows(view.area, row, view.area.rows);
    view.area.column += LABEL_CELLS + 1;
    view.area.columns -= LABEL_CELLS + 2;
    return view_wrap(view, LS_ROLE_TEXT, text);
}

/* How fast, how carefully, and what it left alone from the beginning. */
static void write_how(const struct ls_bulk_row *row, char *out, size_t out_bytes)
{
    int used =
        snprintf(out, out_bytes,
                 "%" PRId32 " a second, canary of %" PRId32 " (%s), aborts above %" PRId32 "%%",
                 row->rate, row->canary, canary_words(row), row->abort_above);
    if (row->left_out > 0)
        used += snprintf(out + used, out_bytes - (size_t)used,
                         "; left out %" PRId64 " by state", row->left_out);
    if (row->left_unknown > 0)
        (void)snprintf(out + used, out_bytes - (size_t)used, "%s%" PRId64 " UNKNOWN",
                       row->left_out > 0 ? ", " : "; left out ", row->left_unknown);
}

static void write_now(const struct ls_bulk_row *row, char *out, size_t out_bytes)
{
    char words[LS_BULK_WORDS_BYTES];
    ls_bulk_words(row, words);
    (void)snprintf(out, out_bytes, "%s%s%s",
                   row->why[0] == '\0' ? ls_bulk_state_name(row->state) : row->why,
                   words[0] == '\0' ? "" : "; ", words);
}

static void draw_pane(struct view view, const struct ls_bulk_row *row)
{
    const struct bulks *bulks = &view.ui->bulks;
    char text[LS_REASON_BYTES_MAX + LS_FILTER_BYTES_MAX + 128];
    const int64_t counts[] = {row->done, row->total, row->sent, row->failed, row->refused};
    char numbers[sizeof counts / sizeof counts[0]][LS_FORMAT_BYTES];
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        ls_format_count(counts[i], numbers[i]);
    (void)snprintf(text, sizeof text,
                   "job %" PRId64 ": %s of %s done, %s sent, %s failed again, %s refused",
                   row->id, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
    char opens[64];
    key_words(view.ui, "{open} its targets", opens, sizeof opens);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, text, opens);
    (void)snprintf(text, sizeof text, "%s  by %s: %s", row->filter, row->actor, row->reason);
    pane_line(view, 0, "what", text);
    write_how(row, text, sizeof text);
    pane_line(view, 1, "how", text);
    write_now(row, text, sizeof text);
    const int32_t used = 2 + pane_text(view, 2, "now", text);
    if (!bulks->has_targets || bulks->targets.bulk != row->id) return;
    for (size_t i = 0; i < bulks->targets.count; i++) {
        const int32_t at_row = used + (int32_t)i;
        if (at_row >= view.area.rows) break;
        draw_target(view, at_row, i, false);
    }
}

static void draw_crumb(struct view view)
{
    const struct ls_ui *ui = view.ui;
    const struct bulks *bulks = &ui->bulks;
    const struct ls_bulk_row *row = bulks_row(ui);
    char where[96];
    char words[64];
    char note[64];
    (void)snprintf(where, sizeof where, "Bulk");
    words[0] = '\0';
    if (bulks->page.count > 0)
        (void)snprintf(words, sizeof words, "%zu shown%s", bulks->page.count,
                       bulks->page.has_more ? ", {page-down} for more" : ", newest first");
    if (bulks->is_open && row != NULL) {
        (void)snprintf(where, sizeof where, "Bulk > job %" PRId64 " %s", row->id,
                       ls_verb_name(row->verb));
        (void)snprintf(words, sizeof words, "%zu of %" PRId64 " targets%s",
                       bulks->targets.count, row->total,
                       bulks->targets.has_more ? ", {page-down} for more" : "");
    }
    key_words(ui, words, note, sizeof note);
    view_crumb(view, where, note, LS_ROLE_MUTED);
}

static void draw_targets(struct view view)
{
    const struct bulks *bulks = &view.ui->bulks;
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, 1, LS_ROLE_MUTED, "");
    cells_right(&cells, 9, LS_ROLE_MUTED, "OP");
    cells_put(&cells, view.area.columns >= 96 ? 30 : 18, LS_ROLE_MUTED, "KEY");
    cells_put(&cells, TARGET_CELLS, LS_ROLE_MUTED, "RESULT");
    if (view.area.columns >= 76)
        cells_put(&cells, moment_cells(view.ui), LS_ROLE_MUTED, "ACTED");
    cells_put(&cells, cells.end - cells.column, LS_ROLE_MUTED, "WHY");
    if (!bulks->has_targets) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 1, 1), LS_ROLE_MUTED,
                           ui_reading_words(view.ui));
        return;
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        const size_t index = (size_t)bulks->target.top + (size_t)row - 1;
        if (index >= bulks->targets.count) break;
        draw_target(view, row, index, (int64_t)index == bulks->target.at);
    }
}

static void empty_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    if (ui->bulks.why[0] != '\0' || !ui->bulks.has_page) {
        (void)snprintf(out, out_bytes, "%s",
                       ui->bulks.why[0] != '\0' ? ui->bulks.why : ui_reading_words(ui));
        return;
    }
    key_words(ui,
              "No bulk job was made yet: in a listing {mark-all}, {mark-all} again, then "
              "{retry}, {compensate}, {hold} or {cancel}; or lockstep bulk start.",
              out, out_bytes);
}

void view_bulks(struct view view)
{
    const struct bulks *bulks = &view.ui->bulks;
    const struct ls_bulk_row *chosen = bulks_row(view.ui);
    const struct ls_rect body = view.area;
    const int32_t pane = chosen == NULL ? 0 : pane_rows(view.ui, body);
    draw_crumb(view);
    view.area = rect_rows(body, 1, body.rows - 1 - pane);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "",
                            bulks->is_open ? "" : BAR_WORDS);
    if (bulks->is_open && chosen != NULL) {
        draw_targets(view);
        return;
    }
    int32_t widths[BULK_COLUMNS];
    widths_of(view, widths);
    draw_titles(view, widths);
    if (bulks->page.count == 0) {
        struct view note = view;
        note.area = rect_rows(view.area, 1, view.area.rows - 1);
        note.area.column += 1;
        note.area.columns -= 2;
        char words[LS_WHY_BYTES];
        empty_words(view.ui, words, sizeof words);
        (void)view_wrap(note, LS_ROLE_MUTED, words);
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        const size_t index = (size_t)bulks->cursor.top + (size_t)row - 1;
        if (index >= bulks->page.count) break;
        draw_row(view, widths, row, index);
    }
    if (pane == 0) return;
    view.area = rect_rows(body, body.rows - pane, pane);
    draw_pane(view, chosen);
}
