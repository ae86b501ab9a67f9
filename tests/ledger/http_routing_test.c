#include "http_bench.h"

static void the_first_healthy_endpoint_is_preferred(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/401", "/ok");

    struct ls_ledger_reply first = exchange(bench, call_of(1, "[]"));
    struct ls_ledger_reply second = exchange(bench, call_of(2, "[]"));

    assert_int_equal(first.endpoint, 0);
    assert_int_equal(first.err.code, LS_CODE_REFUSED);
    assert_int_equal(second.endpoint, 1);
    assert_false(health_of(bench, 0).is_up);
    assert_true(health_of(bench, 1).is_up);
}

static void a_breaker_opens_probes_and_closes(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/mode", "/ok");
    atomic_store(&bench->server.mode, 1);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(exchange(bench, call_of(i, "[]")).endpoint, 0);
    struct ls_ledger_call named = call_of(9, "[]");
    named.endpoint = 0;

    assert_int_equal(bench->port.begin(bench->port.self, &named).code, LS_CODE_UNAVAILABLE);
    assert_int_equal(exchange(bench, call_of(10, "[]")).endpoint, 1);
    bench->now_ms += 500;
    assert_int_equal(exchange(bench, call_of(11, "[]")).endpoint, 0); /* probe fails */
    bench->now_ms += 999;
    assert_int_equal(exchange(bench, call_of(12, "[]")).endpoint, 1);
    atomic_store(&bench->server.mode, 0);
    bench->now_ms += 1;
    assert_int_equal(exchange(bench, call_of(13, "[]")).endpoint, 0);

    assert_true(health_of(bench, 0).is_up);
    assert_string_equal(health_of(bench, 0).trouble, "");
    assert_int_equal(health_of(bench, 0).error_permille, 6000 / 7);
}

static void all_breakers_open_means_unavailable_and_then_a_probe(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/404");
    assert_int_equal(exchange(bench, call_of(1, "[]")).err.code, LS_CODE_REFUSED);
    struct ls_ledger_call call = call_of(2, "[]");
    call.is_send = true;

    ls_err refused = bench->port.begin(bench->port.self, &call);
    bench->now_ms += 500;
    ls_err accepted = bench->port.begin(bench->port.self, &call);
    ls_err second_probe = bench->port.begin(bench->port.self, &call);

    assert_int_equal(refused.code, LS_CODE_UNAVAILABLE);
    assert_int_equal(accepted.code, LS_CODE_OK);
    assert_int_equal(second_probe.code, LS_CODE_UNAVAILABLE);
    assert_int_equal(next_reply(bench).id, 2);
}

static void retry_after_keeps_an_endpoint_idle_for_as_long_as_it_says(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/429", "/ok");

    struct ls_ledger_reply reply = exchange(bench, call_of(1, "[]"));
    bench->now_ms += 6999;
    struct ls_ledger_reply meanwhile = exchange(bench, call_of(2, "[]"));
    bench->now_ms += 1;
    struct ls_ledger_reply after = exchange(bench, call_of(3, "[]"));

    assert_int_equal(reply.retry_after_ms, 7000);
    assert_int_equal(meanwhile.endpoint, 1);
    assert_int_equal(after.endpoint, 0);
    assert_true(health_of(bench, 0).is_up); /* limited, not broken */
}

static void a_429_that_names_no_time_waits_a_second(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/429bare");
    assert_int_equal(exchange(bench, call_of(1, "[]")).err.code, LS_CODE_UNAVAILABLE);
    struct ls_ledger_call call = call_of(2, "[]");

    bench->now_ms += 999;
    ls_err early = bench->port.begin(bench->port.self, &call);
    bench->now_ms += 1;
    ls_err late = bench->port.begin(bench->port.self, &call);

    assert_int_equal(early.code, LS_CODE_UNAVAILABLE);
    assert_int_equal(late.code, LS_CODE_OK);
}

static void the_budget_bounds_calls_a_second_sends_apart(void **state)
{
    struct bench *bench = *state;
    connect_to(bench, 3, (const char *const[]){"/ok", NULL});
    struct ls_ledger_call read = call_of(1, "[]");
    struct ls_ledger_call send = call_of(2, "[]");
    send.is_send = true;

    for (int i = 0; i < 3; i++)
        assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_OK);
    assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_UNAVAILABLE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bench->port.begin(bench->port.self, &send).code, LS_CODE_OK);
    assert_int_equal(bench->port.begin(bench->port.self, &send).code, LS_CODE_UNAVAILABLE);
    bench->now_ms += 334;
    assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_OK);
    assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_UNAVAILABLE);
}

static void a_bad_verdict_makes_others_preferred_for_a_while(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok", "/ok");

    bench->port.judge(bench->port.self, 0, LS_LEDGER_UNHEALTHY);
    assert_int_equal(exchange(bench, call_of(1, "[]")).endpoint, 1);
    bench->port.judge(bench->port.self, 1, LS_LEDGER_BEHIND);
    assert_int_equal(exchange(bench, call_of(2, "[]")).endpoint, 0); /* both bad: first */
    bench->port.judge(bench->port.self, 1, LS_LEDGER_GOOD);
    assert_int_equal(exchange(bench, call_of(3, "[]")).endpoint, 1);
    bench->now_ms += 5000;
    assert_int_equal(exchange(bench, call_of(4, "[]")).endpoint, 0);
}

static void sends_that_are_limited_leave_reads_alone(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/429");
    struct ls_ledger_call send = call_of(1, "[]");
    struct ls_ledger_call read = call_of(2, "[]");
    send.is_send = true;

    (void)exchange(bench, send);

    assert_int_equal(bench->port.begin(bench->port.self, &send).code, LS_CODE_UNAVAILABLE);
    assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_OK);
    (void)next_reply(bench);
    assert_int_equal(bench->port.begin(bench->port.self, &read).code, LS_CODE_UNAVAILABLE);
}

