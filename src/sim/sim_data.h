/* The bytes of an account's data, from what the ledger knows about it. */
#ifndef LOCKSTEP_SIM_DATA_H
#define LOCKSTEP_SIM_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/solana/program.h"

#include "sim_accounts.h"

/* Write the layout of a mint (82 bytes) or token account (165) and return its size; 0 for
 * other accounts, whose data is `content->space` zero bytes. */
size_t ls_sim_data_layout(const struct ls_sim_content *content,
                          uint8_t bytes_out[LS_TOKEN_ACCOUNT_BYTES]);
/* Append `length` bytes of the data from `offset` as base64, without quotes; the range is
 * cut at the end of the data. */
void ls_sim_data_base64(const struct ls_sim_content *content,
                        size_t offset,
                        size_t length,
                        struct ls_buf *out);

#endif
