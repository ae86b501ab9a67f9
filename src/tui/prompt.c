#include <stdio.h>
#include <string.h>

#include "ui_model.h"

void prompt_open(struct ls_ui *ui, enum prompt_kind kind)
{
    if (kind == PROMPT_FILTER && !screen_is_list(ui->screen)) {
        ui_toast(ui, false, "/ filters the listings: 2 Failed, 3 Stuck, 4 Queue");
        return;
    }
    ui->prompt = kind;
    ui->prompt_why[0] = '\0';
    input_clear(&ui->prompt_input);
    if (kind == PROMPT_FILTER) input_set(&ui->prompt_input, ui_list(ui)->filter_text);
}

struct line_command {
    const char *name;
    const char *usage;
    bool (*run)(struct ls_ui *ui, const char *argument);
};

static bool go_named(struct ls_ui *ui, const char *argument)
{
    (void)argument;
    ui_toast(ui, false, "screens: :dash :failed :stuck :queue :alerts :audit :health");
    return true;
}

static bool run_theme(struct ls_ui *ui, const char *argument)
{
    if (argument[0] == '\0') {
        (void)snprintf(ui->prompt_why, sizeof ui->prompt_why,
                       "name a theme: `lockstep theme list` shows them");
        return false;
    }
    struct ls_ui_request *request = ui_request(ui, LS_UI_WANT_THEME);
    if (request != NULL) (void)snprintf(request->text, sizeof request->text, "%.64s", argument);
    return true;
}

static bool run_filter(struct ls_ui *ui, const char *argument)
{
    if (!screen_is_list(ui->screen)) ui_go(ui, SCREEN_QUEUE);
    if (!list_set_filter(ui, ui_list(ui), argument)) return false;
    ui_refresh_screen(ui, true);
    return true;
}

static bool run_op(struct ls_ui *ui, const char *argument)
{
    int64_t id = 0;
    size_t at = 0;
    for (; argument[at] >= '0' && argument[at] <= '9' && at < 18; at++)
        id = id * 10 + (argument[at] - '0');
    if (at == 0 || argument[at] != '\0' || id == 0) {
        (void)snprintf(ui->prompt_why, sizeof ui->prompt_why,
                       "give a number, as in :op 481240");
        return false;
    }
    ui->detail_from = ui->screen == SCREEN_DETAIL ? ui->detail_from : ui->screen;
    ui->detail_op = (ls_op_id){id};
    ui->has_detail = false;
    ui->detail_waiting = false;
    ui->detail_why[0] = '\0';
    ui->detail_scroll = 0;
    ui_go(ui, SCREEN_DETAIL);
    return true;
}

static bool run_gate(struct ls_ui *ui, const char *argument)
{
    bool on = strncmp(argument, "on ", 3) == 0;
    bool off = strncmp(argument, "off ", 4) == 0;
    const char *selector = on ? argument + 3 : argument + 4;
    if ((!on && !off) || selector[0] == '\0' || strlen(selector) > 250) {
        (void)snprintf(ui->prompt_why, sizeof ui->prompt_why,
                       "say :gate on SELECTOR or :gate off SELECTOR; a selector is kind:K, "
                       "lane:N, entity:E, batch:ID, payer:A or all");
        return false;
    }
    act_gate(ui, selector, on);
    return true;
}

static bool run_help(struct ls_ui *ui, const char *argument)
{
    (void)argument;
    help_open(ui);
    return true;
}

static bool run_quit(struct ls_ui *ui, const char *argument)
{
    (void)argument;
    act_quit(ui);
    return true;
}

static const struct line_command line_commands[] = {
    {"theme", ":theme NAME", run_theme},
    {"filter", ":filter TEXT", run_filter},
    {"op", ":op ID", run_op},
    {"gate", ":gate on|off SELECTOR", run_gate},
    {"help", ":help", run_help},
    {"screens", ":screens", go_named},
    {"q", ":q", run_quit},
    {"quit", ":quit", run_quit},
};
enum { LINE_COMMANDS = sizeof line_commands / sizeof line_commands[0] };

static bool go_screen(struct ls_ui *ui, const char *name)
{
    for (int i = 0; i < SCREEN_DETAIL; i++) {
        char small[16];
        (void)snprintf(small, sizeof small, "%s", screen_name((enum screen)i));
        small[0] = (char)(small[0] - 'A' + 'a');
        if (strcmp(small, name) != 0) continue;
        ui_go(ui, (enum screen)i);
        return true;
    }
    return false;
}

static bool run_line(struct ls_ui *ui, const char *line)
{
    char name[16] = {0};
    size_t length = strcspn(line, " ");
    if (length < sizeof name) memcpy(name, line, length);
    const char *argument = line + length;
    while (*argument == ' ') argument++;
    for (size_t i = 0; i < LINE_COMMANDS; i++) {
        if (strcmp(line_commands[i].name, name) == 0) return line_commands[i].run(ui, argument);
    }
    if (go_screen(ui, name)) return true;
    (void)snprintf(ui->prompt_why, sizeof ui->prompt_why,
                   "no such command; there are :theme :filter :op :gate :help :screens :q");
    return false;
}

/* The rest of the first command or screen that begins as the input does. */
static void complete(struct ls_ui *ui)
{
    struct input *input = &ui->prompt_input;
    if (ui->prompt != PROMPT_COMMAND || input->length == 0) return;
    for (size_t i = 0; i < LINE_COMMANDS; i++) {
        const char *name = line_commands[i].name;
        if (strncmp(name, input->text, input->length) != 0) continue;
        input_set(input, name);
        input_paste(input, " ");
        return;
    }
    if (strncmp(input->text, "theme ", 6) != 0) return;
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++) {
        const char *name = ls_theme_builtin_name(i);
        if (strncmp(name, input->text + 6, input->length - 6) != 0) continue;
        input_set(input, "theme ");
        input_paste(input, name);
        return;
    }
}

static void submit(struct ls_ui *ui)
{
    enum prompt_kind kind = ui->prompt;
    char text[INPUT_BYTES];
    (void)snprintf(text, sizeof text, "%s", ui->prompt_input.text);
    ui->prompt_why[0] = '\0';
    ui->prompt = PROMPT_NONE;
    bool is_done =
        kind == PROMPT_FILTER ? run_filter(ui, text) : text[0] == '\0' || run_line(ui, text);
    if (!is_done) ui->prompt = kind;
}

void prompt_key(struct ls_ui *ui, struct ls_key key)
{
    bool is_empty = ui->prompt_input.length == 0;
    bool is_cancel = key.code == LS_KEY_ESC || (key.code == LS_KEY_BACKSPACE && is_empty) ||
                     (key.code == LS_KEY_CHAR && key.has_ctrl && key.scalar == 'c');
    if (is_cancel) {
        ui->prompt = PROMPT_NONE;
    } else if (key.code == LS_KEY_ENTER) {
        submit(ui);
    } else if (key.code == LS_KEY_TAB) {
        complete(ui);
    } else if (input_key(&ui->prompt_input, key)) {
        ui->prompt_why[0] = '\0';
    }
}
