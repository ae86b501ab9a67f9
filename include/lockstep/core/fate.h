/* What became of an operation's attempts, and whether it may be sent again, in words: for the
 * console and the command line alike. */
#ifndef LOCKSTEP_CORE_FATE_H
#define LOCKSTEP_CORE_FATE_H

#include <stddef.h>

#include "lockstep/core/facts.h"

enum ls_retry_is {
    LS_RETRY_SAFE,    /* nothing of it can land any more */
    LS_RETRY_UNKNOWN, /* whether it landed is not known: verify first */
    LS_RETRY_NOT_YET, /* a worker is at it, or it has its turn to come */
    LS_RETRY_OVER,    /* it is finished */
};
enum ls_retry_is ls_retry_of(const struct ls_op_row *row);
/* "safe", "UNKNOWN", "not yet", "-". Static storage. */
const char *ls_retry_word(enum ls_retry_is retry);

enum { LS_FATE_BYTES = 320, LS_PAYLOAD_WORDS_BYTES = 160 };

/* "4hXT..2Vd9 never landed: its blockhash expired at height 290,114,870, now 290,117,402. SAFE
 * TO RETRY." `height` is the finalized one now; 0: not known. */
void ls_fate_words(const struct ls_op_detail *detail, int64_t height, char out[LS_FATE_BYTES]);

/* The cause and what is known beside it, "BlockhashNotFound: simulated by rpc-b", where the
 * detail does not say the cause again and has no full stop; `cause` may be "". Cut at
 * `out_bytes`. */
void ls_failure_words(const char *cause, const char *detail, char *out, size_t out_bytes);

/* "22 operations wait behind it." */
void ls_waiting_words(const struct ls_op_detail *detail, char out[LS_FATE_BYTES]);

/* What it moves: "250 of 9fBz..Qw2e to 7xQk..9Pda"; "" where its kind says all. Untrusted text:
 * through the text gate before any terminal. */
void ls_payload_words(const struct ls_op_detail *detail, char out[LS_PAYLOAD_WORDS_BYTES]);

/* The first and last four of a long address or signature, else all of it. */
enum { LS_SHORT_BYTES = 48 };
void ls_short_address(const char *text, char out[LS_SHORT_BYTES]);

#endif
