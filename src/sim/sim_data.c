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

static size_t put_u16(uint8_t *out, size_t value)
{
    out[0] = (uint8_t)(value & 0xff);
    out[1] = (uint8_t)(value >> 8 & 0xff);
    return 2;
}

/* What Token-2022 puts behind the base of either account: its type, then extensions, each a
 * type, a length and so many bytes. */
static void put_extensions(const struct ls_sim_content *content, uint8_t *out)
{
    enum { TYPE_MINT = 1, TYPE_ACCOUNT = 2 };
    enum { IMMUTABLE_OWNER = 7, METADATA_POINTER = 18, TOKEN_METADATA = 19 };
    size_t at = LS_TOKEN_ACCOUNT_BYTES;
    out[at++] = content->kind == LS_SIM_MINT ? TYPE_MINT : TYPE_ACCOUNT;
    if (content->kind == LS_SIM_TOKEN) {
        (void)put_u16(out + at, IMMUTABLE_OWNER); /* without bytes of its own */
        return;
    }
    at += put_u16(out + at, METADATA_POINTER);
    at += put_u16(out + at, 2 * LS_ADDRESS_BYTES);
    at += 2 * (size_t)LS_ADDRESS_BYTES;
    if (!content->has_metadata) return;
    at += put_u16(out + at, TOKEN_METADATA);
    (void)put_u16(out + at, 2 * LS_ADDRESS_BYTES + 4 * 4 + content->text_bytes);
}

static void put_mint(const struct ls_sim_content *content, uint8_t *out)
{
    size_t at = put_option(out, content->has_authority, &content->authority);
    at += put_u64(out + at, content->amount);
    out[at++] = content->decimals;
    out[at++] = 1; /* initialized */
    at += put_option(out + at, content->has_freeze, &content->mint);
    assert(at == LS_MINT_ACCOUNT_BYTES);
}

static void put_token(const struct ls_sim_content *content, uint8_t *out)
{
    size_t at = put_address(out, &content->mint);
    at += put_address(out + at, &content->authority);
    at += put_u64(out + at, content->amount);
    at += 36;    /* no delegate */
    out[at] = 1; /* initialized; not native, nothing delegated, no close authority */
}

size_t ls_sim_data_layout(const struct ls_sim_content *content,
                          uint8_t bytes_out[LS_SIM_LAYOUT_BYTES_MAX])
{
    if (content->kind == LS_SIM_PLAIN) return 0;
    assert(content->space <= LS_SIM_LAYOUT_BYTES_MAX);
    memset(bytes_out, 0, LS_SIM_LAYOUT_BYTES_MAX);
    if (content->kind == LS_SIM_NONCE) {
        const struct ls_nonce nonce = {.authority = content->authority,
                                       .value = content->value,
                                       .lamports_per_signature = LS_SIM_FEE_LAMPORTS};
        ls_nonce_write(&nonce, bytes_out);
        return LS_NONCE_ACCOUNT_BYTES;
    }
    if (content->kind == LS_SIM_MINT) {
        put_mint(content, bytes_out);
    } else {
        put_token(content, bytes_out);
    }
    if (content->space > LS_TOKEN_ACCOUNT_BYTES) put_extensions(content, bytes_out);
    return content->space;
}

void ls_sim_data_base64(const struct ls_sim_content *content,
                        size_t offset,
                        size_t length,
                        struct ls_buf *out)
{
    static const uint8_t zeros[ZEROS] = {0};
    uint8_t bytes[LS_SIM_LAYOUT_BYTES_MAX];
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
