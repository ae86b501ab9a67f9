#include "lockstep/cells/theme.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/gate.h"
#include "lockstep/cells/ini_text.h"
#include "theme_names.h"

enum { PALETTE_MAX = 64, NAME_BYTES = 32 };
#define WHAT "theme"

static_assert((int)LS_THEME_LINE_BYTES_MAX == (int)LS_INI_LINE_BYTES_MAX, "the reader's line");
enum { CHAIN_MAX = 4, CONTRAST_CENTI = 450, DIFFERENCE_CENTI = 600 };

enum section { SECTION_NONE, SECTION_THEME, SECTION_PALETTE, SECTION_ROLES, SECTION_GLYPHS };

struct parser {
    bool is_palette_pass; /* palettes first, of the theme before its bases' */
    const char *file;
    int32_t line;
    enum section section;
    size_t palette_count;
    struct {
        char name[NAME_BYTES];
        struct ls_color color;
    } palette[PALETTE_MAX];
    struct ls_theme theme;
    struct ls_why *why;
};

LS_MUST_CHECK static ls_err
refuse_at(const struct parser *parser, const char *format, const char *thing)
{
    char shown[128];
    (void)ls_gate_text(thing, strlen(thing), shown, sizeof shown);
    char text[LS_WHY_BYTES / 2];
    (void)snprintf(text, sizeof text, "%s '%s'", format, shown);
    return ls_refuse(parser->why, LS_CODE_INVALID, WHAT, "%s:%d: %s", parser->file,
                     parser->line, text);
}

/* A number of 0..255; -1 when `text` is anything else. */
static int16_t small_number(const char *text)
{
    int value = 0;
    size_t at = 0;
    for (; text[at] >= '0' && text[at] <= '9' && at < 3; at++)
        value = value * 10 + (text[at] - '0');
    return at == 0 || text[at] != '\0' || value > 255 ? -1 : (int16_t)value;
}

static ls_err read_color(struct parser *parser, const char *word, struct ls_color *color_out)
{
    if (strcmp(word, "-") == 0) {
        *color_out = (struct ls_color){LS_COLOR_NONE, LS_COLOR_NONE};
        return LS_OK;
    }
    if (word[0] != '$') {
        int16_t number = small_number(word);
        if (number < 0)
            return refuse_at(parser, "a colour is -, 0..255 or $NAME of [palette], not", word);
        *color_out = (struct ls_color){number, ls_color_nearest_16(number)};
        return LS_OK;
    }
    for (size_t i = 0; i < parser->palette_count; i++) {
        if (strcmp(parser->palette[i].name, word + 1) != 0) continue;
        *color_out = parser->palette[i].color;
        return LS_OK;
    }
    return refuse_at(parser, "[palette] does not define", word);
}

static ls_err take_palette(struct parser *parser, const char *name, char *value)
{
    char *words[LS_INI_WORDS_MAX];
    int count = ls_ini_words(value, words);
    if (count < 1 || count > 2) return refuse_at(parser, "give one or two numbers for", name);
    if (parser->palette_count == PALETTE_MAX)
        return refuse_at(parser, "more than 64 colours in [palette] at", name);
    if (strlen(name) >= NAME_BYTES) return refuse_at(parser, "this name is too long:", name);
    for (size_t i = 0; i < parser->palette_count; i++)
        if (strcmp(parser->palette[i].name, name) == 0) return LS_OK; /* the first counts */
    struct ls_color *color = &parser->palette[parser->palette_count].color;
    (void)snprintf(parser->palette[parser->palette_count].name, NAME_BYTES, "%s", name);
    if (strcmp(words[0], "-") == 0 && count == 1) {
        *color = (struct ls_color){LS_COLOR_NONE, LS_COLOR_NONE};
        parser->palette_count++;
        return LS_OK;
    }
    int16_t wide = small_number(words[0]);
    int16_t narrow = count == 2 ? small_number(words[1]) : ls_color_nearest_16(wide);
    if (wide < 0) return refuse_at(parser, "a palette colour is 0..255, not", words[0]);
    if (narrow < 0 || narrow > 15) {
        return refuse_at(parser, "the second number is one of 16 colours (0..15), not",
                         words[1]);
    }

    *color = (struct ls_color){wide, narrow};
    parser->palette_count++;
    return LS_OK;
}

