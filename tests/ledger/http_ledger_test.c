#include "http_bench.h"

static void an_answer_comes_back_with_its_id_and_body(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");

    struct ls_ledger_reply reply = exchange(bench, call_of(77, "[\"hello\"]"));

    assert_int_equal(reply.err.code, LS_CODE_OK);
    assert_int_equal(reply.body_bytes, 9);
    assert_string_equal(reply.body, "[\"hello\"]");
    assert_int_equal(reply.endpoint, 0);
}

static void a_send_arrives_whole(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    char body[40001];
    memset(body, 's', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    struct ls_ledger_call call = call_of(1, body);
    call.is_send = true;

    struct ls_ledger_reply reply = exchange(bench, call);

    assert_int_equal(reply.err.code, LS_CODE_OK);
    assert_int_equal(reply.body_bytes, sizeof body - 1);
    assert_memory_equal(reply.body, body, sizeof body - 1);
}

/* Each way to fail, and what it says about the bytes. */
static void each_failure_says_whether_bytes_may_have_left(void **state)
{
    static const struct {
        const char *path;
        enum ls_code code;
        int32_t native; /* 0: any */
    } cases[] = {
        {"/html", LS_CODE_OK, 0}, /* 200 with a body: reading it is the caller's */
        {"/empty", LS_CODE_UNKNOWN, 200},
        {"/400", LS_CODE_UNKNOWN, 400},
        {"/401", LS_CODE_REFUSED, 401},
        {"/403", LS_CODE_REFUSED, 403},
        {"/404", LS_CODE_REFUSED, 404},
        {"/410", LS_CODE_REFUSED, 410},
        {"/408", LS_CODE_UNKNOWN, 408},
        {"/500", LS_CODE_UNKNOWN, 500},
        {"/503", LS_CODE_UNKNOWN, 503},
        {"/429", LS_CODE_UNAVAILABLE, 429},
        {"/redirect", LS_CODE_UNKNOWN, 302},
        {"/close", LS_CODE_UNKNOWN, 0},
        {"/cut", LS_CODE_UNKNOWN, 0},
        {"/garbage", LS_CODE_UNKNOWN, 0},
        {"/huge", LS_CODE_UNKNOWN, 0},
        {"/endless", LS_CODE_UNKNOWN, 0},
        {"/headers", LS_CODE_UNKNOWN, 0},
    };
    struct bench *bench = *state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        size_t row = i / 2;
        CONNECT_TO(bench, cases[row].path);
        struct ls_ledger_call call = call_of(i, "[]");
        call.is_send = i % 2 == 1;

        struct ls_ledger_reply reply = exchange(bench, call);

        if (reply.err.code != cases[row].code)
            fail_msg("%s: %s, %s", cases[row].path, ls_code_name(reply.err.code),
                     reply.err.what);
        if (cases[row].native != 0) assert_int_equal(reply.err.native, cases[row].native);
        if (reply.err.code != LS_CODE_OK) assert_string_equal(reply.body, "");
        ls_http_ledger_free(bench->ledger);
        bench->ledger = NULL;
    }
}

static void a_redirect_is_not_followed(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/redirect");

    struct ls_ledger_reply reply = exchange(bench, call_of(1, "[]"));

    assert_int_equal(reply.err.native, 302);
    assert_int_equal(atomic_load(&bench->server.requests), 1);
}

static void nobody_listening_means_that_nothing_left(void **state)
{
    struct bench *bench = *state;
    struct server gone;
    server_start(&gone);
    server_stop(&gone);
    int port = bench->server.port;
    bench->server.port = gone.port;
    CONNECT_TO(bench, "/ok");
    bench->server.port = port;
    struct ls_ledger_call call = call_of(1, "[]");
    call.is_send = true;

    struct ls_ledger_reply reply = exchange(bench, call);

    assert_int_equal(reply.err.code, LS_CODE_UNAVAILABLE);
    assert_string_equal(health_of(bench, 0).trouble, "no connection");
}

static void a_stall_or_a_trickle_ends_at_the_deadline_as_unknown(void **state)
{
    static const char *const paths[] = {"/stall", "/trickle"};
    struct bench *bench = *state;
    for (size_t i = 0; i < 2; i++) {
        CONNECT_TO(bench, paths[i]);
        struct ls_ledger_call call = call_of(1, "[]");
        call.timeout_ms = 100;

        struct ls_ledger_reply reply = exchange(bench, call);

        assert_int_equal(reply.err.code, LS_CODE_UNKNOWN);
        assert_string_equal(reply.err.what, "timed out");
        ls_http_ledger_free(bench->ledger);
        bench->ledger = NULL;
    }
}

static void one_connection_serves_calls_that_follow_each_other(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");

    for (uint64_t i = 0; i < 50; i++) {
        struct ls_ledger_call call = call_of(i, "[]");
        call.is_send = i % 3 == 0;
        assert_int_equal(exchange(bench, call).err.code, LS_CODE_OK);
    }

    assert_int_equal(atomic_load(&bench->server.connections), 1);
    assert_int_equal(atomic_load(&bench->server.requests), 50);
}

