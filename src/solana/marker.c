#include "lockstep/solana/marker.h"

#include "lockstep/solana/program.h"

/* Of System's CreateAccountWithSeed: number, base, length of the seed, seed, lamports. */
enum { CREATE_WITH_SEED = 3, NUMBER_BYTES = 4, SEED_LENGTH_AT = 36, SEED_AT = 44 };
enum { CREATED_ACCOUNT = 1, ALREADY_IN_USE = 0 };

static uint64_t number_at(const uint8_t *bytes, size_t width)
{
    uint64_t number = 0;
    for (size_t i = width; i > 0; i--) number = number << 8 | bytes[i - 1];
    return number;
}

static bool creates(const struct ls_tx_view *view,
                    const struct ls_tx_view_instruction *instruction,
                    const struct ls_address *created,
                    uint64_t *lamports_out)
{
    const uint8_t *data = instruction->data;
    if (!ls_address_equal(&view->accounts[instruction->program_index], &LS_PROGRAM_SYSTEM) ||
        instruction->account_count <= CREATED_ACCOUNT ||
        instruction->data_bytes < SEED_AT + sizeof(uint64_t))
        return false;
    const uint8_t at = instruction->account_indexes[CREATED_ACCOUNT];
    if (number_at(data, NUMBER_BYTES) != CREATE_WITH_SEED ||
        !ls_address_equal(&view->accounts[at], created))
        return false;
    const uint64_t seed_bytes = number_at(data + SEED_LENGTH_AT, sizeof(uint64_t));
    if (seed_bytes > instruction->data_bytes - SEED_AT - sizeof(uint64_t)) return false;
    *lamports_out = number_at(data + SEED_AT + seed_bytes, sizeof(uint64_t));
    return true;
}

bool ls_marker_find(const struct ls_tx_view *view,
                    const struct ls_address *marker,
                    size_t *index_out,
                    uint64_t *lamports_out)
{
    for (size_t i = 0; i < view->instruction_count; i++) {
        if (!creates(view, &view->instructions[i], marker, lamports_out)) continue;
        *index_out = i;
        return true;
    }
    return false;
}

bool ls_marker_is_used(const struct ls_tx_view *view,
                       const struct ls_address *marker,
                       const struct ls_rpc_error *error)
{
    size_t index = 0;
    uint64_t lamports = 0;
    if (!error->has_instruction || !error->has_custom || error->custom != ALREADY_IN_USE)
        return false;
    return error->instruction >= 0 && ls_marker_find(view, marker, &index, &lamports) &&
           (size_t)error->instruction == index;
}
