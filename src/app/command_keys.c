#include "command.h"

#include <stdio.h>
#include <string.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/config/keys_file.h"
#include "lockstep/report/out.h"

enum { KEYS_TEXT_BYTES = 256, SCREENS_TEXT_BYTES = 256 };

static ls_err read_keys(const struct command_call *call,
                        struct ls_keys_file *file,
                        struct ls_keymap *keymap,
                        struct ls_why *why)
{
    const bool is_named = call->arguments->count > 0;
    ls_keys_file_init(file, is_named ? call->arguments->positional[0] : call->config->keys);
    return ls_keys_file_read(file, keymap, why);
}

enum ls_exit command_keys_check(const struct command_call *call)
{
    struct ls_keys_file file;
    struct ls_keymap keymap;
    struct ls_why why = {0};
    struct ls_buf out;
    const ls_err err = read_keys(call, &file, &keymap, &why);
    if (ls_failed(err)) return ls_complain_err("keys", err, &why);
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    if (keymap.path[0] == '\0') {
        ls_out_gated(&out, file.path[0] == '\0' ? "keys.conf" : file.path);
        ls_buf_add_text(&out, ": there is no such file; the default keys hold\n");
    } else {
        ls_out_gated(&out, keymap.path);
        ls_buf_printf(&out, ": ok, %zu changed\n", keymap.count);
    }
    return ls_out_print(&out);
}

/* The keys that a command has on most of its screens first, then where they differ:
 * "R F8, failed: x". */
static void keys_text(const struct ls_keymap *keymap, size_t index, char out[KEYS_TEXT_BYTES])
{
    char first[96] = "", name[LS_KEY_SCREEN_BYTES];
    bool has_first = false;
    size_t length = 0;
    out[0] = '\0';
    for (int32_t screen = 0; ls_key_screen_name(screen, name); screen++) {
        char keys[96];
        if (!ls_key_command_is_on(index, screen)) continue;
        ls_key_command_keys(keymap, index, screen, keys, sizeof keys);
        if (has_first && strcmp(keys, first) == 0) continue;
        const char *shown = keys[0] == '\0' ? "none" : keys;
        if (!has_first) {
            (void)snprintf(out, KEYS_TEXT_BYTES, "%s", shown);
            (void)snprintf(first, sizeof first, "%s", keys);
        } else {
            (void)snprintf(out + length, KEYS_TEXT_BYTES - length, ", %s: %s", name, shown);
        }
        has_first = true;
        length = strlen(out);
    }
}

/* "everywhere", or the screens' names. */
static void screens_text(size_t index, char out[SCREENS_TEXT_BYTES])
{
    char name[LS_KEY_SCREEN_BYTES];
    bool is_everywhere = true;
    size_t length = 0;
    out[0] = '\0';
    for (int32_t screen = 0; ls_key_screen_name(screen, name); screen++) {
        if (!ls_key_command_is_on(index, screen)) {
            is_everywhere = false;
            continue;
        }
        (void)snprintf(out + length, SCREENS_TEXT_BYTES - length, "%s%s",
                       length == 0 ? "" : " ", name);
        length = strlen(out);
    }
    if (is_everywhere) (void)snprintf(out, SCREENS_TEXT_BYTES, "everywhere");
}

static void add_json(struct ls_buf *json,
                     const struct ls_key_command *command,
                     const char *keys,
                     const char *screens)
{
    ls_out_json_comma(json);
    ls_buf_add_char(json, '{');
    ls_out_json_field(json, "name", command->name);
    ls_out_json_field(json, "keys", keys);
    ls_out_json_field(json, "defaults", command->defaults);
    ls_out_json_field(json, "screens", screens);
    ls_out_json_comma(json);
    ls_buf_printf(json, "\"acts\":%s", command->acts ? "true" : "false");
    ls_out_json_field(json, "help", command->help);
    ls_buf_add_char(json, '}');
}

static enum ls_exit
list(const struct command_call *call, const struct ls_keymap *keymap, int64_t limit)
{
    static const char *const titles[] = {"COMMAND", "KEYS", "SCREENS", "WHAT IT DOES"};
    struct ls_key_command command;
    struct ls_out_table table;
    struct listing_out out;
    listing_out_init(&out, call);
    ls_out_table_init(&table, titles, 4, 1u << 2 | 1u << 3);
    for (size_t i = 0; (int64_t)i < limit && ls_key_command_at(i, &command); i++) {
        char keys[KEYS_TEXT_BYTES], screens[SCREENS_TEXT_BYTES];
        keys_text(keymap, i, keys);
        screens_text(i, screens);
        if (out.listing == LISTING_TABLE) {
            ls_out_table_cell(&table, command.name);
            ls_out_table_cell(&table, keys);
            ls_out_table_cell(&table, screens);
            ls_out_table_cell(&table, command.help);
            continue;
        }
        add_json(&out.json, &command, keys, screens);
        listing_out_row(&out);
    }
    if (out.listing != LISTING_TABLE) {
        ls_buf_done(&table.text);
        return listing_out_done(&out);
    }
    listing_out_drop(&out);
    table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
    return ls_out_table_done(&table);
}

enum ls_exit command_keys_list(const struct command_call *call)
{
    struct ls_keys_file file;
    struct ls_keymap keymap;
    struct ls_why why = {0};
    int64_t limit = INT64_MAX;
    ls_err err = LS_OK;
    if (arguments_has(call->arguments, OPTION_LIMIT)) err = database_limit(call, &limit, &why);
    if (!ls_failed(err)) err = read_keys(call, &file, &keymap, &why);
    if (ls_failed(err)) return ls_complain_err("keys", err, &why);
    return list(call, &keymap, limit);
}
