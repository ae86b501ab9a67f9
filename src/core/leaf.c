#include "lockstep/core/leaf.h"

#include <stdio.h>
#include <string.h>

/* Where the reading stands: one level a container. */
struct level {
    bool is_object;
    size_t index;      /* elements begun */
    size_t path_bytes; /* of the path up to this container */
};
struct reader {
    const char *json;
    size_t at;
    size_t depth;
    struct level levels[LS_LEAF_DEPTH_MAX];
    char path[LS_LEAF_PATH_BYTES];
    struct ls_leaf *leaves;
    size_t max, count;
};

static void skip_blanks(struct reader *reader)
{
    const char *json = reader->json;
    while (json[reader->at] == ' ' || json[reader->at] == '\t' || json[reader->at] == '\r' ||
           json[reader->at] == '\n')
        reader->at++;
}

/* Behind the text that begins here; false when it does not end. */
static bool skip_text(struct reader *reader)
{
    const char *json = reader->json;
    for (reader->at++; json[reader->at] != '\0' && json[reader->at] != '"'; reader->at++) {
        if (json[reader->at] == '\\' && json[reader->at + 1] != '\0') reader->at++;
    }
    if (json[reader->at] != '"') return false;
    reader->at++;
    return true;
}

static void set_path(struct reader *reader, const char *name, size_t name_bytes)
{
    size_t base = reader->levels[reader->depth - 1].path_bytes;
    size_t room = sizeof reader->path - base;
    (void)snprintf(reader->path + base, room, "%s%.*s", base == 0 ? "" : ".", (int)name_bytes,
                   name); /* cut by design */
}

static void add_leaf(struct reader *reader, size_t start, bool is_text)
{
    if (reader->count == reader->max) return;
    struct ls_leaf *leaf = &reader->leaves[reader->count++];
    memcpy(leaf->path, reader->path, sizeof leaf->path);
    leaf->start = start;
    leaf->end = reader->at;
    leaf->is_text = is_text;
}

/* The name before an object's value, or an array's index, becomes the path. */
static bool read_name(struct reader *reader)
{
    struct level *level = &reader->levels[reader->depth - 1];
    if (!level->is_object) {
        char index[24];
        int bytes = snprintf(index, sizeof index, "%zu", level->index);
        set_path(reader, index, (size_t)bytes);
    } else {
        size_t start = reader->at + 1;
        if (reader->json[reader->at] != '"' || !skip_text(reader)) return false;
        set_path(reader, reader->json + start, reader->at - 1 - start);
        skip_blanks(reader);
        if (reader->json[reader->at] != ':') return false;
        reader->at++;
        skip_blanks(reader);
    }
    level->index++;
    return true;
}

static bool open_container(struct reader *reader)
{
    size_t start = reader->at;
    bool is_object = reader->json[reader->at++] == '{';
    skip_blanks(reader);
    if (reader->json[reader->at] == (is_object ? '}' : ']')) {
        reader->at++;
        add_leaf(reader, start, false);
        return true;
    }
    if (reader->depth == LS_LEAF_DEPTH_MAX) return false;
    reader->levels[reader->depth++] =
        (struct level){.is_object = is_object, .path_bytes = strlen(reader->path)};
    return read_name(reader);
}

static bool read_value(struct reader *reader, bool *opened_out)
{
    size_t start = reader->at;
    char first = reader->json[reader->at];
    size_t depth = reader->depth;
    *opened_out = false;
    if (first == '{' || first == '[') {
        if (!open_container(reader)) return false;
        *opened_out = reader->depth > depth;
        return true;
    }
    if (first == '"') {
        if (!skip_text(reader)) return false;
    } else {
        reader->at += strcspn(reader->json + reader->at, ",]} \t\r\n");
    }
    if (reader->at == start) return false;
    add_leaf(reader, start, first == '"');
    return true;
}

/* Behind a value: close what ends, go on to the next name. False: it is no JSON. */
static bool go_on(struct reader *reader)
{
    while (reader->depth > 0) {
        struct level *level = &reader->levels[reader->depth - 1];
        skip_blanks(reader);
        if (reader->json[reader->at] == ',') {
            reader->at++;
            skip_blanks(reader);
            return read_name(reader);
        }
        if (reader->json[reader->at] != (level->is_object ? '}' : ']')) return false;
        reader->at++;
        reader->depth--;
        reader->path[level->path_bytes] = '\0';
    }
    return true;
}

bool ls_leaves_read(const char *json, struct ls_leaf *leaves_out, size_t max, size_t *count_out)
{
    struct reader reader = {.json = json, .leaves = leaves_out, .max = max};
    bool opened = false;
    skip_blanks(&reader);
    if (json[reader.at] != '{' || !read_value(&reader, &opened)) return false;
    while (reader.depth > 0) {
        if (opened) {
            opened = false; /* its first name is read already */
        }
        if (!read_value(&reader, &opened)) return false;
        if (!opened && !go_on(&reader)) return false;
    }
    skip_blanks(&reader);
    if (json[reader.at] != '\0') return false;
    *count_out = reader.count;
    return true;
}

const struct ls_leaf *ls_leaf_find(const struct ls_leaf *leaves, size_t count, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(leaves[i].path, path) == 0) return &leaves[i];
    }
    return NULL;
}

/* The character that an escape of one letter means; 0 for none. */
static char letter_of(char escaped)
{
    static const char letters[] = "\"\\/ntrbf";
    static const char means[] = "\"\\/\n\t\r\b\f";
    const char *found = strchr(letters, escaped);
    return found == NULL ? '\0' : means[found - letters];
}

void ls_leaf_value(const char *json, const struct ls_leaf *leaf, char *out, size_t out_bytes)
{
    size_t at = leaf->start + (leaf->is_text ? 1 : 0);
    size_t end = leaf->end - (leaf->is_text ? 1 : 0);
    size_t length = 0;
    while (at < end && length + 1 < out_bytes) {
        bool is_escape = leaf->is_text && json[at] == '\\' && at + 1 < end;
        char letter = is_escape ? letter_of(json[at + 1]) : '\0';
        if (letter != '\0') at++;
        out[length++] = letter != '\0' ? letter : json[at];
        at++;
    }
    out[length] = '\0';
}

void ls_leaf_replace(const char *json,
                     const struct ls_leaf *leaf,
                     const char *value,
                     struct ls_buf *out)
{
    ls_buf_add(out, json, leaf->start);
    if (!leaf->is_text) {
        ls_buf_add_text(out, value);
    } else {
        ls_buf_add_char(out, '"');
        for (; *value != '\0'; value++) {
            unsigned char byte = (unsigned char)*value;
            if (byte < 0x20) {
                ls_buf_printf(out, "\\u%04x", byte);
                continue;
            }
            if (byte == '"' || byte == '\\') ls_buf_add_char(out, '\\');
            ls_buf_add_char(out, *value);
        }
        ls_buf_add_char(out, '"');
    }
    ls_buf_add_text(out, json + leaf->end);
}
