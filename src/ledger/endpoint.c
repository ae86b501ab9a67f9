#include "endpoint.h"

#include <assert.h>
#include <stdio.h>

#include "url.h"

ls_err ls_endpoint_init(struct ls_endpoint *endpoint_out,
                        const char *url,
                        int32_t calls_per_second,
                        int64_t now_ms,
                        struct ls_why *why)
{
    assert(endpoint_out != NULL);
    assert(calls_per_second >= 0);
    struct ls_endpoint endpoint = {
        .breaker = LS_BREAKER_CLOSED,
        .cool_ms = LS_BREAKER_COOL_MS,
        .trouble = "",
        .shunned_for = "",
        .proof = LS_LEDGER_PROVED,
    };
    LS_TRY(ls_url_read(url, endpoint.name, sizeof endpoint.name, &endpoint.is_plain, why));
    int length = snprintf(endpoint.url, sizeof endpoint.url, "%s", url);
    if (length < 0 || (size_t)length >= sizeof endpoint.url) {
        return ls_refuse(why, LS_CODE_INVALID, "ledger endpoint",
                         "endpoint %s: the URL is longer than %d bytes; shorten it",
                         endpoint.name, LS_ENDPOINT_URL_BYTES - 1);
    }
    struct ls_budget full = {
        .per_second = calls_per_second,
        .millitokens = (int64_t)calls_per_second * 1000,
        .filled_ms = now_ms,
    };
    endpoint.reads = full;
    endpoint.sends = full;
    *endpoint_out = endpoint;
    return LS_OK;
}

static bool budget_has(struct ls_budget *budget, int64_t now_ms)
{
    if (budget->per_second == 0) return true;
    int64_t passed_ms = now_ms - budget->filled_ms;
    if (passed_ms > 1000) passed_ms = 1000; /* the bucket is full by then */
    if (passed_ms > 0) {
        budget->millitokens += passed_ms * budget->per_second;
        budget->filled_ms = now_ms;
    }
    if (budget->millitokens > budget->per_second * 1000)
        budget->millitokens = budget->per_second * 1000;
    return budget->millitokens >= 1000;
}

enum ls_willingness ls_endpoint_willingness(struct ls_endpoint *endpoint,
                                            const struct ls_ledger_call *call,
                                            int64_t now_ms)
{
    int64_t limited_until_ms =
        call->is_send ? endpoint->sends_limited_until_ms : endpoint->reads_limited_until_ms;
    if (endpoint->proof != LS_LEDGER_PROVED && !call->is_probe) return LS_UNWILLING;
    if (endpoint->breaker == LS_BREAKER_HALF_OPEN) return LS_UNWILLING;
    if (endpoint->breaker == LS_BREAKER_OPEN && now_ms < endpoint->open_until_ms)
        return LS_UNWILLING;
    if (now_ms < limited_until_ms) return LS_UNWILLING;
    if (!budget_has(call->is_send ? &endpoint->sends : &endpoint->reads, now_ms))
        return LS_UNWILLING;
    if (endpoint->breaker == LS_BREAKER_OPEN) return LS_WILLING_PROBE;
    return now_ms < endpoint->shunned_until_ms ? LS_WILLING_LAST : LS_WILLING;
}

static bool is_slower(const struct ls_endpoint *endpoint, int64_t fastest_us)
{
    return endpoint->latency_us > fastest_us * LS_SLOWER_TIMES &&
           endpoint->latency_us > fastest_us + LS_SLOWER_US;
}

/* Endpoints of one willingness in order of preference, clearly slower ones behind. */
struct line {
    size_t count;
    int32_t indexes[LS_ENDPOINTS_KNOWN_MAX];
};

static struct line line_up(const struct ls_endpoint *endpoints,
                           const enum ls_willingness *willing,
                           size_t count,
                           enum ls_willingness wanted)
{
    struct line line = {0};
    int64_t fastest_us = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        bool is_measured = willing[i] == wanted && endpoints[i].latency_us > 0;
        if (is_measured && endpoints[i].latency_us < fastest_us)
            fastest_us = endpoints[i].latency_us;
    }
    for (int slow = 0; slow < 2; slow++) {
        for (size_t i = 0; i < count; i++) {
            bool is_slow = fastest_us != INT64_MAX && is_slower(&endpoints[i], fastest_us);
            if (willing[i] == wanted && is_slow == (slow == 1))
                line.indexes[line.count++] = (int32_t)i;
        }
    }
    return line;
}

