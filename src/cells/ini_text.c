#include "lockstep/cells/ini_text.h"

#include <stdbool.h>
#include <string.h>

static bool is_space(char character)
{
    return character == ' ' || character == '\t' || character == '\r';
}

static char *trim(char *text)
{
    while (is_space(*text)) text++;
    size_t length = strlen(text);
    while (length > 0 && is_space(text[length - 1])) length--;
    text[length] = '\0';
    return text;
}

/* Copy the next line; false when it is too long or holds a zero byte. */
static bool copy_line(struct ls_ini_text *it)
{
    const char *from = it->text + it->at;
    const size_t left = it->bytes - it->at;
    const char *newline = memchr(from, '\n', left);
    const size_t length = newline == NULL ? left : (size_t)(newline - from);
    it->at += length + 1;
    it->line++;
    if (length >= sizeof it->buffer || memchr(from, '\0', length) != NULL) return false;
    memcpy(it->buffer, from, length);
    it->buffer[length] = '\0';
    return true;
}

static enum ls_ini_kind read_pair(struct ls_ini_text *it)
{
    it->value = strchr(it->name, '=');
    if (it->value == NULL) return LS_INI_NO_PAIR;
    *it->value = '\0';
    it->value = trim(it->value + 1);
    it->name = trim(it->name);
    return LS_INI_PAIR;
}

enum ls_ini_kind ls_ini_next(struct ls_ini_text *it)
{
    while (it->at < it->bytes) {
        if (!copy_line(it)) return LS_INI_TOO_LONG;
        it->name = trim(it->buffer);
        const size_t length = strlen(it->name);
        if (length == 0 || it->name[0] == ';' || it->name[0] == '#') continue;
        if (it->name[0] != '[') return read_pair(it);
        if (it->name[length - 1] != ']') return LS_INI_NO_PAIR;
        it->name[length - 1] = '\0';
        it->name = trim(it->name + 1);
        return LS_INI_SECTION;
    }
    return LS_INI_END;
}

int ls_ini_words(char *text, char *words[LS_INI_WORDS_MAX])
{
    int count = 0;
    while (true) {
        while (is_space(*text)) text++;
        if (*text == '\0') return count;
        if (count == LS_INI_WORDS_MAX) return -1;
        words[count++] = text;
        while (*text != '\0' && !is_space(*text)) text++;
        if (*text != '\0') *text++ = '\0';
    }
}
