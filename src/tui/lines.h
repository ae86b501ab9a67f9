/* Lines of a text that may be longer than the screen: counted always, drawn where seen. On a
 * wide screen its sections are boxes, two of them beside each other where that helps. */
#ifndef LOCKSTEP_TUI_LINES_H
#define LOCKSTEP_TUI_LINES_H

#include "ui_model.h"

enum { LINES_WIDE = 96, LINES_LABEL_CELLS = 12, LINES_PARTS_MAX = 4 };

struct lines {
    const struct ls_ui *ui;
    ls_grid *grid; /* NULL: only count */
    struct ls_rect area;
    int64_t scroll;
    int64_t count;
    bool is_boxed; /* inside a box */
    int32_t label_cells;
};

/* Where the next line is written; its row is -1 where it is out of sight. */
struct ls_span lines_next(struct lines *lines);
/* A section: a box on a wide screen, else a rule with a title. */
void lines_begin(struct lines *lines, const char *title);
void lines_end(struct lines *lines);
/* `label` and a text over as many lines as it needs. */
void lines_add(struct lines *lines, const char *label, enum ls_role role, const char *text);
LS_PRINTF(4, 5)
void lines_printf(
    struct lines *lines, const char *label, enum ls_role role, const char *format, ...);
/* One line that leads to a page, where the terminal can. */
void lines_link(struct lines *lines, const char *label, const char *text, const char *url);
/* A section, and `count` (1..LINES_PARTS_MAX) others, which stand below each other at its right
 * where the screen is wide; the last of them ends where it ends. */
struct lines_part {
    const char *title;
    void (*add)(struct lines *lines);
};
void lines_columns(struct lines *lines,
                   struct lines_part left,
                   const struct lines_part *rights,
                   size_t count);

#endif
