#include "lockstep/store/session.h"

#include <string.h>

#include "fault.h"
#include "filter_sql.h"
#include "read.h"
#include "session_core.h"

enum { SQL_MAX = 64 * 1024 };

#define READ_TEXT(field_, column_) read_text(result, row, (column_), (field_), sizeof(field_))

/* What an order is about. */
struct matched {
    enum ls_verb verb;
    struct ls_filter filter;
};

/* What matches, as arrays of m; the function of `tail` takes them in the same snapshot. What
 * landed stands in history alone, and everything else that can be acted on is live. */
static ls_err matched_sql(const struct matched *matched,
                          const char *tail,
                          struct ls_buf *sql,
                          struct params *params)
{
    struct ls_buf where;
    ls_buf_init(&where, SQL_MAX);
    filter_sql(&matched->filter, &where, params);
    ls_buf_printf(sql,
                  "SELECT r.* FROM (SELECT coalesce(array_agg(f.id), '{}') AS ids,"
                  " coalesce(array_agg(f.version), '{}') AS versions,"
                  " coalesce(array_agg(f.state::smallint), '{}') AS states,"
                  " coalesce(array_agg(f.sub::smallint), '{}') AS subs"
                  " FROM lockstep.%s f WHERE true%s) AS m, LATERAL %s AS r",
                  matched->verb == LS_VERB_COMPENSATE ? "past_facts" : "live_facts",
                  ls_buf_text(&where), tail);
    ls_err err = ls_buf_check(&where, "filter");
    if (!ls_failed(err)) err = ls_buf_check(sql, "filter");
    ls_buf_done(&where);
    return err;
}

static ls_err
read_order(const struct ls_bulk_order *order, struct matched *out, struct ls_why *why)
{
    if (!ls_bulk_verb(order->verb)) {
        return ls_refuse(why, LS_CODE_INVALID, "bulk",
                         "a bulk job retries, compensates, holds, releases or cancels");
    }
    out->verb = order->verb;
    LS_TRY(ls_filter_parse(order->filter, &out->filter, why));
    if (out->filter.count > 0) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, "bulk",
                     "an empty filter would mean everything; write what to act on");
}

/* The statement of `tail` over what the order's filter matches. Takes over `params`. */
static ls_err run_matched(ls_session *session,
                          const struct matched *matched,
                          const char *tail,
                          struct params *params,
                          PGresult **result_out,
                          struct ls_why *why)
{
    struct ls_buf sql;
    ls_buf_init(&sql, SQL_MAX);
    ls_err err = matched_sql(matched, tail, &sql, params);
    if (ls_failed(err)) {
        params_done(params);
    } else {
        err = session_run(session, ls_buf_text(&sql), params, true, result_out, why);
    }
    ls_buf_done(&sql);
    return err;
}

ls_err ls_session_bulk_weigh(ls_session *session,
                             const struct ls_bulk_order *order,
                             struct ls_bulk_weight *out,
                             struct ls_why *why)
{
    struct matched matched;
    struct params params;
    PGresult *result = NULL;
    const int row = 0;

    LS_TRY(read_order(order, &matched, why));
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, order->verb);
    LS_TRY(run_matched(session, &matched,
                       "lockstep.bulk_weigh($1::smallint, m.ids, m.versions, m.states, m.subs)",
                       &params, &result, why));
    *out = (struct ls_bulk_weight){
        .targets = read_int(result, row, 0),
        .left_out = read_int(result, row, 1),
        .left_unknown = read_int(result, row, 2),
        .token_ops = read_int(result, row, 4),
        .decimals = PQgetisnull(result, row, 6) ? -1 : (int32_t)read_int(result, row, 6),
    };
    READ_TEXT(out->lamports, 3);
    READ_TEXT(out->tokens, 5);
    READ_TEXT(out->mint, 7);
    PQclear(result);
    return LS_OK;
}

static ls_err
start(ls_session *session, const struct ls_bulk_order *order, struct ls_action_result *out)
{
    struct matched matched;
    struct params params;
    PGresult *result = NULL;

    LS_TRY(read_order(order, &matched, &out->why));
    LS_TRY(ls_session_connect(session, &out->why));
    params_init(&params);
    params_int(&params, order->verb);
    params_text(&params, order->filter);
    params_int(&params, order->expect);
    params_int(&params, order->rate);
    params_int(&params, order->canary);
    params_int(&params, order->abort_above);
    params_text(&params, order->reason);
    params_bytes(&params, order->request_id, sizeof order->request_id);
    params_text(&params, order->os_user[0] != '\0' ? order->os_user : NULL);
    params_text(&params, order->tty[0] != '\0' ? order->tty : NULL);
    LS_TRY(
        run_matched(session, &matched,
                    "lockstep.bulk_start($1::smallint, $2, m.ids, m.versions, m.states, m.subs,"
                    " $3, $4::integer, $5::integer, $6::integer, $7, $8, $9, $10)",
                    &params, &result, &out->why));
    out->audit_seq = read_int(result, 0, 0);
    out->new_op = read_int(result, 0, 1);
    fault_line(&out->why, PQgetvalue(result, 0, 2));
    out->was_repeat = read_bool(result, 0, 3);
    PQclear(result);
    return LS_OK;
}

