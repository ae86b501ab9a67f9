/* What the feed reads of batches and bulk jobs, and what it carries out. Private to the feed.
 */
#ifndef LOCKSTEP_CONSOLE_FEED_LISTS_H
#define LOCKSTEP_CONSOLE_FEED_LISTS_H

#include "feed.h"
#include "lockstep/store/session.h"

/* The kind of the answer to a question, and the bytes of its record; false when the request is
 * no question. */
bool feed_answer_kind(enum ls_ui_request_kind want,
                      enum ls_ui_message_kind *answer_out,
                      size_t *bytes_out);
/* Read into `answer->record`, which has those bytes, and let the message point to it. */
LS_MUST_CHECK ls_err feed_list_read(ls_session *session,
                                    const struct ls_ui_request *request,
                                    struct feed_answer *answer);
/* Whether a person confirmed it: an action, or the order of a bulk job. */
bool feed_is_act(const struct ls_ui_request *request);
/* Carry it out under `action`'s request id and claims. */
void feed_act(ls_session *session,
              const struct ls_ui_request *request,
              const struct ls_action *action,
              struct ls_action_result *result_out);

#endif
