/* What the worker needs of a ledger's network: post a JSON-RPC body, get a body back.
 *
 * The worker builds and reads the bodies (solana layer); an implementation knows
 * endpoints, connections, deadlines, health, breaker and rate budgets, and nothing of
 * Solana. Implementations: HTTP in the ledger layer, the simulated cluster in sim.
 * Asynchronous: begin copies what it needs; replies come in any order. */
#ifndef LOCKSTEP_CORE_LEDGER_PORT_H
#define LOCKSTEP_CORE_LEDGER_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum {
    LS_LEDGER_CALLS_MAX = 64,             /* begun and not yet taken */
    LS_LEDGER_BODY_BYTES_MAX = 4 << 20,   /* of a request */
    LS_LEDGER_REPLY_BYTES_MAX = 16 << 20, /* of a reply; longer is LS_CODE_UNKNOWN */
    LS_LEDGER_ANY_ENDPOINT = -1,
};

struct ls_ledger_call {
    uint64_t id;      /* the caller's; comes back in the reply */
    int32_t endpoint; /* index, or LS_LEDGER_ANY_ENDPOINT: the port chooses by health */
    bool is_send;     /* carries transactions: counted in another rate budget, never
                         repeated by the port itself */
    bool is_probe;    /* asks a named endpoint about itself: goes there although it is barred */
    int32_t turn;     /* with LS_LEDGER_ANY_ENDPOINT: 0 the best, 1 the next best of those that
                         may be used, and so on around: how a repeated send alternates */
    const char *body;
    size_t body_bytes;
    int64_t timeout_ms;
};

/* `err` tells what may have happened:
 * LS_CODE_OK           an HTTP 200 with a body arrived
 * LS_CODE_UNAVAILABLE  nothing was written: no connection, breaker open, rate limited (429)
 * LS_CODE_UNKNOWN      bytes may have left: timeout, reset, 408/5xx, body too long or cut
 * LS_CODE_REFUSED      HTTP 401/403/404/410: this endpoint will not serve us */
struct ls_ledger_reply {
    uint64_t id;
    ls_err err; /* native: HTTP status or CURLcode */
    int32_t endpoint;
    int64_t retry_after_ms; /* from Retry-After; 0 if none */
    int64_t elapsed_ms;
    const char *body; /* owned by the port until the next take or begin; "" if none */
    size_t body_bytes;
};

/* What the caller learned from a body, so that health includes more than HTTP. */
enum ls_ledger_verdict {
    LS_LEDGER_GOOD,      /* answered sensibly, after it was found unhealthy or behind */
    LS_LEDGER_READABLE,  /* this answer is JSON-RPC: garbage before it was no series */
    LS_LEDGER_UNHEALTHY, /* JSON-RPC says so (-32005 …): prefer another */
    LS_LEDGER_GARBAGE,   /* not JSON-RPC at all */
    LS_LEDGER_BEHIND,    /* far behind the others' slot */
    /* Whose cluster an endpoint belongs to. Ports begin with all proved; whoever says UNPROVED
     * takes it on to prove each: after a break of the endpoint it is unproved again. Barred,
     * which both of the first are, means that it takes probes alone. */
    LS_LEDGER_UNPROVED,
    LS_LEDGER_FOREIGN, /* answers for another cluster */
    LS_LEDGER_PROVED,
};

struct ls_endpoint_health {
    const char *name;       /* host and port, never path or credentials; port's memory */
    bool is_up;             /* breaker not open, not barred */
    bool is_behind;         /* or unhealthy: others are preferred */
    int64_t latency_ms;     /* smoothed */
    int64_t error_permille; /* over the recent calls */
    const char *trouble;    /* static phrase of the last failure; "" if none since */
};

struct ls_ledger_port {
    void *self;
    /* LS_CODE_FULL at LS_LEDGER_CALLS_MAX; LS_CODE_UNAVAILABLE when no endpoint may be
     * used now; LS_CODE_INVALID when a maximum is broken. */
    ls_err (*begin)(void *self, const struct ls_ledger_call *call);
    bool (*take)(void *self, struct ls_ledger_reply *reply_out);
    void (*judge)(void *self, int32_t endpoint, enum ls_ledger_verdict verdict);
    int32_t (*endpoint_count)(void *self);
    void (*health)(void *self, int32_t endpoint, struct ls_endpoint_health *health_out);
};

#endif
