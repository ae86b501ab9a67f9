#include "lockstep/core/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t rate(int64_t now_ms, int64_t before, int64_t current)
{
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->now_ms = now_ms;
    facts->minute_done[LS_FACTS_MINUTES - 2] = before;
    facts->minute_done[LS_FACTS_MINUTES - 1] = current;
    const int64_t done = ls_dashboard_done_per_minute(facts);
    free(facts);
    return done;
}

static void a_first_minute_counts_from_its_first_second(void **state)
{
    (void)state;
    assert_int_equal(rate(1700000041000, 0, 12), 12);
}

static void the_minute_before_counts_by_what_is_left_of_it(void **state)
{
    (void)state;
    const int64_t whole = INT64_C(60000) * 28333334;
    assert_int_equal(rate(whole, 600, 0), 600);
    assert_int_equal(rate(whole + 15000, 600, 150), 600);
    assert_int_equal(rate(whole + 30000, 600, 0), 300);
    assert_int_equal(rate(whole + 59999, 600, 700), 700);
    assert_int_equal(rate(0, 600, 0), 600);
}

/* `spent` in ten minutes, in which `done` operations ended. */
static const char *forecast(uint64_t balance, uint64_t spent, int64_t done)
{
    static char text[LS_FORECAST_BYTES];
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    facts->has_balance = true;
    facts->balance_lamports = balance;
    facts->spent_lamports = spent;
    facts->spent_minutes = 10;
    facts->minute_done[LS_FACTS_MINUTES - 3] = done;
    facts->minute_done[0] = 1000; /* before that */
    ls_dashboard_forecast(facts, text);
    free(facts);
    return text;
}

static void a_forecast_is_one_phrase_in_round_numbers(void **state)
{
    (void)state;
    assert_string_equal(forecast(9 * 1440 * 1000, 10000, 10),
                        "lasts about 12,000 operations, 9 days");
    assert_string_equal(forecast(47 * 60 * 1000, 10000, 0), "lasts about 47 hours");
    assert_string_equal(forecast(119 * 1000, 10000, 1),
                        "lasts about 11 operations, 110 minutes");
    assert_string_equal(forecast(1000, 10000, 10), "lasts about 1 operation, 1 minute");
    assert_string_equal(forecast(INT64_C(1000) * 1000 * 1000 * 1000, 10000, 10),
                        "lasts for years");
    assert_string_equal(forecast(1000, 0, 10), "");
}

static void names_of_severities_and_states_are_words(void **state)
{
    (void)state;
    assert_string_equal(ls_severity_name(LS_SEVERITY_CRITICAL), "critical");
    assert_string_equal(ls_severity_name((enum ls_severity)99), "unknown");
    assert_string_equal(ls_alert_state_name(LS_ALERT_ACKED), "acked");
    assert_string_equal(ls_alert_state_name((enum ls_alert_state)99), "unknown");
}

static void what_leaves_faster_than_it_comes_drains(void **state)
{
    (void)state;
    struct ls_dashboard facts = {.depth = 121};
    for (int i = 0; i < LS_FACTS_MINUTES; i++) {
        facts.minute_enqueued[i] = 10;
        facts.minute_done[i] = 29;
        facts.minute_failed[i] = 1;
    }
    facts.minute_done[LS_FACTS_MINUTES - 1] = 0; /* not over yet */

    struct ls_flow flow = ls_dashboard_flow(&facts);

    assert_int_equal(flow.arriving, 10);
    assert_int_equal(flow.finishing, 30);
    assert_int_equal(flow.drains_minutes, 7);
    assert_int_equal(flow.grows, 0);
}

static void what_comes_faster_grows_and_what_is_even_does_neither(void **state)
{
    (void)state;
    struct ls_dashboard facts = {.depth = 500};
    for (int i = 0; i < LS_FACTS_MINUTES; i++) facts.minute_enqueued[i] = 10;
    assert_int_equal(ls_dashboard_flow(&facts).grows, 10);
    facts.minute_depth[LS_FACTS_MINUTES - 6] = 480; /* more is in flight */
    assert_int_equal(ls_dashboard_flow(&facts).grows, 4);
    assert_int_equal(ls_dashboard_flow(&facts).drains_minutes, -1);

    for (int i = 0; i < LS_FACTS_MINUTES; i++) facts.minute_done[i] = 10;

    assert_int_equal(ls_dashboard_flow(&facts).grows, 0);
    assert_int_equal(ls_dashboard_flow(&facts).drains_minutes, -1);
    assert_false(ls_dashboard_flow(&facts).stands); /* nothing of it is due */
    facts.age_ms = 1;
    assert_true(ls_dashboard_flow(&facts).stands);
    facts.minute_depth[LS_FACTS_MINUTES - 6] = 10; /* it came meanwhile */
    assert_false(ls_dashboard_flow(&facts).stands);
    facts.depth = 0;
    assert_int_equal(ls_dashboard_flow(&facts).drains_minutes, 0);
    assert_false(ls_dashboard_flow(&facts).stands);
}

