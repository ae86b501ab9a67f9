#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "conformance.h"
#include "lockstep/base/base58.h"

static void nothing_but_hello_begins_before_hello(void **state)
{
    struct bench *bench = *state;
    bench->ports[0] = bench->fixture->port_open(bench->fixture->self, 0);
    struct ls_store_port *port = &bench->ports[0];

    for (int verb = LS_STORE_TICK; verb <= LS_STORE_BYE; verb++) {
        struct ls_store_request request = {.verb = (enum ls_store_verb)verb, .limit = 1};
        assert_int_equal(port->begin(port->self, &request).code, LS_CODE_UNAVAILABLE);
    }
    assert_false(port->take(port->self, &bench->reply));
}

static void hello_pins_the_genesis_and_gives_the_tag_key(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request;
    uint8_t tag_key[32];
    hello_fill(&request);

    int64_t first = connect_worker(bench, 0);

    assert_memory_equal(&bench->reply.genesis, &request.hello.genesis, LS_HASH_BYTES);
    memcpy(tag_key, bench->reply.tag_key, sizeof tag_key);
    int64_t second = connect_worker(bench, 1);
    assert_true(second > 0);
    assert_int_not_equal(first, second);
    assert_memory_equal(bench->reply.tag_key, tag_key, sizeof tag_key);
}

static void another_ledger_is_refused_by_both_names(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request;
    char pinned[LS_HASH_TEXT_BYTES];
    char other[LS_HASH_TEXT_BYTES];
    connect_worker(bench, 0);
    hello_fill(&request);
    ls_hash_text(&request.hello.genesis, pinned);
    request.hello.genesis.bytes[5] ^= 1;
    ls_hash_text(&request.hello.genesis, other);
    bench->ports[1] = bench->fixture->port_open(bench->fixture->self, 1);

    ask(bench, 1, &request);

    assert_int_equal(bench->reply.err.code, LS_CODE_REFUSED);
    assert_non_null(strstr(bench->reply.why.text, pinned));
    assert_non_null(strstr(bench->reply.why.text, other));
    request = (struct ls_store_request){.verb = LS_STORE_TICK};
    assert_int_equal(bench->ports[1].begin(bench->ports[1].self, &request).code,
                     LS_CODE_UNAVAILABLE);
}

static void the_leased_operations_of_a_lost_worker_are_ready_again(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    connect_worker(bench, 1);
    tick(bench, 1);
    expect(bench, op, LS_STATE_LEASED);

    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);

    expect(bench, op, LS_STATE_READY);
    struct taken again = claim_this(bench, 1, op);
    assert_true(again.token > old.token);
    assert_int_equal(again.attempts_round, 0);
}

static void a_zombie_writes_nothing(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    struct ls_intent_row row = intent_row(&old);
    assert_int_not_equal(intent(bench, 0, &row), LS_ROW_DONE);

    (void)claim_this(bench, 1, op);

    assert_int_equal(intent(bench, 0, &row), LS_ROW_STALE);
    struct ls_move_row to = move_row(&old, LS_STATE_READY, LS_SUB_NONE);
    assert_int_equal(move(bench, 0, &to), LS_ROW_STALE);
    expect(bench, op, LS_STATE_LEASED);
}

static void a_lost_worker_is_told_at_its_tick(void **state)
{
    struct bench *bench = *state;
    int64_t lost = connect_worker(bench, 0);
    connect_worker(bench, 1);
    tick(bench, 0);
    assert_false(bench->reply.is_lost);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    assert_false(bench->reply.is_lost);

    tick(bench, 0);

    assert_true(bench->reply.is_lost);
}

static void a_lost_worker_says_hello_and_works_on(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t lost = connect_worker(bench, 0);
    connect_worker(bench, 1);
    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    tick(bench, 0);
    assert_true(bench->reply.is_lost);

    assert_true(greet_again(bench, 0, lost) > 0);

    tick(bench, 0);
    assert_false(bench->reply.is_lost);
    (void)claim_this(bench, 0, op);
}

static void at_most_one_of_two_workers_leads(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);
    connect_worker(bench, 1);

    tick(bench, 0);
    bool first = bench->reply.is_leader;
    tick(bench, 1);
    bool second = bench->reply.is_leader;

    assert_true(first || second);
    assert_false(first && second);
}

