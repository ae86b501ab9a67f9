#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/cells/theme_check.h"

static void complain(void *self, const struct ls_theme_worst *pair, int32_t least_centi)
{
    (void)fprintf(stderr, "%s: %s on %s: %d < %d\n", (const char *)self,
                  ls_role_name(pair->role), ls_role_name(pair->over), (int)pair->centi,
                  (int)least_centi);
}

static void every_theme_that_is_shipped_keeps_what_it_promises(void **state)
{
    (void)state;
    size_t count = 0;
    for (; ls_theme_builtin_name(count) != NULL; count++) {
        struct ls_theme theme;
        struct ls_theme_report report;
        struct ls_why why = {0};
        char name[LS_THEME_NAME_BYTES];
        (void)snprintf(name, sizeof name, "%s", ls_theme_builtin_name(count));
        assert_int_equal(ls_theme_load_builtin(name, &theme, &why).code, LS_CODE_OK);

        ls_theme_check(&theme, &report);

        ls_theme_complaints(&theme, complain, name);
        assert_int_equal(report.failures, 0);
        bool is_own = strcmp(name, "mono") == 0 || strcmp(name, "ansi16") == 0;
        assert_int_equal(report.judged == 0, is_own);
    }
    assert_int_equal(count, 12);
}

static void count_complaints(void *self, const struct ls_theme_worst *pair, int32_t least_centi)
{
    int32_t *count = self;
    assert_true(pair->centi < least_centi);
    (*count)++;
}

static void a_theme_that_nobody_can_read_fails(void **state)
{
    (void)state;
    struct ls_theme theme;
    struct ls_theme_report report;
    struct ls_why why = {0};
    int32_t count = 0;
    static const char text[] = "[theme]\nname = bad\nbase = dark\n[palette]\nback = 233\n"
                               "text = 236\nred = 107\ngreen = 106\n";
    assert_int_equal(ls_theme_parse(text, strlen(text), "bad.ini", &theme, &why).code,
                     LS_CODE_OK);

    ls_theme_check(&theme, &report);
    ls_theme_complaints(&theme, count_complaints, &count);

    assert_true(report.failures > 1);
    assert_int_equal(count, report.failures);
    assert_true(report.text.centi < 450);
    assert_true(report.difference.centi < 600);
}

static void a_stricter_promise_is_held(void **state)
{
    (void)state;
    struct ls_theme theme;
    struct ls_theme_report report;
    struct ls_why why = {0};
    static const char text[] = "[theme]\nname = strict\nbase = dark\ncontrast = 20.99\n";
    assert_int_equal(ls_theme_parse(text, strlen(text), "s.ini", &theme, &why).code,
                     LS_CODE_OK);

    ls_theme_check(&theme, &report);

    assert_true(report.failures > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_theme_that_is_shipped_keeps_what_it_promises),
        cmocka_unit_test(a_theme_that_nobody_can_read_fails),
        cmocka_unit_test(a_stricter_promise_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
