#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/gate.h"
#include "lockstep/cells/theme.h"

static ls_err parse(const char *text, struct ls_theme *theme, struct ls_why *why)
{
    return ls_theme_parse(text, strlen(text), "x.ini", theme, why);
}

/* Whether a theme's text, or that of its base, gives `role` a look. */
static bool is_named_somewhere(const char *text, enum ls_role role)
{
    char line[64];
    (void)snprintf(line, sizeof line, "\n%s ", ls_role_name(role));
    if (strstr(text, line) != NULL) return true;
    char base[LS_THEME_NAME_BYTES];
    const char *at = strstr(text, "\nbase = ");
    if (at == NULL || sscanf(at, "\nbase = %31s", base) != 1) return false;
    return strstr(ls_theme_builtin(base), line) != NULL;
}

static void every_built_in_theme_names_every_role_and_glyph(void **state)
{
    (void)state;
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++) {
        struct ls_theme theme;
        struct ls_why why = {0};
        assert_int_equal(ls_theme_load_builtin(ls_theme_builtin_name(i), &theme, &why).code,
                         LS_CODE_OK);
        assert_string_equal(theme.name, ls_theme_builtin_name(i));
        for (int role = 0; role < LS_ROLE_COUNT; role++) {
            assert_true(is_named_somewhere(ls_theme_builtin(ls_theme_builtin_name(i)),
                                           (enum ls_role)role));
        }
        for (int glyph = 0; glyph < LS_GLYPH_COUNT; glyph++) {
            assert_int_equal(ls_gate_width(theme.glyphs[glyph], strlen(theme.glyphs[glyph])),
                             1);
            assert_int_equal(strlen(theme.ascii_glyphs[glyph]), 1);
        }
    }
}

static void a_theme_builds_on_its_base(void **state)
{
    (void)state;
    struct ls_theme dark;
    struct ls_theme theme;
    struct ls_why why = {0};
    assert_int_equal(ls_theme_load_builtin("dark", &dark, &why).code, LS_CODE_OK);

    assert_int_equal(parse("[theme]\nname = mine\nbase = dark\n[palette]\nhot = 196 9\n"
                           "[roles]\nstate.failed = $hot - bold | reverse\n"
                           "[glyphs]\nfailed = X x\n",
                           &theme, &why)
                         .code,
                     LS_CODE_OK);

    assert_string_equal(theme.name, "mine");
    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].foreground.of_256, 196);
    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].foreground.of_16, 9);
    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].attributes, LS_ATTRIBUTE_BOLD);
    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].mono_attributes, LS_ATTRIBUTE_REVERSE);
    assert_string_equal(theme.glyphs[LS_GLYPH_FAILED], "X");
    assert_memory_equal(&theme.roles[LS_ROLE_TAB], &dark.roles[LS_ROLE_TAB],
                        sizeof theme.roles[0]);
}

static void a_palette_alone_recolours_its_base(void **state)
{
    (void)state;
    struct ls_theme dark;
    struct ls_theme theme;
    struct ls_why why = {0};
    assert_int_equal(ls_theme_load_builtin("dark", &dark, &why).code, LS_CODE_OK);

    assert_int_equal(
        parse("[theme]\nname = mine\nbase = nord\n[palette]\nred = 160\nback = -\n", &theme,
              &why)
            .code,
        LS_CODE_OK);

    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].foreground.of_256, 160);
    assert_int_equal(theme.roles[LS_ROLE_STATE_FAILED].attributes,
                     dark.roles[LS_ROLE_STATE_FAILED].attributes);
    assert_int_equal(theme.roles[LS_ROLE_TEXT].background.of_256, LS_COLOR_NONE);
    assert_int_not_equal(theme.roles[LS_ROLE_STATE_DONE].foreground.of_256,
                         dark.roles[LS_ROLE_STATE_DONE].foreground.of_256); /* nord's own */
    assert_int_equal(theme.contrast_centi, 450);
}

