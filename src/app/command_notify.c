/* `lockstep notify`: the alerts of a database on a workstation's desktop. */
#include "command.h"

#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "database.h"
#include "lockstep/alert/desk.h"
#include "lockstep/base/gate.h"
#include "lockstep/base/mailbox.h"
#include "lockstep/host/clock.h"
#include "lockstep/host/log_sink.h"
#include "lockstep/host/opener.h"
#include "lockstep/host/stop_signal.h"
#include "lockstep/service/act.h"

enum {
    PRESSES_MAX = 64,
    READ_MS = 1000,
    AGAIN_MS = 5000, /* between two tries to reach a desktop, or to show what it refused */
    LOST_MS = 15000, /* without an answer of the database: that is told, too */
    CONNECT_TIMEOUT_S = 3,
    STATEMENT_TIMEOUT_MS = 3000,
};
static const int64_t NOTICE_LOST = -2;

struct press {
    int64_t alert_id;
    bool opens; /* else acknowledges */
};

struct notifier {
    struct ls_opener opener;
    char scope[600];
    char self[512]; /* this binary */
    ls_session *session;
    ls_desk *desk;
    ls_desktop *desktop; /* NULL: not reached yet, or lost */
    ls_mailbox *presses; /* of struct press, from the desktop's thread */
    struct ls_alert_page *open;
    struct ls_log_sink log;
    int stop_fd, wake_fd;
    atomic_bool has_restarted;
    int64_t desktop_due_ms, read_due_ms, again_due_ms;
    int64_t dropped;   /* by the desktop, as of the last look */
    int64_t answer_ms; /* the database's last answer */
    bool tells_lost;
};

static int64_t now_ms(void)
{
    const struct ls_clock clock = ls_system_clock();
    return clock.monotonic_ms(clock.self);
}

static void write_log(const struct notifier *it, const char *event, const char *text)
{
    const struct ls_clock clock = ls_system_clock();
    const struct ls_log_record record = {.wall_ms = clock.wall_ms(clock.self),
                                         .level = LS_LEVEL_WARNING,
                                         .event = event,
                                         .field_count = 1,
                                         .fields = {{.name = "why", .text = text}}};
    it->log.write(it->log.self, &record);
}

static void wake(struct notifier *it)
{
    const uint64_t one = 1;
    const ssize_t written = write(it->wake_fd, &one, sizeof one);
    (void)written; /* a counter that is full wakes as well */
}

/* On the desktop's thread, as all three. When too many wait: press again. */
static void post_press(struct notifier *it, int64_t alert_id, bool opens)
{
    struct press *press = malloc(sizeof *press);
    if (press == NULL) return;
    *press = (struct press){alert_id, opens};
    if (ls_failed(ls_mailbox_post(it->presses, press))) free(press);
    wake(it);
}

static void when_acknowledged(void *self, int64_t alert_id)
{
    post_press(self, alert_id, false);
}

static void when_opened(void *self, int64_t alert_id)
{
    post_press(self, alert_id, true);
}

static void when_restarted(void *self)
{
    struct notifier *it = self;
    atomic_store(&it->has_restarted, true);
    wake(it);
}

/* A notice of our own: `id` is an alert's where it is about one. */
static void tell(struct notifier *it, int64_t id, const char *title, const char *body)
{
    struct ls_alert_notice notice = {.alert_id = id, .severity = LS_SEVERITY_WARNING};
    (void)snprintf(notice.title, sizeof notice.title, "%.120s", title);
    (void)ls_gate_text(body, strlen(body), notice.body, sizeof notice.body);
    if (it->desktop != NULL) ls_desktop_post(it->desktop, &notice);
}

static void acknowledge(struct notifier *it, int64_t alert_id)
{
    struct ls_action action = {.verb = LS_VERB_ALERT_ACK, .alert_id = alert_id};
    struct ls_action_result result;
    const struct ls_entropy entropy = ls_system_entropy();
    entropy.fill(entropy.self, action.request_id, sizeof action.request_id);
    (void)snprintf(action.reason, sizeof action.reason, "acknowledged from the desktop");
    ls_act_claims(&action);
    ls_act(it->session, &action, &result);
    if (!ls_failed(result.err)) return; /* the next look takes it down */
    const char *why =
        result.why.text[0] == '\0' ? ls_code_name(result.err.code) : result.why.text;
    write_log(it, "notify.ack_refused", why);
    tell(it, alert_id,
         result.err.code == LS_CODE_UNKNOWN ? "perhaps not acknowledged" : "not acknowledged",
         why);
}

