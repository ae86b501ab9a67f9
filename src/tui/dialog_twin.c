#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/kinds.h"
#include "ui_model.h"

LS_PRINTF(3, 4) static void append(char *out, size_t out_bytes, const char *format, ...)
{
    size_t length = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(out + length, out_bytes - length, format, arguments); /* cut by design */
    va_end(arguments);
}

/* Quoted for a POSIX shell. */
void twin_quoted(char *out, size_t out_bytes, const char *text)
{
    append(out, out_bytes, "'");
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            append(out, out_bytes, "'\\''");
        } else {
            append(out, out_bytes, "%c", *text);
        }
    }
    append(out, out_bytes, "'");
}

static const char *word_of(enum ls_verb verb)
{
    switch (verb) {
    case LS_VERB_RESOLVE_LANDED:
    case LS_VERB_RESOLVE_NEVER: return "resolve";
    case LS_VERB_ALERT_ACK: return "alert ack";
    case LS_VERB_ALERT_RESOLVE: return "alert resolve";
    case LS_VERB_GATE_ON: return "gate on";
    case LS_VERB_GATE_OFF: return "gate off";
    case LS_VERB_WORKER_PAUSE: return "worker pause";
    case LS_VERB_WORKER_RESUME: return "worker resume";
    case LS_VERB_WORKER_DRAIN: return "worker drain";
    case LS_VERB_WORKER_KINDS: return "worker kinds";
    case LS_VERB_HOOK_ADD: return "hook add";
    case LS_VERB_HOOK_REMOVE: return "hook remove";
    case LS_VERB_CONSUMER_DROP: return "consumer drop";
    case LS_VERB_NONCE_CREATE: return "nonce create";
    case LS_VERB_NONCE_ADVANCE: return "nonce advance";
    case LS_VERB_NONCE_CLOSE: return "nonce close";
    case LS_VERB_BATCH_RETRY: return "batch retry";
    case LS_VERB_BATCH_COMPENSATE: return "batch compensate";
    case LS_VERB_VERIFY: return "verify --chain";
    case LS_VERB_NOTE: return "note add";
    case LS_VERB_UNDO: return "undo";
    case LS_VERB_SILENCE: return "alert silence";
    case LS_VERB_UNSILENCE: return "alert unsilence";
    case LS_VERB_CLAIM: return "claim take";
    case LS_VERB_CLAIM_RELEASE: return "claim release";
    case LS_VERB_EDIT: return "edit";
    case LS_VERB_BULK_PAUSE: return "bulk pause";
    case LS_VERB_BULK_RESUME: return "bulk resume";
    case LS_VERB_BULK_ABORT: return "bulk abort";
    case LS_VERB_RETRY:
    case LS_VERB_COMPENSATE:
    case LS_VERB_HOLD:
    case LS_VERB_RELEASE:
    case LS_VERB_CANCEL: return ls_verb_name(verb);
    }
    return "";
}

static void append_kinds(const struct dialog *dialog, char *out, size_t out_bytes)
{
    const struct field *field = dialog_field(dialog, FIELD_KINDS);
    char list[LS_KINDS_TEXT_BYTES];
    uint32_t kinds = 0;
    if (field == NULL) return;
    append(out, out_bytes, " ");
    if (ls_failed(kinds_of(dialog, &kinds, NULL))) {
        twin_quoted(out, out_bytes, field->input.text);
        return;
    }
    ls_kinds_short(kinds, list);
    if (list[0] == '!') {
        twin_quoted(out, out_bytes, list);
    } else {
        append(out, out_bytes, "%s", list);
    }
}

