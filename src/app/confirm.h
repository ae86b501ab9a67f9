/* Asking a person before several operations are changed. */
#ifndef LOCKSTEP_APP_CONFIRM_H
#define LOCKSTEP_APP_CONFIRM_H

#include "lockstep/base/err.h"

/* Print `question` to standard error and read one line: OK for "yes" alone.
 * LS_CODE_REFUSED for any other answer, or at once when standard input is no terminal. */
LS_MUST_CHECK ls_err confirm(const char *question, struct ls_why *why);

#endif
