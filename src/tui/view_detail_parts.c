#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/evidence.h"
#include "lockstep/core/fate.h"

#include "command.h"
#include "deeds.h"
#include "view_detail.h"
#include "view_list.h"

enum { CLOCK_CELLS = 9, PAIR_LABEL = 8, PAIR_CHAIN = 18, PAYLOAD_ROWS = 5 };
enum { ABOUT_CELLS = 12 }; /* "given up: " */
enum { VALUE_LEAST = 13, VALUE_MOST = 30 };

static int32_t offset_of(const struct ls_ui *ui)
{
    return ui->time_mode == SHOW_LOCAL ? ui->options.zone_offset_s : 0;
}

static enum ls_role attempt_role(enum ls_attempt_state state)
{
    switch (state) {
    case LS_ATTEMPT_LIVE: return LS_ROLE_STATE_SUBMITTED;
    case LS_ATTEMPT_DEAD: return LS_ROLE_MUTED;
    case LS_ATTEMPT_LANDED: return LS_ROLE_STATE_DONE;
    case LS_ATTEMPT_ERRORED: return LS_ROLE_STATE_FAILED;
    case LS_ATTEMPT_ADVANCED: return LS_ROLE_STATE_DONE;
    case LS_ATTEMPT_UNDECIDED: return LS_ROLE_TEXT;
    }
    return LS_ROLE_TEXT;
}

/* What proves it, line by line; as it stands where it is no object. */
static void add_evidence(struct lines *lines, const char *evidence)
{
    struct ls_evidence_line told[LS_EVIDENCE_LINES_MAX];
    size_t count = ls_evidence_lines(evidence, told, LS_EVIDENCE_LINES_MAX);
    if (count == 0) lines_add(lines, "", LS_ROLE_MUTED, evidence);
    for (size_t i = 0; i < count; i++)
        lines_printf(lines, "", LS_ROLE_MUTED, "  %s: %s", told[i].label, told[i].text);
}

/* A cause as it fits on a line of its own. */
static const char *told(const struct lines *lines, const char *cause)
{
    return short_cause(cause, lines->area.columns - CLOCK_CELLS - 6 - ABOUT_CELLS);
}

static void add_attempt(struct lines *lines, const struct ls_attempt_row *attempt)
{
    char at[LS_FORMAT_BYTES];
    char name[LS_SHORT_BYTES];
    char valid[LS_FORMAT_BYTES];
    ls_format_clock(attempt->created_ms, offset_of(lines->ui), at);
    ls_short_address(attempt->signature, name);
    ls_format_count(attempt->last_valid_height, valid);
    lines_printf(lines, at, attempt_role(attempt->state), "try %d %s  %s%s%s", attempt->attempt,
                 name, ls_attempt_state_name(attempt->state),
                 attempt->cause[0] == '\0' ? "" : ": ", told(lines, attempt->cause));
    if (lines->ui->detail.fence == LS_FENCE_NONCE)
        lines_add(lines, "", LS_ROLE_MUTED, "valid until its nonce moves");
    else
        lines_printf(lines, "", LS_ROLE_MUTED, "valid to height %s", valid);
    if (lines->ui->shows_evidence && attempt->evidence[0] != '\0')
        add_evidence(lines, attempt->evidence);
}

/* What a worker decided is told by its reason; what a person did also by whom and from what to
 * what. */
static void add_event(struct lines *lines, const struct ls_audit_row *event)
{
    static const struct {
        const char *action, *words;
    } decisions[] = {
        {"op.failed", "given up"}, {"op.held", "held"}, {"op.certified", "proved dead"}};
    const char *colon = event->reason[0] == '\0' ? "" : ": ";
    char at[LS_FORMAT_BYTES];
    ls_format_clock(event->at_ms, offset_of(lines->ui), at);
    for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
        if (strcmp(event->action, decisions[i].action) != 0) continue;
        lines_printf(lines, at, LS_ROLE_TEXT, "%s%s%s", decisions[i].words, colon,
                     told(lines, event->reason));
        return;
    }
    char deed[192];
    deed_words(event->action, "it", deed, sizeof deed);
    const bool is_change = event->before[0] != '\0' && event->after[0] != '\0';
    const bool is_found = strcmp(event->action, "verify.result") == 0;
    lines_printf(lines, at, LS_ROLE_TEXT, "%s %s%s%s%s%s%s%s", event->actor, deed,
                 is_change  ? ", from "
                 : is_found ? ": "
                            : "",
                 is_change ? event->before : "", is_change ? " to " : "",
                 is_change || is_found ? event->after : "", colon, event->reason);
}

