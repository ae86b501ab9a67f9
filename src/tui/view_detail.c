#include "view_detail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/fate.h"

#include "command.h"
#include "lines.h"

/* Columns from where on what one can do stands beside the timeline, too. */
enum { BESIDE_FROM = 140 };

static const char *safety_words(const struct ls_op_row *row)
{
    const bool is_held = row->state == LS_STATE_HELD;
    const enum ls_retry_is retry = ls_retry_of(row);
    if (retry == LS_RETRY_FOUND)
        return is_held ? "Not safe to retry: {resolve} resolves it with what a look found."
                       : "Not safe to retry: lockstep reconcile --repair adopts it.";
    if (retry == LS_RETRY_ABSENT)
        return "Not safe to retry: {resolve} resolves it as never landed, where a person "
               "vouches.";
    if (retry == LS_RETRY_UNKNOWN && !is_held)
        return "Not safe to retry: {verify} looks on chain again.";
    switch (row->state) {
    case LS_STATE_READY:
    case LS_STATE_BLOCKED:
    case LS_STATE_LEASED: return "Nothing of this round was sent yet.";
    case LS_STATE_SUBMITTED:
        return row->sub == LS_SUB_CONFIRMED
                   ? "Seen on chain; provisional until it is finalized."
                   : "An attempt may land. Nothing new is signed meanwhile.";
    case LS_STATE_HELD:
        return row->sub == LS_SUB_AMBIGUOUS
                   ? "Not safe to retry: {verify} looks on chain, {resolve} resolves it."
                   : "Nothing is sent until it is released.";
    case LS_STATE_FAILED: return "A retry cannot land twice.";
    case LS_STATE_DONE: return "Finalized on chain.";
    case LS_STATE_CANCELLED: return "Ended without effect on chain.";
    case LS_STATE_COMPENSATED: return "Landed, and undone by its compensation.";
    }
    return "";
}

/* "NEVER LANDED" for the one sentence that must be seen first. */
static void upper_words(const char *words, char *out, size_t out_bytes)
{
    size_t used = 0;
    for (; words[used] != '\0' && used + 1 < out_bytes; used++) {
        char letter = words[used];
        out[used] = letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
    }
    out[used] = '\0';
}

static void add_title(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_op_row *row = &detail->row;
    char words[64];
    char since[LS_FORMAT_BYTES];
    char payload[LS_PAYLOAD_WORDS_BYTES];
    struct ls_span span = lines_next(lines);
    if (span.row < 0) return;
    state_words(row->state, row->sub, words, sizeof words);
    moment_text(lines->ui, row->updated_ms, since);
    ls_payload_words(detail, payload);
    span.column = ls_grid_printf(lines->grid, span, ls_role_of_state(row->state), "%s %s",
                                 ui_glyph(lines->ui, ls_glyph_of_state(row->state)), words);
    (void)ls_grid_printf(lines->grid, span, LS_ROLE_TITLE, " %s%s   %s %s   %s", since,
                         lines->ui->time_mode == SHOW_AGE ? " ago" : "",
                         ls_kind_name(row->kind), payload, row->key);
}

static enum ls_role fate_role(const struct ls_op_row *row)
{
    enum ls_retry_is retry = ls_retry_of(row);
    if (retry == LS_RETRY_SAFE) return LS_ROLE_STATE_DONE;
    if (retry == LS_RETRY_FOUND || retry == LS_RETRY_ABSENT) return LS_ROLE_SEV_WARNING;
    return retry == LS_RETRY_UNKNOWN ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT;
}

/* Who said that it is theirs, and what people wrote about it. */
static void add_people(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_claim *claim =
        ls_people_claim_of_op(&lines->ui->pause.desk.facts, detail->row.op);
    if (claim != NULL) {
        char left[LS_FORMAT_BYTES];
        ls_format_age(claim->until_ms - pause_shown_now(lines->ui), left);
        lines_printf(lines, "acked", LS_ROLE_TEXT, "%s has it, %s left: %s", claim->login, left,
                     claim->reason);
    }
    for (size_t i = 0; i < detail->note_count; i++) {
        const struct ls_note *note = &detail->notes[i];
        char at[LS_FORMAT_BYTES];
        moment_text(lines->ui, note->at_ms, at);
        lines_printf(lines, "note", LS_ROLE_TITLE, "%s (%s, %s)", note->body, note->login, at);
    }
}

