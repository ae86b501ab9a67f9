#include "results.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/core/fate.h"

static_assert((int)RESULTS_MAX == (int)MARKS_MAX, "one row for each target of a dialog");

/* Whether something comes of it later. */
static bool is_followed(enum ls_verb verb)
{
    switch ((int)verb) {
    case LS_VERB_RETRY:
    case LS_VERB_BATCH_RETRY:
    case LS_VERB_COMPENSATE:
    case LS_VERB_HOLD:
    case LS_VERB_RELEASE:
    case LS_VERB_CANCEL:
    case LS_VERB_RESOLVE_LANDED:
    case LS_VERB_RESOLVE_NEVER:
    case LS_VERB_EDIT: return true;
    default: return false;
    }
}

static bool may_move(const struct result *result)
{
    return result->is == RESULT_QUEUED || result->is == RESULT_SENT ||
           result->is == RESULT_DOUBT || result->is == RESULT_HELD;
}

bool results_move(const struct ls_ui *ui)
{
    const struct results *results = &ui->results;
    for (size_t i = 0; i < results->count; i++) {
        if (may_move(&results->rows[i])) return results->is_open;
    }
    return false;
}

static void ask(struct ls_ui *ui)
{
    struct results *results = &ui->results;
    struct ls_ui_request *request = results_move(ui) ? ui_request(ui, LS_UI_WANT_CHOSEN) : NULL;
    if (request == NULL) return;
    for (size_t i = 0; i < results->count; i++) {
        if (may_move(&results->rows[i]))
            request->ops[request->op_count++] = results->rows[i].followed;
    }
    results->ticket = request->ticket;
    results->is_waiting = true;
    results->asked_ms = ui->now_ms;
}

void results_tick(struct ls_ui *ui)
{
    struct results *results = &ui->results;
    const int64_t wait_ms = results->is_waiting ? ASK_AGAIN_MS : ui->options.refresh_ms;
    if (!results->is_open || ui->pause.is_on || ui_is_stale(ui)) return;
    if (ui->now_ms - results->asked_ms >= wait_ms) ask(ui);
}

void results_open(struct ls_ui *ui)
{
    ui->results.is_open = true;
    ask(ui);
}

bool can_open_results(const struct ls_ui *ui, struct ls_why *why)
{
    if (ui->results.count > 0) return true;
    ls_err ignored =
        ls_refuse(why, LS_CODE_REFUSED, "ui", "nothing was done from this console yet");
    (void)ignored; /* only its text is wanted */
    return false;
}

/* What was answered, without the operation's number, which the row has already. */
static const char *words_of(const char *text, ls_op_id op)
{
    char number[32];
    const int length = snprintf(number, sizeof number, "op %" PRId64 " ", op.value);
    return strncmp(text, number, (size_t)length) == 0 ? text + length : text;
}

static void begin_row(struct result *row, const struct dialog *dialog, size_t index)
{
    const struct mark *target = &dialog->targets[index];
    const struct outcome *outcome = &dialog->outcomes[index];
    const bool is_new = outcome->new_op != 0 && dialog->verb == LS_VERB_COMPENSATE;
    *row = (struct result){.op = target->op,
                           .followed = {is_new ? outcome->new_op : target->op.value},
                           .version = is_new ? 0 : target->version,
                           .is = is_followed(dialog->verb) ? RESULT_QUEUED : RESULT_TAKEN};
    if (outcome->code != LS_CODE_OK) row->is = RESULT_NOT_DONE;
    memcpy(row->key, target->key, sizeof row->key);
    (void)snprintf(row->words, sizeof row->words, "%s%s",
                   row->is == RESULT_NOT_DONE ? "NOT DONE  " : "",
                   words_of(outcome->text, target->op));
}

void results_take(struct ls_ui *ui, bool is_open)
{
    const struct dialog *dialog = &ui->dialog;
    struct results *results = &ui->results;
    if (dialog->target_count == 0) return;
    if (dialog->target_count == 1 && !is_followed(dialog->verb)) return;
    *results = (struct results){.verb = dialog->verb, .count = dialog->target_count};
    memcpy(results->title, dialog->title, sizeof results->title);
    for (size_t i = 0; i < results->count; i++) begin_row(&results->rows[i], dialog, i);
    if (is_open) results_open(ui);
}

