#include "lockstep/core/facts.h"

const char *ls_severity_name(enum ls_severity severity)
{
    switch (severity) {
    case LS_SEVERITY_INFO: return "info";
    case LS_SEVERITY_WARNING: return "warning";
    case LS_SEVERITY_CRITICAL: return "critical";
    }
    return "unknown";
}

const char *ls_alert_state_name(enum ls_alert_state state)
{
    switch (state) {
    case LS_ALERT_FIRING: return "firing";
    case LS_ALERT_ACKED: return "acked";
    case LS_ALERT_RESOLVED: return "resolved";
    }
    return "unknown";
}

int64_t ls_dashboard_done_per_minute(const struct ls_dashboard *facts)
{
    const int64_t minute_ms = 60000;
    int64_t into_ms = facts->now_ms > 0 ? facts->now_ms % minute_ms : 0;
    int64_t before = facts->minute_done[LS_FACTS_MINUTES - 2];
    return facts->minute_done[LS_FACTS_MINUTES - 1] +
           before * (minute_ms - into_ms) / minute_ms;
}

/* What left the queue for good: done, and failed, which waits for a person elsewhere. */
struct ls_flow ls_dashboard_flow(const struct ls_dashboard *facts)
{
    enum { FROM = LS_FACTS_MINUTES - 6, TO = LS_FACTS_MINUTES - 1, MINUTES = TO - FROM };
    int64_t arrived = 0;
    int64_t left = 0;
    struct ls_flow flow = {.drains_minutes = -1};
    for (int i = FROM; i < TO; i++) {
        arrived += facts->minute_enqueued[i];
        left += facts->minute_done[i] + facts->minute_failed[i];
    }
    flow.arriving = arrived / MINUTES;
    flow.finishing = left / MINUTES;
    if (left > arrived)
        flow.drains_minutes = (facts->depth * MINUTES + left - arrived - 1) / (left - arrived);
    if (facts->depth == 0) flow.drains_minutes = 0;
    if (arrived > left) flow.grows = (arrived - left + MINUTES - 1) / MINUTES;
    return flow;
}

int64_t ls_dashboard_payer_minutes(const struct ls_dashboard *facts)
{
    if (!facts->has_balance || facts->spent_minutes < 1 || facts->spent_lamports == 0)
        return -1;
    uint64_t each = facts->spent_lamports / (uint64_t)facts->spent_minutes;
    if (each == 0) each = 1;
    uint64_t minutes = facts->balance_lamports / each;
    return minutes > INT64_MAX ? INT64_MAX : (int64_t)minutes;
}
