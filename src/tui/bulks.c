#include "bulks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

enum {
    PAGES_MAX = sizeof((struct bulks *)NULL)->before / sizeof(int64_t),
    TARGET_PAGES_MAX = sizeof((struct bulks *)NULL)->after / sizeof(int64_t),
    FEE_LAMPORTS = 5000,
};

const struct ls_bulk_row *bulks_row(const struct ls_ui *ui)
{
    const struct bulks *bulks = &ui->bulks;
    if (bulks->cursor.at < 0 || (size_t)bulks->cursor.at >= bulks->page.count) return NULL;
    return &bulks->page.rows[bulks->cursor.at];
}

static void ask_targets(struct ls_ui *ui)
{
    struct bulks *bulks = &ui->bulks;
    const struct ls_bulk_row *row = bulks_row(ui);
    struct ls_ui_request *request = row == NULL ? NULL : ui_request(ui, LS_UI_WANT_TARGETS);
    if (request == NULL) return;
    if (bulks->targets_id != row->id) {
        bulks->has_targets = false;
        bulks->target_page = 0;
        bulks->target_is_back = false;
        bulks->target = (struct cursor){0};
    }
    bulks->targets_id = row->id;
    request->bulk = row->id;
    request->before_seq = bulks->after[bulks->target_page];
    bulks->targets_ticket = request->ticket;
}

void bulks_ask(struct ls_ui *ui)
{
    struct bulks *bulks = &ui->bulks;
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_BULKS);
    if (request == NULL) return;
    request->before_seq = bulks->before[bulks->page_number];
    bulks->ticket = request->ticket;
    bulks->is_waiting = true;
    bulks->asked_ms = ui->now_ms;
    ask_targets(ui);
}

void bulks_moved(struct ls_ui *ui)
{
    const struct ls_bulk_row *row = bulks_row(ui);
    if (row != NULL && row->id != ui->bulks.targets_id) ask_targets(ui);
}

void bulks_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct bulks *bulks = &ui->bulks;
    if (message->ticket != bulks->ticket) return;
    bulks->is_waiting = false;
    (void)snprintf(bulks->why, sizeof bulks->why, "%s",
                   message->bulks != NULL ? ""
                   : message->why == NULL ? "the database did not answer"
                                          : message->why);
    if (message->bulks == NULL) return;
    const struct ls_bulk_row *row = bulks_row(ui);
    int64_t id = row != NULL && (bulks->cursor.at > 0 || bulks->is_open) ? row->id : 0;
    if (bulks->wanted_id != 0) id = bulks->wanted_id;
    bulks->wanted_id = 0;
    bulks->page = *message->bulks;
    bulks->has_page = true;
    for (size_t i = 0; id != 0 && i < bulks->page.count; i++) {
        if (bulks->page.rows[i].id == id)
            bulks->cursor.at = (int64_t)i; /* the row seen stays */
    }
    cursor_land(&bulks->cursor, &bulks->is_back, bulks->page.count);
    if (ui->screen != SCREEN_BULK) return;
    ui_move(ui, 0);
    bulks_moved(ui);
}

void bulks_targets_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct bulks *bulks = &ui->bulks;
    if (message->ticket != bulks->targets_ticket || message->targets == NULL) return;
    bulks->targets = *message->targets;
    bulks->has_targets = true;
    cursor_land(&bulks->target, &bulks->target_is_back, bulks->targets.count);
    if (ui->screen == SCREEN_BULK) ui_move(ui, 0);
}

