#include "lockstep/solana/program.h"

#include "sim_run.h"

/* Compute Budget: 0x02 u32 sets the limit, 0x03 u64 the price. Executing one does nothing;
 * what they say was read before. */
enum { BUDGET_LIMIT = 2, BUDGET_PRICE = 3, UNITS_MAX = 1400000, UNITS_EACH = 200000 };

struct ls_sim_outcome ls_sim_budget_run(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    bool is_limit = instruction->data_bytes == 5 && instruction->data[0] == BUDGET_LIMIT;
    bool is_price = instruction->data_bytes == 9 && instruction->data[0] == BUDGET_PRICE;
    return ls_sim_outcome_of(is_limit || is_price ? LS_SIM_OK : LS_SIM_INVALID_DATA);
}

struct ls_sim_budget ls_sim_budget_read(const struct ls_tx_view *tx)
{
    struct ls_sim_budget budget = {0};
    uint64_t others = 0;
    for (size_t i = 0; i < tx->instruction_count; i++) {
        const struct ls_tx_view_instruction *instruction = &tx->instructions[i];
        if (!ls_address_equal(&tx->accounts[instruction->program_index],
                              &LS_PROGRAM_COMPUTE_BUDGET)) {
            others++;
        } else if (instruction->data_bytes == 5 && instruction->data[0] == BUDGET_LIMIT) {
            budget.limit = ls_sim_read_u32(instruction->data + 1);
        } else if (instruction->data_bytes == 9 && instruction->data[0] == BUDGET_PRICE) {
            budget.price = ls_sim_read_u64(instruction->data + 1);
        }
    }
    if (budget.limit == 0) budget.limit = others * UNITS_EACH;
    if (budget.limit > UNITS_MAX) budget.limit = UNITS_MAX;
    return budget;
}

uint64_t ls_sim_budget_fee(const struct ls_tx_view *tx)
{
    const struct ls_sim_budget budget = ls_sim_budget_read(tx);
    if (budget.price > UINT64_MAX / UNITS_MAX - 1000000) return UINT64_MAX / 2;
    return (budget.price * budget.limit + 999999) / 1000000;
}
