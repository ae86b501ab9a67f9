/* The help: what it lists, finds, runs, and why something cannot be run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static void shows(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    if (strstr(screen, text) == NULL) print_message("%s\n", screen);
    assert_non_null(strstr(screen, text));
    free(screen);
}

static void shows_not(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    assert_null(strstr(screen, text));
    free(screen);
}

static void the_search_finds_by_sentence_name_and_key(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 ?");
    fixture_type(world, "unmark");
    shows(world, "2 of ");
    fixture_key(world, "Ctrl-U");
    fixture_type(world, "mark-none");
    shows(world, "1 of ");
    shows(world, "mark-none: unmark all");
    fixture_key(world, "Ctrl-U");
    fixture_type(world, "xyzzy");
    shows(world, "nothing matches on this screen");
    fixture_free(world);
}

static void enter_runs_what_is_chosen(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 ? Down Down Enter");
    shows(world, "HOLD operation");
    fixture_keys(world, "Esc ?");
    fixture_type(world, "audit log");
    fixture_key(world, "Enter");
    shows(world, "[7 Audit]");
    fixture_free(world);
}

static void arrows_cross_the_columns(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 ? Down Left");
    shows(world, "mark: mark or unmark");
    fixture_key(world, "Right");
    shows(world, "compensate: undo on chain what landed");
    fixture_keys(world, "PgDn PgDn PgDn PgDn PgDn PgDn");
    shows(world, "suspend: suspend, where no worker is embedded");
    fixture_key(world, "Right");
    shows(world, "undo: undo my last");
    fixture_free(world);
}

/* One reason for several keys is told once. */
static void what_cannot_be_run_says_why(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_RIGHTS, .why = "no operator"});
    fixture_keys(world, "2 ?");
    shows(world, "R C H X V A N W Z v  no operator");
    fixture_key(world, "Enter");
    shows(world, "R: no operator");
    shows_not(world, "RETRY operation");
    fixture_free(world);
}

static void the_help_says_whose_keys_it_shows(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_keymap keymap;
    struct ls_why why;
    const char text[] = "[keys]\nretry = F8\n[keys failed]\nsort = none\n";
    assert_false(ls_failed(ls_keymap_parse(text, sizeof text - 1, "~/k", &keymap, &why)));
    fixture_keys(world, "2 ?");
    shows(world, "Default keys; keys.conf changes them.");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_KEYS, .keymap = &keymap});
    shows(world, "Keys from ~/k (2 changed).");
    shows(world, "F8     retry the marked");
    shows(world, "-            next order");
    fixture_free(world);
}

/* No sentence is cut in the two sizes that show everything: its head fits its column. */
static void every_entry_can_be_read(void **state)
{
    (void)state;
    static const char *const places[] = {"1", "2", "3", "4",       "5",
                                         "6", "7", "8", "9 Enter", "2 Enter"};
    static const struct {
        int32_t columns, rows;
    } sizes[] = {{80, 24}, {100, 30}};
    for (size_t i = 0; i < 2 * (sizeof places / sizeof places[0]); i++) {
        struct fixture *world = fixture_new(sizes[i % 2].columns, sizes[i % 2].rows, false);
        fixture_keys(world, places[i / 2]);
        fixture_key(world, "?");
        for (int step = 0; step < 70; step++) {
            char *screen = fixture_screen(world);
            if (strstr(screen, "…") != NULL)
                fail_msg("on %s, %d down:\n%s", places[i / 2], step, screen);
            free(screen);
            fixture_key(world, "Down");
        }
        fixture_free(world);
    }
}

static void a_search_names_the_screens_that_have_it(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 ? d r a i n");

    shows(world, "0 of 55 match");
    shows(world, "On other screens");
    shows(world, "D      Health: drain a worker");
    shows(world, "nothing matches on this screen");
    fixture_key(world, "Enter"); /* there is nothing to run here */
    shows(world, "Help: Failed");
    fixture_free(world);
}

static void it_says_which_of_its_lines_are_seen(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);

    fixture_keys(world, "2 ?");
    shows(world, "lines 1-12 of 65 ▾");
    for (int i = 0; i < 60; i++) fixture_key(world, "Down");
    shows(world, "of 65  ");
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_search_finds_by_sentence_name_and_key),
        cmocka_unit_test(enter_runs_what_is_chosen),
        cmocka_unit_test(arrows_cross_the_columns),
        cmocka_unit_test(what_cannot_be_run_says_why),
        cmocka_unit_test(the_help_says_whose_keys_it_shows),
        cmocka_unit_test(every_entry_can_be_read),
        cmocka_unit_test(a_search_names_the_screens_that_have_it),
        cmocka_unit_test(it_says_which_of_its_lines_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
