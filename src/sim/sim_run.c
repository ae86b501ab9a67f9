#include "sim_run.h"

#include <assert.h>
#include <string.h>

#include "lockstep/solana/nonce.h"
#include "lockstep/solana/program.h"

static const struct ls_sim_program programs[] = {
    {&LS_PROGRAM_SYSTEM, ls_sim_system_run, 150, true},
    {&LS_PROGRAM_TOKEN, ls_sim_token_run, 4500, false},
    {&LS_PROGRAM_TOKEN_2022, ls_sim_token_2022_run, 5000, false},
    {&LS_PROGRAM_ATA, ls_sim_ata_run, 21000, false},
    {&LS_PROGRAM_MEMO, ls_sim_memo_run, 6000, false},
    {&LS_PROGRAM_COMPUTE_BUDGET, ls_sim_budget_run, 150, true},
};

const struct ls_sim_program *ls_sim_program_list(size_t *count_out)
{
    *count_out = sizeof programs / sizeof programs[0];
    return programs;
}

const struct ls_sim_program *ls_sim_program_find(const struct ls_address *address)
{
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (ls_address_equal(programs[i].address, address)) return &programs[i];
    return NULL;
}

uint64_t ls_sim_rent_lamports(uint64_t space)
{
    return (space + LS_SIM_RENT_BYTES) * LS_SIM_RENT_LAMPORTS;
}

struct ls_sim_content *ls_sim_frame_content(const struct ls_sim_frame *frame, size_t at)
{
    assert(at < frame->instruction->account_count);
    return &frame->run->after[frame->instruction->account_indexes[at]];
}

const struct ls_address *ls_sim_frame_program(const struct ls_sim_frame *frame)
{
    return &frame->run->tx->accounts[frame->instruction->program_index];
}

const struct ls_address *ls_sim_frame_key(const struct ls_sim_frame *frame, size_t at)
{
    assert(at < frame->instruction->account_count);
    return &frame->run->tx->accounts[frame->instruction->account_indexes[at]];
}

bool ls_sim_frame_is_signer(const struct ls_sim_frame *frame, size_t at)
{
    return ls_tx_view_is_signer(frame->run->tx, frame->instruction->account_indexes[at]);
}

bool ls_sim_frame_is_writable(const struct ls_sim_frame *frame, size_t at)
{
    return ls_tx_view_is_writable(frame->run->tx, frame->instruction->account_indexes[at]);
}

uint32_t ls_sim_read_u32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

uint64_t ls_sim_read_u64(const uint8_t *bytes)
{
    return (uint64_t)ls_sim_read_u32(bytes) | (uint64_t)ls_sim_read_u32(bytes + 4) << 32;
}

static void load(struct ls_sim_run *run,
                 const struct ls_sim_accounts *accounts,
                 int32_t height,
                 const struct ls_tx_view *tx)
{
    assert(tx->account_count <= LS_TX_ACCOUNTS_MAX);
    run->tx = tx;
    run->units = 0;
    run->is_charged = false;
    run->error = (struct ls_sim_error){.code = LS_SIM_TX_OK};
    run->fee_lamports =
        LS_SIM_FEE_LAMPORTS * (uint64_t)tx->required_signatures + ls_sim_budget_fee(tx);
    for (size_t i = 0; i < tx->account_count; i++) {
        run->numbers[i] = ls_sim_accounts_find(accounts, &tx->accounts[i]);
        const struct ls_sim_content *content =
            ls_sim_accounts_read(accounts, run->numbers[i], height);
        if (content == NULL) {
            run->before[i] = (struct ls_sim_content){0};
        } else {
            run->before[i] = *content;
        }
        run->after[i] = run->before[i];
    }
}

static bool fail(struct ls_sim_run *run, enum ls_sim_tx_code code, size_t index)
{
    run->error = (struct ls_sim_error){.code = code, .index = (uint8_t)index};
    return false;
}

/* An account may not become, or grow as, one that owes rent. */
static bool is_rent_sound(const struct ls_sim_content *before,
                          const struct ls_sim_content *after)
{
    if (after->lamports == 0) return true;
    if (after->lamports >= ls_sim_rent_lamports(after->space)) return true;
    bool was_owing =
        before->lamports > 0 && before->lamports < ls_sim_rent_lamports(before->space);
    return was_owing && before->space == after->space && after->lamports <= before->lamports;
}

static bool charge_fee(struct ls_sim_run *run)
{
    struct ls_sim_content *payer = &run->after[0];
    if (payer->lamports == 0) return fail(run, LS_SIM_TX_ACCOUNT_NOT_FOUND, 0);
    if (!ls_address_equal(&payer->owner, &LS_PROGRAM_SYSTEM) || payer->space != 0)
        return fail(run, LS_SIM_TX_FEE_ACCOUNT, 0);
    if (payer->lamports < run->fee_lamports) return fail(run, LS_SIM_TX_FEE_FUNDS, 0);
    payer->lamports -= run->fee_lamports;
    if (!is_rent_sound(&run->before[0], payer)) return fail(run, LS_SIM_TX_RENT, 0);
    run->is_charged = true;
    return true;
}

