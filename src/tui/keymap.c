#include "lockstep/tui/keymap.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/base/gate.h"
#include "lockstep/base/nearest.h"
#include "lockstep/cells/ini_text.h"

#define WHAT "keys"

enum { EVERYWHERE = -1, NO_SECTION = -2 };

struct parser {
    const char *file;
    int32_t line;
    int32_t screen; /* of the section; EVERYWHERE, NO_SECTION */
    struct ls_keymap map;
    struct ls_why *why;
};

LS_MUST_CHECK LS_PRINTF(2, 3) static ls_err
    refuse(const struct parser *parser, const char *format, ...)
{
    char text[LS_WHY_BYTES / 2];
    char shown[LS_WHY_BYTES / 2];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    (void)ls_gate_text(text, strlen(text), shown, sizeof shown);
    return ls_refuse(parser->why, LS_CODE_INVALID, WHAT, "%s:%d: %s", parser->file,
                     parser->line, shown);
}

bool ls_key_screen_name(int32_t index, char out[LS_KEY_SCREEN_BYTES])
{
    if (index < 0 || index >= (int32_t)SCREEN_COUNT) return false;
    (void)snprintf(out, LS_KEY_SCREEN_BYTES, "%s", screen_name((enum screen)index));
    for (char *at = out; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
        if (*at == ' ') *at = '-';
    }
    return true;
}

static ls_err take_section(struct parser *parser, char *text)
{
    char *words[LS_INI_WORDS_MAX];
    char name[LS_KEY_SCREEN_BYTES];
    char names[256] = "";
    const int count = ls_ini_words(text, words);
    if (count < 1 || count > 2 || strcmp(words[0], "keys") != 0)
        return refuse(parser, "a section is [keys], or [keys SCREEN] as in [keys failed]");
    parser->screen = EVERYWHERE;
    if (count == 1) return LS_OK;
    for (int32_t i = 0; ls_key_screen_name(i, name); i++) {
        const size_t length = strlen(names);
        (void)snprintf(names + length, sizeof names - length, " %s", name);
        if (strcmp(words[1], name) != 0) continue;
        parser->screen = i;
        return LS_OK;
    }
    return refuse(parser, "there is no screen '%s'; there are%s", words[1], names);
}

static ls_err find_command(const struct parser *parser, const char *name, size_t *index_out)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    struct ls_nearest nearest;
    ls_nearest_init(&nearest, name);
    for (size_t i = 0; i < count; i++) {
        ls_nearest_offer(&nearest, rows[i].name);
        if (strcmp(rows[i].name, name) != 0) continue;
        *index_out = i;
        return LS_OK;
    }
    if (nearest.best == NULL)
        return refuse(parser, "there is no command '%s'; lockstep keys list shows them", name);
    return refuse(parser, "there is no command '%s'; did you mean %s?", name, nearest.best);
}

/* Capitals and F-keys, which nobody presses by chance. */
static bool may_act(struct ls_key key)
{
    if (key.code >= LS_KEY_F1 && key.code <= LS_KEY_F12) return true;
    return key.code == LS_KEY_CHAR && !key.has_ctrl && key.scalar >= 'A' && key.scalar <= 'Z';
}

/* Commands without which nobody finds the way. */
static bool needs_key(const struct command *command)
{
    static const char *const names[] = {"help", "command-line", "back", "quit"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], command->name) == 0) return true;
    return false;
}

