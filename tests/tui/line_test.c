/* The command line and the filter: completion, history, mistakes, commands of the shell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static bool is_shown(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    const bool found = strstr(screen, text) != NULL;
    free(screen);
    return found;
}

static void shows(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    if (strstr(screen, text) == NULL) print_message("%s\nlacks: %s\n", screen, text);
    assert_non_null(strstr(screen, text));
    free(screen);
}

static void outputs(struct fixture *world, const char *text, int32_t status)
{
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_OUTPUT,
                                               .ticket = world->run_ticket,
                                               .output = text,
                                               .output_bytes = strlen(text)});
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_OUTPUT,
                                               .ticket = world->run_ticket,
                                               .is_end = true,
                                               .status = status});
}

static void line(struct fixture *world, const char *text)
{
    fixture_key(world, ":");
    fixture_type(world, text);
    fixture_key(world, "Enter");
}

static void tab_goes_round_the_candidates(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, ":");
    fixture_type(world, "theme grv");
    shows(world, ":theme grv");
    fixture_keys(world, "Backspace Backspace");
    shows(world, "gruvbox-dark  gruvbox-light");
    fixture_key(world, "Tab");
    shows(world, ":theme gruvbox-dark\n");
    fixture_key(world, "Tab");
    shows(world, ":theme gruvbox-light\n");
    fixture_key(world, "Tab");
    shows(world, ":theme gruvbox-dark\n");
    fixture_key(world, "BackTab");
    shows(world, ":theme gruvbox-light\n");
    fixture_free(world);
}

/* One candidate is taken whole, and the next word is completed in turn. */
static void completion_goes_word_by_word(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, ":");
    fixture_type(world, "ba");
    fixture_key(world, "Tab");
    shows(world, ":ba"); /* batch and back: which? */
    fixture_type(world, "ch");
    fixture_keys(world, "Ctrl-U");
    fixture_type(world, "batch r");
    fixture_key(world, "Tab");
    shows(world, ":batch retry");
    fixture_key(world, "Ctrl-U");
    fixture_type(world, "gate off ");
    shows(world, "kind:token.burn");
    fixture_key(world, "Ctrl-U");
    fixture_type(world, "set ti");
    fixture_key(world, "Tab");
    shows(world, "age  utc  local");
    fixture_type(world, "u");
    fixture_keys(world, "Tab Enter");
    shows(world, "time is utc");
    fixture_free(world);
}

static void a_list_of_kinds_is_completed_behind_each_comma(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, ":");
    fixture_type(world, "worker kinds ");
    shows(world, "3  4  all");
    fixture_type(world, "3 me");
    fixture_key(world, "Tab");
    shows(world, ":worker kinds 3 memo");
    fixture_keys(world, "Ctrl-U");
    fixture_type(world, "worker kinds all memo,!token.b");
    fixture_key(world, "Tab");
    shows(world, ":worker kinds all memo,!token.burn");
    fixture_free(world);
}

static void operations_are_completed_by_number(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 :");
    fixture_type(world, "op 48120");
    shows(world, "481200  481207");
    fixture_keys(world, "Tab Tab Enter");
    shows(world, "op 481207");
    fixture_free(world);
}

static void a_filter_is_completed_from_what_there_is(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 /");
    shows(world, "state:  cause:  kind:  age>  age<");
    fixture_type(world, "!ca");
    fixture_key(world, "Tab");
    shows(world, "/!cause:");
    fixture_key(world, "Tab");
    shows(world, "/!cause:BlockhashNotFound");
    fixture_keys(world, "Tab Tab");
    shows(world, "/!cause:\"no certificate within the window\"");
    fixture_key(world, "Enter");
    shows(world, "!cause:\"no certificate within the window\"");
    fixture_free(world);
}

static void a_mistake_points_at_its_word(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 /");
    fixture_type(world, "kind:memo state:faild age>1h");
    fixture_key(world, "Enter");
    shows(world, "state:faild is no state");
    ls_ui_draw(world->ui, world->grid);
    int32_t row = 0, column = 0;
    ls_grid_cursor(world->grid, &row, &column);
    assert_int_equal(column, 2 + strlen("kind:memo state:faild"));
    assert_int_equal(ls_grid_cell(world->grid, row, column - 1)->role, LS_ROLE_TOAST_ERR);
    assert_int_equal(ls_grid_cell(world->grid, row, 4)->role, LS_ROLE_INPUT);
    fixture_keys(world, "Backspace Backspace e d");
    assert_false(is_shown(world, "is no state"));
    fixture_free(world);
}

