#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/base58.h"
#include "lockstep/solana/rpc.h"

#define ONES32 "11111111111111111111111111111111"
#define ONES64 ONES32 ONES32

enum { BODY_MAX = 4096 };

static ls_rpc_reply *read_batch(const char *body, size_t count)
{
    ls_rpc_reply *reply = NULL;
    const ls_err err = ls_rpc_read(body, strlen(body), count, &reply);
    if (ls_failed(err)) fail_msg("not read: %s", body);
    return reply;
}

/* A batch of one with this result. */
static ls_rpc_reply *read_result(const char *result)
{
    char body[BODY_MAX];
    const int length =
        snprintf(body, sizeof body, "[{\"jsonrpc\":\"2.0\",\"result\":%s,\"id\":0}]", result);
    assert_true(length > 0 && (size_t)length < sizeof body);
    return read_batch(body, 1);
}

static void assert_corrupt(const char *body)
{
    ls_rpc_reply *reply = NULL;
    const ls_err err = ls_rpc_read(body, strlen(body), 2, &reply);
    if (err.code != LS_CODE_CORRUPT) fail_msg("taken: %s", body);
    assert_null(reply);
}

static void assert_fault(const ls_rpc_reply *reply, size_t position, const char *name)
{
    struct ls_rpc_error error;
    assert_true(ls_rpc_error_at(reply, position, &error));
    assert_string_equal(error.name, name);
    assert_int_equal(error.rpc_class, LS_CLASS_AMBIGUOUS);
    assert_int_equal(error.code, 0);
}

static void what_is_not_json_rpc_is_corrupt(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "<html><body>502 Bad Gateway</body></html>",
        "[{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":0}",
        "[{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":0}] trailing",
        "[{\"jsonrpc\":\"2.0\",\"result\":1,\"result\":2,\"id\":0}]",
        "null",
        "true",
        "7",
        "\"text\"",
        "{}",
        "{\"jsonrpc\":\"2.0\",\"result\":1,\"id\":0}",
        "{\"error\":null}",
        "{\"error\":{\"code\":1},\"result\":1}",
        "[{\"id\":0,\"result\":1e999}]",
        "[{\"id\":0,\"result\":\"\xff\"}]",
        "\xef\xbb\xbf[]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) assert_corrupt(bad[i]);
}

static void a_zero_byte_makes_a_body_corrupt(void **state)
{
    (void)state;
    static const char body[] = "[{\"id\":0,\"result\":1\0}]";
    ls_rpc_reply *reply = NULL;

    assert_int_equal(ls_rpc_read(body, sizeof body - 1, 1, &reply).code, LS_CODE_CORRUPT);
}

