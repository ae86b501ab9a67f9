#include "json_member.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

static void a_member_is_cut_out_as_it_stands(void **state)
{
    (void)state;
    char text[] = "{\"key\":\"a,\\\"}\",\"other\":[1,{\"payload\":2}],\"payload\":{\"n\":1.10,"
                  "\"s\":\"}\"},\"z\":1}";
    assert_string_equal(json_member_cut(text, "payload"), "{\"n\":1.10,\"s\":\"}\"}");
    char absent[] = "{\"a\":{\"payload\":1}}";
    assert_null(json_member_cut(absent, "payload"));
    char empty[] = "{}";
    assert_null(json_member_cut(empty, "payload"));
    char last[] = "{\"payload\" : [1]}";
    assert_string_equal(json_member_cut(last, "payload"), " [1]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_is_cut_out_as_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
