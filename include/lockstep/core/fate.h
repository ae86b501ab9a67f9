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
    LS_RETRY_FOUND,   /* a look found it on the ledger: to be resolved or adopted, not sent */
    LS_RETRY_ABSENT,  /* held as ambiguous; a look found nothing, and nothing can land any more
                       */
};
enum ls_retry_is ls_retry_of(const struct ls_op_row *row);
/* "safe", "UNKNOWN", "not yet", "-", "on chain", "not found". Static storage. */
const char *ls_retry_word(enum ls_retry_is retry);
/* What the newest look says of the row as it is; LS_LOOK_NEVER_ASKED where it is older than the
 * row's last change, or there is none. */
enum ls_look ls_look_of(const struct ls_op_row *row);

enum { LS_FATE_BYTES = 320, LS_PAYLOAD_WORDS_BYTES = 160 };

/* "4hXT..2Vd9 never landed: its blockhash expired at height 290,114,870, now 290,117,402. SAFE
 * TO RETRY." What a look at the ledger found since the last change is told with its time and
 * what follows. `height` is the finalized one now; 0: not known. */
void ls_fate_words(const struct ls_op_detail *detail, int64_t height, char out[LS_FATE_BYTES]);

/* The cause and what is known beside it, "BlockhashNotFound: simulated by rpc-b", where the
 * detail does not say the cause again and has no full stop; `cause` may be "". Cut at
 * `out_bytes`. */
void ls_failure_words(const char *cause, const char *detail, char *out, size_t out_bytes);

/* The command that ends what a look found: "lockstep resolve 17 --landed 4hXT… --reason TEXT";
 * "" where none is needed. */
enum { LS_NEXT_BYTES = 192 };
void ls_look_next(const struct ls_op_detail *detail, char out[LS_NEXT_BYTES]);

/* "22 operations wait behind it." */
void ls_waiting_words(const struct ls_op_detail *detail, char out[LS_FATE_BYTES]);

/* What it moves: "250 of 9fBz..Qw2e to 7xQk..9Pda"; "" where its kind says all. Untrusted text:
 * through the text gate before any terminal. */
void ls_payload_words(const struct ls_op_detail *detail, char out[LS_PAYLOAD_WORDS_BYTES]);

/* The first and last four of a long address or signature, else all of it. */
enum { LS_SHORT_BYTES = 48 };
void ls_short_address(const char *text, char out[LS_SHORT_BYTES]);

#endif
