/* One worker process: the real worker on the simulator's ports, with a hand between them
 * that can kill it at any effect. */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "trial_private.h"

enum {
    LEASE_MS = 5000,
    PENDING_MAX = LS_STORE_QUEUE_MAX,
    RESTART_MS_MAX = 4000,
    STALL_MS_MAX = 20000,
};

/* A request with rows under way: which of them had an outdated token when it began. */
struct pending {
    uint64_t id;
    size_t count;
    bool was_stale[LS_TRIAL_ROWS_MAX];
    ls_op_id ops[LS_TRIAL_ROWS_MAX];
};

struct process {
    ls_trial *trial;
    int32_t number;
    int32_t incarnation;
    ls_worker *worker; /* NULL: not running */
    ls_memory_port *store_port;
    ls_sim_port *ledger_port;
    struct ls_store_port store; /* the faces behind the hand */
    struct ls_ledger_port ledger;
    bool is_dying;
    int64_t wake_ms;    /* as its wait port was told; when not running: of its restart */
    int64_t stalled_ms; /* it stands still until then */
    int64_t turn_ms;
    int32_t turns; /* at turn_ms */
    size_t pending_count;
    struct pending pending[PENDING_MAX];
};

static int64_t now_of_ledger(void *self)
{
    return ((const ls_trial *)self)->now_ms;
}

/* It stands still behind this effect, for less or longer than its lease: what it began
 * goes on, and the answers wait for it. */
static void maybe_stall(struct process *process)
{
    ls_trial *trial = process->trial;
    if (trial->next_stall == 0 || trial->begins < trial->next_stall) return;
    uint64_t every = (uint64_t)trial->plan.stall_every;
    trial->next_stall = trial->begins + 1 + (int64_t)dice_roll(&trial->dice, every * 2);
    process->stalled_ms = trial->now_ms + (int64_t)dice_roll(&trial->dice, STALL_MS_MAX);
    trial->stalls++;
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
    trial->kills++;
    trial_trace(trial, "w%d.%d killed at effect %" PRId64, process->number,
                process->incarnation, trial->begins);
    process->is_dying = true;
    return true;
}

static bool happens_behind(const struct process *process)
{
    ls_trial *trial = process->trial;
    if (trial->options.kill_at != 0) return trial->options.kill_behind;
    return dice_chance(&trial->dice, 500000);
}

static void watch_rows(struct process *process, const struct ls_store_request *request)
{
    bool is_intent = request->verb == LS_STORE_INTENT;
    size_t count = is_intent ? request->intent_count : request->move_count;
    if (!is_intent && request->verb != LS_STORE_MOVE) return;
    assert(count <= LS_TRIAL_ROWS_MAX && process->pending_count < PENDING_MAX);
    struct pending *pending = &process->pending[process->pending_count++];
    pending->id = request->id;
    pending->count = count;
    for (size_t i = 0; i < count; i++) {
        int64_t token = is_intent ? request->intents[i].token : request->moves[i].token;
        pending->ops[i] = is_intent ? request->intents[i].op : request->moves[i].op;
        pending->was_stale[i] =
            token < ls_memory_store_token(process->trial->store, pending->ops[i]);
    }
}

static ls_err store_begin(void *self, const struct ls_store_request *request)
{
    struct process *process = self;
    if (process->is_dying) return LS_OK;
    bool is_last = is_last_effect(process);
    if (is_last && !happens_behind(process)) return LS_OK;
    struct ls_store_request passed = *request;
    const struct ls_trial_options *options = &process->trial->options;
    if (options->bend != NULL)
        options->bend(options->bend_self, process->trial->store, &passed);
    ls_err err = process->store.begin(process->store.self, &passed);
    if (!ls_failed(err)) watch_rows(process, request);
    return err;
}

