#include "lockstep/worker/worker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "worker_private.h"

enum { WAIT_MS_MAX = 1000 };

struct ls_worker_options ls_worker_options_default(void)
{
    struct ls_worker_options options = {
        .core = ls_core_options_default(),
        .host = "localhost",
        .version = LS_VERSION,
        .lease_ms = 30000,
        .send_batch = 32,
        .pack_kinds = 1u << LS_KIND_MEMO | 1u << LS_KIND_EVENT,
        .call_timeout_ms = 5000,
        .backup_horizon_ms = INT64_C(7) * 86400 * 1000,
        .span_slots = LS_WORKER_SPAN_SLOTS_MAX,
        .behind_slots = 50,
        .fee_bump_micro_lamports = 10000,
        .fee_bump_factor = 4,
        .fee_max_micro_lamports = 1000000,
        .fee_permille = 750,
        .unit_margin_permille = 200,
        .simulates = true,
    };
    for (size_t i = 0; i <= LS_KIND_MAX; i++) options.fee_micro_lamports[i] = LS_FEE_AUTO;
    return options;
}

static bool options_are_sane(const struct ls_worker_options *options)
{
    return options->host != NULL && options->version != NULL && options->lease_ms >= 1 &&
           options->send_batch >= 1 && options->send_batch <= 64 &&
           options->call_timeout_ms >= 1 && options->behind_slots >= 1 &&
           options->fee_bump_micro_lamports >= 0 && options->fee_bump_factor >= 2 &&
           options->fee_bump_factor <= 100 && options->fee_permille >= 0 &&
           options->fee_permille <= 1000 && options->unit_margin_permille >= 0 &&
           options->backup_horizon_ms >= 0 && options->since_slot >= 0 &&
           options->span_slots >= 1 && options->span_slots <= LS_WORKER_SPAN_SLOTS_MAX &&
           options->fee_max_micro_lamports >= options->fee_bump_micro_lamports;
}

static bool make_queues(ls_worker *worker, size_t slots)
{
    return ls_worker_queue_init(&worker->signs, slots * 2) &&
           ls_worker_queue_init(&worker->wholes, slots * 2) &&
           ls_worker_queue_init(&worker->records, slots * 2) &&
           ls_worker_queue_init(&worker->sends, slots * 2) &&
           ls_worker_queue_init(&worker->queries, slots * 2) &&
           ls_worker_queue_init(&worker->certifies, slots * 2) &&
           ls_worker_queue_init(&worker->simulations, slots * 2) &&
           ls_worker_queue_init(&worker->markers, slots * 2) &&
           ls_worker_queue_init(&worker->makers, slots * 2) &&
           ls_worker_queue_init(&worker->nonces, LS_FAMILIES_MAX * 2) &&
           ls_worker_queue_init(&worker->families, LS_FAMILIES_MAX * 2) &&
           ls_worker_queue_init(&worker->lookups, slots * 2) &&
           ls_worker_queue_init(&worker->moves, slots * 4);
}

static bool make_store_calls(ls_worker *worker)
{
    for (size_t i = 0; i < LS_STORE_QUEUE_MAX; i++) {
        struct store_call *call = &worker->store_calls[i];
        call->slots = calloc(LS_STORE_ROWS_MAX, sizeof *call->slots);
        if (call->slots == NULL) return false;
    }
    return true;
}

static bool make_memory(ls_worker *worker, size_t slots)
{
    worker->kept = calloc(slots, sizeof *worker->kept);
    worker->known = calloc(slots, sizeof *worker->known);
    worker->intent_rows = calloc(LS_STORE_ROWS_MAX, sizeof *worker->intent_rows);
    worker->move_rows = calloc(LS_STORE_ROWS_MAX, sizeof *worker->move_rows);
    worker->move_effects = calloc(LS_STORE_ROWS_MAX, sizeof *worker->move_effects);
    worker->evidence = calloc(LS_STORE_ROWS_MAX, LS_STORE_EVIDENCE_MAX);
    return worker->kept != NULL && worker->known != NULL && worker->intent_rows != NULL &&
           worker->move_rows != NULL && worker->move_effects != NULL &&
           worker->evidence != NULL && make_queues(worker, slots) && make_store_calls(worker) &&
           ls_worker_scan_init(worker);
}

