/* Values out of a text-format result. */
#ifndef LS_STORE_READ_H
#define LS_STORE_READ_H

#include <libpq-fe.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A number; 0 for NULL. */
int64_t read_int(const PGresult *result, int row, int column);
bool read_bool(const PGresult *result, int row, int column);
/* A copy of the text, "" for NULL, cut at a whole character to fit `out_bytes`. */
void read_text(const PGresult *result, int row, int column, char *out, size_t out_bytes);
/* Exactly `count` bytes of a bytea ("\x…"); false, output untouched, when it is not so. */
bool read_hex(const PGresult *result, int row, int column, uint8_t *out, size_t count);
/* The same from bare hexadecimal digits. */
bool read_hex_text(const char *digits, uint8_t *out, size_t count);

#endif