int32_t ls_endpoint_choose(struct ls_endpoint *endpoints,
                           size_t count,
                           const struct ls_ledger_call *call,
                           int64_t now_ms)
{
    assert(endpoints != NULL);
    assert(count <= LS_ENDPOINTS_KNOWN_MAX && call->turn >= 0);
    static const enum ls_willingness order[] = {LS_WILLING, LS_WILLING_LAST, LS_WILLING_PROBE};
    enum ls_willingness willing[LS_ENDPOINTS_KNOWN_MAX];
    for (size_t i = 0; i < count; i++)
        willing[i] = ls_endpoint_willingness(&endpoints[i], call, now_ms);
    if (!call->is_send) {
        struct line probes = line_up(endpoints, willing, count, LS_WILLING_PROBE);
        if (probes.count > 0) return probes.indexes[0];
    }
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        struct line line = line_up(endpoints, willing, count, order[i]);
        if (line.count > 0) return line.indexes[(size_t)call->turn % line.count];
    }
    return -1;
}

void ls_endpoint_begun(struct ls_endpoint *endpoint, bool is_send)
{
    struct ls_budget *budget = is_send ? &endpoint->sends : &endpoint->reads;
    if (budget->per_second > 0) budget->millitokens -= 1000;
    if (endpoint->breaker == LS_BREAKER_OPEN) endpoint->breaker = LS_BREAKER_HALF_OPEN;
}

static void remember(struct ls_endpoint *endpoint, bool is_failure)
{
    endpoint->recent = endpoint->recent << 1 | (is_failure ? 1u : 0u);
    if (endpoint->recent_count < LS_HEALTH_CALLS) endpoint->recent_count++;
}

static void breaker_open(struct ls_endpoint *endpoint, int64_t now_ms)
{
    endpoint->breaker = LS_BREAKER_OPEN;
    if (endpoint->is_proof_kept && endpoint->proof == LS_LEDGER_PROVED)
        endpoint->proof = LS_LEDGER_UNPROVED;
    endpoint->open_until_ms = now_ms + endpoint->cool_ms;
    endpoint->cool_ms *= 2;
    if (endpoint->cool_ms > LS_BREAKER_COOL_MS_MAX) endpoint->cool_ms = LS_BREAKER_COOL_MS_MAX;
}

/* `is_final`: no further call is worth making before the cool-down. */
static void
failed(struct ls_endpoint *endpoint, const char *trouble, bool is_final, int64_t now_ms)
{
    endpoint->trouble = trouble;
    if (endpoint->failures < LS_BREAKER_FAILURES) endpoint->failures++;
    /* Calls that were under way when it opened do not lengthen the cool-down. */
    if (endpoint->breaker == LS_BREAKER_OPEN) return;
    if (is_final || endpoint->breaker == LS_BREAKER_HALF_OPEN ||
        endpoint->failures >= LS_BREAKER_FAILURES)
        breaker_open(endpoint, now_ms);
}

static void succeeded(struct ls_endpoint *endpoint, int64_t elapsed_us)
{
    endpoint->trouble = "";
    endpoint->failures = 0;
    endpoint->breaker = LS_BREAKER_CLOSED;
    /* While its answers are garbage, an answer alone is no recovery. */
    if (endpoint->garbage == 0) endpoint->cool_ms = LS_BREAKER_COOL_MS;
    int64_t before_us = endpoint->latency_us;
    endpoint->latency_us =
        before_us == 0 ? elapsed_us : before_us + (elapsed_us - before_us) / 8;
}

/* Providers count sends and reads apart, so one being full says nothing of the other. */
static void
limited(struct ls_endpoint *endpoint, const struct ls_outcome *outcome, int64_t now_ms)
{
    int64_t wait_ms = outcome->retry_after_ms > 0 ? outcome->retry_after_ms : LS_RETRY_AFTER_MS;
    if (wait_ms > LS_RETRY_AFTER_MS_MAX) wait_ms = LS_RETRY_AFTER_MS_MAX;
    int64_t *until_ms = outcome->is_send ? &endpoint->sends_limited_until_ms
                                         : &endpoint->reads_limited_until_ms;
    if (now_ms + wait_ms > *until_ms) *until_ms = now_ms + wait_ms;
}