void ls_session_bulk_start(ls_session *session,
                           const struct ls_bulk_order *order,
                           struct ls_action_result *result_out)
{
    struct ls_action_result result = {0};
    result.err = start(session, order, &result);
    *result_out = result;
}

static enum ls_verb verb_of(const char *name)
{
    for (int verb = LS_VERB_RETRY; verb <= LS_VERB_CANCEL; verb++) {
        if (strcmp(ls_verb_name((enum ls_verb)verb), name) == 0) return (enum ls_verb)verb;
    }
    return LS_VERB_RETRY;
}

static enum ls_bulk_state state_of(const char *name)
{
    for (int state = 0; state < LS_BULK_STATE_COUNT; state++) {
        if (strcmp(ls_bulk_state_name((enum ls_bulk_state)state), name) == 0)
            return (enum ls_bulk_state)state;
    }
    return LS_BULK_PAUSED;
}

static enum ls_bulk_target_state target_state_of(const char *name)
{
    for (int state = 0; state < LS_BULK_TARGET_STATE_COUNT; state++) {
        if (strcmp(ls_bulk_target_state_name((enum ls_bulk_target_state)state), name) == 0)
            return (enum ls_bulk_target_state)state;
    }
    return LS_BULK_TARGET_WAITING;
}

static void read_row(const PGresult *result, int row, struct ls_bulk_row *out)
{
    *out = (struct ls_bulk_row){
        .id = read_int(result, row, 0),
        .verb = verb_of(PQgetvalue(result, row, 1)),
        .state = state_of(PQgetvalue(result, row, 2)),
        .total = read_int(result, row, 3),
        .waiting = read_int(result, row, 4),
        .sent = read_int(result, row, 5),
        .done = read_int(result, row, 6),
        .failed = read_int(result, row, 7),
        .refused = read_int(result, row, 8),
        .repeats = read_int(result, row, 9),
        .left_out = read_int(result, row, 10),
        .left_unknown = read_int(result, row, 11),
        .rate = (int32_t)read_int(result, row, 12),
        .canary = (int32_t)read_int(result, row, 13),
        .is_canary = read_bool(result, row, 14),
        .abort_above = (int32_t)read_int(result, row, 15),
        .created_ms = read_int(result, row, 20),
        .changed_ms = read_int(result, row, 21),
        .ended_ms = read_int(result, row, 22),
        .version = read_int(result, row, 23),
        .landed = read_int(result, row, 24),
        .doubt = read_int(result, row, 25),
        .silent = read_int(result, row, 26),
    };
    READ_TEXT(out->filter, 16);
    READ_TEXT(out->reason, 17);
    READ_TEXT(out->actor, 18);
    READ_TEXT(out->why, 19);
}

ls_err ls_session_bulks(ls_session *session,
                        int64_t id,
                        int64_t before_id,
                        struct ls_bulk_page *out,
                        struct ls_why *why)
{
    static const char sql[] =
        "SELECT id, action, state, total, waiting, sent, done, failed, refused, repeats,"
        " left_out, left_unknown, rate, canary, is_canary, abort_above, filter, reason, actor,"
        " why, lockstep.ms(created_at), lockstep.ms(changed_at),"
        " coalesce(lockstep.ms(ended_at), 0), version, landed, doubt, silent"
        " FROM lockstep.bulks"
        " WHERE $1 IN (0, id) AND ($2 = 0 OR id < $2) ORDER BY id DESC LIMIT $3";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, id);
    params_int(&params, before_id);
    params_int(&params, LS_BULK_PAGE_MAX + 1);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    const int rows = PQntuples(result);
    out->has_more = rows > LS_BULK_PAGE_MAX;
    out->count = (size_t)(out->has_more ? LS_BULK_PAGE_MAX : rows);
    for (size_t i = 0; i < out->count; i++) read_row(result, (int)i, &out->rows[i]);
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_bulk_targets(ls_session *session,
                               int64_t bulk,
                               int64_t after_op,
                               struct ls_bulk_target_page *out,
                               struct ls_why *why)
{
    static const char sql[] =
        "SELECT op, coalesce(key, ''), state, coalesce(new_op, 0),"
        " coalesce(lockstep.ms(acted_at), 0), coalesce(lockstep.ms(settled_at), 0), why"
        " FROM lockstep.bulk_targets WHERE bulk = $1 AND op > $2 ORDER BY op LIMIT $3";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, bulk);
    params_int(&params, after_op);
    params_int(&params, LS_BULK_PAGE_MAX + 1);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    const int rows = PQntuples(result);
    out->bulk = bulk;
    out->has_more = rows > LS_BULK_PAGE_MAX;
    out->count = (size_t)(out->has_more ? LS_BULK_PAGE_MAX : rows);
    for (int row = 0; row < (int)out->count; row++) {
        struct ls_bulk_target_row *target = &out->rows[row];
        *target = (struct ls_bulk_target_row){
            .op = {read_int(result, row, 0)},
            .state = target_state_of(PQgetvalue(result, row, 2)),
            .new_op = read_int(result, row, 3),
            .acted_ms = read_int(result, row, 4),
            .settled_ms = read_int(result, row, 5),
        };
        READ_TEXT(target->key, 1);
        READ_TEXT(target->why, 6);
    }
    PQclear(result);
    return LS_OK;
}
