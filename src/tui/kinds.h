/* Which kinds a worker may begin: the dialog of K on Health, and what the dialogs of P and D
 * would leave to nobody. */
#ifndef LS_TUI_KINDS_H
#define LS_TUI_KINDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/err.h"

struct ls_ui;
struct dialog;

enum { LACKS_BYTES = 256 };

void act_kinds(struct ls_ui *ui);
bool can_kinds(const struct ls_ui *ui, struct ls_why *why);
/* Say what the dialog would leave to nobody, and what its list means; nothing in other dialogs.
 */
void kinds_follow(struct ls_ui *ui);
/* What the dialog's list means; `lacks_out` (may be NULL): what is wrong with it. */
LS_MUST_CHECK ls_err kinds_of(const struct dialog *dialog,
                              uint32_t *kinds_out,
                              char lacks_out[LACKS_BYTES]);

#endif
