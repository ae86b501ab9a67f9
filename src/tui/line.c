#include "line.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/moment.h"
#include "pane.h"

bool line_refuse(struct ls_ui *ui, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(ui->prompt.why, sizeof ui->prompt.why, format, arguments); /* cut */
    va_end(arguments);
    return false;
}

static bool run_theme(struct ls_ui *ui, const char *argument)
{
    if (argument[0] == '\0') return line_refuse(ui, "name a theme: Tab shows them");
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

static bool read_id(const char *text, int64_t *id_out)
{
    int64_t id = 0;
    size_t at = 0;
    for (; text[at] >= '0' && text[at] <= '9' && at < 18; at++) id = id * 10 + (text[at] - '0');
    *id_out = id;
    return at > 0 && text[at] == '\0' && id > 0;
}

static bool run_op(struct ls_ui *ui, const char *argument)
{
    int64_t id = 0;
    if (!read_id(argument, &id)) return line_refuse(ui, "give a number, as in :op 481240");
    ui_show_op(ui, (ls_op_id){id});
    return true;
}

static bool run_gate(struct ls_ui *ui, const char *argument)
{
    bool on = strncmp(argument, "on ", 3) == 0;
    bool off = strncmp(argument, "off ", 4) == 0;
    const char *selector = on ? argument + 3 : argument + 4;
    if (strcmp(argument, "list") == 0) return pane_run(ui, "gate list");
    if ((!on && !off) || selector[0] == '\0' || strlen(selector) > 250) {
        return line_refuse(ui, "say :gate on SELECTOR, :gate off SELECTOR or :gate list; a "
                               "selector is kind:K, lane:N, entity:E, batch:N, payer:A or all");
    }
    if (strstr(selector, " --") != NULL)
        return line_refuse(ui, "say the selector alone: the reason is asked for");
    act_gate(ui, selector, on);
    return true;
}

static bool run_help(struct ls_ui *ui, const char *argument)
{
    (void)argument;
    help_open(ui);
    return true;
}

static bool run_at(struct ls_ui *ui, const char *argument)
{
    struct ls_why why = {0};
    int64_t now_ms = ui->wall_ms - ui->skew_ms;
    int64_t at_ms = 0;
    int32_t offset_s = ui->time_mode == SHOW_LOCAL ? ui->options.zone_offset_s : 0;
    if (ls_failed(ls_moment_parse(argument, now_ms, offset_s, &at_ms, &why)))
        return line_refuse(ui, "%s", why.text);
    if (at_ms == now_ms) {
        past_leave(ui);
    } else {
        past_go(ui, at_ms);
    }
    return true;
}

static bool run_quit(struct ls_ui *ui, const char *argument)
{
    (void)argument;
    act_quit(ui);
    return true;
}

static const struct line_setting settings[] = {
    {"time", "age utc local", "how times are shown"},
    {"refresh", "500ms 1s 2s 5s 30s", "how often listings are read"},
    {"sort", "newest oldest age updated", "the order of this listing"},
    {"view", "live paused", "whether the view goes on; the worker always does"},
    {"evidence", "on off", "the evidence of each attempt in an operation"},
};

const struct line_setting *line_settings(size_t *count_out)
{
    *count_out = sizeof settings / sizeof settings[0];
    return settings;
}

/* Which of `values`, apart by blanks, `value` is; -1 for none. */
static int value_index(const char *values, const char *value)
{
    const size_t length = strlen(value);
    for (int index = 0; *values != '\0'; index++) {
        const size_t bytes = strcspn(values, " ");
        if (bytes == length && memcmp(values, value, bytes) == 0) return index;
        values += bytes + (values[bytes] == ' ' ? 1 : 0);
    }
    return -1;
}

static bool set_time(struct ls_ui *ui, int index)
{
    static const enum time_mode modes[] = {SHOW_AGE, SHOW_UTC, SHOW_LOCAL};
    if (modes[index] == SHOW_LOCAL && ui->options.zone_name[0] == '\0')
        return line_refuse(ui, "the local time zone is not known here");
    ui->time_mode = modes[index];
    return true;
}

static bool set_sort(struct ls_ui *ui, int index)
{
    static const enum ls_op_sort sorts[] = {LS_SORT_ID_DESC, LS_SORT_ID_ASC, LS_SORT_AGE_DESC,
                                            LS_SORT_UPDATED_DESC};
    if (!screen_is_list(ui->screen)) return line_refuse(ui, "there is no listing here");
    ui_list(ui)->sort = sorts[index];
    list_resume(ui_list(ui));
    ui_refresh_screen(ui, true);
    return true;
}

static bool set_refresh(struct ls_ui *ui, const char *value)
{
    int64_t ms = 0;
    if (ls_failed(ls_duration_parse(value, &ms)) || ms < 500 || ms > 60000)
        return line_refuse(ui, "refresh is 500ms to 60s, as in :set refresh 2s");
    ui->options.refresh_ms = ms;
    return true;
}

static bool set_value(struct ls_ui *ui, const struct line_setting *setting, const char *value)
{
    if (strcmp(setting->name, "refresh") == 0) return set_refresh(ui, value);
    const int index = value_index(setting->values, value);
    if (index < 0) return line_refuse(ui, "%s is one of: %s", setting->name, setting->values);
    if (strcmp(setting->name, "time") == 0) return set_time(ui, index);
    if (strcmp(setting->name, "sort") == 0) return set_sort(ui, index);
    if (strcmp(setting->name, "view") == 0) {
        pause_set(ui, index == 1);
        return true;
    }
    ui->shows_evidence = index == 0;
    ui_move(ui, 0);
    return true;
}

static bool run_set(struct ls_ui *ui, const char *argument)
{
    const size_t length = strcspn(argument, " ");
    const char *value = argument + length + strspn(argument + length, " ");
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strlen(settings[i].name) != length ||
            memcmp(settings[i].name, argument, length) != 0)
            continue;
        if (!set_value(ui, &settings[i], value)) return false;
        ui_toast(ui, false, "%s is %s", settings[i].name, value);
        return true;
    }
    return line_refuse(ui,
                       "settings are time, refresh, sort, view and evidence: Tab shows them");
}