ls_err ls_worker_new(const struct ls_worker_options *options,
                     const struct ls_worker_ports *ports,
                     ls_worker **worker_out)
{
    assert(options != NULL);
    assert(ports != NULL);
    assert(worker_out != NULL);
    if (!options_are_sane(options)) return LS_FAIL(LS_CODE_INVALID, 0, "worker options");

    ls_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "worker");
    worker->options = *options;
    worker->ports = *ports;
    (void)snprintf(worker->host, sizeof worker->host, "%s", options->host); /* cut by design */
    (void)snprintf(worker->version, sizeof worker->version, "%s", options->version);
    worker->options.core.endpoint_count = ports->ledger.endpoint_count(ports->ledger.self);
    worker->next_id = 1;
    ls_buf_init(&worker->body, LS_LEDGER_BODY_BYTES_MAX);

    ls_err err = ls_core_new(&worker->options.core, &worker->core);
    size_t slots = (size_t)worker->options.core.tracked_max;
    if (!ls_failed(err) && !make_memory(worker, slots))
        err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "worker");
    if (ls_failed(err)) {
        ls_worker_free(worker);
        return err;
    }
    worker->kept_count = slots;
    *worker_out = worker;
    return LS_OK;
}

void ls_worker_free(ls_worker *worker)
{
    if (worker == NULL) return;
    for (size_t i = 0; i < worker->kept_count; i++) ls_worker_kept_clear(&worker->kept[i]);
    for (size_t i = 0; i < LS_STORE_QUEUE_MAX; i++) free(worker->store_calls[i].slots);
    ls_worker_scan_done(worker);
    ls_core_free(worker->core);
    free(worker->kept);
    free(worker->known);
    free(worker->intent_rows);
    free(worker->move_rows);
    free(worker->move_effects);
    free(worker->evidence);
    free(worker->signs.items);
    free(worker->wholes.items);
    free(worker->records.items);
    free(worker->moves.items);
    free(worker->sends.items);
    free(worker->queries.items);
    free(worker->certifies.items);
    free(worker->simulations.items);
    free(worker->markers.items);
    free(worker->makers.items);
    free(worker->nonces.items);
    free(worker->families.items);
    free(worker->lookups.items);
    ls_buf_done(&worker->body);
    free(worker);
}

void ls_worker_kept_clear(struct kept *kept)
{
    free(kept->key);
    free(kept->payload);
    ls_worker_release_tx(kept->tx);
    ls_worker_release_tx(kept->next_tx);
    free(kept->candidates);
    free(kept->siblings);
    free(kept->evidence);
    *kept = (struct kept){0};
}

struct kept *ls_worker_kept_of(ls_worker *worker, struct ls_slot slot)
{
    if (slot.index < 0 || (size_t)slot.index >= worker->kept_count) return NULL;
    struct kept *kept = &worker->kept[slot.index];
    return kept->generation == slot.generation ? kept : NULL;
}

static int64_t now_ms(ls_worker *worker)
{
    return worker->ports.clock.monotonic_ms(worker->ports.clock.self);
}

/* Effects of a step are carried out by ls_worker_settle_effects(), never from within: so a step
 * may be made while an effect is carried out, and nothing recurses. */
void ls_worker_step(ls_worker *worker, struct ls_event *event)
{
    event->now_ms = now_ms(worker);
    ls_core_step(worker->core, event);
}

void ls_worker_step_slot(ls_worker *worker, enum ls_event_kind kind, struct ls_slot slot)
{
    struct ls_event event = {.kind = kind, .slot = slot};
    ls_worker_step(worker, &event);
}

void ls_worker_settle_effects(ls_worker *worker)
{
    struct ls_effect effect;
    while (ls_core_next(worker->core, &effect)) ls_worker_carry_out(worker, &effect);
}

void ls_worker_set_trouble(ls_worker *worker, const char *text, const char *more)
{
    (void)snprintf(worker->trouble, sizeof worker->trouble, "%s%s%s", text,
                   more[0] == '\0' ? "" : ": ", more); /* cut by design */
}

