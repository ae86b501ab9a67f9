#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "lockstep/tui/verdict.h"

static const int64_t now_ms = 1763867567000; /* 2025-11-23 03:12:47 UTC */

static struct ls_dashboard calm(void)
{
    struct ls_dashboard facts = {.now_ms = now_ms, .worker_count = 1};
    facts.workers[0].is_alive = true;
    return facts;
}

static void calm_is_said_as_calm(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.depth = 1204;
    facts.lag_ms = 13000;
    struct ls_verdict verdict;

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_IN_STEP);
    assert_string_equal(ls_verdict_word(verdict.level), "IN STEP");
    assert_string_equal(verdict.headline,
                        "Nothing failed, held or stuck. 1,204 waiting, lag 13s.");
    assert_string_equal(verdict.safety, "Nothing was sent twice. No outcome is unknown.");
}

static void trouble_says_how_much_and_since_when(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.counts[LS_STATE_FAILED] = 17;
    facts.stuck = 3;
    facts.first_failed_ms = now_ms - 41 * 60000;
    facts.oldest_stuck_ms = now_ms - 18 * 60000;
    struct ls_verdict verdict;

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_ATTENTION);
    assert_string_equal(verdict.headline, "17 failed, 3 stuck.");
    assert_string_equal(verdict.since, "Began 02:31 UTC.");
    assert_string_equal(verdict.by_command, "lockstep causes");
}

static void expect_since(struct ls_dashboard facts, const char *wanted)
{
    struct ls_verdict verdict;
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.since, wanted);
}

static void
expect_first(const char *kind, const char *what, const char *why, const char *wanted)
{
    struct ls_dashboard facts = calm();
    char since[128];
    facts.counts[LS_STATE_FAILED] = 1;
    facts.first_failed_ms = now_ms - 41 * 60000;
    facts.first.at_ms = facts.first_failed_ms - 61000;
    (void)snprintf(facts.first.kind, sizeof facts.first.kind, "%s", kind);
    (void)snprintf(facts.first.what, sizeof facts.first.what, "%s", what);
    (void)snprintf(facts.first.why, sizeof facts.first.why, "%s", why);
    (void)snprintf(since, sizeof since, "Began 02:31 UTC, one minute after %s.", wanted);
    expect_since(facts, since);
}

static void trouble_says_what_came_before_it(void **state)
{
    (void)state;
    expect_first("endpoint", "rpc-b", "HTTP 408: timed out", "rpc-b timed out");
    expect_first("endpoint", "rpc-b", "no connection", "rpc-b went down");
    expect_first("endpoint", "", "1 of 1 is down", "the last endpoint went down");
    expect_first("payer", "payer:P", "worker 1", "the payer could not pay");
    expect_first("gate", "kind:memo", "op1", "op1 put kind:memo on hold");
    expect_first("worker", "3 on sync-1", "", "worker 3 on sync-1 was lost");
    expect_first("failover", "", "", "the database failed over");
    expect_first("brake", "", "x", "many attempts expired (the brake went on)");
    expect_first("rollback", "op 7", "x", "a confirmed transaction vanished");
    expect_first("nonce", "pool", "x", "the pool of nonces was empty");
    expect_first("worker", "", "No worker has been heard", "the last worker was lost");
    expect_first("gate.off", "kind:memo", "op1", "op1 lifted the hold on kind:memo");
    expect_first("strange", "", "x", "the alert strange fired");
}

static void two_things_within_two_seconds_have_no_order(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.counts[LS_STATE_FAILED] = 1;
    facts.first_failed_ms = now_ms - 41 * 60000;
    (void)snprintf(facts.first.kind, sizeof facts.first.kind, "payer");
    facts.first.at_ms = facts.first_failed_ms;
    expect_since(facts, "Began 02:31 UTC, at the same time as the payer could not pay.");
    facts.first.at_ms = facts.first_failed_ms - 1999;
    expect_since(facts, "Began 02:31 UTC, at the same time as the payer could not pay.");
    facts.first.at_ms = facts.first_failed_ms - 2000;
    expect_since(facts, "Began 02:31 UTC, right after the payer could not pay.");
    facts.first.at_ms = facts.first_failed_ms - 5000;
    expect_since(facts, "Began 02:31 UTC, 5 s after the payer could not pay.");
    facts.first.at_ms = facts.first_failed_ms + 1; /* what comes behind is no beginning */
    expect_since(facts, "Began 02:31 UTC.");
}

