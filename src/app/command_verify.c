/* lockstep verify KEY: one operation as the database has it, against the ledger. The
 * transaction that the ledger shows is compared with the bytes that were recorded before
 * they were sent, and its memo with the document or text that stands in the database now. */
#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "database.h"
#include "lockstep/base/base58.h"
#include "lockstep/host/clock.h"
#include "lockstep/ledger/http_ledger.h"
#include "lockstep/report/out.h"
#include "lockstep/solana/intent.h"
#include "lockstep/solana/pack.h"
#include "lockstep/solana/rpc.h"

enum { CALL_MS = 8000, BODY_BYTES_MAX = 1 << 20, DIFFERENCE_BYTES = 200 };

struct verification {
    struct ls_verify_facts facts;
    struct ls_rpc_transaction found;
    bool is_answered;
    char wanted[LS_MEMO_BYTES_MAX + 1]; /* the memo by what the database has now */
    char shown[LS_MEMO_BYTES_MAX + 1];  /* as the ledger has it */
    char difference[DIFFERENCE_BYTES];  /* "": none */
};

/* Ask one endpoint after the other until one has it. */
static ls_err
fetch(const struct ls_config *config, struct verification *run, struct ls_why *why)
{
    struct ls_http_ledger_options options = {.endpoint_count = config->endpoint_count,
                                             .user_agent = "lockstep/" LS_VERSION};
    const struct ls_clock clock = ls_system_clock();
    ls_http_ledger *ledger = NULL;
    struct ls_rpc_batch batch;
    struct ls_buf body, answer;
    for (size_t i = 0; i < config->endpoint_count; i++)
        options.endpoints[i] = config->endpoints[i];
    LS_TRY(ls_http_ledger_new(&options, &clock, &ledger, why));
    ls_buf_init(&body, BODY_BYTES_MAX);
    ls_rpc_open(&batch, &body);
    (void)ls_rpc_get_transaction(&batch, &run->facts.signature); /* position 0 */
    ls_rpc_close(&batch);
    ls_err err = LS_FAIL(LS_CODE_UNAVAILABLE, 0, "no endpoint answers");
    for (size_t i = 0; i < config->endpoint_count && !run->found.is_found; i++) {
        ls_rpc_reply *reply = NULL;
        ls_buf_init(&answer, BODY_BYTES_MAX);
        err = ls_http_ledger_post(ledger, (int32_t)i, body.data, body.length, CALL_MS, &answer);
        if (!ls_failed(err)) err = ls_rpc_read(ls_buf_text(&answer), answer.length, 1, &reply);
        if (!ls_failed(err)) err = ls_rpc_transaction_at(reply, 0, &run->found);
        if (!ls_failed(err)) run->is_answered = true;
        ls_rpc_reply_free(reply);
        ls_buf_done(&answer);
    }
    ls_buf_done(&body);
    ls_http_ledger_free(ledger);
    if (run->is_answered) return LS_OK;
    return LS_FAIL(LS_CODE_UNAVAILABLE, err.native, "no endpoint answers for the transaction");
}

static void differs(struct verification *run, const char *text)
{
    if (run->difference[0] != '\0') return;
    (void)snprintf(run->difference, sizeof run->difference, "%s", text); /* cut by design */
}

/* The memo of the operation's own part; "" when it has none. */
static void read_memo(struct verification *run, const struct ls_tx_view *view)
{
    struct ls_tag tag = {0};
    size_t first = 0, end = 0;
    (void)ls_base58_encode(run->facts.tag, LS_TAG_BYTES, tag.text, sizeof tag.text);
    (void)snprintf(run->wanted, sizeof run->wanted, "ls1:%s", tag.text); /* fits */
    if (!ls_pack_range(view, &tag, &first, &end)) return;
    const struct ls_tx_view_instruction *memo = &view->instructions[end - 1];
    size_t bytes =
        memo->data_bytes < sizeof run->shown ? memo->data_bytes : sizeof run->shown - 1;
    memcpy(run->shown, memo->data, bytes);
    run->shown[bytes] = '\0';
}

/* What the memo would say of the payload that stands in the database now. */
static ls_err write_wanted(struct verification *run, struct ls_why *why)
{
    struct ls_intent intent = {0};
    LS_TRY(ls_intent_parse(run->facts.kind, run->facts.payload, strlen(run->facts.payload),
                           &intent, why));
    if (intent.text_bytes == 0) return LS_OK;
    size_t length = strlen(run->wanted);
    if (length + 1 + intent.text_bytes >= sizeof run->wanted)
        return ls_refuse(why, LS_CODE_CORRUPT, "verify", "the payload's text is too long");
    run->wanted[length] = ' ';
    memcpy(run->wanted + length + 1, intent.text, intent.text_bytes);
    run->wanted[length + 1 + intent.text_bytes] = '\0';
    return LS_OK;
}

