#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"

static struct ls_cause_row failed(const char *cause, int64_t count)
{
    struct ls_cause_row row = {.state = LS_STATE_FAILED, .count = count};
    (void)snprintf(row.cause, sizeof row.cause, "%s", cause);
    return row;
}

static void expect_outcome(struct ls_cause_row row, const char *wanted)
{
    char words[LS_CAUSE_OUTCOME_BYTES];
    ls_cause_outcome(&row, words);
    assert_string_equal(words, wanted);
}

static void expect_advice(struct ls_cause_row row,
                          const char *action,
                          const char *words,
                          const char *command)
{
    struct ls_cause_advice advice;
    ls_cause_advise(&row, &advice);
    assert_string_equal(advice.action, action);
    assert_string_equal(advice.words, words);
    assert_string_equal(advice.command, command);
}

static void what_never_landed_is_safe_and_retried(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("BlockhashNotFound", 14);

    expect_outcome(row, "never landed (safe)");
    expect_advice(row, "retry-cause", "retry these 14",
                  "lockstep retry 'state:failed cause:BlockhashNotFound'");
    row.count = 1;
    expect_advice(row, "retry-cause", "retry it",
                  "lockstep retry 'state:failed cause:BlockhashNotFound'");
}

static void one_endpoint_that_told_all_is_named(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("BlockhashNotFound", 14);
    char words[LS_CAUSE_WORDS_BYTES];
    (void)snprintf(row.via, sizeof row.via, "rpc-b.example");

    ls_cause_title(&row, words);

    assert_string_equal(words, "BlockhashNotFound via rpc-b.example");
}

static void what_is_unknown_is_verified_and_never_called_safe(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("AmbiguousExpiry", 3);
    row.state = LS_STATE_HELD;
    row.sub = LS_SUB_AMBIGUOUS;

    expect_outcome(row, "UNKNOWN");
    row.unknown = 2;
    expect_outcome(row, "2 of 3 UNKNOWN");
    expect_advice(row, "verify-cause", "verify on chain",
                  "lockstep verify --chain 'state:held sub:ambiguous cause:AmbiguousExpiry'");
}

static void one_unknown_among_failed_ones_is_enough_to_verify(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("Expired", 9);
    row.unknown = 1;

    expect_outcome(row, "1 of 9 UNKNOWN");
    assert_true(ls_cause_is_unknown(&row));
    expect_advice(row, "verify-cause", "verify on chain",
                  "lockstep verify --chain 'state:failed cause:Expired'");
}

static void what_landed_is_said_before_what_had_an_error(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("token:InsufficientFunds", 5);
    row.errored = 4;
    expect_outcome(row, "4 of 5 error on chain");
    row.landed = 1;
    expect_outcome(row, "1 of 5 landed");
}

static void who_lacks_funds_is_funded_where_it_is_one_account(void **state)
{
    (void)state;
    struct ls_cause_row row = failed("token:InsufficientFunds", 3);
    expect_advice(row, "retry-cause", "retry these 3",
                  "lockstep retry 'state:failed cause:token:InsufficientFunds'");

    (void)snprintf(row.signer, sizeof row.signer,
                   "9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e");

    expect_advice(row, "copy", "copy address, fund",
                  "lockstep ops 'state:failed cause:token:InsufficientFunds'");

    (void)snprintf(row.cause, sizeof row.cause, "system:ResultWithNegativeLamports");
    expect_advice(row, "copy", "copy address, fund",
                  "lockstep ops 'state:failed cause:system:ResultWithNegativeLamports'");
}

static void what_the_payload_gets_wrong_is_not_sent_again_as_it_is(void **state)
{
    (void)state;
    static const char *const causes[] = {"token:MintMismatch", "token-2022:NonTransferable",
                                         "ProgramAccountNotFound"};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct ls_cause_row row = failed(causes[i], 3);
        struct ls_cause_advice advice;
        ls_cause_advise(&row, &advice);
        assert_string_equal(advice.action, "open");
        assert_string_equal(advice.words, "open, edit or cancel");
    }
}

static void stuck_ones_say_what_they_wait_for(void **state)
{
    (void)state;
    struct ls_cause_row row = {
        .state = LS_STATE_SUBMITTED, .sub = LS_SUB_SENT, .is_stuck = true, .count = 2};
    char words[LS_CAUSE_WORDS_BYTES];

    ls_cause_title(&row, words);

    assert_string_equal(words, "no confirmation");
    assert_string_equal(ls_cause_state(&row), "STUCK");
    expect_outcome(row, "not known yet");
    expect_advice(row, "verify-cause", "verify on chain",
                  "lockstep verify --chain 'stuck state:submitted sub:sent'");
    row.state = LS_STATE_LEASED;
    row.sub = LS_SUB_NONE;
    ls_cause_title(&row, words);
    assert_string_equal(words, "leased, nothing sent");
    expect_outcome(row, "nothing sent");
}

static void each_filter_can_be_read_again(void **state)
{
    (void)state;
    static const char *const causes[] = {
        "Expired", "insufficient funds # need #", "", "unmatched \" quote", "a*", "*"};
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) {
        struct ls_cause_row row = failed(causes[i], 1);
        struct ls_filter filter = {0};
        struct ls_why why = {0};
        char text[LS_FILTER_BYTES_MAX];

        ls_cause_filter(&row, false, text);

        assert_false(ls_failed(ls_filter_parse(text, &filter, &why)));
        assert_int_equal(filter.count, 2);
        assert_int_equal(filter.terms[1].field, LS_FILTER_CAUSE);
        if (strchr(causes[i], '"') == NULL) {
            assert_string_equal(filter.terms[1].text, causes[i]);
            assert_false(filter.terms[1].is_prefix);
        } else {
            assert_string_equal(filter.terms[1].text, "unmatched ");
            assert_true(filter.terms[1].is_prefix);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_never_landed_is_safe_and_retried),
        cmocka_unit_test(one_endpoint_that_told_all_is_named),
        cmocka_unit_test(what_is_unknown_is_verified_and_never_called_safe),
        cmocka_unit_test(one_unknown_among_failed_ones_is_enough_to_verify),
        cmocka_unit_test(what_landed_is_said_before_what_had_an_error),
        cmocka_unit_test(who_lacks_funds_is_funded_where_it_is_one_account),
        cmocka_unit_test(what_the_payload_gets_wrong_is_not_sent_again_as_it_is),
        cmocka_unit_test(stuck_ones_say_what_they_wait_for),
        cmocka_unit_test(each_filter_can_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
