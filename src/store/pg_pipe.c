#include "pg_pipe.h"

#include <stddef.h>

#define HOOK_TIMEOUT "2000" /* ms, for all functions that one statement calls */

enum { RESULTS_MAX = 16 }; /* more than a pipe's statements and ends give */

enum pipe_hooks pipe_hooks_of(const struct ls_store_request *request)
{
    if (request->verb == LS_STORE_TICK) return PIPE_AFTER;
    if (request->verb != LS_STORE_MOVE) return PIPE_NO_HOOKS;
    for (size_t i = 0; i < request->move_count; i++) {
        if (request->moves[i].to == LS_STATE_DONE) return PIPE_IN_TURN;
    }
    return PIPE_NO_HOOKS;
}

static bool send_first(PGconn *connection, const char *sql, const struct params *params)
{
    return PQsendQueryParams(connection, sql, params->count, params->types, params->values,
                             params->lengths, params->formats, 0) == 1;
}

static bool send_plain(PGconn *connection, const char *sql)
{
    return PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 0) == 1;
}

bool pipe_send(PGconn *connection,
               struct pipe *pipe,
               const char *sql,
               const struct params *params,
               enum pipe_hooks hooks)
{
    pipe_drop(pipe);
    if (hooks == PIPE_NO_HOOKS) return send_first(connection, sql, params);

    bool is_apart = hooks == PIPE_AFTER;
    pipe->syncs = is_apart ? 2 : 1;
    if (PQenterPipelineMode(connection) != 1 || !send_first(connection, sql, params))
        return false;
    if (is_apart && PQpipelineSync(connection) != 1) return false;
    return send_plain(connection,
                      "SELECT set_config('statement_timeout', '" HOOK_TIMEOUT "', true)") &&
           send_plain(connection, is_apart ? "SELECT lockstep.hooks_run(false)"
                                           : "SELECT lockstep.hooks_run(true)") &&
           PQpipelineSync(connection) == 1;
}

/* Keep the first result, and let the first failure take its place. */
static void keep(struct pipe *pipe, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    bool is_first = pipe->kept == NULL;
    bool is_first_failure = !is_first && status == PGRES_FATAL_ERROR &&
                            PQresultStatus(pipe->kept) == PGRES_TUPLES_OK;
    if (!is_first && !is_first_failure) {
        PQclear(result);
        return;
    }
    PQclear(pipe->kept);
    pipe->kept = result;
}

PGresult *pipe_take(PGconn *connection, struct pipe *pipe, bool *is_broken_out)
{
    *is_broken_out = false;
    for (int i = 0; i < RESULTS_MAX && pipe->syncs > 0 && PQisBusy(connection) == 0; i++) {
        PGresult *result = PQgetResult(connection);
        if (PQstatus(connection) == CONNECTION_BAD) {
            PQclear(result);
            *is_broken_out = true;
            return NULL;
        }
        if (result == NULL) continue; /* one statement's results are over */
        if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
            keep(pipe, result);
            continue;
        }
        PQclear(result);
        pipe->syncs--;
    }
    if (pipe->syncs > 0) return NULL;
    PGresult *kept = pipe->kept;
    pipe->kept = NULL;
    *is_broken_out = kept == NULL || PQexitPipelineMode(connection) != 1;
    if (!*is_broken_out) return kept;
    PQclear(kept);
    return NULL;
}

void pipe_drop(struct pipe *pipe)
{
    PQclear(pipe->kept);
    *pipe = (struct pipe){0};
}
