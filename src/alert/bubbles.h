/* The notifications of ours that are on a desktop: one an alert, through libnotify.
 *
 * All functions belong to one thread, with the main context pushed as its default that
 * was there at ls_bubbles_open(): presses of buttons arrive while that context runs.
 * libnotify is global: at most one exists in a process. */
#ifndef LOCKSTEP_ALERT_BUBBLES_H
#define LOCKSTEP_ALERT_BUBBLES_H

#include <stdbool.h>
#include <stdint.h>

#include <gio/gio.h>

#include "lockstep/alert/sink.h"

enum {
    LS_BUBBLES_MAX = 64,           /* the oldest is forgotten (not closed) beyond */
    LS_BUBBLES_ANSWER_MS = 1500,   /* the notification service's first answer */
    LS_BUBBLES_REASON_BYTES = 200, /* of the desktop's own words about a failure */
};

struct ls_bubbles;

/* Connect to the session bus and its notification service. LS_CODE_UNAVAILABLE with `why`
 * when either is missing or `cancel` ended it; LS_CODE_NO_MEMORY. `options` is copied. */
LS_MUST_CHECK ls_err ls_bubbles_open(const struct ls_desktop_options *options,
                                     GCancellable *cancel,
                                     struct ls_bubbles **bubbles_out,
                                     struct ls_why *why);
/* Forget all without closing them; NULL is allowed. */
void ls_bubbles_close(struct ls_bubbles *bubbles);

/* Show, update or close the notification of an alert; false when the desktop refused.
 * Waits for the desktop's answer. */
bool ls_bubbles_show(struct ls_bubbles *bubbles, const struct ls_alert_notice *notice);

/* The connection, so that another thread can cut a call that hangs. Not owned. */
GDBusConnection *ls_bubbles_connection(const struct ls_bubbles *bubbles);

#endif