static ls_err take_keys(const struct parser *parser,
                        const struct command *command,
                        char *text,
                        struct ls_keymap_change *change)
{
    char *words[LS_INI_WORDS_MAX];
    const int count = ls_ini_words(text, words);
    if (count < 1 || count > LS_KEYMAP_KEYS_MAX)
        return refuse(parser, "%s needs 1 to %d keys, or none", command->name,
                      LS_KEYMAP_KEYS_MAX);
    if (count == 1 && strcmp(words[0], "none") == 0) {
        if (!needs_key(command)) return LS_OK;
        return refuse(parser, "%s cannot be without a key", command->name);
    }
    for (int i = 0; i < count; i++) {
        struct ls_key key;
        if (!ls_key_parse(words[i], &key)) {
            return refuse(parser,
                          "there is no key '%s'; write a, G, Enter, Ctrl-R, Alt-x, F5, Space",
                          words[i]);
        }
        if (command->acts && !may_act(key)) {
            return refuse(parser,
                          "%s changes the world: give it a capital letter or an F-key, not %s",
                          command->name, words[i]);
        }
        change->keys[change->key_count++] = key;
    }
    return LS_OK;
}

static ls_err take_pair(struct parser *parser, const char *name, char *value)
{
    size_t index = 0;
    if (parser->screen == NO_SECTION)
        return refuse(parser, "%s stands before the first section; write [keys] above", name);
    LS_TRY(find_command(parser, name, &index));
    size_t count = 0;
    const struct command *command = &key_commands(&count)[index];
    if (parser->screen >= 0 && !command_is_on(command, (enum screen)parser->screen)) {
        char screen[LS_KEY_SCREEN_BYTES] = "";
        (void)ls_key_screen_name(parser->screen, screen);
        return refuse(parser, "%s is not on the screen %s; remove the line", name, screen);
    }
    for (size_t i = 0; i < parser->map.count; i++) {
        const struct ls_keymap_change *other = &parser->map.changes[i];
        if (other->command != index || other->screen != parser->screen) continue;
        return refuse(parser, "%s is in line %d already; write all its keys on one line", name,
                      other->line);
    }
    if (parser->map.count == LS_KEYMAP_CHANGES_MAX)
        return refuse(parser, "more than %d changes; use fewer", LS_KEYMAP_CHANGES_MAX);
    struct ls_keymap_change change = {
        .command = index, .screen = parser->screen, .line = parser->line};
    LS_TRY(take_keys(parser, command, value, &change));
    parser->map.changes[parser->map.count++] = change;
    return LS_OK;
}

static ls_err take_line(struct parser *parser, enum ls_ini_kind kind, struct ls_ini_text *ini)
{
    parser->line = ini->line;
    switch (kind) {
    case LS_INI_SECTION: return take_section(parser, ini->name);
    case LS_INI_PAIR: return take_pair(parser, ini->name, ini->value);
    case LS_INI_NO_PAIR:
        return refuse(parser, "a line is COMMAND = KEYS or [keys SCREEN], not '%s'", ini->name);
    case LS_INI_TOO_LONG:
    case LS_INI_END: break;
    }
    return refuse(parser, "the line is longer than 255 bytes or not text; shorten it");
}

/* The strongest change of a command on a screen; NULL: the defaults hold. */
static const struct ls_keymap_change *
change_of(const struct ls_keymap *keymap, size_t command, int32_t screen)
{
    const struct ls_keymap_change *found = NULL;
    for (size_t i = 0; i < keymap->count; i++) {
        const struct ls_keymap_change *change = &keymap->changes[i];
        if (change->command != command) continue;
        if (change->screen == screen) return change;
        if (change->screen == EVERYWHERE) found = change;
    }
    return found;
}

struct keys {
    size_t count;
    struct ls_key keys[LS_KEYMAP_KEYS_MAX];
    int32_t line; /* of keys.conf; 0: defaults */
};

static struct keys default_keys(const char *names)
{
    struct keys keys = {0};
    while (*names != '\0') {
        char name[LS_KEY_NAME_BYTES];
        const size_t length = strcspn(names, " ");
        assert(length < sizeof name && keys.count < LS_KEYMAP_KEYS_MAX);
        memcpy(name, names, length);
        name[length] = '\0';
        const bool is_key = ls_key_parse(name, &keys.keys[keys.count++]);
        assert(is_key);
        names += length + (names[length] == ' ' ? 1 : 0);
    }
    return keys;
}

