#include "lockstep/alert/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct world {
    ls_desk *desk;
    struct ls_alert_page *open;
    struct ls_desk_plan plan;
    int64_t now_ms;
};

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (world == NULL) return -1;
    world->desk = ls_desk_new();
    world->open = calloc(1, sizeof *world->open);
    world->now_ms = 1000;
    *state = world;
    return world->desk == NULL || world->open == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    ls_desk_free(world->desk);
    free(world->open);
    free(world);
    return 0;
}

static struct ls_alert_row *fire(struct world *world, int64_t id, enum ls_severity severity)
{
    struct ls_alert_row *alert = &world->open->rows[world->open->count++];
    *alert = (struct ls_alert_row){.id = id, .severity = severity, .fired_ms = id};
    (void)snprintf(alert->rule, sizeof alert->rule, "rule%d", (int)(id % 7));
    (void)snprintf(alert->message, sizeof alert->message, "message %d", (int)id);
    return alert;
}

static void plan(struct world *world, int64_t later_ms)
{
    world->now_ms += later_ms;
    ls_desk_plan(world->desk, world->open, world->now_ms, &world->plan);
}

static void assert_notice(const struct world *world, size_t index, int64_t id, bool is_resolved)
{
    assert_true(index < world->plan.count);
    assert_int_equal(world->plan.notices[index].alert_id, id);
    assert_int_equal(world->plan.notices[index].is_resolved, is_resolved);
}

static void an_alert_is_shown_once_and_comes_down_when_it_is_over(void **state)
{
    struct world *world = *state;
    fire(world, 7, LS_SEVERITY_WARNING);

    plan(world, 0);
    assert_int_equal(world->plan.count, 1);
    assert_notice(world, 0, 7, false);
    assert_string_equal(world->plan.notices[0].title, "warning: rule0");
    plan(world, 100000);
    assert_int_equal(world->plan.count, 0);

    world->open->count = 0;
    plan(world, 1000);
    assert_int_equal(world->plan.count, 1);
    assert_notice(world, 0, 7, true);
}

static void one_that_somebody_took_comes_down(void **state)
{
    struct world *world = *state;
    struct ls_alert_row *alert = fire(world, 7, LS_SEVERITY_CRITICAL);
    plan(world, 0);

    alert->state = LS_ALERT_ACKED;
    plan(world, 1000);

    assert_int_equal(world->plan.count, 1);
    assert_notice(world, 0, 7, true);
}

static void one_that_became_worse_is_shown_at_once_and_another_text_later(void **state)
{
    struct world *world = *state;
    struct ls_alert_row *alert = fire(world, 7, LS_SEVERITY_WARNING);
    plan(world, 0);

    (void)snprintf(alert->message, sizeof alert->message, "more");
    plan(world, 1000);
    assert_int_equal(world->plan.count, 0);
    plan(world, LS_DESK_UPDATE_MS);
    assert_int_equal(world->plan.count, 1);
    assert_true(world->plan.notices[0].is_update);
    assert_string_equal(world->plan.notices[0].body, "more");

    alert->severity = LS_SEVERITY_CRITICAL;
    plan(world, 1000);
    assert_int_equal(world->plan.count, 1);
    assert_false(world->plan.notices[0].is_update);
}

static void a_storm_is_a_few_of_the_worst_and_one_about_the_rest(void **state)
{
    struct world *world = *state;
    for (int64_t id = 1; id <= 40; id++)
        fire(world, id, id % 4 == 0 ? LS_SEVERITY_CRITICAL : LS_SEVERITY_WARNING);

    plan(world, 0);

    assert_int_equal(world->plan.count, LS_DESK_SHOWN_MAX + 1);
    for (size_t i = 0; i < LS_DESK_SHOWN_MAX; i++)
        assert_notice(world, i, 4 * ((int64_t)i + 1), false);
    assert_notice(world, LS_DESK_SHOWN_MAX, LS_DESK_REST, false);
    assert_string_equal(world->plan.notices[LS_DESK_SHOWN_MAX].title, "35 more alerts fire");
    assert_string_equal(world->plan.notices[LS_DESK_SHOWN_MAX].body,
                        "rule1, rule2, rule3, rule5 and others");
    assert_int_equal(world->plan.notices[LS_DESK_SHOWN_MAX].severity, LS_SEVERITY_CRITICAL);

    world->open->count = 0;
    plan(world, 1000);
    assert_int_equal(world->plan.count, LS_DESK_SHOWN_MAX + 1);
    for (size_t i = 0; i < world->plan.count; i++)
        assert_true(world->plan.notices[i].is_resolved);
}

