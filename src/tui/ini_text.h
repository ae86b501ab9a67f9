/* An INI text in memory, one line at a time: themes and keys.conf. Comments are lines that
 * begin with # or ;, so that values may hold both. */
#ifndef LOCKSTEP_TUI_INI_TEXT_H
#define LOCKSTEP_TUI_INI_TEXT_H

#include <stddef.h>
#include <stdint.h>

enum { INI_LINE_BYTES_MAX = 256, INI_WORDS_MAX = 12 };

enum ini_kind {
    INI_END,
    INI_SECTION,  /* name: what stands between [ and ] */
    INI_PAIR,     /* name and value, trimmed */
    INI_NO_PAIR,  /* name: the line */
    INI_TOO_LONG, /* or not text */
};

struct ini_text {
    const char *text;
    size_t bytes, at;
    int32_t line; /* of what was read last, from 1 */
    char buffer[INI_LINE_BYTES_MAX];
    char *name, *value; /* in buffer, until the next line */
};

/* The next line that says something. Start with a struct of {text, bytes}. */
enum ini_kind ini_next(struct ini_text *it);
/* Cut `text` into words in place; the count, or -1 when there are more than the maximum. */
int ini_words(char *text, char *words[INI_WORDS_MAX]);

#endif