static void a_payer_lasts_as_long_as_the_hours_pace_lets_it(void **state)
{
    (void)state;
    struct ls_dashboard facts = {.has_balance = true, .balance_lamports = 1000};
    assert_int_equal(ls_dashboard_payer_minutes(&facts), -1);
    facts.spent_minutes = 10;
    facts.spent_lamports = 100;
    assert_int_equal(ls_dashboard_payer_minutes(&facts), 100);
    facts.spent_lamports = 3; /* less than one a minute */
    assert_int_equal(ls_dashboard_payer_minutes(&facts), 1000);
    facts.balance_lamports = UINT64_MAX;
    assert_int_equal(ls_dashboard_payer_minutes(&facts), INT64_MAX);
}

static void who_lives_and_begins_something_is_told(void **state)
{
    (void)state;
    struct ls_dashboard facts = {.worker_count = 3};
    bool are_idle = true;
    assert_int_equal(ls_dashboard_living(&facts, &are_idle), 0);
    assert_false(are_idle); /* nobody lives who could be idle */
    facts.workers[0].is_alive = facts.workers[1].is_alive = true;
    facts.workers[0].is_paused = true;
    assert_int_equal(ls_dashboard_living(&facts, &are_idle), 2);
    assert_false(are_idle);
    facts.workers[1].is_draining = true;
    assert_int_equal(ls_dashboard_living(&facts, &are_idle), 2);
    assert_true(are_idle);
}

static void what_nobody_works_on_is_named_with_how_much_waits(void **state)
{
    (void)state;
    struct ls_dashboard facts = {.worker_count = 1};
    char text[LS_UNATTENDED_BYTES];
    facts.workers[0].is_alive = true;
    facts.waiting[facts.waiting_count++] = (struct ls_kind_waiting){LS_KIND_MEMO, 100, true};
    ls_dashboard_unattended(&facts, text);
    assert_string_equal(text, "");
    facts.waiting[facts.waiting_count++] =
        (struct ls_kind_waiting){LS_KIND_TOKEN_BURN, 12, false};
    ls_dashboard_unattended(&facts, text);
    assert_string_equal(text, "nobody works on token.burn: 12 waiting");

    facts.waiting[facts.waiting_count++] =
        (struct ls_kind_waiting){LS_KIND_EVENT, LS_FACTS_UNATTENDED_MAX, false};
    ls_dashboard_unattended(&facts, text);
    assert_string_equal(text, "nobody works on token.burn (12 waiting), event (10,000 or more "
                              "waiting)");

    facts.waiting[facts.waiting_count++] =
        (struct ls_kind_waiting){LS_KIND_SOL_TRANSFER, 1234, false};
    facts.waiting[facts.waiting_count++] = (struct ls_kind_waiting){LS_KIND_NONE, 2, false};
    ls_dashboard_unattended(&facts, text);
    assert_non_null(strstr(text, "sol.transfer (1,234 waiting) and 1 more"));
    facts.workers[0].is_alive = false;
    ls_dashboard_unattended(&facts, text);
    assert_string_equal(text, ""); /* nobody works at all: said otherwise */
}

