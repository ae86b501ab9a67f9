/* What a person does, as ls_session_act performs it. */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/base/base58.h"
#include "lockstep/core/kinds.h"
#include "memory_journal.h"

static bool is_blank(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

static struct memory_attempt *attempt_signed(struct memory_op *op, const char *text)
{
    struct ls_signature signature;
    if (!ls_signature_parse(text, &signature)) return NULL;
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next)
        if (ls_signature_equal(&it->stored.signature, &signature)) return it;
    return NULL;
}

/* At once when nobody owns it; else the owner is asked. */
static ls_err stop_op(struct ls_memory_store *store,
                      struct memory_op *op,
                      enum ls_request request,
                      struct ls_why *why)
{
    bool is_hold = request == LS_REQUEST_HOLD;
    if (op->row.state == LS_STATE_LEASED || op->row.state == LS_STATE_SUBMITTED) {
        op->row.request = request;
        memory_touch(store, op);
        return LS_OK;
    }
    if (!is_hold && memory_is_pinned(op)) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "an attempt of op %" PRId64
                         " may still land: cancel it when it is submitted again",
                         op->row.op.value);
    }
    bool moved = memory_move(store, op, is_hold ? LS_STATE_HELD : LS_STATE_CANCELLED,
                             is_hold ? LS_SUB_OPERATOR : LS_SUB_NONE, LS_MOVER_OPERATOR);
    return moved ? LS_OK : LS_FAIL(LS_CODE_REFUSED, 0, "act");
}

static bool retry(struct ls_memory_store *store, struct memory_op *op)
{
    op->attempts_round = 0;
    op->row.run_at_ms = memory_now(store);
    return memory_let_go(store, op);
}

/* Above the kind's value limit two persons must say the same of an operation that stayed as it
 * was. False: it is recorded, or refused, and the operation stays held. */
static bool is_agreed(const struct ls_memory_store *store,
                      struct memory_op *op,
                      const char *verdict,
                      const struct ls_action *action,
                      ls_err *err_out,
                      struct ls_why *why)
{
    *err_out = LS_OK;
    if (!memory_is_strict(store, op)) return true;
    const bool is_same = strcmp(op->said, verdict) == 0 && op->said_version == op->row.version;
    if (is_same && strcmp(op->said_by, action->os_user) != 0) {
        op->said[0] = '\0';
        return true;
    }
    if (is_same) {
        *err_out = ls_refuse(why, LS_CODE_REFUSED, "act",
                             "op %" PRId64 " is above its kind's value limit: you said so "
                             "already, and a second person must confirm it",
                             op->row.op.value);
        return false;
    }
    memory_cut(op->said, sizeof op->said, verdict);
    memory_cut(op->said_by, sizeof op->said_by, action->os_user);
    op->said_version = op->row.version;
    return false;
}

static ls_err resolve_landed(struct ls_memory_store *store,
                             struct memory_op *op,
                             const struct ls_action *action,
                             struct ls_why *why)
{
    ls_err err = LS_OK;
    const char *signature = action->signature;
    struct memory_attempt *attempt = attempt_signed(op, signature);
    if (attempt == NULL) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "'%s' is the signature of no attempt of op %" PRId64, signature,
                         op->row.op.value);
    }
    if (attempt->stored.state == LS_ATTEMPT_ERRORED) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "attempt %" PRId32 " of op %" PRId64
                         " is final with an error: it had no effect",
                         attempt->stored.attempt, op->row.op.value);
    }
    if (attempt->stored.is_cancel) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "attempt %" PRId32 " of op %" PRId64
                         " only moved its nonce on: it is not the operation's effect",
                         attempt->stored.attempt, op->row.op.value);
    }
    if (!is_agreed(store, op, signature, action, &err, why)) return err;
    attempt->stored.state = LS_ATTEMPT_LIVE;
    bool moved = memory_move(store, op, LS_STATE_SUBMITTED, LS_SUB_SENT, LS_MOVER_OPERATOR);
    return moved ? LS_OK : LS_FAIL(LS_CODE_REFUSED, 0, "act");
}

static ls_err resolve_never(struct ls_memory_store *store,
                            struct memory_op *op,
                            const struct ls_action *action,
                            struct ls_why *why)
{
    ls_err err = LS_OK;
    if (!is_agreed(store, op, "never", action, &err, why)) return err;
    for (struct memory_attempt *it = op->attempts; it != NULL; it = it->next)
        if (it->stored.state == LS_ATTEMPT_LIVE) it->stored.state = LS_ATTEMPT_DEAD;
    bool moved = memory_move(store, op, LS_STATE_FAILED, LS_SUB_NONE, LS_MOVER_OPERATOR);
    return moved ? LS_OK : LS_FAIL(LS_CODE_REFUSED, 0, "act");
}