static void add_head(struct lines *lines)
{
    const struct ls_op_detail *detail = &lines->ui->detail;
    const struct ls_op_row *row = &detail->row;
    char words[64];
    char fate[LS_FATE_BYTES];
    add_title(lines);
    upper_words(chain_words(row), words, sizeof words);
    char safety[128];
    key_words(lines->ui, safety_words(row), safety, sizeof safety);
    lines_printf(lines, "on chain", fate_role(row), "%s. %s", words, safety);
    ls_fate_words(detail, lines->ui->dashboard.finalized_height, fate);
    lines_add(lines, "attempts", fate_role(row), fate);
    if (row->cause[0] != '\0') {
        char cause[LS_CAUSE_BYTES_MAX + sizeof detail->detail + 4];
        ls_failure_words(row->cause, detail->detail, cause, sizeof cause);
        lines_add(lines, "cause", ls_role_of_state(row->state), cause);
    } else if (detail->detail[0] != '\0') {
        lines_add(lines, "now", LS_ROLE_TEXT, detail->detail);
    }
    add_people(lines);
    if (row->request != LS_REQUEST_NONE) {
        lines_add(lines, "requested", LS_ROLE_SEV_WARNING,
                  row->request == LS_REQUEST_HOLD
                      ? "hold, when the attempt in flight is proved dead"
                      : "cancel, when the attempt in flight is proved dead");
    }
    if (detail->waiting_behind > 0) {
        ls_waiting_words(detail, fate);
        lines_add(lines, "behind it", LS_ROLE_SEV_WARNING, fate);
    }
}

static void build(struct lines *lines)
{
    char title[64];
    char copies[64];
    bool is_local = lines->ui->time_mode == SHOW_LOCAL;
    (void)snprintf(title, sizeof title, "Timeline (%s)",
                   is_local ? lines->ui->options.zone_name : "UTC");
    add_head(lines);
    const bool is_beside = lines->area.columns >= BESIDE_FROM;
    const struct lines_part rights[] = {{"Database | on chain", detail_chain},
                                        {"You can", detail_offers}};
    lines_columns(lines, (struct lines_part){title, detail_timeline}, rights,
                  is_beside ? 2 : 1);
    key_words(lines->ui, "Identifiers: {copy} and a letter copies", copies, sizeof copies);
    lines_begin(lines, copies);
    detail_identifiers(lines);
    lines_end(lines);
    if (!is_beside) {
        lines_begin(lines, "You can");
        detail_offers(lines);
        lines_end(lines);
    }
    lines_begin(lines, "Payload");
    lines_add(lines, "", LS_ROLE_TEXT, lines->ui->detail.payload);
    lines_end(lines);
}

int64_t detail_lines(const struct ls_ui *ui)
{
    if (!ui->has_detail) return 0;
    struct lines lines = {.ui = ui, .area = ui_body(ui->columns, ui->rows)};
    build(&lines);
    return lines.count + 1; /* the crumb */
}

static void draw_crumb(struct view view)
{
    const struct ls_ui *ui = view.ui;
    const struct list *list = ui_list_const(ui);
    bool is_listed = screen_is_list(ui->detail_from) && list->count > 0;
    char where[LS_FORMAT_BYTES + 400];
    char note[192] = "";
    char previous_and_next[64];
    (void)snprintf(where, sizeof where, "%s%s%s > op %" PRId64, screen_name(ui->detail_from),
                   is_listed && list->cause_title[0] != '\0' ? " > " : "",
                   is_listed ? list->cause_title : "", ui->detail_op.value);
    key_words(ui, "   {previous} previous   {next} next", previous_and_next,
              sizeof previous_and_next);
    if (is_listed) {
        (void)snprintf(note, sizeof note, "%" PRId64 " of %zu%s%s", list->cursor.at + 1,
                       list->count, list->has_more ? "+" : "",
                       view.area.columns < COLUMNS_FULL ? "" : previous_and_next);
    }
    if (ui->has_detail && detail_lines(ui) > view.area.rows) {
        size_t used = strlen(note);
        (void)snprintf(note + used, sizeof note - used, "   line %" PRId64 " of %" PRId64 " %s",
                       ui->detail_scroll + 1, detail_lines(ui) - 1,
                       ui_glyph(ui, LS_GLYPH_MORE));
    }
    view_crumb(view, where, note, LS_ROLE_MUTED);
}

void view_detail(struct view view)
{
    const struct ls_ui *ui = view.ui;
    draw_crumb(view);
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
