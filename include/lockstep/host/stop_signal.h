/* Being told to stop, as something to wait for: SIGINT, SIGTERM and SIGHUP are blocked
 * and read from a descriptor, so nothing runs in a signal handler. */
#ifndef LOCKSTEP_HOST_STOP_SIGNAL_H
#define LOCKSTEP_HOST_STOP_SIGNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Block the signals in this thread (and those it starts later); the descriptor, -1 when
 * the system has none left. Once a process, before other threads. */
int ls_stop_signal_open(void);
/* Whether one arrived; waits at most `timeout_ms` (0: not at all). */
bool ls_stop_signal_wait(int fd, int64_t timeout_ms);
/* For a child between fork and exec: unblock them again. */
void ls_stop_signal_unblock(void);

#endif
