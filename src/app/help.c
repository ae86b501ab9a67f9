#include "help.h"

#include <stdio.h>
#include <string.h>

#include "lockstep/report/out.h"

enum { HELP_BYTES_MAX = 65536, NAME_COLUMNS = 46 };

static void add_usage(struct ls_buf *out, const struct command *command)
{
    ls_buf_printf(out, "lockstep %s%s%s%s%s", command->group,
                  command->name[0] == '\0' ? "" : " ", command->name,
                  command->synopsis[0] == '\0' ? "" : " ", command->synopsis);
}

static void add_padding(struct ls_buf *out, size_t start, size_t columns)
{
    ls_buf_add_char(out, ' ');
    while (out->code == LS_CODE_OK && out->length - start < columns) ls_buf_add_char(out, ' ');
}

static void add_command(struct ls_buf *out, const struct command *command)
{
    const size_t start = out->length;
    ls_buf_add_text(out, "  ");
    add_usage(out, command);
    add_padding(out, start, NAME_COLUMNS);
    ls_buf_printf(out, "%s\n", command->help);
}

static void add_options(struct ls_buf *out, uint64_t options)
{
    enum { OPTION_COLUMNS = 28 };
    for (int i = 0; i < OPTION_COUNT; i++) {
        if ((options & OPTION_BIT(i)) == 0) continue;
        const size_t start = out->length;
        ls_buf_printf(out, "  %s %s", option_name((enum option)i),
                      option_value_name((enum option)i));
        add_padding(out, start, OPTION_COLUMNS);
        ls_buf_printf(out, "%s\n", option_help((enum option)i));
    }
}

static void add_text(struct ls_buf *out, const struct command *command)
{
    ls_buf_add_text(out, "usage: ");
    add_usage(out, command);
    ls_buf_printf(out, "\n%s\n", command->help);
    add_options(out, command->options | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_HELP));
}

enum ls_exit help_command(const struct command *command)
{
    struct ls_buf out;
    ls_buf_init(&out, HELP_BYTES_MAX);
    add_text(&out, command);
    return ls_out_print(&out);
}

static enum ls_exit help_group(const char *group)
{
    struct ls_buf out;
    size_t count = 0;
    const struct command *rows = commands(&count);
    ls_buf_init(&out, HELP_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].group, group) != 0) continue;
        if (out.length > 0) ls_buf_add_char(&out, '\n');
        add_text(&out, &rows[i]);
    }
    if (out.length > 0) return ls_out_print(&out);
    ls_complain(group, "no such command; lockstep help lists them");
    return LS_EXIT_USAGE;
}

enum ls_exit help_all(const char *group)
{
    struct ls_buf out;
    size_t count = 0;
    const struct command *rows = commands(&count);
    if (group != NULL) return help_group(group);

    ls_buf_init(&out, HELP_BYTES_MAX);
    ls_buf_add_text(&out, "lockstep " LS_VERSION
                          ": keeps a PostgreSQL outbox and Solana in step\n\n");
    for (size_t i = 0; i < count; i++) add_command(&out, &rows[i]);
    ls_buf_add_text(
        &out,
        "\nlockstep alone opens the console; lockstep COMMAND --help lists a command's "
        "options.\nConfiguration: --config FILE, $LOCKSTEP_CONFIG, "
        "~/.config/lockstep/lockstep.conf, /etc/lockstep/lockstep.conf\n"
        "Exit status: 0 done, 1 failed, 2 usage, 3 nothing matched, 4 refused, 5 no database, "
        "6 no ledger, 7 difference found\n");
    return ls_out_print(&out);
}
