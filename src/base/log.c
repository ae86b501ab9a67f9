#include "lockstep/base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

const char *ls_level_name(enum ls_level level)
{
    switch (level) {
    case LS_LEVEL_DEBUG: return "debug";
    case LS_LEVEL_INFO: return "info";
    case LS_LEVEL_WARNING: return "warning";
    case LS_LEVEL_ERROR: return "error";
    }
    return "unnamed";
}

void ls_log_format(const struct ls_log_record *record, struct ls_buf *out)
{
    assert(record->field_count <= LS_LOG_FIELDS_MAX);

    ls_buf_printf(out, "{\"time_ms\":%" PRId64 ",\"level\":\"%s\",\"event\":", record->wall_ms,
                  ls_level_name(record->level));
    ls_buf_add_json(out, record->event, strlen(record->event));
    for (size_t i = 0; i < record->field_count; i++) {
        const struct ls_log_field *field = &record->fields[i];
        ls_buf_add_char(out, ',');
        ls_buf_add_json(out, field->name, strlen(field->name));
        ls_buf_add_char(out, ':');
        if (field->text == NULL) {
            ls_buf_printf(out, "%" PRId64, field->number);
        } else {
            ls_buf_add_json(out, field->text, strlen(field->text));
        }
    }
    ls_buf_add_text(out, "}\n");
}
