#include "demo_private.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "demo_audit.h"
#include "demo_traffic.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/key_file.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/report/out.h"

enum {
    TURN_MS = 25,
    LOOK_MS = 250,          /* between two looks at what is left */
    SETTLE_MS_MAX = 240000, /* after the traffic has stopped */
    QUIET_LOOKS = 8,        /* nothing but blocked ones for so long: they wait for a person */
};

struct headless {
    struct demo *demo;
    ls_session *session;
    demo_traffic *traffic;
    struct ls_address payer;
    struct ls_dashboard *facts;
    int64_t started_ms;
    int64_t settled_ms;
    int64_t restarts;
    bool has_killed;
    bool is_told; /* to stop */
};

static int64_t now_ms(void)
{
    const struct ls_clock clock = ls_system_clock();
    return clock.monotonic_ms(clock.self);
}

static ls_err start_worker(struct demo *demo, struct ls_why *why)
{
    char log_path[DEMO_TEXT_BYTES];
    demo_path(demo, "worker.log", log_path);
    const char *const argv[] = {demo->program, "worker", "--config", demo->config_path, NULL};
    const struct ls_child_options options = {
        .argv = argv, .folder = demo->dir, .log_path = log_path, .death_signal = SIGTERM};
    return ls_child_start(&options, &demo->worker, why);
}

/* A worker that died is started again, as a service manager would. */
static ls_err look_after_worker(struct headless *run, struct ls_why *why)
{
    struct demo *demo = run->demo;
    const int64_t kill_at_ms = demo->options.kill_worker_at_s * 1000;
    if (kill_at_ms > 0 && !run->has_killed && now_ms() - run->started_ms >= kill_at_ms) {
        run->has_killed = true;
        if (ls_child_runs(&demo->worker, NULL)) (void)kill(demo->worker.pid, SIGKILL);
        (void)ls_child_wait(&demo->worker, 5000, NULL); /* SIGKILL cannot be refused */
    }
    if (ls_child_runs(&demo->worker, NULL)) return LS_OK;
    run->restarts++;
    return start_worker(demo, why);
}

static ls_err run_traffic(struct headless *run, struct ls_why *why)
{
    const int64_t end_ms = run->started_ms + run->demo->options.headless_s * 1000;
    while (now_ms() < end_ms) {
        LS_TRY(look_after_worker(run, why));
        demo_traffic_turn(run->traffic, now_ms());
        if (ls_stop_signal_wait(run->demo->stop_fd, TURN_MS)) {
            run->is_told = true;
            return LS_OK;
        }
    }
    return LS_OK;
}

/* Whether nothing moves any more: all finished, or what is left waits for a person. */
static bool is_settled(struct headless *run, int *quiet)
{
    struct ls_why why = {0};
    if (ls_failed(ls_session_dashboard(run->session, run->facts, &why))) return false;
    const int64_t *counts = run->facts->counts;
    const int64_t moving =
        counts[LS_STATE_READY] + counts[LS_STATE_LEASED] + counts[LS_STATE_SUBMITTED];
    *quiet = moving == 0 ? *quiet + 1 : 0;
    if (moving == 0 && counts[LS_STATE_BLOCKED] == 0) return *quiet > 1;
    return *quiet > QUIET_LOOKS;
}

static ls_err settle(struct headless *run, struct ls_why *why)
{
    const int64_t end_ms = now_ms() + SETTLE_MS_MAX;
    int quiet = 0;
    while (!run->is_told && now_ms() < end_ms) {
        LS_TRY(look_after_worker(run, why));
        if (demo_traffic_end(run->traffic) && is_settled(run, &quiet)) break;
        if (ls_stop_signal_wait(run->demo->stop_fd, LOOK_MS)) run->is_told = true;
    }
    run->settled_ms = now_ms();
    return LS_OK;
}

