/* Calls that turn into compile errors: each has an ambient input (the clock, a global
 * generator, the locale) or no bound. Included by the build before every source file. */
#ifndef LOCKSTEP_BANNED_H
#define LOCKSTEP_BANNED_H

/* The system's own declarations come first, so that only our calls are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Macros in some fortified builds, and a macro cannot be poisoned. */
#undef sprintf
#undef vsprintf

#pragma GCC poison rand srand
#pragma GCC poison strcpy strcat strncpy strncat strtok sprintf vsprintf gets
#pragma GCC poison atoi atol atoll atof
#pragma GCC poison localtime gmtime ctime asctime
#define time(argument_) LS_BANNED_use_a_clock_port_instead_of_time(argument_)

#endif
