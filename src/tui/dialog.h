/* The question before anything is done: its keys, its answers, and the command line that would
 * do the same. What a dialog holds stands in ui_model.h. */
#ifndef LOCKSTEP_TUI_DIALOG_H
#define LOCKSTEP_TUI_DIALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/cells/key.h"

struct ls_ui;
struct ls_ui_message;
struct dialog;
struct mark;

void dialog_leave_out(struct dialog *dialog, const struct mark *mark, const char *why);
/* What must be typed and what the title says, by the number of targets. */
void dialog_count(struct ls_ui *ui);
void dialog_open(struct ls_ui *ui);
void dialog_key(struct ls_ui *ui, struct ls_key key);
void dialog_paste(struct ls_ui *ui, const char *text);
void dialog_answer(struct ls_ui *ui, const struct ls_ui_message *message);
bool dialog_is_shown(const struct ls_ui *ui);
/* Actions that it asks for. */
size_t dialog_sends(const struct dialog *dialog);
bool dialog_is_right(const struct dialog *dialog);
/* dialog_twin.c: the same on the command line. */
void dialog_twin(const struct dialog *dialog, char *out, size_t out_bytes);
/* Append `text` to `out`, quoted for a POSIX shell. */
void twin_quoted(char *out, size_t out_bytes, const char *text);

#endif
