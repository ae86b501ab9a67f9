/* The one sentence of the dashboard, and of `lockstep status --plain`: is it bad, since
 * when, was anything sent twice, what is unknown, what to do. Pure. */
#ifndef LOCKSTEP_TUI_VERDICT_H
#define LOCKSTEP_TUI_VERDICT_H

#include <stdint.h>

#include "lockstep/core/facts.h"

enum ls_verdict_level {
    LS_VERDICT_IN_STEP,   /* nothing needs a person */
    LS_VERDICT_ATTENTION, /* something failed, is held, stuck or gated */
    LS_VERDICT_CRITICAL,  /* unknown outcomes, two landings, or nothing moves */
};

struct ls_verdict {
    enum ls_verdict_level level;
    char headline[256];   /* what is bad */
    char since[640];      /* since when, and what came first; in step: what is in reserve no
                             more; how far a worker is that all wait for */
    char safety[160];     /* whether anything was sent twice, what is unknown */
    char in_console[128]; /* what to do: "{go-health} shows …", commands in the place of keys */
    char by_command[128]; /* the same, as a command line */
};

/* "IN STEP", "ATTENTION", "CRITICAL". Static storage. */
const char *ls_verdict_word(enum ls_verdict_level level);

/* Judge one reading of the facts. Times are of the database's clock, shown in UTC. `since` may
 * name an endpoint, a gate or a host: through the text gate before any terminal; the others
 * hold words and numbers of ours alone. */
void ls_verdict_of(const struct ls_dashboard *facts, struct ls_verdict *verdict_out);

#endif
