/* Every letter on every screen, in every state of the console: it does something that can be
 * seen, or says why not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

enum condition { ALL_WELL, READS_ONLY, NOT_READ_YET, IS_STALE, IN_THE_PAST };

static const char *const places[] = {"1",       "1 Enter", "2",       "3",  "4",
                                     "5",       "6",       "7",       "8",  "9",
                                     "9 Enter", "2 Enter", "3 Enter", "2 a"};
static const char capitals[] = "ACDEHKMNPRVWXZ"; /* those that act */
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                              "!\"#$%&'()*,.<=>@^_`{|}~0";

static void begin_anew(struct fixture *world, bool is_read_only)
{
    const struct ls_ui_options options = {
        .environment = "prod-eu",
        .cluster = "devnet",
        .is_read_only = is_read_only,
        .read_only_why = "[ui] read_only is on in lockstep.conf",
    };
    ls_ui_free(world->ui);
    world->ui = ls_ui_new(&options);
    if (world->ui == NULL) abort();
    fixture_resize(world, 100, 30);
}

static struct fixture *world_in(enum condition condition, const char *keys)
{
    struct fixture *world = fixture_new(100, 30, false);
    if (condition == READS_ONLY) begin_anew(world, true);
    if (condition == NOT_READ_YET) begin_anew(world, false);
    if (condition == READS_ONLY) fixture_dashboard(world);
    fixture_keys(world, keys);
    if (condition == IS_STALE)
        fixture_send(world, (struct ls_ui_message){.kind = LS_UI_FEED_LOST,
                                                   .why = "connection refused"});
    if (condition == IN_THE_PAST) fixture_keys(world, ": a t Space 0 2 : 4 0 Enter");
    return world;
}

/* Moves where there is nothing further, and leaving where no worker would stop. */
static bool may_be_silent(struct fixture *world, enum condition condition, char letter)
{
    if (letter == 'q')
        return world->quits > 0 || condition == IN_THE_PAST; /* now is read first */
    return strchr("gkjG", letter) != NULL;
}

static void try_letter(enum condition condition, const char *keys, char letter)
{
    const char name[] = {letter, '\0'};
    struct fixture *world = world_in(condition, keys);
    char *before = fixture_screen(world);
    fixture_key(world, name);
    char *after = fixture_screen(world);
    const bool is_silent = strcmp(before, after) == 0 && world->requests.count == 0;

    if (is_silent && !may_be_silent(world, condition, letter))
        fail_msg("condition %d, keys '%s': %c changes nothing and says nothing\n%s",
                 (int)condition, keys, letter, after);
    if (condition != ALL_WELL && strstr(after, "[ Cancel ]") != NULL)
        fail_msg("condition %d, keys '%s': %c asks to act\n%s", (int)condition, keys, letter,
                 after);
    free(before);
    free(after);
    fixture_free(world);
}

static void every_key_does_something_or_says_why(void **state)
{
    (void)state;
    for (int condition = ALL_WELL; condition <= (int)IN_THE_PAST; condition++) {
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            const bool has_record = strcmp(places[i], "1") == 0 || strcmp(places[i], "8") == 0;
            if (condition == IN_THE_PAST && !has_record) continue;
            const char *letter = condition == ALL_WELL ? letters : capitals;
            for (; *letter != '\0'; letter++)
                try_letter((enum condition)condition, places[i], *letter);
        }
    }
}

static void a_key_of_another_screen_is_told_where_it_acts(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);

    fixture_keys(world, "1 K");
    assert_true(
        fixture_shows(world, "K does nothing here: kinds is for Health; ? lists the keys"));
    fixture_keys(world, "8 C");
    assert_true(fixture_shows(
        world, "C does nothing here: compensate is for Failed, Stuck, Queue, Batches and"));
    fixture_keys(world, "%");
    assert_true(fixture_shows(world, "% does nothing here; ? lists the keys"));
    fixture_free(world);
}

static void what_cannot_be_seen_is_not_answered(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 R I N C Tab");

    fixture_resize(world, 59, 15);
    assert_true(fixture_shows(world, "RETRY operation 481200 on prod-eu waits, Esc cancels"));
    fixture_keys(world, "y e s Enter");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_PASTE, .paste = "yes"});
    assert_int_equal(world->acts, 0);
    fixture_resize(world, 100, 30);
    assert_true(fixture_shows(world, "type yes:  "));
    fixture_keys(world, "y e s Enter");
    assert_int_equal(world->acts, 1); /* seen, it is */
    fixture_free(world);
}

static void two_lines_take_no_key_but_those_that_leave(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(40, 10, false);

    fixture_keys(world, "2 R y e s Enter");
    fixture_resize(world, 100, 30);
    assert_true(fixture_shows(world, "[1 Dash]"));
    assert_int_equal(world->acts, 0);
    fixture_resize(world, 40, 10);
    fixture_key(world, "q");
    assert_true(fixture_shows(world, "QUIT and stop the worker? y quits, any …"));
    fixture_key(world, "n");
    assert_int_equal(world->quits, 0);
    fixture_keys(world, "q y");
    assert_int_equal(world->quits, 1);
    fixture_free(world);
}

static void esc_leaves_what_is_open_behind_two_lines(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 ?");
    fixture_resize(world, 40, 2);
    assert_true(fixture_shows(world, "what is open waits"));

    fixture_key(world, "Esc");
    assert_true(fixture_shows(world, "needs 60x16, has 40x2"));
    fixture_resize(world, 100, 30);
    assert_false(fixture_has(world, "Help: Failed"));
    fixture_free(world);
}

static void what_was_said_is_not_left_under_a_question(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 a");
    assert_true(fixture_shows(world, "17 marked: this page"));

    fixture_key(world, "R");
    assert_false(fixture_has(world, "17 marked: this page"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_does_something_or_says_why),
        cmocka_unit_test(a_key_of_another_screen_is_told_where_it_acts),
        cmocka_unit_test(what_cannot_be_seen_is_not_answered),
        cmocka_unit_test(two_lines_take_no_key_but_those_that_leave),
        cmocka_unit_test(esc_leaves_what_is_open_behind_two_lines),
        cmocka_unit_test(what_was_said_is_not_left_under_a_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
