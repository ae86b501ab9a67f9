#include "lockstep/cells/key.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/base/gate.h"
#include "lockstep/base/utf8.h"

static const struct key_name {
    const char *name;
    enum ls_key_code code;
} names[] = {
    {"Enter", LS_KEY_ENTER},
    {"Esc", LS_KEY_ESC},
    {"Tab", LS_KEY_TAB},
    {"BackTab", LS_KEY_BACKTAB},
    {"Backspace", LS_KEY_BACKSPACE},
    {"Delete", LS_KEY_DELETE},
    {"Insert", LS_KEY_INSERT},
    {"Up", LS_KEY_UP},
    {"Down", LS_KEY_DOWN},
    {"Left", LS_KEY_LEFT},
    {"Right", LS_KEY_RIGHT},
    {"Home", LS_KEY_HOME},
    {"End", LS_KEY_END},
    {"PgUp", LS_KEY_PAGE_UP},
    {"PgDn", LS_KEY_PAGE_DOWN},
};

static const char *name_of(struct ls_key key, char out[LS_KEY_NAME_BYTES])
{
    if (key.code >= LS_KEY_F1 && key.code <= LS_KEY_F12) {
        (void)snprintf(out, LS_KEY_NAME_BYTES, "F%d", (int)key.code - (int)LS_KEY_F1 + 1);
        return out;
    }
    if (key.code == LS_KEY_CHAR) {
        if (key.scalar == ' ') return "Space";
        char bytes[4];
        uint32_t scalar = key.has_ctrl && key.scalar >= 'a' && key.scalar <= 'z'
                              ? key.scalar - 'a' + 'A'
                              : key.scalar;
        size_t count = ls_utf8_put(scalar, bytes);
        (void)ls_gate_text(bytes, count, out, LS_KEY_NAME_BYTES);
        return out;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].code == key.code) return names[i].name;
    }
    return "none";
}

size_t ls_key_name(struct ls_key key, char out[LS_KEY_NAME_BYTES])
{
    char plain[LS_KEY_NAME_BYTES];
    const char *name = name_of(key, plain);
    int length = snprintf(out, LS_KEY_NAME_BYTES, "%s%s%.12s", key.has_ctrl ? "Ctrl-" : "",
                          key.has_alt ? "Alt-" : "", name);
    return length < 0 ? 0 : (size_t)length;
}

static bool parse_function_key(const char *name, struct ls_key *key)
{
    if (name[0] != 'F' || name[1] < '1' || name[1] > '9') return false;
    int number = name[1] - '0';
    if (name[2] != '\0') {
        if (name[2] < '0' || name[2] > '9' || name[3] != '\0') return false;
        number = number * 10 + (name[2] - '0');
    }
    if (number > 12) return false;
    key->code = (enum ls_key_code)((int)LS_KEY_F1 + number - 1);
    return true;
}

static bool parse_plain(const char *name, struct ls_key *key)
{
    uint32_t scalar = 0;
    size_t length = strlen(name);
    if (strcmp(name, "Space") == 0) {
        key->code = LS_KEY_CHAR;
        key->scalar = ' ';
        return true;
    }
    if (length > 0 && ls_utf8_next(name, length, &scalar) == length) {
        if (ls_gate_scalar_width(scalar) < 1) return false;
        key->code = LS_KEY_CHAR;
        key->scalar =
            key->has_ctrl && scalar >= 'A' && scalar <= 'Z' ? scalar - 'A' + 'a' : scalar;
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) != 0) continue;
        key->code = names[i].code;
        return true;
    }
    return parse_function_key(name, key);
}

bool ls_key_parse(const char *name, struct ls_key *key_out)
{
    struct ls_key key = {0};
    if (strncmp(name, "Ctrl-", 5) == 0) {
        key.has_ctrl = true;
        name += 5;
    }
    if (strncmp(name, "Alt-", 4) == 0) {
        key.has_alt = true;
        name += 4;
    }
    if (!parse_plain(name, &key)) return false;
    *key_out = key;
    return true;
}

bool ls_key_equal(struct ls_key left, struct ls_key right)
{
    return left.code == right.code && left.scalar == right.scalar &&
           left.has_ctrl == right.has_ctrl && left.has_alt == right.has_alt;
}
