#include "scope.h"

#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 1500, IS_OWNER = 1, DO_NOT_QUEUE = 4 };

struct ls_scope {
    guint watch; /* 0: we are the notifier, or nothing is watched */
    bool is_taken;
};

static void
when_appeared(GDBusConnection *connection, const char *name, const char *owner, void *self)
{
    (void)connection;
    (void)name;
    (void)owner;
    struct ls_scope *scope = self;
    scope->is_taken = true;
}

static void when_vanished(GDBusConnection *connection, const char *name, void *self)
{
    (void)connection;
    (void)name;
    struct ls_scope *scope = self;
    scope->is_taken = false;
}

/* The bus gives the name back when this process ends. */
static ls_err own(GDBusConnection *connection, const char *name, struct ls_why *why)
{
    GError *error = NULL;
    GVariant *answer = g_dbus_connection_call_sync(
        connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
        "RequestName", g_variant_new("(su)", name, (guint32)DO_NOT_QUEUE),
        G_VARIANT_TYPE("(u)"), G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, NULL, &error);
    if (answer == NULL) {
        g_clear_error(&error);
        return ls_refuse(why, LS_CODE_UNAVAILABLE, "desktop",
                         "the desktop session bus gives no name");
    }
    guint32 code = 0;
    g_variant_get(answer, "(u)", &code);
    g_variant_unref(answer);
    if (code == IS_OWNER) return LS_OK;
    return ls_refuse(why, LS_CODE_REFUSED, "desktop",
                     "lockstep notify runs already in this session for this database");
}

ls_err ls_scope_open(GDBusConnection *connection,
                     const char *scope,
                     bool is_notifier,
                     struct ls_scope **scope_out,
                     struct ls_why *why)
{
    char name[64];
    struct ls_scope *made = calloc(1, sizeof *made);
    if (made == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, "desktop");
    (void)snprintf(name, sizeof name, "org.lockstep.Notify.s%08x", g_str_hash(scope));
    ls_err err = LS_OK;
    if (is_notifier) {
        err = own(connection, name, why);
    } else {
        made->watch =
            g_bus_watch_name_on_connection(connection, name, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                           when_appeared, when_vanished, made, NULL);
    }
    if (ls_failed(err)) {
        free(made);
        return err;
    }
    *scope_out = made;
    return LS_OK;
}

void ls_scope_close(struct ls_scope *scope)
{
    if (scope == NULL) return;
    if (scope->watch != 0) g_bus_unwatch_name(scope->watch);
    free(scope);
}

bool ls_scope_is_taken(const struct ls_scope *scope)
{
    return scope != NULL && scope->is_taken;
}
