/* endpoint test: what each configured node is worth, asked of it now. */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "lockstep/base/base58.h"
#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/solana/rpc.h"
#include "lockstep/store/session.h"

#include "blocks_probe.h"
#include "database.h"
#include "lockstep/report/out.h"

enum {
    CALL_MS = 5000,
    REPLY_BYTES_MAX = LS_LEDGER_REPLY_BYTES_MAX,
    HISTORY_SLOTS = 400, /* older than what a node keeps without a history */
    HISTORY_TRIES = 8,
};

struct tested {
    char name[128];
    bool answers, is_healthy;
    struct ls_hash genesis;
    char version[LS_RPC_VERSION_BYTES];
    struct ls_rpc_epoch confirmed, finalized;
    int64_t latency_ms;
    int64_t lag;
    const char *history; /* "yes", "no", "unknown" */
    struct blocks_probe blocks;
    char trouble[160]; /* "" when it is usable */
};

struct test {
    ls_http_ledger *ledger;
    struct ls_clock clock;
    struct ls_buf body, answer;
    bool has_pin; /* the database is bound to a ledger, and could be asked which */
    struct ls_hash pin;
    size_t count;
    struct tested rows[LS_ENDPOINTS_MAX];
};

/* One batch to one endpoint: the parsed reply, to be freed. */
static ls_err ask(struct test *test, size_t at, size_t calls, ls_rpc_reply **reply_out)
{
    LS_TRY(ls_buf_check(&test->body, "endpoint test"));
    ls_buf_reset(&test->answer);
    LS_TRY(ls_http_ledger_post(test->ledger, (int32_t)at, ls_buf_text(&test->body),
                               test->body.length, CALL_MS, &test->answer));
    return ls_rpc_read(ls_buf_text(&test->answer), test->answer.length, calls, reply_out);
}

static void open_batch(struct test *test, struct ls_rpc_batch *batch)
{
    ls_buf_reset(&test->body);
    ls_rpc_open(batch, &test->body);
}

static void give_up(struct tested *row, const char *what, ls_err err)
{
    (void)snprintf(row->trouble, sizeof row->trouble, "%s: %s", what, err.what);
}

static void read_vitals(struct tested *row, const ls_rpc_reply *reply)
{
    struct ls_rpc_error error;
    row->is_healthy = !ls_rpc_error_at(reply, 0, &error);
    if (ls_failed(ls_rpc_version_at(reply, 1, row->version)))
        (void)snprintf(row->version, sizeof row->version, "?");
    row->answers = !ls_failed(ls_rpc_genesis_at(reply, 2, &row->genesis)) &&
                   !ls_failed(ls_rpc_epoch_at(reply, 3, &row->confirmed)) &&
                   !ls_failed(ls_rpc_epoch_at(reply, 4, &row->finalized));
    if (!row->answers) {
        (void)snprintf(row->trouble, sizeof row->trouble,
                       "does not answer as a Solana node; check the URL");
    }
}

/* Health, version, genesis and heads, all in one batch: whether batches work shows too. */
static void ask_vitals(struct test *test, size_t at)
{
    struct tested *row = &test->rows[at];
    struct ls_rpc_batch batch;
    ls_rpc_reply *reply = NULL;
    open_batch(test, &batch);
    (void)ls_rpc_get_health(&batch); /* positions 0 to 4 */
    (void)ls_rpc_get_version(&batch);
    (void)ls_rpc_get_genesis_hash(&batch);
    (void)ls_rpc_get_epoch_info(&batch, LS_CONFIRMED);
    (void)ls_rpc_get_epoch_info(&batch, LS_FINALIZED);
    ls_rpc_close(&batch);
    const int64_t start_ms = test->clock.monotonic_ms(test->clock.self);
    const ls_err err = ask(test, at, 5, &reply);
    row->latency_ms = test->clock.monotonic_ms(test->clock.self) - start_ms;
    if (!ls_failed(err)) {
        read_vitals(row, reply);
    } else if (err.code == LS_CODE_CORRUPT) {
        give_up(row, "answers no JSON-RPC batch", err);
    } else {
        give_up(row, "does not answer", err);
    }
    ls_rpc_reply_free(reply);
}

/* A transaction of an old finalized block; false when a few blocks hold none. */
static bool find_old(struct test *test, size_t at, struct ls_signature *signature_out)
{
    int64_t slot = test->rows[at].finalized.slot - HISTORY_SLOTS;
    for (int i = 0; i < HISTORY_TRIES && slot >= 0; i++, slot--) {
        struct ls_rpc_batch batch;
        struct ls_rpc_block block = {0};
        ls_rpc_reply *reply = NULL;
        open_batch(test, &batch);
        (void)ls_rpc_get_block_signatures(&batch, slot); /* position 0 */
        ls_rpc_close(&batch);
        const bool is_read = !ls_failed(ask(test, at, 1, &reply)) &&
                             !ls_failed(ls_rpc_block_at(reply, 0, signature_out, 1, &block));
        ls_rpc_reply_free(reply);
        if (is_read && block.count > 0) return true;
    }
    return false;
}

