#include "lockstep/console/console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "console.h"
#include "lockstep/host/clock.h"
#include "lockstep/report/complain.h"

enum { INPUTS_MAX = 256, ANSWERS_MAX = 64, WATCH_MS = 1000, WAIT_MS_MAX = 1000 };

static int64_t monotonic_ms(void)
{
    const struct ls_clock clock = ls_system_clock();
    return clock.monotonic_ms(clock.self);
}

static void tell(struct console *it, struct ls_ui_message *message)
{
    const struct ls_clock clock = ls_system_clock();
    message->now_ms = clock.monotonic_ms(clock.self);
    message->wall_ms = clock.wall_ms(clock.self);
    it->requests->count = 0;
    ls_ui_update(it->ui, message, it->requests);
    it->is_dirty = true;
    console_perform(it);
}

void console_note(struct console *it, bool is_bad, const char *text)
{
    struct ls_ui_message message = {.kind = LS_UI_NOTE, .is_bad = is_bad, .why = text};
    tell(it, &message);
}

/* The size of the screen, also at the start. */
static void tell_size(struct console *it)
{
    struct ls_ui_message message = {.kind = LS_UI_RESIZE};
    ls_term_size(it->term, &message.columns, &message.rows);
    if (ls_failed(ls_grid_resize(it->grid, message.columns, message.rows))) {
        it->is_over = true;
        return;
    }
    tell(it, &message);
}

/* SIGTSTP, as Ctrl-Z would: a worker is not stopped with a screen. */
static void stop_for_a_while(struct console *it)
{
    if (it->options->worker_snapshot != NULL) {
        console_note(it, true, "SIGTSTP would stop the embedded worker: not stopped");
        return;
    }
    ls_term_suspend(it->term);
    it->is_dirty = true;
}

static void end_plain(struct console *it)
{
    it->is_plain = false;
    it->is_dirty = true;
    ls_term_end_plain(it->term);
}

static void take_inputs(struct console *it)
{
    struct ls_term_input input;
    it->drops_keys = false;
    for (int i = 0; i < INPUTS_MAX && !it->is_over && !it->drops_keys; i++) {
        ls_term_read(it->term, &input);
        struct ls_ui_message message = {.key = input.key, .paste = input.paste};
        if (it->is_plain && input.kind == LS_TERM_KEY) {
            end_plain(it); /* the key did only that */
            continue;
        }
        switch (input.kind) {
        case LS_TERM_NOTHING: return;
        case LS_TERM_KEY: message.kind = LS_UI_KEY; break;
        case LS_TERM_PASTE: message.kind = LS_UI_PASTE; break;
        case LS_TERM_RESIZE: tell_size(it); continue;
        case LS_TERM_STOP:
            if (it->is_plain) end_plain(it);
            stop_for_a_while(it);
            continue;
        case LS_TERM_GONE: it->is_over = true; return;
        }
        tell(it, &message);
    }
    /* A dialog opened: what was typed before it could be seen is not for it. */
    if (it->drops_keys) ls_term_flush_keys(it->term);
}

static void take_answers(struct console *it)
{
    char bytes[256];
    while (read(it->wake[0], bytes, sizeof bytes) > 0) continue;
    for (int i = 0; i < ANSWERS_MAX; i++) {
        struct feed_answer *answer = feed_take(it->feed);
        if (answer == NULL) return;
        tell(it, &answer->message);
        feed_answer_free(answer);
    }
}

static void take_output(struct console *it)
{
    char bytes[16384];
    struct ls_ui_message message = {.kind = LS_UI_OUTPUT, .ticket = it->run.ticket};
    if (it->run.fd < 0) return;
    const int got = console_run_read(&it->run, bytes, sizeof bytes);
    if (got == 0) return;
    if (got > 0) {
        message.output = bytes;
        message.output_bytes = (size_t)got;
    } else {
        message.is_end = true;
        message.status = console_run_end(&it->run);
    }
    tell(it, &message);
}

static bool workers_equal(const struct ls_ui_worker *a, const struct ls_ui_worker *b)
{
    return a->is_running == b->is_running && a->worker_id == b->worker_id &&
           a->is_leader == b->is_leader && a->is_paused == b->is_paused &&
           a->in_flight == b->in_flight && strcmp(a->state, b->state) == 0;
}

static void watch_worker(struct console *it)
{
    if (it->options->worker_snapshot == NULL) return;
    struct ls_ui_worker worker = {0};
    it->options->worker_snapshot(it->options->worker_self, &worker);
    if (workers_equal(&worker, &it->worker)) return;
    it->worker = worker;
    struct ls_ui_message message = {.kind = LS_UI_WORKER, .worker = &it->worker};
    tell(it, &message);
}

/* What is looked at now and then: the worker, and whether the files of theme and keys were
 * saved. */
static void watch(struct console *it)
{
    int64_t now_ms = monotonic_ms();
    if (now_ms < it->watch_ms) return;
    it->watch_ms = now_ms + WATCH_MS;
    watch_worker(it);
    if (it->feed != NULL) feed_screen(it->feed, ls_ui_screen(it->ui));
    if (ls_theme_file_changed(&it->theme_file)) console_theme(it, it->theme_file.name);
    if (ls_keys_file_changed(&it->keys_file)) console_keys(it);
}

