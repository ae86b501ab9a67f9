#include "view_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum { PREVIEW_ROWS = 6, PREVIEW_FROM = 17, SEARCH_SAID_MS = 700 };
enum { KEY_LEAST = 12, CAUSE_LEAST = 10, CAUSE_FROM = 96 };
enum list_column {
    COLUMN_CURSOR,
    COLUMN_OP,
    COLUMN_KIND,
    COLUMN_KEY,
    COLUMN_STATE,
    COLUMN_TRY,
    COLUMN_AGE,
    COLUMN_CAUSE,
    COLUMN_CHAIN,
    LIST_COLUMNS
};

static int32_t preview_rows(struct ls_rect body)
{
    return body.rows >= PREVIEW_FROM ? PREVIEW_ROWS : 0;
}

int64_t list_visible(struct ls_rect body)
{
    int32_t rows = body.rows - preview_rows(body) - 4; /* crumb, border, titles */
    return rows > 0 ? rows : 1;
}

/* As wide as the largest id on this page, so that the key has the rest. */
static int32_t id_cells(const struct list *list)
{
    int64_t most = 9999;
    int32_t cells = 4;
    for (size_t i = 0; i < list->count; i++) {
        for (; list->rows[i].op.value > most; cells++) most = most * 10 + 9;
    }
    return cells;
}

/* Cells of the longest key on this page, and no less than its title wants. */
static int32_t key_cells(const struct list *list)
{
    int32_t most = KEY_LEAST;
    for (size_t i = 0; i < list->count; i++) {
        const char *key = list->rows[i].key;
        const int32_t cells = (int32_t)ls_gate_width(key, strlen(key));
        if (cells > most) most = cells;
    }
    return most;
}

static int32_t cause_cells(const struct list *list)
{
    int32_t most = CAUSE_LEAST;
    for (size_t i = 0; i < list->count; i++) {
        const char *cause = list->rows[i].cause;
        const int32_t cells = (int32_t)ls_gate_width(cause, strlen(cause));
        if (cells > most) most = cells;
    }
    return most;
}

/* Key and cause share what the others leave: the key has what it needs, and no more than half
 * of it where the causes need the rest. */
static void share(struct view view, int32_t widths[LIST_COLUMNS])
{
    const struct list *list = ui_list_const(view.ui);
    widths[COLUMN_KEY] = 0;
    widths[COLUMN_CAUSE] = 0;
    const int32_t rest = flex_cells(view.area.columns, widths, LIST_COLUMNS);
    widths[COLUMN_KEY] = rest;
    if (view.area.columns < CAUSE_FROM) return;
    const int32_t key = key_cells(list);
    const int32_t spare = rest - 1 - cause_cells(list);
    const int32_t most = spare > rest / 2 ? spare : rest / 2;
    widths[COLUMN_KEY] = key < most ? key : most;
    widths[COLUMN_CAUSE] = rest - widths[COLUMN_KEY] - 1;
}

static void widths_of(struct view view, int32_t widths[LIST_COLUMNS])
{
    int32_t columns = view.area.columns;
    widths[COLUMN_CURSOR] = 2;
    widths[COLUMN_OP] = id_cells(ui_list_const(view.ui));
    widths[COLUMN_KIND] = columns >= 120 ? 17 : columns >= 78 ? 14 : 0;
    widths[COLUMN_STATE] = columns >= 120 ? 22 : view.ui->screen == SCREEN_FAILED ? 8 : 13;
    widths[COLUMN_TRY] = columns >= 78 ? 5 : 0;
    widths[COLUMN_AGE] = moment_cells(view.ui);
    widths[COLUMN_CHAIN] = 12; /* "failed again" */
    share(view, widths);
}

static const char *sort_name(enum ls_op_sort sort)
{
    switch (sort) {
    case LS_SORT_ID_DESC: return "newest first";
    case LS_SORT_ID_ASC: return "oldest id first";
    case LS_SORT_AGE_DESC: return "oldest first";
    case LS_SORT_UPDATED_DESC: return "last change first";
    }
    return "";
}

