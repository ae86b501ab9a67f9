/* Every screen from a fixed world, compared with tests/tui/golden. LS_UPDATE=1 writes
 * the files anew: read the difference before committing it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "golden.h"

/* Keys that lead from the dashboard to each screen. */
static const struct {
    const char *name, *keys;
} screens[] = {
    {"dash", ""},
    {"cause", "Enter"},
    {"at", ": a t Space 0 2 : 4 0 Enter"},
    {"failed", "2"},
    {"failed-marked", "2 Space Space j Space"},
    {"stuck", "3"},
    {"queue", "4"},
    {"batches", "5"},
    {"batches-blocked", "5 j j"},
    {"batch-retry", "5 j j R"},
    {"batch-compensate", "5 j j C"},
    {"batch-items", "5 j j Enter"},
    {"bulk", "9"},
    {"bulk-targets", "9 Enter j j"},
    {"bulk-abort", "9 X"},
    {"all-offer", "2 a"},
    {"all-matching", "2 a a"},
    {"bulk-start", "2 a a R"},
    {"alerts", "6"},
    {"audit", "7"},
    {"health", "8"},
    {"worker-kinds", "8 K e v e n t , t o k e n . *"},
    {"detail", "2 j j Enter"},
    {"detail-end", "2 j j Enter G"},
    {"help", "2 ?"},
    {"help-search", "2 ? r e t r"},
    {"retry-one", "2 R"},
    {"retry-many", "2 * R I N C Tab 1"},
    {"resolve", "3 V"},
    {"ack", "6 A"},
    {"pause-worker", "8 P"},
    {"claim", "2 j j A"},
    {"silence", "6 M"},
    {"note", "6 N"},
    {"note-op", "2 j j N a s k e d Space t h e m"},
    {"note-batch", "5 j j N"},
    {"undo", "6 Z"},
    {"hold-work", "2 j j Enter W"},
    {"edit", "2 j j Enter E j j Enter 7 Enter"},
    {"edit-ask", "2 j j Enter E j j Enter 7 Enter E"},
    {"filter", "2 / c a u s e : X"},
    {"command", ": t h e"},
    {"quit", "q"},
};

static void at_size(int32_t columns, int32_t rows, bool is_ascii, const char *suffix)
{
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        struct fixture *world = fixture_new(columns, rows, is_ascii);
        fixture_keys(world, screens[i].keys);
        char name[64];
        (void)snprintf(name, sizeof name, "%s-%s", screens[i].name, suffix);
        assert_golden(world, name);
        fixture_free(world);
    }
}

/* Boxes that ask, and the screens that people write on: what they look like where there is very
 * much room and where there is very little. */
