#include "lockstep/store/edit.h"

#include "fault.h"
#include "read.h"
#include "session_core.h"

static ls_err edit(ls_session *session,
                   const struct ls_action *action,
                   const char *payload,
                   struct ls_action_result *out)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, &out->why));
    params_init(&params);
    params_int(&params, action->op.value);
    params_text(&params, payload);
    params_text(&params, action->reason);
    params_bytes(&params, action->request_id, sizeof action->request_id);
    params_int(&params, action->expected_version);
    params_text(&params, action->os_user[0] != '\0' ? action->os_user : NULL);
    params_text(&params, action->tty[0] != '\0' ? action->tty : NULL);
    LS_TRY(session_run(session,
                       "SELECT * FROM lockstep.edit($1, $2::text::jsonb, $3, $4, $5, $6, $7)",
                       &params, true, &result, &out->why));
    out->audit_seq = read_int(result, 0, 0);
    fault_line(&out->why, PQgetvalue(result, 0, 2));
    out->was_repeat = read_bool(result, 0, 3);
    PQclear(result);
    return LS_OK;
}

void ls_session_edit(ls_session *session,
                     const struct ls_action *action,
                     const char *payload,
                     struct ls_action_result *result_out)
{
    struct ls_action_result result = {0};
    result.err = edit(session, action, payload, &result);
    *result_out = result;
}

ls_err
ls_session_weigh_edit(ls_session *session, ls_op_id op, const char *payload, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, op.value);
    params_text(&params, payload);
    LS_TRY(session_run(session, "SELECT lockstep.weigh_edit($1, $2::text::jsonb)", &params,
                       true, &result, why));
    PQclear(result);
    return LS_OK;
}
