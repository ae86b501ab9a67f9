#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/core/fate.h"

static const char signature[] =
    "4hXTcRkq1nVZ8bL6sYw3eJ9uGf2KpDxA7oMtQv5iNrEz4hXTcRkq1nVZ8bL6sYw3eJ9uGfm2Vd9999";

static struct ls_op_detail *op(enum ls_state state, enum ls_sub sub)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    assert_non_null(detail);
    detail->row.state = state;
    detail->row.sub = sub;
    return detail;
}

static void add(struct ls_op_detail *detail, enum ls_attempt_state state, int64_t valid)
{
    struct ls_attempt_row *attempt = &detail->attempts[detail->attempt_count++];
    *attempt =
        (struct ls_attempt_row){.state = state, .last_valid_height = valid, .slot = 1287};
    (void)snprintf(attempt->signature, sizeof attempt->signature, "%s", signature);
}

static void expect(struct ls_op_detail *detail, int64_t height, const char *wanted)
{
    char words[LS_FATE_BYTES];
    ls_fate_words(detail, height, words);
    assert_string_equal(words, wanted);
    free(detail);
}

static void what_expired_is_safe_with_its_heights(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_FAILED, LS_SUB_NONE);
    add(detail, LS_ATTEMPT_DEAD, 290114720);
    add(detail, LS_ATTEMPT_DEAD, 290114870);
    expect(detail, 290117402,
           "4hXT..9999 never landed: its blockhash expired at 290,114,870, now 290,117,402. "
           "SAFE TO RETRY.");
}

static void what_nobody_could_prove_is_never_called_safe(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_HELD, LS_SUB_AMBIGUOUS);
    add(detail, LS_ATTEMPT_LIVE, 870);
    add(detail, LS_ATTEMPT_DEAD, 900);
    assert_int_equal(ls_retry_of(&detail->row), LS_RETRY_UNKNOWN);
    expect(
        detail, 1000,
        "4hXT..9999 may have landed, no proof was found: valid to height 870, now 1,000. NOT "
        "SAFE TO RETRY until verified.");
}

static struct ls_op_detail *looked(enum ls_state state, enum ls_sub sub, enum ls_look look)
{
    struct ls_op_detail *detail = op(state, sub);
    add(detail, state == LS_STATE_HELD ? LS_ATTEMPT_LIVE : LS_ATTEMPT_DEAD, 870);
    detail->row.op.value = 17;
    detail->row.updated_ms = 1763866800000; /* 03:00:00 UTC */
    detail->row.looked_ms = 1763867567000;  /* 03:12:47 UTC */
    detail->row.look = look;
    detail->look_slot = 312904118;
    (void)snprintf(detail->look_signature, sizeof detail->look_signature, "%s", signature);
    return detail;
}

static void expect_next(struct ls_op_detail *detail, const char *wanted)
{
    char next[LS_NEXT_BYTES];
    ls_look_next(detail, next);
    assert_string_equal(next, wanted);
    free(detail);
}

static void what_a_look_found_is_told_with_what_follows(void **state)
{
    (void)state;
    char next[LS_NEXT_BYTES];
    expect(
        looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_LANDED), 1000,
        "4hXT..9999 landed in slot 312,904,118: a look at 03:12 UTC found it. Nothing to send: "
        "resolve it with that signature.");
    expect(looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_ERRORED), 1000,
           "4hXT..9999 landed in slot 312,904,118 with an error: a look at 03:12 UTC found it. "
           "Nothing to send: resolve it with that signature.");
    expect(looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_NOT_FOUND), 1000,
           "4hXT..9999 was not found by a look at 03:12 UTC, and can land no more. That is no "
           "proof: a person may vouch and resolve it as never landed.");
    expect(looked(LS_STATE_FAILED, LS_SUB_NONE, LS_LOOK_LANDED), 1000,
           "4hXT..9999 landed in slot 312,904,118: a look at 03:12 UTC found it. NOT SAFE TO "
           "RETRY: lockstep reconcile --repair adopts it.");
    expect(looked(LS_STATE_FAILED, LS_SUB_NONE, LS_LOOK_NOT_FOUND), 1000,
           "4hXT..9999 never landed: its blockhash expired at 870, now 1,000. SAFE TO RETRY. A "
           "look at 03:12 UTC: not found.");
    (void)snprintf(next, sizeof next, "lockstep resolve 17 --landed %s --reason TEXT",
                   signature);
    expect_next(looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_LANDED), next);
    expect_next(looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_NOT_FOUND),
                "lockstep resolve 17 --never-landed --reason TEXT");
    expect_next(looked(LS_STATE_FAILED, LS_SUB_NONE, LS_LOOK_LANDED),
                "lockstep reconcile --repair");
    expect_next(looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_MAY_LAND), "");
}

