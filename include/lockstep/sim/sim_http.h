/* The simulated ledger over HTTP on loopback (libmicrohttpd): JSON-RPC by POST /, GET
 * /health. Its own event loop runs in the calling thread until stopped. */
#ifndef LOCKSTEP_SIM_SIM_HTTP_H
#define LOCKSTEP_SIM_SIM_HTTP_H

#include <stdint.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"
#include "lockstep/sim/sim_ledger.h"

typedef struct ls_sim_http ls_sim_http;

/* Listen on 127.0.0.1:`port` (0: any free one). LS_CODE_UNAVAILABLE with `why`. */
LS_MUST_CHECK ls_err ls_sim_http_new(ls_sim_ledger *ledger,
                                     const struct ls_clock *clock,
                                     uint16_t port,
                                     ls_sim_http **http_out,
                                     struct ls_why *why);
void ls_sim_http_free(ls_sim_http *http);
uint16_t ls_sim_http_port(const ls_sim_http *http);
/* Serve and produce blocks for at most `timeout_ms`, then return; call in a loop. */
void ls_sim_http_turn(ls_sim_http *http, int64_t timeout_ms);

#endif
