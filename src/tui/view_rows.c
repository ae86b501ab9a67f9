#include "view_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"
#include "lockstep/core/fate.h"

#include "command.h"
#include "view_list.h"

/* Columns from where on there is more: the kind and tries, the cause, air between the columns,
 * what else is known of each. */
enum { KIND_FROM = 78, CAUSE_FROM = 96, AIR_FROM = 110, STATE_FROM = 120, ALL_FROM = 150 };
enum { KEY_LEAST = 12, KEY_MOST = 40, CAUSE_LEAST = 12, STATE_WIDE = 22, ENTITY_MOST = 20 };
enum { TEXT_BYTES = LS_CAUSE_BYTES_MAX + 1 };

/* What a row without a cause waits for; "" where that is no news. */
static const char *waits_for(const struct ls_op_row *row)
{
    const bool is_standing = row->is_stuck || row->state == LS_STATE_BLOCKED ||
                             row->state == LS_STATE_READY || row->state == LS_STATE_HELD;
    return is_standing ? ls_waits_for(row->state, row->sub) : "";
}

static void write_state(struct view view, const struct ls_op_row *row, char out[TEXT_BYTES])
{
    const bool is_short = view.area.columns < STATE_FROM;
    const bool is_ambiguous = row->sub == LS_SUB_AMBIGUOUS;
    const bool is_said = waits_for(row)[0] != '\0' && row->cause[0] == '\0';
    char words[48];
    state_words(row->state, (is_short || is_said) && !is_ambiguous ? LS_SUB_NONE : row->sub,
                words, sizeof words);
    if (is_short && is_ambiguous) (void)snprintf(words, sizeof words, "HELD ambig.");
    (void)snprintf(
        out, TEXT_BYTES, "%s %s",
        ui_glyph(view.ui, row->is_stuck ? LS_GLYPH_WARN : ls_glyph_of_state(row->state)),
        words);
}

/* What the row says in a column; its cursor and its outcome are drawn apart. */
static void
write_cell(struct view view, const struct ls_op_row *row, enum list_column column, char *out)
{
    out[0] = '\0';
    switch (column) {
    case COLUMN_OP: (void)snprintf(out, TEXT_BYTES, "%" PRId64, row->op.value); return;
    case COLUMN_KIND: (void)snprintf(out, TEXT_BYTES, "%s", ls_kind_name(row->kind)); return;
    case COLUMN_KEY: (void)snprintf(out, TEXT_BYTES, "%s", row->key); return;
    case COLUMN_STATE: write_state(view, row, out); return;
    case COLUMN_TRY:
        (void)snprintf(out, TEXT_BYTES, "%d/%d", row->attempts_made, row->attempts_max);
        return;
    case COLUMN_AGE: moment_text(view.ui, row->created_ms, out); return;
    case COLUMN_CHANGED: moment_text(view.ui, row->updated_ms, out); return;
    case COLUMN_CAUSE:
        (void)snprintf(out, TEXT_BYTES, "%s",
                       row->cause[0] == '\0' ? waits_for(row) : row->cause);
        return;
    case COLUMN_ENTITY: (void)snprintf(out, TEXT_BYTES, "%s", row->entity); return;
    case COLUMN_BATCH:
        if (row->batch != 0) (void)snprintf(out, TEXT_BYTES, "B-%" PRId64, row->batch);
        return;
    case COLUMN_SIGNATURE: ls_short_address(row->signature, out); return;
    case COLUMN_CURSOR:
    case COLUMN_CHAIN:
    case LIST_COLUMNS: break;
    }
}

static const char *title_of(const struct ls_ui *ui, enum list_column column)
{
    switch (column) {
    case COLUMN_OP: return "OP";
    case COLUMN_KIND: return "KIND";
    case COLUMN_KEY: return "KEY";
    case COLUMN_STATE: return "STATE";
    case COLUMN_TRY: return "TRY";
    case COLUMN_AGE: return ui->time_mode == SHOW_AGE ? "AGE" : "QUEUED";
    case COLUMN_CHANGED: return "CHANGED";
    case COLUMN_CAUSE: return "CAUSE";
    case COLUMN_CHAIN: return ui->screen == SCREEN_QUEUE ? "ON CHAIN" : "RETRY IS";
    case COLUMN_ENTITY: return "ENTITY";
    case COLUMN_BATCH: return "BATCH";
    case COLUMN_SIGNATURE: return "SIGNATURE";
    case COLUMN_CURSOR:
    case LIST_COLUMNS: break;
    }
    return "";
}