void ls_endpoint_ended(struct ls_endpoint *endpoint,
                       const struct ls_outcome *outcome,
                       int64_t now_ms)
{
    remember(endpoint, ls_failed(outcome->err));
    if (outcome->is_limited || outcome->retry_after_ms > 0) limited(endpoint, outcome, now_ms);
    if (!ls_failed(outcome->err)) {
        succeeded(endpoint, outcome->elapsed_us);
    } else if (outcome->is_limited) {
        /* It lives and says when to come back: its breaker stays as it is, or closes. */
        endpoint->trouble = outcome->err.what;
        if (endpoint->breaker == LS_BREAKER_HALF_OPEN) endpoint->breaker = LS_BREAKER_CLOSED;
    } else {
        failed(endpoint, outcome->err.what, outcome->err.code == LS_CODE_REFUSED, now_ms);
    }
}

static void shun(struct ls_endpoint *endpoint, const char *reason, int64_t now_ms)
{
    endpoint->shunned_until_ms = now_ms + LS_UNHEALTHY_MS;
    endpoint->shunned_for = reason;
}

static void prove(struct ls_endpoint *endpoint, enum ls_ledger_verdict proof)
{
    endpoint->is_proof_kept = true;
    endpoint->proof = proof;
}

void ls_endpoint_judge(struct ls_endpoint *endpoint,
                       enum ls_ledger_verdict verdict,
                       int64_t now_ms)
{
    switch (verdict) {
    case LS_LEDGER_GOOD:
        endpoint->shunned_until_ms = 0;
        endpoint->garbage = 0;
        return;
    case LS_LEDGER_READABLE: endpoint->garbage = 0; return;
    case LS_LEDGER_UNHEALTHY: shun(endpoint, "says it is unhealthy", now_ms); return;
    case LS_LEDGER_BEHIND: shun(endpoint, "behind the other endpoints", now_ms); return;
    case LS_LEDGER_UNPROVED:
    case LS_LEDGER_FOREIGN:
    case LS_LEDGER_PROVED: prove(endpoint, verdict); return;
    case LS_LEDGER_GARBAGE:
        /* The call counted as answered: that bit was wrong. */
        endpoint->recent |= 1u;
        shun(endpoint, "answer is not JSON-RPC", now_ms);
        if (endpoint->garbage < LS_BREAKER_FAILURES) endpoint->garbage++;
        failed(endpoint, "answer is not JSON-RPC", endpoint->garbage >= LS_BREAKER_FAILURES,
               now_ms);
        return;
    }
}

static const char *trouble_of(const struct ls_endpoint *endpoint, int64_t now_ms)
{
    if (endpoint->proof == LS_LEDGER_FOREIGN) return "answers for another cluster: not used";
    if (endpoint->trouble[0] != '\0') return endpoint->trouble;
    if (now_ms < endpoint->shunned_until_ms) return endpoint->shunned_for;
    return endpoint->proof == LS_LEDGER_UNPROVED ? "its cluster is not known yet" : "";
}

void ls_endpoint_health(const struct ls_endpoint *endpoint,
                        int64_t now_ms,
                        struct ls_endpoint_health *health_out)
{
    int64_t errors = 0;
    for (int32_t i = 0; i < endpoint->recent_count; i++)
        errors += (int64_t)(endpoint->recent >> i & 1u);
    *health_out = (struct ls_endpoint_health){
        .name = endpoint->name,
        .is_up = endpoint->breaker == LS_BREAKER_CLOSED && endpoint->proof == LS_LEDGER_PROVED,
        .is_behind = now_ms < endpoint->shunned_until_ms,
        .latency_ms = (endpoint->latency_us + 500) / 1000,
        .error_permille =
            endpoint->recent_count == 0 ? 0 : errors * 1000 / endpoint->recent_count,
        .trouble = trouble_of(endpoint, now_ms),
    };
}
