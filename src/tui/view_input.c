#include <string.h>

#include "ui_model.h"

struct input_place
view_input(struct view view, struct ls_span span, const struct input *input, bool has_focus)
{
    struct input_place place = {.column = span.column};
    const int32_t cells = span.end - span.column;
    if (span.row < 0 || cells < 4) return place;
    const size_t room = (size_t)cells - 1; /* the caret may stand behind the last character */
    ls_grid_fill(view.grid, (struct ls_rect){span.row, span.column, 1, cells}, LS_ROLE_INPUT,
                 LS_ROLE_INPUT);
    if (ls_gate_width(input->text, input->caret) > room) {
        place.column = ls_grid_text(view.grid, ls_span_of(span.row, span.column, span.end),
                                    LS_ROLE_KEY, ui_glyph(view.ui, LS_GLYPH_ELLIPSIS));
        while (ls_gate_width(input->text + place.skipped, input->caret - place.skipped) >
               room - 1)
            place.skipped +=
                wrap_bytes(input->text + place.skipped, input->caret - place.skipped, 8);
    }
    (void)ls_grid_text(view.grid, ls_span_of(span.row, place.column, span.end), LS_ROLE_INPUT,
                       input->text + place.skipped);
    if (has_focus) {
        const size_t before =
            ls_gate_width(input->text + place.skipped, input->caret - place.skipped);
        ls_grid_set_cursor(view.grid, span.row, place.column + (int32_t)before);
    }
    return place;
}
