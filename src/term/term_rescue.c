#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "term_private.h"

/* A signal handler reaches only what is global. Written before the handlers are set. */
static struct {
    struct termios before;
    int fd;
    volatile sig_atomic_t is_armed;
} rescue;

static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { DEADLY = sizeof deadly / sizeof deadly[0] };

static void restore(void)
{
    /* Paste and alternate screen off, cursor on, attributes plain. */
    static const char sequence[] = "\033[?2004l\033[?1049l\033[?25h\033[0m\r\n";
    ssize_t written = write(STDOUT_FILENO, sequence, sizeof sequence - 1);
    (void)written; /* nothing else can be done here */
    (void)tcsetattr(rescue.fd, TCSANOW, &rescue.before);
}

void ls_term_abandon(void)
{
    if (rescue.is_armed != 0) (void)tcsetattr(rescue.fd, TCSANOW, &rescue.before);
}

static void die(int number)
{
    if (rescue.is_armed != 0) restore();
    rescue.is_armed = 0;
    (void)raise(number); /* the default action stands again: SA_RESETHAND */
}

void rescue_arm(int fd)
{
    rescue.fd = fd;
    if (tcgetattr(fd, &rescue.before) != 0) return;
    rescue.is_armed = 1;
    for (int i = 0; i < DEADLY; i++) {
        struct sigaction present;
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = die;
        action.sa_flags = (int)(SA_RESETHAND | SA_NODEFER);
        /* A sanitizer's handler tells more than ours. */
        if (sigaction(deadly[i], NULL, &present) != 0 || present.sa_handler != SIG_DFL)
            continue;
        (void)sigaction(deadly[i], &action, NULL);
    }
}

void rescue_disarm(void)
{
    rescue.is_armed = 0;
    for (int i = 0; i < DEADLY; i++) {
        struct sigaction present;
        if (sigaction(deadly[i], NULL, &present) == 0 && present.sa_handler == die)
            (void)signal(deadly[i], SIG_DFL);
    }
}
