/* Segmented bars that read without colour: each part has a letter of its own. */
#ifndef LOCKSTEP_TUI_BAR_H
#define LOCKSTEP_TUI_BAR_H

#include "ui_model.h"

enum { BAR_PARTS_MAX = 8 };

struct bar_part {
    int64_t count;
    char letter; /* printed as often as the part has cells */
    enum ls_role role;
};

/* How many of `cells` each part has: by its share, and whatever is there has at least one. */
void bar_share(const struct bar_part *parts, size_t count, int32_t cells, int32_t *cells_out);
/* Draw it from the next free cell of `cells`, `width` wide. */
void cells_bar(struct cells *cells, int32_t width, const struct bar_part *parts, size_t count);

#endif
