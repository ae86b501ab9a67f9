#include "lockstep/term/term.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "term_private.h"
#include "term_type.h"

static const char fallback_type[] = "xterm-256color";

static bool is_unset(const char *name)
{
    const char *value = getenv(name);
    return value == NULL || value[0] == '\0';
}

bool ls_term_takes_utf8(void)
{
    bool has_none = is_unset("LC_ALL") && is_unset("LC_CTYPE") && is_unset("LANG");
    if (has_none) {
        if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) return false;
    } else if (setlocale(LC_CTYPE, "") == NULL) {
        return false;
    }
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static void write_sequence(const char *sequence)
{
    size_t length = strlen(sequence);
    ssize_t written = write(STDOUT_FILENO, sequence, length);
    (void)written; /* a terminal that takes no bytes has lost its screen anyway */
}

static void start_colors(ls_term *term)
{
    term->colors = COLORS_NONE;
    term->pair_limit = 0;
    if (!has_colors() || start_color() == ERR) return;
    (void)use_default_colors();
    term->colors = COLORS >= 256 ? COLORS_256 : COLORS >= 16 ? COLORS_16 : COLORS_8;
    term->pair_limit = COLOR_PAIRS > TERM_PAIRS_MAX ? TERM_PAIRS_MAX : (size_t)COLOR_PAIRS - 1;
}

/* Modes that belong to the console; also after a suspension. */
static void enter_modes(void)
{
    raw();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    meta(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    curs_set(0);
    write_sequence("\033[?2004h"); /* bracketed paste */
}

/* What descriptions of terminals leave out: pastes, and arrows of terminals that stay in
 * normal mode. */
static void define_keys(void)
{
    static const struct {
        const char *sequence;
        int code;
    } keys[] = {{"\033[200~", KEY_CODE_PASTE_BEGIN},
                {"\033[201~", KEY_CODE_PASTE_END},
                {"\033[A", KEY_UP},
                {"\033[B", KEY_DOWN},
                {"\033[C", KEY_RIGHT},
                {"\033[D", KEY_LEFT},
                {"\033[H", KEY_HOME},
                {"\033[F", KEY_END}};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        (void)define_key(keys[i].sequence, keys[i].code);
}

static ls_err start_screen(ls_term *term, struct ls_why *why)
{
    const char *type = getenv("TERM");
    if (type == NULL || type[0] == '\0') {
        (void)snprintf(term->note, sizeof term->note, "TERM is not set; treated as %s",
                       fallback_type);
        type = fallback_type;
    } else if (!term_type_is_known(type)) {
        char shown[32];
        (void)ls_gate_text(type, strlen(type), shown, sizeof shown);
        (void)snprintf(term->note, sizeof term->note,
                       "TERM=%s is not known here; treated as %s", shown, fallback_type);
        type = fallback_type;
    }
    term->screen = newterm(type, stdout, stdin);
    if (term->screen == NULL) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, "terminal",
                         "no terminal description was found; install ncurses-base or set TERM");
    }
    set_term(term->screen);
    set_escdelay(25);
    start_colors(term);
    define_keys();
    enter_modes();
    return LS_OK;
}

ls_err ls_term_check(struct ls_why *why)
{
    const char *type = getenv("TERM");
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
        return ls_refuse(why, LS_CODE_INVALID, "terminal",
                         "the console needs a terminal on standard input and output; "
                         "lockstep status prints the same without one");
    }
    if (type == NULL || !term_type_is_known(type) || term_type_places_cursor(type))
        return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, "terminal",
                     "TERM names a terminal whose cursor cannot be placed; set TERM to "
                     "what you use, e.g. xterm-256color, or use lockstep status --watch");
}

ls_err ls_term_open(ls_term **term_out, struct ls_why *why)
{
    LS_TRY(ls_term_check(why));
    ls_term *term = calloc(1, sizeof *term);
    if (term == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "terminal");
    term->signal_fd = term_signal_open();
    struct ls_why ignored = {0};
    ls_err err = ls_theme_load_builtin("mono", &term->theme, &ignored);
    rescue_arm(STDIN_FILENO);
    if (!ls_failed(err)) err = start_screen(term, why);
    if (ls_failed(err)) {
        rescue_disarm();
        if (term->signal_fd >= 0) (void)close(term->signal_fd);
        free(term);
        return err;
    }
    term->columns = COLS;
    term->rows = LINES;
    *term_out = term;
    return LS_OK;
}

void ls_term_close(ls_term *term)
{
    if (term == NULL) return;
    write_sequence("\033[?2004l");
    curs_set(1);
    endwin();
    delscreen(term->screen);
    rescue_disarm();
    if (term->signal_fd >= 0) (void)close(term->signal_fd);
    free(term->shown);
    free(term);
}

const char *ls_term_note(const ls_term *term)
{
    return term->note;
}

int ls_term_key_fd(const ls_term *term)
{
    (void)term;
    return STDIN_FILENO;
}

int ls_term_signal_fd(const ls_term *term)
{
    return term->signal_fd;
}

void ls_term_size(const ls_term *term, int32_t *columns_out, int32_t *rows_out)
{
    *columns_out = term->columns;
    *rows_out = term->rows;
}

void ls_term_flush_keys(ls_term *term)
{
    term->pastes = false;
    flushinp();
}

void ls_term_redraw(ls_term *term)
{
    free(term->shown);
    term->shown = NULL;
    clearok(curscr, TRUE);
}

void ls_term_bell(ls_term *term)
{
    (void)term;
    write_sequence("\a");
}

void term_take_again(ls_term *term)
{
    reset_prog_mode();
    enter_modes();
    ls_term_redraw(term);
}

void ls_term_suspend(ls_term *term)
{
    write_sequence("\033[?2004l");
    endwin();
    term_signal_stop();
    refresh();
    term_take_again(term);
}
