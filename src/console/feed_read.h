/* The feed's readings for questions of the console: one call of the session each. */
#ifndef LOCKSTEP_CONSOLE_FEED_READ_H
#define LOCKSTEP_CONSOLE_FEED_READ_H

#include "feed.h"
#include "lockstep/store/session.h"

/* Fill the answer's record, which is of the size that its request asks for. */
LS_MUST_CHECK ls_err feed_read(ls_session *session,
                               const struct ls_ui_request *request,
                               struct feed_answer *answer);

#endif
