/* The paused view stands still, to the last cell, whatever happens meanwhile; what must not be
 * missed is shown all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

enum { HOUR_MS = 3600000, MINUTE_MS = FIXTURE_MINUTE_MS, SECOND_MS = 1000 };

struct picture {
    int32_t columns, rows;
    struct ls_cell *cells;
};

static void take_picture(struct fixture *world, struct picture *picture)
{
    ls_ui_draw(world->ui, world->grid);
    picture->columns = ls_grid_columns(world->grid);
    picture->rows = ls_grid_rows(world->grid);
    picture->cells =
        calloc((size_t)picture->columns * (size_t)picture->rows, sizeof *picture->cells);
    assert_non_null(picture->cells);
    for (int32_t row = 0; row < picture->rows; row++)
        for (int32_t column = 0; column < picture->columns; column++)
            picture->cells[row * picture->columns + column] =
                *ls_grid_cell(world->grid, row, column);
}

/* Cells that a terminal would be told of. */
static int32_t changes_since(struct fixture *world, const struct picture *before)
{
    struct picture now;
    int32_t changed = 0;
    take_picture(world, &now);
    for (int32_t i = 0; i < now.columns * now.rows; i++) {
        const struct ls_cell *a = &before->cells[i], *b = &now.cells[i];
        changed += a->base != b->base || a->role != b->role || a->over != b->over ||
                   a->width != b->width;
    }
    free(now.cells);
    return changed;
}

static void tick(struct fixture *world)
{
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
}

/* Everything that comes by itself, all of it other than it was. */
static void let_the_world_go_on(struct fixture *world)
{
    struct ls_ui_worker worker = {.is_running = true,
                                  .worker_id = 3,
                                  .is_leader = world->elapsed_ms % 2 == 0,
                                  .in_flight = world->elapsed_ms,
                                  .state = "waiting for the ledger"};
    fixture_fill_dashboard(&world->dashboard);
    world->dashboard.now_ms += world->elapsed_ms + 777; /* and its clock drifts */
    world->dashboard.depth += world->elapsed_ms;
    world->dashboard.finalized_height += world->elapsed_ms;
    world->dashboard.counts[LS_STATE_FAILED] += 5;
    world->dashboard.gate_count = 0;
    world->dashboard.cause_count = 1;
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_WORKER, .worker = &worker});
    world->desk.presence_count = 0;
    world->desk.claims[0].until_ms += world->elapsed_ms;
    fixture_desk(world);
    tick(world);
}

static void nothing_changes_on(const char *keys, int32_t columns, int32_t rows)
{
    struct fixture *world = fixture_new(columns, rows, false);
    struct picture before;
    fixture_keys(world, keys);
    world->elapsed_ms += 4321; /* ages are in the middle of their step */
    fixture_dashboard(world);
    fixture_keys(world, "=");
    if (!fixture_has(world, "PAUSED")) fixture_keys(world, "="); /* the first let rows flow */
    world->elapsed_ms += 7 * SECOND_MS;                          /* what says so is gone */
    fixture_dashboard(world);
    tick(world);
    take_picture(world, &before);

    for (int i = 0; i < 24; i++) {
        world->elapsed_ms += i < 12 ? SECOND_MS : 5 * MINUTE_MS;
        let_the_world_go_on(world);
        if (changes_since(world, &before) != 0)
            fail_msg("'%s' at %dx%d: %d cells change after %d readings", keys, (int)columns,
                     (int)rows, (int)changes_since(world, &before), i + 1);
    }

    free(before.cells);
    fixture_free(world);
}

static void a_paused_view_stands_still_on_every_screen(void **state)
{
    (void)state;
    static const char *const screens[] = {"1", "2 j", "2 j Enter", "3", "4 j j", "5",
                                          "6", "7",   "8",         "9", "t 2",   "[ ["};
    static const int32_t sizes[][2] = {{60, 16}, {80, 24}, {120, 40}, {200, 60}, {50, 10}};
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++)
        for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++)
            nothing_changes_on(screens[i], sizes[size][0], sizes[size][1]);
}

static void it_says_since_when_and_shows_no_clock(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    assert_true(fixture_shows(world, "03:12 UTC"));

    fixture_key(world, "=");

    assert_true(fixture_shows(world, " PAUSED since 03:12:47 UTC "));
    assert_false(fixture_has(world, "03:12 UTC"));
    fixture_keys(world, "t t"); /* local time */
    assert_true(fixture_shows(world, " PAUSED since 04:12:47 CET "));
    fixture_free(world);
}

static void a_database_that_is_gone_is_said_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct picture before;
    fixture_key(world, "=");
    world->elapsed_ms += 4 * SECOND_MS;
    fixture_dashboard(world); /* the last */
    world->elapsed_ms += 5 * SECOND_MS;
    tick(world);
    assert_false(fixture_has(world, "STALE"));

    world->elapsed_ms += 2 * SECOND_MS;
    tick(world);

    assert_true(fixture_shows(world, " STALE since 03:12:51 UTC, PAUSED "));
    take_picture(world, &before);
    world->elapsed_ms += 2 * HOUR_MS;
    tick(world);
    assert_int_equal(changes_since(world, &before), 0);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_FEED_LOST, .why = "no route"});
    assert_true(fixture_shows(world, "No answer: no route"));
    fixture_dashboard(world);
    assert_true(fixture_shows(world, " PAUSED since 03:12:47 UTC "));
    free(before.cells);
    fixture_free(world);
}

