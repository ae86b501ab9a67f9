/* A fixed world for the console's tests: always the same numbers at the same moment. */
#ifndef LOCKSTEP_TESTS_TUI_FIXTURE_H
#define LOCKSTEP_TESTS_TUI_FIXTURE_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_lists.h"
#include "lockstep/tui/ui.h"

enum { FIXTURE_MINUTE_MS = 60000, FIXTURE_REST_MS = 60 };
static const int64_t fixture_now_ms = 1763867567000; /* 2025-11-23 03:12:47 UTC */

struct fixture {
    ls_ui *ui;
    ls_grid *grid;
    struct ls_ui_requests requests;
    int64_t elapsed_ms;
    int64_t still_ms; /* that a hand rested, for the tick that comes then */
    struct ls_dashboard dashboard, past;
    struct ls_op_page ops;
    struct ls_op_detail detail;
    struct ls_alert_page alerts;
    struct ls_audit_page audit;
    struct ls_batch_page batches;
    struct ls_batch_detail batch;
    struct ls_bulk_page bulks;
    struct ls_bulk_target_page targets;
    struct ls_bulk_weight weight;
    struct ls_op_page chosen;
    int chosen_asks;
    struct ls_bulk_order last_order;
    int bulk_starts;
    uint64_t bulk_ticket;
    struct ls_preflight preflight;
    struct ls_people desk;
    bool batch_is_atomic;  /* the third */
    int64_t batch_failed;  /* of the third; 0: as ever */
    int64_t newer;         /* rows that came on top of those of the listings since */
    bool check_stays_open; /* no worker answers */
    bool check_has_no_worker;
    ls_op_id check_landed; /* this one is on the ledger */
    ls_op_id looked;       /* … and of this one a look found that … */
    enum ls_look found;
    int checks;
    char last_copy[512];
    struct ls_action last_action;
    size_t last_op_count; /* of what it is about */
    struct ls_frozen_op last_first;
    const char *alert_rule, *alert_subject; /* of the first alert; NULL: as it is */
    const char *edit_trouble; /* what the database says of an edited payload; NULL: nothing */
    char last_payload[1024];
    int acts, bells, quits, flushes, runs, stops;
    int exports;
    uint64_t run_ticket, export_ticket;
    struct ls_ui_request last_export;
    char last_run[600];
    struct ls_ui_request last_run_request;
    uint64_t act_tickets[256];
};

static inline struct ls_op_row fixture_op(int64_t id, enum ls_state state, enum ls_sub sub)
{
    static const enum ls_kind kinds[] = {LS_KIND_TOKEN_MINT_TO, LS_KIND_TOKEN_TRANSFER,
                                         LS_KIND_EVENT};
    struct ls_op_row row = {.op = {id},
                            .version = id % 7 + 1,
                            .kind = kinds[id % 3],
                            .state = state,
                            .sub = sub,
                            .lane = 1,
                            .attempts_made = state == LS_STATE_FAILED ? 5 : 1,
                            .attempts_max = 5,
                            .created_ms = fixture_now_ms - (id % 40 + 1) * FIXTURE_MINUTE_MS,
                            .updated_ms = fixture_now_ms - (id % 9) * FIXTURE_MINUTE_MS};
    (void)snprintf(row.key, sizeof row.key, "pay:%" PRId64 ":18", 77000 + id % 1000);
    (void)snprintf(row.entity, sizeof row.entity, "org-%" PRId64, id % 9);
    if (state == LS_STATE_FAILED)
        (void)snprintf(row.cause, sizeof row.cause, "%s",
                       id % 4 == 0 ? "InsufficientFunds" : "BlockhashNotFound");
    if (state != LS_STATE_READY && state != LS_STATE_BLOCKED)
        (void)snprintf(
            row.signature, sizeof row.signature,
            "4hXTcRkq1nVZ8bL6sYw3eJ9uGf2KpDxA7oMtQv5iNrEz4hXTcRkq1nVZ8bL6sYw3eJ9uGfm2V"
            "d%04d",
            (int)(id % 9 + 1) * 1111);
    if (state == LS_STATE_DONE) row.slot = 312904000 + id;
    return row;
}

