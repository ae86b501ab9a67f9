/* The canonical form of JSON: RFC 8785, JSON Canonicalization Scheme. The digest that an
 * event anchors on chain is taken over it, so the same document always has the same. */
#ifndef LOCKSTEP_SOLANA_CANONICAL_H
#define LOCKSTEP_SOLANA_CANONICAL_H

#include <stddef.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/err.h"

/* Arrays and objects in one another; a text that goes deeper is refused. */
enum { LS_JSON_DEPTH_MAX = 64 };
/* Longest text of a number: 17 digits, sign, point and exponent; with the terminator. */
enum { LS_JSON_NUMBER_BYTES = 32 };

/* Append the canonical form of the JSON text (any value) to `out`. LS_CODE_INVALID when it
 * is not JSON, nests deeper than LS_JSON_DEPTH_MAX, names a member twice, or has numbers
 * that a double cannot keep; then, and when `out` is full (LS_CODE_FULL) or memory is
 * exhausted, the content of `out` is undefined. Such numbers are whole ones beyond 2^53 that
 * are written without an exponent or fraction and all that overflow a double. */
LS_MUST_CHECK ls_err ls_json_canonical(const char *json, size_t json_bytes, struct ls_buf *out);

/* A finite double as ECMAScript's Number::toString writes it (section 3.2.2.3 of the RFC):
 * the fewest digits that read back as the same double. Returns the text's length. */
size_t ls_json_number(double number, char out[LS_JSON_NUMBER_BYTES]);

#endif
