#include "faults.h"

#include <string.h>

static const struct {
    const char *name;
    struct ls_sim_faults faults;
} days[] = {
    {"none", {0}},
    {"slow", {.reply_delay_ms_max = 800, .delay_tx_ppm = 50000, .delay_tx_slots_max = 20}},
    {"lossy",
     {.drop_request_ppm = 20000,
      .drop_reply_ppm = 20000,
      .rate_limit_ppm = 10000,
      .drop_tx_ppm = 50000,
      .false_null_ppm = 20000}},
    {"forks", {.fork_ppm = 50000, .delay_tx_ppm = 20000, .delay_tx_slots_max = 40}},
    {"congested", {.fee_floor = 2000}},
    {"storm",
     {.drop_request_ppm = 50000,
      .drop_reply_ppm = 50000,
      .rate_limit_ppm = 30000,
      .garbage_ppm = 20000,
      .unhealthy_ppm = 20000,
      .drop_tx_ppm = 100000,
      .delay_tx_ppm = 100000,
      .false_null_ppm = 50000,
      .fork_ppm = 20000,
      .delay_tx_slots_max = 60,
      .reply_delay_ms_max = 300}},
};

ls_err faults_named(const char *name, struct ls_sim_faults *faults_out, struct ls_why *why)
{
    const char *wanted = name == NULL ? "none" : name;
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        if (strcmp(days[i].name, wanted) != 0) continue;
        *faults_out = days[i].faults;
        return LS_OK;
    }
    return ls_refuse(why, LS_CODE_INVALID, "faults",
                     "%s is no kind of faults; use none, slow, lossy, forks, congested "
                     "or storm",
                     wanted);
}

const char *faults_name(size_t index)
{
    return index < sizeof days / sizeof days[0] ? days[index].name : NULL;
}
