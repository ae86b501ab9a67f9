#include "lockstep/core/step.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "step_private.h"

enum {
    HELLO_AGAIN_MS = 1000,
    HEAD_HEIGHTS = 10, /* a blockhash older than this many heights is replaced */
    HEAD_MS_MIN = 50,
    HEAD_MS_MAX = 1500,
    HEAD_AGAIN_MS = 300,
    BULK_MIN_MS = 20,
    SLOT_MICROS_START = 400 * 1000, /* Solana's target of 400 ms a slot */
    SLOT_MICROS_MIN = 1000,
    SLOT_MICROS_MAX = 5000000,
};

struct ls_core_options ls_core_options_default(void)
{
    return (struct ls_core_options){
        .tracked_max = 40000,
        .unconfirmed_max = 20000,
        .claim_max = 256,
        .endpoint_count = 1,
        .tick_ms = 1000,
        .claim_idle_ms = 15,
        .rebroadcast_ms = 2000,
        .backoff_base_ms = 500,
        .backoff_max_ms = 60000,
        .scan_ms = 60000,
        .drain_ms = 4000,
        .bump_heights = 30,
        .bump_max = 3,
        .payer_min_lamports = 10000000,
        .seed = 1,
    };
}

static bool options_are_sane(const struct ls_core_options *o)
{
    return o->tracked_max >= 1 && o->tracked_max <= LS_CORE_TRACKED_MAX &&
           o->unconfirmed_max >= 1 && o->unconfirmed_max <= o->tracked_max &&
           o->claim_max >= 1 && o->claim_max <= LS_STORE_ROWS_MAX && o->endpoint_count >= 1 &&
           o->endpoint_count <= LS_ENDPOINTS_MAX && o->tick_ms >= 1 && o->claim_idle_ms >= 1 &&
           o->rebroadcast_ms >= 1 && o->backoff_base_ms >= 1 &&
           o->backoff_max_ms >= o->backoff_base_ms && o->drain_ms >= 0 &&
           o->bump_heights >= 1 && o->scan_ms >= 1 && o->bump_max >= 0 &&
           o->bump_max <= LS_FAMILY_MAX - 2;
}

static void empty_slots(ls_core *core)
{
    int32_t count = core->options.tracked_max;
    for (int32_t i = 0; i < count; i++) {
        uint32_t generation = core->slots[i].generation + 1;
        core->slots[i] = (struct slot){.generation = generation,
                                       .next = i + 1 < count ? i + 1 : NONE,
                                       .heap_at = NONE,
                                       .family = NONE};
    }
    ls_step_families_empty(core);
    core->free_head = 0;
    core->claimed_head = core->claimed_tail = NONE;
    core->heap_count = 0;
    core->tracked = core->unconfirmed = 0;
}

ls_err ls_core_new(const struct ls_core_options *options, ls_core **core_out)
{
    assert(options != NULL);
    assert(core_out != NULL);
    if (!options_are_sane(options)) return LS_FAIL(LS_CODE_INVALID, 0, "engine options");

    size_t slots = (size_t)options->tracked_max;
    size_t effects = slots * 8 + 1024;
    ls_core *core = calloc(1, sizeof *core);
    if (core == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "engine");
    core->options = *options;
    core->bulk_due_ms = INT64_MAX;
    core->slots = calloc(slots, sizeof *core->slots);
    core->heap = calloc(slots, sizeof *core->heap);
    core->effects = calloc(effects, sizeof *core->effects);
    core->families = calloc(LS_FAMILIES_MAX, sizeof *core->families);
    if (core->slots == NULL || core->heap == NULL || core->effects == NULL ||
        core->families == NULL) {
        ls_core_free(core);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "engine");
    }
    core->effect_capacity = effects;
    core->random = options->seed * 2 + 1;
    core->slot_micros = SLOT_MICROS_START;
    core->mode = LS_CORE_LEARNING;
    core->stop_ms = INT64_MAX;
    empty_slots(core);
    ls_step_push(core, LS_EFFECT_LEARN);
    *core_out = core;
    return LS_OK;
}

void ls_core_free(ls_core *core)
{
    if (core == NULL) return;
    free(core->slots);
    free(core->families);
    free(core->heap);
    free(core->effects);
    free(core);
}

static bool is_current(const ls_core *core, struct ls_slot at)
{
    if (at.index < 0 || at.index >= core->options.tracked_max) return false;
    const struct slot *slot = &core->slots[at.index];
    return slot->phase != PHASE_FREE && slot->generation == at.generation;
}