static ls_err take_role(struct parser *parser, const char *name, char *value)
{
    int role = find_role(name);
    if (role < 0) return refuse_at(parser, "there is no role", name);
    char *words[LS_INI_WORDS_MAX];
    int count = ls_ini_words(value, words);
    if (count < 2) return refuse_at(parser, "give foreground and background for", name);

    struct ls_style style = {0};
    LS_TRY(read_color(parser, words[0], &style.foreground));
    LS_TRY(read_color(parser, words[1], &style.background));
    uint8_t *bits = &style.attributes;
    bool has_mono = false;
    for (int i = 2; i < count; i++) {
        uint8_t bit = find_attribute(words[i]);
        if (strcmp(words[i], "|") == 0 && !has_mono) {
            has_mono = true;
            bits = &style.mono_attributes;
        } else if (bit == 0 && strcmp(words[i], "-") != 0) {
            return refuse_at(parser,
                             "an attribute is bold, dim, reverse, underline or italic, not",
                             words[i]);
        } else {
            *bits |= bit;
        }
    }
    if (!has_mono) style.mono_attributes = style.attributes;
    parser->theme.roles[role] = style;
    return LS_OK;
}

static bool is_one_cell(const char *text)
{
    return strlen(text) < LS_GLYPH_BYTES && ls_gate_width(text, strlen(text)) == 1;
}

static ls_err take_glyph(struct parser *parser, const char *name, char *value)
{
    int glyph = find_glyph(name);
    if (glyph < 0) return refuse_at(parser, "there is no glyph", name);
    char *words[LS_INI_WORDS_MAX];
    if (ls_ini_words(value, words) != 2)
        return refuse_at(parser, "give a glyph and its ASCII twin for", name);
    if (!is_one_cell(words[0])) return refuse_at(parser, "not one cell wide:", words[0]);
    if (!is_one_cell(words[1]) || (unsigned char)words[1][0] >= 0x7f)
        return refuse_at(parser, "the twin must be one ASCII character, not", words[1]);
    (void)snprintf(parser->theme.glyphs[glyph], LS_GLYPH_BYTES, "%s", words[0]);
    (void)snprintf(parser->theme.ascii_glyphs[glyph], LS_GLYPH_BYTES, "%s", words[1]);
    return LS_OK;
}

/* "7" or "4.5" as hundredths, 0..2100; -1 when it is anything else. */
static int32_t read_centi(const char *text)
{
    int32_t centi = 0;
    int32_t digits = 0;
    int32_t point = -1;
    for (; *text != '\0' && digits < 6; text++) {
        if (*text == '.' && point < 0 && digits > 0) {
            point = digits;
        } else if (*text >= '0' && *text <= '9') {
            centi = centi * 10 + (*text - '0');
            digits++;
        } else {
            return -1;
        }
    }
    int32_t decimals = point < 0 ? 0 : digits - point;
    if (digits == 0 || *text != '\0' || decimals > 2) return -1;
    for (; decimals < 2; decimals++) centi *= 10;
    return centi <= 2100 ? centi : -1;
}

static ls_err take_limit(struct parser *parser, const char *value, int32_t *centi_out)
{
    int32_t centi = read_centi(value);
    if (centi < 0) return refuse_at(parser, "a number from 0 to 21 is needed, not", value);
    *centi_out = centi;
    return LS_OK;
}

static ls_err take_theme(struct parser *parser, const char *name, const char *value)
{
    if (strcmp(name, "name") == 0) {
        if (value[0] == '\0' || strlen(value) >= LS_THEME_NAME_BYTES)
            return refuse_at(parser, "a theme's name has 1 to 31 bytes, not", value);
        (void)snprintf(parser->theme.name, LS_THEME_NAME_BYTES, "%s", value);
        return LS_OK;
    }
    if (strcmp(name, "contrast") == 0)
        return take_limit(parser, value, &parser->theme.contrast_centi);
    if (strcmp(name, "difference") == 0)
        return take_limit(parser, value, &parser->theme.difference_centi);
    if (strcmp(name, "base") != 0) {
        return refuse_at(parser,
                         "[theme] has the keys name, base, contrast and difference, not", name);
    }
    return ls_theme_builtin(value) == NULL
               ? refuse_at(parser, "base must be a built-in theme, as in dark or light, not",
                           value)
               : LS_OK;
}

static ls_err take_section(struct parser *parser, const char *name)
{
    static const struct {
        const char *name;
        enum section section;
    } sections[] = {{"theme", SECTION_THEME},
                    {"palette", SECTION_PALETTE},
                    {"roles", SECTION_ROLES},
                    {"glyphs", SECTION_GLYPHS}};
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        if (strcmp(sections[i].name, name) != 0) continue;
        parser->section = sections[i].section;
        return LS_OK;
    }
    char shown[LS_INI_LINE_BYTES_MAX + 2];
    (void)snprintf(shown, sizeof shown, "[%s]", name);
    return refuse_at(parser, "sections are [theme] [palette] [roles] [glyphs], not", shown);
}

