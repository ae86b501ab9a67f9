/* The command line after `:`: the console's own commands, screens by name, the commands of
 * the keys by name, and every command of the shell. */
#ifndef LOCKSTEP_TUI_LINE_H
#define LOCKSTEP_TUI_LINE_H

#include "ui_model.h"

/* What can stand behind a command, for completion. */
enum line_argument {
    LINE_NOTHING,
    LINE_THEME,
    LINE_FILTER,
    LINE_OP,
    LINE_GATE,
    LINE_SETTING,
    LINE_TEXT,
};

struct line_command {
    const char *name;
    const char *usage; /* ":theme NAME" */
    const char *help;
    enum line_argument argument;
    /* False, with prompt.why, when the line stays to be mended. */
    bool (*run)(struct ls_ui *ui, const char *argument);
};
const struct line_command *line_commands(size_t *count_out);

/* A setting of the view: `:set NAME VALUE`. */
struct line_setting {
    const char *name;
    const char *values; /* apart by blanks */
    const char *help;
};
const struct line_setting *line_settings(size_t *count_out);

bool line_run(struct ls_ui *ui, const char *line);
/* Say why a line cannot run; returns false. */
LS_PRINTF(2, 3) bool line_refuse(struct ls_ui *ui, const char *format, ...);
/* The shell's command that `line` begins with; the longest that fits. NULL for none. */
const struct ls_ui_cli *line_cli(const struct ls_ui *ui, const char *line);

/* complete.c: what could stand in place of the word under the caret. */
void complete_update(struct ls_ui *ui);
/* The next or previous candidate into the line; false when there is none. */
bool complete_step(struct ls_ui *ui, bool forward);

#endif
