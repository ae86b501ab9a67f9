#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

bool screen_is_list(enum screen screen)
{
    return screen == SCREEN_FAILED || screen == SCREEN_STUCK || screen == SCREEN_QUEUE;
}

/* The listing on screen; from the detail the one that it was opened from. */
const struct list *ui_list_const(const struct ls_ui *ui)
{
    enum screen screen = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    if (!screen_is_list(screen)) screen = SCREEN_QUEUE;
    return &ui->lists[(int)screen - (int)SCREEN_FAILED];
}

struct list *ui_list(struct ls_ui *ui)
{
    return &ui->lists[ui_list_const(ui) - ui->lists];
}

struct list *list_of(struct ls_ui *ui, enum screen screen)
{
    assert(screen_is_list(screen));
    return &ui->lists[(int)screen - (int)SCREEN_FAILED];
}

static size_t parts_of(enum screen screen)
{
    return screen == SCREEN_STUCK ? 2 : 1;
}

/* What a screen shows of itself, beside the person's filter. */
static bool own_term(enum screen screen, size_t part, struct ls_filter_term *term)
{
    if (screen == SCREEN_QUEUE) return false;
    *term = (struct ls_filter_term){.field = LS_FILTER_STATE, .number = LS_STATE_FAILED};
    if (screen == SCREEN_STUCK && part == 0) term->number = LS_STATE_HELD;
    if (screen == SCREEN_STUCK && part == 1)
        *term = (struct ls_filter_term){.field = LS_FILTER_STUCK};
    return true;
}

/* What part `part` of the listing shows: the person's filter and the screen's own. */
static void
fill(struct ls_ui_request *request, enum screen screen, const struct list *list, size_t part)
{
    struct ls_filter_term term;
    request->filter = list->filter;
    request->sort = list->sort;
    if (!own_term(screen, part, &term)) return;
    assert(request->filter.count < LS_FILTER_TERMS_MAX);
    request->filter.terms[request->filter.count++] = term;
}

void list_want_export(struct ls_ui *ui, struct ls_ui_request *request)
{
    const struct list *list = ui_list_const(ui);
    fill(request, ui->screen, list, 0);
    for (size_t part = 1; part < parts_of(ui->screen); part++) {
        struct ls_ui_request *further = ui_request(ui, LS_UI_WANT_EXPORT);
        if (further == NULL) return;
        fill(further, ui->screen, list, part);
        further->is_further = true;
    }
}

static void ask_part(struct ls_ui *ui, enum screen screen, struct list *list, size_t part)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_OPS);
    if (request == NULL) return;
    fill(request, screen, list, part);
    request->after = list->after[list->page];
    request->limit = LIST_PAGE;
    list->tickets[part] = request->ticket;
    list->is_waiting[part] = true;
}

void list_ask(struct ls_ui *ui, enum screen screen)
{
    struct list *list = list_of(ui, screen);
    for (size_t part = 0; part < parts_of(screen); part++) ask_part(ui, screen, list, part);
    list->asked_ms = ui->now_ms;
    list->began_ms = ui->now_ms;
}

static const struct ls_op_row *find_incoming(const struct list *list, ls_op_id op)
{
    for (size_t part = 0; part < LIST_PARTS; part++) {
        const struct ls_op_page *page = &list->incoming[part];
        for (size_t i = 0; i < page->count; i++) {
            if (page->rows[i].op.value == op.value) return &page->rows[i];
        }
    }
    return NULL;
}

static bool has_row(const struct list *list, ls_op_id op)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->rows[i].op.value == op.value) return true;
    }
    return false;
}

/* Rows stay where the person saw them; what they say is brought up to date. */
static void refresh_held(struct list *list)
{
    bool more = list->incoming[0].has_more || list->incoming[1].has_more;
    size_t last_found = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct ls_op_row *row = find_incoming(list, list->rows[i].op);
        list->is_gone[i] = row == NULL;
        if (row == NULL) continue;
        list->rows[i] = *row;
        last_found = i;
    }
    /* Beyond the last row that was answered a row may just have moved to the next page. */
    for (size_t i = last_found + 1; more && i < list->count; i++) list->is_gone[i] = false;

    list->has_news = false;
    for (size_t part = 0; part < LIST_PARTS; part++) {
        for (size_t i = 0; i < list->incoming[part].count; i++)
            if (!has_row(list, list->incoming[part].rows[i].op)) list->has_news = true;
    }
}

