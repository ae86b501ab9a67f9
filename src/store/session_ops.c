#include "lockstep/store/session.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "filter_sql.h"
#include "ops_window.h"
#include "read.h"
#include "session_core.h"
#include "session_rows.h"

enum { SQL_MAX = 64 * 1024, IDS_WIDTH = 50000, TIMES_WIDTH = 4000 };

/* One statement in the making. */
struct statement {
    struct ls_buf sql, where;
    struct params params;
};

static void statement_init(struct statement *it)
{
    ls_buf_init(&it->sql, SQL_MAX);
    ls_buf_init(&it->where, SQL_MAX);
    params_init(&it->params);
}

/* Run it and free it. */
static ls_err statement_run(ls_session *session,
                            struct statement *it,
                            PGresult **result_out,
                            struct ls_why *why)
{
    ls_err err = ls_buf_check(&it->where, "filter");
    if (!ls_failed(err)) err = ls_buf_check(&it->sql, "filter");
    if (!ls_failed(err)) {
        err = session_run(session, ls_buf_text(&it->sql), &it->params, false, result_out, why);
    } else {
        params_done(&it->params);
    }
    ls_buf_done(&it->where);
    ls_buf_done(&it->sql);
    return err;
}

static int bind(struct statement *it, int64_t value)
{
    params_int(&it->params, value);
    return it->params.count;
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now); /* cannot fail for this clock */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A condition that `column` lies within the window; an end that is not there is left out. */
static void within(struct statement *it, const char *column, int64_t low, int64_t high)
{
    if (low != INT64_MIN) ls_buf_printf(&it->where, " AND %s >= $%d", column, bind(it, low));
    if (high != INT64_MAX) ls_buf_printf(&it->where, " AND %s < $%d", column, bind(it, high));
}

/* The same for moments; the partitions' day bounds them too, with a day to spare. */
static void within_times(struct statement *it, int64_t low, int64_t high)
{
    if (low != INT64_MIN) {
        int place = bind(it, low);
        ls_buf_printf(&it->where,
                      " AND f.updated_at >= timestamptz 'epoch' + $%d * interval '1 ms'"
                      " AND coalesce(f.day, 'infinity') >= ((timestamptz 'epoch' + $%d *"
                      " interval '1 ms') AT TIME ZONE 'UTC')::date - 1",
                      place, place);
    }
    ls_buf_printf(&it->where, " AND f.updated_at < timestamptz 'epoch' + $%d * interval '1 ms'",
                  bind(it, high));
}

/* Both halves with the same condition. */
static void halves(struct statement *it,
                   const struct ls_ops_query *query,
                   const char *live_from,
                   const char *past_from,
                   int32_t wanted)
{
    const char *order = query->sort == LS_SORT_UPDATED_DESC
                            ? " ORDER BY f.updated DESC, f.id DESC"
                            : filter_sql_order(query->sort);
    char tail[128];
    bool is_first = true;
    (void)snprintf(tail, sizeof tail, "%s LIMIT %" PRId32, filter_sql_order(query->sort),
                   wanted);
    ls_buf_add_text(&it->sql, "SELECT f.*" OP_LOOK_COLUMNS " FROM (SELECT * FROM (");
    for (int half = 0; half < 2; half++) {
        if (half == 0 && !ops_may_be_live(query->filter)) continue;
        if (half == 1 && !ops_may_be_past(query->filter)) continue;
        ls_buf_printf(&it->sql, "%s(SELECT " OP_ROW_COLUMNS " FROM %s WHERE true%s%s)",
                      is_first ? "" : " UNION ALL ", half == 0 ? live_from : past_from,
                      ls_buf_text(&it->where), tail);
        is_first = false;
    }
    if (is_first) /* no operation is live and finished */
        ls_buf_add_text(&it->sql, "SELECT " OP_ROW_COLUMNS " FROM lockstep.live_facts f"
                                  " WHERE false");
    ls_buf_printf(&it->sql,
                  ") AS f (id, version, key, entity, kind, state, sub, request, lane, made, "
                  "most, created, updated, run_at, is_stuck, cause, signature, slot, batch)"
                  "%s LIMIT %" PRId32 ") AS f" OP_LOOK_JOIN "%s",
                  order, wanted, order);
}