static void take_presses(struct notifier *it)
{
    struct press *press = NULL;
    while ((press = ls_mailbox_take(it->presses, 0)) != NULL) {
        struct ls_why why = {0};
        if (!press->opens) {
            acknowledge(it, press->alert_id);
            it->read_due_ms = 0;
        } else if (ls_failed(ls_opener_start(
                       &it->opener, press->alert_id > 0 ? press->alert_id : 0, &why))) {
            write_log(it, "notify.open_failed", why.text);
            tell(it, press->alert_id, "nothing was opened", why.text);
        }
        free(press);
    }
}

/* Everything is to be shown again. */
static void begin_anew(struct notifier *it)
{
    ls_desk_forget(it->desk);
    it->tells_lost = false;
    it->read_due_ms = 0;
}

static ls_err reach_desktop(struct notifier *it, struct ls_why *why)
{
    const struct ls_desktop_options options = {.application = "lockstep",
                                               .on_acknowledge = when_acknowledged,
                                               .on_open = when_opened,
                                               .on_restart = when_restarted,
                                               .self = it,
                                               .scope = it->scope,
                                               .is_notifier = true};
    LS_TRY(ls_desktop_new(&options, &it->desktop, why));
    it->dropped = 0;
    begin_anew(it);
    return LS_OK;
}

/* A desktop that went is looked for again, as is one that is not there yet. */
static void keep_desktop(struct notifier *it)
{
    struct ls_why why = {0};
    if (it->desktop != NULL && ls_desktop_is_lost(it->desktop)) {
        ls_desktop_free(it->desktop);
        it->desktop = NULL;
        write_log(it, "notify.desktop_lost", "the session bus ended");
        it->desktop_due_ms = now_ms() + AGAIN_MS;
    }
    if (it->desktop == NULL && now_ms() >= it->desktop_due_ms) {
        if (ls_failed(reach_desktop(it, &why))) write_log(it, "notify.no_desktop", why.text);
        it->desktop_due_ms = now_ms() + AGAIN_MS;
    }
    if (it->desktop == NULL) return;
    if (atomic_exchange(&it->has_restarted, false)) begin_anew(it);
    const int64_t dropped = ls_desktop_dropped(it->desktop);
    if (dropped != it->dropped && now_ms() >= it->again_due_ms) {
        it->dropped = dropped;
        it->again_due_ms = now_ms() + AGAIN_MS;
        begin_anew(it);
    }
}

static void tell_answer(struct notifier *it, const char *why)
{
    const int64_t now = now_ms();
    if (why == NULL) {
        const struct ls_alert_notice over = {.alert_id = NOTICE_LOST, .is_resolved = true};
        if (it->tells_lost) ls_desktop_post(it->desktop, &over);
        it->tells_lost = false;
        it->answer_ms = now;
    } else if (!it->tells_lost && now - it->answer_ms >= LOST_MS) {
        it->tells_lost = true;
        tell(it, NOTICE_LOST, "lockstep: alerts cannot be read", why);
    }
}

static void read_alerts(struct notifier *it)
{
    struct ls_why why = {0};
    struct ls_desk_plan plan;
    const ls_err err = ls_session_alerts(it->session, false, 0, it->open, &why);
    if (ls_failed(err)) {
        tell_answer(it, why.text[0] == '\0' ? ls_code_name(err.code) : why.text);
        return;
    }
    tell_answer(it, NULL);
    ls_desk_plan(it->desk, it->open, now_ms(), &plan);
    for (size_t i = 0; i < plan.count; i++) ls_desktop_post(it->desktop, &plan.notices[i]);
}

