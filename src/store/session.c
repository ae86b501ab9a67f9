#include "lockstep/store/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "exchange.h"
#include "fault.h"
#include "read.h"
#include "session_core.h"

enum {
    RETRIES_MAX = 5,
    CONNECT_TIMEOUT_S = 10,
    STATEMENT_TIMEOUT_MS = 10000,
    ANSWER_MORE_MS = 2000, /* for the way, beyond what the server gives a statement */
};

ls_session *ls_session_new(const struct ls_session_options *options)
{
    ls_session *session = calloc(1, sizeof *session);
    if (session == NULL) return NULL;
    session->url = strdup(options->url != NULL ? options->url : "");
    session->application =
        strdup(options->application != NULL ? options->application : "lockstep");
    session->interrupt_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); /* -1: has to wait */
    if (session->url == NULL || session->application == NULL) {
        ls_session_free(session);
        return NULL;
    }
    session->link = (struct link_options){
        .url = session->url,
        .application = session->application,
        .connect_timeout_s =
            options->connect_timeout_s > 0 ? options->connect_timeout_s : CONNECT_TIMEOUT_S,
        .statement_timeout_ms = options->statement_timeout_ms > 0
                                    ? options->statement_timeout_ms
                                    : STATEMENT_TIMEOUT_MS,
    };
    return session;
}

static void drop(ls_session *session)
{
    PQfinish(session->connection);
    session->connection = NULL;
    session->is_listening = false;
}

void ls_session_free(ls_session *session)
{
    if (session == NULL) return;
    drop(session);
    if (session->interrupt_fd >= 0) (void)close(session->interrupt_fd);
    free(session->url);
    free(session->application);
    free(session);
}

void ls_session_interrupt(ls_session *session)
{
    const uint64_t one = 1;
    const ssize_t written = write(session->interrupt_fd, &one, sizeof one);
    (void)written; /* a counter that is full is readable as well */
}

static PGresult *
run_bounded(const ls_session *session, const char *sql, const struct params *is)
{
    const struct exchange_limits limits = {
        .answer_ms = session->link.statement_timeout_ms + ANSWER_MORE_MS,
        .interrupt_fd = session->interrupt_fd,
    };
    return exchange_run(session->connection, sql, is, &limits);
}

static const char no_answer[] = "the database does not answer; it is tried again";

static ls_err read_probe(ls_session *session, PGresult *probe, struct ls_why *why)
{
    if (probe == NULL) return ls_refuse(why, LS_CODE_UNAVAILABLE, "database", no_answer);
    if (PQresultStatus(probe) != PGRES_TUPLES_OK) {
        ls_err err = fault_of_result(probe, "database probe", why);
        PQclear(probe);
        return err;
    }
    session->is_in_recovery = read_bool(probe, 0, LINK_IN_RECOVERY);
    session->has_schema = read_bool(probe, 0, LINK_HAS_SCHEMA);
    read_text(probe, 0, LINK_ROLE, session->role, sizeof session->role);
    read_text(probe, 0, LINK_DATABASE, session->database, sizeof session->database);
    PQclear(probe);
    return LS_OK;
}

static ls_err connect_anew(ls_session *session, struct ls_why *why)
{
    struct params params;
    const char *const names[] = {"fallback_application_name", "connect_timeout", "dbname",
                                 NULL};
    char seconds[16];
    const char *const settings[] = {session->application, seconds, session->url, NULL};

    LS_TRY(link_check_url(session->url, why));
    (void)snprintf(seconds, sizeof seconds, "%" PRId32, session->link.connect_timeout_s);
    session->connection = PQconnectdbParams(names, settings, 1);
    if (session->connection == NULL || PQstatus(session->connection) != CONNECTION_OK) {
        ls_err err = fault_of_connection(session->connection, why);
        drop(session);
        return err;
    }
    link_silence(session->connection);
    (void)snprintf(seconds, sizeof seconds, "%" PRId32, session->link.statement_timeout_ms);
    params_init(&params);
    params_text(&params, seconds);
    ls_err err = params_check(&params);
    if (!ls_failed(err))
        err = read_probe(session, run_bounded(session, link_probe, &params), why);
    params_done(&params);
    if (ls_failed(err)) drop(session);
    return err;
}

ls_err session_open(ls_session *session, struct ls_why *why)
{
    if (session->connection != NULL && PQstatus(session->connection) == CONNECTION_OK)
        return LS_OK;
    drop(session);
    return connect_anew(session, why);
}

static ls_err check_schema(ls_session *session, struct ls_why *why)
{
    if (!session->has_schema) {
        /* It may have been installed since. */
        drop(session);
        LS_TRY(connect_anew(session, why));
    }
    if (!session->has_schema) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema",
                         "database %s has no lockstep schema: run `lockstep migrate`",
                         session->database);
    }
    return LS_OK;
}

