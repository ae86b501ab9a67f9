/* What the store in memory adds to the contract: its faults, crashes and judge's views. The
 * contract itself is proved by tests/conformance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/sim/memory_store.h"

struct bench {
    int64_t now_ms;
    ls_memory_store *store;
    ls_memory_port *port;
    struct ls_store_port face;
    struct ls_store_reply reply;
};

static int64_t now_ms(void *self)
{
    return ((const struct bench *)self)->now_ms;
}

static void set_faults(struct bench *bench, struct ls_memory_faults faults)
{
    ls_memory_store_set_faults(bench->store, &faults);
}

static ls_err begin(struct bench *bench, struct ls_store_request request)
{
    if (request.verb == LS_STORE_HELLO) {
        request.hello.host = "test";
        request.hello.version = "0";
        request.hello.lease_ms = 1000;
    }
    return bench->face.begin(bench->face.self, &request);
}

static enum ls_code ask(struct bench *bench, struct ls_store_request request)
{
    ls_err err = begin(bench, request);
    if (ls_failed(err)) return err.code;
    assert_true(bench->face.take(bench->face.self, &bench->reply));
    return bench->reply.err.code;
}

static enum ls_code ask_for(struct bench *bench, enum ls_store_verb verb)
{
    return ask(bench, (struct ls_store_request){.verb = verb, .limit = 1});
}

static void bench_begin(struct bench *bench)
{
    *bench = (struct bench){.now_ms = 5000};
    bench->store = ls_memory_store_new(
        &(struct ls_memory_store_options){.seed = 1, .now_ms = now_ms, .self = bench});
    assert_non_null(bench->store);
    bench->port = ls_memory_port_new(bench->store);
    assert_non_null(bench->port);
    bench->face = ls_memory_port_face(bench->port);
}

static void bench_end(struct bench *bench)
{
    ls_memory_port_free(bench->port);
    ls_memory_store_free(bench->store);
}

static ls_op_id enqueue(struct bench *bench, const char *key)
{
    ls_op_id op = {0};
    struct ls_memory_enqueue request = {.kind = LS_KIND_MEMO, .payload = "{}", .key = key};
    ls_err err = ls_memory_store_enqueue(bench->store, &request, &op, NULL);
    assert_false(ls_failed(err));
    return op;
}

static enum ls_state state_of(const struct bench *bench, ls_op_id op)
{
    struct ls_op_row row;
    assert_true(ls_memory_store_op(bench->store, op, &row));
    return row.state;
}

static void a_refused_request_did_not_happen_and_breaks_the_connection(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    ls_op_id op = enqueue(&bench, "a");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    set_faults(&bench, (struct ls_memory_faults){.refuse_ppm = 1000000});

    assert_int_equal(ask_for(&bench, LS_STORE_CLAIM), LS_CODE_UNAVAILABLE);

    assert_int_equal(state_of(&bench, op), LS_STATE_READY);
    set_faults(&bench, (struct ls_memory_faults){0});
    assert_int_equal(ask_for(&bench, LS_STORE_TICK), LS_CODE_UNAVAILABLE);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    assert_int_equal(ask_for(&bench, LS_STORE_TICK), LS_CODE_OK);
    bench_end(&bench);
}

static void a_lost_reply_hides_what_happened(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    ls_op_id op = enqueue(&bench, "a");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    set_faults(&bench, (struct ls_memory_faults){.lose_reply_ppm = 1000000});

    assert_int_equal(ask_for(&bench, LS_STORE_CLAIM), LS_CODE_UNKNOWN);

    assert_int_equal(bench.reply.op_count, 0);
    assert_int_equal(state_of(&bench, op), LS_STATE_LEASED);
    bench_end(&bench);
}

static void a_lost_request_did_not_happen_but_nobody_knows(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    ls_op_id op = enqueue(&bench, "a");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    set_faults(&bench, (struct ls_memory_faults){.lose_request_ppm = 1000000});

    assert_int_equal(ask_for(&bench, LS_STORE_CLAIM), LS_CODE_UNKNOWN);

    assert_int_equal(state_of(&bench, op), LS_STATE_READY);
    bench_end(&bench);
}

static void a_store_that_is_down_refuses_a_greeting(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    set_faults(&bench, (struct ls_memory_faults){.is_down = true});

    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_UNAVAILABLE);

    set_faults(&bench, (struct ls_memory_faults){0});
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    bench_end(&bench);
}

static void what_waits_behind_a_broken_request_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    ls_op_id op = enqueue(&bench, "a");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    set_faults(&bench, (struct ls_memory_faults){.lose_request_ppm = 1000000});
    assert_false(ls_failed(begin(&bench, (struct ls_store_request){.verb = LS_STORE_TICK})));
    set_faults(&bench, (struct ls_memory_faults){0});
    assert_false(ls_failed(
        begin(&bench, (struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1})));

    assert_true(bench.face.take(bench.face.self, &bench.reply));
    assert_int_equal(bench.reply.err.code, LS_CODE_UNKNOWN);
    assert_true(bench.face.take(bench.face.self, &bench.reply));
    assert_int_equal(bench.reply.err.code, LS_CODE_UNAVAILABLE);

    assert_int_equal(state_of(&bench, op), LS_STATE_READY);
    bench_end(&bench);
}

static void a_delayed_request_happens_before_its_reply_shows(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    ls_op_id op = enqueue(&bench, "a");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    assert_int_equal(ls_memory_port_next_ms(bench.port), INT64_MAX);
    set_faults(&bench, (struct ls_memory_faults){.delay_ms_max = 1000});
    assert_false(ls_failed(
        begin(&bench, (struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1})));

    bench.now_ms = ls_memory_port_next_ms(bench.port) - 1;
    ls_memory_port_advance(bench.port);
    assert_int_equal(state_of(&bench, op), LS_STATE_READY);
    bench.now_ms++;
    ls_memory_port_advance(bench.port);
    assert_int_equal(state_of(&bench, op), LS_STATE_LEASED);

    bench.now_ms = ls_memory_port_next_ms(bench.port);
    assert_true(bench.face.take(bench.face.self, &bench.reply));
    assert_int_equal(bench.reply.op_count, 1);
    assert_int_equal(ls_memory_store_token(bench.store, op), bench.reply.ops[0].token);
    bench_end(&bench);
}

/* Of a crashed client's requests a prefix happens: none, some or all over many seeds. */
static void a_crash_leaves_a_prefix_of_what_was_under_way(void **state)
{
    (void)state;
    bool has_none = false;
    bool has_all = false;
    for (int i = 0; i < 64 && !(has_none && has_all); i++) {
        struct bench bench;
        bench_begin(&bench);
        ls_op_id op = enqueue(&bench, "a");
        assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
        for (int skip = 0; skip < i; skip++)
            assert_int_equal(ask_for(&bench, LS_STORE_TICK), LS_CODE_OK);
        set_faults(&bench, (struct ls_memory_faults){.delay_ms_max = 1000000});
        assert_false(ls_failed(
            begin(&bench, (struct ls_store_request){.verb = LS_STORE_CLAIM, .limit = 1})));

        ls_memory_port_free(bench.port);
        bench.port = NULL;

        has_none = has_none || state_of(&bench, op) == LS_STATE_READY;
        has_all = has_all || state_of(&bench, op) == LS_STATE_LEASED;
        bench_end(&bench);
    }
    assert_true(has_none);
    assert_true(has_all);
}

