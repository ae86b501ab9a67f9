#include "command.h"

#include <stdio.h>
#include <unistd.h>

#include "faults.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/sim/sim_http.h"
#include "lockstep/sim/sim_ledger.h"

enum { TURN_MS = 50, DEFAULT_SLOT_MS = 400, FINALITY_SLOTS = 32 };

static ls_err read_options(const struct command_call *call,
                           struct ls_sim_ledger_options *options,
                           int64_t *port_out,
                           struct ls_why *why)
{
    static const int64_t ports[2] = {0, 65535};
    static const int64_t slots[2] = {1, 60000};
    static const int64_t seeds[2] = {0, INT64_MAX};
    int64_t seed = 1;
    options->slot_ms = DEFAULT_SLOT_MS;
    *port_out = 8899; /* where a local Solana node listens */
    LS_TRY(arguments_number(call->arguments, OPTION_PORT, ports, port_out, why));
    LS_TRY(arguments_number(call->arguments, OPTION_SEED, seeds, &seed, why));
    LS_TRY(arguments_number(call->arguments, OPTION_SLOT_MS, slots, &options->slot_ms, why));
    options->seed = (uint64_t)seed;
    options->finality_slots = FINALITY_SLOTS;
    options->verify_signatures = true;
    options->endpoint_count = 1;
    return LS_OK;
}

static enum ls_exit serve(ls_sim_ledger *ledger, uint16_t port)
{
    const struct ls_clock clock = ls_system_clock();
    struct ls_why why = {0};
    ls_sim_http *http = NULL;
    const int stop = ls_stop_signal_open();
    if (stop < 0) {
        ls_complain("sim", "no descriptor left; close other programs or raise the limit");
        return LS_EXIT_FAILED;
    }
    const ls_err err = ls_sim_http_new(ledger, &clock, port, &http, &why);
    if (ls_failed(err)) {
        (void)close(stop);
        return ls_complain_ledger("sim", err, &why);
    }
    /* Whoever started us waits for this line. */
    (void)printf("http://127.0.0.1:%u\n", (unsigned)ls_sim_http_port(http));
    (void)fflush(stdout);
    while (!ls_stop_signal_wait(stop, 0)) ls_sim_http_turn(http, TURN_MS);
    ls_sim_http_free(http);
    (void)close(stop);
    return LS_EXIT_DONE;
}

enum ls_exit command_sim_listen(const struct command_call *call)
{
    struct ls_sim_ledger_options options = {0};
    struct ls_sim_faults faults = {0};
    struct ls_why why = {0};
    int64_t port = 0;
    ls_err err = read_options(call, &options, &port, &why);
    if (!ls_failed(err)) {
        err = faults_named(arguments_value(call->arguments, OPTION_FAULTS), &faults, &why);
    }
    if (ls_failed(err)) return ls_complain_err("sim listen", err, &why);

    ls_sim_ledger *ledger = NULL;
    err = ls_sim_ledger_new(&options, &ledger);
    if (ls_failed(err)) return ls_complain_err("sim listen", err, NULL);
    ls_sim_ledger_set_faults(ledger, &faults);
    const enum ls_exit status = serve(ledger, (uint16_t)port);
    ls_sim_ledger_free(ledger);
    return status;
}
