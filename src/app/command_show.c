#include "command.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/core/evidence.h"
#include "lockstep/core/fate.h"
#include "lockstep/worker/seal.h"

#include "database.h"
#include "lockstep/config/mac_key.h"
#include "lockstep/report/op_json.h"
#include "lockstep/report/out.h"

/* "name      text", left out when the text is empty. */
static void add_fact(struct ls_buf *out, const char *name, const char *text)
{
    if (text[0] == '\0') return;
    ls_buf_printf(out, "%-16s", name);
    ls_out_gated(out, text);
    ls_buf_add_char(out, '\n');
}

static void add_number(struct ls_buf *out, const char *name, int64_t number)
{
    if (number != 0) ls_buf_printf(out, "%-16s%" PRId64 "\n", name, number);
}

static void add_time(struct ls_buf *out, const char *name, int64_t wall_ms)
{
    char text[LS_OUT_TIME_BYTES];
    ls_out_time(wall_ms, text);
    add_fact(out, name, text);
}

/* What proves it, line by line; as it stands where it is no object. */
static void add_evidence(struct ls_buf *out, const char *evidence)
{
    struct ls_evidence_line lines[LS_EVIDENCE_LINES_MAX];
    const size_t count = ls_evidence_lines(evidence, lines, LS_EVIDENCE_LINES_MAX);
    if (count == 0) add_fact(out, "  evidence", evidence);
    if (count > 0) ls_buf_add_text(out, "  evidence\n");
    for (size_t i = 0; i < count; i++) {
        ls_buf_add_text(out, "    ");
        ls_out_gated(out, lines[i].label);
        ls_buf_add_text(out, ": ");
        ls_out_gated(out, lines[i].text);
        ls_buf_add_char(out, '\n');
    }
}

static void add_attempts(struct ls_buf *out, const struct ls_op_detail *detail)
{
    for (size_t i = 0; i < detail->attempt_count; i++) {
        const struct ls_attempt_row *attempt = &detail->attempts[i];
        ls_buf_printf(out, "\nattempt %" PRId32 "       %s\n", attempt->attempt,
                      ls_attempt_state_name(attempt->state));
        add_fact(out, "  signature", attempt->signature);
        add_fact(out, "  blockhash", attempt->blockhash);
        add_number(out, "  valid to", attempt->last_valid_height);
        add_time(out, "  made", attempt->created_ms);
        add_number(out, "  slot", attempt->slot);
        add_fact(out, "  seal", attempt->seal);
        add_fact(out, "  cause", attempt->cause);
        if (attempt->evidence[0] != '\0') add_evidence(out, attempt->evidence);
    }
}

static void add_notes(struct ls_buf *out, const struct ls_op_detail *detail)
{
    if (detail->note_count > 0) ls_buf_add_text(out, "\nnotes\n");
    for (size_t i = 0; i < detail->note_count; i++) {
        char at[LS_OUT_TIME_BYTES];
        ls_out_time(detail->notes[i].at_ms, at);
        ls_buf_printf(out, "  %s  ", at);
        ls_out_gated(out, detail->notes[i].login);
        ls_buf_add_text(out, ": ");
        ls_out_gated(out, detail->notes[i].body);
        ls_buf_add_char(out, '\n');
    }
}

static void add_events(struct ls_buf *out, const struct ls_op_detail *detail)
{
    if (detail->event_count > 0) ls_buf_add_text(out, "\naudit\n");
    for (size_t i = 0; i < detail->event_count; i++) {
        const struct ls_audit_row *event = &detail->events[i];
        char at[LS_OUT_TIME_BYTES];
        ls_out_time(event->at_ms, at);
        ls_buf_printf(out, "  %" PRId64 "  %s  ", event->seq, at);
        ls_out_gated(out, event->actor);
        ls_buf_add_text(out, "  ");
        ls_out_gated(out, event->action);
        ls_buf_add_text(out, "  ");
        if (event->before[0] != '\0') ls_out_gated(out, event->before);
        if (event->before[0] != '\0') ls_buf_add_text(out, " > ");
        if (event->after[0] != '\0') ls_out_gated(out, event->after);
        if (event->before[0] != '\0' || event->after[0] != '\0') ls_buf_add_text(out, "  ");
        ls_out_gated(out, event->reason);
        ls_buf_add_char(out, '\n');
    }
}

