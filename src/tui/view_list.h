/* The parts of a listing's screen. */
#ifndef LOCKSTEP_TUI_VIEW_LIST_H
#define LOCKSTEP_TUI_VIEW_LIST_H

#include "lockstep/core/fate.h"

#include "ui_model.h"

/* view_table.c: a crumb whose range, behind `where`, is cut last. */
struct crumb {
    const char *where, *range, *note;
};
void view_crumb_of(struct view view, struct crumb crumb, enum ls_role note_role);

/* view_table.c: where a cause does not fit, the name of the error without what kind of error it
 * is, and what it waits for without "waits": that says less. Points into `cause`. */
const char *short_cause(const char *cause, int32_t cells);

/* view_preview.c: the operation under the cursor, below the listing. */
void view_preview(struct view view, const struct ls_op_row *row);

/* How a retry's safety is coloured. */
enum ls_role retry_role(enum ls_retry_is retry);

#endif