static void nesting_beyond_the_maximum_is_corrupt_and_at_it_is_read(void **state)
{
    (void)state;
    enum { INNER = LS_RPC_DEPTH_MAX - 2 };
    char nested[2 * INNER + 1] = {0};
    memset(nested, '[', INNER);
    memset(nested + INNER, ']', INNER);
    ls_rpc_reply *reply = read_result(nested);
    struct ls_rpc_error error;
    assert_false(ls_rpc_error_at(reply, 0, &error));
    ls_rpc_reply_free(reply);

    char body[BODY_MAX];
    snprintf(body, sizeof body, "[{\"id\":0,\"result\":[%s]}]", nested);
    assert_corrupt(body);
    memset(body, '[', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    assert_corrupt(body);
}

static void a_body_beyond_the_maximum_is_corrupt(void **state)
{
    (void)state;
    const size_t bytes = (size_t)LS_RPC_BODY_BYTES_MAX + 1;
    char *body = malloc(bytes);
    ls_rpc_reply *reply = NULL;
    assert_non_null(body);
    memset(body, ' ', bytes);
    memcpy(body, "[]", 2);

    assert_int_equal(ls_rpc_read(body, bytes, 1, &reply).code, LS_CODE_CORRUPT);

    assert_int_equal(ls_rpc_read(body, bytes - 1, 1, &reply).code, LS_CODE_OK);
    ls_rpc_reply_free(reply);
    free(body);
}

static void answers_are_matched_by_id_in_any_order(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_batch("[{\"id\":2,\"result\":30},{\"id\":0,\"result\":10},"
                                     "{\"id\":1,\"error\":{\"code\":-32005,\"message\":\"\"}}]",
                                     3);
    struct ls_rpc_error error;
    uint64_t lamports = 0;

    assert_int_equal(ls_rpc_lamports_at(reply, 0, &lamports).code, LS_CODE_OK);
    assert_int_equal(lamports, 10);
    assert_int_equal(ls_rpc_lamports_at(reply, 2, &lamports).code, LS_CODE_OK);
    assert_int_equal(lamports, 30);
    assert_int_equal(ls_rpc_lamports_at(reply, 1, &lamports).code, LS_CODE_REFUSED);
    assert_int_equal(lamports, 30);
    assert_true(ls_rpc_error_at(reply, 1, &error));
    assert_string_equal(error.name, "rpc -32005");
    assert_int_equal(error.rpc_class, LS_CLASS_ELSEWHERE);
    ls_rpc_reply_free(reply);
}

static void what_cannot_be_matched_is_ambiguous_never_guessed(void **state)
{
    (void)state;
    ls_rpc_reply *reply =
        read_batch("[{\"id\":1,\"result\":1},{\"id\":1,\"result\":1},"       /* doubled */
                   "{\"id\":2},"                                             /* neither */
                   "{\"id\":3,\"result\":1,\"error\":{\"code\":1}},"         /* both */
                   "{\"id\":\"4\",\"result\":1},{\"id\":null,\"result\":1}," /* no number */
                   "{\"id\":9,\"result\":1},{\"id\":-1,\"result\":1},"       /* not asked */
                   "{\"id\":5.5,\"result\":1},{\"result\":1},7,null,[],{},"  /* no id */
                   "{\"id\":6,\"error\":\"no\"},{\"id\":7,\"error\":{\"code\":\"1\"}},"
                   "{\"id\":8,\"error\":false}]",
                   9);

    assert_fault(reply, 0, "rpc missing");
    assert_fault(reply, 1, "rpc doubled");
    assert_fault(reply, 2, "rpc malformed");
    assert_fault(reply, 3, "rpc malformed");
    assert_fault(reply, 4, "rpc missing");
    assert_fault(reply, 5, "rpc missing");
    assert_fault(reply, 6, "rpc malformed");
    assert_fault(reply, 7, "rpc malformed");
    assert_fault(reply, 8, "rpc malformed");
    ls_rpc_reply_free(reply);
}

static void an_empty_batch_leaves_every_position_missing(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_batch("[]", LS_RPC_BATCH_MAX);

    assert_fault(reply, 0, "rpc missing");
    assert_fault(reply, LS_RPC_BATCH_MAX - 1, "rpc missing");
    ls_rpc_reply_free(reply);
}

static void one_error_for_the_whole_batch_is_given_to_each(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_batch(
        "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32602,\"message\":\"too big\"},\"id\":null}",
        3);
    for (size_t i = 0; i < 3; i++) {
        struct ls_rpc_error error;
        assert_true(ls_rpc_error_at(reply, i, &error));
        assert_int_equal(error.code, -32602);
        assert_int_equal(error.rpc_class, LS_CLASS_PERMANENT);
    }
    ls_rpc_reply_free(reply);
}

static void null_beside_its_sibling_counts_as_absent(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_batch("[{\"id\":0,\"result\":5,\"error\":null},"
                                     "{\"id\":1,\"result\":null,\"error\":{\"code\":-32603}},"
                                     "{\"id\":2,\"result\":null}]",
                                     3);
    struct ls_rpc_error error;
    uint64_t lamports = 0;

    assert_int_equal(ls_rpc_lamports_at(reply, 0, &lamports).code, LS_CODE_OK);
    assert_true(ls_rpc_error_at(reply, 1, &error));
    assert_string_equal(error.name, "rpc -32603");
    assert_false(ls_rpc_error_at(reply, 2, &error));
    assert_int_equal(ls_rpc_lamports_at(reply, 2, &lamports).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);
}

static void a_blockhash_is_read_with_its_last_height(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_result(
        "{\"context\":{\"apiVersion\":\"2.2.0\",\"slot\":2792},\"value\":{\"blockhash\":"
        "\"EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N\",\"lastValidBlockHeight\":3090}}");
    struct ls_rpc_blockhash read = {0};
    char text[LS_HASH_TEXT_BYTES];

    assert_int_equal(ls_rpc_blockhash_at(reply, 0, &read).code, LS_CODE_OK);

    ls_hash_text(&read.blockhash, text);
    assert_string_equal(text, "EkSnNWid2cvwEVnVx9aBqawnmiCNiDgp3gUdkDPTKN1N");
    assert_int_equal(read.last_valid_height, 3090);
    assert_int_equal(read.slot, 2792);
    ls_rpc_reply_free(reply);
}

static void a_blockhash_of_another_shape_is_corrupt_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "null",
        "7",
        "[]",
        "{}",
        "{\"value\":{\"blockhash\":\"" ONES32 "\",\"lastValidBlockHeight\":1}}",
        "{\"context\":{\"slot\":1},\"value\":null}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":\"" ONES32 "\"}}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":\"0\",\"lastValidBlockHeight\":1}}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":7,\"lastValidBlockHeight\":1}}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":\"" ONES32 "\\u0000\","
        "\"lastValidBlockHeight\":1}}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":\"" ONES32 "\","
        "\"lastValidBlockHeight\":-1}}",
        "{\"context\":{\"slot\":1},\"value\":{\"blockhash\":\"" ONES32 "\","
        "\"lastValidBlockHeight\":1.5}}",
        "{\"context\":{\"slot\":\"1\"},\"value\":{\"blockhash\":\"" ONES32 "\","
        "\"lastValidBlockHeight\":1}}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ls_rpc_reply *reply = read_result(bad[i]);
        struct ls_rpc_blockhash read = {.slot = 77};

        if (ls_rpc_blockhash_at(reply, 0, &read).code != LS_CODE_CORRUPT)
            fail_msg("taken: %s", bad[i]);

        assert_int_equal(read.slot, 77);
        ls_rpc_reply_free(reply);
    }
}

