/* The parts of the running console. Private to app's console*.c. */
#ifndef LOCKSTEP_CONSOLE_CONSOLE_PRIVATE_H
#define LOCKSTEP_CONSOLE_CONSOLE_PRIVATE_H

#include "console_guard.h"
#include "console_run.h"
#include "feed.h"
#include "lockstep/alert/sink.h"
#include "lockstep/config/keys_file.h"
#include "lockstep/config/theme_file.h"
#include "lockstep/console/console.h"
#include "lockstep/term/term.h"

struct console {
    const struct ls_console_options *options;
    bool is_ascii;
    bool is_over;
    bool is_dirty;   /* something may look different */
    bool is_plain;   /* the plain text of the screen is shown: a key goes back */
    bool drops_keys; /* a dialog opened */
    int wake[2];     /* the feed writes, the screen reads */
    int64_t watch_ms, tick_ms;
    ls_ui *ui;
    ls_grid *grid;
    ls_term *term;
    feed *feed;
    console_guard *guard;
    ls_desktop *desktop;
    struct ls_ui_worker worker;
    struct ls_theme_file theme_file;
    struct ls_keys_file keys_file;
    struct console_run run;
    struct ls_ui_requests *requests;
};

/* console.c */
void console_note(struct console *it, bool is_bad, const char *text);
/* console_requests.c: do what the pure console asked for. */
void console_perform(struct console *it);
void console_theme(struct console *it, const char *name);
void console_first_theme(struct console *it);
void console_keys(struct console *it);
void console_plain(struct console *it);
/* console_start.c */
ls_ui *console_make_ui(const struct console *it);
LS_MUST_CHECK ls_err console_start_feed(struct console *it);

#endif
