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

static int32_t cells_of(const struct candidate *candidate)
{
    return (int32_t)ls_gate_width(candidate->text, strlen(candidate->text)) + 2;
}

/* The candidate that the row begins with, so that the chosen one is on it. */
static size_t first_shown(const struct completion *completion, int32_t room)
{
    int32_t used = 0;
    size_t first = 0;
    if (completion->at < 0) return 0;
    for (size_t i = 0; i <= (size_t)completion->at; i++) {
        used += cells_of(&completion->items[i]);
        while (used > room && first < i) used -= cells_of(&completion->items[first++]);
    }
    return first;
}

static void draw_candidates(struct view view, int32_t row)
{
    const struct completion *completion = &view.ui->prompt.completion;
    int32_t end = view.area.columns - 3;
    int32_t column = 2;
    ls_grid_fill(view.grid, (struct ls_rect){row, 0, 1, view.area.columns}, LS_ROLE_DIALOG,
                 LS_ROLE_DIALOG);
    size_t first = first_shown(completion, end - column);
    if (first > 0) (void)ls_grid_text(view.grid, ls_span_of(row, 0, 1), LS_ROLE_MUTED, "<");
    size_t i = first;
    for (; i < completion->count; i++) {
        const struct candidate *candidate = &completion->items[i];
        int32_t cells = cells_of(candidate) - 2;
        if (column + cells > end && i > first) break;
        (void)ls_grid_text(view.grid, ls_span_of(row, column, end),
                           (int64_t)i == completion->at ? LS_ROLE_KEY : LS_ROLE_TEXT,
                           candidate->text);
        if ((int64_t)i == completion->at)
            ls_grid_tint(view.grid, (struct ls_rect){row, column, 1, cells}, LS_ROLE_SELECT);
        column += cells + 2;
    }
    if (i < completion->count)
        (void)ls_grid_text(view.grid, ls_span_of(row, end + 1, end + 3), LS_ROLE_MUTED, ">");
}

/* What the chosen or only candidate means; else what the keys do. */
static void draw_help(struct view view, int32_t row)
{
    const struct completion *completion = &view.ui->prompt.completion;
    struct ls_span span = ls_span_of(row, 1, view.area.columns - 1);
    const struct candidate *candidate = NULL;
    if (completion->at >= 0) candidate = &completion->items[completion->at];
    if (completion->count == 1) candidate = &completion->items[0];
    if (candidate != NULL && candidate->help[0] != '\0') {
        span.column = ls_grid_text(view.grid, span, LS_ROLE_KEY, candidate->text) + 1;
        (void)ls_grid_text(view.grid, span, LS_ROLE_HINT, candidate->help);
        return;
    }
    (void)ls_grid_text(
        view.grid, span, LS_ROLE_HINT,
        view.ui->prompt.kind == PROMPT_FILTER
            ? "Tab completes, ! inverts a term, Enter filters, Up recalls, Esc leaves"
            : "Tab completes, Enter runs, Up recalls, Esc leaves");
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
        draw_candidates(view, row - 1);
    }
}