static void an_alert_is_one_by_rule_and_subject(void **state)
{
    (void)state;
    struct bench bench;
    struct ls_alert_row row;
    bench_begin(&bench);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    struct ls_store_request raise = {
        .verb = LS_STORE_RAISE,
        .alert = {.rule = "rollback", .subject = "op 1", .severity = 1, .message = "gone"}};
    assert_int_equal(ask(&bench, raise), LS_CODE_OK);
    assert_int_equal(ask(&bench, raise), LS_CODE_OK);
    assert_false(ls_memory_store_alert(bench.store, "rollback", "op 2", &row));
    assert_true(ls_memory_store_alert(bench.store, "rollback", "op 1", &row));
    assert_int_equal(row.times, 1);
    assert_int_equal(row.state, LS_ALERT_FIRING);

    struct ls_action action = {
        .verb = LS_VERB_ALERT_ACK, .request_id = {1}, .alert_id = row.id, .reason = "seen"};
    struct ls_action_result result;
    ls_memory_store_act(bench.store, &action, &result);
    assert_false(ls_failed(result.err));
    assert_int_equal(ask(&bench, raise), LS_CODE_OK);
    assert_true(ls_memory_store_alert(bench.store, "rollback", "op 1", &row));
    assert_int_equal(row.state, LS_ALERT_ACKED);

    raise.alert.severity = 2;
    assert_int_equal(ask(&bench, raise), LS_CODE_OK);
    assert_true(ls_memory_store_alert(bench.store, "rollback", "op 1", &row));
    assert_int_equal(row.state, LS_ALERT_FIRING);
    bench_end(&bench);
}

