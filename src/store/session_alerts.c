#include "lockstep/store/session.h"

#include <string.h>

#include "read.h"
#include "session_core.h"
#include "session_rows.h"

/* Of each alert its place among all, upwards. */
#define ALERT_ORDER(alias_)                                                \
    alias_ ".state = 'resolved', " alias_ ".state = 'acked',"              \
           " array_position(ARRAY['critical', 'warning', 'info'], " alias_ \
           ".severity), -" alias_ ".id"

ls_err ls_session_alerts(ls_session *session,
                         bool with_resolved,
                         int64_t after_id,
                         struct ls_alert_page *out,
                         struct ls_why *why)
{
    static const char sql[] =
        "SELECT " ALERT_ROW_COLUMNS " FROM lockstep.alerts a"
        " WHERE ($1 OR a.state <> 'resolved') AND ($3 = 0 OR (" ALERT_ORDER(
            "a") ") >"
                 " (SELECT " ALERT_ORDER("b") " FROM lockstep.alerts b WHERE b.id = $3))"
                                              " ORDER BY " ALERT_ORDER("a") " LIMIT $2";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_bool(&params, with_resolved);
    params_int(&params, LS_FACTS_PAGE_MAX + 1);
    params_int(&params, after_id);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    size_t rows = (size_t)PQntuples(result);
    out->has_more = rows > LS_FACTS_PAGE_MAX;
    out->count = out->has_more ? LS_FACTS_PAGE_MAX : rows;
    for (size_t i = 0; i < out->count; i++) read_alert_row(result, (int)i, &out->rows[i]);
    PQclear(result);
    return LS_OK;
}

static void bind_due(const struct ls_alerts_due *due, struct params *params)
{
    size_t count = due->count;

    params_array(params, PARAM_TEXT, LS_RULE_COUNT);
    for (int rule = 0; rule < LS_RULE_COUNT; rule++)
        params_element_text(params, ls_alert_rule_name((enum ls_alert_rule)rule));
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++)
        params_element_text(params, ls_alert_rule_name(due->items[i].rule));
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, due->items[i].subject);
    params_array(params, PARAM_INT2, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT2, (int64_t)due->items[i].severity);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, due->items[i].message);
}

static enum ls_alert_event event_of(const char *name)
{
    if (strcmp(name, "worse") == 0) return LS_ALERT_EVENT_WORSE;
    if (strcmp(name, "resolved") == 0) return LS_ALERT_EVENT_RESOLVED;
    return LS_ALERT_EVENT_FIRED;
}

ls_err ls_session_apply_alerts(ls_session *session,
                               const struct ls_alerts_due *due,
                               struct ls_alert_news *news_out,
                               struct ls_why *why)
{
    static const char sql[] =
        "SELECT " ALERT_ROW_COLUMNS
        ", a.event FROM lockstep.alerts_apply($1, $2, $3, $4, $5) a LIMIT 64";
    struct params params;
    PGresult *result = NULL;

    if (due->count > LS_ALERTS_DUE_MAX) return LS_FAIL(LS_CODE_INVALID, 0, "alerts due");
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    bind_due(due, &params);
    LS_TRY(session_run(session, sql, &params, true, &result, why));
    news_out->count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++) {
        /* The alert's own columns follow the event's name. */
        news_out->items[row].event = event_of(PQgetvalue(result, row, ALERT_ROW_WIDTH));
        read_alert_row(result, row, &news_out->items[row].alert);
    }
    PQclear(result);
    return LS_OK;
}
