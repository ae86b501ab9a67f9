#include "port.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PUMPS_MAX = 400 };

static struct ls_clock wall;

void open_bench(struct bench *bench, const char *url, int32_t statement_timeout_ms)
{
    wall = database_clock();
    *bench = (struct bench){0};
    bench->store = ls_pg_store_new(
        &(struct ls_pg_store_options){
            .url = url, .connect_timeout_s = 5, .statement_timeout_ms = statement_timeout_ms},
        &wall);
    assert_non_null(bench->store);
    bench->port = ls_pg_store_port(bench->store);
}

struct ls_store_request hello(int64_t before)
{
    struct ls_store_request request = {.verb = LS_STORE_HELLO,
                                       .hello = {.host = "h",
                                                 .pid = 1,
                                                 .version = "0",
                                                 .lease_ms = 600000,
                                                 .previous_worker = before,
                                                 .signer_count = 1}};
    memset(&request.hello.genesis, 0x67, sizeof request.hello.genesis);
    memset(&request.hello.payer, 0x70, sizeof request.hello.payer);
    request.hello.signers[0] = request.hello.payer;
    return request;
}

void begin(struct bench *bench, struct ls_store_request request)
{
    ls_err err = bench->port.begin(bench->port.self, &request);
    if (ls_failed(err)) fail_msg("begin: %s", ls_code_name(err.code));
}

void take(struct bench *bench)
{
    for (int i = 0; i < PUMPS_MAX; i++) {
        int wants_write = 0;
        if (bench->port.take(bench->port.self, &bench->reply)) return;
        int socket = ls_pg_store_socket(bench->store, &wants_write);
        struct pollfd one = {.fd = socket,
                             .events = (short)(POLLIN | (wants_write != 0 ? POLLOUT : 0))};
        (void)poll(&one, socket >= 0 ? 1 : 0, 50);
    }
    fail_msg("no reply");
}

enum ls_code ask(struct bench *bench, struct ls_store_request request)
{
    begin(bench, request);
    take(bench);
    return bench->reply.err.code;
}

struct ls_store_request verb(enum ls_store_verb which)
{
    return (struct ls_store_request){.verb = which, .limit = 10};
}
