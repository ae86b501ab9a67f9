#include <stdio.h>
#include <string.h>

#include "ui_model.h"

enum { PANE_ROWS_OFF = 2 }; /* borders */

int64_t pane_visible(const struct ls_ui *ui)
{
    const struct ls_rect body = ui_body(ui->columns, ui->rows);
    return body.rows > PANE_ROWS_OFF ? body.rows - PANE_ROWS_OFF : 1;
}

/* Where the line of output begins that `from` is in. */
static size_t begin_of(const struct pane *pane, size_t from)
{
    while (from > 0 && pane->text[from - 1] != '\n') from--;
    return from;
}

static void draw_line(struct view view, int32_t row, int64_t index)
{
    static const char complaint[] = "lockstep:";
    const struct pane *pane = &view.ui->pane;
    const size_t from = pane->lines[index];
    const size_t begin = begin_of(pane, from);
    const char *line = pane->text + begin;
    size_t to = index + 1 < (int64_t)pane->line_count ? pane->lines[index + 1] : pane->length;
    const char *end = memchr(pane->text + from, '\n', to - from);
    if (end != NULL) to = (size_t)(end - pane->text);
    while (to > from && pane->text[to - 1] == ' ') to--; /* between it and the next */
    struct ls_span span = ls_rect_line(view.area, row, 1);
    if (from > begin)
        span.column += pane_indent(line, strcspn(line, "\n"), span.end - span.column);
    const bool is_complaint = strncmp(line, complaint, sizeof complaint - 1) == 0;
    (void)ls_grid_bytes(view.grid, span, is_complaint ? LS_ROLE_SEV_CRITICAL : LS_ROLE_TEXT,
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

/* As large as what it shows; what stands below it is seen. */
static struct ls_rect box_of(const struct pane *pane, struct ls_rect body)
{
    enum { BOX_ROWS_LEAST = 5 };
    const int64_t rows = (int64_t)pane->line_count + PANE_ROWS_OFF;
    if (rows >= body.rows) return body;
    return rect_rows(body, 0, rows < BOX_ROWS_LEAST ? BOX_ROWS_LEAST : (int32_t)rows);
}

void view_pane(struct view view)
{
    const struct pane *pane = &view.ui->pane;
    view.area = box_of(pane, view.area);
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
