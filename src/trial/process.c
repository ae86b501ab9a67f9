/* One worker process: the real worker on the simulator's ports. */
#include "process.h"

#include <inttypes.h>
#include <stdlib.h>

#include "rival.h"

enum { LEASE_MS = 5000, RESTART_MS_MAX = 4000, ORIGIN_MS_MAX = 1000000 };

static int64_t now_of_ledger(void *self)
{
    return ((const struct ls_trial *)self)->now_ms;
}

static void trace_line(void *self, int64_t now_ms, const char *line)
{
    const struct process *process = self;
    (void)now_ms; /* its own clock's */
    trial_trace(process->trial, "w%d.%d %s", process->number, process->incarnation, line);
}

/* Whatever the store hands out, no seal may be missed or found broken. */
static const uint8_t mac_secret[LS_MAC_KEY_BYTES] = {0x6c, 0x73};
static const struct ls_mac_ring macs = {1, {{"trial", mac_secret}}};

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
    options.pack_kinds = process->trial->plan.pack_kinds;
    options.has_genesis = process->trial->plan.names_genesis;
    options.genesis = ls_sim_ledger_genesis(process->trial->ledger);
    options.macs = &macs;
    options.span_slots = process->trial->plan.span_slots;
    options.trace = trace_line;
    options.trace_self = process;
    return options;
}

static void free_parts(struct process *process)
{
    ls_worker_free(process->worker);
    rival_free(process->rival);
    ls_memory_port_free(process->store_port);
    ls_sim_port_free(process->ledger_port);
    process->worker = NULL;
    process->rival = NULL;
    process->store_port = NULL;
    process->ledger_port = NULL;
}

static void apply_cuts(struct process *process)
{
    if (process->store_port != NULL)
        ls_memory_port_cut(process->store_port, process->is_store_cut);
    if (process->ledger_port != NULL)
        ls_sim_port_cut(process->ledger_port, process->is_ledger_cut);
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
    apply_cuts(process);
    return LS_OK;
}

static ls_err make_worker(struct process *process)
{
    if (trial_is_ours(process->trial)) {
        const struct ls_worker_options options = worker_options(process);
        const struct ls_worker_ports ports = process_ports(process);
        return ls_worker_new(&options, &ports, &process->worker);
    }
    process->rival = rival_new(process);
    return process->rival == NULL ? LS_FAIL(LS_CODE_NO_MEMORY, 0, "trial") : LS_OK;
}

static bool is_running(const struct process *process)
{
    return process->worker != NULL || process->rival != NULL;
}

static ls_err start(struct process *process)
{
    ls_trial *trial = process->trial;
    process->incarnation++;
    process->is_dying = false;
    process->pending_count = 0;
    process->wake_ms = trial->now_ms;
    process->origin_ms = (int64_t)dice_roll(&trial->kill_dice, ORIGIN_MS_MAX);
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
    process->wake_ms = trial->now_ms + (int64_t)dice_roll(&trial->kill_dice, RESTART_MS_MAX);
    const uint64_t every = (uint64_t)trial->plan.kill_every;
    if (trial->is_chaos && every > 0 && trial->next_kill == 0) {
        trial->next_kill = trial->begins + 1 + (int64_t)dice_roll(&trial->kill_dice, every * 2);
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
    if (!is_running(process)) return process->wake_ms;
    if (process->stalled_ms > process->trial->now_ms) return process->stalled_ms;
    const int64_t next_ms =
        least(process->wake_ms, ls_memory_port_next_ms(process->store_port));
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
    if (!is_running(process)) trial->err = start(process);
    if (ls_failed(trial->err)) return;
    count_turn(process);
    ls_err err = LS_OK;
    if (process->rival != NULL) rival_turn(process->rival);
    if (process->worker != NULL) err = ls_worker_turn(process->worker);
    if (err.code == LS_CODE_STOPPED)
        trial_trace(trial, "w%d.%d has stopped", process->number, process->incarnation);
    if (process->is_dying || ls_failed(err)) end(process);
}

void process_heal(struct process *process)
{
    process->stalled_ms = 0;
    process->is_store_cut = process->is_ledger_cut = false;
    apply_cuts(process);
}

void process_stop(struct process *process)
{
    if (process->worker == NULL) return; /* another policy's knows no orderly stop */
    trial_trace(process->trial, "w%d.%d is told to stop", process->number,
                process->incarnation);
    ls_worker_stop(process->worker);
}

void process_cut(struct process *process, bool is_ledger, bool is_cut)
{
    if (is_ledger) {
        process->is_ledger_cut = is_cut;
    } else {
        process->is_store_cut = is_cut;
    }
    apply_cuts(process);
}

int64_t process_worker_id(const struct process *process)
{
    struct ls_worker_status status;
    if (process->worker == NULL) return 0;
    ls_worker_status(process->worker, &status);
    return status.worker_id;
}
