/* Why a transaction or an instruction fails, with the names, JSON shapes and sentences
 * of Agave (solana-transaction-error, solana-instruction-error). */
#ifndef LOCKSTEP_SIM_ERROR_H
#define LOCKSTEP_SIM_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/base/buf.h"

enum ls_sim_tx_code {
    LS_SIM_TX_OK,
    LS_SIM_TX_ACCOUNT_NOT_FOUND,
    LS_SIM_TX_PROGRAM_NOT_FOUND,
    LS_SIM_TX_NOT_A_PROGRAM,
    LS_SIM_TX_FEE_FUNDS,
    LS_SIM_TX_FEE_ACCOUNT,
    LS_SIM_TX_ALREADY_PROCESSED,
    LS_SIM_TX_BLOCKHASH,
    LS_SIM_TX_SIGNATURE,
    LS_SIM_TX_RENT,        /* `index` is an account's */
    LS_SIM_TX_INSTRUCTION, /* `index` is an instruction's */
};

enum ls_sim_code {
    LS_SIM_OK,
    LS_SIM_CUSTOM,
    LS_SIM_INVALID_ARGUMENT,
    LS_SIM_INVALID_DATA,
    LS_SIM_INVALID_ACCOUNT_DATA,
    LS_SIM_INSUFFICIENT_FUNDS,
    LS_SIM_INCORRECT_PROGRAM,
    LS_SIM_MISSING_SIGNATURE,
    LS_SIM_UNINITIALIZED,
    LS_SIM_NOT_ENOUGH_KEYS,
    LS_SIM_FOREIGN_SPEND,
    LS_SIM_FOREIGN_DATA,
    LS_SIM_READONLY_LAMPORTS,
    LS_SIM_READONLY_DATA,
    LS_SIM_SEED_LENGTH,
    LS_SIM_INVALID_SEEDS,
    LS_SIM_ILLEGAL_OWNER,
    LS_SIM_OVERFLOW,
    LS_SIM_BUDGET_EXCEEDED,
};

/* What an instruction came to. */
struct ls_sim_outcome {
    enum ls_sim_code code;
    uint32_t custom; /* with LS_SIM_CUSTOM: by its program's own list */
};
static inline struct ls_sim_outcome ls_sim_outcome_of(enum ls_sim_code code)
{
    return (struct ls_sim_outcome){.code = code};
}
static inline struct ls_sim_outcome ls_sim_outcome_custom(uint32_t custom)
{
    return (struct ls_sim_outcome){.code = LS_SIM_CUSTOM, .custom = custom};
}

struct ls_sim_error {
    enum ls_sim_tx_code code;
    uint8_t index;
    struct ls_sim_outcome inner; /* with LS_SIM_TX_INSTRUCTION */
};

/* Append as JSON: null, "BlockhashNotFound", {"InstructionError":[0,{"Custom":1}]} … */
void ls_sim_error_json(const struct ls_sim_error *error, struct ls_buf *out);
/* Append the sentence for people. */
void ls_sim_error_text(const struct ls_sim_error *error, struct ls_buf *out);
/* The same for an instruction's own outcome. */
void ls_sim_outcome_text(struct ls_sim_outcome outcome, struct ls_buf *out);

#endif
