/* The schema itself: installing it, who may do what in it, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "database.h"
#include "lockstep/core/op.h"

static PGconn *hands;

static const char *const logins[] = {"t_app", "t_viewer", "t_operator", "t_admin", "t_worker"};

static int no_schema(void **state)
{
    (void)state;
    database_run(hands,
                 "SET client_min_messages = error; DROP SCHEMA IF EXISTS lockstep CASCADE");
    return 0;
}

static int fresh_schema(void **state)
{
    (void)no_schema(state);
    database_migrate();
    return 0;
}

static ls_err migrate(ls_session *session,
                      const struct ls_migrate_options *options,
                      struct ls_buf *report,
                      struct ls_why *why)
{
    ls_buf_init(report, 65536);
    return ls_session_migrate(session, options, report, why);
}

static void migrate_twice_changes_nothing_the_second_time(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    uint8_t first[32], second[32];
    struct ls_hash genesis;
    (void)state;
    ls_session *session = session_open_url(database_url());
    struct ls_migrate_options options = {0};
    memset(options.tag_key, 1, sizeof options.tag_key);

    assert_false(ls_failed(migrate(session, &options, &report, &why)));
    assert_non_null(strstr(ls_buf_text(&report), "applied 0001 roles"));
    ls_buf_done(&report);
    assert_false(ls_failed(ls_session_tag_key(session, first, &genesis, &why)));
    memset(options.tag_key, 2, sizeof options.tag_key);
    assert_false(ls_failed(migrate(session, &options, &report, &why)));

    assert_null(strstr(ls_buf_text(&report), "applied"));
    assert_non_null(strstr(ls_buf_text(&report), "schema is at version"));
    assert_false(ls_failed(ls_session_tag_key(session, second, &genesis, &why)));
    assert_memory_equal(first, second, sizeof first);
    assert_false(ls_failed(ls_session_connect(session, &why)));
    ls_buf_done(&report);
    ls_session_free(session);
}

static void a_dry_run_installs_nothing(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    (void)state;
    ls_session *session = session_open_url(database_url());
    struct ls_migrate_options options = {.dry_run = true};

    assert_false(ls_failed(migrate(session, &options, &report, &why)));

    assert_non_null(strstr(ls_buf_text(&report), "would apply 0001 roles"));
    assert_int_equal(
        database_number(hands, "SELECT count(*) FROM pg_namespace WHERE nspname = 'lockstep'"),
        0);
    ls_buf_done(&report);
    ls_session_free(session);
}

static void two_migrates_at_once_install_it_once(void **state)
{
    pid_t children[2];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            database_migrate();
            _exit(0);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }

    assert_int_equal(database_number(hands, "SELECT max(version) FROM lockstep.migration"),
                     ls_schema_version());
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.meta"), 1);
}

/* What the functions, views, triggers and grants are, as one number. */
static int64_t routines_print(void)
{
    return database_number(
        hands, "SELECT sum(hashtext(x)::bigint) FROM ("
               "SELECT pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') FROM pg_proc p"
               " WHERE p.pronamespace = 'lockstep'::regnamespace AND prokind = 'f'"
               " UNION ALL SELECT pg_get_viewdef(c.oid) || coalesce(c.relacl::text, '') FROM"
               " pg_class c WHERE c.relnamespace = 'lockstep'::regnamespace AND relkind = 'v'"
               " UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c"
               " ON c.oid = t.tgrelid WHERE c.relnamespace = 'lockstep'::regnamespace"
               " AND NOT t.tgisinternal) AS all_of_them (x)");
}

