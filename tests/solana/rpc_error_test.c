#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/solana/rpc.h"
#include "lockstep/solana/rpc_error.h"

/* The error that a response with this "error" member gives. */
static struct ls_rpc_error read_error(const char *error)
{
    char body[1024];
    ls_rpc_reply *reply = NULL;
    struct ls_rpc_error read;
    const int length = snprintf(body, sizeof body, "[{\"id\":0,\"error\":%s}]", error);
    assert_int_equal(ls_rpc_read(body, (size_t)length, 1, &reply).code, LS_CODE_OK);
    assert_true(ls_rpc_error_at(reply, 0, &read));
    ls_rpc_reply_free(reply);
    return read;
}

static struct ls_rpc_error read_preflight(const char *err)
{
    char error[512];
    snprintf(
        error, sizeof error,
        "{\"code\":-32002,\"message\":\"Transaction simulation failed\",\"data\":{\"err\":%s,"
        "\"logs\":[]}}",
        err);
    return read_error(error);
}

static void every_code_has_its_class(void **state)
{
    (void)state;
    static const struct {
        int64_t code;
        const char *name;
    } cases[] = {
        {-32001, "E"}, {-32002, "X"}, {-32003, "P"}, {-32004, "E"}, {-32005, "E"},
        {-32006, "P"}, {-32007, "E"}, {-32008, "E"}, {-32009, "E"}, {-32010, "E"},
        {-32011, "E"}, {-32012, "E"}, {-32013, "P"}, {-32014, "E"}, {-32015, "P"},
        {-32016, "E"}, {-32017, "E"}, {-32018, "E"}, {-32019, "E"}, {-32602, "P"},
        {-32603, "X"}, {0, "X"},      {-1, "X"},     {429, "X"},    {INT64_MIN, "X"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(ls_rpc_class_name(ls_rpc_class_of_code(cases[i].code)),
                            cases[i].name);
}

static void every_transaction_error_has_its_class(void **state)
{
    (void)state;
    static const struct {
        const char *error;
        const char *name;
    } cases[] = {
        {"AlreadyProcessed", "L"},
        {"BlockhashNotFound", "X"},
        {"AccountInUse", "T"},
        {"WouldExceedMaxBlockCostLimit", "T"},
        {"WouldExceedMaxAccountCostLimit", "T"},
        {"WouldExceedMaxVoteCostLimit", "T"},
        {"WouldExceedAccountDataBlockLimit", "T"},
        {"WouldExceedAccountDataTotalLimit", "T"},
        {"ClusterMaintenance", "T"},
        {"ProgramCacheHitMaxLimit", "T"},
        {"ProgramExecutionTemporarilyRestricted", "T"},
        {"ResanitizationNeeded", "T"},
        {"CommitCancelled", "T"},
        {"InsufficientFundsForFee", "H"},
        {"AccountNotFound", "H"},
        {"InsufficientFundsForRent", "H"},
        {"InvalidRentPayingAccount", "H"},
        {"MaxLoadedAccountsDataSizeExceeded", "P"},
        {"InstructionError", "P"},
        {"InstructionError:Custom:1", "P"},
        {"InstructionError:ComputationalBudgetExceeded", "P"},
        {"SignatureFailure", "P"},
        {"SanitizeFailure", "P"},
        {"AccountLoadedTwice", "P"},
        {"InvalidAccountForFee", "P"},
        {"DuplicateInstruction", "P"},
        {"AddressLookupTableNotFound", "P"},
        {"", "X"},
        {"accountinuse", "X"},
        {"SomethingOfNextYear", "X"},
        {"InstructionErrors", "X"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(
            ls_rpc_class_name(ls_rpc_class_of_transaction_error(cases[i].error)),
            cases[i].name);
}

static void every_http_status_has_its_class(void **state)
{
    (void)state;
    static const struct {
        int32_t status;
        const char *name;
    } cases[] = {{429, "T"}, {401, "E"}, {403, "E"}, {404, "E"}, {410, "E"}, {408, "X"},
                 {500, "X"}, {502, "X"}, {503, "X"}, {504, "X"}, {413, "X"}, {0, "X"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(ls_rpc_class_name(ls_rpc_class_of_http(cases[i].status)),
                            cases[i].name);
}

static void a_preflight_failure_is_judged_by_its_transaction_error(void **state)
{
    (void)state;
    static const struct {
        const char *err;
        const char *name;
        const char *rpc_class;
    } cases[] = {
        {"\"BlockhashNotFound\"", "BlockhashNotFound", "X"},
        {"\"AlreadyProcessed\"", "AlreadyProcessed", "L"},
        {"\"InsufficientFundsForFee\"", "InsufficientFundsForFee", "H"},
        {"{\"InsufficientFundsForRent\":{\"account_index\":0}}", "InsufficientFundsForRent",
         "H"},
        {"{\"InsufficientFundsForRent\":{\"account_index\":2}}", "InsufficientFundsForRent",
         "P"},
        {"{\"DuplicateInstruction\":3}", "DuplicateInstruction", "P"},
        {"{\"InstructionError\":[2,\"InvalidAccountData\"]}",
         "InstructionError:InvalidAccountData", "P"},
        {"{\"InstructionError\":[0,{\"BorshIoError\":\"x\"}]}", "InstructionError:BorshIoError",
         "P"},
        {"{\"InstructionError\":[0,{\"Custom\":4294967295}]}",
         "InstructionError:Custom:4294967295", "P"},
        {"\"Next Year's; <b>\"", "Next?Year?s???b?", "X"},
        {"null", "rpc -32002", "X"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct ls_rpc_error error = read_preflight(cases[i].err);

        assert_string_equal(error.name, cases[i].name);
        assert_string_equal(ls_rpc_class_name(error.rpc_class), cases[i].rpc_class);
        assert_int_equal(error.code, -32002);
    }
}

static void the_failing_instruction_and_its_custom_error_are_read(void **state)
{
    (void)state;
    struct ls_rpc_error error = read_preflight("{\"InstructionError\":[3,{\"Custom\":17}]}");
    assert_true(error.has_instruction);
    assert_int_equal(error.instruction, 3);
    assert_true(error.has_custom);
    assert_int_equal(error.custom, 17);

    error = read_preflight("{\"InstructionError\":[255,\"MissingAccount\"]}");
    assert_true(error.has_instruction);
    assert_int_equal(error.instruction, 255);
    assert_false(error.has_custom);

    error = read_preflight("\"AccountInUse\"");
    assert_false(error.has_instruction);
}

static void an_error_that_cannot_be_read_is_never_permanent(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "7",
        "[]",
        "{}",
        "true",
        "{\"A\":1,\"B\":2}",
        "{\"InstructionError\":null}",
        "{\"InstructionError\":[]}",
        "{\"InstructionError\":[0]}",
        "{\"InstructionError\":[0,\"Custom\",1]}",
        "{\"InstructionError\":[-1,\"InvalidAccountData\"]}",
        "{\"InstructionError\":[256,\"InvalidAccountData\"]}",
        "{\"InstructionError\":[\"0\",\"InvalidAccountData\"]}",
        "{\"InstructionError\":[0,7]}",
        "{\"InstructionError\":[0,{}]}",
        "{\"InstructionError\":[0,{\"Custom\":-1}]}",
        "{\"InstructionError\":[0,{\"Custom\":4294967296}]}",
        "{\"InstructionError\":[0,{\"Custom\":\"1\"}]}",
        "\"InstructionError\"",
        "\"a\\u0000b\"",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct ls_rpc_error error = read_preflight(bad[i]);
        if (error.rpc_class != LS_CLASS_AMBIGUOUS) fail_msg("judged: %s", bad[i]);
    }
}

static void other_codes_are_judged_without_their_data(void **state)
{
    (void)state;
    struct ls_rpc_error error =
        read_error("{\"code\":-32005,\"message\":\"Node is behind\",\"data\":{\"err\":"
                   "\"AlreadyProcessed\",\"numSlotsBehind\":42}}");
    assert_string_equal(error.name, "rpc -32005");
    assert_int_equal(error.rpc_class, LS_CLASS_ELSEWHERE);
    assert_int_equal(error.code, -32005);

    error = read_error("{\"code\":-32002,\"message\":\"no data\"}");
    assert_string_equal(error.name, "rpc -32002");
    assert_int_equal(error.rpc_class, LS_CLASS_AMBIGUOUS);
}

static void long_names_are_cut(void **state)
{
    (void)state;
    char err[128];
    memset(err, 'N', sizeof err);
    err[0] = '"';
    err[126] = '"';
    err[127] = '\0';

    const struct ls_rpc_error error = read_preflight(err);

    assert_int_equal(strlen(error.name), sizeof error.name - 1);
    assert_int_equal(error.rpc_class, LS_CLASS_AMBIGUOUS);
}

static void
assert_explained(const struct ls_rpc_error *error, const char *program, const char *expected)
{
    char text[160];
    ls_rpc_error_explain(error, program, text, sizeof text);
    assert_string_equal(text, expected);
}

static void errors_are_explained_in_a_sentence(void **state)
{
    (void)state;
    struct ls_rpc_error error = read_preflight("{\"InstructionError\":[1,{\"Custom\":1}]}");
    assert_explained(&error, "token",
                     "the token account has too little (Token program error 1)");
    assert_explained(&error, "token-2022",
                     "the token account has too little (Token-2022 program error 1)");
    assert_explained(&error, "system",
                     "the payer has too few lamports (System program error 1)");
    assert_explained(&error, "memo", "an instruction failed (Memo program error 1)");
    assert_explained(&error, "other", "instruction 2 failed: InstructionError:Custom:1");
    assert_explained(&error, NULL, "instruction 2 failed: InstructionError:Custom:1");

    error = read_preflight("{\"InstructionError\":[0,\"InvalidAccountData\"]}");
    assert_explained(&error, "ata",
                     "instruction 1 failed in the Associated Token Account program: "
                     "InstructionError:InvalidAccountData");
    error = read_preflight("\"InsufficientFundsForFee\"");
    assert_explained(&error, NULL, "the payer cannot pay the fee (InsufficientFundsForFee)");
    error = read_error("{\"code\":-32005}");
    assert_explained(&error, NULL, "the endpoint is behind or limits our rate (rpc -32005)");
    error = read_error("{\"code\":-77}");
    assert_explained(&error, NULL, "the endpoint's answer is not understood (rpc -77)");
    error = read_error("7");
    assert_explained(&error, NULL, "the endpoint's answer is not understood (rpc malformed)");
}

static void an_explanation_is_cut_at_its_room(void **state)
{
    (void)state;
    const struct ls_rpc_error error = read_preflight("\"InsufficientFundsForFee\"");
    char text[10];
    memset(text, 'x', sizeof text);

    ls_rpc_error_explain(&error, NULL, text, 4);

    assert_string_equal(text, "the");
    assert_int_equal(text[4], 'x');
}

static void every_class_has_its_letter(void **state)
{
    (void)state;
    assert_string_equal(ls_rpc_class_name(LS_CLASS_LANDED), "L");
    assert_string_equal(ls_rpc_class_name(LS_CLASS_TRANSIENT), "T");
    assert_string_equal(ls_rpc_class_name(LS_CLASS_ELSEWHERE), "E");
    assert_string_equal(ls_rpc_class_name(LS_CLASS_AMBIGUOUS), "X");
    assert_string_equal(ls_rpc_class_name(LS_CLASS_FUNDS), "H");
    assert_string_equal(ls_rpc_class_name(LS_CLASS_PERMANENT), "P");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_class),
        cmocka_unit_test(every_transaction_error_has_its_class),
        cmocka_unit_test(every_http_status_has_its_class),
        cmocka_unit_test(a_preflight_failure_is_judged_by_its_transaction_error),
        cmocka_unit_test(the_failing_instruction_and_its_custom_error_are_read),
        cmocka_unit_test(an_error_that_cannot_be_read_is_never_permanent),
        cmocka_unit_test(other_codes_are_judged_without_their_data),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(errors_are_explained_in_a_sentence),
        cmocka_unit_test(an_explanation_is_cut_at_its_room),
        cmocka_unit_test(every_class_has_its_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
