#include "sim_fixture.h"

/* The in-process port: outcomes of calls in virtual time. */

static int64_t virtual_ms(void *self)
{
    return ((struct fixture *)self)->now_ms;
}

static const char slot_body[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"getSlot\"}";

static ls_err begin_slot(const struct ls_ledger_port *port, uint64_t id, int32_t endpoint)
{
    struct ls_ledger_call call = {.id = id,
                                  .endpoint = endpoint,
                                  .body = slot_body,
                                  .body_bytes = sizeof slot_body - 1,
                                  .timeout_ms = 1000};
    return port->begin(port->self, &call);
}

/* Move time to the port's next event until a reply comes. */
static struct ls_ledger_reply
wait_reply(struct fixture *fixture, ls_sim_port *sim, const struct ls_ledger_port *port)
{
    struct ls_ledger_reply reply;
    for (int i = 0; i < 100; i++) {
        if (port->take(port->self, &reply)) return reply;
        int64_t next_ms = ls_sim_port_next_ms(sim);
        assert_true(next_ms != INT64_MAX);
        assert_true(next_ms > fixture->now_ms);
        fixture->now_ms = next_ms;
    }
    fail();
    return reply;
}

static void a_call_is_answered_with_its_id_and_endpoint(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
    struct ls_ledger_port port = ls_sim_port_face(sim);
    assert_int_equal(port.endpoint_count(port.self), 3);
    assert_true(ls_sim_port_next_ms(sim) == INT64_MAX);

    assert_false(ls_failed(begin_slot(&port, 42, 2)));
    struct ls_ledger_reply reply = wait_reply(&fixture, sim, &port);

    assert_int_equal(reply.err.code, LS_CODE_OK);
    assert_int_equal(reply.id, 42);
    assert_int_equal(reply.endpoint, 2);
    assert_int_equal(reply.body_bytes, strlen(reply.body));
    assert_non_null(strstr(reply.body, "\"result\":"));
    assert_true(ls_sim_port_next_ms(sim) == INT64_MAX);
    ls_sim_port_free(sim);
    tear_down(&fixture);
}

static void each_fault_has_its_outcome(void **state)
{
    (void)state;
    static const struct {
        struct ls_sim_faults faults;
        enum ls_code code;
        int64_t elapsed_ms, retry_after_ms;
    } cases[] = {
        {{.drop_request_ppm = 1000000}, LS_CODE_UNAVAILABLE, 1, 0},
        {{.is_down = true}, LS_CODE_UNAVAILABLE, 1, 0},
        {{.lose_request_ppm = 1000000}, LS_CODE_UNKNOWN, 1000, 0},
        {{.drop_reply_ppm = 1000000}, LS_CODE_UNKNOWN, 1000, 0},
        {{.rate_limit_ppm = 1000000}, LS_CODE_UNAVAILABLE, 1, 1000},
        {{.garbage_ppm = 1000000}, LS_CODE_OK, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        set_up(&fixture);
        ls_sim_ledger_set_faults(fixture.ledger, &cases[i].faults);
        ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
        struct ls_ledger_port port = ls_sim_port_face(sim);

        assert_false(ls_failed(begin_slot(&port, i, 0)));
        struct ls_ledger_reply reply = wait_reply(&fixture, sim, &port);

        assert_int_equal(reply.err.code, cases[i].code);
        assert_int_equal(reply.elapsed_ms, cases[i].elapsed_ms);
        assert_int_equal(reply.retry_after_ms, cases[i].retry_after_ms);
        assert_int_equal(reply.body_bytes > 0, cases[i].code == LS_CODE_OK);
        ls_sim_port_free(sim);
        tear_down(&fixture);
    }
}

static void calls_beyond_the_maximum_are_refused_and_the_rest_answered(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
    struct ls_ledger_port port = ls_sim_port_face(sim);

    for (uint64_t i = 0; i < LS_LEDGER_CALLS_MAX; i++)
        assert_false(ls_failed(begin_slot(&port, i, LS_LEDGER_ANY_ENDPOINT)));
    assert_int_equal(begin_slot(&port, 99, 0).code, LS_CODE_FULL);

    for (uint64_t i = 0; i < LS_LEDGER_CALLS_MAX; i++)
        assert_int_equal(wait_reply(&fixture, sim, &port).id, i);
    assert_false(ls_failed(begin_slot(&port, 99, 0)));
    ls_sim_port_free(sim);
    tear_down(&fixture);
}

static void a_call_that_breaks_a_maximum_is_invalid(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
    struct ls_ledger_port port = ls_sim_port_face(sim);
    struct ls_ledger_call call = {.body = slot_body, .body_bytes = 4, .timeout_ms = 0};
    assert_int_equal(port.begin(port.self, &call).code, LS_CODE_INVALID);
    call.timeout_ms = 10;
    call.endpoint = 3;
    assert_int_equal(port.begin(port.self, &call).code, LS_CODE_INVALID);
    call.endpoint = 0;
    call.body_bytes = LS_LEDGER_BODY_BYTES_MAX + 1;
    assert_int_equal(port.begin(port.self, &call).code, LS_CODE_INVALID);
    ls_sim_port_free(sim);
    ls_sim_port_free(NULL);
    tear_down(&fixture);
}

/* Begin one sendTransaction for `tx`. */
static void begin_send(const struct ls_ledger_port *port, const struct ls_tx *tx)
{
    char text[LS_TX_BYTES_MAX * 2];
    struct ls_buf body;
    (void)sodium_bin2base64(text, sizeof text, tx->bytes, tx->length,
                            sodium_base64_VARIANT_ORIGINAL);
    ls_buf_init(&body, LS_LEDGER_BODY_BYTES_MAX);
    ls_buf_printf(&body,
                  "[{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"sendTransaction\",\"params\":"
                  "[\"%s\",{\"encoding\":\"base64\",\"skipPreflight\":true}]}]",
                  text);
    struct ls_ledger_call call = {.id = 1,
                                  .is_send = true,
                                  .body = ls_buf_text(&body),
                                  .body_bytes = body.length,
                                  .timeout_ms = 200};
    assert_false(ls_failed(port->begin(port->self, &call)));
    ls_buf_done(&body);
}

static void a_lost_reply_was_carried_out_and_a_lost_request_was_not(void **state)
{
    (void)state;
    for (int is_reply = 0; is_reply < 2; is_reply++) {
        struct fixture fixture;
        set_up(&fixture);
        struct ls_tx tx = memo_tx(&fixture, "lost");
        struct ls_sim_faults faults = {.drop_reply_ppm = is_reply == 1 ? 1000000 : 0,
                                       .straggle_ppm = 250000,
                                       .lose_request_ppm = is_reply == 0 ? 1000000 : 0};
        ls_sim_ledger_set_faults(fixture.ledger, &faults);
        ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
        struct ls_ledger_port port = ls_sim_port_face(sim);

        begin_send(&port, &tx);
        assert_int_equal(wait_reply(&fixture, sim, &port).err.code, LS_CODE_UNKNOWN);
        pass_slots(&fixture, 20);
        struct ls_ledger_reply reply;
        assert_false(port.take(port.self, &reply)); /* a straggler arrives here */
        pass_slots(&fixture, 10);

        assert_int_equal(!json_is_null(status_at(&fixture, 0, &tx, true)), is_reply);
        ls_sim_port_free(sim);
        tear_down(&fixture);
    }
}

static void a_reply_later_than_the_timeout_is_unknown_and_may_still_be_carried_out(void **state)
{
    (void)state;
    int late = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fixture fixture;
        struct ls_sim_ledger_options options = {.seed = seed, .slot_ms = SLOT_MS};
        set_up_with(&fixture, &options);
        struct ls_tx tx = memo_tx(&fixture, "slow");
        struct ls_sim_faults faults = {.reply_delay_ms_max = 5000};
        ls_sim_ledger_set_faults(fixture.ledger, &faults);
        ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
        struct ls_ledger_port port = ls_sim_port_face(sim);

        begin_send(&port, &tx);
        struct ls_ledger_reply reply = wait_reply(&fixture, sim, &port);
        if (reply.err.code == LS_CODE_UNKNOWN && ls_sim_port_next_ms(sim) != INT64_MAX) late++;
        pass_slots(&fixture, 60);
        assert_false(port.take(port.self, &reply));
        pass_slots(&fixture, 10);

        assert_false(json_is_null(status_at(&fixture, 0, &tx, true)));
        ls_sim_port_free(sim);
        tear_down(&fixture);
    }
    assert_true(late > 5);
}

static void requests_that_nobody_waits_for_never_use_up_the_port(void **state)
{
    (void)state;
    struct fixture fixture;
    set_up(&fixture);
    struct ls_sim_faults faults = {.reply_delay_ms_max = 100000};
    ls_sim_ledger_set_faults(fixture.ledger, &faults);
    ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
    struct ls_ledger_port port = ls_sim_port_face(sim);

    for (uint64_t i = 0; i < 40 * LS_LEDGER_CALLS_MAX; i++) {
        assert_false(ls_failed(begin_slot(&port, i, 0)));
        if (i % LS_LEDGER_CALLS_MAX != LS_LEDGER_CALLS_MAX - 1) continue;
        for (int j = 0; j < LS_LEDGER_CALLS_MAX; j++) (void)wait_reply(&fixture, sim, &port);
    }

    ls_sim_port_free(sim);
    tear_down(&fixture);
}

static void a_crash_lets_what_is_on_the_wire_arrive_or_not(void **state)
{
    (void)state;
    int arrived = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fixture fixture;
        struct ls_sim_ledger_options options = {.seed = seed, .slot_ms = SLOT_MS};
        set_up_with(&fixture, &options);
        struct ls_tx tx = memo_tx(&fixture, "crash");
        ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
        struct ls_ledger_port port = ls_sim_port_face(sim);

        begin_send(&port, &tx);
        ls_sim_port_free(sim);
        pass_slots(&fixture, 10);

        arrived += json_is_null(status_at(&fixture, 0, &tx, true)) ? 0 : 1;
        tear_down(&fixture);
    }
    assert_in_range(arrived, 8, 32);
}

