#include "lockstep/solana/nonce.h"

#include <string.h>

#include "sim_run.h"

/* The System program's nonces: AdvanceNonceAccount, WithdrawNonceAccount,
 * InitializeNonceAccount, AuthorizeNonceAccount. An account without a value is
 * LS_NONCE_ACCOUNT_BYTES zero bytes of the System program's. */
enum { ADVANCE = 4, WITHDRAW = 5, INITIALIZE = 6, AUTHORIZE = 7 };
enum { NOT_EXPIRED = 7 };

static struct ls_sim_outcome ok(void)
{
    return ls_sim_outcome_of(LS_SIM_OK);
}

static bool names(const struct ls_sim_frame *frame, size_t at, const struct ls_address *address)
{
    return ls_address_equal(ls_sim_frame_key(frame, at), address);
}

/* The account is ours to write and is a nonce account, with a value or without. */
static struct ls_sim_outcome check_account(const struct ls_sim_frame *frame)
{
    const struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    if (nonce->space != LS_NONCE_ACCOUNT_BYTES ||
        !ls_address_equal(&nonce->owner, &LS_PROGRAM_SYSTEM))
        return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    return ok();
}

static bool has_signed(const struct ls_sim_frame *frame, const struct ls_address *address)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    for (size_t i = 0; i < instruction->account_count; i++) {
        if (names(frame, i, address) && ls_sim_frame_is_signer(frame, i)) return true;
    }
    return false;
}

static bool has_moved_in_this_block(const struct ls_sim_frame *frame)
{
    struct ls_hash next = ls_nonce_value(frame->run->last);
    return memcmp(ls_sim_frame_content(frame, 0)->value.bytes, next.bytes, LS_HASH_BYTES) == 0;
}

static struct ls_sim_outcome advance(const struct ls_sim_frame *frame)
{
    if (frame->instruction->account_count < 2) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (!names(frame, 1, &LS_SYSVAR_RECENT_BLOCKHASHES))
        return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    struct ls_sim_outcome checked = check_account(frame);
    if (checked.code != LS_SIM_OK) return checked;
    struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    if (nonce->kind != LS_SIM_NONCE) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (!has_signed(frame, &nonce->authority))
        return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    if (has_moved_in_this_block(frame)) return ls_sim_outcome_custom(NOT_EXPIRED);
    nonce->value = ls_nonce_value(frame->run->last);
    return ok();
}

static struct ls_sim_outcome initialize(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + LS_ADDRESS_BYTES)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 3) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (!names(frame, 1, &LS_SYSVAR_RECENT_BLOCKHASHES) || !names(frame, 2, &LS_SYSVAR_RENT))
        return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    struct ls_sim_outcome checked = check_account(frame);
    if (checked.code != LS_SIM_OK) return checked;
    struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    if (nonce->kind != LS_SIM_PLAIN) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (nonce->lamports < ls_sim_rent_lamports(nonce->space))
        return ls_sim_outcome_of(LS_SIM_INSUFFICIENT_FUNDS);
    nonce->kind = LS_SIM_NONCE;
    memcpy(nonce->authority.bytes, instruction->data + 4, LS_ADDRESS_BYTES);
    nonce->value = ls_nonce_value(frame->run->last);
    return ok();
}

/* What may leave: all, which closes the account, or what is above its rent exemption. */
static struct ls_sim_outcome check_withdrawal(const struct ls_sim_frame *frame,
                                              uint64_t lamports)
{
    const struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    const bool has_value = nonce->kind == LS_SIM_NONCE;
    if (lamports > nonce->lamports) return ls_sim_outcome_of(LS_SIM_INSUFFICIENT_FUNDS);
    if (has_value && lamports == nonce->lamports && has_moved_in_this_block(frame))
        return ls_sim_outcome_custom(NOT_EXPIRED);
    if (has_value && lamports < nonce->lamports &&
        nonce->lamports - lamports < ls_sim_rent_lamports(nonce->space))
        return ls_sim_outcome_of(LS_SIM_INSUFFICIENT_FUNDS);
    if (!has_signed(frame, has_value ? &nonce->authority : ls_sim_frame_key(frame, 0)))
        return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    return ok();
}

static struct ls_sim_outcome withdraw(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + 8) return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 4) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    if (!names(frame, 2, &LS_SYSVAR_RECENT_BLOCKHASHES) || !names(frame, 3, &LS_SYSVAR_RENT))
        return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    struct ls_sim_outcome checked = check_account(frame);
    if (checked.code != LS_SIM_OK) return checked;
    const uint64_t lamports = ls_sim_read_u64(instruction->data + 4);
    checked = check_withdrawal(frame, lamports);
    if (checked.code != LS_SIM_OK) return checked;
    struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *to = ls_sim_frame_content(frame, 1);
    if (nonce == to) return ok();
    if (!ls_sim_frame_is_writable(frame, 1)) return ls_sim_outcome_of(LS_SIM_READONLY_LAMPORTS);
    if (lamports > UINT64_MAX - to->lamports) return ls_sim_outcome_of(LS_SIM_OVERFLOW);
    if (lamports == nonce->lamports) nonce->kind = LS_SIM_PLAIN;
    nonce->lamports -= lamports;
    to->lamports += lamports;
    return ok();
}

static struct ls_sim_outcome authorize(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 4 + LS_ADDRESS_BYTES)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < 1) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_outcome checked = check_account(frame);
    if (checked.code != LS_SIM_OK) return checked;
    struct ls_sim_content *nonce = ls_sim_frame_content(frame, 0);
    if (nonce->kind != LS_SIM_NONCE) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (!has_signed(frame, &nonce->authority))
        return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    memcpy(nonce->authority.bytes, instruction->data + 4, LS_ADDRESS_BYTES);
    return ok();
}

struct ls_sim_outcome ls_sim_nonce_run(const struct ls_sim_frame *frame)
{
    switch (ls_sim_read_u32(frame->instruction->data)) {
    case ADVANCE: return advance(frame);
    case WITHDRAW: return withdraw(frame);
    case INITIALIZE: return initialize(frame);
    case AUTHORIZE: return authorize(frame);
    default: return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    }
}
