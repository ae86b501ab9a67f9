/* The desk in the feed: says that this console is here, reads who else is and who has what. */
#ifndef LOCKSTEP_CONSOLE_FEED_DESK_H
#define LOCKSTEP_CONSOLE_FEED_DESK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lockstep/store/people.h"

struct feed_desk {
    int64_t due_ms, beat_ms; /* when the next reading, the next sign of life is due */
    uint8_t id[16];
    char os_user[64], host[64];
    _Atomic(const char *) screen; /* static text: what is looked at; any thread */
};

void feed_desk_init(struct feed_desk *desk);
bool feed_desk_is_due(const struct feed_desk *desk, int64_t now_ms);
/* Without this console itself. False when the database does not answer. */
bool feed_desk_read(struct feed_desk *desk,
                    ls_session *session,
                    int64_t now_ms,
                    struct ls_people *out);
/* The console ends; where that cannot be said it expires by itself. */
void feed_desk_leave(const struct feed_desk *desk, ls_session *session);

#endif