static void the_session_remembers_lines(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "set time utc");
    line(world, "set time age");
    fixture_key(world, ":");
    fixture_type(world, "dra");
    fixture_keys(world, "Up");
    shows(world, ":set time age\n");
    fixture_key(world, "Up");
    shows(world, ":set time utc\n");
    fixture_keys(world, "Down Down");
    shows(world, ":dra\n");
    fixture_free(world);
}

static void a_reading_command_runs_at_once_in_a_pane(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    line(world, "ops state:failed --limit 3");
    assert_string_equal(world->last_run, "ops state:failed --limit 3");
    shows(world, "runs ... Esc stops it");
    outputs(world, "ID  STATE\n17  failed \x1b[31mred\x1b[m\n", 0);
    shows(world, "lockstep ops state:failed --limit 3");
    shows(world, "17  failed <U+001B>[31mred");
    fixture_key(world, "Esc");
    assert_false(is_shown(world, "17  failed"));
    assert_int_equal(world->stops, 0);
    line(world, "status");
    fixture_key(world, "Esc");
    assert_int_equal(world->stops, 1);
    fixture_free(world);
}

static void long_output_scrolls_and_is_cut_at_its_bound(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    line(world, "status");
    for (int i = 0; i < 9000; i++) {
        char text[64];
        (void)snprintf(text, sizeof text, "line %d\n", i);
        fixture_tell(world, (struct ls_ui_message){.kind = LS_UI_OUTPUT,
                                                   .ticket = world->run_ticket,
                                                   .output = text,
                                                   .output_bytes = strlen(text)});
    }
    outputs(world, "", 0);
    shows(world, "CUT");
    shows(world, "line 0 ");
    fixture_keys(world, "G");
    shows(world, "line 8191 ");
    fixture_keys(world, "PgUp k g");
    shows(world, "line 0 ");
    fixture_free(world);
}

static void what_is_longer_than_the_pane_is_wrapped(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    char text[400] = "lockstep: ";
    for (int i = 0; i < 30; i++) strcat(text, "and more ");
    strcat(text, "to the end\nshort\n");
    line(world, "status");
    const size_t half = strlen(text) / 2; /* as a pipe may bring it */
    for (size_t i = 0; i < 2; i++)
        fixture_tell(
            world, (struct ls_ui_message){.kind = LS_UI_OUTPUT,
                                          .ticket = world->run_ticket,
                                          .output = text + i * half,
                                          .output_bytes = i == 0 ? half : strlen(text) - half});
    outputs(world, "", 0);

    shows(world, "to the end ");
    shows(world, "│ short ");
    fixture_resize(world, 60, 16);
    shows(world, "to the end ");
    fixture_resize(world, 200, 60);
    shows(world, "and more and more and more to the end ");
    fixture_free(world);
}

static void what_is_wrapped_stands_below_its_column(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    line(world, "status");
    outputs(world,
            "warn  endpoint      only one is configured; with a second a lost transaction is "
            "proved sooner\nok    key           pays\n",
            0);

    shows(world,
          "│ warn  endpoint      only one is configured; with a second a lost transaction │");
    shows(world, "│                     is proved sooner ");
    shows(world, "│ ok    key           pays ");
    shows(world, "Needs you"); /* below it, what it does not need */
    fixture_free(world);
}

static void many_choices_have_rows_and_a_number(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(80, 24, false);
    fixture_keys(world, "4 /");
    fixture_type(world, "key:");

    shows(world, "40 choices");
    shows(world, "key:pay:77203:18  key:pay:77210:18  key:pay:77217:18");
    for (int i = 0; i < 30; i++) fixture_key(world, "Tab");
    shows(world, "30 of 40");
    shows(world, "/key:pay:77406:18\n");
    fixture_key(world, "BackTab");
    shows(world, "29 of 40");
    fixture_free(world);
}

