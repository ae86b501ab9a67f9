#include "batches.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

enum { PAGES_MAX = sizeof((struct batches *)NULL)->before / sizeof(int64_t) };

const struct ls_batch_row *batches_row(const struct ls_ui *ui)
{
    const struct batches *batches = &ui->batches;
    if (batches->cursor.at < 0 || (size_t)batches->cursor.at >= batches->page.count)
        return NULL;
    return &batches->page.rows[batches->cursor.at];
}

static void ask_detail_of(struct ls_ui *ui, int64_t id)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_BATCH);
    if (request == NULL) return;
    request->batch = id;
    if (ui->batches.detail_id != id) ui->batches.has_detail = false;
    ui->batches.detail_id = id;
    ui->batches.detail_ticket = request->ticket;
    ui->batches.detail_waiting = true;
}

void batches_ask(struct ls_ui *ui)
{
    struct batches *batches = &ui->batches;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_BATCHES);
    if (request == NULL) return;
    (void)snprintf(request->text, sizeof request->text, "%s", batches->filter_text);
    request->before_seq = batches->before[batches->page_number];
    batches->ticket = request->ticket;
    batches->is_waiting = true;
    batches->asked_ms = ui->now_ms;
    if (batches_row(ui) != NULL) ask_detail_of(ui, batches_row(ui)->id);
}

/* The pane follows the cursor. */
void batches_moved(struct ls_ui *ui)
{
    const struct ls_batch_row *row = batches_row(ui);
    if (row != NULL && row->id != ui->batches.detail_id) ask_detail_of(ui, row->id);
}

void batches_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct batches *batches = &ui->batches;
    if (message->ticket != batches->ticket) return;
    batches->is_waiting = false;
    (void)snprintf(batches->why, sizeof batches->why, "%s",
                   message->batches != NULL ? ""
                   : message->why == NULL   ? "the database did not answer"
                                            : message->why);
    if (message->batches == NULL) return;
    const struct ls_batch_row *row = batches_row(ui);
    const int64_t id = row != NULL && batches->cursor.at > 0 ? row->id : 0;
    batches->page = *message->batches;
    batches->has_page = true;
    for (size_t i = 0; id != 0 && i < batches->page.count; i++) {
        if (batches->page.rows[i].id == id)
            batches->cursor.at = (int64_t)i; /* the row seen stays */
    }
    cursor_land(&batches->cursor, &batches->is_back, batches->page.count);
    if (ui->screen != SCREEN_BATCHES) return;
    ui_move(ui, 0);
    batches_moved(ui);
}

void batches_detail_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct batches *batches = &ui->batches;
    if (message->ticket != batches->detail_ticket) return;
    batches->detail_waiting = false;
    if (message->batch == NULL) return; /* the listing says what is wrong */
    batches->detail = *message->batch;
    batches->has_detail = true;
}

static void show_page(struct ls_ui *ui, size_t page)
{
    ui->batches.is_back = page < ui->batches.page_number;
    ui->batches.page_number = page;
    ui->batches.cursor = (struct cursor){0};
    batches_ask(ui);
}

void batches_turn(struct ls_ui *ui, bool forward)
{
    struct batches *batches = &ui->batches;
    const size_t page = batches->page_number;
    if (batches->is_back) return; /* the rows on screen are not that page's yet */
    if (!forward && page > 0) show_page(ui, page - 1);
    if (!forward || !batches->page.has_more || batches->page.count == 0) return;
    if (page + 1 == PAGES_MAX) {
        key_toast(ui, false, "there are more: {filter} narrows the list");
        return;
    }
    batches->before[page + 1] = batches->page.rows[batches->page.count - 1].id;
    show_page(ui, page + 1);
}

bool batches_set_filter(struct ls_ui *ui, const char *text)
{
    struct ls_batch_filter filter;
    struct ls_why why = {0};
    if (ls_failed(ls_batch_filter_parse(text, &filter, &why))) {
        (void)snprintf(ui->prompt.why, sizeof ui->prompt.why, "%s", why.text);
        return false;
    }
    (void)snprintf(ui->batches.filter_text, sizeof ui->batches.filter_text, "%s", text);
    ui->batches.has_page = false;
    ui->batches.page.count = 0;
    show_page(ui, 0);
    return true;
}

/* The batch's operations, in the listing of all. */
void batches_open(struct ls_ui *ui)
{
    const struct ls_batch_row *row = batches_row(ui);
    if (row == NULL) return;
    char filter[48];
    (void)snprintf(filter, sizeof filter, "batch:%" PRId64, row->id);
    ui->batches.opened_id = row->id;
    (void)snprintf(ui->batches.opened_name, sizeof ui->batches.opened_name, "%s", row->name);
    struct list *list = list_of(ui, SCREEN_QUEUE);
    list->mark_count = 0;
    if (!list_set_filter(ui, list, filter)) ui_toast(ui, true, "%s", ui->prompt.why);
    ui_go(ui, SCREEN_QUEUE); /* which asks, once its filter is set */
}

