/* From libpq's failures to ours: the code by what the caller should do, and one line for
 * a person. No line carries a password: connection strings are never repeated. */
#ifndef LS_STORE_FAULT_H
#define LS_STORE_FAULT_H

#include <libpq-fe.h>

#include <stdbool.h>

#include "lockstep/base/err.h"

/* A failed statement whose connection still stands: nothing of it happened. */
LS_MUST_CHECK ls_err fault_of_result(const PGresult *result,
                                     const char *what,
                                     struct ls_why *why);
/* Whether the same statement may simply be sent again (serialization, deadlock). */
bool fault_is_transient(const PGresult *result);
/* A connection that could not be made, or broke. UNAVAILABLE, or REFUSED where waiting
 * does not help (password, unknown database or role). */
LS_MUST_CHECK ls_err fault_of_connection(const PGconn *connection, struct ls_why *why);
/* `text` as one line into `why`. */
void fault_line(struct ls_why *why, const char *text);

#endif