static enum ls_exit print_result(const struct headless *run, const struct demo_audit *audit)
{
    const int64_t enqueued = demo_traffic_enqueued(run->traffic);
    const int64_t forgotten = enqueued > audit->operations ? enqueued - audit->operations : 0;
    const int64_t elapsed_ms = run->settled_ms - run->started_ms;
    const int64_t rate_tenths = elapsed_ms <= 0 ? 0 : audit->done * 10000 / elapsed_ms;
    const int64_t lost = audit->lost + forgotten;
    struct ls_buf out;
    ls_buf_init(&out, 4096);
    ls_buf_add_char(&out, '{');
    ls_out_json_number(&out, "enqueued", enqueued);
    ls_out_json_number(&out, "refused", demo_traffic_refused(run->traffic));
    ls_out_json_number(&out, "done", audit->done);
    ls_out_json_number(&out, "failed", audit->failed);
    ls_out_json_number(&out, "held", audit->held);
    ls_out_json_number(&out, "cancelled", audit->cancelled);
    ls_out_json_number(&out, "compensated", audit->compensated);
    ls_out_json_number(&out, "live", audit->live);
    ls_out_json_number(&out, "duplicates", audit->duplicates);
    ls_out_json_number(&out, "lost", lost);
    ls_out_json_number(&out, "unwanted", audit->unwanted);
    ls_out_json_number(&out, "strangers", audit->strangers);
    ls_out_json_number(&out, "landings", audit->landings);
    ls_out_json_comma(&out);
    ls_buf_printf(&out, "\"ops_per_second\":%" PRId64 ".%" PRId64, rate_tenths / 10,
                  rate_tenths % 10);
    ls_out_json_number(&out, "elapsed_ms", elapsed_ms);
    ls_out_json_number(&out, "worker_restarts", run->restarts);
    ls_out_json_number(&out, "slot_ms", run->demo->options.slot_ms);
    ls_out_json_field(&out, "faults",
                      run->demo->options.faults == NULL ? "none" : run->demo->options.faults);
    ls_buf_add_text(&out, "}\n");
    const enum ls_exit printed = ls_out_print(&out);
    const bool is_good = audit->duplicates == 0 && lost == 0 && audit->unwanted == 0;
    if (printed == LS_EXIT_DONE && !is_good) return LS_EXIT_DIFFERENCE;
    return printed;
}

static enum ls_exit judge(struct headless *run)
{
    struct demo_audit audit = {0};
    struct ls_why why = {0};
    const ls_err err =
        demo_audit_run(run->session, run->demo->ledger_url, &run->payer, &audit, &why);
    if (ls_failed(err)) return ls_complain_err("demo: audit", err, &why);
    return print_result(run, &audit);
}

static enum ls_exit run_all(struct headless *run)
{
    struct ls_why why = {0};
    ls_err err = start_worker(run->demo, &why);
    run->started_ms = now_ms();
    if (!ls_failed(err)) err = run_traffic(run, &why);
    if (!ls_failed(err)) err = settle(run, &why);
    if (ls_failed(err)) return ls_complain_err("demo", err, &why);
    if (run->is_told) {
        ls_complain("demo", "stopped by a signal before the audit");
        return LS_EXIT_FAILED;
    }
    return judge(run);
}

static ls_err read_payer(struct demo *demo, struct ls_address *payer_out, struct ls_why *why)
{
    struct ls_keypair key = {0};
    LS_TRY(ls_keypair_read(demo->config.signers[0].keypair, &key, why));
    *payer_out = key.address;
    ls_keypair_done(&key);
    return LS_OK;
}

enum ls_exit demo_headless(struct demo *demo)
{
    struct headless run = {.demo = demo};
    struct ls_why why = {0};
    const struct ls_session_options session = {
        .url = demo->database_url,
        .application = "lockstep demo",
        .connect_timeout_s = 5,
        .statement_timeout_ms = 60000,
    };
    const ls_err err = read_payer(demo, &run.payer, &why);
    if (ls_failed(err)) return ls_complain_err("demo", err, &why);
    const struct demo_traffic_options traffic = {
        .seed = (uint64_t)demo->options.seed,
        .rate = demo->options.rate,
        .database_url = demo->database_url,
        .payer = run.payer,
    };
    run.session = ls_session_new(&session);
    run.traffic = demo_traffic_new(&traffic);
    run.facts = calloc(1, sizeof *run.facts);
    const bool has_memory = run.session != NULL && run.traffic != NULL && run.facts != NULL;
    const enum ls_exit status = has_memory ? run_all(&run) : ls_complain_memory("demo");
    demo_traffic_free(run.traffic);
    ls_session_free(run.session);
    free(run.facts);
    return status;
}
