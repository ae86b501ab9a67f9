#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "line.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/filter_value.h"

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character - 'A' + 'a') : character;
}

static bool begins(const char *text, const char *start)
{
    for (; *start != '\0'; start++, text++)
        if (lower(*text) != lower(*start)) return false;
    return true;
}

/* Untrusted text can come here (keys, causes): what the gate would change is not offered,
 * since the line could not hold it. */
static bool is_plain(const char *text)
{
    char gated[CANDIDATE_BYTES * 2];
    const size_t length = strlen(text);
    if (length == 0 || length >= CANDIDATE_BYTES) return false;
    (void)ls_gate_text(text, length, gated, sizeof gated);
    return strcmp(gated, text) == 0;
}

static void offer(struct completion *to, const char *text, const char *help)
{
    if (!is_plain(text) || !begins(text, to->typed) || to->count == CANDIDATES_MAX) return;
    for (size_t i = 0; i < to->count; i++)
        if (strcmp(to->items[i].text, text) == 0) return;
    struct candidate *candidate = &to->items[to->count++];
    (void)snprintf(candidate->text, sizeof candidate->text, "%s", text);
    (void)snprintf(candidate->help, sizeof candidate->help, "%.79s", help == NULL ? "" : help);
}

/* "cause:" and a value, in quotes where it holds blanks. */
static void
offer_value(struct completion *to, const char *field, const char *value, const char *help)
{
    char text[CANDIDATE_BYTES * 2];
    const char *quote = strchr(value, ' ') != NULL ? "\"" : "";
    if (value[0] == '\0' || strchr(value, '"') != NULL) return;
    (void)snprintf(text, sizeof text, "%s%s%s%s%s", to->typed[0] == '!' ? "!" : "", field,
                   quote, value, quote);
    offer(to, text, help);
}

static void offer_kinds(struct completion *to)
{
    for (int i = 1; i <= LS_KIND_MAX; i++)
        offer_value(to, "kind:", ls_kind_name((enum ls_kind)i), NULL);
    offer_value(to, "kind:", "token.*", "all that begin so");
}

/* What the rows and cause groups on screen have. */
static void offer_seen(const struct ls_ui *ui, struct completion *to)
{
    for (size_t i = 0; i < ui->dashboard.cause_count; i++) {
        char help[48];
        (void)snprintf(help, sizeof help, "%" PRId64 " operations",
                       ui->dashboard.causes[i].count);
        offer_value(to, "cause:", ui->dashboard.causes[i].cause, help);
    }
    if (!screen_is_list(ui->screen)) return;
    const struct list *list = ui_list_const(ui);
    for (size_t i = 0; i < list->count; i++) {
        offer_value(to, "cause:", list->rows[i].cause, NULL);
        offer_value(to, "entity:", list->rows[i].entity, NULL);
        offer_value(to, "key:", list->rows[i].key, NULL);
    }
}

static void offer_filter(const struct ls_ui *ui, struct completion *to)
{
    const bool is_inverted = to->typed[0] == '!';
    const char *word = NULL, *help = NULL;
    const bool has_field = to->typed[strcspn(to->typed, ":<>")] != '\0';
    for (size_t i = 0; !has_field && ls_filter_word_at(i, &word, &help); i++) {
        char text[CANDIDATE_BYTES];
        (void)snprintf(text, sizeof text, "%s%s", is_inverted ? "!" : "", word);
        offer(to, text, help);
    }
    if (!has_field) return;
    struct ls_filter_value value;
    for (size_t i = 0; ls_filter_value_at(i, &value); i++)
        offer_value(to, value.field, value.text, value.help);
    offer_seen(ui, to);
}

static void offer_ops(const struct ls_ui *ui, struct completion *to)
{
    const struct ls_op_row *row = ui_current_row(ui);
    char id[24];
    if (row != NULL) {
        (void)snprintf(id, sizeof id, "%" PRId64, row->op.value);
        offer(to, id, row->key);
    }
    if (!screen_is_list(ui->screen)) return;
    const struct list *list = ui_list_const(ui);
    for (size_t i = 0; i < list->count; i++) {
        (void)snprintf(id, sizeof id, "%" PRId64, list->rows[i].op.value);
        offer(to, id, list->rows[i].key);
    }
}

