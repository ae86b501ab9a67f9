#include "lockstep/report/op_json.h"

#include <inttypes.h>

#include "lockstep/core/cause.h"
#include "lockstep/core/fate.h"
#include "lockstep/core/kinds.h"
#include "lockstep/report/out.h"

static void op_fields(struct ls_buf *out, const struct ls_op_row *row)
{
    ls_out_json_number(out, "id", row->op.value);
    ls_out_json_field(out, "key", row->key);
    ls_out_json_field(out, "kind", ls_kind_name(row->kind));
    ls_out_json_field(out, "entity", row->entity);
    ls_out_json_field(out, "state", ls_state_name(row->state));
    ls_out_json_field(out, "sub", ls_sub_name(row->sub));
    ls_out_json_number(out, "lane", row->lane);
    if (row->batch != 0) ls_out_json_number(out, "batch", row->batch);
    ls_out_json_number(out, "attempts", row->attempts_made);
    ls_out_json_number(out, "attempts_max", row->attempts_max);
    ls_out_json_number(out, "version", row->version);
    ls_out_json_number(out, "created_ms", row->created_ms);
    ls_out_json_number(out, "updated_ms", row->updated_ms);
    ls_out_json_number(out, "run_at_ms", row->run_at_ms);
    ls_out_json_flag(out, "stuck", row->is_stuck);
    ls_out_json_field(out, "cause", row->cause);
    ls_out_json_field(out, "signature", row->signature);
    ls_out_json_number(out, "slot", row->slot);
}

void ls_json_op(struct ls_buf *out, const struct ls_op_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    op_fields(out, row);
    ls_buf_add_char(out, '}');
}

static void note(struct ls_buf *out, const struct ls_note *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->id);
    ls_out_json_number(out, "at_ms", row->at_ms);
    ls_out_json_field(out, "login", row->login);
    ls_out_json_field(out, "note", row->body);
    ls_buf_add_char(out, '}');
}

static void attempt(struct ls_buf *out, const struct ls_attempt_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "attempt", row->attempt);
    ls_out_json_field(out, "state", ls_attempt_state_name(row->state));
    ls_out_json_field(out, "signature", row->signature);
    ls_out_json_field(out, "blockhash", row->blockhash);
    ls_out_json_number(out, "last_valid_height", row->last_valid_height);
    ls_out_json_number(out, "created_ms", row->created_ms);
    ls_out_json_number(out, "slot", row->slot);
    ls_out_json_field(out, "cause", row->cause);
    ls_out_json_field(out, "evidence", row->evidence);
    if (row->seal[0] != '\0') ls_out_json_field(out, "seal", row->seal);
    ls_buf_add_char(out, '}');
}

void ls_json_audit(struct ls_buf *out, const struct ls_audit_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "seq", row->seq);
    ls_out_json_number(out, "at_ms", row->at_ms);
    ls_out_json_field(out, "actor", row->actor);
    ls_out_json_field(out, "os_user", row->os_user);
    ls_out_json_field(out, "client", row->client);
    ls_out_json_field(out, "action", row->action);
    ls_out_json_field(out, "target", row->target);
    ls_out_json_field(out, "before", row->before);
    ls_out_json_field(out, "after", row->after);
    ls_out_json_field(out, "reason", row->reason);
    ls_out_json_field(out, "hash", row->hash);
    ls_out_json_field(out, "prev_hash", row->prev_hash);
    ls_buf_add_char(out, '}');
}

