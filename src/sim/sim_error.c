#include "sim_error.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>

struct words {
    const char *name;
    const char *text;
};

static const struct words tx_words[] = {
    [LS_SIM_TX_OK] = {"Ok", "ok"},
    [LS_SIM_TX_ACCOUNT_NOT_FOUND] =
        {"AccountNotFound",
         "Attempt to debit an account but found no record of a prior credit."},
    [LS_SIM_TX_PROGRAM_NOT_FOUND] = {"ProgramAccountNotFound",
                                     "Attempt to load a program that does not exist"},
    [LS_SIM_TX_NOT_A_PROGRAM] = {"InvalidProgramForExecution",
                                 "This program may not be used for executing instructions"},
    [LS_SIM_TX_FEE_FUNDS] = {"InsufficientFundsForFee", "Insufficient funds for fee"},
    [LS_SIM_TX_FEE_ACCOUNT] = {"InvalidAccountForFee",
                               "This account may not be used to pay transaction fees"},
    [LS_SIM_TX_ALREADY_PROCESSED] = {"AlreadyProcessed",
                                     "This transaction has already been processed"},
    [LS_SIM_TX_BLOCKHASH] = {"BlockhashNotFound", "Blockhash not found"},
    [LS_SIM_TX_SIGNATURE] = {"SignatureFailure",
                             "Transaction did not pass signature verification"},
    [LS_SIM_TX_RENT] = {"InsufficientFundsForRent", ""},
    [LS_SIM_TX_INSTRUCTION] = {"InstructionError", ""},
};

static const struct words code_words[] = {
    [LS_SIM_OK] = {"Ok", "ok"},
    [LS_SIM_CUSTOM] = {"Custom", "custom program error"},
    [LS_SIM_INVALID_ARGUMENT] = {"InvalidArgument", "invalid program argument"},
    [LS_SIM_INVALID_DATA] = {"InvalidInstructionData", "invalid instruction data"},
    [LS_SIM_INVALID_ACCOUNT_DATA] = {"InvalidAccountData",
                                     "invalid account data for instruction"},
    [LS_SIM_INSUFFICIENT_FUNDS] = {"InsufficientFunds", "insufficient funds for instruction"},
    [LS_SIM_INCORRECT_PROGRAM] = {"IncorrectProgramId", "incorrect program id for instruction"},
    [LS_SIM_MISSING_SIGNATURE] = {"MissingRequiredSignature",
                                  "missing required signature for instruction"},
    [LS_SIM_UNINITIALIZED] = {"UninitializedAccount",
                              "instruction requires an initialized account"},
    [LS_SIM_NOT_ENOUGH_KEYS] = {"NotEnoughAccountKeys",
                                "insufficient account keys for instruction"},
    [LS_SIM_FOREIGN_SPEND] =
        {"ExternalAccountLamportSpend",
         "instruction spent from the balance of an account it does not own"},
    [LS_SIM_FOREIGN_DATA] = {"ExternalAccountDataModified",
                             "instruction modified data of an account it does not own"},
    [LS_SIM_READONLY_LAMPORTS] = {"ReadonlyLamportChange",
                                  "instruction changed the balance of a read-only account"},
    [LS_SIM_READONLY_DATA] = {"ReadonlyDataModified",
                              "instruction modified data of a read-only account"},
    [LS_SIM_SEED_LENGTH] = {"MaxSeedLengthExceeded",
                            "Length of the seed is too long for address generation"},
    [LS_SIM_INVALID_SEEDS] = {"InvalidSeeds",
                              "Provided seeds do not result in a valid address"},
    [LS_SIM_ILLEGAL_OWNER] = {"IllegalOwner", "Provided owner is not allowed"},
    [LS_SIM_OVERFLOW] = {"ArithmeticOverflow", "Program arithmetic overflowed"},
    [LS_SIM_BUDGET_EXCEEDED] = {"ComputationalBudgetExceeded", "Computational budget exceeded"},
};

static void outcome_json(struct ls_sim_outcome outcome, struct ls_buf *out)
{
    if (outcome.code == LS_SIM_CUSTOM) {
        ls_buf_printf(out, "{\"Custom\":%" PRIu32 "}", outcome.custom);
    } else {
        ls_buf_printf(out, "\"%s\"", code_words[outcome.code].name);
    }
}

void ls_sim_error_json(const struct ls_sim_error *error, struct ls_buf *out)
{
    const char *name = tx_words[error->code].name;
    if (error->code == LS_SIM_TX_OK) {
        ls_buf_add_text(out, "null");
    } else if (error->code == LS_SIM_TX_INSTRUCTION) {
        ls_buf_printf(out, "{\"%s\":[%u,", name, error->index);
        outcome_json(error->inner, out);
        ls_buf_add_text(out, "]}");
    } else if (error->code == LS_SIM_TX_RENT) {
        ls_buf_printf(out, "{\"%s\":{\"account_index\":%u}}", name, error->index);
    } else {
        ls_buf_printf(out, "\"%s\"", name);
    }
}

void ls_sim_outcome_text(struct ls_sim_outcome outcome, struct ls_buf *out)
{
    ls_buf_add_text(out, code_words[outcome.code].text);
    if (outcome.code == LS_SIM_CUSTOM) ls_buf_printf(out, ": 0x%" PRIx32, outcome.custom);
}

void ls_sim_error_text(const struct ls_sim_error *error, struct ls_buf *out)
{
    assert((size_t)error->code < sizeof tx_words / sizeof tx_words[0]);
    if (error->code == LS_SIM_TX_INSTRUCTION) {
        ls_buf_printf(out, "Error processing Instruction %u: ", error->index);
        ls_sim_outcome_text(error->inner, out);
    } else if (error->code == LS_SIM_TX_RENT) {
        ls_buf_printf(out,
                      "Transaction results in an account (%u) with insufficient funds for rent",
                      error->index);
    } else {
        ls_buf_add_text(out, tx_words[error->code].text);
    }
}