static void offer_selectors(const struct ls_ui *ui, struct completion *to)
{
    offer(to, "all", "every operation");
    offer_kinds(to);
    for (int i = 0; i < 4; i++) {
        char text[16];
        (void)snprintf(text, sizeof text, "lane:%d", i);
        offer(to, text, NULL);
    }
    offer(to, "fence:nonce", "operations that need a nonce account");
    char payer[CANDIDATE_BYTES];
    (void)snprintf(payer, sizeof payer, "payer:%s", ui->dashboard.payer);
    if (ui->dashboard.payer[0] != '\0') offer(to, payer, "what this payer pays for");
    if (!screen_is_list(ui->screen)) return;
    const struct list *list = ui_list_const(ui);
    for (size_t i = 0; i < list->count; i++)
        offer_value(to, "entity:", list->rows[i].entity, NULL);
}

static void offer_gates(const struct ls_ui *ui, struct completion *to)
{
    for (size_t i = 0; i < ui->dashboard.gate_count; i++)
        offer(to, ui->dashboard.gates[i].selector, ui->dashboard.gates[i].reason);
}

static void offer_gate(const struct ls_ui *ui, struct completion *to, const char *before)
{
    if (before[0] == '\0') {
        offer(to, "on", "pause what matches");
        offer(to, "off", "let it go on");
        offer(to, "list", "gates that are on");
    } else if (strcmp(before, "on ") == 0) {
        offer_selectors(ui, to);
    } else if (strcmp(before, "off ") == 0) {
        offer_gates(ui, to);
    }
}

/* A person's own first: who has made one looks for it. */
static void offer_themes(const struct ls_ui *ui, struct completion *to)
{
    const char *names = ui->prompt.themes;
    while (*names != '\0') {
        char name[LS_THEME_NAME_BYTES];
        const size_t length = strcspn(names, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, names);
        if (ls_theme_builtin(name) == NULL) offer(to, name, "a theme of one's own");
        names += length + (names[length] == ' ' ? 1 : 0);
    }
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++)
        offer(to, ls_theme_builtin_name(i), NULL);
}

static void offer_words(struct completion *to, const char *words, const char *help)
{
    while (*words != '\0') {
        char word[CANDIDATE_BYTES];
        const size_t length = strcspn(words, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)length, words);
        offer(to, word, help);
        words += length + (words[length] == ' ' ? 1 : 0);
    }
}

static void offer_settings(struct completion *to, const char *before)
{
    size_t count = 0;
    const struct line_setting *settings = line_settings(&count);
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(settings[i].name);
        if (before[0] == '\0') {
            offer(to, settings[i].name, settings[i].help);
        } else if (strncmp(before, settings[i].name, length) == 0 && before[length] == ' ') {
            offer_words(to, settings[i].values, settings[i].help);
        }
    }
}

static void offer_workers(const struct ls_ui *ui, struct completion *to)
{
    for (size_t i = 0; i < ui->dashboard.worker_count; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "%" PRId64, ui->dashboard.workers[i].id);
        offer(to, id, ui->dashboard.workers[i].host);
    }
    offer(to, "all", "every worker");
}

/* Kinds behind whatever of a list is typed already: "memo,!ev". */
static void offer_kind_list(struct completion *to)
{
    const char *comma = strrchr(to->typed, ',');
    size_t kept = comma == NULL ? 0 : (size_t)(comma - to->typed) + 1;
    if (to->typed[kept] == '!') kept++;
    char text[CANDIDATE_BYTES];
    for (int i = 1; i <= LS_KIND_MAX; i++) {
        (void)snprintf(text, sizeof text, "%.*s%s", (int)kept, to->typed,
                       ls_kind_name((enum ls_kind)i));
        offer(to, text, NULL);
    }
    (void)snprintf(text, sizeof text, "%.*stoken.*", (int)kept, to->typed);
    offer(to, text, "all that begin so");
    if (kept > 0) return;
    offer(to, "all", "every kind");
    if (to->typed[0] != '\0') return;
    offer(to, "!", "all but what follows");
}

static void offer_alerts(const struct ls_ui *ui, struct completion *to)
{
    for (size_t i = 0; ui->has_alerts && i < ui->alerts.count; i++) {
        char id[24];
        (void)snprintf(id, sizeof id, "%" PRId64, ui->alerts.rows[i].id);
        offer(to, id, ui->alerts.rows[i].message);
    }
}

/* Whether something stands between the command's words and the word under the caret. */
static bool has_argument(const struct ls_ui_cli *cli, const char *before)
{
    const size_t length = strlen(cli->words);
    return strlen(before) > length && before[length + strspn(before + length, " ")] != '\0';
}

