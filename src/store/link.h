/* How a connection to the database is made and judged, for both the worker's store and
 * the session: parameters, and the probe that every connection begins with. */
#ifndef LS_STORE_LINK_H
#define LS_STORE_LINK_H

#include <libpq-fe.h>

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"

struct link_options {
    const char *url;
    const char *application;
    int32_t connect_timeout_s;
    int32_t statement_timeout_ms;
};

/* Whether the URL can be read; INVALID says so without repeating it. */
LS_MUST_CHECK ls_err link_check_url(const char *url, struct ls_why *why);
/* Throw the server's notices away. */
void link_silence(PGconn *connection);
/* Begin connecting without waiting. NULL when memory is exhausted or the URL cannot be
 * read; `why` then says so without repeating it. */
PGconn *link_start(const struct link_options *options, struct ls_why *why);

/* The statement that a new connection begins with: it sets what we rely on and asks
 * what link_judge needs. One parameter: the statement timeout as text in ms. */
extern const char link_probe[];
/* Whether the server can be worked with. `is_worker`: a standby, a pooler and a missing
 * schema are refused too. REFUSED with the cure. */
LS_MUST_CHECK ls_err link_judge(const PGconn *connection,
                                const PGresult *probe,
                                bool is_worker,
                                struct ls_why *why);
/* What of a schema tells whether it is this binary's: its version, and its comment, which
 * names the routines. Two columns of a SELECT. */
#define LINK_SCHEMA_COLUMNS      \
    "lockstep.schema_version()," \
    " coalesce(obj_description('lockstep'::regnamespace, 'pg_namespace'), '')"
/* Refuse a schema that this binary does not know: another version, or other routines. */
LS_MUST_CHECK ls_err link_judge_schema(int32_t version,
                                       const char *comment,
                                       struct ls_why *why);
/* Whether a schema's comment names this binary's routines. */
bool link_has_routines(const char *comment);

enum link_column { LINK_PID, LINK_IN_RECOVERY, LINK_HAS_SCHEMA, LINK_ROLE, LINK_DATABASE };

#endif
