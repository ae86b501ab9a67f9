/* Rule F: what landed is known before anything is signed.
 *
 * The list of our finalized transactions tells what landed. It does not tell what may still
 * land: after commits were lost, an attempt that nobody remembers can be on its way. Its
 * blockhash is no younger than the head that is read now, so when that head's last valid
 * height is final, with a margin for a node that was behind, everything has landed or
 * expired, and the list is whole. */
#include "step_private.h"

enum {
    SCAN_AGAIN_MS = 1000,
    PACE_HEIGHTS = 10,
    SCANS_TOLD = 30, /* so many failed one after the other: a person should look */
};

void ls_step_on_greeted(ls_core *core, const struct ls_event *event)
{
    core->hello_asked = false;
    core->tick_due_ms = core->observe_due_ms = core->balance_due_ms = core->now_ms;
    core->claim_due_ms = core->now_ms;
    core->idle_claims = 0;
    core->mode = core->is_stopping ? LS_CORE_DRAINING : LS_CORE_CATCHING_UP;
    core->scan_asked = false;
    core->scan_due_ms = core->now_ms;
    core->is_first = event->as.greeted.is_first;
    core->needs_pace = event->as.greeted.needs_pace;
    if (event->as.greeted.may_have_lost) core->must_be_quiet = true;
    if (core->options.only_scan) core->must_be_quiet = false; /* it signs nothing */
    core->quiet_height = 0;
    if (core->must_be_quiet) core->head_due_ms = core->now_ms;
}

/* The first head after the store was lost: what is on its way is no younger. */
void ls_step_on_catchup_head(ls_core *core)
{
    int64_t heights = core->last_valid_height - core->first_height;
    if (heights >= PACE_HEIGHTS)
        core->pace_micros = (core->head_ms - core->first_head_ms) * 1000 / heights;
    if (core->mode != LS_CORE_CATCHING_UP || !core->must_be_quiet) return;
    if (core->quiet_height == 0) core->quiet_height = core->last_valid_height + LS_QUIET_MARGIN;
}

static bool is_quiet(const ls_core *core)
{
    if (!core->must_be_quiet) return true;
    return core->quiet_height > 0 && core->finalized_height >= core->quiet_height;
}

int64_t ls_step_quiet_left_ms(const ls_core *core)
{
    if (core->mode != LS_CORE_CATCHING_UP || is_quiet(core)) return 0;
    int64_t heights = LS_BLOCKHASH_HEIGHTS + LS_QUIET_MARGIN;
    if (core->quiet_height > 0) heights = core->quiet_height - core->finalized_height;
    return ls_step_heights_ms(core, heights);
}

void ls_step_catch_up(ls_core *core)
{
    bool is_catching_up = core->mode == LS_CORE_CATCHING_UP;
    bool is_watching = core->mode == LS_CORE_RUNNING && core->is_leader;
    if (core->scan_asked || core->now_ms < core->scan_due_ms) return;
    if (!is_catching_up && !is_watching) return;
    if (!ls_step_head_is_fresh(core) || (is_catching_up && !is_quiet(core))) return;
    if (is_catching_up && core->needs_pace && core->pace_micros == 0) return;
    core->scan_asked = true;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_SCAN);
    effect->as.scan.from_height =
        core->must_be_quiet ? core->quiet_height : core->finalized_height;
    effect->as.scan.micros = core->pace_micros;
    effect->as.scan.is_conclusive = core->must_be_quiet || !core->is_first;
    effect->as.scan.needs_proof = core->must_be_quiet;
}

/* Until the ledger is read nothing is signed, and work piles up behind a worker that lives. */
static void tell(ls_core *core, bool is_on)
{
    core->is_unscanned_told = is_on;
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_ALERT);
    effect->as.alert.rule = "catchup";
    effect->as.alert.severity = 2;
    effect->as.alert.message =
        "nothing is signed: no endpoint tells whole what landed meanwhile; the worker's log "
        "says "
        "why (scan.failed), lockstep endpoint test what each endpoint can do";
    effect->as.alert.is_over = !is_on;
}

/* On a store that no worker has caught up with before, a transaction with one of its tags
 * tells that it is a copy of an older state: then it must be quiet first. */
void ls_step_on_scanned(ls_core *core, bool has_tagged)
{
    core->scan_asked = false;
    core->scan_due_ms = core->now_ms + core->options.scan_ms;
    if (core->mode != LS_CORE_CATCHING_UP) return;
    bool is_copy = core->is_first && has_tagged && !core->options.only_scan;
    if (is_copy && !core->must_be_quiet) {
        core->must_be_quiet = true;
        core->scan_due_ms = core->head_due_ms = core->now_ms;
        return;
    }
    if (core->options.only_scan) {
        core->is_stopping = true;
        core->stop_ms = core->now_ms + core->options.drain_ms;
        core->mode = LS_CORE_DRAINING;
        return;
    }
    core->must_be_quiet = core->is_first = core->needs_pace = false;
    core->quiet_height = 0;
    core->scans_failed = 0;
    if (core->is_unscanned_told) tell(core, false);
    core->mode = LS_CORE_ADOPTING;
}

void ls_step_on_unscanned(ls_core *core)
{
    core->scan_asked = false;
    core->scan_due_ms = core->now_ms + SCAN_AGAIN_MS;
    if (core->mode != LS_CORE_CATCHING_UP || core->options.only_scan) return;
    if (core->scans_failed < SCANS_TOLD) core->scans_failed++;
    if (core->scans_failed == SCANS_TOLD && !core->is_unscanned_told) tell(core, true);
}
