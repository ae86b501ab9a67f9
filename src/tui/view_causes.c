#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lockstep/core/cause.h"

#include "command.h"
#include "view_dash.h"
#include "view_list.h"

enum { FINE_MS = 60000, STEP_MS = 5000, TITLES = 1 };
enum { ROOMY = 90, ALL_KEYS = 72 }; /* columns from where on there is air, and advice */

enum cause_column {
    CAUSE_CURSOR,
    CAUSE_OPS,
    CAUSE_STATE,
    CAUSE_TITLE,
    CAUSE_OLDEST,
    CAUSE_SINCE,
    CAUSE_CHAIN,
    CAUSE_KEYS,
    CAUSE_COLUMNS
};

/* What one cause says in each column. */
struct cause_texts {
    char texts[CAUSE_COLUMNS][LS_CAUSE_WORDS_BYTES];
};

/* Seconds in steps: a column of them would redraw itself each second. */
static int64_t coarse_age(int64_t age_ms)
{
    return age_ms < FINE_MS ? age_ms - age_ms % STEP_MS : age_ms;
}

/* Who has it, or the key to press next. */
static void write_next(const struct ls_ui *ui,
                       const struct ls_cause_row *cause,
                       char out[LS_CAUSE_WORDS_BYTES])
{
    if (desk_cause_words(ui, cause, out, LS_CAUSE_WORDS_BYTES)) return;
    struct ls_cause_advice advice;
    ls_cause_advise(cause, &advice);
    char key[LS_KEY_NAME_BYTES];
    command_key_named(ui, advice.action, key);
    (void)snprintf(out, LS_CAUSE_WORDS_BYTES, "%s  %s", key, advice.words);
}

static struct cause_texts texts_of(const struct view *view, const struct ls_cause_row *cause)
{
    struct cause_texts all = {0};
    const struct ls_ui *ui = view->ui;
    ls_format_short_count(cause->count, all.texts[CAUSE_OPS]);
    (void)snprintf(all.texts[CAUSE_STATE], LS_CAUSE_WORDS_BYTES, "%s", ls_cause_state(cause));
    ls_cause_title(cause, all.texts[CAUSE_TITLE]);
    ls_format_age(coarse_age(pause_shown_now(ui) - cause->oldest_ms), all.texts[CAUSE_OLDEST]);
    moment_text(ui, cause->since_ms, all.texts[CAUSE_SINCE]);
    ls_cause_outcome(cause, all.texts[CAUSE_CHAIN]);
    char *safe = strstr(all.texts[CAUSE_CHAIN], " (safe)");
    if (view->area.columns < ROOMY && safe != NULL)
        *safe = '\0'; /* the key beside it says so */
    write_next(ui, cause, all.texts[CAUSE_KEYS]);
    return all;
}

/* The title, at most as wide as the longest, so that what belongs together stays together; two
 * cells between the columns where there is air. */
static void cause_widths(struct view view, int32_t widths[CAUSE_COLUMNS])
{
    const struct ls_dashboard *facts = &view.ui->dashboard;
    const int32_t columns = view.area.columns;
    const bool is_roomy = columns >= ROOMY;
    const int32_t air = is_roomy ? 1 : 0;
    widths[CAUSE_CURSOR] = 1;
    widths[CAUSE_OPS] = 3;
    widths[CAUSE_STATE] = 6;
    widths[CAUSE_TITLE] = 5;
    widths[CAUSE_CHAIN] = is_roomy ? 16 : 8;
    widths[CAUSE_KEYS] = 9;
    widths[CAUSE_OLDEST] = is_roomy ? 6 : 0;
    widths[CAUSE_SINCE] = columns >= ALL_KEYS ? moment_cells(view.ui) : 0;
    for (size_t i = 0; i < facts->cause_count; i++) {
        const struct cause_texts all = texts_of(&view, &facts->causes[i]);
        fit_cells(&widths[CAUSE_OPS], all.texts[CAUSE_OPS], 5);
        fit_cells(&widths[CAUSE_TITLE], all.texts[CAUSE_TITLE], columns);
        fit_cells(&widths[CAUSE_CHAIN], all.texts[CAUSE_CHAIN], is_roomy ? 24 : 19);
        fit_cells(&widths[CAUSE_KEYS], all.texts[CAUSE_KEYS], is_roomy ? 27 : 22);
    }
    if (columns < ALL_KEYS) widths[CAUSE_KEYS] = 0;
    if (is_roomy) widths[CAUSE_OLDEST] += air;
    widths[CAUSE_SINCE] += air;
    widths[CAUSE_CHAIN] += air;
    const int32_t wanted = widths[CAUSE_TITLE] + air;
    widths[CAUSE_TITLE] = 0;
    const int32_t rest = flex_cells(columns, widths, CAUSE_COLUMNS) - 1;
    widths[CAUSE_TITLE] = wanted < rest ? wanted : rest;
}

