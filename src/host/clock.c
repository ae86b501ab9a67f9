#include "lockstep/host/clock.h"

#include <assert.h>
#include <time.h>

#include <jansson.h>
#include <sodium.h>

static int64_t read_ms(clockid_t which)
{
    struct timespec now = {0};
    const int failed = clock_gettime(which, &now);
    assert(failed == 0);
    (void)failed;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t monotonic_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_MONOTONIC);
}

static int64_t wall_ms(void *self)
{
    (void)self;
    return read_ms(CLOCK_REALTIME);
}

static void fill(void *self, void *out, size_t bytes)
{
    (void)self;
    randombytes_buf(out, bytes);
}

struct ls_clock ls_system_clock(void)
{
    return (struct ls_clock){.monotonic_ms = monotonic_ms, .wall_ms = wall_ms};
}

struct ls_entropy ls_system_entropy(void)
{
    return (struct ls_entropy){.fill = fill};
}

ls_err ls_library_start(void)
{
    if (sodium_init() < 0) return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "libsodium");
    uint32_t seed = 0;
    while (seed == 0) seed = randombytes_random(); /* 0 asks jansson to seed itself */
    json_object_seed(seed);
    return LS_OK;
}