/* What was due after the last tick stays due, however many messages came since; what came
 * may be due earlier. */
static int64_t tick_due_ms(const struct console *it)
{
    const int64_t next_ms = ls_ui_next_tick_ms(it->ui);
    return it->tick_ms < next_ms ? it->tick_ms : next_ms;
}

static void tick(struct console *it)
{
    if (monotonic_ms() < tick_due_ms(it)) return;
    struct ls_ui_message message = {.kind = LS_UI_TICK};
    tell(it, &message);
    it->tick_ms = ls_ui_next_tick_ms(it->ui);
}

static void draw(struct console *it)
{
    if (!it->is_dirty || it->is_plain) return;
    it->is_dirty = false;
    ls_ui_draw(it->ui, it->grid);
    ls_term_draw(it->term, it->grid); /* returns once the terminal took it */
    ls_ui_painted(it->ui, monotonic_ms());
}

static void wait_for_news(struct console *it)
{
    struct pollfd fds[] = {
        {.fd = ls_term_key_fd(it->term), .events = POLLIN},
        {.fd = it->wake[0], .events = POLLIN},
        {.fd = ls_term_signal_fd(it->term), .events = POLLIN},
        {.fd = it->options->stop_fd, .events = POLLIN},
        {.fd = it->run.fd, .events = POLLIN}, /* -1 is left out */
    };
    int64_t wait_ms = tick_due_ms(it) - monotonic_ms();
    if (it->watch_ms - monotonic_ms() < wait_ms) wait_ms = it->watch_ms - monotonic_ms();
    if (wait_ms < 0) wait_ms = 0;
    if (wait_ms > WAIT_MS_MAX) wait_ms = WAIT_MS_MAX;
    if (poll(fds, sizeof fds / sizeof fds[0], (int)wait_ms) < 0) return; /* EINTR */
    if ((fds[3].revents & POLLIN) != 0) it->is_over = true;
    if ((fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0) it->is_over = true;
}

static void loop(struct console *it)
{
    while (!it->is_over) {
        watch(it);
        tick(it);
        draw(it);
        wait_for_news(it);
        if (it->is_over) return;
        take_inputs(it);
        take_answers(it);
        take_output(it);
    }
}

static ls_err open_pipe(int ends[2])
{
    int made[2];
    if (pipe(made) != 0) return LS_FAIL(LS_CODE_UNAVAILABLE, errno, "pipe");
    for (int i = 0; i < 2; i++) {
        ends[i] = made[i];
        (void)fcntl(made[i], F_SETFD, FD_CLOEXEC); /* neither can fail on a new pipe */
        (void)fcntl(made[i], F_SETFL, O_NONBLOCK);
    }
    return LS_OK;
}

static ls_err start(struct console *it, struct ls_why *why)
{
    LS_TRY(open_pipe(it->wake));
    it->requests = calloc(1, sizeof *it->requests);
    it->ui = console_make_ui(it);
    it->grid = ls_grid_new(80, 24, it->is_ascii);
    if (it->requests == NULL || it->ui == NULL || it->grid == NULL)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "console");
    LS_TRY(console_guard_start(it->options, &it->guard));
    LS_TRY(ls_term_open(&it->term, why));
    ls_term_set_links(it->term, it->options->shows_links);
    tell_size(it);
    console_first_theme(it);
    ls_keys_file_init(&it->keys_file, it->options->keys);
    console_keys(it);
    draw(it); /* before anything that may take its time */
    LS_TRY(console_start_feed(it));
    if (ls_term_note(it->term)[0] != '\0') console_note(it, false, ls_term_note(it->term));
    return LS_OK;
}

static void stop(struct console *it)
{
    ls_term_close(it->term); /* first: the person gets the terminal back at once */
    console_run_stop(&it->run);
    console_guard_stop(it->guard);
    const size_t undone = feed_stop(it->feed);
    if (undone > 0) {
        ls_complain("console",
                    "%zu action%s may not have been carried out, since the database did not "
                    "answer: lockstep audit list tells",
                    undone, undone == 1 ? "" : "s");
    }
    ls_desktop_free(it->desktop);
    ls_grid_free(it->grid);
    ls_ui_free(it->ui);
    free(it->requests);
    if (it->wake[0] >= 0) (void)close(it->wake[0]);
    if (it->wake[1] >= 0) (void)close(it->wake[1]);
}

int ls_console_run(const struct ls_console_options *options)
{
    struct console it = {.options = options, .wake = {-1, -1}};
    console_run_init(&it.run);
    struct ls_why why = {0};
    it.is_ascii = !ls_term_takes_utf8() || options->is_ascii;
    (void)signal(SIGPIPE, SIG_IGN); /* a helper that ended early is an error code here */
    ls_err err = start(&it, &why);
    if (!ls_failed(err)) loop(&it);
    stop(&it);
    if (!ls_failed(err)) return LS_EXIT_DONE;
    (void)ls_complain_err("console", err, &why); /* its status would mean the database */
    return err.code == LS_CODE_INVALID ? LS_EXIT_USAGE : LS_EXIT_FAILED;
}
