#include "lockstep/host/disks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

static struct ls_dashboard *facts_new(void)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    return facts;
}

static void fill(struct ls_disks *disks, int64_t now_ms, struct ls_dashboard *facts)
{
    facts->now_ms = 1000000 + now_ms;
    ls_disks_fill(disks, now_ms, facts);
}

/* The threads that look are given the time that they need. */
static void
fill_until(struct ls_disks *disks, int64_t now_ms, struct ls_dashboard *facts, const char *what)
{
    for (fill(disks, now_ms, facts);
         facts->disk_count == 0 || facts->disks[0].silent_since_ms != 0 ||
         strcmp(facts->disks[0].what, what) != 0;
         fill(disks, now_ms, facts))
        (void)sched_yield();
}

static void folders_on_one_file_system_are_one_disk(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "/tmp/lockstep.log");
    ls_disks_add(&disks, "database", "/tmp/.");

    fill_until(&disks, 0, facts, "log, database");

    assert_int_equal(facts->disk_count, 1);
    assert_in_range(facts->disks[0].used_permille, 0, 1000);
    struct statvfs room;
    assert_int_equal(statvfs("/tmp", &room), 0);
    assert_true(facts->disks[0].free_bytes > 0 || room.f_bavail == 0);
    ls_disks_done(&disks);
    free(facts);
}

static void what_is_not_there_is_left_out(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "/no/such/folder/lockstep.log");
    ls_disks_add(&disks, "tmp", "/tmp");
    ls_disks_add(&disks, "database", "");
    facts->disk_count = 3;

    fill_until(&disks, 0, facts, "tmp");

    assert_int_equal(facts->disk_count, 1);
    ls_disks_done(&disks);
    free(facts);
}

static void a_name_has_one_folder_and_is_looked_at_anew(void **state)
{
    (void)state;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    ls_disks_init(&disks, "lockstep.log");
    ls_disks_add(&disks, "database", "/no/such/folder");
    fill_until(&disks, 0, facts, "log");

    ls_disks_add(&disks, "database", ".");

    fill_until(&disks, 1, facts, "log, database");
    assert_int_equal(facts->disk_count, 1);
    ls_disks_done(&disks);
    free(facts);
}

/* A disk that answers when it is let. */
struct slow {
    sem_t may_answer;
    atomic_int asked;
    atomic_int answered;
};

static bool slow_look(void *self, const char *path, struct ls_disk_room *out)
{
    struct slow *slow = self;
    const bool is_slow = strcmp(path, "/slow") == 0;
    if (is_slow) {
        atomic_fetch_add(&slow->asked, 1);
        while (sem_wait(&slow->may_answer) != 0) continue;
    }
    *out = (struct ls_disk_room){is_slow ? 1 : 2, 500, 4096};
    if (is_slow) atomic_fetch_add(&slow->answered, 1);
    return true;
}

static void a_disk_that_hangs_is_waited_for_by_nobody(void **state)
{
    (void)state;
    static struct slow slow;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    assert_int_equal(sem_init(&slow.may_answer, 0, 0), 0);
    ls_disks_init_with(&disks, "/slow/lockstep.log", slow_look, &slow);
    ls_disks_add(&disks, "data", "/quick");

    fill_until(&disks, 0, facts, "data"); /* it comes back, and the other one has answered */
    fill(&disks, LS_DISKS_LATE_MS - 1, facts);
    assert_int_equal(facts->disk_count, 1);
    fill(&disks, LS_DISKS_LATE_MS + 5, facts);

    assert_int_equal(facts->disk_count, 2);
    assert_string_equal(facts->disks[0].what, "log");
    assert_int_equal(facts->disks[0].silent_since_ms, 1000000);
    assert_int_equal(facts->disks[1].silent_since_ms, 0);
    fill(&disks, 600000, facts);
    assert_int_equal(facts->disks[0].silent_since_ms, 1000000); /* still since then */
    while (atomic_load(&slow.asked) == 0) (void)sched_yield();
    assert_int_equal(atomic_load(&slow.asked), 1); /* and asked once: nothing piles up */

    assert_int_equal(sem_post(&slow.may_answer), 0);
    fill_until(&disks, 600001, facts, "log");
    assert_int_equal(facts->disks[0].used_permille, 500);
    ls_disks_done(&disks);
    assert_int_equal(sem_post(&slow.may_answer), 0); /* if it was asked again */
    free(facts);
}

static void whoever_is_done_waits_for_no_disk(void **state)
{
    (void)state;
    static struct slow slow;
    struct ls_disks disks;
    struct ls_dashboard *facts = facts_new();
    assert_int_equal(sem_init(&slow.may_answer, 0, 0), 0);
    ls_disks_init_with(&disks, "/slow/lockstep.log", slow_look, &slow);
    fill(&disks, 0, facts);

    ls_disks_done(&disks); /* comes back */

    assert_int_equal(atomic_load(&slow.answered), 0);
    assert_int_equal(sem_post(&slow.may_answer), 0);
    while (atomic_load(&slow.answered) == 0) (void)sched_yield();
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_on_one_file_system_are_one_disk),
        cmocka_unit_test(what_is_not_there_is_left_out),
        cmocka_unit_test(a_name_has_one_folder_and_is_looked_at_anew),
        cmocka_unit_test(a_disk_that_hangs_is_waited_for_by_nobody),
        cmocka_unit_test(whoever_is_done_waits_for_no_disk),
    };
    return cmocka_run_group_tests_name("disks", tests, NULL, NULL);
}
