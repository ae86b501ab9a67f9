#include <stdio.h>
#include <string.h>

#include "command.h"
#include "lockstep/cells/theme.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/op.h"
#include "manual.h"

/* The first word of each group, once. */
static bool is_first_of_group(const struct command *rows, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (strcmp(rows[i].group, rows[at].group) == 0) return false;
    return true;
}

static bool takes_filter(const struct command *command)
{
    return strstr(command->synopsis, "FILTER") != NULL;
}

static void add_options(struct ls_buf *out, const struct command *command)
{
    const uint64_t options =
        command->options | OPTION_BIT(OPTION_CONFIG) | OPTION_BIT(OPTION_HELP);
    for (int i = 0; i < OPTION_COUNT; i++)
        if ((options & OPTION_BIT(i)) != 0)
            ls_buf_printf(out, " %s", option_name((enum option)i));
}

static void add_themes(struct ls_buf *out)
{
    for (size_t i = 0; ls_theme_builtin_name(i) != NULL; i++)
        ls_buf_printf(out, "%s%s", i == 0 ? "" : " ", ls_theme_builtin_name(i));
}

/* Words of the filter language, with the values that are known. */
static void add_filter(struct ls_buf *out)
{
    const char *word = NULL, *help = NULL;
    for (size_t i = 0; ls_filter_word_at(i, &word, &help); i++)
        ls_buf_printf(out, "%s%s", i == 0 ? "" : " ", word);
    for (int i = 0; i < LS_STATE_COUNT; i++)
        ls_buf_printf(out, " state:%s", ls_state_name((enum ls_state)i));
    for (int i = 1; i <= LS_KIND_MAX; i++)
        ls_buf_printf(out, " kind:%s", ls_kind_name((enum ls_kind)i));
}

static void add_kinds(struct ls_buf *out)
{
    ls_buf_add_text(out, "all");
    for (int i = 1; i <= LS_KIND_MAX; i++)
        ls_buf_printf(out, " %s", ls_kind_name((enum ls_kind)i));
}

static bool takes_kinds(const struct command *command)
{
    return strcmp(command->group, "worker") == 0 && strcmp(command->name, "kinds") == 0;
}

/* What stands behind a command that is no option. */
static void add_arguments(struct ls_buf *out, const struct command *command)
{
    if (takes_filter(command)) ls_buf_add_text(out, " $filters");
    if (strcmp(command->group, "theme") == 0 && command->max_count > 0)
        ls_buf_add_text(out, " $themes");
    if (strcmp(command->group, "completion") == 0) ls_buf_add_text(out, " bash zsh fish");
    if (strcmp(command->group, "man") == 0)
        ls_buf_add_text(out, " lockstep lockstep.conf lockstep-keys");
    if (strcmp(command->group, "gate") == 0 && command->max_count > 0)
        ls_buf_add_text(out, " all kind: lane: entity: payer: batch: fence:nonce");
    if (takes_kinds(command)) {
        ls_buf_add_text(out, " $kinds");
    } else if (strcmp(command->group, "worker") == 0 && command->max_count > 0) {
        ls_buf_add_text(out, " all");
    }
}

static void bash_groups(struct ls_buf *out, const struct command *rows, size_t count)
{
    ls_buf_add_text(out, "        1\\ *) words=\"");
    for (size_t i = 0; i < count; i++)
        if (is_first_of_group(rows, i)) ls_buf_printf(out, "%s ", rows[i].group);
    ls_buf_add_text(out, "help --help --version\" ;;\n");
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_group(rows, i)) continue;
        bool has_names = false;
        for (size_t j = i; j < count; j++) {
            if (strcmp(rows[j].group, rows[i].group) != 0 || rows[j].name[0] == '\0') continue;
            if (!has_names) ls_buf_printf(out, "        2\\ %s\\ *) words=\"", rows[j].group);
            ls_buf_printf(out, "%s%s", has_names ? " " : "", rows[j].name);
            has_names = true;
        }
        if (!has_names) continue;
        if (rows[i].name[0] == '\0') add_options(out, &rows[i]);
        ls_buf_add_text(out, "\" ;;\n");
    }
}

static void bash_commands(struct ls_buf *out, const struct command *rows, size_t count)
{
    for (int pass = 0; pass < 2; pass++) { /* two words are more than one */
        for (size_t i = 0; i < count; i++) {
            const bool has_name = rows[i].name[0] != '\0';
            if (has_name != (pass == 0)) continue;
            ls_buf_printf(out, "        *\\ %s\\ %s%s) words=\"", rows[i].group, rows[i].name,
                          has_name ? "" : "*");
            add_options(out, &rows[i]);
            add_arguments(out, &rows[i]);
            ls_buf_add_text(out, "\" ;;\n");
        }
    }
}