static void bye_releases_what_the_worker_held(void **state)
{
    struct bench *bench = *state;
    struct taken taken[2];
    ls_op_id sent = enqueue_memo(bench, "a", NULL);
    connect_worker(bench, 0);
    connect_worker(bench, 1);
    (void)submit(bench, sent);
    ls_op_id leased = enqueue_memo(bench, "b", NULL);
    (void)claim_this(bench, 0, leased);

    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_BYE});

    expect(bench, leased, LS_STATE_READY);
    expect(bench, sent, LS_STATE_SUBMITTED);
    tick(bench, 1);
    assert_int_equal(adopt(bench, 1, taken, 2), 1);
    assert_int_equal(taken[0].op.value, sent.value);
    (void)claim_this(bench, 1, leased);
}

/* A reply to CLAIM that was lost gave leases that the worker never saw. */
static void hello_again_releases_what_was_leased(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t before = connect_worker(bench, 0);
    struct taken old = claim_this(bench, 0, op);

    (void)greet_again(bench, 0, before);
    tick(bench, 0);

    expect(bench, op, LS_STATE_READY);
    struct taken again = claim_this(bench, 0, op);
    assert_true(again.token > old.token);
}

static void hello_again_leaves_what_others_hold(void **state)
{
    struct bench *bench = *state;
    ls_op_id op = enqueue_memo(bench, "a", NULL);
    int64_t before = connect_worker(bench, 0);
    connect_worker(bench, 1);
    (void)claim_this(bench, 1, op);

    (void)greet_again(bench, 0, before);
    tick(bench, 0);

    expect(bench, op, LS_STATE_LEASED);
}

static void an_observation_is_taken(void **state)
{
    struct bench *bench = *state;
    struct ls_observation observation = {
        .endpoint_count = 1,
        .endpoints = {{.name = "one:8899", .is_up = true, .slot = 5, .trouble = ""}},
        .has_balance = true,
        .balance_lamports = 7,
        .finalized_height = 3,
    };
    connect_worker(bench, 0);

    ask_ok(bench, 0,
           &(struct ls_store_request){.verb = LS_STORE_OBSERVE, .observation = &observation});
}

static void
say(struct bench *bench, bool is_catching_up, const char *doing, const char *trouble)
{
    struct ls_observation seen = {.in_flight = 1, .is_catching_up = is_catching_up};
    (void)snprintf(seen.doing, sizeof seen.doing, "%s", doing);
    (void)snprintf(seen.trouble, sizeof seen.trouble, "%s", trouble);
    ask_ok(bench, 0,
           &(struct ls_store_request){.verb = LS_STORE_OBSERVE, .observation = &seen});
}

static struct ls_worker_row worker_row(struct bench *bench, int64_t id)
{
    struct ls_worker_row row = {0};
    bench->fixture->worker(bench->fixture->self, id, &row);
    return row;
}

static void what_a_worker_says_of_itself_is_kept_for_others(void **state)
{
    struct bench *bench = *state;
    int64_t id = connect_worker(bench, 0);
    struct ls_worker_row row = worker_row(bench, id);
    assert_false(row.is_catching_up);
    assert_string_equal(row.doing, "");
    assert_true(row.is_alive);

    say(bench, true, "catching up: page 1, slot 9", "");
    row = worker_row(bench, id);
    assert_true(row.is_catching_up);
    assert_string_equal(row.doing, "catching up: page 1, slot 9");
    assert_string_equal(row.trouble, "");
    const int64_t since_ms = row.doing_ms;
    assert_true(since_ms > 0);

    say(bench, true, "catching up: page 2, slot 5", "");
    row = worker_row(bench, id);
    assert_string_equal(row.doing, "catching up: page 2, slot 5");
    assert_int_equal(row.doing_ms, since_ms); /* at the same thing */

    say(bench, false, "working", "ledger: no endpoint answers \xe2\x80\xa6");
    row = worker_row(bench, id);
    assert_false(row.is_catching_up);
    assert_string_equal(row.doing, "working");
    assert_string_equal(row.trouble, "ledger: no endpoint answers \xe2\x80\xa6");
    assert_true(row.doing_ms >= since_ms);
}

static void words_of_the_greatest_length_are_kept_whole(void **state)
{
    struct bench *bench = *state;
    char doing[LS_WORKER_DOING_BYTES];
    char trouble[LS_WORKER_TROUBLE_BYTES];
    int64_t id = connect_worker(bench, 0);
    memset(doing, 'd', sizeof doing - 1);
    memset(trouble, 't', sizeof trouble - 1);
    doing[sizeof doing - 1] = trouble[sizeof trouble - 1] = '\0';

    say(bench, true, doing, trouble);

    struct ls_worker_row row = worker_row(bench, id);
    assert_string_equal(row.doing, doing);
    assert_string_equal(row.trouble, trouble);
}

