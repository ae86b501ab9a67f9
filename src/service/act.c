#include "lockstep/service/act.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum { UNKNOWN_TRIES = 3 };

void ls_act_claims(struct ls_action *action)
{
    char memory[4096];
    struct passwd entry;
    struct passwd *found = NULL;
    if (getpwuid_r(getuid(), &entry, memory, sizeof memory, &found) == 0 && found != NULL) {
        (void)snprintf(action->os_user, sizeof action->os_user, "%s", found->pw_name);
    } else {
        (void)snprintf(action->os_user, sizeof action->os_user, "uid %u", (unsigned)getuid());
    }
    if (ttyname_r(STDIN_FILENO, action->tty, sizeof action->tty) != 0) action->tty[0] = '\0';
}

void ls_act(ls_session *session,
            const struct ls_action *action,
            struct ls_action_result *result_out)
{
    bool is_lost = false;
    for (int i = 0; i < UNKNOWN_TRIES; i++) {
        *result_out = (struct ls_action_result){0};
        ls_session_act(session, action, result_out);
        /* Not to be reached now says nothing of what was sent before. */
        if (is_lost && result_out->err.code == LS_CODE_UNAVAILABLE)
            result_out->err.code = LS_CODE_UNKNOWN;
        if (result_out->err.code != LS_CODE_UNKNOWN) return;
        is_lost = true;
    }
}
