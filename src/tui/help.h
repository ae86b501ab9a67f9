/* What the help shows: the matching commands in two lists, and why some cannot run now. */
#ifndef LOCKSTEP_TUI_HELP_H
#define LOCKSTEP_TUI_HELP_H

#include "command.h"

enum {
    HELP_COMMANDS_MAX = 128,
    HELP_TWO_COLUMNS = 90, /* from this width of the screen on */
};

struct help_plan {
    size_t total; /* commands of the screen, matching or not */
    size_t act_count, look_count, elsewhere_count;
    const struct command *acts[HELP_COMMANDS_MAX];
    const struct command *looks[HELP_COMMANDS_MAX]; /* the screen's own first */
    /* What a search finds on other screens alone. */
    const struct command *elsewhere[HELP_COMMANDS_MAX];
};

void help_plan(const struct ls_ui *ui, struct help_plan *plan_out);
bool help_is_wide(const struct ls_ui *ui);
/* The entry under the help's cursor: the acting ones come first. NULL where nothing
 * matches. */
const struct command *help_chosen(const struct ls_ui *ui, const struct help_plan *plan);

#endif
