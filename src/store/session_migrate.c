#include "lockstep/store/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "link.h"
#include "lockstep/base/base58.h"
#include "read.h"
#include "session_core.h"

enum {
    NAMES_SQL_MAX = 64 * 1024,
    FENCES_VERSION = 19, /* the migration that makes the table of their names */
};

/* One migrate at a time in a database; the others wait, a bounded time. */
static ls_err lock(ls_session *session, struct ls_why *why)
{
    LS_TRY(session_command(session, "SET lock_timeout = '60s'; SET statement_timeout = '300s'",
                           why));
    LS_TRY(session_command(session, "SELECT pg_advisory_lock(7235, 0)", why));
    return LS_OK;
}

static void unlock(ls_session *session)
{
    char sql[128];

    if (session->connection == NULL) return;
    (void)snprintf(sql, sizeof sql,
                   "SELECT pg_advisory_unlock(7235, 0); SET lock_timeout = %" PRId32
                   "; SET statement_timeout = %" PRId32,
                   session->link.statement_timeout_ms, session->link.statement_timeout_ms);
    PQclear(PQexec(session->connection, sql)); /* a broken connection has unlocked itself */
}

/* What is installed; version 0 and no comment: nothing. */
struct installed {
    int32_t version;
    bool has_routines; /* this binary's own */
};

static ls_err
read_installed(ls_session *session, struct installed *installed_out, struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;

    params_init(&none);
    LS_TRY(session_run(session, "SELECT to_regclass('lockstep.migration') IS NOT NULL", &none,
                       false, &result, why));
    bool is_installed = read_bool(result, 0, 0);
    PQclear(result);
    *installed_out = (struct installed){0};
    if (!is_installed) return LS_OK;
    params_init(&none);
    LS_TRY(session_run(session, "SELECT " LINK_SCHEMA_COLUMNS, &none, false, &result, why));
    installed_out->version = (int32_t)read_int(result, 0, 0);
    installed_out->has_routines = link_has_routines(PQgetvalue(result, 0, 1));
    PQclear(result);
    return LS_OK;
}

static void fence_names_sql(struct ls_buf *sql)
{
    ls_buf_add_text(sql, "INSERT INTO lockstep.fence_name VALUES ");
    for (int i = 0; i < LS_FENCE_COUNT; i++)
        ls_buf_printf(sql, "%s(%d,'%s')", i > 0 ? "," : "", i, ls_fence_name((enum ls_fence)i));
    ls_buf_add_text(sql, " ON CONFLICT (fence) DO UPDATE SET name = excluded.name;");
}

/* The name tables, from core's own: INSERTs that change nothing when all is as it was. */
static void names_sql(struct ls_buf *sql, int32_t version)
{
    size_t count = 0;
    const struct ls_transition *moves = ls_transitions(&count);

    if (version >= FENCES_VERSION) fence_names_sql(sql);
    ls_buf_add_text(sql, "INSERT INTO lockstep.state_name VALUES ");
    for (int i = 0; i < LS_STATE_COUNT; i++)
        ls_buf_printf(sql, "%s(%d,'%s')", i > 0 ? "," : "", i, ls_state_name((enum ls_state)i));
    ls_buf_add_text(sql, " ON CONFLICT (state) DO UPDATE SET name = excluded.name;"
                         "INSERT INTO lockstep.sub_name VALUES (0,'')");
    for (int i = 1; i <= LS_SUB_HOOK_FAILED; i++) {
        if (strcmp(ls_sub_name((enum ls_sub)i), "unknown") != 0)
            ls_buf_printf(sql, ",(%d,'%s')", i, ls_sub_name((enum ls_sub)i));
    }
    ls_buf_add_text(sql, " ON CONFLICT (sub) DO UPDATE SET name = excluded.name;"
                         "INSERT INTO lockstep.attempt_state_name VALUES ");
    for (int i = 0; i < LS_ATTEMPT_STATE_COUNT; i++) {
        ls_buf_printf(sql, "%s(%d,'%s')", i > 0 ? "," : "", i,
                      ls_attempt_state_name((enum ls_attempt_state)i));
    }
    ls_buf_add_text(sql, " ON CONFLICT (state) DO UPDATE SET name = excluded.name;"
                         "INSERT INTO lockstep.kind (kind, name) VALUES ");
    for (int i = 1; i <= LS_KIND_MAX; i++)
        ls_buf_printf(sql, "%s(%d,'%s')", i > 1 ? "," : "", i, ls_kind_name((enum ls_kind)i));
    ls_buf_add_text(sql, " ON CONFLICT (kind) DO UPDATE SET name = excluded.name;"
                         "DELETE FROM lockstep.transition;"
                         "INSERT INTO lockstep.transition VALUES ");
    for (size_t i = 0; i < count; i++) {
        ls_buf_printf(sql, "%s(%d,%d,%u,'%s')", i > 0 ? "," : "", (int)moves[i].from,
                      (int)moves[i].to, moves[i].movers, moves[i].name);
    }
    ls_buf_add_text(sql, ";");
}