/* The rows of the window, in order, at most `wanted`. */
static void page_sql(struct statement *it,
                     const struct ls_ops_query *query,
                     const struct ls_ops_search *search,
                     int64_t chunk_end,
                     int32_t wanted)
{
    int64_t low = INT64_MIN;
    int64_t high = INT64_MAX;
    if (query->filter != NULL) filter_sql(query->filter, &it->where, &it->params);
    filter_sql_after(query->sort, query->after, &it->where, &it->params);
    if (search->way == OPS_IDS || search->way == OPS_TIMES)
        ops_window(search, query->sort, &low, &high);
    if (search->way == OPS_IDS) within(it, "f.id", low, high);
    if (search->way == OPS_TIMES) within_times(it, low, high);
    if (search->way != OPS_KEYS) {
        halves(it, query, "lockstep.live_facts f", "lockstep.past_facts f", wanted);
        return;
    }
    bool is_ascending = ops_is_ascending(query->sort);
    ls_buf_add_text(&it->sql, "WITH k AS MATERIALIZED (SELECT k.op, k.day"
                              " FROM lockstep.key_facts k WHERE ");
    ops_key_condition(ops_key_term(query->filter), &it->sql, &it->params);
    if (search->next != INT64_MIN)
        ls_buf_printf(&it->sql, " AND k.op %s $%d", is_ascending ? ">" : "<",
                      bind(it, search->next));
    if (chunk_end != INT64_MIN)
        ls_buf_printf(&it->sql, " AND k.op %s $%d",
                      is_ascending ? "<=" : ">=", bind(it, chunk_end));
    ls_buf_printf(&it->sql, " LIMIT %d) ", OPS_CHUNK);
    /* OFFSET 0 keeps the planner from reading all operations to find these. */
    halves(it, query,
           "k CROSS JOIN LATERAL (SELECT l.* FROM lockstep.live_facts l"
           " WHERE l.id = k.op OFFSET 0) f",
           "k CROSS JOIN LATERAL (SELECT p.* FROM lockstep.past_facts p"
           " WHERE p.id = k.op AND p.day = k.day OFFSET 0) f",
           wanted);
}

/* The last id of the chunk of keys that begins behind `search->next`; INT64_MIN in
 * `*end_out` when the rest is no more than one chunk, as it is of keys by prefix. */
static ls_err chunk_of(ls_session *session,
                       const struct ls_ops_query *query,
                       const struct ls_ops_search *search,
                       int64_t *end_out,
                       struct ls_why *why)
{
    struct statement it;
    PGresult *result = NULL;
    bool is_ascending = ops_is_ascending(query->sort);
    const struct ls_filter_term *term = ops_key_term(query->filter);
    *end_out = INT64_MIN;
    if (term->field == LS_FILTER_KEY) return LS_OK;
    statement_init(&it);
    ls_buf_add_text(&it.sql, "SELECT k.op FROM lockstep.key_facts k WHERE ");
    ops_key_condition(term, &it.sql, &it.params);
    if (search->next != INT64_MIN)
        ls_buf_printf(&it.sql, " AND k.op %s $%d", is_ascending ? ">" : "<",
                      bind(&it, search->next));
    ls_buf_printf(&it.sql, " ORDER BY k.op%s OFFSET %d LIMIT 1", is_ascending ? "" : " DESC",
                  OPS_CHUNK - 1);
    LS_TRY(statement_run(session, &it, &result, why));
    if (PQntuples(result) > 0) *end_out = read_int(result, 0, 0);
    PQclear(result);
    return LS_OK;
}

/* Whether the keys that the filter names are few enough to be read at once. */
static ls_err are_keys_few(ls_session *session,
                           const struct ls_filter_term *term,
                           bool *few_out,
                           struct ls_why *why)
{
    struct statement it;
    PGresult *result = NULL;
    statement_init(&it);
    ls_buf_add_text(&it.sql, "SELECT count(*) FROM (SELECT FROM lockstep.key_facts k WHERE ");
    ops_key_condition(term, &it.sql, &it.params);
    ls_buf_printf(&it.sql, " LIMIT %d) AS few", OPS_CHUNK);
    LS_TRY(statement_run(session, &it, &result, why));
    *few_out = read_int(result, 0, 0) < OPS_CHUNK;
    PQclear(result);
    return LS_OK;
}

/* Keys of one entity stand in the index by id and can be read in chunks; those of a prefix,
 * and any in the order of change, only when they are few. */
static ls_err choose_way(ls_session *session,
                         const struct ls_ops_query *query,
                         int32_t *way_out,
                         struct ls_why *why)
{
    const struct ls_filter_term *term = ops_key_term(query->filter);
    bool by_change = query->sort == LS_SORT_UPDATED_DESC;
    bool is_few = term != NULL;
    *way_out = by_change ? OPS_TIMES : OPS_IDS;
    if (ops_is_whole(query->filter)) {
        *way_out = OPS_WHOLE;
        return LS_OK;
    }
    if (term != NULL && (by_change || term->is_prefix))
        LS_TRY(are_keys_few(session, term, &is_few, why));
    if (is_few) *way_out = OPS_KEYS;
    return LS_OK;
}