static void a_disk_says_how_full_it_is_and_what_is_left(void **state)
{
    static const struct {
        struct ls_disk_row disk;
        const char *wanted;
        bool is_full, is_critical;
    } cases[] = {
        {{"log", 413, UINT64_C(9120000000), 0}, "41%, 9.1 GB free", false, false},
        {{"log", 899, UINT64_C(123456789012), 0}, "89%, 123 GB free", false, false},
        {{"log", 900, UINT64_C(52000000), 0}, "90%, 52 MB free", true, false},
        {{"log", 1000, 0, 0}, "100%, 0.0 kB free", true, true},
        {{"log", 0, UINT64_MAX, 0}, "0%, 18 EB free", false, false},
        {{"log", 413, UINT64_C(9120000000), 1}, "does not answer", false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char words[LS_DISK_WORDS_BYTES];
        ls_disk_words(&cases[i].disk, words);
        assert_string_equal(words, cases[i].wanted);
        assert_int_equal(ls_disk_is_full(&cases[i].disk), cases[i].is_full);
        assert_int_equal(ls_disk_is_critical(&cases[i].disk), cases[i].is_critical);
        assert_int_equal(ls_disk_is_good(&cases[i].disk),
                         !cases[i].is_full && cases[i].disk.silent_since_ms == 0);
    }
}

static void a_workers_word_says_what_matters_most(void **state)
{
    (void)state;
    struct ls_worker_row worker = {.is_alive = true, .doing = "working"};
    char words[LS_WORKER_WORDS_BYTES];
    assert_string_equal(ls_worker_word(&worker), "working");
    ls_worker_words(&worker, words);
    assert_string_equal(words, "");

    (void)snprintf(worker.trouble, sizeof worker.trouble, "ledger: refused");
    assert_string_equal(ls_worker_word(&worker), "in trouble");
    ls_worker_words(&worker, words);
    assert_string_equal(words, "ledger: refused");

    worker.is_catching_up = true;
    (void)snprintf(worker.doing, sizeof worker.doing, "catching up: page 3");
    assert_string_equal(ls_worker_word(&worker), "catching up");
    ls_worker_words(&worker, words);
    assert_string_equal(words, "page 3; ledger: refused");

    worker.is_paused = true;
    assert_string_equal(ls_worker_word(&worker), "paused");
    ls_worker_words(&worker, words);
    assert_string_equal(words, "catching up: page 3; ledger: refused");
    worker.is_draining = true;
    assert_string_equal(ls_worker_word(&worker), "draining");
    worker.is_alive = false;
    assert_string_equal(ls_worker_word(&worker), "silent");
    ls_worker_words(&worker, words);
    assert_string_equal(words, ""); /* they are old */
}

static void words_of_the_greatest_length_fit(void **state)
{
    (void)state;
    struct ls_worker_row worker = {.is_alive = true};
    char words[LS_WORKER_WORDS_BYTES];
    memset(worker.doing, 'd', sizeof worker.doing - 1);
    memset(worker.trouble, 't', sizeof worker.trouble - 1);
    ls_worker_words(&worker, words);
    assert_int_equal(strlen(words), LS_WORKER_DOING_BYTES + LS_WORKER_TROUBLE_BYTES);
}

static void all_wait_only_when_every_able_worker_is_catching_up(void **state)
{
    (void)state;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    assert_non_null(facts);
    assert_null(ls_dashboard_catching_up(facts));
    facts->worker_count = 4;
    for (size_t i = 0; i < 4; i++)
        facts->workers[i] =
            (struct ls_worker_row){.id = (int64_t)i, .is_alive = true, .is_catching_up = true};
    assert_ptr_equal(ls_dashboard_catching_up(facts), &facts->workers[0]);
    facts->workers[2].is_leader = true;
    assert_ptr_equal(ls_dashboard_catching_up(facts), &facts->workers[2]);

    facts->workers[3].is_catching_up = false;
    assert_null(ls_dashboard_catching_up(facts));
    facts->workers[3].is_paused = true;
    assert_ptr_equal(ls_dashboard_catching_up(facts), &facts->workers[2]);
    facts->workers[3].is_paused = false;
    facts->workers[3].is_draining = true;
    assert_ptr_equal(ls_dashboard_catching_up(facts), &facts->workers[2]);
    facts->workers[3].is_draining = false;
    facts->workers[3].is_alive = false;
    assert_ptr_equal(ls_dashboard_catching_up(facts), &facts->workers[2]);
    free(facts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_minute_counts_from_its_first_second),
        cmocka_unit_test(the_minute_before_counts_by_what_is_left_of_it),
        cmocka_unit_test(a_forecast_is_one_phrase_in_round_numbers),
        cmocka_unit_test(names_of_severities_and_states_are_words),
        cmocka_unit_test(what_leaves_faster_than_it_comes_drains),
        cmocka_unit_test(what_comes_faster_grows_and_what_is_even_does_neither),
        cmocka_unit_test(a_payer_lasts_as_long_as_the_hours_pace_lets_it),
        cmocka_unit_test(who_lives_and_begins_something_is_told),
        cmocka_unit_test(what_nobody_works_on_is_named_with_how_much_waits),
        cmocka_unit_test(a_disk_says_how_full_it_is_and_what_is_left),
        cmocka_unit_test(a_workers_word_says_what_matters_most),
        cmocka_unit_test(words_of_the_greatest_length_fit),
        cmocka_unit_test(all_wait_only_when_every_able_worker_is_catching_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
