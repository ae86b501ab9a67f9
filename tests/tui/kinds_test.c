/* Which kinds a worker may begin: the dialog of K on Health. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void k_on_health_says_what_a_worker_may_begin(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "8 K m e m o , e v e n t");
    assert_true(fixture_shows(world, "Now all; then memo, event, and it begins nothing else."));
    assert_true(fixture_shows(world, "NOBODY would work on sol.transfer, token.create_mint"));
    assert_false(fixture_shows(world, "work on memo (12"));
    assert_true(fixture_shows(world, "lockstep worker kinds 3 memo,event --reason ''"));
    fixture_keys(world, "Enter o k Enter y e s Enter");

    assert_int_equal(world->acts, 1);
    assert_int_equal(world->last_action.verb, LS_VERB_WORKER_KINDS);
    assert_int_equal(world->last_action.worker_id, 3);
    assert_int_equal(world->last_action.kinds, 1u << LS_KIND_MEMO | 1u << LS_KIND_EVENT);
    const struct ls_action_result result = {.why = {.text = "worker 3 works on memo, event"}};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_ACTED,
                                               .ticket = world->act_tickets[0],
                                               .acted = &result});
    assert_true(fixture_shows(world, "worker 3 works on memo, event"));
    fixture_free(world);
}

static void a_list_of_kinds_that_is_wrong_is_never_sent(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "8 K b u r n Tab o k Tab y e s");
    assert_true(fixture_shows(world, "burn is no kind; use all, or some of memo, event"));
    assert_false(fixture_shows(world, "[ Go ]"));
    fixture_keys(world, "Enter");
    assert_int_equal(world->acts, 0);
    fixture_keys(world, "Tab Ctrl-U a l l Tab Tab Enter"); /* as it is */
    assert_int_equal(world->acts, 0);
    assert_true(fixture_shows(world, "it works on that already"));
    fixture_keys(world, "Tab Ctrl-U");
    assert_true(fixture_shows(world, "It works on all now. Name kinds, or all."));
    fixture_keys(world, "Esc");
    fixture_free(world);
}

static void what_waits_and_would_have_nobody_is_counted(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "8 K e v e n t");
    assert_true(fixture_shows(world, "NOBODY would work on memo (12 waiting), sol.transfer"));

    struct ls_dashboard facts = world->dashboard; /* the paused one resumes meanwhile */
    facts.workers[1].is_paused = false;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});

    assert_true(fixture_shows(world, "NOBODY would work on sol.transfer"));
    fixture_free(world);
}

static void pausing_and_draining_say_what_they_leave_to_nobody(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "8 P");
    assert_true(fixture_shows(world, "PAUSE worker 3 (embedded here)"));
    assert_true(fixture_shows(
        world, "NO OTHER worker works: nothing new is sent then, and 12 due operations wait."));

    struct ls_dashboard facts = world->dashboard; /* the other resumes meanwhile */
    facts.workers[1].is_paused = false;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    assert_true(fixture_shows(world, "NOBODY would work on sol.transfer"));
    assert_false(fixture_shows(world, "NOBODY would work on memo"));
    fixture_keys(world, "Esc j D");
    assert_true(fixture_shows(world, "DRAIN worker 4 (bastion)"));
    assert_false(fixture_shows(world, "NOBODY"));
    assert_false(fixture_shows(world, "NO OTHER"));

    facts.workers[0].is_alive = false;
    fixture_keys(world, "Esc g");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    fixture_keys(world, "P");
    assert_true(fixture_shows(world, "that worker is silent: it begins nothing"));
    fixture_free(world);
}

static void kinds_are_of_a_worker_that_lives(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "8 j j K");
    assert_true(fixture_shows(world, "kinds are what a worker works on: move to one"));
    struct ls_dashboard facts = world->dashboard;
    facts.workers[0].is_alive = false;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &facts});
    fixture_keys(world, "g K");
    assert_true(fixture_shows(world, "that worker is silent"));
    assert_int_equal(world->acts, 0);
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(k_on_health_says_what_a_worker_may_begin),
        cmocka_unit_test(a_list_of_kinds_that_is_wrong_is_never_sent),
        cmocka_unit_test(what_waits_and_would_have_nobody_is_counted),
        cmocka_unit_test(pausing_and_draining_say_what_they_leave_to_nobody),
        cmocka_unit_test(kinds_are_of_a_worker_that_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