static ls_err take_pair(struct parser *parser, const char *name, char *value)
{
    if (parser->is_palette_pass != (parser->section == SECTION_PALETTE) &&
        parser->section != SECTION_NONE)
        return LS_OK; /* the other pass's */
    switch (parser->section) {
    case SECTION_THEME: return take_theme(parser, name, value);
    case SECTION_PALETTE: return take_palette(parser, name, value);
    case SECTION_ROLES: return take_role(parser, name, value);
    case SECTION_GLYPHS: return take_glyph(parser, name, value);
    case SECTION_NONE: break;
    }
    return refuse_at(parser, "a [section] must come before", name);
}

static ls_err take_line(struct parser *parser, enum ls_ini_kind kind, struct ls_ini_text *ini)
{
    parser->line = ini->line;
    switch (kind) {
    case LS_INI_SECTION: return take_section(parser, ini->name);
    case LS_INI_PAIR: return take_pair(parser, ini->name, ini->value);
    case LS_INI_NO_PAIR: return refuse_at(parser, "a line is KEY = VALUE, not", ini->name);
    case LS_INI_TOO_LONG:
    case LS_INI_END: break;
    }
    return refuse_at(parser, "a line has at most 255 bytes of text; see",
                     "the end of this line");
}

static ls_err parse_text(struct parser *parser, const char *text, size_t text_bytes)
{
    struct ls_ini_text ini = {.text = text, .bytes = text_bytes};
    parser->line = 0;
    parser->section = SECTION_NONE;
    if (text_bytes > LS_THEME_BYTES_MAX) {
        return refuse_at(parser,
                         "a theme has at most 65536 bytes; this is larger:", parser->file);
    }
    for (enum ls_ini_kind kind = ls_ini_next(&ini); kind != LS_INI_END;
         kind = ls_ini_next(&ini))
        LS_TRY(take_line(parser, kind, &ini));
    return LS_OK;
}

/* The value of [theme] base, if there is one; "" otherwise. */
static void find_base(const char *text, size_t text_bytes, char base_out[LS_THEME_NAME_BYTES])
{
    struct ls_ini_text ini = {.text = text, .bytes = text_bytes};
    base_out[0] = '\0';
    for (enum ls_ini_kind kind = ls_ini_next(&ini); kind != LS_INI_END;
         kind = ls_ini_next(&ini)) {
        if (kind != LS_INI_PAIR || strcmp(ini.name, "base") != 0) continue;
        (void)snprintf(base_out, LS_THEME_NAME_BYTES, "%.31s", ini.value);
        return;
    }
}

/* The theme and what it is built on, itself first. */
struct chain {
    size_t count;
    const char *texts[CHAIN_MAX];
    size_t bytes[CHAIN_MAX];
};

static void find_chain(const char *text, size_t text_bytes, struct chain *chain)
{
    *chain = (struct chain){.count = 1, .texts = {text}, .bytes = {text_bytes}};
    while (chain->count < CHAIN_MAX) {
        char base[LS_THEME_NAME_BYTES];
        find_base(chain->texts[chain->count - 1], chain->bytes[chain->count - 1], base);
        const char *found = ls_theme_builtin(base);
        if (found == NULL) return;
        chain->texts[chain->count] = found;
        chain->bytes[chain->count++] = strlen(found);
    }
}

static void set_defaults(struct ls_theme *theme)
{
    theme->contrast_centi = CONTRAST_CENTI;
    theme->difference_centi = DIFFERENCE_CENTI;
    const struct ls_color none = {LS_COLOR_NONE, LS_COLOR_NONE};
    for (int i = 0; i < LS_ROLE_COUNT; i++)
        theme->roles[i] = (struct ls_style){.foreground = none, .background = none};
    for (int i = 0; i < LS_GLYPH_COUNT; i++) {
        theme->glyphs[i][0] = '*';
        theme->ascii_glyphs[i][0] = '*';
    }
}

ls_err ls_theme_parse(const char *text,
                      size_t text_bytes,
                      const char *file,
                      struct ls_theme *theme_out,
                      struct ls_why *why)
{
    assert(text != NULL && file != NULL && theme_out != NULL);

    struct parser parser = {.file = file, .why = why};
    set_defaults(&parser.theme);
    struct chain chain;
    find_chain(text, text_bytes, &chain);
    parser.is_palette_pass = true;
    for (size_t i = 0; i < chain.count; i++)
        LS_TRY(parse_text(&parser, chain.texts[i], chain.bytes[i]));
    parser.is_palette_pass = false;
    for (size_t i = chain.count; i > 0; i--)
        LS_TRY(parse_text(&parser, chain.texts[i - 1], chain.bytes[i - 1]));
    *theme_out = parser.theme;
    return LS_OK;
}
