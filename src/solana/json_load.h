/* JSON texts from outside, read with bounds. Private to the solana layer. */
#ifndef LOCKSTEP_SOLANA_JSON_LOAD_H
#define LOCKSTEP_SOLANA_JSON_LOAD_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

/* Whether arrays and objects nest at most `depth_max` deep. Looks at brackets outside
 * strings only, so it bounds the parser without being one. */
bool ls_json_depth_within(const char *json, size_t json_bytes, size_t depth_max);

/* Parse any JSON value; members named twice are refused. `value_out` is the caller's, to
 * free by json_decref. LS_CODE_INVALID with jansson's own words in `error_out`,
 * LS_CODE_NO_MEMORY (which jansson's lexer cannot tell from bad syntax: then it is
 * LS_CODE_INVALID too). */
LS_MUST_CHECK ls_err ls_json_load(const char *json,
                                  size_t json_bytes,
                                  size_t flags,
                                  json_t **value_out,
                                  json_error_t *error_out);

/* ls_json_canonical for a value that is already parsed and no deeper than
 * LS_JSON_DEPTH_MAX. */
LS_MUST_CHECK ls_err ls_json_canonical_value(json_t *value, struct ls_buf *out);

#endif