/* The server reads the second request of a connection and hangs up. */
static void a_send_is_never_repeated_on_a_dead_connection(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/once");
    struct ls_ledger_call call = call_of(1, "[\"tx\"]");
    call.is_send = true;
    assert_int_equal(exchange(bench, call).err.code, LS_CODE_OK);

    struct ls_ledger_reply reply = exchange(bench, call);

    assert_int_equal(reply.err.code, LS_CODE_UNKNOWN);
    assert_int_equal(atomic_load(&bench->server.requests), 2);
}

static void a_read_is_repeated_on_a_fresh_connection(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/once");
    assert_int_equal(exchange(bench, call_of(1, "[]")).err.code, LS_CODE_OK);

    struct ls_ledger_reply reply = exchange(bench, call_of(2, "[]"));

    assert_int_equal(reply.err.code, LS_CODE_OK);
    assert_int_equal(atomic_load(&bench->server.requests), 3);
}

static void calls_up_to_the_maximum_are_under_way_together(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    bool seen[LS_LEDGER_CALLS_MAX] = {false};
    for (uint64_t i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        struct ls_ledger_call call = call_of(i, "[1]");
        assert_int_equal(bench->port.begin(bench->port.self, &call).code, LS_CODE_OK);
    }
    struct ls_ledger_call extra = call_of(99, "[1]");

    ls_err refused = bench->port.begin(bench->port.self, &extra);
    for (int i = 0; i < LS_LEDGER_CALLS_MAX; i++) {
        struct ls_ledger_reply reply = next_reply(bench);
        assert_int_equal(reply.err.code, LS_CODE_OK);
        assert_false(seen[reply.id]);
        seen[reply.id] = true;
    }
    ls_err accepted = bench->port.begin(bench->port.self, &extra);

    assert_int_equal(refused.code, LS_CODE_FULL);
    assert_int_equal(accepted.code, LS_CODE_OK);
    assert_int_equal(next_reply(bench).id, 99);
}

static void a_call_that_breaks_a_maximum_is_refused(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    struct ls_ledger_call none = call_of(1, "");
    struct ls_ledger_call large = call_of(1, "[]");
    large.body_bytes = (size_t)LS_LEDGER_BODY_BYTES_MAX + 1;
    struct ls_ledger_call timeless = call_of(1, "[]");
    timeless.timeout_ms = 0;
    struct ls_ledger_call patient = call_of(1, "[]");
    patient.timeout_ms = (int64_t)LS_HTTP_TIMEOUT_MS_MAX + 1;
    struct ls_ledger_call astray = call_of(1, "[]");
    astray.endpoint = 1;
    const struct ls_ledger_call *const calls[] = {&none, &large, &timeless, &patient, &astray};

    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
        assert_int_equal(bench->port.begin(bench->port.self, calls[i]).code, LS_CODE_INVALID);
}

static void a_wake_ends_a_wait(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");

    ls_http_ledger_wake(bench->ledger);
    ls_http_ledger_wait(bench->ledger, -1, 0, 50000); /* the suite's limit is 60 s */
}

static void a_wait_ends_when_the_extra_socket_is_ready(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);

    ls_http_ledger_wait(bench->ledger, pair[0], 1, 50000); /* writable at once */
    assert_int_equal(write(pair[1], "x", 1), 1);
    ls_http_ledger_wait(bench->ledger, pair[0], 0, 50000);

    (void)close(pair[0]);
    (void)close(pair[1]);
}

static void a_url_is_https_or_on_loopback(void **state)
{
    static const struct {
        const char *url;
        const char *why; /* NULL: accepted */
        const char *name;
    } cases[] = {
        {"https://rpc.one.example/v2/KEY?token=SECRET", NULL, "rpc.one.example:443"},
        {"https://user:SECRET@rpc.one.example:8443", NULL, "rpc.one.example:8443"},
        {"http://localhost:8899", NULL, "localhost:8899"},
        {"http://127.0.0.1", NULL, "127.0.0.1:80"},
        {"http://127.9.9.9:1", NULL, "127.9.9.9:1"},
        {"http://[::1]:8899/", NULL, "[::1]:8899"},
        {"http://rpc.one.example/SECRET",
         "endpoint rpc.one.example: http is for loopback alone; write https", NULL},
        {"http://127.0.0.1.evil.example/",
         "endpoint 127.0.0.1.evil.example: http is for loopback alone; write https", NULL},
        {"http://128.0.0.1/", "endpoint 128.0.0.1: http is for loopback alone; write https",
         NULL},
        {"ftp://rpc.one.example/", "endpoint rpc.one.example: only https works here, not ftp",
         NULL},
        {"rpc.one.example", "an endpoint is not a URL; write https://host/path", NULL},
        {"", "an endpoint is not a URL; write https://host/path", NULL},
        {"https://bad host/SECRET", "an endpoint is not a URL; write https://host/path", NULL},
    };
    struct bench *bench = *state;
    const struct ls_clock clock = {
        .self = bench, .monotonic_ms = read_now, .wall_ms = read_now};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ls_http_ledger_options options = {.endpoint_count = 1,
                                                 .endpoints = {cases[i].url}};
        struct ls_why why = {{0}};
        ls_http_ledger *ledger = NULL;

        ls_err err = ls_http_ledger_new(&options, &clock, &ledger, &why);

        assert_string_equal(why.text, cases[i].why == NULL ? "" : cases[i].why);
        assert_int_equal(err.code, cases[i].why == NULL ? LS_CODE_OK : LS_CODE_INVALID);
        if (ledger != NULL) {
            bench->port = ls_http_ledger_port(ledger);
            assert_string_equal(health_of(bench, 0).name, cases[i].name);
        }
        ls_http_ledger_free(ledger);
    }
}

