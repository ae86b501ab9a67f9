#include "lockstep/core/fate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/evidence.h"
#include "lockstep/core/number.h"

enum { SHOWN_EACH = 4, LONG_FROM = 32 };

enum ls_look ls_look_of(const struct ls_op_row *row)
{
    bool is_newer = row->looked_ms != 0 && row->looked_ms >= row->updated_ms;
    return is_newer ? row->look : LS_LOOK_NEVER_ASKED;
}

static enum ls_retry_is ambiguous(const struct ls_op_row *row)
{
    const enum ls_look look = ls_look_of(row);
    if (look == LS_LOOK_LANDED || look == LS_LOOK_ERRORED) return LS_RETRY_FOUND;
    return look == LS_LOOK_NOT_FOUND ? LS_RETRY_ABSENT : LS_RETRY_UNKNOWN;
}

enum ls_retry_is ls_retry_of(const struct ls_op_row *row)
{
    switch (row->state) {
    case LS_STATE_FAILED:
        if (ls_look_of(row) == LS_LOOK_LANDED) return LS_RETRY_FOUND;
        return ls_look_of(row) == LS_LOOK_MAY_LAND ? LS_RETRY_UNKNOWN : LS_RETRY_SAFE;
    case LS_STATE_HELD: return row->sub == LS_SUB_AMBIGUOUS ? ambiguous(row) : LS_RETRY_SAFE;
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED:
    case LS_STATE_SUBMITTED: return LS_RETRY_NOT_YET;
    case LS_STATE_DONE:
    case LS_STATE_CANCELLED:
    case LS_STATE_COMPENSATED: return LS_RETRY_OVER;
    }
    return LS_RETRY_UNKNOWN;
}

const char *ls_retry_word(enum ls_retry_is retry)
{
    switch (retry) {
    case LS_RETRY_SAFE: return "safe";
    case LS_RETRY_UNKNOWN: return "UNKNOWN";
    case LS_RETRY_NOT_YET: return "not yet";
    case LS_RETRY_OVER: return "-";
    case LS_RETRY_FOUND: return "on chain";
    case LS_RETRY_ABSENT: return "not found";
    }
    return "UNKNOWN";
}

void ls_short_address(const char *text, char out[LS_SHORT_BYTES])
{
    size_t length = strlen(text);
    if (length < LONG_FROM || strchr(text, ' ') != NULL) {
        (void)snprintf(out, LS_SHORT_BYTES, "%.40s", text);
    } else {
        (void)snprintf(out, LS_SHORT_BYTES, "%.*s..%s", SHOWN_EACH, text,
                       text + length - SHOWN_EACH);
    }
}

/* The attempt that decides: one that landed, else one that may land, else the newest. */
static const struct ls_attempt_row *deciding(const struct ls_op_detail *detail)
{
    const struct ls_attempt_row *found = NULL;
    for (size_t i = 0; i < detail->attempt_count; i++) {
        const struct ls_attempt_row *attempt = &detail->attempts[i];
        bool is_stronger =
            found == NULL || attempt->state == LS_ATTEMPT_LANDED ||
            (found->state != LS_ATTEMPT_LANDED &&
             (attempt->state == LS_ATTEMPT_LIVE || found->state != LS_ATTEMPT_LIVE));
        if (is_stronger) found = attempt;
    }
    return found;
}

static void write_dead(const struct ls_op_detail *detail,
                       const struct ls_attempt_row *attempt,
                       int64_t height,
                       char out[LS_FATE_BYTES])
{
    char valid[LS_NUMBER_BYTES], now[LS_NUMBER_BYTES];
    ls_number_grouped(attempt->last_valid_height, valid);
    ls_number_grouped(height, now);
    if (detail->fence == LS_FENCE_NONCE) {
        (void)snprintf(out, LS_FATE_BYTES, "never landed: its nonce has moved on.");
    } else if (height > attempt->last_valid_height && attempt->last_valid_height > 0) {
        (void)snprintf(out, LS_FATE_BYTES, "never landed: its blockhash expired at %s, now %s.",
                       valid, now);
    } else {
        (void)snprintf(out, LS_FATE_BYTES, "never landed: it was proved dead.");
    }
}

