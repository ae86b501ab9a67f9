#include "rpc_error_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const double real_whole_max = 9007199254740992.0; /* 2^53 */
static const int64_t preflight_failure = -32002;

/* Any whole number that a double or int64 keeps. */
static bool read_whole(const json_t *value, int64_t *whole_out)
{
    if (json_is_integer(value)) {
        *whole_out = json_integer_value(value);
        return true;
    }
    if (!json_is_real(value)) return false;
    const double real = json_real_value(value);
    if (real > real_whole_max || real < -real_whole_max) return false;
    const int64_t whole = (int64_t)real;
    if ((double)whole != real) return false;
    *whole_out = whole;
    return true;
}

bool ls_rpc_whole(const json_t *value, int64_t *whole_out)
{
    int64_t whole = 0;
    if (!read_whole(value, &whole) || whole < 0) return false;
    *whole_out = whole;
    return true;
}

const char *ls_rpc_text(const json_t *value)
{
    const char *text = json_string_value(value);
    return text != NULL && strlen(text) == json_string_length(value) ? text : NULL;
}

/* Append `text` to the error's name: names are letters and digits, so anything else shows
 * as '?'. Cut at the field's end. */
static void add_name(struct ls_rpc_error *error, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                "0123456789_:";
    size_t at = strlen(error->name);
    for (; *text != '\0' && at + 1 < sizeof error->name; text++) {
        char character = *text;
        if (strchr(plain, character) == NULL) character = '?';
        error->name[at++] = character;
    }
    error->name[at] = '\0';
}

/* The one member of an object with one member; its name is NULL otherwise. */
static const char *only_member(const json_t *object, const json_t **member_out)
{
    if (!json_is_object(object) || json_object_size(object) != 1) return NULL;
    const char *name = NULL;
    const char *key = NULL;
    json_t *member = NULL;
    /* jansson's loop wants a mutable object and does not change it. */
    json_object_foreach((json_t *)object, key, member)
    {
        name = key;
        *member_out = member;
    }
    return name;
}

static bool read_custom(const json_t *member, uint32_t *custom_out)
{
    int64_t custom = 0;
    if (!ls_rpc_whole(member, &custom) || custom > UINT32_MAX) return false;
    *custom_out = (uint32_t)custom;
    return true;
}

/* [index, "Name"] or [index, {"Custom": n}] or [index, {"Name": …}]. */
static void read_instruction(const json_t *pair, struct ls_rpc_error *error)
{
    int64_t index = 0;
    const json_t *detail = json_array_get(pair, 1);
    const json_t *member = NULL;
    const char *name =
        json_is_string(detail) ? ls_rpc_text(detail) : only_member(detail, &member);
    const bool is_readable = json_array_size(pair) == 2 && name != NULL &&
                             ls_rpc_whole(json_array_get(pair, 0), &index) &&
                             index <= UINT8_MAX;
    if (!is_readable) {
        error->rpc_class = LS_CLASS_AMBIGUOUS;
        return;
    }
    error->has_instruction = true;
    error->instruction = (int32_t)index;
    add_name(error, ":");
    add_name(error, name);
    if (member == NULL || strcmp(name, "Custom") != 0) return;

    error->has_custom = read_custom(member, &error->custom);
    if (!error->has_custom) {
        error->rpc_class = LS_CLASS_AMBIGUOUS;
        return;
    }
    char number[16];
    (void)snprintf(number, sizeof number, ":%" PRIu32, error->custom); /* fits */
    add_name(error, number);
}

/* {"account_index": n}: account 0 pays the fee. Any other is short by what these bytes
 * themselves give it, and no deposit to the payer cures that. */
static bool is_about_another(const json_t *member)
{
    int64_t index = 0;
    return ls_rpc_whole(json_object_get(member, "account_index"), &index) && index != 0;
}

struct ls_rpc_error ls_rpc_error_from_transaction(const json_t *err)
{
    const json_t *member = NULL;
    const char *name = json_is_string(err) ? ls_rpc_text(err) : only_member(err, &member);
    if (name == NULL) return ls_rpc_error_from_fault("malformed");

    struct ls_rpc_error error = {.rpc_class = ls_rpc_class_of_transaction_error(name)};
    add_name(&error, name);
    if (strcmp(name, "InstructionError") == 0) read_instruction(member, &error);
    if (error.rpc_class == LS_CLASS_FUNDS && is_about_another(member))
        error.rpc_class = LS_CLASS_PERMANENT;
    return error;
}

struct ls_rpc_error ls_rpc_error_from_response(const json_t *error)
{
    int64_t code = 0;
    if (!json_is_object(error) || !read_whole(json_object_get(error, "code"), &code))
        return ls_rpc_error_from_fault("malformed");

    const json_t *err = json_object_get(json_object_get(error, "data"), "err");
    struct ls_rpc_error read = {.rpc_class = ls_rpc_class_of_code(code)};
    if (code == preflight_failure && err != NULL && !json_is_null(err)) {
        read = ls_rpc_error_from_transaction(err);
    } else {
        (void)snprintf(read.name, sizeof read.name, "rpc %" PRId64, code); /* fits */
    }
    read.code = code;
    return read;
}

struct ls_rpc_error ls_rpc_error_from_fault(const char *fault)
{
    struct ls_rpc_error error = {.rpc_class = LS_CLASS_AMBIGUOUS};
    (void)snprintf(error.name, sizeof error.name, "rpc %s", fault); /* fits */
    return error;
}
