#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "listing_out.h"
#include "lockstep/base/base58.h"
#include "lockstep/core/kinds.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"

/* What all listings of dashboard rows share. */
struct rows {
    enum listing listing;
    struct listing_out out;
    struct ls_out_table table;
};

static void rows_open(struct rows *rows,
                      const struct command_call *call,
                      const char *const *titles,
                      size_t columns,
                      uint32_t flexible)
{
    rows->listing = database_listing(call);
    listing_out_init(&rows->out, call);
    if (rows->listing == LISTING_TABLE)
        ls_out_table_init(&rows->table, titles, columns, flexible);
    rows->table.is_wide = arguments_has(call->arguments, OPTION_WIDE);
}

static void rows_end_line(struct rows *rows)
{
    if (rows->listing != LISTING_TABLE) listing_out_row(&rows->out);
}

static enum ls_exit rows_close(struct rows *rows)
{
    if (rows->listing != LISTING_TABLE) return listing_out_done(&rows->out);
    listing_out_drop(&rows->out);
    return ls_out_table_done(&rows->table);
}

/* The facts, to be freed; NULL when it has been complained and `status_out` says why. */
static struct ls_dashboard *read_dashboard(const struct command_call *call,
                                           enum ls_exit *status_out)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    struct ls_dashboard *facts = calloc(1, sizeof *facts);
    if (facts == NULL) {
        *status_out = ls_complain_memory(call->command->group);
        return NULL;
    }
    *status_out = database_open(call, &session);
    if (*status_out == LS_EXIT_DONE) {
        const ls_err err = ls_session_dashboard(session, facts, &why);
        if (ls_failed(err)) *status_out = ls_complain_err(call->command->group, err, &why);
        ls_session_free(session);
    }
    if (*status_out == LS_EXIT_DONE) return facts;
    free(facts);
    return NULL;
}

enum ls_exit command_gate_list(const struct command_call *call)
{
    static const char *const titles[] = {"GATE", "SINCE", "BY", "REASON"};
    struct rows rows;
    enum ls_exit status = LS_EXIT_DONE;
    struct ls_dashboard *facts = read_dashboard(call, &status);
    if (facts == NULL) return status;

    rows_open(&rows, call, titles, 4, 1U << 0 | 1U << 3);
    for (size_t i = 0; i < facts->gate_count; i++) {
        const struct ls_gate_row *gate = &facts->gates[i];
        char age[LS_OUT_AGE_BYTES];
        ls_out_age(facts->now_ms - gate->since_ms, age);
        if (rows.listing != LISTING_TABLE) {
            ls_json_gate(&rows.out.json, gate);
            rows_end_line(&rows);
            continue;
        }
        ls_out_table_cell(&rows.table, gate->selector);
        ls_out_table_cell(&rows.table, age);
        ls_out_table_cell(&rows.table, gate->actor);
        ls_out_table_cell(&rows.table, gate->reason);
    }
    free(facts);
    return rows_close(&rows);
}

static void
worker_cells(struct ls_out_table *table, const struct ls_worker_row *worker, int64_t now_ms)
{
    char heard[LS_OUT_AGE_BYTES];
    ls_out_age(now_ms - worker->heartbeat_ms, heard);
    ls_out_table_number(table, worker->id);
    ls_out_table_cell(table, worker->host);
    ls_out_table_number(table, worker->pid);
    ls_out_table_cell(table, ls_worker_word(worker));
    ls_out_table_cell(table, worker->is_leader ? "yes" : "no");
    ls_out_table_cell(table, heard);
    ls_out_table_number(table, worker->in_flight);
    char kinds[LS_KINDS_TEXT_BYTES];
    ls_kinds_words(worker->works_on, kinds);
    ls_out_table_cell(table, kinds);
    char words[LS_WORKER_WORDS_BYTES];
    ls_worker_words(worker, words);
    ls_out_table_cell(table, words);
    ls_out_table_cell(table, worker->payer);
}

enum ls_exit command_worker_list(const struct command_call *call)
{
    static const char *const titles[] = {"ID",    "HOST",      "PID",   "STATE", "LEADER",
                                         "HEARD", "IN FLIGHT", "KINDS", "SAYS",  "PAYER"};
    struct rows rows;
    enum ls_exit status = LS_EXIT_DONE;
    struct ls_dashboard *facts = read_dashboard(call, &status);
    if (facts == NULL) return status;

    rows_open(&rows, call, titles, 10, 1U << 1 | 1U << 7 | 1U << 8 | 1U << 9);
    for (size_t i = 0; i < facts->worker_count; i++) {
        if (rows.listing == LISTING_TABLE) {
            worker_cells(&rows.table, &facts->workers[i], facts->now_ms);
            continue;
        }
        ls_json_worker(&rows.out.json, &facts->workers[i]);
        rows_end_line(&rows);
    }
    free(facts);
    return rows_close(&rows);
}

static int64_t best_slot(const struct ls_dashboard *facts)
{
    int64_t best = 0;
    for (size_t i = 0; i < facts->endpoint_count; i++) {
        if (facts->endpoints[i].slot > best) best = facts->endpoints[i].slot;
    }
    return best;
}

static void endpoint_cells(struct ls_out_table *table,
                           const struct ls_endpoint_row *row,
                           const struct ls_dashboard *facts)
{
    char seen[LS_OUT_AGE_BYTES];
    ls_out_age(facts->now_ms - row->seen_ms, seen);
    ls_out_table_cell(table, row->name);
    ls_out_table_cell(table, row->is_up ? "up" : "down");
    ls_out_table_number(table, row->slot);
    ls_out_table_number(table, row->slot == 0 ? 0 : best_slot(facts) - row->slot);
    ls_out_table_number(table, row->latency_ms);
    ls_out_table_number(table, row->error_permille);
    ls_out_table_cell(table, seen);
    ls_out_table_cell(table, row->trouble);
}

