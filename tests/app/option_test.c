#include "option.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/nearest.h"

static const uint64_t allowed = OPTION_BIT(OPTION_JSON) | OPTION_BIT(OPTION_LIMIT) |
                                OPTION_BIT(OPTION_REASON) | OPTION_BIT(OPTION_HELP);

static struct arguments read_good(int argc, const char *const *argv)
{
    struct arguments arguments = {0};
    struct ls_why why = {0};
    const ls_err err = arguments_read(argc, argv, allowed, &arguments, &why);
    if (ls_failed(err)) print_message("%s\n", why.text);
    assert_false(ls_failed(err));
    return arguments;
}

static void refuses(int argc, const char *const *argv, const char *part)
{
    struct arguments arguments = {0};
    struct ls_why why = {0};
    assert_int_equal(arguments_read(argc, argv, allowed, &arguments, &why).code,
                     LS_CODE_INVALID);
    if (strstr(why.text, part) == NULL) print_message("%s\n", why.text);
    assert_non_null(strstr(why.text, part));
}

static void options_and_positionals_may_mix(void **state)
{
    (void)state;
    static const char *const argv[] = {"a", "--json",        "b", "--limit", "7",
                                       "-", "--reason=x = y"};
    const struct arguments arguments = read_good(7, argv);

    assert_int_equal(arguments.count, 3);
    assert_string_equal(arguments.positional[0], "a");
    assert_string_equal(arguments.positional[2], "-");
    assert_true(arguments_has(&arguments, OPTION_JSON));
    assert_false(arguments_has(&arguments, OPTION_HELP));
    assert_string_equal(arguments_value(&arguments, OPTION_LIMIT), "7");
    assert_string_equal(arguments_value(&arguments, OPTION_REASON), "x = y");
    assert_null(arguments_value(&arguments, OPTION_SORT));
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    static const char *const argv[] = {"--", "--json", "-h"};
    const struct arguments arguments = read_good(3, argv);
    assert_int_equal(arguments.count, 2);
    assert_false(arguments_has(&arguments, OPTION_JSON));
}

static void dash_h_asks_for_help(void **state)
{
    (void)state;
    static const char *const argv[] = {"-h"};
    const struct arguments arguments = read_good(1, argv);
    assert_true(arguments_has(&arguments, OPTION_HELP));
}

static void a_wrong_option_is_named(void **state)
{
    (void)state;
    static const char *const unknown[] = {"--josn"};
    static const char *const elsewhere[] = {"--sort", "age"};
    static const char *const hopeless[] = {"--xyzzyx=1"};
    static const char *const without[] = {"--limit"};
    static const char *const empty[] = {"--limit="};
    static const char *const with[] = {"--json=1"};
    static const char *const twice[] = {"--json", "--json"};
    refuses(1, unknown, "--josn is no option of this command; did you mean --json?");
    refuses(2, elsewhere, "--sort is no option of this command");
    refuses(1, hopeless, "--help lists them");
    refuses(1, without, "--limit has no value; write --limit N");
    refuses(1, empty, "--limit has no value");
    refuses(1, with, "--json takes no value");
    refuses(2, twice, "--json is given twice");
}

static void more_than_the_most_positionals_are_refused(void **state)
{
    (void)state;
    const char *argv[POSITIONAL_MAX + 1];
    for (size_t i = 0; i < POSITIONAL_MAX + 1; i++) argv[i] = "x";
    assert_int_equal(read_good(POSITIONAL_MAX, argv).count, POSITIONAL_MAX);
    refuses(POSITIONAL_MAX + 1, argv, "more than 256 arguments");
}

static void numbers_keep_their_range(void **state)
{
    (void)state;
    static const int64_t range[2] = {1, 10};
    static const char *const wrong[] = {"0", "11", "-1", "1x", "99999999999999999999"};
    struct arguments arguments = {0};
    struct ls_why why = {0};
    int64_t number = 5;

    assert_false(ls_failed(arguments_number(&arguments, OPTION_LIMIT, range, &number, &why)));
    assert_int_equal(number, 5); /* not given: the default stays */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        arguments.values[OPTION_LIMIT] = wrong[i];
        assert_int_equal(arguments_number(&arguments, OPTION_LIMIT, range, &number, &why).code,
                         LS_CODE_INVALID);
        assert_int_equal(number, 5);
    }
    assert_non_null(strstr(why.text, "is not a whole number from 1 to 10"));
    arguments.values[OPTION_LIMIT] = "10";
    assert_false(ls_failed(arguments_number(&arguments, OPTION_LIMIT, range, &number, &why)));
    assert_int_equal(number, 10);
}

static void durations_are_read(void **state)
{
    (void)state;
    struct arguments arguments = {0};
    struct ls_why why = {0};
    int64_t ms = 3;
    arguments.values[OPTION_FOR] = "2h";
    assert_false(ls_failed(arguments_duration(&arguments, OPTION_FOR, &ms, &why)));
    assert_int_equal(ms, 7200000);
    arguments.values[OPTION_FOR] = "soon";
    assert_int_equal(arguments_duration(&arguments, OPTION_FOR, &ms, &why).code,
                     LS_CODE_INVALID);
    assert_non_null(strstr(why.text, "--for soon is no duration"));
}

static void every_option_has_a_name_and_a_help(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *name = option_name((enum option)i);
        assert_non_null(name);
        assert_int_equal(strncmp(name, "--", 2), 0);
        assert_true(strlen(option_help((enum option)i)) > 4);
        assert_non_null(option_value_name((enum option)i));
        for (int j = 0; j < i; j++) assert_string_not_equal(name, option_name((enum option)j));
    }
}

static void the_nearest_name_is_near(void **state)
{
    (void)state;
    struct ls_nearest nearest;
    ls_nearest_init(&nearest, "statsu");
    ls_nearest_offer(&nearest, "show");
    ls_nearest_offer(&nearest, "status");
    ls_nearest_offer(&nearest, "gate");
    assert_string_equal(nearest.best, "status");
    ls_nearest_init(&nearest, "xyzzy");
    ls_nearest_offer(&nearest, "status");
    assert_null(nearest.best);

    char text[LS_NEAREST_BYTES_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_int_equal(ls_nearest_distance(text, "a"), sizeof text);
    text[LS_NEAREST_BYTES_MAX] = '\0';
    assert_int_equal(ls_nearest_distance(text, "a"), LS_NEAREST_BYTES_MAX - 1);
    assert_int_equal(ls_nearest_distance("kitten", "sitting"), 3);
    assert_int_equal(ls_nearest_distance("", "abc"), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_positionals_may_mix),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(dash_h_asks_for_help),
        cmocka_unit_test(a_wrong_option_is_named),
        cmocka_unit_test(more_than_the_most_positionals_are_refused),
        cmocka_unit_test(numbers_keep_their_range),
        cmocka_unit_test(durations_are_read),
        cmocka_unit_test(every_option_has_a_name_and_a_help),
        cmocka_unit_test(the_nearest_name_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