static void a_leader_without_bulk_jobs_is_told_so(void **state)
{
    struct bench *bench = *state;
    connect_worker(bench, 0);
    tick(bench, 0);
    assert_true(bench->reply.is_leader);
    assert_false(bench->reply.has_bulk);

    ask_ok(bench, 0, &(struct ls_store_request){.verb = LS_STORE_BULK});

    assert_int_equal(bench->reply.bulk_due_ms, -1);
}

static void an_alert_may_be_raised_twice(void **state)
{
    struct bench *bench = *state;
    struct ls_store_request request = {
        .verb = LS_STORE_RAISE,
        .alert = {.rule = "rollback",
                  .subject = "op 1",
                  .severity = LS_SEVERITY_CRITICAL,
                  .message = "a confirmed transaction vanished"},
    };
    connect_worker(bench, 0);

    ask_ok(bench, 0, &request);
    ask_ok(bench, 0, &request);
}

static bool brake_is_open(struct bench *bench, int64_t worker)
{
    char subject[32];
    (void)snprintf(subject, sizeof subject, "worker %d", (int)worker);
    return bench->fixture->alert_is_open(bench->fixture->self, "brake", subject);
}

static void raise_brake(struct bench *bench, size_t slot, int64_t worker, bool is_over)
{
    char subject[32];
    (void)snprintf(subject, sizeof subject, "worker %d", (int)worker);
    ask_ok(bench, slot,
           &(struct ls_store_request){.verb = LS_STORE_RAISE,
                                      .alert = {.rule = "brake",
                                                .subject = subject,
                                                .severity = LS_SEVERITY_WARNING,
                                                .message = "claims are slowed",
                                                .is_over = is_over}});
}

static void an_alert_ends_when_it_is_said_to_be_over(void **state)
{
    struct bench *bench = *state;
    int64_t worker = connect_worker(bench, 0);
    raise_brake(bench, 0, worker, true); /* nothing to end */
    assert_false(brake_is_open(bench, worker));

    raise_brake(bench, 0, worker, false);
    assert_true(brake_is_open(bench, worker));
    raise_brake(bench, 0, worker, true);

    assert_false(brake_is_open(bench, worker));
}

static void a_workers_brake_ends_with_the_worker(void **state)
{
    struct bench *bench = *state;
    int64_t lost = connect_worker(bench, 0);
    int64_t parting = connect_worker(bench, 1);
    raise_brake(bench, 0, lost, false);
    raise_brake(bench, 1, parting, false);

    bench->fixture->lose_worker(bench->fixture->self, lost);
    tick(bench, 1);
    assert_false(brake_is_open(bench, lost));
    assert_true(brake_is_open(bench, parting));
    ask_ok(bench, 1, &(struct ls_store_request){.verb = LS_STORE_BYE});

    assert_false(brake_is_open(bench, parting));
}

struct cases worker_cases(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_but_hello_begins_before_hello),
        cmocka_unit_test(hello_pins_the_genesis_and_gives_the_tag_key),
        cmocka_unit_test(another_ledger_is_refused_by_both_names),
        cmocka_unit_test(the_leased_operations_of_a_lost_worker_are_ready_again),
        cmocka_unit_test(a_zombie_writes_nothing),
        cmocka_unit_test(a_lost_worker_is_told_at_its_tick),
        cmocka_unit_test(a_lost_worker_says_hello_and_works_on),
        cmocka_unit_test(at_most_one_of_two_workers_leads),
        cmocka_unit_test(bye_releases_what_the_worker_held),
        cmocka_unit_test(hello_again_releases_what_was_leased),
        cmocka_unit_test(hello_again_leaves_what_others_hold),
        cmocka_unit_test(an_observation_is_taken),
        cmocka_unit_test(what_a_worker_says_of_itself_is_kept_for_others),
        cmocka_unit_test(words_of_the_greatest_length_are_kept_whole),
        cmocka_unit_test(a_leader_without_bulk_jobs_is_told_so),
        cmocka_unit_test(an_alert_may_be_raised_twice),
        cmocka_unit_test(an_alert_ends_when_it_is_said_to_be_over),
        cmocka_unit_test(a_workers_brake_ends_with_the_worker),
    };
    return (struct cases){tests, sizeof tests / sizeof tests[0]};
}
