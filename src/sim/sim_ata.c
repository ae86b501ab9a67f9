#include "lockstep/solana/program.h"

#include "sim_run.h"

/* The Associated Token Account program: Create and CreateIdempotent for either token
 * program. Accounts: payer, associated account, wallet, mint, System, token program. */
enum { CREATE = 0, CREATE_IDEMPOTENT = 1 };
enum { PAYER, CREATED, WALLET, MINT, SYSTEM, TOKEN, ACCOUNTS };
enum { INVALID_OWNER = 0, NEGATIVE = 1, INVALID_MINT = 2 };

/* An associated account that is there already: right, or why not. */
static struct ls_sim_outcome check_present(const struct ls_sim_frame *frame)
{
    const struct ls_sim_content *created = ls_sim_frame_content(frame, CREATED);
    if (created->kind != LS_SIM_TOKEN) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (!ls_address_equal(&created->authority, ls_sim_frame_key(frame, WALLET)))
        return ls_sim_outcome_custom(INVALID_OWNER);
    if (!ls_address_equal(&created->mint, ls_sim_frame_key(frame, MINT)))
        return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    return ls_sim_outcome_of(LS_SIM_OK);
}

/* Under Token-2022 an associated account says that its owner cannot change. */
static uint32_t space_under(const struct ls_address *program)
{
    return ls_address_equal(program, &LS_PROGRAM_TOKEN) ? LS_TOKEN_ACCOUNT_BYTES
                                                        : LS_TOKEN_2022_ACCOUNT_BYTES;
}

static struct ls_sim_outcome pay_rent(const struct ls_sim_frame *frame)
{
    struct ls_sim_content *payer = ls_sim_frame_content(frame, PAYER);
    struct ls_sim_content *created = ls_sim_frame_content(frame, CREATED);
    uint64_t rent = ls_sim_rent_lamports(space_under(ls_sim_frame_key(frame, TOKEN)));
    if (!ls_sim_frame_is_writable(frame, CREATED))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    if (created->lamports >= rent) return ls_sim_outcome_of(LS_SIM_OK);
    uint64_t missing = rent - created->lamports;
    if (!ls_sim_frame_is_signer(frame, PAYER))
        return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    if (payer->space != 0) return ls_sim_outcome_of(LS_SIM_INVALID_ARGUMENT);
    if (missing > payer->lamports) return ls_sim_outcome_custom(NEGATIVE);
    if (!ls_sim_frame_is_writable(frame, PAYER))
        return ls_sim_outcome_of(LS_SIM_READONLY_LAMPORTS);
    payer->lamports -= missing;
    created->lamports = rent;
    return ls_sim_outcome_of(LS_SIM_OK);
}

static struct ls_sim_outcome create(const struct ls_sim_frame *frame)
{
    const struct ls_sim_content *mint = ls_sim_frame_content(frame, MINT);
    const struct ls_address *program = ls_sim_frame_key(frame, TOKEN);
    if (!ls_address_equal(&mint->owner, program))
        return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
    if (mint->kind != LS_SIM_MINT) return ls_sim_outcome_custom(INVALID_MINT);
    struct ls_sim_outcome paid = pay_rent(frame);
    if (paid.code != LS_SIM_OK) return paid;
    struct ls_sim_content *created = ls_sim_frame_content(frame, CREATED);
    created->space = space_under(program);
    created->owner = *program;
    created->kind = LS_SIM_TOKEN;
    created->amount = 0;
    created->authority = *ls_sim_frame_key(frame, WALLET);
    created->mint = *ls_sim_frame_key(frame, MINT);
    return paid;
}

struct ls_sim_outcome ls_sim_ata_run(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    uint8_t tag = instruction->data_bytes == 0 ? CREATE : instruction->data[0];
    if (tag != CREATE && tag != CREATE_IDEMPOTENT)
        return ls_sim_outcome_of(LS_SIM_INVALID_DATA);
    if (instruction->account_count < ACCOUNTS) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    const struct ls_address *program = ls_sim_frame_key(frame, TOKEN);
    if (!ls_address_equal(ls_sim_frame_key(frame, SYSTEM), &LS_PROGRAM_SYSTEM) ||
        (!ls_address_equal(program, &LS_PROGRAM_TOKEN) &&
         !ls_address_equal(program, &LS_PROGRAM_TOKEN_2022)))
        return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
    struct ls_address derived;
    if (!ls_derive_ata(ls_sim_frame_key(frame, WALLET), ls_sim_frame_key(frame, MINT), program,
                       &derived) ||
        !ls_address_equal(&derived, ls_sim_frame_key(frame, CREATED)))
        return ls_sim_outcome_of(LS_SIM_INVALID_SEEDS);

    const struct ls_sim_content *created = ls_sim_frame_content(frame, CREATED);
    if (tag == CREATE_IDEMPOTENT && ls_address_equal(&created->owner, program))
        return check_present(frame);
    if (!ls_address_equal(&created->owner, &LS_PROGRAM_SYSTEM))
        return ls_sim_outcome_of(LS_SIM_ILLEGAL_OWNER);
    return create(frame);
}
