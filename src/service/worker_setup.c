#include "lockstep/service/worker_setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/host/clock.h"

/* The kinds whose operations share transactions: the defaults, and what the file says. */
static uint32_t pack_kinds(const struct ls_config *config, uint32_t kinds)
{
    for (int kind = 1; kind <= LS_KIND_MAX; kind++) {
        const uint32_t bit = 1u << kind;
        if (config->kinds[kind].pack == LS_SWITCH_ON) kinds |= bit;
        if (config->kinds[kind].pack == LS_SWITCH_OFF) kinds &= ~bit;
    }
    return kinds;
}

static int32_t smaller(int64_t a, int64_t b)
{
    return (int32_t)(a < b ? a : b);
}

static void fill_core(struct ls_core_options *core, const struct ls_config *config)
{
    const struct ls_entropy entropy = ls_system_entropy();
    core->claim_max = smaller(config->batch, LS_STORE_ROWS_MAX);
    core->unconfirmed_max = smaller(config->in_flight_max, LS_CORE_TRACKED_MAX);
    if (core->tracked_max < core->unconfirmed_max) core->tracked_max = core->unconfirmed_max;
    core->bump_heights = config->bump_after;
    core->bump_max = (int32_t)config->bumps;
    if (config->heartbeat_ms < core->tick_ms) core->tick_ms = config->heartbeat_ms;
    entropy.fill(entropy.self, &core->seed, sizeof core->seed);
}

static void fill_fees(struct ls_worker_options *worker, const struct ls_config *config)
{
    for (int kind = 0; kind <= LS_KIND_MAX; kind++) {
        const struct ls_config_kind *settings = &config->kinds[kind];
        worker->fee_micro_lamports[kind] =
            settings->has_price ? settings->price : config->fee_price;
    }
    worker->fee_permille = (int32_t)config->fee_percentile * 10;
    worker->unit_margin_permille = (int32_t)config->unit_margin * 10;
    worker->fee_max_micro_lamports = config->fee_cap;
    worker->fee_bump_micro_lamports =
        config->fee_bump < config->fee_cap ? config->fee_bump : config->fee_cap;
    worker->fee_bump_factor = (int32_t)config->fee_bump_factor;
    worker->simulates = config->simulate == LS_SWITCH_ON;
}

ls_err ls_worker_setup_init(struct ls_worker_setup *setup,
                            const struct ls_config *config,
                            struct ls_log_sink log,
                            struct ls_why *why)
{
    *setup = (struct ls_worker_setup){0};
    if (config->endpoint_count == 0) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, "worker",
                         "no ledger is configured; add endpoint = URL to [ledger]");
    }
    LS_TRY(ls_file_signer_new(config, &setup->signer, why));
    if (gethostname(setup->host, sizeof setup->host - 1) != 0) {
        (void)snprintf(setup->host, sizeof setup->host, "unnamed");
    }
    struct ls_worker_thread_options *options = &setup->options;
    options->database_url = ls_config_worker_url(config);
    options->endpoint_count = config->endpoint_count;
    for (size_t i = 0; i < config->endpoint_count; i++) {
        options->endpoints[i] = config->endpoints[i];
    }
    options->calls_per_second = smaller(config->calls_per_second, INT32_MAX);
    options->signer = ls_file_signer_port(setup->signer);
    options->clock = ls_system_clock();
    options->log = log;
    options->worker = ls_worker_options_default();
    options->worker.host = setup->host;
    options->worker.pid = getpid();
    options->worker.version = LS_VERSION;
    options->worker.lease_ms = config->lease_ms;
    options->worker.backup_horizon_ms = config->backup_horizon_ms;
    options->worker.has_genesis = config->has_genesis;
    options->worker.genesis = config->genesis;
    options->worker.behind_slots = config->behind_slots;
    options->worker.works_on = config->works_on;
    options->worker.pack_kinds = pack_kinds(config, options->worker.pack_kinds);
    fill_fees(&options->worker, config);
    fill_core(&options->worker.core, config);
    const ls_err err = ls_mac_ring_read(config, &setup->macs, why);
    if (ls_failed(err)) ls_worker_setup_done(setup);
    options->worker.macs = &setup->macs;
    return err;
}

void ls_worker_setup_done(struct ls_worker_setup *setup)
{
    ls_file_signer_free(setup->signer);
    ls_mac_ring_done(&setup->macs);
    setup->signer = NULL;
}