void ls_json_op_detail(struct ls_buf *out, const struct ls_op_detail *detail)
{
    ls_buf_add_char(out, '{');
    op_fields(out, &detail->row);
    ls_out_json_field(out, "payload", detail->payload);
    ls_out_json_field(out, "detail", detail->detail);
    char fate[LS_FATE_BYTES];
    ls_fate_words(detail, 0, fate);
    ls_out_json_field(out, "outcome", fate);
    const enum ls_look look = ls_look_of(&detail->row);
    ls_out_json_field(out, "looked", look == LS_LOOK_NEVER_ASKED ? "" : ls_look_word(look));
    ls_out_json_number(out, "looked_ms", detail->row.looked_ms);
    ls_out_json_field(out, "retry", ls_retry_word(ls_retry_of(&detail->row)));
    ls_out_json_number(out, "waiting_behind", detail->waiting_behind);
    ls_out_json_field(out, ls_kind_makes(detail->row.kind), detail->mint);
    ls_out_json_field(out, "fence", ls_fence_name(detail->fence));
    ls_out_json_field(out, "signer", detail->signer);
    ls_out_json_field(out, "nonce", detail->nonce);
    ls_out_json_field(out, "marker", detail->marker);
    ls_out_json_number(out, "reclaimed_by", detail->reclaimed_by);
    ls_out_json_number(out, "depends_on", detail->depends_on);
    ls_out_json_number(out, "compensates", detail->compensates);
    ls_out_json_number(out, "compensated_by", detail->compensated_by);
    ls_buf_add_text(out, ",\"notes\":[");
    for (size_t i = 0; i < detail->note_count; i++) note(out, &detail->notes[i]);
    ls_buf_add_text(out, "],\"attempt_list\":[");
    for (size_t i = 0; i < detail->attempt_count; i++) attempt(out, &detail->attempts[i]);
    ls_buf_add_text(out, "],\"audit\":[");
    for (size_t i = 0; i < detail->event_count; i++) ls_json_audit(out, &detail->events[i]);
    ls_buf_add_text(out, "]}");
}

void ls_json_alert(struct ls_buf *out, const struct ls_alert_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->id);
    ls_out_json_field(out, "rule", row->rule);
    ls_out_json_field(out, "subject", row->subject);
    ls_out_json_field(out, "severity", ls_severity_name(row->severity));
    ls_out_json_field(out, "state", ls_alert_state_name(row->state));
    ls_out_json_field(out, "message", row->message);
    ls_out_json_number(out, "fired_ms", row->fired_ms);
    ls_out_json_number(out, "changed_ms", row->changed_ms);
    ls_out_json_field(out, "owner", row->owner);
    ls_out_json_number(out, "acked_until_ms", row->acked_until_ms);
    ls_out_json_field(out, "note", row->note);
    ls_out_json_number(out, "times", row->times);
    ls_buf_add_char(out, '}');
}

void ls_json_gate(struct ls_buf *out, const struct ls_gate_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "selector", row->selector);
    ls_out_json_field(out, "reason", row->reason);
    ls_out_json_field(out, "actor", row->actor);
    ls_out_json_flag(out, "by_worker", row->by_worker);
    ls_out_json_number(out, "since_ms", row->since_ms);
    ls_buf_add_char(out, '}');
}

void ls_json_worker(struct ls_buf *out, const struct ls_worker_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "id", row->id);
    ls_out_json_field(out, "host", row->host);
    ls_out_json_number(out, "pid", row->pid);
    ls_out_json_field(out, "version", row->version);
    ls_out_json_number(out, "started_ms", row->started_ms);
    ls_out_json_number(out, "heartbeat_ms", row->heartbeat_ms);
    ls_out_json_flag(out, "alive", row->is_alive);
    ls_out_json_flag(out, "leader", row->is_leader);
    ls_out_json_flag(out, "paused", row->is_paused);
    ls_out_json_flag(out, "draining", row->is_draining);
    ls_out_json_flag(out, "catching_up", row->is_catching_up);
    ls_out_json_field(out, "doing", row->doing);
    ls_out_json_field(out, "trouble", row->trouble);
    if (row->doing_ms > 0) ls_out_json_number(out, "doing_ms", row->doing_ms);
    ls_out_json_number(out, "in_flight", row->in_flight);
    char kinds[LS_KINDS_TEXT_BYTES];
    ls_kinds_text(row->works_on, kinds);
    ls_out_json_field(out, "kinds", kinds);
    ls_out_json_field(out, "payer", row->payer);
    ls_buf_add_char(out, '}');
}