void bulks_turn(struct ls_ui *ui, bool forward)
{
    struct bulks *bulks = &ui->bulks;
    if (bulks->is_open ? bulks->target_is_back : bulks->is_back) return;
    if (bulks->is_open) {
        size_t page = bulks->target_page;
        const struct ls_bulk_target_page *seen = &bulks->targets;
        if (forward && (!seen->has_more || seen->count == 0 || page + 1 == TARGET_PAGES_MAX))
            return;
        if (!forward && page == 0) return;
        if (forward) bulks->after[page + 1] = seen->rows[seen->count - 1].op.value;
        bulks->target_page = forward ? page + 1 : page - 1;
        bulks->target_is_back = !forward;
        bulks->target = (struct cursor){0};
        ask_targets(ui);
        return;
    }
    size_t page = bulks->page_number;
    if (forward && (!bulks->page.has_more || page + 1 == PAGES_MAX)) return;
    if (!forward && page == 0) return;
    if (forward) bulks->before[page + 1] = bulks->page.rows[bulks->page.count - 1].id;
    bulks->page_number = forward ? page + 1 : page - 1;
    bulks->is_back = !forward;
    bulks->cursor = (struct cursor){0};
    bulks_ask(ui);
}

void bulks_open(struct ls_ui *ui)
{
    if (bulks_row(ui) != NULL) ui->bulks.is_open = true;
}

bool bulks_close(struct ls_ui *ui)
{
    const bool was_open = ui->bulks.is_open;
    ui->bulks.is_open = false;
    if (was_open && ui->bulks.target_page != 0) {
        ui->bulks.target_page = 0;
        ui->bulks.target_is_back = false;
        ui->bulks.target = (struct cursor){0};
        ask_targets(ui);
    }
    return was_open;
}

static bool refuse(struct ls_why *why, const char *reason)
{
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", reason);
    (void)ignored; /* only its text is wanted */
    return false;
}

bool can_change_job(const struct ls_ui *ui, struct ls_why *why)
{
    const struct ls_bulk_row *row = bulks_row(ui);
    if (row == NULL) return refuse(why, "no bulk job is chosen here");
    if (row->state < LS_BULK_FINISHED) return true;
    return refuse(why, "this job is over");
}

static void begin_job(struct ls_ui *ui, enum ls_verb verb, const char *word)
{
    const struct ls_bulk_row *row = bulks_row(ui);
    char what[64];
    act_begin(ui, verb);
    (void)snprintf(what, sizeof what, "bulk job %" PRId64, row->id);
    act_title(ui, word, what);
    ui->dialog.bulk_id = row->id;
    ui->dialog.counted = row->waiting;
    (void)snprintf(ui->dialog.subject, sizeof ui->dialog.subject,
                   "%s of %" PRId64 ": %" PRId64 " not acted on yet, %" PRId64 " sent, %" PRId64
                   " done, %" PRId64 " failed again",
                   ls_verb_name(row->verb), row->total, row->waiting, row->sent, row->done,
                   row->failed);
    act_finish(ui);
}

void act_pause_job(struct ls_ui *ui)
{
    const bool is_paused = bulks_row(ui)->state == LS_BULK_PAUSED;
    begin_job(ui, is_paused ? LS_VERB_BULK_RESUME : LS_VERB_BULK_PAUSE,
              is_paused ? "RESUME" : "PAUSE");
}

void act_abort_job(struct ls_ui *ui)
{
    begin_job(ui, LS_VERB_BULK_ABORT, "ABORT");
}

/* All that match the listing: its own words and the person's. */
static const char *own_words(enum screen screen)
{
    if (screen == SCREEN_FAILED) return "state:failed";
    return screen == SCREEN_STUCK ? "state:held" : "";
}

static void order_filter(const struct ls_ui *ui, char out[LS_FILTER_BYTES_MAX])
{
    const char *own = own_words(ui->screen);
    const char *text = ui_list_const(ui)->filter_text;
    (void)snprintf(out, LS_FILTER_BYTES_MAX, "%.14s%s%.495s", own,
                   own[0] != '\0' && text[0] != '\0' ? " " : "", text);
}

bool bulks_offers_all(const struct ls_ui *ui)
{
    char filter[LS_FILTER_BYTES_MAX];
    order_filter(ui, filter);
    return screen_is_list(ui->screen) && filter[0] != '\0' &&
           strlen(ui_list_const(ui)->filter_text) + 16 < LS_FILTER_BYTES_MAX;
}