static enum result_is judge_end(enum ls_verb verb, enum ls_state state)
{
    switch (state) {
    case LS_STATE_DONE:
    case LS_STATE_COMPENSATED:
        return verb == LS_VERB_CANCEL || verb == LS_VERB_HOLD ? RESULT_FAILED : RESULT_GOOD;
    case LS_STATE_CANCELLED: return verb == LS_VERB_CANCEL ? RESULT_GOOD : RESULT_FAILED;
    case LS_STATE_FAILED: return verb == LS_VERB_RESOLVE_NEVER ? RESULT_GOOD : RESULT_FAILED;
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED: return RESULT_QUEUED;
    case LS_STATE_SUBMITTED: return RESULT_SENT;
    case LS_STATE_HELD: break;
    }
    return RESULT_HELD;
}

static enum result_is
judge(enum ls_verb verb, const struct result *result, const struct ls_op_row *row)
{
    if (row->version <= result->version) return RESULT_QUEUED; /* as it was before */
    if (row->state != LS_STATE_HELD) return judge_end(verb, row->state);
    if (verb == LS_VERB_HOLD) return RESULT_GOOD;
    return row->sub == LS_SUB_AMBIGUOUS ? RESULT_DOUBT : RESULT_HELD;
}

/* What is wanted by the action, as one would say it when it came to be. */
static const char *good_word(enum ls_verb verb)
{
    switch ((int)verb) {
    case LS_VERB_COMPENSATE: return "undone";
    case LS_VERB_HOLD: return "held";
    case LS_VERB_CANCEL: return "cancelled";
    case LS_VERB_RESOLVE_NEVER: return "failed, as was vouched";
    default: return "succeeded";
    }
}

static const char *bad_word(enum ls_verb verb)
{
    if (verb == LS_VERB_CANCEL || verb == LS_VERB_HOLD) return "too late";
    return verb == LS_VERB_RETRY || verb == LS_VERB_EDIT ? "failed again" : "failed";
}

static void write_failed(enum ls_verb verb, const struct ls_op_row *row, struct result *result)
{
    const char *why = row->cause[0] == '\0' ? "no cause is recorded" : row->cause;
    if (row->state == LS_STATE_CANCELLED) why = "it was cancelled";
    if (row->state == LS_STATE_DONE) why = "it landed before";
    (void)snprintf(result->words, sizeof result->words, "%s: %.160s", bad_word(verb), why);
}

static void write_words(enum ls_verb verb, const struct ls_op_row *row, struct result *result)
{
    char name[LS_SHORT_BYTES];
    char state[48];
    char slot[LS_FORMAT_BYTES];
    ls_short_address(row->signature, name);
    state_words(row->state, row->sub, state, sizeof state);
    ls_format_count(row->slot, slot);
    switch (result->is) {
    case RESULT_QUEUED:
        (void)snprintf(result->words, sizeof result->words, "queued%s%s",
                       row->state == LS_STATE_BLOCKED ? ": " : "",
                       row->state == LS_STATE_BLOCKED ? state : "");
        break;
    case RESULT_SENT:
        (void)snprintf(result->words, sizeof result->words, "sent  %s", name);
        break;
    case RESULT_GOOD:
        (void)snprintf(result->words, sizeof result->words, "%s%s%s", good_word(verb),
                       row->state == LS_STATE_DONE && row->slot > 0 ? " in slot " : "",
                       row->state == LS_STATE_DONE && row->slot > 0 ? slot : "");
        break;
    case RESULT_FAILED: write_failed(verb, row, result); break;
    case RESULT_DOUBT:
        (void)snprintf(result->words, sizeof result->words,
                       "in doubt: held until its landing is known");
        break;
    case RESULT_HELD: (void)snprintf(result->words, sizeof result->words, "%s", state); break;
    case RESULT_NOT_DONE:
    case RESULT_TAKEN: break;
    }
}

