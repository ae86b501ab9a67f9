/* Before the targets of an action are sent again or undone: whichever worker lives looks each
 * up on the ledger, and what may not go by that is left out. The command line's twin of the
 * console's dialog (tui/check.h), by the same rules; where the ledger does not answer for an
 * operation it stays out here, since nobody sees it and decides. */
#ifndef LOCKSTEP_APP_TARGET_LOOK_H
#define LOCKSTEP_APP_TARGET_LOOK_H

#include "lockstep/base/buf.h"
#include "target.h"

struct target_looks {
    bool is_made; /* else the action asks the ledger for nothing */
    struct ls_look_counts counts;
    size_t silent;   /* the ledger did not answer for them */
    size_t left_out; /* of the targets, for whatever reason */
    int64_t at_ms;   /* the database's clock, ms since 1970 */
};

/* Whether operations are looked up before they are acted on so. */
bool target_look_needed(enum ls_verb verb);
/* Look all up and judge them. DONE: every target was judged. Else it was complained about and
 * nothing may be done: REFUSED when no worker lives, NO_LEDGER when none answers in time. How
 * far it is stands on standard error where that is a terminal. */
enum ls_exit targets_look(const struct command_call *call,
                          ls_session *session,
                          struct targets *targets,
                          struct target_looks *looks_out);
/* What was found of it: "not found", "landed in slot 77"; and why it may not go, with the cure:
 * "" when it may. */
enum { TARGET_WORDS_BYTES = 160 };
void target_found_words(const struct target *target, char out[TARGET_WORDS_BYTES]);
void target_why_words(const struct target *target, char out[TARGET_WORDS_BYTES]);
bool target_may_go(const struct target *target);
/* The same as members of a JSON object: "found", "slot", "goes", "why_not". */
void target_json(struct ls_buf *out, const struct target *target);
/* Complain about each that may not go; the status of what was left out, DONE if nothing was. */
enum ls_exit targets_complain(const struct command_call *call, const struct targets *targets);
/* "looked at 02:13:07 UTC: 10 never landed, 1 unknown, 1 already landed", a line of its own;
 * and the same as a member of a JSON object. Nothing where nothing was looked at. */
void target_looks_line(struct ls_buf *out, const struct target_looks *looks);
void target_looks_json(struct ls_buf *out, const struct target_looks *looks);

#endif
