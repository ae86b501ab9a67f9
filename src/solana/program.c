#include "lockstep/solana/program.h"

#include <assert.h>
#include <string.h>

#include <sodium.h>

const struct ls_address LS_PROGRAM_SYSTEM = {{0}};
const struct ls_address LS_PROGRAM_TOKEN = {/* TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA */
                                            {0x06, 0xdd, 0xf6, 0xe1, 0xd7, 0x65, 0xa1, 0x93,
                                             0xd9, 0xcb, 0xe1, 0x46, 0xce, 0xeb, 0x79, 0xac,
                                             0x1c, 0xb4, 0x85, 0xed, 0x5f, 0x5b, 0x37, 0x91,
                                             0x3a, 0x8c, 0xf5, 0x85, 0x7e, 0xff, 0x00, 0xa9}};
const struct ls_address LS_PROGRAM_TOKEN_2022 = {
    /* TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb */
    {0x06, 0xdd, 0xf6, 0xe1, 0xee, 0x75, 0x8f, 0xde, 0x18, 0x42, 0x5d,
     0xbc, 0xe4, 0x6c, 0xcd, 0xda, 0xb6, 0x1a, 0xfc, 0x4d, 0x83, 0xb9,
     0x0d, 0x27, 0xfe, 0xbd, 0xf9, 0x28, 0xd8, 0xa1, 0x8b, 0xfc}};
const struct ls_address LS_PROGRAM_ATA = {/* ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL */
                                          {0x8c, 0x97, 0x25, 0x8f, 0x4e, 0x24, 0x89, 0xf1,
                                           0xbb, 0x3d, 0x10, 0x29, 0x14, 0x8e, 0x0d, 0x83,
                                           0x0b, 0x5a, 0x13, 0x99, 0xda, 0xff, 0x10, 0x84,
                                           0x04, 0x8e, 0x7b, 0xd8, 0xdb, 0xe9, 0xf8, 0x59}};
const struct ls_address LS_PROGRAM_MEMO = {/* MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr */
                                           {0x05, 0x4a, 0x53, 0x5a, 0x99, 0x29, 0x21, 0x06,
                                            0x4d, 0x24, 0xe8, 0x71, 0x60, 0xda, 0x38, 0x7c,
                                            0x7c, 0x35, 0xb5, 0xdd, 0xbc, 0x92, 0xbb, 0x81,
                                            0xe4, 0x1f, 0xa8, 0x40, 0x41, 0x05, 0x44, 0x8d}};

const struct ls_address LS_PROGRAM_COMPUTE_BUDGET = {
    /* ComputeBudget111111111111111111111111111111 */
    {0x03, 0x06, 0x46, 0x6f, 0xe5, 0x21, 0x17, 0x32, 0xff, 0xec, 0xad,
     0xba, 0x72, 0xc3, 0x9b, 0xe7, 0xbc, 0x8c, 0xe5, 0xbb, 0xc5, 0xf7,
     0x12, 0x6b, 0x2c, 0x43, 0x9b, 0x3a, 0x40, 0x00, 0x00, 0x00}};

enum { SEED_BYTES_MAX = 32, BUMP_MAX = 255 };

/* Instruction numbers of each program's published interface. */
enum { SYSTEM_TRANSFER = 2, SYSTEM_CREATE_WITH_SEED = 3, SYSTEM_TRANSFER_WITH_SEED = 11 };
enum { TOKEN_TRANSFER = 3, TOKEN_MINT_TO = 7, TOKEN_BURN = 8, TOKEN_INITIALIZE_MINT2 = 20 };
enum { TOKEN_METADATA_POINTER = 39, POINTER_INITIALIZE = 0 };
enum { ATA_CREATE_IDEMPOTENT = 1 };
enum { BUDGET_UNIT_LIMIT = 2, BUDGET_UNIT_PRICE = 3 };
/* First bytes of SHA-256("spl_token_metadata_interface:initialize_account"). */
static const uint8_t metadata_initialize[] = {0xd2, 0xe1, 0x1e, 0xa2, 0x58, 0xb8, 0x4d, 0x8d};

static const char pda_marker[] = "ProgramDerivedAddress";

struct ls_address ls_derive_with_seed(const struct ls_address *base,
                                      const char *seed,
                                      const struct ls_address *owner)
{
    assert(strlen(seed) <= SEED_BYTES_MAX);

    struct ls_address derived;
    crypto_hash_sha256_state hash;
    (void)crypto_hash_sha256_init(&hash); /* these cannot fail */
    (void)crypto_hash_sha256_update(&hash, base->bytes, sizeof base->bytes);
    (void)crypto_hash_sha256_update(&hash, (const uint8_t *)seed, strlen(seed));
    (void)crypto_hash_sha256_update(&hash, owner->bytes, sizeof owner->bytes);
    (void)crypto_hash_sha256_final(&hash, derived.bytes);
    return derived;
}

