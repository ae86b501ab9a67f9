#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/evidence.h"

#include "ui_model.h"

enum { LINE_BYTES = 1400, LABEL_CELLS = 12 };

/* Lines of a text that is longer than the screen: counted always, drawn where seen. */
struct lines {
    const struct ls_ui *ui;
    ls_grid *grid; /* NULL: only count */
    struct ls_rect area;
    int64_t scroll;
    int64_t count;
};

static struct ls_span next_line(struct lines *lines)
{
    int64_t row = lines->count++ - lines->scroll;
    if (row < 0 || row >= lines->area.rows) return (struct ls_span){-1, 0, 0};
    return ls_rect_line(lines->area, (int32_t)row, 1);
}

static void section(struct lines *lines, const char *title)
{
    (void)next_line(lines);
    struct ls_span span = next_line(lines);
    if (lines->grid == NULL || span.row < 0) return;
    ls_grid_rule(lines->grid, span, LS_ROLE_BORDER);
    span.column += 2;
    (void)ls_grid_printf(lines->grid, span, LS_ROLE_TITLE, " %s ", title);
}

/* `label` and a text over as many lines as it needs. */
static void
labelled(struct lines *lines, const char *label, enum ls_role role, const char *text)
{
    size_t length = strlen(text);
    size_t at = 0;
    int32_t cells = lines->area.columns - LABEL_CELLS - 3;
    do {
        struct ls_span span = next_line(lines);
        size_t bytes = wrap_bytes(text + at, length - at, cells);
        if (lines->grid != NULL && span.row >= 0) {
            if (at == 0) (void)ls_grid_text(lines->grid, span, LS_ROLE_MUTED, label);
            span.column += LABEL_CELLS + 1;
            (void)ls_grid_bytes(lines->grid, span, role, text + at, bytes);
        }
        at += bytes;
    } while (at < length);
}

/* One line that leads to a page, where the terminal can. */
static void linked(struct lines *lines, const char *label, const char *text, const char *url)
{
    if ((int32_t)strlen(text) > lines->area.columns - LABEL_CELLS - 3) {
        labelled(lines, label, LS_ROLE_TEXT, text); /* a part of it leads nowhere */
        return;
    }
    struct ls_span span = next_line(lines);
    if (lines->grid == NULL || span.row < 0) return;
    (void)ls_grid_text(lines->grid, span, LS_ROLE_MUTED, label);
    span.column += LABEL_CELLS + 1;
    (void)ls_grid_link(lines->grid, span, LS_ROLE_TEXT, text, url);
}

LS_PRINTF(4, 5)
static void labelled_printf(
    struct lines *lines, const char *label, enum ls_role role, const char *format, ...)
{
    char text[LINE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments); /* cut by design */
    va_end(arguments);
    labelled(lines, label, role, text);
}

static const char *safety_words(const struct ls_op_row *row)
{
    switch (row->state) {
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED: return "Nothing of this round was sent yet.";
    case LS_STATE_SUBMITTED:
        return row->sub == LS_SUB_CONFIRMED
                   ? "Seen on chain; provisional until it is finalized."
                   : "An attempt may land. Nothing new is signed meanwhile.";
    case LS_STATE_HELD:
        return row->sub == LS_SUB_AMBIGUOUS ? "Nobody could prove whether it landed. Not safe "
                                              "to retry: v looks on chain, V resolves it."
                                            : "Nothing is sent until it is released.";
    case LS_STATE_FAILED:
        return "Every attempt is dead or has failed: a retry cannot land twice.";
    case LS_STATE_DONE: return "Finalized on chain.";
    case LS_STATE_CANCELLED: return "Ended without effect on chain.";
    case LS_STATE_COMPENSATED: return "Landed, and undone by its compensation.";
    }
    return "";
}

static void add_head(struct lines *lines)
{
    const struct ls_op_row *row = &lines->ui->detail.row;
    char words[64];
    char since[LS_FORMAT_BYTES];
    state_words(row->state, row->sub, words, sizeof words);
    moment_text(lines->ui, row->updated_ms, since);
    struct ls_span span = next_line(lines);
    if (lines->grid != NULL && span.row >= 0) {
        span.column = ls_grid_printf(lines->grid, span, ls_role_of_state(row->state), "%s %s",
                                     ui_glyph(lines->ui, ls_glyph_of_state(row->state)), words);
        (void)ls_grid_printf(lines->grid, span, LS_ROLE_TITLE, " %s%s   %s   %s", since,
                             lines->ui->time_mode == SHOW_AGE ? " ago" : "",
                             ls_kind_name(row->kind), row->key);
    }
    labelled_printf(lines, "on chain", chain_role(row), "%s. %s", chain_words(row),
                    safety_words(row));
    if (lines->ui->detail.detail[0] != '\0')
        labelled(lines, "now", LS_ROLE_TEXT, lines->ui->detail.detail);
    if (row->cause[0] != '\0')
        labelled(lines, "cause", ls_role_of_state(row->state), row->cause);
    const struct ls_claim *claim = ls_people_claim_of_op(&lines->ui->desk.facts, row->op);
    if (claim != NULL) {
        char left[LS_FORMAT_BYTES];
        ls_format_age(claim->until_ms - ui_database_now(lines->ui), left);
        labelled_printf(lines, "acked", LS_ROLE_TEXT, "%s has it, %s left: %s", claim->login,
                        left, claim->reason);
    }
    for (size_t i = 0; i < lines->ui->detail.note_count; i++) {
        const struct ls_note *note = &lines->ui->detail.notes[i];
        char at[LS_FORMAT_BYTES];
        moment_text(lines->ui, note->at_ms, at);
        labelled_printf(lines, "note", LS_ROLE_TITLE, "%s (%s, %s)", note->body, note->login,
                        at);
    }
    if (row->request != LS_REQUEST_NONE) {
        labelled(lines, "requested", LS_ROLE_SEV_WARNING,
                 row->request == LS_REQUEST_HOLD
                     ? "hold, when the attempt in flight is proved dead"
                     : "cancel, when the attempt in flight is proved dead");
    }
}

