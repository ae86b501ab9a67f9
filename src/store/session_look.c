#include "lockstep/store/look.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "lockstep/base/base58.h"
#include "read.h"
#include "session_core.h"

static void bind_ops(struct params *params, const ls_op_id *ops, size_t count)
{
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, ops[i].value);
}

static ls_err ask(ls_session *session,
                  const struct ls_action *action,
                  const ls_op_id *ops,
                  size_t count,
                  struct ls_action_result *out)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, &out->why));
    params_init(&params);
    bind_ops(&params, ops, count);
    params_text(&params, action->reason);
    params_bytes(&params, action->request_id, sizeof action->request_id);
    params_text(&params, action->os_user[0] != '\0' ? action->os_user : NULL);
    params_text(&params, action->tty[0] != '\0' ? action->tty : NULL);
    LS_TRY(session_run(session, "SELECT * FROM lockstep.look_ask($1, $2, $3, $4, $5)", &params,
                       true, &result, &out->why));
    out->audit_seq = read_int(result, 0, 0);
    fault_line(&out->why, PQgetvalue(result, 0, 2));
    out->was_repeat = read_bool(result, 0, 3);
    PQclear(result);
    return LS_OK;
}

void ls_session_look_ask(ls_session *session,
                         const struct ls_action *action,
                         const ls_op_id *ops,
                         size_t count,
                         struct ls_action_result *result_out)
{
    struct ls_action_result result = {0};
    result.err = ask(session, action, ops, count, &result);
    *result_out = result;
}

/* False when the row cannot be read as what it is: nothing is said of it then. */
static bool read_look(const PGresult *result, int row, struct ls_look_row *out)
{
    *out = (struct ls_look_row){.op = {read_int(result, row, 1)},
                                .has_attempt = PQgetisnull(result, row, 2) == 0};
    if (!read_hex(result, row, 0, out->request_id, sizeof out->request_id)) return false;
    if (!out->has_attempt) return true;
    out->attempt = (struct ls_look_attempt){.last_valid_height = read_int(result, row, 4),
                                            .is_proved = read_bool(result, row, 5),
                                            .can_expire = read_bool(result, row, 6),
                                            .is_cancel = read_bool(result, row, 7)};
    return ls_signature_parse(PQgetvalue(result, row, 3), &out->signature);
}

ls_err ls_session_look_take(ls_session *session,
                            int32_t max,
                            void (*take)(void *self, const struct ls_look_row *row),
                            void *self,
                            struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;
    struct ls_look_row row;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_int(&params, max);
    LS_TRY(session_run(session, "SELECT * FROM lockstep.look_take($1::integer)", &params, true,
                       &result, why));
    for (int i = 0; i < PQntuples(result); i++) {
        if (!read_look(result, i, &row)) {
            PQclear(result);
            return LS_FAIL(LS_CODE_CORRUPT, 0, "a look's row");
        }
        take(self, &row);
    }
    PQclear(result);
    return LS_OK;
}

static bool was_told(PGconn *connection)
{
    bool is_told = false;
    PGnotify *note = PQnotifies(connection);
    while (note != NULL) { /* ends: each is taken out of libpq's list */
        is_told = true;
        PQfreemem(note);
        note = PQnotifies(connection);
    }
    return is_told;
}

ls_err ls_session_look_wait(ls_session *session, int wake_fd, int32_t ms)
{
    struct params none;
    PGresult *result = NULL;

    if (session->connection == NULL) return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "look wait");
    if (!session->is_listening) {
        params_init(&none);
        LS_TRY(session_run(session, "LISTEN lockstep_look", &none, false, &result, NULL));
        PQclear(result);
        session->is_listening = true;
        return LS_OK;
    }
    if (was_told(session->connection)) return LS_OK; /* it came with another answer */
    struct pollfd two[] = {{.fd = PQsocket(session->connection), .events = POLLIN},
                           {.fd = wake_fd, .events = POLLIN}};
    (void)poll(two, 2, ms); /* cut short by a signal is as good */
    if (PQconsumeInput(session->connection) == 0)
        return LS_FAIL(LS_CODE_UNAVAILABLE, 0, "look wait");
    (void)was_told(session->connection); /* whatever woke it: it looks */
    return LS_OK;
}

/* The columns of what was found, as arrays. */
static void bind_found(struct params *params, const struct ls_look_found *found, size_t count)
{
    params_array(params, PARAM_BYTEA, count);
    for (size_t i = 0; i < count; i++)
        params_element_bytes(params, found[i].request_id, sizeof found[i].request_id);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT8, found[i].op.value);
    params_array(params, PARAM_INT2, count);
    for (size_t i = 0; i < count; i++)
        params_element_int(params, PARAM_INT2, (int64_t)found[i].look);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++)
        params_element_text(params, found[i].signature[0] != '\0' ? found[i].signature : NULL);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, found[i].slot);
    params_array(params, PARAM_INT8, count);
    for (size_t i = 0; i < count; i++) params_element_int(params, PARAM_INT8, found[i].height);
    params_array(params, PARAM_TEXT, count);
    for (size_t i = 0; i < count; i++) params_element_text(params, found[i].detail);
}

