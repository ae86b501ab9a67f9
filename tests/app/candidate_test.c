/* What shells offer says what the tables say. How shells ask is tests/system/completion.sh. */
#include "candidate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { WORDS_MAX = 8, OUT_BYTES = 65536 };

/* Ask for `words` with `last` at the caret; the caller's buffer. */
static void ask(struct ls_buf *out, const char *const *words, size_t count, const char *last)
{
    const char *all[WORDS_MAX + 1];
    assert_in_range(count, 0, WORDS_MAX);
    for (size_t i = 0; i < count; i++) all[i] = words[i];
    all[count] = last;
    ls_buf_reset(out);
    candidates(all, count + 1, out);
    assert_int_equal(out->code, LS_CODE_OK);
}

/* Whether a line begins with the word. */
static bool offers(const struct ls_buf *out, const char *word)
{
    const size_t bytes = strlen(word);
    for (const char *line = ls_buf_text(out); *line != '\0'; line = strchr(line, '\n') + 1)
        if (strncmp(line, word, bytes) == 0 && line[bytes] == '\t') return true;
    return false;
}

static void every_command_and_its_options_are_offered_where_they_stand(void **state)
{
    (void)state;
    struct ls_buf out;
    size_t count = 0;
    const struct command *rows = commands(&count);
    ls_buf_init(&out, OUT_BYTES);
    for (size_t i = 0; i < count; i++) {
        const char *const words[] = {rows[i].group, rows[i].name};
        const size_t named = rows[i].name[0] == '\0' ? 1 : 2;
        ask(&out, words, 0, "");
        assert_true(offers(&out, rows[i].group));
        ask(&out, words, 1, "");
        assert_true(named == 1 || offers(&out, rows[i].name));
        ask(&out, words, named, "--");
        for (int option = 0; option < OPTION_COUNT; option++) {
            const uint64_t always = OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_HELP);
            const bool has = ((rows[i].options | always) & OPTION_BIT(option)) != 0;
            assert_int_equal(offers(&out, option_name((enum option)option)), has);
        }
    }
    ls_buf_done(&out);
}

static void an_option_is_offered_once(void **state)
{
    (void)state;
    struct ls_buf out;
    const char *const words[] = {"ops", "--csv", "--limit=5", "--sort", "age"};
    ls_buf_init(&out, OUT_BYTES);

    ask(&out, words, 5, "--");

    assert_false(offers(&out, "--csv"));
    assert_false(offers(&out, "--limit"));
    assert_false(offers(&out, "--sort"));
    assert_true(offers(&out, "--wide"));
    ls_buf_done(&out);
}

/* Every word that is offered for an option's value or an argument begins as what is typed, so
 * that nothing a person has typed is taken away. */
static void what_is_typed_stays(void **state)
{
    (void)state;
    struct ls_buf out;
    const char *const words[] = {"ops"};
    static const char *const typed[] = {"!st", "!state:fa", "state:failed !ki", "--sort=u",
                                        "sta"};
    ls_buf_init(&out, OUT_BYTES);
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        ask(&out, words, 1, typed[i]);
        assert_true(out.length > 0);
        for (const char *line = ls_buf_text(&out); *line != '\0'; line = strchr(line, '\n') + 1)
            assert_memory_equal(line, typed[i], strlen(typed[i]));
    }
    ls_buf_done(&out);
}

static void a_path_says_what_stands_before_it(void **state)
{
    (void)state;
    struct ls_buf out;
    const char *const words[] = {"enqueue", "memo"};
    ls_buf_init(&out, OUT_BYTES);

    ask(&out, words, 2, "@pay");
    assert_string_equal(ls_buf_text(&out), "\tfiles\t@\n");
    ask(&out, words, 2, "--config=x");
    assert_string_equal(ls_buf_text(&out), "\tfiles\t--config=\n");
    ls_buf_done(&out);
}

/* Lines are what shells read: a word that holds a newline or a tab could not be told. */
static void what_would_break_a_line_is_not_offered(void **state)
{
    (void)state;
    struct ls_buf out;
    const char *const words[] = {"ops"};
    ls_buf_init(&out, OUT_BYTES);

    ask(&out, words, 1, "a\nb state:");
    assert_int_equal(out.length, 0);
    ask(&out, words, 1, "\xff\x01");
    assert_int_equal(out.length, 0);
    ls_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_command_and_its_options_are_offered_where_they_stand),
        cmocka_unit_test(an_option_is_offered_once),
        cmocka_unit_test(what_is_typed_stays),
        cmocka_unit_test(a_path_says_what_stands_before_it),
        cmocka_unit_test(what_would_break_a_line_is_not_offered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
