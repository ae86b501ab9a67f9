#include "manual.h"

#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/config/config_help.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/filter.h"

static void add_command(struct ls_buf *out, const struct command *command)
{
    char tag[96];
    char more[512] = "";
    (void)snprintf(tag, sizeof tag, "lockstep %s%s%s", command->group,
                   command->name[0] == '\0' ? "" : " ", command->name);
    size_t length = 0;
    if (command->synopsis[0] != '\0')
        length = (size_t)snprintf(more, sizeof more, " %s", command->synopsis);
    for (int i = 0; i < OPTION_COUNT && length < sizeof more; i++) {
        const enum option option = (enum option)i;
        if ((command->options & OPTION_BIT(i)) == 0) continue;
        (void)snprintf(more + length, sizeof more - length, " [%s%s%s]", option_name(option),
                       option_value_name(option)[0] == '\0' ? "" : " ",
                       option_value_name(option));
        length = strlen(more);
    }
    roff_item(out, tag, more, command->help);
}

static void add_commands(struct ls_buf *out)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++) add_command(out, &rows[i]);
}

static void add_options(struct ls_buf *out)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        char more[64];
        const char *value = option_value_name((enum option)i);
        (void)snprintf(more, sizeof more, "%s%s", value[0] == '\0' ? "" : " ", value);
        roff_item(out, option_name((enum option)i), more, option_help((enum option)i));
    }
}

static void add_filters(struct ls_buf *out)
{
    const char *word = NULL, *help = NULL;
    roff_line(out, "Listings and actions take the same filters as the console. Terms are "
                   "and-ed; ! before a term inverts it, * behind a value matches what "
                   "begins so, quotes hold blanks together, and a bare word is looked for "
                   "in key, cause and entity.");
    for (size_t i = 0; ls_filter_word_at(i, &word, &help); i++) roff_item(out, word, "", help);
}

static void add_statuses(struct ls_buf *out)
{
    static const char *const statuses[] = {
        "done",
        "failed",
        "wrong usage, configuration or input",
        "nothing matched",
        "refused: by state, role, version or --expect",
        "the database cannot be reached",
        "the ledger cannot be reached",
        "a verification found a difference",
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        char tag[8];
        (void)snprintf(tag, sizeof tag, "%zu", i);
        roff_item(out, tag, "", statuses[i]);
    }
}

static void add_environment(struct ls_buf *out)
{
    roff_item(out, "LOCKSTEP_CONFIG", "", "the configuration, where --config names none");
    roff_item(out, "LOCKSTEP_COLUMNS", "",
              "how wide tables may be, also where the output is no terminal");
    roff_item(out, "COLUMNS", "", "the same on a terminal whose size is not known");
    roff_item(out, "NO_COLOR", "", "no colours; the console takes the theme mono");
    roff_item(out, "PGHOST, PGUSER, PGPASSFILE ...", "",
              "as libpq reads them, where the configuration leaves them open");
    roff_item(out, "XDG_CONFIG_HOME", "", "the person's folder; ~/.config if unset");
}

