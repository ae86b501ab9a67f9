/* The hand between a worker and its ports: it counts effects, kills and stalls at them,
 * and shows the judge what passes. */
#include <assert.h>
#include <inttypes.h>

#include <sodium.h>

#include "process.h"

enum { STALL_MS_MAX = 20000 };

/* It stands still behind this effect, for less or longer than its lease: what it began
 * goes on, and the answers wait for it. */
static void maybe_stall(struct process *process)
{
    ls_trial *trial = process->trial;
    if (trial->next_stall == 0 || trial->begins < trial->next_stall) return;
    const uint64_t every = (uint64_t)trial->plan.stall_every;
    trial->next_stall = trial->begins + 1 + (int64_t)dice_roll(&trial->stall_dice, every * 2);
    process->stalled_ms = trial->now_ms + (int64_t)dice_roll(&trial->stall_dice, STALL_MS_MAX);
    trial_fire(trial, LS_FAULT_STALL);
    trial_trace(trial, "w%d.%d stands still until %" PRId64, process->number,
                process->incarnation, process->stalled_ms);
}

/* Count an effect; whether the process is killed at it. */
static bool is_last_effect(struct process *process)
{
    ls_trial *trial = process->trial;
    trial->begins++;
    maybe_stall(process);
    if (trial->next_kill == 0 || trial->begins < trial->next_kill) return false;
    trial->next_kill = 0;
    trial_fire(trial, LS_FAULT_KILL);
    trial_trace(trial, "w%d.%d killed at effect %" PRId64, process->number,
                process->incarnation, trial->begins);
    process->is_dying = true;
    return true;
}

static bool happens_behind(const struct process *process)
{
    ls_trial *trial = process->trial;
    if (trial->options.kill_at != 0) return trial->options.kill_behind;
    return dice_chance(&trial->kill_dice, 500000);
}

/* What was under way when the store went back is answered by nobody. */
static void forget_pending(struct process *process)
{
    const int64_t timeline = ls_memory_store_timeline(process->trial->store);
    if (process->timeline != timeline) process->pending_count = 0;
    process->timeline = timeline;
}

static void watch_rows(struct process *process, const struct ls_store_request *request)
{
    const bool is_intent = request->verb == LS_STORE_INTENT;
    const size_t count = is_intent ? request->intent_count : request->move_count;
    if (!is_intent && request->verb != LS_STORE_MOVE) return;
    forget_pending(process);
    assert(count <= LS_TRIAL_ROWS_MAX && process->pending_count < LS_STORE_QUEUE_MAX);
    struct pending *pending = &process->pending[process->pending_count++];
    pending->id = request->id;
    pending->count = count;
    for (size_t i = 0; i < count; i++) {
        const int64_t token = is_intent ? request->intents[i].token : request->moves[i].token;
        pending->ops[i] = is_intent ? request->intents[i].op : request->moves[i].op;
        pending->was_stale[i] =
            token < ls_memory_store_token(process->trial->store, pending->ops[i]);
    }
}

/* Of several that share a transaction one is not this worker's any more. */
static void maybe_steal(struct process *process, const struct ls_store_request *request)
{
    ls_trial *trial = process->trial;
    if (request->verb != LS_STORE_INTENT || !trial->is_chaos) return;
    const size_t count = request->intent_count;
    const size_t first = (size_t)dice_roll(&trial->steal_dice, count);
    const bool is_meant = dice_chance(&trial->steal_dice, trial->plan.steal_ppm);
    for (size_t i = 0; is_meant && i < count; i++) {
        const struct ls_intent_row *row = &request->intents[(first + i) % count];
        if (row->pack == 0) continue;
        trial_fire(trial, LS_FAULT_STEAL);
        trial_trace(trial, "op %-4" PRId64 " is taken back from w%d.%d", row->op.value,
                    process->number, process->incarnation);
        ls_memory_store_take_back(trial->store, row->op);
        return;
    }
}

static ls_err store_begin(void *self, const struct ls_store_request *request)
{
    struct process *process = self;
    if (process->is_dying) return LS_OK;
    const bool is_last = is_last_effect(process);
    if (is_last && !happens_behind(process)) return LS_OK;
    maybe_steal(process, request);
    struct ls_store_request passed = *request;
    const struct ls_trial_options *options = &process->trial->options;
    if (options->bend != NULL)
        options->bend(options->bend_self, process->trial->store, &passed);
    const ls_err err = process->store.begin(process->store.self, &passed);
    if (ls_failed(err)) return err;
    watch_rows(process, request);
    judge_intent(process->trial, request);
    return LS_OK;
}

/* S5: a row whose token was outdated before its request began must not be carried out. */
static void check_rows(struct process *process, const struct ls_store_reply *reply)
{
    forget_pending(process);
    for (size_t i = 0; i < process->pending_count; i++) {
        struct pending *pending = &process->pending[i];
        if (pending->id != reply->id) continue;
        for (size_t row = 0; row < reply->row_count && row < pending->count; row++) {
            if (reply->rows[row] == LS_ROW_STALE) process->trial->stale++;
            if (pending->was_stale[row] && reply->rows[row] == LS_ROW_DONE) {
                trial_violate(process->trial, "S5", "op %" PRId64 " took an outdated token",
                              pending->ops[row].value);
            }
        }
        *pending = process->pending[--process->pending_count];
        return;
    }
}

