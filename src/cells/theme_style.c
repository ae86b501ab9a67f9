#include <string.h>

#include "lockstep/cells/theme.h"
#include "theme_texts.h"

const char *ls_theme_builtin(const char *name)
{
    for (size_t i = 0; i < LS_THEME_TEXT_COUNT; i++) {
        if (strcmp(ls_theme_texts[i].name, name) == 0) return ls_theme_texts[i].text;
    }
    return NULL;
}

const char *ls_theme_builtin_name(size_t index)
{
    return index < LS_THEME_TEXT_COUNT ? ls_theme_texts[index].name : NULL;
}

ls_err ls_theme_load_builtin(const char *name, struct ls_theme *theme_out, struct ls_why *why)
{
    const char *text = ls_theme_builtin(name);
    if (text == NULL) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, "theme",
                         "there is no theme '%s': `lockstep theme list` names them", name);
    }
    return ls_theme_parse(text, strlen(text), name, theme_out, why);
}

enum ls_role ls_role_of_state(enum ls_state state)
{
    if ((unsigned)state >= LS_STATE_COUNT) return LS_ROLE_TEXT;
    return (enum ls_role)((int)LS_ROLE_STATE_READY + (int)state);
}

enum ls_glyph ls_glyph_of_state(enum ls_state state)
{
    if ((unsigned)state >= LS_STATE_COUNT) return LS_GLYPH_WARN;
    return (enum ls_glyph)((int)LS_GLYPH_READY + (int)state);
}

struct ls_style
ls_theme_style(const struct ls_theme *theme, enum ls_role role, enum ls_role over)
{
    const struct ls_style *text = &theme->roles[LS_ROLE_TEXT];
    struct ls_style style = theme->roles[role];
    if (over != LS_ROLE_TEXT) {
        const struct ls_style *top = &theme->roles[over];
        bool has_own = role != LS_ROLE_TEXT && style.background.of_256 != LS_COLOR_NONE;
        if (!has_own && top->background.of_256 != LS_COLOR_NONE)
            style.background = top->background;
        if (style.foreground.of_256 == LS_COLOR_NONE || role == LS_ROLE_TEXT)
            style.foreground = top->foreground;
        style.attributes |= top->attributes;
        style.mono_attributes |= top->mono_attributes;
    }
    if (style.foreground.of_256 == LS_COLOR_NONE) style.foreground = text->foreground;
    if (style.background.of_256 == LS_COLOR_NONE) style.background = text->background;
    return style;
}
