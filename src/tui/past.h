/* The dashboard as it was: `:at 02:31` shows it from the record, `[` and `]` go a minute back
 * and on, `:at now` and Esc return. Meanwhile nothing can be acted on. Listings have no record:
 * whoever opens one is back in the present. */
#ifndef LOCKSTEP_TUI_PAST_H
#define LOCKSTEP_TUI_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct past {
    bool is_on;      /* what is shown is not now */
    bool is_leaving; /* the next reading of the present ends it */
    bool is_waiting;
    uint64_t ticket;
    int64_t at_ms; /* the moment that was asked for last */
};

struct ls_ui;
struct ls_ui_message;

/* Ask for the dashboard of a moment, ms since 1970 by the database's clock. */
void past_go(struct ls_ui *ui, int64_t at_ms);
void past_step(struct ls_ui *ui, int64_t by_ms);
void past_leave(struct ls_ui *ui);
void past_take(struct ls_ui *ui, const struct ls_ui_message *message);
/* "AT 02:31 UTC", with its day where that is not today. */
void past_words(const struct ls_ui *ui, char *out, size_t out_bytes);

#endif
