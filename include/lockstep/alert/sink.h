/* Where alerts go beside the screen. A sink never blocks its caller and never fails it:
 * what it cannot deliver it counts. */
#ifndef LOCKSTEP_ALERT_SINK_H
#define LOCKSTEP_ALERT_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/facts.h"

struct ls_alert_notice {
    int64_t alert_id;
    bool is_resolved;
    enum ls_severity severity;
    char title[128];
    char body[512];
};

/* The desktop through libnotify, on a thread of its own with its own GMainContext. One
 * notification per alert, updated in place, closed when resolved. */
typedef struct ls_desktop ls_desktop;

struct ls_desktop_options {
    const char *application; /* shown as the sender */
    /* Called on the sink's thread when the person pressed Acknowledge; NULL: no button. */
    void (*on_acknowledge)(void *self, int64_t alert_id);
    void *self;
};
/* LS_CODE_UNAVAILABLE with `why` (one line for doctor) where there is no session bus or
 * no notification service; that is not an error of the program. */
LS_MUST_CHECK ls_err ls_desktop_new(const struct ls_desktop_options *options,
                                    ls_desktop **desktop_out,
                                    struct ls_why *why);
/* Stops the thread within 2 s; open notifications are left to the desktop. */
void ls_desktop_free(ls_desktop *desktop);
/* Queue a notice; the oldest is dropped when 64 wait. Any thread. */
void ls_desktop_post(ls_desktop *desktop, const struct ls_alert_notice *notice);
int64_t ls_desktop_dropped(const ls_desktop *desktop);

#endif