/* The title, with a mark where the rows are in its order: down from the largest. */
static void write_title(const struct ls_ui *ui, enum list_column column, char *out)
{
    const enum ls_op_sort sort = ui_list_const(ui)->sort;
    const char *mark = "";
    const bool is_down = (column == COLUMN_OP && sort == LS_SORT_ID_DESC) ||
                         (column == COLUMN_AGE && sort == LS_SORT_AGE_DESC) ||
                         (column == COLUMN_CHANGED && sort == LS_SORT_UPDATED_DESC);
    if (is_down) mark = ui_glyph(ui, LS_GLYPH_MORE);
    if (column == COLUMN_OP && sort == LS_SORT_ID_ASC) mark = ui->options.is_ascii ? "^" : "▴";
    const bool is_letter = mark[0] == 'v'; /* in ASCII it would be one of the word's */
    (void)snprintf(out, TEXT_BYTES, "%s%s%s", title_of(ui, column), is_letter ? " " : "", mark);
}

/* As wide as the widest on this page, and as its title. */
static int32_t widest(struct view view, enum list_column column, int32_t least, int32_t most)
{
    const struct list *list = ui_list_const(view.ui);
    char text[TEXT_BYTES];
    int32_t width = least;
    write_title(view.ui, column, text);
    fit_cells(&width, text, most);
    for (size_t i = 0; i < list->count; i++) {
        write_cell(view, &list->rows[i], column, text);
        fit_cells(&width, text, most);
    }
    return width;
}

static bool is_any(struct view view, enum list_column column)
{
    const struct list *list = ui_list_const(view.ui);
    char text[TEXT_BYTES];
    for (size_t i = 0; i < list->count; i++) {
        write_cell(view, &list->rows[i], column, text);
        if (text[0] != '\0') return true;
    }
    return false;
}

static int32_t rest_of(struct view view, const struct list_layout *layout)
{
    int32_t airy[LIST_COLUMNS];
    for (int i = 0; i < LIST_COLUMNS; i++)
        airy[i] = layout->widths[i] > 0 ? layout->widths[i] + layout->air : 0;
    return flex_cells(view.area.columns, airy, LIST_COLUMNS) - layout->air;
}

/* Key and cause share what the others leave: the key has what it needs, and in Failed and Stuck
 * no more than half of it where the causes need the rest. Neither is wider than its texts: what
 * belongs together stays together. */
static void share(struct view view, struct list_layout *layout)
{
    const bool is_queue = view.ui->screen == SCREEN_QUEUE;
    int32_t *widths = layout->widths;
    const int32_t rest = rest_of(view, layout);
    widths[COLUMN_KEY] = rest;
    if (view.area.columns < CAUSE_FROM) return;
    const int32_t key = widest(view, COLUMN_KEY, KEY_LEAST, KEY_MOST);
    const int32_t cause = widest(view, COLUMN_CAUSE, CAUSE_LEAST, view.area.columns);
    const int32_t both = rest - 1 - layout->air;
    int32_t most = both - (is_queue ? CAUSE_LEAST : cause);
    if (most < rest / 2) most = rest / 2;
    widths[COLUMN_KEY] = key < most ? key : most;
    const int32_t left = both - widths[COLUMN_KEY];
    widths[COLUMN_CAUSE] = view.area.columns >= AIR_FROM && cause < left ? cause : left;
}

void list_lay_out(struct view view, struct list_layout *layout_out)
{
    const int32_t columns = view.area.columns;
    const bool is_failed = view.ui->screen == SCREEN_FAILED;
    struct list_layout layout = {.air = columns >= AIR_FROM ? 1 : 0};
    int32_t *widths = layout.widths;
    widths[COLUMN_CURSOR] = 2;
    widths[COLUMN_OP] = widest(view, COLUMN_OP, 4, 19);
    if (columns >= KIND_FROM)
        widths[COLUMN_KIND] = widest(view, COLUMN_KIND, 6, columns >= STATE_FROM ? 17 : 14);
    widths[COLUMN_STATE] = is_failed ? 8 : 13;
    if (columns >= STATE_FROM && !is_failed)
        widths[COLUMN_STATE] = widest(view, COLUMN_STATE, 13, STATE_WIDE);
    widths[COLUMN_TRY] = columns >= KIND_FROM ? 5 : 0;
    widths[COLUMN_AGE] = moment_cells(view.ui);
    /* In the queue the state says it, too: where there is little room key and cause have it. */
    if (view.ui->screen != SCREEN_QUEUE || columns >= AIR_FROM)
        widths[COLUMN_CHAIN] = 12; /* "failed again" */
    if (columns >= ALL_FROM) {
        widths[COLUMN_CHANGED] = 9; /* its title with the mark, or a clock */
        if (is_any(view, COLUMN_ENTITY))
            widths[COLUMN_ENTITY] = widest(view, COLUMN_ENTITY, 6, ENTITY_MOST);
        if (is_any(view, COLUMN_BATCH))
            widths[COLUMN_BATCH] = widest(view, COLUMN_BATCH, 5, 12);
        if (is_any(view, COLUMN_SIGNATURE))
            widths[COLUMN_SIGNATURE] = widest(view, COLUMN_SIGNATURE, 9, LS_SHORT_BYTES);
    }
    share(view, &layout);
    *layout_out = layout;
}

