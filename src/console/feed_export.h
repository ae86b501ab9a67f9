/* The feed's export: at most one at a time, told about in messages of LS_UI_EXPORT. */
#ifndef LOCKSTEP_CONSOLE_FEED_EXPORT_H
#define LOCKSTEP_CONSOLE_FEED_EXPORT_H

#include "export_job.h"
#include "feed.h"

struct feed_export {
    export_job *job; /* NULL: none */
    int64_t told_ms;
};

bool feed_export_is_wanted(const struct ls_ui_request *request);
/* Begin, extend or end it as asked. An answer to be told, or NULL. */
struct feed_answer *feed_export_ask(struct feed_export *it,
                                    const struct ls_ui_request *request);
/* A little more of it. An answer to be told, or NULL. */
struct feed_answer *
feed_export_step(struct feed_export *it, ls_session *session, int64_t now_ms);

#endif
