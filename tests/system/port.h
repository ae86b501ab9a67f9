/* The worker's store port on PostgreSQL, driven by a test's own hands. */
#ifndef LOCKSTEP_TESTS_PORT_H
#define LOCKSTEP_TESTS_PORT_H

#include "database.h"
#include "lockstep/store/pg_store.h"

struct bench {
    ls_pg_store *store;
    struct ls_store_port port;
    struct ls_store_reply reply;
};

void open_bench(struct bench *bench, const char *url, int32_t statement_timeout_ms);
/* Requests: HELLO of a worker whose id was `before` (0: none), and others by verb. */
struct ls_store_request hello(int64_t before);
struct ls_store_request verb(enum ls_store_verb which);
/* Begin a request; wait for the next reply, which stands in bench->reply; both at once. */
void begin(struct bench *bench, struct ls_store_request request);
void take(struct bench *bench);
enum ls_code ask(struct bench *bench, struct ls_store_request request);

#endif