/* What an index finds is there before one could read that it is searched for. */
static bool is_long_search(const struct ls_ui *ui, const struct list *list)
{
    return list->is_searching &&
           (list->count == 0 || ui->now_ms - list->began_ms > SEARCH_SAID_MS);
}

/* How the rows came to be what they are. */
static void
crumb_note(const struct ls_ui *ui, const struct list *list, char *note, size_t note_bytes)
{
    int percent = (int)list->looked_permille / 10;
    char words[96];
    char moment[LS_FORMAT_BYTES];
    if (is_long_search(ui, list)) {
        (void)snprintf(words, sizeof words, "searching, %d %% looked at; {back} stops",
                       percent);
        key_words(ui, words, note, note_bytes);
    } else if (list->is_slow && list->is_stopped) {
        (void)snprintf(words, sizeof words, "stopped, %d %% looked at; {refresh} starts anew",
                       percent);
        key_words(ui, words, note, note_bytes);
    } else if (list->is_slow) {
        moment_full(ui, list->found_wall_ms, moment);
        (void)snprintf(words, sizeof words, "read %s; {refresh} reads anew", moment);
        key_words(ui, words, note, note_bytes);
    } else if (list->is_held) {
        key_words(ui,
                  list->has_news ? "others match now; order held, {pause-view} resumes"
                                 : "order held, {pause-view} resumes",
                  note, note_bytes);
    } else {
        (void)snprintf(note, note_bytes, "%s", sort_name(list->sort));
    }
}

static void draw_crumb(struct view view, const struct list *list)
{
    const struct ls_ui *ui = view.ui;
    char where[LS_FILTER_BYTES_MAX + 160];
    char range[160] = "";
    int64_t visible = list_visible(view.area);
    int64_t first = list->cursor.top + 1;
    int64_t last = list->cursor.top + visible;
    if (last > (int64_t)list->count) last = (int64_t)list->count;
    int64_t before = (int64_t)list->page * LIST_PAGE;
    bool is_cause = list->cause_title[0] != '\0';
    if (batches_is_opened(ui)) {
        char batch[48];
        (void)snprintf(batch, sizeof batch, "batch:%" PRId64, ui->batches.opened_id);
        (void)snprintf(where, sizeof where, "Batches > B-%" PRId64 " %s%s",
                       ui->batches.opened_id, ui->batches.opened_name,
                       list->filter_text + strlen(batch));
    } else {
        (void)snprintf(where, sizeof where, "%s%s%s", screen_name(ui->screen),
                       is_cause                       ? " > "
                       : list->filter_text[0] == '\0' ? ""
                                                      : " / ",
                       is_cause ? list->cause_title : list->filter_text);
    }
    if (list->count > 0) {
        (void)snprintf(range, sizeof range, "   %" PRId64 "-%" PRId64 " of %" PRId64 "%s",
                       before + first, before + last, before + (int64_t)list->count,
                       list->has_more ? "+" : "");
    }
    if (list->is_all) {
        char number[LS_FORMAT_BYTES] = "";
        if (list->all_count >= 0) ls_format_count(list->all_count, number);
        (void)snprintf(range + strlen(range), sizeof range - strlen(range),
                       ", ALL %s%smatching", number, number[0] == '\0' ? "" : " ");
    } else if (list->mark_count > 0) {
        (void)snprintf(range + strlen(range), sizeof range - strlen(range), ", %zu marked",
                       list->mark_count);
    }
    char note[96];
    crumb_note(ui, list, note, sizeof note);
    bool is_news = list->is_held || list->is_slow || is_long_search(ui, list);
    view_crumb_of(view, (struct crumb){where, range, note},
                  is_news ? LS_ROLE_SEV_INFO : LS_ROLE_MUTED);
}