/* The store is gone: what it knows is the truth, what we know is not. */
static void begin_again(ls_core *core)
{
    for (int32_t i = 0; i < core->options.tracked_max; i++) {
        if (core->slots[i].phase != PHASE_FREE) ls_step_push_for(core, LS_EFFECT_FORGET, i);
    }
    empty_slots(core);
    core->tick_asked = core->claim_asked = core->adopt_asked = core->hello_asked = false;
    core->bulk_asked = false;
    core->bulk_due_ms = INT64_MAX;
    core->gate_asked = core->payer_gated = core->scan_asked = core->is_leader = false;
    core->orphan_count = 0;
    core->is_brake_told = false; /* the store ends it with the worker that told it */
    core->is_unscanned_told = false;
    core->scans_failed = 0;
    if (core->is_stopping) {
        core->mode = LS_CORE_STOPPED;
    } else if (core->mode != LS_CORE_LEARNING) {
        core->mode = LS_CORE_GREETING;
        core->hello_due_ms = core->now_ms + HELLO_AGAIN_MS;
    }
}

/* A long stretch of heights is a measurement; a short one only a hint. */
static void measure_slots(ls_core *core, int64_t now_ms, int64_t heights)
{
    if (!core->has_head || heights <= 0 || now_ms <= core->head_ms) return;
    int64_t micros = (now_ms - core->head_ms) * 1000 / heights;
    if (heights < HEAD_HEIGHTS) micros = (core->slot_micros * 3 + micros) / 4;
    if (micros < SLOT_MICROS_MIN) micros = SLOT_MICROS_MIN;
    if (micros > SLOT_MICROS_MAX) micros = SLOT_MICROS_MAX;
    core->slot_micros = micros;
}

static int64_t head_wait_ms(const ls_core *core, bool is_first)
{
    int64_t wait_ms = ls_step_heights_ms(core, HEAD_HEIGHTS);
    if (wait_ms < HEAD_MS_MIN) return HEAD_MS_MIN;
    if (is_first) return HEAD_AGAIN_MS; /* learn the pace of this ledger soon */
    return wait_ms < HEAD_MS_MAX ? wait_ms : HEAD_MS_MAX;
}

static void on_head(ls_core *core, const struct ls_event *event)
{
    int64_t height = event->as.head.last_valid_height;
    bool is_first = !core->has_head;
    core->head_asked = false;
    measure_slots(core, event->now_ms, height - core->last_valid_height);
    /* Heights of one chain only grow; a node that is behind must not take us back. */
    if (!core->has_head || height > core->last_valid_height) {
        core->last_valid_height = height;
        core->head_ms = event->now_ms;
    }
    if (event->as.head.finalized_height > core->finalized_height) {
        core->finalized_height = event->as.head.finalized_height;
        core->finalized_slot = event->as.head.finalized_slot;
    }
    if (!core->has_head) {
        core->first_head_ms = event->now_ms;
        core->first_height = height;
    }
    core->has_head = true;
    core->head_due_ms = event->now_ms + head_wait_ms(core, is_first);
    ls_step_on_catchup_head(core);
    ls_step_sign_claimed(core);
}

static void on_ticked(ls_core *core, const struct ls_event *event)
{
    core->tick_asked = false;
    core->tick_due_ms = event->now_ms + core->options.tick_ms;
    core->is_paused = event->as.ticked.is_paused;
    ls_step_brake_turn(core);
    core->is_leader = event->as.ticked.is_leader;
    if (!core->is_leader) core->bulk_due_ms = INT64_MAX;
    if (core->is_leader && event->as.ticked.has_bulk && core->bulk_due_ms == INT64_MAX)
        core->bulk_due_ms = core->now_ms;
    core->payer_gated = event->as.ticked.payer_gated;
    core->orphan_count = event->as.ticked.orphan_count;
    if (core->has_left_behind && core->orphan_count == 0) core->orphan_count = 1;
}

static void on_balance(ls_core *core, uint64_t lamports)
{
    if (!core->payer_gated || lamports < core->options.payer_min_lamports) {
        core->gate_asked = false;
        return;
    }
    struct ls_effect *effect = ls_step_push(core, LS_EFFECT_GATE);
    effect->as.gate.on = false;
    effect->as.gate.reason = "the payer can pay again";
    core->payer_gated = false;
}

