#include "console_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What cannot run within the console, and why. */
static const struct {
    const char *words, *why;
} refused[] = {
    {"console", "this is it"},
    {"worker", "it runs until it is stopped: start it in a shell or as a service"},
    {"demo", "it is a console of its own: start it in a shell"},
    {"notify", "it runs until it is stopped: start it in a shell or as a service"},
    {"sim listen", "it runs until it is stopped: start it in a shell"},
    {"key new", "it may ask for a passphrase: use a shell"},
    {"key encrypt", "it asks for a passphrase: use a shell"},
    {"key rotate", "it asks for a passphrase: use a shell"},
    {"edit", "it opens an editor: use a shell, or E on the operation"},
};

/* What only reads. Everything else is asked about before it runs. */
static const char *const reads[] = {
    "ops", "show",       "status",           "verify",      "doctor",
    "log", "causes",     "reconcile",        "sim faults",  "sim run",
    "man", "completion", "completion words", "sim compare", "help"};
static const char *const reading_words[] = {" list", " show", " check", " verify", " test"};

static bool ends_with(const char *text, const char *end)
{
    const size_t length = strlen(text);
    const size_t bytes = strlen(end);
    return length >= bytes && strcmp(text + length - bytes, end) == 0;
}

static enum ls_ui_cli_kind kind_of(const char *words, const char **why_out)
{
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        if (strcmp(refused[i].words, words) != 0) continue;
        *why_out = refused[i].why;
        return LS_UI_CLI_REFUSED;
    }
    for (size_t i = 0; i < sizeof reads / sizeof reads[0]; i++)
        if (strcmp(reads[i], words) == 0) return LS_UI_CLI_READS;
    for (size_t i = 0; i < sizeof reading_words / sizeof reading_words[0]; i++)
        if (ends_with(words, reading_words[i])) return LS_UI_CLI_READS;
    return LS_UI_CLI_ACTS;
}

static void add_options(struct ls_ui_cli *row, uint64_t options)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        const size_t length = strlen(row->options);
        if ((options & OPTION_BIT(i)) == 0) continue;
        (void)snprintf(row->options + length, sizeof row->options - length, "%s%s",
                       length == 0 ? "" : " ", option_name((enum option)i));
    }
}

struct ls_ui_cli *console_rows_new(size_t *count_out)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    struct ls_ui_cli *made = calloc(count, sizeof *made);
    if (made == NULL) return NULL;
    for (size_t i = 0; i < count; i++) {
        struct ls_ui_cli *row = &made[i];
        (void)snprintf(row->words, sizeof row->words, "%s%s%s", rows[i].group,
                       rows[i].name[0] == '\0' ? "" : " ", rows[i].name);
        row->synopsis = rows[i].synopsis;
        row->help = rows[i].help;
        row->kind = kind_of(row->words, &row->why);
        row->has_reason = (rows[i].options & OPTION_BIT(OPTION_REASON)) != 0;
        row->has_dry_run = (rows[i].options & OPTION_BIT(OPTION_DRY_RUN)) != 0;
        row->has_yes = (rows[i].options & OPTION_BIT(OPTION_YES)) != 0;
        row->has_expect = (rows[i].options & OPTION_BIT(OPTION_EXPECT)) != 0;
        add_options(row, rows[i].options | OPTION_BIT(OPTION_HELP));
    }
    *count_out = count;
    return made;
}
