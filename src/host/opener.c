#include "lockstep/host/opener.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lockstep/host/stop_signal.h"

#define WHAT "open"

extern char **environ; /* POSIX has no header for it */

enum { WORDS_MAX = 32, TEXT_BYTES = 1024, ENVIRONMENT_MAX = 4096 };

struct words {
    char text[TEXT_BYTES];
    size_t used;
    char *argv[WORDS_MAX + 1];
    size_t count;
};

static bool put(struct words *words, const char *text, size_t bytes)
{
    if (words->used + bytes >= sizeof words->text) return false;
    memcpy(words->text + words->used, text, bytes);
    words->used += bytes;
    return true;
}

/* One word with its places filled. */
static bool
put_word(struct words *words, const char *word, size_t bytes, const char *id, const char *self)
{
    if (words->count == WORDS_MAX) return false;
    words->argv[words->count++] = words->text + words->used;
    for (size_t i = 0; i < bytes; i++) {
        const bool is_place = word[i] == '%' && i + 1 < bytes;
        const char *filled = !is_place            ? NULL
                             : word[i + 1] == 'i' ? id
                             : word[i + 1] == 'l' ? self
                             : word[i + 1] == '%' ? "%"
                                                  : NULL;
        if (!(filled != NULL ? put(words, filled, strlen(filled)) : put(words, word + i, 1)))
            return false;
        if (filled != NULL) i++;
    }
    return put(words, "", 1);
}

static ls_err
split(const struct ls_opener *opener, int64_t id, struct words *words, struct ls_why *why)
{
    char number[24];
    (void)snprintf(number, sizeof number, "%" PRId64, id);
    *words = (struct words){.count = 0};
    for (const char *at = opener->command; *at != '\0';) {
        at += strspn(at, " \t");
        const size_t bytes = strcspn(at, " \t");
        if (bytes > 0 && !put_word(words, at, bytes, number, opener->program)) {
            return ls_refuse(why, LS_CODE_INVALID, WHAT,
                             "the command to open an alert with is too long");
        }
        at += bytes;
    }
    if (words->count > 0) return LS_OK;
    return ls_refuse(why, LS_CODE_INVALID, WHAT,
                     "[alert] open is empty: name a command, e.g. %s", LS_OPENER_DEFAULT);
}

/* Our surroundings with the configuration's path; made before the fork, since memory may
 * not be asked for behind it. */
static void fill_environment(const struct ls_opener *opener, char *variable, char **out)
{
    size_t count = 0;
    if (opener->config_path[0] != '\0') out[count++] = variable;
    for (char **at = environ; *at != NULL && count + 1 < ENVIRONMENT_MAX; at++) {
        const bool is_ours = strncmp(*at, "LOCKSTEP_CONFIG=", 16) == 0;
        if (!is_ours || opener->config_path[0] == '\0') out[count++] = *at;
    }
    out[count] = NULL;
}

/* In the child; tells by the pipe why the program did not start. */
static void become(struct words *words, char **environment, int tell)
{
    const int null = open("/dev/null", O_RDWR);
    for (int fd = 0; null >= 0 && fd < 3; fd++) (void)dup2(null, fd);
    (void)setsid();
    ls_stop_signal_unblock();
    const pid_t second = fork(); /* an orphan is reaped by init */
    if (second > 0) _exit(0);
    if (second == 0) {
        environ = environment;
        (void)execvp(words->argv[0], words->argv);
    }
    const int code = errno;
    const ssize_t written = write(tell, &code, sizeof code);
    (void)written; /* nobody else could be told */
    _exit(127);
}

ls_err ls_opener_start(const struct ls_opener *opener, int64_t alert_id, struct ls_why *why)
{
    struct words words;
    char variable[600];
    LS_TRY(split(opener, alert_id, &words, why));
    (void)snprintf(variable, sizeof variable, "LOCKSTEP_CONFIG=%s", opener->config_path);
    char **environment = calloc(ENVIRONMENT_MAX, sizeof *environment);
    int tells[2];
    if (environment == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, WHAT);
    if (pipe(tells) != 0) {
        free(environment);
        return LS_FAIL(LS_CODE_UNAVAILABLE, errno, WHAT);
    }
    for (int i = 0; i < 2; i++) (void)fcntl(tells[i], F_SETFD, FD_CLOEXEC);
    fill_environment(opener, variable, environment);
    const pid_t child = fork();
    if (child == 0) become(&words, environment, tells[1]);
    (void)close(tells[1]);
    int code = child < 0 ? errno : 0;
    if (child > 0) {
        (void)waitpid(child, NULL, 0); /* it ends at once: its own child goes on */
        if (read(tells[0], &code, sizeof code) != (ssize_t)sizeof code) code = 0;
    }
    (void)close(tells[0]);
    free(environment);
    if (code == 0) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT,
                     "%.100s cannot be started: %s; see [alert] open", words.argv[0],
                     strerror(code));
}
