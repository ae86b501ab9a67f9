/* A group of failures in words: what it is called, what is known of it on the ledger, and the
 * one thing to do next. The console and the command line share them, so that both say the same.
 */
#ifndef LOCKSTEP_CORE_CAUSE_H
#define LOCKSTEP_CORE_CAUSE_H

#include <stddef.h>

#include "lockstep/core/facts.h"
#include "lockstep/core/filter.h"

enum { LS_CAUSE_WORDS_BYTES = 256, LS_CAUSE_OUTCOME_BYTES = 48, LS_CAUSE_ADVICE_BYTES = 64 };

/* The fingerprint, or what stands in its place: "held by a person", "no confirmation". Text of
 * the database is in it: through the text gate before any terminal. */
void ls_cause_title(const struct ls_cause_row *row, char out[LS_CAUSE_WORDS_BYTES]);

/* What a claim on the group is kept as: "cause Expired"; a group without a recorded cause is
 * claimed as what it waits for, each by itself. */
enum { LS_CAUSE_TARGET_BYTES = LS_CAUSE_WORDS_BYTES + 8 };
void ls_cause_target(const struct ls_cause_row *row, char out[LS_CAUSE_TARGET_BYTES]);

/* What an operation without a cause waits for: "waits behind its entity", "held by a person";
 * "" where its state says all. Static storage. */
const char *ls_waits_for(enum ls_state state, enum ls_sub sub);

/* "FAILED", "HELD", "STUCK". Static storage. */
const char *ls_cause_state(const struct ls_cause_row *row);

/* What is known of them on the ledger: "never landed (safe)", "UNKNOWN", "2 of 14 UNKNOWN". */
void ls_cause_outcome(const struct ls_cause_row *row, char out[LS_CAUSE_OUTCOME_BYTES]);

/* Whether the effect of one of them on the ledger is unknown although nobody works on it. */
bool ls_cause_is_unknown(const struct ls_cause_row *row);

/* What to do next: a command of the console, what it does, and the same as a command of the
 * shell (without its reason). */
struct ls_cause_advice {
    char action[24];                   /* "retry-cause", as keys.conf names it */
    char words[LS_CAUSE_ADVICE_BYTES]; /* "retry these 14" */
    char command[LS_FILTER_BYTES_MAX]; /* "lockstep retry 'state:failed cause:Expired'" */
};
void ls_cause_advise(const struct ls_cause_row *row, struct ls_cause_advice *advice_out);

/* The filter that finds exactly them: "state:failed cause:Expired"; with `is_short` without
 * what the console's own screen says already. A fingerprint that no filter can hold is cut to a
 * prefix.
 */
void ls_cause_filter(const struct ls_cause_row *row,
                     bool is_short,
                     char out[LS_FILTER_BYTES_MAX]);

#endif
