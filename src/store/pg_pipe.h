/* A request as several statements in one round trip: the worker's own, and after it the call
 * of applications' on_settled functions under a statement timeout of its own. */
#ifndef LS_STORE_PG_PIPE_H
#define LS_STORE_PG_PIPE_H

#include <libpq-fe.h>

#include <stdbool.h>

#include "lockstep/core/store_port.h"
#include "params.h"

enum pipe_hooks {
    PIPE_NO_HOOKS, /* one statement alone */
    PIPE_IN_TURN,  /* a settlement: functions run in its transaction, or neither happened */
    PIPE_AFTER,    /* a tick: what waits is tried again, in a transaction of its own */
};

struct pipe {
    int syncs;      /* ends of transactions that are still to come; 0: no pipeline is open */
    PGresult *kept; /* the first statement's result, or the first failure */
};

/* What follows `request` where some kind has an on_settled function. */
enum pipe_hooks pipe_hooks_of(const struct ls_store_request *request);
/* Send all of it; false when the connection is broken. */
bool pipe_send(PGconn *connection,
               struct pipe *pipe,
               const char *sql,
               const struct params *params,
               enum pipe_hooks hooks);
/* What has come, without waiting. The first statement's result, or the first failure, once
 * all is there: the caller clears it. NULL before; `is_broken_out` when there is no more. */
PGresult *pipe_take(PGconn *connection, struct pipe *pipe, bool *is_broken_out);
/* Forget what was kept; the connection is gone. */
void pipe_drop(struct pipe *pipe);

#endif
