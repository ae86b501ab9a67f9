#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "database.h"
#include "lockstep/core/cause.h"
#include "lockstep/core/kinds.h"
#include "lockstep/core/moment.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"
#include "lockstep/store/people.h"
#include "lockstep/tui/verdict.h"

enum { WATCH_MS = 1000, STATUS_BYTES_MAX = 1 << 20 };

struct reading {
    struct ls_dashboard facts;
    struct ls_people people; /* nobody, of the past */
};

static void add_counts(struct ls_buf *out, const struct ls_dashboard *facts)
{
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        ls_buf_printf(out, "%-14s%12" PRId64 "\n", ls_state_name((enum ls_state)i),
                      facts->counts[i]);
    }
}

static void add_age(struct ls_buf *out, const char *name, int64_t ms)
{
    char age[LS_OUT_AGE_BYTES];
    ls_out_age(ms, age);
    ls_buf_printf(out, "%-14s%12s\n", name, age);
}

static void add_flow(struct ls_buf *out, const struct ls_dashboard *facts)
{
    struct ls_flow flow = ls_dashboard_flow(facts);
    ls_buf_printf(out, "%-14s%12" PRId64 "/min\n", "arriving", flow.arriving);
    ls_buf_printf(out, "%-14s%12" PRId64 "/min\n", "finishing", flow.finishing);
    if (facts->depth > 0 && flow.drains_minutes >= 0) {
        ls_buf_printf(out, "%-14s%12" PRId64 " min\n", "drains in", flow.drains_minutes);
    } else if (flow.grows > 0) {
        ls_buf_printf(out, "%-14s%12" PRId64 "/min\n", "grows by", flow.grows);
    } else if (flow.stands) {
        ls_buf_printf(out, "%-14s%12s\n", "drains", "not");
    }
}

static void add_ledger(struct ls_buf *out, const struct ls_dashboard *facts)
{
    for (size_t i = 0; i < facts->endpoint_count; i++) {
        const struct ls_endpoint_row *row = &facts->endpoints[i];
        ls_buf_printf(out, "%-14s", "endpoint");
        ls_out_gated(out, row->name);
        ls_buf_printf(out, " %s slot %" PRId64 " %" PRId64 " ms ", row->is_up ? "up" : "DOWN",
                      row->slot, row->latency_ms);
        ls_out_gated(out, row->trouble);
        ls_buf_add_char(out, '\n');
    }
    if (facts->has_balance) {
        ls_buf_printf(out, "%-14s", "payer");
        ls_out_gated(out, facts->payer);
        char forecast[LS_FORECAST_BYTES];
        ls_dashboard_forecast(facts, forecast);
        ls_buf_printf(out, " has %" PRIu64 ".%09" PRIu64 " SOL%s%s\n",
                      facts->balance_lamports / 1000000000,
                      facts->balance_lamports % 1000000000, forecast[0] == '\0' ? "" : ", ",
                      forecast);
    }
    for (size_t i = 0; i < facts->worker_count; i++) {
        const struct ls_worker_row *row = &facts->workers[i];
        ls_buf_printf(out, "%-14s%" PRId64 " on ", "worker", row->id);
        ls_out_gated(out, row->host);
        char kinds[LS_KINDS_TEXT_BYTES];
        ls_kinds_words(row->works_on, kinds);
        ls_buf_printf(out, " %s%s, %" PRId64 " in flight, works on %s",
                      row->is_alive ? ls_worker_word(row) : "SILENT",
                      row->is_leader ? ", leader" : "", row->in_flight, kinds);
        char words[LS_WORKER_WORDS_BYTES];
        char since[LS_OUT_AGE_BYTES];
        ls_worker_words(row, words);
        ls_out_age(facts->now_ms - row->doing_ms, since);
        if (words[0] != '\0') {
            ls_buf_printf(out, "; says, for %s: ", since);
            ls_out_gated(out, words);
        }
        ls_buf_add_char(out, '\n');
    }
}

