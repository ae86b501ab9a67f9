/* What may be typed next on a line of the shell, from the tables of commands, options and the
 * filter language. Every shell's completion asks this one place (`lockstep completion words`),
 * so that they offer the same; it opens no configuration, database or ledger. */
#ifndef LOCKSTEP_APP_CANDIDATE_H
#define LOCKSTEP_APP_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "command.h"
#include "lockstep/base/buf.h"

/* Append what may stand in place of the last of `words`, one a line: the whole word, a tab, a
 * few words about it. `words` is the line as the shell would hand it over, behind the name of
 * the program and up to the caret; its last word is what is typed so far, "" between words.
 *
 * Where a path may stand, a line follows whose word is empty: "files" or "folders" behind the
 * first tab, and behind a second one what the word begins with that is no part of the path
 * ("--config=", "@"). The shell knows best how to find and quote those. */
void candidates(const char *const *words, size_t count, struct ls_buf *out);

/* The word at the caret. */
struct candidate_place {
    const char *word;
    size_t kept;  /* bytes of it that stay as they are: "--theme=", "memo," */
    size_t start; /* of `out` when nothing was offered */
    struct ls_buf *out;
};

/* candidate_value.c: what stands at a place. */

/* The word, if it begins as what is typed does; once, however often it is offered. */
void candidate_offer(const struct candidate_place *place, const char *word, const char *help);
/* The values of an option that takes one. */
void candidate_option_value(const struct candidate_place *place,
                            const struct command *command,
                            enum option option);
/* One argument of a synopsis: "FILTER|ID", "kind:K|lane:N|all". */
void candidate_argument(const struct candidate_place *place,
                        const struct command *command,
                        const char *argument,
                        size_t bytes);

#endif
