#include "view_hints.h"

#include <string.h>

#include "command.h"

static bool is_offered(const struct ls_ui *ui, const struct command *command)
{
    struct ls_why why = {0};
    if (!command_is_on(command, ui->screen) || command->hint == NULL) return false;
    bool steps_in_time = command->run == do_minute_back || command->run == do_minute_on;
    if (command->run == help_open || (steps_in_time && !ui->past.is_on)) return false;
    return command_can_run(ui, command, &why);
}

/* Of a worker or a gate: what pausing would do to it. */
static const char *pause_hint(const struct ls_ui *ui)
{
    const size_t at = (size_t)ui->health.at;
    if (at >= ui->dashboard.worker_count) return "lift";
    return ui->dashboard.workers[at].is_paused ? "resume" : "pause";
}

/* A key's word: what it would do to what the cursor is on. */
static const char *hint_of(const struct ls_ui *ui, const struct command *command)
{
    if (command->run == act_hold) {
        const struct ls_op_row *row = ui_current_row(ui);
        return row != NULL && row->state == LS_STATE_HELD ? "release" : "hold";
    }
    if (command->run == act_verify && screen_is_list(ui->screen) &&
        ui_list_const(ui)->mark_count > 0)
        return "verify marked";
    if (command->run == act_pause) return pause_hint(ui);
    if (command->run == act_pause_batch && batches_row(ui)->is_paused) return "resume";
    if (command->run == act_pause_job && bulks_row(ui)->state == LS_BULK_PAUSED)
        return "resume";
    if (command->run == do_mark_page && ui_list_const(ui)->offers_all) return "all matching";
    if (command->run == do_back_or_quit && ui->past.is_on) return "back to now";
    if (command->run == do_back_or_quit && ui->screen == SCREEN_DASH) return "quit";
    return command->hint;
}

static int32_t
put_hint(struct view view, int32_t row, int32_t column, const struct command *command)
{
    char key[LS_KEY_NAME_BYTES];
    command_first_key(view.ui, command, key);
    const int32_t end = view.area.columns - 1;
    const char *hint = hint_of(view.ui, command);
    const int32_t cells = (int32_t)(strlen(key) + strlen(hint)) + 1;
    if (key[0] == '\0' || column + cells > end) return column;
    column = ls_grid_text(view.grid, ls_span_of(row, column, end), LS_ROLE_KEY, key) + 1;
    return ls_grid_text(view.grid, ls_span_of(row, column, end), LS_ROLE_HINT, hint) + 2;
}

/* "? help" at the right end: the one hint that leads to all others. */
static int32_t put_help(struct view view, int32_t row)
{
    char help[LS_KEY_NAME_BYTES + 8];
    help_words(view.ui, help, sizeof help);
    const int32_t end = view.area.columns - 1;
    const int32_t column = end - (int32_t)strlen(help);
    const int32_t key_cells = (int32_t)strcspn(help, " ");
    (void)ls_grid_bytes(view.grid, ls_span_of(row, column, end), LS_ROLE_KEY, help,
                        (size_t)key_cells);
    (void)ls_grid_text(view.grid, ls_span_of(row, column + key_cells, end), LS_ROLE_HINT,
                       help + key_cells);
    return column - 1;
}

void view_hints(struct view view, int32_t row)
{
    const struct ls_ui *ui = view.ui;
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    int32_t column = 1;
    if (dialog_is_shown(ui) || ui->edit.is_open || ui->help.is_open || ui->results.is_open)
        return;
    if (!tabs_have_help(view)) view.area.columns = put_help(view, row);
    for (int pass = 0; pass < 2; pass++) { /* what acts first: it must not be cut off */
        for (size_t i = 0; i < count; i++) {
            if (rows[i].acts == (pass == 0) && is_offered(ui, &rows[i]))
                column = put_hint(view, row, column, &rows[i]);
        }
    }
}
