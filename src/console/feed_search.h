/* A listing that the feed reads in steps, between its other duties: its rows are told as they
 * are found, and it can be stopped. One at a time: the screen shows one. */
#ifndef LOCKSTEP_CONSOLE_FEED_SEARCH_H
#define LOCKSTEP_CONSOLE_FEED_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/core/facts.h"
#include "lockstep/store/session.h"
#include "lockstep/tui/ui.h"

struct feed_search {
    bool is_on;
    struct ls_ui_request request;
    struct ls_ops_search search;
    struct ls_op_page page;
    int64_t told_ms;
};

/* Begin the listing that `request` asks for; what went on before is over. */
void feed_search_begin(struct feed_search *it, const struct ls_ui_request *request);
/* Look at more. True when there is something to tell: `it->page`, which is the last of the
 * answer when `it->is_on` is false afterwards. Returns the session's errors, which end it. */
LS_MUST_CHECK ls_err feed_search_step(struct feed_search *it,
                                      ls_session *session,
                                      int64_t now_ms,
                                      bool *tells_out,
                                      struct ls_why *why);
/* End it with what was found, if it is the one that `ticket` names. True when it was. */
bool feed_search_stop(struct feed_search *it, uint64_t ticket);

#endif