/* Ask how many match, for the words of the first `a`. */
void bulks_count_all(struct ls_ui *ui)
{
    struct list *list = ui_list(ui);
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_WEIGH);
    if (request == NULL) return;
    request->order.verb = LS_VERB_HOLD;
    order_filter(ui, request->order.filter);
    list->all_ticket = request->ticket;
    list->all_count = -1;
}

static void weigh(struct ls_ui *ui)
{
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_WEIGH);
    if (request == NULL) return;
    request->order = ui->dialog.order;
    ui->dialog.weigh_ticket = request->ticket;
}

void act_bulk_of(
    struct ls_ui *ui, enum ls_verb verb, const char *word, const char *what, const char *filter)
{
    act_begin(ui, verb);
    struct dialog *dialog = &ui->dialog;
    dialog->is_bulk = true;
    dialog->counted = -1;
    if (verb == LS_VERB_RETRY || verb == LS_VERB_COMPENSATE)
        (void)snprintf(dialog->effect, sizeof dialog->effect,
                       "Each is looked up on the ledger right before its turn: %s. The others "
                       "%s.",
                       verb == LS_VERB_RETRY
                           ? "what landed already, or may land still, is not sent again"
                           : "what is not there is left alone",
                       verb == LS_VERB_RETRY ? "get a new round of attempts, newly signed"
                                             : "are undone by an operation of their own");
    dialog->order = (struct ls_bulk_order){.verb = verb, .expect = -1};
    (void)snprintf(dialog->order.filter, sizeof dialog->order.filter, "%s", filter);
    act_title(ui, word, what);
    (void)snprintf(dialog->subject, sizeof dialog->subject, "Counting what matches ...");
    act_field(dialog, FIELD_RATE, "20");
    act_field(dialog, FIELD_CANARY, "5");
    act_field(dialog, FIELD_ABORT, "20");
    act_finish(ui);
    weigh(ui);
}

/* A bulk job of all that match, in the place of an action on those that are marked. */
void act_bulk(struct ls_ui *ui, enum ls_verb verb, const char *word)
{
    char filter[LS_FILTER_BYTES_MAX];
    order_filter(ui, filter);
    act_bulk_of(ui, verb, word, "ALL that match", filter);
}

static void write_value(const struct ls_bulk_weight *weight, char *out, size_t out_bytes)
{
    char sol[LS_FORMAT_BYTES];
    out[0] = '\0';
    const bool is_small = strlen(weight->lamports) <= 19;
    if (strcmp(weight->lamports, "0") != 0 && is_small) {
        ls_format_sol((uint64_t)strtoull(weight->lamports, NULL, 10), sol);
        (void)snprintf(out, out_bytes, " Value: %s.", sol);
    }
    char tokens[LS_BULK_TOKENS_BYTES];
    const size_t used = strlen(out);
    ls_bulk_tokens(weight, tokens);
    if (tokens[0] != '\0') (void)snprintf(out + used, out_bytes - used, " Tokens: %s.", tokens);
}

static void weigh_dialog(struct ls_ui *ui, const struct ls_bulk_weight *weight)
{
    struct dialog *dialog = &ui->dialog;
    char value[LS_BULK_TOKENS_BYTES + 80];
    char fee[LS_FORMAT_BYTES];
    char left[160] = "";
    write_value(weight, value, sizeof value);
    ls_format_sol((uint64_t)weight->targets * FEE_LAMPORTS, fee);
    const bool costs = dialog->verb == LS_VERB_RETRY || dialog->verb == LS_VERB_COMPENSATE ||
                       dialog->verb == LS_VERB_RELEASE;
    char targets[LS_FORMAT_BYTES];
    char unknown[LS_FORMAT_BYTES];
    ls_format_count(weight->left_out, targets);
    ls_format_count(weight->left_unknown, unknown);
    if (weight->left_out + weight->left_unknown > 0)
        (void)snprintf(left, sizeof left,
                       " Left out: %s by their state, %s whose outcome is UNKNOWN.", targets,
                       unknown);
    ls_format_count(weight->targets, targets);
    (void)snprintf(dialog->subject, sizeof dialog->subject, "%s operation%s.%.100s", targets,
                   weight->targets == 1 ? "" : "s", left);
    const size_t used = strlen(dialog->subject);
    (void)snprintf(dialog->subject + used, sizeof dialog->subject - used, "%s%s%s%.150s",
                   costs ? " Fees about " : "", costs ? fee : "", costs ? "." : "",
                   value); /* cut by design */
    dialog->counted = weight->targets;
    dialog->order.expect = weight->targets;
    dialog_count(ui);
}

