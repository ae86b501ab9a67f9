/* Positive controls: transactions that a truthful node must find. A look that asks for one
 * and does not find it proves nothing. Where none of our own fits, a block of the right
 * heights is read for one. */
#include "step_private.h"

enum {
    CONTROL_TRIES = 12,         /* blocks read in search of one control */
    CONTROL_AGAIN_MS = 3000,    /* a search that found nothing is not repeated before */
    CONTROL_PATIENCE_MS = 4000, /* nobody waits longer for one search */
    CONTROL_SPAN = 16,          /* a block this much older than wanted is good enough */
    CONTROL_CACHED = 290,       /* heights that a node's status cache surely covers */
    CONTROL_WINDOW_GUARD = 8,   /* heights that may pass before a look is answered */
    SKIPPED_PERMILLE = 50,      /* slots without a block, for the first guess */
};

/* One stretch of heights keeps its last two, so that a busy worker's last second does not
 * push out the minutes before it. */
static void
remember(ls_core *core, const struct ls_signature *signature, int64_t from, int64_t by)
{
    int64_t stretch = by / CONTROL_HEIGHTS;
    struct control *control = &core->controls[(size_t)stretch % CONTROLS_MAX];
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

int32_t ls_step_find_controls(const ls_core *core,
                              const struct slot *slot,
                              struct ls_signature out[LS_CONTROLS_MAX])
{
    int32_t count = 0;
    const struct control *control = nearest(core, slot, INT64_MAX);
    while (control != NULL && count < LS_CONTROLS_MAX) {
        for (int32_t i = 0; i < control->count && count < LS_CONTROLS_MAX; i++)
            out[count++] = control->signatures[i];
        control = nearest(core, slot, control->landed_by);
    }
    return count;
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

/* Begin to read blocks for a control that landed just before `slot`'s attempt could have,
 * from another endpoint than the one that will be looked at first. True while a search is
 * on: the look waits for it. */
bool ls_step_search_control(ls_core *core, const struct slot *slot, int32_t look_endpoint)
{
    struct search *search = &core->search;
    if (search->is_on) return core->now_ms < search->began_ms + CONTROL_PATIENCE_MS;
    int64_t wanted = slot->last_valid_height - LS_BLOCKHASH_HEIGHTS;
    if (wanted < 1 || was_searched(core, wanted)) return false;
    int64_t behind = core->finalized_height - wanted;
    if (behind < 0) return false;
    *search = (struct search){
        .is_on = true,
        .began_ms = core->now_ms,
        .height = wanted,
        .endpoint = look_endpoint + 1,
        .slot = core->finalized_slot - behind - behind * SKIPPED_PERMILLE / 1000,
    };
    if (search->slot < 0) search->slot = 0;
    ask_block(core);
    return true;
}

/* Towards the wanted height: a block names its own; a slot without one is stepped over. */
static int64_t next_slot(const struct search *search, const struct ls_event *event)
{
    if (!event->as.control.is_block) return search->slot - 1;
    int64_t above = event->as.control.height - search->height;
    if (above > 0) return search->slot - above;
    if (above < -CONTROL_SPAN) return search->slot - above - CONTROL_SPAN / 2;
    return search->slot - 1; /* the right heights, but too few in it */
}

static bool goes_on(const ls_core *core, const struct search *search)
{
    return search->found < LS_CONTROLS_MAX && search->tries < CONTROL_TRIES &&
           search->slot >= 0 && core->now_ms < search->began_ms + CONTROL_PATIENCE_MS;
}

void ls_step_on_control(ls_core *core, const struct ls_event *event)
{
    struct search *search = &core->search;
    if (!search->is_on || !search->is_asked) return;
    search->is_asked = false;
    int64_t height = event->as.control.height;
    bool is_near = event->as.control.is_block && height <= search->height &&
                   height >= search->height - CONTROL_SPAN;
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
    *searched_at(core, search->height) =
        (struct searched){.is_used = true, .height = search->height, .ended_ms = core->now_ms};
}
