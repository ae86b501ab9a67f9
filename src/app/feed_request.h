/* The action in a console's request. */
#ifndef LOCKSTEP_APP_FEED_REQUEST_H
#define LOCKSTEP_APP_FEED_REQUEST_H

#include "lockstep/core/action.h"

/* An action has one request id, and says who acts, from its key press to its answer. */
void feed_request_name(struct ls_action *action);

#endif