static void epoch_identity_genesis_and_signature_are_read(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_batch(
        "[{\"id\":0,\"result\":{\"absoluteSlot\":166598,\"blockHeight\":166500,\"epoch\":27,"
        "\"slotIndex\":2790,\"slotsInEpoch\":8192,\"transactionCount\":22661093}},"
        "{\"id\":1,\"result\":{\"identity\":\"2r1F4iWqVcb8M1DbAjQuFpebkQHY9hcVU4WuW2DJBppN\"}},"
        "{\"id\":2,\"result\":\"GH7ome3EiwEr7tu9JuTh2dpYWBJK3z69Xm1ZE3MEE6JC\"},"
        "{\"id\":3,\"result\":\"" ONES64 "\"}]",
        4);
    struct ls_rpc_epoch epoch = {0};
    struct ls_address identity;
    struct ls_hash genesis;
    struct ls_signature signature = {{1}};
    char text[LS_HASH_TEXT_BYTES];

    assert_int_equal(ls_rpc_epoch_at(reply, 0, &epoch).code, LS_CODE_OK);
    assert_int_equal(epoch.height, 166500);
    assert_int_equal(epoch.slot, 166598);
    assert_int_equal(ls_rpc_identity_at(reply, 1, &identity).code, LS_CODE_OK);
    ls_address_text(&identity, text);
    assert_string_equal(text, "2r1F4iWqVcb8M1DbAjQuFpebkQHY9hcVU4WuW2DJBppN");
    assert_int_equal(ls_rpc_genesis_at(reply, 2, &genesis).code, LS_CODE_OK);
    ls_hash_text(&genesis, text);
    assert_string_equal(text, "GH7ome3EiwEr7tu9JuTh2dpYWBJK3z69Xm1ZE3MEE6JC");
    assert_int_equal(ls_rpc_signature_at(reply, 3, &signature).code, LS_CODE_OK);
    assert_int_equal(signature.bytes[0], 0);

    assert_int_equal(ls_rpc_epoch_at(reply, 1, &epoch).code, LS_CODE_CORRUPT);
    assert_int_equal(ls_rpc_identity_at(reply, 2, &identity).code, LS_CODE_CORRUPT);
    assert_int_equal(ls_rpc_genesis_at(reply, 3, &genesis).code, LS_CODE_CORRUPT);
    assert_int_equal(ls_rpc_signature_at(reply, 2, &signature).code, LS_CODE_CORRUPT);
    assert_int_equal(ls_rpc_signature_at(reply, 0, &signature).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);
}

