#include <stdio.h>
#include <string.h>

#include "line.h"

static void add_field(struct dialog *dialog, enum field_kind kind)
{
    struct field *field = &dialog->fields[dialog->field_count++];
    field->kind = kind;
    input_clear(&field->input);
}

void act_line(struct ls_ui *ui, const char *line, const struct ls_ui_cli *cli, size_t expected)
{
    struct dialog *dialog = &ui->dialog;
    const bool is_production = ui_is_production(ui);
    *dialog = (struct dialog){.is_line = true, .expected = expected};
    (void)snprintf(dialog->line, sizeof dialog->line, "%s", line);
    (void)snprintf(dialog->title, sizeof dialog->title, "RUN lockstep %.60s on %s%.40s",
                   cli->words, is_production ? "PROD " : "", ui->options.environment);
    (void)snprintf(dialog->subject, sizeof dialog->subject, "lockstep %.300s", line);
    if (expected > 0) {
        (void)snprintf(dialog->effect, sizeof dialog->effect,
                       "%.100s. %zu operations, looked at just now: when another number "
                       "matches by then, nothing is done.",
                       cli->help, expected);
    } else {
        (void)snprintf(dialog->effect, sizeof dialog->effect,
                       "%.200s. It runs as it would in your shell, by your rights; what it "
                       "prints is shown.",
                       cli->help);
    }
    if (dialog->effect[0] >= 'a' && dialog->effect[0] <= 'z')
        dialog->effect[0] = (char)(dialog->effect[0] - 'a' + 'A');
    if (cli->has_reason && strstr(line, " --reason") == NULL) add_field(dialog, FIELD_REASON);
    add_field(dialog, FIELD_CONFIRM);
    const char *suffix = is_production ? " PROD" : "";
    if (expected > 1) {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "%zu%s", expected, suffix);
    } else {
        (void)snprintf(dialog->confirm, sizeof dialog->confirm, "yes%s", suffix);
    }
    dialog_open(ui);
}
