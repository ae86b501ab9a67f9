/* The line at the bottom: keys that act on what is shown now, and what they would do. */
#ifndef LOCKSTEP_TUI_VIEW_HINTS_H
#define LOCKSTEP_TUI_VIEW_HINTS_H

#include "ui_model.h"

/* Nothing while a box is open that takes the keys: it names its own. */
void view_hints(struct view view, int32_t row);

/* view_frame.c: a text on row `row`; what is too long for it has the one above it, too. */
void view_banner(struct view view, int32_t row, enum ls_role role, const char *text);

/* view_frame.c: "? help", and whether it stands beside the tabs; else it ends the hints. */
void help_words(const struct ls_ui *ui, char *out, size_t out_bytes);
bool tabs_have_help(struct view view);

#endif
