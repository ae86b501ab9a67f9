/* Keys that go nowhere: those that mean nothing on this screen, and those that are typed while
 * the terminal is too small to show what they would do. */
#ifndef LOCKSTEP_TUI_STRAY_H
#define LOCKSTEP_TUI_STRAY_H

#include "command.h"

/* Say that `key` does nothing here, and on which screens it does something. */
void stray_report(struct ls_ui *ui, struct ls_key key);

/* The screens that a command is on: "Failed, Stuck and an operation". */
void stray_places(const struct command *command, char *out, size_t out_bytes);

/* Whether the terminal has room for the two lines alone (view_small). */
bool stray_is_blind(const struct ls_ui *ui);

/* Take a key that was typed there: what cannot be seen is not answered. Esc leaves what is
 * open, the keys that quit ask or quit, the view is paused, and the terminal's own work;
 * everything else is dropped. */
void stray_blind_key(struct ls_ui *ui, struct ls_key key);

/* What waits for a larger window, for the last line: "RETRY 3 operations on prod waits"; ""
 * for nothing. */
void stray_blind_words(const struct ls_ui *ui, char *out, size_t out_bytes);

#endif
