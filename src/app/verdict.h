/* One sentence about the whole system, from one reading of the facts. */
#ifndef LOCKSTEP_APP_VERDICT_H
#define LOCKSTEP_APP_VERDICT_H

#include "lockstep/core/facts.h"

enum { VERDICT_BYTES = 256 };

/* "OK", "WARN" or "PAGE" and why, e.g. "PAGE: 2 operations are unknown". The worst thing
 * is said first. Returns its severity. */
enum ls_severity verdict_write(const struct ls_dashboard *facts, char out[VERDICT_BYTES]);

#endif
