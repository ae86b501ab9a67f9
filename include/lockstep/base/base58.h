/* Base58 with Bitcoin's alphabet, as Solana writes addresses, hashes and signatures. It
 * stands in base because stores and screens write these texts too. */
#ifndef LOCKSTEP_BASE_BASE58_H
#define LOCKSTEP_BASE_BASE58_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/chain.h"

enum { LS_BASE58_BYTES_MAX = 64 };

/* Write `bytes_count` (<= LS_BASE58_BYTES_MAX) bytes as text with a terminator; `out`
 * must have room (45 for 32 bytes, 89 for 64, 23 for 16). Returns the text's length. */
size_t ls_base58_encode(const uint8_t *bytes, size_t bytes_count, char *out, size_t out_bytes);
/* Read exactly `bytes_count` bytes; false, output untouched, when `text` is anything else. */
bool ls_base58_decode(const char *text, uint8_t *out, size_t bytes_count);

void ls_address_text(const struct ls_address *address, char out[LS_ADDRESS_TEXT_BYTES]);
void ls_hash_text(const struct ls_hash *hash, char out[LS_HASH_TEXT_BYTES]);
void ls_signature_text(const struct ls_signature *signature, char out[LS_SIGNATURE_TEXT_BYTES]);
bool ls_address_parse(const char *text, struct ls_address *address_out);
bool ls_hash_parse(const char *text, struct ls_hash *hash_out);
bool ls_signature_parse(const char *text, struct ls_signature *signature_out);

#endif
