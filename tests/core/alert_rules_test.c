#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/base/utf8.h"
#include "lockstep/core/alert_rules.h"

enum { NOW_MS = 1000000000 };

struct bench {
    struct ls_alert_rules rules;
    struct ls_dashboard facts;
    struct ls_alerts_due due;
};

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    bench->rules = ls_alert_rules_default();
    bench->facts.now_ms = NOW_MS;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void evaluate(struct bench *bench)
{
    ls_alert_rules_evaluate(&bench->rules, &bench->facts, &bench->due);
}

static void expect_one(struct bench *bench,
                       enum ls_alert_rule rule,
                       enum ls_severity severity,
                       const char *message)
{
    evaluate(bench);
    assert_int_equal(bench->due.count, 1);
    assert_int_equal(bench->due.items[0].rule, rule);
    assert_int_equal(bench->due.items[0].severity, severity);
    assert_string_equal(bench->due.items[0].message, message);
}

static void expect_none(struct bench *bench)
{
    evaluate(bench);
    assert_int_equal(bench->due.count, 0);
}

static void rule_names_are_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        enum ls_alert_rule rule = LS_RULE_GATE;
        assert_true(ls_alert_rule_parse(ls_alert_rule_name((enum ls_alert_rule)i), &rule));
        assert_int_equal(rule, i);
    }
    enum ls_alert_rule untouched = LS_RULE_LAG;
    assert_false(ls_alert_rule_parse("ages", &untouched));
    assert_int_equal(untouched, LS_RULE_LAG);
    assert_string_equal(ls_alert_rule_name((enum ls_alert_rule)99), "unknown");
}

static void a_quiet_system_has_no_alert(void **state)
{
    expect_none(*state);
}

static void age_fires_at_its_thresholds(void **state)
{
    struct bench *bench = *state;
    bench->facts.age_ms = 29999;
    expect_none(bench);
    bench->facts.age_ms = 30000;
    bench->facts.worker_count = 1; /* alive: the silence rule stays quiet */
    bench->facts.workers[0].heartbeat_ms = NOW_MS;
    expect_one(bench, LS_RULE_AGE, LS_SEVERITY_WARNING,
               "The oldest due operation has waited 30 s (threshold 30 s).");
    bench->facts.age_ms = 3725000;
    expect_one(bench, LS_RULE_AGE, LS_SEVERITY_CRITICAL,
               "The oldest due operation has waited 1 h 2 min (threshold 5 min).");
}

static void lag_fires_at_its_thresholds(void **state)
{
    struct bench *bench = *state;
    bench->facts.lag_ms = 59999;
    expect_none(bench);
    bench->facts.lag_ms = 61000;
    expect_one(bench, LS_RULE_LAG, LS_SEVERITY_WARNING,
               "From commit to finalized takes 1 min 1 s (median of the last minute; "
               "threshold 1 min).");
    bench->facts.lag_ms = 300000;
    evaluate(bench);
    assert_int_equal(bench->due.items[0].severity, LS_SEVERITY_CRITICAL);
}

static void depth_stuck_and_failed_count_operations(void **state)
{
    struct bench *bench = *state;
    bench->facts.worker_count = 1;
    bench->facts.workers[0].heartbeat_ms = NOW_MS;
    bench->facts.depth = 9999;
    expect_none(bench);
    bench->facts.depth = 10000;
    expect_one(bench, LS_RULE_DEPTH, LS_SEVERITY_WARNING,
               "10000 operations are waiting (threshold 10000).");

    bench->facts.depth = 0;
    bench->facts.stuck = 1;
    bench->facts.oldest_stuck_ms = NOW_MS - 90061000;
    expect_one(bench, LS_RULE_STUCK, LS_SEVERITY_WARNING,
               "1 operation is stuck, the oldest for 1 d 1 h (threshold 1).");
    bench->facts.stuck = 10;
    expect_one(bench, LS_RULE_STUCK, LS_SEVERITY_CRITICAL,
               "10 operations are stuck, the oldest for 1 d 1 h (threshold 10).");

    bench->facts.stuck = 0;
    bench->facts.counts[LS_STATE_FAILED] = 20;
    expect_one(bench, LS_RULE_FAILED, LS_SEVERITY_CRITICAL,
               "20 operations are failed and wait for retry or cancel (threshold 20).");
}