static bool find_programs(struct ls_sim_run *run)
{
    for (size_t i = 0; i < run->tx->instruction_count; i++) {
        uint8_t at = run->tx->instructions[i].program_index;
        if (ls_sim_program_find(&run->tx->accounts[at]) != NULL) continue;
        if (run->before[at].lamports == 0) return fail(run, LS_SIM_TX_PROGRAM_NOT_FOUND, 0);
        return fail(run, LS_SIM_TX_NOT_A_PROGRAM, 0);
    }
    return true;
}

static bool run_instructions(struct ls_sim_run *run)
{
    const uint64_t limit = ls_sim_budget_read(run->tx).limit;
    for (size_t i = 0; i < run->tx->instruction_count; i++) {
        const struct ls_tx_view_instruction *instruction = &run->tx->instructions[i];
        const struct ls_sim_program *program =
            ls_sim_program_find(&run->tx->accounts[instruction->program_index]);
        assert(program != NULL); /* find_programs() looked */
        struct ls_sim_frame frame = {.run = run, .instruction = instruction};
        run->units += program->units;
        struct ls_sim_outcome outcome = run->units > limit
                                            ? ls_sim_outcome_of(LS_SIM_BUDGET_EXCEEDED)
                                            : program->run(&frame);
        if (outcome.code == LS_SIM_OK) continue;
        run->error = (struct ls_sim_error){
            .code = LS_SIM_TX_INSTRUCTION, .index = (uint8_t)i, .inner = outcome};
        return false;
    }
    return true;
}

static bool check_rent(struct ls_sim_run *run)
{
    for (size_t i = 0; i < run->tx->account_count; i++) {
        if (!ls_tx_view_is_writable(run->tx, i)) continue;
        if (run->after[i].lamports == 0) run->after[i] = (struct ls_sim_content){0};
        if (!is_rent_sound(&run->before[i], &run->after[i]))
            return fail(run, LS_SIM_TX_RENT, i);
    }
    return true;
}

static const struct ls_sim_content *
nonce_of(const struct ls_sim_accounts *accounts, int32_t height, const struct ls_tx_view *tx)
{
    size_t at = 0;
    if (!ls_nonce_of_tx(tx, &at)) return NULL;
    const struct ls_sim_content *content = ls_sim_accounts_read(
        accounts, ls_sim_accounts_find(accounts, &tx->accounts[at]), height);
    return content != NULL && content->kind == LS_SIM_NONCE ? content : NULL;
}

/* Whether a signer of the first instruction is the nonce's authority. */
static bool is_authorized(const struct ls_tx_view *tx, const struct ls_address *authority)
{
    const struct ls_tx_view_instruction *first = &tx->instructions[0];
    for (size_t i = 0; i < first->account_count; i++) {
        size_t at = first->account_indexes[i];
        if (ls_tx_view_is_signer(tx, at) && ls_address_equal(&tx->accounts[at], authority))
            return true;
    }
    return false;
}

bool ls_sim_run_is_durable(const struct ls_sim_accounts *accounts,
                           int32_t height,
                           const struct ls_hash *last,
                           const struct ls_tx_view *tx)
{
    const struct ls_sim_content *nonce = nonce_of(accounts, height, tx);
    if (nonce == NULL) return false;
    struct ls_hash next = ls_nonce_value(last);
    return memcmp(nonce->value.bytes, tx->blockhash->bytes, LS_HASH_BYTES) == 0 &&
           memcmp(next.bytes, tx->blockhash->bytes, LS_HASH_BYTES) != 0 &&
           is_authorized(tx, &nonce->authority);
}

void ls_sim_run_tx(struct ls_sim_run *run,
                   const struct ls_sim_accounts *accounts,
                   int32_t height,
                   const struct ls_hash *last,
                   const struct ls_tx_view *tx)
{
    const bool is_durable = ls_sim_run_is_durable(accounts, height, last, tx);
    load(run, accounts, height, tx);
    run->last = last;
    if (!charge_fee(run)) {
        run->after[0] = run->before[0];
        return;
    }
    if (find_programs(run) && run_instructions(run) && check_rent(run)) return;
    memcpy(run->after, run->before, sizeof run->after[0] * tx->account_count);
    run->after[0].lamports -= run->fee_lamports;
    if (run->after[0].lamports == 0) run->after[0] = (struct ls_sim_content){0};
    size_t nonce = 0;
    if (is_durable && ls_nonce_of_tx(tx, &nonce))
        run->after[nonce].value = ls_nonce_value(last);
}