static void an_upgrade_alters_columns_that_the_old_views_read(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {.to = 38};
    (void)state;
    ls_session *session = session_open_url(database_url());
    assert_false(ls_failed(migrate(session, &options, &report, &why)));
    ls_buf_done(&report);
    database_run(hands, "CREATE VIEW lockstep.of_before AS SELECT key FROM lockstep.op_key");

    options.to = 0;
    ls_err err = migrate(session, &options, &report, &why);
    if (ls_failed(err)) fail_msg("migrate: %s", why.text);

    assert_non_null(strstr(ls_buf_text(&report), "applied 0039"));
    assert_int_equal(database_number(hands, "SELECT count(*) FROM pg_class WHERE relname ="
                                            " 'of_before'"),
                     0);
    assert_false(ls_failed(ls_session_connect(session, &why)));
    ls_buf_done(&report);
    ls_session_free(session);
}

static void routines_of_another_build_are_refused_and_made_anew(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {0};
    (void)state;
    ls_session *session = session_open_url(database_url());
    int64_t before = routines_print();
    database_run(hands, "COMMENT ON SCHEMA lockstep IS 'routines: other';"
                        "ALTER FUNCTION lockstep.status(text) RENAME TO was_status;"
                        "DROP TRIGGER op_changed ON lockstep.op;"
                        "CREATE FUNCTION lockstep.old_face(bigint) RETURNS bigint"
                        " LANGUAGE sql AS 'SELECT $1'");

    assert_int_equal(ls_session_connect(session, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "lockstep migrate"));
    assert_false(ls_failed(migrate(session, &options, &report, &why)));

    assert_non_null(strstr(ls_buf_text(&report), "made the routines anew"));
    assert_int_equal(routines_print(), before);
    assert_false(ls_failed(ls_session_connect(session, &why)));
    ls_buf_done(&report);
    ls_session_free(session);
}

static void what_others_built_on_the_views_is_named_and_kept(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {0};
    (void)state;
    ls_session *session = session_open_url(database_url());
    database_run(hands, "COMMENT ON SCHEMA lockstep IS 'routines: other';"
                        "CREATE VIEW public.my_panel AS SELECT id FROM lockstep.ops");

    assert_true(ls_failed(migrate(session, &options, &report, &why)));

    assert_non_null(strstr(why.text, "built on its views"));
    assert_int_equal(database_number(hands, "SELECT count(*) FROM public.my_panel"), 0);
    ls_buf_done(&report);
    ls_session_free(session);
    database_run(hands, "DROP VIEW public.my_panel");
}

static void a_newer_schema_is_refused_with_the_cure(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {0};
    (void)state;
    ls_session *session = session_open_url(database_url());
    database_run(hands,
                 "INSERT INTO lockstep.migration (version, name) VALUES (9999, 'later')");

    assert_int_equal(ls_session_connect(session, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "use a newer lockstep"));
    assert_int_equal(migrate(session, &options, &report, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "9999"));
    ls_buf_done(&report);
    ls_session_free(session);
}

static void a_database_without_the_schema_says_migrate(void **state)
{
    struct ls_why why = {0};
    (void)state;
    ls_session *session = session_open_url(database_url());

    assert_int_equal(ls_session_connect(session, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "lockstep migrate"));
    database_migrate();

    assert_false(ls_failed(ls_session_connect(session, &why)));
    ls_session_free(session);
}

static void a_login_that_may_not_create_roles_hears_which_right_it_lacks(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {0};
    (void)state;
    database_run(hands, "DROP ROLE IF EXISTS t_poor; CREATE ROLE t_poor LOGIN");
    ls_session *session = session_open_url(database_url_as("t_poor"));

    assert_int_equal(migrate(session, &options, &report, &why).code, LS_CODE_REFUSED);

    assert_non_null(strstr(why.text, "lockstep_owner"));
    assert_int_equal(
        database_number(hands, "SELECT count(*) FROM pg_namespace WHERE nspname = 'lockstep'"),
        0);
    ls_buf_done(&report);
    ls_session_free(session);
}

