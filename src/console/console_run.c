#include "console_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WHAT "command"

enum { WORDS_MAX = 128, EXTRAS_MAX = 8, ENVIRONMENT_MAX = 1024, TEXT_BYTES = 1024 };

extern char **environ;

/* The line as a shell would cut it: blanks, quotes of both sorts, backslashes. */
struct words {
    size_t count;
    const char *words[WORDS_MAX];
    char text[TEXT_BYTES];
};

static ls_err split(const char *line, struct words *words, struct ls_why *why)
{
    char *out = words->text;
    char quote = '\0';
    bool is_in = false;
    words->count = 0;
    for (; *line != '\0'; line++) {
        if (quote == '\0' && *line == ' ') {
            if (is_in) *out++ = '\0';
            is_in = false;
            continue;
        }
        if (!is_in) {
            if (words->count == WORDS_MAX)
                return ls_refuse(why, LS_CODE_INVALID, WHAT, "more than %d words", WORDS_MAX);
            words->words[words->count++] = out;
            is_in = true;
        }
        if (quote == *line) {
            quote = '\0';
        } else if (quote == '\0' && (*line == '"' || *line == '\'')) {
            quote = *line;
        } else if (quote != '\'' && *line == '\\' && line[1] != '\0') {
            *out++ = *++line;
        } else {
            *out++ = *line;
        }
    }
    *out = '\0';
    if (quote == '\0') return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT, "a quote is not closed");
}

/* The row that the first words name, and how many of them do. */
static const struct ls_ui_cli *
row_of(const struct console_run_place *place, const struct words *words, size_t *used_out)
{
    const struct ls_ui_cli *found = NULL;
    char both[TEXT_BYTES + 2] = "";
    if (words->count > 1)
        (void)snprintf(both, sizeof both, "%s %s", words->words[0], words->words[1]);
    *used_out = 1;
    for (size_t i = 0; i < place->cli_count && words->count > 0; i++) {
        if (strcmp(place->cli[i].words, words->words[0]) == 0) found = &place->cli[i];
        if (words->count < 2 || strcmp(place->cli[i].words, both) != 0) continue;
        *used_out = 2;
        return &place->cli[i];
    }
    return found;
}

struct extras {
    size_t count;
    const char *items[EXTRAS_MAX];
    char expected[24];
};

static void add(struct extras *extras, const char *text)
{
    if (extras->count < EXTRAS_MAX) extras->items[extras->count++] = text;
}

/* What the console adds to the person's words, right behind the command. */
static void add_extras(struct extras *extras,
                       const struct ls_ui_request *request,
                       const struct ls_ui_cli *row,
                       const char *config_path)
{
    if (config_path[0] != '\0') {
        add(extras, "--config");
        add(extras, config_path);
    }
    if (request->is_trial) {
        add(extras, "--dry-run");
    } else if (request->acts) {
        if (row->has_yes) add(extras, "--yes");
        if (request->action.reason[0] != '\0') {
            add(extras, "--reason");
            add(extras, request->action.reason);
        }
        if (request->expected > 0 && row->has_expect) {
            (void)snprintf(extras->expected, sizeof extras->expected, "%" PRId64,
                           request->expected);
            add(extras, "--expect");
            add(extras, extras->expected);
        }
    }
}

/* Ours, with the width of the pane in place of the terminal's. */
static void make_environment(const char *columns, const char *out[ENVIRONMENT_MAX])
{
    size_t count = 0;
    for (char **at = environ; *at != NULL && count + 3 < ENVIRONMENT_MAX; at++) {
        if (strncmp(*at, "LOCKSTEP_COLUMNS=", 17) == 0) continue;
        out[count++] = *at;
    }
    out[count++] = columns;
    out[count++] = "NO_COLOR=1";
    out[count] = NULL;
}

void console_run_init(struct console_run *run)
{
    *run = (struct console_run){.fd = -1};
}

ls_err console_run_start(struct console_run *run,
                         const struct ls_ui_request *request,
                         const struct console_run_place *place,
                         struct ls_why *why)
{
    struct words words;
    struct extras extras = {0};
    const char *argv[WORDS_MAX + EXTRAS_MAX + 2];
    const char *environment[ENVIRONMENT_MAX];
    char width[40];
    size_t used = 0, count = 0;
    if (run->fd >= 0) return ls_refuse(why, LS_CODE_REFUSED, WHAT, "another one still runs");
    LS_TRY(split(request->text, &words, why));
    const struct ls_ui_cli *row = row_of(place, &words, &used);
    if (row == NULL) return ls_refuse(why, LS_CODE_INVALID, WHAT, "there is no such command");
    add_extras(&extras, request, row, place->config_path);
    argv[count++] = "/proc/self/exe";
    for (size_t i = 0; i < used; i++) argv[count++] = words.words[i];
    for (size_t i = 0; i < extras.count; i++) argv[count++] = extras.items[i];
    for (size_t i = used; i < words.count; i++) argv[count++] = words.words[i];
    argv[count] = NULL;
    (void)snprintf(width, sizeof width, "LOCKSTEP_COLUMNS=%d", (int)place->columns);
    make_environment(width, environment);
    const struct ls_child_options options = {.argv = argv,
                                             .environment = environment,
                                             .folder = ".",
                                             .log_path = "/dev/null",
                                             .stdout_out = &run->fd,
                                             .joins_errors = true,
                                             .death_signal = SIGTERM};
    LS_TRY(ls_child_start(&options, &run->child, why));
    (void)fcntl(run->fd, F_SETFL, O_NONBLOCK); /* cannot fail on a new pipe */
    run->ticket = request->ticket;
    return LS_OK;
}

int console_run_read(struct console_run *run, char *out, size_t out_bytes)
{
    if (run->fd < 0) return 0;
    const ssize_t got = read(run->fd, out, out_bytes);
    if (got > 0) return (int)got;
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    return -1;
}

int console_run_end(struct console_run *run)
{
    enum { END_MS = 2000 };
    int status = 0;
    (void)close(run->fd);
    run->fd = -1;
    if (!ls_child_wait(&run->child, END_MS, &status)) { /* it closed its output and goes on */
        ls_child_stop(&run->child, SIGTERM, END_MS);
        return 128 + SIGTERM;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void console_run_stop(struct console_run *run)
{
    enum { STOP_MS = 200 };
    if (run->fd < 0) return;
    ls_child_stop(&run->child, SIGTERM, STOP_MS);
    (void)close(run->fd);
    run->fd = -1;
}
