#include "lockstep/solana/program.h"

#include <string.h>

#include "sim_run.h"

/* The System program: CreateAccount, Transfer, both with seed too, and the nonces of
 * sim_nonce.c. Its data is a bincode enum: u32 tag, then the fields. */
enum { CREATE = 0, TRANSFER = 2, CREATE_WITH_SEED = 3, TRANSFER_WITH_SEED = 11 };
enum { IN_USE = 0, NEGATIVE = 1, SPACE_TOO_BIG = 3, SEED_MISMATCH = 5 };
enum { SEED_BYTES_MAX = 32, SPACE_BYTES_MAX = 10 * 1024 * 1024 };

/* Who may take them was checked. */
static struct ls_sim_outcome
move_lamports(const struct ls_sim_frame *frame, size_t from_at, size_t to_at, uint64_t lamports)
{
    struct ls_sim_content *from = ls_sim_frame_content(frame, from_at);
    struct ls_sim_content *to = ls_sim_frame_content(frame, to_at);
    if (from->space != 0) return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    if (lamports > from->lamports) return ls_sim_outcome_custom(NEGATIVE);
    if (from == to || lamports == 0) return ls_sim_outcome_of(LS_SIM_OK);
    if (!ls_address_equal(&from->owner, &LS_PROGRAM_SYSTEM))
        return ls_sim_outcome_of(LS_SIM_FOREIGN_SPEND);
    if (!ls_sim_frame_is_writable(frame, from_at) || !ls_sim_frame_is_writable(frame, to_at))
        return ls_sim_outcome_of(LS_SIM_READONLY_LAMPORTS);
    if (lamports > UINT64_MAX - to->lamports) return ls_sim_outcome_of(LS_SIM_OVERFLOW);
    from->lamports -= lamports;
    to->lamports += lamports;
    return ls_sim_outcome_of(LS_SIM_OK);
}

struct creation {
    uint64_t lamports;
    uint64_t space;
    struct ls_address owner;
};

static struct creation read_creation(const uint8_t *bytes)
{
    struct creation creation = {.lamports = ls_sim_read_u64(bytes),
                                .space = ls_sim_read_u64(bytes + 8)};
    memcpy(creation.owner.bytes, bytes + 16, LS_ADDRESS_BYTES);
    return creation;
}

/* Accounts: 0 pays, 1 is created. */
static struct ls_sim_outcome
create(const struct ls_sim_frame *frame, const struct creation *creation, bool is_authorized)
{
    struct ls_sim_content *created = ls_sim_frame_content(frame, 1);
    if (created->lamports > 0) return ls_sim_outcome_custom(IN_USE);
    if (!is_authorized) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    if (created->space != 0 || !ls_address_equal(&created->owner, &LS_PROGRAM_SYSTEM))
        return ls_sim_outcome_custom(IN_USE);
    if (creation->space > SPACE_BYTES_MAX) return ls_sim_outcome_custom(SPACE_TOO_BIG);
    if (!ls_sim_frame_is_writable(frame, 1)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    if (!ls_sim_frame_is_signer(frame, 0)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    struct ls_sim_outcome moved = move_lamports(frame, 0, 1, creation->lamports);
    if (moved.code != LS_SIM_OK) return moved;
    created->space = (uint32_t)creation->space;
    created->owner = creation->owner;
    return moved;
}

static struct ls_sim_outcome create_plain(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + 48) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 2) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct creation creation = read_creation(instruction->data + 4);
    return create(frame, &creation, ls_sim_frame_is_signer(frame, 1));
}

static bool has_signed(const struct ls_tx_view *tx, const struct ls_address *address)
{
    for (size_t i = 0; i < tx->required_signatures; i++)
        if (ls_address_equal(&tx->accounts[i], address)) return true;
    return false;
}

static struct ls_sim_outcome create_with_seed(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + 32 + 8) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    struct ls_address base;
    memcpy(base.bytes, instruction->data + 4, LS_ADDRESS_BYTES);
    uint64_t seed_bytes = ls_sim_read_u64(instruction->data + 36);
    size_t rest = instruction->data_bytes - 44;
    if (seed_bytes > rest || rest - seed_bytes < 48)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 2) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (seed_bytes > SEED_BYTES_MAX) return ls_sim_outcome_of(LS_SIM_SEED_LENGTH);

    char seed[SEED_BYTES_MAX + 1] = {0};
    memcpy(seed, instruction->data + 44, (size_t)seed_bytes);
    if (strlen(seed) != seed_bytes) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    struct creation creation = read_creation(instruction->data + 44 + seed_bytes);
    struct ls_address derived = ls_derive_with_seed(&base, seed, &creation.owner);
    if (!ls_address_equal(&derived, ls_sim_frame_key(frame, 1)))
        return ls_sim_outcome_custom(SEED_MISMATCH);
    return create(frame, &creation, has_signed(frame->run->tx, &base));
}

static struct ls_sim_outcome transfer(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + 8) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 2) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (!ls_sim_frame_is_signer(frame, 0)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    return move_lamports(frame, 0, 1, ls_sim_read_u64(instruction->data + 4));
}

/* Accounts: 0 gives, 1 is the base that its address was derived from and signs, 2 takes. */
static struct ls_sim_outcome transfer_with_seed(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + 8 + 8) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    const uint64_t seed_bytes = ls_sim_read_u64(instruction->data + 12);
    const size_t rest = instruction->data_bytes - 20;
    if (seed_bytes > rest || rest - seed_bytes < LS_ADDRESS_BYTES)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 3) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (!ls_sim_frame_is_signer(frame, 1)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    if (seed_bytes > SEED_BYTES_MAX) return ls_sim_outcome_of(LS_SIM_SEED_LENGTH);

    char seed[SEED_BYTES_MAX + 1] = {0};
    struct ls_address owner;
    memcpy(seed, instruction->data + 20, (size_t)seed_bytes);
    if (strlen(seed) != seed_bytes) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    memcpy(owner.bytes, instruction->data + 20 + seed_bytes, LS_ADDRESS_BYTES);
    const struct ls_address derived =
        ls_derive_with_seed(ls_sim_frame_key(frame, 1), seed, &owner);
    if (!ls_address_equal(&derived, ls_sim_frame_key(frame, 0)))
        return ls_sim_outcome_custom(SEED_MISMATCH);
    return move_lamports(frame, 0, 2, ls_sim_read_u64(instruction->data + 4));
}

struct ls_sim_outcome ls_sim_system_run(const struct ls_sim_frame *frame)
{
    if (frame->instruction->data_bytes < 4) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    switch (ls_sim_read_u32(frame->instruction->data)) {
    case CREATE: return create_plain(frame);
    case TRANSFER: return transfer(frame);
    case CREATE_WITH_SEED: return create_with_seed(frame);
    case TRANSFER_WITH_SEED: return transfer_with_seed(frame);
    default: return ls_sim_nonce_run(frame);
    }
}
