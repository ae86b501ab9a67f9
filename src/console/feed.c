#include "feed.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "feed_desk.h"
#include "feed_export.h"
#include "feed_lists.h"
#include "feed_read.h"
#include "feed_request.h"
#include "feed_search.h"
#include "lockstep/base/mailbox.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/disks.h"
#include "lockstep/service/preflight.h"

enum {
    QUESTIONS_MAX = 512, /* more than one dialog's actions and the listings */
    ANSWERS_MAX = 512,
    ANSWERS_KEPT = 8, /* free places for what the feed tells unasked */
    FULL_WAIT_MS = 50,
    CONNECT_TIMEOUT_S = 3,
    STATEMENT_TIMEOUT_MS = 3000,
    STOP_MS = 3000, /* for what is under way when the console ends */
};

struct feed {
    struct feed_options options;
    ls_session *session;
    ls_mailbox *questions; /* of struct ls_ui_request */
    ls_mailbox *answers;   /* of struct feed_answer */
    pthread_t thread;
    atomic_bool is_stopping;
    atomic_bool is_cut;  /* stopping took too long: nothing more is begun */
    ls_mailbox *ended;   /* closed by the thread at its end */
    size_t undone_count; /* actions that may not have been carried out; the thread's */
    _Atomic(struct feed_answer *) newest; /* dashboard not taken yet: the latest wins */
    bool is_lost;                         /* the last reading failed */
    bool knows_rights;
    struct ls_disks disks;
    struct feed_search search;
    struct feed_desk desk;
    struct ls_why lost_why;
    /* Actions whose answer was lost: asked again, with their request ids, when the database
     * answers again. */
    size_t open_count;
    struct ls_ui_request *open[QUESTIONS_MAX];
    struct feed_export export;
};

static int64_t now_ms(void)
{
    const struct ls_clock clock = ls_system_clock();
    return clock.monotonic_ms(clock.self);
}

void feed_answer_free(struct feed_answer *answer)
{
    if (answer == NULL) return;
    free(answer->record);
    free(answer);
}

struct feed_answer *feed_answer_new(enum ls_ui_message_kind kind, size_t record_bytes)
{
    struct feed_answer *answer = calloc(1, sizeof *answer);
    if (answer == NULL) return NULL;
    answer->message.kind = kind;
    answer->message.why = answer->why.text;
    if (record_bytes > 0) answer->record = calloc(1, record_bytes);
    if (record_bytes > 0 && answer->record == NULL) {
        free(answer);
        return NULL;
    }
    return answer;
}

static void wake(feed *it)
{
    const char byte = 'a';
    ssize_t written = write(it->options.wake_fd, &byte, 1);
    (void)written; /* a full pipe wakes the reader as well */
}

static void post(feed *it, struct feed_answer *answer)
{
    if (answer == NULL) return;
    if (ls_failed(ls_mailbox_post(it->answers, answer))) feed_answer_free(answer);
    wake(it);
}

/* No connection: said once, and again when the reason changes. */
static void tell_lost(feed *it, const struct ls_why *why)
{
    bool is_news = !it->is_lost || strcmp(it->lost_why.text, why->text) != 0;
    it->is_lost = true;
    it->knows_rights = false;
    it->lost_why = *why;
    if (!is_news) return;
    struct feed_answer *answer = feed_answer_new(LS_UI_FEED_LOST, 0);
    if (answer == NULL) return;
    answer->why = *why;
    post(it, answer);
}

static void tell_rights(feed *it)
{
    struct ls_session_rights rights = {0};
    struct ls_why why = {0};
    if (it->knows_rights || ls_failed(ls_session_rights(it->session, &rights, &why))) return;
    ls_disks_add(&it->disks, "data", rights.data_directory);
    struct feed_answer *answer = feed_answer_new(LS_UI_RIGHTS, 0);
    if (answer == NULL) return;
    answer->message.may_operate = rights.may_operate && rights.is_primary;
    if (!rights.is_primary) {
        (void)snprintf(answer->why.text, sizeof answer->why.text,
                       "this server is a standby: it can only be looked at");
    } else if (!rights.may_operate) {
        (void)snprintf(answer->why.text, sizeof answer->why.text,
                       "role %.60s may not act; grant it lockstep_operator", rights.role);
    }
    it->knows_rights = true;
    post(it, answer);
}

