/* One pass over the alert rules: judge the facts, let the database fire and resolve, tell
 * the desktop. The console's feed and the headless worker share it. */
#ifndef LOCKSTEP_APP_ALERT_PASS_H
#define LOCKSTEP_APP_ALERT_PASS_H

#include "lockstep/alert/sink.h"
#include "lockstep/base/log.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/facts.h"
#include "lockstep/store/session.h"

struct ls_alert_pass {
    const struct ls_alert_rules *rules;
    ls_desktop *desktop;    /* NULL: none */
    struct ls_log_sink log; /* write may be NULL */
};

/* What this pass changed. Errors are those of ls_session_apply_alerts(). `rings_out` tells
 * whether something began to fire or became worse: a reason for the terminal's bell. */
LS_MUST_CHECK ls_err ls_alert_pass_run(const struct ls_alert_pass *pass,
                                       ls_session *session,
                                       const struct ls_dashboard *facts,
                                       bool *rings_out,
                                       struct ls_why *why);

#endif
