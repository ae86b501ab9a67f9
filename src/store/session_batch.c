#include "lockstep/store/session.h"

#include "read.h"
#include "session_core.h"

ls_err ls_session_batch_open(ls_session *session,
                             const char *name,
                             const char *policy,
                             int64_t *batch_out,
                             struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_text(&params, name);
    params_text(&params, policy);
    LS_TRY(session_run(session, "SELECT lockstep.batch_open($1, $2)", &params, true, &result,
                       why));
    *batch_out = read_int(result, 0, 0);
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_batch_seal(ls_session *session, int64_t batch, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, batch);
    LS_TRY(session_run(session, "SELECT lockstep.batch_seal($1)", &params, true, &result, why));
    PQclear(result);
    return LS_OK;
}
