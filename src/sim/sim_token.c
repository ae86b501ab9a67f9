#include "lockstep/solana/program.h"

#include <string.h>

#include "sim_run.h"

/* The classic Token program: InitializeMint2, MintTo, Burn, Transfer, each also in its
 * Checked form. Its data is a u8 tag, then the fields. */
enum {
    TRANSFER = 3,
    MINT_TO = 7,
    BURN = 8,
    TRANSFER_CHECKED = 12,
    MINT_TO_CHECKED = 14,
    BURN_CHECKED = 15,
    INITIALIZE_MINT2 = 20
};
enum {
    NOT_RENT_EXEMPT = 0,
    TOO_LITTLE = 1,
    OTHER_MINT = 3,
    OTHER_OWNER = 4,
    FIXED_SUPPLY = 5,
    IN_USE = 6,
    UNKNOWN_INSTRUCTION = 12,
    OVERFLOW = 14,
    OTHER_DECIMALS = 18
};

#define DONE ls_sim_outcome_of(LS_SIM_OK)

/* What unpacking an account as `kind` comes to. */
static struct ls_sim_outcome unpack(const struct ls_sim_content *content, enum ls_sim_kind kind)
{
    uint32_t space = kind == LS_SIM_MINT ? LS_MINT_ACCOUNT_BYTES : LS_TOKEN_ACCOUNT_BYTES;
    if (content->space != space) return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (content->kind != kind) return ls_sim_outcome_of(LS_SIM_UNINITIALIZED);
    if (!ls_address_equal(&content->owner, &LS_PROGRAM_TOKEN))
        return ls_sim_outcome_of(LS_SIM_INCORRECT_PROGRAM);
    return DONE;
}

static struct ls_sim_outcome
authorize(const struct ls_sim_frame *frame, const struct ls_address *expected, size_t at)
{
    if (!ls_address_equal(expected, ls_sim_frame_key(frame, at)))
        return ls_sim_outcome_custom(OTHER_OWNER);
    if (!ls_sim_frame_is_signer(frame, at)) return ls_sim_outcome_of(LS_SIM_MISSING_SIGNATURE);
    return DONE;
}

static struct ls_sim_outcome initialize_mint(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 1 + 1 + 32 + 1)
        return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    uint8_t freeze = instruction->data[34];
    if (freeze > 1 || (freeze == 1 && instruction->data_bytes < 67))
        return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    if (instruction->account_count < 1) return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    if (mint->space != LS_MINT_ACCOUNT_BYTES)
        return ls_sim_outcome_of(LS_SIM_INVALID_ACCOUNT_DATA);
    if (mint->kind != LS_SIM_PLAIN) return ls_sim_outcome_custom(IN_USE);
    if (mint->lamports < ls_sim_rent_lamports(mint->space))
        return ls_sim_outcome_custom(NOT_RENT_EXEMPT);
    if (!ls_address_equal(&mint->owner, &LS_PROGRAM_TOKEN))
        return ls_sim_outcome_of(LS_SIM_FOREIGN_DATA);
    if (!ls_sim_frame_is_writable(frame, 0)) return ls_sim_outcome_of(LS_SIM_READONLY_DATA);

    mint->kind = LS_SIM_MINT;
    mint->decimals = instruction->data[1];
    mint->has_authority = true;
    memcpy(mint->authority.bytes, instruction->data + 2, LS_ADDRESS_BYTES);
    mint->has_freeze = freeze == 1;
    if (mint->has_freeze) memcpy(mint->mint.bytes, instruction->data + 35, LS_ADDRESS_BYTES);
    return DONE;
}

/* The amount, with the mint's decimals checked when the instruction carries them. */
struct order {
    uint64_t amount;
    bool has_decimals;
    uint8_t decimals;
};

static bool read_order(const struct ls_sim_frame *frame, bool is_checked, struct order *order)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < (is_checked ? 10u : 9u)) return false;
    order->amount = ls_sim_read_u64(instruction->data + 1);
    order->has_decimals = is_checked;
    order->decimals = is_checked ? instruction->data[9] : 0;
    return true;
}