static void a_login_with_createrole_may_install_it(void **state)
{
    struct ls_buf report;
    struct ls_why why = {0};
    struct ls_migrate_options options = {0};
    (void)state;
    database_run(hands,
                 "DROP ROLE IF EXISTS t_installer; CREATE ROLE t_installer LOGIN CREATEROLE;"
                 "GRANT CREATE ON DATABASE lockstep TO t_installer");
    ls_session *session = session_open_url(database_url_as("t_installer"));

    ls_err err = migrate(session, &options, &report, &why);

    if (ls_failed(err)) fail_msg("%s", why.text);
    char owner[64];
    database_text(hands,
                  "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'lockstep'",
                  owner, sizeof owner);
    assert_string_equal(owner, "lockstep_owner");
    ls_buf_done(&report);
    ls_session_free(session);
    database_run(hands, "DROP OWNED BY t_installer; DROP ROLE t_installer");
}

static void the_transition_table_is_cores(void **state)
{
    size_t count = 0;
    const struct ls_transition *rows = ls_transitions(&count);
    (void)state;
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.transition"), count);
    for (size_t i = 0; i < count; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM lockstep.transition WHERE from_state = %d"
                       " AND to_state = %d AND movers = %u",
                       (int)rows[i].from, (int)rows[i].to, rows[i].movers);
        assert_int_equal(database_number(hands, sql), 1);
    }
}

static void the_names_are_cores(void **state)
{
    char name[64], sql[128];
    (void)state;
    for (int i = 1; i <= LS_KIND_MAX; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT name FROM lockstep.kind WHERE kind = %d", i);
        database_text(hands, sql, name, sizeof name);
        assert_string_equal(name, ls_kind_name((enum ls_kind)i));
    }
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        (void)snprintf(sql, sizeof sql, "SELECT name FROM lockstep.state_name WHERE state = %d",
                       i);
        database_text(hands, sql, name, sizeof name);
        assert_string_equal(name, ls_state_name((enum ls_state)i));
    }
    int64_t subs = 1; /* none */
    for (int i = 1; i < 256; i++) subs += strcmp(ls_sub_name((enum ls_sub)i), "unknown") != 0;
    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.sub_name"), subs);
}

static void make_logins(void)
{
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "DROP ROLE IF EXISTS %s; CREATE ROLE %s LOGIN; GRANT lockstep_%s TO %s",
                       logins[i], logins[i], logins[i] + 2, logins[i]);
        database_run(hands, sql);
    }
}

/* Try a statement on every table of the schema as that login. */
static void refuse_on_every_table(PGconn *login, const char *verb, const char *tail)
{
    PGresult *tables = PQexec(hands, "SELECT c.oid::regclass FROM pg_class c WHERE"
                                     " c.relnamespace = 'lockstep'::regnamespace"
                                     " AND c.relkind IN ('r', 'p')");
    assert_true(PQntuples(tables) > 30);
    for (int i = 0; i < PQntuples(tables); i++) {
        char sql[512], sqlstate[6], message[512];
        (void)snprintf(sql, sizeof sql, "%s %s %s", verb, PQgetvalue(tables, i, 0), tail);
        database_refused(login, sql, sqlstate, message);
        if (strcmp(sqlstate, "42501") != 0) fail_msg("%s: %s %s", sql, sqlstate, message);
    }
    PQclear(tables);
}

static void nobody_writes_directly(void **state)
{
    (void)state;
    make_logins();
    for (size_t i = 0; i < sizeof logins / sizeof logins[0]; i++) {
        PGconn *login = database_open(database_url_as(logins[i]));
        refuse_on_every_table(login, "INSERT INTO", "DEFAULT VALUES");
        refuse_on_every_table(login, "DELETE FROM", "");
        refuse_on_every_table(login, "TRUNCATE", "");
        PQfinish(login);
    }
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a"
                                     " WHERE c.relnamespace = 'lockstep'::regnamespace"
                                     " AND a.grantee <> c.relowner"
                                     " AND a.privilege_type <> 'SELECT'"),
                     0);
}