static inline void fixture_fill_events(struct ls_dashboard *facts)
{
    static const struct {
        int64_t ago_s;
        const char *who, *action, *target, *reason;
    } events[] = {
        {165, "op1", "alert.ack", "alert 118", "on it, INC-551"},
        {600, "op1", "gate.on", "gate kind:token.burn", "audit of burns, CHG-90"},
        {1080, "worker 3", "op.held", "3 operations", "AmbiguousExpiry"},
        {1340, "worker 3", "op.failed", "op 482011", "InsufficientFunds"},
        {2400, "alert", "alert.fired", "endpoint rpc-b.example", "endpoint is down"},
        {2460, "worker 3", "op.failed", "op 481207", "BlockhashNotFound"},
    };
    facts->event_count = sizeof events / sizeof events[0];
    for (size_t i = 0; i < facts->event_count; i++) {
        struct ls_event_row *row = &facts->events[i];
        *row = (struct ls_event_row){.at_ms = fixture_now_ms - events[i].ago_s * 1000};
        (void)snprintf(row->who, sizeof row->who, "%s", events[i].who);
        (void)snprintf(row->action, sizeof row->action, "%s", events[i].action);
        (void)snprintf(row->target, sizeof row->target, "%s", events[i].target);
        (void)snprintf(row->reason, sizeof row->reason, "%s", events[i].reason);
    }
}

static inline void fixture_fill_dashboard(struct ls_dashboard *facts)
{
    *facts = (struct ls_dashboard){.now_ms = fixture_now_ms,
                                   .read_ms = 2,
                                   .schema_version = 1,
                                   .depth = 1204,
                                   .held_ambiguous = 3,
                                   .age_ms = 252000,
                                   .lag_ms = 13200,
                                   .lag_p95_ms = 41000,
                                   .stuck = 4,
                                   .has_balance = true,
                                   .spent_lamports = 12000000,
                                   .spent_minutes = 59,
                                   .balance_lamports = 3118000000u,
                                   .finalized_height = 290117402,
                                   .alerts_firing = 2,
                                   .alerts_critical = 1,
                                   .alerts_acked = 1};
    static const int64_t counts[LS_STATE_COUNT] = {1100, 104, 3, 35, 3, 17, 48211, 2, 1};
    memcpy(facts->counts, counts, sizeof counts);
    facts->oldest_stuck_ms = fixture_now_ms - 18 * FIXTURE_MINUTE_MS;
    facts->first_failed_ms = fixture_now_ms - 41 * FIXTURE_MINUTE_MS;
    facts->oldest_trouble_ms = fixture_now_ms - 41 * FIXTURE_MINUTE_MS;
    facts->first = (struct ls_first_event){.at_ms = fixture_now_ms - 42 * FIXTURE_MINUTE_MS,
                                           .kind = "endpoint",
                                           .what = "rpc-b.example",
                                           .why = "timed out"};
    facts->sampled = (UINT64_C(1) << 60) - 1;
    facts->spent_lamports = 14000000;
    facts->spent_minutes = 59;
    (void)snprintf(facts->database, sizeof facts->database, "app");
    (void)snprintf(facts->payer, sizeof facts->payer,
                   "9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e");
    for (int i = 0; i < LS_FACTS_MINUTES; i++) {
        facts->minute_done[i] = i < 19 ? 1400 - i * 7 : 60 + (i - 19) * 19;
        facts->minute_failed[i] = i > 40 ? i % 5 : 0;
        facts->minute_enqueued[i] = 900;
        facts->minute_depth[i] = i < 19 ? 12 : i == 59 ? 1204 : (i - 19) * 29;
        facts->minute_in_flight[i] = i < 59 ? 50 - i % 7 : 38;
        facts->minute_stuck[i] = i < 42 ? 0 : (i - 42) / 4;
        facts->minute_lag_ms[i] = i < 19 ? 900 : 900 + (i - 19) * 310;
    }
    facts->disk_count = 2;
    facts->disks[0] = (struct ls_disk_row){
        .what = "log", .used_permille = 413, .free_bytes = UINT64_C(91234567890)};
    facts->disks[1] = (struct ls_disk_row){
        .what = "data", .used_permille = 634, .free_bytes = UINT64_C(8300000000)};
    fixture_fill_events(facts);
    facts->worker_count = 2;
    facts->workers[0] = (struct ls_worker_row){.id = 3,
                                               .host = "sync-1",
                                               .pid = 4711,
                                               .version = "0.1.0",
                                               .started_ms = fixture_now_ms - 86400000,
                                               .heartbeat_ms = fixture_now_ms - 2000,
                                               .is_alive = true,
                                               .is_leader = true,
                                               .in_flight = 31};
    facts->workers[1] =
        (struct ls_worker_row){.id = 4,
                               .host = "bastion",
                               .pid = 881,
                               .version = "0.1.0",
                               .started_ms = fixture_now_ms - 3600000,
                               .heartbeat_ms = fixture_now_ms - 3000,
                               .is_alive = true,
                               .is_paused = true,
                               .works_on = 1u << LS_KIND_MEMO | 1u << LS_KIND_EVENT,
                               .in_flight = 7};
    facts->waiting_count = 1;
    facts->waiting[0] = (struct ls_kind_waiting){LS_KIND_MEMO, 12, true};
    facts->endpoint_count = 2;
    facts->endpoints[0] = (struct ls_endpoint_row){.name = "rpc-a.example",
                                                   .is_up = true,
                                                   .slot = 312904118,
                                                   .latency_ms = 41,
                                                   .error_permille = 1};
    facts->endpoints[1] =
        (struct ls_endpoint_row){.name = "rpc-b.example",
                                 .slot = 312897004,
                                 .latency_ms = 5000,
                                 .error_permille = 1000,
                                 .trouble = "timed out",
                                 .changed_ms = fixture_now_ms - 42 * FIXTURE_MINUTE_MS};
    facts->gate_count = 1;
    facts->gates[0] = (struct ls_gate_row){.selector = "kind:token.burn",
                                           .reason = "audit of burns, CHG-90",
                                           .actor = "op1",
                                           .since_ms = fixture_now_ms - 600000};
    facts->cause_count = 3;
    facts->causes[0] = (struct ls_cause_row){.cause = "BlockhashNotFound",
                                             .state = LS_STATE_FAILED,
                                             .count = 14,
                                             .via = "rpc-b.example",
                                             .oldest_ms = fixture_now_ms - 2460000,
                                             .since_ms = fixture_now_ms - 2460000};
    facts->causes[1] = (struct ls_cause_row){.cause = "InsufficientFunds",
                                             .state = LS_STATE_FAILED,
                                             .count = 3,
                                             .oldest_ms = fixture_now_ms - 1320000,
                                             .since_ms = fixture_now_ms - 1320000};
    facts->causes[2] = (struct ls_cause_row){.cause = "no certificate within the window",
                                             .state = LS_STATE_HELD,
                                             .sub = LS_SUB_AMBIGUOUS,
                                             .count = 3,
                                             .oldest_ms = fixture_now_ms - 1080000,
                                             .since_ms = fixture_now_ms - 1080000,
                                             .unknown = 3};
}