static void add_offers(struct lines *lines)
{
    static const struct {
        enum ls_verb verb;
        const char *label, *words;
    } offers[] = {
        {LS_VERB_RETRY, "R retry", "signs and sends again; about 0.000005 SOL an attempt"},
        {LS_VERB_COMPENSATE, "C compensate", "undoes on chain what landed"},
        {LS_VERB_HOLD, "H hold", "stops it until it is released"},
        {LS_VERB_RELEASE, "H release", "goes back to ready"},
        {LS_VERB_CANCEL, "X cancel", "ends it without effect on chain"},
        {LS_VERB_RESOLVE_NEVER, "V resolve", "say what became of it, with a reason"}};
    const struct ls_op_row *row = &lines->ui->detail.row;
    section(lines, "You can");
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        struct ls_why why = {0};
        bool is_held = row->state == LS_STATE_HELD;
        if ((offers[i].verb == LS_VERB_RELEASE && !is_held) ||
            (offers[i].verb == LS_VERB_HOLD && is_held))
            continue;
        bool is_allowed =
            ls_verb_allowed(offers[i].verb, row->op, row->kind, row->state, row->sub, &why);
        labelled_printf(lines, offers[i].label, is_allowed ? LS_ROLE_TEXT : LS_ROLE_MUTED,
                        "%s%s",
                        is_allowed ? "" : "not now: ", is_allowed ? offers[i].words : why.text);
    }
}

static void add_related(struct lines *lines, const char *label, int64_t id)
{
    if (id != 0) labelled_printf(lines, label, LS_ROLE_TEXT, "op %" PRId64, id);
}

static void add_identifiers(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_op_row *row = &detail->row;
    section(lines, "Identifiers: y and a letter copies");
    labelled_printf(lines, "i id", LS_ROLE_TEXT, "%" PRId64 "  version %" PRId64 "  lane %d",
                    row->op.value, row->version, row->lane);
    labelled(lines, "k key", LS_ROLE_TEXT, row->key);
    labelled(lines, "e entity", LS_ROLE_TEXT, row->entity[0] == '\0' ? "-" : row->entity);
    if (row->batch != 0)
        labelled_printf(lines, "  batch", LS_ROLE_TEXT, "B-%" PRId64, row->batch);
    char link[LS_SIGNATURE_TEXT_BYTES + 96];
    explorer_link(lines->ui, row->signature, link, sizeof link);
    const bool has_one = row->signature[0] != '\0';
    linked(lines, "s signature", has_one ? row->signature : "-", has_one ? link : "");
    if (row->slot > 0) labelled_printf(lines, "  slot", LS_ROLE_TEXT, "%" PRId64, row->slot);
    if (has_one) linked(lines, "l link", link, link);
    if (detail->mint[0] != '\0') {
        char label[16];
        (void)snprintf(label, sizeof label, "  %s", ls_kind_makes(row->kind));
        labelled(lines, label, LS_ROLE_TEXT, detail->mint);
    }
    labelled(lines, "  fence", LS_ROLE_TEXT, ls_fence_name(detail->fence));
    if (detail->signer[0] != '\0') labelled(lines, "  signer", LS_ROLE_TEXT, detail->signer);
    if (detail->nonce[0] != '\0') labelled(lines, "  nonce", LS_ROLE_TEXT, detail->nonce);
    if (detail->marker[0] != '\0') labelled(lines, "  marker", LS_ROLE_TEXT, detail->marker);
    add_related(lines, "  emptied by", detail->reclaimed_by);
    add_related(lines, "  waits for", detail->depends_on);
    add_related(lines, "  undoes", detail->compensates);
    add_related(lines, "  undone by", detail->compensated_by);
}

