#include "console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/host/clock.h"
#include "lockstep/report/complain.h"

/* Tell the console something without asking it for more. */
static void tell_only(struct console *it, struct ls_ui_message *message)
{
    const struct ls_clock clock = ls_system_clock();
    struct ls_ui_requests *ignored = calloc(1, sizeof *ignored);
    if (ignored == NULL) return;
    message->now_ms = clock.monotonic_ms(clock.self);
    message->wall_ms = clock.wall_ms(clock.self);
    ls_ui_update(it->ui, message, ignored);
    it->is_dirty = true;
    free(ignored);
}

void console_theme(struct console *it, const char *name)
{
    struct ls_theme theme;
    struct ls_why why = {0};
    struct ls_ui_message message = {.kind = LS_UI_THEME, .why = why.text};
    if (!ls_failed(ls_theme_file_read(name, &it->theme_file, &theme, &why))) {
        message.theme = &theme;
        ls_term_set_theme(it->term, &theme);
    } else {
        /* Say it once, not at each look at the file. */
        struct ls_theme_file untouched = it->theme_file;
        if (ls_theme_file_changed(&untouched)) it->theme_file.path[0] = '\0';
    }
    tell_only(it, &message);
}

struct names {
    size_t length;
    char text[1024];
};

/* Whole, or not at all. */
static void add_name(void *self, const char *name)
{
    struct names *names = self;
    const size_t room = sizeof names->text - names->length;
    const int used = snprintf(names->text + names->length, room, "%s ", name);
    if (used > 0 && (size_t)used < room) {
        names->length += (size_t)used;
    } else {
        names->text[names->length] = '\0';
    }
}

/* As they are now: a theme may have been saved a moment ago. */
static void tell_themes(struct console *it)
{
    struct names names = {0};
    ls_theme_files_each(add_name, &names);
    struct ls_ui_message message = {.kind = LS_UI_THEMES, .names = names.text};
    tell_only(it, &message);
}

void console_first_theme(struct console *it)
{
    const char *name = it->options->theme;
    if (name == NULL || name[0] == '\0') name = "dark";
    struct ls_theme theme;
    struct ls_why why = {0};
    ls_err err = ls_theme_load_builtin("dark", &theme, &why);
    if (!ls_failed(err)) ls_term_set_theme(it->term, &theme);
    console_theme(it, name);
}

void console_keys(struct console *it)
{
    struct ls_keymap keymap;
    struct ls_why why = {0};
    struct ls_ui_message message = {.kind = LS_UI_KEYS, .why = why.text};
    if (!ls_failed(ls_keys_file_read(&it->keys_file, &keymap, &why))) message.keymap = &keymap;
    tell_only(it, &message);
}

/* An answer in the feed's place when it can take no more questions. */
static void refuse(struct console *it, const struct ls_ui_request *request)
{
    struct ls_ui_message message = {.ticket = request->ticket,
                                    .is_end = true,
                                    .is_bad = true,
                                    .why = "too much waits for the database: try again"};
    switch (request->kind) {
    case LS_UI_WANT_OPS: message.kind = LS_UI_OPS; break;
    case LS_UI_WANT_DETAIL: message.kind = LS_UI_DETAIL; break;
    case LS_UI_WANT_ALERTS: message.kind = LS_UI_ALERTS; break;
    case LS_UI_WANT_AUDIT: message.kind = LS_UI_AUDIT; break;
    case LS_UI_WANT_PAST: message.kind = LS_UI_PAST; break;
    case LS_UI_WANT_BATCHES: message.kind = LS_UI_BATCHES; break;
    case LS_UI_WANT_BATCH: message.kind = LS_UI_BATCH; break;
    case LS_UI_WANT_BULKS: message.kind = LS_UI_BULKS; break;
    case LS_UI_WANT_TARGETS: message.kind = LS_UI_TARGETS; break;
    case LS_UI_WANT_WEIGH: message.kind = LS_UI_WEIGHED; break;
    case LS_UI_WANT_WEIGH_EDIT: message.kind = LS_UI_EDIT_WEIGHED; break;
    case LS_UI_WANT_BULK:
    case LS_UI_WANT_ACT: message.kind = LS_UI_ACTED; break;
    case LS_UI_WANT_CHOSEN: message.kind = LS_UI_CHOSEN; break;
    case LS_UI_WANT_CHECK: message.kind = LS_UI_CHECK; break;
    case LS_UI_WANT_EXPORT: message.kind = LS_UI_EXPORT; break;
    case LS_UI_WANT_STOP_EXPORT:
    case LS_UI_WANT_RUN:
    case LS_UI_WANT_STOP_RUN:
    case LS_UI_WANT_PLAIN:
    case LS_UI_WANT_STOP:
    case LS_UI_WANT_REFRESH:
    case LS_UI_WANT_COPY:
    case LS_UI_WANT_BELL:
    case LS_UI_WANT_REDRAW:
    case LS_UI_WANT_QUIT:
    case LS_UI_WANT_SUSPEND:
    case LS_UI_WANT_THEME:
    case LS_UI_WANT_THEMES:
    case LS_UI_WANT_FLUSH: return;
    }
    tell_only(it, &message);
}

