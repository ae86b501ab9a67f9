/* The Batches screen: a listing of batches, and what is known of the one under the cursor. */
#ifndef LOCKSTEP_TUI_BATCHES_H
#define LOCKSTEP_TUI_BATCHES_H

#include "cursor.h"
#include "lockstep/core/batch_facts.h"

struct batches {
    char filter_text[LS_BATCH_FILTER_BYTES_MAX];
    bool has_page, is_waiting;
    struct ls_batch_page page;
    uint64_t ticket;
    int64_t asked_ms;
    struct cursor cursor;
    size_t page_number;
    bool is_back;        /* the page before is awaited: the cursor goes to its end */
    int64_t before[256]; /* where each page begins */
    char why[LS_WHY_BYTES];

    bool has_detail, detail_waiting;
    struct ls_batch_detail detail; /* of the batch `detail_id`, once it has come */
    int64_t detail_id;
    uint64_t detail_ticket;

    int64_t opened_id; /* whose operations the Queue shows; 0: none */
    char opened_name[LS_BATCH_NAME_BYTES_MAX + 1];
};

struct ls_ui;
struct ls_ui_message;

const struct ls_batch_row *batches_row(const struct ls_ui *ui);
void batches_ask(struct ls_ui *ui);
void batches_moved(struct ls_ui *ui);
void batches_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void batches_detail_answer(struct ls_ui *ui, const struct ls_ui_message *message);
void batches_turn(struct ls_ui *ui, bool forward);
bool batches_set_filter(struct ls_ui *ui, const char *text);
void batches_open(struct ls_ui *ui);
/* Whether the Queue shows the operations of the batch that was opened. */
bool batches_is_opened(const struct ls_ui *ui);

#endif
