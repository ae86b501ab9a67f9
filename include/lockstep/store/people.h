/* Notes, claims, silences and presence, read and told through a session. Actions on them go
 * through ls_session_act(). Errors as session.h says. */
#ifndef LOCKSTEP_STORE_PEOPLE_H
#define LOCKSTEP_STORE_PEOPLE_H

#include "lockstep/core/people.h"
#include "lockstep/store/session.h"

LS_MUST_CHECK ls_err ls_session_people(ls_session *session,
                                       struct ls_people *out,
                                       struct ls_why *why);
/* This console is here, on that screen; 20 seconds later it is not. `id` is 16 random bytes
 * of its own. A standby refuses. */
struct ls_presence_beat {
    const uint8_t *id;
    const char *os_user, *host, *screen;
    int64_t pid;
};
LS_MUST_CHECK ls_err ls_session_presence(ls_session *session,
                                         const struct ls_presence_beat *beat,
                                         struct ls_why *why);
/* It leaves. */
LS_MUST_CHECK ls_err ls_session_presence_end(ls_session *session,
                                             const uint8_t *id,
                                             struct ls_why *why);
/* Notes on `target` ("op 17"), oldest first, or the newest `limit` of all where it is NULL,
 * newest first. `limit` is 1..1000; `take` is called for each. */
LS_MUST_CHECK ls_err ls_session_notes(ls_session *session,
                                      const char *target,
                                      int32_t limit,
                                      void (*take)(void *self, const struct ls_note *note),
                                      void *self,
                                      struct ls_why *why);

#endif
