/* One key press, and its name as help, scripts and keys.conf write it: "a", "G",
 * "Enter", "Ctrl-R", "F5", "Alt-x". */
#ifndef LOCKSTEP_CELLS_KEY_H
#define LOCKSTEP_CELLS_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ls_key_code {
    LS_KEY_NONE = 0,
    LS_KEY_CHAR, /* `scalar` is printable; a space is one too */
    LS_KEY_ENTER,
    LS_KEY_ESC,
    LS_KEY_TAB,
    LS_KEY_BACKTAB,
    LS_KEY_BACKSPACE,
    LS_KEY_DELETE,
    LS_KEY_INSERT,
    LS_KEY_UP,
    LS_KEY_DOWN,
    LS_KEY_LEFT,
    LS_KEY_RIGHT,
    LS_KEY_HOME,
    LS_KEY_END,
    LS_KEY_PAGE_UP,
    LS_KEY_PAGE_DOWN,
    LS_KEY_F1, /* F1 + n - 1 is Fn, up to F12 */
    LS_KEY_F12 = LS_KEY_F1 + 11,
};

struct ls_key {
    enum ls_key_code code;
    uint32_t scalar; /* LS_KEY_CHAR */
    bool has_ctrl;   /* with LS_KEY_CHAR: scalar is the small letter */
    bool has_alt;
};

enum { LS_KEY_NAME_BYTES = 24 };
/* Write the name; returns its length. */
size_t ls_key_name(struct ls_key key, char out[LS_KEY_NAME_BYTES]);
/* Read a name; false, output untouched, when there is no such key. */
bool ls_key_parse(const char *name, struct ls_key *key_out);
bool ls_key_equal(struct ls_key left, struct ls_key right);

#endif