/* What a look found of it a minute ago. */
static inline void fixture_note_look(const struct fixture *world, struct ls_op_row *row)
{
    if (row->op.value != world->looked.value) return;
    row->look = world->found;
    row->looked_ms = fixture_now_ms - FIXTURE_MINUTE_MS;
    row->updated_ms = row->looked_ms - FIXTURE_MINUTE_MS;
}

/* The page that a database would answer to `filter`'s state. */
static inline void fixture_fill_ops(struct fixture *world, const struct ls_filter *filter)
{
    world->ops = (struct ls_op_page){.matching = -1};
    int state = LS_STATE_COUNT;
    bool is_stuck = false;
    for (size_t i = 0; i < filter->count; i++) {
        if (filter->terms[i].field == LS_FILTER_STATE) state = (int)filter->terms[i].number;
        if (filter->terms[i].field == LS_FILTER_STUCK) is_stuck = true;
    }
    size_t count = state == LS_STATE_FAILED ? 17 : state == LS_STATE_HELD ? 3 : 4;
    if (state == LS_STATE_COUNT && !is_stuck) count = 40;
    for (size_t i = 0; i < count; i++) {
        int64_t id = 481200 + ((int64_t)i - world->newer) * 7;
        struct ls_op_row *row = &world->ops.rows[i];
        if (state == LS_STATE_FAILED) {
            *row = fixture_op(id, LS_STATE_FAILED, LS_SUB_NONE);
        } else if (state == LS_STATE_HELD) {
            *row =
                fixture_op(id + 1, LS_STATE_HELD, i == 2 ? LS_SUB_OPERATOR : LS_SUB_AMBIGUOUS);
        } else if (is_stuck) {
            *row = fixture_op(id + 2, LS_STATE_SUBMITTED, LS_SUB_CERTIFYING);
            row->is_stuck = true;
        } else {
            static const enum ls_state states[] = {LS_STATE_READY, LS_STATE_SUBMITTED,
                                                   LS_STATE_DONE, LS_STATE_BLOCKED};
            static const enum ls_sub subs[] = {LS_SUB_DUE, LS_SUB_SENT, LS_SUB_NONE,
                                               LS_SUB_ENTITY};
            *row = fixture_op(id + 3, states[i % 4], subs[i % 4]);
        }
        fixture_note_look(world, row);
    }
    world->ops.count = count;
}

