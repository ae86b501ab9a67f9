/* How a run of the program ends: its exit status, and one line on standard error that names
 * the thing and the cure. */
#ifndef LOCKSTEP_REPORT_COMPLAIN_H
#define LOCKSTEP_REPORT_COMPLAIN_H

#include "lockstep/base/err.h"

/* Part of the interface: scripts branch on them. */
enum ls_exit {
    LS_EXIT_DONE = 0,
    LS_EXIT_FAILED = 1,
    LS_EXIT_USAGE = 2,
    LS_EXIT_NO_MATCH = 3,
    LS_EXIT_REFUSED = 4,
    LS_EXIT_NO_DATABASE = 5,
    LS_EXIT_NO_LEDGER = 6,
    LS_EXIT_DIFFERENCE = 7,
};

/* "lockstep: THING: WHAT" as one line on standard error, through the text gate. */
void ls_complain(const char *thing, const char *format, ...) LS_PRINTF(2, 3);
/* Complain about a failure (its `why`, or its phrase) and give the exit status that its
 * code stands for; UNAVAILABLE means the database. */
enum ls_exit ls_complain_err(const char *thing, ls_err err, const struct ls_why *why);
/* The same where UNAVAILABLE means the ledger. */
enum ls_exit ls_complain_ledger(const char *thing, ls_err err, const struct ls_why *why);
/* The same for memory that is exhausted. */
enum ls_exit ls_complain_memory(const char *thing);

#endif
