/* The manual pages, made from the tables of commands, options, configuration keys and the
 * console's keys, so that they cannot disagree with the program. */
#ifndef LOCKSTEP_APP_MANUAL_H
#define LOCKSTEP_APP_MANUAL_H

#include "lockstep/base/buf.h"

/* Append roff (man macros). */
void manual_commands(struct ls_buf *out); /* lockstep(1) */
void manual_config(struct ls_buf *out);   /* lockstep.conf(5) */
void manual_keys(struct ls_buf *out);     /* lockstep-keys(7) */

/* roff.c: the pieces. Text is escaped; a line never begins with a control. */
void roff_title(struct ls_buf *out, const char *name, const char *section, const char *what);
void roff_section(struct ls_buf *out, const char *title);
void roff_subsection(struct ls_buf *out, const char *title);
void roff_text(struct ls_buf *out, const char *text);
/* Text on a line of its own, right below a title. */
void roff_line(struct ls_buf *out, const char *text);
/* A tagged paragraph: `tag` in bold, `more` behind it as it is, then the text. */
void roff_item(struct ls_buf *out, const char *tag, const char *more, const char *text);
void roff_example(struct ls_buf *out, const char *lines);

/* completion.c: the script for a shell, which asks candidate.h what there is. */
void completion_bash(struct ls_buf *out);
void completion_zsh(struct ls_buf *out);
void completion_fish(struct ls_buf *out);

#endif