static void an_alert_that_begins_to_fire_meanwhile_rings_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "=");
    world->elapsed_ms += 7 * SECOND_MS;
    fixture_fill_dashboard(&world->dashboard);
    world->dashboard.alerts_firing++;
    const struct ls_ui_message message = {.kind = LS_UI_DASHBOARD,
                                          .dashboard = &world->dashboard};
    fixture_send(world, message);
    assert_true(fixture_shows(world, "an alert fires: 6 shows it"));

    for (int i = 0; i < 10; i++) {
        world->elapsed_ms += SECOND_MS;
        fixture_send(world, message);
    }

    assert_int_equal(world->bells, 1);
    assert_false(fixture_has(world, "an alert fires"));
    fixture_free(world);
}

static void the_embedded_worker_that_ends_is_shown(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    struct ls_ui_worker worker = {.is_running = true, .worker_id = 3, .state = "working"};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_WORKER, .worker = &worker});
    fixture_key(world, "=");
    assert_true(fixture_shows(world, "worker 3 working"));

    worker.is_running = false;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_WORKER, .worker = &worker});

    assert_true(fixture_shows(world, "worker 3 ENDED"));
    fixture_free(world);
}

static void what_a_key_asks_for_is_shown_as_it_is_then(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 =");
    assert_true(fixture_shows(world, " 8m ")); /* the oldest row's age */
    world->elapsed_ms += 2 * HOUR_MS;
    let_the_world_go_on(world);
    assert_true(fixture_shows(world, " 8m "));

    fixture_key(world, "F5");

    assert_false(fixture_has(world, " 8m "));
    assert_true(fixture_shows(world, " 2h "));
    assert_true(fixture_shows(world, "PAUSED since 03:12:47 UTC"));
    world->dashboard.depth = 4242;
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
    assert_true(fixture_shows(world, "Queue 4,242"));
    assert_true(fixture_shows(world, "PAUSED since 05:12:47 UTC"));
    world->dashboard.depth = 5353;
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
    assert_true(fixture_shows(world, "Queue 4,242"));
    fixture_free(world);
}

static void live_again_reads_at_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(200, 50, false);
    struct ls_key key;
    assert_true(ls_key_parse("=", &key));
    fixture_key(world, "=");
    world->elapsed_ms += HOUR_MS;
    fixture_desk(world);
    let_the_world_go_on(world);
    assert_true(fixture_shows(world, "with op2"));

    fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_KEY, .key = key});

    assert_int_equal(world->requests.count, 1);
    assert_int_equal(world->requests.items[0].kind, LS_UI_WANT_REFRESH);
    assert_false(fixture_has(world, "with op2")); /* who has left meanwhile */
    assert_true(fixture_shows(world, "04:12 UTC"));
    fixture_free(world);
}

/* Facts that stay as they are cost nothing: what counts on by itself does so in steps. */
static void a_quiet_dashboard_stands_still_within_its_minute(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(120, 40, false);
    struct picture before;
    struct ls_dashboard *facts = &world->dashboard;
    const struct ls_ui_message message = {.kind = LS_UI_DASHBOARD, .dashboard = facts};
    world->elapsed_ms += 14 * SECOND_MS; /* 03:13:01 */
    fixture_dashboard(world);
    memset(facts->minute_done, 0, sizeof facts->minute_done); /* no rate to reckon anew */
    memset(facts->minute_failed, 0, sizeof facts->minute_failed);
    memset(facts->minute_enqueued, 0, sizeof facts->minute_enqueued);
    fixture_send(world, message);
    take_picture(world, &before);

    for (int i = 0; i < 30; i++) {
        world->elapsed_ms += SECOND_MS;
        facts->now_ms += SECOND_MS;
        facts->read_ms = 2 + i % 7;
        fixture_send(world, message);
        assert_int_equal(changes_since(world, &before), 0);
    }

    free(before.cells);
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_paused_view_stands_still_on_every_screen),
        cmocka_unit_test(it_says_since_when_and_shows_no_clock),
        cmocka_unit_test(a_database_that_is_gone_is_said_once),
        cmocka_unit_test(an_alert_that_begins_to_fire_meanwhile_rings_once),
        cmocka_unit_test(the_embedded_worker_that_ends_is_shown),
        cmocka_unit_test(what_a_key_asks_for_is_shown_as_it_is_then),
        cmocka_unit_test(live_again_reads_at_once),
        cmocka_unit_test(a_quiet_dashboard_stands_still_within_its_minute),
    };
    return cmocka_run_group_tests_name("pause", tests, NULL, NULL);
}
