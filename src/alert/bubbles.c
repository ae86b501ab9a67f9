#include "bubbles.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <libnotify/notify.h>

#include "scope.h"

#define LS_NOTIFY_NAME "org.freedesktop.Notifications"
#define LS_NOTIFY_PATH "/org/freedesktop/Notifications"

static const char ACKNOWLEDGE[] = "acknowledge";

struct bubble {
    int64_t alert_id;
    NotifyNotification *notification; /* NULL: this place is free */
    uint64_t used;                    /* larger is later */
};

struct ls_bubbles {
    struct ls_desktop_options options;
    GDBusConnection *connection;
    struct ls_scope *scope; /* NULL: none was given */
    guint service_watch;    /* 0: not watched */
    bool service_vanished;
    guint log_handler;
    bool has_actions; /* the service shows buttons */
    bool has_markup;  /* it reads the body as markup */
    uint64_t uses;
    struct bubble bubbles[LS_BUBBLES_MAX];
};

/* libnotify complains on stderr, which belongs to the console's screen; each complaint
 * also comes back as a return value. */
static void hush(const char *domain, GLogLevelFlags level, const char *message, void *self)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)self;
}

static void forget(struct bubble *bubble)
{
    if (bubble->notification == NULL) return;
    g_signal_handlers_disconnect_matched(bubble->notification, G_SIGNAL_MATCH_DATA, 0, 0, NULL,
                                         NULL, bubble);
    g_object_unref(bubble->notification);
    *bubble = (struct bubble){0};
}

static void when_closed(NotifyNotification *notification, void *self)
{
    (void)notification;
    forget(self);
}

static struct bubble *find(struct ls_bubbles *bubbles, int64_t alert_id)
{
    for (size_t i = 0; i < LS_BUBBLES_MAX; i++) {
        struct bubble *bubble = &bubbles->bubbles[i];
        if (bubble->notification != NULL && bubble->alert_id == alert_id) return bubble;
    }
    return NULL;
}

/* A free place, made by forgetting the one that was used longest ago if need be. */
static struct bubble *find_place(struct ls_bubbles *bubbles)
{
    struct bubble *oldest = &bubbles->bubbles[0];
    for (size_t i = 0; i < LS_BUBBLES_MAX; i++) {
        struct bubble *bubble = &bubbles->bubbles[i];
        if (bubble->notification == NULL) return bubble;
        if (bubble->used < oldest->used) oldest = bubble;
    }
    forget(oldest);
    return oldest;
}

static void when_pressed(NotifyNotification *notification, char *action, void *self)
{
    struct ls_bubbles *bubbles = self;
    const struct ls_desktop_options *options = &bubbles->options;
    for (size_t i = 0; i < LS_BUBBLES_MAX; i++) {
        const struct bubble *bubble = &bubbles->bubbles[i];
        if (bubble->notification != notification) continue;
        if (strcmp(action, ACKNOWLEDGE) == 0) {
            options->on_acknowledge(options->self, bubble->alert_id);
        } else {
            options->on_open(options->self, bubble->alert_id);
        }
        return;
    }
}

/* What another notification service showed is gone with it. */
static void when_service_vanished(GDBusConnection *connection, const char *name, void *self)
{
    (void)connection;
    (void)name;
    struct ls_bubbles *bubbles = self;
    bubbles->service_vanished = true;
}

static void when_service_appeared(GDBusConnection *connection,
                                  const char *name,
                                  const char *owner,
                                  void *self)
{
    (void)connection;
    (void)name;
    (void)owner;
    struct ls_bubbles *bubbles = self;
    if (!bubbles->service_vanished) return;
    bubbles->service_vanished = false;
    for (size_t i = 0; i < LS_BUBBLES_MAX; i++) forget(&bubbles->bubbles[i]);
    if (bubbles->options.on_restart != NULL) bubbles->options.on_restart(bubbles->options.self);
}

static ls_err refuse(struct ls_why *why, GError *error, const char *what)
{
    ls_err err =
        ls_refuse(why, LS_CODE_UNAVAILABLE, "desktop", "%s: %.*s", what,
                  LS_BUBBLES_REASON_BYTES, error == NULL ? "no reason given" : error->message);
    g_clear_error(&error);
    for (char *at = why == NULL ? NULL : why->text; at != NULL && *at != '\0'; at++)
        if (*at == '\n' || *at == '\r') *at = ' ';
    return err;
}

static ls_err reach(struct ls_bubbles *bubbles, GCancellable *cancel, struct ls_why *why)
{
    GError *error = NULL;
    bubbles->connection = g_bus_get_sync(G_BUS_TYPE_SESSION, cancel, &error);
    if (bubbles->connection == NULL)
        return refuse(why, error, "no desktop session bus, so no desktop notifications");
    /* Otherwise the end of the bus would be the end of this process. */
    g_dbus_connection_set_exit_on_close(bubbles->connection, FALSE);
    GVariant *answer = g_dbus_connection_call_sync(
        bubbles->connection, LS_NOTIFY_NAME, LS_NOTIFY_PATH, LS_NOTIFY_NAME,
        "GetServerInformation", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, LS_BUBBLES_ANSWER_MS,
        cancel, &error);
    if (answer == NULL)
        return refuse(why, error, "no notification service on the desktop session bus");
    g_variant_unref(answer);
    return LS_OK;
}

static void read_capabilities(struct ls_bubbles *bubbles)
{
    GList *names = notify_get_server_caps();
    for (const GList *at = names; at != NULL; at = at->next) {
        if (strcmp(at->data, "actions") == 0) bubbles->has_actions = true;
        if (strcmp(at->data, "body-markup") == 0) bubbles->has_markup = true;
    }
    g_list_free_full(names, g_free);
}