static void draw_titles(struct view view)
{
    int32_t widths[LIST_COLUMNS];
    widths_of(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[COLUMN_CURSOR], LS_ROLE_MUTED, "");
    cells_right(&cells, widths[COLUMN_OP], LS_ROLE_MUTED, "OP");
    cells_put(&cells, widths[COLUMN_KIND], LS_ROLE_MUTED, "KIND");
    cells_put(&cells, widths[COLUMN_KEY], LS_ROLE_MUTED, "KEY");
    cells_put(&cells, widths[COLUMN_STATE], LS_ROLE_MUTED, "STATE");
    cells_put(&cells, widths[COLUMN_TRY], LS_ROLE_MUTED, "TRY");
    cells_put(&cells, widths[COLUMN_AGE], LS_ROLE_MUTED,
              view.ui->time_mode == SHOW_AGE ? "AGE" : "ENQUEUED");
    cells_put(&cells, widths[COLUMN_CAUSE], LS_ROLE_MUTED, "CAUSE");
    cells_put(&cells, widths[COLUMN_CHAIN], LS_ROLE_MUTED,
              view.ui->screen == SCREEN_QUEUE ? "ON CHAIN" : "RETRY IS");
}

enum ls_role retry_role(enum ls_retry_is retry)
{
    if (retry == LS_RETRY_SAFE) return LS_ROLE_STATE_DONE;
    if (retry == LS_RETRY_FOUND || retry == LS_RETRY_ABSENT) return LS_ROLE_SEV_WARNING;
    return retry == LS_RETRY_UNKNOWN ? LS_ROLE_SEV_CRITICAL : LS_ROLE_MUTED;
}

static void write_state(
    struct view view, const struct ls_op_row *row, bool is_short, char *out, size_t out_bytes)
{
    char words[48];
    state_words(row->state, is_short && row->sub != LS_SUB_AMBIGUOUS ? LS_SUB_NONE : row->sub,
                words, sizeof words);
    if (is_short && row->sub == LS_SUB_AMBIGUOUS)
        (void)snprintf(words, sizeof words, "HELD ambig.");
    (void)snprintf(
        out, out_bytes, "%s %s",
        ui_glyph(view.ui, row->is_stuck ? LS_GLYPH_WARN : ls_glyph_of_state(row->state)),
        words);
}

/* Whether it can be sent again; in the queue what the ledger has of it. */
static void write_outcome(struct view view,
                          struct cells *cells,
                          int32_t width,
                          const struct ls_op_row *row,
                          bool is_gone)
{
    bool asks_retry = view.ui->screen != SCREEN_QUEUE;
    enum ls_retry_is retry = ls_retry_of(row);
    enum ls_role role = asks_retry ? retry_role(retry) : chain_role(row);
    const char *words = asks_retry ? ls_retry_word(retry) : chain_words(row);
    cells_put(cells, width, is_gone ? LS_ROLE_MUTED : role, is_gone ? "moved on" : words);
}

