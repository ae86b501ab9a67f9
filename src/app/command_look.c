/* lockstep verify --chain FILTER|ID...: a worker looks operations up on the ledger; the twin
 * of the console's v. */
#include "command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/out.h"
#include "lockstep/service/act.h"
#include "lockstep/service/preflight.h"
#include "target.h"

enum { PATIENCE_MS = 60000 }; /* without any answer */

struct looking {
    struct ls_preflight facts;
    struct ls_buf out;
    ls_op_id ops[LS_PREFLIGHT_OPS_MAX];
    size_t count;
    bool is_json;
    size_t differing, unanswered;
};

static ls_err ask(const struct command_call *call,
                  ls_session *session,
                  struct looking *run,
                  struct ls_why *why)
{
    struct ls_action action = {.verb = LS_VERB_VERIFY};
    const struct ls_entropy entropy = ls_system_entropy();
    const char *reason = arguments_value(call->arguments, OPTION_REASON);
    entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
    ls_act_claims(&action);
    if (reason == NULL) reason = "looked";
    if (strlen(reason) > LS_REASON_BYTES_MAX)
        return ls_refuse(why, LS_CODE_INVALID, "usage",
                         "the reason is longer than %d bytes; shorten it", LS_REASON_BYTES_MAX);
    memcpy(action.reason, reason, strlen(reason) + 1);
    ls_preflight_ask(session, &action, run->ops, run->count, &run->facts);
    if (run->facts.has_look) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "verify", "%s", run->facts.no_look_why);
}

static ls_err wait_for(ls_session *session, struct looking *run, struct ls_why *why)
{
    const struct ls_preflight_wait wait = {.patience_ms = PATIENCE_MS};
    return ls_preflight_await(session, run->ops, run->count, &wait, &run->facts, why);
}

/* The newest look of one operation: found, signature, slot, height, detail. */
static void add_found(void *self, const char *const *texts)
{
    struct looking *run = self;
    struct ls_buf *out = &run->out;
    if (!run->is_json) {
        ls_buf_add_text(out, "  ");
        ls_out_gated(out, texts[4]);
        return;
    }
    ls_out_json_field(out, "signature", texts[1]);
    ls_out_json_number(out, "slot", strtoll(texts[2], NULL, 10));
    ls_out_json_number(out, "height", strtoll(texts[3], NULL, 10));
    ls_out_json_field(out, "detail", texts[4]);
}

static bool differs(const struct ls_preflight_op *op)
{
    if (ls_preflight_found(op) == LS_LOOK_NO_ANSWER) return false;
    bool is_there = op->look == LS_LOOK_LANDED;
    bool is_said = op->state == LS_STATE_DONE || op->state == LS_STATE_COMPENSATED;
    return is_there != is_said && (is_there || op->look == LS_LOOK_NOT_FOUND) &&
           op->state != LS_STATE_SUBMITTED && op->state != LS_STATE_LEASED &&
           (is_there || is_said);
}

static ls_err add_op(ls_session *session,
                     struct looking *run,
                     const struct ls_preflight_op *op,
                     struct ls_why *why)
{
    struct ls_buf *out = &run->out;
    const bool is_answered = !op->is_open;
    if (ls_preflight_found(op) == LS_LOOK_NO_ANSWER) run->unanswered++;
    if (differs(op)) run->differing++;
    if (run->is_json) {
        ls_out_json_comma(out);
        ls_buf_add_char(out, '{');
        ls_out_json_number(out, "id", op->op.value);
        ls_out_json_field(out, "state", ls_state_name(op->state));
        ls_out_json_field(out, "found", ls_look_word(ls_preflight_found(op)));
        ls_out_json_flag(out, "differs", differs(op));
    } else {
        ls_buf_printf(out, "op %" PRId64 "  %s in the database, %s on the ledger", op->op.value,
                      ls_state_name(op->state),
                      is_answered ? ls_look_word(ls_preflight_found(op)) : "no answer yet");
    }
    if (is_answered)
        LS_TRY(ls_session_list(session, LS_LIST_LOOK, op->op.value, add_found, run, why));
    ls_buf_add_char(out, run->is_json ? '}' : '\n');
    return LS_OK;
}

static ls_err report(ls_session *session, struct looking *run, struct ls_why *why)
{
    if (run->is_json) ls_buf_add_text(&run->out, "{\"looked\":[");
    for (size_t i = 0; i < run->facts.count; i++)
        LS_TRY(add_op(session, run, &run->facts.ops[i], why));
    if (run->is_json) {
        ls_buf_printf(&run->out, "],\"differing\":%zu,\"unanswered\":%zu}\n", run->differing,
                      run->unanswered);
    }
    return LS_OK;
}

static ls_err gather(const struct command_call *call,
                     ls_session *session,
                     struct looking *run,
                     struct ls_why *why)
{
    struct targets targets;
    LS_TRY(targets_gather(session, call->arguments, LS_VERB_VERIFY, &targets, why));
    ls_err err = LS_OK;
    if (targets.count > LS_PREFLIGHT_OPS_MAX) {
        err = ls_refuse(why, LS_CODE_REFUSED, "verify",
                        "%zu operations match; at most %d are looked up at once, narrow the "
                        "filter",
                        targets.count, LS_PREFLIGHT_OPS_MAX);
    } else {
        run->count = targets.count;
        for (size_t i = 0; i < targets.count; i++) run->ops[i] = targets.items[i].op;
    }
    targets_done(&targets);
    return err;
}

static enum ls_exit
look(const struct command_call *call, ls_session *session, struct looking *run)
{
    struct ls_why why = {0};
    run->is_json = arguments_has(call->arguments, OPTION_JSON);
    ls_buf_init(&run->out, LS_OUT_BYTES_MAX);
    ls_err err = gather(call, session, run, &why);
    if (!ls_failed(err)) err = ask(call, session, run, &why);
    if (!ls_failed(err)) err = wait_for(session, run, &why);
    if (!ls_failed(err)) err = report(session, run, &why);
    if (ls_failed(err)) {
        ls_buf_done(&run->out);
        return ls_complain_err("verify", err, &why);
    }
    const enum ls_exit printed = ls_out_print(&run->out);
    if (printed != LS_EXIT_DONE) return printed;
    if (run->differing > 0) return LS_EXIT_DIFFERENCE;
    return run->unanswered > 0 ? LS_EXIT_NO_LEDGER : LS_EXIT_DONE;
}

enum ls_exit command_look(const struct command_call *call)
{
    ls_session *session = NULL;
    struct looking *run = calloc(1, sizeof *run);
    if (run == NULL) return ls_complain_memory("verify");
    enum ls_exit status = database_open(call, &session);
    if (status == LS_EXIT_DONE) {
        status = look(call, session, run);
        ls_session_free(session);
    }
    free(run);
    return status;
}
