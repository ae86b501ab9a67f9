#include "feed_desk.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/host/clock.h"
#include "lockstep/service/act.h"

enum { DESK_MS = 2000, BEAT_MS = 5000 };

void feed_desk_init(struct feed_desk *desk)
{
    struct ls_action claims = {0};
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, desk->id, sizeof desk->id);
    ls_act_claims(&claims);
    memcpy(desk->os_user, claims.os_user, sizeof desk->os_user);
    if (gethostname(desk->host, sizeof desk->host - 1) != 0) desk->host[0] = '\0';
    atomic_store(&desk->screen, "Dash");
}

bool feed_desk_is_due(const struct feed_desk *desk, int64_t now_ms)
{
    return now_ms >= desk->due_ms || now_ms >= desk->beat_ms;
}

/* Others see that this console is here; where it may not write, they do not. */
static void beat(struct feed_desk *desk, ls_session *session)
{
    struct ls_why why = {0};
    const struct ls_presence_beat presence = {.id = desk->id,
                                              .os_user = desk->os_user,
                                              .host = desk->host,
                                              .screen = atomic_load(&desk->screen),
                                              .pid = getpid()};
    (void)ls_failed(ls_session_presence(session, &presence, &why));
}

static void leave_self_out(const struct feed_desk *desk, struct ls_people *facts)
{
    char own[sizeof facts->presences[0].id] = "";
    size_t kept = 0;
    for (size_t i = 0; i < sizeof desk->id; i++)
        (void)snprintf(own + 2 * i, sizeof own - 2 * i, "%02x", desk->id[i]);
    for (size_t i = 0; i < facts->presence_count; i++) {
        if (strcmp(facts->presences[i].id, own) != 0)
            facts->presences[kept++] = facts->presences[i];
    }
    facts->presence_count = kept;
}

bool feed_desk_read(struct feed_desk *desk,
                    ls_session *session,
                    int64_t now_ms,
                    struct ls_people *out)
{
    struct ls_why why = {0};
    if (now_ms >= desk->beat_ms) {
        desk->beat_ms = now_ms + BEAT_MS;
        beat(desk, session);
    }
    desk->due_ms = now_ms + DESK_MS;
    if (ls_failed(ls_session_people(session, out, &why))) return false;
    leave_self_out(desk, out);
    return true;
}

void feed_desk_leave(const struct feed_desk *desk, ls_session *session)
{
    struct ls_why why = {0};
    (void)ls_failed(ls_session_presence_end(session, desk->id, &why));
}
