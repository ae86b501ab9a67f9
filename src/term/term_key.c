#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define NCURSES_WIDECHAR 1
#include <ncurses.h>

#include "lockstep/base/utf8.h"
#include "term_private.h"

enum { EMPTY_READS_MAX = 3 };

static bool take_resize(ls_term *term)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return false;
    if (size.ws_col == 0 || size.ws_row == 0) return false;
    if (size.ws_col == term->columns && size.ws_row == term->rows) return false;
    (void)resizeterm(size.ws_row, size.ws_col);
    term->columns = size.ws_col;
    term->rows = size.ws_row;
    ls_term_redraw(term);
    return true;
}

static enum ls_key_code code_of(int code)
{
    static const struct {
        int curses;
        enum ls_key_code key;
    } codes[] = {{KEY_ENTER, LS_KEY_ENTER},     {KEY_UP, LS_KEY_UP},
                 {KEY_DOWN, LS_KEY_DOWN},       {KEY_LEFT, LS_KEY_LEFT},
                 {KEY_RIGHT, LS_KEY_RIGHT},     {KEY_HOME, LS_KEY_HOME},
                 {KEY_END, LS_KEY_END},         {KEY_PPAGE, LS_KEY_PAGE_UP},
                 {KEY_NPAGE, LS_KEY_PAGE_DOWN}, {KEY_DC, LS_KEY_DELETE},
                 {KEY_IC, LS_KEY_INSERT},       {KEY_BACKSPACE, LS_KEY_BACKSPACE},
                 {KEY_BTAB, LS_KEY_BACKTAB}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].curses == code) return codes[i].key;
    }
    if (code >= KEY_F(1) && code <= KEY_F(12))
        return (enum ls_key_code)((int)LS_KEY_F1 + code - KEY_F(1));
    return LS_KEY_NONE;
}

static struct ls_key character_key(wint_t character)
{
    switch (character) {
    case '\r':
    case '\n': return (struct ls_key){.code = LS_KEY_ENTER};
    case '\t': return (struct ls_key){.code = LS_KEY_TAB};
    case 0x1b: return (struct ls_key){.code = LS_KEY_ESC};
    case 0x08:
    case 0x7f: return (struct ls_key){.code = LS_KEY_BACKSPACE};
    default: break;
    }
    if (character >= 1 && character <= 26) {
        return (struct ls_key){
            .code = LS_KEY_CHAR, .scalar = (uint32_t)character + 'a' - 1, .has_ctrl = true};
    }
    bool is_scalar = character >= 0x20 && character <= 0x10ffff &&
                     (character < 0xd800 || character > 0xdfff);
    if (!is_scalar) return (struct ls_key){0};
    return (struct ls_key){.code = LS_KEY_CHAR, .scalar = (uint32_t)character};
}

static void keep_pasted(ls_term *term, wint_t character)
{
    char bytes[4];
    if (character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff)) return;
    size_t count = ls_utf8_put((uint32_t)character, bytes);
    if (term->paste_bytes + count + 1 > sizeof term->paste || character == 0) return;
    memcpy(term->paste + term->paste_bytes, bytes, count);
    term->paste_bytes += count;
}

/* One code of curses; true when it made an input. */
static bool take_code(ls_term *term, int status, wint_t code, struct ls_term_input *input)
{
    bool is_function = status == KEY_CODE_YES;
    if (is_function && code == KEY_CODE_PASTE_BEGIN) {
        term->pastes = true;
        term->paste_bytes = 0;
        return false;
    }
    if (is_function && code == KEY_CODE_PASTE_END) {
        term->pastes = false;
        memcpy(input->paste, term->paste, term->paste_bytes);
        input->paste[term->paste_bytes] = '\0';
        input->kind = LS_TERM_PASTE;
        return true;
    }
    if (term->pastes) {
        if (!is_function) keep_pasted(term, code);
        return false;
    }
    if (is_function && code == KEY_RESIZE) {
        if (take_resize(term)) input->kind = LS_TERM_RESIZE;
        return input->kind == LS_TERM_RESIZE;
    }
    input->key =
        is_function ? (struct ls_key){.code = code_of((int)code)} : character_key(code);
    if (input->key.code == LS_KEY_NONE) return false;
    input->kind = LS_TERM_KEY;
    return true;
}

/* Whether the descriptor is ready and yet has nothing: its other end is gone. Bytes that
 * curses can not read as a character are no end; each failed read takes some of them. */
static bool is_hung_up(ls_term *term)
{
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    int bytes = 0;
    if (poll(&wait, 1, 0) <= 0 ||
        (wait.revents == POLLIN && ioctl(STDIN_FILENO, FIONREAD, &bytes) == 0 && bytes > 0)) {
        term->empty_reads = 0;
        return false;
    }
    if ((wait.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) return true;
    return ++term->empty_reads > EMPTY_READS_MAX;
}

void ls_term_read(ls_term *term, struct ls_term_input *input_out)
{
    input_out->kind = LS_TERM_NOTHING;
    term_signal_take(term);
    if (term->stops) {
        term->stops = false;
        input_out->kind = LS_TERM_STOP;
        return;
    }
    if (take_resize(term)) {
        input_out->kind = LS_TERM_RESIZE;
        return;
    }
    for (int i = 0; i < LS_TERM_PASTE_BYTES_MAX * 4; i++) {
        wint_t code = 0;
        int status = get_wch(&code);
        if (status == ERR) {
            if (is_hung_up(term)) input_out->kind = LS_TERM_GONE;
            return;
        }
        term->empty_reads = 0;
        if (take_code(term, status, code, input_out)) return;
    }
}