static void a_worker_is_seen_as_it_said(void **state)
{
    (void)state;
    struct bench bench;
    struct ls_worker_row row;
    const struct ls_observation seen = {.in_flight = 7, .is_draining = true};
    bench_begin(&bench);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    int64_t worker = bench.reply.worker_id;
    assert_int_equal(
        ask(&bench, (struct ls_store_request){.verb = LS_STORE_OBSERVE, .observation = &seen}),
        LS_CODE_OK);

    assert_true(ls_memory_store_worker(bench.store, worker, &row));
    assert_string_equal(row.host, "test");
    assert_int_equal(row.in_flight, 7);
    assert_true(row.is_draining);
    assert_true(row.is_alive);
    assert_false(ls_memory_store_worker(bench.store, worker + 1, &row));
    bench_end(&bench);
}

static void an_enqueue_out_of_range_is_named(void **state)
{
    (void)state;
    struct bench bench;
    char long_key[LS_KEY_BYTES_MAX + 2];
    memset(long_key, 'k', sizeof long_key - 1);
    long_key[sizeof long_key - 1] = '\0';
    const struct ls_memory_enqueue wrong[] = {
        {.kind = LS_KIND_NONE, .payload = "{}", .key = "a"},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = ""},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = long_key},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = "a", .lane = LS_LANE_COUNT},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = "a", .lane = -1},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = "ls:mine"},
        {.kind = LS_KIND_MEMO, .payload = "{}", .key = "a", .depends_on_key = "b"},
    };
    bench_begin(&bench);

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        ls_op_id op = {-1};
        struct ls_why why = {0};
        assert_true(ls_failed(ls_memory_store_enqueue(bench.store, &wrong[i], &op, &why)));
        assert_int_equal(op.value, -1);
        assert_true(why.text[0] != '\0');
    }
    assert_int_equal(ls_memory_store_last_id(bench.store), 0);
    bench_end(&bench);
}

static void collect(void *self, ls_op_id op)
{
    int64_t *sum = self;
    *sum += op.value;
}

static void a_change_is_told_once(void **state)
{
    (void)state;
    struct bench bench;
    int64_t first = 0;
    int64_t again = 0;
    int64_t claimed = 0;
    bench_begin(&bench);
    (void)enqueue(&bench, "a");
    (void)enqueue(&bench, "b");

    ls_memory_store_changes(bench.store, collect, &first);
    ls_memory_store_changes(bench.store, collect, &again);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    assert_int_equal(ask_for(&bench, LS_STORE_CLAIM), LS_CODE_OK);
    ls_memory_store_changes(bench.store, collect, &claimed);

    assert_int_equal(first, 3);
    assert_int_equal(again, 0);
    assert_int_equal(claimed, 1);
    bench_end(&bench);
}