static void write_live(const struct ls_op_detail *detail,
                       const struct ls_attempt_row *attempt,
                       int64_t height,
                       char out[LS_FATE_BYTES])
{
    char valid[LS_NUMBER_BYTES], now[LS_NUMBER_BYTES + 8] = "";
    char number[LS_NUMBER_BYTES];
    const char *may =
        detail->row.state == LS_STATE_HELD ? "may have landed, no proof was found" : "may land";
    if (detail->fence == LS_FENCE_NONCE) {
        (void)snprintf(out, LS_FATE_BYTES, "%s: valid until its nonce moves.", may);
        return;
    }
    ls_number_grouped(attempt->last_valid_height, valid);
    ls_number_grouped(height, number);
    if (height > 0) (void)snprintf(now, sizeof now, ", now %s", number);
    (void)snprintf(out, LS_FATE_BYTES, "%s: valid to height %s%s.", may, valid, now);
}

static void write_attempt(const struct ls_op_detail *detail,
                          const struct ls_attempt_row *attempt,
                          int64_t height,
                          char out[LS_FATE_BYTES])
{
    char slot[LS_NUMBER_BYTES];
    ls_number_grouped(attempt->slot, slot);
    switch (attempt->state) {
    case LS_ATTEMPT_LANDED:
        (void)snprintf(out, LS_FATE_BYTES, "landed in slot %s.", slot);
        return;
    case LS_ATTEMPT_ERRORED:
        (void)snprintf(out, LS_FATE_BYTES,
                       "landed in slot %s with an error: the fee was paid, nothing moved.",
                       slot);
        return;
    case LS_ATTEMPT_ADVANCED:
        (void)snprintf(out, LS_FATE_BYTES, "only moved the nonce on: the others are dead.");
        return;
    case LS_ATTEMPT_UNDECIDED:
        (void)snprintf(out, LS_FATE_BYTES,
                       "may have landed: it was not found when another attempt was.");
        return;
    case LS_ATTEMPT_DEAD: write_dead(detail, attempt, height, out); return;
    case LS_ATTEMPT_LIVE: write_live(detail, attempt, height, out); return;
    }
    (void)snprintf(out, LS_FATE_BYTES, "is in a state that is not known here.");
}

static const char *conclusion(const struct ls_op_detail *detail)
{
    const struct ls_op_row *row = &detail->row;
    switch (ls_retry_of(row)) {
    case LS_RETRY_SAFE:
        return row->state == LS_STATE_HELD ? " SAFE TO RELEASE." : " SAFE TO RETRY.";
    case LS_RETRY_UNKNOWN: return " NOT SAFE TO RETRY until verified.";
    case LS_RETRY_NOT_YET:
        if (row->state != LS_STATE_SUBMITTED) return "";
        return detail->fence == LS_FENCE_NONCE ? " Of all its attempts one can land."
                                               : " Nothing new is signed meanwhile.";
    case LS_RETRY_OVER:
    case LS_RETRY_FOUND:
    case LS_RETRY_ABSENT: break; /* the look's words say what follows */
    }
    return "";
}

/* "a look at 03:12 UTC" */
static void write_when(const struct ls_op_row *row, char out[LS_SHORT_BYTES])
{
    enum { DAY_MS = 86400000, HOUR_MS = 3600000, MINUTE_MS = 60000 };
    const int64_t of_day = (row->looked_ms % DAY_MS + DAY_MS) % DAY_MS;
    (void)snprintf(out, LS_SHORT_BYTES, "a look at %02d:%02d UTC", (int)(of_day / HOUR_MS),
                   (int)(of_day % HOUR_MS / MINUTE_MS));
}

/* What the look found in the place of what the attempts alone say; false: nothing that changes
 * it. */
