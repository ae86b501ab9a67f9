#include "help.h"

#include <string.h>

void help_open(struct ls_ui *ui)
{
    ui->help = (struct help){.is_open = true};
}

bool help_is_wide(const struct ls_ui *ui)
{
    return ui->columns >= HELP_TWO_COLUMNS;
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

static bool matches(const struct ls_ui *ui, const struct command *command, enum screen screen)
{
    const char *wanted = ui->help.search.text;
    char keys[COMMAND_KEYS_BYTES];
    command_keys(&ui->keymap, command, screen, keys);
    return contains(command->help, wanted) || contains(command->name, wanted) ||
           strcmp(keys, wanted) == 0;
}

static void add_look(struct help_plan *plan, const struct command *command)
{
    if (plan->look_count < HELP_COMMANDS_MAX) plan->looks[plan->look_count++] = command;
}

enum screen command_first_screen(const struct command *command)
{
    int screen = 0;
    while (screen + 1 < (int)SCREEN_COUNT && !command_is_on(command, (enum screen)screen))
        screen++;
    return (enum screen)screen;
}

static void find_elsewhere(const struct ls_ui *ui, struct help_plan *plan)
{
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    if (ui->help.search.length == 0) return;
    for (size_t i = 0; i < count && plan->elsewhere_count < HELP_COMMANDS_MAX; i++) {
        if (command_is_on(&rows[i], ui->screen)) continue;
        if (matches(ui, &rows[i], command_first_screen(&rows[i])))
            plan->elsewhere[plan->elsewhere_count++] = &rows[i];
    }
}

void help_plan(const struct ls_ui *ui, struct help_plan *plan_out)
{
    const unsigned everywhere = (1u << (unsigned)SCREEN_COUNT) - 1u;
    size_t count = 0;
    const struct command *rows = key_commands(&count);
    *plan_out = (struct help_plan){0};
    for (int pass = 0; pass < 2; pass++) { /* what only some screens have comes first */
        for (size_t i = 0; i < count; i++) {
            const bool is_general = rows[i].screens == everywhere;
            if (!command_is_on(&rows[i], ui->screen) || is_general != (pass == 1)) continue;
            plan_out->total++;
            if (!matches(ui, &rows[i], ui->screen)) continue;
            if (!rows[i].acts) {
                add_look(plan_out, &rows[i]);
            } else if (plan_out->act_count < HELP_COMMANDS_MAX) {
                plan_out->acts[plan_out->act_count++] = &rows[i];
            }
        }
    }
    find_elsewhere(ui, plan_out);
}

const struct command *help_chosen(const struct ls_ui *ui, const struct help_plan *plan)
{
    const size_t at = (size_t)ui->help.at;
    if (at < plan->act_count) return plan->acts[at];
    if (at - plan->act_count < plan->look_count) return plan->looks[at - plan->act_count];
    return NULL;
}

static void clamp(struct help *help, const struct help_plan *plan)
{
    const int64_t count = (int64_t)(plan->act_count + plan->look_count);
    if (help->at >= count) help->at = count - 1;
    if (help->at < 0) help->at = 0;
}

/* To the same height in the other column. */
static void cross(struct help *help, const struct help_plan *plan, bool to_acts)
{
    const int64_t acts = (int64_t)plan->act_count;
    const int64_t looks = (int64_t)plan->look_count;
    const bool is_in_acts = help->at < acts;
    if (is_in_acts == to_acts || acts == 0 || looks == 0) return;
    const int64_t row = is_in_acts ? help->at : help->at - acts;
    if (to_acts) {
        help->at = row < acts ? row : acts - 1;
    } else {
        help->at = acts + (row < looks ? row : looks - 1);
    }
}

static void run_chosen(struct ls_ui *ui, const struct help_plan *plan)
{
    const struct command *command = help_chosen(ui, plan);
    if (command == NULL) return;
    ui->help.is_open = false;
    if (command->run != help_open) key_command_run(ui, command);
}

static bool move_key(struct ls_ui *ui, struct ls_key key, const struct help_plan *plan)
{
    enum { HELP_PAGE = 10 };
    struct help *help = &ui->help;
    switch ((int)key.code) {
    case LS_KEY_UP: help->at--; break;
    case LS_KEY_DOWN: help->at++; break;
    case LS_KEY_PAGE_UP: help->at -= HELP_PAGE; break;
    case LS_KEY_PAGE_DOWN: help->at += HELP_PAGE; break;
    case LS_KEY_LEFT:
    case LS_KEY_RIGHT:
        if (!help_is_wide(ui)) return false;
        cross(help, plan, key.code == LS_KEY_RIGHT);
        break;
    default: return false;
    }
    clamp(help, plan);
    return true;
}

void help_key(struct ls_ui *ui, struct ls_key key)
{
    struct help_plan plan;
    const bool is_cancel = key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c';
    help_plan(ui, &plan);
    if (key.code == LS_KEY_ESC || key.code == LS_KEY_F1 || is_cancel) {
        ui->help.is_open = false;
    } else if (key.code == LS_KEY_ENTER) {
        run_chosen(ui, &plan);
    } else if (!move_key(ui, key, &plan) && input_key(&ui->help.search, key)) {
        ui->help.at = 0;
    }
}
