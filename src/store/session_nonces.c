#include "lockstep/store/session.h"

#include <stdlib.h>
#include <string.h>

#include "read.h"
#include "session_core.h"

static enum ls_nonce_state state_of(const char *name)
{
    for (int i = 0; i < LS_NONCE_STATE_COUNT; i++) {
        if (strcmp(ls_nonce_state_name((enum ls_nonce_state)i), name) == 0)
            return (enum ls_nonce_state)i;
    }
    return LS_NONCE_BAD;
}

static void read_nonce(const PGresult *result, int row, struct ls_nonce_row *out)
{
    out->number = read_int(result, row, 0);
    read_text(result, row, 1, out->address, sizeof out->address);
    out->state = state_of(PQgetvalue(result, row, 2));
    out->op = read_int(result, row, 3);
    out->is_used = read_bool(result, row, 4);
    read_text(result, row, 5, out->value, sizeof out->value);
    read_text(result, row, 6, out->authority, sizeof out->authority);
    out->slot = read_int(result, row, 7);
    out->changed_ms = read_int(result, row, 8);
}

ls_err ls_session_nonces(ls_session *session,
                         struct ls_nonce_row **rows_out,
                         size_t *count_out,
                         struct ls_why *why)
{
    static const char sql[] =
        "SELECT number, address, state, op, is_used, value, authority, slot,"
        " lockstep.ms(changed_at) FROM lockstep.nonces ORDER BY number LIMIT $1";
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, LS_FACTS_NONCES_MAX);
    LS_TRY(session_run(session, sql, &params, false, &result, why));
    const size_t count = (size_t)PQntuples(result);
    struct ls_nonce_row *rows = count == 0 ? NULL : calloc(count, sizeof *rows);
    if (count > 0 && rows == NULL) {
        PQclear(result);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "nonces");
    }
    for (size_t i = 0; i < count; i++) read_nonce(result, (int)i, &rows[i]);
    PQclear(result);
    *rows_out = rows;
    *count_out = count;
    return LS_OK;
}
