/* A binary heap of slots by timer: one timer a slot, so it never outgrows the slots. */
#include <assert.h>

#include "step_private.h"

static void place(ls_core *core, int32_t at, int32_t index)
{
    core->heap[at] = index;
    core->slots[index].heap_at = at;
}

static bool is_earlier(const ls_core *core, int32_t a, int32_t b)
{
    const struct slot *x = &core->slots[a];
    const struct slot *y = &core->slots[b];
    if (x->timer_ms != y->timer_ms) return x->timer_ms < y->timer_ms;
    return a < b; /* a total order, so that a seed replays exactly */
}

static void rise(ls_core *core, int32_t at)
{
    int32_t index = core->heap[at];
    while (at > 0) {
        int32_t parent = (at - 1) / 2;
        if (!is_earlier(core, index, core->heap[parent])) break;
        place(core, at, core->heap[parent]);
        at = parent;
    }
    place(core, at, index);
}

static void sink(ls_core *core, int32_t at)
{
    int32_t index = core->heap[at];
    for (;;) {
        int32_t child = at * 2 + 1;
        if (child >= core->heap_count) break;
        bool has_right = child + 1 < core->heap_count;
        if (has_right && is_earlier(core, core->heap[child + 1], core->heap[child])) child++;
        if (!is_earlier(core, core->heap[child], index)) break;
        place(core, at, core->heap[child]);
        at = child;
    }
    place(core, at, index);
}

static void take_out(ls_core *core, int32_t at)
{
    int32_t last = core->heap[--core->heap_count];
    core->slots[core->heap[at]].heap_at = NONE;
    if (at == core->heap_count) return;
    place(core, at, last);
    rise(core, at);
    sink(core, core->slots[last].heap_at);
}

void ls_step_set_timer(ls_core *core, int32_t index, int64_t timer_ms)
{
    struct slot *slot = &core->slots[index];
    if (slot->heap_at != NONE) take_out(core, slot->heap_at);
    slot->timer_ms = timer_ms;
    if (timer_ms == INT64_MAX) return;
    assert(core->heap_count < core->options.tracked_max);
    int32_t at = core->heap_count++;
    place(core, at, index);
    rise(core, at);
}