static void lamports_are_read_from_a_balance_and_from_rent(void **state)
{
    (void)state;
    static const struct {
        const char *result;
        bool is_good;
        uint64_t lamports;
    } cases[] = {
        {"{\"context\":{\"slot\":1},\"value\":9007199254740993}", true, 9007199254740993},
        {"{\"context\":{\"slot\":1},\"value\":0}", true, 0},
        {"9223372036854775807", true, INT64_MAX},
        {"1461600", true, 1461600},
        {"-1", false, 0},
        {"18446744073709551615", false, 0},
        {"0.5", false, 0},
        {"1e300", false, 0},
        {"\"5\"", false, 0},
        {"{\"value\":null}", false, 0},
        {"null", false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ls_rpc_reply *reply = read_result(cases[i].result);
        uint64_t lamports = 77;

        const ls_err err = ls_rpc_lamports_at(reply, 0, &lamports);

        assert_int_equal(err.code, cases[i].is_good ? LS_CODE_OK : LS_CODE_CORRUPT);
        assert_int_equal(lamports, cases[i].is_good ? cases[i].lamports : 77);
        ls_rpc_reply_free(reply);
    }
}

static void a_number_beyond_int64_elsewhere_does_not_spoil_the_body(void **state)
{
    (void)state;
    ls_rpc_reply *reply =
        read_batch("[{\"id\":0,\"result\":5},"
                   "{\"id\":1,\"error\":{\"code\":-32002,\"message\":\"m\",\"data\":{\"err\":"
                   "{\"InstructionError\":[1,{\"Custom\":1}]},\"accounts\":[{\"rentEpoch\":"
                   "18446744073709551615}]}}},"
                   "{\"id\":2,\"result\":9007199254740994}]",
                   3);
    struct ls_rpc_error error;
    uint64_t lamports = 0;

    assert_int_equal(ls_rpc_lamports_at(reply, 0, &lamports).code, LS_CODE_OK);
    assert_int_equal(lamports, 5);
    assert_true(ls_rpc_error_at(reply, 1, &error));
    assert_string_equal(error.name, "InstructionError:Custom:1");
    assert_int_equal(error.instruction, 1);
    assert_int_equal(ls_rpc_lamports_at(reply, 2, &lamports).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);
}

static void statuses_are_read_found_failed_or_null(void **state)
{
    (void)state;
    ls_rpc_reply *reply = read_result(
        "{\"context\":{\"slot\":82},\"value\":["
        "{\"slot\":48,\"confirmations\":null,\"err\":null,\"status\":{\"Ok\":null},"
        "\"confirmationStatus\":\"finalized\"},null,"
        "{\"slot\":72,\"confirmations\":10,\"err\":{\"InstructionError\":[0,{\"Custom\":1}]},"
        "\"status\":{\"Err\":{\"InstructionError\":[0,{\"Custom\":1}]}},"
        "\"confirmationStatus\":\"confirmed\"},"
        "{\"slot\":73,\"confirmations\":0,\"err\":null,\"confirmationStatus\":\"processed\"}]"
        "}");
    struct ls_rpc_status statuses[4];
    int64_t slot = 0;

    assert_int_equal(ls_rpc_statuses_at(reply, 0, statuses, 4, &slot).code, LS_CODE_OK);

    assert_int_equal(slot, 82);
    assert_true(statuses[0].is_found);
    assert_int_equal(statuses[0].commitment, LS_FINALIZED);
    assert_int_equal(statuses[0].slot, 48);
    assert_false(statuses[0].has_error);
    assert_false(statuses[1].is_found);
    assert_true(statuses[2].has_error);
    assert_int_equal(statuses[2].commitment, LS_CONFIRMED);
    assert_string_equal(statuses[2].error.name, "InstructionError:Custom:1");
    assert_int_equal(statuses[2].error.code, 0);
    assert_int_equal(statuses[2].error.instruction, 0);
    assert_true(statuses[2].error.has_custom);
    assert_int_equal(statuses[2].error.custom, 1);
    assert_int_equal(statuses[3].commitment, LS_PROCESSED);
    ls_rpc_reply_free(reply);
}

static void a_list_of_statuses_that_is_wrong_anywhere_is_corrupt(void **state)
{
    (void)state;
#define GOOD "{\"slot\":1,\"err\":null,\"confirmationStatus\":\"confirmed\"}"
    static const char *const bad[] = {
        "{\"context\":{\"slot\":1},\"value\":[]}",
        "{\"context\":{\"slot\":1},\"value\":[null]}",
        "{\"context\":{\"slot\":1},\"value\":[null,null,null]}",
        "{\"context\":{},\"value\":[null,null]}",
        "[null,null]",
        "{\"context\":{\"slot\":1},\"value\":{}}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD ",7]}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD ",{}]}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD ",{\"slot\":1,\"err\":null}]}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD
        ",{\"slot\":1,\"confirmationStatus\":\"confirmed\"}]}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD
        ",{\"slot\":1,\"err\":null,\"confirmationStatus\":\"rooted\"}]}",
        "{\"context\":{\"slot\":1},\"value\":[" GOOD
        ",{\"slot\":-1,\"err\":null,\"confirmationStatus\":\"confirmed\"}]}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ls_rpc_reply *reply = read_result(bad[i]);
        struct ls_rpc_status statuses[2] = {{.slot = 77}};
        int64_t slot = 77;

        if (ls_rpc_statuses_at(reply, 0, statuses, 2, &slot).code != LS_CODE_CORRUPT)
            fail_msg("taken: %s", bad[i]);

        assert_int_equal(statuses[0].slot, 77);
        assert_int_equal(slot, 77);
        ls_rpc_reply_free(reply);
    }
}

