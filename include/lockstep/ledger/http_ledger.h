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

enum {
    LS_HTTP_ENDPOINTS_MAX = 8,
    LS_HTTP_TIMEOUT_MS_MAX = 300000, /* of a call; 0 and more than this are refused */
};

typedef struct ls_http_ledger ls_http_ledger;

struct ls_http_ledger_options {
    size_t endpoint_count; /* 1..LS_HTTP_ENDPOINTS_MAX */
    /* URLs, first preferred: https, or http to loopback. Credentials, path and query are
     * sent and never shown. Copied. */
    const char *endpoints[LS_HTTP_ENDPOINTS_MAX];
    /* HTTP calls a second of each endpoint, once for sends and once for the rest; 0:
     * unlimited. */
    int32_t calls_per_second;
    const char *user_agent; /* NULL: "lockstep". Copied */
};

/* Nothing is connected yet. `clock` is copied; what it points to must outlive the ledger.
 * LS_CODE_INVALID with `why` for a URL that is not https (or http on loopback), for no or
 * too many endpoints; LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_http_ledger_new(const struct ls_http_ledger_options *options,
                                        const struct ls_clock *clock,
                                        ls_http_ledger **ledger_out,
                                        struct ls_why *why);
/* Calls under way are abandoned: whether they arrived is then unknown. NULL is allowed. */
void ls_http_ledger_free(ls_http_ledger *ledger);

/* How calls are routed. A call that names no endpoint goes to the first healthy one that is
 * not clearly slower (more than three times and 150 ms) than another. Five
 * failures in a row (or one 401, 403, 404, 410) open an endpoint's breaker for 0.5 s,
 * doubling to 15 s; then one call, a read where there is a choice, probes it. A 429 and
 * Retry-After keep it idle for as long as it says (at most 5 minutes), of sends or of
 * reads, whichever was answered so; a bad verdict makes others preferred for 5 s. One that
 * is unproved or foreign takes probes alone. Redirects are not followed; a proxy of the
 * environment is used for https only. */
struct ls_ledger_port ls_http_ledger_port(ls_http_ledger *ledger);

/* Wait in curl_multi_poll for the ledger's sockets and one more descriptor (-1: none) at
 * most `timeout_ms` (>= 0), or until ls_http_ledger_wake(). Returns at once when a reply
 * is ready. */
void ls_http_ledger_wait(ls_http_ledger *ledger,
                         int extra_socket,
                         int extra_wants_write,
                         int64_t timeout_ms);
/* Any thread, between new and free. */
void ls_http_ledger_wake(ls_http_ledger *ledger);

/* One blocking call for the command line (doctor, demo, resolve): post `body` to
 * `endpoint` (or LS_LEDGER_ANY_ENDPOINT), append the reply to `reply_out`. Same errors as
 * the port's, and LS_CODE_FULL when the reply does not fit. Counts as a send. Calls begun
 * through the port go on meanwhile. */
LS_MUST_CHECK ls_err ls_http_ledger_post(ls_http_ledger *ledger,
                                         int32_t endpoint,
                                         const char *body,
                                         size_t body_bytes,
                                         int64_t timeout_ms,
                                         struct ls_buf *reply_out);

#endif