static void every_mistake_is_named_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"[them]\n", "x.ini:1: sections are [theme] [palette] [roles] [glyphs], not '[them]'"},
        {"name = x\n", "x.ini:1: a [section] must come before 'name'"},
        {"[theme]\n\ncolour = x\n",
         "x.ini:3: [theme] has the keys name, base, contrast and difference, not 'colour'"},
        {"[theme]\nbase = noir\n",
         "x.ini:2: base must be a built-in theme, as in dark or light, not 'noir'"},
        {"[theme]\ncontrast = 4,5\n", "x.ini:2: a number from 0 to 21 is needed, not '4,5'"},
        {"[theme]\ndifference = 22\n", "x.ini:2: a number from 0 to 21 is needed, not '22'"},
        {"[palette]\nred = 256\n", "x.ini:2: a palette colour is 0..255, not '256'"},
        {"[palette]\nred = 9 16\n",
         "x.ini:2: the second number is one of 16 colours (0..15), not '16'"},
        {"[roles]\nstate.lost = 1 2\n", "x.ini:2: there is no role 'state.lost'"},
        {"[roles]\ntext = $nope -\n", "x.ini:2: [palette] does not define '$nope'"},
        {"[roles]\ntext = red -\n",
         "x.ini:2: a colour is -, 0..255 or $NAME of [palette], not 'red'"},
        {"[roles]\ntext = 1 2 blink\n",
         "x.ini:2: an attribute is bold, dim, reverse, underline or italic, not 'blink'"},
        {"[roles]\ntext = 1\n", "x.ini:2: give foreground and background for 'text'"},
        {"[glyphs]\nfailed = xx x\n", "x.ini:2: not one cell wide: 'xx'"},
        {"[glyphs]\nfailed = x é\n", "x.ini:2: the twin must be one ASCII character, not 'é'"},
        {"[glyphs]\nfell = x x\n", "x.ini:2: there is no glyph 'fell'"},
        {"[roles]\nnonsense\n", "x.ini:2: a line is KEY = VALUE, not 'nonsense'"},
        {"[roles]\n\x1b[2J = 1 2\n", "x.ini:2: there is no role '<U+001B>[2J'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ls_theme theme = {.name = "old"};
        struct ls_why why = {0};
        assert_int_equal(parse(cases[i].text, &theme, &why).code, LS_CODE_INVALID);
        assert_string_equal(why.text, cases[i].why);
        assert_string_equal(theme.name, "old");
    }
}

static void a_line_or_a_file_that_is_too_long_is_refused(void **state)
{
    (void)state;
    struct ls_theme theme;
    struct ls_why why = {0};
    char *text = malloc(LS_THEME_BYTES_MAX + 2);
    assert_non_null(text);
    memset(text, ';', LS_THEME_BYTES_MAX + 1);
    text[LS_THEME_BYTES_MAX + 1] = '\0';

    assert_int_equal(parse(text, &theme, &why).code, LS_CODE_INVALID);
    text[LS_THEME_LINE_BYTES_MAX] = '\0';
    assert_int_equal(parse(text, &theme, &why).code, LS_CODE_INVALID);
    text[LS_THEME_LINE_BYTES_MAX - 1] = '\0';
    assert_int_equal(parse(text, &theme, &why).code, LS_CODE_OK);
    free(text);
}

static void what_lies_over_a_cell_wins_by_background(void **state)
{
    (void)state;
    struct ls_theme theme;
    struct ls_why why = {0};
    assert_int_equal(parse("[roles]\ntext = 7 1\nselect = 15 4 bold\nstate.failed = 9 -\n"
                           "muted = - -\nkey = 3 5\n",
                           &theme, &why)
                         .code,
                     LS_CODE_OK);

    struct ls_style plain = ls_theme_style(&theme, LS_ROLE_STATE_FAILED, LS_ROLE_TEXT);
    assert_int_equal(plain.foreground.of_256, 9);
    assert_int_equal(plain.background.of_256, 1);
    struct ls_style chosen = ls_theme_style(&theme, LS_ROLE_STATE_FAILED, LS_ROLE_SELECT);
    assert_int_equal(chosen.foreground.of_256, 9);
    assert_int_equal(chosen.background.of_256, 4);
    assert_int_equal(chosen.attributes, LS_ATTRIBUTE_BOLD);
    assert_int_equal(ls_theme_style(&theme, LS_ROLE_TEXT, LS_ROLE_SELECT).foreground.of_256,
                     15);
    assert_int_equal(ls_theme_style(&theme, LS_ROLE_KEY, LS_ROLE_SELECT).background.of_256, 5);
    assert_int_equal(ls_theme_style(&theme, LS_ROLE_MUTED, LS_ROLE_TEXT).foreground.of_256, 7);
}

static void every_state_has_a_role_and_a_glyph_of_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "state.%s", ls_state_name((enum ls_state)i));
        assert_string_equal(ls_role_name(ls_role_of_state((enum ls_state)i)), name);
        assert_int_equal(ls_glyph_of_state((enum ls_state)i), LS_GLYPH_READY + i);
    }
    assert_int_equal(ls_role_of_state((enum ls_state)99), LS_ROLE_TEXT);
    assert_int_equal(ls_glyph_of_state((enum ls_state)99), LS_GLYPH_WARN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_built_in_theme_names_every_role_and_glyph),
        cmocka_unit_test(a_theme_builds_on_its_base),
        cmocka_unit_test(a_palette_alone_recolours_its_base),
        cmocka_unit_test(every_mistake_is_named_with_its_line),
        cmocka_unit_test(a_line_or_a_file_that_is_too_long_is_refused),
        cmocka_unit_test(what_lies_over_a_cell_wins_by_background),
        cmocka_unit_test(every_state_has_a_role_and_a_glyph_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
