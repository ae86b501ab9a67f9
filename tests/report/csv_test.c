/* CSV as spreadsheets read it, and as nobody can abuse it. */
#include "lockstep/report/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void makes(const char *object, const char *wanted)
{
    struct ls_csv csv;
    struct ls_buf out;
    ls_buf_init(&out, 65536);
    assert_false(ls_failed(ls_csv_init(&csv, "{\"a\":\"\",\"at_ms\":0,\"b\":\"\"}")));
    assert_false(ls_failed(ls_csv_row(&csv, object, &out)));
    assert_string_equal(ls_buf_text(&out), wanted);
    ls_buf_done(&out);
}

static void the_first_line_names_the_columns(void **state)
{
    (void)state;
    struct ls_csv csv;
    struct ls_buf out;
    ls_buf_init(&out, 65536);
    assert_false(ls_failed(ls_csv_init(&csv, "{\"id\":1,\"created_ms\":2,\"key\":\"k\"}")));
    ls_csv_head(&csv, &out);
    assert_string_equal(ls_buf_text(&out), "id,created,key\r\n");
    ls_buf_done(&out);
    assert_true(ls_failed(ls_csv_init(&csv, "[]")));
    assert_true(ls_failed(ls_csv_init(&csv, "no json")));
}

static void quotes_commas_and_blanks_are_quoted(void **state)
{
    (void)state;
    makes("{\"a\":\"x,y\",\"at_ms\":1763867567004,\"b\":\"say \\\"no\\\"\"}",
          "\"x,y\",2025-11-23T03:12:47.004Z,\"say \"\"no\"\"\"\r\n");
    makes("{\"a\":17,\"b\":true,\"at_ms\":0}", "17,,true\r\n");
    makes("{\"a\":\"plain\"}", "plain,,\r\n");
}

/* Keys come from other people: none of them may run in a spreadsheet. */
static void no_cell_is_a_formula(void **state)
{
    (void)state;
    makes("{\"a\":\"=1+1\",\"b\":\"+cmd|x\"}", "'=1+1,,'+cmd|x\r\n");
    makes("{\"a\":\"-2+3\",\"b\":\"@SUM(A1)\"}", "'-2+3,,'@SUM(A1)\r\n");
    makes("{\"a\":\" =1\",\"b\":\"\uff1d1+1\"}", "\"' =1\",,'\uff1d1+1\r\n");
    makes("{\"a\":-5,\"b\":\"a=b\"}", "-5,,a=b\r\n");
    makes("{\"a\":\"\\t=1\",\"b\":\"\\r=1\"}", "<U+0009>=1,,<U+000D>=1\r\n");
}

static void nothing_in_it_moves_a_terminal(void **state)
{
    (void)state;
    makes("{\"a\":\"x\\u001b[31m\",\"b\":\"two\\nlines\"}",
          "x<U+001B>[31m,,two<U+000A>lines\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_line_names_the_columns),
        cmocka_unit_test(quotes_commas_and_blanks_are_quoted),
        cmocka_unit_test(no_cell_is_a_formula),
        cmocka_unit_test(nothing_in_it_moves_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
