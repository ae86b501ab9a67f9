/* Where a person stands in a listing. */
#ifndef LOCKSTEP_TUI_CURSOR_H
#define LOCKSTEP_TUI_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cursor {
    int64_t at;  /* row that the person stands on */
    int64_t top; /* first row on screen */
};

/* The page before has come, if `*is_back` awaits it: it is entered at its end. */
void cursor_land(struct cursor *cursor, bool *is_back, size_t count);

struct ls_ui;
/* Where the person stands in the listing on screen, and of how many; NULL: it has none. */
const struct cursor *ui_cursor(struct ls_ui *ui, int64_t *count_out);

#endif
