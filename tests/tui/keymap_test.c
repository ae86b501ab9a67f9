/* Keys: the table's defaults, and what keys.conf makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

static struct ls_keymap parse_good(const char *text)
{
    struct ls_keymap keymap = {0};
    struct ls_why why = {0};
    const ls_err err = ls_keymap_parse(text, strlen(text), "keys.conf", &keymap, &why);
    if (ls_failed(err)) print_message("%s\n", why.text);
    assert_false(ls_failed(err));
    return keymap;
}

static void refuses(const char *text, const char *wanted)
{
    static struct ls_keymap keymap;
    struct ls_why why = {0};
    keymap = (struct ls_keymap){.count = 7};
    const ls_err err = ls_keymap_parse(text, strlen(text), "keys.conf", &keymap, &why);
    assert_int_equal(err.code, LS_CODE_INVALID);
    assert_string_equal(why.text, wanted);
    assert_int_equal(keymap.count, 7);
}

static int32_t screen_number(const char *wanted)
{
    char name[LS_KEY_SCREEN_BYTES];
    for (int32_t i = 0; ls_key_screen_name(i, name); i++)
        if (strcmp(name, wanted) == 0) return i;
    fail_msg("no screen %s", wanted);
    return -1;
}

static void
has_keys(const struct ls_keymap *keymap, const char *name, const char *screen, const char *keys)
{
    struct ls_key_command command;
    for (size_t i = 0; ls_key_command_at(i, &command); i++) {
        if (strcmp(command.name, name) != 0) continue;
        char text[96];
        ls_key_command_keys(keymap, i, screen_number(screen), text, sizeof text);
        assert_string_equal(text, keys);
        return;
    }
    fail_msg("no command %s", name);
}

/* An empty keys.conf passes every check there is: no two defaults clash. */
static void the_defaults_do_not_clash(void **state)
{
    (void)state;
    const struct ls_keymap keymap = parse_good("[keys]\n");
    assert_int_equal(keymap.count, 0);
    has_keys(&keymap, "retry", "failed", "R");
    has_keys(&keymap, "page-up", "audit", "PgUp Ctrl-B");
}

static void every_command_has_a_name_of_its_own_and_a_sentence(void **state)
{
    (void)state;
    struct ls_key_command command, other;
    for (size_t i = 0; ls_key_command_at(i, &command); i++) {
        assert_int_equal(strspn(command.name, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                         strlen(command.name));
        assert_true(strlen(command.help) > 1);
        for (size_t j = 0; j < i; j++) {
            assert_true(ls_key_command_at(j, &other));
            assert_string_not_equal(command.name, other.name);
        }
    }
}

/* The defaults keep the rule that keys.conf must keep. */
static void what_acts_has_capitals_and_function_keys_alone(void **state)
{
    (void)state;
    struct ls_key_command command;
    for (size_t i = 0; ls_key_command_at(i, &command); i++) {
        if (!command.acts) continue;
        char text[128];
        struct ls_keymap keymap;
        struct ls_why why = {0};
        (void)snprintf(text, sizeof text, "[keys]\n%s = %s\n", command.name, command.defaults);
        const ls_err err = ls_keymap_parse(text, strlen(text), "keys.conf", &keymap, &why);
        if (ls_failed(err)) print_message("%s\n", why.text);
        assert_false(ls_failed(err));
    }
}

static void a_screen_is_stronger_than_everywhere(void **state)
{
    (void)state;
    const struct ls_keymap keymap = parse_good("# mine\n"
                                               "[keys failed]\n"
                                               "retry = F7\n"
                                               "[keys]\n"
                                               "retry = R F8\n"
                                               "; signs are keys too\n"
                                               "pause-view = ;\n"
                                               "slower = none\n");
    has_keys(&keymap, "retry", "failed", "F7");
    has_keys(&keymap, "retry", "queue", "R F8");
    has_keys(&keymap, "pause-view", "dash", ";");
    has_keys(&keymap, "slower", "dash", "");
}

static void a_mistake_is_named_with_its_line_and_the_cure(void **state)
{
    (void)state;
    refuses("[keys]\nretyr = R\n",
            "keys.conf:2: there is no command 'retyr'; did you mean retry?");
    refuses("[keys]\nfrobnicate = R\n", "keys.conf:2: there is no command 'frobnicate'; "
                                        "lockstep keys list shows them");
    refuses("[keys]\n\nsort = Ctlr-R\n",
            "keys.conf:3: there is no key 'Ctlr-R'; write a, G, Enter, Ctrl-R, Alt-x, F5, "
            "Space");
    refuses("retry = R\n",
            "keys.conf:1: retry stands before the first section; write [keys] above");
    refuses("[colours]\n",
            "keys.conf:1: a section is [keys], or [keys SCREEN] as in [keys failed]");
    refuses("[keys]\nretry\n",
            "keys.conf:2: a line is COMMAND = KEYS or [keys SCREEN], not 'retry'");
    refuses("[keys dash]\nretry = F8\n",
            "keys.conf:2: retry is not on the screen dash; remove the line");
    refuses("[keys]\nhelp = none\n", "keys.conf:2: help cannot be without a key");
    refuses("[keys]\nsort =\n", "keys.conf:2: sort needs 1 to 6 keys, or none");
    refuses("[keys]\nsort = s\nsort = S\n",
            "keys.conf:3: sort is in line 2 already; write all its keys on one line");
    refuses("[keys]\nsort = \x1b[31m\n",
            "keys.conf:2: there is no key '<U+001B>[31m'; write a, G, Enter, Ctrl-R, Alt-x, "
            "F5, Space");
}

static void an_unknown_screen_is_refused_with_those_there_are(void **state)
{
    (void)state;
    struct ls_keymap keymap;
    struct ls_why why = {0};
    const char text[] = "[keys faild]\n";
    assert_int_equal(ls_keymap_parse(text, sizeof text - 1, "k", &keymap, &why).code,
                     LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "k:1: there is no screen 'faild'; there are dash failed"));
}

