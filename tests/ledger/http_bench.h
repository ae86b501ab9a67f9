/* A ledger of the loopback server's endpoints, with a clock that moves by hand, for the
 * tests of the ledger layer. */
#ifndef LOCKSTEP_TESTS_HTTP_BENCH_H
#define LOCKSTEP_TESTS_HTTP_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lockstep/ledger/http_ledger.h"
#include "loopback_server.h"

enum { PATIENCE = 2000, TIMEOUT_MS = 3000 };

struct bench {
    struct server server;
    int64_t now_ms; /* the ledger's clock: moves only by hand */
    ls_http_ledger *ledger;
    struct ls_ledger_port port;
    char urls[LS_HTTP_ENDPOINTS_MAX][96];
};

static int64_t read_now(void *self)
{
    const struct bench *bench = self;
    return bench->now_ms;
}

static int set_up(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL) return -1;
    server_start(&bench->server);
    bench->now_ms = 1000000;
    *state = bench;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *bench = *state;
    ls_http_ledger_free(bench->ledger);
    server_stop(&bench->server);
    free(bench);
    return 0;
}

/* A ledger whose endpoints behave as `paths` say, up to NULL. */
static void connect_to(struct bench *bench, int32_t per_second, const char *const *paths)
{
    struct ls_http_ledger_options options = {.calls_per_second = per_second,
                                             .user_agent = "lockstep-test"};
    const struct ls_clock clock = {
        .self = bench, .monotonic_ms = read_now, .wall_ms = read_now};
    struct ls_why why = {{0}};
    for (; paths[options.endpoint_count] != NULL; options.endpoint_count++) {
        size_t i = options.endpoint_count;
        (void)snprintf(bench->urls[i], sizeof bench->urls[i], "http://127.0.0.1:%d%s",
                       bench->server.port, paths[i]);
        options.endpoints[i] = bench->urls[i];
    }
    ls_err err = ls_http_ledger_new(&options, &clock, &bench->ledger, &why);
    assert_string_equal(why.text, "");
    assert_int_equal(err.code, LS_CODE_OK);
    bench->port = ls_http_ledger_port(bench->ledger);
}
#define CONNECT_TO(bench_, ...) \
    connect_to((bench_), 0, (const char *const[]){__VA_ARGS__, NULL})

static struct ls_ledger_call call_of(uint64_t id, const char *body)
{
    return (struct ls_ledger_call){
        .id = id,
        .endpoint = LS_LEDGER_ANY_ENDPOINT,
        .body = body,
        .body_bytes = strlen(body),
        .timeout_ms = TIMEOUT_MS,
    };
}

static struct ls_ledger_reply next_reply(struct bench *bench)
{
    struct ls_ledger_reply reply = {0};
    for (int i = 0; i < PATIENCE; i++) {
        if (bench->port.take(bench->port.self, &reply)) return reply;
        ls_http_ledger_wait(bench->ledger, -1, 0, 10);
    }
    fail_msg("no reply came");
    return reply;
}

static struct ls_ledger_reply exchange(struct bench *bench, struct ls_ledger_call call)
{
    ls_err err = bench->port.begin(bench->port.self, &call);
    assert_int_equal(err.code, LS_CODE_OK);
    struct ls_ledger_reply reply = next_reply(bench);
    assert_int_equal(reply.id, call.id);
    return reply;
}

static struct ls_endpoint_health health_of(struct bench *bench, int32_t endpoint)
{
    struct ls_endpoint_health health;
    bench->port.health(bench->port.self, endpoint, &health);
    return health;
}

#define BENCH_CASE(name_) cmocka_unit_test_setup_teardown(name_, set_up, tear_down)

#endif
