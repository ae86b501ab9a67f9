#include "lockstep/store/session.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "read.h"
#include "session_core.h"

/* The SQL function of each verb, and which arguments come before the common ones. */
static const struct act_sql {
    enum ls_verb verb;
    const char *sql;
} act_sqls[] = {
    {LS_VERB_RETRY, "SELECT * FROM lockstep.retry($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_COMPENSATE, "SELECT * FROM lockstep.compensate($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_HOLD, "SELECT * FROM lockstep.hold($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_RELEASE, "SELECT * FROM lockstep.release($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_CANCEL, "SELECT * FROM lockstep.cancel($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_RESOLVE_LANDED,
     "SELECT * FROM lockstep.resolve_landed($1, $7, $2, $3, $4, $5, $6)"},
    {LS_VERB_RESOLVE_NEVER, "SELECT * FROM lockstep.resolve_never($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_ALERT_ACK, "SELECT * FROM lockstep.alert_ack($1, $2, $7, $3, $4, $5, $6)"},
    {LS_VERB_ALERT_RESOLVE, "SELECT * FROM lockstep.alert_resolve($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_GATE_ON, "SELECT * FROM lockstep.gate_on($1, $2, $3, $4, $5)"},
    {LS_VERB_GATE_OFF, "SELECT * FROM lockstep.gate_off($1, $2, $3, $4, $5)"},
    {LS_VERB_WORKER_PAUSE, "SELECT * FROM lockstep.worker_pause($1, $2, $3, $4, $5)"},
    {LS_VERB_WORKER_RESUME, "SELECT * FROM lockstep.worker_resume($1, $2, $3, $4, $5)"},
    {LS_VERB_HOOK_ADD, "SELECT * FROM lockstep.hook_add($1, $6, $2, $3, $4, $5)"},
    {LS_VERB_HOOK_REMOVE, "SELECT * FROM lockstep.hook_remove($1, $2, $3, $4, $5)"},
    {LS_VERB_BATCH_RETRY, "SELECT * FROM lockstep.batch_retry($1, $2, $3, $4, $5, $6::bigint[],"
                          " $7::bigint[])"},
    {LS_VERB_BATCH_COMPENSATE, "SELECT * FROM lockstep.batch_compensate($1, $2, $3, $4, $5)"},
    {LS_VERB_BULK_PAUSE, "SELECT * FROM lockstep.bulk_pause($1, $2, $3, $4, $5)"},
    {LS_VERB_BULK_RESUME, "SELECT * FROM lockstep.bulk_resume($1, $2, $3, $4, $5)"},
    {LS_VERB_BULK_ABORT, "SELECT * FROM lockstep.bulk_abort($1, $2, $3, $4, $5)"},
    {LS_VERB_WORKER_DRAIN, "SELECT * FROM lockstep.worker_drain($1, $2, $3, $4, $5)"},
    {LS_VERB_WORKER_KINDS, "SELECT * FROM lockstep.worker_kinds($1, $6, $2, $3, $4, $5)"},
    {LS_VERB_VERIFY, "SELECT * FROM lockstep.look_ask(ARRAY[$1::bigint], $2, $3, $4, $5)"},
    {LS_VERB_NOTE, "SELECT * FROM lockstep.note_add($1, $2, $3, $4, $5)"},
    {LS_VERB_UNDO, "SELECT * FROM lockstep.undo_last($1, $2, $3, $4, $5)"},
    {LS_VERB_SILENCE, "SELECT * FROM lockstep.alert_silence($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_UNSILENCE, "SELECT * FROM lockstep.alert_unsilence($1, $2, $3, $4, $5)"},
    {LS_VERB_CLAIM, "SELECT * FROM lockstep.claim_take($1, $2, $3, $4, $5, $6)"},
    {LS_VERB_CLAIM_RELEASE, "SELECT * FROM lockstep.claim_release($1, $2, $3, $4, $5)"},
    {LS_VERB_CONSUMER_DROP, "SELECT * FROM lockstep.consumer_drop($1, $2, $3, $4, $5)"},
    {LS_VERB_NONCE_CREATE, "SELECT * FROM lockstep.nonce_create($1::integer, $2, $3, $4, $5)"},
    {LS_VERB_NONCE_ADVANCE, "SELECT * FROM lockstep.nonce_advance($1, $2, $3, $4, $5)"},
    {LS_VERB_NONCE_CLOSE,
     "SELECT * FROM lockstep.nonce_close($1, $6::numeric, $2, $3, $4, $5)"},
};

static const char *sql_of(enum ls_verb verb)
{
    for (size_t i = 0; i < sizeof act_sqls / sizeof act_sqls[0]; i++) {
        if (act_sqls[i].verb == verb) return act_sqls[i].sql;
    }
    return NULL;
}

static void bind_target(const struct ls_action *action, struct params *params)
{
    switch (action->verb) {
    case LS_VERB_ALERT_ACK:
    case LS_VERB_ALERT_RESOLVE: params_int(params, action->alert_id); return;
    case LS_VERB_GATE_ON:
    case LS_VERB_GATE_OFF:
    case LS_VERB_HOOK_ADD:
    case LS_VERB_HOOK_REMOVE:
    case LS_VERB_CONSUMER_DROP:
    case LS_VERB_NOTE:
    case LS_VERB_SILENCE:
    case LS_VERB_UNSILENCE:
    case LS_VERB_CLAIM:
    case LS_VERB_CLAIM_RELEASE:
    case LS_VERB_NONCE_ADVANCE:
    case LS_VERB_NONCE_CLOSE: params_text(params, action->selector); return;
    case LS_VERB_UNDO: params_int(params, action->expected_version); return;
    case LS_VERB_NONCE_CREATE: params_int(params, (int64_t)action->amount); return;
    case LS_VERB_BATCH_RETRY:
    case LS_VERB_BATCH_COMPENSATE: params_int(params, action->batch_id); return;
    case LS_VERB_BULK_PAUSE:
    case LS_VERB_BULK_RESUME:
    case LS_VERB_BULK_ABORT: params_int(params, action->bulk_id); return;
    case LS_VERB_WORKER_PAUSE:
    case LS_VERB_WORKER_RESUME:
    case LS_VERB_WORKER_KINDS:
    case LS_VERB_WORKER_DRAIN: params_int(params, action->worker_id); return;
    case LS_VERB_RETRY:
    case LS_VERB_COMPENSATE:
    case LS_VERB_HOLD:
    case LS_VERB_RELEASE:
    case LS_VERB_CANCEL:
    case LS_VERB_RESOLVE_LANDED:
    case LS_VERB_RESOLVE_NEVER:
    case LS_VERB_EDIT:
    case LS_VERB_VERIFY: params_int(params, action->op.value); return;
    }
}

/* Gates, workers, functions and consumers have no version to compare. */
static bool has_version(enum ls_verb verb)
{
    return verb < LS_VERB_GATE_ON;
}

/* Their names; all that there are is the one word all, which means later ones, too. */
static void bind_kinds(uint32_t kinds, struct params *params)
{
    size_t count = 0;
    for (int kind = 1; kind <= LS_KIND_MAX; kind++)
        count += (kinds >> (unsigned)kind & 1u) != 0 ? 1 : 0;
    params_array(params, PARAM_TEXT, count == 0 ? 1 : count);
    if (count == 0) params_element_text(params, "all");
    for (int kind = 1; kind <= LS_KIND_MAX; kind++)
        if ((kinds >> (unsigned)kind & 1u) != 0)
            params_element_text(params, ls_kind_name((enum ls_kind)kind));
}

/* NULL twice: all that failed. */
static void bind_frozen(const struct ls_action *action, struct params *params)
{
    if (action->ops == NULL) {
        params_text(params, NULL);
        params_text(params, NULL);
        return;
    }
    params_array(params, PARAM_INT8, action->op_count);
    for (size_t i = 0; i < action->op_count; i++)
        params_element_int(params, PARAM_INT8, action->ops[i].op.value);
    params_array(params, PARAM_INT8, action->op_count);
    for (size_t i = 0; i < action->op_count; i++)
        params_element_int(params, PARAM_INT8, action->ops[i].version);
}

static void bind(const struct ls_action *action, struct params *params)
{
    bind_target(action, params);
    params_text(params, action->reason);
    params_bytes(params, action->request_id, sizeof action->request_id);
    if (has_version(action->verb)) params_int(params, action->expected_version);
    params_text(params, action->os_user[0] != '\0' ? action->os_user : NULL);
    params_text(params, action->tty[0] != '\0' ? action->tty : NULL);
    if (action->verb == LS_VERB_RESOLVE_LANDED) params_text(params, action->signature);
    bool lasts = action->verb == LS_VERB_ALERT_ACK || action->verb == LS_VERB_SILENCE ||
                 action->verb == LS_VERB_CLAIM;
    if (lasts) params_int(params, action->duration_ms);
    if (action->verb == LS_VERB_WORKER_KINDS) bind_kinds(action->kinds, params);
    if (action->verb == LS_VERB_BATCH_RETRY) bind_frozen(action, params);
    if (action->verb == LS_VERB_HOOK_ADD) params_text(params, action->function);
    if (action->verb == LS_VERB_NONCE_CLOSE) {
        char lamports[24];
        (void)snprintf(lamports, sizeof lamports, "%" PRIu64, action->amount); /* fits */
        params_text(params, lamports);
    }
}

static ls_err
act(ls_session *session, const struct ls_action *action, struct ls_action_result *result_out)
{
    struct params params;
    PGresult *result = NULL;
    const char *sql = sql_of(action->verb);

    if (sql == NULL) {
        return ls_refuse(&result_out->why, LS_CODE_INVALID, "action",
                         "there is no such action");
    }
    LS_TRY(ls_session_connect(session, &result_out->why));
    params_init(&params);
    bind(action, &params);
    LS_TRY(session_run(session, sql, &params, true, &result, &result_out->why));
    result_out->audit_seq = read_int(result, 0, 0);
    result_out->new_op = read_int(result, 0, 1);
    fault_line(&result_out->why, PQgetvalue(result, 0, 2));
    result_out->was_repeat = read_bool(result, 0, 3);
    PQclear(result);
    return LS_OK;
}

void ls_session_act(ls_session *session,
                    const struct ls_action *action,
                    struct ls_action_result *result_out)
{
    struct ls_action_result result = {0};
    result.err = act(session, action, &result);
    *result_out = result;
}

ls_err ls_session_enqueue(ls_session *session,
                          const struct ls_enqueue *request,
                          ls_op_id *op_out,
                          struct ls_why *why)
{
    struct params params;
    PGresult *result = NULL;

    LS_TRY(ls_session_connect(session, why));
    params_init(&params);
    params_text(&params, request->kind);
    params_text(&params, request->payload);
    params_text(&params, request->key);
    params_text(&params, request->entity);
    params_int(&params, request->lane);
    params_int(&params, request->delay_ms);
    params_text(&params, request->fence);
    params_int(&params, request->batch);
    LS_TRY(session_run(session,
                       "SELECT lockstep.enqueue($1, $2::jsonb, $3, $4, $5::smallint,"
                       " now() + $6 * interval '1 ms', $7, nullif($8, 0))",
                       &params, true, &result, why));
    op_out->value = read_int(result, 0, 0);
    PQclear(result);
    return LS_OK;
}
