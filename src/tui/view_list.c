#include "view_list.h"
#include "view_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum { PREVIEW_ROWS = 6, PREVIEW_FROM = 17, SEARCH_SAID_MS = 700 };

static int32_t preview_rows(struct ls_rect body)
{
    return body.rows >= PREVIEW_FROM ? PREVIEW_ROWS : 0;
}

int64_t list_visible(struct ls_rect body)
{
    int32_t rows = body.rows - preview_rows(body) - 4; /* crumb, border, titles */
    return rows > 0 ? rows : 1;
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
    struct list_layout layout;
    list_lay_out(view, &layout);
    list_titles(view, &layout);
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
        list_row_at(view, &layout, row, index);
    }
    const struct ls_op_row *row = list_row(list);
    if (preview == 0 || row == NULL) return;
    view.area = rect_rows(body, body.rows - preview, preview);
    view_preview(view, row);
}