static bool is_at_the_extremes(const char *name)
{
    static const char *const names[] = {
        "retry-one", "retry-many", "bulk-start",   "bulk-abort", "batch-compensate",
        "resolve",   "ack",        "pause-worker", "claim",      "silence",
        "note",      "note-op",    "undo",         "note-batch", "hold-work",
        "edit",      "edit-ask",   "filter",       "command",    "quit",
        "alerts",    "audit",      "health",       "stuck"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static void boxes_are_as_agreed_on_a_large_and_a_small_screen(void **state)
{
    (void)state;
    static const struct {
        int32_t columns, rows;
    } sizes[] = {{200, 60}, {60, 16}};
    for (size_t i = 0; i < 2 * (sizeof screens / sizeof screens[0]); i++) {
        const size_t at = i / 2;
        char name[64];
        if (!is_at_the_extremes(screens[at].name)) continue;
        struct fixture *world = fixture_new(sizes[i % 2].columns, sizes[i % 2].rows, false);
        fixture_keys(world, screens[at].keys);
        (void)snprintf(name, sizeof name, "%s-%dx%d", screens[at].name, sizes[i % 2].columns,
                       sizes[i % 2].rows);
        assert_golden(world, name);
        fixture_free(world);
    }
}

static void every_screen_is_as_agreed_at_80x24(void **state)
{
    (void)state;
    at_size(80, 24, false, "80x24");
}

static void every_screen_is_as_agreed_at_100x30(void **state)
{
    (void)state;
    at_size(100, 30, false, "100x30");
}

static void every_screen_has_an_ascii_form(void **state)
{
    (void)state;
    at_size(80, 24, true, "ascii");
    struct fixture *world = fixture_new(100, 30, true);
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        fixture_keys(world, "Esc Esc Esc 1");
        fixture_keys(world, screens[i].keys);
        char *screen = fixture_screen(world);
        for (const char *at = screen; *at != '\0'; at++) assert_true((unsigned char)*at < 0x80);
        free(screen);
    }
    fixture_free(world);
}

/* Elsewhere: the leader reads the ledger, another's endpoint is gone, a third is lost. */
static void spread_workers(struct fixture *world)
{
    struct ls_dashboard *facts = &world->dashboard;
    facts->worker_count = 4;
    facts->workers[2] = facts->workers[1];
    facts->workers[3] = facts->workers[1];
    facts->workers[0].is_catching_up = true;
    facts->workers[0].doing_ms = fixture_now_ms - 42000;
    (void)snprintf(facts->workers[0].doing, LS_WORKER_DOING_BYTES,
                   "catching up: about 35 s left, page 3, "
                   "slot 312,904,118 of 312,880,004..312,911,250");
    facts->workers[2].id = 5;
    facts->workers[2].is_paused = false;
    facts->workers[2].is_draining = true;
    (void)snprintf(facts->workers[2].doing, LS_WORKER_DOING_BYTES, "draining");
    facts->workers[2].doing_ms = fixture_now_ms - 3000;
    facts->workers[3].id = 6;
    facts->workers[3].is_alive = false;
    (void)snprintf(facts->workers[1].trouble, LS_WORKER_TROUBLE_BYTES,
                   "ledger: no endpoint answers");
    facts->workers[1].doing_ms = fixture_now_ms - 95000;
}

static void workers_elsewhere_are_as_agreed(void **state)
{
    (void)state;
    static const struct {
        int32_t columns, rows;
    } sizes[] = {{80, 24}, {100, 30}, {200, 60}, {60, 16}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fixture *world = fixture_new(sizes[i].columns, sizes[i].rows, false);
        char name[64];
        spread_workers(world);
        fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD,
                                                   .dashboard = &world->dashboard});
        (void)snprintf(name, sizeof name, "workers-dash-%dx%d", sizes[i].columns,
                       sizes[i].rows);
        assert_golden(world, name);
        fixture_keys(world, "8");
        (void)snprintf(name, sizeof name, "workers-%dx%d", sizes[i].columns, sizes[i].rows);
        assert_golden(world, name);
        fixture_keys(world, "j");
        (void)snprintf(name, sizeof name, "workers-trouble-%dx%d", sizes[i].columns,
                       sizes[i].rows);
        assert_golden(world, name);
        fixture_free(world);
    }
}

static void the_dashboard_is_as_agreed_on_a_large_and_a_small_screen(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(200, 50, false);
    assert_golden(world, "dash-200x50");
    fixture_resize(world, 200, 60);
    assert_golden(world, "dash-200x60");
    fixture_resize(world, 60, 16);
    assert_golden(world, "dash-60x16");
    fixture_key(world, "2");
    assert_golden(world, "failed-60x16");
    fixture_key(world, "?");
    assert_golden(world, "help-60x16");
    fixture_resize(world, 200, 50);
    assert_golden(world, "help-200x50");
    fixture_key(world, "Esc");
    fixture_resize(world, 59, 15);
    assert_golden(world, "small-59x15");
    fixture_resize(world, 40, 10);
    assert_golden(world, "small-40x10");
    fixture_free(world);
}

static void batches_and_bulk_jobs_are_as_agreed_on_a_large_and_a_small_screen(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(200, 60, false);
    fixture_keys(world, "5 j j");
    assert_golden(world, "batches-200x60");
    fixture_keys(world, "9");
    assert_golden(world, "bulk-200x60");
    fixture_resize(world, 60, 16);
    assert_golden(world, "bulk-60x16");
    fixture_key(world, "5");
    assert_golden(world, "batches-60x16");
    fixture_free(world);
}

static void listing_and_operation_use_the_room_they_have(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(200, 60, false);
    fixture_keys(world, "Enter");
    assert_golden(world, "cause-200x60");
    fixture_keys(world, "j Enter");
    assert_golden(world, "detail-200x60");
    fixture_resize(world, 60, 16);
    assert_golden(world, "detail-60x16");
    fixture_key(world, "Esc");
    assert_golden(world, "cause-60x16");
    fixture_free(world);
}

