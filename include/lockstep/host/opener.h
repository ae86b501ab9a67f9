/* Starts the command that shows an alert: a terminal with the console in it, by default. */
#ifndef LOCKSTEP_HOST_OPENER_H
#define LOCKSTEP_HOST_OPENER_H

#include <stdint.h>

#include "lockstep/base/err.h"

/* What opens when nothing is configured. */
#define LS_OPENER_DEFAULT "x-terminal-emulator -e %l console --alert %i"

struct ls_opener {
    const char *command;     /* words apart by blanks; %i: the alert, %l: this binary */
    const char *program;     /* this binary */
    const char *config_path; /* goes on in $LOCKSTEP_CONFIG; "": none was read */
};

/* Start it, detached: no shell reads it, and nobody waits for its end. LS_CODE_INVALID for a
 * command without a word, LS_CODE_UNAVAILABLE with `why` when it cannot be started. */
LS_MUST_CHECK ls_err ls_opener_start(const struct ls_opener *opener,
                                     int64_t alert_id,
                                     struct ls_why *why);

#endif