void completion_bash(struct ls_buf *out)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    ls_buf_add_text(
        out, "# bash completion for lockstep, made by: lockstep completion bash\n"
             "_lockstep()\n{\n"
             "    local line=${COMP_LINE:0:COMP_POINT} cur=\"\" previous=\"\" words=\"\"\n"
             "    local -a parts\n"
             "    local filters=\"");
    add_filter(out);
    ls_buf_add_text(out, "\"\n    local themes=\"");
    add_themes(out);
    ls_buf_add_text(out, "\"\n    local kinds=\"");
    add_kinds(out);
    ls_buf_add_text(
        out, "\"\n"
             "    read -ra parts <<<\"$line\"\n"
             "    if [[ $line != *[[:space:]] ]]; then\n"
             "        cur=${parts[${#parts[@]}-1]}\n"
             "        unset \"parts[${#parts[@]}-1]\"\n"
             "    fi\n"
             "    COMPREPLY=()\n"
             "    previous=${parts[${#parts[@]}-1]}\n"
             "    case $previous in\n"
             "        --theme) words=$themes ;;\n"
             "        --kinds) words=$kinds ;;\n"
             "        --sort) words=\"newest oldest age updated\" ;;\n"
             "        --lane) words=\"0 1 2 3\" ;;\n"
             "        --fence) words=\"expiry nonce marker\" ;;\n"
             "        --limit) words=\"all 50 1000\" ;;\n"
             "        --for) words=\"30m 1h 4h 1d\" ;;\n"
             "        --config|--dir) return ;; # files\n"
             "    esac\n"
             "    [ -n \"$words\" ] || case \"${#parts[@]} ${parts[1]} ${parts[2]}\" in\n");
    bash_groups(out, rows, count);
    bash_commands(out, rows, count);
    ls_buf_add_text(
        out, "    esac\n"
             "    # A list of kinds goes on behind its last comma.\n"
             "    if [[ $cur == *,* && $words == *\"$kinds\"* ]]; then\n"
             "        words=\"${kinds// / ${cur%,*},}\"\n"
             "    fi\n"
             "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
             "    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:\\<\\>] ]]; then\n"
             "        compopt -o nospace 2>/dev/null\n"
             "    fi\n"
             "    # A colon parts words: what stands before it is on the line already.\n"
             "    if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then\n"
             "        local prefix=${cur%\"${cur##*:}\"} i\n"
             "        for i in \"${!COMPREPLY[@]}\"; do\n"
             "            COMPREPLY[i]=${COMPREPLY[i]#\"$prefix\"}\n"
             "        done\n"
             "    fi\n"
             "}\n"
             "complete -o default -F _lockstep lockstep\n");
}

/* In single quotes of zsh and fish; `colon`: what _describe would take for a separator. */
static void add_quoted(struct ls_buf *out, const char *text, bool escapes_colons)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            ls_buf_add_text(out, escapes_colons ? "'\\''" : "\\'");
        } else if (*text == ':' && escapes_colons) {
            ls_buf_add_text(out, "\\:");
        } else {
            ls_buf_add_char(out, *text);
        }
    }
}

static void zsh_group(struct ls_buf *out, const struct command *rows, size_t count, size_t at)
{
    bool has_names = false;
    for (size_t i = 0; i < count; i++)
        has_names = has_names ||
                    (strcmp(rows[i].group, rows[at].group) == 0 && rows[i].name[0] != '\0');
    if (!has_names) return;
    ls_buf_printf(out, "        %s)\n            names=(", rows[at].group);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].group, rows[at].group) != 0 || rows[i].name[0] == '\0') continue;
        ls_buf_printf(out, " '%s:", rows[i].name);
        add_quoted(out, rows[i].help, true);
        ls_buf_add_char(out, '\'');
    }
    ls_buf_add_text(out, ") ;;\n");
}

/* Each word of the filter language in quotes of its own. */
static void zsh_filters(struct ls_buf *out)
{
    struct ls_buf filters;
    ls_buf_init(&filters, 65536);
    add_filter(&filters);
    ls_buf_add_text(out, " '");
    for (const char *at = ls_buf_text(&filters); *at != '\0'; at++) {
        if (*at == ' ') {
            ls_buf_add_text(out, "' '");
        } else {
            ls_buf_add_char(out, *at);
        }
    }
    ls_buf_add_char(out, '\'');
    ls_buf_done(&filters);
}

