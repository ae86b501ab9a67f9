#include "console_guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "lockstep/report/complain.h"
#include "lockstep/term/term.h"

enum { PATIENCE_MS = 5000 };

struct console_guard {
    const struct ls_console_options *options;
    int end[2]; /* closed at its writing end when the console ended */
    pthread_t thread;
};

static void *watch(void *self)
{
    console_guard *guard = self;
    struct pollfd fds[] = {{.fd = guard->end[0], .events = POLLIN},
                           {.fd = guard->options->stop_fd, .events = POLLIN}};
    while (poll(fds, 2, -1) < 0 && errno == EINTR) continue;
    if (fds[0].revents != 0) return NULL;
    while (poll(fds, 1, PATIENCE_MS) < 0 && errno == EINTR) continue;
    if (fds[0].revents != 0) return NULL;
    ls_term_abandon();
    if (guard->options->last_call != NULL)
        guard->options->last_call(guard->options->last_call_self);
    _exit(LS_EXIT_FAILED);
}

ls_err console_guard_start(const struct ls_console_options *options, console_guard **guard_out)
{
    *guard_out = NULL;
    if (options->stop_fd < 0) return LS_OK;
    console_guard *guard = calloc(1, sizeof *guard);
    if (guard == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "guard");
    guard->options = options;
    if (pipe(guard->end) != 0) {
        free(guard);
        return LS_FAIL(LS_CODE_UNAVAILABLE, errno, "guard");
    }
    for (int i = 0; i < 2; i++) (void)fcntl(guard->end[i], F_SETFD, FD_CLOEXEC);
    const int failed = pthread_create(&guard->thread, NULL, watch, guard);
    if (failed != 0) {
        (void)close(guard->end[0]);
        (void)close(guard->end[1]);
        free(guard);
        return LS_FAIL(LS_CODE_UNAVAILABLE, failed, "guard");
    }
    *guard_out = guard;
    return LS_OK;
}

void console_guard_stop(console_guard *guard)
{
    if (guard == NULL) return;
    (void)close(guard->end[1]);
    (void)pthread_join(guard->thread, NULL); /* fails only for our own mistakes */
    (void)close(guard->end[0]);
    free(guard);
}
