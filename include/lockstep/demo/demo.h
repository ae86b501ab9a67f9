/* The demonstration: everything that lockstep needs, private and thrown away at the end. */
#ifndef LOCKSTEP_DEMO_DEMO_H
#define LOCKSTEP_DEMO_DEMO_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/console/console_worker.h"

struct ls_demo_options {
    int64_t rate; /* operations a second */
    int64_t slot_ms;
    int64_t seed;
    int64_t headless_s;       /* 0: with the console */
    int64_t kill_worker_at_s; /* 0: never */
    bool keeps;
    const char *faults; /* NULL: none */
    const char *dir;    /* NULL: a new one below $TMPDIR */
};

/* Start PostgreSQL and the simulated ledger, make traffic, and either open the console as
 * `console` says (its config and stop_fd become the demo's) or, with headless_s, print what an
 * audit found. The exit status; what went wrong has been written to standard error. */
enum ls_exit ls_demo_run(const struct ls_demo_options *options,
                         struct ls_console_start *console);

#endif
