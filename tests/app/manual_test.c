/* The manual says what the tables say. */
#include "manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "config_help.h"
#include "config_key.h"
#include "option.h"

static bool is_explained(const char *section, const char *key)
{
    for (size_t i = 0; config_help_at(i) != NULL; i++) {
        const struct config_help *row = config_help_at(i);
        if (strcmp(row->section, section) == 0 && strcmp(row->key, key) == 0) return true;
    }
    return false;
}

static void every_key_of_the_configuration_is_explained(void **state)
{
    (void)state;
    const char *section = NULL, *key = NULL;
    size_t known = 0, explained = 0;
    for (size_t i = 0; config_key_at(i, &section, &key); i++) {
        if (key[0] == '\0') continue;
        known++;
        if (!is_explained(section, key))
            print_message("[%s] %s is not in config_help.c\n", section, key);
        assert_true(is_explained(section, key));
    }
    while (config_help_at(explained) != NULL) explained++;
    assert_int_equal(explained, known); /* and none that there is not */
}

static void every_option_has_a_sentence(void **state)
{
    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++) {
        assert_true(strncmp(option_name((enum option)i), "--", 2) == 0);
        assert_true(option_help((enum option)i)[0] != '\0');
    }
}

static void text_is_no_roff(void **state)
{
    (void)state;
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    roff_text(&out, ".SH 'x' a-b c\\d ~");
    assert_string_equal(ls_buf_text(&out), "\\&.SH \\(aqx\\(aq a\\-b c\\ed \\(ti");
    ls_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_configuration_is_explained),
        cmocka_unit_test(every_option_has_a_sentence),
        cmocka_unit_test(text_is_no_roff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