static int32_t endpoint_of_turn(struct bench *bench, int32_t turn)
{
    struct ls_ledger_call call = call_of((uint64_t)turn + 1, "[]");
    call.turn = turn;
    return exchange(bench, call).endpoint;
}

static void turns_go_around_those_that_may_be_used(void **state)
{
    struct bench *bench = *state;
    connect_to(bench, 0, (const char *const[]){"/ok", "/404", "/ok", NULL});
    struct ls_ledger_call named = call_of(9, "[]");
    named.endpoint = 1;
    (void)exchange(bench, named); /* its breaker opens */

    assert_int_equal(endpoint_of_turn(bench, 0), 0);
    assert_int_equal(endpoint_of_turn(bench, 1), 2);
    assert_int_equal(endpoint_of_turn(bench, 2), 0);
    assert_int_equal(endpoint_of_turn(bench, 3), 2);
}

static void one_that_is_not_proved_takes_probes_alone(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok", "/ok");
    struct ls_ledger_call named = call_of(1, "[]");
    named.endpoint = 0;

    bench->port.judge(bench->port.self, 0, LS_LEDGER_FOREIGN);
    assert_int_equal(exchange(bench, call_of(2, "[]")).endpoint, 1);
    assert_int_equal(bench->port.begin(bench->port.self, &named).code, LS_CODE_UNAVAILABLE);
    assert_false(health_of(bench, 0).is_up);
    assert_string_equal(health_of(bench, 0).trouble, "answers for another cluster: not used");
    named.is_probe = true;
    assert_int_equal(exchange(bench, named).endpoint, 0);
    bench->port.judge(bench->port.self, 0, LS_LEDGER_PROVED);

    assert_int_equal(exchange(bench, call_of(3, "[]")).endpoint, 0);
    assert_true(health_of(bench, 0).is_up);
}

static void a_break_takes_the_proof_away(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/mode", "/ok");
    bench->port.judge(bench->port.self, 0, LS_LEDGER_PROVED);
    atomic_store(&bench->server.mode, 1);
    for (uint64_t i = 0; i < 5; i++) (void)exchange(bench, call_of(i, "[]"));
    atomic_store(&bench->server.mode, 0);
    bench->now_ms += 500;

    assert_int_equal(exchange(bench, call_of(6, "[]")).endpoint, 1); /* no probe of ours */
    struct ls_ledger_call probe = call_of(7, "[]");
    probe.endpoint = 0;
    probe.is_probe = true;
    assert_int_equal(exchange(bench, probe).err.code, LS_CODE_OK);
    assert_int_equal(exchange(bench, call_of(8, "[]")).endpoint, 1);
    bench->port.judge(bench->port.self, 0, LS_LEDGER_PROVED);

    assert_int_equal(exchange(bench, call_of(9, "[]")).endpoint, 0);
}

static void a_probe_names_its_endpoint(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    struct ls_ledger_call call = call_of(1, "[]");
    call.is_probe = true;
    assert_int_equal(bench->port.begin(bench->port.self, &call).code, LS_CODE_INVALID);
    call.is_probe = false;
    call.turn = -1;
    assert_int_equal(bench->port.begin(bench->port.self, &call).code, LS_CODE_INVALID);
}

static void answers_that_are_garbage_open_the_breaker(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/html");

    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(exchange(bench, call_of(i, "[]")).err.code, LS_CODE_OK);
        bench->port.judge(bench->port.self, 0, LS_LEDGER_GARBAGE);
    }

    assert_false(health_of(bench, 0).is_up);
    assert_int_equal(health_of(bench, 0).error_permille, 1000);
    assert_string_equal(health_of(bench, 0).trouble, "answer is not JSON-RPC");
}

/* Behind a proxy an answer is mangled now and then: that is no series, however long it goes on.
 */
static void garbage_among_readable_answers_leaves_the_breaker_closed(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/html");

    for (uint64_t i = 0; i < 50; i++) {
        bool is_garbage = i % 5 == 0;
        assert_int_equal(exchange(bench, call_of(i, "[]")).err.code, LS_CODE_OK);
        bench->port.judge(bench->port.self, 0,
                          is_garbage ? LS_LEDGER_GARBAGE : LS_LEDGER_READABLE);
        assert_true(health_of(bench, 0).is_up);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_CASE(sends_that_are_limited_leave_reads_alone),
        BENCH_CASE(turns_go_around_those_that_may_be_used),
        BENCH_CASE(one_that_is_not_proved_takes_probes_alone),
        BENCH_CASE(a_break_takes_the_proof_away),
        BENCH_CASE(a_probe_names_its_endpoint),
        BENCH_CASE(the_first_healthy_endpoint_is_preferred),
        BENCH_CASE(a_breaker_opens_probes_and_closes),
        BENCH_CASE(all_breakers_open_means_unavailable_and_then_a_probe),
        BENCH_CASE(retry_after_keeps_an_endpoint_idle_for_as_long_as_it_says),
        BENCH_CASE(a_429_that_names_no_time_waits_a_second),
        BENCH_CASE(the_budget_bounds_calls_a_second_sends_apart),
        BENCH_CASE(a_bad_verdict_makes_others_preferred_for_a_while),
        BENCH_CASE(answers_that_are_garbage_open_the_breaker),
        BENCH_CASE(garbage_among_readable_answers_leaves_the_breaker_closed),
    };
    return cmocka_run_group_tests_name("ledger routing", tests, NULL, NULL);
}
