#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "term_private.h"

/* Last: <term.h> defines names of everyday words as macros. */
#define NCURSES_WIDECHAR 1
#include <ncurses.h>
#include <term.h>

/* All of it, however slowly the terminal takes it. */
static void put(const char *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t written = write(STDOUT_FILENO, bytes, length);
        if (written <= 0) return; /* it hung up: the next read says so */
        bytes += written;
        length -= (size_t)written;
    }
}

static void put_capability(const char *name)
{
    char terminfo_name[16];
    (void)snprintf(terminfo_name, sizeof terminfo_name, "%s", name);
    const char *sequence = tigetstr(terminfo_name);
    if (sequence != NULL && sequence != (char *)-1) put(sequence, strlen(sequence));
}

void ls_term_show_plain(ls_term *term, const char *text)
{
    (void)term;
    put_capability("sgr0");
    put_capability("rmcup");
    put_capability("cnorm");
    put("\r\n", 2);
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        put(text, length);
        text += length;
        if (*text == '\0') return; /* the cursor stays there: nothing scrolls away */
        put("\r\n", 2);
        text++;
    }
}

void ls_term_end_plain(ls_term *term)
{
    put_capability("smcup");
    if (term->cursor_row == 0) put_capability("civis");
    ls_term_redraw(term);
}