static ls_err act_on_op(struct ls_memory_store *store,
                        const struct ls_action *action,
                        struct memory_op *op,
                        struct ls_action_result *result)
{
    bool moved = false;
    switch (action->verb) {
    case LS_VERB_RETRY:
        LS_TRY(memory_supply(store, op, &result->why));
        moved = retry(store, op);
        break;
    case LS_VERB_COMPENSATE: return memory_compensate(store, op, result);
    case LS_VERB_HOLD:
        /* Released, it goes on without being asked again. */
        if (op->row.state == LS_STATE_FAILED) LS_TRY(memory_supply(store, op, &result->why));
        return stop_op(store, op, LS_REQUEST_HOLD, &result->why);
    case LS_VERB_CANCEL: return stop_op(store, op, LS_REQUEST_CANCEL, &result->why);
    case LS_VERB_RELEASE: moved = memory_let_go(store, op); break;
    case LS_VERB_RESOLVE_LANDED: return resolve_landed(store, op, action, &result->why);
    case LS_VERB_RESOLVE_NEVER: return resolve_never(store, op, action, &result->why);
    case LS_VERB_ALERT_ACK:
    case LS_VERB_ALERT_RESOLVE:
    case LS_VERB_GATE_ON:
    case LS_VERB_GATE_OFF:
    case LS_VERB_WORKER_PAUSE:
    case LS_VERB_WORKER_RESUME:
    case LS_VERB_WORKER_DRAIN:
    case LS_VERB_WORKER_KINDS:
    case LS_VERB_HOOK_ADD:
    case LS_VERB_HOOK_REMOVE:
    case LS_VERB_CONSUMER_DROP:
    case LS_VERB_NONCE_CREATE:
    case LS_VERB_NONCE_ADVANCE:
    case LS_VERB_NONCE_CLOSE:
    case LS_VERB_BATCH_RETRY:
    case LS_VERB_BATCH_COMPENSATE:
    case LS_VERB_VERIFY:
    case LS_VERB_NOTE:
    case LS_VERB_UNDO:
    case LS_VERB_SILENCE:
    case LS_VERB_UNSILENCE:
    case LS_VERB_CLAIM:
    case LS_VERB_CLAIM_RELEASE:
    case LS_VERB_EDIT:
    case LS_VERB_BULK_PAUSE:
    case LS_VERB_BULK_RESUME:
    case LS_VERB_BULK_ABORT: break;
    }
    return moved ? LS_OK : LS_FAIL(LS_CODE_REFUSED, 0, "act");
}

static ls_err on_op(struct ls_memory_store *store,
                    const struct ls_action *action,
                    struct ls_action_result *result)
{
    struct memory_op *op = memory_find(store, action->op);
    if (op == NULL) {
        return ls_refuse(&result->why, LS_CODE_NOT_FOUND, "act", "there is no op %" PRId64,
                         action->op.value);
    }
    if (action->expected_version != 0 && action->expected_version != op->row.version) {
        return ls_refuse(&result->why, LS_CODE_REFUSED, "act",
                         "op %" PRId64 " changed since you looked: it is %s now; look again",
                         op->row.op.value, ls_state_name(op->row.state));
    }
    if (!ls_verb_allowed(action->verb, op->row.op, op->row.kind, op->row.state, op->row.sub,
                         &result->why))
        return LS_FAIL(LS_CODE_REFUSED, 0, "act");
    return act_on_op(store, action, op, result);
}

static ls_err
on_alert(struct ls_memory_store *store, const struct ls_action *action, struct ls_why *why)
{
    if (action->alert_id < 1 || (uint64_t)action->alert_id > store->alert_count) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, "act", "there is no alert %" PRId64,
                         action->alert_id);
    }
    struct ls_alert_row *alert = &store->alerts[action->alert_id - 1];
    if (action->expected_version != 0 && action->expected_version != alert->version) {
        return ls_refuse(why, LS_CODE_REFUSED, "act",
                         "alert %" PRId64 " changed since you looked: it is %s now", alert->id,
                         ls_alert_state_name(alert->state));
    }
    bool is_ack = action->verb == LS_VERB_ALERT_ACK;
    int64_t duration_ms = action->duration_ms == 0 ? 3600000 : action->duration_ms;
    alert->state = is_ack ? LS_ALERT_ACKED : LS_ALERT_RESOLVED;
    alert->changed_ms = memory_now(store);
    alert->acked_until_ms = is_ack ? alert->changed_ms + duration_ms : 0;
    alert->version++;
    memory_cut(alert->owner, sizeof alert->owner, action->os_user);
    memory_cut(alert->note, sizeof alert->note, action->reason);
    return LS_OK;
}

/* Whether it was otherwise before. */
static bool becomes(struct memory_worker *worker, const struct ls_action *action)
{
    if (action->verb == LS_VERB_WORKER_KINDS) {
        const uint32_t were = worker->row.works_on;
        worker->row.works_on = ls_kinds_whole(action->kinds);
        return worker->row.works_on != were;
    }
    bool *flag =
        action->verb == LS_VERB_WORKER_DRAIN ? &worker->shall_drain : &worker->row.is_paused;
    const bool was = *flag;
    *flag = action->verb != LS_VERB_WORKER_RESUME;
    return *flag != was;
}