static bool run_export(struct ls_ui *ui, const char *argument)
{
    return export_run(ui, argument, false);
}

static bool run_overwrite(struct ls_ui *ui, const char *argument)
{
    return export_run(ui, argument, true);
}

static const struct line_command table[] = {
    {"filter", ":filter TEXT", "show what matches", LINE_FILTER, run_filter},
    {"op", ":op ID", "open one operation", LINE_OP, run_op},
    {"at", ":at TIME", "the dashboard as it was: 02:31, -2h, 2026-11-24T02:31Z, now", LINE_TEXT,
     run_at},
    {"gate", ":gate on|off SELECTOR, :gate list", "pause or resume what matches", LINE_GATE,
     run_gate},
    {"theme", ":theme NAME", "other colours", LINE_THEME, run_theme},
    {"set", ":set NAME VALUE", "how the view shows things", LINE_SETTING, run_set},
    {"export", ":export FILE.csv or FILE.jsonl", "all rows of this listing into a file",
     LINE_TEXT, run_export},
    {"export!", ":export! FILE", "the same over a file that exists", LINE_TEXT, run_overwrite},
    {"help", ":help", "keys of this screen", LINE_NOTHING, run_help},
    {"quit", ":quit", "leave the console", LINE_NOTHING, run_quit},
    {"q", ":q", "leave the console", LINE_NOTHING, run_quit},
};

const struct line_command *line_commands(size_t *count_out)
{
    *count_out = sizeof table / sizeof table[0];
    return table;
}

static bool go_screen(struct ls_ui *ui, const char *name)
{
    char small[LS_KEY_SCREEN_BYTES];
    for (int32_t i = 0; i < (int32_t)SCREEN_DETAIL; i++) {
        if (!ls_key_screen_name(i, small) || strcmp(small, name) != 0) continue;
        ui_go(ui, (enum screen)i);
        return true;
    }
    return false;
}

const struct ls_ui_cli *line_cli(const struct ls_ui *ui, const char *line)
{
    const struct ls_ui_cli *found = NULL;
    for (size_t i = 0; i < ui->options.cli_count; i++) {
        const struct ls_ui_cli *row = &ui->options.cli[i];
        const size_t length = strlen(row->words);
        if (strncmp(row->words, line, length) != 0) continue;
        if (line[length] != '\0' && line[length] != ' ') continue;
        if (found == NULL || length > strlen(found->words)) found = row;
    }
    return found;
}

/* Whether `name` is the first word of a command of the shell that needs another one. */
static bool is_group(const struct ls_ui *ui, const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < ui->options.cli_count; i++) {
        const char *words = ui->options.cli[i].words;
        if (strncmp(words, name, length) == 0 && words[length] == ' ') return true;
    }
    return false;
}

static bool run_key_command(struct ls_ui *ui, const struct command *command)
{
    if (!command_is_on(command, ui->screen))
        return line_refuse(ui, "%s is not on this screen", command->name);
    key_command_run(ui, command);
    return true;
}

bool line_run(struct ls_ui *ui, const char *line)
{
    char name[32] = {0};
    int64_t id = 0;
    while (*line == ' ') line++;
    const size_t length = strcspn(line, " ");
    if (length < sizeof name) memcpy(name, line, length);
    const char *argument = line + length + strspn(line + length, " ");
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) == 0) return table[i].run(ui, argument);
    }
    if (argument[0] == '\0') {
        const struct command *command = command_named(name);
        if (go_screen(ui, name)) return true;
        if (command != NULL && command_is_on(command, ui->screen))
            return run_key_command(ui, command);
        if (read_id(name, &id)) return run_op(ui, name);
    }
    if (line_cli(ui, line) != NULL) return pane_run(ui, line);
    if (is_group(ui, name))
        return line_refuse(ui, "%s needs another word: Tab shows them", name);
    if (argument[0] == '\0' && command_named(name) != NULL)
        return run_key_command(ui, command_named(name));
    char help[LS_KEY_NAME_BYTES];
    command_key_named(ui, "help", help);
    return line_refuse(ui, "there is no command '%s'; Tab shows those there are, %s the keys",
                       name, help);
}