ls_err ls_bubbles_open(const struct ls_desktop_options *options,
                       GCancellable *cancel,
                       struct ls_bubbles **bubbles_out,
                       struct ls_why *why)
{
    assert(bubbles_out != NULL);
    struct ls_bubbles *bubbles = calloc(1, sizeof *bubbles);
    if (bubbles == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "desktop");
    bubbles->options = *options;
    bubbles->log_handler = g_log_set_handler(
        "libnotify", (GLogLevelFlags)(G_LOG_LEVEL_MASK | G_LOG_FLAG_FATAL), hush, NULL);
    ls_err err = reach(bubbles, cancel, why);
    if (!ls_failed(err) && !notify_init(options->application))
        err = refuse(why, NULL, "libnotify did not start");
    if (ls_failed(err)) {
        ls_bubbles_close(bubbles);
        return err;
    }
    if (options->scope != NULL)
        err = ls_scope_open(bubbles->connection, options->scope, options->is_notifier,
                            &bubbles->scope, why);
    if (ls_failed(err)) {
        ls_bubbles_close(bubbles);
        return err;
    }
    bubbles->service_watch = g_bus_watch_name_on_connection(
        bubbles->connection, LS_NOTIFY_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
        when_service_appeared, when_service_vanished, bubbles, NULL);
    read_capabilities(bubbles);
    *bubbles_out = bubbles;
    return LS_OK;
}

void ls_bubbles_close(struct ls_bubbles *bubbles)
{
    if (bubbles == NULL) return;
    for (size_t i = 0; i < LS_BUBBLES_MAX; i++) forget(&bubbles->bubbles[i]);
    if (bubbles->service_watch != 0) g_bus_unwatch_name(bubbles->service_watch);
    ls_scope_close(bubbles->scope);
    if (notify_is_initted()) notify_uninit();
    /* The process shares one connection while anybody holds it: a dead one must not stay. */
    if (bubbles->connection != NULL) {
        (void)g_dbus_connection_close_sync(bubbles->connection, NULL, NULL);
        g_object_unref(bubbles->connection);
    }
    g_log_remove_handler("libnotify", bubbles->log_handler);
    free(bubbles);
}

static NotifyUrgency urgency_of(enum ls_severity severity)
{
    switch (severity) {
    case LS_SEVERITY_INFO: return NOTIFY_URGENCY_LOW;
    case LS_SEVERITY_WARNING: return NOTIFY_URGENCY_NORMAL;
    case LS_SEVERITY_CRITICAL: return NOTIFY_URGENCY_CRITICAL;
    }
    return NOTIFY_URGENCY_NORMAL;
}

/* The bus closes a connection that carries invalid UTF-8, and a body is markup to some. */
static char *body_text(const struct ls_bubbles *bubbles, const char *text)
{
    char *valid = g_utf8_make_valid(text, -1);
    if (!bubbles->has_markup) return valid;
    char *escaped = g_markup_escape_text(valid, -1);
    g_free(valid);
    return escaped;
}

static struct bubble *make(struct ls_bubbles *bubbles, int64_t alert_id)
{
    struct bubble *bubble = find_place(bubbles);
    bubble->alert_id = alert_id;
    bubble->notification = notify_notification_new("alert", NULL, NULL);
    g_signal_connect(bubble->notification, "closed", G_CALLBACK(when_closed), bubble);
    if (bubbles->has_actions && bubbles->options.on_acknowledge != NULL && alert_id > 0) {
        notify_notification_add_action(bubble->notification, ACKNOWLEDGE, "Acknowledge",
                                       when_pressed, bubbles, NULL);
    }
    if (bubbles->has_actions && bubbles->options.on_open != NULL) {
        notify_notification_add_action(bubble->notification, "default", "Open", when_pressed,
                                       bubbles, NULL);
        notify_notification_add_action(bubble->notification, "open", "Open", when_pressed,
                                       bubbles, NULL);
    }
    return bubble;
}

static bool take_down(struct ls_bubbles *bubbles, int64_t alert_id)
{
    struct bubble *bubble = find(bubbles, alert_id);
    if (bubble == NULL) return true; /* the person closed it already */
    bool is_closed = notify_notification_close(bubble->notification, NULL);
    forget(bubble);
    return is_closed;
}

bool ls_bubbles_show(struct ls_bubbles *bubbles, const struct ls_alert_notice *notice)
{
    if (notice->is_resolved) return take_down(bubbles, notice->alert_id);
    if (ls_scope_is_taken(bubbles->scope)) return true; /* the notifier shows it */
    struct bubble *bubble = find(bubbles, notice->alert_id);
    if (bubble == NULL && notice->is_update) return true;
    if (bubble == NULL) bubble = make(bubbles, notice->alert_id);
    bubble->used = ++bubbles->uses;

    NotifyNotification *notification = bubble->notification;
    /* libnotify refuses an empty title. */
    char *title = g_utf8_make_valid(notice->title[0] == '\0' ? "alert" : notice->title, -1);
    char *body = body_text(bubbles, notice->body);
    bool is_set = notify_notification_update(notification, title, body, NULL);
    g_free(title);
    g_free(body);
    notify_notification_set_urgency(notification, urgency_of(notice->severity));
    notify_notification_set_timeout(notification, notice->severity == LS_SEVERITY_CRITICAL
                                                      ? NOTIFY_EXPIRES_NEVER
                                                      : NOTIFY_EXPIRES_DEFAULT);
    if (is_set && notify_notification_show(notification, NULL)) return true;
    forget(bubble);
    return false;
}

GDBusConnection *ls_bubbles_connection(const struct ls_bubbles *bubbles)
{
    return bubbles->connection;
}
