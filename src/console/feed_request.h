/* A console's request on its way to the feed, and the action in it. */
#ifndef LOCKSTEP_CONSOLE_FEED_REQUEST_H
#define LOCKSTEP_CONSOLE_FEED_REQUEST_H

#include "lockstep/store/session.h"
#include "lockstep/tui/ui.h"

/* A copy with a payload of its own; NULL when memory is exhausted. */
struct ls_ui_request *feed_request_copy(const struct ls_ui_request *request);
void feed_request_free(struct ls_ui_request *request);
/* An action has one request id, and says who acts, from its key press to its answer. */
void feed_request_name(struct ls_action *action);
/* Perform it; an unknown outcome is asked again with the same id, as database_act() does. */
void feed_request_act(ls_session *session,
                      const struct ls_ui_request *request,
                      const struct ls_action *action,
                      struct ls_action_result *result_out);

#endif
