#include "lockstep/core/people.h"

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

const struct ls_claim *ls_people_claim(const struct ls_people *desk, const char *target)
{
    return find(desk->claims, desk->claim_count, target);
}

const struct ls_claim *ls_people_claim_of_op(const struct ls_people *desk, ls_op_id op)
{
    char target[32];
    (void)snprintf(target, sizeof target, "op %" PRId64, op.value); /* fits */
    return ls_people_claim(desk, target);
}

const struct ls_claim *ls_people_silence(const struct ls_people *desk, const char *rule)
{
    return find(desk->silences, desk->silence_count, rule);
}

const struct ls_note *ls_people_note(const struct ls_people *desk, const char *target)
{
    for (size_t i = 0; i < desk->note_count; i++) {
        if (strcmp(desk->notes[i].target, target) == 0) return &desk->notes[i];
    }
    return NULL;
}