static inline void fixture_fill_detail(struct ls_op_detail *detail, ls_op_id op)
{
    int64_t sort = (op.value - 481200) % 7; /* as fixture_fill_ops gives their numbers */
    enum ls_state state = sort == 1   ? LS_STATE_HELD
                          : sort == 2 ? LS_STATE_SUBMITTED
                                      : LS_STATE_FAILED;
    enum ls_sub sub = sort == 1   ? LS_SUB_AMBIGUOUS
                      : sort == 2 ? LS_SUB_CERTIFYING
                                  : LS_SUB_NONE;
    *detail = (struct ls_op_detail){.row = fixture_op(op.value, state, sub)};
    (void)snprintf(detail->payload, sizeof detail->payload,
                   "{\"mint\":\"9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e\",\"to\":"
                   "\"7xQkU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7N9Pda\",\"amount\":\"250\"}");
    if (state == LS_STATE_FAILED)
        (void)snprintf(detail->detail, sizeof detail->detail, "the blockhash is not known");
    detail->waiting_behind = op.value % 5;
    detail->attempt_count = 2;
    for (int i = 0; i < 2; i++) {
        struct ls_attempt_row *attempt = &detail->attempts[i];
        *attempt = (struct ls_attempt_row){.attempt = i + 1,
                                           .state = LS_ATTEMPT_DEAD,
                                           .last_valid_height = 290114720 + i * 150,
                                           .created_ms =
                                               fixture_now_ms - (38 - i) * FIXTURE_MINUTE_MS};
        memcpy(attempt->signature, detail->row.signature, sizeof attempt->signature);
        if (i == 1 && state != LS_STATE_FAILED) attempt->state = LS_ATTEMPT_LIVE;
        if (attempt->state == LS_ATTEMPT_LIVE) continue;
        (void)snprintf(attempt->cause, sizeof attempt->cause, "BlockhashNotFound");
        (void)snprintf(attempt->evidence, sizeof attempt->evidence,
                       "{\"height\":290117402,\"control\":\"found\"}");
    }
    detail->event_count = 1;
    detail->events[0] = (struct ls_audit_row){.seq = 88210,
                                              .at_ms = fixture_now_ms - 30 * FIXTURE_MINUTE_MS,
                                              .actor = "op1",
                                              .action = "retry",
                                              .before = "failed",
                                              .after = "ready",
                                              .reason = "INC-551"};
}

static inline void fixture_fill_alerts(struct ls_alert_page *page)
{
    *page = (struct ls_alert_page){.count = 3};
    page->rows[0] = (struct ls_alert_row){.id = 121,
                                          .version = 2,
                                          .rule = "held",
                                          .severity = LS_SEVERITY_CRITICAL,
                                          .message = "3 operations are held as ambiguous",
                                          .fired_ms = fixture_now_ms - 39 * FIXTURE_MINUTE_MS,
                                          .times = 1};
    page->rows[1] = (struct ls_alert_row){.id = 118,
                                          .version = 5,
                                          .rule = "endpoint",
                                          .subject = "rpc-b.example",
                                          .severity = LS_SEVERITY_WARNING,
                                          .state = LS_ALERT_ACKED,
                                          .message = "endpoint rpc-b.example is down",
                                          .fired_ms = fixture_now_ms - 41 * FIXTURE_MINUTE_MS,
                                          .acked_until_ms = fixture_now_ms + 3480000,
                                          .owner = "op1",
                                          .note = "on it, INC-551",
                                          .times = 3};
    page->rows[2] = (struct ls_alert_row){.id = 115,
                                          .version = 9,
                                          .rule = "balance",
                                          .severity = LS_SEVERITY_WARNING,
                                          .state = LS_ALERT_RESOLVED,
                                          .message = "payer balance is 0.8 SOL, under 1 SOL",
                                          .fired_ms = fixture_now_ms - 120 * FIXTURE_MINUTE_MS,
                                          .times = 1};
}