/* The word that is wrong has the caret, and what could stand there is offered. */
static void a_wrong_value_offers_those_that_there_are(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "4 /");
    fixture_type(world, "state:fialed kind:memo");
    fixture_key(world, "Enter");
    shows(world, "state:fialed is no state");

    fixture_key(world, "Tab");
    shows(world, "/state:ready kind:memo");
    fixture_keys(world, "BackTab BackTab BackTab BackTab BackTab");
    shows(world, "/state:failed kind:memo\n");
    fixture_key(world, "Enter");
    shows(world, "Queue / state:failed kind:memo");
    fixture_free(world);
}

/* Looked at first, then asked; the number that was looked at is what is allowed. */
static void an_acting_command_is_tried_and_confirmed(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "retry state:failed");
    assert_string_equal(world->last_run, "retry state:failed [trial] [acts]");
    outputs(world, "would retry op 1\n17 operations; nothing was changed\n", 0);
    shows(world, "RUN lockstep retry on prod-eu");
    shows(world, "type 17:");
    assert_int_equal(world->runs, 1);
    fixture_type(world, "INC-551");
    fixture_key(world, "Tab");
    fixture_type(world, "17");
    shows(world, "lockstep retry state:failed --expect 17 --reason 'INC-551'");
    fixture_key(world, "Enter");
    assert_int_equal(world->runs, 2);
    assert_string_equal(world->last_run, "retry state:failed [acts]");
    assert_string_equal(world->last_run_request.action.reason, "INC-551");
    assert_int_equal(world->last_run_request.expected, 17);
    fixture_key(world, "Esc");
    shows(world, "it acts: wait for its end");
    outputs(world, "17 of 17 done\n", 0);
    shows(world, "17 of 17 done");
    fixture_free(world);
}

static void without_a_dry_run_it_is_asked_at_once(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "batch retry 7");
    assert_int_equal(world->runs, 0);
    shows(world, "RUN lockstep batch retry");
    fixture_key(world, "Esc");
    assert_int_equal(world->runs, 0);
    line(world, "batch retry 7");
    fixture_type(world, "x");
    fixture_key(world, "Tab");
    fixture_type(world, "yes");
    fixture_key(world, "Enter");
    assert_int_equal(world->runs, 1);
    fixture_free(world);
}

static void what_cannot_run_here_says_why(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "demo");
    shows(world, "demo: use a shell");
    fixture_key(world, "Esc");
    line(world, "batch");
    shows(world, "batch needs another word");
    fixture_key(world, "Esc");
    line(world, "frob");
    shows(world, "there is no command 'frob'");
    fixture_key(world, "Esc");
    line(world, "status --watch");
    shows(world, "--watch never ends");
    fixture_key(world, "Esc");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_RIGHTS, .why = "no operator"});
    line(world, "retry state:failed");
    shows(world, "no operator");
    assert_int_equal(world->runs, 0);
    fixture_free(world);
}

/* The commands of the keys by name: with their own dialogs and reasons. */
static void keys_and_screens_have_names_in_the_line(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    line(world, "failed");
    shows(world, "[2 Failed");
    line(world, "hold");
    shows(world, "HOLD operation 481200");
    fixture_key(world, "Esc");
    line(world, "acknowledge");
    shows(world, "acknowledge is not on this screen");
    fixture_key(world, "Esc");
    line(world, "481214");
    shows(world, "op 481214");
    fixture_free(world);
}

static void letters_copy_what_the_cursor_is_on(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 y");
    shows(world, "copy:  i id  k key  s signature");
    fixture_key(world, "c");
    assert_string_equal(world->last_copy, "InsufficientFunds");
    fixture_key(world, "e");
    assert_string_equal(
        world->last_copy,
        "{\"op\":\"481200\",\"state\":\"failed\",\"cause\":\"InsufficientFunds\","
        "\"key\":\"pay:77200:18\",\"signature\":\"4hXTcRkq1nVZ8bL6sYw3eJ9uGf2KpDxA7oM"
        "tQv5iNrEz4hXTcRkq1nVZ8bL6sYw3eJ9uGfm2Vd7777\"}");
    fixture_keys(world, "6 y m");
    assert_string_equal(world->last_copy, "3 operations are held as ambiguous");
    fixture_keys(world, "7 j y t");
    assert_string_equal(world->last_copy, "op 481207");
    fixture_keys(world, "8 y h");
    assert_string_equal(world->last_copy, "sync-1");
    fixture_keys(world, "8 G y g");
    assert_string_equal(world->last_copy, "kind:token.burn");
    fixture_keys(world, "1 y a");
    assert_string_equal(world->last_copy, "9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e");
    fixture_keys(world, "y z");
    shows(world, "z is none of these letters: nothing copied");
    fixture_free(world);
}