bool ls_address_on_curve(const struct ls_address *address)
{
    /* The identity: y = 1, x = 0. */
    static const uint8_t neutral[crypto_core_ed25519_BYTES] = {1};
    uint8_t sum[crypto_core_ed25519_BYTES];

    /* The rule of the runtime is "decompression succeeds": small orders, points outside
     * the main subgroup, y >= p and a sign bit on x = 0 all count as on the curve.
     * crypto_core_ed25519_is_valid_point refuses those; addition decompresses both
     * points by the same equation and tests nothing else. */
    return crypto_core_ed25519_add(sum, address->bytes, neutral) == 0;
}

bool ls_derive_ata(const struct ls_address *owner,
                   const struct ls_address *mint,
                   const struct ls_address *program,
                   struct ls_address *ata_out)
{
    for (int bump = BUMP_MAX; bump >= 0; bump--) {
        struct ls_address candidate;
        const uint8_t bump_byte = (uint8_t)bump;
        crypto_hash_sha256_state hash;
        (void)crypto_hash_sha256_init(&hash); /* these cannot fail */
        (void)crypto_hash_sha256_update(&hash, owner->bytes, LS_ADDRESS_BYTES);
        (void)crypto_hash_sha256_update(&hash, program->bytes, LS_ADDRESS_BYTES);
        (void)crypto_hash_sha256_update(&hash, mint->bytes, LS_ADDRESS_BYTES);
        (void)crypto_hash_sha256_update(&hash, &bump_byte, 1);
        (void)crypto_hash_sha256_update(&hash, LS_PROGRAM_ATA.bytes, LS_ADDRESS_BYTES);
        (void)crypto_hash_sha256_update(&hash, (const uint8_t *)pda_marker,
                                        sizeof pda_marker - 1);
        (void)crypto_hash_sha256_final(&hash, candidate.bytes);
        if (ls_address_on_curve(&candidate)) continue;
        *ata_out = candidate;
        return true;
    }
    return false;
}

