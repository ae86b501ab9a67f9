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

#endif
