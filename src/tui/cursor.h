/* Where a person stands in a listing. */
#ifndef LOCKSTEP_TUI_CURSOR_H
#define LOCKSTEP_TUI_CURSOR_H

#include <stdint.h>

struct cursor {
    int64_t at;  /* row that the person stands on */
    int64_t top; /* first row on screen */
};

#endif
