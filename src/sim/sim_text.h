/* Text forms that answers need: base58 of any length, base64, token amounts. */
#ifndef LOCKSTEP_SIM_TEXT_H
#define LOCKSTEP_SIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/base/chain.h"

enum { LS_SIM_BASE58_TEXT_MAX = 1683, LS_SIM_BASE64_TEXT_MAX = 1644 }; /* of a packet */

/* Append the base58 of at most LS_TX_BYTES_MAX bytes, without quotes. */
void ls_sim_text_base58(struct ls_buf *out, const uint8_t *bytes, size_t bytes_count);
/* Read base58 of at most LS_TX_BYTES_MAX bytes; false when it is anything else. */
bool ls_sim_text_from_base58(const char *text,
                             uint8_t bytes_out[LS_TX_BYTES_MAX],
                             size_t *count_out);
/* Append base64 with padding, without quotes. */
void ls_sim_text_base64(struct ls_buf *out, const uint8_t *bytes, size_t bytes_count);
bool ls_sim_text_from_base64(const char *text,
                             uint8_t bytes_out[LS_TX_BYTES_MAX],
                             size_t *count_out);
/* Append "address" with its quotes; likewise a hash, a signature. */
void ls_sim_text_address(struct ls_buf *out, const struct ls_address *address);
void ls_sim_text_hash(struct ls_buf *out, const struct ls_hash *hash);
void ls_sim_text_signature(struct ls_buf *out, const struct ls_signature *signature);
/* Append a UiTokenAmount object. */
void ls_sim_text_amount(struct ls_buf *out, uint64_t amount, uint8_t decimals);

#endif