static void a_calm_system_says_so(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    struct ls_dashboard calm = world->dashboard;
    calm.counts[LS_STATE_FAILED] = 0;
    calm.counts[LS_STATE_HELD] = 0;
    calm.held_ambiguous = 0;
    calm.stuck = 0;
    calm.oldest_stuck_ms = 0;
    calm.oldest_trouble_ms = 0;
    calm.first = (struct ls_first_event){0};
    calm.first_failed_ms = 0;
    calm.gate_count = 0;
    calm.cause_count = 0;
    calm.alerts_firing = 0;
    calm.alerts_critical = 0;
    calm.endpoints[1].is_up = true;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &calm});
    assert_golden(world, "calm-80x24");
    fixture_free(world);
}

static void the_first_minute_of_an_empty_database_says_so(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(200, 60, false);
    struct ls_dashboard empty = {.now_ms = world->dashboard.now_ms};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &empty});

    assert_true(fixture_shows(world, "Nothing in the last hour."));
    assert_true(fixture_shows(world, "Nothing needs you."));
    assert_true(fixture_shows(world, "Nothing was decided, done or alarmed yet."));
    fixture_keys(world, "8");
    assert_true(fixture_shows(world, "Failed per minute, last hour"));
    assert_true(fixture_shows(world, "Nothing in the last hour."));
    fixture_free(world);
}

static void a_full_disk_stands_before_what_is_well(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    struct ls_dashboard full = world->dashboard;
    full.disks[0].used_permille = 962;
    full.disks[0].free_bytes = UINT64_C(310000000);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &full});

    assert_true(fixture_shows(world, "✘ disk log     96%, 310 MB free"));
    assert_false(fixture_has(world, "disk data")); /* it is well, and others are not */
    fixture_free(world);
}

static void a_disk_that_hangs_says_since_when(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    struct ls_dashboard silent = world->dashboard;
    silent.disks[0].silent_since_ms = fixture_now_ms - 5 * FIXTURE_MINUTE_MS;
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &silent});

    assert_true(fixture_shows(world, "✘ disk log     no answer for 5m"));
    fixture_resize(world, 120, 40);
    fixture_key(world, "8");
    assert_true(
        fixture_shows(world, "log: does not answer since 2025-11-23 03:07:47 UTC; data:"));
    fixture_free(world);
}

static void without_a_database_the_console_says_so(void **state)
{
    (void)state;
    struct ls_ui_options options = {.environment = "prod-eu", .cluster = "mainnet-beta"};
    struct fixture *world = fixture_new(80, 24, false);
    ls_ui_free(world->ui);
    world->ui = ls_ui_new(&options);
    fixture_resize(world, 80, 24);
    assert_golden(world, "connecting-80x24");
    fixture_send(world,
                 (struct ls_ui_message){
                     .kind = LS_UI_FEED_LOST,
                     .why = "connection to server on socket \"/run/postgresql/.s.PGSQL.5432\" "
                            "failed: No such file or directory"});
    assert_golden(world, "lost-80x24");
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_screen_is_as_agreed_at_80x24),
        cmocka_unit_test(every_screen_is_as_agreed_at_100x30),
        cmocka_unit_test(every_screen_has_an_ascii_form),
        cmocka_unit_test(workers_elsewhere_are_as_agreed),
        cmocka_unit_test(boxes_are_as_agreed_on_a_large_and_a_small_screen),
        cmocka_unit_test(the_dashboard_is_as_agreed_on_a_large_and_a_small_screen),
        cmocka_unit_test(batches_and_bulk_jobs_are_as_agreed_on_a_large_and_a_small_screen),
        cmocka_unit_test(listing_and_operation_use_the_room_they_have),
        cmocka_unit_test(a_calm_system_says_so),
        cmocka_unit_test(the_first_minute_of_an_empty_database_says_so),
        cmocka_unit_test(a_full_disk_stands_before_what_is_well),
        cmocka_unit_test(a_disk_that_hangs_says_since_when),
        cmocka_unit_test(without_a_database_the_console_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
