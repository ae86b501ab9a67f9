/* What was done, as one would say it: the audit log's actions in words. */
#ifndef LOCKSTEP_TUI_DEEDS_H
#define LOCKSTEP_TUI_DEEDS_H

#include <stddef.h>

/* "retried op 17", "put gate kind:memo on"; "ACTION TARGET" for an action without words. Cut at
 * `out_bytes`. */
void deed_words(const char *action, const char *target, char *out, size_t out_bytes);

#endif
