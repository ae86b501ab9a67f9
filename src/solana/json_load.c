#include "json_load.h"

#include <assert.h>
#include <string.h>

/* Steps over a string that opens at `at`; returns the index of its closing quote, or
 * `json_bytes` when it never closes. */
static size_t string_end(const char *json, size_t json_bytes, size_t at)
{
    for (at++; at < json_bytes && json[at] != '"'; at++)
        if (json[at] == '\\') at++;
    return at < json_bytes ? at : json_bytes;
}

bool ls_json_depth_within(const char *json, size_t json_bytes, size_t depth_max)
{
    size_t depth = 0;
    for (size_t at = 0; at < json_bytes; at++) {
        if (json[at] == '"') {
            at = string_end(json, json_bytes, at);
        } else if (json[at] == '[' || json[at] == '{') {
            if (++depth > depth_max) return false;
        } else if ((json[at] == ']' || json[at] == '}') && depth > 0) {
            depth--;
        }
    }
    return true;
}

ls_err ls_json_load(const char *json,
                    size_t json_bytes,
                    size_t flags,
                    json_t **value_out,
                    json_error_t *error_out)
{
    assert(json != NULL || json_bytes == 0);

    *error_out = (json_error_t){0}; /* jansson leaves the code unset where memory ends */
    /* jansson passes over a raw U+0000, wherever it stands. */
    if (json_bytes > 0 && memchr(json, '\0', json_bytes) != NULL) {
        *error_out = (json_error_t){.line = 1, .text = "a byte is zero"};
        return LS_FAIL(LS_CODE_INVALID, 0, "json read");
    }
    json_t *value = json_loadb(json_bytes == 0 ? "" : json, json_bytes,
                               flags | JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, error_out);
    if (value == NULL) {
        /* Each fault of the text has its code; lack of memory mostly has none. */
        const enum json_error_code code = json_error_code(error_out);
        const bool is_memory = code == json_error_out_of_memory || code == json_error_unknown;
        return LS_FAIL(is_memory ? LS_CODE_NO_MEMORY : LS_CODE_INVALID, 0, "json read");
    }
    *value_out = value;
    return LS_OK;
}
