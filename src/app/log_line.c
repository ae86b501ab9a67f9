#include "log_line.h"

#include <jansson.h>
#include <string.h>

#include "lockstep/report/out.h"

/* Members that have a place of their own, or are the same on each line. */
static bool is_placed(const char *name)
{
    static const char *const names[] = {"time_ms", "level", "event", "op", "text"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i], name) == 0) return true;
    return false;
}

static void add_text(const char *before, const json_t *value, struct ls_buf *out)
{
    const char *text = json_string_value(value);
    if (text == NULL) return;
    ls_buf_add_text(out, before);
    ls_out_gated(out, text);
}

static void add_fields(json_t *line, struct ls_buf *out)
{
    const char *name = NULL;
    const json_t *value = NULL;
    json_object_foreach(line, name, value)
    {
        if (is_placed(name)) continue;
        ls_buf_add_text(out, "  ");
        ls_out_gated(out, name);
        if (json_is_integer(value))
            ls_buf_printf(out, " %lld", (long long)json_integer_value(value));
        add_text(" ", value, out);
    }
}

void log_line_write(const char *line, struct ls_buf *out)
{
    char at[LS_OUT_TIME_BYTES];
    json_t *read = json_loads(line, 0, NULL);
    const json_t *time = json_object_get(read, "time_ms");
    const char *level = json_string_value(json_object_get(read, "level"));
    if (!json_is_integer(time) || level == NULL) {
        ls_out_gated(out, line);
        json_decref(read);
        return;
    }
    ls_out_time(json_integer_value(time), at);
    ls_buf_add_text(out, at);
    if (strcmp(level, "info") != 0) add_text("  ", json_object_get(read, "level"), out);
    add_text("  ", json_object_get(read, "event"), out);
    add_fields(read, out);
    add_text("  ", json_object_get(read, "text"), out);
    json_decref(read);
}
