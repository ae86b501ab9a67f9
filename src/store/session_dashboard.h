/* One reading of the dashboard, from now or from a sample. */
#ifndef LS_STORE_SESSION_DASHBOARD_H
#define LS_STORE_SESSION_DASHBOARD_H

#include "session_core.h"

struct reading {
    ls_session *session;
    char minute[64]; /* the sample's, as SQL writes it; "": now */
    struct ls_dashboard *out;
    struct ls_why *why;
};

/* A query that has one form for now and one for a sample, whose minute is its $1. */
struct reading_sql {
    const char *now, *then;
};
LS_MUST_CHECK ls_err reading_query(const struct reading *reading,
                                   const struct reading_sql *sql,
                                   PGresult **result_out);

/* Workers and the payer, endpoints, gates, causes, events. */
LS_MUST_CHECK ls_err reading_lists(const struct reading *reading);

#endif
