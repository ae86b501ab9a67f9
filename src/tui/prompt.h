/* The line at the bottom: filters after `/`, commands after `:`; with what completes the
 * word under the caret, and the session's history. */
#ifndef LOCKSTEP_TUI_PROMPT_H
#define LOCKSTEP_TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"

enum {
    INPUT_BYTES = 512,
    CANDIDATES_MAX = 256,
    CANDIDATE_BYTES = 160,
    HISTORY_MAX = 32,
};

struct input {
    char text[INPUT_BYTES];
    size_t length; /* bytes */
    size_t caret;  /* byte offset, between two characters */
};

enum prompt_kind { PROMPT_NONE, PROMPT_FILTER, PROMPT_COMMAND };

struct candidate {
    char text[CANDIDATE_BYTES]; /* what stands in the line when it is chosen */
    char help[80];
};
struct completion {
    size_t from;                 /* where the word begins that they would replace, in bytes */
    char typed[CANDIDATE_BYTES]; /* the word as typed */
    int64_t at;                  /* the chosen one; -1: none yet */
    size_t count;
    struct candidate items[CANDIDATES_MAX];
};

struct history {
    size_t count;
    int64_t at; /* how far back the line shows; -1: what is being typed */
    char draft[INPUT_BYTES];
    char lines[HISTORY_MAX][INPUT_BYTES]; /* oldest first */
};

struct prompt {
    enum prompt_kind kind;
    struct input input;
    char why[LS_WHY_BYTES];   /* the last error */
    size_t bad_at, bad_bytes; /* the word that it is about */
    char themes[1024];        /* beside the compiled-in ones, apart by blanks */
    struct completion completion;
    struct history filters, lines;
};

#endif
