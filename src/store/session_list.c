#include "lockstep/store/session.h"

#include "read.h"
#include "session_core.h"

static const char *sql_of(enum ls_list list)
{
    switch (list) {
    case LS_LIST_HOOKS:
        return "SELECT kind, function, CASE WHEN is_current THEN 'current' ELSE 'changed' END,"
               " waiting, coalesce(last_error, ''), registered_by, lockstep.ms(registered_at)"
               " FROM lockstep.hooks ORDER BY kind";
    case LS_LIST_CONSUMERS:
        return "SELECT name, login, acked, lag, lost, coalesce(lockstep.ms(oldest_at), 0),"
               " lockstep.ms(acked_at) FROM lockstep.consumers ORDER BY name LIMIT 1000";
    }
    return NULL;
}

ls_err ls_session_list(ls_session *session,
                       enum ls_list list,
                       void (*take)(void *self, const char *const *texts),
                       void *self,
                       struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;
    const char *texts[LS_LIST_COLUMNS_MAX];

    LS_TRY(ls_session_connect(session, why));
    params_init(&none);
    LS_TRY(session_run(session, sql_of(list), &none, false, &result, why));
    int columns = PQnfields(result);
    if (columns > LS_LIST_COLUMNS_MAX) columns = LS_LIST_COLUMNS_MAX;
    for (int row = 0; row < PQntuples(result); row++) {
        for (int column = 0; column < columns; column++)
            texts[column] = PQgetvalue(result, row, column);
        take(self, texts);
    }
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_configure_retention(ls_session *session,
                                      const int64_t days[3],
                                      bool *changed_out,
                                      struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    for (int i = 0; i < 3; i++) params_int(&params, days[i]);
    LS_TRY(session_run(session,
                       "SELECT lockstep.retention_configure($1::integer, $2::integer,"
                       " $3::integer)",
                       &params, true, &result, why));
    *changed_out = read_bool(result, 0, 0);
    PQclear(result);
    return LS_OK;
}
