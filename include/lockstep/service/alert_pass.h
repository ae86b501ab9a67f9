/* One pass over the alert rules: judge the facts, let the database fire and resolve, tell
 * the desktop. The console's feed and the headless worker share it. */
#ifndef LOCKSTEP_SERVICE_ALERT_PASS_H
#define LOCKSTEP_SERVICE_ALERT_PASS_H

#include "lockstep/alert/sink.h"
#include "lockstep/base/log.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/facts.h"
#include "lockstep/store/session.h"

struct ls_alert_pass {
    const struct ls_alert_rules *rules;
    ls_desktop *desktop;    /* NULL: none */
    struct ls_log_sink log; /* write may be NULL */

    /* The open alerts as the last pass saw them, which the desktop was told; NULL before
     * the first. The passes' own: begin with NULL, end with ls_alert_pass_done(). */
    struct ls_alert_page *told;
};

/* What this pass changed goes to the log: of all processes that look, one writes it. The
 * desktop hears what is new since the pass before, whichever process made it fire; what
 * fired before the first pass stands on the screen and is not repeated. Errors are those of
 * ls_session_apply_alerts(). `rings_out` tells whether something began to fire or became worse:
 * a reason for the terminal's bell. */
LS_MUST_CHECK ls_err ls_alert_pass_run(struct ls_alert_pass *pass,
                                       ls_session *session,
                                       const struct ls_dashboard *facts,
                                       bool *rings_out,
                                       struct ls_why *why);

/* Free what the passes kept. */
void ls_alert_pass_done(struct ls_alert_pass *pass);

#endif