void bulks_weigh_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct dialog *dialog = &ui->dialog;
    if (dialog->phase == DIALOG_ASKS && dialog->is_bulk &&
        message->ticket == dialog->weigh_ticket) {
        if (message->weight != NULL) {
            weigh_dialog(ui, message->weight);
        } else {
            (void)snprintf(dialog->subject, sizeof dialog->subject, "%s",
                           message->why == NULL ? "the database did not answer" : message->why);
        }
        return;
    }
    for (size_t i = 0; i < LIST_COUNT; i++) {
        struct list *list = &ui->lists[i];
        if (list->all_ticket != message->ticket || message->weight == NULL) continue;
        const struct ls_bulk_weight *weight = message->weight;
        char number[LS_FORMAT_BYTES];
        list->all_count = weight->targets + weight->left_out + weight->left_unknown;
        ls_format_count(list->all_count, number);
        char words[128];
        (void)snprintf(words, sizeof words,
                       "%zu marked: this page   {mark-all} again: all %s matching",
                       list->mark_count, number);
        if (ui_list(ui) == list && screen_is_list(ui->screen) && list->offers_all)
            key_toast(ui, false, words);
    }
}

/* What the fields say, as an order; NULL, or what is wrong. */
const char *bulks_order(const struct dialog *dialog, struct ls_bulk_order *order)
{
    static const struct {
        enum field_kind kind;
        int64_t least, most;
        const char *wrong;
    } fields[] = {{FIELD_RATE, 1, LS_BULK_RATE_MAX, "rate: 1 to 1000 a second"},
                  {FIELD_CANARY, 0, LS_BULK_TARGETS_MAX, "canary: how many first; 0 for none"},
                  {FIELD_ABORT, 0, LS_BULK_ABORT_NEVER, "abort above: 0 to 100 percent"}};
    int64_t numbers[3];
    for (size_t i = 0; i < 3; i++) {
        const struct field *field = dialog_field(dialog, fields[i].kind);
        const char *text = field == NULL ? "" : field->input.text;
        const size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 9 || text[digits] != '\0') return fields[i].wrong;
        numbers[i] = strtoll(text, NULL, 10);
        if (numbers[i] < fields[i].least || numbers[i] > fields[i].most) return fields[i].wrong;
    }
    *order = dialog->order;
    order->rate = (int32_t)numbers[0];
    order->canary = (int32_t)numbers[1];
    order->abort_above = (int32_t)numbers[2];
    const struct field *reason = dialog_field(dialog, FIELD_REASON);
    (void)snprintf(order->reason, sizeof order->reason, "%.500s",
                   reason == NULL ? "" : reason->input.text);
    if (dialog->counted < 0) return "wait: what matches is still counted";
    return dialog->counted == 0 ? "nothing that matches can be acted on like this" : NULL;
}

/* The job is made: show it. */
void bulks_made(struct ls_ui *ui, int64_t id)
{
    ui->bulks.wanted_id = id;
    ui->bulks.is_open = false;
    ui->bulks.page_number = 0;
    for (size_t i = 0; i < LIST_COUNT; i++) {
        ui->lists[i].is_all = false;
        ui->lists[i].offers_all = false;
        ui->lists[i].mark_count = 0;
    }
    ui_go(ui, SCREEN_BULK);
}
