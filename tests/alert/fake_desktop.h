/* A session bus of its own with a notification service that records what it is asked, so
 * that tests of the desktop sink need no desktop. */
#ifndef LOCKSTEP_TESTS_FAKE_DESKTOP_H
#define LOCKSTEP_TESTS_FAKE_DESKTOP_H

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gio.h>

enum { DESKTOP_CALLS_MAX = 256, DESKTOP_PATIENCE_S = 10 };

struct desktop_call {
    bool is_close;
    uint32_t id;       /* the one given back, or closed */
    uint32_t replaces; /* 0: a new notification */
    int urgency;
    char application[64];
    char title[256];
    char body[1024];
    char actions[128]; /* joined by spaces */
};

struct fake_desktop {
    pid_t bus; /* 0: none */
    char address[256];
    GDBusConnection *connection;
    GMainContext *context;
    GMainLoop *loop;
    GDBusNodeInfo *interfaces;
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t changed;
    bool holds_answers; /* Notify is recorded and not answered */
    bool refuses;       /* Notify is answered with an error */
    bool is_named;
    uint32_t last_id;
    size_t call_count;
    struct desktop_call calls[DESKTOP_CALLS_MAX];
};

static const char desktop_interfaces[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "<method name='GetServerInformation'><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/></method>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='as' direction='in'/>"
    "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "</interface></node>";

static struct desktop_call desktop_read_notify(GVariant *arguments)
{
    struct desktop_call call = {0};
    const char *application, *icon, *title, *body;
    GVariantIter *actions;
    GVariant *hints;
    int32_t timeout;
    g_variant_get(arguments, "(&su&s&s&sas@a{sv}i)", &application, &call.replaces, &icon,
                  &title, &body, &actions, &hints, &timeout);
    (void)snprintf(call.application, sizeof call.application, "%s", application);
    (void)snprintf(call.title, sizeof call.title, "%s", title);
    (void)snprintf(call.body, sizeof call.body, "%s", body);
    const char *action;
    while (g_variant_iter_next(actions, "&s", &action)) {
        size_t length = strlen(call.actions);
        (void)snprintf(call.actions + length, sizeof call.actions - length, "%s%s",
                       length > 0 ? " " : "", action);
    }
    guchar urgency = 99;
    (void)g_variant_lookup(hints, "urgency", "y", &urgency);
    call.urgency = urgency;
    g_variant_iter_free(actions);
    g_variant_unref(hints);
    return call;
}

static void desktop_record(struct fake_desktop *desktop, const struct desktop_call *call)
{
    if (desktop->call_count == DESKTOP_CALLS_MAX) abort();
    desktop->calls[desktop->call_count++] = *call;
    (void)pthread_cond_broadcast(&desktop->changed);
}

static void desktop_notify(struct fake_desktop *desktop,
                           GVariant *arguments,
                           GDBusMethodInvocation *invocation)
{
    (void)pthread_mutex_lock(&desktop->mutex);
    struct desktop_call call = desktop_read_notify(arguments);
    call.id = call.replaces != 0 ? call.replaces : ++desktop->last_id;
    desktop_record(desktop, &call);
    bool holds = desktop->holds_answers;
    bool refuses = desktop->refuses;
    (void)pthread_mutex_unlock(&desktop->mutex);
    if (refuses)
        g_dbus_method_invocation_return_dbus_error(invocation, "test.Refused", "no");
    else if (!holds)
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(u)", call.id));
    else
        g_object_unref(invocation); /* no answer, ever */
}

static void desktop_method(GDBusConnection *connection,
                           const char *sender,
                           const char *path,
                           const char *interface,
                           const char *method,
                           GVariant *arguments,
                           GDBusMethodInvocation *invocation,
                           void *self)
{
    (void)connection;
    (void)sender;
    (void)path;
    (void)interface;
    struct fake_desktop *desktop = self;
    if (strcmp(method, "Notify") == 0) {
        desktop_notify(desktop, arguments, invocation);
    } else if (strcmp(method, "GetCapabilities") == 0) {
        const char *const names[] = {"actions", "body", "body-markup", NULL};
        g_dbus_method_invocation_return_value(invocation, g_variant_new("(^as)", names));
    } else if (strcmp(method, "CloseNotification") == 0) {
        struct desktop_call call = {.is_close = true};
        g_variant_get(arguments, "(u)", &call.id);
        (void)pthread_mutex_lock(&desktop->mutex);
        desktop_record(desktop, &call);
        (void)pthread_mutex_unlock(&desktop->mutex);
        g_dbus_method_invocation_return_value(invocation, NULL);
    } else {
        g_dbus_method_invocation_return_value(
            invocation, g_variant_new("(ssss)", "fake", "test", "1", "1.2"));
    }
}

static void desktop_named(GDBusConnection *connection, const char *name, void *self)
{
    (void)connection;
    (void)name;
    struct fake_desktop *desktop = self;
    (void)pthread_mutex_lock(&desktop->mutex);
    desktop->is_named = true;
    (void)pthread_cond_broadcast(&desktop->changed);
    (void)pthread_mutex_unlock(&desktop->mutex);
}

static GDBusConnection *desktop_connect(struct fake_desktop *desktop)
{
    GDBusConnection *connection = g_dbus_connection_new_for_address_sync(
        desktop->address,
        G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
        NULL, NULL, NULL);
    if (connection == NULL) abort();
    return connection;
}

static void *desktop_serve(void *self)
{
    static const GDBusInterfaceVTable methods = {.method_call = desktop_method};
    struct fake_desktop *desktop = self;
    g_main_context_push_thread_default(desktop->context);
    desktop->connection = desktop_connect(desktop);
    desktop->interfaces = g_dbus_node_info_new_for_xml(desktop_interfaces, NULL);
    if (desktop->interfaces == NULL ||
        g_dbus_connection_register_object(desktop->connection, "/org/freedesktop/Notifications",
                                          desktop->interfaces->interfaces[0], &methods, desktop,
                                          NULL, NULL) == 0)
        abort();
    guint owned = g_bus_own_name_on_connection(
        desktop->connection, "org.freedesktop.Notifications", G_BUS_NAME_OWNER_FLAGS_NONE,
        desktop_named, NULL, desktop, NULL);
    g_main_loop_run(desktop->loop);
    g_bus_unown_name(owned);
    g_object_unref(desktop->connection);
    g_dbus_node_info_unref(desktop->interfaces);
    g_main_context_pop_thread_default(desktop->context);
    return NULL;
}

/* Wait until `*value` >= `wanted`; false after DESKTOP_PATIENCE_S. */
static bool desktop_await(struct fake_desktop *desktop, const size_t *value, size_t wanted)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += DESKTOP_PATIENCE_S;
    (void)pthread_mutex_lock(&desktop->mutex);
    int code = 0;
    while (*value < wanted && code == 0)
        code = pthread_cond_timedwait(&desktop->changed, &desktop->mutex, &until);
    bool is_there = *value >= wanted;
    (void)pthread_mutex_unlock(&desktop->mutex);
    return is_there;
}