/* Which functions a role may execute is the whole of what it may do. */
static void each_role_has_its_functions_and_no_more(void **state)
{
    static const struct {
        const char *login, *call;
        bool may;
    } cases[] = {
        {"t_app", "lockstep.enqueue('memo', '{\"text\":\"x\"}', 'role-test')", true},
        {"t_app", "lockstep.status('role-test')", true},
        {"t_app", "lockstep.vitals()", false},
        {"t_app", "lockstep.retry(1, 'r')", false},
        {"t_app", "lockstep.worker_tick(1)", false},
        {"t_app", "lockstep.tag_key()", false},
        {"t_viewer", "lockstep.vitals()", true},
        {"t_viewer", "lockstep.enqueue('memo', '{\"text\":\"x\"}', 'role-test')", false},
        {"t_viewer", "lockstep.hold(1, 'r')", false},
        {"t_viewer", "lockstep.tag_key()", false},
        {"t_operator", "lockstep.vitals()", true},
        {"t_operator", "lockstep.gate_on('kind:memo', 'r')", true},
        {"t_operator", "lockstep.gate_off('kind:memo', 'r')", true},
        {"t_operator", "lockstep.worker_claim(1, 1, false)", false},
        {"t_operator", "lockstep.tag_key()", false},
        {"t_admin", "lockstep.gate_on('kind:memo', 'r')", true},
        {"t_admin", "lockstep.gate_off('kind:memo', 'r')", true},
        {"t_admin", "lockstep.tag_key()", true},
        {"t_admin", "lockstep.worker_claim(1, 1, false)", false},
        {"t_worker", "lockstep.worker_tick(1)", true},
        {"t_worker", "lockstep.tag_key()", true},
        {"t_worker", "lockstep.hold(1, 'r')", false},
        {"t_worker", "lockstep.enqueue('memo', '{\"text\":\"x\"}', 'role-test')", false},
        {"t_worker", "lockstep.audit_append('a','t','b','c','r','{}','{}','{}')", false},
        {"t_admin", "lockstep.audit_append('a','t','b','c','r','{}','{}','{}')", false},
        {"t_admin",
         "lockstep.insert_op(1::smallint,'{}','k',NULL,1::smallint,now(),NULL,NULL,"
         "NULL,NULL)",
         false},
    };
    (void)state;
    make_logins();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char sql[512], sqlstate[6], message[512];
        PGconn *login = database_open(database_url_as(cases[i].login));
        (void)snprintf(sql, sizeof sql, "SELECT * FROM %s", cases[i].call);
        if (cases[i].may) {
            database_run(login, sql);
        } else {
            database_refused(login, sql, sqlstate, message);
            if (strcmp(sqlstate, "42501") != 0) fail_msg("%s: %s %s", sql, sqlstate, message);
        }
        PQfinish(login);
    }
}

static void a_viewer_reads_every_view_that_is_promised(void **state)
{
    static const char *const views[] = {"ops",     "attempts",  "alerts", "audit_log",
                                        "workers", "endpoints", "gates"};
    (void)state;
    make_logins();
    PGconn *viewer = database_open(database_url_as("t_viewer"));
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "SELECT * FROM lockstep.%s", views[i]);
        database_run(viewer, sql);
    }
    PQfinish(viewer);
}

static void no_function_is_everybodys(void **state)
{
    (void)state;
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM pg_proc p WHERE p.pronamespace ="
                                     " 'lockstep'::regnamespace AND (p.proacl IS NULL OR"
                                     " EXISTS (SELECT FROM aclexplode(p.proacl) a"
                                     " WHERE a.grantee = 0))"),
                     0);
}

static void every_privileged_function_pins_its_search_path(void **state)
{
    (void)state;
    assert_int_equal(database_number(hands,
                                     "SELECT count(*) FROM pg_proc p WHERE p.pronamespace ="
                                     " 'lockstep'::regnamespace AND p.prosecdef AND NOT"
                                     " coalesce('search_path=lockstep, pg_temp' ="
                                     " ANY (p.proconfig), false)"),
                     0);
}