static void a_page_of_signatures_is_read_with_its_memos(void **state)
{
    (void)state;
    ls_rpc_reply *reply =
        read_result("[{\"signature\":\"" ONES64 "\",\"slot\":114,\"err\":null,\"memo\":null,"
                    "\"blockTime\":null,\"confirmationStatus\":\"finalized\"},"
                    "{\"signature\":\"" ONES64 "\",\"slot\":113,\"err\":\"AccountInUse\","
                    "\"memo\":\"[9] ls1:h\\u00e9llo\"}]");
    struct ls_rpc_signature_info infos[3];
    size_t count = 0;

    assert_int_equal(ls_rpc_signatures_at(reply, 0, infos, 3, &count).code, LS_CODE_OK);

    assert_int_equal(count, 2);
    assert_int_equal(infos[0].slot, 114);
    assert_false(infos[0].has_error);
    assert_string_equal(infos[0].memo, "");
    assert_true(infos[1].has_error);
    assert_string_equal(infos[1].memo, "[9] ls1:héllo");
    assert_int_equal(ls_rpc_signatures_at(reply, 0, infos, 1, &count).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);
}

static void a_strangers_memo_is_cut_and_its_zero_character_shows(void **state)
{
    (void)state;
    static const char start[] = "[{\"signature\":\"" ONES64 "\",\"slot\":1,\"err\":null,"
                                "\"memo\":\"ls1:tag\\u0000";
    char body[BODY_MAX];
    struct ls_rpc_signature_info info;
    size_t count = 0;
    snprintf(body, sizeof body, "%s", start);
    for (size_t i = 0; i < 700; i++) memcpy(body + sizeof start - 1 + 2 * i, "é", 3);
    memcpy(body + sizeof start - 1 + 1400, "\"}]", 4);
    ls_rpc_reply *reply = read_result(body);

    assert_int_equal(ls_rpc_signatures_at(reply, 0, &info, 1, &count).code, LS_CODE_OK);

    assert_memory_equal(info.memo, "ls1:tag\xef\xbf\xbdé", 12);
    assert_int_equal(strlen(info.memo), sizeof info.memo - 2); /* no half scalar at the end */
    assert_int_equal((unsigned char)info.memo[strlen(info.memo) - 1], 0xa9);
    ls_rpc_reply_free(reply);
}

