/* One statement and its answer on a blocking connection, with an end: a server that takes
 * a connection and then says nothing (frozen, or cut off without a word) would keep libpq
 * waiting for ever, since a statement's own timeout is the server's to keep. */
#ifndef LS_STORE_EXCHANGE_H
#define LS_STORE_EXCHANGE_H

#include <libpq-fe.h>

#include <stdint.h>

#include "params.h"

struct exchange_limits {
    int64_t answer_ms; /* how long the whole answer may take */
    int interrupt_fd;  /* readable: end at once; -1: there is none */
};

/* Run `sql` with bound parameters (NULL: none, and several statements may stand in `sql`).
 * The last result, the caller's to PQclear. NULL when the connection broke, the time is over
 * or it was interrupted: then the connection's socket is shut, so that PQfinish and whatever
 * comes next do not wait either, and whether the statement ran is unknown. */
PGresult *exchange_run(PGconn *connection,
                       const char *sql,
                       const struct params *params,
                       const struct exchange_limits *limits);

#endif