static void the_audit_log_takes_no_change(void **state)
{
    static const char *const attempts[] = {
        "UPDATE lockstep.audit SET canonical = ''", "DELETE FROM lockstep.audit",
        "TRUNCATE lockstep.audit CASCADE", "UPDATE lockstep.audit_op SET op = 0",
        "DELETE FROM lockstep.audit_op"};
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        char sqlstate[6], message[512];
        database_refused(hands, attempts[i], sqlstate, message);
        assert_string_equal(sqlstate, "LS004");
        assert_non_null(strstr(message, "append-only"));
    }
}

static void partitions_stand_ready_for_seven_days(void **state)
{
    (void)state;
    assert_int_equal(database_number(hands, "SELECT count(*) FROM pg_inherits WHERE inhparent ="
                                            " 'lockstep.history'::regclass"),
                     9); /* today, seven days, the default */
    assert_int_equal(database_number(hands, "SELECT lockstep.ensure_partitions()"), 0);
}

/* A day whose rows went to the DEFAULT partition can get no partition of its own. */
static void a_stray_row_raises_an_alert_and_stops_nothing(void **state)
{
    (void)state;
    database_run(
        hands, "DO $$ BEGIN EXECUTE format('DROP TABLE lockstep.%I', 'history_' ||"
               " to_char((now() AT TIME ZONE 'UTC')::date + 7, 'YYYYMMDD')); END $$;"
               "INSERT INTO lockstep.history_default (day, id, version, run_at, due_at,"
               " created_at, finished_at, slot, attempts_made, attempts_max, state, lane, kind,"
               " key) VALUES ((now() AT TIME ZONE 'UTC')::date + 7, 1, 1, now(), now(), now(),"
               " now(), 0, 0, 1, 6, 1, 1, 'k')");

    database_run(hands, "SELECT lockstep.ensure_partitions()");

    assert_int_equal(database_number(hands, "SELECT count(*) FROM lockstep.alert"
                                            " WHERE rule = 'partition' AND state = 0"),
                     1);
    database_run(hands, "DELETE FROM lockstep.history_default");
    assert_int_equal(database_number(hands, "SELECT lockstep.ensure_partitions()"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(migrate_twice_changes_nothing_the_second_time, no_schema),
        cmocka_unit_test_setup(a_dry_run_installs_nothing, no_schema),
        cmocka_unit_test_setup(two_migrates_at_once_install_it_once, no_schema),
        cmocka_unit_test_setup(a_newer_schema_is_refused_with_the_cure, fresh_schema),
        cmocka_unit_test_setup(an_upgrade_alters_columns_that_the_old_views_read, no_schema),
        cmocka_unit_test_setup(routines_of_another_build_are_refused_and_made_anew,
                               fresh_schema),
        cmocka_unit_test_setup(what_others_built_on_the_views_is_named_and_kept, fresh_schema),
        cmocka_unit_test_setup(a_database_without_the_schema_says_migrate, no_schema),
        cmocka_unit_test_setup(a_login_that_may_not_create_roles_hears_which_right_it_lacks,
                               no_schema),
        cmocka_unit_test_setup(a_login_with_createrole_may_install_it, no_schema),
        cmocka_unit_test_setup(the_transition_table_is_cores, fresh_schema),
        cmocka_unit_test(the_names_are_cores),
        cmocka_unit_test(nobody_writes_directly),
        cmocka_unit_test(each_role_has_its_functions_and_no_more),
        cmocka_unit_test(a_viewer_reads_every_view_that_is_promised),
        cmocka_unit_test(no_function_is_everybodys),
        cmocka_unit_test(every_privileged_function_pins_its_search_path),
        cmocka_unit_test(the_audit_log_takes_no_change),
        cmocka_unit_test(partitions_stand_ready_for_seven_days),
        cmocka_unit_test(a_stray_row_raises_an_alert_and_stops_nothing),
    };
    hands = database_open(database_url());
    int failures = cmocka_run_group_tests_name("schema", tests, NULL, NULL);
    PQfinish(hands);
    return failures;
}
