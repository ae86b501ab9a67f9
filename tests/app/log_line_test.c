#include "log_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void reads(const char *line, const char *wanted)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    log_line_write(line, &out);
    assert_string_equal(ls_buf_text(&out), wanted);
    ls_buf_done(&out);
}

static void a_line_is_told_with_its_time_and_fields(void **state)
{
    (void)state;
    reads("{\"time_ms\":1763867567004,\"level\":\"info\",\"event\":\"op.failed\",\"worker\":1,"
          "\"op\":6,\"text\":\"failed, attempt 1: given up\"}",
          "2025-11-23 03:12:47 UTC  op.failed  worker 1  failed, attempt 1: given up");
    reads("{\"time_ms\":1763867567004,\"level\":\"warning\",\"event\":\"op.held\",\"op\":6,"
          "\"cause\":\"no certificate\"}",
          "2025-11-23 03:12:47 UTC  warning  op.held  cause no certificate");
}

static void what_is_no_such_line_stands_as_it_is(void **state)
{
    (void)state;
    reads("started by hand", "started by hand");
    reads("{\"op\":6}", "{\"op\":6}");
}

static void hostile_text_is_gated(void **state)
{
    (void)state;
    reads("{\"time_ms\":1763867567004,\"level\":\"info\",\"event\":\"a\\u001b[2J\","
          "\"\\u202ex\":1}",
          "2025-11-23 03:12:47 UTC  a<U+001B>[2J  <U+202E>x 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_told_with_its_time_and_fields),
        cmocka_unit_test(what_is_no_such_line_stands_as_it_is),
        cmocka_unit_test(hostile_text_is_gated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