/* Begin an instruction: everything zero but its program. */
static void begin(struct ls_instruction *out, const struct ls_address *program)
{
    memset(out, 0, sizeof *out);
    out->program = *program;
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

static void add_data(struct ls_instruction *out, const void *bytes, size_t bytes_count)
{
    assert(bytes_count <= LS_INSTRUCTION_DATA_MAX - out->data_bytes);
    memcpy(out->data + out->data_bytes, bytes, bytes_count);
    out->data_bytes += bytes_count;
}

/* An unsigned number of `width` bytes, little endian. */
static void add_number(struct ls_instruction *out, uint64_t number, unsigned width)
{
    uint8_t bytes[sizeof number];
    for (unsigned i = 0; i < width; i++) bytes[i] = (uint8_t)(number >> (8 * i) & 0xff);
    add_data(out, bytes, width);
}

void ls_system_transfer(struct ls_instruction *out,
                        const struct ls_address *from,
                        const struct ls_address *to,
                        uint64_t lamports)
{
    begin(out, &LS_PROGRAM_SYSTEM);
    add_account(out, from, true, true);
    add_account(out, to, false, true);
    add_number(out, SYSTEM_TRANSFER, 4);
    add_number(out, lamports, 8);
}

void ls_system_create_with_seed(struct ls_instruction *out,
                                const struct ls_create_with_seed *create)
{
    const size_t seed_bytes = strlen(create->seed);
    assert(seed_bytes <= SEED_BYTES_MAX);

    begin(out, &LS_PROGRAM_SYSTEM);
    add_account(out, &create->payer, true, true);
    add_account(out, &create->created, false, true);
    if (!ls_address_equal(&create->base, &create->payer))
        add_account(out, &create->base, true, false);
    add_number(out, SYSTEM_CREATE_WITH_SEED, 4);
    add_data(out, create->base.bytes, LS_ADDRESS_BYTES);
    add_number(out, seed_bytes, 8);
    add_data(out, create->seed, seed_bytes);
    add_number(out, create->lamports, 8);
    add_number(out, create->space, 8);
    add_data(out, create->owner.bytes, LS_ADDRESS_BYTES);
}

void ls_system_transfer_with_seed(struct ls_instruction *out,
                                  const struct ls_transfer_with_seed *transfer)
{
    const size_t seed_bytes = strlen(transfer->seed);
    assert(seed_bytes <= SEED_BYTES_MAX);

    begin(out, &LS_PROGRAM_SYSTEM);
    add_account(out, &transfer->from, false, true);
    add_account(out, &transfer->base, true, false);
    add_account(out, &transfer->to, false, true);
    add_number(out, SYSTEM_TRANSFER_WITH_SEED, 4);
    add_number(out, transfer->lamports, 8);
    add_number(out, seed_bytes, 8);
    add_data(out, transfer->seed, seed_bytes);
    add_data(out, LS_PROGRAM_SYSTEM.bytes, LS_ADDRESS_BYTES);
}

void ls_token_initialize_mint2(struct ls_instruction *out,
                               const struct ls_address *program,
                               const struct ls_address *mint,
                               uint8_t decimals,
                               const struct ls_address *authority)
{
    begin(out, program);
    add_account(out, mint, false, true);
    add_number(out, TOKEN_INITIALIZE_MINT2, 1);
    add_number(out, decimals, 1);
    add_data(out, authority->bytes, LS_ADDRESS_BYTES);
    add_number(out, 0, 1); /* no freeze authority */
}

void ls_token_mint_to(struct ls_instruction *out,
                      const struct ls_address *program,
                      const struct ls_address *mint,
                      const struct ls_address *account,
                      const struct ls_address *authority,
                      uint64_t amount)
{
    begin(out, program);
    add_account(out, mint, false, true);
    add_account(out, account, false, true);
    add_account(out, authority, true, false);
    add_number(out, TOKEN_MINT_TO, 1);
    add_number(out, amount, 8);
}

void ls_token_burn(struct ls_instruction *out,
                   const struct ls_address *program,
                   const struct ls_address *account,
                   const struct ls_address *mint,
                   const struct ls_address *owner,
                   uint64_t amount)
{
    begin(out, program);
    add_account(out, account, false, true);
    add_account(out, mint, false, true);
    add_account(out, owner, true, false);
    add_number(out, TOKEN_BURN, 1);
    add_number(out, amount, 8);
}

void ls_token_transfer(struct ls_instruction *out,
                       const struct ls_address *program,
                       const struct ls_address *from,
                       const struct ls_address *to,
                       const struct ls_address *owner,
                       uint64_t amount)
{
    begin(out, program);
    add_account(out, from, false, true);
    add_account(out, to, false, true);
    add_account(out, owner, true, false);
    add_number(out, TOKEN_TRANSFER, 1);
    add_number(out, amount, 8);
}

void ls_ata_create_idempotent(struct ls_instruction *out,
                              const struct ls_address *program,
                              const struct ls_address *payer,
                              const struct ls_address *ata,
                              const struct ls_address *owner,
                              const struct ls_address *mint)
{
    begin(out, &LS_PROGRAM_ATA);
    add_account(out, payer, true, true);
    add_account(out, ata, false, true);
    add_account(out, owner, false, false);
    add_account(out, mint, false, false);
    add_account(out, &LS_PROGRAM_SYSTEM, false, false);
    add_account(out, program, false, false);
    add_number(out, ATA_CREATE_IDEMPOTENT, 1);
}

void ls_compute_unit_limit(struct ls_instruction *out, uint32_t units)
{
    begin(out, &LS_PROGRAM_COMPUTE_BUDGET);
    add_number(out, BUDGET_UNIT_LIMIT, 1);
    add_number(out, units, 4);
}

void ls_compute_unit_price(struct ls_instruction *out, uint64_t micro_lamports)
{
    begin(out, &LS_PROGRAM_COMPUTE_BUDGET);
    add_number(out, BUDGET_UNIT_PRICE, 1);
    add_number(out, micro_lamports, 8);
}

void ls_token_point_to_metadata(struct ls_instruction *out,
                                const struct ls_address *mint,
                                const struct ls_address *authority)
{
    begin(out, &LS_PROGRAM_TOKEN_2022);
    add_account(out, mint, false, true);
    add_number(out, TOKEN_METADATA_POINTER, 1);
    add_number(out, POINTER_INITIALIZE, 1);
    add_data(out, authority->bytes, LS_ADDRESS_BYTES);
    add_data(out, mint->bytes, LS_ADDRESS_BYTES);
}

static void add_text(struct ls_instruction *out, const char *text)
{
    const size_t text_bytes = strlen(text);
    add_number(out, text_bytes, 4);
    add_data(out, text, text_bytes);
}

void ls_token_initialize_metadata(struct ls_instruction *out,
                                  const struct ls_address *mint,
                                  const struct ls_address *authority,
                                  const struct ls_token_metadata *metadata)
{
    begin(out, &LS_PROGRAM_TOKEN_2022);
    add_account(out, mint, false, true);
    add_account(out, authority, false, false); /* who may change it */
    add_account(out, mint, false, false);
    add_account(out, authority, true, false); /* who mints */
    add_data(out, metadata_initialize, sizeof metadata_initialize);
    add_text(out, metadata->name);
    add_text(out, metadata->symbol);
    add_text(out, metadata->uri);
}

uint64_t ls_metadata_mint_bytes(size_t text_bytes)
{
    /* Type and length; authority and mint; three texts' lengths; no additional fields. */
    const uint64_t bytes = LS_POINTED_MINT_BYTES + 4 + 2 * (uint64_t)LS_ADDRESS_BYTES + 3 * 4 +
                           4 + (uint64_t)text_bytes;
    return bytes == LS_MULTISIG_BYTES ? bytes + 2 : bytes;
}

void ls_memo(struct ls_instruction *out, const char *text, size_t text_bytes)
{
    assert(text_bytes <= LS_MEMO_BYTES_MAX);
    begin(out, &LS_PROGRAM_MEMO);
    add_data(out, text, text_bytes);
}
