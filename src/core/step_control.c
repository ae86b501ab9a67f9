/* Positive controls: transactions that a truthful node must find. A look that asks for one
 * and does not find it proves nothing. Where none of our own fits, a block of the right
 * heights is read for one. The blocks that were read also bracket heights: a node that lists
 * as many blocks between two of them as their heights differ keeps them all. */
#include "step_private.h"

enum {
    CONTROL_TRIES = 12,         /* blocks read in search of one control */
    CONTROL_AGAIN_MS = 3000,    /* a search that found nothing is not repeated before */
    CONTROL_PATIENCE_MS = 4000, /* nobody waits longer for one search */
    CONTROL_SPAN = 16,          /* a block this much older than wanted is good enough */
    BRACKET_SLACK = 64,         /* heights by which a bracket may be too wide */
    CONTROL_CACHED = 290,       /* heights that a node's status cache surely covers */
    CONTROL_WINDOW_GUARD = 8,   /* heights that may pass before a look is answered */
    SKIPPED_PERMILLE = 50,      /* slots without a block, for the first guess */
};

/* One stretch of heights keeps its last two, so that a busy worker's last second does not
 * push out the minutes before it. Those of blocks stand apart: where they landed is known
 * exactly, of our own only to a blockhash's life, and together they would say no more than
 * that. */
static void
remember(ls_core *core, const struct ls_signature *signature, int64_t from, int64_t by)
{
    int64_t stretch = by / CONTROL_HEIGHTS;
    size_t at = (size_t)stretch % STRETCHES_MAX + (from == by ? STRETCHES_MAX : 0);
    struct control *control = &core->controls[at];
    bool is_other = control->count == 0 || control->landed_by / CONTROL_HEIGHTS != stretch;
    if (is_other) {
        *control = (struct control){.landed_from = from, .landed_by = by};
    } else if (ls_signature_equal(&control->signatures[0], signature)) {
        return;
    }
    control->signatures[1] = control->signatures[0];
    control->signatures[0] = *signature;
    if (control->count < LS_CONTROLS_MAX) control->count++;
    if (from < control->landed_from) control->landed_from = from;
    if (by > control->landed_by) control->landed_by = by;
}

/* Where exactly it landed is not known: somewhere within its blockhash's life. */
void ls_step_remember_control(ls_core *core, const struct slot *slot)
{
    remember(core, &slot->signature, slot->last_valid_height - LS_BLOCKHASH_HEIGHTS + 1,
             slot->last_valid_height + 1);
}

bool ls_step_is_past_window(const ls_core *core, const struct slot *slot)
{
    return core->finalized_height >
           slot->last_valid_height + LS_CERTIFICATE_WINDOW - CONTROL_WINDOW_GUARD;
}

/* Within the window a control shows that the node's status cache works: it must still be
 * in it, and final wherever the attempt's heights are. Past it, it shows that the node's
 * history reaches back far enough: it must have landed before the attempt could have. One
 * of the same stretch would prove nothing: where it landed late and the attempt early, a
 * node that purges its history may have dropped the attempt and kept the control. */
static bool fits(const ls_core *core, const struct slot *slot, const struct control *control)
{
    if (control->count == 0) return false;
    if (ls_step_is_past_window(core, slot))
        return control->landed_by <= slot->last_valid_height - LS_BLOCKHASH_HEIGHTS + 1;
    return control->landed_by <= slot->last_valid_height + 1 &&
           control->landed_from >= core->finalized_height - CONTROL_CACHED;
}

/* The nearest that fits and landed before `below`; NULL when there is none. */
static const struct control *
nearest(const ls_core *core, const struct slot *slot, int64_t below)
{
    const struct control *best = NULL;
    for (size_t i = 0; i < CONTROLS_MAX; i++) {
        const struct control *control = &core->controls[i];
        if (!fits(core, slot, control) || control->landed_by >= below) continue;
        if (best == NULL || control->landed_by > best->landed_by) best = control;
    }
    return best;
}

static void find_older(const ls_core *core, const struct slot *slot, struct witnesses *out)
{
    const struct control *control = nearest(core, slot, INT64_MAX);
    while (control != NULL && out->control_count < LS_CONTROLS_MAX) {
        for (int32_t i = 0; i < control->count && out->control_count < LS_CONTROLS_MAX; i++)
            out->controls[out->control_count++] = control->signatures[i];
        control = nearest(core, slot, control->landed_by);
    }
}

/* The attempt lands at its last valid height + 1 at the latest. A node that knows what landed
 * after that, nearest to it since every node has it, has seen all of its heights. */
static void find_newer(const ls_core *core, const struct slot *slot, struct witnesses *out)
{
    const struct control *best = NULL;
    for (size_t i = 0; i < CONTROLS_MAX; i++) {
        const struct control *control = &core->controls[i];
        if (control->count == 0) continue;
        if (control->landed_from < slot->last_valid_height + LS_CERTIFICATE_MARGIN) continue;
        if (best == NULL || control->landed_by < best->landed_by) best = control;
    }
    out->has_newer = best != NULL;
    if (best != NULL) out->newer = best->signatures[0];
}

/* The narrowest pair of known blocks around all heights at which the attempt may have landed.
 */
static void find_blocks(const ls_core *core, const struct slot *slot, struct witnesses *out)
{
    const int64_t first = slot->last_valid_height - LS_BLOCKHASH_HEIGHTS + 1;
    const int64_t last = slot->last_valid_height + 1;
    for (size_t i = 0; i < BLOCKS_MAX; i++) {
        const struct block *block = &core->blocks[i];
        if (!block->is_used) continue;
        if (block->height <= first && block->height >= first - BRACKET_SLACK &&
            (!out->low.is_used || block->height > out->low.height))
            out->low = *block;
        if (block->height >= last && block->height <= last + BRACKET_SLACK &&
            (!out->high.is_used || block->height < out->high.height))
            out->high = *block;
    }
    out->has_blocks = out->low.is_used && out->high.is_used && out->low.slot < out->high.slot;
}

