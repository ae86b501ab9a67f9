/* The simulated ledger over HTTP on loopback: JSON-RPC by POST / (endpoint 0) or POST /N
 * (endpoint N), GET /health. It has no thread: the caller's loop runs it by turns.
 *
 * Transport faults are real ones here: a closed connection, 429, HTML, a late reply. */
#ifndef LOCKSTEP_SIM_SIM_HTTP_H
#define LOCKSTEP_SIM_SIM_HTTP_H

#include <stdint.h>

#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"
#include "lockstep/sim/sim_ledger.h"

enum { LS_SIM_HTTP_CONNECTIONS_MAX = 256, LS_SIM_HTTP_IDLE_S = 120 };

typedef struct ls_sim_http ls_sim_http;

/* Listen on 127.0.0.1:`port` (0: any free one). `ledger` and `clock` must outlive it and
 * are used by its turns alone. LS_CODE_UNAVAILABLE with `why` when the port is taken,
 * LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_sim_http_new(ls_sim_ledger *ledger,
                                     const struct ls_clock *clock,
                                     uint16_t port,
                                     ls_sim_http **http_out,
                                     struct ls_why *why);
/* Close every connection, answered or not. */
void ls_sim_http_free(ls_sim_http *http);
uint16_t ls_sim_http_port(const ls_sim_http *http);
/* Serve and produce blocks, waiting at most `timeout_ms`; returns earlier when something
 * happened. Call it in a loop. */
void ls_sim_http_turn(ls_sim_http *http, int64_t timeout_ms);

#endif