enum ls_exit command_endpoint_list(const struct command_call *call)
{
    static const char *const titles[] = {"ENDPOINT", "STATE",       "SLOT", "LAG",
                                         "MS",       "ERRORS/1000", "SEEN", "TROUBLE"};
    struct rows rows;
    enum ls_exit status = LS_EXIT_DONE;
    struct ls_dashboard *facts = read_dashboard(call, &status);
    if (facts == NULL) return status;

    rows_open(&rows, call, titles, 8, 1U << 0 | 1U << 7);
    for (size_t i = 0; i < facts->endpoint_count; i++) {
        if (rows.listing == LISTING_TABLE) {
            endpoint_cells(&rows.table, &facts->endpoints[i], facts);
            continue;
        }
        ls_json_endpoint(&rows.out.json, &facts->endpoints[i]);
        rows_end_line(&rows);
    }
    free(facts);
    return rows_close(&rows);
}

enum ls_exit command_worker_change(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const char *word = call->command->name;
    ls_err err = database_action(call,
                                 strcmp(word, "pause") == 0    ? LS_VERB_WORKER_PAUSE
                                 : strcmp(word, "resume") == 0 ? LS_VERB_WORKER_RESUME
                                                               : LS_VERB_WORKER_DRAIN,
                                 &action, &why);
    const bool is_all = strcmp(call->arguments->positional[0], "all") == 0;
    if (!ls_failed(err) && !is_all) {
        err = database_id(call->arguments->positional[0], "worker", &action.worker_id, &why);
    }
    if (ls_failed(err)) return ls_complain_err("worker", err, &why);
    return database_act_alone(call, &action);
}

/* The words behind the worker's number are one list, with or without commas. */
static ls_err read_kinds(const struct arguments *arguments, uint32_t *out, struct ls_why *why)
{
    char list[1024];
    size_t length = 0;
    for (size_t i = 1; i < arguments->count; i++) {
        const int more = snprintf(list + length, sizeof list - length, "%s%s",
                                  i == 1 ? "" : " ", arguments->positional[i]);
        length += (size_t)(more > 0 ? more : 0);
        if (length >= sizeof list)
            return ls_refuse(why, LS_CODE_INVALID, "usage", "the list of kinds is too long");
    }
    return ls_kinds_parse(list, out, why);
}

enum ls_exit command_worker_kinds(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const char *id = call->arguments->positional[0];
    uint32_t kinds = 0;
    ls_err err = read_kinds(call->arguments, &kinds, &why);
    if (!ls_failed(err)) err = database_action(call, LS_VERB_WORKER_KINDS, &action, &why);
    if (!ls_failed(err) && strcmp(id, "all") != 0)
        err = database_id(id, "worker", &action.worker_id, &why);
    if (ls_failed(err)) return ls_complain_err("worker", err, &why);
    action.kinds = kinds;
    return database_act_alone(call, &action);
}

/* "kind:K", "lane:N", "entity:E", "batch:ID", "payer:ADDRESS" or "all". */
static ls_err check_selector(const char *text, struct ls_why *why)
{
    struct ls_address address;
    enum ls_kind kind = LS_KIND_NONE;
    if (strlen(text) >= sizeof((struct ls_action *)0)->selector) {
        return ls_refuse(why, LS_CODE_INVALID, "usage", "the selector is too long");
    }
    if (strcmp(text, "all") == 0 || strcmp(text, "fence:nonce") == 0) return LS_OK;
    if (strncmp(text, "entity:", 7) == 0 && text[7] != '\0') return LS_OK;
    if (strncmp(text, "batch:", 6) == 0) {
        int64_t batch = 0;
        return database_id(text + 6, "batch", &batch, why);
    }
    if (strncmp(text, "lane:", 5) == 0) {
        if (text[5] >= '0' && text[5] < '0' + LS_LANE_COUNT && text[6] == '\0') return LS_OK;
        return ls_refuse(why, LS_CODE_INVALID, "usage", "%.200s is no lane; use 0 to %d",
                         text + 5, LS_LANE_COUNT - 1);
    }
    if (strncmp(text, "kind:", 5) == 0) return ls_kinds_one(text + 5, "usage", &kind, why);
    if (strncmp(text, "payer:", 6) == 0) {
        if (ls_address_parse(text + 6, &address)) return LS_OK;
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "%.200s is no address (32 bytes in base58)", text + 6);
    }
    return ls_refuse(why, LS_CODE_INVALID, "usage",
                     "%.200s is no selector; use kind:K, lane:N, entity:E, batch:ID, "
                     "payer:ADDRESS, fence:nonce or all",
                     text);
}

enum ls_exit command_gate_change(const struct command_call *call)
{
    struct ls_action action;
    struct ls_why why = {0};
    const char *selector = call->arguments->positional[0];
    const bool is_on = strcmp(call->command->name, "on") == 0;
    ls_err err = check_selector(selector, &why);
    if (!ls_failed(err)) {
        err = database_action(call, is_on ? LS_VERB_GATE_ON : LS_VERB_GATE_OFF, &action, &why);
    }
    if (ls_failed(err)) return ls_complain_err("gate", err, &why);
    memcpy(action.selector, selector, strlen(selector) + 1);
    return database_act_alone(call, &action);
}