static void add_detail(struct ls_buf *out, const struct ls_op_detail *detail)
{
    const struct ls_op_row *row = &detail->row;
    char state[64];
    (void)snprintf(state, sizeof state, "%s%s%s", ls_state_name(row->state),
                   row->sub == LS_SUB_NONE ? "" : " ", ls_sub_name(row->sub));
    add_number(out, "operation", row->op.value);
    add_fact(out, "state", state);
    char fate[LS_FATE_BYTES];
    ls_fate_words(detail, 0, fate);
    char next[LS_NEXT_BYTES];
    ls_look_next(detail, next);
    add_fact(out, "outcome", fate);
    add_fact(out, "next", next);
    add_fact(out, "now", detail->detail);
    add_fact(out, "cause", row->cause);
    if (detail->waiting_behind > 0) add_number(out, "waiting behind", detail->waiting_behind);
    add_fact(out, "kind", ls_kind_name(row->kind));
    add_fact(out, "key", row->key);
    add_fact(out, "entity", row->entity);
    add_number(out, "batch", row->batch);
    add_fact(out, "payload", detail->payload);
    add_fact(out, ls_kind_makes(row->kind), detail->mint);
    add_fact(out, "fence", ls_fence_name(detail->fence));
    add_fact(out, "signer", detail->signer);
    add_fact(out, "nonce", detail->nonce);
    add_fact(out, "marker", detail->marker);
    add_number(out, "emptied by op", detail->reclaimed_by);
    add_time(out, "enqueued", row->created_ms);
    add_time(out, "changed", row->updated_ms);
    add_fact(out, "signature", row->signature);
    add_number(out, "slot", row->slot);
    ls_buf_printf(out, "%-16s%" PRId32 " of %" PRId32 "\n", "attempts", row->attempts_made,
                  row->attempts_max);
    add_number(out, "depends on op", detail->depends_on);
    add_number(out, "undoes op", detail->compensates);
    add_number(out, "undone by op", detail->compensated_by);
    add_attempts(out, detail);
    add_notes(out, detail);
    add_events(out, detail);
}

struct sealing {
    const struct ls_mac_ring *ring;
    struct ls_op_detail *detail;
};

static void take_seal(void *self, const struct ls_seal_row *row)
{
    struct sealing *sealing = self;
    enum ls_mac_verdict verdict = ls_seal_judge(sealing->ring, &row->intent);
    if (!row->is_whole && sealing->ring->count > 0) verdict = LS_MAC_ALTERED;
    for (size_t i = 0; i < sealing->detail->attempt_count; i++) {
        struct ls_attempt_row *attempt = &sealing->detail->attempts[i];
        if (attempt->attempt != row->intent.attempt) continue;
        (void)snprintf(attempt->seal, sizeof attempt->seal, "%s", ls_mac_verdict_name(verdict));
    }
}

/* Without a key that this user may read all is unverified; that is no reason to show nothing.
 */
static ls_err read_seals(const struct ls_config *config,
                         ls_session *session,
                         struct ls_op_detail *detail,
                         struct ls_why *why)
{
    struct ls_mac_ring ring;
    struct ls_why ignored = {0};
    if (ls_failed(ls_mac_ring_read(config, &ring, &ignored))) ring = (struct ls_mac_ring){0};
    struct sealing sealing = {.ring = &ring, .detail = detail};
    const ls_err err = ls_session_seals(session, detail->row.op, take_seal, &sealing, why);
    ls_mac_ring_done(&ring);
    return err;
}

static bool is_elsewhere(ls_err err)
{
    return err.code == LS_CODE_NOT_FOUND && strcmp(err.what, LS_NO_HISTORY) != 0;
}

static ls_err
read_op(ls_session *session, const char *text, struct ls_op_detail *detail, struct ls_why *why)
{
    struct ls_why ignored = {0};
    ls_op_id op = {0};
    if (!ls_failed(database_id(text, "operation", &op.value, &ignored))) {
        const ls_err err = ls_session_op(session, op, NULL, detail, why);
        if (!is_elsewhere(err)) return err;
    }
    const ls_err err = ls_session_op(session, (ls_op_id){0}, text, detail, why);
    if (!is_elsewhere(err)) return err;
    return ls_refuse(
        why, LS_CODE_NOT_FOUND, "show",
        "%.200s is neither an operation's number nor its key; lockstep ops lists them", text);
}

enum ls_exit command_show(const struct command_call *call)
{
    struct ls_op_detail *detail = calloc(1, sizeof *detail);
    struct ls_why why = {0};
    ls_session *session = NULL;
    if (detail == NULL) {
        return ls_complain_memory("show");
    }
    enum ls_exit status = database_open(call, &session);
    if (status != LS_EXIT_DONE) {
        free(detail);
        return status;
    }
    ls_err err = read_op(session, call->arguments->positional[0], detail, &why);
    if (!ls_failed(err)) err = read_seals(call->config, session, detail, &why);
    ls_session_free(session);
    if (ls_failed(err)) {
        status = ls_complain_err("show", err, &why);
    } else {
        struct ls_buf out;
        ls_buf_init(&out, LS_OUT_BYTES_MAX);
        if (arguments_has(call->arguments, OPTION_JSON)) {
            ls_json_op_detail(&out, detail);
            ls_buf_add_char(&out, '\n');
        } else {
            add_detail(&out, detail);
        }
        status = ls_out_print(&out);
    }
    free(detail);
    return status;
}