static ls_err
on_worker(struct ls_memory_store *store, const struct ls_action *action, struct ls_why *why)
{
    bool found = false;
    bool changed = false;
    for (size_t i = 0; i < store->worker_count; i++) {
        struct memory_worker *worker = &store->workers[i];
        bool is_meant = action->worker_id == 0 || action->worker_id == worker->row.id;
        if (!is_meant || worker->is_lost || worker->is_gone) continue;
        found = true;
        if (becomes(worker, action)) changed = true;
    }
    if (!found) {
        return ls_refuse(why, LS_CODE_NOT_FOUND, "act", "there is no living worker %" PRId64,
                         action->worker_id);
    }
    if (!changed) return ls_refuse(why, LS_CODE_REFUSED, "act", "it is so already");
    return LS_OK;
}

static ls_err perform(struct ls_memory_store *store,
                      const struct ls_action *action,
                      struct ls_action_result *result)
{
    switch (action->verb) {
    case LS_VERB_ALERT_ACK:
    case LS_VERB_ALERT_RESOLVE: return on_alert(store, action, &result->why);
    case LS_VERB_GATE_ON:
    case LS_VERB_GATE_OFF:
        return memory_set_gate(store, action->selector, action->verb == LS_VERB_GATE_ON, false,
                               &result->why);
    case LS_VERB_BATCH_RETRY:
    case LS_VERB_BATCH_COMPENSATE: return memory_batch_act(store, action, &result->why);
    case LS_VERB_WORKER_PAUSE:
    case LS_VERB_WORKER_RESUME:
    case LS_VERB_WORKER_DRAIN:
    case LS_VERB_WORKER_KINDS: return on_worker(store, action, &result->why);
    case LS_VERB_RETRY:
    case LS_VERB_COMPENSATE:
    case LS_VERB_HOLD:
    case LS_VERB_RELEASE:
    case LS_VERB_CANCEL:
    case LS_VERB_RESOLVE_LANDED:
    case LS_VERB_RESOLVE_NEVER: return on_op(store, action, result);
    case LS_VERB_BULK_PAUSE:
    case LS_VERB_BULK_RESUME:
    case LS_VERB_BULK_ABORT:
        return ls_refuse(&result->why, LS_CODE_NOT_FOUND, "act", "this store has no bulk jobs");
    case LS_VERB_HOOK_ADD:
    case LS_VERB_HOOK_REMOVE:
    case LS_VERB_CONSUMER_DROP:
        return ls_refuse(&result->why, LS_CODE_REFUSED, "act",
                         "this store has no applications: no functions and no consumers");
    case LS_VERB_VERIFY:
    case LS_VERB_NOTE:
    case LS_VERB_UNDO:
    case LS_VERB_SILENCE:
    case LS_VERB_UNSILENCE:
    case LS_VERB_CLAIM:
    case LS_VERB_CLAIM_RELEASE:
    case LS_VERB_EDIT:
        return ls_refuse(&result->why, LS_CODE_REFUSED, "act",
                         "this store has nobody who looks, notes, claims or edits");
    case LS_VERB_NONCE_CREATE:
    case LS_VERB_NONCE_ADVANCE:
    case LS_VERB_NONCE_CLOSE:
        return ls_refuse(&result->why, LS_CODE_REFUSED, "act",
                         "the pool of this store is filled by ls_memory_store_add_nonce()");
    }
    return ls_refuse(&result->why, LS_CODE_REFUSED, "act", "there is no such action");
}

static const struct memory_action *performed_before(const struct ls_memory_store *store,
                                                    const struct ls_action *action)
{
    for (size_t i = 0; i < store->action_count; i++) {
        const struct memory_action *known = &store->actions[i];
        if (memcmp(known->request_id, action->request_id, sizeof known->request_id) == 0)
            return known;
    }
    return NULL;
}

void ls_memory_store_act(ls_memory_store *store,
                         const struct ls_action *action,
                         struct ls_action_result *result_out)
{
    memory_journal_act(store, action);
    const struct memory_action *known = performed_before(store, action);
    if (known != NULL) {
        *result_out = known->result;
        result_out->was_repeat = true;
        return;
    }
    *result_out = (struct ls_action_result){0};
    if (is_blank(action->reason)) {
        result_out->err = ls_refuse(&result_out->why, LS_CODE_REFUSED, "act",
                                    "%s needs a reason", ls_verb_name(action->verb));
        return;
    }
    void *actions = store->actions;
    bool has_room = memory_grow(&actions, &store->action_capacity, store->action_count,
                                sizeof *store->actions, LS_MEMORY_ACTIONS_MAX);
    store->actions = actions;
    if (!has_room) {
        result_out->err = LS_FAIL(LS_CODE_NO_MEMORY, 0, "act");
        return;
    }
    result_out->err = perform(store, action, result_out);
    memory_settle_batches(store);
    if (ls_failed(result_out->err)) return;
    result_out->audit_seq = ++store->last_audit_seq;
    (void)snprintf(result_out->why.text, sizeof result_out->why.text, "%s performed",
                   ls_verb_name(action->verb));
    struct memory_action *entry = &store->actions[store->action_count++];
    memcpy(entry->request_id, action->request_id, sizeof entry->request_id);
    entry->result = *result_out;
}
