#include <string.h>

#include "command.h"

void help_open(struct ls_ui *ui)
{
    ui->help = (struct help){.is_open = true};
}

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool contains(const char *text, const char *wanted)
{
    size_t length = strlen(wanted);
    for (; *text != '\0' || length == 0; text++) {
        size_t at = 0;
        while (at < length && lower(text[at]) == lower(wanted[at])) at++;
        if (at == length) return true;
        if (*text == '\0') break;
    }
    return false;
}

static bool matches(const struct ls_ui *ui, const struct command *command)
{
    char keys[COMMAND_KEYS_BYTES];
    if (!command_is_on(command, ui->screen)) return false;
    command_keys(&ui->keymap, command, ui->screen, keys);
    return contains(command->help, ui->help.search.text) ||
           strcmp(keys, ui->help.search.text) == 0;
}

/* Actions come first: they are what help is opened for at night. */
const struct command *help_match(const struct ls_ui *ui, int64_t index)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < count; i++) {
            if (rows[i].acts != (pass == 0) || !matches(ui, &rows[i])) continue;
            if (index-- == 0) return &rows[i];
        }
    }
    return NULL;
}

int64_t help_count(const struct ls_ui *ui)
{
    int64_t count = 0;
    while (help_match(ui, count) != NULL) count++;
    return count;
}

static void step(struct ls_ui *ui, int64_t by)
{
    int64_t last = help_count(ui) - 1;
    ui->help.at += by;
    if (ui->help.at > last) ui->help.at = last;
    if (ui->help.at < 0) ui->help.at = 0;
}

void help_key(struct ls_ui *ui, struct ls_key key)
{
    switch ((int)key.code) {
    case LS_KEY_ESC:
    case LS_KEY_F1: ui->help.is_open = false; return;
    case LS_KEY_UP: step(ui, -1); return;
    case LS_KEY_DOWN: step(ui, 1); return;
    case LS_KEY_PAGE_UP: step(ui, -10); return;
    case LS_KEY_PAGE_DOWN: step(ui, 10); return;
    case LS_KEY_ENTER: {
        const struct command *command = help_match(ui, ui->help.at);
        ui->help.is_open = false;
        if (command != NULL && command->run != help_open) key_command_run(ui, command);
        return;
    }
    default: break;
    }
    if (key.has_ctrl && key.scalar == 'c') {
        ui->help.is_open = false;
        return;
    }
    if (input_key(&ui->help.search, key)) ui->help.at = 0;
}
