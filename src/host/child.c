#include "lockstep/host/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lockstep/host/stop_signal.h"

#define WHAT "child process"

enum { POLL_MS = 20, NOT_EXECUTED = 127 };

/* Between fork and exec: only calls that are safe there. */
static void become(const struct ls_child_options *options, pid_t parent, int out, int log)
{
    const bool has_out = dup2(out, STDOUT_FILENO) >= 0 && dup2(log, STDERR_FILENO) >= 0;
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!has_out || null < 0 || dup2(null, STDIN_FILENO) < 0) _exit(NOT_EXECUTED);
    if (options->changes_user &&
        (setgroups(0, NULL) != 0 || setgid(options->gid) != 0 || setuid(options->uid) != 0)) {
        _exit(NOT_EXECUTED);
    }
    /* After the change of user, which would clear it. */
    if (prctl(PR_SET_PDEATHSIG, options->death_signal, 0, 0, 0) != 0) _exit(NOT_EXECUTED);
    if (getppid() != parent) _exit(NOT_EXECUTED); /* it died before it was said */
    (void)setpgid(0, 0); /* Ctrl-C is the parent's business; it tells us in its order */
    if (chdir(options->folder) != 0) _exit(NOT_EXECUTED);
    (void)signal(SIGPIPE, SIG_DFL);
    ls_stop_signal_unblock();
    if (options->environment != NULL) {
        (void)execve(options->argv[0], (char *const *)(void *)options->argv,
                     (char *const *)(void *)options->environment);
    } else {
        (void)execv(options->argv[0], (char *const *)(void *)options->argv);
    }
    _exit(NOT_EXECUTED);
}

static ls_err
start(const struct ls_child_options *options, int out, int log, struct ls_child *child_out)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    if (pid < 0) return LS_FAIL(LS_CODE_UNAVAILABLE, errno, WHAT);
    if (pid == 0) become(options, parent, out, log);
    child_out->pid = pid;
    return LS_OK;
}

static bool make_pipe(int ends[2])
{
    return pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0 &&
           fcntl(ends[1], F_SETFD, FD_CLOEXEC) == 0;
}

ls_err ls_child_start(const struct ls_child_options *options,
                      struct ls_child *child_out,
                      struct ls_why *why)
{
    assert(options->argv[0] != NULL && options->death_signal > 0);
    int ends[2] = {-1, -1};
    const int log = open(options->log_path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (log < 0) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%.200s cannot be written",
                         options->log_path);
    }
    ls_err err = LS_OK;
    if (options->stdout_out != NULL && !make_pipe(ends)) {
        err = LS_FAIL(LS_CODE_UNAVAILABLE, errno, WHAT);
    }
    if (!ls_failed(err)) {
        const int out = options->stdout_out == NULL ? log : ends[1];
        err = start(options, out, options->joins_errors ? out : log, child_out);
    }
    (void)close(log);
    if (ends[1] >= 0) (void)close(ends[1]);
    if (ls_failed(err)) {
        if (ends[0] >= 0) (void)close(ends[0]);
        return ls_refuse(why, err.code, WHAT, "%.200s cannot be started (error %d)",
                         options->argv[0], (int)err.native);
    }
    if (options->stdout_out != NULL) *options->stdout_out = ends[0];
    return LS_OK;
}

bool ls_child_runs(struct ls_child *child, int *status_out)
{
    int status = 0;
    if (child->pid == 0) return false;
    const pid_t ended = waitpid(child->pid, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return true;
    child->pid = 0;
    if (status_out != NULL) *status_out = status;
    return false;
}

bool ls_child_wait(struct ls_child *child, int64_t timeout_ms, int *status_out)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    for (int64_t waited = 0; ls_child_runs(child, status_out); waited += POLL_MS) {
        if (waited >= timeout_ms) return false;
        (void)nanosleep(&pause, NULL); /* shorter is fine */
    }
    return true;
}

void ls_child_stop(struct ls_child *child, int signal_number, int64_t timeout_ms)
{
    enum { KILL_MS = 5000 };
    if (!ls_child_runs(child, NULL)) return;
    (void)kill(child->pid, signal_number);
    if (ls_child_wait(child, timeout_ms, NULL)) return;
    (void)kill(child->pid, SIGKILL);
    (void)ls_child_wait(child, KILL_MS, NULL); /* only an uninterruptible disk could delay it */
}

ls_err ls_child_run(const struct ls_child_options *options,
                    const char *what,
                    int64_t timeout_ms,
                    struct ls_why *why)
{
    struct ls_child child = {0};
    int status = 0;
    LS_TRY(ls_child_start(options, &child, why));
    if (!ls_child_wait(&child, timeout_ms, &status)) {
        ls_child_stop(&child, SIGKILL, 0);
        return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%s took too long; see %.300s", what,
                         options->log_path);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return LS_OK;
    return ls_refuse(why, LS_CODE_UNAVAILABLE, WHAT, "%s failed; see %.300s", what,
                     options->log_path);
}
