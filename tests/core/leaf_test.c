/* Leaves of JSON by path, and one of them changed. */
#include "lockstep/core/leaf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct ls_leaf leaves[LS_LEAVES_MAX];
static size_t count;

static void every_leaf_has_its_path(void **state)
{
    (void)state;
    static const char json[] =
        "{\"to\": \"x\", \"n\": 12.50, \"accounts\": [{\"address\": \"a\","
        " \"signer\": true}, {\"address\": \"b\"}], \"none\": {}, \"z\":"
        " null}";
    static const char *const paths[] = {
        "to",   "n", "accounts.0.address", "accounts.0.signer", "accounts.1.address",
        "none", "z"};
    assert_true(ls_leaves_read(json, leaves, LS_LEAVES_MAX, &count));
    assert_int_equal(count, 7);
    for (size_t i = 0; i < count; i++) assert_string_equal(leaves[i].path, paths[i]);
    char value[32];
    ls_leaf_value(json, ls_leaf_find(leaves, count, "n"), value, sizeof value);
    assert_string_equal(value, "12.50");
    ls_leaf_value(json, ls_leaf_find(leaves, count, "accounts.1.address"), value, sizeof value);
    assert_string_equal(value, "b");
    assert_null(ls_leaf_find(leaves, count, "accounts"));
}

static void replaced(const char *json, const char *path, const char *value, const char *wanted)
{
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    assert_true(ls_leaves_read(json, leaves, LS_LEAVES_MAX, &count));
    ls_leaf_replace(json, ls_leaf_find(leaves, count, path), value, &out);
    assert_string_equal(ls_buf_text(&out), wanted);
    ls_buf_done(&out);
}

static void one_leaf_changes_and_every_other_byte_stays(void **state)
{
    (void)state;
    replaced("{\"a\": \"1\",  \"b\": 9007199254740993}", "a", "22",
             "{\"a\": \"22\",  \"b\": 9007199254740993}");
    replaced("{\"a\": [1, 2]}", "a.1", "3", "{\"a\": [1, 3]}");
    replaced("{\"a\": \"x\"}", "a", "say \"hi\" \\ \n",
             "{\"a\": \"say \\\"hi\\\" \\\\ \\u000a\"}");
}

static void escapes_are_read_as_what_they_mean(void **state)
{
    (void)state;
    static const char json[] = "{\"a\": \"q\\\" b\\\\ n\\n\"}";
    char value[32];
    assert_true(ls_leaves_read(json, leaves, LS_LEAVES_MAX, &count));
    ls_leaf_value(json, &leaves[0], value, sizeof value);
    assert_string_equal(value, "q\" b\\ n\n");
}

static void what_is_no_object_or_not_whole_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",           "[1]",      "{",          "{\"a\"}",
                                      "{\"a\":",    "{\"a\":1", "{\"a\":1}x", "{\"a\":\"x}",
                                      "{\"a\":1,}", "{a:1}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(ls_leaves_read(bad[i], leaves, LS_LEAVES_MAX, &count));
    char deep[LS_LEAF_DEPTH_MAX * 8 + 64];
    size_t length = 0;
    for (int i = 0; i <= LS_LEAF_DEPTH_MAX; i++) {
        memcpy(deep + length, "{\"a\":", 5);
        length += 5;
    }
    deep[length++] = '1';
    memset(deep + length, '}', LS_LEAF_DEPTH_MAX + 1);
    deep[length + LS_LEAF_DEPTH_MAX + 1] = '\0';
    assert_false(ls_leaves_read(deep, leaves, LS_LEAVES_MAX, &count));
}

static void at_most_as_many_as_fit_are_told(void **state)
{
    (void)state;
    assert_true(ls_leaves_read("{\"a\":1,\"b\":2,\"c\":3}", leaves, 2, &count));
    assert_int_equal(count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_has_its_path),
        cmocka_unit_test(one_leaf_changes_and_every_other_byte_stays),
        cmocka_unit_test(escapes_are_read_as_what_they_mean),
        cmocka_unit_test(what_is_no_object_or_not_whole_is_refused),
        cmocka_unit_test(at_most_as_many_as_fit_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
