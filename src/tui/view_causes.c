#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"

#include "command.h"
#include "view_dash.h"
#include "view_list.h"

enum { CHOSEN_CELLS = 36, FINE_MS = 60000, STEP_MS = 5000 };

enum cause_column {
    CAUSE_CURSOR,
    CAUSE_OPS,
    CAUSE_STATE,
    CAUSE_OLDEST,
    CAUSE_SINCE,
    CAUSE_CHAIN,
    CAUSE_KEYS,
    CAUSE_COLUMNS
};

static int32_t cause_widths(struct view view, int32_t widths[CAUSE_COLUMNS])
{
    int32_t columns = view.area.columns;
    widths[CAUSE_CURSOR] = 1;
    widths[CAUSE_OPS] = 5;
    widths[CAUSE_STATE] = 6;
    widths[CAUSE_OLDEST] = columns >= 90 ? 6 : 0;
    widths[CAUSE_SINCE] = columns >= 72 ? moment_cells(view.ui) : 0;
    widths[CAUSE_CHAIN] = 19;
    widths[CAUSE_KEYS] = columns >= 90 ? 21 : columns >= 72 ? 18 : 0;
    return flex_cells(columns, widths, CAUSE_COLUMNS);
}

static void draw_causes_titles(struct view view)
{
    int32_t widths[CAUSE_COLUMNS];
    int32_t flex = cause_widths(view, widths);
    struct cells cells = view_cells(view, 0);
    cells_put(&cells, widths[CAUSE_CURSOR], LS_ROLE_MUTED, "");
    cells_right(&cells, widths[CAUSE_OPS], LS_ROLE_MUTED, "OPS");
    cells_put(&cells, widths[CAUSE_STATE], LS_ROLE_MUTED, "STATE");
    cells_put(&cells, flex, LS_ROLE_MUTED, "CAUSE");
    cells_put(&cells, widths[CAUSE_OLDEST], LS_ROLE_MUTED, "OLDEST");
    cells_put(&cells, widths[CAUSE_SINCE], LS_ROLE_MUTED, "SINCE");
    cells_put(&cells, widths[CAUSE_CHAIN], LS_ROLE_MUTED, "OUTCOME ON CHAIN");
    cells_put(&cells, widths[CAUSE_KEYS], LS_ROLE_MUTED, "SUGGESTED");
}

/* Seconds in steps: a column of them would redraw itself each second. */
static int64_t coarse_age(int64_t age_ms)
{
    return age_ms < FINE_MS ? age_ms - age_ms % STEP_MS : age_ms;
}

/* With the endpoint that told it, where that fits whole. */
static void
write_title(const struct ls_cause_row *cause, int32_t cells, char out[LS_CAUSE_WORDS_BYTES])
{
    ls_cause_title(cause, out);
    if ((int32_t)ls_gate_width(out, strlen(out)) <= cells) return;
    struct ls_cause_row alone = *cause;
    alone.via[0] = '\0';
    ls_cause_title(&alone, out);
    const char *shorter = short_cause(out, cells);
    memmove(out, shorter, strlen(shorter) + 1);
}

static void write_cause(struct view view, struct cells *cells, const struct ls_cause_row *cause)
{
    int32_t widths[CAUSE_COLUMNS];
    int32_t flex = cause_widths(view, widths);
    char text[LS_CAUSE_WORDS_BYTES];
    enum ls_role role = cause->is_stuck ? LS_ROLE_SEV_WARNING : ls_role_of_state(cause->state);
    ls_format_short_count(cause->count, text);
    cells_right(cells, widths[CAUSE_OPS], LS_ROLE_TEXT, text);
    cells_put(cells, widths[CAUSE_STATE], role, ls_cause_state(cause));
    write_title(cause, flex, text);
    cells_put(cells, flex, LS_ROLE_TEXT, text);
    ls_format_age(coarse_age(pause_shown_now(view.ui) - cause->oldest_ms), text);
    cells_put(cells, widths[CAUSE_OLDEST], LS_ROLE_TEXT, text);
    moment_text(view.ui, cause->since_ms, text);
    cells_put(cells, widths[CAUSE_SINCE], LS_ROLE_TEXT, text);
    ls_cause_outcome(cause, text);
    cells_put(cells, widths[CAUSE_CHAIN],
              ls_cause_is_unknown(cause) ? LS_ROLE_SEV_CRITICAL : LS_ROLE_MUTED, text);
    if (desk_cause_words(view.ui, cause->cause, text, sizeof text)) {
        cells_put(cells, widths[CAUSE_KEYS], LS_ROLE_MUTED, text);
        return;
    }
    struct ls_cause_advice advice;
    ls_cause_advise(cause, &advice);
    char key[LS_KEY_NAME_BYTES];
    command_key_named(view.ui, advice.action, key);
    (void)snprintf(text, sizeof text, "%s  %s", key, advice.words);
    cells_put(cells, widths[CAUSE_KEYS], LS_ROLE_KEY, text);
}

void dash_causes(struct view view)
{
    const struct ls_ui *ui = view.ui;
    char note[64] = "";
    size_t count = ui->dashboard.cause_count;
    int64_t ops = 0;
    for (size_t i = 0; i < count; i++) ops += ui->dashboard.causes[i].count;
    if (count > 0)
        (void)snprintf(note, sizeof note, "%zu cause%s, %" PRId64 " op%s", count,
                       count == 1 ? "" : "s", ops, ops == 1 ? "" : "s");
    view.area =
        ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Needs you, grouped by cause", note);
    if (count == 0) {
        (void)ls_grid_printf(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_STATE_DONE,
                             "%s Nothing needs you.", ui_glyph(ui, LS_GLYPH_OK));
        return;
    }
    draw_causes_titles(view);
    for (int32_t row = 1; row < view.area.rows; row++) {
        size_t at = (size_t)ui->causes.top + (size_t)row - 1;
        if (at >= count) break;
        struct cells cells = view_cells(view, row);
        bool is_here = (int64_t)at == ui->causes.at;
        cells_put(&cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(ui, LS_GLYPH_CURSOR) : "");
        write_cause(view, &cells, &ui->dashboard.causes[at]);
        if (is_here) view_select(view, row, CHOSEN_CELLS);
    }
}
