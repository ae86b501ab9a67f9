/* The parts of the terminal. Private to term. */
#ifndef LOCKSTEP_TERM_TERM_PRIVATE_H
#define LOCKSTEP_TERM_TERM_PRIVATE_H

#include <termios.h>

#include "lockstep/term/term.h"

/* Only term.c, term_draw.c and term_key.c see ncurses. */
enum { TERM_PAIRS_MAX = 240 };

enum color_mode { COLORS_NONE, COLORS_8, COLORS_16, COLORS_256 };

struct pair {
    int16_t foreground, background;
};

struct ls_term {
    void *screen; /* SCREEN of ncurses */
    char note[160];
    int signal_fd;
    bool stops; /* asked to, by a signal */
    int32_t columns, rows;
    enum color_mode colors;
    struct ls_theme theme;
    size_t pair_count; /* pairs 1..count are in use */
    size_t pair_limit;
    struct pair pairs[TERM_PAIRS_MAX];
    struct ls_cell *shown; /* what curses was told, columns * rows; NULL: nothing */
    int32_t shown_columns, shown_rows;
    int32_t cursor_row;
    bool shows_links;
    bool pastes; /* between the begin and the end of a bracketed paste */
    size_t paste_bytes;
    char paste[LS_TERM_PASTE_BYTES_MAX];
    int empty_reads; /* in a row although the descriptor was ready: hung up */
};

enum { KEY_CODE_PASTE_BEGIN = 0x2001, KEY_CODE_PASTE_END = 0x2002 };

/* term.c: modes that belong to the console, taken anew. */
void term_take_again(ls_term *term);

/* term_link.c: write the links of a row that was just drawn. */
void term_link_row(const ls_term *term, const ls_grid *grid, int32_t row);

/* term_signal.c: SIGWINCH, SIGTSTP and SIGCONT as a descriptor; -1 where none is left. */
int term_signal_open(void);
/* Take what arrived: term->stops, and the modes again after a stop by somebody else. */
void term_signal_take(ls_term *term);
/* Stop by SIGTSTP; returns when the process goes on. */
void term_signal_stop(void);

/* term_rescue.c: give the terminal back when the process dies by a signal of its own. */
void rescue_arm(int fd);
void rescue_disarm(void);

#endif