static bool
write_look(const struct ls_op_detail *detail, const char *name, char out[LS_FATE_BYTES])
{
    const bool is_held = detail->row.state == LS_STATE_HELD;
    const enum ls_retry_is retry = ls_retry_of(&detail->row);
    char when[LS_SHORT_BYTES], found[LS_SHORT_BYTES], slot[LS_NUMBER_BYTES];
    write_when(&detail->row, when);
    ls_short_address(detail->look_signature, found);
    ls_number_grouped(detail->look_slot, slot);
    if (retry == LS_RETRY_FOUND) {
        (void)snprintf(
            out, LS_FATE_BYTES, "%s landed in slot %s%s: %s found it. %s", found, slot,
            ls_look_of(&detail->row) == LS_LOOK_ERRORED ? " with an error" : "", when,
            is_held ? "Nothing to send: resolve it with that signature."
                    : "NOT SAFE TO RETRY: lockstep reconcile --repair adopts it.");
    } else if (retry == LS_RETRY_ABSENT) {
        (void)snprintf(
            out, LS_FATE_BYTES,
            "%s was not found by %s, and can land no more. That is no proof: a person "
            "may vouch and resolve it as never landed.",
            name, when);
    } else if (ls_look_of(&detail->row) == LS_LOOK_MAY_LAND && retry == LS_RETRY_UNKNOWN) {
        (void)snprintf(
            out, LS_FATE_BYTES,
            "%s was not found by %s, and can still land. NOT SAFE TO RETRY until it is "
            "verified again.",
            name, when);
    } else {
        return false;
    }
    return true;
}

/* " A look at 03:12 UTC: not found." behind what the attempts say of what is not finished. */
static void append_look(const struct ls_op_row *row, char out[LS_FATE_BYTES])
{
    const enum ls_look look = ls_look_of(row);
    const size_t used = strlen(out);
    char when[LS_SHORT_BYTES];
    if (look == LS_LOOK_NEVER_ASKED || ls_retry_of(row) == LS_RETRY_OVER) return;
    write_when(row, when);
    (void)snprintf(out + used, LS_FATE_BYTES - used, " A%s: %s.", when + 1, ls_look_word(look));
}

void ls_look_next(const struct ls_op_detail *detail, char out[LS_NEXT_BYTES])
{
    const enum ls_retry_is retry = ls_retry_of(&detail->row);
    const bool is_held = detail->row.state == LS_STATE_HELD;
    out[0] = '\0';
    if (retry == LS_RETRY_FOUND && is_held) {
        (void)snprintf(out, LS_NEXT_BYTES,
                       "lockstep resolve %" PRId64 " --landed %s --reason TEXT",
                       detail->row.op.value, detail->look_signature);
    } else if (retry == LS_RETRY_FOUND) {
        (void)snprintf(out, LS_NEXT_BYTES, "lockstep reconcile --repair");
    } else if (retry == LS_RETRY_ABSENT) {
        (void)snprintf(out, LS_NEXT_BYTES,
                       "lockstep resolve %" PRId64 " --never-landed --reason TEXT",
                       detail->row.op.value);
    }
}

void ls_fate_words(const struct ls_op_detail *detail, int64_t height, char out[LS_FATE_BYTES])
{
    const struct ls_attempt_row *attempt = deciding(detail);
    const char *then = conclusion(detail);
    char name[LS_SHORT_BYTES];
    char words[LS_FATE_BYTES - 96];
    char all[LS_FATE_BYTES];
    if (attempt == NULL) {
        (void)snprintf(out, LS_FATE_BYTES, "Nothing of it was ever sent.%s", then);
        return;
    }
    ls_short_address(attempt->signature, name);
    if (write_look(detail, name, out)) return;
    write_attempt(detail, attempt, height, all);
    (void)snprintf(words, sizeof words, "%.*s", (int)sizeof words - 1, all);
    (void)snprintf(out, LS_FATE_BYTES, "%s %s%s", name, words, then);
    append_look(&detail->row, out);
}

void ls_waiting_words(const struct ls_op_detail *detail, char out[LS_FATE_BYTES])
{
    int64_t count = detail->waiting_behind;
    if (count == 0) {
        (void)snprintf(out, LS_FATE_BYTES, "Nothing waits behind it.");
    } else if (count == 1) {
        (void)snprintf(out, LS_FATE_BYTES, "One operation waits behind it.");
    } else {
        (void)snprintf(out, LS_FATE_BYTES, "%" PRId64 "%s operations wait behind it.", count,
                       count >= LS_FACTS_WAITING_MAX ? " or more" : "");
    }
}

/* The value of a member of the payload, shortened; "" when it has none. */
struct member {
    char text[LS_SHORT_BYTES];
};

