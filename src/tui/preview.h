/* What stands under a listing: the operation that the cursor is on, read whole. It follows the
 * cursor one question at a time, so that a fast hand asks no more than the database answers. */
#ifndef LOCKSTEP_TUI_PREVIEW_H
#define LOCKSTEP_TUI_PREVIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/core/facts.h"

struct preview {
    bool has;
    bool is_waiting;
    uint64_t ticket;
    int64_t asked_ms;
    ls_op_id op; /* that was asked for last, and its version then */
    int64_t version;
    struct ls_op_detail detail;
};

struct ls_ui;
struct ls_ui_message;

/* Ask for the operation under the cursor where it is not there yet. */
void preview_follow(struct ls_ui *ui);
/* Whether the answer was the preview's. */
bool preview_take(struct ls_ui *ui, const struct ls_ui_message *message);
/* The detail of the row under the cursor; NULL while it is not there. */
const struct ls_op_detail *preview_of(const struct ls_ui *ui, ls_op_id op);

#endif
