/* What the session's files share: the connection and the run of one statement. */
#ifndef LS_STORE_SESSION_CORE_H
#define LS_STORE_SESSION_CORE_H

#include <libpq-fe.h>

#include <stdbool.h>

#include "link.h"
#include "lockstep/store/session.h"
#include "params.h"

struct ls_session {
    struct link_options link;
    char *url, *application;
    PGconn *connection;
    int interrupt_fd; /* an eventfd; -1: none could be made */
    bool is_in_recovery;
    bool has_schema;
    bool is_listening; /* this connection is told of looks that are asked for */
    char role[64];
    char database[64];
};

/* Connect if needed; no look at the schema. */
LS_MUST_CHECK ls_err session_open(ls_session *session, struct ls_why *why);
/* Run one statement with bound parameters; `result_out` is the caller's to PQclear. A
 * broken connection is UNKNOWN where `writes`, else UNAVAILABLE; the next call connects
 * anew. Frees the parameters' bytes. */
LS_MUST_CHECK ls_err session_run(ls_session *session,
                                 const char *sql,
                                 struct params *params,
                                 bool writes,
                                 PGresult **result_out,
                                 struct ls_why *why);
/* Run a statement without parameters or wanted result, or several of them. */
LS_MUST_CHECK ls_err session_command(ls_session *session, const char *sql, struct ls_why *why);
/* Begin and end a read-only transaction with one snapshot. End after failures too. */
LS_MUST_CHECK ls_err session_snapshot(ls_session *session, struct ls_why *why);
void session_snapshot_end(ls_session *session);

#endif