static void the_oldest_and_other_days_are_named(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.counts[LS_STATE_HELD] = 1;
    facts.first_failed_ms = now_ms - 26 * 3600000;
    facts.oldest_trouble_ms = now_ms - 29 * 3600000;
    expect_since(facts, "Oldest 1 d 5 h. Began 2025-11-22 01:12 UTC.");
    facts.first_failed_ms = now_ms - 3600000;
    facts.oldest_trouble_ms = now_ms - 3900000;
    facts.first.at_ms = facts.first_failed_ms - 12000;
    (void)snprintf(facts.first.kind, sizeof facts.first.kind, "brake");
    expect_since(facts, "Oldest 1 h 05 min. Began 02:12 UTC, 12 s after many attempts expired "
                        "(the brake went on).");
    facts.first.at_ms = facts.first_failed_ms - 2400;
    expect_since(facts, "Oldest 1 h 05 min. Began 02:12 UTC, right after many attempts expired "
                        "(the brake went on).");
    facts.counts[LS_STATE_HELD] = 0;
    facts.first_failed_ms = 0;
    expect_since(facts, "");
}

static void unknown_outcomes_are_critical_and_come_first(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.counts[LS_STATE_FAILED] = 1;
    facts.counts[LS_STATE_HELD] = 1;
    facts.held_ambiguous = 1;
    struct ls_verdict verdict;

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_CRITICAL);
    assert_string_equal(
        verdict.safety,
        "Nothing was sent twice. 1 outcome is UNKNOWN: verify before any retry.");
    assert_string_equal(verdict.by_command, "lockstep ops sub:ambiguous");
}

static void two_landings_are_never_called_safe(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.duplicates = 2;
    struct ls_verdict verdict;

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_CRITICAL);
    assert_string_equal(verdict.safety,
                        "2 LANDED TWICE: hold everything and look. No outcome is unknown.");
    assert_string_equal(verdict.by_command, "lockstep gate on all --reason 'landed twice'");
}

static void waiting_without_a_worker_is_critical(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.workers[0].is_alive = false;
    struct ls_verdict verdict;
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_IN_STEP);

    facts.depth = 5;
    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_CRITICAL);
    assert_string_equal(verdict.headline, "No worker is alive: 5 waiting.");
    assert_string_equal(verdict.by_command, "lockstep worker");
}

static void a_ledger_that_is_away_is_named(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.endpoint_count = 1;
    facts.gate_count = 1;
    struct ls_verdict verdict;

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_CRITICAL);
    assert_string_equal(verdict.headline, "1 gate on; no endpoint of the ledger answers.");
}

static void a_calm_system_without_reserve_says_so(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    struct ls_verdict verdict;
    facts.endpoint_count = 2;
    facts.endpoints[0].is_up = facts.endpoints[1].is_up = true;
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.since, "");

    facts.endpoints[1].is_up = false;
    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_IN_STEP);
    assert_string_equal(verdict.since, "1 of 2 endpoints is down.");
}

static void what_nobody_works_on_is_said(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    struct ls_verdict verdict;
    facts.depth = 12;
    facts.waiting_count = 1;
    facts.waiting[0] = (struct ls_kind_waiting){LS_KIND_TOKEN_BURN, 12, false};

    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_ATTENTION);
    assert_string_equal(verdict.headline, "Nobody works on token.burn: 12 waiting.");
    assert_string_equal(verdict.in_console,
                        "{go-health} shows the workers; {kinds} says what one works on");
    facts.counts[LS_STATE_FAILED] = 2;
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.headline, "2 failed; nobody works on token.burn: 12 waiting.");
}

