#include "candidate.h"

#include <string.h>

#define GROUP_HELP "a group of commands"

/* How the words before the caret were read. */
struct line {
    const struct command *command;
    uint64_t given;
    size_t positional;    /* how many there are */
    enum option wants;    /* the option whose value stands at the caret, or OPTION_COUNT */
    bool only_positional; /* behind "--" */
};

static uint64_t allowed(const struct command *command)
{
    return command->options | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_HELP);
}

/* The option that `word` names up to a `=`, if the command has it; else OPTION_COUNT. */
static enum option option_of(const struct command *command, const char *word)
{
    const size_t bytes = strcspn(word, "=");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const char *name = option_name((enum option)i);
        if ((allowed(command) & OPTION_BIT(i)) != 0 && strlen(name) == bytes &&
            memcmp(name, word, bytes) == 0)
            return (enum option)i;
    }
    return OPTION_COUNT;
}

static bool takes_value(enum option option)
{
    return option != OPTION_COUNT && option_value_name(option)[0] != '\0';
}

/* As arguments_read() reads them, but for complaints. */
static struct line
read_line(const struct command *command, const char *const *words, size_t count)
{
    struct line line = {.command = command, .wants = OPTION_COUNT};
    for (size_t i = 0; i < count; i++) {
        if (line.only_positional || words[i][0] != '-' || words[i][1] == '\0') {
            line.positional++;
        } else if (strcmp(words[i], "--") == 0) {
            line.only_positional = true;
        } else {
            const enum option option = option_of(command, words[i]);
            if (option == OPTION_COUNT) continue;
            line.given |= OPTION_BIT(option);
            if (!takes_value(option) || strchr(words[i], '=') != NULL) continue;
            if (++i == count) line.wants = option;
        }
    }
    return line;
}

static void offer_options(const struct candidate_place *place, const struct line *line)
{
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((allowed(line->command) & ~line->given & OPTION_BIT(i)) != 0)
            candidate_offer(place, option_name((enum option)i), option_help((enum option)i));
}

/* Of "KEY | --chain FILTER|ID..." the form that the options given choose. */
static const char *chosen_form(const struct line *line)
{
    const char *other = strstr(line->command->synopsis, " | ");
    if (other == NULL) return line->command->synopsis;
    other += strlen(" | ");
    for (int i = 0; i < OPTION_COUNT; i++) {
        const size_t bytes = strlen(option_name((enum option)i));
        if ((line->given & OPTION_BIT(i)) != 0 && other[bytes] == ' ' &&
            strncmp(other, option_name((enum option)i), bytes) == 0)
            return other + bytes + 1;
    }
    return line->command->synopsis;
}

/* The argument that stands at the caret; the last one of the synopsis repeats. */
static void offer_argument(const struct candidate_place *place, const struct line *line)
{
    const char *at = chosen_form(line);
    if (line->positional >= line->command->max_count) return;
    for (size_t i = 0; i < line->positional; i++) {
        const size_t bytes = strcspn(at, " ");
        if (at[bytes] == '\0') break;
        at += bytes + 1;
    }
    at += at[0] == '[' ? 1 : 0;
    size_t bytes = strcspn(at, " ]");
    if (bytes > 3 && strncmp(at + bytes - 3, "...", 3) == 0) bytes -= 3;
    candidate_argument(place, line->command, at, bytes);
}

static void offer_place(struct candidate_place *place, const struct line *line)
{
    const char *word = place->word;
    const enum option option =
        line->only_positional ? OPTION_COUNT : option_of(line->command, word);
    if (line->wants != OPTION_COUNT) {
        candidate_option_value(place, line->command, line->wants);
    } else if (takes_value(option) && strchr(word, '=') != NULL) {
        place->kept = strcspn(word, "=") + 1;
        candidate_option_value(place, line->command, option);
    } else {
        offer_argument(place, line);
        const bool is_open =
            word[0] == '-' || (word[0] == '\0' && place->out->length == place->start);
        if (is_open && !line->only_positional) offer_options(place, line);
    }
}

static void offer_groups(const struct candidate_place *place)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++) /* the first row of a group is the group's own, if any */
        candidate_offer(place, rows[i].group,
                        rows[i].name[0] == '\0' ? rows[i].help : GROUP_HELP);
}

static void offer_names(const struct candidate_place *place, const char *group)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].group, group) == 0 && rows[i].name[0] != '\0')
            candidate_offer(place, rows[i].name, rows[i].help);
}

void candidates(const char *const *words, size_t count, struct ls_buf *out)
{
    static const char *const alone[] = {"console"};
    size_t used = 0;
    if (count == 0) return;
    struct candidate_place place = {.word = words[count - 1], .out = out, .start = out->length};
    const bool is_first = count == 1;
    if (is_first && place.word[0] != '-') {
        offer_groups(&place);
        candidate_offer(&place, "help", "what there is, or how a command is used");
        return;
    }
    if (!is_first && strcmp(words[0], "help") == 0) {
        if (count == 2) offer_groups(&place);
        return;
    }
    if (is_first) candidate_offer(&place, "--version", "which version this is");
    const bool is_console = words[0][0] == '-';
    const struct command *command =
        is_console ? command_find(alone, 1, &used) : command_find(words, count - 1, &used);
    if (is_console) used = 0;
    if (count == 2 && !is_console) offer_names(&place, words[0]);
    if (command == NULL) return;
    const struct line line = read_line(command, words + used, count - 1 - used);
    offer_place(&place, &line);
}
