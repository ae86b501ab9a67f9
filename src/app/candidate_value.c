#include "candidate.h"

#include <stdio.h>
#include <string.h>

#include "faults.h"
#include "lockstep/config/theme_file.h"
#include "lockstep/core/action.h"
#include "lockstep/core/alert_rules.h"
#include "lockstep/core/batch.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/filter_value.h"
#include "lockstep/core/op.h"
#include "lockstep/report/op_list.h"
#include "lockstep/trial/fault.h"
#include "lockstep/trial/policy.h"

enum { WORD_BYTES = 256 };

static const char *typed(const struct candidate_place *place)
{
    return place->word + place->kept;
}

static bool begins(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* Whether `line` (a word and the tab behind it) is the beginning of one that is there. */
static bool is_offered(const struct ls_buf *out, const char *line)
{
    const char *text = ls_buf_text(out);
    for (const char *at = strstr(text, line); at != NULL; at = strstr(at + 1, line))
        if (at == text || at[-1] == '\n') return true;
    return false;
}

void candidate_offer(const struct candidate_place *place, const char *word, const char *help)
{
    char line[WORD_BYTES];
    if (!begins(word, typed(place))) return;
    if (strcspn(place->word, "\t\n") < place->kept) return; /* a line could not hold it */
    const int length =
        snprintf(line, sizeof line, "%.*s%s\t", (int)place->kept, place->word, word);
    if (length < 0 || (size_t)length >= sizeof line || is_offered(place->out, line)) return;
    ls_buf_add_text(place->out, line);
    ls_buf_add_text(place->out, help);
    ls_buf_add_char(place->out, '\n');
}

static void offer_all(const struct candidate_place *place, const char *const *words)
{
    for (; *words != NULL; words++) candidate_offer(place, *words, "");
}

static void offer_paths(const struct candidate_place *place, const char *which)
{
    if (strcspn(place->word, "\t\n") < place->kept) return;
    ls_buf_printf(place->out, "\t%s\t%.*s\n", which, (int)place->kept, place->word);
}

static void offer_files(const struct candidate_place *place)
{
    offer_paths(place, "files");
}

/* Behind what of a list is typed already: up to its last comma, and a sign before a word that
 * is to be left out. */
static struct candidate_place in_list(const struct candidate_place *place, char sign)
{
    struct candidate_place item = *place;
    const char *comma = strrchr(typed(place), ',');
    if (comma != NULL) item.kept = (size_t)(comma + 1 - place->word);
    if (typed(&item)[0] == sign) item.kept++;
    return item;
}

static void offer_kinds(const struct candidate_place *place)
{
    for (int i = 1; i <= LS_KIND_MAX; i++)
        candidate_offer(place, ls_kind_name((enum ls_kind)i), "");
}

static void offer_kind_list(const struct candidate_place *place)
{
    const struct candidate_place item = in_list(place, '!');
    offer_kinds(&item);
    candidate_offer(&item, "token.*", "all that begin so");
    if (item.kept == place->kept) candidate_offer(&item, "all", "every kind");
}

static void offer_own_theme(void *self, const char *name)
{
    candidate_offer(self, name, "a theme of one's own");
}

static void offer_themes(const struct candidate_place *place)
{
    struct candidate_place own = *place;
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++)
        candidate_offer(place, ls_theme_builtin_name(i), "");
    ls_theme_files_each(offer_own_theme, &own);
}

/* The values of fields like "kind:" of the filter language. */
static void offer_field_values(const struct candidate_place *place, const char *field)
{
    struct ls_filter_value value;
    for (size_t i = 0; ls_filter_value_at(i, &value); i++) {
        char word[WORD_BYTES];
        if (field != NULL && strcmp(field, value.field) != 0) continue;
        (void)snprintf(word, sizeof word, "%s%s", value.field, value.text);
        candidate_offer(place, word, value.help);
    }
}

/* First the fields; with a field typed, its values. Terms can stand in one word, in quotes. */
static void offer_filter(const struct candidate_place *place)
{
    struct candidate_place term = *place;
    const char *blank = strrchr(typed(place), ' ');
    const char *word = NULL, *help = NULL;
    if (blank != NULL) term.kept = (size_t)(blank + 1 - place->word);
    if (typed(&term)[0] == '!') term.kept++;
    if (strpbrk(typed(&term), ":<>") != NULL) {
        offer_field_values(&term, NULL);
        return;
    }
    for (size_t i = 0; ls_filter_word_at(i, &word, &help); i++)
        candidate_offer(&term, word, help);
}

static void offer_rules(const struct candidate_place *place)
{
    for (int i = 0; i < LS_RULE_COUNT; i++)
        candidate_offer(place, ls_alert_rule_name((enum ls_alert_rule)i), "");
}

static void offer_bulk_actions(const struct candidate_place *place)
{
    for (int verb = LS_VERB_RETRY; verb <= LS_VERB_CANCEL; verb++)
        candidate_offer(place, ls_verb_name((enum ls_verb)verb), "");
}

