#include "stray.h"

#include <stdio.h>
#include <string.h>

static const char *place_of(enum screen screen)
{
    return screen == SCREEN_DETAIL ? "an operation" : screen_name(screen);
}

/* Where `key` means something: the first command that it is, and the screens of that kind. */
struct places {
    const struct command *command;
    size_t count;
    enum screen screens[SCREEN_COUNT];
};

static struct places places_of(const struct ls_ui *ui, struct ls_key key)
{
    struct places places = {0};
    for (int i = 0; i < (int)SCREEN_COUNT; i++) {
        const struct command *here = key_command_of(&ui->keymap, (enum screen)i, key);
        if (here == NULL) continue;
        if (places.command == NULL) places.command = here;
        if (here->acts == places.command->acts) places.screens[places.count++] = (enum screen)i;
    }
    return places;
}

/* "Failed, Stuck and an operation" */
static void write_places(const struct places *places, char *out, size_t out_bytes)
{
    out[0] = '\0';
    for (size_t i = 0; i < places->count; i++) {
        const size_t length = strlen(out);
        const char *between = i == 0 ? "" : i + 1 == places->count ? " and " : ", ";
        (void)snprintf(out + length, out_bytes - length, "%s%s", between,
                       place_of(places->screens[i]));
    }
}

void stray_places(const struct command *command, char *out, size_t out_bytes)
{
    struct places places = {.command = command};
    for (int i = 0; i < (int)SCREEN_COUNT; i++)
        if (command_is_on(command, (enum screen)i))
            places.screens[places.count++] = (enum screen)i;
    write_places(&places, out, out_bytes);
}

void stray_report(struct ls_ui *ui, struct ls_key key)
{
    char name[LS_KEY_NAME_BYTES], help[LS_KEY_NAME_BYTES];
    char where[128];
    const struct places places = places_of(ui, key);
    ls_key_name(key, name);
    command_key_named(ui, "help", help);
    if (places.command == NULL) {
        ui_toast(ui, false, "%s does nothing here; %s lists the keys", name, help);
        return;
    }
    const char *word = places.command->hint;
    write_places(&places, where, sizeof where);
    ui_toast(ui, false, "%s does nothing here: %s is for %s; %s lists the keys", name,
             word == NULL ? places.command->name : word, where, help);
}

bool stray_is_blind(const struct ls_ui *ui)
{
    return ui->columns < COLUMNS_LEAST || ui->rows < ROWS_LEAST;
}

static bool is_open(const struct ls_ui *ui)
{
    return dialog_is_shown(ui) || ui->edit.is_open || ui->help.is_open ||
           ui->prompt.kind != PROMPT_NONE || ui->results.is_open || pane_is_open(ui);
}

/* The keys of the open thing that can be answered without seeing it. */
static void leave_open(struct ls_ui *ui, struct ls_key key)
{
    const bool is_quit = dialog_is_shown(ui) && ui->dialog.is_quit; /* its question is shown */
    if (key.code != LS_KEY_ESC && !is_quit) return;
    if (dialog_is_shown(ui)) {
        dialog_key(ui, key);
    } else if (ui->edit.is_open) {
        edit_key(ui, key);
    } else if (ui->help.is_open) {
        help_key(ui, key);
    } else if (ui->prompt.kind != PROMPT_NONE) {
        prompt_key(ui, key);
    } else if (ui->results.is_open) {
        results_key(ui, key);
    } else {
        pane_key(ui, key);
    }
}

void stray_blind_key(struct ls_ui *ui, struct ls_key key)
{
    const struct command *command = key_command_of(&ui->keymap, ui->screen, key);
    ui->copies = false;
    if (is_open(ui)) {
        leave_open(ui, key);
    } else if (command == NULL) {
        return;
    } else if (command->run == do_back_or_quit || command->run == act_quit) {
        act_quit(ui);
    } else if (command->run == do_redraw || command->run == do_suspend ||
               command->run == do_refresh_now || command->run == do_pause_or_resume) {
        key_command_run(ui, command);
    }
}

void stray_blind_words(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    out[0] = '\0';
    if (!is_open(ui)) return;
    if (!dialog_is_shown(ui)) {
        (void)snprintf(out, out_bytes, "what is open waits");
    } else if (ui->dialog.is_quit) {
        (void)snprintf(out, out_bytes, "%s y quits, any other key stays", ui->dialog.title);
    } else {
        (void)snprintf(out, out_bytes, "%s %s", ui->dialog.title,
                       ui->dialog.phase == DIALOG_SENDS ? "is sent" : "waits, Esc cancels");
    }
}