/* Fire and resolve alerts. A viewer may not: then a worker's process does it. */
static void pass_alerts(feed *it, const struct ls_dashboard *facts)
{
    struct ls_why why = {0};
    bool rings = false;
    if (it->options.pass.rules == NULL) return;
    /* What could not be applied now is due again at the next reading. */
    (void)ls_failed(ls_alert_pass_run(&it->options.pass, it->session, facts, &rings, &why));
}

static void read_dashboard(feed *it)
{
    struct ls_why why = {0};
    struct feed_answer *answer = feed_answer_new(LS_UI_DASHBOARD, sizeof(struct ls_dashboard));
    if (answer == NULL) return;
    ls_err err = ls_session_dashboard(it->session, answer->record, &why);
    if (ls_failed(err)) {
        feed_answer_free(answer);
        if (why.text[0] == '\0') {
            (void)snprintf(why.text, sizeof why.text, "%s: %s",
                           err.what == NULL ? "database" : err.what, ls_code_name(err.code));
        }
        tell_lost(it, &why);
        return;
    }
    it->is_lost = false;
    tell_rights(it);
    pass_alerts(it, answer->record);
    ls_disks_fill(&it->disks, now_ms(), answer->record);
    answer->message.dashboard = answer->record;
    feed_answer_free(atomic_exchange(&it->newest, answer));
    wake(it);
}

static void read_desk(feed *it)
{
    if (ls_mailbox_count(it->answers) + ANSWERS_KEPT >= ANSWERS_MAX) return;
    struct feed_answer *answer = feed_answer_new(LS_UI_DESK, sizeof(struct ls_people));
    if (answer == NULL) return;
    if (!feed_desk_read(&it->desk, it->session, now_ms(), answer->record)) {
        feed_answer_free(answer); /* the dashboard tells that the database is away */
        return;
    }
    answer->message.desk = answer->record;
    post(it, answer);
}

/* False when nobody knows whether it was done: it is kept, to be asked again. */
static bool act(feed *it, const struct ls_ui_request *request, struct feed_answer *answer)
{
    struct ls_action action = request->action;
    feed_request_name(&action);
    feed_act(it->session, request, &action, &answer->acted);
    answer->message.acted = &answer->acted;
    const enum ls_code code = answer->acted.err.code;
    if (atomic_load(&it->is_stopping)) {
        if (code == LS_CODE_UNKNOWN || code == LS_CODE_UNAVAILABLE) it->undone_count++;
        return true;
    }
    if (code != LS_CODE_UNKNOWN || it->open_count == QUESTIONS_MAX) return true;
    struct ls_ui_request *kept = feed_request_copy(request);
    if (kept == NULL) return true; /* told as what it is: unknown */
    kept->action = action;
    it->open[it->open_count++] = kept;
    return false;
}

static ls_err check(feed *it, const struct ls_ui_request *request, struct feed_answer *answer)
{
    answer->message.preflight = answer->record;
    return ls_preflight_check(it->session, request, answer->record, &answer->why);
}

static struct feed_answer *answer_for(const struct ls_ui_request *request)
{
    enum ls_ui_message_kind kind = LS_UI_ACTED;
    size_t bytes = 0;
    if (!feed_answer_kind(request->kind, &kind, &bytes)) return NULL;
    struct feed_answer *answer = feed_answer_new(kind, bytes);
    if (answer != NULL) answer->message.ticket = request->ticket;
    return answer;
}

static void name_failure(ls_err err, struct ls_why *why)
{
    if (!ls_failed(err) || why->text[0] != '\0') return;
    (void)snprintf(why->text, sizeof why->text, "%s: %s",
                   err.what == NULL ? "database" : err.what, ls_code_name(err.code));
}