static void a_critical_one_takes_the_place_of_one_that_is_less(void **state)
{
    struct world *world = *state;
    for (int64_t id = 1; id <= LS_DESK_SHOWN_MAX; id++) fire(world, id, LS_SEVERITY_INFO);
    plan(world, 0);

    fire(world, 90, LS_SEVERITY_CRITICAL);
    plan(world, 1000);

    assert_int_equal(world->plan.count, 3);
    assert_true(world->plan.notices[0].is_resolved);
    assert_notice(world, 1, 90, false);
    assert_notice(world, 2, LS_DESK_REST, false);
}

static void a_flapping_alert_is_shown_so_often_in_a_minute_and_no_more(void **state)
{
    struct world *world = *state;
    int shown = 0;
    for (int64_t id = 1; id <= 50; id++) { /* fires anew each half second */
        world->open->count = 0;
        fire(world, id, LS_SEVERITY_WARNING);
        plan(world, 500);
        for (size_t i = 0; i < world->plan.count; i++)
            shown += !world->plan.notices[i].is_resolved && world->plan.notices[i].alert_id > 0;
    }

    assert_int_equal(shown, LS_DESK_NEW_MAX);
    plan(world, LS_DESK_WINDOW_MS);
    assert_notice(world, 0, 50, false);
}

static void what_the_desktop_forgot_is_shown_again(void **state)
{
    struct world *world = *state;
    fire(world, 7, LS_SEVERITY_WARNING);
    plan(world, 0);

    ls_desk_forget(world->desk);
    plan(world, 1000);

    assert_int_equal(world->plan.count, 1);
    assert_notice(world, 0, 7, false);
    assert_false(world->plan.notices[0].is_update);
}

static void a_page_that_was_cut_takes_nothing_down(void **state)
{
    struct world *world = *state;
    fire(world, 7, LS_SEVERITY_WARNING);
    plan(world, 0);

    world->open->count = 0;
    world->open->has_more = true;
    plan(world, 1000);

    assert_int_equal(world->plan.count, 0);
}

static void texts_pass_the_gate_and_keep_to_their_length(void **state)
{
    (void)state;
    struct ls_alert_row alert = {.id = 1};
    struct ls_alert_notice notice;
    memset(alert.rule, '\x1b', sizeof alert.rule - 1);
    memset(alert.subject, 'x', sizeof alert.subject - 1);
    (void)snprintf(alert.message, sizeof alert.message, "\x1b[31m\xe2\x80\xae");

    ls_alert_notice_of(&alert, &notice);

    assert_string_equal(notice.body, "<U+001B>[31m<U+202E>");
    assert_null(strchr(notice.title, '\x1b'));
    assert_true(strlen(notice.title) < sizeof notice.title);
}

int main(void)
{
#define CASE(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_alert_is_shown_once_and_comes_down_when_it_is_over),
        CASE(one_that_somebody_took_comes_down),
        CASE(one_that_became_worse_is_shown_at_once_and_another_text_later),
        CASE(a_storm_is_a_few_of_the_worst_and_one_about_the_rest),
        CASE(a_critical_one_takes_the_place_of_one_that_is_less),
        CASE(a_flapping_alert_is_shown_so_often_in_a_minute_and_no_more),
        CASE(what_the_desktop_forgot_is_shown_again),
        CASE(a_page_that_was_cut_takes_nothing_down),
        CASE(texts_pass_the_gate_and_keep_to_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
