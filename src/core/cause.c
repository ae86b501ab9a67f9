#include "lockstep/core/cause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *ls_waits_for(enum ls_state state, enum ls_sub sub)
{
    switch (sub) {
    case LS_SUB_SENT: return "no confirmation";
    case LS_SUB_CONFIRMED: return "confirmed, not finalized";
    case LS_SUB_REJECTED: return "refused, proof due";
    case LS_SUB_CERTIFYING: return "expired, proof due";
    case LS_SUB_ENTITY: return "waits behind its entity";
    case LS_SUB_DEPENDENCY: return "waits for another operation";
    case LS_SUB_BATCH: return "waits for its batch";
    case LS_SUB_OPERATOR: return "held by a person";
    case LS_SUB_SCHEDULED: return "waits for its time";
    case LS_SUB_BACKOFF: return "waits for its next try";
    case LS_SUB_GATED: return "held back by a gate";
    case LS_SUB_NONE:
    case LS_SUB_DUE:
    case LS_SUB_AMBIGUOUS:
    case LS_SUB_POLICY:
    case LS_SUB_COMPENSATING:
    case LS_SUB_COMPENSATION_FAILED:
    case LS_SUB_HOOK_FAILED: break;
    }
    return state == LS_STATE_LEASED ? "leased, nothing sent" : "";
}

void ls_cause_title(const struct ls_cause_row *row, char out[LS_CAUSE_WORDS_BYTES])
{
    bool has_cause = row->cause[0] != '\0' && !row->is_stuck;
    bool has_via = has_cause && row->via[0] != '\0';
    const char *waits = ls_waits_for(row->state, row->sub);
    if (waits[0] == '\0') waits = "no cause recorded";
    (void)snprintf(out, LS_CAUSE_WORDS_BYTES, "%s%s%.50s", has_cause ? row->cause : waits,
                   has_via ? " via " : "", has_via ? row->via : "");
}

void ls_cause_target(const struct ls_cause_row *row, char out[LS_CAUSE_TARGET_BYTES])
{
    char title[LS_CAUSE_WORDS_BYTES];
    ls_cause_title(row, title);
    (void)snprintf(out, LS_CAUSE_TARGET_BYTES, "cause %s",
                   row->cause[0] == '\0' || row->is_stuck ? title : row->cause);
}

const char *ls_cause_state(const struct ls_cause_row *row)
{
    if (row->is_stuck) return "STUCK";
    return row->state == LS_STATE_FAILED ? "FAILED" : "HELD";
}

bool ls_cause_is_unknown(const struct ls_cause_row *row)
{
    return !row->is_stuck &&
           (row->unknown > 0 || (row->state == LS_STATE_HELD && row->sub == LS_SUB_AMBIGUOUS));
}

static void say(const struct ls_cause_row *row,
                int64_t count,
                const char *words,
                char out[LS_CAUSE_OUTCOME_BYTES])
{
    if (count == row->count) {
        (void)snprintf(out, LS_CAUSE_OUTCOME_BYTES, "%s", words);
    } else {
        (void)snprintf(out, LS_CAUSE_OUTCOME_BYTES, "%" PRId64 " of %" PRId64 " %s", count,
                       row->count, words);
    }
}

void ls_cause_outcome(const struct ls_cause_row *row, char out[LS_CAUSE_OUTCOME_BYTES])
{
    if (row->is_stuck && row->state == LS_STATE_SUBMITTED) {
        (void)snprintf(out, LS_CAUSE_OUTCOME_BYTES, "not known yet");
    } else if (row->is_stuck) {
        (void)snprintf(out, LS_CAUSE_OUTCOME_BYTES, "nothing sent");
    } else if (ls_cause_is_unknown(row)) {
        say(row, row->unknown > 0 ? row->unknown : row->count, "UNKNOWN", out);
    } else if (row->landed > 0) {
        say(row, row->landed, "landed", out);
    } else if (row->errored > 0) {
        say(row, row->errored, "error on chain", out);
    } else {
        (void)snprintf(out, LS_CAUSE_OUTCOME_BYTES, "never landed (safe)");
    }
}

/* `text` as a filter's value: in quotes where it has blanks, a prefix where it has quotes. */
static void write_value(const char *text, char *out, size_t out_bytes)
{
    size_t length = strcspn(text, "\"");
    bool is_cut = text[length] != '\0';
    bool is_quoted =
        length == 0 || strcspn(text, " \t\r\n") < length || text[length - 1] == '*';
    (void)snprintf(out, out_bytes, "%s%.*s%s%s", is_quoted ? "\"" : "", (int)length, text,
                   is_quoted ? "\"" : "", is_cut ? "*" : "");
}

