#include "sim_data.h"

#include <assert.h>
#include <string.h>

#include "lockstep/solana/nonce.h"

#include "sim_run.h"
#include "sim_text.h"

enum { ZEROS = 768 }; /* a multiple of 3: base64 pieces join */

static size_t put_u64(uint8_t *out, uint64_t value)
{
    for (unsigned i = 0; i < 8; i++) out[i] = (uint8_t)(value >> (8 * i));
    return 8;
}

static size_t put_address(uint8_t *out, const struct ls_address *address)
{
    memcpy(out, address->bytes, LS_ADDRESS_BYTES);
    return LS_ADDRESS_BYTES;
}

/* COption<Pubkey>: u32 tag, then 32 bytes, zero when there is none. */
static size_t put_option(uint8_t *out, bool has, const struct ls_address *address)
{
    if (!has) return 4 + LS_ADDRESS_BYTES;
    out[0] = 1;
    return 4 + put_address(out + 4, address);
}

size_t ls_sim_data_layout(const struct ls_sim_content *content,
                          uint8_t bytes_out[LS_TOKEN_ACCOUNT_BYTES])
{
    if (content->kind == LS_SIM_PLAIN) return 0;
    memset(bytes_out, 0, LS_TOKEN_ACCOUNT_BYTES);
    if (content->kind == LS_SIM_NONCE) {
        const struct ls_nonce nonce = {.authority = content->authority,
                                       .value = content->value,
                                       .lamports_per_signature = LS_SIM_FEE_LAMPORTS};
        ls_nonce_write(&nonce, bytes_out);
        return LS_NONCE_ACCOUNT_BYTES;
    }
    size_t at = 0;
    if (content->kind == LS_SIM_MINT) {
        at += put_option(bytes_out, content->has_authority, &content->authority);
        at += put_u64(bytes_out + at, content->amount);
        bytes_out[at++] = content->decimals;
        bytes_out[at++] = 1; /* initialized */
        at += put_option(bytes_out + at, content->has_freeze, &content->mint);
        assert(at == LS_MINT_ACCOUNT_BYTES);
        return at;
    }
    at += put_address(bytes_out, &content->mint);
    at += put_address(bytes_out + at, &content->authority);
    at += put_u64(bytes_out + at, content->amount);
    at += 36;          /* no delegate */
    bytes_out[at] = 1; /* initialized; not native, nothing delegated, no close authority */
    return LS_TOKEN_ACCOUNT_BYTES;
}

void ls_sim_data_base64(const struct ls_sim_content *content,
                        size_t offset,
                        size_t length,
                        struct ls_buf *out)
{
    static const uint8_t zeros[ZEROS] = {0};
    uint8_t bytes[LS_TOKEN_ACCOUNT_BYTES];
    size_t space = content->space;
    if (offset > space) offset = space;
    if (length > space - offset) length = space - offset;
    if (ls_sim_data_layout(content, bytes) > 0) {
        ls_sim_text_base64(out, bytes + offset, length);
        return;
    }
    for (size_t left = length; left > 0;) {
        size_t piece = left < ZEROS ? left : ZEROS;
        ls_sim_text_base64(out, zeros, piece);
        left -= piece;
    }
}