static struct member member_of(const struct ls_op_detail *detail, const char *label)
{
    struct ls_evidence_line lines[LS_EVIDENCE_LINES_MAX];
    struct member member = {""};
    size_t count = ls_evidence_lines(detail->payload, lines, LS_EVIDENCE_LINES_MAX);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(lines[i].label, label) == 0) ls_short_address(lines[i].text, member.text);
    }
    return member;
}

void ls_payload_words(const struct ls_op_detail *detail, char out[LS_PAYLOAD_WORDS_BYTES])
{
    const size_t bytes = LS_PAYLOAD_WORDS_BYTES;
    out[0] = '\0';
    switch (detail->row.kind) {
    case LS_KIND_MEMO: (void)snprintf(out, bytes, "%s", member_of(detail, "text").text); return;
    case LS_KIND_EVENT:
        (void)snprintf(out, bytes, "%s %s", member_of(detail, "type").text,
                       member_of(detail, "subject").text);
        return;
    case LS_KIND_SOL_TRANSFER:
        (void)snprintf(out, bytes, "%s lamports to %s", member_of(detail, "lamports").text,
                       member_of(detail, "to").text);
        return;
    case LS_KIND_TOKEN_BURN:
        (void)snprintf(out, bytes, "%s of %s", member_of(detail, "amount").text,
                       member_of(detail, "mint").text);
        return;
    case LS_KIND_TOKEN_MINT_TO:
    case LS_KIND_TOKEN_TRANSFER:
        (void)snprintf(out, bytes, "%s of %s to %s", member_of(detail, "amount").text,
                       member_of(detail, "mint").text, member_of(detail, "to").text);
        return;
    case LS_KIND_PROGRAM_INVOKE:
        (void)snprintf(out, bytes, "%s", member_of(detail, "program").text);
        return;
    case LS_KIND_NONE:
    case LS_KIND_TOKEN_CREATE_MINT:
    case LS_KIND_ACCOUNT_CREATE:
    case LS_KIND_NONCE: break;
    }
}

/* The cause as the detail names it: the ledger's own name, without the program before it. */
static const char *bare_name(const char *cause)
{
    const char *colon = strrchr(cause, ':');
    return colon == NULL || colon[1] == '\0' || colon[1] == ' ' ? cause : colon + 1;
}

/* Where `name` stands in `text` as words of its own; NULL: nowhere. */
static const char *find_words(const char *text, const char *name)
{
    const size_t length = strlen(name);
    const char *found = length == 0 ? NULL : strstr(text, name);
    for (; found != NULL; found = strstr(found + 1, name)) {
        const char before = found == text ? ' ' : found[-1];
        const char after = found[length];
        if (strchr(" (:", before) != NULL && strchr(" ):.;,", after) != NULL) return found;
    }
    return NULL;
}

/* Take a name, with the colon or the brackets that bring it in, out of `text`: "... program:
 * NAME (via rpc-b)", "... (NAME)". */
static void take_out(char *text, const char *name)
{
    const char *at = find_words(text, name);
    if (at == NULL || at < text + 2) return;
    char *found = text + (at - text);
    const bool is_in_brackets = found[-1] == '(';
    char *end = found + strlen(name);
    if (is_in_brackets ? *end != ')' : found[-2] != ':') return;
    if (is_in_brackets) end++;
    memmove(found - 2, end, strlen(end) + 1);
}

void ls_failure_words(const char *cause, const char *detail, char *out, size_t out_bytes)
{
    char text[sizeof((struct ls_op_detail *)NULL)->detail];
    const char *names[] = {cause, bare_name(cause)};
    for (size_t i = 0; i < 2; i++) {
        const size_t bytes = strlen(names[i]);
        if (bytes == 0 || strncmp(detail, names[i], bytes) != 0 || detail[bytes] != ':')
            continue;
        detail += bytes + 1;
        while (*detail == ' ') detail++;
    }
    (void)snprintf(text, sizeof text, "%s", strcmp(detail, cause) == 0 ? "" : detail);
    for (size_t i = 0; i < 2; i++) take_out(text, names[i]);
    size_t length = strlen(text);
    if (length > 0 && text[length - 1] == '.') length--;
    (void)snprintf(out, out_bytes, "%s%s%.*s", cause,
                   cause[0] != '\0' && length > 0 ? ": " : "", (int)length, text);
}
