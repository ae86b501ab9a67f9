#include "lockstep/core/desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct ls_claim *
find(const struct ls_claim *claims, size_t count, const char *target)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(claims[i].target, target) == 0) return &claims[i];
    }
    return NULL;
}

const struct ls_claim *ls_desk_claim(const struct ls_desk *desk, const char *target)
{
    return find(desk->claims, desk->claim_count, target);
}

const struct ls_claim *ls_desk_claim_of_op(const struct ls_desk *desk, ls_op_id op)
{
    char target[32];
    (void)snprintf(target, sizeof target, "op %" PRId64, op.value); /* fits */
    return ls_desk_claim(desk, target);
}

const struct ls_claim *ls_desk_silence(const struct ls_desk *desk, const char *rule)
{
    return find(desk->silences, desk->silence_count, rule);
}
