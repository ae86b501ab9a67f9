#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lockstep/core/fingerprint.h"

enum { LINE_BYTES = 512 };

static void each_cause_of_the_corpus_has_the_fingerprint_beside_it(void **state)
{
    (void)state;
    char line[LINE_BYTES];
    char print[LS_CAUSE_BYTES_MAX + 1];
    int lines = 0;
    FILE *corpus = fopen(LS_TEST_DIR "/fingerprint.txt", "r");
    assert_non_null(corpus);

    for (; fgets(line, sizeof line, corpus) != NULL; lines++) {
        line[strcspn(line, "\n")] = '\0';
        char *wanted = strchr(line, '\t');
        assert_non_null(wanted);
        *wanted++ = '\0';
        ls_cause_fingerprint(line, print);
        assert_string_equal(print, wanted);
        ls_cause_fingerprint(wanted, print);
        assert_string_equal(print, wanted); /* it is its own */
    }

    (void)fclose(corpus);
    assert_true(lines > 40);
}

static void nothing_is_the_fingerprint_of_nothing(void **state)
{
    (void)state;
    char print[LS_CAUSE_BYTES_MAX + 1] = "x";

    ls_cause_fingerprint("", print);

    assert_string_equal(print, "");
}

static void a_cause_that_is_too_long_is_cut_at_a_character(void **state)
{
    (void)state;
    char cause[LS_CAUSE_BYTES_MAX + 64];
    char print[LS_CAUSE_BYTES_MAX + 1];
    memset(cause, ' ', sizeof cause);
    memcpy(cause + LS_CAUSE_BYTES_MAX - 1, "\xc3\xbc", 3);

    ls_cause_fingerprint(cause, print);

    assert_int_equal(strlen(print), LS_CAUSE_BYTES_MAX - 1);
}

static void the_longest_cause_keeps_its_length(void **state)
{
    (void)state;
    char cause[LS_CAUSE_BYTES_MAX + 1];
    char print[LS_CAUSE_BYTES_MAX + 1];
    for (size_t i = 0; i < LS_CAUSE_BYTES_MAX; i++) cause[i] = i % 2 == 0 ? '7' : ' ';
    cause[LS_CAUSE_BYTES_MAX] = '\0';

    ls_cause_fingerprint(cause, print);

    assert_int_equal(strlen(print), LS_CAUSE_BYTES_MAX);
    assert_int_equal(print[0], '#');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cause_of_the_corpus_has_the_fingerprint_beside_it),
        cmocka_unit_test(nothing_is_the_fingerprint_of_nothing),
        cmocka_unit_test(a_cause_that_is_too_long_is_cut_at_a_character),
        cmocka_unit_test(the_longest_cause_keeps_its_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
