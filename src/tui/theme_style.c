#include <string.h>

#include "lockstep/tui/theme.h"
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
                         "there is no theme of that name; built in are dark, light and mono");
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

/* Red, green and blue of the 256 colours as xterm defines them. */
static void rgb_of(int16_t color, int32_t rgb[3])
{
    static const uint8_t usual[16][3] = {
        {0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
        {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
        {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
        {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
    static const uint8_t steps[6] = {0, 95, 135, 175, 215, 255};

    if (color < 16) {
        for (int i = 0; i < 3; i++) rgb[i] = usual[color][i];
    } else if (color < 232) {
        int cube = color - 16;
        rgb[0] = steps[cube / 36];
        rgb[1] = steps[cube / 6 % 6];
        rgb[2] = steps[cube % 6];
    } else {
        for (int i = 0; i < 3; i++) rgb[i] = 8 + (color - 232) * 10;
    }
}

int16_t ls_color_nearest_16(int16_t of_256)
{
    if (of_256 < 16 || of_256 > 255) return of_256 < 16 ? of_256 : LS_COLOR_NONE;
    int32_t wanted[3];
    rgb_of(of_256, wanted);
    int16_t best = 0;
    int64_t best_distance = INT64_MAX;
    for (int16_t i = 0; i < 16; i++) {
        int32_t have[3];
        rgb_of(i, have);
        int64_t distance = 0;
        for (int c = 0; c < 3; c++)
            distance += (int64_t)(wanted[c] - have[c]) * (wanted[c] - have[c]);
        if (distance < best_distance) {
            best_distance = distance;
            best = i;
        }
    }
    return best;
}
