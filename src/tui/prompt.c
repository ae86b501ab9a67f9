#include "prompt.h"

#include <stdio.h>
#include <string.h>

#include "line.h"

void prompt_open(struct ls_ui *ui, enum prompt_kind kind)
{
    struct prompt *prompt = &ui->prompt;
    const bool is_batches = ui->screen == SCREEN_BATCHES;
    if (kind == PROMPT_FILTER && !screen_is_list(ui->screen) && !is_batches) {
        ui_toast(ui, false, "filters are for the listings: Failed, Stuck, Queue, Batches");
        return;
    }
    if (kind == PROMPT_COMMAND) (void)ui_request(ui, LS_UI_WANT_THEMES);
    prompt->kind = kind;
    prompt->why[0] = '\0';
    prompt->bad_bytes = 0;
    prompt->filters.at = prompt->lines.at = -1;
    input_clear(&prompt->input);
    if (kind == PROMPT_FILTER)
        input_set(&prompt->input,
                  is_batches ? ui->batches.filter_text : ui_list(ui)->filter_text);
    complete_update(ui);
}

static struct history *history_of(struct prompt *prompt)
{
    return prompt->kind == PROMPT_FILTER ? &prompt->filters : &prompt->lines;
}

static void remember(struct history *history, const char *line)
{
    const size_t count = history->count;
    if (line[0] == '\0' || (count > 0 && strcmp(history->lines[count - 1], line) == 0)) return;
    if (count == HISTORY_MAX) {
        memmove(history->lines[0], history->lines[1],
                sizeof history->lines - sizeof history->lines[0]);
        history->count--;
    }
    (void)snprintf(history->lines[history->count++], INPUT_BYTES, "%s", line);
}

static void recall(struct ls_ui *ui, bool is_back)
{
    struct prompt *prompt = &ui->prompt;
    struct history *history = history_of(prompt);
    const int64_t to = history->at + (is_back ? 1 : -1);
    if (to < -1 || to >= (int64_t)history->count) return;
    if (history->at < 0)
        (void)snprintf(history->draft, sizeof history->draft, "%s", prompt->input.text);
    history->at = to;
    input_set(&prompt->input,
              to < 0 ? history->draft : history->lines[history->count - 1 - (size_t)to]);
    complete_update(ui);
}

static bool take_filter(struct ls_ui *ui, const char *text)
{
    if (ui->screen == SCREEN_BATCHES) return batches_set_filter(ui, text);
    if (!list_set_filter(ui, ui_list(ui), text)) return false;
    ui_refresh_screen(ui, true);
    return true;
}

static void submit(struct ls_ui *ui)
{
    struct prompt *prompt = &ui->prompt;
    const enum prompt_kind kind = prompt->kind;
    char text[INPUT_BYTES];
    (void)snprintf(text, sizeof text, "%s", prompt->input.text);
    for (size_t i = strlen(text); i > 0 && text[i - 1] == ' '; i--) text[i - 1] = '\0';
    prompt->why[0] = '\0';
    prompt->bad_bytes = 0;
    remember(history_of(prompt), text);
    prompt->kind = PROMPT_NONE;
    const bool is_done =
        kind == PROMPT_FILTER ? take_filter(ui, text) : text[0] == '\0' || line_run(ui, text);
    if (is_done) return;
    prompt->kind = kind;
    history_of(prompt)->at = -1;
    if (prompt->bad_bytes > 0) prompt->input.caret = prompt->bad_at + prompt->bad_bytes;
    complete_update(ui);
}

static bool is_cancel(const struct prompt *prompt, struct ls_key key)
{
    if (key.code == LS_KEY_ESC) return true;
    if (key.code == LS_KEY_BACKSPACE && prompt->input.length == 0) return true;
    return key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c';
}

void prompt_key(struct ls_ui *ui, struct ls_key key)
{
    struct prompt *prompt = &ui->prompt;
    if (is_cancel(prompt, key)) {
        prompt->kind = PROMPT_NONE;
    } else if (key.code == LS_KEY_ENTER) {
        submit(ui);
    } else if (key.code == LS_KEY_TAB || key.code == LS_KEY_BACKTAB) {
        (void)complete_step(ui, key.code == LS_KEY_TAB); /* nothing to offer: nothing happens */
        prompt->bad_bytes = 0;
        prompt->why[0] = '\0';
    } else if (key.code == LS_KEY_UP || key.code == LS_KEY_DOWN) {
        recall(ui, key.code == LS_KEY_UP);
    } else if (input_key(&prompt->input, key)) {
        prompt->why[0] = '\0';
        prompt->bad_bytes = 0;
        complete_update(ui);
    }
}

void prompt_paste(struct ls_ui *ui, const char *text)
{
    input_paste(&ui->prompt.input, text);
    complete_update(ui);
}
