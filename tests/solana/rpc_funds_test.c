#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/solana/rpc.h"

static enum ls_rpc_class class_of(const char *err)
{
    char body[512];
    (void)snprintf(
        body, sizeof body,
        "[{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32002,\"message\":\"m\","
        "\"data\":{\"err\":%s,\"logs\":[]}}}]",
        err);
    ls_rpc_reply *reply = NULL;
    struct ls_rpc_error error = {0};
    assert_false(ls_failed(ls_rpc_read(body, strlen(body), 1, &reply)));
    assert_true(ls_rpc_error_at(reply, 0, &error));
    ls_rpc_reply_free(reply);
    return error.rpc_class;
}

static void a_payer_without_funds_waits_for_funds(void **state)
{
    (void)state;
    assert_int_equal(class_of("\"InsufficientFundsForFee\""), LS_CLASS_FUNDS);
    assert_int_equal(class_of("{\"InsufficientFundsForRent\":{\"account_index\":0}}"),
                     LS_CLASS_FUNDS);
}

static void another_account_below_its_rent_is_permanent(void **state)
{
    (void)state;
    assert_int_equal(class_of("{\"InsufficientFundsForRent\":{\"account_index\":2}}"),
                     LS_CLASS_PERMANENT);
}

static void a_known_program_s_own_error_is_named(void **state)
{
    (void)state;
    char cause[64];
    struct ls_rpc_error error = {.has_instruction = true, .has_custom = true, .custom = 1};
    (void)snprintf(error.name, sizeof error.name, "InstructionError:Custom:1");

    ls_rpc_error_cause(&error, "token", cause, sizeof cause);
    assert_string_equal(cause, "token:InsufficientFunds");
    ls_rpc_error_cause(&error, NULL, cause, sizeof cause);
    assert_string_equal(cause, "InstructionError:Custom:1");
    error.custom = 77;
    ls_rpc_error_cause(&error, "token", cause, sizeof cause);
    assert_string_equal(cause, "InstructionError:Custom:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_payer_without_funds_waits_for_funds),
        cmocka_unit_test(a_known_program_s_own_error_is_named),
        cmocka_unit_test(another_account_below_its_rent_is_permanent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
