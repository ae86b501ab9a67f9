/* A person's action, carried out once: whoever acts (console, command line, a button on the
 * desktop) does it through here. */
#ifndef LOCKSTEP_SERVICE_ACT_H
#define LOCKSTEP_SERVICE_ACT_H

#include "lockstep/core/action.h"
#include "lockstep/store/session.h"

/* Who says to act: user and terminal, claims that the audit log records as such. */
void ls_act_claims(struct ls_action *action);
/* Perform it; an unknown outcome is asked again with the same request id, which acts at
 * most once. LS_CODE_UNKNOWN stays when no try told: it may have been done. */
void ls_act(ls_session *session,
            const struct ls_action *action,
            struct ls_action_result *result_out);

#endif
