/* Where alerts go beside the screen. A sink never blocks its caller and never fails it:
 * what it cannot deliver it counts. */
#ifndef LOCKSTEP_ALERT_SINK_H
#define LOCKSTEP_ALERT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/facts.h"

/* Texts pass the text gate before they come here. Invalid UTF-8 is replaced, and a body
 * is escaped for desktops that read markup. */
struct ls_alert_notice {
    int64_t alert_id; /* the same id again updates what is shown; Acknowledge: above 0 alone */
    bool is_resolved; /* take it down; the rest does not count */
    bool is_update;   /* not worth showing again where the person closed it */
    enum ls_severity severity;
    char title[128];
    char body[512];
};

/* The desktop through libnotify, on a thread of its own with its own GMainContext. One
 * notification per alert, updated in place, closed when resolved. At most one exists in a
 * process, because libnotify is global. */
typedef struct ls_desktop ls_desktop;

struct ls_desktop_options {
    const char *application; /* shown as the sender; copied */
    /* Called on the sink's thread when the person pressed Acknowledge; NULL: no button. */
    void (*on_acknowledge)(void *self, int64_t alert_id);
    /* The same for Open, and for a click on the notification itself. */
    void (*on_open)(void *self, int64_t alert_id);
    /* The notification service ended and another came: what was shown is gone. NULL: none. */
    void (*on_restart)(void *self);
    void *self;
    /* What the alerts are of (an environment, a database); copied, NULL: nothing. Within one
     * session one process alone, the notifier, shows alerts of one scope: the others are
     * silent while there is one. */
    const char *scope;
    bool is_notifier; /* be it; ls_desktop_new() refuses a second one with LS_CODE_REFUSED */
};
/* Waits at most 2 s for the desktop's answer. LS_CODE_UNAVAILABLE with `why` (one line for
 * doctor) where there is no session bus, no notification service or no answer; that is not
 * an error of the program. LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_desktop_new(const struct ls_desktop_options *options,
                                    ls_desktop **desktop_out,
                                    struct ls_why *why);
/* The same without waiting: what is posted is shown when the desktop has answered, and
 * dropped where there is none. LS_CODE_NO_MEMORY. */
LS_MUST_CHECK ls_err ls_desktop_begin(const struct ls_desktop_options *options,
                                      ls_desktop **desktop_out);
/* Stops the thread, or leaves it behind, within 2 s; open notifications are left to the
 * desktop. NULL is allowed. */
void ls_desktop_free(ls_desktop *desktop);
/* Queue a notice; the oldest is dropped when 64 wait. Any thread. */
void ls_desktop_post(ls_desktop *desktop, const struct ls_alert_notice *notice);
/* Whether the session's bus has ended: nothing can be shown any more. Any thread. */
bool ls_desktop_is_lost(const ls_desktop *desktop);
/* Notices that were dropped or that the desktop refused. Any thread. */
int64_t ls_desktop_dropped(const ls_desktop *desktop);

#endif
