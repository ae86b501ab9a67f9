/* The bytes of an account's data, from what the ledger knows about it. */
#ifndef LOCKSTEP_SIM_DATA_H
#define LOCKSTEP_SIM_DATA_H

#include <stddef.h>
#include <stdint.h>

#include "lockstep/base/buf.h"
#include "lockstep/solana/program.h"

#include "sim_accounts.h"

/* The largest layout: a mint with metadata. */
enum { LS_SIM_LAYOUT_BYTES_MAX = 320 + LS_METADATA_BYTES_MAX };
/* Write the layout of a mint or token account and return its size, `content->space`; 0 for
 * other accounts, whose data is `content->space` zero bytes. What is not kept of a mint's
 * metadata is zero. */
size_t ls_sim_data_layout(const struct ls_sim_content *content,
                          uint8_t bytes_out[LS_SIM_LAYOUT_BYTES_MAX]);
/* Append `length` bytes of the data from `offset` as base64, without quotes; the range is
 * cut at the end of the data. */
void ls_sim_data_base64(const struct ls_sim_content *content,
                        size_t offset,
                        size_t length,
                        struct ls_buf *out);

#endif