void console_plain(struct console *it)
{
    struct ls_buf text;
    ls_buf_init(&text, 1 << 22);
    ls_ui_draw(it->ui, it->grid);
    ls_grid_dump(it->grid, &text);
    /* In the place of the hints at its end: all of it stays on the screen. */
    if (text.length > 0) text.length--;
    while (text.length > 0 && text.data[text.length - 1] != '\n') text.length--;
    ls_buf_add_text(&text, "(plain text of the screen; a key goes back)");
    if (!ls_failed(ls_buf_check(&text, "screen"))) {
        it->is_plain = true;
        ls_term_show_plain(it->term, ls_buf_text(&text));
    }
    ls_buf_done(&text);
}

/* A command that cannot be started has ended. */
static void start_run(struct console *it, const struct ls_ui_request *request)
{
    struct ls_why why = {0};
    struct ls_ui_message message = {
        .kind = LS_UI_OUTPUT, .ticket = request->ticket, .is_end = true, .why = why.text};
    const struct console_run_place place = {
        .cli = it->options->cli,
        .cli_count = it->options->cli_count,
        .config_path = it->options->config_path == NULL ? "" : it->options->config_path,
        .columns = ls_grid_columns(it->grid) - 4, /* the pane's borders and margins */
    };
    ls_err err = console_run_start(&it->run, request, &place, &why);
    if (!ls_failed(err)) return;
    message.status = LS_EXIT_FAILED;
    tell_only(it, &message);
}

static void perform(struct console *it, const struct ls_ui_request *request)
{
    switch (request->kind) {
    case LS_UI_WANT_OPS:
    case LS_UI_WANT_STOP:
    case LS_UI_WANT_DETAIL:
    case LS_UI_WANT_ALERTS:
    case LS_UI_WANT_AUDIT:
    case LS_UI_WANT_PAST:
    case LS_UI_WANT_BATCHES:
    case LS_UI_WANT_BATCH:
    case LS_UI_WANT_BULKS:
    case LS_UI_WANT_TARGETS:
    case LS_UI_WANT_WEIGH:
    case LS_UI_WANT_WEIGH_EDIT:
    case LS_UI_WANT_BULK:
    case LS_UI_WANT_ACT:
    case LS_UI_WANT_CHOSEN:
    case LS_UI_WANT_CHECK:
    case LS_UI_WANT_REFRESH:
    case LS_UI_WANT_EXPORT:
    case LS_UI_WANT_STOP_EXPORT:
        if (it->feed != NULL && feed_ask(it->feed, request)) return;
        refuse(it, request);
        return;
    case LS_UI_WANT_RUN: start_run(it, request); return;
    case LS_UI_WANT_STOP_RUN: console_run_stop(&it->run); return;
    case LS_UI_WANT_COPY: ls_term_copy(it->term, request->text); return;
    case LS_UI_WANT_BELL: ls_term_bell(it->term); return;
    case LS_UI_WANT_PLAIN: console_plain(it); return;
    case LS_UI_WANT_REDRAW: ls_term_redraw(it->term); return;
    case LS_UI_WANT_QUIT: it->is_over = true; return;
    case LS_UI_WANT_SUSPEND: ls_term_suspend(it->term); return;
    case LS_UI_WANT_THEME: console_theme(it, request->text); return;
    case LS_UI_WANT_THEMES: tell_themes(it); return;
    case LS_UI_WANT_FLUSH: it->drops_keys = true; return;
    }
}

void console_perform(struct console *it)
{
    size_t count = it->requests->count;
    it->requests->count = 0;
    for (size_t i = 0; i < count; i++) perform(it, &it->requests->items[i]);
}