void ls_step_find_witnesses(const ls_core *core, const struct slot *slot, struct witnesses *out)
{
    *out = (struct witnesses){0};
    if (slot->fence == LS_FENCE_MARKER) return;
    find_older(core, slot, out);
    find_newer(core, slot, out);
    if (ls_step_is_past_window(core, slot)) find_blocks(core, slot, out);
}

static void ask_block(ls_core *core)
{
    struct search *search = &core->search;
    search->is_asked = true;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_CONTROL);
    effect->as.control.endpoint =
        (int32_t)((search->endpoint + search->tries) % (int64_t)core->options.endpoint_count);
    effect->as.control.slot = search->slot;
}

static struct searched *searched_at(ls_core *core, int64_t height)
{
    return &core->searched[(size_t)(height / CONTROL_SPAN) % SEARCHED_MAX];
}

static bool was_searched(ls_core *core, int64_t height)
{
    const struct searched *before = searched_at(core, height);
    return before->is_used && before->height / CONTROL_SPAN == height / CONTROL_SPAN &&
           core->now_ms < before->ended_ms + CONTROL_AGAIN_MS;
}

/* Begin to read blocks, from another endpoint than the one that will be looked at first. True
 * while a search is on: the look waits for it. */
static bool search(ls_core *core, struct stretch wanted, int32_t look_endpoint)
{
    struct search *search = &core->search;
    if (search->is_on) return core->now_ms < search->began_ms + CONTROL_PATIENCE_MS;
    if (wanted.to < 1 || wanted.to < wanted.from || was_searched(core, wanted.to)) return false;
    int64_t behind = core->finalized_height - wanted.to;
    if (behind < 0) return false;
    *search = (struct search){
        .is_on = true,
        .began_ms = core->now_ms,
        .wanted = wanted,
        .endpoint = look_endpoint + 1,
        .slot = core->finalized_slot - behind - behind * SKIPPED_PERMILLE / 1000,
    };
    if (search->slot < 0) search->slot = 0;
    ask_block(core);
    return true;
}

/* For a control that landed just before `slot`'s attempt could have. Past the window its block
 * begins a bracket: attempts of one stretch share it. */
bool ls_step_search_older(ls_core *core, const struct slot *slot, int32_t look_endpoint)
{
    int64_t before = slot->last_valid_height - LS_BLOCKHASH_HEIGHTS;
    if (ls_step_is_past_window(core, slot) && before >= CONTROL_SPAN)
        before -= before % CONTROL_SPAN + 1;
    return search(core, (struct stretch){before - CONTROL_SPAN, before}, look_endpoint);
}

/* For one that landed when it no longer could, in heights that others share. */
bool ls_step_search_newer(ls_core *core, const struct slot *slot, int32_t look_endpoint)
{
    struct stretch wanted = {.from = slot->last_valid_height + LS_CERTIFICATE_MARGIN};
    const int64_t shared = wanted.from + CONTROL_SPAN - 1 - (wanted.from - 1) % CONTROL_SPAN;
    wanted.to = shared + CONTROL_SPAN - 1;
    if (wanted.to > core->finalized_height) wanted.to = core->finalized_height;
    if (wanted.to >= shared) wanted.from = shared;
    return search(core, wanted, look_endpoint);
}

/* Towards the wanted heights: a block names its own; a slot without one is stepped over. */
static int64_t next_slot(const struct search *search, const struct ls_event *event)
{
    if (!event->as.control.is_block) return search->slot - 1;
    int64_t above = event->as.control.height - search->wanted.to;
    if (above > 0) return search->slot - above;
    int64_t below = search->wanted.from - event->as.control.height;
    int64_t middle = (search->wanted.to - search->wanted.from) / 2;
    if (below > 0) return search->slot + below + middle;
    return search->slot - 1; /* the right heights, but too few in it */
}

static bool goes_on(const ls_core *core, const struct search *search)
{
    return search->found < LS_CONTROLS_MAX && search->tries < CONTROL_TRIES &&
           search->slot >= 0 && core->now_ms < search->began_ms + CONTROL_PATIENCE_MS;
}

static void remember_block(ls_core *core, const struct ls_event *event)
{
    const int64_t height = event->as.control.height;
    core->blocks[(size_t)(height / CONTROL_SPAN) % BLOCKS_MAX] =
        (struct block){.is_used = true, .height = height, .slot = event->as.control.slot};
}

void ls_step_on_control(ls_core *core, const struct ls_event *event)
{
    struct search *search = &core->search;
    if (!search->is_on || !search->is_asked) return;
    search->is_asked = false;
    int64_t height = event->as.control.height;
    bool is_near = event->as.control.is_block && height <= search->wanted.to &&
                   height >= search->wanted.from;
    if (is_near) remember_block(core, event);
    for (int32_t i = 0; is_near && i < event->as.control.count; i++) {
        remember(core, &event->as.control.signatures[i], height, height);
        search->found++;
    }
    search->tries++;
    search->slot = next_slot(search, event);
    if (goes_on(core, search)) {
        ask_block(core);
        return;
    }
    search->is_on = false;
    *searched_at(core, search->wanted.to) = (struct searched){
        .is_used = true, .height = search->wanted.to, .ended_ms = core->now_ms};
}