static enum ls_role attempt_role(enum ls_attempt_state state)
{
    switch (state) {
    case LS_ATTEMPT_LIVE: return LS_ROLE_STATE_SUBMITTED;
    case LS_ATTEMPT_DEAD: return LS_ROLE_MUTED;
    case LS_ATTEMPT_LANDED: return LS_ROLE_STATE_DONE;
    case LS_ATTEMPT_ERRORED: return LS_ROLE_STATE_FAILED;
    case LS_ATTEMPT_ADVANCED: return LS_ROLE_STATE_DONE;
    }
    return LS_ROLE_TEXT;
}

/* What proves it, line by line; as it stands where it is no object. */
static void add_evidence(struct lines *lines, const char *evidence)
{
    struct ls_evidence_line told[LS_EVIDENCE_LINES_MAX];
    size_t count = ls_evidence_lines(evidence, told, LS_EVIDENCE_LINES_MAX);
    if (count == 0) labelled(lines, "  evidence", LS_ROLE_TEXT, evidence);
    for (size_t i = 0; i < count; i++) {
        labelled_printf(lines, i == 0 ? "  evidence" : "", LS_ROLE_TEXT, "%s: %s",
                        told[i].label, told[i].text);
    }
}

static void add_attempt(struct lines *lines, const struct ls_attempt_row *attempt)
{
    char at[LS_FORMAT_BYTES];
    int32_t offset = lines->ui->time_mode == SHOW_LOCAL ? lines->ui->options.zone_offset_s : 0;
    ls_format_clock(attempt->created_ms, offset, at);
    labelled_printf(
        lines, at, attempt_role(attempt->state), "attempt %d %s%s%s, valid to height %" PRId64,
        attempt->attempt, ls_attempt_state_name(attempt->state),
        attempt->cause[0] == '\0' ? "" : ": ", attempt->cause, attempt->last_valid_height);
    labelled(lines, "", LS_ROLE_MUTED, attempt->signature);
    if (lines->ui->shows_evidence && attempt->evidence[0] != '\0')
        add_evidence(lines, attempt->evidence);
}

static void add_event(struct lines *lines, const struct ls_audit_row *event)
{
    char at[LS_FORMAT_BYTES];
    int32_t offset = lines->ui->time_mode == SHOW_LOCAL ? lines->ui->options.zone_offset_s : 0;
    ls_format_clock(event->at_ms, offset, at);
    labelled_printf(lines, at, LS_ROLE_TEXT, "%s by %s%s%s%s%s%s%s", event->action,
                    event->actor, event->before[0] == '\0' ? "" : ", ", event->before,
                    event->after[0] == '\0' ? "" : " to ", event->after,
                    event->reason[0] == '\0' ? "" : ": ", event->reason);
}

/* Attempts (newest last) and audit entries (newest first) in the order of time. */
static void add_timeline(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    char enqueued[LS_FORMAT_BYTES];
    char title[64];
    moment_full(lines->ui, detail->row.created_ms, enqueued);
    (void)snprintf(title, sizeof title, "Timeline (%s)",
                   lines->ui->time_mode == SHOW_LOCAL ? lines->ui->options.zone_name : "UTC");
    section(lines, title);
    labelled(lines, "enqueued", LS_ROLE_TEXT, enqueued);
    size_t attempt = 0;
    size_t event = detail->event_count;
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
}

static void build(struct lines *lines)
{
    add_head(lines);
    add_offers(lines);
    add_identifiers(lines);
    add_timeline(lines);
    section(lines, "Payload");
    labelled(lines, "", LS_ROLE_TEXT, lines->ui->detail.payload);
}

int64_t detail_lines(const struct ls_ui *ui)
{
    if (!ui->has_detail) return 0;
    struct lines lines = {.ui = ui, .area = ui_body(ui->columns, ui->rows)};
    build(&lines);
    return lines.count + 1; /* the crumb */
}

void view_detail(struct view view)
{
    const struct ls_ui *ui = view.ui;
    char where[96];
    char note[64] = "";
    (void)snprintf(where, sizeof where, "%s > op %" PRId64, screen_name(ui->detail_from),
                   ui->detail_op.value);
    if (ui->has_detail && detail_lines(ui) > view.area.rows) {
        (void)snprintf(note, sizeof note, "line %" PRId64 " of %" PRId64 " %s",
                       ui->detail_scroll + 1, detail_lines(ui) - 1,
                       ui_glyph(ui, LS_GLYPH_MORE));
    }
    view_crumb(view, where, note, LS_ROLE_MUTED);
    view.area = rect_rows(view.area, 1, view.area.rows - 1);
    if (!ui->has_detail) {
        view.area.column += 2;
        view.area.columns -= 4;
        (void)view_wrap(view, ui->detail_why[0] == '\0' ? LS_ROLE_MUTED : LS_ROLE_SEV_WARNING,
                        ui->detail_why[0] == '\0' ? "Reading ..." : ui->detail_why);
        return;
    }
    struct lines lines = {
        .ui = ui, .grid = view.grid, .area = view.area, .scroll = ui->detail_scroll};
    build(&lines);
}