static void offer_lanes(const struct candidate_place *place)
{
    candidate_offer(place, "0", "urgent");
    candidate_offer(place, "1", "");
    candidate_offer(place, "2", "");
    candidate_offer(place, "3", "bulk");
}

static void offer_fences(const struct candidate_place *place)
{
    for (int i = 0; i < LS_FENCE_COUNT; i++)
        candidate_offer(place, ls_fence_name((enum ls_fence)i), "");
}

static void offer_sorts(const struct candidate_place *place)
{
    for (size_t i = 0; ls_op_list_sort_name(i) != NULL; i++)
        candidate_offer(place, ls_op_list_sort_name(i), "");
}

static bool is_trial(const struct command *command)
{
    return strcmp(command->group, "sim") == 0 && strcmp(command->name, "listen") != 0;
}

static void offer_faults(const struct candidate_place *place, const struct command *command)
{
    if (!is_trial(command)) {
        for (size_t i = 0; faults_name(i) != NULL; i++)
            candidate_offer(place, faults_name(i), "");
        return;
    }
    const struct candidate_place item = in_list(place, '-');
    candidate_offer(&item, "all", "every kind");
    candidate_offer(&item, "none", "none");
    for (int i = 0; i < LS_FAULT_COUNT; i++)
        candidate_offer(&item, ls_fault_name((enum ls_fault)i),
                        ls_fault_what((enum ls_fault)i));
}

static void offer_policies(const struct candidate_place *place, const struct command *command)
{
    for (int i = 0; is_trial(command) && i < LS_POLICY_COUNT; i++)
        candidate_offer(place, ls_policy_name((enum ls_policy)i),
                        ls_policy_rule((enum ls_policy)i));
    for (int i = 0; !is_trial(command) && i < LS_BATCH_POLICY_COUNT; i++)
        candidate_offer(place, ls_batch_policy_name((enum ls_batch_policy)i), "");
}

void candidate_option_value(const struct candidate_place *place,
                            const struct command *command,
                            enum option option)
{
    static const char *const durations[] = {"10m", "30m", "1h", "4h", "1d", NULL};
    static const char *const times[] = {"-10m", "-1h", "-4h", "-1d", NULL};
    static const char *const limits[] = {"50", "1000", "all", NULL};
    const char *name = option_value_name(option);
    if (strcmp(name, "FILE") == 0) offer_files(place);
    if (strcmp(name, "DIR") == 0) offer_paths(place, "folders");
    if (strcmp(name, "DURATION") == 0) offer_all(place, durations);
    if (option == OPTION_AT) offer_all(place, times);
    if (option == OPTION_LIMIT) offer_all(place, limits);
    if (option == OPTION_THEME) offer_themes(place);
    if (option == OPTION_KINDS) offer_kind_list(place);
    if (option == OPTION_SORT) offer_sorts(place);
    if (option == OPTION_LANE) offer_lanes(place);
    if (option == OPTION_FENCE) offer_fences(place);
    if (option == OPTION_FAULTS) offer_faults(place, command);
    if (option == OPTION_POLICY) offer_policies(place, command);
}

/* "KIND": what a name in capitals stands for, where that is known. */
static void offer_named(const struct candidate_place *place,
                        const struct command *command,
                        const char *name)
{
    static const struct {
        const char *name;
        void (*offer)(const struct candidate_place *place);
    } rows[] = {{"FILTER", offer_filter},  {"KIND", offer_kinds},
                {"LIST", offer_kind_list}, {"RULE", offer_rules},
                {"FILE", offer_files},     {"ACTION", offer_bulk_actions}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].name, name) == 0) rows[i].offer(place);
    if (strcmp(name, "NAME") == 0 && strcmp(command->group, "theme") == 0) offer_themes(place);
}

/* "kind:K": the field, and once that is typed its values. */
static void offer_field(const struct candidate_place *place, char *field)
{
    field[strcspn(field, ":") + 1] = '\0';
    if (!begins(typed(place), field)) {
        candidate_offer(place, field, "");
    } else {
        offer_field_values(place, field);
    }
}

static void offer_file_behind_at(const struct candidate_place *place)
{
    struct candidate_place path = *place;
    if (typed(place)[0] != '@') {
        candidate_offer(place, "@", "from a file");
        return;
    }
    path.kept++;
    offer_files(&path);
}

static bool is_name(const char *text)
{
    return text[0] >= 'A' && text[0] <= 'Z';
}

void candidate_argument(const struct candidate_place *place,
                        const struct command *command,
                        const char *argument,
                        size_t bytes)
{
    const char *end = argument + bytes;
    while (argument < end) {
        char one[WORD_BYTES];
        size_t length = strcspn(argument, "|");
        if (length > (size_t)(end - argument)) length = (size_t)(end - argument);
        (void)snprintf(one, sizeof one, "%.*s", (int)length, argument);
        const char *colon = strchr(one, ':');
        if (is_name(one)) {
            offer_named(place, command, one);
        } else if (strcmp(one, "@FILE") == 0) {
            offer_file_behind_at(place);
        } else if (colon != NULL && is_name(colon + 1)) {
            offer_field(place, one);
        } else {
            candidate_offer(place, one, "");
        }
        argument += length + 1;
    }
}