/* Whether what the status cache has forgotten is still found: certificates rest on it. */
static void ask_history(struct test *test, size_t at)
{
    struct tested *row = &test->rows[at];
    struct ls_signature signature;
    struct ls_rpc_status status = {0};
    struct ls_rpc_batch batch;
    ls_rpc_reply *reply = NULL;
    int64_t slot = 0;
    row->history = "unknown";
    if (!row->answers || !find_old(test, at, &signature)) return;
    open_batch(test, &batch);
    (void)ls_rpc_get_statuses(&batch, &signature, 1, true); /* position 0 */
    ls_rpc_close(&batch);
    if (!ls_failed(ask(test, at, 1, &reply)) &&
        !ls_failed(ls_rpc_statuses_at(reply, 0, &status, 1, &slot)))
        row->history = status.is_found ? "yes" : "no";
    ls_rpc_reply_free(reply);
}

/* Which ledger the database is bound to, where it can be asked: a test of endpoints alone needs
 * no database. */
static void read_pin(struct test *test, const struct ls_config *config)
{
    static const struct ls_hash none;
    const struct ls_session_options options = {
        .url = config->database_url,
        .application = "lockstep endpoint test",
        .connect_timeout_s = 5,
        .statement_timeout_ms = 5000,
    };
    uint8_t tag_key[32] = {0};
    struct ls_why ignored = {0};
    ls_session *session = ls_session_new(&options);
    if (session == NULL) return;
    test->has_pin = !ls_failed(ls_session_tag_key(session, tag_key, &test->pin, &ignored)) &&
                    memcmp(&none, &test->pin, sizeof none) != 0;
    sodium_memzero(tag_key, sizeof tag_key);
    ls_session_free(session);
}

/* Of another ledger than the database's; false where that is not known. */
static bool is_strange(const struct test *test, struct tested *row)
{
    char genesis[LS_HASH_TEXT_BYTES];
    if (!test->has_pin || memcmp(&row->genesis, &test->pin, sizeof row->genesis) == 0)
        return false;
    ls_hash_text(&test->pin, genesis);
    (void)snprintf(row->trouble, sizeof row->trouble,
                   "is of another ledger than this database (%s); check the URL", genesis);
    return true;
}

static void compare(struct test *test, int64_t behind_slots)
{
    const struct tested *first = NULL;
    int64_t best = 0;
    for (size_t i = 0; i < test->count; i++) {
        const struct tested *row = &test->rows[i];
        const bool is_other =
            test->has_pin && memcmp(&row->genesis, &test->pin, sizeof row->genesis) != 0;
        if (first == NULL && row->answers && !is_other) first = row;
        const bool is_ours = row->answers && first != NULL &&
                             memcmp(&row->genesis, &first->genesis, sizeof row->genesis) == 0;
        if (is_ours && row->confirmed.slot > best) best = row->confirmed.slot;
    }
    for (size_t i = 0; i < test->count; i++) {
        struct tested *row = &test->rows[i];
        if (!row->answers) continue;
        if (is_strange(test, row)) continue;
        row->lag = best - row->confirmed.slot;
        if (memcmp(&row->genesis, &first->genesis, sizeof row->genesis) != 0) {
            row->lag = 0;
            (void)snprintf(row->trouble, sizeof row->trouble,
                           "answers for another cluster than %.80s; check the URL",
                           first->name);
        } else if (!row->is_healthy) {
            (void)snprintf(row->trouble, sizeof row->trouble, "says that it is not healthy");
        } else if (row->lag > behind_slots) {
            (void)snprintf(row->trouble, sizeof row->trouble,
                           "is %" PRId64 " slots behind; more than behind_slots", row->lag);
        }
    }
}

static void row_cells(struct ls_out_table *table, const struct tested *row)
{
    char genesis[LS_HASH_TEXT_BYTES];
    ls_hash_text(&row->genesis, genesis);
    ls_out_table_cell(table, row->name);
    ls_out_table_cell(table, row->trouble[0] == '\0' ? "usable" : "UNUSABLE");
    ls_out_table_cell(table, row->answers ? row->version : "-");
    if (row->answers) {
        ls_out_table_number(table, row->confirmed.slot);
        ls_out_table_number(table, row->lag);
    } else {
        ls_out_table_cell(table, "-");
        ls_out_table_cell(table, "-");
    }
    ls_out_table_number(table, row->latency_ms);
    ls_out_table_cell(table, row->answers ? "yes" : "-");
    ls_out_table_cell(table, row->history);
    ls_out_table_cell(table, row->answers ? blocks_probe_name(&row->blocks) : "-");
    ls_out_table_cell(table, row->answers ? genesis : "-");
    ls_out_table_cell(table, row->trouble);
}

