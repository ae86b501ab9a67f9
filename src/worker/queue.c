#include <assert.h>
#include <stdlib.h>

#include "worker_private.h"

bool ls_worker_queue_init(struct queue *queue, size_t capacity)
{
    *queue =
        (struct queue){.items = calloc(capacity, sizeof *queue->items), .capacity = capacity};
    return queue->items != NULL;
}

/* Leave out what concerns slots that were given up meanwhile. */
static void compact(ls_worker *worker, struct queue *queue)
{
    size_t count = queue->count;
    for (size_t i = 0; i < count; i++) {
        struct ls_effect effect;
        if (!ls_worker_queue_take(queue, &effect)) return;
        if (ls_worker_kept_of(worker, effect.slot) == NULL) continue;
        queue->items[(queue->first + queue->count) % queue->capacity] = effect;
        queue->count++;
    }
}

/* The engine asks for each thing about a slot once at a time, so the slots bound what is
 * alive here. */
void ls_worker_queue_add(ls_worker *worker, struct queue *queue, const struct ls_effect *effect)
{
    if (queue->count == queue->capacity) compact(worker, queue);
    assert(queue->count < queue->capacity);
    queue->items[(queue->first + queue->count) % queue->capacity] = *effect;
    queue->count++;
}

bool ls_worker_queue_take(struct queue *queue, struct ls_effect *effect_out)
{
    if (queue->count == 0) return false;
    *effect_out = queue->items[queue->first];
    queue->first = (queue->first + 1) % queue->capacity;
    queue->count--;
    if (queue->count == 0) queue->first = 0; /* stay in memory that is warm */
    return true;
}

const struct ls_effect *ls_worker_queue_peek(const struct queue *queue)
{
    return queue->count == 0 ? NULL : &queue->items[queue->first];
}
