/* What the commands of the simulator share. */
#ifndef LOCKSTEP_APP_COMMAND_SIM_RUN_H
#define LOCKSTEP_APP_COMMAND_SIM_RUN_H

#include "lockstep/trial/campaign.h"
#include "option.h"

/* The campaign that the arguments ask for. */
LS_MUST_CHECK ls_err sim_run_options(const struct arguments *arguments,
                                     struct ls_campaign_options *out,
                                     struct ls_why *why);

#endif