/* The child of desktop_bus_up: becomes a bus that writes its address to `address_fd`. */
static void desktop_become_bus(int address_fd)
{
    char option[32];
    (void)snprintf(option, sizeof option, "--print-address=%d", address_fd);
    int silence = open("/dev/null", O_WRONLY);
    if (silence >= 0) (void)dup2(silence, STDERR_FILENO);
    (void)execlp("dbus-daemon", "dbus-daemon", "--session", "--nofork", "--nopidfile", option,
                 (char *)NULL);
    _exit(127);
}

/* A bus without any service, which this process then takes for its session bus. */
static void desktop_bus_up(struct fake_desktop *desktop)
{
    memset(desktop, 0, sizeof *desktop);
    (void)pthread_mutex_init(&desktop->mutex, NULL);
    (void)pthread_cond_init(&desktop->changed, NULL);
    int ends[2];
    if (pipe(ends) != 0) abort();
    desktop->bus = fork();
    if (desktop->bus == 0) desktop_become_bus(ends[1]);
    (void)close(ends[1]);
    size_t length = 0;
    while (length + 1 < sizeof desktop->address &&
           read(ends[0], desktop->address + length, 1) == 1 && desktop->address[length] != '\n')
        length++;
    desktop->address[length] = '\0';
    (void)close(ends[0]);
    if (length == 0 || setenv("DBUS_SESSION_BUS_ADDRESS", desktop->address, 1) != 0) abort();
}

static void desktop_service_up(struct fake_desktop *desktop)
{
    desktop->context = g_main_context_new();
    desktop->loop = g_main_loop_new(desktop->context, FALSE);
    if (pthread_create(&desktop->thread, NULL, desktop_serve, desktop) != 0) abort();
    (void)pthread_mutex_lock(&desktop->mutex);
    while (!desktop->is_named) (void)pthread_cond_wait(&desktop->changed, &desktop->mutex);
    (void)pthread_mutex_unlock(&desktop->mutex);
}

static void desktop_bus_stop(struct fake_desktop *desktop)
{
    if (desktop->bus <= 0) return;
    (void)kill(desktop->bus, SIGKILL);
    (void)waitpid(desktop->bus, NULL, 0);
    desktop->bus = 0;
}

static void desktop_down(struct fake_desktop *desktop)
{
    if (desktop->loop != NULL) {
        g_main_loop_quit(desktop->loop);
        (void)pthread_join(desktop->thread, NULL);
        g_main_loop_unref(desktop->loop);
        g_main_context_unref(desktop->context);
    }
    desktop_bus_stop(desktop);
    (void)pthread_cond_destroy(&desktop->changed);
    (void)pthread_mutex_destroy(&desktop->mutex);
}

static void desktop_emit(struct fake_desktop *desktop, const char *signal, GVariant *arguments)
{
    if (!g_dbus_connection_emit_signal(
            desktop->connection, NULL, "/org/freedesktop/Notifications",
            "org.freedesktop.Notifications", signal, arguments, NULL) ||
        !g_dbus_connection_flush_sync(desktop->connection, NULL, NULL))
        abort();
}

#endif