static void replace_rows(struct list *list)
{
    list->count = 0;
    list->has_more = false;
    list->matching = 0;
    for (size_t part = 0; part < LIST_PARTS; part++) {
        const struct ls_op_page *page = &list->incoming[part];
        for (size_t i = 0; i < page->count && list->count < LS_FACTS_PAGE_MAX; i++) {
            if (has_row(list, page->rows[i].op)) continue;
            list->is_gone[list->count] = false;
            list->rows[list->count++] = page->rows[i];
        }
        if (page->has_more) list->has_more = true;
    }
    list->has_news = false;
    if (list->cursor.at >= (int64_t)list->count) list->cursor.at = (int64_t)list->count - 1;
    if (list->cursor.at < 0) list->cursor.at = 0;
}

/* How far the reading of the one page that is read in steps is. */
static void take_progress(struct ls_ui *ui, struct list *list, const struct ls_op_page *page)
{
    list->is_searching = page->is_searching;
    list->looked_permille = page->looked_permille;
    list->found_wall_ms = ui->wall_ms;
    if (page->is_searching) list->asked_ms = ui->now_ms; /* it answers: not asked again */
    list->is_stopped = page->is_stopped;
    list->is_slow = page->is_stopped || ui->now_ms - list->began_ms > LIST_SLOW_MS;
}

static bool take_part(struct ls_ui *ui, struct list *list, const struct ls_ui_message *message)
{
    for (size_t part = 0; part < LIST_PARTS; part++) {
        if (!list->is_waiting[part] || list->tickets[part] != message->ticket) continue;
        list->is_waiting[part] = message->ops != NULL && message->ops->is_searching;
        if (message->ops == NULL) {
            list->is_searching = false;
            list->then =
                NULL; /* a question that comes minutes later is not expected any more */
            (void)snprintf(list->why, sizeof list->why, "%s",
                           message->why == NULL ? "no answer" : message->why);
            return false;
        }
        list->incoming[part] = *message->ops;
        list->why[0] = '\0';
        take_progress(ui, list, message->ops);
        return list->is_searching || (!list->is_waiting[0] && !list->is_waiting[1]);
    }
    return false;
}

/* A page that was turned to has come: forward it is entered at its top, back at its end. */
static void land(struct list *list)
{
    list->cursor = (struct cursor){0};
    list->is_held = list->turn < 0 && list->count > 0 && !list->is_searching;
    if (list->is_held) list->cursor.at = (int64_t)list->count - 1;
    list->turn = 0;
}

/* A person steps through the operations: the one that the page is entered at is shown. */
static void open_landed(struct ls_ui *ui, struct list *list)
{
    const struct ls_op_row *row = list_row(list);
    list->opens = false;
    if (ui->screen != SCREEN_DETAIL || ui_list(ui) != list) return;
    if (row == NULL) {
        ui_toast(ui, false, "no more operations in the listing");
        return;
    }
    list->is_held = true;
    ui_show_op(ui, row->op);
}

/* The listing was opened for an action on all of it. */
static void do_then(struct ls_ui *ui, struct list *list)
{
    void (*then)(struct ls_ui *) = list->then;
    list->then = NULL;
    if (then == NULL || !screen_is_list(ui->screen) || ui_list(ui) != list) return;
    if (list->count == 0) {
        ui_toast(ui, false, "none of them is there any more: nothing was asked");
        return;
    }
    list_mark_all(ui, list, NULL);
    if (list->has_more && bulks_offers_all(ui)) { /* more than a page: a bulk job */
        list->is_all = true;
        list->all_count = -1;
    }
    then(ui);
}

