/* The Bulk screen: jobs, and what became of the targets of the one under the cursor. */
#ifndef LOCKSTEP_TUI_BULKS_H
#define LOCKSTEP_TUI_BULKS_H

#include "cursor.h"
#include "lockstep/core/bulk.h"

struct bulks {
    bool has_page, is_waiting;
    struct ls_bulk_page page;
    uint64_t ticket;
    int64_t asked_ms;
    struct cursor cursor;
    size_t page_number;
    bool is_back;       /* the page before is awaited: the cursor goes to its end */
    int64_t before[64]; /* where each page begins */
    int64_t wanted_id;  /* a job that was just made: the cursor goes there */
    char why[LS_WHY_BYTES];

    bool has_targets;
    struct ls_bulk_target_page targets; /* of `targets_id`, once they have come */
    int64_t targets_id;
    uint64_t targets_ticket;
    bool is_open; /* the targets have the screen */
    struct cursor target;
    size_t target_page;
    bool target_is_back;
    int64_t after[1024];
};

struct ls_ui;
struct ls_ui_message;
struct dialog;

const struct ls_bulk_row *bulks_row(const struct ls_ui *ui);
void bulks_ask(struct ls_ui *ui);
void bulks_moved(struct ls_ui *ui);
void bulks_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void bulks_targets_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void bulks_weigh_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void bulks_turn(struct ls_ui *ui, bool forward);
void bulks_open(struct ls_ui *ui);
/* False when the targets were not open. */
bool bulks_close(struct ls_ui *ui);
/* Whether all that match this listing can be named by a filter. */
bool bulks_offers_all(const struct ls_ui *ui);
void bulks_count_all(struct ls_ui *ui);
void act_bulk(struct ls_ui *ui, enum ls_verb verb, const char *word);
/* The same of what `filter` finds, which `what` names. */
void act_bulk_of(struct ls_ui *ui,
                 enum ls_verb verb,
                 const char *word,
                 const char *what,
                 const char *filter);
/* What the dialog orders; NULL, or what is missing. */
const char *bulks_order(const struct dialog *dialog, struct ls_bulk_order *order);
void bulks_made(struct ls_ui *ui, int64_t id);

#endif
