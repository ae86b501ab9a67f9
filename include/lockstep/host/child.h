/* A process that this one starts and is responsible for: it is told to end when we end,
 * whatever way that happens. */
#ifndef LOCKSTEP_HOST_CHILD_H
#define LOCKSTEP_HOST_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lockstep/base/err.h"

struct ls_child {
    pid_t pid; /* 0: not running */
};

struct ls_child_options {
    const char *const *argv; /* argv[0] is the path of the program; NULL at the end */
    const char *folder;      /* to run in */
    const char *log_path;    /* standard error, appended, and standard output without a pipe */
    const char *const *environment; /* NULL: ours; ends with NULL */
    bool joins_errors;              /* standard error goes where standard output does */
    int *stdout_out; /* NULL, or receives the reading end of its standard output */
    bool changes_user;
    uid_t uid;
    gid_t gid;
    int death_signal; /* sent to it when we die */
};

/* LS_CODE_UNAVAILABLE with `why` when it cannot be started. A program that cannot be
 * executed ends with status 127. */
LS_MUST_CHECK ls_err ls_child_start(const struct ls_child_options *options,
                                    struct ls_child *child_out,
                                    struct ls_why *why);
/* Whether it still runs; reaps it when not, and then `status_out` is waitpid's. */
bool ls_child_runs(struct ls_child *child, int *status_out);
/* Wait for its end at most `timeout_ms`; false when it still runs. */
bool ls_child_wait(struct ls_child *child, int64_t timeout_ms, int *status_out);
/* Send `signal_number`, wait `timeout_ms`, then SIGKILL. Nothing when it does not run. */
void ls_child_stop(struct ls_child *child, int signal_number, int64_t timeout_ms);

/* Start, wait for the end, and require status 0; `what` names it in `why`. */
LS_MUST_CHECK ls_err ls_child_run(const struct ls_child_options *options,
                                  const char *what,
                                  int64_t timeout_ms,
                                  struct ls_why *why);

#endif
