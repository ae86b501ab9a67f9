#include "lockstep/solana/nonce.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

const struct ls_address LS_SYSVAR_RECENT_BLOCKHASHES = {
    /* SysvarRecentB1ockHashes11111111111111111111 */
    {0x06, 0xa7, 0xd5, 0x17, 0x19, 0x2c, 0x56, 0x8e, 0xe0, 0x8a, 0x84,
     0x5f, 0x73, 0xd2, 0x97, 0x88, 0xcf, 0x03, 0x5c, 0x31, 0x45, 0xb2,
     0x1a, 0xb3, 0x44, 0xd8, 0x06, 0x2e, 0xa9, 0x40, 0x00, 0x00}};
const struct ls_address LS_SYSVAR_RENT = {
    /* SysvarRent111111111111111111111111111111111 */
    {0x06, 0xa7, 0xd5, 0x17, 0x19, 0x2c, 0x5c, 0x51, 0x21, 0x8c, 0xc9,
     0x4c, 0x3d, 0x4a, 0xf1, 0x7f, 0x58, 0xda, 0xee, 0x08, 0x9b, 0xa1,
     0xfd, 0x44, 0xe3, 0xdb, 0xd9, 0x8a, 0x00, 0x00, 0x00, 0x00}};

/* Instruction numbers of the System program. */
enum { ADVANCE = 4, WITHDRAW = 5, INITIALIZE = 6, AUTHORIZE = 7 };
enum { VERSION_CURRENT = 1, STATE_INITIALIZED = 1 };
enum { TAG_BYTES = 4 };

static void begin(struct ls_instruction *out, uint8_t tag)
{
    memset(out, 0, sizeof *out);
    out->program = LS_PROGRAM_SYSTEM;
    out->data[0] = tag;
    out->data_bytes = TAG_BYTES;
}

static void add_account(struct ls_instruction *out,
                        const struct ls_address *address,
                        bool signs,
                        bool writes)
{
    assert(out->account_count < LS_INSTRUCTION_ACCOUNTS_MAX);
    out->accounts[out->account_count++] = (struct ls_account_meta){
        .address = *address, .is_signer = signs, .is_writable = writes};
}

static void add_data(struct ls_instruction *out, const uint8_t *bytes, size_t bytes_count)
{
    assert(bytes_count <= LS_INSTRUCTION_DATA_MAX - out->data_bytes);
    memcpy(out->data + out->data_bytes, bytes, bytes_count);
    out->data_bytes += bytes_count;
}

static void put_number(uint8_t *out, uint64_t number, unsigned width)
{
    for (unsigned i = 0; i < width; i++) out[i] = (uint8_t)(number >> (8 * i) & 0xff);
}

static uint64_t get_number(const uint8_t *bytes, unsigned width)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < width; i++) number |= (uint64_t)bytes[i] << (8 * i);
    return number;
}

void ls_nonce_initialize(struct ls_instruction *out,
                         const struct ls_address *nonce,
                         const struct ls_address *authority)
{
    begin(out, INITIALIZE);
    add_account(out, nonce, false, true);
    add_account(out, &LS_SYSVAR_RECENT_BLOCKHASHES, false, false);
    add_account(out, &LS_SYSVAR_RENT, false, false);
    add_data(out, authority->bytes, LS_ADDRESS_BYTES);
}

void ls_nonce_advance(struct ls_instruction *out,
                      const struct ls_address *nonce,
                      const struct ls_address *authority)
{
    begin(out, ADVANCE);
    add_account(out, nonce, false, true);
    add_account(out, &LS_SYSVAR_RECENT_BLOCKHASHES, false, false);
    add_account(out, authority, true, false);
}

void ls_nonce_withdraw(struct ls_instruction *out,
                       const struct ls_address *nonce,
                       const struct ls_address *to,
                       const struct ls_address *authority,
                       uint64_t lamports)
{
    uint8_t amount[sizeof lamports];
    begin(out, WITHDRAW);
    add_account(out, nonce, false, true);
    add_account(out, to, false, true);
    add_account(out, &LS_SYSVAR_RECENT_BLOCKHASHES, false, false);
    add_account(out, &LS_SYSVAR_RENT, false, false);
    add_account(out, authority, true, false);
    put_number(amount, lamports, sizeof amount);
    add_data(out, amount, sizeof amount);
}

void ls_nonce_authorize(struct ls_instruction *out,
                        const struct ls_address *nonce,
                        const struct ls_address *authority,
                        const struct ls_address *new_authority)
{
    begin(out, AUTHORIZE);
    add_account(out, nonce, false, true);
    add_account(out, authority, true, false);
    add_data(out, new_authority->bytes, LS_ADDRESS_BYTES);
}

/* u32 version, u32 state, authority, value, u64 lamports a signature. */
ls_err ls_nonce_read(const uint8_t *data, size_t data_bytes, struct ls_nonce *nonce_out)
{
    static const char what[] = "nonce account";
    if (data_bytes != LS_NONCE_ACCOUNT_BYTES) return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    const uint64_t version = get_number(data, 4);
    const uint64_t state = get_number(data + 4, 4);
    if (version > VERSION_CURRENT || state > STATE_INITIALIZED)
        return LS_FAIL(LS_CODE_CORRUPT, 0, what);
    if (state != STATE_INITIALIZED) return LS_FAIL(LS_CODE_NOT_FOUND, 0, what);
    if (version != VERSION_CURRENT) return LS_FAIL(LS_CODE_CORRUPT, 0, what);

    memcpy(nonce_out->authority.bytes, data + 8, LS_ADDRESS_BYTES);
    memcpy(nonce_out->value.bytes, data + 40, LS_HASH_BYTES);
    nonce_out->lamports_per_signature = get_number(data + 72, 8);
    return LS_OK;
}

void ls_nonce_write(const struct ls_nonce *nonce, uint8_t data_out[LS_NONCE_ACCOUNT_BYTES])
{
    put_number(data_out, VERSION_CURRENT, 4);
    put_number(data_out + 4, STATE_INITIALIZED, 4);
    memcpy(data_out + 8, nonce->authority.bytes, LS_ADDRESS_BYTES);
    memcpy(data_out + 40, nonce->value.bytes, LS_HASH_BYTES);
    put_number(data_out + 72, nonce->lamports_per_signature, 8);
}

struct ls_hash ls_nonce_value(const struct ls_hash *blockhash)
{
    static const uint8_t label[] = "DURABLE_NONCE";
    struct ls_hash value;
    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash); /* these cannot fail */
    (void)crypto_hash_sha256_update(&hash, label, sizeof label - 1);
    (void)crypto_hash_sha256_update(&hash, blockhash->bytes, LS_HASH_BYTES);
    (void)crypto_hash_sha256_final(&hash, value.bytes);
    return value;
}

bool ls_nonce_of_tx(const struct ls_tx_view *view, size_t *account_out)
{
    if (view->instruction_count == 0) return false;
    const struct ls_tx_view_instruction *first = &view->instructions[0];
    if (!ls_address_equal(&view->accounts[first->program_index], &LS_PROGRAM_SYSTEM))
        return false;
    if (first->data_bytes < TAG_BYTES || get_number(first->data, TAG_BYTES) != ADVANCE)
        return false;
    if (first->account_count == 0) return false;
    const size_t account = first->account_indexes[0];
    if (!ls_tx_view_is_writable(view, account)) return false;
    *account_out = account;
    return true;
}