ls_err ls_session_look_answer(ls_session *session,
                              const struct ls_look_found *found,
                              size_t count,
                              struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    if (count == 0) return LS_OK;
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    bind_found(&params, found, count);
    LS_TRY(session_run(session, "SELECT lockstep.look_answer($1, $2, $3, $4, $5, $6, $7)",
                       &params, true, &result, why));
    PQclear(result);
    return LS_OK;
}

static void read_op(const PGresult *result, int row, struct ls_preflight_op *out)
{
    *out = (struct ls_preflight_op){
        .op = {read_int(result, row, 0)},
        .version = read_int(result, row, 1),
        .state = (enum ls_state)read_int(result, row, 2),
        .sub = (enum ls_sub)read_int(result, row, 3),
        .has_landed = read_bool(result, row, 4),
        .is_unknown = read_bool(result, row, 5),
        .look = PQgetisnull(result, row, 6) != 0 ? LS_LOOK_NEVER_ASKED
                                                 : (enum ls_look)read_int(result, row, 6),
        .looked_ms = read_int(result, row, 7),
        .is_open = read_bool(result, row, 8),
        .look_slot = read_int(result, row, 15),
        .is_silent = read_bool(result, row, 16),
    };
}

/* The receivers of one asset are few: earlier rows are looked through again. */
static bool is_new_receiver(const PGresult *result, int row)
{
    for (int i = 0; i < row; i++) {
        if (strcmp(PQgetvalue(result, i, 10), PQgetvalue(result, row, 10)) == 0 &&
            strcmp(PQgetvalue(result, i, 13), PQgetvalue(result, row, 13)) == 0)
            return false;
    }
    return true;
}

static void add_value(struct ls_preflight *out, const PGresult *result, int row)
{
    if (PQgetisnull(result, row, 10) != 0 || PQgetisnull(result, row, 12) != 0) return;
    struct ls_preflight_asset wanted = {0};
    size_t at = 0;
    read_text(result, row, 10, wanted.name, sizeof wanted.name);
    while (at < out->asset_count && strcmp(out->assets[at].name, wanted.name) != 0) at++;
    if (at == LS_PREFLIGHT_ASSETS_MAX) {
        out->has_more_assets = true;
        return;
    }
    struct ls_preflight_asset *asset = &out->assets[at];
    if (at == out->asset_count) {
        *asset = wanted;
        asset->decimals =
            PQgetisnull(result, row, 11) != 0 ? -1 : (int32_t)read_int(result, row, 11);
        out->asset_count++;
    }
    const uint64_t amount = strtoull(PQgetvalue(result, row, 12), NULL, 10);
    asset->is_beyond = asset->is_beyond || asset->total > UINT64_MAX - amount;
    asset->total += amount;
    asset->count++;
    if (is_new_receiver(result, row)) asset->receivers++;
}

static void add_signer(struct ls_preflight *out, const PGresult *result, int row)
{
    char signer[LS_ADDRESS_TEXT_BYTES];
    read_text(result, row, 9, signer, sizeof signer);
    if (signer[0] == '\0') return;
    if (out->signer[0] == '\0') memcpy(out->signer, signer, sizeof signer);
    if (strcmp(out->signer, signer) != 0) out->has_signers = true;
}

static void give_tx(const struct ls_preflight_query *query, const PGresult *result, int row)
{
    uint8_t bytes[LS_TX_BYTES_MAX];
    if (query->tx == NULL || PQgetisnull(result, row, 14) != 0) return;
    const size_t count = ((size_t)PQgetlength(result, row, 14) - 2) / 2; /* "\x" and digits */
    if (count == 0 || count > sizeof bytes) return;
    if (read_hex(result, row, 14, bytes, count)) query->tx(query->self, bytes, count);
}

static void read_preflight(const struct ls_preflight_query *query,
                           const PGresult *result,
                           struct ls_preflight *out)
{
    for (int row = 0; row < PQntuples(result) && row < LS_PREFLIGHT_OPS_MAX; row++) {
        struct ls_preflight_op *op = &out->ops[out->count++];
        const char *why = NULL;
        read_op(result, row, op);
        if (op->is_open) out->open++;
        if (query->for_retry && !ls_preflight_may_retry(op, &why)) continue;
        add_value(out, result, row);
        add_signer(out, result, row);
        give_tx(query, result, row);
    }
    if (PQntuples(result) > 0) out->now_ms = read_int(result, 0, 17);
}

ls_err ls_session_preflight(ls_session *session,
                            const struct ls_preflight_query *query,
                            struct ls_preflight *out,
                            struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    if (query->count == 0 || query->count > LS_PREFLIGHT_OPS_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "preflight's operations");
    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    bind_ops(&params, query->ops, query->count);
    params_bytes(&params, query->request_id, LS_REQUEST_ID_BYTES);
    LS_TRY(session_run(session,
                       "SELECT p.*, lockstep.ms(clock_timestamp())"
                       " FROM lockstep.preflight($1, $2) p",
                       &params, false, &result, why));
    *out = (struct ls_preflight){0};
    read_preflight(query, result, out);
    PQclear(result);
    return LS_OK;
}