bool batches_is_opened(const struct ls_ui *ui)
{
    char filter[48];
    if (ui->batches.opened_id == 0 || ui->screen != SCREEN_QUEUE) return false;
    (void)snprintf(filter, sizeof filter, "batch:%" PRId64, ui->batches.opened_id);
    return strncmp(ui_list_const(ui)->filter_text, filter, strlen(filter)) == 0;
}

static bool refuse(struct ls_why *why, const char *reason)
{
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

bool can_retry_batch(const struct ls_ui *ui, struct ls_why *why)
{
    const struct ls_batch_row *row = batches_row(ui);
    return row == NULL ? refuse(why, "no batch is chosen here") : ls_batch_may_retry(row, why);
}

bool can_compensate_batch(const struct ls_ui *ui, struct ls_why *why)
{
    const struct ls_batch_row *row = batches_row(ui);
    return row == NULL ? refuse(why, "no batch is chosen here")
                       : ls_batch_may_compensate(row, why);
}

bool can_pause_batch(const struct ls_ui *ui, struct ls_why *why)
{
    const struct ls_batch_row *row = batches_row(ui);
    if (row == NULL) return refuse(why, "no batch is chosen here");
    if (row->is_paused || row->state < LS_BATCH_FINISHED) return true;
    return refuse(why, "this batch is over: nothing of it is sent any more");
}

static void begin(struct ls_ui *ui, enum ls_verb verb, const char *word, int64_t count)
{
    const struct ls_batch_row *row = batches_row(ui);
    char what[96];
    act_begin(ui, verb);
    (void)snprintf(what, sizeof what, "batch B-%" PRId64 " (%.40s)", row->id, row->name);
    act_title(ui, word, what);
    (void)snprintf(ui->dialog.selector, sizeof ui->dialog.selector, "batch:%" PRId64, row->id);
    ui->dialog.batch_id = row->id;
    ui->dialog.counted = count;
}

/* More than one dialog takes: a job, which looks each up right before its turn. */
static void retry_in_bulk(struct ls_ui *ui, const struct ls_batch_row *row)
{
    char what[96], filter[64];
    (void)snprintf(what, sizeof what, "what failed of batch B-%" PRId64 " (%.40s)", row->id,
                   row->name);
    (void)snprintf(filter, sizeof filter, "batch:%" PRId64 " state:failed", row->id);
    act_bulk_of(ui, LS_VERB_RETRY, "RETRY", what, filter);
}

void act_retry_batch(struct ls_ui *ui)
{
    const struct ls_batch_row *row = batches_row(ui);
    const bool is_atomic = row->policy == LS_BATCH_ATOMIC;
    const struct ls_filter filter = {
        .count = 2,
        .terms = {{.field = LS_FILTER_BATCH, .number = row->id},
                  {.field = LS_FILTER_STATE, .number = LS_STATE_FAILED}}};
    if (row->failed > MARKS_MAX && !is_atomic) {
        retry_in_bulk(ui, row);
        return;
    }
    begin(ui, LS_VERB_BATCH_RETRY, "RETRY what failed of", row->failed);
    ui->dialog.is_whole = true;
    ui->dialog.is_atomic = is_atomic;
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject,
                   "%" PRId64 " failed of %" PRId64 "%s", row->failed, row->total,
                   is_atomic ? ", all in one transaction" : "");
    act_finish(ui);
    check_dialog_all(ui, &filter);
}

void act_compensate_batch(struct ls_ui *ui)
{
    const struct ls_batch_row *row = batches_row(ui);
    begin(ui, LS_VERB_BATCH_COMPENSATE, "COMPENSATE", row->done);
    char rest[80] = "";
    if (row->queued > 0)
        (void)snprintf(rest, sizeof rest, "; %" PRId64 " have not begun and are cancelled",
                       row->queued);
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject,
                   "%" PRId64 " landed and are undone one by one, the last first%s.", row->done,
                   rest);
    act_finish(ui);
}

void act_pause_batch(struct ls_ui *ui)
{
    const struct ls_batch_row *row = batches_row(ui);
    begin(ui, row->is_paused ? LS_VERB_GATE_OFF : LS_VERB_GATE_ON,
          row->is_paused ? "RESUME" : "PAUSE", row->queued);
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject,
                   "%" PRId64 " queued, %" PRId64 " in flight", row->queued, row->sent);
    act_finish(ui);
}
