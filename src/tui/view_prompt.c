#include <stdio.h>
#include <string.h>

#include "view_hints.h"

static void draw_line(struct view view, int32_t row)
{
    const struct prompt *prompt = &view.ui->prompt;
    const struct input *input = &prompt->input;
    const int32_t end = view.area.columns;
    ls_grid_fill(view.grid, (struct ls_rect){row, 0, 1, end}, LS_ROLE_INPUT, LS_ROLE_TEXT);
    (void)ls_grid_text(view.grid, ls_span_of(row, 1, 2), LS_ROLE_INPUT,
                       prompt->kind == PROMPT_FILTER ? "/" : ":");
    const struct input_place place = view_input(view, ls_span_of(row, 2, end), input, true);
    if (prompt->bad_bytes == 0 || prompt->bad_at < place.skipped ||
        prompt->bad_at + prompt->bad_bytes > input->length)
        return;
    const size_t cells =
        ls_gate_width(input->text + place.skipped, prompt->bad_at - place.skipped);
    (void)ls_grid_bytes(view.grid, ls_span_of(row, place.column + (int32_t)cells, end),
                        LS_ROLE_TOAST_ERR, input->text + prompt->bad_at, prompt->bad_bytes);
}

/* The candidates as a table, row by row, as Tab goes through them; where one row has room for
 * all of them each is as wide as it is. */
struct menu {
    bool is_row;
    int32_t cells; /* of each, with what parts them */
    size_t per_row, rows;
    size_t first; /* the first row that is shown */
};

enum { MENU_ROWS_MAX = 6, MENU_MARGIN = 2, MENU_GAP = 2 };

static int32_t cells_of(const struct candidate *candidate)
{
    return (int32_t)ls_gate_width(candidate->text, strlen(candidate->text)) + MENU_GAP;
}

static struct menu menu_of(const struct completion *completion, struct ls_rect area)
{
    const int32_t room = area.columns - 2 * MENU_MARGIN;
    int32_t widest = 1 + MENU_GAP;
    int32_t together = 0;
    for (size_t i = 0; i < completion->count; i++) {
        const int32_t cells = cells_of(&completion->items[i]);
        together += cells < room ? cells : room;
        if (cells > widest) widest = cells;
    }
    if (together - MENU_GAP <= room)
        return (struct menu){.is_row = true, .per_row = completion->count, .rows = 1};
    struct menu menu = {.cells = widest < room ? widest : room};
    menu.per_row = (size_t)(room / menu.cells);
    const size_t all = (completion->count + menu.per_row - 1) / menu.per_row;
    const size_t most = area.rows / 4 < MENU_ROWS_MAX ? (size_t)area.rows / 4 : MENU_ROWS_MAX;
    menu.rows = all < most ? all : most;
    const size_t at = completion->at < 0 ? 0 : (size_t)completion->at / menu.per_row;
    menu.first = at < menu.rows ? 0 : at - menu.rows + 1;
    return menu;
}

static void draw_candidate(struct view view, struct ls_span span, size_t index)
{
    const struct completion *completion = &view.ui->prompt.completion;
    const bool is_chosen = (int64_t)index == completion->at;
    (void)ls_grid_text(view.grid, span, is_chosen ? LS_ROLE_KEY : LS_ROLE_TEXT,
                       completion->items[index].text);
    if (!is_chosen) return;
    ls_grid_tint(view.grid, (struct ls_rect){span.row, span.column, 1, span.end - span.column},
                 LS_ROLE_SELECT);
}

/* Above row `below`. */
static void draw_candidates(struct view view, int32_t below)
{
    const struct completion *completion = &view.ui->prompt.completion;
    const struct menu menu = menu_of(completion, view.area);
    const int32_t top = below - (int32_t)menu.rows;
    int32_t column = MENU_MARGIN;
    ls_grid_fill(view.grid, (struct ls_rect){top, 0, (int32_t)menu.rows, view.area.columns},
                 LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    for (size_t i = 0; i < menu.rows * menu.per_row; i++) {
        const size_t index = menu.first * menu.per_row + i;
        if (index >= completion->count) return;
        if (i % menu.per_row == 0) column = MENU_MARGIN;
        const int32_t cells = menu.is_row ? cells_of(&completion->items[index]) : menu.cells;
        const int32_t end = column + cells - MENU_GAP;
        draw_candidate(view, ls_span_of(top + (int32_t)(i / menu.per_row), column, end), index);
        column += cells;
    }
}

/* Where the menu does not show all of them: which is chosen, of how many. */
static void write_count(struct view view, char *out, size_t out_bytes)
{
    const struct completion *completion = &view.ui->prompt.completion;
    const struct menu menu = menu_of(completion, view.area);
    const char *more = completion->count == CANDIDATES_MAX ? "+" : "";
    out[0] = '\0';
    if (menu.rows * menu.per_row >= completion->count) return;
    if (completion->at < 0) {
        (void)snprintf(out, out_bytes, " %zu%s choices", completion->count, more);
    } else {
        (void)snprintf(out, out_bytes, " %zu of %zu%s", (size_t)completion->at + 1,
                       completion->count, more);
    }
}

/* What the chosen or only candidate means; else what the keys do. */
static const char *key_hints(enum prompt_kind kind, int32_t columns)
{
    const bool is_wide = columns >= COLUMNS_FULL;
    if (kind == PROMPT_COMMAND) return "Tab completes, Enter runs, Up recalls, Esc leaves";
    return is_wide ? "Tab completes, ! inverts a term, Enter filters, Up recalls, Esc leaves"
                   : "Tab completes, ! inverts, Enter filters, Esc leaves";
}

static void draw_help(struct view view, int32_t row)
{
    const struct completion *completion = &view.ui->prompt.completion;
    struct ls_span span = ls_span_of(row, 1, view.area.columns - 1);
    const struct candidate *candidate = NULL;
    char count[48];
    write_count(view, count, sizeof count);
    span.end = ls_grid_right(view.grid, span, LS_ROLE_MUTED, count);
    if (completion->at >= 0) candidate = &completion->items[completion->at];
    if (completion->count == 1) candidate = &completion->items[0];
    if (candidate != NULL && candidate->help[0] != '\0') {
        span.column = ls_grid_text(view.grid, span, LS_ROLE_KEY, candidate->text) + 2;
        (void)ls_grid_text(view.grid, span, LS_ROLE_HINT, candidate->help);
        return;
    }
    (void)ls_grid_text(view.grid, span, LS_ROLE_HINT,
                       key_hints(view.ui->prompt.kind, view.area.columns));
}

void view_prompt(struct view view)
{
    const struct prompt *prompt = &view.ui->prompt;
    int32_t row = view.area.rows - 2;
    draw_line(view, row);
    draw_help(view, row + 1);
    if (prompt->why[0] != '\0') {
        view_banner(view, row - 1, LS_ROLE_TOAST_ERR, prompt->why);
    } else if (prompt->completion.count > 0) {
        draw_candidates(view, row);
    }
}