static void workers_that_are_all_paused_are_said_as_that(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    struct ls_verdict verdict;
    facts.workers[0].is_paused = true;
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_IN_STEP); /* nothing waits */

    facts.waiting_count = 1;
    facts.waiting[0] = (struct ls_kind_waiting){LS_KIND_MEMO, 3, false};
    ls_verdict_of(&facts, &verdict);

    assert_int_equal(verdict.level, LS_VERDICT_ATTENTION);
    assert_string_equal(verdict.headline, "Every worker is paused or draining.");
}

static void a_long_catch_up_is_said_and_asks_for_attention(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    struct ls_verdict verdict;
    facts.workers[0].id = 3;
    facts.workers[0].is_catching_up = true;
    facts.workers[0].doing_ms = now_ms - 3000;
    (void)snprintf(facts.workers[0].doing, LS_WORKER_DOING_BYTES,
                   "catching up: about 35 s left, page 3");
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.since, ""); /* nothing waits for it */

    facts.depth = 2;
    facts.waiting_count = 1;
    facts.waiting[0] = (struct ls_kind_waiting){LS_KIND_MEMO, 2, true};
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_IN_STEP);
    assert_string_equal(verdict.headline,
                        "Nothing failed, held or stuck. 2 waiting; nothing is "
                        "signed yet (worker 3 is catching up).");
    assert_string_equal(verdict.since, "Catching up: about 35 s left, page 3.");

    facts.workers[0].doing_ms = now_ms - 12000;
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_ATTENTION);
    assert_string_equal(verdict.headline, "Nothing is signed yet (worker 3 is catching up).");
    assert_string_equal(verdict.since, "Catching up for 10 s: about 35 s left, page 3.");
    assert_string_equal(verdict.by_command, "lockstep worker list");
}

static void alerts_alone_ask_for_attention(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    facts.alerts_firing = 2;
    struct ls_verdict verdict;
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_ATTENTION);
    assert_string_equal(verdict.headline, "2 alerts are firing.");
    assert_string_equal(verdict.by_command, "lockstep alert list");
}

static void alerts_that_alone_make_it_critical_are_named(void **state)
{
    (void)state;
    struct ls_dashboard facts = calm();
    struct ls_verdict verdict;
    facts.alerts_firing = 2;
    facts.alerts_critical = 1;
    ls_verdict_of(&facts, &verdict);
    assert_int_equal(verdict.level, LS_VERDICT_CRITICAL);
    assert_string_equal(verdict.headline, "1 critical alert is firing.");

    facts.stuck = 3;
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.headline, "3 stuck; 1 critical alert is firing.");

    facts.duplicates = 1; /* that is why */
    ls_verdict_of(&facts, &verdict);
    assert_string_equal(verdict.headline, "1 landed TWICE, 3 stuck.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calm_is_said_as_calm),
        cmocka_unit_test(trouble_says_how_much_and_since_when),
        cmocka_unit_test(trouble_says_what_came_before_it),
        cmocka_unit_test(two_things_within_two_seconds_have_no_order),
        cmocka_unit_test(the_oldest_and_other_days_are_named),
        cmocka_unit_test(unknown_outcomes_are_critical_and_come_first),
        cmocka_unit_test(two_landings_are_never_called_safe),
        cmocka_unit_test(waiting_without_a_worker_is_critical),
        cmocka_unit_test(a_ledger_that_is_away_is_named),
        cmocka_unit_test(a_calm_system_without_reserve_says_so),
        cmocka_unit_test(what_nobody_works_on_is_said),
        cmocka_unit_test(workers_that_are_all_paused_are_said_as_that),
        cmocka_unit_test(a_long_catch_up_is_said_and_asks_for_attention),
        cmocka_unit_test(alerts_alone_ask_for_attention),
        cmocka_unit_test(alerts_that_alone_make_it_critical_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
