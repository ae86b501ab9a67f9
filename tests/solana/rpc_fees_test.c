#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/solana/rpc.h"

static ls_rpc_reply *reply_of(const char *result)
{
    char body[1024];
    ls_rpc_reply *reply = NULL;
    const int length =
        snprintf(body, sizeof body, "[{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":%s}]", result);
    assert_int_equal(ls_rpc_read(body, (size_t)length, 1, &reply).code, LS_CODE_OK);
    return reply;
}

static uint64_t fee_of(const char *result, int32_t permille)
{
    uint64_t fee = 99;
    ls_rpc_reply *reply = reply_of(result);
    assert_int_equal(ls_rpc_priority_fee_at(reply, 0, permille, &fee).code, LS_CODE_OK);
    ls_rpc_reply_free(reply);
    return fee;
}

static void the_fee_is_a_percentile_of_the_recent_slots(void **state)
{
    (void)state;
    static const char fees[] = "[{\"slot\":1,\"prioritizationFee\":30},"
                               "{\"slot\":2,\"prioritizationFee\":10},"
                               "{\"slot\":3,\"prioritizationFee\":0},"
                               "{\"slot\":4,\"prioritizationFee\":20},"
                               "{\"slot\":5,\"prioritizationFee\":40}]";

    assert_int_equal(fee_of(fees, 0), 0);
    assert_int_equal(fee_of(fees, 500), 20);
    assert_int_equal(fee_of(fees, 750), 30);
    assert_int_equal(fee_of(fees, 1000), 40);
    assert_int_equal(fee_of("[]", 750), 0);
}

static void what_is_no_list_of_fees_is_corrupt(void **state)
{
    (void)state;
    static const char *const bad[] = {"{}", "[7]", "[{\"slot\":1}]",
                                      "[{\"prioritizationFee\":-1}]"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t fee = 99;
        ls_rpc_reply *reply = reply_of(bad[i]);
        assert_int_equal(ls_rpc_priority_fee_at(reply, 0, 500, &fee).code, LS_CODE_CORRUPT);
        assert_int_equal(fee, 99);
        ls_rpc_reply_free(reply);
    }
}

static void a_simulation_tells_units_or_the_error(void **state)
{
    (void)state;
    struct ls_rpc_simulation simulation = {0};
    ls_rpc_reply *reply =
        reply_of("{\"context\":{\"slot\":1},\"value\":{\"err\":null,\"unitsConsumed\":450}}");
    assert_int_equal(ls_rpc_simulation_at(reply, 0, &simulation).code, LS_CODE_OK);
    assert_false(simulation.has_error);
    assert_int_equal(simulation.units, 450);
    ls_rpc_reply_free(reply);

    reply = reply_of("{\"value\":{\"err\":{\"InstructionError\":[2,{\"Custom\":1}]}}}");
    assert_int_equal(ls_rpc_simulation_at(reply, 0, &simulation).code, LS_CODE_OK);
    assert_true(simulation.has_error);
    assert_int_equal(simulation.error.instruction, 2);
    assert_int_equal(simulation.error.rpc_class, LS_CLASS_PERMANENT);
    ls_rpc_reply_free(reply);

    reply = reply_of("{\"value\":{}}");
    assert_int_equal(ls_rpc_simulation_at(reply, 0, &simulation).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);
}

static void fees_and_simulations_are_asked_as_the_node_wants_them(void **state)
{
    (void)state;
    static const struct ls_address zero;
    static const uint8_t tx[] = {1, 2, 3};
    struct ls_rpc_batch batch;
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    ls_rpc_open(&batch, &out);
    (void)ls_rpc_get_priority_fees(&batch, &zero, 1);
    (void)ls_rpc_simulate(&batch, tx, sizeof tx, LS_CONFIRMED);
    ls_rpc_close(&batch);

    assert_string_equal(
        ls_buf_text(&out),
        "[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"getRecentPrioritizationFees\",\"params\":"
        "[[\"11111111111111111111111111111111\"]]},"
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"simulateTransaction\",\"params\":[\"AQID\","
        "{\"encoding\":\"base64\",\"sigVerify\":false,\"replaceRecentBlockhash\":true,"
        "\"commitment\":\"confirmed\"}]}]");
    ls_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fee_is_a_percentile_of_the_recent_slots),
        cmocka_unit_test(what_is_no_list_of_fees_is_corrupt),
        cmocka_unit_test(a_simulation_tells_units_or_the_error),
        cmocka_unit_test(fees_and_simulations_are_asked_as_the_node_wants_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
