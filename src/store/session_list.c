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
    case LS_LIST_BATCHES:
        return "SELECT id, name, policy, state, total, done, failed, held, live, cancelled,"
               " compensated, lockstep.ms(opened_at), coalesce(lockstep.ms(sealed_at), 0),"
               " coalesce(lockstep.ms(ended_at), 0), opened_by, coalesce(detail, '')"
               " FROM lockstep.batches WHERE $1 IN (0, id) ORDER BY id DESC LIMIT 1000";
    case LS_LIST_BATCH_OPS:
        return "SELECT id, key, kind, state, sub, attempt, coalesce(cause, ''),"
               " coalesce(signature, '') FROM lockstep.batch_ops($1) ORDER BY id LIMIT 100000";
    case LS_LIST_LOOK:
        return "SELECT found, coalesce(signature, ''), coalesce(slot, 0), coalesce(height, 0),"
               " coalesce(detail, '') FROM lockstep.looks WHERE op = $1"
               " AND answered_at IS NOT NULL ORDER BY answered_at DESC LIMIT 1";
    case LS_LIST_RESOLUTIONS:
        return "SELECT op, key, CASE verdict WHEN 'never' THEN 'never landed' ELSE 'landed '"
               " || verdict END, login, lockstep.ms(at), reason, 'lockstep resolve ' || op ||"
               " CASE verdict WHEN 'never' THEN ' --never-landed' ELSE ' --landed ' || verdict "
               "END"
               " || ' --reason TEXT' FROM lockstep.resolutions ORDER BY at, op LIMIT 1000";
    }
    return NULL;
}

static bool takes_id(enum ls_list list)
{
    return list == LS_LIST_BATCHES || list == LS_LIST_BATCH_OPS || list == LS_LIST_LOOK;
}

ls_err ls_session_list(ls_session *session,
                       enum ls_list list,
                       int64_t id,
                       void (*take)(void *self, const char *const *texts),
                       void *self,
                       struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    const char *texts[LS_LIST_COLUMNS_MAX];

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    if (takes_id(list)) params_int(&params, id);
    LS_TRY(session_run(session, sql_of(list), &params, false, &result, why));
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
                                      const int64_t wanted[5],
                                      bool *changed_out,
                                      struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    for (int i = 0; i < 5; i++) params_int(&params, wanted[i]);
    LS_TRY(session_run(session,
                       "SELECT lockstep.retention_configure($1::integer, $2::integer,"
                       " $3::integer, $4::integer, $5)",
                       &params, true, &result, why));
    *changed_out = read_bool(result, 0, 0);
    PQclear(result);
    return LS_OK;
}