static void the_log_of_an_operation_is_one_key_away(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 j l");
    assert_string_equal(world->last_run, "log 481207");
    fixture_keys(world, "Esc Ctrl-O");
    fixture_free(world);
}

static void exports(struct fixture *world, int64_t rows, int32_t status, const char *why)
{
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_EXPORT,
                                               .ticket = world->export_ticket,
                                               .rows_done = rows,
                                               .is_end = why != NULL,
                                               .is_bad = status != 0,
                                               .status = status,
                                               .why = why});
}

static void what_is_shown_is_exported_with_its_filter(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_keys(world, "2 /");
    fixture_type(world, "kind:memo");
    fixture_keys(world, "Enter x");
    shows(world, ":export lockstep-failed-20251123-031247.csv");
    fixture_key(world, "Enter");
    assert_int_equal(world->exports, 1);
    assert_string_equal(world->last_export.text, "lockstep-failed-20251123-031247.csv");
    assert_int_equal(world->last_export.filter.count, 2);
    exports(world, 1200, 0, NULL);
    shows(world, "Exporting: 1,200 rows");
    fixture_key(world, "Esc");
    assert_int_equal(world->stops, 1);
    exports(world, 1204, 0, "/home/op1/lockstep-failed-20251123-031247.csv");
    shows(world, "1,204 rows in /home/op1/lockstep-failed");
    fixture_keys(world, "3 x Enter");
    assert_int_equal(world->exports, 3); /* held, then stuck, into one file */
    assert_true(world->last_export.is_further);
    fixture_free(world);
}

static void a_file_that_exists_is_asked_about(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    fixture_key(world, "6");
    line(world, "export a.jsonl");
    assert_false(world->last_export.overwrites);
    exports(world, 0, 1, "a.jsonl exists");
    shows(world, "a.jsonl exists: Enter overwrites it, Esc keeps it");
    fixture_key(world, "Enter");
    assert_int_equal(world->exports, 2);
    assert_true(world->last_export.overwrites);
    exports(world, 3, 0, "/tmp/a.jsonl");
    fixture_keys(world, "1");
    line(world, "export a.csv");
    shows(world, "no listing is here");
    fixture_keys(world, "Esc 2");
    line(world, "export a.xls");
    shows(world, "name the file: :export FILE.csv");
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_copy_what_the_cursor_is_on),
        cmocka_unit_test(the_log_of_an_operation_is_one_key_away),
        cmocka_unit_test(what_is_shown_is_exported_with_its_filter),
        cmocka_unit_test(a_file_that_exists_is_asked_about),
        cmocka_unit_test(tab_goes_round_the_candidates),
        cmocka_unit_test(completion_goes_word_by_word),
        cmocka_unit_test(a_list_of_kinds_is_completed_behind_each_comma),
        cmocka_unit_test(operations_are_completed_by_number),
        cmocka_unit_test(a_filter_is_completed_from_what_there_is),
        cmocka_unit_test(a_mistake_points_at_its_word),
        cmocka_unit_test(the_session_remembers_lines),
        cmocka_unit_test(a_reading_command_runs_at_once_in_a_pane),
        cmocka_unit_test(long_output_scrolls_and_is_cut_at_its_bound),
        cmocka_unit_test(what_is_longer_than_the_pane_is_wrapped),
        cmocka_unit_test(what_is_wrapped_stands_below_its_column),
        cmocka_unit_test(many_choices_have_rows_and_a_number),
        cmocka_unit_test(a_wrong_value_offers_those_that_there_are),
        cmocka_unit_test(an_acting_command_is_tried_and_confirmed),
        cmocka_unit_test(without_a_dry_run_it_is_asked_at_once),
        cmocka_unit_test(what_cannot_run_here_says_why),
        cmocka_unit_test(keys_and_screens_have_names_in_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