static inline void fixture_fill_audit(struct ls_audit_page *page)
{
    static const char *const actions[] = {"alert.ack", "retry", "hold", "gate.on"};
    static const char *const targets[] = {"alert 118", "op 481207", "op 481240",
                                          "gate kind:token.burn"};
    *page = (struct ls_audit_page){.count = 12, .has_more = true};
    for (size_t i = 0; i < page->count; i++) {
        struct ls_audit_row *row = &page->rows[i];
        row->seq = 88214 - (int64_t)i;
        row->at_ms = fixture_now_ms - (int64_t)(i + 1) * 3 * FIXTURE_MINUTE_MS;
        (void)snprintf(row->actor, sizeof row->actor, "%s", i % 3 == 2 ? "lockstep_w" : "op1");
        (void)snprintf(row->client, sizeof row->client, "10.4.0.17");
        (void)snprintf(row->action, sizeof row->action, "%s", actions[i % 4]);
        (void)snprintf(row->target, sizeof row->target, "%s", targets[i % 4]);
        row->worker = i % 3 == 2 ? 3 : 0;
        if (row->worker == 0) {
            (void)snprintf(row->os_user, sizeof row->os_user, "anna");
            (void)snprintf(row->before, sizeof row->before, "failed");
        }
        (void)snprintf(row->after, sizeof row->after, "ready");
        (void)snprintf(row->reason, sizeof row->reason, "on it, INC-551");
        memset(row->hash, 'a' + (int)i, 64);
        memset(row->prev_hash, 'a' + (int)i + 1, 64);
    }
}

/* What database and ledger say before an action: each transfers 250.00 of one mint. */
static inline void fixture_fill_check(struct fixture *world,
                                      const struct ls_ui_request *request)
{
    struct ls_preflight *facts = &world->preflight;
    *facts = (struct ls_preflight){.now_ms = fixture_now_ms - 3000,
                                   .has_look = !world->check_has_no_worker,
                                   .count = request->op_count,
                                   .asset_count = 1,
                                   .fee_lamports = 5400 * request->op_count};
    if (world->check_has_no_worker)
        (void)snprintf(facts->no_look_why, sizeof facts->no_look_why, "no worker lives");
    (void)snprintf(facts->signer, sizeof facts->signer,
                   "9fBzU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7NQw2e");
    for (size_t i = 0; i < request->op_count; i++) {
        struct ls_preflight_op *op = &facts->ops[i];
        *op = (struct ls_preflight_op){.op = request->ops[i],
                                       .version = request->ops[i].value % 7 + 1,
                                       .state =
                                           request->for_retry ? LS_STATE_FAILED : LS_STATE_DONE,
                                       .has_landed = !request->for_retry,
                                       .look = LS_LOOK_NEVER_ASKED,
                                       .is_open = world->check_stays_open};
        if (world->check_stays_open) facts->open++;
        if (facts->has_look && !op->is_open) op->look = LS_LOOK_NOT_FOUND;
        if (op->op.value == world->check_landed.value) op->look = LS_LOOK_LANDED;
    }
    facts->assets[0] = (struct ls_preflight_asset){.decimals = 2,
                                                   .total = 25000 * (uint64_t)request->op_count,
                                                   .count = (int64_t)request->op_count,
                                                   .receivers = (int64_t)request->op_count};
    (void)snprintf(facts->assets[0].name, sizeof facts->assets[0].name,
                   "7xQkU4tHn2RrXcVb6mPq8sKdJw1yLgEo3aTiZx7N9Pda");
}

/* What became of operations a while after they were acted on: first they wait, then all are
 * sent, then of each five the third failed again and the fourth is in doubt. */
static inline void fixture_fill_chosen(struct fixture *world,
                                       const struct ls_ui_request *request)
{
    world->chosen_asks++;
    world->chosen = (struct ls_op_page){.count = request->op_count};
    for (size_t i = 0; i < request->op_count; i++) {
        struct ls_op_row *row = &world->chosen.rows[i];
        const int64_t nth = (request->ops[i].value - 481200) / 7 % 5;
        enum ls_state state = LS_STATE_DONE;
        if (nth == 2) state = LS_STATE_FAILED;
        if (nth == 3) state = LS_STATE_HELD;
        if (world->chosen_asks < 3) state = LS_STATE_SUBMITTED;
        if (world->chosen_asks < 2) state = nth == 1 ? LS_STATE_BLOCKED : LS_STATE_READY;
        *row = fixture_op(request->ops[i].value, state,
                          state == LS_STATE_HELD      ? LS_SUB_AMBIGUOUS
                          : state == LS_STATE_BLOCKED ? LS_SUB_ENTITY
                                                      : LS_SUB_NONE);
        row->version += 1 + world->chosen_asks;
    }
}

static inline int64_t fixture_monotonic_ms(const struct fixture *world)
{
    return 1000000 + world->elapsed_ms + world->still_ms;
}

/* Send one message. Requests are kept in world->requests until the next one. */
static inline void fixture_tell(struct fixture *world, struct ls_ui_message message)
{
    message.now_ms = fixture_monotonic_ms(world);
    message.wall_ms = fixture_now_ms + world->elapsed_ms;
    world->requests.count = 0;
    ls_ui_update(world->ui, &message, &world->requests);
}