static void put(struct cells *cells,
                const struct list_layout *layout,
                enum list_column column,
                enum ls_role role,
                const char *text)
{
    const int32_t width = layout->widths[column];
    if (width <= 0) return;
    if (column == COLUMN_OP) {
        cells_right(cells, width, role, text);
    } else {
        cells_put(cells, width, role, text);
    }
    cells->column += layout->air;
}

void list_titles(struct view view, const struct list_layout *layout)
{
    struct cells cells = view_cells(view, 0);
    char text[TEXT_BYTES];
    for (int i = 0; i < LIST_COLUMNS; i++) {
        write_title(view.ui, (enum list_column)i, text);
        put(&cells, layout, (enum list_column)i, LS_ROLE_MUTED, text);
    }
}

enum ls_role retry_role(enum ls_retry_is retry)
{
    if (retry == LS_RETRY_SAFE) return LS_ROLE_STATE_DONE;
    if (retry == LS_RETRY_FOUND || retry == LS_RETRY_ABSENT) return LS_ROLE_SEV_WARNING;
    return retry == LS_RETRY_UNKNOWN ? LS_ROLE_SEV_CRITICAL : LS_ROLE_MUTED;
}

/* Whether it can be sent again; in the queue what the ledger has of it; or what became of the
 * last action on it. */
static enum ls_role
write_outcome(struct view view, const struct ls_op_row *row, bool is_gone, char *out)
{
    const bool asks_retry = view.ui->screen != SCREEN_QUEUE;
    const enum ls_retry_is retry = ls_retry_of(row);
    if (recent_words(&view.ui->recent, row, view.ui->pause.now_ms, out, TEXT_BYTES))
        return LS_ROLE_SEV_INFO;
    const char *words = asks_retry ? ls_retry_word(retry) : chain_words(row);
    (void)snprintf(out, TEXT_BYTES, "%s", is_gone ? "moved on" : words);
    if (is_gone) return LS_ROLE_MUTED;
    return asks_retry ? retry_role(retry) : chain_role(row);
}

static bool is_news(struct view view, const struct ls_op_row *row, bool is_gone)
{
    char words[TEXT_BYTES];
    return is_gone ||
           recent_words(&view.ui->recent, row, view.ui->pause.now_ms, words, sizeof words);
}

static enum ls_role
role_of(const struct ls_op_row *row, enum list_column column, enum ls_role text_role)
{
    if (text_role == LS_ROLE_MUTED) return text_role;
    if (column == COLUMN_STATE) return ls_role_of_state(row->state);
    const bool is_aside = column == COLUMN_ENTITY || column == COLUMN_BATCH ||
                          column == COLUMN_SIGNATURE || column == COLUMN_CHANGED ||
                          (column == COLUMN_CAUSE && row->cause[0] == '\0');
    return is_aside ? LS_ROLE_MUTED : text_role;
}

void list_row_at(struct view view,
                 const struct list_layout *layout,
                 int32_t at_row,
                 size_t index)
{
    const struct list *list = ui_list_const(view.ui);
    const struct ls_op_row *row = &list->rows[index];
    const bool is_gone = list->is_gone[index];
    const bool is_here = (int64_t)index == list->cursor.at;
    const enum ls_role text_role = is_gone ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    struct cells cells = view_cells(view, at_row);
    int32_t name_end = 0;
    char text[TEXT_BYTES];
    (void)snprintf(text, sizeof text, "%s%s",
                   is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : " ",
                   list_is_marked(list, row->op) ? ui_glyph(view.ui, LS_GLYPH_MARK)
                   : is_gone                     ? ui_glyph(view.ui, LS_GLYPH_GONE)
                                                 : " ");
    put(&cells, layout, COLUMN_CURSOR, is_here ? LS_ROLE_TEXT : LS_ROLE_MARK, text);
    for (int i = COLUMN_OP; i < LIST_COLUMNS; i++) {
        const enum list_column column = (enum list_column)i;
        if (layout->widths[i] <= 0) continue;
        write_cell(view, row, column, text);
        enum ls_role role = role_of(row, column, text_role);
        /* Without a column of its own news stand where the state was. */
        if (column == COLUMN_CHAIN ||
            (column == COLUMN_STATE && layout->widths[COLUMN_CHAIN] == 0 &&
             is_news(view, row, is_gone)))
            role = write_outcome(view, row, is_gone, text);
        const char *said =
            column == COLUMN_CAUSE ? short_cause(text, layout->widths[COLUMN_CAUSE]) : text;
        put(&cells, layout, column, role, said);
        if (column == COLUMN_KEY) name_end = cells.column - 1 - layout->air;
    }
    if (is_here) view_select(view, at_row, name_end - view.area.column);
}