static void on_adopted(ls_core *core, int32_t count)
{
    core->adopt_asked = false;
    core->orphan_count -= count;
    if (count == 0 || core->orphan_count < 0) core->orphan_count = 0;
    /* What had no room is asked for again at the next tick. */
    bool is_over = count == 0 || core->has_left_behind;
    if (core->mode == LS_CORE_ADOPTING && is_over) core->mode = LS_CORE_RUNNING;
}

static void on_claimed(ls_core *core, int32_t count)
{
    core->claim_asked = false;
    if (core->claim_lanes != 0) ls_step_brake_claimed(core, count);
    if (count > 0) {
        core->idle_claims = 0;
        core->claim_due_ms = core->now_ms;
        ls_step_sign_claimed(core);
        return;
    }
    /* A queue that stays empty is looked at less often, but never less than 4 × idle. */
    if (core->idle_claims < 1000) core->idle_claims++;
    int64_t wait_ms = core->options.claim_idle_ms;
    if (core->idle_claims >= 1000) wait_ms *= 4;
    core->claim_due_ms = core->now_ms + wait_ms;
}

static void on_stop(ls_core *core)
{
    if (core->is_stopping) return;
    core->is_stopping = true;
    core->stop_ms = core->now_ms + core->options.drain_ms;
    bool has_store = core->mode == LS_CORE_CATCHING_UP || core->mode == LS_CORE_ADOPTING ||
                     core->mode == LS_CORE_RUNNING;
    core->mode = has_store ? LS_CORE_DRAINING : LS_CORE_STOPPED;
}

/* Events that are about one slot. */
static void step_slot(ls_core *core, const struct ls_event *event)
{
    if (!is_current(core, event->slot)) return;
    int32_t index = event->slot.index;
    if (event->kind == LS_EVENT_NONCE) ls_step_on_nonce(core, index, event->as.nonce);
    if (event->kind == LS_EVENT_FAMILY) ls_step_on_family(core, index, event);
    if (event->kind == LS_EVENT_SIGNED) ls_step_on_signed(core, index, event);
    if (event->kind == LS_EVENT_UNSIGNED) ls_step_on_unsigned(core, index, event);
    if (event->kind == LS_EVENT_RECORDED) ls_step_on_recorded(core, index, event->as.row);
    if (event->kind == LS_EVENT_SENT) ls_step_on_sent(core, index, event);
    if (event->kind == LS_EVENT_STATUS) ls_step_on_status(core, index, &event->as.seen);
    if (event->kind == LS_EVENT_UNANSWERED) ls_step_on_unanswered(core, index);
    if (event->kind == LS_EVENT_CERTIFIED) ls_step_on_certified(core, index, event);
    if (event->kind == LS_EVENT_LOOKED) ls_step_on_looked(core, index, event);
    if (event->kind == LS_EVENT_MOVED) ls_step_on_moved(core, index, event->as.row);
}

/* Jobs go on as fast as the store says; the next tick tells of new ones. */
static void on_bulked(ls_core *core, int64_t due_ms)
{
    core->bulk_asked = false;
    core->bulk_due_ms =
        due_ms < 0 ? INT64_MAX : core->now_ms + (due_ms < BULK_MIN_MS ? BULK_MIN_MS : due_ms);
}