static ls_err compare(struct verification *run, struct ls_why *why)
{
    struct ls_tx_view view;
    if (!run->found.is_found) {
        differs(run, "the ledger has not got it: lockstep reconcile looks at more");
        return LS_OK;
    }
    if (run->found.has_error) differs(run, "it landed with an error");
    if (ls_failed(ls_tx_read(run->found.tx, run->found.tx_bytes, &view)) ||
        !ls_tx_verify(&view)) {
        differs(run, "what the ledger shows is no transaction that our keys signed");
        return LS_OK;
    }
    /* Of several operations in one transaction the first alone keeps its bytes. */
    bool is_same = run->facts.tx_bytes == 0 ||
                   (run->found.tx_bytes == run->facts.tx_bytes &&
                    memcmp(run->found.tx, run->facts.tx, run->facts.tx_bytes) == 0);
    if (!is_same) differs(run, "the ledger's transaction is not the one that was recorded");
    read_memo(run, &view);
    LS_TRY(write_wanted(run, why));
    if (strcmp(run->shown, run->wanted) != 0)
        differs(run, "what stands in the database is not what the memo says");
    return LS_OK;
}

static enum ls_exit print(const struct command_call *call, const struct verification *run)
{
    char signature[LS_SIGNATURE_TEXT_BYTES];
    struct ls_buf out;
    ls_buf_init(&out, BODY_BYTES_MAX);
    ls_signature_text(&run->facts.signature, signature);
    if (arguments_has(call->arguments, OPTION_JSON)) {
        ls_buf_add_char(&out, '{');
        ls_out_json_number(&out, "op", run->facts.op.value);
        ls_out_json_field(&out, "kind", run->facts.kind);
        ls_out_json_field(&out, "signature", signature);
        ls_out_json_number(&out, "slot", run->found.slot);
        ls_out_json_field(&out, "database", run->wanted);
        ls_out_json_field(&out, "ledger", run->shown);
        ls_out_json_flag(&out, "same", run->difference[0] == '\0');
        ls_out_json_field(&out, "difference", run->difference);
        ls_buf_add_text(&out, "}\n");
    } else {
        ls_buf_printf(&out, "op %" PRId64 " (%s), %s in slot %" PRId64 "\ndatabase  ",
                      run->facts.op.value, run->facts.kind, signature, run->found.slot);
        ls_out_gated(&out, run->wanted);
        ls_buf_add_text(&out, "\nledger    ");
        ls_out_gated(&out, run->shown);
        ls_buf_printf(&out, "\n%s\n",
                      run->difference[0] == '\0' ? "the same" : run->difference);
    }
    enum ls_exit printed = ls_out_print(&out);
    if (printed != LS_EXIT_DONE) return printed;
    return run->difference[0] == '\0' ? LS_EXIT_DONE : LS_EXIT_DIFFERENCE;
}

static enum ls_exit verify(const struct command_call *call, struct verification *run)
{
    struct ls_why why = {0};
    ls_session *session = NULL;
    const enum ls_exit opened = database_open(call, &session);
    if (opened != LS_EXIT_DONE) return opened;
    ls_err err =
        ls_session_verify_facts(session, call->arguments->positional[0], &run->facts, &why);
    ls_session_free(session);
    if (ls_failed(err)) return ls_complain_err("verify", err, &why);
    if (!run->facts.has_landed) {
        ls_complain("verify",
                    "op %" PRId64 " is %s: nothing of it landed as far as the database knows",
                    run->facts.op.value, run->facts.state);
        return LS_EXIT_NO_MATCH;
    }
    if (call->config->endpoint_count == 0) {
        ls_complain("verify", "no ledger is configured; add endpoint = URL to [ledger]");
        return LS_EXIT_USAGE;
    }
    err = fetch(call->config, run, &why);
    if (ls_failed(err)) return ls_complain_ledger("verify", err, &why);
    err = compare(run, &why);
    if (ls_failed(err)) return ls_complain_err("verify", err, &why);
    return print(call, run);
}

enum ls_exit command_verify(const struct command_call *call)
{
    if (arguments_has(call->arguments, OPTION_CHAIN)) return command_look(call);
    if (call->arguments->count != 1) {
        ls_complain("verify", "compares one KEY; to look several up on the ledger add --chain");
        return LS_EXIT_USAGE;
    }
    struct verification *run = calloc(1, sizeof *run);
    if (run == NULL) return ls_complain_memory("verify");
    const enum ls_exit result = verify(call, run);
    free(run);
    return result;
}