static void row_json(struct ls_buf *out, const struct tested *row)
{
    char genesis[LS_HASH_TEXT_BYTES];
    char words[BLOCKS_WORDS_BYTES];
    blocks_probe_words(&row->blocks, words);
    ls_hash_text(&row->genesis, genesis);
    ls_out_json_comma(out);
    ls_buf_add_char(out, '{');
    ls_out_json_field(out, "name", row->name);
    ls_out_json_flag(out, "usable", row->trouble[0] == '\0');
    ls_out_json_field(out, "version", row->answers ? row->version : "");
    ls_out_json_field(out, "genesis", row->answers ? genesis : "");
    ls_out_json_number(out, "slot", row->confirmed.slot);
    ls_out_json_number(out, "finalized_height", row->finalized.height);
    ls_out_json_number(out, "lag_slots", row->lag);
    ls_out_json_number(out, "latency_ms", row->latency_ms);
    ls_out_json_flag(out, "batch", row->answers);
    ls_out_json_field(out, "history", row->history);
    ls_out_json_field(out, "blocks", blocks_probe_name(&row->blocks));
    ls_out_json_field(out, "warning", words);
    ls_out_json_field(out, "trouble", row->trouble);
    ls_buf_add_char(out, '}');
}

/* What a usable endpoint can not do, a line each. */
static enum ls_exit tell_warnings(const struct test *test)
{
    struct ls_buf out;
    ls_buf_init(&out, LS_OUT_BYTES_MAX);
    for (size_t i = 0; i < test->count; i++) {
        char words[BLOCKS_WORDS_BYTES];
        blocks_probe_words(&test->rows[i].blocks, words);
        if (words[0] != '\0') ls_buf_printf(&out, "%s %s\n", test->rows[i].name, words);
    }
    return ls_out_print(&out);
}

static enum ls_exit tell(const struct test *test, bool is_json)
{
    static const char *const titles[] = {"ENDPOINT", "STATE",   "VERSION", "SLOT",
                                         "LAG",      "MS",      "BATCH",   "HISTORY",
                                         "BLOCKS",   "GENESIS", "TROUBLE"};
    enum ls_exit status = LS_EXIT_DONE;
    bool is_bad = false;
    for (size_t i = 0; i < test->count; i++)
        is_bad = is_bad || test->rows[i].trouble[0] != '\0';
    if (is_json) {
        struct ls_buf out;
        ls_buf_init(&out, LS_OUT_BYTES_MAX);
        ls_buf_add_char(&out, '[');
        for (size_t i = 0; i < test->count; i++) row_json(&out, &test->rows[i]);
        ls_buf_add_text(&out, "]\n");
        status = ls_out_print(&out);
    } else {
        struct ls_out_table table;
        ls_out_table_init(&table, titles, 11, 1U << 0 | 1U << 9 | 1U << 10);
        for (size_t i = 0; i < test->count; i++) row_cells(&table, &test->rows[i]);
        status = ls_out_table_done(&table);
        if (status == LS_EXIT_DONE) status = tell_warnings(test);
    }
    return status == LS_EXIT_DONE && is_bad ? LS_EXIT_NO_LEDGER : status;
}

static ls_err open_test(struct test *test, const struct ls_config *config, struct ls_why *why)
{
    struct ls_http_ledger_options options = {.endpoint_count = config->endpoint_count,
                                             .user_agent = "lockstep-endpoint"};
    for (size_t i = 0; i < config->endpoint_count; i++)
        options.endpoints[i] = config->endpoints[i];
    test->clock = ls_system_clock();
    test->count = config->endpoint_count;
    ls_buf_init(&test->body, LS_LEDGER_BODY_BYTES_MAX);
    ls_buf_init(&test->answer, REPLY_BYTES_MAX);
    return ls_http_ledger_new(&options, &test->clock, &test->ledger, why);
}

static void run(struct test *test, int64_t behind_slots)
{
    const struct ls_ledger_port port = ls_http_ledger_port(test->ledger);
    for (size_t i = 0; i < test->count; i++) {
        struct ls_endpoint_health health = {0};
        port.health(port.self, (int32_t)i, &health);
        (void)snprintf(test->rows[i].name, sizeof test->rows[i].name, "%s", health.name);
        ask_vitals(test, i);
        if (test->rows[i].answers)
            test->rows[i].blocks = blocks_probe_ask(test->ledger, (int32_t)i);
        ask_history(test, i);
    }
    compare(test, behind_slots);
}

enum ls_exit command_endpoint_test(const struct command_call *call)
{
    struct ls_why why = {0};
    if (call->config->endpoint_count == 0) {
        const ls_err err = ls_refuse(&why, LS_CODE_NOT_FOUND, "endpoint",
                                     "none is configured; add endpoint = URL to [ledger]");
        return ls_complain_ledger("endpoint", err, &why);
    }
    struct test *test = calloc(1, sizeof *test);
    if (test == NULL) return ls_complain_memory("endpoint");
    enum ls_exit status = LS_EXIT_DONE;
    const ls_err err = open_test(test, call->config, &why);
    if (ls_failed(err)) {
        status = ls_complain_ledger("endpoint", err, &why);
    } else {
        read_pin(test, call->config);
        run(test, call->config->behind_slots);
        status = tell(test, arguments_has(call->arguments, OPTION_JSON));
    }
    ls_buf_done(&test->body);
    ls_buf_done(&test->answer);
    ls_http_ledger_free(test->ledger);
    free(test);
    return status;
}