static void wait_for_news(const struct notifier *it)
{
    const int64_t due = it->desktop == NULL ? it->desktop_due_ms : it->read_due_ms;
    const int64_t wait = due - now_ms();
    struct pollfd fds[] = {{.fd = it->stop_fd, .events = POLLIN},
                           {.fd = it->wake_fd, .events = POLLIN}};
    uint64_t count = 0;
    if (wait > 0 && poll(fds, 2, (int)(wait < READ_MS ? wait : READ_MS)) <= 0) return;
    const ssize_t got = read(it->wake_fd, &count, sizeof count);
    (void)got; /* what woke us stands in the mailbox and the flag */
}

static void run(struct notifier *it)
{
    (void)sd_notify(0, "READY=1");
    while (!ls_stop_signal_wait(it->stop_fd, 0)) {
        keep_desktop(it);
        take_presses(it);
        if (it->desktop != NULL && now_ms() >= it->read_due_ms) {
            it->read_due_ms = now_ms() + READ_MS;
            read_alerts(it);
        }
        wait_for_news(it);
    }
    (void)sd_notify(0, "STOPPING=1");
}

static ls_err start(struct notifier *it, const struct command_call *call, struct ls_why *why)
{
    const struct ls_config *config = call->config;
    const struct ls_session_options session = {
        .url = config->database_url,
        .application = "lockstep notify",
        .connect_timeout_s = CONNECT_TIMEOUT_S,
        .statement_timeout_ms = STATEMENT_TIMEOUT_MS,
    };
    const ssize_t self_bytes = readlink("/proc/self/exe", it->self, sizeof it->self - 1);
    if (self_bytes <= 0) (void)snprintf(it->self, sizeof it->self, "%.500s", call->program);
    it->opener = (struct ls_opener){
        .command = config->open[0] == '\0' ? LS_OPENER_DEFAULT : config->open,
        .program = it->self,
        .config_path = config->path,
    };
    (void)snprintf(it->scope, sizeof it->scope, "%s", config->database_url);
    it->session = ls_session_new(&session);
    it->desk = ls_desk_new();
    it->presses = ls_mailbox_new(PRESSES_MAX);
    it->open = calloc(1, sizeof *it->open);
    if (it->session == NULL || it->desk == NULL || it->presses == NULL || it->open == NULL)
        return LS_FAIL(LS_CODE_NO_MEMORY, 0, "notify");
    it->stop_fd = ls_stop_signal_open();
    it->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (it->stop_fd < 0 || it->wake_fd < 0) {
        return ls_refuse(why, LS_CODE_UNAVAILABLE, "notify",
                         "no descriptor left; raise the limit (ulimit -n)");
    }
    it->answer_ms = now_ms();
    /* A mistake of the person's is said at once; what may come by itself is waited for. */
    const ls_err err = reach_desktop(it, why);
    if (err.code == LS_CODE_REFUSED || err.code == LS_CODE_NO_MEMORY) return err;
    if (ls_failed(err)) write_log(it, "notify.no_desktop", why->text);
    it->desktop_due_ms = now_ms() + AGAIN_MS;
    return LS_OK;
}

static void stop(struct notifier *it)
{
    struct press *press = NULL;
    ls_desktop_free(it->desktop); /* first: its thread posts presses */
    while (it->presses != NULL && (press = ls_mailbox_take(it->presses, 0)) != NULL)
        free(press);
    ls_mailbox_free(it->presses);
    ls_session_free(it->session);
    ls_desk_free(it->desk);
    free(it->open);
    if (it->stop_fd >= 0) (void)close(it->stop_fd);
    if (it->wake_fd >= 0) (void)close(it->wake_fd);
}

enum ls_exit command_notify(const struct command_call *call)
{
    const struct ls_config *config = call->config;
    const struct ls_app_log_options log_options = {.file = config->log_file,
                                                   .environment = config->environment,
                                                   .level = config->log_level};
    struct notifier it = {.stop_fd = -1, .wake_fd = -1};
    struct ls_why why = {0};
    ls_app_log *log = NULL;
    (void)signal(SIGPIPE, SIG_IGN); /* a desktop that ended is an error code here */
    ls_err err = ls_app_log_new(&log_options, &log, &why);
    if (!ls_failed(err)) {
        it.log = ls_app_log_sink(log);
        err = start(&it, call, &why);
    }
    if (!ls_failed(err)) run(&it);
    stop(&it);
    ls_app_log_free(log);
    return ls_failed(err) ? ls_complain_err("notify", err, &why) : LS_EXIT_DONE;
}