/* What stands behind a command of the shell. */
static void offer_cli(const struct ls_ui *ui,
                      struct completion *to,
                      const struct ls_ui_cli *cli,
                      const char *before)
{
    if (to->typed[0] == '-') {
        offer_words(to, cli->options, NULL);
    } else if (strstr(cli->synopsis, "FILTER") != NULL) {
        offer_filter(ui, to);
        if (cli->kind == LS_UI_CLI_ACTS) offer_ops(ui, to);
    } else if (strcmp(cli->words, "worker kinds") == 0 && has_argument(cli, before)) {
        offer_kind_list(to);
    } else if (strncmp(cli->words, "worker ", 7) == 0) {
        offer_workers(ui, to);
    } else if (strncmp(cli->words, "alert ", 6) == 0) {
        offer_alerts(ui, to);
    } else if (strncmp(cli->words, "theme ", 6) == 0) {
        offer_themes(ui, to);
    } else if (strncmp(cli->words, "gate ", 5) == 0) {
        offer_gate(ui, to, cli->words + 5);
    } else if (strcmp(cli->synopsis, "ID") == 0 || strncmp(cli->synopsis, "ID|KEY", 6) == 0) {
        if (strncmp(cli->words, "batch", 5) != 0) offer_ops(ui, to);
    }
}

/* The first word, or the second of a command of the shell. */
static void offer_names(const struct ls_ui *ui, struct completion *to)
{
    size_t count = 0;
    const struct line_command *lines = line_commands(&count);
    for (size_t i = 0; i < count; i++) offer(to, lines[i].name, lines[i].help);
    for (size_t i = 0; i < ui->options.cli_count; i++) {
        const struct ls_ui_cli *cli = &ui->options.cli[i];
        const size_t length = strcspn(cli->words, " ");
        char group[CANDIDATE_BYTES];
        if (cli->kind == LS_UI_CLI_REFUSED) continue;
        (void)snprintf(group, sizeof group, "%.*s", (int)length, cli->words);
        offer(to, group, cli->words[length] == '\0' ? cli->help : "a group of commands");
    }
    char screen[LS_KEY_SCREEN_BYTES];
    for (int32_t i = 0; i < (int32_t)SCREEN_DETAIL; i++)
        if (ls_key_screen_name(i, screen)) offer(to, screen, "to this screen");
    const struct command *rows = key_commands(&count);
    for (size_t i = 0; i < count && to->typed[0] != '\0'; i++)
        if (command_is_on(&rows[i], ui->screen)) offer(to, rows[i].name, rows[i].help);
}

static void offer_second(const struct ls_ui *ui, struct completion *to, const char *before)
{
    const size_t length = strlen(before);
    for (size_t i = 0; i < ui->options.cli_count; i++) {
        const struct ls_ui_cli *cli = &ui->options.cli[i];
        if (cli->kind == LS_UI_CLI_REFUSED || strncmp(cli->words, before, length) != 0)
            continue;
        offer(to, cli->words + length, cli->help);
    }
}

static void offer_argument(const struct ls_ui *ui,
                           struct completion *to,
                           enum line_argument argument,
                           const char *before)
{
    switch (argument) {
    case LINE_THEME: offer_themes(ui, to); return;
    case LINE_FILTER: offer_filter(ui, to); return;
    case LINE_OP: offer_ops(ui, to); return;
    case LINE_GATE: offer_gate(ui, to, before); return;
    case LINE_SETTING: offer_settings(to, before); return;
    case LINE_NOTHING:
    case LINE_TEXT: return;
    }
}

static void sort_by_text(struct completion *to)
{
    for (size_t i = 1; i < to->count; i++) {
        const struct candidate taken = to->items[i];
        size_t at = i;
        for (; at > 0 && strcmp(to->items[at - 1].text, taken.text) > 0; at--)
            to->items[at] = to->items[at - 1];
        to->items[at] = taken;
    }
}

static void offer_line(const struct ls_ui *ui, struct completion *to, const char *before)
{
    size_t count = 0;
    const struct line_command *lines = line_commands(&count);
    while (*before == ' ') before++;
    const size_t length = strcspn(before, " ");
    if (before[0] == '\0') {
        offer_names(ui, to);
        sort_by_text(to);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (strlen(lines[i].name) != length || memcmp(lines[i].name, before, length) != 0)
            continue;
        offer_argument(ui, to, lines[i].argument, before + length + 1);
        return;
    }
    const struct ls_ui_cli *cli = line_cli(ui, before);
    if (cli != NULL) offer_cli(ui, to, cli, before);
    if (cli == NULL || strchr(cli->words, ' ') == NULL) offer_second(ui, to, before);
}