static struct keys keys_of(const struct ls_keymap *keymap, size_t index, int32_t screen)
{
    size_t count = 0;
    const struct ls_keymap_change *change = change_of(keymap, index, screen);
    if (change == NULL) return default_keys(key_commands(&count)[index].keys);
    struct keys keys = {.count = change->key_count, .line = change->line};
    memcpy(keys.keys, change->keys, sizeof keys.keys);
    return keys;
}

static bool has_key(const struct keys *keys, struct ls_key key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (ls_key_equal(keys->keys[i], key)) return true;
    return false;
}

/* The first key that two commands have on `screen`. */
static ls_err check_pair(struct parser *parser, size_t a, size_t b, int32_t screen)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    const struct keys first = keys_of(&parser->map, a, screen);
    const struct keys second = keys_of(&parser->map, b, screen);
    for (size_t i = 0; i < first.count; i++) {
        char key[LS_KEY_NAME_BYTES], name[LS_KEY_SCREEN_BYTES] = "";
        if (!has_key(&second, first.keys[i])) continue;
        (void)ls_key_name(first.keys[i], key);
        (void)ls_key_screen_name(screen, name);
        const bool is_first = first.line > second.line; /* the later line is to blame */
        parser->line = is_first ? first.line : second.line;
        return refuse(parser, "%s would be %s and %s on the screen %s; give one another key",
                      key, rows[is_first ? a : b].name, rows[is_first ? b : a].name, name);
    }
    return LS_OK;
}

static ls_err check_clashes(struct parser *parser)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    for (int32_t screen = 0; screen < (int32_t)SCREEN_COUNT; screen++) {
        for (size_t a = 0; a < count; a++) {
            if (!command_is_on(&rows[a], (enum screen)screen)) continue;
            for (size_t b = a + 1; b < count; b++) {
                if (command_is_on(&rows[b], (enum screen)screen))
                    LS_TRY(check_pair(parser, a, b, screen));
            }
        }
    }
    return LS_OK;
}

ls_err ls_keymap_parse(const char *text,
                       size_t text_bytes,
                       const char *file,
                       struct ls_keymap *keymap_out,
                       struct ls_why *why)
{
    assert(text != NULL && file != NULL && keymap_out != NULL);
    struct parser parser = {.file = file, .screen = NO_SECTION, .why = why};
    struct ls_ini_text ini = {.text = text, .bytes = text_bytes};
    if (text_bytes > LS_KEYMAP_BYTES_MAX)
        return refuse(&parser, "larger than %d bytes; this is no keys.conf",
                      LS_KEYMAP_BYTES_MAX);
    for (enum ls_ini_kind kind = ls_ini_next(&ini); kind != LS_INI_END;
         kind = ls_ini_next(&ini))
        LS_TRY(take_line(&parser, kind, &ini));
    LS_TRY(check_clashes(&parser));
    (void)snprintf(parser.map.path, sizeof parser.map.path, "%s", file);
    *keymap_out = parser.map;
    return LS_OK;
}

const struct command *
key_command_of(const struct ls_keymap *keymap, enum screen screen, struct ls_key key)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    for (size_t i = 0; i < count; i++) {
        if (!command_is_on(&rows[i], screen)) continue;
        const struct keys keys = keys_of(keymap, i, (int32_t)screen);
        if (has_key(&keys, key)) return &rows[i];
    }
    return NULL;
}

bool ls_key_command_at(size_t index, struct ls_key_command *command_out)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    if (index >= count) return false;
    *command_out = (struct ls_key_command){.name = rows[index].name,
                                           .defaults = rows[index].keys,
                                           .help = rows[index].help,
                                           .acts = rows[index].acts};
    return true;
}

bool ls_key_command_is_on(size_t index, int32_t screen)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    return index < count && screen >= 0 && screen < (int32_t)SCREEN_COUNT &&
           command_is_on(&rows[index], (enum screen)screen);
}

