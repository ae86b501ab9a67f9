#include "lockstep/report/csv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "lockstep/report/out.h"

#define WHAT "csv"

static bool is_time(const char *name)
{
    const size_t length = strlen(name);
    return length > 3 && strcmp(name + length - 3, "_ms") == 0;
}

ls_err ls_csv_init(struct ls_csv *csv_out, const char *sample)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = json_loads(sample, JSON_REJECT_DUPLICATES, NULL);
    *csv_out = (struct ls_csv){0};
    json_object_foreach(object, name, value)
    {
        if (csv_out->count == LS_CSV_COLUMNS_MAX) break;
        (void)snprintf(csv_out->names[csv_out->count++], LS_CSV_NAME_BYTES, "%s", name);
    }
    json_decref(object);
    return csv_out->count == 0 ? LS_FAIL(LS_CODE_INVALID, 0, WHAT) : LS_OK;
}

/* Text that a spreadsheet would run begins with one of these, or their wide forms, also behind
 * blanks, which some drop. */
static bool is_formula(const char *text)
{
    static const char *const wide[] = {"\uff1d", "\uff0b", "\uff0d", "\uff20"};
    text += strspn(text, " ");
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (strncmp(text, wide[i], strlen(wide[i])) == 0) return true;
    return text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
}

static void add_text(struct ls_buf *out, int file, const char *text)
{
    struct ls_buf gated;
    ls_buf_init(&gated, LS_OUT_BYTES_MAX);
    if (is_formula(text)) ls_buf_add_char(&gated, '\'');
    ls_out_gated_for(&gated, file, text);
    const char *at = ls_buf_text(&gated);
    const bool is_quoted = strpbrk(at, "\",\r\n ") != NULL;
    if (is_quoted) ls_buf_add_char(out, '"');
    for (; *at != '\0'; at++) {
        if (*at == '"') ls_buf_add_char(out, '"');
        ls_buf_add_char(out, *at);
    }
    if (is_quoted) ls_buf_add_char(out, '"');
    ls_buf_done(&gated);
}

static void add_time(struct ls_buf *out, int64_t wall_ms)
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    if (wall_ms <= 0 || gmtime_r(&seconds, &utc) == NULL) return;
    ls_buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900,
                  utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                  (int)(wall_ms % 1000));
}

static void add_value(struct ls_buf *out, int file, const char *name, const json_t *value)
{
    if (json_is_string(value)) {
        add_text(out, file, json_string_value(value));
    } else if (json_is_integer(value) && is_time(name)) {
        add_time(out, json_integer_value(value));
    } else if (json_is_integer(value)) {
        ls_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        ls_buf_add_text(out, json_is_true(value) ? "true" : "false");
    }
}

void ls_csv_head(const struct ls_csv *csv, struct ls_buf *out)
{
    for (size_t i = 0; i < csv->count; i++) {
        const size_t length = strlen(csv->names[i]) - (is_time(csv->names[i]) ? 3 : 0);
        ls_buf_printf(out, "%s%.*s", i == 0 ? "" : ",", (int)length, csv->names[i]);
    }
    ls_buf_add_text(out, "\r\n");
}

ls_err ls_csv_row(const struct ls_csv *csv, const char *object, struct ls_buf *out)
{
    json_t *row = json_loads(object, 0, NULL);
    if (row == NULL) return LS_FAIL(LS_CODE_INVALID, 0, WHAT);
    for (size_t i = 0; i < csv->count; i++) {
        if (i > 0) ls_buf_add_char(out, ',');
        add_value(out, csv->is_file ? -1 : STDOUT_FILENO, csv->names[i],
                  json_object_get(row, csv->names[i]));
    }
    ls_buf_add_text(out, "\r\n");
    json_decref(row);
    return LS_OK;
}