static inline void fixture_answer(struct fixture *world, const struct ls_ui_request *request)
{
    struct ls_ui_message message = {.ticket = request->ticket};
    switch (request->kind) {
    case LS_UI_WANT_OPS:
        fixture_fill_ops(world, &request->filter);
        message.kind = LS_UI_OPS;
        message.ops = &world->ops;
        break;
    case LS_UI_WANT_DETAIL:
        fixture_fill_detail(&world->detail, request->op);
        fixture_note_look(world, &world->detail.row);
        memcpy(world->detail.look_signature, world->detail.row.signature,
               sizeof world->detail.look_signature);
        world->detail.look_slot = 312904118;
        message.kind = LS_UI_DETAIL;
        message.detail = &world->detail;
        break;
    case LS_UI_WANT_ALERTS:
        fixture_fill_alerts(&world->alerts);
        if (world->alert_rule != NULL) {
            struct ls_alert_row *first = &world->alerts.rows[0];
            (void)snprintf(first->rule, sizeof first->rule, "%s", world->alert_rule);
            (void)snprintf(first->subject, sizeof first->subject, "%s", world->alert_subject);
        }
        message.kind = LS_UI_ALERTS;
        message.alerts = &world->alerts;
        break;
    case LS_UI_WANT_AUDIT:
        fixture_fill_audit(&world->audit);
        message.kind = LS_UI_AUDIT;
        message.audit = &world->audit;
        break;
    case LS_UI_WANT_BATCHES:
        fixture_fill_batches(&world->batches, fixture_now_ms);
        if (world->batch_is_atomic) world->batches.rows[2].policy = LS_BATCH_ATOMIC;
        if (world->batch_failed > 0) world->batches.rows[2].failed = world->batch_failed;
        message.kind = LS_UI_BATCHES;
        message.batches = &world->batches;
        break;
    case LS_UI_WANT_BATCH:
        fixture_fill_batch(&world->batch, request->batch, fixture_now_ms);
        message.kind = LS_UI_BATCH;
        message.batch = &world->batch;
        break;
    case LS_UI_WANT_BULKS:
        fixture_fill_bulks(&world->bulks, fixture_now_ms);
        message.kind = LS_UI_BULKS;
        message.bulks = &world->bulks;
        break;
    case LS_UI_WANT_TARGETS:
        fixture_fill_targets(&world->targets, request->bulk, fixture_now_ms);
        message.kind = LS_UI_TARGETS;
        message.targets = &world->targets;
        break;
    case LS_UI_WANT_WEIGH:
        world->weight = (struct ls_bulk_weight){.targets = 1201,
                                                .left_unknown = 3,
                                                .lamports = "12500000000",
                                                .token_ops = 12,
                                                .tokens = "780000",
                                                .decimals = 2,
                                                .mint = "gold"};
        world->last_order = request->order;
        message.kind = LS_UI_WEIGHED;
        message.weight = &world->weight;
        break;
    case LS_UI_WANT_WEIGH_EDIT:
        (void)snprintf(world->last_payload, sizeof world->last_payload, "%s", request->payload);
        message.kind = LS_UI_EDIT_WEIGHED;
        message.why = world->edit_trouble;
        break;
    case LS_UI_WANT_BULK:
        world->last_order = request->order;
        world->bulk_starts++;
        world->bulk_ticket = request->ticket;
        return;
    case LS_UI_WANT_ACT:
        world->last_action = request->action;
        world->last_op_count = request->op_count;
        world->last_first = (struct ls_frozen_op){request->ops[0], request->versions[0]};
        (void)snprintf(world->last_payload, sizeof world->last_payload, "%s",
                       request->payload == NULL ? "" : request->payload);
        if (world->acts < 256) world->act_tickets[world->acts] = request->ticket;
        world->acts++;
        return;
    case LS_UI_WANT_CHECK:
        world->checks++;
        fixture_fill_check(world, request);
        message.kind = LS_UI_CHECK;
        message.preflight = &world->preflight;
        break;
    case LS_UI_WANT_CHOSEN:
        fixture_fill_chosen(world, request);
        message.kind = LS_UI_CHOSEN;
        message.ops = &world->chosen;
        break;
    case LS_UI_WANT_COPY:
        (void)snprintf(world->last_copy, sizeof world->last_copy, "%s", request->text);
        return;
    case LS_UI_WANT_BELL: world->bells++; return;
    case LS_UI_WANT_QUIT: world->quits++; return;
    case LS_UI_WANT_FLUSH: world->flushes++; return;
    case LS_UI_WANT_RUN:
        world->runs++;
        world->run_ticket = request->ticket;
        (void)snprintf(world->last_run, sizeof world->last_run, "%s%s%s", request->text,
                       request->is_trial ? " [trial]" : "", request->acts ? " [acts]" : "");
        world->last_run_request = *request;
        return;
    case LS_UI_WANT_STOP_RUN: world->stops++; return;
    case LS_UI_WANT_EXPORT:
        world->exports++;
        world->last_export = *request;
        if (!request->is_further) world->export_ticket = request->ticket;
        return;
    case LS_UI_WANT_STOP_EXPORT: world->stops++; return;
    case LS_UI_WANT_PLAIN: return;
    case LS_UI_WANT_STOP:
    case LS_UI_WANT_PAST:
        fixture_fill_dashboard(&world->past);
        world->past.is_past = true;
        world->past.now_ms = request->at_ms;
        world->past.minute_done[LS_FACTS_MINUTES - 1] = 0; /* its minute just begins */
        world->past.minute_failed[LS_FACTS_MINUTES - 1] = 0;
        world->past.minute_enqueued[LS_FACTS_MINUTES - 1] = 0;
        message.kind = LS_UI_PAST;
        message.dashboard = &world->past;
        if (request->at_ms < fixture_now_ms - 86400000) {
            message.dashboard = NULL;
            message.why = "nothing was recorded then";
        }
        break;
    case LS_UI_WANT_REFRESH:
    case LS_UI_WANT_REDRAW:
    case LS_UI_WANT_SUSPEND:
    case LS_UI_WANT_THEME: return;
    case LS_UI_WANT_THEMES:
        message.kind = LS_UI_THEMES;
        message.names = "mine dark ";
        break;
    }
    fixture_tell(world, message);
}