void ls_worker_log_event(
    ls_worker *worker, enum ls_level level, const char *event, ls_op_id op, const char *text)
{
    if (worker->ports.log.write == NULL) return;
    struct ls_log_record record = {
        .wall_ms = worker->ports.clock.wall_ms(worker->ports.clock.self),
        .level = level,
        .event = event,
    };
    record.fields[record.field_count++] =
        (struct ls_log_field){.name = "worker", .number = worker->worker_id};
    if (op.value != 0) {
        record.fields[record.field_count++] =
            (struct ls_log_field){.name = "op", .number = op.value};
    }
    if (text != NULL && text[0] != '\0') {
        record.fields[record.field_count++] =
            (struct ls_log_field){.name = "text", .text = text};
    }
    worker->ports.log.write(worker->ports.log.self, &record);
}

static void wait_for_more(ls_worker *worker)
{
    int64_t due_ms = ls_core_due_ms(worker->core);
    bool may_learn = worker->wants_learn && worker->flying[CALL_LEARN] == 0;
    if (may_learn && worker->learn_due_ms < due_ms) due_ms = worker->learn_due_ms;
    int64_t probe_ms = ls_worker_probe_due_ms(worker);
    if (probe_ms < due_ms) due_ms = probe_ms;
    int64_t timeout_ms = due_ms == INT64_MAX ? WAIT_MS_MAX : due_ms - now_ms(worker);
    if (timeout_ms < 0) timeout_ms = 0;
    if (timeout_ms > WAIT_MS_MAX) timeout_ms = WAIT_MS_MAX;
    worker->ports.wait.wait(worker->ports.wait.self, timeout_ms);
}

ls_err ls_worker_turn(ls_worker *worker)
{
    assert(worker != NULL);
    if (worker->is_stopping && !worker->stop_said) {
        worker->stop_said = true;
        ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_STOP});
    }
    ls_worker_take_store_replies(worker);
    ls_worker_take_ledger_replies(worker);
    ls_worker_step(worker, &(struct ls_event){.kind = LS_EVENT_TIME});
    ls_worker_settle_effects(worker);
    ls_worker_flush_signs(worker);
    ls_worker_flush_store(worker);
    ls_worker_flush_ledger(worker);
    ls_worker_settle_effects(worker); /* what could not be begun was answered at once */
    if (ls_core_mode(worker->core) == LS_CORE_STOPPED)
        return LS_FAIL(LS_CODE_STOPPED, 0, "worker");
    wait_for_more(worker);
    return LS_OK;
}

void ls_worker_stop(ls_worker *worker)
{
    worker->is_stopping = true;
}

static void say_doing(const ls_worker *worker, struct ls_worker_status *status)
{
    const char *words = ls_core_mode_name(status->mode);
    if (status->mode == LS_CORE_CATCHING_UP) {
        ls_worker_scan_says(worker, status->doing, sizeof status->doing);
        return;
    }
    if (status->mode == LS_CORE_RUNNING && status->numbers.payer_gated)
        words = "signs nothing: the gate of its payer is on";
    if (status->mode == LS_CORE_RUNNING && status->numbers.is_paused)
        words = status->numbers.tracked > 0 ? "paused: follows what it sent" : "paused";
    (void)snprintf(status->doing, sizeof status->doing, "%s", words);
}

void ls_worker_status(const ls_worker *worker, struct ls_worker_status *status_out)
{
    *status_out = (struct ls_worker_status){
        .mode = ls_core_mode(worker->core),
        .worker_id = worker->worker_id,
        .is_leader = worker->is_leader,
        .done = worker->done,
        .sent = worker->sent,
        .scans = worker->scans,
        .scan_failures = worker->scan_failures,
    };
    ls_core_numbers(worker->core, &status_out->numbers);
    say_doing(worker, status_out);
    memcpy(status_out->trouble, worker->trouble, sizeof status_out->trouble);
    if (worker->trouble[0] == '\0' && status_out->numbers.slowed_permille > 0) {
        (void)snprintf(status_out->trouble, sizeof status_out->trouble,
                       "brake: many attempts expire, so claims are slowed by %d %%",
                       (int)status_out->numbers.slowed_permille / 10);
    }
}
