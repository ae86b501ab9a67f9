/* An INI text in memory, one line at a time: themes and keys.conf. Comments are lines that
 * begin with # or ;, so that values may hold both. */
#ifndef LOCKSTEP_CELLS_INI_TEXT_H
#define LOCKSTEP_CELLS_INI_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { LS_INI_LINE_BYTES_MAX = 256, LS_INI_WORDS_MAX = 12 };

enum ls_ini_kind {
    LS_INI_END,
    LS_INI_SECTION,  /* name: what stands between [ and ] */
    LS_INI_PAIR,     /* name and value, trimmed */
    LS_INI_NO_PAIR,  /* name: the line */
    LS_INI_TOO_LONG, /* or not text */
};

struct ls_ini_text {
    const char *text;
    size_t bytes, at;
    int32_t line; /* of what was read last, from 1 */
    char buffer[LS_INI_LINE_BYTES_MAX];
    char *name, *value; /* in buffer, until the next line */
};

/* The next line that says something. Start with a struct of {text, bytes}. */
enum ls_ini_kind ls_ini_next(struct ls_ini_text *it);
/* Cut `text` into words in place; the count, or -1 when there are more than the maximum. */
int ls_ini_words(char *text, char *words[LS_INI_WORDS_MAX]);

#endif
