/* What became of the last action: one row for each operation, read again until nothing moves
 * any more. It opens when the action was answered, can be left at any time (what was sent goes
 * on), and opened again. */
#ifndef LOCKSTEP_TUI_RESULTS_H
#define LOCKSTEP_TUI_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cursor.h"
#include "lockstep/base/err.h"
#include "lockstep/cells/key.h"
#include "lockstep/core/action.h"
#include "lockstep/core/look.h"

enum { RESULTS_MAX = LS_PREFLIGHT_OPS_MAX, RESULT_BYTES = 200 };

enum result_is {
    RESULT_NOT_DONE, /* the database refused it, or did not answer */
    RESULT_TAKEN,    /* done; this action has nothing that could be followed */
    RESULT_QUEUED,
    RESULT_SENT,
    RESULT_GOOD,
    RESULT_FAILED, /* again, or otherwise than was wanted */
    RESULT_DOUBT,  /* held as ambiguous: whether it landed is not known */
    RESULT_HELD,   /* by a person or a rule: it goes on when it is released */
};
enum { RESULT_KINDS = RESULT_HELD + 1 };

struct result {
    ls_op_id op;
    ls_op_id followed; /* the same; of an undoing the operation that undoes */
    int64_t version;   /* of `followed` before the action; 0: it is new */
    char key[64];
    enum result_is is;
    char words[RESULT_BYTES];
};

struct results {
    bool is_open;
    enum ls_verb verb;
    char title[160];
    size_t count; /* 0: no action yet */
    struct result rows[RESULTS_MAX];
    struct cursor cursor;
    bool is_waiting;
    uint64_t ticket;
    int64_t asked_ms;
};

struct ls_ui;
struct ls_ui_message;
struct view;

/* Take over what the answered dialog was about. Opens where `is_open`. */
void results_take(struct ls_ui *ui, bool is_open);
void results_open(struct ls_ui *ui);
bool can_open_results(const struct ls_ui *ui, struct ls_why *why);
void results_key(struct ls_ui *ui, struct ls_key key);
void results_tick(struct ls_ui *ui);
void results_answer(struct ls_ui *ui, const struct ls_ui_message *message);
/* Whether an operation on screen may still move by itself. */
bool results_move(const struct ls_ui *ui);
/* "3 of 5 succeeded, 1 failed again, 1 on its way". */
void results_summary(const struct results *results, char *out, size_t out_bytes);
/* view_results.c */
void view_results(struct view view);
int64_t results_visible(const struct ls_ui *ui);

#endif
