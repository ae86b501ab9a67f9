/* How a server is judged, from answers made up here: results need no server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/store/fault.h"
#include "../../src/store/link.h"
#include "../../src/store/read.h"
#include "lockstep/store/session.h"

static PGresult *row_of(const char *const *values, int count)
{
    char name[] = "c";
    PGresAttDesc columns[8] = {0};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_non_null(result);
    for (int i = 0; i < count; i++) columns[i].name = name;
    assert_int_equal(PQsetResultAttrs(result, count, columns), 1);
    for (int i = 0; i < count; i++) {
        char text[256];
        if (values[i] == NULL) {
            assert_int_equal(PQsetvalue(result, 0, i, NULL, -1), 1);
            continue;
        }
        (void)snprintf(text, sizeof text, "%s", values[i]);
        assert_int_equal(PQsetvalue(result, 0, i, text, (int)strlen(text)), 1);
    }
    return result;
}

/* The probe's columns: process id, in recovery, has schema, role, database. No connection
 * has process id 0. */
static ls_err judge(const char *pid,
                    const char *in_recovery,
                    const char *has_schema,
                    bool is_worker,
                    struct ls_why *why)
{
    const char *values[] = {pid, in_recovery, has_schema, "role", "app"};
    PGresult *probe = row_of(values, 5);
    ls_err err = link_judge(NULL, probe, is_worker, why);
    PQclear(probe);
    return err;
}

static void a_worker_takes_a_primary_with_the_schema(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_false(ls_failed(judge("0", "f", "t", true, &why)));
}

static void a_worker_refuses_a_pooler_with_the_cure(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_int_equal(judge("4711", "f", "t", true, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "pgbouncer"));
    assert_non_null(strstr(why.text, "[worker] url"));
}

static void a_worker_refuses_a_standby_with_the_cure(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_int_equal(judge("0", "t", "t", true, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "standby"));
    assert_non_null(strstr(why.text, "target_session_attrs=read-write"));
}

static void a_worker_refuses_a_database_without_the_schema(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_int_equal(judge("0", "f", "f", true, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "database app"));
    assert_non_null(strstr(why.text, "lockstep migrate"));
}

static void a_reader_takes_a_pooler_and_a_standby(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_false(ls_failed(judge("4711", "t", "t", false, &why)));
}

static void only_the_schema_of_this_binary_is_taken(void **state)
{
    struct ls_why why = {0};
    char comment[128];
    int32_t known = ls_schema_version();
    (void)state;
    (void)snprintf(comment, sizeof comment, "routines: %s", ls_routines_digest());
    assert_false(ls_failed(link_judge_schema(known, comment, &why)));
    assert_int_equal(link_judge_schema(known + 1, comment, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "newer lockstep"));
    assert_int_equal(link_judge_schema(known - 1, comment, &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "lockstep migrate"));
    assert_int_equal(link_judge_schema(known, "routines: none", &why).code, LS_CODE_REFUSED);
    assert_non_null(strstr(why.text, "another lockstep build"));
    assert_int_equal(link_judge_schema(known, "", &why).code, LS_CODE_REFUSED);
}

static void check_sql(const struct ls_migration *files, size_t count)
{
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || files[i].version > files[i - 1].version);
        assert_true(files[i].name[0] != '\0');
        assert_true(strlen(files[i].sql) > 100);
        for (const char *at = files[i].sql; *at != '\0'; at++)
            assert_true((unsigned char)*at < 0x80);
    }
}

static void migrations_and_routines_ascend_and_are_ascii(void **state)
{
    size_t count = 0;
    const struct ls_migration *migrations = ls_migrations(&count);
    (void)state;
    check_sql(migrations, count);
    assert_int_equal(migrations[0].version, 1);
    const struct ls_migration *routines = ls_routines(&count);
    check_sql(routines, count);
}

/* Functions belong to the routines: a migration that makes one would be lost at the next
 * migrate. The one exception is what tells the version. */
static void migrations_make_no_routines(void **state)
{
    static const char *const sorts[] = {"CREATE FUNCTION", "CREATE OR REPLACE", "CREATE VIEW",
                                        "CREATE TYPE", "CREATE TRIGGER"};
    size_t count = 0;
    const struct ls_migration *migrations = ls_migrations(&count);
    (void)state;
    for (size_t i = 1; i < count; i++) {
        for (size_t sort = 0; sort < sizeof sorts / sizeof sorts[0]; sort++)
            assert_null(strstr(migrations[i].sql, sorts[sort]));
    }
}

static void a_message_of_many_lines_becomes_one(void **state)
{
    struct ls_why why = {0};
    (void)state;
    fault_line(&why, "could not connect\n\tIs the server running?\n");
    assert_string_equal(why.text, "could not connect; Is the server running?");
    fault_line(NULL, "nobody listens");
}

static void a_message_beyond_the_line_is_cut(void **state)
{
    struct ls_why why = {0};
    char text[2 * LS_WHY_BYTES];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fault_line(&why, text);
    assert_in_range(strlen(why.text), LS_WHY_BYTES - 3, LS_WHY_BYTES - 1);
}

static void an_unusable_url_is_refused_without_repeating_it(void **state)
{
    struct ls_why why = {0};
    (void)state;
    assert_int_equal(link_check_url("password=hunter2 oops", &why).code, LS_CODE_INVALID);
    assert_null(strstr(why.text, "hunter2"));
    assert_false(ls_failed(link_check_url("", &why)));
    assert_false(ls_failed(link_check_url("postgresql:///app", &why)));
}

static void values_are_read_and_cut_at_whole_characters(void **state)
{
    const char *values[] = {"-42", NULL, "t", "a\xe2\x82\xac", "\\x00ff", "00fg"};
    PGresult *result = row_of(values, 6);
    char text[4];
    uint8_t bytes[2] = {7, 7};
    (void)state;

    assert_int_equal(read_int(result, 0, 0), -42);
    assert_int_equal(read_int(result, 0, 1), 0);
    assert_true(read_bool(result, 0, 2));
    read_text(result, 0, 3, text, sizeof text);
    assert_string_equal(text, "a");
    read_text(result, 0, 1, text, sizeof text);
    assert_string_equal(text, "");
    assert_true(read_hex(result, 0, 4, bytes, 2));
    assert_int_equal(bytes[1], 255);
    assert_false(read_hex(result, 0, 4, bytes, 1));
    assert_false(read_hex(result, 0, 5, bytes, 2));
    assert_false(read_hex_text("00fg", bytes, 2));
    assert_false(read_hex_text("00", bytes, 2));
    PQclear(result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_takes_a_primary_with_the_schema),
        cmocka_unit_test(a_worker_refuses_a_pooler_with_the_cure),
        cmocka_unit_test(a_worker_refuses_a_standby_with_the_cure),
        cmocka_unit_test(a_worker_refuses_a_database_without_the_schema),
        cmocka_unit_test(a_reader_takes_a_pooler_and_a_standby),
        cmocka_unit_test(only_the_schema_of_this_binary_is_taken),
        cmocka_unit_test(migrations_and_routines_ascend_and_are_ascii),
        cmocka_unit_test(migrations_make_no_routines),
        cmocka_unit_test(a_message_of_many_lines_becomes_one),
        cmocka_unit_test(a_message_beyond_the_line_is_cut),
        cmocka_unit_test(an_unusable_url_is_refused_without_repeating_it),
        cmocka_unit_test(values_are_read_and_cut_at_whole_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