static void small_letters_never_change_the_world(void **state)
{
    (void)state;
    refuses(
        "[keys]\nretry = r\n",
        "keys.conf:2: retry changes the world: give it a capital letter or an F-key, not r");
    refuses("[keys]\nretry = Ctrl-T\n", "keys.conf:2: retry changes the world: give it a "
                                        "capital letter or an F-key, not Ctrl-T");
}

static void one_key_does_one_thing_on_a_screen(void **state)
{
    (void)state;
    refuses("[keys]\nsort = a\n", "keys.conf:2: a would be sort and mark-all on the screen "
                                  "failed; give one another key");
    refuses("[keys]\nretry = F8\n[keys queue]\nhold = F8\n",
            "keys.conf:4: F8 would be hold and retry on the screen queue; give one another "
            "key");
    const struct ls_keymap swapped = parse_good("[keys]\nsort = a\nmark-all = s\n");
    has_keys(&swapped, "sort", "failed", "a");
}

static void the_console_goes_by_the_keys(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_keymap keymap;
    keymap = parse_good("[keys]\nretry = F8\ngo-failed = f\ngo-stuck = none\n");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_KEYS, .keymap = &keymap});

    fixture_key(world, "3");
    char *screen = fixture_screen(world);
    assert_non_null(strstr(screen, "3 does nothing here; ? lists the keys"));
    assert_non_null(strstr(screen, "1 Dash] f Failed 17  Stuck 7"));
    free(screen);

    fixture_keys(world, "f F8");
    screen = fixture_screen(world);
    assert_non_null(strstr(screen, "RETRY operation"));
    free(screen);

    fixture_key(world, "Esc");
    screen = fixture_screen(world);
    assert_non_null(strstr(screen, "F8 retry"));
    free(screen);

    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_KEYS, .why = "keys.conf:2: no"});
    screen = fixture_screen(world);
    assert_non_null(strstr(screen, "keys.conf:2: no"));
    assert_non_null(strstr(screen, "F8 retry"));
    free(screen);
    fixture_free(world);
}

static void what_to_do_is_told_by_the_keys_that_do_it(void **state)
{
    (void)state;
    struct fixture *world = fixture_new(100, 30, false);
    static struct ls_keymap keymap;
    keymap = parse_good("[keys]\nretry = F8\nretry-cause = F9\nverify-cause = w\n"
                        "mark-none = U\n");
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_KEYS, .keymap = &keymap});

    assert_true(fixture_shows(world, "Enter opens a cause; w verifies on chain"));
    assert_true(fixture_shows(world, "F9  retry these"));
    fixture_keys(world, "2");
    assert_true(fixture_shows(world, "F8 retry  H hold  X cancel"));
    fixture_keys(world, "a a");
    assert_true(fixture_shows(world, "F8, C, H and X make a bulk job; U undoes"));
    fixture_free(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_do_not_clash),
        cmocka_unit_test(every_command_has_a_name_of_its_own_and_a_sentence),
        cmocka_unit_test(what_acts_has_capitals_and_function_keys_alone),
        cmocka_unit_test(a_screen_is_stronger_than_everywhere),
        cmocka_unit_test(a_mistake_is_named_with_its_line_and_the_cure),
        cmocka_unit_test(an_unknown_screen_is_refused_with_those_there_are),
        cmocka_unit_test(small_letters_never_change_the_world),
        cmocka_unit_test(one_key_does_one_thing_on_a_screen),
        cmocka_unit_test(the_console_goes_by_the_keys),
        cmocka_unit_test(what_to_do_is_told_by_the_keys_that_do_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
