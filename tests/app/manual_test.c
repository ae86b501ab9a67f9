/* The manual says what the tables say. */
#include "manual.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "option.h"

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
        cmocka_unit_test(every_option_has_a_sentence),
        cmocka_unit_test(text_is_no_roff),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