/* What the search found so far, or why it cannot go on. */
static void tell_found(feed *it, ls_err err, const struct ls_why *why)
{
    struct feed_answer *answer = feed_answer_new(LS_UI_OPS, sizeof(struct ls_op_page));
    if (answer == NULL) return;
    answer->message.ticket = it->search.request.ticket;
    if (ls_failed(err)) {
        answer->why = *why;
        name_failure(err, &answer->why);
    } else {
        *(struct ls_op_page *)answer->record = it->search.page;
        answer->message.ops = answer->record;
    }
    post(it, answer);
}

static void search_more(feed *it)
{
    struct ls_why why = {0};
    bool tells = false;
    if (it->is_lost) { /* at once: each try would wait for its timeout */
        it->search.is_on = false;
        tell_found(it, LS_FAIL(LS_CODE_UNAVAILABLE, 0, "database"), &it->lost_why);
        return;
    }
    ls_err err = feed_search_step(&it->search, it->session, now_ms(), &tells, &why);
    if (ls_failed(err) || tells) tell_found(it, err, &why);
}

static void search_stop(feed *it, uint64_t ticket)
{
    if (feed_search_stop(&it->search, ticket)) tell_found(it, LS_OK, NULL);
}

static void search_begin(feed *it, const struct ls_ui_request *request)
{
    search_stop(it, it->search.request.ticket);
    feed_search_begin(&it->search, request);
    search_more(it);
}

static void answer_question(feed *it, const struct ls_ui_request *request)
{
    if (request->kind == LS_UI_WANT_OPS) search_begin(it, request);
    if (request->kind == LS_UI_WANT_STOP) search_stop(it, request->ticket);
    struct feed_answer *answer = answer_for(request);
    if (answer == NULL) return;
    ls_err err = LS_OK;
    if (it->is_lost) {
        answer->why = it->lost_why; /* at once: each try would wait for its timeout */
    } else if (feed_is_act(request)) {
        if (!act(it, request, answer)) {
            feed_answer_free(answer);
            return;
        }
    } else {
        err = request->kind == LS_UI_WANT_CHECK ? check(it, request, answer)
                                                : feed_read(it->session, request, answer);
    }
    name_failure(err, &answer->why);
    /* What an action left on the desk is known when its answer is told: undo can follow. */
    if (feed_is_act(request) && !it->is_lost && !ls_failed(answer->acted.err) &&
        ls_mailbox_count(it->questions) == 0)
        read_desk(it);
    post(it, answer);
}

/* The database answers again: what became of the actions whose answers were lost? */
static void ask_open(feed *it)
{
    size_t count = it->open_count;
    struct ls_ui_request *open[QUESTIONS_MAX];
    memcpy(open, it->open, count * sizeof open[0]);
    it->open_count = 0;
    for (size_t i = 0; i < count; i++) {
        answer_question(it, open[i]);
        feed_request_free(open[i]);
    }
}

/* The console is ending: nobody is left to look at the answer. */
static void act_last(feed *it, const struct ls_ui_request *request)
{
    struct feed_answer ignored = {0};
    if (it->is_lost || atomic_load(&it->is_cut)) {
        it->undone_count++;
    } else {
        (void)act(it, request, &ignored); /* it counts what it could not do */
    }
}

/* What a person confirmed is carried out, the rest is dropped. */
static void finish(feed *it)
{
    struct ls_ui_request *request = NULL;
    for (size_t i = 0; i < it->open_count; i++) act_last(it, it->open[i]);
    while ((request = ls_mailbox_take(it->questions, 0)) != NULL) {
        if (feed_is_act(request)) act_last(it, request);
        feed_request_free(request);
    }
    if (!it->is_lost && !atomic_load(&it->is_cut)) feed_desk_leave(&it->desk, it->session);
    ls_mailbox_close(it->ended);
}

/* One thing that a question wants, or a piece of an export. */
static void work(feed *it, struct ls_ui_request *request, int64_t *due_ms)
{
    if (request == NULL) {
        if (it->search.is_on) search_more(it);
        if (it->export.job != NULL)
            post(it, feed_export_step(&it->export, it->session, now_ms()));
    } else if (request->kind == LS_UI_WANT_REFRESH) {
        *due_ms = 0;
        it->desk.due_ms = 0;
    } else if (feed_export_is_wanted(request)) {
        post(it, feed_export_ask(&it->export, request));
    } else {
        answer_question(it, request);
    }
    feed_request_free(request);
}