/* S5: a row whose token was outdated before its request began must not be carried out. */
static void check_rows(struct process *process, const struct ls_store_reply *reply)
{
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

static ls_err ledger_begin(void *self, const struct ls_ledger_call *call)
{
    struct process *process = self;
    if (process->is_dying) return LS_OK;
    bool is_last = is_last_effect(process);
    if (is_last && !happens_behind(process)) return LS_OK;
    if (call->is_send) judge_body(process->trial, call->body, call->body_bytes);
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

static size_t signer_addresses(void *self, struct ls_address *addresses_out, size_t max)
{
    if (max == 0) return 0;
    addresses_out[0] = signer_payer(self);
    return 1;
}

static bool signer_holds(void *self, const struct ls_address *address)
{
    return ls_address_equal(&((const struct process *)self)->trial->payer, address);
}

static ls_err signer_sign(void *self,
                          const struct ls_address *address,
                          const uint8_t *message,
                          size_t message_bytes,
                          struct ls_signature *signature_out)
{
    const struct process *process = self;
    if (!signer_holds(self, address)) return LS_FAIL(LS_CODE_NOT_FOUND, 0, "sign");
    int failed = crypto_sign_detached(signature_out->bytes, NULL, message, message_bytes,
                                      process->trial->secret);
    return failed == 0 ? LS_OK : LS_FAIL(LS_CODE_INVALID, 0, "sign");
}

static void wait_until(void *self, int64_t timeout_ms)
{
    struct process *process = self;
    process->wake_ms = process->trial->now_ms + timeout_ms;
}

static int64_t clock_monotonic(void *self)
{
    return ((const struct process *)self)->trial->now_ms;
}

/* The wall clock is for people alone: here it stands still, and nothing may mind. */
static int64_t clock_wall(void *self)
{
    (void)self;
    return 0;
}

static void trace_line(void *self, int64_t now_ms, const char *line)
{
    const struct process *process = self;
    (void)now_ms; /* the world's own */
    trial_trace(process->trial, "w%d.%d %s", process->number, process->incarnation, line);
}

static struct ls_worker_options worker_options(struct process *process)
{
    struct ls_worker_options options = ls_worker_options_default();
    options.core.tracked_max = 64;
    options.core.unconfirmed_max = 48;
    options.core.claim_max = 16;
    options.core.claim_idle_ms = 200;
    options.core.seed = process->trial->options.seed * 1000 + (uint64_t)process->incarnation;
    options.core.payer_min_lamports = 1000000;
    options.host = "simulated";
    options.pid = process->number * 1000 + process->incarnation;
    options.lease_ms = LEASE_MS;
    options.send_batch = 8;
    options.trace = trace_line;
    options.trace_self = process;
    return options;
}

static void free_parts(struct process *process)
{
    ls_worker_free(process->worker);
    ls_memory_port_free(process->store_port);
    ls_sim_port_free(process->ledger_port);
    process->worker = NULL;
    process->store_port = NULL;
    process->ledger_port = NULL;
}

static ls_err make_ports(struct process *process)
{
    ls_trial *trial = process->trial;
    process->store_port = ls_memory_port_new(trial->store);
    process->ledger_port = ls_sim_port_new(trial->ledger, now_of_ledger, trial);
    if (process->store_port == NULL || process->ledger_port == NULL)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial");
    process->store = ls_memory_port_face(process->store_port);
    process->ledger = ls_sim_port_face(process->ledger_port);
    return LS_OK;
}

static ls_err make_worker(struct process *process)
{
    const struct ls_worker_ports ports = {
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
    const struct ls_worker_options options = worker_options(process);
    return ls_worker_new(&options, &ports, &process->worker);
}

static ls_err start(struct process *process)
{
    ls_trial *trial = process->trial;
    process->incarnation++;
    process->is_dying = false;
    process->pending_count = 0;
    process->wake_ms = trial->now_ms;
    LS_TRY(make_ports(process));
    LS_TRY(make_worker(process));
    trial_trace(trial, "w%d.%d starts", process->number, process->incarnation);
    return LS_OK;
}

/* It is gone; another starts after a while. */
static void end(struct process *process)
{
    ls_trial *trial = process->trial;
    free_parts(process);
    process->stalled_ms = 0;
    process->wake_ms = trial->now_ms + (int64_t)dice_roll(&trial->dice, RESTART_MS_MAX);
    int64_t every = trial->plan.kill_every;
    if (trial->is_chaos && every > 0 && trial->next_kill == 0) {
        trial->next_kill =
            trial->begins + 1 + (int64_t)dice_roll(&trial->dice, (uint64_t)every * 2);
    }
}

struct process *process_new(ls_trial *trial, int32_t number)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL) return NULL;
    process->trial = trial;
    process->number = number;
    process->wake_ms = trial->now_ms + number;
    return process;
}

void process_free(struct process *process)
{
    if (process == NULL) return;
    free_parts(process);
    free(process);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t process_next_ms(const struct process *process)
{
    if (process->worker == NULL) return process->wake_ms;
    if (process->stalled_ms > process->trial->now_ms) return process->stalled_ms;
    int64_t next_ms = least(process->wake_ms, ls_memory_port_next_ms(process->store_port));
    return least(next_ms, ls_sim_port_next_ms(process->ledger_port));
}

static void count_turn(struct process *process)
{
    ls_trial *trial = process->trial;
    if (process->turn_ms != trial->now_ms) process->turns = 0;
    process->turn_ms = trial->now_ms;
    if (++process->turns == TRIAL_TURNS_A_MS_MAX)
        trial_violate(trial, "livelock", "w%d turns without waiting", process->number);
}

void process_run(struct process *process)
{
    ls_trial *trial = process->trial;
    if (process->store_port != NULL) ls_memory_port_advance(process->store_port);
    if (process_next_ms(process) > trial->now_ms) return;
    if (process->worker == NULL) trial->err = start(process);
    if (ls_failed(trial->err)) return;
    count_turn(process);
    ls_err err = ls_worker_turn(process->worker);
    if (err.code == LS_CODE_STOPPED)
        trial_trace(trial, "w%d.%d has stopped", process->number, process->incarnation);
    if (process->is_dying || ls_failed(err)) end(process);
}

void process_wake(struct process *process)
{
    process->stalled_ms = 0;
}

void process_stop(struct process *process)
{
    if (process->worker == NULL) return;
    trial_trace(process->trial, "w%d.%d is told to stop", process->number,
                process->incarnation);
    ls_worker_stop(process->worker);
}