static void a_page_of_another_shape_is_corrupt(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "null",
        "{}",
        "[7]",
        "[{}]",
        "[{\"signature\":\"" ONES64 "\",\"slot\":1}]",
        "[{\"signature\":\"" ONES32 "\",\"slot\":1,\"err\":null}]",
        "[{\"signature\":\"" ONES64 "\",\"slot\":null,\"err\":null}]",
        "[{\"signature\":\"" ONES64 "\",\"slot\":1,\"err\":null,\"memo\":7}]",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ls_rpc_reply *reply = read_result(bad[i]);
        struct ls_rpc_signature_info info;
        size_t count = 77;

        if (ls_rpc_signatures_at(reply, 0, &info, 1, &count).code != LS_CODE_CORRUPT)
            fail_msg("taken: %s", bad[i]);

        assert_int_equal(count, 77);
        ls_rpc_reply_free(reply);
    }
}

static void every_prefix_of_a_body_is_corrupt(void **state)
{
    (void)state;
    static const char body[] =
        "[{\"id\":0,\"result\":{\"context\":{\"slot\":82},\"value\":[null]}}]";
    for (size_t length = 0; length < sizeof body - 1; length++) {
        ls_rpc_reply *reply = NULL;
        assert_int_equal(ls_rpc_read(body, length, 1, &reply).code, LS_CODE_CORRUPT);
        assert_null(reply);
    }
}

static void freeing_nothing_is_nothing(void **state)
{
    (void)state;
    ls_rpc_reply_free(NULL);
}

static void a_blocks_first_signatures_are_read_with_its_height(void **state)
{
    (void)state;
#define ONE "\"1111111111111111111111111111111111111111111111111111111111111111\""
    struct ls_signature signatures[2];
    struct ls_rpc_block block = {0};
    ls_rpc_reply *reply =
        read_result("{\"blockHeight\":97,\"signatures\":[" ONE "," ONE "," ONE "]}");
    assert_int_equal(ls_rpc_block_at(reply, 0, signatures, 2, &block).code, LS_CODE_OK);
    assert_int_equal(block.height, 97);
    assert_int_equal(block.count, 2);
    ls_rpc_reply_free(reply);

    static const char *const bad[] = {"{\"blockHeight\":97}", "{\"signatures\":[]}", "7",
                                      "{\"blockHeight\":97,\"signatures\":[\"x\"]}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        reply = read_result(bad[i]);
        assert_int_equal(ls_rpc_block_at(reply, 0, signatures, 2, &block).code,
                         LS_CODE_CORRUPT);
        ls_rpc_reply_free(reply);
    }
    reply = read_result("null"); /* no such block */
    assert_int_equal(ls_rpc_block_at(reply, 0, signatures, 2, &block).code, LS_CODE_REFUSED);
    ls_rpc_reply_free(reply);
}

static void the_blocks_that_a_node_keeps_are_counted(void **state)
{
    (void)state;
    int64_t count = 0;
    bool has_both = false;
    ls_rpc_reply *reply = read_result("[5,6,9]");
    assert_int_equal(ls_rpc_blocks_at(reply, 0, 5, 9, &count, &has_both).code, LS_CODE_OK);
    assert_int_equal(count, 3);
    assert_true(has_both);
    assert_int_equal(ls_rpc_blocks_at(reply, 0, 4, 9, &count, &has_both).code, LS_CODE_OK);
    assert_false(has_both);
    assert_int_equal(ls_rpc_blocks_at(reply, 0, 5, 10, &count, &has_both).code, LS_CODE_OK);
    assert_false(has_both);
    ls_rpc_reply_free(reply);

    static const char *const bad[] = {"{}",    "[4,6]",   "[6,6]", "[6,10]",
                                      "[7,6]", "[\"6\"]", "7"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        reply = read_result(bad[i]);
        assert_int_equal(ls_rpc_blocks_at(reply, 0, 5, 9, &count, &has_both).code,
                         LS_CODE_CORRUPT);
        ls_rpc_reply_free(reply);
    }
}