static void a_look_of_before_the_last_change_says_nothing(void **state)
{
    (void)state;
    struct ls_op_detail *detail = looked(LS_STATE_HELD, LS_SUB_AMBIGUOUS, LS_LOOK_LANDED);
    detail->row.updated_ms = detail->row.looked_ms + 1;
    assert_int_equal(ls_look_of(&detail->row), LS_LOOK_NEVER_ASKED);
    assert_int_equal(ls_retry_of(&detail->row), LS_RETRY_UNKNOWN);
    expect(
        detail, 1000,
        "4hXT..9999 may have landed, no proof was found: valid to height 870, now 1,000. NOT "
        "SAFE TO RETRY until verified.");
}

static void what_landed_wins_over_what_is_open(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_DONE, LS_SUB_NONE);
    add(detail, LS_ATTEMPT_LANDED, 870);
    add(detail, LS_ATTEMPT_LIVE, 900);
    expect(detail, 0, "4hXT..9999 landed in slot 1,287.");
}

static void of_what_was_not_found_it_is_not_said_that_it_never_landed(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_DONE, LS_SUB_NONE);
    add(detail, LS_ATTEMPT_UNDECIDED, 870);
    expect(detail, 1000,
           "4hXT..9999 may have landed: it was not found when another attempt was.");
}

static void what_errored_had_no_effect(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_FAILED, LS_SUB_NONE);
    add(detail, LS_ATTEMPT_ERRORED, 870);
    expect(
        detail, 0,
        "4hXT..9999 landed in slot 1,287 with an error: the fee was paid, nothing moved. SAFE "
        "TO RETRY.");
}

static void what_is_in_flight_is_left_alone(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_SUBMITTED, LS_SUB_SENT);
    add(detail, LS_ATTEMPT_LIVE, 870);
    expect(
        detail, 800,
        "4hXT..9999 may land: valid to height 870, now 800. Nothing new is signed meanwhile.");
}

static void under_a_nonce_no_height_ends_it(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_SUBMITTED, LS_SUB_SENT);
    detail->fence = LS_FENCE_NONCE;
    add(detail, LS_ATTEMPT_LIVE, 0);
    expect(
        detail, 800,
        "4hXT..9999 may land: valid until its nonce moves. Of all its attempts one can land.");
}

static void without_an_attempt_nothing_was_sent(void **state)
{
    (void)state;
    expect(op(LS_STATE_FAILED, LS_SUB_NONE), 0, "Nothing of it was ever sent. SAFE TO RETRY.");
    expect(op(LS_STATE_HELD, LS_SUB_OPERATOR), 0,
           "Nothing of it was ever sent. SAFE TO RELEASE.");
    expect(op(LS_STATE_READY, LS_SUB_DUE), 0, "Nothing of it was ever sent.");
}

static void a_nonce_ends_by_moving_on(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_FAILED, LS_SUB_NONE);
    detail->fence = LS_FENCE_NONCE;
    add(detail, LS_ATTEMPT_DEAD, 870);
    expect(detail, 1000, "4hXT..9999 never landed: its nonce has moved on. SAFE TO RETRY.");
}

static void expect_payload(enum ls_kind kind, const char *payload, const char *wanted)
{
    struct ls_op_detail *detail = op(LS_STATE_FAILED, LS_SUB_NONE);
    char words[LS_PAYLOAD_WORDS_BYTES];
    detail->row.kind = kind;
    (void)snprintf(detail->payload, sizeof detail->payload, "%s", payload);
    ls_payload_words(detail, words);
    assert_string_equal(words, wanted);
    free(detail);
}