/* Attempts come newest last, audit entries newest first. */
void detail_timeline(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    char enqueued[LS_FORMAT_BYTES];
    char now[LS_FORMAT_BYTES];
    size_t attempt = 0;
    size_t event = detail->event_count;
    lines->label_cells = CLOCK_CELLS;
    moment_full(lines->ui, detail->row.created_ms, enqueued);
    lines_printf(lines, "enqueued", LS_ROLE_TEXT, "%s", enqueued);
    while (attempt < detail->attempt_count || event > 0) {
        bool takes_attempt = event == 0 || (attempt < detail->attempt_count &&
                                            detail->attempts[attempt].created_ms <=
                                                detail->events[event - 1].at_ms);
        if (takes_attempt) {
            add_attempt(lines, &detail->attempts[attempt++]);
        } else {
            add_event(lines, &detail->events[--event]);
        }
    }
    struct ls_civil at = ls_civil_of(lines->ui->pause.wall_ms, offset_of(lines->ui));
    (void)snprintf(now, sizeof now, "%02d:%02d", at.hour, at.minute);
    lines_add(lines, now, LS_ROLE_MUTED, "you are here");
    lines->label_cells = 0;
}

static void
add_pair(struct lines *lines, const char *label, const char *mine, const char *chain)
{
    struct ls_span span = lines_next(lines);
    if (span.row < 0) return;
    struct ls_span cell = span;
    cell.end = span.column + PAIR_LABEL;
    (void)ls_grid_text(lines->grid, cell, LS_ROLE_MUTED, label);
    cell.column = cell.end + 1;
    int32_t value = span.end - cell.column - PAIR_CHAIN - 1;
    if (value < VALUE_LEAST) value = VALUE_LEAST;
    if (value > VALUE_MOST) value = VALUE_MOST;
    cell.end = cell.column + value;
    (void)ls_grid_text(lines->grid, cell, LS_ROLE_TEXT, mine);
    span.column = cell.end + 1;
    (void)ls_grid_printf(lines->grid, span, LS_ROLE_TEXT, "| %s", chain);
}

struct tally {
    int landed, errored, dead, live, undecided;
};

static struct tally count_attempts(const struct ls_op_detail *detail)
{
    struct tally tally = {0};
    for (size_t i = 0; i < detail->attempt_count; i++) {
        switch (detail->attempts[i].state) {
        case LS_ATTEMPT_LIVE: tally.live++; break;
        case LS_ATTEMPT_UNDECIDED: tally.undecided++; break;
        case LS_ATTEMPT_LANDED: tally.landed++; break;
        case LS_ATTEMPT_ERRORED: tally.errored++; break;
        case LS_ATTEMPT_DEAD:
        case LS_ATTEMPT_ADVANCED: tally.dead++; break;
        }
    }
    return tally;
}

static void
add_drift(struct lines *lines, const struct ls_op_row *row, const struct tally *tally)
{
    bool is_done = row->state == LS_STATE_DONE || row->state == LS_STATE_COMPENSATED;
    enum ls_role role = LS_ROLE_STATE_DONE;
    const char *words = "Both agree: nothing landed, nothing to compensate.";
    if (tally->landed > 1) {
        role = LS_ROLE_SEV_CRITICAL;
        words = "It landed TWICE: stop and look.";
    } else if (tally->landed == 1 && !is_done) {
        role = LS_ROLE_SEV_CRITICAL;
        words = "The chain has it, the database does not say so: lockstep reconcile.";
    } else if (tally->landed == 1) {
        words = "Both agree: it landed once.";
    } else if (is_done) {
        words = "Done, and the record of its attempt is not kept here.";
        role = LS_ROLE_TEXT;
    } else if (tally->live > 0) {
        role = row->state == LS_STATE_HELD ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT;
        words = row->state == LS_STATE_HELD
                    ? "What the chain has is UNKNOWN: {verify} verifies."
                    : "The chain decides: an attempt is under way.";
    }
    lines->label_cells = 1;
    char text[128];
    key_words(lines->ui, words, text, sizeof text);
    lines_add(lines, "", role, text);
    lines->label_cells = 0;
}

void detail_chain(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_op_row *row = &detail->row;
    struct ls_evidence_line payload[LS_EVIDENCE_LINES_MAX];
    struct tally tally = count_attempts(detail);
    char mine[64], chain[64];
    state_words(row->state, row->sub, mine, sizeof mine);
    add_pair(lines, "state", mine, chain_words(row));
    (void)snprintf(mine, sizeof mine, "%" PRId32 " of %" PRId32, row->attempts_made,
                   row->attempts_max);
    (void)snprintf(chain, sizeof chain, "%d landed, %d dead%s%s", tally.landed + tally.errored,
                   tally.dead, tally.live > 0 ? ", open" : "",
                   tally.undecided > 0 ? ", undecided" : "");
    add_pair(lines, "attempts", mine, chain);
    size_t count = ls_evidence_lines(detail->payload, payload, LS_EVIDENCE_LINES_MAX);
    for (size_t i = 0; i < count && i < PAYLOAD_ROWS; i++) {
        ls_short_address(payload[i].text, mine);
        add_pair(lines, payload[i].label, mine, tally.landed > 0 ? "as signed" : "-");
    }
    if (detail->attempt_count > 0) {
        ls_format_count(detail->attempts[detail->attempt_count - 1].last_valid_height, mine);
        char height[LS_FORMAT_BYTES];
        ls_format_count(lines->ui->dashboard.finalized_height, height);
        (void)snprintf(chain, sizeof chain, "now %s", height);
        add_pair(lines, "valid to", mine, chain);
    }
    ls_format_count(row->slot, mine);
    add_pair(lines, "slot", row->slot > 0 ? mine : "-", row->slot > 0 ? mine : "absent");
    add_pair(lines, "fence", ls_fence_name(detail->fence), "-");
    add_drift(lines, row, &tally);
}