static void the_number_of_endpoints_is_bounded(void **state)
{
    struct bench *bench = *state;
    const struct ls_clock clock = {
        .self = bench, .monotonic_ms = read_now, .wall_ms = read_now};
    struct ls_http_ledger_options options = {0};
    struct ls_why why = {{0}};
    ls_http_ledger *ledger = NULL;

    assert_int_equal(ls_http_ledger_new(&options, &clock, &ledger, &why).code, LS_CODE_INVALID);
    options.endpoint_count = LS_HTTP_ENDPOINTS_MAX + 1;
    assert_int_equal(ls_http_ledger_new(&options, &clock, &ledger, &why).code, LS_CODE_INVALID);
    for (size_t i = 0; i < LS_HTTP_ENDPOINTS_MAX; i++)
        options.endpoints[i] = "https://a.example";
    options.endpoint_count = LS_HTTP_ENDPOINTS_MAX;
    assert_int_equal(ls_http_ledger_new(&options, &clock, &ledger, &why).code, LS_CODE_OK);
    struct ls_ledger_port port = ls_http_ledger_port(ledger);

    assert_int_equal(port.endpoint_count(port.self), LS_HTTP_ENDPOINTS_MAX);
    ls_http_ledger_free(ledger);
    ls_http_ledger_free(NULL);
}

static void a_blocking_post_answers_and_leaves_other_replies_alone(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/ok");
    struct ls_ledger_call other = call_of(5, "[5]");
    assert_int_equal(bench->port.begin(bench->port.self, &other).code, LS_CODE_OK);
    struct ls_buf reply;
    ls_buf_init(&reply, 100);

    ls_err err = ls_http_ledger_post(bench->ledger, LS_LEDGER_ANY_ENDPOINT, "[6]", 3,
                                     TIMEOUT_MS, &reply);

    assert_int_equal(err.code, LS_CODE_OK);
    assert_string_equal(ls_buf_text(&reply), "[6]");
    struct ls_ledger_reply left = next_reply(bench);
    assert_int_equal(left.id, 5);
    assert_string_equal(left.body, "[5]");
    ls_buf_done(&reply);
}

static void a_blocking_post_fails_as_the_port_does(void **state)
{
    struct bench *bench = *state;
    CONNECT_TO(bench, "/500", "/ok");
    struct ls_buf reply;
    ls_buf_init(&reply, 2);

    ls_err failed = ls_http_ledger_post(bench->ledger, 0, "[]", 2, TIMEOUT_MS, &reply);
    ls_err too_small = ls_http_ledger_post(bench->ledger, 1, "[7]", 3, TIMEOUT_MS, &reply);

    assert_int_equal(failed.code, LS_CODE_UNKNOWN);
    assert_int_equal(failed.native, 500);
    assert_int_equal(too_small.code, LS_CODE_FULL);
    ls_buf_done(&reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BENCH_CASE(an_answer_comes_back_with_its_id_and_body),
        BENCH_CASE(a_send_arrives_whole),
        BENCH_CASE(each_failure_says_whether_bytes_may_have_left),
        BENCH_CASE(a_redirect_is_not_followed),
        BENCH_CASE(nobody_listening_means_that_nothing_left),
        BENCH_CASE(a_stall_or_a_trickle_ends_at_the_deadline_as_unknown),
        BENCH_CASE(one_connection_serves_calls_that_follow_each_other),
        BENCH_CASE(a_send_is_never_repeated_on_a_dead_connection),
        BENCH_CASE(a_read_is_repeated_on_a_fresh_connection),
        BENCH_CASE(calls_up_to_the_maximum_are_under_way_together),
        BENCH_CASE(a_call_that_breaks_a_maximum_is_refused),
        BENCH_CASE(a_wake_ends_a_wait),
        BENCH_CASE(a_wait_ends_when_the_extra_socket_is_ready),
        BENCH_CASE(a_url_is_https_or_on_loopback),
        BENCH_CASE(the_number_of_endpoints_is_bounded),
        BENCH_CASE(a_blocking_post_answers_and_leaves_other_replies_alone),
        BENCH_CASE(a_blocking_post_fails_as_the_port_does),
    };
    return cmocka_run_group_tests_name("ledger", tests, NULL, NULL);
}