void ls_key_command_keys(
    const struct ls_keymap *keymap, size_t index, int32_t screen, char *out, size_t out_bytes)
{
    size_t length = 0;
    const struct keys keys = keys_of(keymap, index, screen);
    out[0] = '\0';
    for (size_t i = 0; i < keys.count && length < out_bytes; i++) {
        char name[LS_KEY_NAME_BYTES];
        (void)ls_key_name(keys.keys[i], name);
        (void)snprintf(out + length, out_bytes - length, "%s%s", i == 0 ? "" : " ", name);
        length = strlen(out);
    }
}

void command_keys(const struct ls_keymap *keymap,
                  const struct command *command,
                  enum screen screen,
                  char out[COMMAND_KEYS_BYTES])
{
    size_t count = 0;
    const size_t index = (size_t)(command - key_commands(&count));
    assert(index < count);
    ls_key_command_keys(keymap, index, (int32_t)screen, out, COMMAND_KEYS_BYTES);
}

void command_key_named(const struct ls_ui *ui, const char *name, char out[LS_KEY_NAME_BYTES])
{
    const struct command *command = command_named(name);
    out[0] = '\0';
    if (command != NULL && command_is_on(command, ui->screen))
        command_first_key(ui, command, out);
}

void command_first_key(const struct ls_ui *ui,
                       const struct command *command,
                       char out[LS_KEY_NAME_BYTES])
{
    char keys[COMMAND_KEYS_BYTES];
    command_keys(&ui->keymap, command, ui->screen, keys);
    (void)snprintf(out, LS_KEY_NAME_BYTES, "%.*s", (int)strcspn(keys, " "), keys);
}

/* A command's key where it is offered: on this screen, else on the first that has it. */
static void key_anywhere(const struct ls_ui *ui, const char *name, char out[LS_KEY_NAME_BYTES])
{
    const struct command *command = command_named(name);
    assert(command != NULL);
    char keys[COMMAND_KEYS_BYTES];
    enum screen screen = ui->screen;
    for (int at = 0; !command_is_on(command, screen) && at < (int)SCREEN_COUNT; at++)
        screen = (enum screen)at;
    command_keys(&ui->keymap, command, screen, keys);
    const int length = (int)strcspn(keys, " ");
    (void)snprintf(out, LS_KEY_NAME_BYTES, "%.*s", length, length > 0 ? keys : "");
    if (length == 0) (void)snprintf(out, LS_KEY_NAME_BYTES, "%.23s", name);
}

void key_words(const struct ls_ui *ui, const char *words, char *out, size_t out_bytes)
{
    size_t used = 0;
    assert(out_bytes > 0);
    while (*words != '\0' && used + 1 < out_bytes) {
        const size_t plain = strcspn(words, "{");
        used += (size_t)snprintf(out + used, out_bytes - used, "%.*s", (int)plain, words);
        words += plain;
        if (*words == '\0' || used + 1 >= out_bytes) break;
        char name[32];
        char key[LS_KEY_NAME_BYTES];
        const size_t length = strcspn(++words, "}");
        assert(words[length] == '}' && length < sizeof name);
        (void)snprintf(name, sizeof name, "%.*s", (int)length, words);
        key_anywhere(ui, name, key);
        used += (size_t)snprintf(out + used, out_bytes - used, "%s", key);
        words += length + 1;
    }
    if (used == 0) out[0] = '\0';
}

void key_toast(struct ls_ui *ui, bool is_bad, const char *words)
{
    char text[LS_WHY_BYTES];
    key_words(ui, words, text, sizeof text);
    ui_toast(ui, is_bad, "%s", text);
}

bool key_refuse(const struct ls_ui *ui, const char *words, struct ls_why *why)
{
    char text[LS_WHY_BYTES];
    if (words == NULL) return true;
    key_words(ui, words, text, sizeof text);
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "ui", "%s", text);
    (void)ignored; /* only its text is wanted */
    return false;
}
