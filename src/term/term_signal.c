#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "term_private.h"

static sigset_t set_of(const int *numbers, size_t count)
{
    sigset_t set;
    (void)sigemptyset(&set); /* neither can fail for these signals */
    for (size_t i = 0; i < count; i++) (void)sigaddset(&set, numbers[i]);
    return set;
}

static sigset_t terminal_set(void)
{
    static const int numbers[] = {SIGWINCH, SIGTSTP, SIGCONT};
    return set_of(numbers, sizeof numbers / sizeof numbers[0]);
}

void ls_term_block_signals(void)
{
    const sigset_t set = terminal_set();
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL); /* cannot fail for a valid set */
}

int term_signal_open(void)
{
    const sigset_t set = terminal_set();
    ls_term_block_signals();
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

void term_signal_take(ls_term *term)
{
    struct signalfd_siginfo info;
    while (term->signal_fd >= 0 && read(term->signal_fd, &info, sizeof info) > 0) {
        if (info.ssi_signo == SIGTSTP) term->stops = true;
        if (info.ssi_signo == SIGCONT) term_take_again(term);
    }
}

/* The default action, in this thread alone open to the signal: the whole process stops. */
void term_signal_stop(void)
{
    static const int number[] = {SIGTSTP};
    const sigset_t set = set_of(number, 1);
    struct sigaction before;
    const struct sigaction stops = {.sa_handler = SIG_DFL};
    if (sigaction(SIGTSTP, &stops, &before) != 0) return;
    (void)raise(SIGTSTP);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* stops here */
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)sigaction(SIGTSTP, &before, NULL);
}
