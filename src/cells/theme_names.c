#include "theme_names.h"

#include <string.h>

static const char *const role_names[LS_ROLE_COUNT] = {
    "text",
    "muted",
    "title",
    "border",
    "border.focus",
    "header",
    "tab",
    "tab.active",
    "select",
    "mark",
    "match",
    "key",
    "hint",
    "input",
    "env.prod",
    "env.other",
    "readonly",
    "stale",
    "state.ready",
    "state.blocked",
    "state.leased",
    "state.submitted",
    "state.held",
    "state.failed",
    "state.done",
    "state.cancelled",
    "state.compensated",
    "sev.critical",
    "sev.warning",
    "sev.info",
    "graph.1",
    "graph.2",
    "graph.slo",
    "dialog",
    "dialog.danger",
    "button.focus",
    "toast.ok",
    "toast.err",
};

static const char *const glyph_names[LS_GLYPH_COUNT] = {
    "ready",  "blocked",   "leased",      "submitted", "held", "failed",
    "done",   "cancelled", "compensated", "ok",        "down", "warn",
    "cursor", "mark",      "gone",        "ellipsis",  "more",
};

static const struct {
    const char *name;
    uint8_t bit;
} attributes[] = {
    {"bold", LS_ATTRIBUTE_BOLD},       {"dim", LS_ATTRIBUTE_DIM},
    {"reverse", LS_ATTRIBUTE_REVERSE}, {"underline", LS_ATTRIBUTE_UNDERLINE},
    {"italic", LS_ATTRIBUTE_ITALIC},
};

const char *ls_role_name(enum ls_role role)
{
    return (unsigned)role < LS_ROLE_COUNT ? role_names[role] : "unknown";
}

static int find(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) return i;
    }
    return -1;
}

int find_role(const char *name)
{
    return find(role_names, LS_ROLE_COUNT, name);
}

int find_glyph(const char *name)
{
    return find(glyph_names, LS_GLYPH_COUNT, name);
}

uint8_t find_attribute(const char *name)
{
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        if (strcmp(attributes[i].name, name) == 0) return attributes[i].bit;
    }
    return 0;
}