ls_err ls_session_connect(ls_session *session, struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;

    LS_TRY(session_open(session, why));
    LS_TRY(check_schema(session, why));
    params_init(&none);
    LS_TRY(session_run(session, "SELECT " LINK_SCHEMA_COLUMNS, &none, false, &result, why));
    ls_err err =
        link_judge_schema((int32_t)read_int(result, 0, 0), PQgetvalue(result, 0, 1), why);
    PQclear(result);
    return err;
}

static ls_err run_once(ls_session *session,
                       const char *sql,
                       const struct params *params,
                       bool writes,
                       PGresult **result_out)
{
    PGresult *result = run_bounded(session, sql, params);
    if (PQstatus(session->connection) == CONNECTION_BAD || result == NULL) {
        PQclear(result);
        return LS_FAIL(writes ? LS_CODE_UNKNOWN : LS_CODE_UNAVAILABLE, 0,
                       "database connection");
    }
    *result_out = result;
    return LS_OK;
}

ls_err session_run(ls_session *session,
                   const char *sql,
                   struct params *params,
                   bool writes,
                   PGresult **result_out,
                   struct ls_why *why)
{
    PGresult *result = NULL;
    ls_err err = params_check(params);

    if (!ls_failed(err)) err = session_open(session, why);
    for (int i = 0; !ls_failed(err) && i < RETRIES_MAX; i++) {
        PQclear(result);
        result = NULL;
        err = run_once(session, sql, params, writes, &result);
        if (ls_failed(err) || !fault_is_transient(result)) break;
    }
    params_done(params);
    if (ls_failed(err)) {
        if (session->connection != NULL) {
            ls_err ignored = fault_of_connection(session->connection, why);
            if (PQstatus(session->connection) == CONNECTION_OK) /* given up by us */
                ignored = ls_refuse(why, err.code, "database", no_answer);
            (void)ignored; /* the code is decided; its text is wanted */
        }
        drop(session);
        return err;
    }
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
        err = fault_of_result(result, "database", why);
        PQclear(result);
        return err;
    }
    *result_out = result;
    return LS_OK;
}

ls_err session_command(ls_session *session, const char *sql, struct ls_why *why)
{
    PGresult *result = PQexec(session->connection, sql);
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) {
        PQclear(result);
        return LS_OK;
    }
    ls_err err = PQstatus(session->connection) == CONNECTION_BAD
                     ? fault_of_connection(session->connection, why)
                     : fault_of_result(result, "database", why);
    PQclear(result);
    if (PQstatus(session->connection) == CONNECTION_BAD) drop(session);
    return err;
}

ls_err session_snapshot(ls_session *session, struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;
    params_init(&none);
    LS_TRY(session_run(session, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &none, false,
                       &result, why));
    PQclear(result);
    return LS_OK;
}

void session_snapshot_end(ls_session *session)
{
    if (session->connection == NULL) return;
    PGresult *result = run_bounded(session, "COMMIT", NULL);
    if (result == NULL) drop(session);
    PQclear(result); /* nothing was written: either end is good */
}

ls_err
ls_session_rights(ls_session *session, struct ls_session_rights *rights_out, struct ls_why *why)
{
    static const char sql[] =
        "SELECT has_function_privilege('lockstep.vitals()', 'EXECUTE'),"
        " has_function_privilege('lockstep.retry(bigint, text, bytea, bigint, text, text)',"
        "                        'EXECUTE'),"
        " pg_has_role('lockstep_admin', 'USAGE'),"
        " has_function_privilege('lockstep.worker_tick(bigint)', 'EXECUTE'),"
        " has_function_privilege('lockstep.enqueue(text, jsonb, text, text, smallint,"
        "  timestamptz, text, bigint)', 'EXECUTE'), NOT pg_is_in_recovery(),"
        " (SELECT setting FROM pg_settings WHERE name = 'data_directory')";
    struct params none;
    PGresult *result = NULL;
    struct ls_session_rights rights = {0};

    LS_TRY(ls_session_connect(session, why));
    params_init(&none);
    LS_TRY(session_run(session, sql, &none, false, &result, why));
    (void)snprintf(rights.role, sizeof rights.role, "%s", session->role);
    rights.may_view = read_bool(result, 0, 0);
    rights.may_operate = read_bool(result, 0, 1);
    rights.may_administer = read_bool(result, 0, 2);
    rights.may_work = read_bool(result, 0, 3);
    rights.may_enqueue = read_bool(result, 0, 4);
    rights.is_primary = read_bool(result, 0, 5);
    const char *host = PQhost(session->connection);
    if (host != NULL && host[0] == '/')
        read_text(result, 0, 6, rights.data_directory, sizeof rights.data_directory);
    PQclear(result);
    *rights_out = rights;
    return LS_OK;
}
