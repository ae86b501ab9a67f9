/* The machine's time and randomness as the ports that the layers below take. */
#ifndef LOCKSTEP_HOST_CLOCK_H
#define LOCKSTEP_HOST_CLOCK_H

#include "lockstep/base/clock.h"
#include "lockstep/base/err.h"

/* Any thread. */
struct ls_clock ls_system_clock(void);
/* Any thread, after ls_library_start(). */
struct ls_entropy ls_system_entropy(void);
/* Start libsodium and seed jansson's hash table; once, before threads. LS_CODE_UNAVAILABLE
 * when the kernel gives no randomness. */
LS_MUST_CHECK ls_err ls_library_start(void);

#endif
