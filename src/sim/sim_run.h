/* Executing one transaction against a bank: loads what it names, charges the fee, runs
 * the instructions, checks rent. Writes nothing to the ledger. */
#ifndef LOCKSTEP_SIM_RUN_H
#define LOCKSTEP_SIM_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "lockstep/solana/tx.h"

#include "sim_accounts.h"
#include "sim_error.h"

enum {
    LS_SIM_FEE_LAMPORTS = 5000, /* a signature */
    LS_SIM_RENT_BYTES = 128,    /* charged beside an account's data */
    LS_SIM_RENT_LAMPORTS = 6960 /* a byte: 3480 a year, two years */
};

struct ls_sim_run {
    const struct ls_tx_view *tx;
    const struct ls_hash *last; /* the bank's newest blockhash, of which nonces are made */
    uint32_t numbers[LS_TX_ACCOUNTS_MAX]; /* LS_SIM_NONE: the ledger never met it */
    struct ls_sim_content before[LS_TX_ACCOUNTS_MAX];
    struct ls_sim_content after[LS_TX_ACCOUNTS_MAX];
    uint64_t fee_lamports;
    uint32_t units; /* compute units */
    struct ls_sim_error error;
    bool is_charged; /* it lands: with effects when there is no error, else by its fee */
};

/* Run `tx` on the state of `height`, whose bank registered `last` last: a block that is
 * being made its parent's hash, one that is complete its own. Age, duplicates and
 * signatures are the caller's. One that failed moves its nonce on all the same where it
 * used it in place of a blockhash. */
void ls_sim_run_tx(struct ls_sim_run *run,
                   const struct ls_sim_accounts *accounts,
                   int32_t height,
                   const struct ls_hash *last,
                   const struct ls_tx_view *tx);
/* Whether the bank takes the transaction's blockhash as the value of the nonce that its
 * first instruction advances: the account holds that value, its authority signed, and
 * the value can move in this block. */
bool ls_sim_run_is_durable(const struct ls_sim_accounts *accounts,
                           int32_t height,
                           const struct ls_hash *last,
                           const struct ls_tx_view *tx);

/* What keeps an account of `space` bytes rent exempt. */
uint64_t ls_sim_rent_lamports(uint64_t space);

/* One instruction's view of the run, for the programs. */
struct ls_sim_frame {
    struct ls_sim_run *run;
    const struct ls_tx_view_instruction *instruction;
};
/* Account `at` of the instruction; the caller has checked the count. */
struct ls_sim_content *ls_sim_frame_content(const struct ls_sim_frame *frame, size_t at);
const struct ls_address *ls_sim_frame_key(const struct ls_sim_frame *frame, size_t at);
const struct ls_address *ls_sim_frame_program(const struct ls_sim_frame *frame);
bool ls_sim_frame_is_signer(const struct ls_sim_frame *frame, size_t at);
bool ls_sim_frame_is_writable(const struct ls_sim_frame *frame, size_t at);
uint32_t ls_sim_read_u32(const uint8_t *bytes);
uint64_t ls_sim_read_u64(const uint8_t *bytes);

struct ls_sim_outcome ls_sim_system_run(const struct ls_sim_frame *frame);
struct ls_sim_outcome ls_sim_budget_run(const struct ls_sim_frame *frame);
/* What a transaction says of its compute units: the most that it may use, and what it
 * offers for each, in micro-lamports. */
struct ls_sim_budget {
    uint64_t limit, price;
};
struct ls_sim_budget ls_sim_budget_read(const struct ls_tx_view *tx);
/* What the transaction's price costs: of its limit, which is 200,000 units an instruction
 * when none is named, rounded up to a lamport. */
uint64_t ls_sim_budget_fee(const struct ls_tx_view *tx);
struct ls_sim_outcome ls_sim_nonce_run(const struct ls_sim_frame *frame);
struct ls_sim_outcome ls_sim_token_run(const struct ls_sim_frame *frame);
struct ls_sim_outcome ls_sim_token_2022_run(const struct ls_sim_frame *frame);
struct ls_sim_outcome ls_sim_ata_run(const struct ls_sim_frame *frame);
struct ls_sim_outcome ls_sim_memo_run(const struct ls_sim_frame *frame);

/* The programs that the simulated ledger has; NULL for any other address. */
struct ls_sim_program {
    const struct ls_address *address;
    struct ls_sim_outcome (*run)(const struct ls_sim_frame *frame);
    uint32_t units; /* compute units of one instruction, a round figure */
    bool is_builtin;
};
const struct ls_sim_program *ls_sim_program_find(const struct ls_address *address);
/* All of them, for genesis. */
const struct ls_sim_program *ls_sim_program_list(size_t *count_out);

#endif