/* Send a message and answer what it asks for, until nothing is asked. */
static inline void fixture_send(struct fixture *world, struct ls_ui_message message)
{
    fixture_tell(world, message);
    for (int round = 0; round < 8 && world->requests.count > 0; round++) {
        struct ls_ui_requests *asked = malloc(sizeof *asked);
        if (asked == NULL) abort();
        asked->count = world->requests.count;
        memcpy(asked->items, world->requests.items, asked->count * sizeof asked->items[0]);
        world->requests.count = 0;
        for (size_t i = 0; i < asked->count; i++) fixture_answer(world, &asked->items[i]);
        free(asked);
    }
}

static inline void fixture_key(struct fixture *world, const char *name)
{
    struct ls_ui_message message = {.kind = LS_UI_KEY};
    if (!ls_key_parse(name, &message.key)) abort();
    fixture_send(world, message);
    world->still_ms = FIXTURE_REST_MS; /* what waits for the hand to rest is due */
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
    world->still_ms = 0; /* and ages are shown as of now */
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_TICK});
}

/* Keys by name, apart by blanks. */
static inline void fixture_keys(struct fixture *world, const char *script)
{
    while (*script != '\0') {
        char name[LS_KEY_NAME_BYTES];
        size_t length = strcspn(script, " ");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, script);
        fixture_key(world, name);
        script += length;
        while (*script == ' ') script++;
    }
}

static inline void fixture_type(struct fixture *world, const char *text)
{
    for (; *text != '\0'; text++) {
        struct ls_ui_message message = {.kind = LS_UI_KEY};
        message.key = (struct ls_key){.code = LS_KEY_CHAR, .scalar = (unsigned char)*text};
        fixture_send(world, message);
    }
}

static inline void fixture_resize(struct fixture *world, int32_t columns, int32_t rows)
{
    ls_err err = ls_grid_resize(world->grid, columns, rows);
    if (ls_failed(err)) abort();
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_RESIZE, .columns = columns, .rows = rows});
}

static inline void fixture_dashboard(struct fixture *world)
{
    fixture_fill_dashboard(&world->dashboard);
    world->dashboard.now_ms += world->elapsed_ms;
    fixture_send(
        world, (struct ls_ui_message){.kind = LS_UI_DASHBOARD, .dashboard = &world->dashboard});
}

