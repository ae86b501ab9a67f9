/* The ledger port over HTTP: endpoints in order of preference, each with health, a
 * breaker (closed, open, half-open), a rate budget that honours Retry-After, deadlines
 * and body caps. The only user of libcurl. Owned by one thread; ls_http_ledger_wake may
 * be called from any. */
#ifndef LOCKSTEP_LEDGER_HTTP_LEDGER_H
#define LOCKSTEP_LEDGER_HTTP_LEDGER_H

#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"
#include "lockstep/core/ledger_port.h"
#include "lockstep/core/worker_port.h"

typedef struct ls_http_ledger ls_http_ledger;

struct ls_http_ledger_options {
    size_t endpoint_count;    /* 1..LS_ENDPOINTS_MAX */
    const char *endpoints[8]; /* https URLs; http only to loopback */
    int32_t calls_per_second; /* budget of each endpoint; 0: unlimited */
    const char *user_agent;
};

/* LS_CODE_INVALID with `why` for a URL that is not https (or http on loopback). */
LS_MUST_CHECK ls_err ls_http_ledger_new(const struct ls_http_ledger_options *options,
                                        const struct ls_clock *clock,
                                        ls_http_ledger **ledger_out,
                                        struct ls_why *why);
void ls_http_ledger_free(ls_http_ledger *ledger);
struct ls_ledger_port ls_http_ledger_port(ls_http_ledger *ledger);

/* Wait in curl_multi_poll for the ledger's sockets and one more descriptor (-1: none) at
 * most `timeout_ms`, or until ls_http_ledger_wake(). */
void ls_http_ledger_wait(ls_http_ledger *ledger,
                         int extra_socket,
                         int extra_wants_write,
                         int64_t timeout_ms);
void ls_http_ledger_wake(ls_http_ledger *ledger);

/* One blocking call for the command line (doctor, demo, resolve): post `body`, append
 * the reply to `reply_out`. Same errors as the port's. */
LS_MUST_CHECK ls_err ls_http_ledger_post(ls_http_ledger *ledger,
                                         int32_t endpoint,
                                         const char *body,
                                         size_t body_bytes,
                                         int64_t timeout_ms,
                                         struct ls_buf *reply_out);

#endif
