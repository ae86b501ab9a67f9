#include "lockstep/core/action.h"

#include <inttypes.h>

static const char *const verb_names[LS_VERB_MAX + 1] = {
    "none",        "retry",          "compensate",       "hold",          "release",
    "cancel",      "resolve.landed", "resolve.never",    "alert.ack",     "alert.resolve",
    "gate.on",     "gate.off",       "worker.pause",     "worker.resume", "hook.add",
    "hook.remove", "consumer.drop",  "worker.drain",     "nonce.create",  "nonce.advance",
    "nonce.close", "batch.retry",    "batch.compensate", "verify",        "note",
    "undo",        "alert.silence",  "alert.unsilence",  "claim",         "claim.release",
    "edit",        "bulk.pause",     "bulk.resume",      "bulk.abort",    "worker.kinds",
};

const char *ls_verb_name(enum ls_verb verb)
{
    if ((unsigned)verb > LS_VERB_MAX) return "unknown";
    return verb_names[verb];
}

static bool no(ls_op_id op, struct ls_why *why, const char *need, enum ls_state state)
{
    ls_err ignored = ls_refuse(why, LS_CODE_REFUSED, "action", "%s; op %" PRId64 " is %s", need,
                               op.value, ls_state_name(state));
    (void)ignored; /* only its text is wanted */
    return false;
}

static bool may_retry(ls_op_id op, enum ls_state state, enum ls_sub sub, struct ls_why *why)
{
    if (state == LS_STATE_FAILED) return true;
    if (state != LS_STATE_HELD || sub != LS_SUB_AMBIGUOUS)
        return no(op, why, "retry needs a failed operation", state);
    return no(op, why,
              "whether it landed is UNKNOWN: verify on chain first (v), then resolve (V)",
              state);
}

static bool
may_compensate(ls_op_id op, enum ls_state state, enum ls_sub sub, struct ls_why *why)
{
    if (state != LS_STATE_DONE)
        return no(op, why, "compensate undoes what landed and needs a done operation", state);
    if (sub == LS_SUB_COMPENSATING)
        return no(op, why, "its compensation is already under way", state);
    return true;
}

static bool may_edit(ls_op_id op, enum ls_state state, enum ls_sub sub, struct ls_why *why)
{
    if (state == LS_STATE_HELD && sub == LS_SUB_AMBIGUOUS)
        return no(op, why, "whether it landed is UNKNOWN: verify on chain first (v)", state);
    if (state == LS_STATE_FAILED || state == LS_STATE_HELD) return true;
    return no(op, why, "edit needs a failed or held operation", state);
}

bool ls_verb_allowed(enum ls_verb verb,
                     ls_op_id op,
                     enum ls_kind kind,
                     enum ls_state state,
                     enum ls_sub sub,
                     struct ls_why *why)
{
    (void)kind; /* every kind of this version has a compensation; SQL checks its payload */
    switch (verb) {
    case LS_VERB_RETRY: return may_retry(op, state, sub, why);
    case LS_VERB_COMPENSATE: return may_compensate(op, state, sub, why);
    case LS_VERB_HOLD:
        if (state == LS_STATE_HELD) return no(op, why, "it is held already", state);
        if (!ls_state_is_terminal(state)) return true;
        return no(op, why, "hold needs an unfinished operation", state);
    case LS_VERB_RELEASE:
        if (state != LS_STATE_HELD) return no(op, why, "release needs a held operation", state);
        if (sub != LS_SUB_AMBIGUOUS) return true;
        return no(op, why, "whether it landed is unknown: use resolve, not release", state);
    case LS_VERB_CANCEL:
        if (state == LS_STATE_HELD && sub == LS_SUB_AMBIGUOUS)
            return no(op, why, "whether it landed is unknown: resolve it first", state);
        if (!ls_state_is_terminal(state)) return true;
        return no(op, why, "cancel needs an unfinished operation", state);
    case LS_VERB_EDIT: return may_edit(op, state, sub, why);
    case LS_VERB_RESOLVE_LANDED:
    case LS_VERB_RESOLVE_NEVER:
        if (state == LS_STATE_HELD && sub == LS_SUB_AMBIGUOUS) return true;
        return no(op, why, "resolve needs an operation that is held as ambiguous", state);
    case LS_VERB_ALERT_ACK:
    case LS_VERB_ALERT_RESOLVE:
    case LS_VERB_GATE_ON:
    case LS_VERB_GATE_OFF:
    case LS_VERB_WORKER_PAUSE:
    case LS_VERB_WORKER_RESUME:
    case LS_VERB_HOOK_ADD:
    case LS_VERB_HOOK_REMOVE:
    case LS_VERB_CONSUMER_DROP:
    case LS_VERB_WORKER_DRAIN:
    case LS_VERB_WORKER_KINDS:
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
    case LS_VERB_BULK_PAUSE:
    case LS_VERB_BULK_RESUME:
    case LS_VERB_BULK_ABORT: return true;
    }
    return no(op, why, "there is no such action", state);
}