void list_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list *list = &ui->lists[i];
        if (!take_part(ui, list, message)) continue;
        if (list->is_held && list->has_data && list->turn == 0) {
            refresh_held(list);
        } else {
            replace_rows(list);
            if (list->turn != 0) land(list);
        }
        list->has_data = true;
        if (list->opens) open_landed(ui, list);
        if (screen_is_list(ui->screen)) ui_move(ui, 0);
        do_then(ui, list);
    }
}

const struct ls_op_row *list_row(const struct list *list)
{
    if (list->cursor.at < 0 || (size_t)list->cursor.at >= list->count) return NULL;
    return &list->rows[list->cursor.at];
}

void list_resume(struct list *list)
{
    list->is_held = false;
    list->has_news = false;
    list->page = 0;
    list->turn = 0;
    list->opens = false;
    list->cursor = (struct cursor){0};
    list->asked_ms = 0;
    list->is_waiting[0] = false;
    list->is_waiting[1] = false;
    list->is_searching = false;
    list->is_slow = false;
}

bool list_stop(struct ls_ui *ui, struct list *list)
{
    if (!list->is_searching) return false;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_STOP);
    if (request != NULL) request->ticket = list->tickets[0];
    return true;
}

static int64_t sort_value(enum ls_op_sort sort, const struct ls_op_row *row)
{
    switch (sort) {
    case LS_SORT_ID_DESC:
    case LS_SORT_ID_ASC: return row->op.value;
    case LS_SORT_AGE_DESC: return row->created_ms;
    case LS_SORT_UPDATED_DESC: return row->updated_ms;
    }
    return row->op.value;
}

static bool show_page(struct ls_ui *ui, struct list *list, size_t page)
{
    list->turn = page < list->page ? -1 : 1;
    list->page = page;
    list->offers_all = false;
    list->is_held = false;
    list->cursor = (struct cursor){0};
    list->asked_ms = 0;
    list->is_waiting[0] = false;
    list->is_searching = false;
    list->is_slow = false;
    list_ask(ui, ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen);
    return true;
}

bool list_turn(struct ls_ui *ui, struct list *list, bool forward)
{
    const bool has_parts = list == list_of(ui, SCREEN_STUCK);
    if (list->turn < 0 || (list->turn > 0 && forward)) return true; /* its rows will come */
    if (!forward) return list->page > 0 && show_page(ui, list, list->page - 1);
    if (!list->has_more || list->count == 0) return false;
    if (has_parts || list->page + 1 == LIST_DEPTH) {
        key_toast(ui, false, "there are more: {filter} narrows the list");
        return true;
    }
    const struct ls_op_row *last = &list->rows[list->count - 1];
    list->after[list->page + 1] =
        (struct ls_op_cursor){true, sort_value(list->sort, last), last->op.value};
    return show_page(ui, list, list->page + 1);
}

bool list_set_filter(struct ls_ui *ui, struct list *list, const char *text)
{
    struct ls_filter filter = {0};
    struct ls_why why = {0};
    struct ls_filter_place place = {0};
    ls_err err = ls_filter_parse_at(text, &filter, &place, &why);
    if (!ls_failed(err) && filter.count >= LS_FILTER_TERMS_MAX) {
        err = ls_refuse(&why, LS_CODE_FULL, "filter", "at most %d terms fit here",
                        LS_FILTER_TERMS_MAX - 1);
    }
    if (ls_failed(err)) {
        struct prompt *prompt = &ui->prompt;
        const size_t start = strlen(prompt->input.text) < strlen(text)
                                 ? 0
                                 : strlen(prompt->input.text) - strlen(text);
        (void)snprintf(prompt->why, sizeof prompt->why, "%s", why.text);
        prompt->bad_at = start + place.at; /* `text` is the end of what was typed */
        prompt->bad_bytes = place.bytes;
        return false;
    }
    list->filter = filter;
    list->offers_all = false;
    list->is_all = false;
    list->cause_title[0] = '\0';
    list->then = NULL;
    (void)snprintf(list->filter_text, sizeof list->filter_text, "%s", text);
    list->has_data = false;
    list->count = 0;
    list_resume(list);
    return true;
}