/* "gate  kind:memo on for 10m by op1: audit of burns" */
static void add_gates(struct ls_buf *out, const struct ls_dashboard *facts)
{
    for (size_t i = 0; i < facts->gate_count; i++) {
        const struct ls_gate_row *row = &facts->gates[i];
        char age[LS_OUT_AGE_BYTES];
        ls_out_age(facts->now_ms - row->since_ms, age);
        ls_buf_printf(out, "%-14s", "gate");
        ls_out_gated(out, row->selector);
        ls_buf_printf(out, " on for %s by ", age);
        ls_out_gated(out, row->by_worker ? "a worker" : row->actor);
        ls_buf_add_text(out, ": ");
        ls_out_gated(out, row->reason);
        ls_buf_add_char(out, '\n');
    }
}

/* What nobody begins, also where the verdict names three of them alone. */
static void add_unattended(struct ls_buf *out, const struct ls_dashboard *facts)
{
    for (size_t i = 0; i < facts->waiting_count; i++) {
        const struct ls_kind_waiting *row = &facts->waiting[i];
        if (row->is_attended) continue;
        ls_buf_printf(out, "%-14s%s, %" PRId64 "%s waiting\n", "unattended",
                      ls_kind_waiting_name(row), row->waiting,
                      row->waiting >= LS_FACTS_UNATTENDED_MAX ? " or more" : "");
    }
}

/* Newest first: "event  3m ago op1 alert.ack alert 118: on it" */
static void add_events(struct ls_buf *out, const struct ls_dashboard *facts)
{
    for (size_t i = 0; i < facts->event_count; i++) {
        const struct ls_event_row *row = &facts->events[i];
        char age[LS_OUT_AGE_BYTES];
        ls_out_age(facts->now_ms - row->at_ms, age);
        ls_buf_printf(out, "%-14s%s ago ", "event", age);
        ls_out_gated(out, row->who);
        ls_buf_add_char(out, ' ');
        ls_out_gated(out, row->action);
        ls_buf_add_char(out, ' ');
        ls_out_gated(out, row->target);
        if (row->reason[0] != '\0') ls_buf_add_text(out, ": ");
        ls_out_gated(out, row->reason);
        ls_buf_add_char(out, '\n');
    }
}

/* Who has the group, where somebody has. */
static void
add_claim(struct ls_buf *out, const struct ls_cause_row *row, const struct reading *reading)
{
    char target[LS_CAUSE_TARGET_BYTES];
    ls_cause_target(row, target);
    const struct ls_claim *claim = ls_people_claim(&reading->people, target);
    char left[LS_OUT_AGE_BYTES];
    if (claim == NULL) return;
    ls_out_age(claim->until_ms - reading->facts.now_ms, left);
    ls_buf_printf(out, "%-14s", "");
    ls_out_gated(out, claim->login);
    ls_buf_printf(out, " has it, %s left: ", left);
    ls_out_gated(out, claim->reason);
    ls_buf_add_char(out, '\n');
}

static void add_causes(struct ls_buf *out, const struct reading *reading)
{
    const struct ls_dashboard *facts = &reading->facts;
    for (size_t i = 0; i < facts->cause_count; i++) {
        const struct ls_cause_row *row = &facts->causes[i];
        char title[LS_CAUSE_WORDS_BYTES];
        char outcome[LS_CAUSE_OUTCOME_BYTES];
        struct ls_cause_advice advice;
        ls_cause_title(row, title);
        ls_cause_outcome(row, outcome);
        ls_buf_printf(out, "%-14s%" PRId64 " ", ls_cause_state(row), row->count);
        ls_out_gated(out, title);
        ls_buf_printf(out, ": %s\n", outcome);
        add_claim(out, row, reading);
        ls_cause_advise(row, &advice);
        ls_buf_printf(out, "%-14s", "");
        ls_out_gated(out, advice.command);
        ls_buf_add_char(out, '\n');
    }
}

