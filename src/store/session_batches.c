#include "lockstep/store/session.h"

#include <string.h>

#include "read.h"
#include "session_core.h"
#include "session_rows.h"

enum { OPS_READ_EACH_SECOND = 50000 };

#define READ_TEXT(field_, column_) read_text(result, row, (column_), (field_), sizeof(field_))
#define BATCH_COLUMNS                                                                     \
    "b.id, b.name, b.opened_by, b.policy, b.state, b.is_paused, b.total, b.done, b.sent," \
    " b.live - b.sent, b.failed, b.held, b.unknown, b.cancelled, b.compensated,"          \
    " lockstep.ms(b.opened_at), coalesce(lockstep.ms(b.sealed_at), 0),"                   \
    " coalesce(lockstep.ms(b.ended_at), 0), coalesce(b.detail, '')"

static enum ls_batch_state state_of(const char *name)
{
    for (int state = 0; state < LS_BATCH_STATE_COUNT; state++) {
        if (strcmp(ls_batch_state_name((enum ls_batch_state)state), name) == 0)
            return (enum ls_batch_state)state;
    }
    return LS_BATCH_OPEN;
}

static void read_batch(const PGresult *result, int row, struct ls_batch_row *out)
{
    *out = (struct ls_batch_row){
        .id = read_int(result, row, 0),
        .state = state_of(PQgetvalue(result, row, 4)),
        .is_paused = read_bool(result, row, 5),
        .total = read_int(result, row, 6),
        .done = read_int(result, row, 7),
        .sent = read_int(result, row, 8),
        .queued = read_int(result, row, 9),
        .failed = read_int(result, row, 10),
        .held = read_int(result, row, 11),
        .unknown = read_int(result, row, 12),
        .cancelled = read_int(result, row, 13),
        .compensated = read_int(result, row, 14),
        .opened_ms = read_int(result, row, 15),
        .sealed_ms = read_int(result, row, 16),
        .ended_ms = read_int(result, row, 17),
    };
    READ_TEXT(out->name, 1);
    READ_TEXT(out->opened_by, 2);
    READ_TEXT(out->detail, 18);
    (void)ls_batch_policy_parse(PQgetvalue(result, row, 3), &out->policy); /* one of the four */
}

ls_err ls_session_batches(ls_session *session,
                          const struct ls_batch_filter *filter,
                          int64_t before_id,
                          struct ls_batch_page *out,
                          struct ls_why *why)
{
    static const char sql[] =
        "SELECT " BATCH_COLUMNS " FROM lockstep.batches b"
        " WHERE $1 IN (0, b.id) AND ($2 = 0 OR b.id < $2) AND ($3 = '' OR b.state = $3)"
        " AND ($4 = '' OR b.policy = $4) AND ($5 = '' OR b.opened_by = $5)"
        " AND ($6 = '' OR strpos(lower(b.name), lower($6)) > 0) AND (NOT $7 OR b.is_paused)"
        " ORDER BY b.id DESC LIMIT $8";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, filter->id);
    params_int(&params, before_id);
    params_text(&params, filter->has_state ? ls_batch_state_name(filter->state) : "");
    params_text(&params, filter->has_policy ? ls_batch_policy_name(filter->policy) : "");
    params_text(&params, filter->by);
    params_text(&params, filter->text);
    params_bool(&params, filter->is_paused);
    params_int(&params, LS_BATCH_PAGE_MAX + 1);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    const int rows = PQntuples(result);
    out->has_more = rows > LS_BATCH_PAGE_MAX;
    out->count = (size_t)(out->has_more ? LS_BATCH_PAGE_MAX : rows);
    for (size_t i = 0; i < out->count; i++) read_batch(result, (int)i, &out->rows[i]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_causes(ls_session *session, struct ls_batch_detail *out, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    params_init(&params);
    params_int(&params, LS_BATCH_CAUSES_MAX);
    params_int(&params, out->row.id);
    LS_TRY(session_run(session, "SELECT * FROM lockstep.causes($1::integer, $2)", &params,
                       false, &result, why));
    out->cause_count = (size_t)PQntuples(result);
    for (int row = 0; row < PQntuples(result); row++)
        read_cause_row(result, row, &out->causes[row]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_behind(ls_session *session, struct ls_batch_detail *out, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    params_init(&params);
    params_int(&params, out->row.id);
    LS_TRY(session_run(session, "SELECT entities, behind FROM lockstep.batch_behind($1)",
                       &params, false, &result, why));
    out->entities = read_int(result, 0, 0);
    out->ops_behind = read_int(result, 0, 1);
    PQclear(result);
    return LS_OK;
}

static ls_err read_minutes(ls_session *session, struct ls_batch_detail *out, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    if (out->row.total > OPS_READ_EACH_SECOND) return LS_OK;
    params_init(&params);
    params_int(&params, out->row.id);
    LS_TRY(session_run(session, "SELECT ago, n FROM lockstep.batch_minutes($1)", &params, false,
                       &result, why));
    for (int row = 0; row < PQntuples(result); row++) {
        const int64_t ago = read_int(result, row, 0);
        if (ago >= 0 && ago < LS_FACTS_MINUTES)
            out->minutes[LS_FACTS_MINUTES - 1 - ago] = read_int(result, row, 1);
    }
    out->has_minutes = true;
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_batch(ls_session *session,
                        int64_t batch,
                        struct ls_batch_detail *out,
                        struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, batch);
    LS_TRY(session_run(session,
                       "SELECT " BATCH_COLUMNS " FROM lockstep.batches b WHERE b.id = $1",
                       &params, false, &result, why));
    const bool is_there = PQntuples(result) > 0;
    *out = (struct ls_batch_detail){0};
    if (is_there) read_batch(result, 0, &out->row);
    PQclear(result);
    if (!is_there) return ls_refuse(why, LS_CODE_NOT_FOUND, "batch", "there is no such batch");
    LS_TRY(read_causes(session, out, why));
    LS_TRY(read_behind(session, out, why));
    return read_minutes(session, out, why);
}
