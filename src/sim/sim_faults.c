#include "lockstep/sim/sim_ledger.h"

#include <string.h>

#include "sim_state.h"

static const struct {
    const char *name;
    struct ls_sim_faults faults;
} sets[] = {
    {"none", {0}},
    {"flaky",
     {.drop_request_ppm = 20000,
      .lose_request_ppm = 10000,
      .drop_reply_ppm = 10000,
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

enum ls_sim_fate ls_sim_ledger_draw(ls_sim_ledger *ledger, int64_t *delay_ms_out)
{
    const struct ls_sim_faults *faults = &ledger->faults;
    struct ls_sim_random *random = &ledger->transport_random;
    *delay_ms_out = 0;
    if (faults->is_down) return LS_SIM_REFUSE;
    if (faults->reply_delay_ms_max > 0) {
        *delay_ms_out =
            (int64_t)ls_sim_random_below(random, (uint64_t)faults->reply_delay_ms_max + 1);
    }
    const struct {
        int32_t ppm;
        enum ls_sim_fate fate;
    } fates[] = {{faults->drop_request_ppm, LS_SIM_REFUSE},
                 {faults->lose_request_ppm, LS_SIM_LOSE_REQUEST},
                 {faults->drop_reply_ppm, LS_SIM_LOSE_REPLY},
                 {faults->rate_limit_ppm, LS_SIM_RATE_LIMIT},
                 {faults->garbage_ppm, LS_SIM_GARBAGE}};
    for (size_t i = 0; i < sizeof fates / sizeof fates[0]; i++)
        if (ls_sim_random_chance(random, fates[i].ppm)) return fates[i].fate;
    return LS_SIM_ANSWER;
}
