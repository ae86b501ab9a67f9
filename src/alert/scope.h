/* Who shows the alerts of one scope within a session: a name on its bus. */
#ifndef LOCKSTEP_ALERT_SCOPE_H
#define LOCKSTEP_ALERT_SCOPE_H

#include <stdbool.h>

#include <gio/gio.h>

#include "lockstep/base/err.h"

struct ls_scope;

/* Become the notifier of `scope`, or watch whether there is one. LS_CODE_REFUSED with `why`
 * when another process is it, LS_CODE_UNAVAILABLE when the bus does not say,
 * LS_CODE_NO_MEMORY. In the thread of the bubbles. */
LS_MUST_CHECK ls_err ls_scope_open(GDBusConnection *connection,
                                   const char *scope,
                                   bool is_notifier,
                                   struct ls_scope **scope_out,
                                   struct ls_why *why);
/* NULL is allowed. */
void ls_scope_close(struct ls_scope *scope);
/* Whether another process is the notifier now; false for NULL and for the notifier. */
bool ls_scope_is_taken(const struct ls_scope *scope);

#endif