static void a_bad_endpoint_is_left_for_another_and_says_its_trouble(void **state)
{
    (void)state;
    struct fixture fixture;
    struct ls_endpoint_health health;
    set_up(&fixture);
    ls_sim_port *sim = ls_sim_port_new(fixture.ledger, virtual_ms, &fixture);
    struct ls_ledger_port port = ls_sim_port_face(sim);
    assert_false(ls_failed(begin_slot(&port, 1, LS_LEDGER_ANY_ENDPOINT)));
    assert_int_equal(wait_reply(&fixture, sim, &port).endpoint, 0);

    port.judge(port.self, 0, LS_LEDGER_UNHEALTHY);

    port.health(port.self, 0, &health);
    assert_string_equal(health.name, "sim-0");
    assert_string_equal(health.trouble, "unhealthy");
    assert_true(health.error_permille > 0);
    assert_false(ls_failed(begin_slot(&port, 2, LS_LEDGER_ANY_ENDPOINT)));
    assert_int_equal(wait_reply(&fixture, sim, &port).endpoint, 1);
    ls_sim_port_free(sim);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_is_answered_with_its_id_and_endpoint),
        cmocka_unit_test(each_fault_has_its_outcome),
        cmocka_unit_test(calls_beyond_the_maximum_are_refused_and_the_rest_answered),
        cmocka_unit_test(a_call_that_breaks_a_maximum_is_invalid),
        cmocka_unit_test(a_lost_reply_was_carried_out_and_a_lost_request_was_not),
        cmocka_unit_test(
            a_reply_later_than_the_timeout_is_unknown_and_may_still_be_carried_out),
        cmocka_unit_test(requests_that_nobody_waits_for_never_use_up_the_port),
        cmocka_unit_test(a_crash_lets_what_is_on_the_wire_arrive_or_not),
        cmocka_unit_test(a_bad_endpoint_is_left_for_another_and_says_its_trouble),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
