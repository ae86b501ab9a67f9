#include "feed_read.h"

#include "feed_lists.h"

static ls_err read_detail(ls_session *session,
                          const struct ls_ui_request *request,
                          struct feed_answer *answer)
{
    ls_err err = ls_session_op(session, request->op, NULL, answer->record, &answer->why);
    if (!ls_failed(err)) answer->message.detail = answer->record;
    return err;
}

static ls_err read_alerts(ls_session *session,
                          const struct ls_ui_request *request,
                          struct feed_answer *answer)
{
    ls_err err = ls_session_alerts(session, request->with_resolved, request->before_seq,
                                   answer->record, &answer->why);
    if (!ls_failed(err)) answer->message.alerts = answer->record;
    return err;
}

static ls_err
read_past(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    ls_err err = ls_session_dashboard_at(session, request->at_ms, answer->record, &answer->why);
    if (!ls_failed(err)) answer->message.dashboard = answer->record;
    return err;
}

static ls_err
read_audit(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    ls_err err = ls_session_audit(session, request->before_seq, request->limit, answer->record,
                                  &answer->why);
    if (!ls_failed(err)) answer->message.audit = answer->record;
    return err;
}

static ls_err read_chosen(ls_session *session,
                          const struct ls_ui_request *request,
                          struct feed_answer *answer)
{
    ls_err err = ls_session_ops_chosen(session, request->ops, request->op_count, answer->record,
                                       &answer->why);
    if (!ls_failed(err)) answer->message.ops = answer->record;
    return err;
}

ls_err
feed_read(ls_session *session, const struct ls_ui_request *request, struct feed_answer *answer)
{
    if (request->kind == LS_UI_WANT_DETAIL) return read_detail(session, request, answer);
    if (request->kind == LS_UI_WANT_ALERTS) return read_alerts(session, request, answer);
    if (request->kind == LS_UI_WANT_PAST) return read_past(session, request, answer);
    if (request->kind == LS_UI_WANT_AUDIT) return read_audit(session, request, answer);
    if (request->kind == LS_UI_WANT_CHOSEN) return read_chosen(session, request, answer);
    return feed_list_read(session, request, answer);
}