static void draw_row(struct view view, int32_t at_row, size_t index)
{
    const struct list *list = ui_list_const(view.ui);
    const struct ls_op_row *row = &list->rows[index];
    bool is_gone = list->is_gone[index];
    bool is_here = (int64_t)index == list->cursor.at;
    int32_t widths[LIST_COLUMNS];
    widths_of(view, widths);
    enum ls_role text_role = is_gone ? LS_ROLE_MUTED : LS_ROLE_TEXT;
    struct cells cells = view_cells(view, at_row);
    char text[96];

    (void)snprintf(text, sizeof text, "%s%s",
                   is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : " ",
                   list_is_marked(list, row->op) ? ui_glyph(view.ui, LS_GLYPH_MARK)
                   : is_gone                     ? ui_glyph(view.ui, LS_GLYPH_GONE)
                                                 : " ");
    cells_put(&cells, widths[COLUMN_CURSOR], is_here ? LS_ROLE_TEXT : LS_ROLE_MARK, text);
    (void)snprintf(text, sizeof text, "%" PRId64, row->op.value);
    cells_right(&cells, widths[COLUMN_OP], text_role, text);
    cells_put(&cells, widths[COLUMN_KIND], text_role, ls_kind_name(row->kind));
    cells_put(&cells, widths[COLUMN_KEY], text_role, row->key);
    int32_t name_end = cells.column - 1;
    write_state(view, row, widths[COLUMN_STATE] < 22, text, sizeof text);
    cells_put(&cells, widths[COLUMN_STATE],
              is_gone ? LS_ROLE_MUTED : ls_role_of_state(row->state), text);
    (void)snprintf(text, sizeof text, "%d/%d", row->attempts_made, row->attempts_max);
    cells_put(&cells, widths[COLUMN_TRY], text_role, text);
    moment_text(view.ui, row->created_ms, text);
    cells_put(&cells, widths[COLUMN_AGE], text_role, text);
    cells_put(&cells, widths[COLUMN_CAUSE], text_role,
              short_cause(row->cause, widths[COLUMN_CAUSE]));
    if (recent_words(&view.ui->recent, row, view.ui->pause.now_ms, text, sizeof text)) {
        cells_put(&cells, widths[COLUMN_CHAIN], LS_ROLE_SEV_INFO, text);
    } else {
        write_outcome(view, &cells, widths[COLUMN_CHAIN], row, is_gone);
    }
    if (is_here) view_select(view, at_row, name_end - view.area.column);
}

static const char *empty_words(const struct ls_ui *ui, const struct list *list)
{
    if (list->why[0] != '\0') return list->why;
    if (!list->has_data) return ui_reading_words(ui);
    if (list->is_searching) return "Nothing found so far.";
    if (list->is_stopped) return "Nothing found in what was looked at.";
    if (batches_is_opened(ui) && strchr(list->filter_text, ' ') == NULL)
        return "No operation is in this batch yet.";
    if (list->filter_text[0] != '\0') return "Nothing matches this filter; {back} clears it.";
    switch (ui->screen) {
    case SCREEN_FAILED: return "Nothing failed.";
    case SCREEN_STUCK: return "Nothing is held and nothing is stuck.";
    case SCREEN_DASH:
    case SCREEN_QUEUE:
    case SCREEN_BATCHES:
    case SCREEN_BULK:
    case SCREEN_ALERTS:
    case SCREEN_AUDIT:
    case SCREEN_HEALTH:
    case SCREEN_DETAIL:
    case SCREEN_COUNT: break;
    }
    return "No operation was enqueued yet: lockstep enqueue, or lockstep.enqueue() in SQL.";
}

static void draw_empty(struct view view, const struct list *list)
{
    char words[LS_WHY_BYTES];
    const char *text = empty_words(view.ui, list);
    bool is_ours = text != list->why && list->has_data; /* what others say may have braces */
    if (is_ours) key_words(view.ui, text, words, sizeof words);
    (void)view_wrap(view, LS_ROLE_MUTED, is_ours ? words : text);
}

void view_list(struct view view)
{
    const struct list *list = ui_list_const(view.ui);
    struct ls_rect body = view.area;
    int32_t preview = list->count == 0 ? 0 : preview_rows(body);
    draw_crumb(view, list);

    view.area = rect_rows(body, 1, body.rows - 1 - preview);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, "", "");
    draw_titles(view);
    if (list->count == 0) {
        struct view note = view;
        note.area = rect_rows(view.area, 1, view.area.rows - 1);
        note.area.column += 1;
        note.area.columns -= 2;
        draw_empty(note, list);
    }
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t index = (size_t)list->cursor.top + (size_t)row - 1;
        if (index >= list->count) break;
        draw_row(view, row, index);
    }
    const struct ls_op_row *row = list_row(list);
    if (preview == 0 || row == NULL) return;
    view.area = rect_rows(body, body.rows - preview, preview);
    view_preview(view, row);
}
