/* Time and randomness as arguments: the types by which a shell supplies them.
 *
 * No layer but app (and the simulator, which makes them up) has an implementation. */
#ifndef LOCKSTEP_BASE_CLOCK_H
#define LOCKSTEP_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

struct ls_clock {
    void *self;
    /* Milliseconds that only grow, from any origin: all deadlines use this. */
    int64_t (*monotonic_ms)(void *self);
    /* Milliseconds since 1970 UTC, for people and logs alone; may jump. */
    int64_t (*wall_ms)(void *self);
};

struct ls_entropy {
    void *self;
    /* Fill `out` with `bytes` unpredictable bytes (seeded ones in the simulator). */
    void (*fill)(void *self, void *out, size_t bytes);
};

#endif
