/* Sample traffic of a members' organisation: share types become mints, issuances mint
 * tokens to members, members' shares are bought back and burned, dividends are paid,
 * proposals are opened, closed and finalized as anchored events, notes are kept as memos.
 * Now and then a batch pays a dividend or, in order, registers a capital increase.
 * A few are wrong on purpose and fail. The same seed makes the same traffic. */
#ifndef LOCKSTEP_DEMO_DEMO_TRAFFIC_H
#define LOCKSTEP_DEMO_DEMO_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/chain.h"
#include "lockstep/base/err.h"
#include "lockstep/store/session.h"

typedef struct demo_traffic demo_traffic;

struct demo_traffic_options {
    uint64_t seed;
    int64_t rate; /* operations a second, 0: none */
    const char *database_url;
    struct ls_address payer; /* holds the treasury's shares */
};

/* NULL when memory is exhausted. */
demo_traffic *demo_traffic_new(const struct demo_traffic_options *options);
void demo_traffic_free(demo_traffic *traffic);
/* Enqueue what is due at `now_ms` (monotonic), each in a transaction of its own, for at
 * most 200 ms. What the database did not take for want of a connection comes again. */
void demo_traffic_turn(demo_traffic *traffic, int64_t now_ms);
/* After the last turn: seal the batch that is open, so that its operations run. False when the
 * database is away: ask again. */
bool demo_traffic_end(demo_traffic *traffic);
/* Operations that the database took. */
int64_t demo_traffic_enqueued(const demo_traffic *traffic);
/* Operations that it refused for good, which the traffic never means to happen. */
int64_t demo_traffic_refused(const demo_traffic *traffic);

/* The same on a thread of its own, for the console. LS_CODE_UNAVAILABLE, NO_MEMORY. */
typedef struct demo_traffic_thread demo_traffic_thread;
LS_MUST_CHECK ls_err demo_traffic_thread_start(const struct demo_traffic_options *options,
                                               demo_traffic_thread **thread_out);
void demo_traffic_thread_stop(demo_traffic_thread *thread);

#endif
