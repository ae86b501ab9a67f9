/* What workers wrote to the journal of this machine (sd-journal): their records carry the
 * operation and the environment as fields of their own, so that one is found without reading
 * the rest. */
#ifndef LOCKSTEP_HOST_JOURNAL_H
#define LOCKSTEP_HOST_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

/* The fields' names, as log_sink.c writes them. */
#define LS_JOURNAL_OP          "LOCKSTEP_OP="
#define LS_JOURNAL_ENVIRONMENT "LOCKSTEP_ENVIRONMENT="

struct ls_journal_query {
    int64_t op;
    const char *environment; /* [environment] name of the configuration */
    /* "lockstep-worker@prod", of the system or of a person's services; a name without
     * .service or .scope is a service's; "": any */
    const char *unit;
};

/* Give each line about the operation to `take`, oldest first, without a newline; nothing where
 * the journal has none that this login may read. LS_CODE_UNAVAILABLE with `why` when there is
 * no journal to be read. */
LS_MUST_CHECK ls_err ls_journal_read(const struct ls_journal_query *query,
                                     void (*take)(void *self, const char *line, size_t bytes),
                                     void *self,
                                     struct ls_why *why);

#endif
