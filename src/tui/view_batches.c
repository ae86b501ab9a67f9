#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bar.h"
#include "command.h"

/* What a bar's signs mean. */
#define BAR_WORDS       "= done > sent . queued x failed ? unknown h held - undone"
#define BAR_WORDS_SHORT "= done > sent . queued x failed ? unknown"

enum {
    PANE_ROWS = 10,
    PANE_ROWS_TALL = 12,
    PANE_FROM = 19,
    TALL_FROM = 30,
    BAR_MOST = 80,
    ROOMY = 96,
    BATCH_PARTS = 7
};
enum batch_column {
    COLUMN_CURSOR,
    COLUMN_ID,
    COLUMN_NAME,
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
    words[0] = '\0';
    if (batches->page.count > 0)
        (void)snprintf(words, sizeof words, "%zu shown%s%s", batches->page.count,
                       batches->page.has_more ? ", {page-down} for more" : ", newest first",
                       paused > 0 ? ", PAUSED ones among them" : "");
    key_words(view.ui, words, note, sizeof note);
    view_crumb(view, where, note, paused > 0 ? LS_ROLE_SEV_WARNING : LS_ROLE_MUTED);
}

static void
write_left(const struct ls_ui *ui, const struct ls_batch_row *row, char *out, size_t out_bytes)
{
    char age[LS_FORMAT_BYTES];
    const int64_t left_ms = ls_batch_left_ms(row, pause_shown_now(ui));
    out[0] = '\0';
    if (left_ms < 0) return;
    ls_format_age(left_ms, age);
    (void)snprintf(out, out_bytes, "~%s", age);
}

/* How it is, and since when it is over. */
static void
write_state(const struct ls_ui *ui, const struct ls_batch_row *row, char *out, size_t out_bytes)
{
    char at[LS_FORMAT_BYTES];
    (void)snprintf(out, out_bytes, "%s", ls_batch_word(row));
    if (row->ended_ms <= 0 || ui->columns < COLUMNS_FULL) return;
    moment_text(ui, row->ended_ms, at);
    (void)snprintf(out, out_bytes, "%s %.10s%s", ls_batch_word(row), at,
                   ui->time_mode == SHOW_AGE ? " ago" : "");
}

/* Columns are as wide as what stands in them: the bar has the rest. */
static void widths_of(struct view view, int32_t widths[BATCH_COLUMNS])
{
    const struct ls_ui *ui = view.ui;
    const struct ls_batch_page *page = &ui->batches.page;
    const int32_t columns = view.area.columns;
    const int32_t name_most = columns >= 130  ? 40
                              : columns >= 96 ? 26
                              : columns >= 76 ? 18
                                              : 14;
    char text[LS_FORMAT_BYTES * 2];
    memset(widths, 0, sizeof(int32_t) * BATCH_COLUMNS);
    widths[COLUMN_CURSOR] = 1;
    widths[COLUMN_ID] = 5;
    widths[COLUMN_NAME] = 4;
    widths[COLUMN_POLICY] = columns >= 110 ? 11 : 0;
    widths[COLUMN_BY] = columns >= 130 ? 3 : 0;
    widths[COLUMN_BEGAN] = columns >= 76 ? moment_cells(ui) + 1 : 0;
    widths[COLUMN_DONE] = 8;
    widths[COLUMN_LEFT] = columns >= 76 ? 5 : 0;
    widths[COLUMN_STATE] = 8;
    for (size_t i = 0; i < page->count; i++) {
        const struct ls_batch_row *row = &page->rows[i];
        (void)snprintf(text, sizeof text, "B-%" PRId64, row->id);
        fit_cells(&widths[COLUMN_ID], text, 12);
        fit_cells(&widths[COLUMN_NAME], row->name, name_most);
        if (widths[COLUMN_BY] > 0) fit_cells(&widths[COLUMN_BY], row->opened_by, 16);
        (void)snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, row->done, row->total);
        fit_cells(&widths[COLUMN_DONE], text, 15);
        write_state(ui, row, text, sizeof text);
        fit_cells(&widths[COLUMN_STATE], text, 20);
    }
    widths[COLUMN_DONE]++; /* beside what is left */
    const int32_t rest = flex_cells(columns, widths, BATCH_COLUMNS) - 1;
    widths[COLUMN_BAR] = rest < BAR_MOST ? rest : BAR_MOST;
}

static void put_done(struct cells *cells, int32_t width, enum ls_role role, const char *text)
{
    cells_right(cells, width - 1, role, text);
    cells->column++;
}

static void draw_titles(struct view view, const int32_t widths[BATCH_COLUMNS])
{
    static const char *const titles[BATCH_COLUMNS] = {
        "", "BATCH", "NAME", "POLICY", "BY", "BEGAN", "PROGRESS", "DONE/ALL", "LEFT", "STATE"};
    struct cells cells = view_cells(view, 0);
    for (int i = 0; i < BATCH_COLUMNS; i++) {
        if (i == COLUMN_DONE)
            put_done(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
        else
            cells_put(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
    }
}

static void draw_row(struct view view, const int32_t *widths, int32_t at_row, size_t index)
{
    const struct ls_ui *ui = view.ui;
    const struct ls_batch_row *row = &ui->batches.page.rows[index];
    const bool is_here = (int64_t)index == ui->batches.cursor.at;
    const bool is_over = row->state == LS_BATCH_FINISHED || row->state == LS_BATCH_COMPENSATED;
    const enum ls_role role = is_over ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    struct bar_part parts[BATCH_PARTS];
    struct cells cells = view_cells(view, at_row);
    char text[LS_FORMAT_BYTES * 2];
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_KEY,
              is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
    (void)snprintf(text, sizeof text, "B-%" PRId64, row->id);
    cells_put(&cells, widths[COLUMN_ID], role, text);
    cells_put(&cells, widths[COLUMN_NAME], role, row->name);
    const int32_t name_end = cells.column - 1;
    cells_put(&cells, widths[COLUMN_POLICY], role, ls_batch_policy_name(row->policy));
    cells_put(&cells, widths[COLUMN_BY], role, row->opened_by);
    moment_text(ui, row->opened_ms, text);
    cells_put(&cells, widths[COLUMN_BEGAN], role, text);
    cells_bar(&cells, widths[COLUMN_BAR], parts, parts_of(row, parts));
    (void)snprintf(text, sizeof text, "%" PRId64 "/%" PRId64, row->done, row->total);
    put_done(&cells, widths[COLUMN_DONE], role, text);
    write_left(ui, row, text, sizeof text);
    cells_put(&cells, widths[COLUMN_LEFT], role, text);
    write_state(ui, row, text, sizeof text);
    cells_put(&cells, widths[COLUMN_STATE], word_role(row), text);
    if (is_here) view_select(view, at_row, name_end - view.area.column);
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
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "",
                            view.area.columns >= COLUMNS_FULL ? BAR_WORDS : BAR_WORDS_SHORT);
    int32_t widths[BATCH_COLUMNS];
    widths_of(view, widths);
    draw_titles(view, widths);
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
        draw_row(view, widths, row, index);
    }
    if (pane == 0) return;
    view.area = rect_rows(body, body.rows - pane, pane);
    view_batch_pane(view, chosen);
}
