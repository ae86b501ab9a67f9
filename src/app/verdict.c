#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>

#include "lockstep/core/op.h"
#include "out.h"

static size_t alive_workers(const struct ls_dashboard *facts)
{
    size_t count = 0;
    for (size_t i = 0; i < facts->worker_count; i++)
        count += facts->workers[i].is_alive ? 1 : 0;
    return count;
}

static bool write_page(const struct ls_dashboard *facts, char *out)
{
    if (facts->duplicates > 0) {
        (void)snprintf(out, VERDICT_BYTES, "PAGE: %" PRId64 " landed twice; see lockstep ops",
                       facts->duplicates);
    } else if (facts->held_ambiguous > 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "PAGE: of %" PRId64
                       " it is unknown whether they landed; see lockstep ops "
                       "sub:ambiguous",
                       facts->held_ambiguous);
    } else if (facts->depth > 0 && alive_workers(facts) == 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "PAGE: %" PRId64 " wait and no worker is alive; start one with lockstep "
                       "worker",
                       facts->depth);
    } else if (facts->alerts_critical > 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "PAGE: %" PRId64 " critical alerts fire; see lockstep alert list",
                       facts->alerts_critical);
    } else {
        return false;
    }
    return true;
}

static bool write_warning(const struct ls_dashboard *facts, char *out)
{
    const int64_t failed = facts->counts[LS_STATE_FAILED];
    const int64_t held = facts->counts[LS_STATE_HELD];
    if (failed + held > 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "WARN: %" PRId64 " failed and %" PRId64 " held wait for a person",
                       failed, held);
    } else if (facts->stuck > 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "WARN: %" PRId64 " are stuck; see lockstep ops stuck", facts->stuck);
    } else if (facts->alerts_firing > 0) {
        (void)snprintf(out, VERDICT_BYTES,
                       "WARN: %" PRId64 " alerts fire; see lockstep alert list",
                       facts->alerts_firing);
    } else {
        return false;
    }
    return true;
}

enum ls_severity verdict_write(const struct ls_dashboard *facts, char out[VERDICT_BYTES])
{
    char age[OUT_AGE_BYTES];
    if (write_page(facts, out)) return LS_SEVERITY_CRITICAL;
    if (write_warning(facts, out)) return LS_SEVERITY_WARNING;
    out_age(facts->age_ms, age);
    if (facts->depth == 0) {
        (void)snprintf(out, VERDICT_BYTES, "OK: nothing waits, nothing failed");
    } else {
        (void)snprintf(out, VERDICT_BYTES, "OK: %" PRId64 " wait, the oldest since %s",
                       facts->depth, age);
    }
    return LS_SEVERITY_INFO;
}