static void
add_status(struct ls_buf *out, const struct reading *reading, const struct ls_verdict *verdict)
{
    const struct ls_dashboard *facts = &reading->facts;
    ls_buf_printf(out, "%s: %s\n", ls_verdict_word(verdict->level), verdict->headline);
    if (verdict->since[0] != '\0') ls_out_gated(out, verdict->since);
    if (verdict->since[0] != '\0') ls_buf_add_char(out, '\n');
    ls_buf_printf(out, "%s\n", verdict->safety);
    if (verdict->by_command[0] != '\0') ls_buf_printf(out, "%s\n", verdict->by_command);
    ls_buf_printf(out, "%-14s", "database");
    ls_out_gated(out, facts->database);
    ls_buf_printf(out, " schema %" PRId32 "\n", facts->schema_version);
    if (facts->is_past) {
        char at[LS_OUT_TIME_BYTES];
        ls_out_time(facts->now_ms, at);
        ls_buf_printf(out, "%-14s%s\n", "as of", at);
    }
    add_counts(out, facts);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "depth", facts->depth);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "gated", facts->gated);
    add_age(out, "age", facts->age_ms);
    add_age(out, "lag", facts->lag_ms);
    add_age(out, "lag p95", facts->lag_p95_ms);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "done/minute",
                  ls_dashboard_done_per_minute(facts));
    add_flow(out, facts);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "stuck", facts->stuck);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "twice", facts->duplicates);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "unknown", facts->held_ambiguous);
    ls_buf_printf(out, "%-14s%12" PRId64 ", %" PRId64 " critical, %" PRId64 " acknowledged\n",
                  "alerts", facts->alerts_firing, facts->alerts_critical, facts->alerts_acked);
    ls_buf_printf(out, "%-14s%12" PRId64 "\n", "height", facts->finalized_height);
    add_ledger(out, facts);
    add_unattended(out, facts);
    add_gates(out, facts);
    add_causes(out, reading);
    add_events(out, facts);
}

static enum ls_exit
print_once(const struct command_call *call, ls_session *session, struct reading *reading)
{
    struct ls_dashboard *facts = &reading->facts;
    struct ls_verdict verdict;
    struct ls_why why = {0};
    struct ls_buf out;
    const char *at = arguments_value(call->arguments, OPTION_AT);
    const struct ls_clock clock = ls_system_clock();
    int64_t at_ms = 0;
    ls_err err = LS_OK;
    if (at != NULL) err = ls_moment_parse(at, clock.wall_ms(clock.self), 0, &at_ms, &why);
    if (!ls_failed(err)) {
        err = at == NULL ? ls_session_dashboard(session, facts, &why)
                         : ls_session_dashboard_at(session, at_ms, facts, &why);
    }
    if (!ls_failed(err) && at == NULL) err = ls_session_people(session, &reading->people, &why);
    if (ls_failed(err)) return ls_complain_err("status", err, &why);
    ls_verdict_of(facts, &verdict);
    ls_buf_init(&out, STATUS_BYTES_MAX);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_json_dashboard(&out, facts, at == NULL ? &reading->people : NULL, &verdict);
        ls_buf_add_char(&out, '\n');
    } else {
        add_status(&out, reading, &verdict);
    }
    return ls_out_print(&out);
}

static enum ls_exit
watch(const struct command_call *call, ls_session *session, struct reading *reading)
{
    const bool clears = isatty(STDOUT_FILENO) != 0 &&
                        !arguments_has(call->arguments, OPTION_JSON) &&
                        !arguments_has(call->arguments, OPTION_PLAIN);
    const int stop = ls_stop_signal_open();
    enum ls_exit status = LS_EXIT_DONE;
    do {
        if (clears) (void)fputs("\033[H\033[2J", stdout);
        status = print_once(call, session, reading);
    } while (status != LS_EXIT_FAILED && stop >= 0 && !ls_stop_signal_wait(stop, WATCH_MS));
    if (stop >= 0) (void)close(stop);
    return status;
}

enum ls_exit command_status(const struct command_call *call)
{
    ls_session *session = NULL;
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        return ls_complain_memory("status");
    }
    enum ls_exit status = database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        status = arguments_has(call->arguments, OPTION_WATCH)
                     ? watch(call, session, reading)
                     : print_once(call, session, reading);
        ls_session_free(session);
    }
    free(reading);
    return status;
}
