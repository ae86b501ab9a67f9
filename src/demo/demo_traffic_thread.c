#include "demo_traffic.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "lockstep/host/clock.h"

enum { TURN_PAUSE_MS = 50 };

struct demo_traffic_thread {
    demo_traffic *traffic;
    pthread_t thread;
    atomic_bool is_stopping;
};

static void *run(void *self)
{
    demo_traffic_thread *thread = self;
    const struct timespec pause = {.tv_nsec = TURN_PAUSE_MS * 1000000L};
    const struct ls_clock clock = ls_system_clock();
    while (!thread->is_stopping) {
        demo_traffic_turn(thread->traffic, clock.monotonic_ms(clock.self));
        (void)nanosleep(&pause, NULL); /* shorter is fine */
    }
    (void)demo_traffic_end(thread->traffic); /* else it stays open, as one that was cut off */
    return NULL;
}

ls_err demo_traffic_thread_start(const struct demo_traffic_options *options,
                                 demo_traffic_thread **thread_out)
{
    demo_traffic_thread *thread = calloc(1, sizeof *thread);
    demo_traffic *traffic = demo_traffic_new(options);
    ls_err err = LS_OK;
    if (thread == NULL || traffic == NULL) {
        err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "traffic");
    } else {
        thread->traffic = traffic;
        const int failed = pthread_create(&thread->thread, NULL, run, thread);
        if (failed != 0) err = LS_FAIL(LS_CODE_UNAVAILABLE, failed, "traffic");
    }
    if (ls_failed(err)) {
        demo_traffic_free(traffic);
        free(thread);
        return err;
    }
    *thread_out = thread;
    return LS_OK;
}

void demo_traffic_thread_stop(demo_traffic_thread *thread)
{
    if (thread == NULL) return;
    thread->is_stopping = true;
    (void)pthread_join(thread->thread, NULL);
    demo_traffic_free(thread->traffic);
    free(thread);
}
