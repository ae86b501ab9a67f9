/* The leaves of a JSON document by path, and the document with one leaf changed: what an
 * editor of payloads needs. Bytes that are not changed stay as they are, so that no number
 * is written anew. Not a parser: whoever takes the result checks it again. */
#ifndef LOCKSTEP_CORE_LEAF_H
#define LOCKSTEP_CORE_LEAF_H

#include <stdbool.h>
#include <stddef.h>

#include "lockstep/base/buf.h"

enum { LS_LEAF_PATH_BYTES = 128, LS_LEAF_DEPTH_MAX = 16, LS_LEAVES_MAX = 128 };

/* A text, number, true, false, null or empty container. */
struct ls_leaf {
    char path[LS_LEAF_PATH_BYTES]; /* "accounts.0.address"; cut when longer */
    size_t start, end;             /* its bytes in the document */
    bool is_text;
};

/* The leaves in their order; at most `max`, the others are not told. False when the text is
 * no object, nests deeper than LS_LEAF_DEPTH_MAX or ends early. */
bool ls_leaves_read(const char *json,
                    struct ls_leaf *leaves_out,
                    size_t max,
                    size_t *count_out);

/* The leaf at `path`; NULL when there is none. */
const struct ls_leaf *
ls_leaf_find(const struct ls_leaf *leaves, size_t count, const char *path);

/* Its value as a person reads it: a text without quotes and escapes (but \u.... is
 * left as it is written), anything else as it stands. Cut to fit. */
void ls_leaf_value(const char *json, const struct ls_leaf *leaf, char *out, size_t out_bytes);

/* Append the document with `value` in the leaf's place: as a text where a text stood, else
 * as it is. */
void ls_leaf_replace(const char *json,
                     const struct ls_leaf *leaf,
                     const char *value,
                     struct ls_buf *out);

#endif
