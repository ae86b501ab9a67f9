/* What an action on targets would do, told before it is done: by --dry-run, and by a question
 * to the person. */
#ifndef LOCKSTEP_APP_TARGET_PLAN_H
#define LOCKSTEP_APP_TARGET_PLAN_H

#include "target_look.h"

/* How many may go by what the looks said; all, where nothing was looked at. */
size_t targets_going(const struct targets *targets, const struct target_looks *looks);
/* What must hold before anybody is asked anything: --expect, and that there is one. */
LS_MUST_CHECK ls_err targets_check(const struct command_call *call,
                                   const struct targets *targets,
                                   struct ls_why *why);
/* Ask the person for `count` of them, unless it is one or --yes was given. */
LS_MUST_CHECK ls_err targets_ask(const struct command_call *call,
                                 enum ls_verb verb,
                                 size_t count,
                                 struct ls_why *why);
/* --dry-run: a line each, or one JSON document. */
enum ls_exit targets_print_plan(const struct command_call *call,
                                const struct targets *targets,
                                const struct target_looks *looks);
/* "left out: 3, because ...", of those in another state; nothing where there is none. */
void targets_left_out_line(struct ls_buf *out, const struct targets *targets);

#endif
