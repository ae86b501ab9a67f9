#include "database.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

const char *database_url(void)
{
    const char *url = getenv("LS_TEST_URL");
    if (url == NULL) fail_msg("LS_TEST_URL is not set: run through with_postgres.sh");
    return url;
}

const char *database_url_as(const char *role)
{
    static char url[512];
    (void)snprintf(url, sizeof url, "%s user=%s", database_url(), role);
    return url;
}

PGconn *database_open(const char *url)
{
    PGconn *connection = PQconnectdb(url);
    if (PQstatus(connection) != CONNECTION_OK) fail_msg("%s", PQerrorMessage(connection));
    return connection;
}

static PGresult *run(PGconn *connection, const char *sql)
{
    PGresult *result = PQexec(connection, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        fail_msg("%s: %s", sql, PQresultErrorMessage(result));
    return result;
}

void database_run(PGconn *connection, const char *sql)
{
    PQclear(run(connection, sql));
}

int64_t database_number(PGconn *connection, const char *sql)
{
    PGresult *result = run(connection, sql);
    assert_int_equal(PQntuples(result), 1);
    int64_t number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return number;
}

void database_text(PGconn *connection, const char *sql, char *out, size_t out_bytes)
{
    PGresult *result = run(connection, sql);
    assert_int_equal(PQntuples(result), 1);
    (void)snprintf(out, out_bytes, "%s", PQgetvalue(result, 0, 0));
    PQclear(result);
}

void database_refused(PGconn *connection, const char *sql, char state_out[6], char *message_out)
{
    PGresult *result = PQexec(connection, sql);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (state == NULL) fail_msg("this was not refused: %s", sql);
    (void)snprintf(state_out, 6, "%s", state);
    (void)snprintf(message_out, 512, "%s", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
    PQclear(result);
}

ls_session *session_open_url(const char *url)
{
    ls_session *session =
        ls_session_new(&(struct ls_session_options){.url = url, .application = "test"});
    assert_non_null(session);
    return session;
}

void database_migrate(void)
{
    ls_session *session = session_open_url(database_url());
    struct ls_migrate_options options = {0};
    struct ls_why why = {0};
    struct ls_buf report;

    memset(options.tag_key, 0x4b, sizeof options.tag_key);
    ls_buf_init(&report, 65536);
    ls_err err = ls_session_migrate(session, &options, &report, &why);
    if (ls_failed(err)) fail_msg("migrate: %s: %s", ls_code_name(err.code), why.text);
    ls_buf_done(&report);
    ls_session_free(session);
}

void database_empty(PGconn *connection)
{
    database_run(
        connection,
        "SET session_replication_role = replica;" /* the audit log's guard sleeps */
        "TRUNCATE lockstep.sample, lockstep.op, lockstep.op_key, lockstep.attempt, "
        "lockstep.wake,"
        " lockstep.history, lockstep.attempt_history, lockstep.count_delta,"
        " lockstep.counter, lockstep.minute, lockstep.worker, lockstep.leader,"
        " lockstep.gate, lockstep.gate_sweep, lockstep.endpoint, lockstep.alert,"
        " lockstep.audit, lockstep.audit_op, lockstep.request, lockstep.outcome_new,"
        " lockstep.outcome_log, lockstep.outcome_head, lockstep.consumer,"
        " lockstep.hook, lockstep.hook_due, lockstep.batch, lockstep.retention,"
        " lockstep.resolution, lockstep.watermark, lockstep.place, lockstep.landing,"
        " lockstep.supply, lockstep.supply_delta, lockstep.supply_share, lockstep.nonce,"
        " lockstep.look, lockstep.note, lockstep.claim, lockstep.silence,"
        " lockstep.presence, lockstep.undo, lockstep.edit,"
        " lockstep.bulk, lockstep.bulk_target;"
        "SET session_replication_role = DEFAULT;"
        "INSERT INTO lockstep.leader DEFAULT VALUES;"
        "INSERT INTO lockstep.gate_sweep DEFAULT VALUES;"
        "INSERT INTO lockstep.outcome_head DEFAULT VALUES;"
        "INSERT INTO lockstep.retention DEFAULT VALUES;"
        "UPDATE lockstep.meta SET genesis = NULL, genesis_hash = NULL;");
}

static int64_t monotonic_ms(void *self)
{
    struct timespec now;
    (void)self;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct ls_clock database_clock(void)
{
    return (struct ls_clock){.monotonic_ms = monotonic_ms, .wall_ms = monotonic_ms};
}
