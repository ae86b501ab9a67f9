#include "params.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

void params_init(struct params *params)
{
    params->count = 0;
    params->is_overfull = false;
    ls_buf_init(&params->bytes, PARAMS_BYTES_MAX);
}

void params_done(struct params *params)
{
    ls_buf_done(&params->bytes);
}

static void add_number(struct ls_buf *buf, uint64_t value, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--) {
        ls_buf_add_char(buf, (char)(unsigned char)(value >> (8 * (i - 1)) & 0xffU));
    }
}

static void begin(struct params *params, Oid type, int format, bool is_null)
{
    if (params->count == PARAMS_MAX) {
        params->is_overfull = true;
        return;
    }
    params->starts[params->count] = params->bytes.length;
    params->types[params->count] = type;
    params->formats[params->count] = format;
    params->nulls[params->count] = is_null;
    params->count++;
}

void params_text(struct params *params, const char *text)
{
    begin(params, 0, 0, text == NULL); /* type 0: the server infers it */
    if (text != NULL) ls_buf_add_text(&params->bytes, text);
    ls_buf_add_char(&params->bytes, '\0');
}

void params_int(struct params *params, int64_t value)
{
    begin(params, PARAM_INT8, 0, false);
    ls_buf_printf(&params->bytes, "%" PRId64, value);
    ls_buf_add_char(&params->bytes, '\0');
}

void params_bool(struct params *params, bool value)
{
    begin(params, PARAM_BOOL, 0, false);
    ls_buf_add_char(&params->bytes, value ? 't' : 'f');
    ls_buf_add_char(&params->bytes, '\0');
}

void params_bytes(struct params *params, const uint8_t *bytes, size_t count)
{
    begin(params, PARAM_BYTEA, 1, false);
    ls_buf_add(&params->bytes, bytes, count);
}

static Oid array_type(enum param_type type)
{
    switch (type) {
    case PARAM_BOOL: return 1000;
    case PARAM_BYTEA: return 1001;
    case PARAM_INT2: return 1005;
    case PARAM_INT4: return 1007;
    case PARAM_TEXT: return 1009;
    case PARAM_INT8: return 1016;
    }
    return 0;
}

void params_array(struct params *params, enum param_type type, size_t count)
{
    begin(params, array_type(type), 1, false);
    add_number(&params->bytes, count > 0 ? 1 : 0, 4); /* dimensions */
    add_number(&params->bytes, 1, 4);                 /* may hold NULLs */
    add_number(&params->bytes, (uint64_t)type, 4);
    if (count == 0) return;
    add_number(&params->bytes, count, 4);
    add_number(&params->bytes, 1, 4); /* lower bound */
}

void params_element_int(struct params *params, enum param_type type, int64_t value)
{
    size_t bytes = type == PARAM_INT8 ? 8 : type == PARAM_INT4 ? 4 : 2;
    add_number(&params->bytes, bytes, 4);
    add_number(&params->bytes, (uint64_t)value, bytes);
}

void params_element_bool(struct params *params, bool value)
{
    add_number(&params->bytes, 1, 4);
    add_number(&params->bytes, value ? 1 : 0, 1);
}

void params_element_bytes(struct params *params, const uint8_t *bytes, size_t count)
{
    if (bytes == NULL) {
        add_number(&params->bytes, UINT32_MAX, 4); /* length -1: NULL */
        return;
    }
    add_number(&params->bytes, count, 4);
    ls_buf_add(&params->bytes, bytes, count);
}

void params_element_text(struct params *params, const char *text)
{
    params_element_bytes(params, (const uint8_t *)text, text == NULL ? 0 : strlen(text));
}

ls_err params_check(struct params *params)
{
    if (params->is_overfull) return LS_FAIL(LS_CODE_FULL, 0, "statement parameters");
    LS_TRY(ls_buf_check(&params->bytes, "statement parameters"));
    for (int i = 0; i < params->count; i++) {
        size_t end = i + 1 < params->count ? params->starts[i + 1] : params->bytes.length;
        assert(end >= params->starts[i]);
        params->lengths[i] = (int)(end - params->starts[i]);
        params->values[i] = params->nulls[i] ? NULL : params->bytes.data + params->starts[i];
    }
    return LS_OK;
}
