#include "lockstep/store/session.h"

#include "read.h"
#include "session_core.h"
#include "session_rows.h"

enum { WALK_ROWS = 500 };

ls_err ls_session_audit(ls_session *session,
                        int64_t before_seq,
                        int32_t limit,
                        struct ls_audit_page *out,
                        struct ls_why *why)
{
    static const char sql[] = "SELECT " AUDIT_ROW_COLUMNS " FROM lockstep.audit_log g"
                              " WHERE $1 = 0 OR g.seq < $1 ORDER BY g.seq DESC LIMIT $2";
    struct params params;
    PGresult *result = NULL;

    if (limit < 1 || limit > LS_FACTS_PAGE_MAX) {
        return ls_refuse(why, LS_CODE_INVALID, "page", "a page has 1 to %d rows",
                         LS_FACTS_PAGE_MAX);
    }
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, before_seq);
    params_int(&params, limit + 1);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    int rows = PQntuples(result);
    out->has_more = rows > limit;
    out->count = (size_t)(rows > limit ? limit : rows);
    for (size_t i = 0; i < out->count; i++) read_audit_row(result, (int)i, &out->rows[i]);
    PQclear(result);
    return LS_OK;
}

static ls_err read_entry(const PGresult *result, int row, struct ls_audit_entry *out)
{
    out->seq = read_int(result, row, 0);
    out->canonical = PQgetvalue(result, row, 3);
    out->canonical_bytes = (size_t)PQgetlength(result, row, 3);
    if (!read_hex_text(PQgetvalue(result, row, 1), out->prev_hash, sizeof out->prev_hash) ||
        !read_hex_text(PQgetvalue(result, row, 2), out->hash, sizeof out->hash))
        return LS_FAIL(LS_CODE_CORRUPT, 0, "audit hash");
    return LS_OK;
}

/* One page of the walk; `next_out` is where the next begins, 0 at the end. */
static ls_err walk_page(ls_session *session,
                        int64_t from_seq,
                        ls_err (*take)(void *self, const struct ls_audit_entry *entry),
                        void *self,
                        int64_t *next_out,
                        struct ls_why *why)
{
    static const char sql[] =
        "SELECT g.seq, g.prev_hash, g.hash, g.canonical FROM lockstep.audit_log g"
        " WHERE g.seq >= $1 ORDER BY g.seq LIMIT $2";
    struct params params;
    PGresult *result = NULL;
    ls_err err = LS_OK;

    params_init(&params);
    params_int(&params, from_seq);
    params_int(&params, WALK_ROWS);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    int rows = PQntuples(result);
    *next_out = 0;
    for (int row = 0; row < rows && !ls_failed(err); row++) {
        struct ls_audit_entry entry;
        err = read_entry(result, row, &entry);
        if (!ls_failed(err)) err = take(self, &entry);
        *next_out = entry.seq + 1;
    }
    if (rows < WALK_ROWS) *next_out = 0;
    PQclear(result);
    return err;
}

ls_err ls_session_audit_walk(ls_session *session,
                             int64_t from_seq,
                             ls_err (*take)(void *self, const struct ls_audit_entry *entry),
                             void *self,
                             struct ls_why *why)
{
    int64_t next = from_seq;

    LS_TRY(ls_session_connect(session, why));
    do { /* ends: every page begins behind the last, and the log is finite */
        LS_TRY(walk_page(session, next, take, self, &next, why));
    } while (next != 0);
    return LS_OK;
}

ls_err ls_session_log_id(ls_session *session, char out[LS_LOG_ID_BYTES], struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&none);
    LS_TRY(session_run(session, "SELECT lockstep.log_id()", &none, false, &result, why));
    read_text(result, 0, 0, out, LS_LOG_ID_BYTES);
    PQclear(result);
    return LS_OK;
}