static void *run(void *self)
{
    feed *it = self;
    int64_t due_ms = 0;
    while (!atomic_load(&it->is_stopping)) {
        if (now_ms() >= due_ms) {
            read_dashboard(it);
            if (!it->is_lost) ask_open(it);
            if (!it->is_lost && feed_desk_is_due(&it->desk, now_ms())) read_desk(it);
            due_ms = now_ms() + it->options.interval_ms;
            continue;
        }
        bool has_room = ls_mailbox_count(it->answers) + ANSWERS_KEPT < ANSWERS_MAX;
        if (!has_room) { /* the screen takes nothing: no hurry */
            const struct timespec pause = {.tv_nsec = FULL_WAIT_MS * 1000000L};
            (void)nanosleep(&pause, NULL);
            continue;
        }
        const bool is_busy = it->export.job != NULL || it->search.is_on;
        work(it, ls_mailbox_take(it->questions, is_busy ? 0 : due_ms), &due_ms);
    }
    finish(it);
    return NULL;
}

void feed_screen(feed *it, const char *name)
{
    atomic_store(&it->desk.screen, name);
}

bool feed_ask(feed *it, const struct ls_ui_request *request)
{
    struct ls_ui_request *copy = feed_request_copy(request);
    if (copy == NULL) return false;
    if (!ls_failed(ls_mailbox_post(it->questions, copy))) return true;
    feed_request_free(copy);
    return false;
}

struct feed_answer *feed_take(feed *it)
{
    struct feed_answer *newest = atomic_exchange(&it->newest, NULL);
    return newest != NULL ? newest : ls_mailbox_take(it->answers, 0);
}

static void destroy(feed *it)
{
    while (it->questions != NULL && ls_mailbox_count(it->questions) > 0)
        feed_request_free(ls_mailbox_take(it->questions, 0));
    while (it->answers != NULL && ls_mailbox_count(it->answers) > 0)
        feed_answer_free(ls_mailbox_take(it->answers, 0));
    feed_answer_free(atomic_exchange(&it->newest, NULL));
    for (size_t i = 0; i < it->open_count; i++) feed_request_free(it->open[i]);
    export_job_free(it->export.job);
    ls_mailbox_free(it->questions);
    ls_mailbox_free(it->answers);
    ls_mailbox_free(it->ended);
    ls_session_free(it->session);
    ls_disks_done(&it->disks);
    ls_alert_pass_done(&it->options.pass);
    free(it);
}

/* Signals are the screen's: the feed's thread takes none. */
static int start_thread(feed *it)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&it->thread, NULL, run, it);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
}

ls_err feed_start(const struct feed_options *options, feed **feed_out)
{
    assert(options->interval_ms > 0);
    const struct ls_session_options session = {
        .url = options->database_url,
        .application = "lockstep console",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    feed *it = calloc(1, sizeof *it);
    if (it == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "feed");
    it->options = *options;
    ls_disks_init(&it->disks, options->log_file);
    feed_desk_init(&it->desk);
    it->session = ls_session_new(&session);
    it->questions = ls_mailbox_new(QUESTIONS_MAX);
    it->answers = ls_mailbox_new(ANSWERS_MAX);
    it->ended = ls_mailbox_new(1);
    if (it->session == NULL || it->questions == NULL || it->answers == NULL ||
        it->ended == NULL) {
        destroy(it);
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "feed");
    }
    const int failed = start_thread(it);
    if (failed != 0) {
        destroy(it);
        return LS_FAIL(LS_CODE_UNAVAILABLE, failed, "feed");
    }
    *feed_out = it;
    return LS_OK;
}

size_t feed_stop(feed *it)
{
    if (it == NULL) return 0;
    atomic_store(&it->is_stopping, true);
    ls_mailbox_close(it->questions);
    (void)ls_mailbox_take(it->ended, now_ms() + STOP_MS); /* NULL: closed, or too late */
    atomic_store(&it->is_cut, true);
    ls_session_interrupt(it->session);
    (void)pthread_join(it->thread, NULL); /* fails only for our own mistakes */
    const size_t undone = it->undone_count;
    destroy(it);
    return undone;
}
