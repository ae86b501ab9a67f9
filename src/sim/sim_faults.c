#include "lockstep/sim/sim_ledger.h"

#include <string.h>

#include "sim_state.h"

enum { HOLE_HEIGHTS = 32, HOLE_STREAM = 1000, GAP_STREAM = 1 << 30 };

static const struct {
    const char *name;
    struct ls_sim_faults faults;
} sets[] = {
    {"none", {0}},
    {"flaky",
     {.drop_request_ppm = 20000,
      .lose_request_ppm = 10000,
      .drop_reply_ppm = 10000,
      .straggle_ppm = 250000,
      .rate_limit_ppm = 10000,
      .garbage_ppm = 5000,
      .unhealthy_ppm = 5000,
      .drop_tx_ppm = 20000,
      .delay_tx_ppm = 50000,
      .delay_tx_slots_max = 40,
      .reply_delay_ms_max = 100}},
    {"stormy",
     {.drop_request_ppm = 100000,
      .lose_request_ppm = 50000,
      .drop_reply_ppm = 50000,
      .straggle_ppm = 250000,
      .rate_limit_ppm = 50000,
      .garbage_ppm = 20000,
      .unhealthy_ppm = 30000,
      .drop_tx_ppm = 150000,
      .delay_tx_ppm = 300000,
      .false_null_ppm = 50000,
      .fork_ppm = 30000,
      .delay_tx_slots_max = 160,
      .reply_delay_ms_max = 400,
      .lag_slots = 4}},
    {"forks",
     {.fork_ppm = 100000,
      .false_null_ppm = 10000,
      .delay_tx_ppm = 50000,
      .delay_tx_slots_max = 20}},
    {"congested", {.fee_floor = 2000}},
    {"outage", {.is_down = true}},
};

bool ls_sim_faults_named(const char *name, struct ls_sim_faults *faults_out)
{
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
        if (strcmp(name, sets[i].name) != 0) continue;
        *faults_out = sets[i].faults;
        return true;
    }
    return false;
}

void ls_sim_ledger_set_faults(ls_sim_ledger *ledger, const struct ls_sim_faults *faults)
{
    ledger->faults = *faults;
}

void ls_sim_fault_count(ls_sim_ledger *ledger, enum ls_sim_fault fault)
{
    ledger->fired[fault]++;
}

bool ls_sim_fault_happens(ls_sim_ledger *ledger, enum ls_sim_fault fault, int32_t ppm)
{
    if (!ls_sim_random_chance(&ledger->fault_random, ppm)) return false;
    ledger->fired[fault]++;
    return true;
}

int64_t ls_sim_ledger_fired(const ls_sim_ledger *ledger, enum ls_sim_fault fault)
{
    return ledger->fired[fault];
}

/* Which stretches are missing follows from the seed alone: they stay missing. */
static bool is_hole(const ls_sim_ledger *ledger, int32_t height)
{
    struct ls_sim_random random = ls_sim_random_make(
        ledger->options.seed, (uint64_t)(height / HOLE_HEIGHTS) + HOLE_STREAM);
    return ls_sim_random_chance(&random, ledger->faults.hole_ppm);
}

bool ls_sim_fault_hides(ls_sim_ledger *ledger, int32_t height, int32_t root)
{
    int64_t kept = ledger->faults.history_slots;
    if (kept > 0 && height <= root - kept) {
        ls_sim_fault_count(ledger, LS_SIM_FAULT_PURGE);
        return true;
    }
    if (height > root - LS_SIM_ROOTS_CACHED || !is_hole(ledger, height)) return false;
    ls_sim_fault_count(ledger, LS_SIM_FAULT_HOLE);
    return true;
}

bool ls_sim_fault_gap(ls_sim_ledger *ledger, int32_t endpoint, int32_t height, int32_t root)
{
    const uint64_t stretch = (uint64_t)(height / HOLE_HEIGHTS);
    struct ls_sim_random random = ls_sim_random_make(
        ledger->options.seed, stretch * LS_SIM_ENDPOINTS_MAX + (uint64_t)endpoint + GAP_STREAM);
    if (height > root - HOLE_HEIGHTS || !ls_sim_random_chance(&random, ledger->faults.gap_ppm))
        return false;
    ls_sim_fault_count(ledger, LS_SIM_FAULT_GAP);
    return true;
}

enum ls_sim_fate ls_sim_ledger_draw(ls_sim_ledger *ledger, int64_t *delay_ms_out)
{
    const struct ls_sim_faults *faults = &ledger->faults;
    struct ls_sim_random *random = &ledger->transport_random;
    *delay_ms_out = 0;
    if (faults->is_down) {
        ledger->fired[LS_SIM_FAULT_DOWN]++;
        return LS_SIM_REFUSE;
    }
    if (faults->reply_delay_ms_max > 0) {
        *delay_ms_out =
            (int64_t)ls_sim_random_below(random, (uint64_t)faults->reply_delay_ms_max + 1);
        ledger->fired[LS_SIM_FAULT_SLOW]++;
    }
    const struct {
        int32_t ppm;
        enum ls_sim_fate fate;
        enum ls_sim_fault fault;
    } fates[] = {{faults->drop_request_ppm, LS_SIM_REFUSE, LS_SIM_FAULT_REFUSE},
                 {faults->lose_request_ppm, LS_SIM_LOSE_REQUEST, LS_SIM_FAULT_LOSE_REQUEST},
                 {faults->drop_reply_ppm, LS_SIM_LOSE_REPLY, LS_SIM_FAULT_LOSE_REPLY},
                 {faults->rate_limit_ppm, LS_SIM_RATE_LIMIT, LS_SIM_FAULT_RATE_LIMIT},
                 {faults->garbage_ppm, LS_SIM_GARBAGE, LS_SIM_FAULT_GARBAGE},
                 {faults->truncate_ppm, LS_SIM_TRUNCATE, LS_SIM_FAULT_TRUNCATE}};
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++) {
        if (!ls_sim_random_chance(random, fates[i].ppm)) continue;
        ledger->fired[fates[i].fault]++;
        return fates[i].fate;
    }
    return LS_SIM_ANSWER;
}