static void draw_causes_titles(struct view view, const int32_t widths[CAUSE_COLUMNS])
{
    const bool is_roomy = view.area.columns >= ROOMY;
    const char *const titles[CAUSE_COLUMNS] = {"",
                                               "OPS",
                                               "STATE",
                                               "CAUSE",
                                               "OLDEST",
                                               "SINCE",
                                               is_roomy ? "OUTCOME ON CHAIN" : "ON CHAIN",
                                               "SUGGESTED"};
    struct cells cells = view_cells(view, 0);
    for (int i = 0; i < CAUSE_COLUMNS; i++) {
        if (i == CAUSE_OPS)
            cells_right(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
        else
            cells_put(&cells, widths[i], LS_ROLE_MUTED, titles[i]);
    }
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

static enum ls_role role_of(const struct ls_cause_row *cause, enum cause_column column)
{
    switch (column) {
    case CAUSE_STATE:
        return cause->is_stuck ? LS_ROLE_SEV_WARNING : ls_role_of_state(cause->state);
    case CAUSE_CHAIN: return ls_cause_is_unknown(cause) ? LS_ROLE_SEV_CRITICAL : LS_ROLE_MUTED;
    case CAUSE_KEYS: return LS_ROLE_KEY;
    case CAUSE_CURSOR:
    case CAUSE_OPS:
    case CAUSE_TITLE:
    case CAUSE_OLDEST:
    case CAUSE_SINCE:
    case CAUSE_COLUMNS: break;
    }
    return LS_ROLE_TEXT;
}

static void draw_cause(struct view view, int32_t row, size_t at, const int32_t *widths)
{
    const struct ls_cause_row *cause = &view.ui->dashboard.causes[at];
    struct cells cells = view_cells(view, row);
    const bool is_here = (int64_t)at == view.ui->causes.at;
    struct cause_texts all = texts_of(&view, cause);
    char who[LS_CAUSE_WORDS_BYTES];
    cells_put(&cells, 1, LS_ROLE_KEY, is_here ? ui_glyph(view.ui, LS_GLYPH_CURSOR) : "");
    cells_right(&cells, widths[CAUSE_OPS], LS_ROLE_TEXT, all.texts[CAUSE_OPS]);
    write_title(cause, widths[CAUSE_TITLE], all.texts[CAUSE_TITLE]);
    int32_t chosen = cells.column + widths[CAUSE_STATE] + 1 - view.area.column;
    const char *title = all.texts[CAUSE_TITLE];
    const int32_t title_cells = (int32_t)ls_gate_width(title, strlen(title));
    chosen += title_cells < widths[CAUSE_TITLE] ? title_cells + 1 : widths[CAUSE_TITLE];
    for (int i = CAUSE_STATE; i < CAUSE_COLUMNS; i++) {
        const bool is_taken =
            i == CAUSE_KEYS && desk_cause_words(view.ui, cause, who, sizeof who);
        cells_put(&cells, widths[i],
                  is_taken ? LS_ROLE_MUTED : role_of(cause, (enum cause_column)i),
                  all.texts[i]);
    }
    if (is_here) view_select(view, row, chosen);
}

/* How many there are, and which of them where not all fit. */
static void write_note(const struct ls_ui *ui, int32_t rows, char *out, size_t out_bytes)
{
    const int64_t count = (int64_t)ui->dashboard.cause_count;
    int64_t ops = 0;
    char range[48] = "";
    for (int64_t i = 0; i < count; i++) ops += ui->dashboard.causes[i].count;
    if (rows > 0 && rows < count) {
        int64_t last = ui->causes.top + rows;
        if (last > count) last = count;
        (void)snprintf(range, sizeof range, "%" PRId64, ui->causes.top + 1);
        if (rows > 1)
            (void)snprintf(range + strlen(range), sizeof range - strlen(range), "-%" PRId64,
                           last);
        (void)snprintf(range + strlen(range), sizeof range - strlen(range), " of ");
    }
    (void)snprintf(out, out_bytes, "%s%" PRId64 " cause%s, %" PRId64 " op%s", range, count,
                   count == 1 ? "" : "s", ops, ops == 1 ? "" : "s");
}

void dash_causes(struct view view)
{
    const struct ls_ui *ui = view.ui;
    char note[96] = "";
    size_t count = ui->dashboard.cause_count;
    if (count > 0) write_note(ui, view.area.rows - 2 - TITLES, note, sizeof note);
    view.area =
        ls_grid_box(view.grid, view.area, LS_ROLE_BORDER, "Needs you, grouped by cause", note);
    if (count == 0) {
        (void)ls_grid_printf(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_STATE_DONE,
                             "%s Nothing needs you.", ui_glyph(ui, LS_GLYPH_OK));
        return;
    }
    int32_t widths[CAUSE_COLUMNS];
    cause_widths(view, widths);
    draw_causes_titles(view, widths);
    for (int32_t row = TITLES; row < view.area.rows; row++) {
        size_t at = (size_t)ui->causes.top + (size_t)(row - TITLES);
        if (at >= count) break;
        draw_cause(view, row, at, widths);
    }
}
