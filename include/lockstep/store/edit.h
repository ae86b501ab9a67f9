/* A new payload for an operation, through a session. Errors as session.h says. */
#ifndef LOCKSTEP_STORE_EDIT_H
#define LOCKSTEP_STORE_EDIT_H

#include "lockstep/core/action.h"
#include "lockstep/store/session.h"

/* Give operation `action->op`, which is at `action->expected_version` (0: any), the payload
 * and send it again, in one audited transaction; LS_VERB_EDIT. A refusal is in the result:
 * where it is not certain that nothing landed, where the payload is not valid. Above its
 * kind's value limit the first person is recorded and the second does it. */
void ls_session_edit(ls_session *session,
                     const struct ls_action *action,
                     const char *payload,
                     struct ls_action_result *result_out);

/* Whether `payload` could be given to `op`, before anybody is asked: LS_CODE_INVALID where it
 * is no valid payload or would change nothing, LS_CODE_REFUSED where a supply does not allow
 * it, LS_CODE_NOT_FOUND; `why` says which member and why. Changes nothing. That nothing landed
 * is not looked at. */
LS_MUST_CHECK ls_err ls_session_weigh_edit(ls_session *session,
                                           ls_op_id op,
                                           const char *payload,
                                           struct ls_why *why);

#endif
