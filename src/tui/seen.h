/* The row acted on is the row seen: which row stood under the cursor in the frame that was
 * painted last, and since when. A listing that flows may put another one there by itself,
 * between that frame and a key, or so shortly before the key that nobody can have meant it. */
#ifndef LOCKSTEP_TUI_SEEN_H
#define LOCKSTEP_TUI_SEEN_H

#include <stdbool.h>
#include <stdint.h>

enum { SEEN_LEAST_MS = 400 }; /* nobody sees a row and presses a key for it in less */

/* What tells a row from the others of its screen. */
struct seen_row {
    int64_t id;
    int64_t version; /* of an operation; 0 where rows have none */
    char name[512];  /* where rows have no numbers: a cause, a gate; "" */
};

struct seen {
    bool has_frame, has_row;
    bool has_key; /* the person pressed one since */
    int screen;   /* enum screen */
    struct seen_row row;
    int64_t
        changed_ms; /* when another row came there by itself; 0: it is the person's choice */
};

struct ls_ui;

/* The row under the cursor as the model has it; false: there is none. */
bool seen_current(struct ls_ui *ui, struct seen_row *row_out);
/* Put the cursor on that row wherever it is now; false: it is gone. */
bool seen_follow(struct ls_ui *ui, const struct seen_row *row);
/* Whether a capital may act: the cursor is then on the row that was seen. Else the person is
 * told why not, and the next press finds what is seen now. */
bool seen_may_act(struct ls_ui *ui);

#endif
