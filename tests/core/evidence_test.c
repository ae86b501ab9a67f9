#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/core/evidence.h"

static struct ls_evidence_line lines[LS_EVIDENCE_LINES_MAX];

static size_t read(const char *json)
{
    return ls_evidence_lines(json, lines, LS_EVIDENCE_LINES_MAX);
}

static void assert_line(size_t at, const char *label, const char *text)
{
    assert_string_equal(lines[at].label, label);
    assert_string_equal(lines[at].text, text);
}

static void a_certificate_reads_line_by_line(void **state)
{
    (void)state;
    assert_int_equal(
        read("{\"rule\":\"expiry\",\"last_valid_height\":1150,\"attempts_asked\":[2,1],"
             "\"looks\":[{\"endpoint\":\"one:443\",\"same_node\":true,\"controls\":[\"aa\","
             "\"bb\"]},{\"endpoint\":\"two:443\",\"same_node\":false,\"controls\":[]}]}"),
        5);

    assert_line(0, "rule", "expiry");
    assert_line(1, "last valid height", "1150");
    assert_line(2, "attempts asked", "2, 1");
    assert_line(3, "looks 1", "endpoint one:443; same node yes; controls aa, bb");
    assert_line(4, "looks 2", "endpoint two:443; same node no; controls ");
}

static void what_a_person_vouched_for_reads_too(void **state)
{
    (void)state;
    assert_int_equal(read("{\"reason\": \"seen on \\\"chain\\\"\", \"vouched_by\": \"ann\"}"),
                     2);

    assert_line(0, "reason", "seen on \"chain\"");
    assert_line(1, "vouched by", "ann");
}

static void what_is_no_whole_object_is_left_to_the_caller(void **state)
{
    (void)state;
    static const char *const bad[] = {"",          "text",       "[1]",      "{\"a\":1",
                                      "{\"a\":\"", "{\"a\":1]}", "{\"a\"}}", "{{{{{{{{"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_int_equal(read(bad[i]), 0);
}

static void no_more_lines_are_written_than_there_is_room_for(void **state)
{
    (void)state;
    assert_int_equal(ls_evidence_lines("{\"a\":1,\"b\":2}", lines, 2), 2);
    assert_int_equal(ls_evidence_lines("{\"a\":1,\"b\":2,\"c\":3}", lines, 2), 0);
}

static void a_long_text_is_cut_at_its_room(void **state)
{
    (void)state;
    char json[4096];
    memset(json, 'x', sizeof json);
    memcpy(json, "{\"a\":\"", 6);
    memcpy(json + sizeof json - 3, "\"}", 3);

    assert_int_equal(read(json), 1);
    assert_int_equal(strlen(lines[0].text), sizeof lines[0].text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_reads_line_by_line),
        cmocka_unit_test(what_a_person_vouched_for_reads_too),
        cmocka_unit_test(what_is_no_whole_object_is_left_to_the_caller),
        cmocka_unit_test(no_more_lines_are_written_than_there_is_room_for),
        cmocka_unit_test(a_long_text_is_cut_at_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
