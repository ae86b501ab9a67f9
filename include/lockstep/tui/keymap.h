/* Which key runs which command of the console: the defaults of the command table, and what
 * a person's keys.conf changes of them. Pure: reading the file is the shell's work.
 *
 *   [keys]                   everywhere that a command is offered
 *   retry = R F8             its keys there, instead of the defaults; several, apart by blanks
 *   sort = none              no key at all
 *   [keys failed]            on one screen: stronger than [keys]
 *   mark-all = m
 *
 * A line is a comment where it begins with # or ;. A key is written as the help writes it:
 * a, G, Enter, Ctrl-R, Alt-x, F5, PgUp, Space. What acts takes a capital letter or an F-key
 * alone, so that small letters never change the world. */
#ifndef LOCKSTEP_TUI_KEYMAP_H
#define LOCKSTEP_TUI_KEYMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/key.h"

enum {
    LS_KEYMAP_KEYS_MAX = 6, /* of one command */
    LS_KEYMAP_CHANGES_MAX = 256,
    LS_KEYMAP_BYTES_MAX = 65536,
    LS_KEYMAP_PATH_BYTES = 512,
    LS_KEY_SCREEN_BYTES = 24,
};

/* One line of keys.conf. */
struct ls_keymap_change {
    size_t command; /* row of the table */
    int32_t screen; /* -1: everywhere */
    int32_t line;
    size_t key_count; /* 0: none */
    struct ls_key keys[LS_KEYMAP_KEYS_MAX];
};

/* All zero: the defaults. */
struct ls_keymap {
    char path[LS_KEYMAP_PATH_BYTES]; /* the file; "" for the defaults alone */
    size_t count;
    struct ls_keymap_change changes[LS_KEYMAP_CHANGES_MAX];
};

/* Read keys.conf from memory. `file` names it in errors ("FILE:LINE: what and the cure").
 * LS_CODE_INVALID for an unknown section, screen, command or key, for a command named
 * twice, for a key that two commands would have on one screen, and for an acting command
 * on a small letter; `keymap_out` is then untouched. */
LS_MUST_CHECK ls_err ls_keymap_parse(const char *text,
                                     size_t text_bytes,
                                     const char *file,
                                     struct ls_keymap *keymap_out,
                                     struct ls_why *why);

/* The table of commands, for `lockstep keys`, manual and completion. Static storage. */
struct ls_key_command {
    const char *name;     /* stable, as keys.conf writes it */
    const char *defaults; /* keys by name, apart by blanks */
    const char *help;     /* a sentence */
    bool acts;            /* changes the world, and asks before */
};
/* The command number `index`; false beyond the last. */
bool ls_key_command_at(size_t index, struct ls_key_command *command_out);
bool ls_key_command_is_on(size_t index, int32_t screen);
/* The keys it has on a screen, by name, apart by blanks; "" for none. */
void ls_key_command_keys(
    const struct ls_keymap *keymap, size_t index, int32_t screen, char *out, size_t out_bytes);
/* The name of screen number `index` as keys.conf writes it ("failed"); false beyond the
 * last. */
bool ls_key_screen_name(int32_t index, char out[LS_KEY_SCREEN_BYTES]);

#endif
