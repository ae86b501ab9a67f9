#include "export.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "line.h"

/* What this screen can export; false when it lists nothing. */
static bool find_listing(const struct ls_ui *ui, enum ls_ui_export *what_out)
{
    if (screen_is_list(ui->screen)) {
        *what_out = LS_UI_EXPORT_OPS;
    } else if (ui->screen == SCREEN_ALERTS) {
        *what_out = LS_UI_EXPORT_ALERTS;
    } else if (ui->screen == SCREEN_AUDIT) {
        *what_out = LS_UI_EXPORT_AUDIT;
    } else if (ui->screen == SCREEN_BATCHES) {
        *what_out = LS_UI_EXPORT_BATCHES;
    } else if (ui->screen == SCREEN_BULK) {
        *what_out = ui->bulks.is_open ? LS_UI_EXPORT_TARGETS : LS_UI_EXPORT_BULKS;
    } else {
        return false;
    }
    return true;
}

void export_open(struct ls_ui *ui)
{
    char screen[LS_KEY_SCREEN_BYTES] = "";
    char line[128];
    const struct ls_civil at = ls_civil_of(ui->wall_ms, 0);
    (void)ls_key_screen_name((int32_t)ui->screen, screen);
    prompt_open(ui, PROMPT_COMMAND);
    (void)snprintf(line, sizeof line, "export lockstep-%s-%04d%02d%02d-%02d%02d%02d.csv",
                   screen, at.year, at.month, at.day, at.hour, at.minute, at.second);
    input_set(&ui->prompt.input, line);
    complete_update(ui);
}

/* The filter that the Batches screen goes by; it was read once already. */
static struct ls_batch_filter shown_batches(const struct ls_ui *ui)
{
    struct ls_batch_filter filter = {0};
    struct ls_why why = {0};
    const ls_err err = ls_batch_filter_parse(ui->batches.filter_text, &filter, &why);
    assert(!ls_failed(err));
    return filter;
}

bool export_run(struct ls_ui *ui, const char *path, bool overwrites)
{
    enum ls_ui_export what = LS_UI_EXPORT_OPS;
    const size_t length = strlen(path);
    if (ui->export.is_running) {
        char words[64];
        key_words(ui, "an export is on its way: {back} stops it", words, sizeof words);
        return line_refuse(ui, "%s", words);
    }
    if (!find_listing(ui, &what))
        return line_refuse(ui, "no listing is here: export on Failed, Stuck, Queue, Batches, "
                               "Alerts, Audit or Bulk");
    const bool is_csv = length > 4 && strcmp(path + length - 4, ".csv") == 0;
    const bool is_lines = length > 6 && strcmp(path + length - 6, ".jsonl") == 0;
    if (!is_csv && !is_lines)
        return line_refuse(ui, "name the file: :export FILE.csv or :export FILE.jsonl");
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_EXPORT);
    if (request == NULL) return line_refuse(ui, "too much at once: try again");
    (void)snprintf(request->text, sizeof request->text, "%s", path);
    request->export = what;
    request->overwrites = overwrites;
    ui->export = (struct export){.is_running = true, .ticket = request->ticket};
    (void)snprintf(ui->export.path, sizeof ui->export.path, "%s", path);
    if (what == LS_UI_EXPORT_OPS) list_want_export(ui, request);
    if (what == LS_UI_EXPORT_TARGETS) request->bulk = ui->bulks.targets_id;
    if (what == LS_UI_EXPORT_BATCHES) request->batches = shown_batches(ui);
    return true;
}

void export_stop(struct ls_ui *ui)
{
    (void)ui_request(ui, LS_UI_WANT_STOP_EXPORT);
}

/* It exists: the line comes again, and Enter means it. */
static void ask_overwrite(struct ls_ui *ui)
{
    char line[INPUT_BYTES];
    (void)snprintf(line, sizeof line, "export! %.480s", ui->export.path);
    prompt_open(ui, PROMPT_COMMAND);
    input_set(&ui->prompt.input, line);
    complete_update(ui);
    (void)line_refuse(ui, "%.200s exists: Enter overwrites it, Esc keeps it", ui->export.path);
}

void export_take(struct ls_ui *ui, const struct ls_ui_message *message)
{
    if (!ui->export.is_running || message->ticket != ui->export.ticket) return;
    ui->export.rows = message->rows_done;
    ui->export.permille = message->permille;
    if (!message->is_end) return;
    ui->export.is_running = false;
    const bool is_free = !ui->help.is_open && !dialog_is_shown(ui) &&
                         ui->prompt.kind == PROMPT_NONE && !pane_is_open(ui);
    if (message->is_bad && message->status == 1 && is_free) {
        ask_overwrite(ui);
    } else if (message->is_bad) {
        ui_toast(ui, true, "%s", message->why == NULL ? "not exported" : message->why);
    } else {
        char count[LS_FORMAT_BYTES];
        ls_format_count(ui->export.rows, count);
        ui_toast(ui, false, "%s rows in %s", count, message->why);
    }
}
