#include <string.h>

#include "lockstep/base/utf8.h"
#include "ui_model.h"

void input_clear(struct input *input)
{
    *input = (struct input){0};
}

static void insert(struct input *input, const char *bytes, size_t count)
{
    if (input->length + count + 1 > sizeof input->text) return;
    memmove(input->text + input->caret + count, input->text + input->caret,
            input->length - input->caret + 1);
    memcpy(input->text + input->caret, bytes, count);
    input->length += count;
    input->caret += count;
}

void input_set(struct input *input, const char *text)
{
    input_clear(input);
    input_paste(input, text);
}

/* Only what the gate shows as itself is taken; the rest of a paste is dropped. */
void input_paste(struct input *input, const char *text)
{
    size_t length = strlen(text);
    for (size_t at = 0; at < length;) {
        uint32_t scalar = 0;
        size_t used = ls_utf8_next(text + at, length - at, &scalar);
        if (used > 0 && ls_gate_scalar_width(scalar) >= 0) insert(input, text + at, used);
        at += used == 0 ? 1 : used;
    }
}

static size_t step_back(const struct input *input, size_t from)
{
    if (from == 0) return 0;
    from--;
    while (from > 0 && ((unsigned char)input->text[from] & 0xc0) == 0x80) from--;
    return from;
}

static size_t step_on(const struct input *input, size_t from)
{
    if (from >= input->length) return input->length;
    from++;
    while (from < input->length && ((unsigned char)input->text[from] & 0xc0) == 0x80) from++;
    return from;
}

static void erase(struct input *input, size_t from, size_t to)
{
    memmove(input->text + from, input->text + to, input->length - to + 1);
    input->length -= to - from;
    input->caret = from;
}

static bool control_key(struct input *input, uint32_t letter)
{
    switch (letter) {
    case 'u': erase(input, 0, input->caret); return true;
    case 'k': erase(input, input->caret, input->length); return true;
    case 'a': input->caret = 0; return true;
    case 'e': input->caret = input->length; return true;
    case 'w': {
        size_t from = input->caret;
        while (from > 0 && input->text[from - 1] == ' ') from--;
        while (from > 0 && input->text[from - 1] != ' ') from--;
        erase(input, from, input->caret);
        return true;
    }
    default: return false;
    }
}

bool input_key(struct input *input, struct ls_key key)
{
    switch ((int)key.code) {
    case LS_KEY_CHAR: {
        if (key.has_ctrl) return control_key(input, key.scalar);
        if (key.has_alt || ls_gate_scalar_width(key.scalar) < 0) return false;
        char bytes[4];
        insert(input, bytes, ls_utf8_put(key.scalar, bytes));
        return true;
    }
    case LS_KEY_BACKSPACE:
        erase(input, step_back(input, input->caret), input->caret);
        return true;
    case LS_KEY_DELETE: erase(input, input->caret, step_on(input, input->caret)); return true;
    case LS_KEY_LEFT: input->caret = step_back(input, input->caret); return true;
    case LS_KEY_RIGHT: input->caret = step_on(input, input->caret); return true;
    case LS_KEY_HOME: input->caret = 0; return true;
    case LS_KEY_END: input->caret = input->length; return true;
    default: return false;
    }
}
