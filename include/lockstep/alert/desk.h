/* What of the open alerts a desktop shows: which get a notification of their own, which are
 * told together, what is updated and what comes down. Pure: the caller reads the alerts and
 * posts the notices, so that a storm, a restart and a flapping alert are tests. */
#ifndef LOCKSTEP_ALERT_DESK_H
#define LOCKSTEP_ALERT_DESK_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/alert/sink.h"
#include "lockstep/core/facts.h"

enum {
    LS_DESK_SHOWN_MAX = 5,     /* notifications of their own at a time; the rest is one */
    LS_DESK_NEW_MAX = 10,      /* new ones within the window; beyond, told together */
    LS_DESK_WINDOW_MS = 60000, /* of the line above */
    LS_DESK_UPDATE_MS = 30000, /* between two updates of one that got no worse */
    LS_DESK_NOTICES_MAX = 2 * LS_DESK_SHOWN_MAX + 2,
};
/* The notice about all that have none of their own. */
#define LS_DESK_REST INT64_C(-1)

struct ls_desk_plan {
    size_t count;
    struct ls_alert_notice notices[LS_DESK_NOTICES_MAX];
};

typedef struct ls_desk ls_desk;

/* Nothing is shown yet. NULL when memory is exhausted. */
ls_desk *ls_desk_new(void);
void ls_desk_free(ls_desk *desk);
/* What is to be posted now that these alerts are open. Those that fire are shown, the worst
 * and oldest first; one that was acknowledged or resolved comes down. `now_ms` is any clock
 * that does not go back. */
void ls_desk_plan(ls_desk *desk,
                  const struct ls_alert_page *open,
                  int64_t now_ms,
                  struct ls_desk_plan *plan_out);
/* The desktop has lost what it showed: the next plan shows everything again. */
void ls_desk_forget(ls_desk *desk);

/* The notification of one alert, its texts gated. */
void ls_alert_notice_of(const struct ls_alert_row *alert, struct ls_alert_notice *notice_out);

#endif
