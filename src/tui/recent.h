/* What this console did a moment ago, so that a listing can say so beside the rows. */
#ifndef LOCKSTEP_TUI_RECENT_H
#define LOCKSTEP_TUI_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/core/action.h"
#include "lockstep/core/facts.h"

enum { RECENT_MAX = 256, RECENT_MS = 180000 };

struct recent {
    size_t next; /* the oldest, once all are used */
    struct {
        ls_op_id op;
        enum ls_verb verb;
        int64_t version; /* that it was acted on at */
        int64_t at_ms;
    } items[RECENT_MAX];
};

/* `version`: the operation's when the action was sent. */
void recent_add(
    struct recent *recent, ls_op_id op, int64_t version, enum ls_verb verb, int64_t now_ms);
/* "retried 12s", or "failed again" where the row is newer than the retry and failed; false when
 * nothing was done to it in the last minutes. */
bool recent_words(const struct recent *recent,
                  const struct ls_op_row *row,
                  int64_t now_ms,
                  char *out,
                  size_t out_bytes);

#endif
