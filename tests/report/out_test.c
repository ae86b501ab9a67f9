#include "lockstep/report/out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lockstep/report/op_json.h"

static struct ls_buf buf;

static int open_buf(void **state)
{
    (void)state;
    ls_buf_init(&buf, 1 << 20);
    return 0;
}

static int close_buf(void **state)
{
    (void)state;
    ls_buf_done(&buf);
    return 0;
}

static void json_text_is_ascii_and_loses_nothing(void **state)
{
    (void)state;
    ls_out_json_text(&buf, "a\"\\\n\x1b\x7f\xc3\xa4\xe2\x80\xae\xf0\x9f\x98\x80");
    assert_string_equal(ls_buf_text(&buf),
                        "\"a\\\"\\\\\\u000a\\u001b\\u007f\\u00e4\\u202e\\ud83d\\ude00\"");
}

static void ill_formed_bytes_become_the_replacement_character(void **state)
{
    (void)state;
    ls_out_json_text(&buf, "\xff-\xc3");
    assert_string_equal(ls_buf_text(&buf), "\"\\ufffd-\\ufffd\"");
}

static void commas_stand_between_members_alone(void **state)
{
    (void)state;
    ls_buf_add_char(&buf, '{');
    ls_out_json_field(&buf, "a", "x");
    ls_out_json_number(&buf, "b", -1);
    ls_out_json_flag(&buf, "c", true);
    ls_buf_add_char(&buf, '}');
    assert_string_equal(ls_buf_text(&buf), "{\"a\":\"x\",\"b\":-1,\"c\":true}");
}

static void gated_text_shows_what_would_be_obeyed(void **state)
{
    (void)state;
    ls_out_gated(&buf, "a\x1b[31m\xe2\x80\xae");
    assert_string_equal(ls_buf_text(&buf), "a<U+001B>[31m<U+202E>");
}

static void ages_are_short(void **state)
{
    (void)state;
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {{-1, "-"},       {0, "0ms"},       {999, "999ms"},
                 {1000, "1s"},    {59999, "59s"},   {60000, "1m"},
                 {3600000, "1h"}, {86400000, "1d"}, {INT64_MAX, "106751991167d"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[LS_OUT_AGE_BYTES];
        ls_out_age(cases[i].ms, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void times_name_their_zone(void **state)
{
    (void)state;
    char text[LS_OUT_TIME_BYTES];
    ls_out_time(1700000000123, text);
    assert_string_equal(text, "2023-11-14 22:13:20 UTC");
    ls_out_time(0, text);
    assert_string_equal(text, "-");
}

static void the_dashboard_is_one_json_document(void **state)
{
    (void)state;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    struct ls_verdict verdict;
    assert_non_null(facts);
    facts->worker_count = 2;
    facts->endpoint_count = 1;
    facts->gate_count = 2;
    facts->cause_count = 1;
    facts->has_balance = true;
    facts->balance_lamports = UINT64_MAX;
    (void)snprintf(facts->gates[0].reason, sizeof facts->gates[0].reason, "\x1b\"");
    ls_verdict_of(facts, &verdict);
    ls_json_dashboard(&buf, facts, NULL, &verdict);

    json_t *document = json_loads(ls_buf_text(&buf), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    assert_int_equal(json_array_size(json_object_get(document, "workers")), 2);
    assert_string_equal(json_string_value(json_object_get(document, "balance_lamports")),
                        "18446744073709551615");
    json_decref(document);
    free(facts);
}

static void an_operation_is_one_json_document(void **state)
{
    (void)state;
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    assert_non_null(detail);
    detail->row.op.value = 17;
    detail->attempt_count = LS_FACTS_ATTEMPTS_MAX;
    detail->event_count = LS_FACTS_EVENTS_MAX;
    ls_json_op_detail(&buf, detail);

    json_t *document = json_loads(ls_buf_text(&buf), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(document);
    assert_int_equal(json_integer_value(json_object_get(document, "id")), 17);
    assert_int_equal(json_array_size(json_object_get(document, "attempt_list")),
                     LS_FACTS_ATTEMPTS_MAX);
    assert_int_equal(json_array_size(json_object_get(document, "audit")), LS_FACTS_EVENTS_MAX);
    json_decref(document);
    free(detail);
}

static void alerts_are_json_objects_in_a_row(void **state)
{
    (void)state;
    const struct ls_alert_row alert = {.id = 3, .rule = "age"};
    ls_buf_add_char(&buf, '[');
    ls_json_alert(&buf, &alert);
    ls_json_alert(&buf, &alert);
    ls_buf_add_char(&buf, ']');
    json_t *document = json_loads(ls_buf_text(&buf), JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(document), 2);
    json_decref(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(json_text_is_ascii_and_loses_nothing, open_buf,
                                        close_buf),
        cmocka_unit_test_setup_teardown(ill_formed_bytes_become_the_replacement_character,
                                        open_buf, close_buf),
        cmocka_unit_test_setup_teardown(commas_stand_between_members_alone, open_buf,
                                        close_buf),
        cmocka_unit_test_setup_teardown(gated_text_shows_what_would_be_obeyed, open_buf,
                                        close_buf),
        cmocka_unit_test(ages_are_short),
        cmocka_unit_test(times_name_their_zone),
        cmocka_unit_test_setup_teardown(the_dashboard_is_one_json_document, open_buf,
                                        close_buf),
        cmocka_unit_test_setup_teardown(an_operation_is_one_json_document, open_buf, close_buf),
        cmocka_unit_test_setup_teardown(alerts_are_json_objects_in_a_row, open_buf, close_buf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