static ls_err fill_names(ls_session *session, int32_t version, struct ls_why *why)
{
    struct ls_buf sql;

    ls_buf_init(&sql, NAMES_SQL_MAX);
    names_sql(&sql, version);
    ls_err err = ls_buf_check(&sql, "name tables");
    if (!ls_failed(err)) err = session_command(session, ls_buf_text(&sql), why);
    ls_buf_done(&sql);
    return err;
}

static ls_err fill_meta(ls_session *session, const uint8_t tag_key[32], struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    params_init(&params);
    params_bytes(&params, tag_key, 32);
    LS_TRY(session_run(session,
                       "INSERT INTO lockstep.meta (tag_key) VALUES ($1) ON CONFLICT DO NOTHING",
                       &params, true, &result, why));
    PQclear(result);
    return LS_OK;
}

static ls_err
apply(ls_session *session, const struct ls_migration *migration, struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    if (migration->version > 1)
        LS_TRY(session_command(session, "SET LOCAL ROLE lockstep_owner", why));
    LS_TRY(session_command(session, migration->sql, why));
    params_init(&params);
    params_int(&params, migration->version);
    params_text(&params, migration->name);
    LS_TRY(session_run(
        session, "INSERT INTO lockstep.migration (version, name) VALUES ($1::integer, $2)",
        &params, true, &result, why));
    PQclear(result);
    return LS_OK;
}

/* The first of the routines' files does it, as their owner. */
static ls_err drop_routines(ls_session *session, struct ls_why *why)
{
    size_t count = 0;
    const struct ls_migration *routines = ls_routines(&count);

    LS_TRY(session_command(session, "SET LOCAL ROLE lockstep_owner", why));
    LS_TRY(session_command(session, routines[0].sql, why));
    return session_command(session, "RESET ROLE", why);
}

/* Drop the routines of before and make this binary's. */
static ls_err apply_routines(ls_session *session, struct ls_why *why)
{
    size_t count = 0;
    const struct ls_migration *routines = ls_routines(&count);
    char sql[128];

    for (size_t i = 0; i < count; i++) LS_TRY(session_command(session, routines[i].sql, why));
    (void)snprintf(sql, sizeof sql, "COMMENT ON SCHEMA lockstep IS 'routines: %s'",
                   ls_routines_digest());
    return session_command(session, sql, why);
}

/* All steps in one transaction: installed wholly or not at all. */
static ls_err apply_all(ls_session *session,
                        const struct installed *installed,
                        int32_t to,
                        const struct ls_migrate_options *options,
                        struct ls_buf *report,
                        struct ls_why *why)
{
    size_t count = 0;
    const struct ls_migration *migrations = ls_migrations(&count);

    /* The old routines go first: a column that a view reads cannot be altered. */
    if (installed->version > 0 && installed->version < to && to == ls_schema_version())
        LS_TRY(drop_routines(session, why));
    for (size_t i = 0; i < count; i++) {
        if (migrations[i].version <= installed->version || migrations[i].version > to) continue;
        LS_TRY(apply(session, &migrations[i], why));
        ls_buf_printf(report, "applied %04d %s\n", (int)migrations[i].version,
                      migrations[i].name);
    }
    LS_TRY(session_command(session, "SET LOCAL ROLE lockstep_owner", why));
    if (to < 2) return LS_OK; /* the name tables come with the second */
    LS_TRY(fill_names(session, to, why));
    LS_TRY(fill_meta(session, options->tag_key, why));
    if (to < ls_schema_version() || installed->has_routines) return LS_OK;
    LS_TRY(apply_routines(session, why));
    ls_buf_add_text(report, "made the routines anew\n");
    return LS_OK;
}