static void held_warns_and_ambiguous_is_critical_at_one(void **state)
{
    struct bench *bench = *state;
    bench->facts.counts[LS_STATE_HELD] = 500;
    expect_one(bench, LS_RULE_HELD, LS_SEVERITY_WARNING,
               "500 operations are held for a person to decide (threshold 1).");
    bench->facts.held_ambiguous = 1;
    expect_one(bench, LS_RULE_HELD, LS_SEVERITY_CRITICAL,
               "500 operations are held, 1 of them because nobody can prove whether it landed "
               "(threshold 1).");
    bench->rules.thresholds[LS_RULE_HELD] = (struct ls_alert_threshold){-1, -1};
    expect_none(bench);
}

static void one_endpoint_down_warns_and_names_it(void **state)
{
    struct bench *bench = *state;
    bench->facts.endpoint_count = 2;
    bench->facts.endpoints[0] = (struct ls_endpoint_row){
        .name = "rpc.one:443", .trouble = "timed out", .changed_ms = NOW_MS - 5000};
    bench->facts.endpoints[1] = (struct ls_endpoint_row){.name = "rpc.two:443", .is_up = true};

    expect_one(bench, LS_RULE_ENDPOINT, LS_SEVERITY_WARNING,
               "Ledger endpoint rpc.one:443 has been down for 5 s: timed out (1 of 2 down, "
               "threshold 1).");
    assert_string_equal(bench->due.items[0].subject, "rpc.one:443");
}

static void all_endpoints_down_is_critical(void **state)
{
    struct bench *bench = *state;
    bench->facts.endpoint_count = 2;
    (void)snprintf(bench->facts.endpoints[0].name, 8, "one");
    (void)snprintf(bench->facts.endpoints[1].name, 8, "two");

    evaluate(bench);

    assert_int_equal(bench->due.count, 3);
    assert_int_equal(bench->due.items[0].severity, LS_SEVERITY_CRITICAL);
    assert_string_equal(bench->due.items[0].subject, "");
    assert_string_equal(bench->due.items[0].message,
                        "2 of 2 ledger endpoints are down (threshold: all): nothing can be "
                        "sent.");
    assert_string_equal(bench->due.items[1].subject, "one");
    assert_string_equal(bench->due.items[2].subject, "two");
}

static void the_only_endpoint_down_is_said_once(void **state)
{
    struct bench *bench = *state;
    bench->facts.endpoint_count = 1;
    expect_one(bench, LS_RULE_ENDPOINT, LS_SEVERITY_CRITICAL,
               "1 of 1 ledger endpoints is down (threshold: all): nothing can be sent.");
    bench->rules.thresholds[LS_RULE_ENDPOINT].critical = -1;
    evaluate(bench);
    assert_int_equal(bench->due.count, 1);
    assert_int_equal(bench->due.items[0].severity, LS_SEVERITY_WARNING);
}

static void silence_of_workers_counts_only_while_operations_wait(void **state)
{
    struct bench *bench = *state;
    bench->facts.worker_count = 2;
    bench->facts.workers[0].heartbeat_ms = NOW_MS - 900000;
    bench->facts.workers[1].heartbeat_ms = NOW_MS - 15000;
    expect_none(bench);
    bench->facts.counts[LS_STATE_SUBMITTED] = 1;
    expect_one(bench, LS_RULE_WORKER, LS_SEVERITY_WARNING,
               "No worker has been heard for 15 s (threshold 15 s) while 1 operation is "
               "unfinished.");
    bench->facts.workers[1].heartbeat_ms = NOW_MS - 14999;
    expect_none(bench);
}

static void a_worker_that_parted_was_heard_until_then(void **state)
{
    struct bench *bench = *state;
    bench->facts.worker_count = 1; /* one that was killed long ago */
    bench->facts.workers[0].heartbeat_ms = NOW_MS - 900000;
    bench->facts.counts[LS_STATE_SUBMITTED] = 1;
    bench->facts.heard_ms = NOW_MS - 1000;
    expect_none(bench);
    bench->facts.worker_count = 0;
    bench->facts.heard_ms = NOW_MS - 20000;
    expect_one(bench, LS_RULE_WORKER, LS_SEVERITY_WARNING,
               "No worker has been heard for 20 s (threshold 15 s) while 1 operation is "
               "unfinished.");
}

