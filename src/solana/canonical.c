#include "lockstep/solana/canonical.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "json_load.h"
#include "lockstep/base/utf8.h"

/* Whole numbers up to here are doubles without loss, each distinct from its neighbours. */
static const json_int_t whole_max = (json_int_t)1 << 53;
static const char what[] = "json canonical";

/* An array or object that is being written. */
struct frame {
    json_t *container;
    size_t next;       /* element or member to write next */
    size_t count;      /* of elements or members */
    const char **keys; /* of an object, in canonical order; owned */
};
struct walk {
    struct ls_buf *out;
    size_t depth;
    struct frame frames[LS_JSON_DEPTH_MAX];
};

/* First UTF-16 code unit of a scalar. */
static uint32_t first_unit(uint32_t scalar)
{
    return scalar < 0x10000 ? scalar : 0xd800 + ((scalar - 0x10000) >> 10);
}

/* Order of member names by UTF-16 code units (section 3.2.3), which differs from the
 * order of bytes where a scalar beyond U+FFFF meets one of U+E000..U+FFFF. */
static int compare_keys(const void *left_key, const void *right_key)
{
    const char *left = *(const char *const *)left_key;
    const char *right = *(const char *const *)right_key;
    while (*left != '\0' && *right != '\0') {
        uint32_t a = 0;
        uint32_t b = 0;
        const size_t left_used = ls_utf8_next(left, strlen(left), &a);
        const size_t right_used = ls_utf8_next(right, strlen(right), &b);
        assert(left_used > 0 && right_used > 0); /* jansson lets only UTF-8 in */
        if (first_unit(a) != first_unit(b)) return first_unit(a) < first_unit(b) ? -1 : 1;
        if (a != b) return a < b ? -1 : 1;
        left += left_used;
        right += right_used;
    }
    return (*left != '\0') - (*right != '\0');
}

/* The escapes of section 3.2.2.2; everything else stands for itself. */
static void add_character(struct ls_buf *out, char character)
{
    const unsigned char byte = (unsigned char)character;
    static const char short_names[] = "btn\0fr"; /* of U+0008 .. U+000D */
    if (byte == '"' || byte == '\\') {
        ls_buf_add_char(out, '\\');
        ls_buf_add_char(out, character);
    } else if (byte >= 0x08 && byte <= 0x0d && byte != 0x0b) {
        ls_buf_add_char(out, '\\');
        ls_buf_add_char(out, short_names[byte - 0x08]);
    } else if (byte < 0x20) {
        ls_buf_printf(out, "\\u%04x", byte);
    } else {
        ls_buf_add_char(out, character);
    }
}

static void add_string(struct ls_buf *out, const char *text, size_t text_bytes)
{
    ls_buf_add_char(out, '"');
    for (size_t i = 0; i < text_bytes; i++) add_character(out, text[i]);
    ls_buf_add_char(out, '"');
}

static ls_err add_number(struct ls_buf *out, const json_t *value)
{
    if (json_is_integer(value)) {
        const json_int_t whole = json_integer_value(value);
        if (whole > whole_max || whole < -whole_max)
            return LS_FAIL(LS_CODE_INVALID, 0, "json canonical: number beyond 2^53");
    }
    char text[LS_JSON_NUMBER_BYTES];
    const size_t length = ls_json_number(json_number_value(value), text);
    ls_buf_add(out, text, length);
    return LS_OK;
}

/* Member names of `object` in canonical order, or NULL when memory is exhausted. */
static const char **sorted_keys(json_t *object, size_t count)
{
    const char **keys = calloc(count == 0 ? 1 : count, sizeof *keys);
    if (keys == NULL) return NULL;

    const char *key = NULL;
    json_t *member = NULL;
    size_t i = 0;
    json_object_foreach(object, key, member) keys[i++] = key;
    assert(i == count);
    qsort(keys, count, sizeof *keys, compare_keys);
    return keys;
}

static ls_err open_container(struct walk *walk, json_t *container)
{
    if (walk->depth == LS_JSON_DEPTH_MAX)
        return LS_FAIL(LS_CODE_INVALID, 0, "json canonical: nested too deep");

    struct frame frame = {.container = container};
    if (json_is_object(container)) {
        frame.count = json_object_size(container);
        frame.keys = sorted_keys(container, frame.count);
        if (frame.keys == NULL) return LS_FAIL(LS_CODE_NO_MEMORY, 0, what);
    } else {
        frame.count = json_array_size(container);
    }
    walk->frames[walk->depth++] = frame;
    ls_buf_add_char(walk->out, json_is_object(container) ? '{' : '[');
    return LS_OK;
}

static ls_err add_value(struct walk *walk, json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_ARRAY: return open_container(walk, value);
    case JSON_STRING:
        add_string(walk->out, json_string_value(value), json_string_length(value));
        return LS_OK;
    case JSON_INTEGER:
    case JSON_REAL: return add_number(walk->out, value);
    case JSON_TRUE: ls_buf_add_text(walk->out, "true"); return LS_OK;
    case JSON_FALSE: ls_buf_add_text(walk->out, "false"); return LS_OK;
    case JSON_NULL: ls_buf_add_text(walk->out, "null"); return LS_OK;
    }
    return LS_FAIL(LS_CODE_INVALID, 0, what);
}

/* Write the next element of the innermost container, or close it. */
static ls_err take_step(struct walk *walk)
{
    struct frame *frame = &walk->frames[walk->depth - 1];
    if (frame->next == frame->count) {
        ls_buf_add_char(walk->out, json_is_object(frame->container) ? '}' : ']');
        free(frame->keys);
        walk->depth--;
        return LS_OK;
    }
    const size_t i = frame->next++;
    if (i > 0) ls_buf_add_char(walk->out, ',');
    if (frame->keys == NULL) return add_value(walk, json_array_get(frame->container, i));

    add_string(walk->out, frame->keys[i], strlen(frame->keys[i]));
    ls_buf_add_char(walk->out, ':');
    return add_value(walk, json_object_get(frame->container, frame->keys[i]));
}

ls_err ls_json_canonical_value(json_t *value, struct ls_buf *out)
{
    struct walk walk = {.out = out};
    ls_err err = add_value(&walk, value);
    while (!ls_failed(err) && walk.depth > 0 && out->code == LS_CODE_OK) err = take_step(&walk);
    while (walk.depth > 0) free(walk.frames[--walk.depth].keys);
    return ls_failed(err) ? err : ls_buf_check(out, what);
}

ls_err ls_json_canonical(const char *json, size_t json_bytes, struct ls_buf *out)
{
    assert(out != NULL);
    if (!ls_json_depth_within(json, json_bytes, LS_JSON_DEPTH_MAX))
        return LS_FAIL(LS_CODE_INVALID, 0, "json canonical: nested too deep");

    json_error_t error;
    json_t *value = NULL;
    LS_TRY(ls_json_load(json, json_bytes, JSON_ALLOW_NUL, &value, &error));
    const ls_err err = ls_json_canonical_value(value, out);
    json_decref(value);
    return err;
}
