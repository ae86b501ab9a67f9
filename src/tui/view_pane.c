#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { PANE_ROWS_OFF = 2 }; /* borders */

int64_t pane_visible(const struct ls_ui *ui)
{
    const struct ls_rect body = ui_body(ui->columns, ui->rows);
    return body.rows > PANE_ROWS_OFF ? body.rows - PANE_ROWS_OFF : 1;
}

/* Whether the line that `from` is in is the program's own complaint. */
static bool is_complaint(const struct pane *pane, size_t from)
{
    static const char begin[] = "lockstep:";
    while (from > 0 && pane->text[from - 1] != '\n') from--;
    return strncmp(pane->text + from, begin, sizeof begin - 1) == 0;
}

static void draw_line(struct view view, int32_t row, int64_t index)
{
    const struct pane *pane = &view.ui->pane;
    const size_t from = pane->lines[index];
    size_t to = index + 1 < (int64_t)pane->line_count ? pane->lines[index + 1] : pane->length;
    const char *end = memchr(pane->text + from, '\n', to - from);
    if (end != NULL) to = (size_t)(end - pane->text);
    (void)ls_grid_bytes(view.grid, ls_rect_line(view.area, row, 1),
                        is_complaint(pane, from) ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT,
                        pane->text + from, to - from);
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