static void payloads_say_what_moves(void **state)
{
    (void)state;
    expect_payload(LS_KIND_TOKEN_TRANSFER,
                   "{\"mint\":\"9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e\",\"to\":"
                   "\"7xQkU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7N9Pda\",\"amount\":\"250\"}",
                   "250 of 9fBz..Qw2e to 7xQk..9Pda");
    expect_payload(LS_KIND_TOKEN_MINT_TO,
                   "{\"mint\":{\"key\":\"share\"},\"to\":\"A\",\"amount\":"
                   "\"5\"}",
                   "5 of key share to A");
    expect_payload(LS_KIND_SOL_TRANSFER, "{\"to\":\"A\",\"lamports\":\"1000\"}",
                   "1000 lamports to A");
    expect_payload(LS_KIND_EVENT,
                   "{\"type\":\"proposal.closed\",\"subject\":\"p-9\","
                   "\"document\":{}}",
                   "proposal.closed p-9");
    expect_payload(LS_KIND_MEMO, "{\"text\":\"hello\"}", "hello");
    expect_payload(LS_KIND_TOKEN_CREATE_MINT, "{\"decimals\":0}", "");
}

static void a_failure_says_its_name_once(void **state)
{
    static const struct {
        const char *cause, *detail, *wanted;
    } cases[] = {
        {"BlockhashNotFound", "simulated by rpc-b.", "BlockhashNotFound: simulated by rpc-b"},
        {"InstructionError:InvalidAccountData",
         "instruction 1 failed in the Token program: InstructionError:InvalidAccountData",
         "InstructionError:InvalidAccountData: instruction 1 failed in the Token program"},
        {"InstructionError:InvalidAccountData",
         "instruction 1 failed: InstructionError:InvalidAccountData (via rpc-b)",
         "InstructionError:InvalidAccountData: instruction 1 failed (via rpc-b)"},
        {"SlippageError", "SlippageError: the price moved by 3 %",
         "SlippageError: the price moved by 3 %"},
        {"swap:SlippageError", "instruction 2 failed: SlippageError",
         "swap:SlippageError: instruction 2 failed"},
        {"AccountInUse", "the account is in use (AccountInUse)",
         "AccountInUse: the account is in use"},
        {"Custom", "Customs refused it", "Custom: Customs refused it"},
        {"AccountInUse", "AccountInUse", "AccountInUse"},
        {"AccountInUse", "", "AccountInUse"},
        {"", "waits for its turn", "waits for its turn"},
        {"no proof: rpc-b", "it may have landed", "no proof: rpc-b: it may have landed"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[160];
        ls_failure_words(cases[i].cause, cases[i].detail, words, sizeof words);
        assert_string_equal(words, cases[i].wanted);
    }
}

static void who_waits_is_counted(void **state)
{
    (void)state;
    struct ls_op_detail *detail = op(LS_STATE_FAILED, LS_SUB_NONE);
    char words[LS_FATE_BYTES];
    ls_waiting_words(detail, words);
    assert_string_equal(words, "Nothing waits behind it.");
    detail->waiting_behind = 22;
    ls_waiting_words(detail, words);
    assert_string_equal(words, "22 operations wait behind it.");
    detail->waiting_behind = LS_FACTS_WAITING_MAX;
    ls_waiting_words(detail, words);
    assert_string_equal(words, "1000 or more operations wait behind it.");
    free(detail);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_expired_is_safe_with_its_heights),
        cmocka_unit_test(what_nobody_could_prove_is_never_called_safe),
        cmocka_unit_test(what_a_look_found_is_told_with_what_follows),
        cmocka_unit_test(a_look_of_before_the_last_change_says_nothing),
        cmocka_unit_test(what_landed_wins_over_what_is_open),
        cmocka_unit_test(of_what_was_not_found_it_is_not_said_that_it_never_landed),
        cmocka_unit_test(what_errored_had_no_effect),
        cmocka_unit_test(what_is_in_flight_is_left_alone),
        cmocka_unit_test(under_a_nonce_no_height_ends_it),
        cmocka_unit_test(without_an_attempt_nothing_was_sent),
        cmocka_unit_test(a_nonce_ends_by_moving_on),
        cmocka_unit_test(payloads_say_what_moves),
        cmocka_unit_test(a_failure_says_its_name_once),
        cmocka_unit_test(who_waits_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
