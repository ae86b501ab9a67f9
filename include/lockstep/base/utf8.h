/* Strict UTF-8, one scalar at a time (Unicode 15, table 3-7; RFC 3629). */
#ifndef LOCKSTEP_BASE_UTF8_H
#define LOCKSTEP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed scalar at `text` (1..4), its value in `scalar_out`; 0 when
 * the bytes are ill-formed, overlong, a surrogate, cut short, or `text_bytes` is 0. */
size_t ls_utf8_next(const char *text, size_t text_bytes, uint32_t *scalar_out);

/* Write `scalar` (<= 0x10FFFF, no surrogate) to `out`, which has room for 4; returns the
 * bytes written. */
size_t ls_utf8_put(uint32_t scalar, char out[4]);

#endif