/* Another operator is here and has operation 481214 for 57 minutes more. */
static inline void fixture_fill_desk(struct ls_people *desk)
{
    *desk = (struct ls_people){.presence_count = 1, .claim_count = 1, .undo_seq = 88214};
    desk->presences[0] = (struct ls_presence){.login = "lockstep_op",
                                              .os_user = "op2",
                                              .host = "bastion",
                                              .screen = "Failed",
                                              .since_ms = fixture_now_ms - 1200000,
                                              .seen_ms = fixture_now_ms};
    desk->claims[0] = (struct ls_claim){.target = "op 481214",
                                        .login = "op2",
                                        .reason = "asking the bank",
                                        .since_ms = fixture_now_ms - 180000,
                                        .until_ms = fixture_now_ms + 3420000};
    (void)snprintf(desk->undo_action, sizeof desk->undo_action, "alert.ack");
    (void)snprintf(desk->undo_target, sizeof desk->undo_target, "alert 118");
}

static inline void fixture_desk(struct fixture *world)
{
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_DESK, .desk = &world->desk});
}

/* A console that has read everything once; rows and columns of its screen. */
static inline struct fixture *fixture_new(int32_t columns, int32_t rows, bool is_ascii)
{
    struct fixture *world = calloc(1, sizeof *world);
    if (world == NULL) abort();
    static const struct ls_ui_cli cli[] = {
        {.words = "log", .synopsis = "ID", .help = "the log of one operation", .options = ""},
        {.words = "status",
         .synopsis = "",
         .help = "one screen of numbers and the verdict",
         .options = "--json --plain --help"},
        {.words = "ops",
         .synopsis = "[FILTER]",
         .help = "list operations",
         .options = "--json --jsonl --limit --sort --help"},
        {.words = "batch list", .synopsis = "", .help = "batches", .options = "--json"},
        {.words = "batch retry",
         .synopsis = "ID",
         .help = "try everything of it again",
         .options = "--reason",
         .kind = LS_UI_CLI_ACTS,
         .has_reason = true},
        {.words = "retry",
         .synopsis = "FILTER|ID...",
         .help = "send failed operations again",
         .options = "--reason --dry-run --yes --expect --json",
         .kind = LS_UI_CLI_ACTS,
         .has_reason = true,
         .has_dry_run = true},
        {.words = "worker kinds",
         .synopsis = "ID|all LIST|all",
         .help = "say what a worker may begin",
         .options = "--reason",
         .kind = LS_UI_CLI_ACTS,
         .has_reason = true},
        {.words = "demo", .synopsis = "", .kind = LS_UI_CLI_REFUSED, .why = "use a shell"},
    };
    struct ls_ui_options options = {.environment = "prod-eu",
                                    .cli = cli,
                                    .cli_count = sizeof cli / sizeof cli[0],
                                    .cluster = "devnet",
                                    .is_ascii = is_ascii,
                                    .operator_name = "op1",
                                    .has_worker = true,
                                    .lag_objective_ms = 60000,
                                    .refresh_ms = 1000,
                                    .zone_offset_s = 3600,
                                    .zone_name = "CET"};
    world->ui = ls_ui_new(&options);
    world->grid = ls_grid_new(columns, rows, is_ascii);
    if (world->ui == NULL || world->grid == NULL) abort();
    fixture_resize(world, columns, rows);
    fixture_dashboard(world);
    fixture_fill_desk(&world->desk);
    fixture_desk(world);
    const struct ls_ui_worker worker = {.is_running = true,
                                        .worker_id = 3,
                                        .is_leader = true,
                                        .in_flight = 31,
                                        .state = "working"};
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_WORKER, .worker = &worker});
    fixture_send(world, (struct ls_ui_message){.kind = LS_UI_RIGHTS, .may_operate = true});
    return world;
}

static inline void fixture_free(struct fixture *world)
{
    ls_ui_free(world->ui);
    ls_grid_free(world->grid);
    free(world);
}

/* The screen as text; the caller frees it. */
static inline char *fixture_screen(struct fixture *world)
{
    struct ls_buf text;
    ls_buf_init(&text, 1 << 20);
    ls_ui_draw(world->ui, world->grid);
    ls_grid_dump(world->grid, &text);
    if (text.data == NULL) abort();
    return text.data;
}

/* Whether `text` stands on the screen; silent. */
static inline bool fixture_has(struct fixture *world, const char *text)
{
    char *screen = fixture_screen(world);
    bool is_there = strstr(screen, text) != NULL;
    free(screen);
    return is_there;
}

/* Whether `wanted` stands on the screen; shows it where not. */
static inline bool fixture_shows(struct fixture *world, const char *wanted)
{
    char *screen = fixture_screen(world);
    bool is_there = strstr(screen, wanted) != NULL;
    if (!is_there) (void)fprintf(stderr, "not on screen: %s\n%s", wanted, screen);
    free(screen);
    return is_there;
}

#endif
