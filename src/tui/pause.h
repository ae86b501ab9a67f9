/* The paused view: it stands still, its ages and its clock too, until a person wants something
 * of it, so that it costs a slow line nothing. What an answer to a key brings is shown, and
 * ages count from then. What must not be missed is shown in any case: that the database does
 * not answer, that the embedded worker ended, that an alert begins to fire. */
#ifndef LOCKSTEP_TUI_PAUSE_H
#define LOCKSTEP_TUI_PAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk.h"
#include "lockstep/tui/ui.h"

struct pause {
    bool is_on;
    bool takes_next;  /* a person wants the next reading of the dashboard */
    int64_t since_ms; /* wall clock: when the dashboard on screen was the present */
    /* What views draw: the present, unless paused. */
    int64_t now_ms, wall_ms;
    struct ls_ui_worker worker;
    struct desk desk;
};

void pause_set(struct ls_ui *ui, bool is_on);
/* Read the dashboard now, and show it on a paused view, too. */
void pause_read(struct ls_ui *ui);
/* Whether a reading of the dashboard that came just now is shown. */
bool pause_takes_dashboard(struct ls_ui *ui);
/* After each message: what is shown follows the present, or stands still. */
void pause_follow(struct ls_ui *ui, const struct ls_ui_message *message);

/* The database's clock as views count ages from, ms since 1970. */
int64_t pause_shown_now(const struct ls_ui *ui);
/* "PAUSED since 02:31:07 UTC"; where nothing answers, since when. */
void pause_words(const struct ls_ui *ui, char *out, size_t out_bytes);

#endif