static void zsh_options(struct ls_buf *out, const struct command *rows, size_t count)
{
    for (int pass = 0; pass < 2; pass++) { /* two words are more than one */
        for (size_t i = 0; i < count; i++) {
            const bool has_name = rows[i].name[0] != '\0';
            if (has_name != (pass == 0)) continue;
            ls_buf_printf(out, "        '%s %s'%s) options=(", rows[i].group, rows[i].name,
                          has_name ? "" : "*");
            add_options(out, &rows[i]);
            if (takes_filter(&rows[i])) zsh_filters(out);
            if (takes_kinds(&rows[i])) ls_buf_add_text(out, " $kinds");
            ls_buf_add_text(out, ") ;;\n");
        }
    }
}

void completion_zsh(struct ls_buf *out)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    ls_buf_add_text(out, "#compdef lockstep\n"
                         "# made by: lockstep completion zsh\n"
                         "_lockstep() {\n"
                         "    local -a groups names options kinds\n"
                         "    groups=(");
    for (size_t i = 0; i < count; i++) {
        if (!is_first_of_group(rows, i)) continue;
        ls_buf_printf(out, "\n        '%s:", rows[i].group);
        add_quoted(out, rows[i].name[0] == '\0' ? rows[i].help : "a group of commands", true);
        ls_buf_add_char(out, '\'');
    }
    ls_buf_add_text(out, ")\n    kinds=(");
    add_kinds(out);
    ls_buf_add_text(out, ")\n    if [[ $words[CURRENT-1] == --kinds ]]; then\n"
                         "        compadd -a kinds\n        return\n    fi\n");
    ls_buf_add_text(out, "    if (( CURRENT == 2 )); then\n"
                         "        _describe command groups\n        return\n    fi\n"
                         "    case $words[2] in\n");
    for (size_t i = 0; i < count; i++)
        if (is_first_of_group(rows, i)) zsh_group(out, rows, count, i);
    ls_buf_add_text(out, "    esac\n"
                         "    if (( CURRENT == 3 && $#names )); then\n"
                         "        _describe command names\n        return\n    fi\n"
                         "    case \"$words[2] $words[3]\" in\n");
    zsh_options(out, rows, count);
    ls_buf_add_text(out, "    esac\n"
                         "    compadd -a options || _files\n"
                         "}\n"
                         "_lockstep \"$@\"\n");
}

static void fish_kinds(struct ls_buf *out)
{
    ls_buf_add_text(out, " -a '");
    add_kinds(out);
    ls_buf_add_char(out, '\'');
}

static void fish_options(struct ls_buf *out, const struct command *command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if ((command->options & OPTION_BIT(i)) == 0) continue;
        ls_buf_printf(out,
                      "complete -c lockstep -n '__fish_seen_subcommand_from %s%s%s%s' -l %s",
                      command->group,
                      command->name[0] == '\0' ? "" : "; and __fish_seen_subcommand_from ",
                      command->name, "", option_name((enum option)i) + 2);
        if (option_value_name((enum option)i)[0] != '\0') ls_buf_add_text(out, " -r");
        if (i == OPTION_KINDS) fish_kinds(out);
        ls_buf_add_text(out, " -d '");
        add_quoted(out, option_help((enum option)i), false);
        ls_buf_add_text(out, "'\n");
    }
}

void completion_fish(struct ls_buf *out)
{
    size_t count = 0;
    const struct command *rows = commands(&count);
    ls_buf_add_text(out, "# made by: lockstep completion fish\n"
                         "complete -c lockstep -f\n"
                         "complete -c lockstep -l config -r -F -d 'the configuration'\n"
                         "complete -c lockstep -l help -d 'how it is used'\n");
    for (size_t i = 0; i < count; i++) {
        if (is_first_of_group(rows, i)) {
            ls_buf_printf(out, "complete -c lockstep -n __fish_use_subcommand -a %s -d '",
                          rows[i].group);
            add_quoted(out, rows[i].name[0] == '\0' ? rows[i].help : "a group of commands",
                       false);
            ls_buf_add_text(out, "'\n");
        }
        if (rows[i].name[0] != '\0') {
            ls_buf_printf(out,
                          "complete -c lockstep -n '__fish_seen_subcommand_from %s' -a %s -d '",
                          rows[i].group, rows[i].name);
            add_quoted(out, rows[i].help, false);
            ls_buf_add_text(out, "'\n");
        }
        if (takes_kinds(&rows[i])) {
            ls_buf_printf(out,
                          "complete -c lockstep -n '__fish_seen_subcommand_from %s; and "
                          "__fish_seen_subcommand_from %s'",
                          rows[i].group, rows[i].name);
            fish_kinds(out);
            ls_buf_add_char(out, '\n');
        }
        fish_options(out, &rows[i]);
    }
}
