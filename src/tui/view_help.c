#include <stdio.h>
#include <string.h>

#include "command.h"

enum { HELP_COLUMNS_MAX = 92, HEAD_ROWS = 2, KEYS_CELLS = 12 };

static void draw_head(struct view view)
{
    const struct input *search = &view.ui->help.search;
    struct ls_span span = ls_rect_line(view.area, 0, 1);
    span.column = ls_grid_text(view.grid, span, LS_ROLE_KEY, "> ");
    int32_t first = span.column;
    (void)ls_grid_text(view.grid, span, LS_ROLE_TITLE, search->text);
    if (search->length == 0)
        (void)ls_grid_text(view.grid, span, LS_ROLE_MUTED, "type to search");
    int32_t before = (int32_t)ls_gate_width(search->text, search->caret);
    ls_grid_set_cursor(view.grid, span.row, first + before);
}

static void
draw_command(struct view view, int32_t row, const struct command *command, bool is_here)
{
    const struct ls_ui *ui = view.ui;
    struct ls_why why = {0};
    bool is_possible = command_can_run(ui, command, &why);
    char names[COMMAND_KEYS_BYTES];
    command_keys(&ui->keymap, command, ui->screen, names);
    struct ls_span span = ls_rect_line(view.area, row, 1);
    struct ls_span keys = span;
    keys.end = span.column + KEYS_CELLS;
    (void)ls_grid_text(view.grid, keys, is_possible ? LS_ROLE_KEY : LS_ROLE_MUTED, names);
    span.column += KEYS_CELLS + 1;
    if (is_possible) {
        (void)ls_grid_text(view.grid, span, LS_ROLE_TEXT, command->help);
    } else {
        (void)ls_grid_printf(view.grid, span, LS_ROLE_MUTED, "%s: not now, %s",
                             command->hint == NULL ? command->help : command->hint, why.text);
    }
    if (is_here) view_select(view, row, KEYS_CELLS + 2);
}

void view_help(struct view view)
{
    const struct ls_ui *ui = view.ui;
    struct ls_rect body = view.area;
    int32_t columns = body.columns - 6 < HELP_COLUMNS_MAX ? body.columns - 6 : HELP_COLUMNS_MAX;
    int64_t count = help_count(ui);
    int32_t rows = body.rows;
    view.area = (struct ls_rect){body.row, (body.columns - columns) / 2, rows, columns};
    ls_grid_fill(view.grid, view.area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    char title[64];
    char note[64];
    (void)snprintf(title, sizeof title, "Help: %s   capitals act, and ask first",
                   screen_name(ui->screen));
    (void)snprintf(note, sizeof note, "Enter runs, Esc closes");
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, title, note);
    draw_head(view);
    int32_t room = view.area.rows - HEAD_ROWS;
    int64_t top = ui->help.at >= room ? ui->help.at - room + 1 : 0;
    for (int32_t row = 0; row < room; row++) {
        const struct command *command = help_match(ui, top + row);
        if (command == NULL) break;
        draw_command(view, row + HEAD_ROWS, command, top + row == ui->help.at);
    }
    if (count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, HEAD_ROWS, 1), LS_ROLE_MUTED,
                           "nothing matches");
    }
}
