#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "term_private.h"

enum { COPY_BYTES_MAX = 4096, ENCODED_BYTES_MAX = COPY_BYTES_MAX / 3 * 4 + 8 };

/* RFC 4648, section 4. */
static size_t encode(const char *text, size_t length, char *out)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;
    for (size_t at = 0; at < length; at += 3) {
        uint32_t word = 0;
        for (size_t i = 0; i < 3; i++)
            word = (word << 8) | (at + i < length ? (unsigned char)text[at + i] : 0u);
        for (size_t i = 0; i < 4; i++)
            out[used++] = at + i > length ? '=' : digits[(word >> (18 - 6 * i)) & 63];
    }
    return used;
}

static void copy_by_osc52(const char *text, size_t length)
{
    char sequence[ENCODED_BYTES_MAX + 16];
    int used = snprintf(sequence, sizeof sequence, "\033]52;c;");
    size_t total = (size_t)used + encode(text, length, sequence + used);
    sequence[total++] = '\a';
    ssize_t written = write(STDOUT_FILENO, sequence, total);
    (void)written; /* whether the terminal took it cannot be known */
}

static bool copy_by_tmux(const char *text, size_t length)
{
    FILE *tmux = popen("tmux load-buffer -w - 2>/dev/null", "w");
    if (tmux == NULL) return false;
    size_t written = fwrite(text, 1, length, tmux);
    return pclose(tmux) == 0 && written == length;
}

void ls_term_copy(ls_term *term, const char *text)
{
    (void)term;
    size_t length = strlen(text);
    if (length > COPY_BYTES_MAX) length = COPY_BYTES_MAX;
    if (getenv("TMUX") != NULL && copy_by_tmux(text, length)) return;
    copy_by_osc52(text, length);
}
