#include "lockstep/store/session.h"
#include "read.h"
#include "session_core.h"
#include "session_rows.h"

ls_err ls_session_ops_chosen(ls_session *session,
                             const ls_op_id *ops,
                             size_t count,
                             struct ls_op_page *out,
                             struct ls_why *why)
{
    /* OFFSET 0 keeps the planner from reading all of history to find these. */
    static const char sql[] =
        "SELECT * FROM (SELECT " OP_ROW_COLUMNS " FROM lockstep.live_facts f"
        " WHERE f.id = ANY ($1) UNION ALL"
        " SELECT " OP_ROW_COLUMNS " FROM lockstep.key_facts k CROSS JOIN LATERAL"
        " (SELECT p.* FROM lockstep.past_facts p WHERE p.id = k.op AND p.day = k.day OFFSET 0) "
        "f"
        " WHERE k.op = ANY ($1) AND k.day IS NOT NULL) AS chosen ORDER BY 1";
    struct params params;
    PGresult *result = NULL;

    if (count == 0 || count > LS_FACTS_PAGE_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "operations to read");
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_array(&params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(&params, PARAM_INT8, ops[i].value);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    *out = (struct ls_op_page){.matching = PQntuples(result)};
    for (int row = 0; row < PQntuples(result) && out->count < LS_FACTS_PAGE_MAX; row++)
        read_op_row(result, row, &out->rows[out->count++]);
    PQclear(result);
    return LS_OK;
}
