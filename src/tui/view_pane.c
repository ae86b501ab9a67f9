#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { PANE_ROWS_OFF = 2 }; /* borders */

int64_t pane_visible(const struct ls_ui *ui)
{
    const struct ls_rect body = ui_body(ui->columns, ui->rows);
    return body.rows > PANE_ROWS_OFF ? body.rows - PANE_ROWS_OFF : 1;
}

/* Skip `cells` cells of a line. */
static size_t skip(const char *text, size_t bytes, int64_t cells)
{
    struct ls_gate_piece piece;
    size_t at = 0;
    int64_t used = 0;
    while (at < bytes && used < cells) {
        at += ls_gate_next(text + at, bytes - at, false, &piece);
        used += piece.width;
    }
    return at;
}

static void draw_line(struct view view, int32_t row, int64_t index)
{
    const struct pane *pane = &view.ui->pane;
    const size_t from = pane->lines[index];
    const size_t to =
        index + 1 < (int64_t)pane->line_count ? pane->lines[index + 1] - 1 : pane->length;
    size_t bytes = to - from;
    while (bytes > 0 && pane->text[from + bytes - 1] == '\n') bytes--;
    const size_t skipped = skip(pane->text + from, bytes, pane->left);
    const bool is_complaint = bytes > 9 && strncmp(pane->text + from, "lockstep:", 9) == 0;
    (void)ls_grid_bytes(view.grid, ls_rect_line(view.area, row, 1),
                        is_complaint ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT,
                        pane->text + from + skipped, bytes - skipped);
}

static void note_text(const struct ls_ui *ui, char *out, size_t out_bytes)
{
    const struct pane *pane = &ui->pane;
    const int64_t visible = pane_visible(ui);
    const int64_t last = pane->top + visible < (int64_t)pane->line_count
                             ? pane->top + visible
                             : (int64_t)pane->line_count;
    char where[80] = "";
    if ((int64_t)pane->line_count > visible)
        (void)snprintf(where, sizeof where, "%lld-%lld of %zu  ", (long long)pane->top + 1,
                       (long long)last, pane->line_count);
    if (pane->phase == PANE_RUNS) {
        (void)snprintf(out, out_bytes, "%sruns ... Esc %s", where,
                       pane->acts ? "waits" : "stops it");
    } else if (pane->status != 0) {
        (void)snprintf(out, out_bytes, "%sended with status %d   Esc closes", where,
                       (int)pane->status);
    } else {
        (void)snprintf(out, out_bytes, "%s%sEsc closes", where,
                       pane->is_cut ? "CUT: a shell shows all   " : "");
    }
}

void view_pane(struct view view)
{
    const struct pane *pane = &view.ui->pane;
    char title[PANE_LINE_BYTES + 32];
    char note[96];
    ls_grid_fill(view.grid, view.area, LS_ROLE_DIALOG, LS_ROLE_DIALOG);
    (void)snprintf(title, sizeof title, "%slockstep %s", pane->is_trial ? "DRY RUN  " : "",
                   pane->line);
    note_text(view.ui, note, sizeof note);
    view.area = ls_grid_box(view.grid, view.area, LS_ROLE_BORDER_FOCUS, title, note);
    for (int32_t row = 0; row < view.area.rows; row++) {
        const int64_t index = pane->top + row;
        if (index >= (int64_t)pane->line_count) break;
        draw_line(view, row, index);
    }
    if (pane->line_count == 0) {
        (void)ls_grid_text(view.grid, ls_rect_line(view.area, 0, 1), LS_ROLE_MUTED,
                           pane->phase == PANE_RUNS ? "..." : "it printed nothing");
    }
}