void ls_json_endpoint(struct ls_buf *out, const struct ls_endpoint_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "name", row->name);
    ls_out_json_flag(out, "up", row->is_up);
    ls_out_json_number(out, "slot", row->slot);
    ls_out_json_number(out, "latency_ms", row->latency_ms);
    ls_out_json_number(out, "error_permille", row->error_permille);
    ls_out_json_field(out, "trouble", row->trouble);
    ls_buf_add_char(out, '}');
}

void ls_json_cause(struct ls_buf *out,
                   const struct ls_cause_row *row,
                   const struct ls_people *people)
{
    char target[LS_CAUSE_TARGET_BYTES];
    ls_cause_target(row, target);
    const struct ls_claim *claim = people == NULL ? NULL : ls_people_claim(people, target);
    char outcome[LS_CAUSE_OUTCOME_BYTES];
    char filter[LS_FILTER_BYTES_MAX];
    struct ls_cause_advice advice;
    ls_cause_outcome(row, outcome);
    ls_cause_filter(row, false, filter);
    ls_cause_advise(row, &advice);
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "cause", row->cause);
    ls_out_json_field(out, "example", row->example);
    ls_out_json_field(out, "state", ls_state_name(row->state));
    ls_out_json_field(out, "sub", ls_sub_name(row->sub));
    ls_out_json_flag(out, "stuck", row->is_stuck);
    ls_out_json_number(out, "count", row->count);
    ls_out_json_number(out, "oldest_ms", row->oldest_ms);
    ls_out_json_number(out, "since_ms", row->since_ms);
    ls_out_json_number(out, "landed", row->landed);
    ls_out_json_number(out, "errored", row->errored);
    ls_out_json_number(out, "unknown", row->unknown);
    ls_out_json_field(out, "outcome", outcome);
    ls_out_json_field(out, "signer", row->signer);
    ls_out_json_field(out, "via", row->via);
    ls_out_json_field(out, "filter", filter);
    ls_out_json_field(out, "suggested", advice.words);
    ls_out_json_field(out, "command", advice.command);
    ls_out_json_field(out, "claimed_by", claim == NULL ? "" : claim->login);
    ls_out_json_number(out, "claimed_until_ms", claim == NULL ? 0 : claim->until_ms);
    ls_buf_add_char(out, '}');
}

static void flow(struct ls_buf *out, const struct ls_dashboard *facts)
{
    struct ls_flow flow = ls_dashboard_flow(facts);
    ls_out_json_number(out, "arriving_per_minute", flow.arriving);
    ls_out_json_number(out, "finishing_per_minute", flow.finishing);
    if (flow.drains_minutes >= 0)
        ls_out_json_number(out, "drains_minutes", flow.drains_minutes);
    if (flow.grows > 0) ls_out_json_number(out, "grows_per_minute", flow.grows);
}

static void event(struct ls_buf *out, const struct ls_event_row *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_number(out, "at_ms", row->at_ms);
    ls_out_json_field(out, "who", row->who);
    ls_out_json_field(out, "action", row->action);
    ls_out_json_field(out, "target", row->target);
    ls_out_json_field(out, "reason", row->reason);
    ls_buf_add_char(out, '}');
}

static void waiting(struct ls_buf *out, const struct ls_kind_waiting *row)
{
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "kind",
                      row->kind == LS_KIND_NONE ? "atomic batch" : ls_kind_name(row->kind));
    ls_out_json_number(out, "waiting", row->waiting);
    ls_buf_add_char(out, '}');
}

/* What the verdict says came before; absent where nothing is known. */
static void first(struct ls_buf *out, const struct ls_first_event *event)
{
    if (event->at_ms == 0) return;
    ls_buf_add_text(out, ",\"first\":{");
    ls_out_json_number(out, "at_ms", event->at_ms);
    ls_out_json_field(out, "kind", event->kind);
    ls_out_json_field(out, "what", event->what);
    ls_out_json_field(out, "why", event->why);
    ls_buf_add_char(out, '}');
}