/* Where the word under the caret begins: after the last blank that is in no quotes. */
static size_t word_start(const char *text, size_t caret)
{
    size_t start = 0;
    bool is_quoted = false;
    for (size_t i = 0; i < caret; i++) {
        if (text[i] == '"') is_quoted = !is_quoted;
        if (text[i] == ' ' && !is_quoted) start = i + 1;
    }
    return start;
}

/* Batches have words of their own. */
static void offer_batches(struct completion *to)
{
    char text[CANDIDATE_BYTES];
    for (int state = 0; state < LS_BATCH_STATE_COUNT; state++) {
        (void)snprintf(text, sizeof text, "state:%s",
                       ls_batch_state_name((enum ls_batch_state)state));
        offer(to, text, "batches in this state");
    }
    for (int policy = 0; policy < LS_BATCH_POLICY_COUNT; policy++) {
        (void)snprintf(text, sizeof text, "policy:%s",
                       ls_batch_policy_name((enum ls_batch_policy)policy));
        offer(to, text, "batches under this policy");
    }
    offer(to, "by:", "who opened it");
    offer(to, "paused", "whose gate is on");
}

static void offer_all(const struct ls_ui *ui, struct completion *to, const char *before)
{
    const struct prompt *prompt = &ui->prompt;
    if (prompt->kind == PROMPT_FILTER && ui->screen == SCREEN_BATCHES) {
        offer_batches(to);
    } else if (prompt->kind == PROMPT_FILTER) {
        offer_filter(ui, to);
    } else if (prompt->kind == PROMPT_COMMAND) {
        offer_line(ui, to, before);
    }
}

/* Of a field that has few values a wrong one is forgotten: those that there are are offered in
 * its place. */
static bool forget_value(char *typed)
{
    static const char *const fields[] = {"state:", "kind:", "sub:", "lane:", "policy:"};
    char *word = typed[0] == '!' ? typed + 1 : typed;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const size_t length = strlen(fields[i]);
        if (strncmp(word, fields[i], length) != 0 || word[length] == '\0') continue;
        word[length] = '\0';
        return true;
    }
    return false;
}

void complete_update(struct ls_ui *ui)
{
    struct prompt *prompt = &ui->prompt;
    struct completion *to = &prompt->completion;
    char before[INPUT_BYTES];
    *to = (struct completion){.at = -1};
    to->from = word_start(prompt->input.text, prompt->input.caret);
    const size_t typed = prompt->input.caret - to->from;
    if (typed >= sizeof to->typed) return;
    memcpy(to->typed, prompt->input.text + to->from, typed);
    (void)snprintf(before, sizeof before, "%.*s", (int)to->from, prompt->input.text);
    offer_all(ui, to, before);
    if (to->count == 0 && forget_value(to->typed)) offer_all(ui, to, before);
}

static bool wants_more(const char *text)
{
    const size_t length = strlen(text);
    return length > 0 &&
           (text[length - 1] == ':' || text[length - 1] == '>' || text[length - 1] == '<');
}

static void put(struct prompt *prompt, const char *text)
{
    struct input *input = &prompt->input;
    char line[INPUT_BYTES * 2];
    char rest[INPUT_BYTES];
    (void)snprintf(rest, sizeof rest, "%s", input->text + input->caret);
    (void)snprintf(line, sizeof line, "%.*s%s", (int)prompt->completion.from, input->text,
                   text);
    line[INPUT_BYTES - 1] = '\0'; /* longer lines are cut, as typing is */
    input_set(input, line);
    const size_t caret = input->caret;
    input_paste(input, rest);
    input->caret = caret;
}

bool complete_step(struct ls_ui *ui, bool forward)
{
    struct completion *to = &ui->prompt.completion;
    if (to->count == 0) return false;
    if (to->count == 1) { /* taken: on with the next word, or the value */
        char text[CANDIDATE_BYTES + 1];
        (void)snprintf(text, sizeof text, "%s%s", to->items[0].text,
                       wants_more(to->items[0].text) ? "" : " ");
        put(&ui->prompt, text);
        complete_update(ui);
        return true;
    }
    const int64_t count = (int64_t)to->count;
    to->at = to->at < 0 && !forward ? count - 1 : (to->at + (forward ? 1 : count - 1)) % count;
    put(&ui->prompt, to->items[to->at].text);
    return true;
}