static void append_subject(const struct dialog *dialog, char *out, size_t out_bytes)
{
    for (size_t i = 0; i < dialog->target_count && !dialog->is_whole; i++)
        append(out, out_bytes, " %" PRId64, dialog->targets[i].op.value);
    if (dialog->verb == LS_VERB_UNDO)
        append(out, out_bytes, " --entry %" PRId64, dialog->alert_version);
    const struct field *selector = dialog_field(dialog, FIELD_SELECTOR);
    if (selector != NULL) {
        append(out, out_bytes, " ");
        twin_quoted(out, out_bytes, selector->input.text);
    }
    if (dialog->alert_id != 0) append(out, out_bytes, " %" PRId64, dialog->alert_id);
    if (dialog->worker_id != 0) append(out, out_bytes, " %" PRId64, dialog->worker_id);
    append_kinds(dialog, out, out_bytes);
    if (dialog->bulk_id != 0) append(out, out_bytes, " %" PRId64, dialog->bulk_id);
    if (dialog->batch_id != 0) {
        append(out, out_bytes, " %" PRId64, dialog->batch_id);
        return;
    }
    if (dialog->selector[0] == '\0') return;
    append(out, out_bytes, " ");
    char text[sizeof dialog->selector];
    (void)snprintf(text, sizeof text, "%s", dialog->selector);
    bool is_desk = dialog->verb == LS_VERB_NOTE || dialog->verb == LS_VERB_CLAIM ||
                   dialog->verb == LS_VERB_CLAIM_RELEASE;
    char *blank = strchr(text, ' ');
    if (is_desk && blank != NULL) *blank = ':'; /* "op 17" is written op:17 */
    twin_quoted(out, out_bytes, text);
}

static const char *word_of_dialog(const struct dialog *dialog)
{
    if (dialog->is_bulk) return "bulk start";
    if (dialog->batch_id != 0 && dialog->verb == LS_VERB_GATE_ON) return "batch pause";
    if (dialog->batch_id != 0 && dialog->verb == LS_VERB_GATE_OFF) return "batch resume";
    return word_of(dialog->verb);
}

static void append_number(const struct dialog *dialog,
                          enum field_kind kind,
                          const char *option,
                          char *out,
                          size_t out_bytes)
{
    const struct field *field = dialog_field(dialog, kind);
    if (field != NULL) append(out, out_bytes, " %s %.9s", option, field->input.text);
}

static void append_order(const struct dialog *dialog, char *out, size_t out_bytes)
{
    append(out, out_bytes, " %s ", ls_verb_name(dialog->verb));
    twin_quoted(out, out_bytes, dialog->order.filter);
    if (dialog->counted >= 0) append(out, out_bytes, " --expect %" PRId64, dialog->counted);
    append_number(dialog, FIELD_RATE, "--rate", out, out_bytes);
    append_number(dialog, FIELD_CANARY, "--canary", out, out_bytes);
    append_number(dialog, FIELD_ABORT, "--abort-above", out, out_bytes);
}

void dialog_twin(const struct dialog *dialog, char *out, size_t out_bytes)
{
    out[0] = '\0';
    if (dialog->is_line) {
        append(out, out_bytes, "lockstep %s", dialog->line);
        if (dialog->expected > 0) append(out, out_bytes, " --expect %zu", dialog->expected);
        if (dialog_field(dialog, FIELD_REASON) == NULL) return;
    } else {
        append(out, out_bytes, "lockstep %s", word_of_dialog(dialog));
        append_subject(dialog, out, out_bytes);
        if (dialog->is_bulk) append_order(dialog, out, out_bytes);
    }
    if (dialog->verb == LS_VERB_EDIT)
        append(out, out_bytes, "%s --expect-version %" PRId64, dialog->twin,
               dialog->targets[0].version);
    const struct field *outcome = dialog_field(dialog, FIELD_OUTCOME);
    if (outcome != NULL && strcmp(outcome->input.text, "never") == 0) {
        append(out, out_bytes, " --never-landed");
    } else if (outcome != NULL) {
        append(out, out_bytes, " --landed %s",
               outcome->input.length == 0 ? "SIGNATURE" : outcome->input.text);
    }
    const struct field *duration = dialog_field(dialog, FIELD_DURATION);
    if (duration != NULL) append(out, out_bytes, " --for %s", duration->input.text);
    /* What matches: of a batch also what a look leaves out. */
    const size_t expected = dialog->target_count + (dialog->is_whole ? dialog->left_out : 0);
    if (expected > 1) append(out, out_bytes, " --expect %zu", expected);
    const struct field *reason = dialog_field(dialog, FIELD_REASON);
    append(out, out_bytes, dialog->verb == LS_VERB_NOTE ? " " : " --reason ");
    twin_quoted(out, out_bytes, reason == NULL ? "" : reason->input.text);
}
