/* The feed: a thread that owns the console's connection to the database. It reads the
 * dashboard each interval, makes the alert pass, answers the console's questions and
 * performs its actions, so that the screen never waits for a query. */
#ifndef LOCKSTEP_CONSOLE_FEED_H
#define LOCKSTEP_CONSOLE_FEED_H

#include "lockstep/service/alert_pass.h"
#include "lockstep/tui/ui.h"

typedef struct feed feed;

struct feed_options {
    const char *database_url; /* copied */
    int64_t interval_ms;
    struct ls_alert_pass pass; /* what it points to must outlive the feed */
    const char *log_file;      /* "": none; copied */
    int wake_fd;               /* one byte is written when an answer is there */
};

/* One answer, ready to be told to the console. Free with feed_answer_free(). */
struct feed_answer {
    struct ls_ui_message message; /* its pointers point into this answer */
    void *record;
    struct ls_why why;
    struct ls_action_result acted;
};

/* LS_CODE_NO_MEMORY; LS_CODE_UNAVAILABLE when no thread can be made. A database that is
 * down is no failure: the feed tells it and tries again each interval. */
LS_MUST_CHECK ls_err feed_start(const struct feed_options *options, feed **feed_out);
/* Carry out the actions that still wait, end the thread within 3 s (6 s while it connects)
 * even when the database has stopped answering, and free. How many actions may not have
 * been carried out; the audit log knows. NULL is allowed. */
size_t feed_stop(feed *it);

/* Hand over a question or an action; it is copied. False when too much waits. Any thread. */
bool feed_ask(feed *it, const struct ls_ui_request *request);
/* What is looked at, for other consoles; `name` is static text. Any thread. */
void feed_screen(feed *it, const char *name);
/* The next answer, or NULL. */
struct feed_answer *feed_take(feed *it);
/* An empty answer with room for a record; NULL when memory is exhausted. */
struct feed_answer *feed_answer_new(enum ls_ui_message_kind kind, size_t record_bytes);
void feed_answer_free(struct feed_answer *answer);

#endif
