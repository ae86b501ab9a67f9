/* What ledger and database are asked of operations because a person pressed v, or before a
 * dialog sends them again or undoes them. One at a time: the newest wins. */
#ifndef LOCKSTEP_TUI_CHECK_H
#define LOCKSTEP_TUI_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/err.h"
#include "lockstep/core/filter.h"
#include "lockstep/core/look.h"

enum check_phase { CHECK_NONE, CHECK_RUNS, CHECK_IS_DONE };

enum {
    CHECK_EVERY_MS = 500,      /* how often open answers are asked for */
    CHECK_PATIENCE_MS = 12000, /* then it is told with what is known */
};

struct check {
    enum check_phase phase;
    bool for_dialog; /* else the person looks, and is told by a line */
    bool for_retry;
    bool awaits_rows; /* of what it is about: they are read first */
    bool is_asked;    /* the question is out */
    uint64_t ticket;  /* of the newest question, for rows or looks */
    int64_t began_ms, asked_ms;
    size_t count;
    ls_op_id ops[LS_PREFLIGHT_OPS_MAX];
    bool has_facts;
    struct ls_preflight facts;
    char why[160]; /* why it could not be asked */
};

struct ls_ui;
struct ls_ui_message;
struct mark;

void check_begin(struct ls_ui *ui, const struct mark *marks, size_t count);
/* Before the dialog that is being made: its targets, as they stand. */
void check_dialog(struct ls_ui *ui);
/* Before the dialog that is being made, which is about all that match: they are read, frozen
 * as its targets, and looked up. */
void check_dialog_all(struct ls_ui *ui, const struct ls_filter *filter);
/* True when the message was rows for that. */
bool check_take_rows(struct ls_ui *ui, const struct ls_ui_message *message);
void check_tick(struct ls_ui *ui);
void check_answer(struct ls_ui *ui, const struct ls_ui_message *message);
/* Whether the dialog that is up waits for the ledger. */
bool check_holds_up(const struct ls_ui *ui);
/* Whether it does not even know yet what it is about. */
bool check_awaits_rows(const struct ls_ui *ui);
void act_verify(struct ls_ui *ui);
bool can_verify(const struct ls_ui *ui, struct ls_why *why);
/* view_check.c: what the check says, for the dialog; "": nothing yet. `brief`: for a narrow
 * one. */
void check_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes);
void check_cost_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes);
void check_value_words(const struct ls_ui *ui, bool brief, char *out, size_t out_bytes);

#endif