static void
lists(struct ls_buf *out, const struct ls_dashboard *facts, const struct ls_people *people)
{
    ls_buf_add_text(out, ",\"workers\":[");
    for (size_t i = 0; i < facts->worker_count; i++) ls_json_worker(out, &facts->workers[i]);
    ls_buf_add_text(out, "],\"unattended\":[");
    for (size_t i = 0; i < facts->waiting_count; i++)
        if (!facts->waiting[i].is_attended) waiting(out, &facts->waiting[i]);
    ls_buf_add_text(out, "],\"endpoints\":[");
    for (size_t i = 0; i < facts->endpoint_count; i++)
        ls_json_endpoint(out, &facts->endpoints[i]);
    ls_buf_add_text(out, "],\"gates\":[");
    for (size_t i = 0; i < facts->gate_count; i++) ls_json_gate(out, &facts->gates[i]);
    ls_buf_add_text(out, "],\"causes\":[");
    for (size_t i = 0; i < facts->cause_count; i++)
        ls_json_cause(out, &facts->causes[i], people);
    ls_buf_add_text(out, "],\"events\":[");
    for (size_t i = 0; i < facts->event_count; i++) event(out, &facts->events[i]);
    ls_buf_add_text(out, "]");
}

void ls_json_dashboard(struct ls_buf *out,
                       const struct ls_dashboard *facts,
                       const struct ls_people *people,
                       const struct ls_verdict *verdict)
{
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "verdict", ls_verdict_word(verdict->level));
    ls_out_json_field(out, "headline", verdict->headline);
    ls_out_json_field(out, "since", verdict->since);
    ls_out_json_field(out, "safety", verdict->safety);
    ls_out_json_field(out, "cure", verdict->by_command);
    ls_out_json_field(out, "database", facts->database);
    ls_out_json_number(out, "schema_version", facts->schema_version);
    ls_out_json_number(out, "now_ms", facts->now_ms);
    ls_out_json_flag(out, "past", facts->is_past);
    ls_buf_add_text(out, ",\"counts\":{");
    for (int i = 0; i < LS_STATE_COUNT; i++) {
        ls_out_json_number(out, ls_state_name((enum ls_state)i), facts->counts[i]);
    }
    ls_buf_add_char(out, '}');
    ls_out_json_number(out, "depth", facts->depth);
    ls_out_json_number(out, "gated", facts->gated);
    ls_out_json_number(out, "held_ambiguous", facts->held_ambiguous);
    ls_out_json_number(out, "age_ms", facts->age_ms);
    ls_out_json_number(out, "lag_ms", facts->lag_ms);
    ls_out_json_number(out, "lag_p95_ms", facts->lag_p95_ms);
    ls_out_json_number(out, "stuck", facts->stuck);
    ls_out_json_number(out, "duplicates", facts->duplicates);
    ls_out_json_number(out, "done_last_minute", ls_dashboard_done_per_minute(facts));
    flow(out, facts);
    ls_out_json_field(out, "payer", facts->payer);
    if (facts->has_balance) {
        ls_out_json_comma(out);
        ls_buf_printf(out, "\"balance_lamports\":\"%" PRIu64 "\"", facts->balance_lamports);
    }
    if (ls_dashboard_payer_ops(facts) >= 0)
        ls_out_json_number(out, "payer_ops_left", ls_dashboard_payer_ops(facts));
    if (ls_dashboard_payer_minutes(facts) >= 0)
        ls_out_json_number(out, "payer_minutes_left", ls_dashboard_payer_minutes(facts));
    ls_out_json_number(out, "finalized_height", facts->finalized_height);
    ls_out_json_number(out, "alerts_firing", facts->alerts_firing);
    ls_out_json_number(out, "alerts_critical", facts->alerts_critical);
    ls_out_json_number(out, "alerts_acked", facts->alerts_acked);
    ls_out_json_number(out, "began_ms", ls_dashboard_began_ms(facts));
    ls_out_json_number(out, "oldest_trouble_ms", facts->oldest_trouble_ms);
    first(out, &facts->first);
    lists(out, facts, people);
    ls_buf_add_char(out, '}');
}