/* Events that are about the worker as a whole. */
static void step_whole(ls_core *core, const struct ls_event *event)
{
    switch (event->kind) {
    case LS_EVENT_LEARNED:
        if (core->mode == LS_CORE_LEARNING) core->mode = LS_CORE_GREETING;
        core->hello_due_ms = event->now_ms;
        break;
    case LS_EVENT_GREETED: ls_step_on_greeted(core, event); break;
    case LS_EVENT_SCANNED: ls_step_on_scanned(core, event->as.scanned.has_tagged); break;
    case LS_EVENT_UNSCANNED: ls_step_on_unscanned(core); break;
    case LS_EVENT_UNGREETED:
        core->hello_asked = false;
        core->hello_due_ms = event->now_ms + HELLO_AGAIN_MS;
        break;
    case LS_EVENT_LOST: begin_again(core); break;
    case LS_EVENT_TICKED: on_ticked(core, event); break;
    case LS_EVENT_OP:
        if (event->as.op->state == LS_STATE_LEASED) ls_step_claim_op(core, event->as.op);
        if (event->as.op->state == LS_STATE_SUBMITTED) ls_step_adopt_op(core, event->as.op);
        break;
    case LS_EVENT_CLAIMED: on_claimed(core, event->as.batch.count); break;
    case LS_EVENT_ADOPTED: on_adopted(core, event->as.batch.count); break;
    case LS_EVENT_HEAD: on_head(core, event); break;
    case LS_EVENT_HEADLESS:
        core->head_asked = false;
        core->head_due_ms = event->now_ms + HEAD_AGAIN_MS;
        break;
    case LS_EVENT_WISH: ls_step_on_wish(core, event); break;
    case LS_EVENT_CONTROL: ls_step_on_control(core, event); break;
    case LS_EVENT_BALANCE: on_balance(core, event->as.balance_lamports); break;
    case LS_EVENT_BULKED: on_bulked(core, event->as.bulk_due_ms); break;
    case LS_EVENT_STOP: on_stop(core); break;
    case LS_EVENT_PARTED: core->mode = LS_CORE_STOPPED; break;
    case LS_EVENT_TIME:
    case LS_EVENT_NONCE:
    case LS_EVENT_FAMILY:
    case LS_EVENT_SIGNED:
    case LS_EVENT_UNSIGNED:
    case LS_EVENT_RECORDED:
    case LS_EVENT_SENT:
    case LS_EVENT_STATUS:
    case LS_EVENT_UNANSWERED:
    case LS_EVENT_CERTIFIED:
    case LS_EVENT_LOOKED:
    case LS_EVENT_MOVED: break;
    }
}

static void run_timers(ls_core *core)
{
    while (core->heap_count > 0) {
        int32_t index = core->heap[0];
        if (core->slots[index].timer_ms > core->now_ms) return;
        ls_step_set_timer(core, index, INT64_MAX);
        ls_step_follow(core, index);
    }
}

void ls_core_step(ls_core *core, const struct ls_event *event)
{
    assert(core != NULL);
    assert(event->now_ms >= core->now_ms);

    core->now_ms = event->now_ms;
    if (core->mode == LS_CORE_STOPPED) return;
    step_whole(core, event);
    step_slot(core, event);
    if (core->mode == LS_CORE_STOPPED) return;
    run_timers(core);
    ls_step_upkeep(core);
    ls_step_catch_up(core);
    ls_step_adopt_more(core);
    ls_step_claim_more(core);
    ls_step_drain(core);
}

enum ls_core_mode ls_core_mode(const ls_core *core)
{
    return core->mode;
}

const char *ls_core_mode_name(enum ls_core_mode mode)
{
    switch (mode) {
    case LS_CORE_LEARNING: return "waiting for the ledger";
    case LS_CORE_GREETING: return "waiting for the database";
    case LS_CORE_CATCHING_UP: return "catching up";
    case LS_CORE_ADOPTING: return "taking over";
    case LS_CORE_RUNNING: return "working";
    case LS_CORE_DRAINING: return "draining";
    case LS_CORE_STOPPED: return "stopped";
    }
    return "unknown";
}

void ls_core_numbers(const ls_core *core, struct ls_core_numbers *numbers_out)
{
    *numbers_out = (struct ls_core_numbers){
        .tracked = core->tracked,
        .unconfirmed = core->unconfirmed,
        .finalized_height = core->finalized_height,
        .finalized_slot = core->finalized_slot,
        .slot_micros = core->slot_micros,
        .slowed_permille = core->brakes[GROUP_URGENT].slowed > core->brakes[GROUP_REST].slowed
                               ? core->brakes[GROUP_URGENT].slowed
                               : core->brakes[GROUP_REST].slowed,
        .head_is_fresh = core->has_head && core->now_ms - core->head_ms < 10000,
        .is_paused = core->is_paused,
        .payer_gated = core->payer_gated,
        .quiet_height = core->mode == LS_CORE_CATCHING_UP ? core->quiet_height : 0,
        .quiet_left_ms = ls_step_quiet_left_ms(core),
    };
}

size_t ls_core_submitted(const ls_core *core, ls_op_id *ids_out, size_t max)
{
    size_t count = 0;
    for (int32_t i = 0; i < core->options.tracked_max && count < max; i++) {
        enum phase phase = core->slots[i].phase;
        bool is_submitted = phase == PHASE_RECORDING || phase == PHASE_LIVE ||
                            phase == PHASE_CERTIFYING || phase == PHASE_LOOKING ||
                            phase == PHASE_MOVING;
        if (is_submitted) ids_out[count++] = core->slots[i].op;
    }
    return count;
}
