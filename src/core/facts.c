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
