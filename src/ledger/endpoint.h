/* One endpoint as the ledger layer sees it: where it is, how it has behaved lately, and
 * whether it may be called now. Knows no socket; time arrives as an argument. */
#ifndef LOCKSTEP_LEDGER_ENDPOINT_H
#define LOCKSTEP_LEDGER_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/ledger_port.h"

enum {
    LS_ENDPOINTS_KNOWN_MAX = 8, /* endpoints that one choice is made of */
    LS_ENDPOINT_URL_BYTES = 2048,
    LS_ENDPOINT_NAME_BYTES = 96,
    LS_BREAKER_FAILURES = 5, /* in a row: the breaker opens */
    LS_BREAKER_COOL_MS = 500,
    LS_BREAKER_COOL_MS_MAX = 15000,
    LS_HEALTH_CALLS = 64,   /* the error rate covers the last so many calls */
    LS_UNHEALTHY_MS = 5000, /* how long others are preferred after a bad verdict */
    LS_SLOWER_TIMES = 3,    /* slower than this times the fastest, and by so much: clearly */
    LS_SLOWER_US = 150000,
    LS_RETRY_AFTER_MS = 1000, /* when a 429 names no time */
    LS_RETRY_AFTER_MS_MAX = 300000,
};

enum ls_breaker {
    LS_BREAKER_CLOSED,    /* calls pass */
    LS_BREAKER_OPEN,      /* none passes before `open_until_ms` */
    LS_BREAKER_HALF_OPEN, /* one probe is on its way */
};

/* A token bucket that holds at most one second's worth. */
struct ls_budget {
    int64_t per_second; /* 0: unlimited */
    int64_t millitokens;
    int64_t filled_ms;
};

struct ls_endpoint {
    char url[LS_ENDPOINT_URL_BYTES]; /* with credentials, if any: never shown */
    char name[LS_ENDPOINT_NAME_BYTES];
    bool is_plain; /* http, hence on loopback */
    enum ls_breaker breaker;
    int32_t failures; /* in a row */
    int32_t garbage;  /* answers in a row that were judged garbage */
    int64_t cool_ms;  /* of the next opening */
    int64_t open_until_ms;
    int64_t reads_limited_until_ms; /* Retry-After */
    int64_t sends_limited_until_ms;
    int64_t shunned_until_ms; /* a verdict: prefer another */
    const char *shunned_for;
    enum ls_ledger_verdict proof; /* PROVED, UNPROVED, FOREIGN */
    bool is_proof_kept;           /* somebody proves: a break makes it unproved again */
    struct ls_budget reads;
    struct ls_budget sends;
    int64_t latency_us; /* smoothed; 0 before the first answer */
    uint64_t recent;    /* one bit a call, newest lowest; 1 is a failure */
    int32_t recent_count;
    const char *trouble;
};

/* Read `url` into `endpoint_out`: https anywhere, http to loopback alone. LS_CODE_INVALID
 * with `why`, which names host and cure but never the URL itself. */
LS_MUST_CHECK ls_err ls_endpoint_init(struct ls_endpoint *endpoint_out,
                                      const char *url,
                                      int32_t calls_per_second,
                                      int64_t now_ms,
                                      struct ls_why *why);

/* How willing it is to take a call now, best first. */
enum ls_willingness {
    LS_WILLING,
    LS_WILLING_PROBE, /* its breaker wants one call that may fail */
    LS_WILLING_LAST,  /* only when no other will: it is unhealthy or behind */
    LS_UNWILLING,
};
/* Of `call` its is_send and is_probe matter. */
enum ls_willingness ls_endpoint_willingness(struct ls_endpoint *endpoint,
                                            const struct ls_ledger_call *call,
                                            int64_t now_ms);
/* Index of the endpoint for a call that names none, or -1: of the willing in order of
 * preference, clearly slower ones last, the one whose turn it is. A probe of an open
 * breaker is only ever a read, unless nobody else is there. */
int32_t ls_endpoint_choose(struct ls_endpoint *endpoints,
                           size_t count,
                           const struct ls_ledger_call *call,
                           int64_t now_ms);

/* A call leaves for it: takes a token, and makes an open breaker half-open. */
void ls_endpoint_begun(struct ls_endpoint *endpoint, bool is_send);

/* What came of a call. */
struct ls_outcome {
    ls_err err; /* as in a reply; native is the HTTP status or the CURLcode */
    bool is_send;
    bool is_limited;
    int64_t retry_after_ms; /* 0: none given */
    int64_t elapsed_us;
};
void ls_endpoint_ended(struct ls_endpoint *endpoint,
                       const struct ls_outcome *outcome,
                       int64_t now_ms);
void ls_endpoint_judge(struct ls_endpoint *endpoint,
                       enum ls_ledger_verdict verdict,
                       int64_t now_ms);
void ls_endpoint_health(const struct ls_endpoint *endpoint,
                        int64_t now_ms,
                        struct ls_endpoint_health *health_out);

#endif