static struct ls_sim_outcome mint_to(const struct ls_sim_frame *frame,
                                     const struct order *order)
{
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *to = ls_sim_frame_content(frame, 1);
    struct ls_sim_outcome outcome = unpack(to, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_address_equal(&to->mint, ls_sim_frame_key(frame, 0)))
        return ls_sim_outcome_custom(OTHER_MINT);
    outcome = unpack(mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (order->has_decimals && order->decimals != mint->decimals)
        return ls_sim_outcome_custom(OTHER_DECIMALS);
    if (!mint->has_authority) return ls_sim_outcome_custom(FIXED_SUPPLY);
    outcome = authorize(frame, &mint->authority, 2);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (order->amount > UINT64_MAX - mint->amount) return ls_sim_outcome_custom(OVERFLOW);
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, 1))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    mint->amount += order->amount;
    to->amount += order->amount;
    return DONE;
}

static struct ls_sim_outcome burn(const struct ls_sim_frame *frame, const struct order *order)
{
    struct ls_sim_content *from = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *mint = ls_sim_frame_content(frame, 1);
    struct ls_sim_outcome outcome = unpack(from, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    outcome = unpack(mint, LS_SIM_MINT);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from->amount < order->amount) return ls_sim_outcome_custom(TOO_LITTLE);
    if (!ls_address_equal(&from->mint, ls_sim_frame_key(frame, 1)))
        return ls_sim_outcome_custom(OTHER_MINT);
    if (order->has_decimals && order->decimals != mint->decimals)
        return ls_sim_outcome_custom(OTHER_DECIMALS);
    outcome = authorize(frame, &from->authority, 2);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, 1))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    from->amount -= order->amount;
    mint->amount -= order->amount;
    return DONE;
}

/* Accounts: source, destination, owner; the Checked form has the mint as second. */
static struct ls_sim_outcome transfer(const struct ls_sim_frame *frame,
                                      const struct order *order)
{
    size_t to_at = order->has_decimals ? 2 : 1;
    struct ls_sim_content *from = ls_sim_frame_content(frame, 0);
    struct ls_sim_content *to = ls_sim_frame_content(frame, to_at);
    struct ls_sim_outcome outcome = unpack(from, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    outcome = unpack(to, LS_SIM_TOKEN);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from->amount < order->amount) return ls_sim_outcome_custom(TOO_LITTLE);
    if (!ls_address_equal(&from->mint, &to->mint)) return ls_sim_outcome_custom(OTHER_MINT);
    if (order->has_decimals) {
        const struct ls_sim_content *mint = ls_sim_frame_content(frame, 1);
        if (!ls_address_equal(&from->mint, ls_sim_frame_key(frame, 1)))
            return ls_sim_outcome_custom(OTHER_MINT);
        if (mint->decimals != order->decimals) return ls_sim_outcome_custom(OTHER_DECIMALS);
    }
    outcome = authorize(frame, &from->authority, to_at + 1);
    if (outcome.code != LS_SIM_OK) return outcome;
    if (from == to || order->amount == 0) return DONE;
    if (!ls_sim_frame_is_writable(frame, 0) || !ls_sim_frame_is_writable(frame, to_at))
        return ls_sim_outcome_of(LS_SIM_READONLY_DATA);
    from->amount -= order->amount;
    to->amount += order->amount;
    return DONE;
}

static const struct {
    uint8_t tag;
    uint8_t accounts;
    bool is_checked;
    struct ls_sim_outcome (*run)(const struct ls_sim_frame *frame, const struct order *order);
} orders[] = {
    {TRANSFER, 3, false, transfer}, {TRANSFER_CHECKED, 4, true, transfer},
    {MINT_TO, 3, false, mint_to},   {MINT_TO_CHECKED, 3, true, mint_to},
    {BURN, 3, false, burn},         {BURN_CHECKED, 3, true, burn},
};

struct ls_sim_outcome ls_sim_token_run(const struct ls_sim_frame *frame)
{
    const struct ls_tx_view_instruction *instruction = frame->instruction;
    if (instruction->data_bytes < 1) return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
    if (instruction->data[0] == INITIALIZE_MINT2) return initialize_mint(frame);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (orders[i].tag != instruction->data[0]) continue;
        struct order order;
        if (!read_order(frame, orders[i].is_checked, &order))
            return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
        if (instruction->account_count < orders[i].accounts)
            return ls_sim_outcome_of(LS_SIM_NOT_ENOUGH_KEYS);
        return orders[i].run(frame, &order);
    }
    return ls_sim_outcome_custom(UNKNOWN_INSTRUCTION);
}