void results_answer(struct ls_ui *ui, const struct ls_ui_message *message)
{
    struct results *results = &ui->results;
    if (!results->is_waiting || message->ticket != results->ticket) return;
    results->is_waiting = false;
    if (message->ops == NULL) return; /* the header says that the database is away */
    for (size_t i = 0; i < results->count; i++) {
        struct result *result = &results->rows[i];
        if (!may_move(result)) continue;
        for (size_t at = 0; at < message->ops->count; at++) {
            const struct ls_op_row *row = &message->ops->rows[at];
            if (row->op.value != result->followed.value) continue;
            result->is = judge(results->verb, result, row);
            write_words(results->verb, row, result);
        }
    }
}

LS_PRINTF(3, 4) static void append(char *out, size_t out_bytes, const char *format, ...)
{
    const size_t length = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out + length, out_bytes - length, format, arguments); /* cut by design */
    va_end(arguments);
}

void results_summary(const struct results *results, char *out, size_t out_bytes)
{
    size_t counts[RESULT_KINDS] = {0};
    out[0] = '\0';
    for (size_t i = 0; i < results->count; i++) counts[results->rows[i].is]++;
    const size_t moving = counts[RESULT_QUEUED] + counts[RESULT_SENT];
    if (counts[RESULT_TAKEN] > 0)
        append(out, out_bytes, "%zu of %zu done", counts[RESULT_TAKEN], results->count);
    if (is_followed(results->verb))
        append(out, out_bytes, "%zu of %zu %s", counts[RESULT_GOOD], results->count,
               good_word(results->verb));
    if (counts[RESULT_FAILED] > 0)
        append(out, out_bytes, ", %zu %s", counts[RESULT_FAILED], bad_word(results->verb));
    if (counts[RESULT_DOUBT] > 0)
        append(out, out_bytes, ", %zu in doubt", counts[RESULT_DOUBT]);
    if (counts[RESULT_HELD] > 0) append(out, out_bytes, ", %zu held", counts[RESULT_HELD]);
    if (moving > 0)
        append(out, out_bytes, ", %zu on %s way", moving, moving == 1 ? "its" : "their");
    if (counts[RESULT_NOT_DONE] > 0)
        append(out, out_bytes, ", %zu not done", counts[RESULT_NOT_DONE]);
}

/* Keys that lead to another screen leave this; what else acts on a row that it covers does not.
 */
static bool leads_away(const struct command *command)
{
    return strncmp(command->name, "go-", 3) == 0 || strcmp(command->name, "next-screen") == 0 ||
           strcmp(command->name, "previous-screen") == 0;
}

static bool is_of_the_terminal(const struct command *command)
{
    return command->run == do_redraw || command->run == do_plain ||
           command->run == do_suspend || command->run == act_quit;
}

static void open_row(struct ls_ui *ui)
{
    struct results *results = &ui->results;
    results->is_open = false;
    ui_show_op(ui, results->rows[results->cursor.at].followed);
}

static void move(struct ls_ui *ui, int64_t by)
{
    cursor_move(&ui->results.cursor, by, (int64_t)ui->results.count, results_visible(ui));
}

void results_key(struct ls_ui *ui, struct ls_key key)
{
    const struct command *command = key_command_of(&ui->keymap, ui->screen, key);
    const int64_t page = results_visible(ui);
    const int64_t all = (int64_t)ui->results.count;
    if (key.code == LS_KEY_ESC || (command != NULL && (command->run == results_open ||
                                                       command->run == do_back_or_quit))) {
        ui->results.is_open = false;
    } else if (command == NULL) {
        ui_toast(ui, false, "Esc closes this; what was sent goes on");
    } else if (leads_away(command)) {
        ui->results.is_open = false;
        key_command_run(ui, command);
    } else if (is_of_the_terminal(command)) {
        key_command_run(ui, command);
    } else if (command->run == do_move_down || command->run == do_move_up) {
        move(ui, command->run == do_move_down ? 1 : -1);
    } else if (command->run == do_page_down || command->run == do_page_up) {
        move(ui, command->run == do_page_down ? page : -page);
    } else if (command->run == do_to_first || command->run == do_to_last) {
        move(ui, command->run == do_to_last ? all : -all);
    } else if (command->run == do_open_row || key.code == LS_KEY_ENTER) {
        open_row(ui);
    } else {
        ui_toast(ui, false, "Esc closes this; what was sent goes on");
    }
}