static void add_related(struct lines *lines, const char *label, int64_t id)
{
    if (id != 0) lines_printf(lines, label, LS_ROLE_TEXT, "op %" PRId64, id);
}

static void add_address(struct lines *lines, const char *label, const char *text)
{
    if (text[0] != '\0') lines_add(lines, label, LS_ROLE_TEXT, text);
}

void detail_identifiers(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_op_row *row = &detail->row;
    lines_printf(lines, "i id", LS_ROLE_TEXT, "%" PRId64 "  version %" PRId64 "  lane %d",
                 row->op.value, row->version, row->lane);
    lines_add(lines, "k key", LS_ROLE_TEXT, row->key);
    add_address(lines, "e entity", row->entity);
    if (row->batch != 0) lines_printf(lines, "  batch", LS_ROLE_TEXT, "B-%" PRId64, row->batch);
    char link[LS_SIGNATURE_TEXT_BYTES + 96];
    explorer_link(lines->ui, row->signature, link, sizeof link);
    bool has_one = row->signature[0] != '\0';
    lines_link(lines, "s signature", has_one ? row->signature : "-", has_one ? link : "");
    if (has_one) lines_link(lines, "l link", link, link);
    char made[16];
    (void)snprintf(made, sizeof made, "  %s", ls_kind_makes(row->kind));
    add_address(lines, made, detail->mint);
    add_address(lines, "  signer", detail->signer);
    add_address(lines, "  nonce", detail->nonce);
    add_address(lines, "  marker", detail->marker);
    add_related(lines, "  emptied by", detail->reclaimed_by);
    add_related(lines, "  waits for", detail->depends_on);
    add_related(lines, "  undoes", detail->compensates);
    add_related(lines, "  undone by", detail->compensated_by);
}

static void write_cost(const struct ls_op_detail *detail, char *out, size_t out_bytes)
{
    char signer[LS_SHORT_BYTES];
    ls_short_address(detail->signer, signer);
    (void)snprintf(out, out_bytes,
                   "signs and sends one transaction again, about 0.000005 SOL%s%s",
                   signer[0] == '\0' ? "" : ", paid by ", signer);
}

void detail_offers(struct lines *lines)
{
    char retry[160];
    write_cost(&lines->ui->detail, retry, sizeof retry);
    const struct {
        enum ls_verb verb;
        const char *label, *words;
    } offers[] = {
        {LS_VERB_RETRY, "{retry} retry", retry},
        {LS_VERB_COMPENSATE, "{compensate} compensate",
         "a new operation undoes on chain what landed"},
        {LS_VERB_HOLD, "{hold} hold", "stops it until it is released; costs nothing"},
        {LS_VERB_RELEASE, "{hold} release", "goes back to ready"},
        {LS_VERB_CANCEL, "{cancel} cancel",
         "ends it without effect on chain; what waits goes on"},
        {LS_VERB_RESOLVE_NEVER, "{resolve} resolve", "say what became of it, with a reason"}};
    const struct ls_op_row *row = &lines->ui->detail.row;
    char label[32];
    key_words(lines->ui, "{verify} verify", label, sizeof label);
    lines_add(lines, label, LS_ROLE_TEXT,
              "asks the ledger for each attempt; evidence alone, nothing is sent");
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        struct ls_why why = {0};
        bool is_held = row->state == LS_STATE_HELD;
        if ((offers[i].verb == LS_VERB_RELEASE && !is_held) ||
            (offers[i].verb == LS_VERB_HOLD && is_held))
            continue;
        bool is_allowed =
            ls_verb_allowed(offers[i].verb, row->op, row->kind, row->state, row->sub, &why);
        key_words(lines->ui, offers[i].label, label, sizeof label);
        lines_printf(
            lines, label, is_allowed ? LS_ROLE_TEXT : LS_ROLE_MUTED, "%s%s",
            is_allowed ? "" : "not offered: ", is_allowed ? offers[i].words : why.text);
    }
}