/* Both ends of the axis along which the windows go. */
static ls_err find_ends(ls_session *session,
                        struct ls_ops_search *search,
                        int64_t ends[2],
                        struct ls_why *why)
{
    static const char ids[] =
        "SELECT least((SELECT min(f.id) FROM lockstep.live_facts f), (SELECT min(f.id) FROM "
        "lockstep.past_facts f)), greatest((SELECT max(f.id) FROM lockstep.live_facts f),"
        " (SELECT max(f.id) FROM lockstep.past_facts f))";
    static const char times[] =
        "SELECT coalesce(lockstep.ms((SELECT min(f.updated_at) FROM lockstep.past_facts f)),"
        " lockstep.ms(now())), lockstep.ms(now()) + 60000";
    struct params none;
    PGresult *result = NULL;
    params_init(&none);
    LS_TRY(
        session_run(session, search->way == OPS_IDS ? ids : times, &none, false, &result, why));
    ends[0] = read_int(result, 0, 0);
    ends[1] = read_int(result, 0, 1);
    PQclear(result);
    return LS_OK;
}

static ls_err begin(ls_session *session,
                    const struct ls_ops_query *query,
                    struct ls_ops_search *search,
                    struct ls_why *why)
{
    struct ls_ops_search begun = {.has_begun = true, .next = INT64_MIN, .base_ms = INT64_MAX};
    bool is_ascending = ops_is_ascending(query->sort);
    bool has_after = query->after != NULL && query->after->has;
    LS_TRY(choose_way(session, query, &begun.way, why));
    if (begun.way == OPS_IDS || begun.way == OPS_TIMES) {
        int64_t ends[2] = {0, 0};
        LS_TRY(find_ends(session, &begun, ends, why));
        begun.start = is_ascending ? ends[0] : ends[1] + 1;
        begun.end = is_ascending ? ends[1] : ends[0];
        begun.width = begun.way == OPS_IDS ? IDS_WIDTH : TIMES_WIDTH;
        begun.next = begun.start;
    }
    if (has_after && begun.way == OPS_IDS) begun.next = query->after->id;
    if (has_after && begun.way == OPS_TIMES && query->after->sort_value < INT64_MAX)
        begun.next = query->after->sort_value + 1;
    if (has_after && begun.way == OPS_KEYS && query->sort != LS_SORT_UPDATED_DESC)
        begun.next = query->after->id;
    *search = begun;
    return LS_OK;
}

static void take_row(const PGresult *result, int row, struct ls_op_row *out)
{
    read_op_row(result, row, out);
    read_op_look(result, row, OP_ROW_WIDTH, out);
}

static void
take_rows(const struct ls_ops_query *query, PGresult *result, struct ls_op_page *page)
{
    int rows = PQntuples(result);
    for (int i = 0; i < rows && page->count < (size_t)query->limit; i++)
        take_row(result, i, &page->rows[page->count++]);
    PQclear(result);
}

ls_err ls_session_ops_step(ls_session *session,
                           const struct ls_ops_query *query,
                           struct ls_ops_search *search,
                           struct ls_op_page *page,
                           struct ls_why *why)
{
    assert(!search->is_over);
    struct statement it;
    PGresult *result = NULL;
    int64_t chunk_end = INT64_MIN;

    if (query->limit < 1 || query->limit > LS_FACTS_PAGE_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "page", "a page has 1 to %d rows",
                         LS_FACTS_PAGE_MAX);
    }
    LS_TRY(ls_session_connect(session, why));
    if (!search->has_begun) LS_TRY(begin(session, query, search, why));
    if (search->way == OPS_KEYS) LS_TRY(chunk_of(session, query, search, &chunk_end, why));

    int64_t began_ms = now_ms();
    int32_t wanted = query->limit - (int32_t)page->count + 1;
    statement_init(&it);
    page_sql(&it, query, search, chunk_end, wanted);
    LS_TRY(statement_run(session, &it, &result, why));
    page->has_more = PQntuples(result) == wanted;
    take_rows(query, result, page);

    bool is_last =
        search->way == OPS_WHOLE || (search->way == OPS_KEYS && chunk_end == INT64_MIN);
    if (page->has_more || is_last) {
        search->is_over = true;
        search->permille = 1000;
    } else if (search->way == OPS_KEYS) {
        search->next = chunk_end;
    } else {
        ops_advance(search, query->sort, now_ms() - began_ms);
    }
    bool is_all =
        search->is_over && !page->has_more && (query->after == NULL || !query->after->has);
    page->looked_permille = search->permille;
    page->matching = is_all ? (int64_t)page->count : -1;
    return LS_OK;
}

ls_err ls_session_ops(ls_session *session,
                      const struct ls_ops_query *query,
                      struct ls_op_page *out,
                      struct ls_why *why)
{
    struct ls_ops_search search = {0};
    out->count = 0;
    /* Ends: each step goes further along an axis that has an end. */
    while (!search.is_over) LS_TRY(ls_session_ops_step(session, query, &search, out, why));
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
