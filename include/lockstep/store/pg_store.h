/* The worker's store on PostgreSQL: ls_store_port over one asynchronous libpq
 * connection (core/store_port.h is the contract). Owned by one thread. */
#ifndef LOCKSTEP_STORE_PG_STORE_H
#define LOCKSTEP_STORE_PG_STORE_H

#include "lockstep/base/clock.h"
#include "lockstep/core/store_port.h"

typedef struct ls_pg_store ls_pg_store;

struct ls_pg_store_options {
    const char *url;
    int32_t connect_timeout_s;
    int32_t statement_timeout_ms;
};

/* NULL when memory is exhausted. Connecting begins with LS_STORE_HELLO and never blocks
 * longer than name lookup does. */
ls_pg_store *ls_pg_store_new(const struct ls_pg_store_options *options,
                             const struct ls_clock *clock);
void ls_pg_store_free(ls_pg_store *store);
struct ls_store_port ls_pg_store_port(ls_pg_store *store);
/* The socket to wait on, -1 if none now, and whether writing is awaited too: for the
 * event loop's wait. */
int ls_pg_store_socket(ls_pg_store *store, int *wants_write_out);

#endif