static void a_system_without_any_worker_is_silent_since_its_oldest_operation(void **state)
{
    struct bench *bench = *state;
    bench->rules.thresholds[LS_RULE_AGE] = (struct ls_alert_threshold){-1, -1};
    bench->facts.depth = 3;
    bench->facts.age_ms = 60000;
    expect_one(bench, LS_RULE_WORKER, LS_SEVERITY_CRITICAL,
               "No worker has been heard for 1 min (threshold 1 min) while 3 operations are "
               "unfinished.");
}

static void a_low_balance_fires_at_or_below(void **state)
{
    struct bench *bench = *state;
    bench->facts.balance_lamports = 0;
    expect_none(bench); /* unknown is not zero */
    bench->facts.has_balance = true;
    bench->facts.balance_lamports = 100000001;
    expect_none(bench);
    (void)snprintf(bench->facts.payer, sizeof bench->facts.payer, "Payer111");
    bench->facts.balance_lamports = 52500000;
    expect_one(bench, LS_RULE_BALANCE, LS_SEVERITY_WARNING,
               "Payer Payer111 holds 0.0525 SOL (threshold 0.1 SOL); fund it before operations "
               "wait.");
    assert_string_equal(bench->due.items[0].subject, "Payer111");
    bench->facts.balance_lamports = 0;
    expect_one(bench, LS_RULE_BALANCE, LS_SEVERITY_CRITICAL,
               "Payer Payer111 holds 0 SOL (threshold 0.01 SOL); fund it before operations "
               "wait.");
    bench->facts.balance_lamports = UINT64_MAX;
    expect_none(bench);
}

static void a_gate_is_information_until_thresholds_say_more(void **state)
{
    struct bench *bench = *state;
    bench->facts.gate_count = 1;
    bench->facts.gates[0] = (struct ls_gate_row){.selector = "kind:memo",
                                                 .reason = "audit",
                                                 .actor = "alice",
                                                 .since_ms = NOW_MS - 7200000};
    expect_one(bench, LS_RULE_GATE, LS_SEVERITY_INFO,
               "Gate kind:memo has been on for 2 h, put on by alice: audit");
    assert_string_equal(bench->due.items[0].subject, "kind:memo");
    bench->rules.thresholds[LS_RULE_GATE].warning = 7200000;
    bench->facts.gates[0].by_worker = true;
    bench->facts.gates[0].reason[0] = '\0';
    expect_one(bench, LS_RULE_GATE, LS_SEVERITY_WARNING,
               "Gate kind:memo has been on for 2 h, put on by a worker.");
}

static void a_balance_that_lasts_for_too_short_a_time_fires(void **state)
{
    struct bench *bench = *state;
    (void)snprintf(bench->facts.payer, sizeof bench->facts.payer, "payer");
    bench->facts.has_balance = true;
    bench->facts.balance_lamports = 4 * 1440 * UINT64_C(1000000);
    bench->facts.spent_lamports = 29 * 4000000;
    bench->facts.spent_minutes = 29;
    expect_none(bench); /* too little is known yet */

    bench->facts.spent_minutes = 40;
    bench->facts.spent_lamports = 40 * 1000000;
    expect_none(bench);
    bench->facts.spent_lamports = 40 * 2000000;
    expect_one(bench, LS_RULE_FORECAST, LS_SEVERITY_WARNING,
               "Payer payer lasts about 2 d at the pace of the last hour (threshold 3 d): fund "
               "it.");
    bench->facts.spent_lamports = 40 * 16000000;
    expect_one(
        bench, LS_RULE_FORECAST, LS_SEVERITY_CRITICAL,
        "Payer payer lasts about 6 h at the pace of the last hour (threshold 12 h): fund "
        "it.");
}

static void a_kind_that_nobody_works_on_fires_once_something_of_it_is_due(void **state)
{
    struct bench *bench = *state;
    bench->facts.worker_count = 1;
    bench->facts.workers[0].heartbeat_ms = bench->facts.now_ms;
    bench->facts.workers[0].is_alive = true;
    bench->facts.waiting_count = 2;
    bench->facts.waiting[0] = (struct ls_kind_waiting){LS_KIND_MEMO, 100, true};
    bench->facts.waiting[1] = (struct ls_kind_waiting){LS_KIND_TOKEN_BURN, 12, true};
    expect_none(bench);

    bench->facts.waiting[1].is_attended = false;
    expect_one(bench, LS_RULE_KINDS, LS_SEVERITY_WARNING,
               "Nobody works on token.burn: 12 operations are due (threshold 1). lockstep "
               "worker list says what each works on.");
    bench->facts.waiting[1] =
        (struct ls_kind_waiting){LS_KIND_NONE, LS_FACTS_UNATTENDED_MAX, false};
    expect_one(bench, LS_RULE_KINDS, LS_SEVERITY_WARNING,
               "Nobody works on an atomic batch of kinds that no worker has together: 10000 or "
               "more are due (threshold 1). lockstep worker list says what each works on.");
    bench->facts.workers[0].is_alive = false;
    expect_none(bench); /* the rule worker says that nobody works at all */
}