void ls_cause_filter(const struct ls_cause_row *row,
                     bool is_short,
                     char out[LS_FILTER_BYTES_MAX])
{
    char value[LS_CAUSE_BYTES_MAX + 8];
    char state[64] = "";
    if (row->is_stuck) {
        const char *sub = ls_sub_name(row->sub);
        (void)snprintf(out, LS_FILTER_BYTES_MAX, "%sstate:%s%s%s", is_short ? "" : "stuck ",
                       ls_state_name(row->state), sub[0] == '\0' ? "" : " sub:", sub);
        return;
    }
    write_value(row->cause, value, sizeof value);
    if (row->state == LS_STATE_HELD) {
        (void)snprintf(state, sizeof state, "%ssub:%s ", is_short ? "" : "state:held ",
                       ls_sub_name(row->sub));
    } else if (!is_short) {
        (void)snprintf(state, sizeof state, "state:%s ", ls_state_name(row->state));
    }
    (void)snprintf(out, LS_FILTER_BYTES_MAX, "%scause:%s", state, value);
}

static void advise(const struct ls_cause_row *row,
                   const char *action,
                   const char *words,
                   const char *command,
                   struct ls_cause_advice *advice)
{
    char filter[LS_FILTER_BYTES_MAX];
    ls_cause_filter(row, false, filter);
    (void)snprintf(advice->action, sizeof advice->action, "%s", action);
    (void)snprintf(advice->words, sizeof advice->words, "%s", words);
    (void)snprintf(advice->command, sizeof advice->command, "lockstep %s '%.400s'", command,
                   filter);
}

static void advise_all(const struct ls_cause_row *row,
                       const char *action,
                       const char *verb,
                       struct ls_cause_advice *advice)
{
    char words[LS_CAUSE_ADVICE_BYTES];
    if (row->count == 1) {
        (void)snprintf(words, sizeof words, "%s it", verb);
    } else {
        (void)snprintf(words, sizeof words, "%s these %" PRId64, verb, row->count);
    }
    advise(row, action, words, verb, advice);
}

/* Whether the cause names one of the `count` errors. */
static bool names_one(const struct ls_cause_row *row, const char *const *errors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(row->cause, errors[i]) != NULL) return true;
    return false;
}

static bool lacks_funds(const struct ls_cause_row *row)
{
    static const char *const errors[] = {"InsufficientFunds", "nsufficient funds",
                                         "ResultWithNegativeLamports"};
    return names_one(row, errors, sizeof errors / sizeof errors[0]);
}

/* What the payload asks for can not be: the same again has the same answer. */
static bool is_of_payload(const struct ls_cause_row *row)
{
    static const char *const errors[] = {"token:InvalidMint",
                                         "MintMismatch",
                                         "OwnerMismatch",
                                         "token:FixedSupply",
                                         "AlreadyInUse",
                                         "MintDecimalsMismatch",
                                         "AuthorityTypeNotSupported",
                                         "NonTransferable",
                                         "MintRequiredForTransfer",
                                         "system:InvalidProgramId",
                                         "InvalidAccountDataLength",
                                         "ProgramAccountNotFound",
                                         "InvalidProgramForExecution",
                                         "AccountLoadedTwice",
                                         "InvalidWritableAccount",
                                         "TooManyAccountLocks",
                                         "SanitizeFailure",
                                         "ata:InvalidOwner"};
    return names_one(row, errors, sizeof errors / sizeof errors[0]);
}

void ls_cause_advise(const struct ls_cause_row *row, struct ls_cause_advice *advice_out)
{
    if (row->is_stuck && row->state == LS_STATE_SUBMITTED) {
        advise(row, "verify-cause", "verify on chain", "verify --chain", advice_out);
    } else if (row->is_stuck) {
        advise(row, "open", "see what waits", "ops", advice_out);
    } else if (ls_cause_is_unknown(row) || row->landed > 0) {
        advise(row, "verify-cause", "verify on chain", "verify --chain", advice_out);
    } else if (row->state == LS_STATE_HELD) {
        advise_all(row, "release-cause", "release", advice_out);
    } else if (lacks_funds(row) && row->signer[0] != '\0') {
        advise(row, "copy", "copy address, fund", "ops", advice_out);
    } else if (is_of_payload(row)) {
        advise(row, "open", "open, edit or cancel", "ops", advice_out);
    } else {
        advise_all(row, "retry-cause", "retry", advice_out);
    }
}
