#include "link.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "lockstep/store/session.h"

/* Durability is never less than a local flush, whatever the server's default is: an intent
 * must be on disk before its bytes leave. */
const char link_probe[] =
    "SELECT pg_backend_pid(), pg_is_in_recovery(),"
    " to_regprocedure('lockstep.schema_version()') IS NOT NULL,"
    " session_user, current_database(),"
    " set_config('statement_timeout', $1, false),"
    " set_config('lock_timeout', $1, false),"
    " set_config('idle_in_transaction_session_timeout', $1, false),"
    " set_config('default_transaction_isolation', 'read committed', false),"
    " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
    "   WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false),"
    " set_config('jit', 'off', false),"
    " set_config('client_encoding', 'UTF8', false),"
    " set_config('client_min_messages', 'warning', false),"
    " set_config('bytea_output', 'hex', false)";

static void drop_notice(void *self, const PGresult *notice)
{
    (void)self;
    (void)notice; /* stderr belongs to the console's screen */
}

void link_silence(PGconn *connection)
{
    (void)PQsetNoticeReceiver(connection, drop_notice, NULL); /* returns the old one */
}

ls_err link_check_url(const char *url, struct ls_why *why)
{
    char *trouble = NULL;
    PQconninfoOption *parsed = PQconninfoParse(url, &trouble);

    PQfreemem(trouble);
    if (parsed == NULL) {
        return ls_refuse(why, LS_CODE_INVALID, "database url",
                         "the database url cannot be read: write "
                         "postgresql://USER@HOST/DATABASE or key=value pairs");
    }
    PQconninfoFree(parsed);
    return LS_OK;
}

PGconn *link_start(const struct link_options *options, struct ls_why *why)
{
    char timeout[16];
    const char *const names[] = {"fallback_application_name", "connect_timeout", "dbname",
                                 NULL};
    const char *const values[] = {options->application, timeout, options->url, NULL};

    if (ls_failed(link_check_url(options->url, why))) return NULL;
    (void)snprintf(timeout, sizeof timeout, "%" PRId32, options->connect_timeout_s);
    PGconn *connection = PQconnectStartParams(names, values, 1);
    if (connection == NULL) {
        fault_line(why, "memory is exhausted");
        return NULL;
    }
    link_silence(connection);
    return connection;
}

int32_t ls_schema_version(void)
{
    size_t count = 0;
    const struct ls_migration *migrations = ls_migrations(&count);
    return migrations[count - 1].version;
}

bool link_has_routines(const char *comment)
{
    static const char label[] = "routines: ";
    size_t length = sizeof label - 1;
    return strncmp(comment, label, length) == 0 &&
           strcmp(comment + length, ls_routines_digest()) == 0;
}

ls_err link_judge_schema(int32_t version, const char *comment, struct ls_why *why)
{
    int32_t known = ls_schema_version();
    if (version > known) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema version",
                         "the database has schema version %" PRId32
                         ", this lockstep knows %" PRId32 ": use a newer lockstep",
                         version, known);
    }
    if (version < known) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema version",
                         "the database has schema version %" PRId32
                         ", this lockstep needs %" PRId32 ": run `lockstep migrate`",
                         version, known);
    }
    if (!link_has_routines(comment)) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema routines",
                         "the database's functions are those of another lockstep build: run "
                         "`lockstep migrate` with the one that shall be used");
    }
    return LS_OK;
}

static bool column_is_true(const PGresult *probe, enum link_column column)
{
    return strcmp(PQgetvalue(probe, 0, (int)column), "t") == 0;
}

ls_err
link_judge(const PGconn *connection, const PGresult *probe, bool is_worker, struct ls_why *why)
{
    if (!is_worker) return LS_OK;
    /* A pooler gives the client a process id of its own making. */
    long pid = strtol(PQgetvalue(probe, 0, LINK_PID), NULL, 10);
    if (pid != PQbackendPID(connection)) {
        return ls_refuse(
            why, LS_CODE_REFUSED, "connection pooler",
            "the worker's connection goes through a pooler such as pgbouncer; give "
            "[worker] url the host and port of PostgreSQL itself");
    }
    if (column_is_true(probe, LINK_IN_RECOVERY)) {
        return ls_refuse(
            why, LS_CODE_REFUSED, "primary",
            "the worker is connected to a standby (hot_standby); give [worker] url "
            "the primary, or several hosts and target_session_attrs=read-write");
    }
    if (!column_is_true(probe, LINK_HAS_SCHEMA)) {
        return ls_refuse(why, LS_CODE_REFUSED, "schema",
                         "database %s has no lockstep schema: run `lockstep migrate`",
                         PQgetvalue(probe, 0, LINK_DATABASE));
    }
    return LS_OK;
}