static void negative_thresholds_turn_rules_off(void **state)
{
    struct bench *bench = *state;
    for (int i = 0; i < LS_RULE_COUNT; i++)
        bench->rules.thresholds[i] = (struct ls_alert_threshold){-1, -1};
    bench->facts.age_ms = bench->facts.lag_ms = bench->facts.depth = 1000000000;
    bench->facts.stuck = bench->facts.counts[LS_STATE_FAILED] = 1000000000;
    bench->facts.has_balance = true;
    bench->facts.endpoint_count = 1;
    expect_none(bench);
}

static void thresholds_of_zero_do_not_fire_for_nothing(void **state)
{
    struct bench *bench = *state;
    memset(&bench->rules, 0, sizeof bench->rules);
    expect_none(bench);
}

/* 8 endpoints and 32 gates down at once, each with the longest texts there are. */
static void everything_at_once_fits_and_is_cut_at_characters(void **state)
{
    struct bench *bench = *state;
    struct ls_dashboard *facts = &bench->facts;
    facts->age_ms = facts->lag_ms = facts->depth = facts->stuck = INT64_MAX / 4;
    facts->oldest_stuck_ms = 0;
    facts->now_ms = INT64_MAX;
    facts->counts[LS_STATE_FAILED] = facts->counts[LS_STATE_HELD] = INT64_MAX;
    facts->held_ambiguous = INT64_MAX;
    facts->has_balance = true;
    facts->spent_minutes = 60;
    facts->spent_lamports = 1;
    facts->endpoint_count = LS_FACTS_ENDPOINTS_MAX;
    facts->gate_count = LS_FACTS_GATES_MAX;
    for (size_t i = 0; i < LS_FACTS_GATES_MAX; i++) {
        struct ls_gate_row *gate = &facts->gates[i];
        for (size_t at = 0; at + 3 < sizeof gate->selector; at += 3)
            memcpy(gate->selector + at, "\xe2\x82\xac", 3);
        memset(gate->reason, 'r', sizeof gate->reason - 1);
    }

    evaluate(bench);

    /* six counts and times, all endpoints, worker, balance, forecast, each endpoint, each gate
     */
    assert_int_equal(bench->due.count, 10 + LS_FACTS_ENDPOINTS_MAX + LS_FACTS_GATES_MAX);
    for (size_t i = 0; i < bench->due.count; i++) {
        const char *text = bench->due.items[i].message;
        size_t length = strlen(text);
        assert_true(length > 0);
        for (size_t at = 0; at < length;) {
            uint32_t scalar;
            size_t used = ls_utf8_next(text + at, length - at, &scalar);
            assert_true(used > 0);
            at += used;
        }
    }
}

#define CASE(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(rule_names_are_read_back),
        CASE(a_quiet_system_has_no_alert),
        CASE(age_fires_at_its_thresholds),
        CASE(lag_fires_at_its_thresholds),
        CASE(depth_stuck_and_failed_count_operations),
        CASE(held_warns_and_ambiguous_is_critical_at_one),
        CASE(one_endpoint_down_warns_and_names_it),
        CASE(all_endpoints_down_is_critical),
        CASE(the_only_endpoint_down_is_said_once),
        CASE(silence_of_workers_counts_only_while_operations_wait),
        CASE(a_system_without_any_worker_is_silent_since_its_oldest_operation),
        CASE(a_worker_that_parted_was_heard_until_then),
        CASE(a_low_balance_fires_at_or_below),
        CASE(a_gate_is_information_until_thresholds_say_more),
        CASE(a_balance_that_lasts_for_too_short_a_time_fires),
        CASE(a_kind_that_nobody_works_on_fires_once_something_of_it_is_due),
        CASE(negative_thresholds_turn_rules_off),
        CASE(thresholds_of_zero_do_not_fire_for_nothing),
        CASE(everything_at_once_fits_and_is_cut_at_characters),
    };
    return cmocka_run_group_tests_name("alert rules", tests, NULL, NULL);
}
