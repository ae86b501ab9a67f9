#include "feed_request.h"

#include <string.h>

#include "database.h"
#include "lockstep/app/clock.h"

void feed_request_name(struct ls_action *action)
{
    static const uint8_t none[sizeof action->request_id];
    if (memcmp(action->request_id, none, sizeof none) != 0) return;
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, action->request_id, sizeof action->request_id);
    database_claims(action);
}
