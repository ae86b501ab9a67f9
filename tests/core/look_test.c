/* What a look at the ledger says of an operation. */
#include "lockstep/core/look.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct ls_look_attempt expired(void)
{
    return (struct ls_look_attempt){
        .is_answered = true, .can_expire = true, .last_valid_height = 100, .height = 101};
}

static void nothing_signed_is_nothing_sent(void **state)
{
    (void)state;
    assert_int_equal(ls_look_judge(NULL, 0), LS_LOOK_NOTHING_SENT);
}

static void not_found_counts_only_beyond_the_blockhash(void **state)
{
    (void)state;
    struct ls_look_attempt one = expired();
    assert_int_equal(ls_look_judge(&one, 1), LS_LOOK_NOT_FOUND);
    one.height = 100;
    assert_int_equal(ls_look_judge(&one, 1), LS_LOOK_MAY_LAND);
    one.is_proved = true;
    assert_int_equal(ls_look_judge(&one, 1), LS_LOOK_NOT_FOUND);
}

static void a_nonce_does_not_expire(void **state)
{
    (void)state;
    struct ls_look_attempt one = expired();
    one.can_expire = false;
    assert_int_equal(ls_look_judge(&one, 1), LS_LOOK_MAY_LAND);
}

static void a_landing_outweighs_everything_and_doubt_outweighs_the_rest(void **state)
{
    (void)state;
    struct ls_look_attempt several[4] = {expired(), expired(), expired(), expired()};
    several[1].is_found = several[1].has_error = true;
    assert_int_equal(ls_look_judge(several, 4), LS_LOOK_ERRORED);
    several[2].is_answered = false;
    assert_int_equal(ls_look_judge(several, 4), LS_LOOK_NO_ANSWER);
    several[3].height = 0;
    assert_int_equal(ls_look_judge(several, 4), LS_LOOK_MAY_LAND);
    several[0].is_found = true;
    assert_int_equal(ls_look_judge(several, 4), LS_LOOK_LANDED);
}

static void a_cancelling_transaction_is_no_landing(void **state)
{
    (void)state;
    struct ls_look_attempt one = expired();
    one.is_found = one.is_cancel = true;
    assert_int_equal(ls_look_judge(&one, 1), LS_LOOK_NOT_FOUND);
}

static void only_what_is_proved_may_be_retried(void **state)
{
    (void)state;
    const char *why = NULL;
    struct ls_preflight_op op = {.state = LS_STATE_FAILED, .look = LS_LOOK_NEVER_ASKED};
    assert_true(ls_preflight_may_retry(&op, &why));
    op.look = LS_LOOK_NO_ANSWER;
    assert_true(ls_preflight_may_retry(&op, &why)); /* the certificates stand */
    op.look = LS_LOOK_MAY_LAND;
    assert_false(ls_preflight_may_retry(&op, &why));
    op.look = LS_LOOK_LANDED;
    assert_false(ls_preflight_may_retry(&op, &why));
    op.look = LS_LOOK_NOT_FOUND;
    op.is_unknown = true;
    assert_false(ls_preflight_may_retry(&op, &why));
    assert_non_null(why);
}

static void what_changed_since_it_was_seen_does_not_go(void **state)
{
    (void)state;
    const struct ls_preflight_op op = {
        .state = LS_STATE_FAILED, .version = 4, .look = LS_LOOK_NOT_FOUND};
    assert_int_equal(ls_preflight_doubt(&op, true, 4), LS_DOUBT_NONE);
    assert_int_equal(ls_preflight_doubt(&op, true, 3), LS_DOUBT_CHANGED);
    assert_null(ls_doubt_words(LS_DOUBT_NONE));
}

static void what_the_ledger_has_not_got_is_not_undone(void **state)
{
    (void)state;
    struct ls_preflight_op op = {.state = LS_STATE_DONE, .version = 4, .look = LS_LOOK_LANDED};
    assert_int_equal(ls_preflight_doubt(&op, false, 4), LS_DOUBT_NONE);
    op.look = LS_LOOK_NOT_FOUND;
    assert_int_equal(ls_preflight_doubt(&op, false, 4), LS_DOUBT_NOT_THERE);
}

static void a_silence_does_not_hide_what_was_found_before(void **state)
{
    (void)state;
    struct ls_look_counts counts = {0};
    const struct ls_preflight_op op = {
        .state = LS_STATE_FAILED, .look = LS_LOOK_LANDED, .is_silent = true};
    assert_int_equal(ls_preflight_found(&op), LS_LOOK_NO_ANSWER);
    assert_int_equal(ls_preflight_doubt(&op, true, 0), LS_DOUBT_ON_LEDGER);
    ls_look_count(&counts, &op);
    assert_int_equal(counts.landed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_signed_is_nothing_sent),
        cmocka_unit_test(not_found_counts_only_beyond_the_blockhash),
        cmocka_unit_test(a_nonce_does_not_expire),
        cmocka_unit_test(a_landing_outweighs_everything_and_doubt_outweighs_the_rest),
        cmocka_unit_test(a_cancelling_transaction_is_no_landing),
        cmocka_unit_test(only_what_is_proved_may_be_retried),
        cmocka_unit_test(what_changed_since_it_was_seen_does_not_go),
        cmocka_unit_test(what_the_ledger_has_not_got_is_not_undone),
        cmocka_unit_test(a_silence_does_not_hide_what_was_found_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
