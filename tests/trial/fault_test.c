#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/trial/fault.h"

static uint64_t read_set(const char *text)
{
    uint64_t set = 0;
    struct ls_why why = {0};
    const ls_err err = ls_faults_read(text, &set, &why);
    assert_false(ls_failed(err));
    return set;
}

static void a_set_is_written_as_it_is_read(void **state)
{
    static const char *const texts[] = {
        "none",      "all",       "all,work",        "all,-kill,work", "kill",
        "fork,kill", "all,-kill", "all,-fork,-kill", "all,-failover"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct ls_buf out;
        ls_buf_init(&out, 4096);

        ls_faults_write(read_set(texts[i]), &out);

        assert_string_equal(ls_buf_text(&out), texts[i]);
        ls_buf_done(&out);
    }
}

static void words_count_from_left_to_right(void **state)
{
    (void)state;
    assert_int_equal(read_set("kill,-kill"), 0);
    assert_int_equal(read_set("-kill,kill"), LS_FAULT_BIT(LS_FAULT_KILL));
    assert_int_equal(read_set("all,none,fork"), LS_FAULT_BIT(LS_FAULT_FORK));
}

static void an_unknown_word_is_named(void **state)
{
    static const char *const texts[] = {
        "",       "kil",       "all,,kill",
        "--kill", "all -kill", "killkillkillkillkillkillkillkillkillkillkillkill"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint64_t set = 7;
        struct ls_why why = {0};

        const ls_err err = ls_faults_read(texts[i], &set, &why);

        assert_int_equal(err.code, LS_CODE_INVALID);
        assert_int_equal(set, 7);
        assert_non_null(strstr(why.text, "no kind of fault"));
    }
}

static void each_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    assert_true(LS_FAULT_COUNT >= 31);
    for (int i = 0; i < LS_FAULT_COUNT; i++) {
        assert_int_equal(read_set(ls_fault_name((enum ls_fault)i)), LS_FAULT_BIT(i));
        assert_true(strlen(ls_fault_what((enum ls_fault)i)) > 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_is_written_as_it_is_read),
        cmocka_unit_test(words_count_from_left_to_right),
        cmocka_unit_test(an_unknown_word_is_named),
        cmocka_unit_test(each_kind_has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
