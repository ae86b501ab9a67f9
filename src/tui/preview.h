/* What stands under a listing: the operation that the cursor is on, read whole. It follows the
 * cursor once that stands still, one question at a time: while a key repeats neither the
 * database is asked for each row nor the terminal told. Until the answer is there the pane
 * stays whole as it was, and so is drawn once a move. */
#ifndef LOCKSTEP_TUI_PREVIEW_H
#define LOCKSTEP_TUI_PREVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/core/facts.h"

enum {
    PREVIEW_STILL_MS = 50,     /* longer than between two of a repeating key */
    PREVIEW_PATIENCE_MS = 300, /* then it says that it reads */
};

struct preview {
    bool has;
    bool is_waiting;
    uint64_t ticket;
    int64_t asked_ms;
    ls_op_id op; /* that was asked for last, and its version then */
    int64_t version, looked_ms;
    ls_op_id at; /* where the cursor is, and since when */
    int64_t at_ms;
    struct ls_op_detail detail;
};

struct ls_ui;
struct ls_ui_message;

/* Ask for the operation under the cursor where it is not there yet. */
void preview_follow(struct ls_ui *ui);
/* When it wants to be looked at next, in ms from now; -1: whenever. */
int64_t preview_wait_ms(const struct ls_ui *ui);
/* Whether the answer was the preview's. */
bool preview_take(struct ls_ui *ui, const struct ls_ui_message *message);
/* What to show while the cursor is on `row`: its detail, for a moment the one before, or NULL.
 */
const struct ls_op_detail *preview_shown(const struct ls_ui *ui, const struct ls_op_row *row);

#endif