void manual_commands(struct ls_buf *out)
{
    roff_title(out, "LOCKSTEP", "1", "User Commands");
    roff_section(out, "NAME");
    roff_text(out, "lockstep - keep a PostgreSQL outbox and Solana in step");
    ls_buf_add_char(out, '\n');
    roff_section(out, "SYNOPSIS");
    ls_buf_add_text(out, ".B lockstep\n[\\fICOMMAND\\fR] [\\fIARGUMENT\\fR]... "
                         "[\\fIOPTION\\fR]...\n");
    roff_section(out, "DESCRIPTION");
    roff_text(out, "Applications put operations into a table of their own database, in their "
                   "own transactions. Workers bring them onto the ledger exactly once, or hold "
                   "them visibly, with proof. Without a command the console opens: a dashboard "
                   "with its embedded worker.");
    ls_buf_add_char(out, '\n');
    roff_section(out, "COMMANDS");
    add_commands(out);
    roff_section(out, "OPTIONS");
    roff_line(out, "Every command takes --config and --help; the others where its line "
                   "above shows them.");
    add_options(out);
    roff_section(out, "FILTERS");
    add_filters(out);
    roff_section(out, "EXIT STATUS");
    add_statuses(out);
    roff_section(out, "ENVIRONMENT");
    add_environment(out);
    roff_section(out, "FILES");
    roff_item(out, "~/.config/lockstep/lockstep.conf, /etc/lockstep/lockstep.conf", "",
              "the configuration, in this order");
    roff_item(out, "~/.config/lockstep/keys.conf", "", "keys of the console");
    roff_item(out, "~/.config/lockstep/themes", "", "themes of the console");
    roff_section(out, "SEE ALSO");
    ls_buf_add_text(out, ".BR lockstep.conf (5),\n.BR lockstep\\-keys (7)\n");
}

static const char *section_title(const char *section)
{
    if (strcmp(section, "signer") == 0) return "[signer \"NAME\"]";
    if (strcmp(section, "kind") == 0) return "[kind \"NAME\"]";
    return NULL;
}

static void add_key(struct ls_buf *out, const struct ls_config_help *row)
{
    char more[128] = "";
    if (strcmp(row->value, "required") == 0) {
        (void)snprintf(more, sizeof more, " (required)");
    } else if (row->value[0] != '\0') {
        (void)snprintf(more, sizeof more, " (default: %s)", row->value);
    }
    roff_item(out, row->key, more, row->help);
}

static void add_rules(struct ls_buf *out)
{
    char names[256] = "";
    for (int i = 0; i < LS_RULE_COUNT; i++) {
        const size_t length = strlen(names);
        (void)snprintf(names + length, sizeof names - length, "%s%s", i == 0 ? "" : ", ",
                       ls_alert_rule_name((enum ls_alert_rule)i));
    }
    ls_buf_add_text(out, "Thresholds stand in the section of their rule, as in [alert "
                         "\\(dqage\\(dq]. Rules are ");
    roff_text(out, names);
    ls_buf_add_text(out, ".\n");
}

void manual_config(struct ls_buf *out)
{
    const char *section = "";
    roff_title(out, "LOCKSTEP.CONF", "5", "File Formats");
    roff_section(out, "NAME");
    roff_text(out, "lockstep.conf - configuration of lockstep");
    ls_buf_add_char(out, '\n');
    roff_section(out, "DESCRIPTION");
    roff_text(out, "One INI file. A section or key that is not known is an error that names "
                   "file, line and the nearest known name. Lines begin in the first column and "
                   "are at most 194 bytes long; ; and # begin a comment. The file holds no "
                   "secrets: passwords belong into ~/.pgpass or a libpq service. Durations are "
                   "written 500ms, 30s, 5m, 2h, 3d.");
    ls_buf_add_char(out, '\n');
    for (size_t i = 0; ls_config_help_at(i) != NULL; i++) {
        const struct ls_config_help *row = ls_config_help_at(i);
        if (strcmp(row->section, section) != 0) {
            char title[64];
            const char *named = section_title(row->section);
            section = row->section;
            (void)snprintf(title, sizeof title, "[%s]", section);
            roff_subsection(out, named != NULL ? named : title);
            if (strcmp(section, "alert") == 0) add_rules(out);
        }
        add_key(out, row);
    }
    roff_section(out, "EXAMPLES");
    roff_example(out, "[database]\nurl = postgresql:///app?service=app\n[ledger]\n"
                      "cluster = devnet\nendpoint = https://rpc.one.example\n"
                      "[signer \"payer\"]\nkeypair = /etc/lockstep/payer.json\n");
    roff_section(out, "SEE ALSO");
    ls_buf_add_text(out, ".BR lockstep (1),\n.BR lockstep\\-keys (7)\n");
}