static void the_blocks_up_to_a_slot_are_counted_from_the_one_that_is_wanted(void **state)
{
    static const struct {
        int64_t wanted, upper;
        struct ls_rpc_span span;
    } rows[] = {
        {6, 9, {.low = 6, .last = 9, .count = 2}}, {8, 9, {.low = 6, .last = 9, .count = 2}},
        {4, 9, {.low = 5, .last = 9, .count = 3}}, {5, 8, {.low = 5, .last = 6, .count = 2}},
        {9, 9, {.low = 9, .last = 9, .count = 1}}, {5, 4, {.low = 0, .last = 3, .count = 0}},
    };
    (void)state;
    struct ls_rpc_span span;
    ls_rpc_reply *reply = read_result("[5,6,9,12]");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(ls_rpc_span_at(reply, 0, 4, rows[i].wanted, rows[i].upper, &span).code,
                         LS_CODE_OK);
        assert_memory_equal(&span, &rows[i].span, sizeof span);
    }
    assert_int_equal(ls_rpc_span_at(reply, 0, 6, 5, 9, &span).code, LS_CODE_CORRUPT);
    ls_rpc_reply_free(reply);

    static const char *const bad[] = {"{}", "[3,6]", "[6,6]", "[7,6]", "[\"6\"]", "7"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        reply = read_result(bad[i]);
        assert_int_equal(ls_rpc_span_at(reply, 0, 4, 5, 9, &span).code, LS_CODE_CORRUPT);
        ls_rpc_reply_free(reply);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_blocks_that_a_node_keeps_are_counted),
        cmocka_unit_test(the_blocks_up_to_a_slot_are_counted_from_the_one_that_is_wanted),
        cmocka_unit_test(a_blocks_first_signatures_are_read_with_its_height),
        cmocka_unit_test(what_is_not_json_rpc_is_corrupt),
        cmocka_unit_test(a_zero_byte_makes_a_body_corrupt),
        cmocka_unit_test(nesting_beyond_the_maximum_is_corrupt_and_at_it_is_read),
        cmocka_unit_test(a_body_beyond_the_maximum_is_corrupt),
        cmocka_unit_test(answers_are_matched_by_id_in_any_order),
        cmocka_unit_test(what_cannot_be_matched_is_ambiguous_never_guessed),
        cmocka_unit_test(an_empty_batch_leaves_every_position_missing),
        cmocka_unit_test(one_error_for_the_whole_batch_is_given_to_each),
        cmocka_unit_test(null_beside_its_sibling_counts_as_absent),
        cmocka_unit_test(a_blockhash_is_read_with_its_last_height),
        cmocka_unit_test(a_blockhash_of_another_shape_is_corrupt_and_changes_nothing),
        cmocka_unit_test(epoch_identity_genesis_and_signature_are_read),
        cmocka_unit_test(lamports_are_read_from_a_balance_and_from_rent),
        cmocka_unit_test(a_number_beyond_int64_elsewhere_does_not_spoil_the_body),
        cmocka_unit_test(statuses_are_read_found_failed_or_null),
        cmocka_unit_test(a_list_of_statuses_that_is_wrong_anywhere_is_corrupt),
        cmocka_unit_test(a_page_of_signatures_is_read_with_its_memos),
        cmocka_unit_test(a_strangers_memo_is_cut_and_its_zero_character_shows),
        cmocka_unit_test(a_page_of_another_shape_is_corrupt),
        cmocka_unit_test(every_prefix_of_a_body_is_corrupt),
        cmocka_unit_test(freeing_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