static bool store_take(void *self, struct ls_store_reply *reply_out)
{
    struct process *process = self;
    if (process->is_dying) return false;
    if (!process->store.take(process->store.self, reply_out)) return false;
    check_rows(process, reply_out);
    return true;
}

enum process_fate process_store_fate(struct process *process)
{
    ls_trial *trial = process->trial;
    const struct ls_memory_faults *faults = &trial->plan.store;
    if (process->is_dying) return PROCESS_FAILS;
    if (is_last_effect(process))
        return happens_behind(process) ? PROCESS_HAPPENS_UNSEEN : PROCESS_FAILS;
    if (!trial->is_chaos) return PROCESS_HAPPENS;
    if (weather_is_store_down(trial) || process->is_store_cut) return PROCESS_FAILS;
    if (dice_chance(&trial->rival_dice, faults->refuse_ppm + faults->lose_request_ppm))
        return PROCESS_FAILS;
    return dice_chance(&trial->rival_dice, faults->lose_reply_ppm) ? PROCESS_HAPPENS_UNSEEN
                                                                   : PROCESS_HAPPENS;
}

static ls_err ledger_begin(void *self, const struct ls_ledger_call *call)
{
    struct process *process = self;
    if (process->is_dying) return LS_OK;
    const bool is_last = is_last_effect(process);
    if (is_last && !happens_behind(process)) return LS_OK;
    if (call->is_send && trial_is_ours(process->trial))
        judge_body(process->trial, call->body, call->body_bytes);
    return process->ledger.begin(process->ledger.self, call);
}

static bool ledger_take(void *self, struct ls_ledger_reply *reply_out)
{
    struct process *process = self;
    return !process->is_dying && process->ledger.take(process->ledger.self, reply_out);
}

static void ledger_judge(void *self, int32_t endpoint, enum ls_ledger_verdict verdict)
{
    struct process *process = self;
    process->ledger.judge(process->ledger.self, endpoint, verdict);
}

static int32_t ledger_endpoints(void *self)
{
    struct process *process = self;
    return process->ledger.endpoint_count(process->ledger.self);
}

static void ledger_health(void *self, int32_t endpoint, struct ls_endpoint_health *health_out)
{
    struct process *process = self;
    process->ledger.health(process->ledger.self, endpoint, health_out);
}

static struct ls_address signer_payer(void *self)
{
    return ((const struct process *)self)->trial->payer;
}

/* While the faults last the last of the workers may lack the last of the keys. */
static int32_t key_count(const struct process *process)
{
    const ls_trial *trial = process->trial;
    const bool is_last = process->number == trial->plan.processes;
    if (!trial->plan.has_keys) return 1;
    return trial->is_chaos && trial->plan.lacks_key && is_last ? TRIAL_KEYS - 1 : TRIAL_KEYS;
}

/* The place of a key that this worker holds; -1. */
static int32_t key_at(const struct process *process, const struct ls_address *address)
{
    for (int32_t i = 0; i < key_count(process); i++)
        if (ls_address_equal(&process->trial->keys[i], address)) return i;
    return -1;
}

static size_t signer_addresses(void *self, struct ls_address *addresses_out, size_t max)
{
    const struct process *process = self;
    size_t count = (size_t)key_count(process);
    if (count > max) count = max;
    for (size_t i = 0; i < count; i++) addresses_out[i] = process->trial->keys[i];
    return count;
}

static bool signer_holds(void *self, const struct ls_address *address)
{
    return key_at(self, address) >= 0;
}

static ls_err signer_sign(void *self,
                          const struct ls_address *address,
                          const uint8_t *message,
                          size_t message_bytes,
                          struct ls_signature *signature_out)
{
    const struct process *process = self;
    const int32_t key = key_at(process, address);
    if (key < 0) return LS_FAIL(LS_CODE_NOT_FOUND, 0, "sign");
    const int failed = crypto_sign_detached(signature_out->bytes, NULL, message, message_bytes,
                                            process->trial->secrets[key]);
    return failed == 0 ? LS_OK : LS_FAIL(LS_CODE_INVALID, 0, "sign");
}

static void wait_until(void *self, int64_t timeout_ms)
{
    struct process *process = self;
    process->wake_ms = process->trial->now_ms + timeout_ms;
}

/* Each start of a machine has a monotonic clock of its own. */
static int64_t clock_monotonic(void *self)
{
    const struct process *process = self;
    return process->trial->now_ms + process->origin_ms;
}

/* The wall clock is for people alone: whatever it says, nothing may mind. */
static int64_t clock_wall(void *self)
{
    return weather_wall_ms(((const struct process *)self)->trial);
}

struct ls_worker_ports process_ports(struct process *process)
{
    return (struct ls_worker_ports){
        .store = {.self = process, .begin = store_begin, .take = store_take},
        .ledger = {.self = process,
                   .begin = ledger_begin,
                   .take = ledger_take,
                   .judge = ledger_judge,
                   .endpoint_count = ledger_endpoints,
                   .health = ledger_health},
        .signer = {.self = process,
                   .payer = signer_payer,
                   .addresses = signer_addresses,
                   .holds = signer_holds,
                   .sign = signer_sign},
        .wait = {.self = process, .wait = wait_until},
        .clock = {.self = process, .monotonic_ms = clock_monotonic, .wall_ms = clock_wall},
    };
}
