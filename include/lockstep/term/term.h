/* The terminal: keys in, grid out. The only user of ncurses.
 *
 * It writes nothing but grid cells, which are gated, and fixed control sequences. Raw
 * mode: Ctrl-C, Ctrl-S, Ctrl-Z arrive as keys. The alternate screen, bracketed paste and
 * cursor are undone by ls_term_close(), and by a handler when the process crashes. At most
 * one is open in a process; all calls come from one thread. */
#ifndef LOCKSTEP_TERM_TERM_H
#define LOCKSTEP_TERM_TERM_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/grid.h"
#include "lockstep/cells/key.h"
#include "lockstep/cells/theme.h"

typedef struct ls_term ls_term;

enum { LS_TERM_PASTE_BYTES_MAX = 4096 };

/* Prepare the process's locale for characters and tell whether the terminal takes UTF-8;
 * where no locale is configured at all, UTF-8 is assumed. Before ls_term_open() and before
 * threads. When false the grid must be ASCII. */
bool ls_term_takes_utf8(void);

/* Block the signals that are the terminal's (change of size, stop and go on), so that
 * threads that start from now on do not take them: ls_term_open() reads them from a
 * descriptor. Before threads. */
void ls_term_block_signals(void);

/* What ls_term_open() refuses, without touching the terminal: LS_CODE_INVALID with `why` when
 * standard input and output are none, or TERM names one whose cursor cannot be placed. For what
 * starts other things before its screen. */
LS_MUST_CHECK ls_err ls_term_check(struct ls_why *why);

/* Take over standard input and output. With `why`: LS_CODE_INVALID when they are no terminal
 * or TERM names one whose cursor cannot be placed, LS_CODE_UNAVAILABLE when no terminal is
 * described here. A TERM that is unknown or empty is treated as xterm-256color and told by
 * ls_term_note(). */
LS_MUST_CHECK ls_err ls_term_open(ls_term **term_out, struct ls_why *why);
/* Give the terminal back as it was. NULL is allowed. */
void ls_term_close(ls_term *term);
/* Give the modes of the terminal back without writing to it, for a process that must end
 * although the terminal takes no bytes. Any thread. */
void ls_term_abandon(void);
/* One line for the person about this terminal; "" if there is nothing to say. */
const char *ls_term_note(const ls_term *term);

/* Descriptors to wait for until ls_term_read() has something; -1 for none. */
int ls_term_key_fd(const ls_term *term);
int ls_term_signal_fd(const ls_term *term);

void ls_term_set_theme(ls_term *term, const struct ls_theme *theme);
void ls_term_size(const ls_term *term, int32_t *columns_out, int32_t *rows_out);

enum ls_term_input_kind {
    LS_TERM_NOTHING,
    LS_TERM_KEY,
    LS_TERM_PASTE,  /* `paste`: raw text as pasted, cut at the maximum */
    LS_TERM_RESIZE, /* ls_term_size() has the new size */
    LS_TERM_STOP,   /* the process was asked to stop (SIGTSTP): see ls_term_suspend() */
    LS_TERM_GONE,   /* the terminal hung up */
};
struct ls_term_input {
    enum ls_term_input_kind kind;
    struct ls_key key;
    char paste[LS_TERM_PASTE_BYTES_MAX];
};
/* The next input without waiting. */
void ls_term_read(ls_term *term, struct ls_term_input *input_out);
/* Drop what was typed and not read yet. */
void ls_term_flush_keys(ls_term *term);

/* Show the grid; only what changed is written. Blocks while the terminal does not take
 * bytes. */
void ls_term_draw(ls_term *term, const ls_grid *grid);
/* Whether links of the grid are told to the terminal (OSC 8). Off until asked for: tmux
 * before 3.4 and some terminals show what they do not understand. */
void ls_term_set_links(ls_term *term, bool on);
/* Whether this terminal is known to understand them, by its environment. */
bool ls_term_knows_links(void);
/* Write everything anew at the next draw. */
void ls_term_redraw(ls_term *term);
/* Leave the alternate screen and write `text` (gated by the caller) as lines, so that it can
 * be marked and copied, and scrolls back. Keys are still read. */
void ls_term_show_plain(ls_term *term, const char *text);
/* Back to the screen; everything is drawn anew. */
void ls_term_end_plain(ls_term *term);
void ls_term_bell(ls_term *term);
/* Put `text` (gated by the caller) into the clipboard: through tmux inside tmux, by OSC 52
 * elsewhere. Whether it arrived cannot be known. */
void ls_term_copy(ls_term *term, const char *text);
/* Stop the process as Ctrl-Z does elsewhere: the terminal is given back first, and taken
 * again when the process goes on. One that was stopped by SIGSTOP and goes on takes its
 * modes again at the next read, and draws everything. */
void ls_term_suspend(ls_term *term);

#endif
