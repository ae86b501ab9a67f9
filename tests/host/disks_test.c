#include "lockstep/host/disks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static struct ls_dashboard *facts_new(void)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    return facts;
}

static void folders_on_one_file_system_are_one_disk(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "/tmp/lockstep.log");
    ls_disks_add(&disks, "database", "/tmp/.");

    ls_disks_fill(&disks, 0, facts);

    assert_int_equal(facts->disk_count, 1);
    assert_string_equal(facts->disks[0].what, "log, database");
    assert_in_range(facts->disks[0].used_permille, 0, 1000);
    struct statvfs room;
    assert_int_equal(statvfs("/tmp", &room), 0);
    assert_true(facts->disks[0].free_bytes > 0 || room.f_bavail == 0);
    free(facts);
}

static void what_is_not_there_is_left_out(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "/no/such/folder/lockstep.log");
    ls_disks_add(&disks, "database", "");
    facts->disk_count = 3;

    ls_disks_fill(&disks, 0, facts);

    assert_int_equal(facts->disk_count, 0);
    free(facts);
}

static void a_name_has_one_folder_and_is_looked_at_anew(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "lockstep.log");
    ls_disks_add(&disks, "database", "/no/such/folder");
    ls_disks_fill(&disks, 0, facts);
    assert_string_equal(facts->disks[0].what, "log");

    ls_disks_add(&disks, "database", ".");
    ls_disks_fill(&disks, 1, facts);

    assert_int_equal(facts->disk_count, 1);
    assert_string_equal(facts->disks[0].what, "log, database");
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_on_one_file_system_are_one_disk),
        cmocka_unit_test(what_is_not_there_is_left_out),
        cmocka_unit_test(a_name_has_one_folder_and_is_looked_at_anew),
    };
    return cmocka_run_group_tests_name("disks", tests, NULL, NULL);
}