static void foresee(const struct installed *installed, int32_t to, struct ls_buf *report)
{
    size_t count = 0;
    const struct ls_migration *migrations = ls_migrations(&count);

    for (size_t i = 0; i < count; i++) {
        if (migrations[i].version <= installed->version || migrations[i].version > to) continue;
        ls_buf_printf(report, "would apply %04d %s\n", (int)migrations[i].version,
                      migrations[i].name);
    }
    if (to == ls_schema_version() && !installed->has_routines)
        ls_buf_add_text(report, "would make the routines anew\n");
}

static ls_err migrate_locked(ls_session *session,
                             const struct ls_migrate_options *options,
                             struct ls_buf *report,
                             struct ls_why *why)
{
    struct installed installed;
    int32_t known = ls_schema_version();

    LS_TRY(read_installed(session, &installed, why));
    if (installed.version > known) return link_judge_schema(installed.version, "", why);
    if (options->to < 0 || options->to > known ||
        (options->to > 0 && options->to < installed.version)) {
        return ls_refuse(why, LS_CODE_INVALID, "migrate",
                         "version %d: the schema is at %d and this lockstep knows 1 to %d",
                         (int)options->to, (int)installed.version, (int)known);
    }
    int32_t to = options->to > 0 ? options->to : known;
    if (options->dry_run) {
        foresee(&installed, to, report);
    } else {
        LS_TRY(session_command(session, "BEGIN", why));
        ls_err err = apply_all(session, &installed, to, options, report, why);
        if (session->connection != NULL) {
            ls_err ended =
                session_command(session, ls_failed(err) ? "ROLLBACK" : "COMMIT", why);
            if (!ls_failed(err)) err = ended;
        }
        LS_TRY(err);
    }
    if (report->length == 0)
        ls_buf_printf(report, "schema is at version %d\n", (int)installed.version);
    return ls_buf_check(report, "migrate report");
}

ls_err ls_session_migrate(ls_session *session,
                          const struct ls_migrate_options *options,
                          struct ls_buf *report,
                          struct ls_why *why)
{
    LS_TRY(session_open(session, why));
    if (session->is_in_recovery) {
        return ls_refuse(why, LS_CODE_REFUSED, "migrate",
                         "this server is a standby; migrate on the primary");
    }
    LS_TRY(lock(session, why));
    ls_err err = migrate_locked(session, options, report, why);
    unlock(session);
    session->has_schema = session->has_schema || (!ls_failed(err) && !options->dry_run);
    return err;
}

ls_err ls_session_tag_key(ls_session *session,
                          uint8_t tag_key_out[32],
                          struct ls_hash *genesis_out,
                          struct ls_why *why)
{
    struct params none;
    PGresult *result = NULL;
    uint8_t key[32];

    params_init(&none);
    LS_TRY(
        session_run(session, "SELECT * FROM lockstep.tag_key()", &none, false, &result, why));
    bool is_good = PQntuples(result) == 1 && read_hex(result, 0, 0, key, sizeof key);
    bool is_pinned = is_good && !PQgetisnull(result, 0, 1);
    if (is_pinned) is_good = ls_hash_parse(PQgetvalue(result, 0, 1), genesis_out);
    PQclear(result);
    if (!is_good) return LS_FAIL(LS_CODE_CORRUPT, 0, "tag key");
    if (!is_pinned) memset(genesis_out, 0, sizeof *genesis_out);
    memcpy(tag_key_out, key, sizeof key);
    return LS_OK;
}

ls_err ls_session_configure_kind(ls_session *session,
                                 const struct ls_kind_settings *settings,
                                 bool *changed_out,
                                 struct ls_why *why)
{
    LS_TRY(ls_session_connect(session, why));
    struct params params;
    params_init(&params);
    params_text(&params, settings->kind);
    params_int(&params, settings->max_attempts);
    params_int(&params, settings->stuck_after_ms);
    params_text(&params, settings->fence);
    params_int(&params, settings->has_value_limit ? settings->value_limit : INT64_MIN);
    PGresult *result = NULL;
    LS_TRY(session_run(session,
                       "SELECT lockstep.kind_configure($1, nullif($2, 0)::integer,"
                       " nullif($3, 0), $4, nullif($5, -9223372036854775808))",
                       &params, true, &result, why));
    *changed_out = PQntuples(result) == 1 && PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return LS_OK;
}
