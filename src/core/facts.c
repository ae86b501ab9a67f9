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
