/* One round of looks: how attempts become questions, and answers verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/service/look_round.h"

static struct look_round *round_new(size_t endpoints)
{
    struct look_round *round = calloc(1, sizeof *round);
    assert_non_null(round);
    look_round_begin(round, endpoints);
    return round;
}

/* An attempt of operation `op` whose blockhash ends at height 100. */
static void take(struct look_round *round, int64_t op, bool has_attempt)
{
    struct ls_look_row row = {.op = {op},
                              .has_attempt = has_attempt,
                              .attempt = {.can_expire = true, .last_valid_height = 100}};
    row.signature.bytes[0] = (uint8_t)(round->count + 1);
    look_round_take(round, &row);
}

/* An endpoint at `height` that has the `found`th signature of the question, -1: none. */
static void answer(struct look_round *round, size_t chunk, int height, int found)
{
    struct ls_buf body;
    ls_buf_init(&body, 1 << 20);
    ls_buf_printf(
        &body,
        "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":{\"absoluteSlot\":%d,\"blockHeight\":%d,"
        "\"epoch\":0,\"slotIndex\":1,\"slotsInEpoch\":432000}},"
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"context\":{\"slot\":%d},\"value\":[",
        height, height, height);
    for (int i = 0; i < (int)round->chunk_rows[chunk]; i++)
        ls_buf_printf(&body, "%s%s", i == 0 ? "" : ",",
                      i != found
                          ? "null"
                          : "{\"slot\":77,\"confirmations\":null,\"err\":null,\"status\":{"
                            "\"Ok\":null},\"confirmationStatus\":\"finalized\"}");
    ls_buf_add_text(&body, "]}}]");
    assert_false(ls_failed(look_round_note(round, chunk, body.data, body.length)));
    ls_buf_done(&body);
}

static void attempts_are_asked_about_in_as_few_questions_as_can_be(void **state)
{
    (void)state;
    struct look_round *round = round_new(1);
    for (int i = 0; i < 300; i++) take(round, i + 1, i != 0); /* the first signed nothing */

    look_round_cut(round);

    assert_int_equal(round->chunk_count, 2);
    assert_int_equal(round->chunk_rows[0], LS_RPC_STATUSES_MAX);
    assert_int_equal(round->chunk_rows[1], 299 - LS_RPC_STATUSES_MAX);
    assert_int_equal(round->at[0][0], 1);
    answer(round, 0, 500, 3);
    answer(round, 1, 500, -1);
    look_round_judge(round);
    assert_int_equal(round->found_count, 300);
    assert_int_equal(round->found[0].look, LS_LOOK_NOTHING_SENT);
    assert_int_equal(round->found[1].look, LS_LOOK_NOT_FOUND);
    assert_int_equal(round->found[4].look, LS_LOOK_LANDED);
    assert_int_equal(round->found[4].slot, 77);
    assert_int_equal(round->found[299].look, LS_LOOK_NOT_FOUND);
    free(round);
}

static void what_one_endpoint_has_no_other_can_hide(void **state)
{
    (void)state;
    struct look_round *round = round_new(2);
    take(round, 7, true);
    take(round, 7, true); /* of two attempts the second landed */
    look_round_cut(round);

    answer(round, 0, 900, -1);
    answer(round, 0, 50, 1);
    answer(round, 0, 900, -1);
    look_round_judge(round);

    assert_int_equal(round->found_count, 1);
    assert_int_equal(round->found[0].look, LS_LOOK_LANDED);
    assert_true(round->found[0].signature[0] != '\0');
    free(round);
}

static void an_attempt_that_nobody_told_of_is_no_answer(void **state)
{
    (void)state;
    struct look_round *round = round_new(1);
    for (int i = 0; i < LS_RPC_STATUSES_MAX + 1; i++) take(round, 7, true);
    look_round_cut(round);

    answer(round, 0, 900, -1); /* and the second question is lost */
    assert_true(ls_failed(look_round_note(round, 1, "<html>", 6)));
    look_round_judge(round);

    assert_int_equal(round->found_count, 1);
    assert_int_equal(round->found[0].look, LS_LOOK_NO_ANSWER);
    assert_non_null(strstr(round->found[0].detail, "0 of 1 endpoints answered"));
    free(round);
}

static void an_operation_whose_attempts_are_not_all_there_is_not_judged(void **state)
{
    (void)state;
    struct look_round *round = round_new(1);
    take(round, 6, true);
    for (int i = 0; i < LOOK_ROWS_MAX; i++) take(round, 7, true); /* one more than fits */
    look_round_cut(round);

    for (size_t i = 0; i < round->chunk_count; i++) answer(round, i, 900, -1);
    look_round_judge(round);

    assert_int_equal(round->found_count, 1);
    assert_int_equal(round->found[0].op.value, 6);
    free(round);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attempts_are_asked_about_in_as_few_questions_as_can_be),
        cmocka_unit_test(what_one_endpoint_has_no_other_can_hide),
        cmocka_unit_test(an_attempt_that_nobody_told_of_is_no_answer),
        cmocka_unit_test(an_operation_whose_attempts_are_not_all_there_is_not_judged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