static void a_restore_loses_what_came_after_and_breaks_connections(void **state)
{
    (void)state;
    struct bench bench;
    ls_op_id found = {0};
    bench_begin(&bench);
    assert_false(ls_failed(ls_memory_store_record(bench.store)));
    const ls_op_id kept = enqueue(&bench, "kept");
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    const int64_t moment = ls_memory_store_moment(bench.store);
    assert_int_equal(ask_for(&bench, LS_STORE_CLAIM), LS_CODE_OK);
    const ls_op_id lost = enqueue(&bench, "lost");
    assert_int_equal(state_of(&bench, kept), LS_STATE_LEASED);

    assert_false(ls_failed(ls_memory_store_restore(bench.store, moment)));

    assert_int_equal(ls_memory_store_timeline(bench.store), 1);
    assert_int_equal(state_of(&bench, kept), LS_STATE_READY);
    assert_false(ls_memory_store_find(bench.store, "lost", &found));
    assert_int_equal(ask_for(&bench, LS_STORE_TICK), LS_CODE_UNAVAILABLE);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    assert_int_equal(enqueue(&bench, "other").value, lost.value); /* ids are given again */
    bench_end(&bench);
}

static void what_was_under_way_at_a_restore_is_unknown(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    assert_false(ls_failed(ls_memory_store_record(bench.store)));
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    set_faults(&bench, (struct ls_memory_faults){.delay_ms_max = 1000000});
    assert_false(ls_failed(begin(&bench, (struct ls_store_request){.verb = LS_STORE_TICK})));

    const int64_t moment = ls_memory_store_moment(bench.store);
    assert_false(ls_failed(ls_memory_store_restore(bench.store, moment)));

    bench.now_ms += 3000000;
    assert_true(bench.face.take(bench.face.self, &bench.reply));
    assert_int_equal(bench.reply.err.code, LS_CODE_UNKNOWN);
    assert_true(ls_failed(ls_memory_store_restore(bench.store, moment + 1)));
    bench_end(&bench);
}

static void a_cut_connection_loses_requests_and_refuses_greetings(void **state)
{
    (void)state;
    struct bench bench;
    bench_begin(&bench);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);

    ls_memory_port_cut(bench.port, true);

    assert_int_equal(ask_for(&bench, LS_STORE_TICK), LS_CODE_UNKNOWN);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_UNAVAILABLE);
    ls_memory_port_cut(bench.port, false);
    assert_int_equal(ask_for(&bench, LS_STORE_HELLO), LS_CODE_OK);
    bench_end(&bench);
}

static void freeing_nothing_is_nothing(void **state)
{
    (void)state;
    ls_memory_port_free(NULL);
    ls_memory_store_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_request_did_not_happen_and_breaks_the_connection),
        cmocka_unit_test(a_lost_reply_hides_what_happened),
        cmocka_unit_test(a_lost_request_did_not_happen_but_nobody_knows),
        cmocka_unit_test(a_store_that_is_down_refuses_a_greeting),
        cmocka_unit_test(what_waits_behind_a_broken_request_is_refused),
        cmocka_unit_test(a_delayed_request_happens_before_its_reply_shows),
        cmocka_unit_test(a_crash_leaves_a_prefix_of_what_was_under_way),
        cmocka_unit_test(an_alert_is_one_by_rule_and_subject),
        cmocka_unit_test(a_worker_is_seen_as_it_said),
        cmocka_unit_test(an_enqueue_out_of_range_is_named),
        cmocka_unit_test(a_change_is_told_once),
        cmocka_unit_test(a_restore_loses_what_came_after_and_breaks_connections),
        cmocka_unit_test(what_was_under_way_at_a_restore_is_unknown),
        cmocka_unit_test(a_cut_connection_loses_requests_and_refuses_greetings),
        cmocka_unit_test(freeing_nothing_is_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
