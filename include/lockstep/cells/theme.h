/* A theme: what each semantic role looks like, and which glyph stands for what. Code
 * names roles, never colours; themes are INI text (themes/ of the project), parsed here
 * from memory. Pure: reading the file is the shell's work.
 *
 *   [theme]
 *   name = dark
 *   base = dark                         optional: a built-in theme to start from
 *   contrast = 7                        the least of text, which `theme check` asks; 4.5 if
 * unset difference = 12                     the least of good, warning and bad, under each kind
 * of colour blindness (OKLab, in hundredths); 6 if unset [palette] red = 203 9 colour of 256,
 * and of 16 (else the nearest); or - [roles] state.failed = $red - bold | reverse   foreground,
 * background, attributes | attributes [glyphs]                               where there is no
 * colour failed = ✘ x                        the glyph and its ASCII twin, one cell each
 *
 * A palette's colours count in the base too: a theme that only has a palette recolours its
 * base. A colour is `-` (as role `text`, there the terminal's own), 0..255 or $NAME. An
 * unknown section, key, role, colour or attribute is an error that names its line. */
#ifndef LOCKSTEP_CELLS_THEME_H
#define LOCKSTEP_CELLS_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/cells/color.h"
#include "lockstep/core/op.h"

enum ls_role {
    LS_ROLE_TEXT,
    LS_ROLE_MUTED,
    LS_ROLE_TITLE,
    LS_ROLE_BORDER,
    LS_ROLE_BORDER_FOCUS,
    LS_ROLE_HEADER,
    LS_ROLE_TAB,
    LS_ROLE_TAB_ACTIVE,
    LS_ROLE_SELECT,
    LS_ROLE_MARK,
    LS_ROLE_MATCH,
    LS_ROLE_KEY,
    LS_ROLE_HINT,
    LS_ROLE_INPUT,
    LS_ROLE_ENV_PROD,
    LS_ROLE_ENV_OTHER,
    LS_ROLE_READONLY,
    LS_ROLE_STALE,
    LS_ROLE_STATE_READY, /* the states stand in the order of enum ls_state */
    LS_ROLE_STATE_BLOCKED,
    LS_ROLE_STATE_LEASED,
    LS_ROLE_STATE_SUBMITTED,
    LS_ROLE_STATE_HELD,
    LS_ROLE_STATE_FAILED,
    LS_ROLE_STATE_DONE,
    LS_ROLE_STATE_CANCELLED,
    LS_ROLE_STATE_COMPENSATED,
    LS_ROLE_SEV_CRITICAL,
    LS_ROLE_SEV_WARNING,
    LS_ROLE_SEV_INFO,
    LS_ROLE_GRAPH_1,
    LS_ROLE_GRAPH_2,
    LS_ROLE_GRAPH_SLO,
    LS_ROLE_DIALOG,
    LS_ROLE_DIALOG_DANGER,
    LS_ROLE_BUTTON_FOCUS,
    LS_ROLE_TOAST_OK,
    LS_ROLE_TOAST_ERR,
};
enum { LS_ROLE_COUNT = LS_ROLE_TOAST_ERR + 1 };

enum ls_glyph {
    LS_GLYPH_READY, /* the states stand in the order of enum ls_state */
    LS_GLYPH_BLOCKED,
    LS_GLYPH_LEASED,
    LS_GLYPH_SUBMITTED,
    LS_GLYPH_HELD,
    LS_GLYPH_FAILED,
    LS_GLYPH_DONE,
    LS_GLYPH_CANCELLED,
    LS_GLYPH_COMPENSATED,
    LS_GLYPH_OK,
    LS_GLYPH_DOWN,
    LS_GLYPH_WARN,
    LS_GLYPH_CURSOR,
    LS_GLYPH_MARK,
    LS_GLYPH_GONE,
    LS_GLYPH_ELLIPSIS,
    LS_GLYPH_MORE,
};
enum { LS_GLYPH_COUNT = LS_GLYPH_MORE + 1, LS_GLYPH_BYTES = 16 };

enum {
    LS_ATTRIBUTE_BOLD = 1,
    LS_ATTRIBUTE_DIM = 2,
    LS_ATTRIBUTE_REVERSE = 4,
    LS_ATTRIBUTE_UNDERLINE = 8,
    LS_ATTRIBUTE_ITALIC = 16,
};

struct ls_style {
    struct ls_color foreground, background;
    uint8_t attributes;
    uint8_t mono_attributes; /* instead, where there is no colour */
};

enum { LS_THEME_NAME_BYTES = 32, LS_THEME_BYTES_MAX = 65536, LS_THEME_LINE_BYTES_MAX = 256 };
struct ls_theme {
    char name[LS_THEME_NAME_BYTES];
    int32_t contrast_centi;   /* 450: 4.5:1 */
    int32_t difference_centi; /* 600: 6 hundredths of OKLab */
    struct ls_style roles[LS_ROLE_COUNT];
    char glyphs[LS_GLYPH_COUNT][LS_GLYPH_BYTES];
    char ascii_glyphs[LS_GLYPH_COUNT][LS_GLYPH_BYTES];
};

/* Read the theme in `text`. `file` names it in errors ("FILE:LINE: what and the cure").
 * LS_CODE_INVALID leaves `theme_out` as it was. */
LS_MUST_CHECK ls_err ls_theme_parse(const char *text,
                                    size_t text_bytes,
                                    const char *file,
                                    struct ls_theme *theme_out,
                                    struct ls_why *why);

/* The text of a theme that is compiled in; NULL when there is none of that name. */
const char *ls_theme_builtin(const char *name);
/* The name of the compiled-in theme number `index`; NULL beyond the last. */
const char *ls_theme_builtin_name(size_t index);
/* A compiled-in theme. LS_CODE_NOT_FOUND, with the names there are. */
LS_MUST_CHECK ls_err ls_theme_load_builtin(const char *name,
                                           struct ls_theme *theme_out,
                                           struct ls_why *why);

/* What a cell of `role` looks like under `over` (LS_ROLE_SELECT, LS_ROLE_DIALOG …;
 * LS_ROLE_TEXT: nothing over it): its background counts unless `role` has one of its own,
 * its attributes are added. */
struct ls_style
ls_theme_style(const struct ls_theme *theme, enum ls_role role, enum ls_role over);

enum ls_role ls_role_of_state(enum ls_state state);
enum ls_glyph ls_glyph_of_state(enum ls_state state);
/* "state.failed" …; static storage. */
const char *ls_role_name(enum ls_role role);
#endif
