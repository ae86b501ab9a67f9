/* Alert rules beside a worker without a screen: a thread with a connection of its own
 * reads the facts each second and makes one alert pass. */
#ifndef LOCKSTEP_SERVICE_MONITOR_H
#define LOCKSTEP_SERVICE_MONITOR_H

#include <stdint.h>

#include "lockstep/service/alert_pass.h"

typedef struct ls_monitor ls_monitor;

struct ls_monitor_options {
    const char *database_url; /* copied */
    int64_t interval_ms;
    struct ls_alert_pass pass; /* what it points to must outlive the monitor */
};

/* LS_CODE_NO_MEMORY; LS_CODE_UNAVAILABLE when no thread can be made. A database that is
 * down is no failure: the monitor tries again. */
LS_MUST_CHECK ls_err ls_monitor_start(const struct ls_monitor_options *options,
                                      ls_monitor **monitor_out);
/* Ends the thread (within one statement's time) and frees. NULL is allowed. */
void ls_monitor_stop(ls_monitor *monitor);

#endif
