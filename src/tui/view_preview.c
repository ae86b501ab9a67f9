#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "view_list.h"

enum { PREVIEW_WIDE = 112 };

/* Which capitals can act on the row, as words; before them what to do first. */
static void
write_offers(const struct ls_ui *ui, const struct ls_op_row *row, char *out, size_t out_bytes)
{
    static const struct {
        enum ls_verb verb;
        const char *words;
    } offers[] = {{LS_VERB_RETRY, "{retry} retry  "},
                  {LS_VERB_COMPENSATE, "{compensate} compensate  "},
                  {LS_VERB_HOLD, "{hold} hold  "},
                  {LS_VERB_RELEASE, "{hold} release  "},
                  {LS_VERB_CANCEL, "{cancel} cancel  "},
                  {LS_VERB_RESOLVE_NEVER, "{resolve} resolve  "}};
    const enum ls_retry_is retry = ls_retry_of(row);
    const bool is_unknown = retry == LS_RETRY_UNKNOWN;
    const bool may_retry = !is_unknown && retry != LS_RETRY_FOUND;
    key_words(ui, is_unknown ? "{verify} verify on chain  " : "", out, out_bytes);
    size_t used = strlen(out);
    for (size_t i = 0; i < sizeof offers / sizeof offers[0]; i++) {
        if (!ls_verb_allowed(offers[i].verb, row->op, row->kind, row->state, row->sub, NULL))
            continue;
        if (offers[i].verb == LS_VERB_RETRY && !may_retry) continue; /* it would be refused */
        key_words(ui, offers[i].words, out + used, out_bytes - used);
        used += strlen(out + used);
    }
    if (used == 0) (void)snprintf(out, out_bytes, "nothing: it is finished");
}

/* How often it was tried, and when it changed last. */
static void
write_tries(const struct ls_ui *ui, const struct ls_op_row *row, char *out, size_t out_bytes)
{
    bool is_local = ui->time_mode == SHOW_LOCAL;
    char at[LS_FORMAT_BYTES];
    ls_format_clock(row->updated_ms, is_local ? ui->options.zone_offset_s : 0, at);
    (void)snprintf(out, out_bytes, "tried %d of %d, last change %s %s", row->attempts_made,
                   row->attempts_max, at, is_local ? ui->options.zone_name : "UTC");
}

/* The cause, with its tries where they stand nowhere else. */
static void write_cause(const struct ls_op_row *row,
                        const struct ls_op_detail *detail,
                        const char *tries,
                        char *out,
                        size_t out_bytes)
{
    char state[64];
    char failure[LS_CAUSE_BYTES_MAX + sizeof detail->detail + 4];
    state_words(row->state, row->sub, state, sizeof state);
    ls_failure_words(row->cause[0] == '\0' ? state : row->cause,
                     detail == NULL ? "" : detail->detail, failure, sizeof failure);
    (void)snprintf(out, out_bytes, "%s%s%s", failure, tries[0] == '\0' ? "" : "; ", tries);
}

static void
write_fate(const struct ls_ui *ui, const struct ls_op_detail *detail, char out[LS_FATE_BYTES])
{
    (void)snprintf(out, LS_FATE_BYTES, "Reading its attempts ...");
    if (detail != NULL) ls_fate_words(detail, ui->dashboard.finalized_height, out);
}

/* What became of it has the rows that it needs, why it stands the rest. */
static void draw_story(struct view view,
                       const struct ls_op_row *row,
                       const struct ls_op_detail *detail,
                       const char *tries)
{
    char cause[LS_CAUSE_BYTES_MAX + sizeof detail->detail + 224];
    char fate[LS_FATE_BYTES];
    write_cause(row, detail, tries, cause, sizeof cause);
    write_fate(view.ui, detail, fate);
    const struct ls_rect area = view.area;
    int32_t rows = area.rows - wrap_rows(fate, area.columns);
    if (rows < 1) rows = 1;
    if (wrap_rows(cause, area.columns) > rows)
        write_cause(row, detail, "", cause, sizeof cause);
    view.area = rect_rows(area, 0, rows);
    const int32_t used = view_wrap(view, LS_ROLE_TEXT, cause);
    view.area = rect_rows(area, used, area.rows - used);
    (void)view_wrap(
        view, detail == NULL ? LS_ROLE_MUTED : retry_role(ls_retry_of(&detail->row)), fate);
}

/* The operation in a line: what it moves, and how often it was tried. Where there is room it
 * stands below a title that stays as it is, so that from row to row only what differs is
 * written; where there is none it is the title. */
static void draw_subject(struct view view, const char *words, const char *tries)
{
    struct ls_span line = ls_rect_line(view.area, 0, 0);
    line.end = ls_grid_right(view.grid, line, LS_ROLE_TEXT, tries) - 2;
    (void)ls_grid_text(view.grid, line, LS_ROLE_TEXT, words);
}

/* Who waits behind it, and what can be done. */
static void
draw_offers(struct view view, const struct ls_op_row *row, const struct ls_op_detail *detail)
{
    char text[LS_WHY_BYTES];
    struct ls_span last = ls_rect_line(view.area, view.area.rows - 1, 0);
    if (detail != NULL) {
        ls_waiting_words(detail, text);
        enum ls_role role = detail->waiting_behind > 0 ? LS_ROLE_SEV_WARNING : LS_ROLE_MUTED;
        last.end = ls_grid_right(view.grid, last, role, text) - 1;
    }
    write_offers(view.ui, row, text, sizeof text);
    (void)ls_grid_text(view.grid, last, LS_ROLE_KEY, text);
}

void view_preview(struct view view, const struct ls_op_row *row)
{
    const struct ls_op_detail *detail = preview_shown(view.ui, row);
    if (detail != NULL && detail->row.op.value != row->op.value) row = &detail->row;
    bool is_wide = view.area.columns >= PREVIEW_WIDE;
    char words[LS_KEY_BYTES_MAX + LS_PAYLOAD_WORDS_BYTES + 96];
    char payload[LS_PAYLOAD_WORDS_BYTES] = "";
    char tries[96];
    if (detail != NULL) ls_payload_words(detail, payload);
    write_tries(view.ui, row, tries, sizeof tries);
    (void)snprintf(words, sizeof words, "op %" PRId64 "  %s  %s %s", row->op.value, row->key,
                   ls_kind_name(row->kind), payload);
    view.area =
        ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, is_wide ? "Operation" : words, "");
    view.area.column += 1;
    view.area.columns -= 2;
    if (is_wide) {
        draw_subject(view, words, tries);
        view.area = rect_rows(view.area, 1, view.area.rows - 1);
    }
    struct view story = view;
    story.area = rect_rows(view.area, 0, view.area.rows - 1);
    draw_story(story, row, detail, is_wide ? "" : tries);
    draw_offers(view, row, detail);
}
