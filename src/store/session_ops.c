#include "lockstep/store/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter_sql.h"
#include "read.h"
#include "session_core.h"
#include "session_rows.h"

enum { SQL_MAX = 32 * 1024, RECENT_DAYS = 7 };

/* Both halves of a listing with the same condition: live rows, and history whose first day
 * is $1 (a parameter, so that the planner prunes partitions). */
static void listing_sql(const struct ls_buf *where,
                        const char *columns,
                        const char *tail,
                        struct ls_buf *sql)
{
    ls_buf_printf(sql, "(SELECT %s FROM lockstep.live_facts f WHERE $1::date IS NOT NULL%s%s)",
                  columns, ls_buf_text(where), tail);
    ls_buf_printf(
        sql, " UNION ALL (SELECT %s FROM lockstep.past_facts f WHERE f.day >= $1::date%s%s)",
        columns, ls_buf_text(where), tail);
}

/* The first day of history that a listing shows, by the database's clock. */
static ls_err first_day(ls_session *session, char out[16], struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_int(&params, RECENT_DAYS);
    LS_TRY(session_run(session, "SELECT (now() AT TIME ZONE 'UTC')::date - $1::integer",
                       &params, false, &result, why));
    read_text(result, 0, 0, out, 16);
    PQclear(result);
    return LS_OK;
}

/* One page of rows in order, over both halves. */
static void
page_sql(const struct ls_ops_query *query, const struct ls_buf *where, struct ls_buf *sql)
{
    char tail[128];
    bool by_update = query->sort == LS_SORT_UPDATED_DESC;

    (void)snprintf(tail, sizeof tail, "%s LIMIT %d", filter_sql_order(query->sort),
                   (int)query->limit + 1);
    ls_buf_add_text(sql, "SELECT * FROM (");
    listing_sql(where, OP_ROW_COLUMNS, tail, sql);
    ls_buf_printf(sql,
                  ") AS f (id, version, key, entity, kind, state, sub, request, lane, made, "
                  "most, created, updated, run_at, is_stuck, cause, signature, slot, batch)"
                  "%s LIMIT %d",
                  by_update ? " ORDER BY f.updated DESC, f.id DESC"
                            : filter_sql_order(query->sort),
                  (int)query->limit + 1);
}

static ls_err run_listing(ls_session *session,
                          const char *day,
                          const struct ls_ops_query *query,
                          bool counts,
                          PGresult **result_out,
                          struct ls_why *why)
{
    struct ls_buf where, sql;
    struct params params;

    ls_buf_init(&where, SQL_MAX);
    ls_buf_init(&sql, SQL_MAX);
    params_init(&params);
    params_text(&params, day);
    if (query->filter != NULL) filter_sql(query->filter, &where, &params);
    if (counts) {
        ls_buf_add_text(&sql, "SELECT sum(n)::bigint FROM (");
        listing_sql(&where, "count(*) AS n", "", &sql);
        ls_buf_add_text(&sql, ") AS both_halves");
    } else {
        filter_sql_after(query->sort, query->after, &where, &params);
        page_sql(query, &where, &sql);
    }
    ls_err err = ls_buf_check(&where, "filter");
    if (!ls_failed(err)) err = ls_buf_check(&sql, "filter");
    if (!ls_failed(err)) {
        err = session_run(session, ls_buf_text(&sql), &params, false, result_out, why);
    } else {
        params_done(&params);
    }
    ls_buf_done(&where);
    ls_buf_done(&sql);
    return err;
}

ls_err ls_session_ops(ls_session *session,
                      const struct ls_ops_query *query,
                      struct ls_op_page *out,
                      struct ls_why *why)
{
    char day[16];
    PGresult *result = NULL;
    int64_t matching = -1;

    if (query->limit < 1 || query->limit > LS_FACTS_PAGE_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "page", "a page has 1 to %d rows",
                         LS_FACTS_PAGE_MAX);
    }
    LS_TRY(ls_session_connect(session, why));
    LS_TRY(first_day(session, day, why));
    if (query->count_matching) {
        LS_TRY(run_listing(session, day, query, true, &result, why));
        matching = read_int(result, 0, 0);
        PQclear(result);
    }
    LS_TRY(run_listing(session, day, query, false, &result, why));
    int rows = PQntuples(result);
    out->matching = matching;
    out->has_more = rows > query->limit;
    out->count = (size_t)(out->has_more ? query->limit : rows);
    for (size_t i = 0; i < out->count; i++) read_op_row(result, (int)i, &out->rows[i]);
    PQclear(result);
    return LS_OK;
}

ls_err ls_session_outcomes(ls_session *session,
                           int64_t after_id,
                           int32_t limit,
                           struct ls_outcome_row *rows_out,
                           size_t *count_out,
                           struct ls_why *why)
{
    static const char sql[] =
        "SELECT f.id, f.kind, f.state, f.sub, f.key, f.signature FROM ("
        "(SELECT id, kind, state, sub, key, signature FROM lockstep.live_facts"
        " WHERE id > $1 ORDER BY id LIMIT $2) UNION ALL"
        " (SELECT id, kind, state, sub, key, signature FROM lockstep.past_facts"
        " WHERE id > $1 ORDER BY id LIMIT $2)) AS f ORDER BY f.id LIMIT $2";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, after_id);
    params_int(&params, limit);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    int rows = PQntuples(result);
    for (int row = 0; row < rows; row++) {
        struct ls_outcome_row *out = &rows_out[row];
        out->op.value = read_int(result, row, 0);
        out->kind = (enum ls_kind)read_int(result, row, 1);
        out->state = (enum ls_state)read_int(result, row, 2);
        out->sub = (enum ls_sub)read_int(result, row, 3);
        read_text(result, row, 4, out->key, sizeof out->key);
        read_text(result, row, 5, out->signature, sizeof out->signature);
    }
    *count_out = (size_t)rows;
    PQclear(result);
    return LS_OK;
}
