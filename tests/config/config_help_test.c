#include "lockstep/config/config_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include "config_key.h"

static bool is_explained(const char *section, const char *key)
{
    for (size_t i = 0; ls_config_help_at(i) != NULL; i++) {
        const struct ls_config_help *row = ls_config_help_at(i);
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
    while (ls_config_help_at(explained) != NULL) explained++;
    assert_int_equal(explained, known); /* and none that there is not */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_the_configuration_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
