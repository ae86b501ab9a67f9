#include "recent.h"

#include <stdio.h>

#include "lockstep/cells/format.h"

void recent_add(
    struct recent *recent, ls_op_id op, int64_t version, enum ls_verb verb, int64_t now_ms)
{
    size_t at = recent->next % RECENT_MAX;
    for (size_t i = 0; i < RECENT_MAX; i++)
        if (recent->items[i].op.value == op.value) at = i; /* the newest is told */
    if (at == recent->next % RECENT_MAX) recent->next++;
    recent->items[at].op = op;
    recent->items[at].verb = verb;
    recent->items[at].version = version;
    recent->items[at].at_ms = now_ms;
}

static const char *word_of(enum ls_verb verb)
{
    switch ((int)verb) {
    case LS_VERB_RETRY: return "retried";
    case LS_VERB_COMPENSATE: return "undoing";
    case LS_VERB_HOLD: return "held";
    case LS_VERB_RELEASE: return "released";
    case LS_VERB_CANCEL: return "cancelled";
    default: return "resolved";
    }
}

bool recent_words(const struct recent *recent,
                  const struct ls_op_row *row,
                  int64_t now_ms,
                  char *out,
                  size_t out_bytes)
{
    for (size_t i = 0; i < RECENT_MAX; i++) {
        const int64_t since_ms = now_ms - recent->items[i].at_ms;
        char age[LS_FORMAT_BYTES];
        if (row->op.value == 0 || recent->items[i].op.value != row->op.value) continue;
        if (since_ms > RECENT_MS) return false;
        ls_format_age(since_ms, age);
        /* The retry itself is one version: what failed is newer than that. */
        if (row->state == LS_STATE_FAILED && recent->items[i].verb == LS_VERB_RETRY &&
            row->version > recent->items[i].version + 1) {
            (void)snprintf(out, out_bytes, "failed again");
        } else {
            (void)snprintf(out, out_bytes, "%s %s", word_of(recent->items[i].verb), age);
        }
        return true;
    }
    return false;
}
