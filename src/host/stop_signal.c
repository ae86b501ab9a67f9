#include "lockstep/host/stop_signal.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

static sigset_t stop_set(void)
{
    sigset_t set;
    (void)sigemptyset(&set); /* neither can fail for these signals */
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGHUP);
    return set;
}

int ls_stop_signal_open(void)
{
    const sigset_t set = stop_set();
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

void ls_stop_signal_unblock(void)
{
    const sigset_t set = stop_set();
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* cannot fail for a valid set */
}

bool ls_stop_signal_wait(int fd, int64_t timeout_ms)
{
    struct signalfd_siginfo info;
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    const int timeout = timeout_ms > 600000 ? 600000 : (int)timeout_ms;
    if (poll(&waiting, 1, timeout) <= 0) return false;
    return read(fd, &info, sizeof info) == (ssize_t)sizeof info;
}
